/// Why an emulator could not be set up.
///
/// Errors that clients see are answers of the org and never of this type.
public enum EmulatorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The seed is not JSON or does not fit the org; the text says which part. Nothing of it
    /// was loaded.
    case invalidSeed(String)

    /// The file cannot be read, or is not an org of this program.
    case unusableFile(path: String, reason: String)

    /// The org's database failed; not expected to go away by itself.
    case storage(String)

    /// The certificate for TLS could not be made.
    case certificate(String)

    /// What is wrong, in one sentence.
    public var description: String {
        switch self {
        case .invalidSeed(let reason): "The seed cannot be loaded. \(reason)"
        case .unusableFile(let path, let reason): "The org file \(path) is unusable: \(reason)"
        case .certificate(let reason): "The certificate for TLS cannot be made: \(reason)"
        case .storage(let reason): "The org's database failed: \(reason)"
        }
    }
}
