/// The API name of a Salesforce field.
public struct FieldName: Hashable, Comparable, Sendable, ExpressibleByStringLiteral {
    /// The name, in the letter case of the org's describe.
    public let rawValue: String

    /// Wraps a name.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// Wraps a literal name.
    public init(stringLiteral value: StaticString) { rawValue = value.description }

    /// Orders names by their text.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The API name of a Salesforce object, for example `Contact`.
public struct ObjectName: Hashable, Comparable, Sendable, ExpressibleByStringLiteral {
    /// The name, in the letter case of the org's describe.
    public let rawValue: String

    /// Wraps a name.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// Wraps a literal name.
    public init(stringLiteral value: StaticString) { rawValue = value.description }

    /// The object for meetings.
    ///
    /// Called *event record* everywhere, because events are in the ledger.
    public static let eventRecord: Self = "Event"
    /// People of an account.
    public static let contact: Self = "Contact"
    /// People who are not sorted yet.
    public static let lead: Self = "Lead"
    /// Companies.
    public static let account: Self = "Account"
    /// What an account may buy.
    public static let opportunity: Self = "Opportunity"
    /// The users of the org.
    public static let user: Self = "User"

    /// Orders names by their text.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A value of a Salesforce field, as we want it or as we saw it.
public enum FieldValue: Hashable, Sendable {
    /// Nothing; written as `null`.
    case empty
    /// Text of any kind: string, textarea, phone, e-mail, picklist, combobox.
    case text(String)
    /// A checkbox.
    case flag(Bool)
    /// A number, as spelled.
    case number(String)
    /// A day.
    case date(CalendarDate)
    /// A moment.
    case instant(Instant)
    /// The chosen values of a multi-select picklist.
    case choices([String])
    /// A reference to a record.
    case reference(SalesforceID)
    /// References to several records, as in `EventWhoIds`.
    case references([SalesforceID])

    /// Whether Salesforce would call the field empty.
    ///
    /// A checkbox never is.
    public var isEmpty: Bool {
        switch self {
        case .empty: true
        case .text(let text): text.isEmpty
        case .choices(let choices): choices.isEmpty
        case .references(let ids): ids.isEmpty
        case .flag, .number, .date, .instant, .reference: false
        }
    }

    /// The value as it is sent to Salesforce.
    public var json: JSON {
        switch self {
        case .empty: .null
        case .text(let text): text.isEmpty ? .null : .string(text)
        case .flag(let flag): .bool(flag)
        case .number(let digits): .number(digits)
        case .date(let date): .string(date.iso8601)
        case .instant(let instant): .string(instant.rfc3339)
        case .choices(let choices):
            choices.isEmpty ? .null : .string(choices.joined(separator: ";"))
        case .reference(let id): .string(id.rawValue)
        case .references(let ids): .array(ids.map { .string($0.rawValue) })
        }
    }

    /// The value as a person would read it.
    public var readableText: String {
        switch self {
        case .empty: "(empty)"
        case .text(let text): text
        case .flag(let flag): flag ? "true" : "false"
        case .number(let digits): digits
        case .date(let date): date.iso8601
        case .instant(let instant): instant.rfc3339Seconds
        case .choices(let choices): choices.joined(separator: "; ")
        case .reference(let id): id.rawValue
        case .references(let ids): ids.map(\.rawValue).joined(separator: ", ")
        }
    }
}
