/// The thing a Salesforce record stands for.
public enum RecordSubject: Hashable, Comparable, Sendable {
    /// The meeting; records are linked under the uid they were made for.
    case event(BookingUID)
    /// The person, looked up in one way.
    case person(PersonRecordKey)
    /// The account to which the person belongs.
    case account(PersonID)
    /// A booking for which nobody's owner was found, under the name of the record in the settings.
    case fallback(BookingUID, name: String)

    /// The subject as a text: `event/<uid>`, `person/<id>/<policy>`, `person/<id>/form`,
    /// `account/<id>` or `fallback/<name>/<uid>`.
    public var name: String {
        switch self {
        case .event(let uid): "event/\(uid.rawValue)"
        case .person(let key): "person/\(key.person.rawValue)/\(key.way)"
        case .account(let person): "account/\(person.rawValue)"
        case .fallback(let uid, let name): "fallback/\(name)/\(uid.rawValue)"
        }
    }

    /// Reads ``name`` back.
    public init?(name: String) {
        let parts = name.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        if parts.count >= 2, parts[0] == "event",
            let uid = BookingUID(String(name.dropFirst("event/".count)))
        {
            self = .event(uid)
        } else if parts.count == 3, parts[0] == "person",
            let key = PersonRecordKey(person: PersonID(String(parts[1])), way: String(parts[2]))
        {
            self = .person(key)
        } else if parts.count == 2, parts[0] == "account" {
            self = .account(PersonID(String(parts[1])))
        } else if parts.count == 3, parts[0] == "fallback", let uid = BookingUID(String(parts[2])) {
            self = .fallback(uid, name: String(parts[1]))
        } else {
            return nil
        }
    }

    /// Orders people before events, because events refer to them, then what refers to both.
    public static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.person(let left), .person(let right)): left < right
        case (.event(let left), .event(let right)): left < right
        default: (left.rank, left.name) < (right.rank, right.name)
        }
    }

    private var rank: Int {
        switch self {
        case .person: 0
        case .account: 1
        case .event: 2
        case .fallback: 3
        }
    }
}

/// A digest that tells whether two values are the same, and nothing else.
public struct ValueDigest: Hashable, Sendable {
    /// The bytes, keyed so that values cannot be guessed from them.
    public var bytes: [UInt8]

    /// Wraps stored bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// What Daybook remembers of a field it has dealt with.
public struct Claim: Hashable, Sendable {
    /// What we sent last; nil as long as we wrote nothing.
    public var sent: ValueDigest?
    /// What we saw right after: Salesforce may normalise values.
    public var seen: ValueDigest?
    /// Whether what we saw was empty.
    public var seenIsEmpty: Bool
    /// When the org last showed it so, by the org's clock.
    public var seenAt: Instant?
    /// The assertion that was considered last.
    public var considered: Cause
    /// What became of it.
    public var outcome: Reason

    /// Creates a claim.
    public init(
        sent: ValueDigest?,
        seen: ValueDigest?,
        seenIsEmpty: Bool,
        seenAt: Instant?,
        considered: Cause,
        outcome: Reason
    ) {
        (self.sent, self.seen, self.seenIsEmpty) = (sent, seen, seenIsEmpty)
        (self.seenAt, self.considered, self.outcome) = (seenAt, considered, outcome)
    }
}

/// Which record stands for a subject.
public struct RecordLink: Hashable, Sendable {
    /// What is known of the record.
    public enum State: String, Hashable, Sendable {
        /// It is there, as far as we know.
        case live
        /// We deleted it.
        case deleted
        /// Somebody else deleted it.
        case deletedByOther = "deleted-by-other"
    }

    /// What it stands for.
    public var subject: RecordSubject
    /// The object.
    public var object: ObjectName
    /// The record.
    public var record: SalesforceID
    /// Whether Daybook made it.
    public var isOurs: Bool
    /// What is known of the record.
    public var state: State
    /// Where the ledger has that somebody else deleted it, if it does.
    public var deletionNoted: LedgerPosition?

    /// Creates a link.
    public init(
        subject: RecordSubject,
        object: ObjectName,
        record: SalesforceID,
        isOurs: Bool,
        state: State = .live,
        deletionNoted: LedgerPosition? = nil
    ) {
        (self.subject, self.object, self.record) = (subject, object, record)
        (self.isOurs, self.state, self.deletionNoted) = (isOurs, state, deletionNoted)
    }
}

/// What is done with one field, and why.
public struct PlannedField: Hashable, Sendable {
    /// What is done.
    public enum Outcome: String, Hashable, Sendable {
        /// It is written.
        case write
        /// It would be written, but something stands against it.
        case hold
        /// What stands there is taken over as ours, without a write.
        case adopt
        /// There is nothing to do.
        case unchanged
    }

    /// The field.
    public var field: FieldName
    /// What is done.
    public var outcome: Outcome
    /// Why.
    public var reason: Reason
    /// What Salesforce holds.
    public var live: FieldValue
    /// What is wanted, as far as it could be formed.
    public var desired: OutgoingValue?
    /// The event behind it.
    public var cause: Cause
    /// The settings that made it so; nil for what Daybook does of its own.
    public var version: SettingsVersion?
    /// The rule inside those settings.
    public var rule: String
    /// Whether the values come from a person and must not be shown outside.
    public var isPersonal: Bool
    /// What exactly stands against it, without personal data.
    public var detail: String
    /// Whether the value comes from settings that are younger than the event.
    public var isReplay: Bool
    /// The newest event that has been considered once this has its outcome.
    public var considered: Cause
    /// Whether that event is newer than the one that was considered last.
    public var isNews: Bool

    /// Creates a field; its own event is the newest that was considered unless another is named.
    public init(
        field: FieldName,
        outcome: Outcome,
        reason: Reason,
        live: FieldValue,
        desired: OutgoingValue?,
        cause: Cause,
        version: SettingsVersion?,
        rule: String,
        isPersonal: Bool,
        detail: String = "",
        isReplay: Bool = false,
        considered: Cause? = nil,
        isNews: Bool = true
    ) {
        (self.field, self.outcome, self.reason) = (field, outcome, reason)
        (self.live, self.desired, self.cause) = (live, desired, cause)
        (self.version, self.rule, self.isPersonal) = (version, rule, isPersonal)
        (self.detail, self.isReplay, self.isNews) = (detail, isReplay, isNews)
        self.considered = considered ?? cause
    }
}

/// What shows that a write took hold although its answer was lost.
public enum WriteEvidence: Hashable, Sendable {
    /// The record that was made, whatever became of it since.
    case made(SalesforceID)
    /// The record was changed.
    case changed
    /// The record that we deleted, and in whose place another one is made.
    case deleted(SalesforceID)
}

/// What is done with one record, and why.
public struct PlanOperation: Hashable, Sendable {
    /// What is done.
    public enum Kind: String, Hashable, Sendable {
        /// A record is made.
        case create
        /// Fields of a record are written.
        case update
        /// A record is moved to the recycle bin.
        case delete
        /// Something should be done, and something stands against it.
        case hold
        /// The record is as it should be.
        case unchanged
    }

    /// What the record stands for.
    public var subject: RecordSubject
    /// The appointments that wait for this operation.
    public var appointments: [AppointmentID]
    /// What is done.
    public var kind: Kind
    /// Why.
    public var reason: Reason
    /// The object.
    public var object: ObjectName
    /// The record; nil for one that is to be made.
    public var record: SalesforceID?
    /// Whether Daybook made the record, or will.
    public var isOurs: Bool
    /// The fields, by name.
    public var fields: [PlannedField]
    /// The newest change of the record when it was fetched.
    public var stamp: Instant?
    /// All records that matched, the chosen one first.
    public var candidates: [SalesforceID]
    /// The event behind the record.
    public var cause: Cause
    /// What exactly stands against it, without personal data.
    public var detail: String
    /// How the linked record became this one, the oldest step first.
    public var moves: [RecordMove] = []
    /// What is remembered of fields from before the record moved, or before an answer was lost.
    public var inherited: [FieldName: Claim] = [:]
    /// What an interrupted run did, as far as the org shows it.
    public var evidence: WriteEvidence?
    /// Whether somebody had a run undone, or drift put back or taken over.
    ///
    /// That says nothing of which record stands for whom, nor of what else failed for it.
    public var isRestoration = false

    /// Creates an operation.
    public init(
        subject: RecordSubject,
        appointments: [AppointmentID],
        kind: Kind,
        reason: Reason,
        object: ObjectName,
        record: SalesforceID?,
        isOurs: Bool,
        fields: [PlannedField],
        stamp: Instant?,
        candidates: [SalesforceID],
        cause: Cause,
        detail: String = ""
    ) {
        (self.subject, self.appointments, self.kind) = (subject, appointments, kind)
        (self.reason, self.object, self.record) = (reason, object, record)
        (self.isOurs, self.fields, self.stamp) = (isOurs, fields, stamp)
        (self.candidates, self.cause, self.detail) = (candidates, cause, detail)
    }

    /// The name of the operation; the same in every plan about this record.
    public var id: OperationID { OperationID(subject.name) }

    /// The fields that are written.
    public var written: [PlannedField] { fields.filter { $0.outcome == .write } }

    /// Whether applying it changes Salesforce.
    public var isWrite: Bool { kind == .create || kind == .update || kind == .delete }
}
