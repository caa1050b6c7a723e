public import Domain
import GRDB
public import Ledger

/// A field that somebody else changed after Daybook's last write.
public struct DriftEntry: Hashable, Sendable {
    /// Where it is.
    public var record: SalesforceID
    /// The object.
    public var object: ObjectName
    /// The field.
    public var field: FieldName
    /// Who changed the field, if ``isExact``; else who changed the record last, an inference.
    public var by: SalesforceID?
    /// The last moment at which the field was seen as Daybook left it.
    public var after: Instant?
    /// The record's last change when the drift was found.
    public var until: Instant?
    /// Whether the org's field history says so: then both moments are that of the change.
    public var isExact: Bool

    /// Creates an entry.
    public init(
        record: SalesforceID,
        object: ObjectName,
        field: FieldName,
        by: SalesforceID?,
        after: Instant?,
        until: Instant?,
        isExact: Bool = false
    ) {
        (self.record, self.object, self.field) = (record, object, field)
        self.isExact = isExact
        (self.by, self.after, self.until) = (by, after, until)
    }
}

/// What a sweep for drift found, and how far it came.
public struct DriftSweep: Hashable, Sendable {
    /// Up to which change of the org the records of each object were looked at.
    public var until: [ObjectName: Instant]
    /// The user as whom Daybook writes, as far as it could be told.
    public var user: SalesforceID?
    /// What is adrift.
    public var open: [DriftEntry]
    /// The fields of each object that Daybook wrote and that were not looked at: they are ignored,
    /// or hidden from the user that Daybook works as.
    public var passedOver: [ObjectName: Set<FieldName>]

    /// Creates a sweep.
    public init(
        until: [ObjectName: Instant] = [:],
        user: SalesforceID? = nil,
        open: [DriftEntry] = [],
        passedOver: [ObjectName: Set<FieldName>] = [:]
    ) {
        (self.until, self.user, self.open) = (until, user, open)
        self.passedOver = passedOver
    }
}

extension Journal {
    private static let driftStream = "drift"
    private static let driftObserved = "drift.observed"
    private static let driftNarrowed = "drift.narrowed"

    /// What the last sweep for drift found; nil before the first.
    ///
    /// - Throws: ``LedgerError``.
    public func lastDriftSweep() async throws(LedgerError) -> DriftSweep? {
        try await reading { db in
            let events = try LedgerTables.events(.stream(Self.driftStream), db: db, key: nil)
            func last(_ type: String) throws -> JSON? {
                try events.last { $0.type == type }.map { try JSON(parsing: $0.data) }
            }
            guard let observed = try last(Self.driftObserved) else { return nil }
            return DriftSweep(observed, narrowed: try last(Self.driftNarrowed))
        }
    }

    /// Records what a sweep found, unless that is what the last one found, too.
    ///
    /// - Parameter sweep: The sweep.
    /// - Throws: ``LedgerError``.
    public func keep(_ sweep: DriftSweep) async throws(LedgerError) {
        let last = try await lastDriftSweep()
        var news: [(type: String, data: JSON)] = []
        if last?.observed != sweep.observed { news.append((Self.driftObserved, sweep.observed)) }
        let narrowed = last?.narrowed ?? DriftSweep().narrowed
        if narrowed != sweep.narrowed { news.append((Self.driftNarrowed, sweep.narrowed)) }
        guard !news.isEmpty else { return }
        _ = try await writing { [news] transaction in
            let events = news.map { type, data in
                NewEvent(
                    id: transaction.eventID(),
                    type: type,
                    occurred: transaction.now,
                    actor: "daybook",
                    data: data.bytes
                )
            }
            try transaction.append(events, to: Self.driftStream)
        }
    }

    /// The live records of an object that are linked, by id.
    ///
    /// - Parameters:
    ///   - object: The object.
    ///   - last: Only ids behind this one; nil to begin.
    ///   - limit: The most to return.
    /// - Returns: The ids.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func linkedRecords(
        of object: ObjectName,
        after last: SalesforceID? = nil,
        limit: Int
    ) async throws(LedgerError) -> [SalesforceID] {
        try await reading { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT record FROM recordLink
                    WHERE object = ? AND state = 'live' AND record > ? ORDER BY record LIMIT ?
                    """,
                arguments: [object.rawValue, last?.rawValue ?? "", limit]
            ).compactMap { SalesforceID($0) }
        }
    }

    /// The fields of an object that Daybook ever wrote or took over, by name.
    ///
    /// - Parameter object: The object.
    /// - Returns: The fields.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func claimedFields(of object: ObjectName) async throws(LedgerError) -> [FieldName] {
        try await reading { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT c.field FROM claim c
                    WHERE c.sent IS NOT NULL AND c.record IN (
                        SELECT record FROM recordLink WHERE object = ? AND state = 'live'
                    ) ORDER BY c.field
                    """,
                arguments: [object.rawValue]
            ).map(FieldName.init)
        }
    }
}

extension DriftSweep {
    /// How far it came, and what it found.
    fileprivate var observed: JSON {
        .compact([
            (
                "until",
                .object(
                    until.sorted { $0.key < $1.key }.map {
                        JSON.Member($0.key.rawValue, .integer($0.value.milliseconds))
                    }
                )
            ),
            ("user", user.map { .string($0.rawValue) }),
            (
                "open",
                .array(
                    open.map { entry in
                        .compact([
                            ("record", .string(entry.record.rawValue)),
                            ("object", .string(entry.object.rawValue)),
                            ("field", .string(entry.field.rawValue)),
                            ("by", entry.by.map { .string($0.rawValue) }),
                            ("after", entry.after.map { .integer($0.milliseconds) }),
                            ("until", entry.until.map { .integer($0.milliseconds) }),
                            ("exact", entry.isExact ? .bool(true) : nil),
                        ])
                    }
                )
            ),
        ])
    }

    /// What it went past.
    fileprivate var narrowed: JSON {
        let some = passedOver.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        let members = some.map { object, fields in
            JSON.Member(object.rawValue, .array(fields.sorted().map { .string($0.rawValue) }))
        }
        return .compact([("passedOver", .object(members))])
    }

    fileprivate init(_ form: JSON, narrowed: JSON?) {
        func moment(_ json: JSON?) -> Instant? {
            json?.int.map { Instant(milliseconds: Int64($0)) }
        }
        func id(_ json: JSON?) -> SalesforceID? { json?.string.flatMap { SalesforceID($0) } }
        self.init(user: id(form["user"]))
        for member in form["until"]?.members ?? [] {
            until[ObjectName(member.name)] = moment(member.value)
        }
        for member in narrowed?["passedOver"]?.members ?? [] {
            let fields = (member.value.array ?? []).compactMap(\.string).map(FieldName.init)
            passedOver[ObjectName(member.name)] = Set(fields)
        }
        open = (form["open"]?.array ?? []).compactMap { entry in
            guard let record = id(entry["record"]) else { return nil }
            return DriftEntry(
                record: record,
                object: ObjectName(entry["object"]?.string ?? ""),
                field: FieldName(entry["field"]?.string ?? ""),
                by: id(entry["by"]),
                after: moment(entry["after"]),
                until: moment(entry["until"]),
                isExact: entry["exact"]?.bool ?? false
            )
        }
    }
}
