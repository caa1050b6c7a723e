public import Domain

/// What a plan is a plan of.
///
/// A plan file names it, so that the same plan can be made again before anything is written.
public enum PlanBasis: Hashable, Sendable {
    /// What changed since the last run.
    case changes
    /// A part of history, read by given settings. It is applied only if those are in force for it.
    case replay(ReplayRequest, isAccepted: Bool)
    /// Fields that somebody else changed.
    case drift(DriftAction, [FieldPlace])
    /// A run whose values are taken back.
    case undo(run: String)
}

/// What is done about a field that somebody else changed.
public enum DriftAction: String, Hashable, Sendable {
    /// The edit is taken over as the value that stands.
    case adopt
    /// What Daybook sent last is put back.
    case revert
}

/// One field of one record.
public struct FieldPlace: Hashable, Comparable, Sendable {
    /// The record.
    public var record: SalesforceID
    /// The field.
    public var field: FieldName

    /// Names a field of a record.
    public init(record: SalesforceID, field: FieldName) {
        (self.record, self.field) = (record, field)
    }

    /// The place as `<record>/<field>`.
    public var name: String { "\(record.rawValue)/\(field.rawValue)" }

    /// Reads ``name`` back.
    public init?(name: String) {
        let parts = name.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let record = SalesforceID(String(parts[0])) else { return nil }
        self.init(record: record, field: FieldName(String(parts[1])))
    }

    /// Orders places by record, then field.
    public static func < (left: Self, right: Self) -> Bool {
        (left.record, left.field) < (right.record, right.field)
    }
}

extension PlanBasis {
    /// Reads the basis of a plan file.
    ///
    /// - Parameter document: The plan file's `basis`; nil for the usual plan.
    /// - Throws: ``RunRefusal/stalePlan(_:)`` for one that cannot be understood.
    init(document: JSON?) throws {
        guard let document else {
            self = .changes
            return
        }
        guard let basis = try Self.read(document) else {
            throw RunRefusal.stalePlan("what it is a plan of cannot be read")
        }
        self = basis
    }

    private static func read(_ document: JSON) throws -> Self? {
        switch document["kind"]?.string {
        case "replay":
            .replay(try request(document), isAccepted: document["accepted"]?.bool ?? false)
        case "undo": document["run"]?.string.map { .undo(run: $0) }
        case let kind?:
            DriftAction(rawValue: kind).map { action in
                let places = (document["places"]?.array ?? []).compactMap(\.string)
                return .drift(action, places.compactMap(FieldPlace.init(name:)))
            }
        case nil: nil
        }
    }

    private static func request(_ document: JSON) throws -> ReplayRequest {
        var request = ReplayRequest(
            since: document["since"]?.string.flatMap { Instant(rfc3339: $0) },
            eventType: document["eventType"]?.int.map(EventTypeID.init),
            fields: Set((document["only"]?.array ?? []).compactMap(\.string).map(FieldName.init)),
            overwrites: document["overwrites"]?.bool ?? false
        )
        if let version = document["version"]?.int {
            request.settings = .version(SettingsVersion(version))
        } else if let settings = document["document"] {
            request.settings = .document(try SettingsDocument.decode(settings))
        }
        return request
    }
}
