public import Ledger
import Synchronization

extension LedgerEnvironment {
    /// Time from a clock that tests move, and chance that is the same for every run.
    ///
    /// - Parameters:
    ///   - clock: The clock.
    ///   - seed: What the random bytes follow from. Stores that write to one file need different
    ///     seeds, or they give different events the same id.
    /// - Returns: The environment.
    public static func test(clock: ManualClock, seed: UInt64 = 1) -> Self {
        let generator = SharedGenerator(seed: seed)
        return Self(now: { clock.milliseconds }, random: { generator.bytes($0) })
    }
}

extension LedgerKey {
    /// The key of the ledgers that tests make.
    public static let test = repeating(0xA5)

    /// Another key, with which such a ledger does not open.
    public static let otherTest = repeating(0x5A)

    private static func repeating(_ byte: UInt8) -> Self {
        guard let key = Self(bytes: Array(repeating: byte, count: 32)) else {
            preconditionFailure("a key takes 32 bytes")
        }
        return key
    }
}

extension CheckpointKeeper {
    /// The keeper of a ledger that a test makes, with a key that is the same for every origin.
    ///
    /// - Parameters:
    ///   - origin: The name of the ledger.
    ///   - path: The file of the ledger.
    /// - Returns: The keeper.
    /// - Throws: ``NoteError`` for a name that no ledger may have.
    public static func test(origin: String, path: String) throws -> Self {
        let signer = try NoteSigner(name: origin, seed: Array(repeating: 0x5E, count: 32))
        return Self(signer: signer, path: path)
    }
}

private final class SharedGenerator: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    func bytes(_ count: Int) -> [UInt8] { generator.withLock { $0.bytes(count) } }
}
