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

    /// The rules of the newest versions that name a field, by path.
    func rules(naming field: FieldName) -> [String] {
        var seen: Set<SettingsScope> = []
        return revisions.filter { seen.insert($0.scope).inserted }.flatMap { revision in
            (revision.settings?.places(of: field) ?? []).map { place in
                revision.scope == .everyEventType
                    ? "default/\(place)" : "eventTypes/\(revision.scope.name)/\(place)"
            }
        }.sorted()
    }
}

extension SyncSettings {
    /// The places in the document that name a field.
    fileprivate func places(of field: FieldName) -> [String] {
        var rules = [
            ("onBooking/eventRecord", eventRecordOnBooking),
            ("onBooking/attendee", attendeeOnBooking),
            ("onBooking/account", accountOnBooking),
            ("onCancellation/attendee", attendeeOnCancellation),
            ("onFallback/attendee", fallback.attendee),
            ("onForm/submitted", forms.submitted),
            ("onForm/abandoned", forms.abandoned),
        ]
        rules += fallback.create.map { ("onFallback/create/\($0.name)", $0.fields) }
        if case .keep(let kept) = onCancellation {
            rules.append(("onCancellation/eventRecord", kept))
        }
        var places = rules.flatMap { place, rules in
            rules.filter { $0.field.isSame(as: field) }.map { "\(place)/\($0.field.rawValue)" }
        }
        if noShowField?.isSame(as: field) == true { places.append("noShow") }
        if ownerChange != nil, field.isSame(as: "OwnerId") { places.append("ownerChange") }
        if accountOwnerChange != nil, field.isSame(as: "OwnerId") {
            places.append("accountOwnerChange")
        }
        let hasDefault = creationDefaults.values.contains { values in
            values.keys.contains { $0.isSame(as: field) }
        }
        return hasDefault ? places + ["creationDefaults"] : places
    }
}

extension FieldName {
    /// Whether both name one field: Salesforce does not tell the cases of letters apart.
    func isSame(as other: FieldName) -> Bool {
        rawValue.lowercased() == other.rawValue.lowercased()
    }
}
