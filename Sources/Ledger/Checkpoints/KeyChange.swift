import Foundation
import GRDB

/// A change of the key that signs checkpoints, under the same name.
///
/// | step    | who signs from then on          | what an old public key can check                  |
/// |---------|---------------------------------|---------------------------------------------------|
/// | added   | both keys, every checkpoint     | everything                                        |
/// | retired | the new key alone               | the checkpoints up to the one over this event     |
///
/// So whoever holds the old public key only sees where it ends, and under which key it goes on.
///
/// Source: `facts/ledger-and-reconciliation.md` 4.8, rule 13.
public struct KeyChange: Hashable, Sendable {
    /// What happens to a key.
    public enum Step: String, Hashable, Sendable {
        /// It signs, too, from now on.
        case added = "ledger.key-added"
        /// It signs no checkpoint after this one.
        case retired = "ledger.key-retired"
    }

    /// What happens.
    public var step: Step
    /// The public key that it happens to.
    public var key: String
    /// The public key of the other side: the one that signed until now, or that goes on signing.
    public var other: String

    /// Creates a change.
    public init(_ step: Step, key: String, other: String) {
        (self.step, self.key, self.other) = (step, key, other)
    }

    /// Appends the event, unless the ledger has it.
    ///
    /// - Parameter transaction: A write transaction.
    /// - Throws: A database error.
    public func record(in transaction: LedgerTransaction) throws {
        guard try !Self.all(transaction.db).contains(where: { $0.change == self }) else { return }
        let event = NewEvent(
            id: transaction.eventID(),
            type: step.rawValue,
            occurred: transaction.now,
            correlation: "ledger",
            actor: "operator",
            data: data
        )
        try transaction.append([event], to: Self.stream)
    }

    private static let stream = "ledger"

    private var data: [UInt8] {
        let name = step == .added ? "besides" : "by"
        return Array(
            "{\"key\":\(JSONText.quoted(key)),\"\(name)\":\(JSONText.quoted(other))}".utf8
        )
    }

    /// All changes, in order, each with its position.
    static func all(_ db: Database) throws -> [(change: KeyChange, position: Int64)] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT position, leaf FROM event
                WHERE stream = (SELECT id FROM stream WHERE name = ?) ORDER BY revision
                """,
            arguments: [stream]
        )
        return rows.compactMap { row in
            let position: Int64 = row[0]
            return Leaf.decode(LedgerTables.bytes(row, 1), position: position)
                .flatMap(KeyChange.init).map { ($0, position) }
        }
    }

    /// Since which event a key may not sign alone, by the text of the public key.
    static func retired(_ db: Database) throws -> [String: Int64] {
        try all(db).reduce(into: [:]) { retired, found in
            if found.change.step == .retired { retired[found.change.key] = found.position }
        }
    }

    private init?(_ event: StoredEvent) {
        guard let step = Step(rawValue: event.type),
            let members = Self.members(event.data), let key = members["key"],
            let other = members[step == .added ? "besides" : "by"]
        else { return nil }
        self.init(step, key: key, other: other)
    }

    /// The texts of an object; nil for data that is none.
    private static func members(_ data: [UInt8]) -> [String: String]? {
        do { return try JSONDecoder().decode([String: String].self, from: Data(data)) } catch {
            return nil
        }
    }
}

extension SQLiteLedger {
    /// Records that a new key signs besides the present one.
    ///
    /// The new key has to be kept outside already; the ledger signs with it once it is opened again.
    ///
    /// - Parameter verifier: The public half of the new key.
    /// - Throws: ``LedgerError/notFound(_:)`` for a ledger without a key; ``LedgerError``.
    public func add(key verifier: NoteVerifier) async throws(LedgerError) {
        guard let keeper else { throw .notFound("this ledger has no key that could be changed") }
        let old = (keeper.alongside.first?.verifier ?? keeper.signer.verifier).text
        do {
            try await write {
                try KeyChange(.added, key: verifier.text, other: old).record(in: $0)
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// Records that the keys that sign besides the present one are retired, and has them sign the
    /// last checkpoint: the one over that event.
    ///
    /// Afterwards their private halves can be destroyed; the public ones go on checking what they
    /// signed.
    ///
    /// - Returns: The keys that were retired, and the last checkpoint that they signed.
    /// - Throws: ``LedgerError/notFound(_:)`` if the present key is the only one; ``LedgerError``.
    @discardableResult
    public func retireKeys() async throws(LedgerError) -> (keys: [NoteVerifier], last: SignedNote) {
        guard let keeper, !keeper.alongside.isEmpty else {
            throw .notFound("only one key signs this ledger, so there is none to retire")
        }
        let old = keeper.alongside.map(\.verifier)
        do {
            try await write { transaction in
                for key in old {
                    try KeyChange(.retired, key: key.text, other: keeper.signer.verifier.text)
                        .record(in: transaction)
                }
            }
            guard let last = try await makeCheckpoint() else {
                throw LedgerError.notFound("this ledger has no key")
            }
            return (old, last)
        } catch {
            throw LedgerError(error)
        }
    }
}
