import Crypto
public import GRDB

/// One write transaction on a ledger: appends and whatever has to become durable with them.
///
/// Positions come from a head row inside the transaction, so no reader can see n+1 without n.
/// Not `Sendable`: it lives and ends inside the closure that receives it.
public final class LedgerTransaction {
    /// The connection, for read models that are kept in step with the events.
    public let db: Database

    private let key: LedgerKey
    private let environment: LedgerEnvironment
    private var position: Int64
    /// What the next transaction need not look up again, if this one is committed.
    private(set) var memory: AppendMemory
    private var streams: [String: (id: Int64, revision: Int64)] = [:]
    /// The surrogates of addresses that were asked for: whoever hosts takes part in many bookings.
    private var subjects: [String: String] = [:]
    /// Whether anybody was ever erased; nil before that was looked up.
    private var isAnybodyErased: Bool?
    private let statements: AppendStatements

    init(
        db: Database,
        key: LedgerKey,
        environment: LedgerEnvironment,
        memory: consuming AppendMemory?
    ) throws {
        (self.db, self.key, self.environment) = (db, key, environment)
        statements = try AppendStatements(db)
        position = try LedgerTables.position(db)
        self.memory = try AppendMemory(memory, position: position, db)
    }

    /// The last position so far.
    public var lastPosition: Int64 { position }

    /// The time now: milliseconds since 1970, UTC.
    public var now: Int64 { environment.now() }

    /// Returns that many unpredictable bytes.
    public func random(_ count: Int) -> [UInt8] { environment.random(count) }

    /// The end of the ledger, as this transaction leaves it so far.
    public var head: LedgerHead { LedgerHead(position: position, root: memory.frontier.root) }

    /// Makes an event id for now.
    public func eventID() -> EventID { environment.eventID() }

    /// Appends to one or several streams; see ``EventStore/append(_:)``.
    ///
    /// - Parameter appends: The events by stream.
    /// - Returns: Where each event is, in the same order.
    /// - Throws: ``LedgerError``, or a database error. The caller lets the transaction fail.
    @discardableResult
    public func append(_ appends: [StreamAppend]) throws -> [Appended] {
        try appends.flatMap { append in
            try append.checkNames()
            let known = try append.events.map { try recorded($0, in: append.stream) }
            if known.contains(where: { $0 == nil }) {
                try check(append.expected, of: append.stream)
            }
            var added: Set<EventID> = []
            return try zip(append.events, known).map { event, earlier in
                if let earlier { return earlier }
                // The same event twice in one append was looked for before the first one was there.
                if !added.insert(event.id).inserted,
                    let first = try recorded(event, in: append.stream)
                {
                    return first
                }
                return try self.add(event, to: append.stream)
            }
        }
    }

    /// Appends to one stream without an expectation.
    ///
    /// - Parameters:
    ///   - events: The events.
    ///   - stream: The stream.
    /// - Returns: Where each event is, in the same order.
    /// - Throws: As ``append(_:)``.
    @discardableResult
    public func append(_ events: [NewEvent], to stream: String) throws -> [Appended] {
        try append([StreamAppend(to: stream, events)])
    }

    /// Moves a reader's position.
    ///
    /// - Parameters:
    ///   - name: The reader.
    ///   - position: A position up to the head.
    /// - Throws: A database error, or a mistake for a position beyond the head.
    public func setCursor(_ name: String, to position: Int64) throws {
        guard (0...self.position).contains(position) else {
            throw RangeMistake(description: "cursor '\(name)' cannot go beyond the ledger's end")
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO cursor (name, position) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET position = excluded.position
                """
        ).execute(arguments: [name, position])
    }

    /// The surrogate of the person with an address; a new one gets a surrogate and a key.
    ///
    /// - Parameter email: The normalised address.
    /// - Returns: The surrogate.
    /// - Throws: A database error.
    public func subject(forEmail email: String) throws -> String {
        if let known = subjects[email] { return known }
        let subject = try storedSubject(forEmail: email)
        subjects[email] = subject
        return subject
    }

    private func storedSubject(forEmail email: String) throws -> String {
        let blind = key.blind(email)
        let known = try statements.subject.first {
            $0.add(blind)
        } _: { row in
            row.text(0)
        }
        if let known { return known }
        let subject = environment.random(12).hexadecimal
        try statements.addSubject.run {
            $0.add(blind)
            $0.add(subject)
        }
        return subject
    }

    // MARK: Appending one event

    /// Where an event with this id already is, or nil; other contents are an error.
    private func recorded(_ event: NewEvent, in stream: String) throws -> Appended? {
        let row = try statements.recorded.first {
            $0.add(event.id.bytes)
        } _: { row in
            (position: row.integer(0), leaf: row.bytes(1))
        }
        guard let (position, leaf) = row else { return nil }
        guard let old = Leaf.decode(leaf, position: position) else {
            throw LedgerError.unreadable(position: position, reason: "its leaf is damaged")
        }
        guard try says(old, theSameAs: event, in: stream) else {
            throw LedgerError.identifierReused(event.id, recordedAt: position)
        }
        return Appended(position: position, revision: old.revision, isNew: false)
    }

    private func says(
        _ old: StoredEvent,
        theSameAs new: NewEvent,
        in stream: String
    ) throws -> Bool {
        // Parts of an erased person may have come before the erasure, or been left out after it.
        let commitments = try old.commitments.filter { try !isErased($0.subject) }
        let parts = try new.parts.filter { try !isErased($0.subject) }
        guard old.stream == stream, old.type == new.type, old.schemaVersion == new.schemaVersion,
            old.occurred == new.occurred, old.correlation == new.correlation,
            old.causation == new.causation, old.actor == new.actor, old.data == new.data,
            commitments.map(\.name) == parts.map(\.name),
            commitments.map(\.subject) == parts.map(\.subject)
        else { return false }
        let opened = try EventReader(db, key: key).parts(of: old)
        return opened.allSatisfy { part in new.parts.contains(part) }
    }

    private func check(_ expected: ExpectedRevision, of stream: String) throws {
        let actual = try streamRow(stream).map(\.revision)
        guard expected.allows(actual) else {
            throw LedgerError.conflict(stream: stream, expected: expected, actual: actual)
        }
    }

    private func add(_ event: NewEvent, to stream: String) throws -> Appended {
        let streamRow = try takeRevision(of: stream)
        position += 1
        // Nothing more is recorded of an erased person, whatever was on its way.
        let sealed = try event.parts.filter { try !isErased($0.subject) }
            .map { part in try seal(part, of: event.id) }
        let stored = StoredEvent(
            position: position,
            id: event.id,
            stream: stream,
            revision: streamRow.revision,
            type: event.type,
            schemaVersion: event.schemaVersion,
            occurred: event.occurred,
            recorded: environment.now(),
            correlation: event.correlation,
            causation: event.causation,
            actor: event.actor,
            data: event.data,
            commitments: sealed.map(\.commitment),
            parts: []
        )
        try insert(stored, streamID: streamRow.id)
        for (commitment, body) in sealed {
            try statements.addSealed.run {
                $0.add(stored.position)
                $0.add(commitment.name)
                $0.add(body.nonce)
                $0.add(body.ciphertext)
            }
        }
        return Appended(position: position, revision: streamRow.revision, isNew: true)
    }

    private func insert(_ event: StoredEvent, streamID: Int64) throws {
        let leaf = Leaf.encode(event)
        let type = try typeID(event.type)
        try statements.addEvent.run {
            $0.add(event.position)
            $0.add(event.id.bytes)
            $0.add(streamID)
            $0.add(event.revision)
            $0.add(type)
            $0.add(event.occurred)
            $0.add(event.recorded)
            $0.add(leaf)
        }
        try memory.frontier.append(.leaf(leaf)) { [addNode = statements.addNode] node, hash in
            try addNode.run { arguments in
                arguments.add(Int64(node.storedIndex))
                hash.withBytes { arguments.add($0) }
            }
        }
    }

    /// Writes what appends keep in memory; called once, before the commit.
    func finish() throws {
        try db.cachedStatement(sql: "UPDATE ledger SET position = ?")
            .execute(arguments: [position])
        for row in streams.values {
            try statements.setStream.run {
                $0.add(row.revision)
                $0.add(row.id)
            }
        }
    }

    private func streamRow(_ name: String) throws -> (id: Int64, revision: Int64)? {
        if let known = streams[name] { return known }
        return try statements.stream.first {
            $0.add(name)
        } _: { row in
            (id: row.integer(0), revision: row.integer(1))
        }
    }

    private func takeRevision(of name: String) throws -> (id: Int64, revision: Int64) {
        var row = try streamRow(name) ?? makeStream(name)
        row.revision += 1
        streams[name] = row
        return row
    }

    private func makeStream(_ name: String) throws -> (id: Int64, revision: Int64) {
        try statements.addStream.run { $0.add(name) }
        return (id: db.lastInsertedRowID, revision: 0)
    }

    private func typeID(_ name: String) throws -> Int64 {
        if let known = memory.types[name] { return known }
        let found = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM eventType WHERE name = ?"),
            arguments: [name]
        )
        if let found {
            memory.types[name] = found
            return found
        }
        try db.cachedStatement(sql: "INSERT INTO eventType (name) VALUES (?)")
            .execute(arguments: [name])
        memory.types[name] = db.lastInsertedRowID
        return db.lastInsertedRowID
    }

    // MARK: Sealing

    private func seal(
        _ part: PersonalPart,
        of event: EventID
    ) throws -> (commitment: SealedPartCommitment, body: SealedBody) {
        let key = try subjectKey(part.subject)
        let body = try key.seal(
            part.content,
            event: event,
            part: part.name,
            nonce: environment.random(12)
        )
        let commitment = SealedPartCommitment(
            name: part.name,
            subject: part.subject,
            keyRevision: key.revision,
            keyFingerprint: key.fingerprint,
            ciphertextHash: body.hash
        )
        return (commitment, body)
    }

    private func subjectKey(_ subject: String) throws -> SubjectKey {
        if let known = memory.keys[subject] { return known }
        let key =
            try LedgerTables.subjectKey(subject, revision: nil, db: db, key: key)
            ?? makeKey(subject)
        memory.keys[subject] = key
        return key
    }

    /// Whether a person was erased: then nothing more is sealed for the surrogate.
    func isErased(_ subject: String) throws -> Bool {
        if memory.living.contains(subject) { return false }
        let isErased =
            try statements.erasure.first {
                $0.add(subject)
            } _: { _ in
                true
            } ?? false
        if !isErased { memory.living.insert(subject) }
        return isErased
    }

    /// Whether anybody was ever erased, so that an address may be that of somebody who is gone.
    ///
    /// - Throws: A database error.
    public func hasErasures() throws -> Bool {
        if let known = isAnybodyErased { return known }
        let found = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM erasure)") ?? false
        isAnybodyErased = found
        return found
    }

    /// Drops what this transaction keeps in memory of an erased person.
    func forget(_ subject: String) {
        subjects = subjects.filter { $0.value != subject }
        isAnybodyErased = nil
        memory.forget(subject)
    }

    private func makeKey(_ subject: String) throws -> SubjectKey {
        let bytes = environment.random(32)
        let wrapped = try key.seal(
            bytes,
            purpose: LedgerTables.keyPurpose(subject, 1),
            nonce: environment.random(12)
        )
        try statements.addKey.run {
            $0.add(subject)
            $0.add(wrapped)
        }
        return SubjectKey(subject: subject, revision: 1, bytes: bytes)
    }
}

/// The statements that appending runs for every event, looked up once for a transaction.
private struct AppendStatements {
    let recorded: RawStatement
    let stream: RawStatement
    let addStream: RawStatement
    let setStream: RawStatement
    let erasure: RawStatement
    let subject: RawStatement
    let addSubject: RawStatement
    let addKey: RawStatement
    let addEvent: RawStatement
    let addNode: RawStatement
    let addSealed: RawStatement

    init(_ db: Database) throws {
        recorded = try RawStatement("SELECT position, leaf FROM event WHERE eventID = ?", db)
        stream = try RawStatement("SELECT id, revision FROM stream WHERE name = ?", db)
        addStream = try RawStatement("INSERT INTO stream (name, revision) VALUES (?, 0)", db)
        setStream = try RawStatement("UPDATE stream SET revision = ? WHERE id = ?", db)
        erasure = try RawStatement("SELECT 1 FROM erasure WHERE subject = ?", db)
        subject = try RawStatement("SELECT subject FROM subjectIndex WHERE blind = ?", db)
        addSubject = try RawStatement(
            "INSERT INTO subjectIndex (blind, subject) VALUES (?, ?)",
            db
        )
        addKey = try RawStatement(
            "INSERT INTO subjectKey (subject, revision, wrapped) VALUES (?, 1, ?)",
            db
        )
        addEvent = try RawStatement(
            """
            INSERT INTO event
                (position, eventID, stream, revision, type, occurred, recorded, leaf)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            db
        )
        addNode = try RawStatement("INSERT INTO node (number, hash) VALUES (?, ?)", db)
        addSealed = try RawStatement(
            "INSERT INTO sealed (position, part, nonce, ciphertext) VALUES (?, ?, ?, ?)",
            db
        )
    }
}
