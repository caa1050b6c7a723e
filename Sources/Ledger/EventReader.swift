import Foundation
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
    private let memory: KeyMemory?
    private var keys: KeyMemory.Keys
    /// Those that were looked for in vain: the key may come, though not in this snapshot.
    private var missing: Set<KeyMemory.Name> = []

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - db: A connection inside a transaction, and used no longer than that.
    ///   - key: Opens the personal parts; nil to leave them sealed.
    ///   - memory: Where keys are kept from one reader to the next; nil to begin without any.
    /// - Throws: A database error.
    public convenience init(_ db: Database, key: LedgerKey?, memory: KeyMemory? = nil) throws {
        try self.init(db, key: key, includingErased: false, memory: memory)
    }

    /// Creates a reader that, if told, opens what is left of erased people, too.
    init(
        _ db: Database,
        key: LedgerKey?,
        includingErased: Bool,
        memory: KeyMemory? = nil
    ) throws {
        (self.db, self.key, self.includingErased) = (db, key, includingErased)
        self.memory = memory
        keys = try memory?.take(db) ?? KeyMemory.Keys()
        leaves = try db.cachedStatement(sql: "SELECT leaf FROM event WHERE position = ?")
        bodies = try db.cachedStatement(
            sql: "SELECT part, nonce, ciphertext FROM sealed WHERE position = ?"
        )
    }

    deinit { memory?.keep(keys) }

    /// Reads the events at some positions, with all their parts, in one go.
    ///
    /// - Parameters:
    ///   - positions: The positions, in any order; those without an event are passed over.
    ///   - take: Gets each event, with its parts opened, in the order of the positions.
    /// - Throws: ``LedgerError/unreadable(position:reason:)``, a database error, or what `take`
    ///   throws.
    public func events(
        at positions: some Sequence<Int64>,
        _ take: (StoredEvent) throws -> Void
    ) throws {
        let rows = try StoredRows(
            db,
            // The loops are nested as they stand here, so the order is that of the list.
            sql: """
                SELECT list.key, e.position, e.leaf, s.part, s.nonce, s.ciphertext
                FROM json_each(?1) list CROSS JOIN event e ON e.position = list.value
                LEFT JOIN sealed s ON ?2 AND s.position = e.position
                """,
            arguments: ["[\(positions.map(String.init).joined(separator: ","))]", key != nil]
        )
        var (place, current, bodies) = (Int64?.none, StoredEvent?.none, Bodies())
        while try rows.next() {
            if rows.integer(0) != place {
                if let current { try take(opened(current, bodies)) }
                place = rows.integer(0)
                current = try decoded(rows.bytes(2), at: rows.integer(1))
                bodies.removeAll(keepingCapacity: true)
            }
            guard !rows.isNull(3) else { continue }
            bodies.append(
                (
                    String(decoding: rows.bytes(3), as: UTF8.self),
                    Self.box(rows.bytes(4), rows.bytes(5))
                )
            )
        }
        if let current { try take(opened(current, bodies)) }
    }

    private static func box(
        _ nonce: UnsafeRawBufferPointer,
        _ ciphertext: UnsafeRawBufferPointer
    ) -> Data {
        var box = Data(capacity: nonce.count + ciphertext.count)
        box.append(contentsOf: nonce)
        box.append(contentsOf: ciphertext)
        return box
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
        var event = try leaf.withUnsafeBytes { try decoded($0, at: position) }
        event.parts = try parts(of: event)
        return event
    }

    private func decoded(
        _ leaf: UnsafeRawBufferPointer,
        at position: Int64
    ) throws -> StoredEvent {
        guard let event = LeafView(leaf)?.event(at: position) else {
            throw LedgerError.unreadable(position: position, reason: "its leaf is damaged")
        }
        return event
    }

    private func opened(_ event: consuming StoredEvent, _ bodies: Bodies) throws -> StoredEvent {
        var event = event
        event.parts = try parts(of: event, bodies, isInPlace: false)
        return event
    }

    /// Sealed parts by name: nonce, ciphertext and tag in one.
    private typealias Bodies = [(part: String, box: Data)]

    /// The opened parts of an event; those whose key or body is gone are left out.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - isInPlace: Whether a part that named an erased person is left out, too, instead of
    ///     being read where the erasure left the rest of it.
    /// - Returns: The parts, in the order of the event's commitments.
    /// - Throws: ``LedgerError/unreadable(position:reason:)`` or a database error.
    func parts(of event: StoredEvent, isInPlace: Bool = false) throws -> [PersonalPart] {
        guard key != nil, !event.commitments.isEmpty else { return [] }
        return try parts(of: event, bodies(at: event.position), isInPlace: isInPlace)
    }

    private func parts(
        of event: StoredEvent,
        _ bodies: Bodies,
        isInPlace: Bool
    ) throws -> [PersonalPart] {
        guard let key else { return [] }
        return try event.commitments.compactMap { commitment in
            let content =
                if let found = bodies.first(where: { $0.part == commitment.name }) {
                    try open(found.box, commitment, of: event, key)
                } else {
                    isInPlace ? nil : try remainder(of: commitment, in: event)
                }
            return content.map { content in
                PersonalPart(name: commitment.name, subject: commitment.subject, content: content)
            }
        }
    }

    private func bodies(at position: Int64) throws -> Bodies {
        var found: Bodies = []
        let rows = try Row.fetchCursor(bodies, arguments: [position])
        while let row = try rows.next() {
            let (nonce, ciphertext) = (row[1] as Data, row[2] as Data)
            found.append((row[0], nonce + ciphertext))
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
        _ box: Data,
        _ commitment: SealedPartCommitment,
        of event: StoredEvent,
        _ key: LedgerKey
    ) throws -> [UInt8]? {
        do {
            return try subjectKey(of: commitment, key)?
                .open(box: box, event: event.id, part: commitment.name)
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
        let name = KeyMemory.Name(
            subject: commitment.subject,
            revision: commitment.keyRevision
        )
        if let known = keys.known[name] { return known }
        guard !missing.contains(name) else { return nil }
        let found = try LedgerTables.subjectKey(
            commitment.subject,
            revision: commitment.keyRevision,
            db: db,
            key: key,
            includingErased: includingErased
        )
        if let found { keys.add(found, as: name) } else { missing.insert(name) }
        return found
    }
}
