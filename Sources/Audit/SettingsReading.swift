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

/// The kinds of records for which settings have rules.
enum RecordKind: Hashable {
    case eventRecord
    case person
    case account
    /// One that tells of a booking nobody was routed to, by its name in the settings.
    case fallback(String)

    init(_ subject: RecordSubject) {
        switch subject {
        case .event: self = .eventRecord
        case .person: self = .person
        case .account: self = .account
        case .fallback(_, let name): self = .fallback(name)
        }
    }

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

    /// Whether it is only for records that Daybook makes.
    var isDefault: Bool { object != nil }

    /// Whether it leaves out the guests of a booking.
    var isForBookers: Bool { kind == .person && !isDefault && !place.hasPrefix("onForm/") }
}

extension SettingsRevision {
    /// The places in the document that name a field.
    func places(of field: FieldName) -> [RulePlace] {
        (settings?.places(of: field) ?? []).map { place, kind, object in
            RulePlace(scope: scope, place: place, kind: kind, object: object)
        }
    }
}

extension SyncSettings {
    fileprivate typealias Place = (place: String, kind: RecordKind, object: ObjectName?)
    private typealias RuleList = (place: String, kind: RecordKind, rules: [FieldRule])

    fileprivate func places(of field: FieldName) -> [Place] {
        let ruled = ruleLists.flatMap { list -> [Place] in
            list.rules.filter { $0.field.isSame(as: field) }
                .map { rule -> Place in ("\(list.place)/\(rule.field.rawValue)", list.kind, nil) }
        }
        return ruled + singlePlaces(of: field) + defaultPlaces(of: field)
    }

    /// The lists of rules, with what they write to.
    private var ruleLists: [RuleList] {
        var lists: [RuleList] = [
            ("onBooking/eventRecord", .eventRecord, eventRecordOnBooking),
            ("onBooking/attendee", .person, attendeeOnBooking),
            ("onBooking/account", .account, accountOnBooking),
            ("onCancellation/attendee", .person, attendeeOnCancellation),
            ("onFallback/attendee", .person, fallback.attendee),
            ("onForm/submitted", .person, forms.submitted),
            ("onForm/abandoned", .person, forms.abandoned),
        ]
        lists += fallback.create.map { record -> RuleList in
            ("onFallback/create/\(record.name)", .fallback(record.name), record.fields)
        }
        if case .keep(let kept) = onCancellation {
            lists.append(("onCancellation/eventRecord", .eventRecord, kept))
        }
        return lists
    }

    /// The settings that stand alone and write one field.
    private func singlePlaces(of field: FieldName) -> [Place] {
        var places: [Place] = []
        if noShowField?.isSame(as: field) == true { places.append(("noShow", .eventRecord, nil)) }
        guard field.isSame(as: "OwnerId") else { return places }
        if ownerChange != nil { places.append(("ownerChange", .person, nil)) }
        if accountOwnerChange != nil { places.append(("accountOwnerChange", .account, nil)) }
        return places
    }

    /// The values that created records get.
    private func defaultPlaces(of field: FieldName) -> [Place] {
        creationDefaults.sorted { $0.key < $1.key }.flatMap { object, values -> [Place] in
            guard values.keys.contains(where: { $0.isSame(as: field) }) else { return [] }
            return kinds(of: object).map { kind -> Place in ("creationDefaults", kind, object) }
        }
    }

    /// What records of an object can be made for.
    private func kinds(of object: ObjectName) -> [RecordKind] {
        let fallbacks = fallback.create.filter { $0.object == object }
            .map { RecordKind.fallback($0.name) }
        switch object {
        case .eventRecord: return [.eventRecord] + fallbacks
        case .contact, .lead: return [.person] + fallbacks
        default: return fallbacks
        }
    }
}

extension FieldName {
    /// Whether both name one field: Salesforce does not tell the cases of letters apart.
    func isSame(as other: FieldName) -> Bool {
        rawValue.lowercased() == other.rawValue.lowercased()
    }
}
