import Domain
import Projection

/// What all versions of the settings say, and which of them interprets which event.
struct SettingsReading {
    let timeline: SettingsTimeline
    private let revisions: [SettingsRevision]

    init(_ revisions: [SettingsRevision]) {
        timeline = SettingsTimeline(revisions)
        self.revisions = revisions.sorted { $0.version > $1.version }
    }

    /// What was known of the settings at a position.
    func known(at position: LedgerPosition) -> Self {
        Self(revisions.filter { $0.position <= position })
    }

    /// The version that interprets an event, or nil if there are no settings for it.
    func revision(
        for eventType: EventTypeID?,
        occurred: Instant,
        position: LedgerPosition
    ) -> SettingsRevision? {
        let interpretation = timeline.interpretation(
            of: eventType,
            occurred: occurred,
            position: position
        )
        return interpretation.flatMap { found in
            revisions.first { $0.version == found.version }
        }
    }

    /// The places of the newest versions that name a field, by path.
    func places(naming field: FieldName) -> [RulePlace] {
        var seen: Set<SettingsScope> = []
        return revisions.filter { seen.insert($0.scope).inserted }
            .flatMap { $0.places(of: field) }.sorted { $0.path < $1.path }
    }

    /// The scope whose newest settings read bookings of an event type; nil where there are none.
    func scope(of eventType: EventTypeID?) -> SettingsScope? {
        let scopes = [eventType.map(SettingsScope.eventType), .everyEventType].compactMap { $0 }
        return scopes.first { scope in revisions.first { $0.scope == scope }?.settings != nil }
    }
}

extension RecordKind {
    /// Records of this kind, as a sentence names them.
    var inWords: String {
        switch self {
        case .eventRecord: "event records"
        case .person: "attendees' records"
        case .account: "accounts"
        case .fallback: "records of bookings that nobody was routed to"
        }
    }
}

/// A place in the settings that names a field.
struct RulePlace: Hashable {
    /// Whose bookings the settings are for.
    var scope: SettingsScope
    /// Where it stands in them.
    var place: String
    /// What it writes to.
    var kind: RecordKind
    /// The object, of a value that a record gets when it is made.
    var object: ObjectName?

    /// The place in the document, for example `default/onBooking/attendee/LeadSource`.
    var path: String {
        scope == .everyEventType ? "default/\(place)" : "eventTypes/\(scope.name)/\(place)"
    }

    /// The list of rules in which it stands; rules may spell a field in any letter case.
    var list: String {
        guard let end = place.lastIndex(of: "/") else { return place }
        return String(place[..<end])
    }

    /// Whether it is only for records that Daybook makes.
    var isDefault: Bool { object != nil }

    /// Whether it leaves out the guests of a booking.
    var isForBookers: Bool { kind == .person && !isDefault && !place.hasPrefix("onForm/") }
}

extension SettingsRevision {
    /// The places in the document that name a field.
    func places(of field: FieldName) -> [RulePlace] {
        (settings?.places(of: field) ?? []).map { found in
            RulePlace(scope: scope, place: found.path, kind: found.kind, object: found.object)
        }
    }
}
