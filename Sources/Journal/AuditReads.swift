public import Domain
import Foundation
import GRDB
public import Ledger

// What questions about the past need beyond what a run reads.
extension Journal {
    /// Events after a position, in order, with their personal parts left sealed.
    ///
    /// - Parameters:
    ///   - position: Read what was recorded after this.
    ///   - limit: The most events to return.
    ///   - type: Only events of this type; nil for all.
    /// - Returns: The events.
    /// - Throws: ``LedgerError``.
    public func sealedEvents(
        after position: LedgerPosition,
        limit: Int,
        type: String? = nil
    ) async throws(LedgerError) -> [StoredEvent] {
        let selection: LedgerTables.Selection =
            type.map { .types([$0], after: position.rawValue, limit: limit) }
            ?? .after(position.rawValue, limit: limit)
        return try await reading { db in try LedgerTables.events(selection, db: db, key: nil) }
    }

    /// Everything that was done or decided about the records of some subjects.
    ///
    /// - Parameter subjects: The subjects.
    /// - Returns: The events of each subject that has any, in order, with their parts opened.
    /// - Throws: ``LedgerError``.
    public func events(
        about subjects: [RecordSubject]
    ) async throws(LedgerError) -> [RecordSubject: [StoredEvent]] {
        try await reading { [key = ledger.key] db in
            var events: [RecordSubject: [StoredEvent]] = [:]
            for subject in subjects {
                let found = try LedgerTables.events(.stream(subject.stream), db: db, key: key)
                if !found.isEmpty { events[subject] = found }
            }
            return events
        }
    }

    /// The steps of some runs, in order.
    ///
    /// - Parameter runs: The runs.
    /// - Returns: Their events.
    /// - Throws: ``LedgerError``.
    public func events(ofRuns runs: [String]) async throws(LedgerError) -> [StoredEvent] {
        try await reading { db in
            try runs.flatMap { try LedgerTables.events(.stream("run-\($0)"), db: db, key: nil) }
        }
    }

    /// Events by position, each with the booking fact it tells.
    ///
    /// - Parameter positions: The positions; those without an event are passed over.
    /// - Returns: The events, by rising position, with their parts opened.
    /// - Throws: ``LedgerError``.
    public func openedEvents(
        at positions: some Collection<LedgerPosition>
    ) async throws(LedgerError) -> [OpenedEvent] {
        let wanted = Set(positions).sorted().map(\.rawValue)
        return try await reading { [key = ledger.key] db in
            try wanted.flatMap { position in
                try LedgerTables.events(.positions([position]), db: db, key: key)
                    .map(OpenedEvent.init)
            }
        }
    }

    /// Where the routing forms are that a person answered.
    ///
    /// - Parameter person: The person.
    /// - Returns: The positions.
    /// - Throws: ``LedgerError``.
    public func forms(of person: PersonID) async throws(LedgerError) -> [LedgerPosition] {
        try await reading { db in
            try Int64.fetchAll(
                db,
                sql: "SELECT position FROM fact WHERE uid = ? ORDER BY position",
                arguments: [StoredFact.formKey(person: person.rawValue)]
            ).map(LedgerPosition.init)
        }
    }

    /// The subjects for which a record stands now, or ever stood.
    ///
    /// Every link begins with an event that names the record. Those events are searched, because
    /// the table of links only knows the present; the time grows with the number of links. A record
    /// that was never linked is searched among all writes.
    ///
    /// - Parameter record: The record.
    /// - Returns: The subjects, in order; none for a record that was never dealt with.
    /// - Throws: ``LedgerError``.
    public func subjects(
        everLinkedTo record: SalesforceID
    ) async throws(LedgerError) -> [RecordSubject] {
        try await reading { db in
            let linked = try String.fetchAll(
                db,
                sql: "SELECT subject FROM recordLink WHERE record = ?",
                arguments: [record.rawValue]
            ).compactMap(RecordSubject.init(name:))
            let links = [
                "record.linked", "record.created", "record.deleted-by-other", "record.merged",
                "record.converted", "operator.acted",
            ]
            let writes = ["write.intended", "write.failed", "write.confirmed", "field.held"]
            var found = try Set(linked + Self.subjects(named: record, in: links, db))
            if found.isEmpty { found = try Set(Self.subjects(named: record, in: writes, db)) }
            return found.sorted()
        }
    }

    private static func subjects(
        named record: SalesforceID,
        in types: [String],
        _ db: Database
    ) throws -> [RecordSubject] {
        let marks = databaseQuestionMarks(count: types.count)
        let member = Data("\"record\":\"\(record.rawValue)\"".utf8)
        return try String.fetchAll(
            db,
            sql: """
                SELECT DISTINCT s.name FROM event e JOIN stream s ON s.id = e.stream
                WHERE e.type IN (SELECT id FROM eventType WHERE name IN (\(marks)))
                    AND instr(e.leaf, ?) > 0
                """,
            arguments: StatementArguments(types) + [member]
        ).compactMap { RecordSubject(name: String($0.dropFirst(RecordSubject.prefix.count))) }
    }

    /// What the newest stored plan that names an operation says of it.
    ///
    /// - Parameter operation: The operation.
    /// - Returns: The run and the operation's part of its plan, without personal data; nil if no
    ///   stored plan names it.
    /// - Throws: ``LedgerError``.
    public func lastPlanned(
        _ operation: OperationID
    ) async throws(LedgerError) -> (run: String, operation: JSON)? {
        try await reading { db in
            // Names of runs begin with the time, so that their order is that of the runs.
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT run, plan FROM runPlan WHERE instr(plan, ?) > 0
                    ORDER BY run DESC, part DESC LIMIT 1
                    """,
                arguments: ["\"operation\":\(JSON.string(operation.rawValue).text)"]
            )
            guard let row else { return nil }
            let found = try JSON(parsing: row[1] as String)["operations"]?.array?.last {
                $0["operation"]?.string == operation.rawValue
            }
            return found.map { (row[0], $0) }
        }
    }

    /// Since when the stored plans hold an operation for one reason.
    ///
    /// - Parameters:
    ///   - operation: The operation.
    ///   - reason: Why it is held now.
    /// - Returns: The first of the runs that held it for this reason without a break up to the newest
    ///   plan that names it, and when that run began; nil if the newest one says something else.
    /// - Throws: ``LedgerError``.
    public func planned(
        _ operation: OperationID,
        heldFor reason: Reason
    ) async throws(LedgerError) -> (run: String, since: Instant)? {
        try await reading { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT run.id, run.started, plan FROM runPlan JOIN run ON run.id = runPlan.run
                    WHERE instr(plan, ?) > 0 ORDER BY run.id DESC, part DESC
                    """,
                arguments: ["\"operation\":\(JSON.string(operation.rawValue).text)"]
            )
            var first: (run: String, since: Instant)?
            while let row = try rows.next() {
                let found = try JSON(parsing: row[2] as String)["operations"]?.array?.last {
                    $0["operation"]?.string == operation.rawValue
                }
                guard found?["kind"]?.string == PlanOperation.Kind.hold.rawValue,
                    found?["reason"]?.string == reason.rawValue
                else { break }
                first = (row[0], Instant(milliseconds: row[1]))
            }
            return first
        }
    }

    /// The id of the plan by which a run dealt with an operation.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - operation: The operation.
    /// - Returns: The plan's id; nil if no stored plan of the run names the operation.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func planID(
        ofRun run: String,
        naming operation: OperationID
    ) async throws(LedgerError) -> String? {
        try await reading { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT json_extract(plan, '$.id') FROM runPlan
                    WHERE run = ? AND instr(plan, ?) > 0 ORDER BY part DESC LIMIT 1
                    """,
                arguments: [run, "\"operation\":\(JSON.string(operation.rawValue).text)"]
            )
        }
    }

    /// Whether an appointment is newer than its last outcome, so that the next run looks at it.
    ///
    /// - Parameter appointment: The appointment.
    /// - Returns: True while it waits.
    /// - Throws: ``LedgerError``.
    public func isDirty(_ appointment: AppointmentID) async throws(LedgerError) -> Bool {
        try await reading { db in
            try Bool.fetchOne(
                db,
                sql: "SELECT EXISTS (SELECT 1 FROM dirty WHERE root = ?)",
                arguments: [appointment.root.rawValue]
            ) ?? false
        }
    }

    /// Whether an operation was begun and its outcome is not known.
    ///
    /// - Parameter operation: The operation.
    /// - Returns: True until a run found out.
    /// - Throws: ``LedgerError``.
    public func isUnsettled(_ operation: OperationID) async throws(LedgerError) -> Bool {
        try await reading { db in
            try Bool.fetchOne(
                db,
                sql: "SELECT EXISTS (SELECT 1 FROM intent WHERE operation = ?)",
                arguments: [operation.rawValue]
            ) ?? false
        }
    }
}

/// An event with its parts opened, and the booking fact it tells.
public struct OpenedEvent: Hashable, Sendable {
    /// The event.
    public var event: StoredEvent
    /// The fact; nil for an event of another kind.
    public var fact: BookingFact?

    init(_ event: StoredEvent) throws {
        self.event = event
        fact = FactType(rawValue: event.type) == nil ? nil : try RecordedFact(event).fact
    }
}

extension RecordSubject {
    /// What the names of the streams about records begin with.
    static let prefix = "record-"

    /// The stream that holds everything about the subject's record.
    fileprivate var stream: String { Self.prefix + name }
}

extension BookingFact {
    /// The name under which facts of this kind are stored, for example `booking.confirmed`.
    public var storedType: String { FactType(self).rawValue }
}
