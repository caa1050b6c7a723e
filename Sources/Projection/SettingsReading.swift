public import Domain

/// One version of the settings, with what is made of it once instead of for every event.
///
/// A class, because every event of a replay has one at hand: settings have many parts, and copying
/// them takes as long as a good part of a projection.
final class SettingsReading: Sendable {
    let revision: SettingsRevision
    /// What is to be done; nothing where the version removed the settings.
    let settings: SyncSettings
    let eventRecordOnBooking: [PreparedRule]
    let attendeeOnBooking: [PreparedRule]
    let accountOnBooking: [PreparedRule]
    /// None where the event record is deleted.
    let eventRecordOnCancellation: [PreparedRule]
    let attendeeOnCancellation: [PreparedRule]
    let attendeeOnFallback: [PreparedRule]
    /// The fields of each record that tells of a booking nobody was routed to, in their order.
    let fallbackRecords: [[PreparedRule]]
    let onFormSubmitted: [PreparedRule]
    let onFormAbandoned: [PreparedRule]
    /// The path of the attendees of the event record.
    let attendeesPath: String
    /// The paths of the standard fields, each at its place.
    private let standardPaths: [String]
    /// What the paths of the rules begin with.
    private let prefix: String

    init(_ revision: SettingsRevision) {
        let settings = revision.settings ?? SyncSettings()
        let prefix =
            switch revision.scope {
            case .everyEventType: "default/"
            case .eventType: "eventTypes/\(revision.scope.name)/"
            }
        func prepared(_ rules: [FieldRule], _ place: String) -> [PreparedRule] {
            rules.map { PreparedRule($0, path: "\(prefix)\(place)/\($0.field.rawValue)") }
        }
        (self.revision, self.settings, self.prefix) = (revision, settings, prefix)
        eventRecordOnBooking = prepared(settings.eventRecordOnBooking, "onBooking/eventRecord")
        attendeeOnBooking = prepared(settings.attendeeOnBooking, "onBooking/attendee")
        accountOnBooking = prepared(settings.accountOnBooking, "onBooking/account")
        eventRecordOnCancellation =
            if case .keep(let rules) = settings.onCancellation {
                prepared(rules, "onCancellation/eventRecord")
            } else {
                []
            }
        attendeeOnCancellation = prepared(
            settings.attendeeOnCancellation,
            "onCancellation/attendee"
        )
        attendeeOnFallback = prepared(settings.fallback.attendee, "onFallback/attendee")
        fallbackRecords = settings.fallback.create.map { record in
            prepared(record.fields, "onFallback/create/\(record.name)")
        }
        onFormSubmitted = prepared(settings.forms.submitted, "onForm/submitted")
        onFormAbandoned = prepared(settings.forms.abandoned, "onForm/abandoned")
        attendeesPath = "\(prefix)eventRecord/standard/attendees"
        standardPaths = StandardField.allCases.map {
            "\(prefix)eventRecord/standard/\($0.name.rawValue)"
        }
    }

    var hasSettings: Bool { revision.settings != nil }

    /// The path of a rule that stands alone.
    func path(_ place: String) -> String { prefix + place }

    /// The path of a standard field.
    func path(of field: StandardField) -> String { standardPaths[field.rawValue] }
}

/// A rule with what is made of it once instead of for every event.
struct PreparedRule: Sendable {
    let rule: FieldRule
    /// Where it stands in the settings document.
    let path: String
    /// The pieces of its template; none where the value comes from elsewhere.
    let pieces: [Template.Piece]

    init(_ rule: FieldRule, path: String) {
        (self.rule, self.path) = (rule, path)
        pieces =
            if case .template(let template) = rule.value { Template.pieces(of: template) } else {
                []
            }
    }
}

/// The fields of an event record that every booking fills.
enum StandardField: Int, CaseIterable {
    case subject
    case start
    case end
    case location
    case description
    case owner

    /// Its name in Salesforce.
    var name: FieldName {
        switch self {
        case .subject: "Subject"
        case .start: "StartDateTime"
        case .end: "EndDateTime"
        case .location: "Location"
        case .description: "Description"
        case .owner: "OwnerId"
        }
    }
}

/// The settings that interpret one event.
public struct Interpretation: Sendable {
    let reading: SettingsReading
    /// Whether they were in force when the event was recorded.
    public var isLive: Bool

    /// What to do.
    public var settings: SyncSettings { reading.settings }

    /// Their version.
    public var version: SettingsVersion { reading.revision.version }

    /// Whose bookings they are for.
    public var scope: SettingsScope { reading.revision.scope }

    /// The path of a rule inside the settings document.
    func path(_ rest: String) -> String { reading.path(rest) }
}
