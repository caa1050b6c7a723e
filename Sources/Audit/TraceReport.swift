public import Domain

/// Something that happened, told in one line.
public struct TraceEntry: Hashable, Sendable {
    /// Where the ledger has it.
    public var position: LedgerPosition
    /// When it happened.
    public var occurred: Instant
    /// When it was recorded.
    public var recorded: Instant
    /// What kind of event it is.
    public var type: String
    /// The booking it is about; nil for what is about records, runs or settings.
    public var uid: BookingUID?
    /// Who did it.
    public var actor: String
    /// What happened, in plain words.
    public var text: String
    /// Whether the text holds personal data.
    public var isPersonal: Bool
    /// What the event says, without personal data.
    public var details: JSON

    /// The entry as one object, times as RFC 3339.
    public var json: JSON {
        .compact([
            ("position", .integer(position.rawValue)),
            ("occurred", .string(occurred.rfc3339)),
            ("recorded", .string(recorded.rfc3339)),
            ("type", .string(type)),
            ("uid", uid.map { .string($0.rawValue) }),
            ("actor", .string(actor)),
            ("text", .string(text)),
            ("isPersonal", .bool(isPersonal)),
            ("details", details),
        ])
    }
}

extension TraceEntry {
    /// How much later than it happened an event is recorded before that is worth saying.
    private static let delay: Int64 = 60_000

    /// The text, with the time of recording where that came noticeably later.
    fileprivate var line: String {
        recorded.milliseconds - occurred.milliseconds < Self.delay
            ? text : "\(text) [recorded \(recorded.rfc3339Seconds)]"
    }
}

/// Everything that the ledger knows of a booking, a record or a person, in order.
public struct TraceReport: Hashable, Sendable {
    /// What was asked for.
    public enum Subject: Hashable, Sendable {
        /// An appointment, by any of its uids.
        case booking(BookingUID)
        /// A record.
        case record(SalesforceID)
        /// A person.
        case person(PersonID)
    }

    /// What was asked for.
    public var subject: Subject
    /// The appointments concerned, by root uid.
    public var appointments: [AppointmentID]
    /// All uids of these appointments, each behind its predecessor.
    public var uids: [BookingUID]
    /// The records concerned, as they are linked now.
    public var records: [RecordLink]
    /// What happened, by position.
    public var entries: [TraceEntry]
    /// What stands out now, and what to do about it: why a record does not exist, for example.
    public var notes: [String]

    /// The report as one object.
    ///
    /// | member         | holds                                                                 |
    /// |----------------|-----------------------------------------------------------------------|
    /// | `kind`         | `booking`, `record` or `person`                                       |
    /// | `subject`      | the uid, the 18-character id or the surrogate of the person           |
    /// | `appointments` | root uids                                                             |
    /// | `uids`         | all uids of the appointments                                          |
    /// | `records`      | `{subject, object, record, ours, state}`                              |
    /// | `notes`        | sentences                                                             |
    /// | `entries`      | as ``TraceEntry/json``                                                |
    public var json: JSON {
        .compact([
            ("kind", .string(kind)),
            ("subject", .string(name)),
            ("appointments", .array(appointments.map { .string($0.root.rawValue) })),
            ("uids", .array(uids.map { .string($0.rawValue) })),
            ("records", .array(records.map(\.auditForm))),
            ("notes", .array(notes.map(JSON.string))),
            ("entries", .array(entries.map(\.json))),
        ])
    }

    private var kind: String {
        switch subject {
        case .booking: "booking"
        case .record: "record"
        case .person: "person"
        }
    }

    private var name: String {
        switch subject {
        case .booking(let uid): uid.rawValue
        case .record(let record): record.rawValue
        case .person(let person): person.rawValue
        }
    }

    /// The report for a terminal; personal data is shown.
    public var text: String {
        var text = Columns.pairs([
            (kind, name),
            ("uids", uids.isEmpty ? nil : uids.map(\.rawValue).joined(separator: " → ")),
        ])
        for link in records { text += "  \(link.auditText)\n" }
        text += "\n"
        let width = entries.map { String($0.position.rawValue).count }.max() ?? 0
        let types = entries.map(\.type.count).max() ?? 0
        for entry in entries {
            let place = Columns.right(String(entry.position.rawValue), width)
            let type = Columns.left(entry.type, types)
            text += "\(place)  \(entry.occurred.rfc3339Seconds)  \(type)  \(entry.line)\n"
        }
        if entries.isEmpty { text += "nothing happened yet\n" }
        for note in notes { text += "\n\(note)\n" }
        return text
    }
}

extension RecordLink {
    var auditForm: JSON {
        .compact([
            ("subject", .string(subject.name)), ("object", .string(object.rawValue)),
            ("record", .string(record.rawValue)), ("ours", .bool(isOurs)),
            ("state", .string(state.rawValue)),
        ])
    }

    var auditText: String {
        let origin = isOurs ? "made by Daybook" : "found, not made by Daybook"
        let state: String =
            switch state {
            case .live: ""
            case .deleted: ", deleted by Daybook since"
            case .deletedByOther: ", deleted by somebody else since"
            }
        return "\(object.auditWord) \(record.rawValue): \(origin)\(state)"
    }
}

extension ObjectName {
    /// What the object is called in sentences: `Event` is an event record.
    var auditWord: String { self == .eventRecord ? "event record" : rawValue.lowercased() }
}
