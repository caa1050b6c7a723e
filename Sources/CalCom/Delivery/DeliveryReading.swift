public import Domain

/// What the body of one delivery turned out to be.
///
/// Only ``facts(trigger:_:)`` says something about bookings. The others are kept, counted and shown
/// too; none of them is an error of the sender that a repetition would cure. No reason contains
/// anything that was in the body.
public enum DeliveryReading: Hashable, Sendable {
    /// Something happened; one fact unless stated otherwise.
    case facts(trigger: String, [ReportedFact])
    /// A trigger that is known and means nothing to the sync, such as `PING`.
    case noted(trigger: String)
    /// JSON that is no delivery as far as we know: an unknown trigger, or a body that a custom
    /// payload template made.
    case unrecognised(trigger: String?, reason: String)
    /// A known trigger whose essential parts are missing or impossible.
    case unusable(trigger: String, reason: String)
    /// Bytes that are not JSON.
    case malformed(reason: String)

    /// The name of the trigger, if the body has one; at most 64 characters.
    public var trigger: String? {
        switch self {
        case .facts(let trigger, _), .noted(let trigger), .unusable(let trigger, _): trigger
        case .unrecognised(let trigger, _): trigger
        case .malformed: nil
        }
    }

    /// What the delivery tells; empty unless it tells facts.
    public var facts: [ReportedFact] {
        if case .facts(_, let facts) = self { facts } else { [] }
    }

    /// Why there are no facts, in plain words; nil for facts and noted triggers.
    public var reason: String? {
        switch self {
        case .facts, .noted: nil
        case .unrecognised(_, let reason), .unusable(_, let reason), .malformed(let reason): reason
        }
    }
}
