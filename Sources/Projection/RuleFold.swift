import Domain

/// What was gathered for one record: what events assert of its fields, and what they could not.
struct RuleFold {
    var assertions: [FieldName: [Assertion]] = [:]
    var held: [FieldName: HeldField] = [:]

    mutating func add(_ assertion: Assertion, to field: FieldName) {
        assertions[field, default: []].append(assertion)
        if !held.isEmpty { held[field] = nil }
    }

    mutating func hold(_ field: HeldField) { held[field.field] = field }

    mutating func gather(_ change: (inout RuleFold) -> Void) { change(&self) }

    var isEmpty: Bool { assertions.isEmpty && held.isEmpty }

    /// The fields by name.
    var fields: [DesiredField] {
        assertions.compactMap { DesiredField(field: $0, assertions: $1) }
            .sorted { $0.field < $1.field }
    }

    /// The fields without a value, by name.
    var heldFields: [HeldField] { held.values.sorted { $0.field < $1.field } }
}

/// The last assertion of each of a handful of fields.
///
/// A list: looking through it takes less time than hashing a name.
struct AssertedFields {
    private(set) var all: [(field: FieldName, assertion: Assertion)] = []

    subscript(field: FieldName) -> Assertion? { all.first { $0.field == field }?.assertion }

    mutating func set(_ assertion: Assertion, for field: FieldName) {
        if let place = all.firstIndex(where: { $0.field == field }) {
            all[place].assertion = assertion
        } else {
            all.append((field, assertion))
        }
    }
}

/// The record that a rule is about.
enum RuleTarget: Hashable {
    case eventRecord
    case person(PersonID)
    case account(PersonID)
    case fallback(String)
}

/// A record that tells of a booking nobody was routed to, as far as it was gathered.
struct FallbackFold {
    var record: FallbackRecord
    var booker: PersonID?
    var host: EmailAddress?
    var account: AccountLookUp?
    var cause: Cause
    var rules = RuleFold()
}

extension Booking {
    /// Whether Cal.com says that the host was chosen as the owner of a Salesforce record.
    ///
    /// Source: `facts/calcom.md` 5.8.1: "Salesforce contact owner: …", "… account lookup field: …".
    var isWithOwner: Bool {
        assignmentReason?.trimmingWhitespace().lowercased().hasPrefix("salesforce") ?? false
    }
}
