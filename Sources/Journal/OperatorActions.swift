public import Domain
import GRDB
public import Ledger

/// What an operator can do about a failure.
public enum OperatorAction: String, Hashable, Sendable, CaseIterable {
    /// It is tried again by the next run.
    case retry
    /// It is not tried any more, and stays where it can be seen.
    case ignore
    /// A record is named that stands for an attendee or an appointment.
    case bind
}

extension Journal {
    /// Has failures tried again by the next run, ignored ones included.
    ///
    /// Recorded as `operator.acted`, one event for each. The objects are described anew first, so
    /// that a field that was added or opened meanwhile is seen.
    ///
    /// - Parameters:
    ///   - names: The failures; the name of an operation means its fields, too.
    ///   - actor: Who asks.
    /// - Returns: Those that were found.
    /// - Throws: ``LedgerError``.
    @discardableResult
    public func retry(
        _ names: [OperationID],
        actor: String
    ) async throws(LedgerError) -> [OperationID] {
        try await writing { transaction in
            let desk = OperatorDesk(transaction: transaction, actor: actor)
            return try names.flatMap(desk.covered).map { name in
                try desk.retry(name)
                return name
            }
        }
    }

    /// Leaves failures alone until somebody asks for them again.
    ///
    /// One whose last write has no outcome yet is no failure: the next run looks what became of it,
    /// which it would never do if it were left alone.
    ///
    /// - Parameters:
    ///   - names: The failures; the name of an operation means its fields, too.
    ///   - actor: Who asks.
    /// - Returns: Those that were found.
    /// - Throws: ``LedgerError``.
    @discardableResult
    public func ignore(
        _ names: [OperationID],
        actor: String
    ) async throws(LedgerError) -> [OperationID] {
        try await writing { transaction in
            let desk = OperatorDesk(transaction: transaction, actor: actor)
            return try names.flatMap(desk.covered).filter { try !desk.isBegun($0) }.map { name in
                try desk.ignore(name)
                return name
            }
        }
    }

    /// Names the record that stands for an attendee or an appointment from now on.
    ///
    /// Failures and open questions about it are over; the next run goes on with the record.
    ///
    /// - Parameters:
    ///   - link: What the record stands for, and the record.
    ///   - actor: Who says so.
    /// - Returns: How many appointments the next run looks at because of it; 0 if the ledger knows
    ///   nothing about the subject, and then nothing was changed.
    /// - Throws: ``LedgerError``.
    @discardableResult
    public func bind(_ link: RecordLink, actor: String) async throws(LedgerError) -> Int {
        try await writing { transaction in
            try OperatorDesk(transaction: transaction, actor: actor).bind(link)
        }
    }
}

/// Carries out what an operator asks for, inside one write transaction.
private struct OperatorDesk {
    let transaction: LedgerTransaction
    let actor: String
    private var db: Database { transaction.db }

    init(transaction: LedgerTransaction, actor: String) {
        (self.transaction, self.actor) = (transaction, actor)
    }

    /// The failures that a name means: itself, and the fields of an operation.
    func covered(_ name: OperationID) throws -> [OperationID] {
        let isKnown =
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM failure WHERE operation = ?1)
                        OR EXISTS (SELECT 1 FROM intent WHERE operation = ?1)
                    """,
                arguments: [name.rawValue]
            ) ?? false
        return (isKnown ? [name] : []) + (try FailureTable.fieldNames(of: name, db))
    }

    /// Whether nobody knows what became of the last write of an operation, or of its fields.
    func isBegun(_ name: OperationID) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM intent WHERE operation = ?)",
            arguments: [name.parts.operation.rawValue]
        ) ?? false
    }

    func retry(_ name: OperationID) throws {
        try record(.retry, name)
        try db.execute(
            sql: "UPDATE failure SET nextTry = ?, isIgnored = 0 WHERE operation = ?",
            arguments: [transaction.now, name.rawValue]
        )
        try db.execute(
            sql: """
                UPDATE orgObject SET observed = 0
                WHERE object = (SELECT object FROM failure WHERE operation = ?)
                """,
            arguments: [name.rawValue]
        )
        try markRoots("SELECT root FROM failure WHERE operation = ?1", name.rawValue)
        try markRoots("SELECT root FROM intent WHERE operation = ?1", name.rawValue)
    }

    func ignore(_ name: OperationID) throws {
        try record(.ignore, name)
        try db.execute(
            sql: "UPDATE failure SET nextTry = NULL, isIgnored = 1 WHERE operation = ?",
            arguments: [name.rawValue]
        )
    }

    func bind(_ link: RecordLink) throws -> Int {
        let roots = try roots(of: link.subject)
        guard !roots.isEmpty else { return 0 }
        let name = OperationID(link.subject.name)
        let position = try record(.bind, name, link)
        try replaceLinks(link, position: position)
        for table in ["failure", "intent"] {
            try db.execute(
                sql: "DELETE FROM \(table) WHERE operation = ?",
                arguments: [name.rawValue]
            )
        }
        for root in roots { try markRoots("SELECT ?1", root) }
        return roots.count
    }

    /// One record stands for an appointment, under whatever uid of its chain another one did.
    private func replaceLinks(_ link: RecordLink, position: Int64) throws {
        if case .event(let uid) = link.subject {
            try db.execute(
                sql: """
                    UPDATE recordLink SET object = ?1, record = ?2, isOurs = ?3, position = ?4
                    WHERE state = 'live' AND subject IN (
                        SELECT 'event/' || uid FROM booking
                        WHERE root = (SELECT root FROM booking WHERE uid = ?5))
                    """,
                arguments: [
                    link.object.rawValue, link.record.rawValue, link.isOurs, position, uid.rawValue,
                ]
            )
        }
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO recordLink
                    (subject, object, record, isOurs, state, position)
                VALUES (?, ?, ?, ?, 'live', ?)
                """,
            arguments: [
                link.subject.name, link.object.rawValue, link.record.rawValue, link.isOurs,
                position,
            ]
        )
    }

    /// The appointments that concern a subject.
    private func roots(of subject: RecordSubject) throws -> [String] {
        switch subject {
        case .event(let uid), .fallback(let uid, _):
            try String.fetchAll(
                db,
                sql: "SELECT root FROM booking WHERE uid = ?",
                arguments: [uid.rawValue]
            )
        case .person(let key): try roots(of: key.person)
        case .account(let person): try roots(of: person)
        }
    }

    private func roots(of person: PersonID) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT DISTINCT b.root FROM participation p JOIN booking b ON b.uid = p.uid
                WHERE p.person = ?
                """,
            arguments: [person.rawValue]
        )
    }

    private func markRoots(_ roots: String, _ argument: String) throws {
        try db.execute(
            sql: """
                WITH waiting (root) AS (\(roots))
                INSERT INTO dirty (root, position) SELECT root, ?2 FROM waiting WHERE root != ''
                ON CONFLICT (root) DO UPDATE SET position = max(position, excluded.position)
                """,
            arguments: [argument, transaction.lastPosition]
        )
    }

    @discardableResult
    private func record(
        _ action: OperatorAction,
        _ name: OperationID,
        _ link: RecordLink? = nil
    ) throws -> Int64 {
        let known = try Row.fetchOne(
            db,
            sql: "SELECT object, code, root FROM failure WHERE operation = ?",
            arguments: [name.rawValue]
        )
        let object = link?.object.rawValue ?? known.map { $0[0] as String }
        let data = JSON.compact([
            ("action", .string(action.rawValue)),
            ("operation", .string(name.parts.operation.rawValue)),
            ("field", name.parts.field.map { .string($0.rawValue) }),
            ("object", object.map(JSON.string)),
            ("record", link.map { .string($0.record.rawValue) }),
            ("code", known.map { .string($0[1]) }),
        ])
        let event = NewEvent(
            id: transaction.eventID(),
            type: "operator.acted",
            occurred: transaction.now,
            correlation: known.map { $0[2] as String } ?? "",
            actor: actor,
            data: data.bytes
        )
        let stream = "record-\(name.parts.operation.rawValue)"
        return try transaction.append([event], to: stream).first?.position ?? 0
    }
}
