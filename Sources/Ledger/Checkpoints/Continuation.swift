import Foundation
import GRDB

/// The event by which a ledger goes on under a new name, because it was set back.
///
/// The old name signed more than is left. Under the same name two histories would be signed, of
/// which one is not the beginning of the other; so the old name ends, and the new one says where.
///
/// Source: `facts/ledger-and-reconciliation.md` 4.8, rule 7.
public struct Continuation: Hashable, Sendable {
    /// The type of the event.
    public static let type = "ledger.continued"

    /// The name until now.
    public var from: String
    /// The public key of that name.
    public var key: String
    /// The newest checkpoint that was signed under it; nil if it is not known.
    public var checkpoint: String?
    /// How many events are left.
    public var position: Int64
    /// The name from now on.
    public var to: String

    /// Creates a continuation.
    public init(from: String, key: String, checkpoint: String?, position: Int64, to: String) {
        (self.from, self.key, self.checkpoint) = (from, key, checkpoint)
        (self.position, self.to) = (position, to)
    }

    /// Appends the event, and gives the ledger its new name.
    ///
    /// - Parameter transaction: A write transaction.
    /// - Throws: A database error.
    public func record(in transaction: LedgerTransaction) throws {
        let event = NewEvent(
            id: transaction.eventID(),
            type: Self.type,
            occurred: transaction.now,
            correlation: "ledger",
            actor: "operator",
            data: data
        )
        try transaction.append([event], to: "ledger")
        try transaction.db.execute(sql: "UPDATE ledger SET origin = ?", arguments: [to])
    }

    private var data: [UInt8] {
        let members = [
            ("from", JSONText.quoted(from)), ("key", JSONText.quoted(key)),
            ("checkpoint", checkpoint.map(JSONText.quoted)), ("position", String(position)),
            ("to", JSONText.quoted(to)),
        ].compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }

    /// The name after a name: `…/r2`, `…/r3`.
    ///
    /// - Parameter name: A name.
    /// - Returns: The next one.
    public static func name(after name: String) -> String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard let last = parts.last, last.hasPrefix("r"), let number = Int(last.dropFirst()),
            number >= 2
        else { return "\(name)/r2" }
        return (parts.dropLast() + ["r\(number + 1)"]).joined(separator: "/")
    }
}

extension SQLiteLedger {
    /// Goes on from what is left, under a new name; what was lost stays lost.
    ///
    /// The key for the new name has to be kept outside already. Afterwards the ledger has to be
    /// opened again.
    ///
    /// - Parameter name: The new name.
    /// - Returns: What was recorded.
    /// - Throws: ``LedgerError/notFound(_:)`` if the ledger was not set back; ``LedgerError``.
    public func goOn(as name: String) async throws(LedgerError) -> Continuation {
        guard let keeper, let setBack else {
            throw .notFound("nothing is missing: the ledger continues what was signed before")
        }
        do {
            let kept = try DurableFile.read(keeper.memory)
            let continuation = try await queue.run { transaction in
                let continuation = Continuation(
                    from: keeper.signer.verifier.name,
                    key: keeper.signer.verifier.text,
                    checkpoint: setBack.remembered == nil ? nil : kept,
                    position: transaction.lastPosition,
                    to: name
                )
                try continuation.record(in: transaction)
                return continuation
            }
            // What was remembered stands in the event now; a crash before this line only makes the
            // command necessary once more.
            guard unlink(keeper.memory) == 0 || errno == ENOENT else {
                throw LedgerError.unwritable(reason: "'\(keeper.memory)' cannot be removed")
            }
            return continuation
        } catch {
            throw LedgerError(error)
        }
    }
}
