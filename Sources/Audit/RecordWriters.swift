public import Domain
import Journal
import Ledger

/// Everybody who wrote to a record, as far as the ledger and Salesforce tell.
public struct RecordWriters: Hashable, Sendable {
    /// One field that Daybook wrote.
    public struct Field: Hashable, Sendable {
        /// The field.
        public var field: FieldName
        /// The rules that gave its values, the last one first.
        public var writers: [Writer]

        /// How often it was written.
        public var writes: Int { writers.reduce(0) { $0 + $1.writes } }
    }

    /// A rule of one version of the settings that gave a field values.
    public struct Writer: Hashable, Sendable {
        /// The rule.
        public var rule: String
        /// The version of the settings in which the rule stands.
        public var version: SettingsVersion?
        /// How often it was written.
        public var writes: Int
        /// The last run that wrote it.
        public var run: String
        /// When.
        public var written: Instant
        /// The event behind the last value.
        public var cause: LedgerPosition
    }

    /// Who changed the record last, as Salesforce says.
    public struct LastChange: Hashable, Sendable {
        /// The user.
        public var user: String
        /// When.
        public var moment: Instant
        /// Whether that was Daybook's own last write.
        public var isOurs: Bool
    }

    /// The record.
    public var record: SalesforceID
    /// Its object.
    public var object: ObjectName
    /// What it stands for.
    public var subjects: [RecordSubject]
    /// Whether Daybook made it.
    public var isOurs: Bool
    /// The fields that Daybook wrote, by name.
    public var fields: [Field]
    /// The newest stamp of Daybook's writes.
    public var stamp: Instant?
    /// The last change; nil when Salesforce was not asked.
    public var lastChange: LastChange?
}

extension Audit {
    /// Every writer of a record.
    ///
    /// - Parameter record: The record.
    /// - Returns: The fields that Daybook wrote, each with every rule that gave it a value, and the
    ///   last run and event of each.
    /// - Throws: ``AuditError/unknownRecord(_:)``, or an error of the ledger.
    public func writers(of record: SalesforceID) async throws -> RecordWriters {
        let history = try await RecordEvents(record, journal)
        let links = try await journal.links(to: record)
        var fields: [FieldName: RecordWriters.Field] = [:]
        var stamp: Instant?
        var object = links.first?.object
        for event in history.events where event.type == "write.confirmed" {
            let data = try event.json()
            object = object ?? data["object"]?.string.map(ObjectName.init)
            stamp = data["stamp"]?.int.map { Instant(milliseconds: Int64($0)) } ?? stamp
            for entry in data["fields"]?.array ?? [] {
                guard let name = entry["field"]?.string.map(FieldName.init) else { continue }
                let writer = RecordWriters.Writer(
                    rule: entry["rule"]?.string ?? "",
                    version: entry["version"]?.int.map(SettingsVersion.init),
                    writes: 1,
                    run: data["run"]?.string ?? "",
                    written: Instant(milliseconds: event.occurred),
                    cause: LedgerPosition(Int64(entry["cause"]?.int ?? 0))
                )
                fields[name, default: RecordWriters.Field(field: name, writers: [])].take(writer)
            }
        }
        return RecordWriters(
            record: record,
            object: object ?? "",
            subjects: history.subjects,
            isOurs: links.contains(where: \.isOurs),
            fields: fields.values.sorted { $0.field < $1.field },
            stamp: stamp,
            lastChange: nil
        )
    }

    /// Why the records of a booking are as they are, or are not there.
    ///
    /// - Parameter uid: Any uid of its chain of reschedules.
    /// - Returns: The event records that there are, and sentences about what is missing or waits.
    /// - Throws: ``AuditError/unknownBooking(_:)``, or an error of the ledger.
    public func standing(ofBooking uid: BookingUID) async throws -> BookingStanding {
        guard let history = try await journal.history(ofBooking: uid) else {
            throw AuditError.unknownBooking(uid)
        }
        let settings = SettingsReading(try await journal.settingsRevisions())
        let standing = Standing(journal: journal, history: history, settings: settings)
        let links = try await journal.links(of: history.subjects).values
        return BookingStanding(
            appointment: history.appointment,
            eventRecords: links.filter { $0.state == .live }.map(\.record).sorted(),
            notes: try await standing.notes()
        )
    }
}

/// Where the records of a booking stand.
public struct BookingStanding: Hashable, Sendable {
    /// The appointment.
    public var appointment: AppointmentID
    /// Its event records.
    public var eventRecords: [SalesforceID]
    /// What is missing or waits, and why, a sentence each.
    public var notes: [String]

    /// The standing as JSON.
    public var json: JSON {
        .compact([
            ("appointment", .string(appointment.root.rawValue)),
            ("eventRecords", .array(eventRecords.map { .string($0.rawValue) })),
            ("notes", .array(notes.map(JSON.string))),
        ])
    }

    /// The standing for a terminal.
    public var text: String {
        let records = eventRecords.map(\.rawValue).listed
        let head = eventRecords.isEmpty ? "No event record" : "Event record \(records)"
        let rest = notes.isEmpty ? ["Nothing is missing, and nothing waits."] : notes
        return ([head + " for appointment \(appointment.root.rawValue).", ""] + rest)
            .joined(separator: "\n")
    }
}

extension RecordWriters {
    /// Adds what Salesforce says of the last change.
    ///
    /// - Parameters:
    ///   - user: Who made it.
    ///   - moment: When.
    public mutating func take(lastChangeBy user: String, at moment: Instant) {
        let isOurs = stamp.map { moment <= $0 } ?? false
        lastChange = LastChange(user: user, moment: moment, isOurs: isOurs)
    }

    /// The writers as JSON.
    public var json: JSON {
        .compact([
            ("record", .string(record.rawValue)),
            ("object", .string(object.rawValue)),
            ("subjects", .array(subjects.map { .string($0.name) })),
            ("madeByDaybook", .bool(isOurs)),
            ("fields", .array(fields.map(\.json))),
            (
                "lastChange",
                lastChange.map { change in
                    .compact([
                        ("by", .string(change.user)), ("at", .string(change.moment.rfc3339)),
                        ("isDaybooks", .bool(change.isOurs)),
                    ])
                } ?? .null
            ),
        ])
    }

    /// The writers for a terminal.
    public var text: String {
        let origin = isOurs ? "made by Daybook" : "found, not made by Daybook"
        var lines = ["\(object.rawValue) \(record.rawValue), \(origin)", ""]
        for field in fields {
            for (number, writer) in field.writers.enumerated() {
                let name = number == 0 ? field.field.rawValue : ""
                let before = number == 0 ? "" : "before: "
                lines.append("  \(Columns.left(name, 24)) \(before)\(writer.text)")
                lines.append("  \(Columns.left("", 24)) \(writer.lastText)")
            }
        }
        if let change = lastChange {
            let whose = change.isOurs ? "Daybook's own last write" : "after Daybook's last write"
            lines += [
                "", "Last change: \(change.moment.rfc3339Seconds) by \(change.user), \(whose).",
            ]
        }
        return lines.joined(separator: "\n")
    }
}

extension RecordWriters.Field {
    /// Takes a further write, newer than all before.
    fileprivate mutating func take(_ writer: RecordWriters.Writer) {
        var writer = writer
        let same = writers.firstIndex { ($0.rule, $0.version) == (writer.rule, writer.version) }
        if let same { writer.writes += writers.remove(at: same).writes }
        writers.insert(writer, at: 0)
    }

    fileprivate var json: JSON {
        let last = writers.first
        return .compact([
            ("field", .string(field.rawValue)), ("writes", .integer(writes)),
            ("run", last.map { .string($0.run) }),
            ("written", last.map { .string($0.written.rfc3339) }),
            ("rule", last.map { .string($0.rule) }),
            ("settingsVersion", last?.version.map { .integer($0.rawValue) }),
            ("cause", last.map { .integer($0.cause.rawValue) }),
            ("writers", .array(writers.map(\.json))),
        ])
    }
}

extension RecordWriters.Writer {
    /// How often, by which rule: `3 times, onBooking/attendee/Title, settings version 2`.
    fileprivate var text: String {
        let version = version.map { ", settings version \($0.rawValue)" } ?? ""
        return "\(writes == 1 ? "once" : "\(writes) times"), \(rule)\(version)"
    }

    /// When last, and by which run.
    fileprivate var lastText: String {
        "last \(written.rfc3339Seconds), run \(run), event \(cause.rawValue)"
    }

    fileprivate var json: JSON {
        .compact([
            ("rule", .string(rule)),
            ("settingsVersion", version.map { .integer($0.rawValue) }),
            ("writes", .integer(writes)), ("run", .string(run)),
            ("written", .string(written.rfc3339)), ("cause", .integer(cause.rawValue)),
        ])
    }
}
