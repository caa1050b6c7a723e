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
