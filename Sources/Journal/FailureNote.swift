public import Domain

/// A write that failed, and when it is tried again.
public struct FailureNote: Hashable, Sendable {
    /// The object.
    public var object: ObjectName
    /// Salesforce's code, or one of ours; see `FailureCatalogue`.
    public var code: String
    /// The fields it is about.
    public var fields: [FieldName]
    /// How often it was tried.
    public var attempts: Int
    /// When it is tried again; nil until something changes.
    public var nextTry: Instant?
    /// A digest of what was tried.
    public var digest: ValueDigest
    /// A digest of the settings and of the object's description when it was tried.
    public var basis: ValueDigest
    /// The record, if there is one.
    public var record: SalesforceID?
    /// Records from which a person may choose.
    public var candidates: [SalesforceID]
    /// Whether an operator said to leave it alone.
    public var isIgnored: Bool

    /// Creates a note.
    public init(
        object: ObjectName,
        code: String,
        fields: [FieldName],
        attempts: Int,
        nextTry: Instant?,
        digest: ValueDigest,
        basis: ValueDigest = ValueDigest([]),
        record: SalesforceID? = nil,
        candidates: [SalesforceID] = [],
        isIgnored: Bool = false
    ) {
        (self.object, self.code, self.fields) = (object, code, fields)
        (self.attempts, self.nextTry, self.digest) = (attempts, nextTry, digest)
        (self.basis, self.record, self.candidates) = (basis, record, candidates)
        self.isIgnored = isIgnored
    }
}

/// A failure as people see it: a write, a field that was left out, or a question to a person.
public struct KeptFailure: Hashable, Sendable {
    /// How it stands.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// It is tried again by itself.
        case waiting
        /// It is tried again when something changes.
        case stopped
        /// An operator said to leave it alone.
        case ignored
        /// A person has to choose.
        case review
        /// Nobody knows whether the write took hold; the next run looks.
        case unclear
    }

    /// The code of a write of whose outcome nobody knows.
    public static let unclearCode = "OUTCOME_UNKNOWN"

    /// The name under which commands take it: the operation, with `#<field>` for a single field.
    public var name: OperationID
    /// What the record stands for.
    public var subject: RecordSubject?
    /// The field that was left out; nil when it is about the record.
    public var field: FieldName?
    /// The appointment that waits.
    public var root: String
    /// What is known of it.
    public var note: FailureNote
    /// The first attempt.
    public var since: Instant
    /// The last attempt.
    public var tried: Instant
    /// How it stands.
    public var state: State

    /// Creates a failure.
    public init(
        name: OperationID,
        subject: RecordSubject?,
        field: FieldName?,
        root: String,
        note: FailureNote,
        since: Instant,
        tried: Instant,
        state: State
    ) {
        (self.name, self.subject, self.field, self.root) = (name, subject, field, root)
        (self.note, self.since, self.tried, self.state) = (note, since, tried, state)
    }

    /// What the code means.
    public var entry: FailureEntry { FailureCatalogue.entry(for: note.code) }
}

extension OperationID {
    /// The name of what failed about one field of the operation's record.
    public func field(_ field: FieldName) -> OperationID {
        OperationID("\(rawValue)#\(field.rawValue)")
    }

    /// The operation and, for a name made by ``field(_:)``, the field.
    public var parts: (operation: OperationID, field: FieldName?) {
        guard let mark = rawValue.lastIndex(of: "#") else { return (self, nil) }
        let field = FieldName(String(rawValue[rawValue.index(after: mark)...]))
        return (OperationID(String(rawValue[..<mark])), field)
    }
}

extension PlanOperation {
    /// Whether it is left alone because it failed before, so that it has no outcome.
    var isParked: Bool { reason == .waitingForRetry || reason == .ignored }
}
