import GRDB
import Synchronization

/// Which keys of people open, and with which fingerprints: looked up once for all events that a
/// verification reads, by several at once.
///
/// Bounded, so that a ledger of millions of people is verified in constant memory.
final class KeyFingerprints: Sendable {
    private struct Known {
        var subject: [UInt8]
        var revision: Int64
        var fingerprint: [UInt8]
    }

    /// How many keys are kept; each has one place.
    private static let places = 1 << 16

    private let known = Mutex([Known?](repeating: nil, count: places))

    /// Whether the key that a commitment names is stored, opens, and has the fingerprint.
    ///
    /// - Throws: A database error.
    func hasKey(of commitment: CommitmentView, _ db: Database, _ key: LedgerKey) throws -> Bool {
        var hasher = Hasher()
        hasher.combine(bytes: commitment.subject)
        hasher.combine(commitment.keyRevision)
        let place = hasher.finalize() & (Self.places - 1)
        let isKnown = known.withLock { Self.matches($0[place], commitment) }
        if let isKnown { return isKnown }
        let found = Known(
            subject: Array(commitment.subject),
            revision: commitment.keyRevision,
            fingerprint: try Self.fingerprint(commitment, db, key)
        )
        known.withLock { $0[place] = found }
        return Self.matches(found, commitment) ?? false
    }

    /// Whether a key has the fingerprint; nil if it is another key.
    private static func matches(_ known: Known?, _ commitment: CommitmentView) -> Bool? {
        guard let known, known.revision == commitment.keyRevision,
            known.subject.withUnsafeBytes({ $0.isEqual(to: commitment.subject) })
        else { return nil }
        return known.fingerprint.withUnsafeBytes { $0.isEqual(to: commitment.keyFingerprint) }
    }

    /// The fingerprint of the stored key, or nothing if it does not open.
    private static func fingerprint(
        _ commitment: CommitmentView,
        _ db: Database,
        _ key: LedgerKey
    ) throws -> [UInt8] {
        do {
            return try LedgerTables.subjectKey(
                commitment.subject.text,
                revision: Int(commitment.keyRevision),
                db: db,
                key: key,
                includingErased: true
            )?.fingerprint ?? []
        } catch let error as DatabaseError {
            throw error
        } catch {
            // The wrapped key does not open: that is the finding, not a failure to verify.
            return []
        }
    }
}
