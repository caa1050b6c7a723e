/// The name of one operation inside a plan; stable from plan to plan.
public struct OperationID: Hashable, Comparable, Sendable {
    /// For example `event/hT4xWq9vNc2LmZ7pRkD3sB` or `person/5f…/contact`.
    public let rawValue: String

    /// Wraps a name.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// Orders operations by name.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A record that exists, or that an earlier operation of the same plan creates.
public enum RecordReference: Hashable, Sendable {
    /// The record with this id.
    case record(SalesforceID)
    /// The record that this operation creates.
    case created(by: OperationID)
}

/// A value to send.
public enum OutgoingValue: Hashable, Sendable {
    /// A known value.
    case value(FieldValue)
    /// One record, perhaps not created yet.
    case record(RecordReference)
    /// Several records, perhaps not created yet.
    case records([RecordReference])

    /// The records that have to be created first.
    public var awaited: [OperationID] {
        let references: [RecordReference] =
            switch self {
            case .value: []
            case .record(let reference): [reference]
            case .records(let references): references
            }
        return references.compactMap { reference in
            if case .created(let operation) = reference { operation } else { nil }
        }
    }
}

/// One write.
public struct WriteRequest: Hashable, Sendable {
    /// What kind of write.
    public enum Kind: Hashable, Sendable {
        /// A new record. Not safe to repeat.
        case create
        /// A new record, or the one that already has this key. Safe to repeat.
        case upsert(key: FieldName, value: String)
        /// A change of a record.
        case update(SalesforceID)
        /// Moves a record to the recycle bin.
        case delete(SalesforceID)
    }

    /// The operation it carries out.
    public var operation: OperationID
    /// What kind of write.
    public var kind: Kind
    /// The object.
    public var object: ObjectName
    /// The fields to send, by name.
    ///
    /// An upsert's key is not among them.
    public var fields: [FieldName: OutgoingValue]
    /// The fields to read back afterwards, besides the ones sent and the system fields.
    public var readBack: [FieldName]
    /// Refuse the write if the record changed after this moment.
    public var unmodifiedSince: Instant?
    /// Save the record even where a duplicate rule warns.
    public var savesDuplicates = false

    /// Creates a write.
    public init(
        operation: OperationID,
        kind: Kind,
        object: ObjectName,
        fields: [FieldName: OutgoingValue],
        readBack: [FieldName] = [],
        unmodifiedSince: Instant? = nil
    ) {
        (self.operation, self.kind, self.object) = (operation, kind, object)
        (self.fields, self.readBack, self.unmodifiedSince) = (fields, readBack, unmodifiedSince)
    }

    /// The operations that have to succeed first.
    public var awaited: Set<OperationID> { Set(fields.values.flatMap(\.awaited)) }
}

/// What became of a write.
public enum WriteOutcome: Hashable, Sendable {
    /// It took hold. The record as read back, unless reading back failed.
    case written(SalesforceID, wasCreated: Bool, seen: ObservedRecord?)
    /// It was refused, and nothing changed.
    case refused([RecordError])
    /// Whether it took hold is not known; look before trying again.
    case unknown(String)
    /// It was not tried, because an operation it waits for did not succeed.
    case notAttempted
}

/// What became of a write, and which API call settled it.
public struct WriteDelivery: Hashable, Sendable {
    /// What became of it.
    public var outcome: WriteOutcome
    /// The id of the API call; nil if no call was made or answered.
    ///
    /// The org's own where it tells one, else the one that was sent with the call as
    /// `X-Request-Id`; of a bulk job its id.
    public var request: String?

    /// Creates a delivery.
    public init(_ outcome: WriteOutcome, request: String? = nil) {
        (self.outcome, self.request) = (outcome, request)
    }
}

/// One reason why Salesforce refused a record.
public struct RecordError: Error, Hashable, Sendable {
    /// The code, for example `REQUIRED_FIELD_MISSING`.
    public var code: String
    /// Salesforce's own words.
    ///
    /// May repeat values: for our eyes only, never for a log.
    public var message: String
    /// The fields it is about.
    public var fields: [FieldName]
    /// The records of which a duplicate rule says that they are the same person.
    public var duplicates: [SalesforceID]
    /// Whether the duplicate rule only warns, and lets the record be saved all the same.
    public var allowsDuplicates: Bool

    /// Creates an error.
    public init(
        code: String,
        message: String,
        fields: [FieldName] = [],
        duplicates: [SalesforceID] = [],
        allowsDuplicates: Bool = false
    ) {
        (self.code, self.message) = (code, message)
        (self.fields, self.duplicates) = (fields, duplicates)
        self.allowsDuplicates = allowsDuplicates
    }
}
