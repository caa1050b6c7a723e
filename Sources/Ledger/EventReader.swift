public import GRDB

/// Reads events inside one snapshot, and keeps what repeats: statements, and people's keys.
///
/// A replay opens the sealed parts of every event. Looking a person's key up and unwrapping it for
/// each of them would take longer than opening the part.
public final class EventReader {
    private let db: Database
    private let key: LedgerKey?
    private let includingErased: Bool
    private let leaves: Statement
    private let bodies: Statement
    private var keys: [KeyName: SubjectKey?] = [:]

    private struct KeyName: Hashable {
        var subject: String
        var revision: Int
    }

    /// How many keys are kept, so that people without number do not fill the memory.
    private static let mostKeys = 10_000

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - db: A connection inside a transaction, and used no longer than that.
    ///   - key: Opens the personal parts; nil to leave them sealed.
    /// - Throws: A database error.
    public convenience init(_ db: Database, key: LedgerKey?) throws {
        try self.init(db, key: key, includingErased: false)
    }

    /// Creates a reader that, if told, opens what is left of erased people, too.
    init(_ db: Database, key: LedgerKey?, includingErased: Bool) throws {
        (self.db, self.key, self.includingErased) = (db, key, includingErased)
        leaves = try db.cachedStatement(sql: "SELECT leaf FROM event WHERE position = ?")
        bodies = try db.cachedStatement(
            sql: "SELECT part, nonce, ciphertext FROM sealed WHERE position = ?"
        )
    }

    /// The event at a position; nil if there is none.
    ///
    /// - Parameter position: The position.
    /// - Returns: The event, with its parts opened.
    /// - Throws: ``LedgerError/unreadable(position:reason:)`` or a database error.
    public func event(at position: Int64) throws -> StoredEvent? {
        let rows = try Row.fetchCursor(leaves, arguments: [position])
        guard let row = try rows.next() else { return nil }
        return try event(LedgerTables.bytes(row, 0), at: position)
    }

    /// Reads a leaf and opens its parts.
    func event(_ leaf: [UInt8], at position: Int64) throws -> StoredEvent {
        guard var event = Leaf.decode(leaf, position: position) else {
            throw LedgerError.unreadable(position: position, reason: "its leaf is damaged")
        }
        event.parts = try parts(of: event)
        return event
    }

    /// The opened parts of an event; those whose key or body is gone are left out.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - isInPlace: Whether a part that named an erased person is left out, too, instead of
    ///     being read where the erasure left the rest of it.
    /// - Returns: The parts, in the order of the event's commitments.
    /// - Throws: ``LedgerError/unreadable(position:reason:)`` or a database error.
    func parts(of event: StoredEvent, isInPlace: Bool = false) throws -> [PersonalPart] {
        guard let key, !event.commitments.isEmpty else { return [] }
        let bodies = try bodies(at: event.position)
        return try event.commitments.compactMap { commitment in
            let content =
                if let found = bodies.first(where: { $0.part == commitment.name }) {
                    try open(found.body, commitment, of: event, key)
                } else {
                    isInPlace ? nil : try remainder(of: commitment, in: event)
                }
            return content.map { content in
                PersonalPart(name: commitment.name, subject: commitment.subject, content: content)
            }
        }
    }

    private func bodies(at position: Int64) throws -> [(part: String, body: SealedBody)] {
        var found: [(part: String, body: SealedBody)] = []
        let rows = try Row.fetchCursor(bodies, arguments: [position])
        while let row = try rows.next() {
            let body = SealedBody(
                nonce: LedgerTables.bytes(row, 1),
                ciphertext: LedgerTables.bytes(row, 2)
            )
            found.append((row[0], body))
        }
        return found
    }

    /// What was left of a part that named an erased person; nil if nothing was.
    private func remainder(
        of commitment: SealedPartCommitment,
        in event: StoredEvent
    ) throws -> [UInt8]? {
        let fence = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT e.position, e.leaf FROM erasedPart p
                    JOIN event e ON e.position = p.fence AND e.position > p.position
                    WHERE p.position = ? AND p.part = ?
                    """
            ),
            arguments: [event.position, commitment.name]
        )
        let name = ErasureFence.replacement(of: PartPlace(event.position, commitment.name))
        guard let fence, var leaf = Leaf.decode(LedgerTables.bytes(fence, 1), position: fence[0])
        else { return nil }
        leaf.commitments.removeAll { $0.name != name || $0.subject != commitment.subject }
        return try parts(of: leaf).first?.content
    }

    private func open(
        _ body: SealedBody,
        _ commitment: SealedPartCommitment,
        of event: StoredEvent,
        _ key: LedgerKey
    ) throws -> [UInt8]? {
        do {
            return try subjectKey(of: commitment, key)?
                .open(body, event: event.id, part: commitment.name)
        } catch let error as DatabaseError {
            throw error
        } catch {
            // The library's error says no more than that it failed.
            throw LedgerError.unreadable(
                position: event.position,
                reason: "its sealed part '\(commitment.name)' does not open"
            )
        }
    }

    private func subjectKey(
        of commitment: SealedPartCommitment,
        _ key: LedgerKey
    ) throws -> SubjectKey? {
        let name = KeyName(subject: commitment.subject, revision: commitment.keyRevision)
        if let known = keys[name] { return known }
        let found = try LedgerTables.subjectKey(
            commitment.subject,
            revision: commitment.keyRevision,
            db: db,
            key: key,
            includingErased: includingErased
        )
        if keys.count >= Self.mostKeys { keys.removeAll(keepingCapacity: true) }
        keys.updateValue(found, forKey: name)
        return found
    }
}
