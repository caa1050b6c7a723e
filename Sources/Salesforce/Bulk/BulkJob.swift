public import Domain

/// The id of a job of Bulk API 2.0.
public struct BulkJobID: Hashable, Comparable, Sendable {
    /// For example `7505e000002XXXXAA0`.
    public let rawValue: String

    /// Wraps an id; nil unless it is made of letters and digits, because it becomes part of URLs.
    public init?(_ rawValue: String) {
        let isPlain = rawValue.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: false
            }
        }
        guard isPlain, (15...18).contains(rawValue.utf8.count) else { return nil }
        self.rawValue = rawValue
    }

    /// Orders jobs by id.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// How far a job has come.
///
/// Source: `facts/salesforce-api.md` 4.1.
public enum BulkJobState: Hashable, Sendable {
    /// It waits for its rows; nothing is done before it is closed.
    case open
    /// It is at work, or will be.
    case working
    /// It has been through all rows; some may have failed.
    case complete
    /// The job as a whole failed. Some rows may have been written before. The org's own words.
    case failed(String)
    /// Somebody aborted it. Some rows may have been written before.
    case aborted
    /// The org knows no such job (any more).
    case gone

    /// Whether nothing about its rows changes any more.
    public var hasEnded: Bool {
        switch self {
        case .open, .working: false
        case .complete, .failed, .aborted, .gone: true
        }
    }
}

/// What a job does to each row.
public enum BulkOperation: Hashable, Sendable {
    /// Makes records.
    case insert
    /// Makes records, or changes the ones that have the key.
    case upsert(key: FieldName)
    /// Changes records.
    case update
    /// Moves records to the recycle bin.
    case delete

    init(_ kind: WriteRequest.Kind) {
        switch kind {
        case .create: self = .insert
        case .upsert(let key, _): self = .upsert(key: key)
        case .update: self = .update
        case .delete: self = .delete
        }
    }

    /// The name in the API.
    var name: String {
        switch self {
        case .insert: "insert"
        case .upsert: "upsert"
        case .update: "update"
        case .delete: "delete"
        }
    }

    /// The column by whose value a row is known; nil where only the whole row tells.
    var identity: String? {
        switch self {
        case .insert: nil
        case .upsert(let key): key.rawValue
        case .update, .delete: "Id"
        }
    }
}

/// What the org says of a job.
struct BulkJobInfo: Hashable, Sendable {
    var id: BulkJobID
    var state: BulkJobState
    var operation: BulkOperation?
    var object: ObjectName
    /// The rows that were tried, and those of them that failed.
    var processed: Int
    var failed: Int

    init?(_ json: JSON) {
        guard let id = json["id"]?.string.flatMap({ BulkJobID($0) }),
            let state = json["state"]?.string
        else { return nil }
        self.id = id
        self.state =
            switch state {
            case "Open": .open
            case "JobComplete": .complete
            case "Failed": .failed(json["errorMessage"]?.string ?? "no reason given")
            case "Aborted": .aborted
            default: .working
            }
        operation =
            switch json["operation"]?.string {
            case "insert": .insert
            case "update": .update
            case "delete": .delete
            case "upsert":
                json["externalIdFieldName"]?.string.map { .upsert(key: FieldName($0)) }
            default: nil
            }
        object = ObjectName(json["object"]?.string ?? "")
        processed = json["numberRecordsProcessed"]?.int ?? 0
        failed = json["numberRecordsFailed"]?.int ?? 0
    }
}
