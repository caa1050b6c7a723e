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

    /// Reads what the events at some positions say, with all their parts, in one go.
    ///
    /// - Parameters:
    ///   - positions: The positions, in any order; those without an event are passed over.
    ///   - take: Gets each event, with its parts opened, in the order of the positions.
    /// - Throws: ``LedgerError/unreadable(position:reason:)``, a database error, or what `take`
    ///   throws.
    public func contents(
        at positions: some Sequence<Int64>,
        _ take: (EventContent) throws -> Void
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
        var (place, current) = (Int64?.none, SealedEvent?.none)
        while try rows.next() {
            if rows.integer(0) != place {
                if let current { try take(opened(current)) }
                place = rows.integer(0)
                current = try sealedEvent(rows.bytes(2), at: rows.integer(1))
            }
            guard !rows.isNull(3), let part = current?.place(of: rows.bytes(3)) else { continue }
            current?.parts[part].body = Self.body(rows.bytes(4), rows.bytes(5))
        }
        if let current { try take(opened(current)) }
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
            throw Self.damaged(position)
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
        guard key != nil, !event.commitments.isEmpty else { return [] }
        let bodies = try bodies(at: event.position)
        return try event.commitments.compactMap { commitment in
            let (name, subject) = (commitment.name, commitment.subject)
            let sealed = SealedPart(
                name: name,
                subject: subject,
                keyRevision: commitment.keyRevision,
                body: bodies.first { $0.part == name }?.body
            )
            let content = try opened(sealed, of: event.id, at: event.position, isInPlace: isInPlace)
            return content.map {
                PersonalPart(name: name, subject: subject, content: Array($0))
            }
        }
    }

    // MARK: Sealed parts

    /// A part to which an event commits.
    private struct SealedPart {
        var name: String
        var subject: String
        var keyRevision: Int
        /// Nonce, ciphertext and tag in one; nil where nothing stands in its place.
        var body: Data?
    }

    /// An event whose parts are not opened yet.
    private struct SealedEvent {
        var id: EventID
        var content: EventContent
        var parts: [SealedPart]

        func place(of part: UnsafeRawBufferPointer) -> Int? {
            let name = part.text
            return parts.firstIndex { $0.name == name }
        }
    }

    private func sealedEvent(
        _ leaf: UnsafeRawBufferPointer,
        at position: Int64
    ) throws -> SealedEvent {
        guard let view = LeafView(leaf), let id = EventID(bytes: view.id) else {
            throw Self.damaged(position)
        }
        let parts = view.commitments.map { part in
            SealedPart(
                name: part.name.text,
                subject: part.subject.text,
                keyRevision: Int(part.keyRevision)
            )
        }
        return SealedEvent(id: id, content: EventContent(view, position: position), parts: parts)
    }

    private static func damaged(_ position: Int64) -> LedgerError {
        .unreadable(position: position, reason: "its leaf is damaged")
    }

    private static func body(
        _ nonce: UnsafeRawBufferPointer,
        _ ciphertext: UnsafeRawBufferPointer
    ) -> Data {
        var body = Data(capacity: nonce.count + ciphertext.count)
        body.append(contentsOf: nonce)
        body.append(contentsOf: ciphertext)
        return body
    }

    private func bodies(at position: Int64) throws -> [(part: String, body: Data)] {
        var found: [(part: String, body: Data)] = []
        let rows = try Row.fetchCursor(bodies, arguments: [position])
        while let row = try rows.next() {
            found.append((row[0], (row[1] as Data) + (row[2] as Data)))
        }
        return found
    }

    private func opened(_ event: SealedEvent) throws -> EventContent {
        var content = event.content
        content.parts.reserveCapacity(event.parts.count)
        for part in event.parts {
            let opened = try opened(part, of: event.id, at: content.position, isInPlace: false)
            if let opened {
                content.parts.append(
                    EventContent.Part(name: part.name, subject: part.subject, content: opened)
                )
            } else {
                content.missing.append(part.name)
            }
        }
        return content
    }

    /// The content of a part; nil where the key or the body is gone.
    private func opened(
        _ part: SealedPart,
        of event: EventID,
        at position: Int64,
        isInPlace: Bool
    ) throws -> Data? {
        guard let key else { return nil }
        guard let body = part.body else {
            return isInPlace ? nil : try remainder(of: part, at: position)
        }
        do {
            return try subjectKey(part.subject, revision: part.keyRevision, key)?
                .open(box: body, event: event, part: part.name)
        } catch let error as DatabaseError {
            throw error
        } catch {
            // The library's error says no more than that it failed.
            throw LedgerError.unreadable(
                position: position,
                reason: "its sealed part '\(part.name)' does not open"
            )
        }
    }

    /// What was left of a part that named an erased person; nil if nothing was.
    private func remainder(of part: SealedPart, at position: Int64) throws -> Data? {
        let fence = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT e.position, e.leaf FROM erasedPart p
                    JOIN event e ON e.position = p.fence AND e.position > p.position
                    WHERE p.position = ? AND p.part = ?
                    """
            ),
            arguments: [position, part.name]
        )
        let name = ErasureFence.replacement(of: PartPlace(position, part.name))
        guard let fence, var leaf = Leaf.decode(LedgerTables.bytes(fence, 1), position: fence[0])
        else { return nil }
        leaf.commitments.removeAll { $0.name != name || $0.subject != part.subject }
        return try parts(of: leaf).first.map { Data($0.content) }
    }

    private func subjectKey(
        _ subject: String,
        revision: Int,
        _ key: LedgerKey
    ) throws -> SubjectKey? {
        let name = KeyMemory.Name(subject: subject, revision: revision)
        if let known = keys.known[name] { return known }
        guard !missing.contains(name) else { return nil }
        let found = try LedgerTables.subjectKey(
            subject,
            revision: revision,
            db: db,
            key: key,
            includingErased: includingErased
        )
        if let found { keys.add(found, as: name) } else { missing.insert(name) }
        return found
    }
}
