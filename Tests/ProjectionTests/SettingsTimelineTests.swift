import Domain
import Projection
import Testing

@Suite("Settings time line")
struct SettingsTimelineTests {
    private static let own = SettingsScope.eventType(EventTypeID(1))

    /// A version that can be told by its number.
    private static func version(
        _ number: Int,
        at position: Int,
        _ scope: SettingsScope = .everyEventType,
        _ validity: SettingsValidity = .fromNow,
        removed: Bool = false
    ) -> SettingsRevision {
        .sample(
            removed ? nil : SyncSettings(),
            version: number,
            position: position,
            scope: scope,
            validity: validity
        )
    }

    /// Which version interprets an event of event type 1.
    struct Row: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var versions: [SettingsRevision]
        var eventType: Int? = 1
        var minute: Int
        var position: Int
        var version: Int?
        var isLive = true
    }

    static let rows = [
        Row(testDescription: "no settings", versions: [], minute: 0, position: 5, version: nil),
        Row(
            testDescription: "from now: an event recorded afterwards",
            versions: [version(1, at: 3)],
            minute: 0,
            position: 4,
            version: 1
        ),
        Row(
            testDescription: "from now: an event recorded before",
            versions: [version(1, at: 3)],
            minute: 900,
            position: 2,
            version: nil
        ),
        Row(
            testDescription: "from now: the latest version before the event",
            versions: [version(1, at: 3), version(2, at: 5), version(3, at: 9)],
            minute: 0,
            position: 7,
            version: 2
        ),
        Row(
            testDescription: "from a date: an event at that moment, recorded before",
            versions: [version(1, at: 9, .everyEventType, .from(.minute(60)))],
            minute: 60,
            position: 2,
            version: 1,
            isLive: false
        ),
        Row(
            testDescription: "from a date: an event just before it, recorded afterwards",
            versions: [version(1, at: 3, .everyEventType, .from(.minute(60)))],
            minute: 59,
            position: 9,
            version: nil
        ),
        Row(
            testDescription: "from a date: an event recorded afterwards is live",
            versions: [version(1, at: 3, .everyEventType, .from(.minute(60)))],
            minute: 60,
            position: 9,
            version: 1
        ),
        Row(
            testDescription: "all history: an event recorded before is a replay's",
            versions: [version(1, at: 3), version(2, at: 9, .everyEventType, .allHistory)],
            minute: 0,
            position: 5,
            version: 2,
            isLive: false
        ),
        Row(
            testDescription: "all history: an event recorded afterwards is live",
            versions: [version(2, at: 3, .everyEventType, .allHistory)],
            minute: 0,
            position: 5,
            version: 2
        ),
        Row(
            testDescription: "a later version from now leaves earlier events to the former",
            versions: [version(1, at: 1, .everyEventType, .allHistory), version(2, at: 9)],
            minute: 0,
            position: 5,
            version: 1
        ),
        Row(
            testDescription: "an event type's own before those for all",
            versions: [version(1, at: 1, own), version(2, at: 2)],
            minute: 0,
            position: 5,
            version: 1
        ),
        Row(
            testDescription: "those for all where an event type's own do not apply yet",
            versions: [version(1, at: 9, own), version(2, at: 2)],
            minute: 0,
            position: 5,
            version: 2
        ),
        Row(
            testDescription: "those for all where an event type's own were removed",
            versions: [
                version(1, at: 1, own), version(2, at: 2), version(3, at: 3, own, removed: true),
            ],
            minute: 0,
            position: 5,
            version: 2
        ),
        Row(
            testDescription: "those for all are a replay's where the removal came after the event",
            versions: [
                version(1, at: 1, own), version(2, at: 2),
                version(3, at: 7, own, .allHistory, removed: true),
            ],
            minute: 0,
            position: 5,
            version: 2,
            isLive: false
        ),
        Row(
            testDescription: "an event type's own until they were removed",
            versions: [
                version(1, at: 1, own), version(2, at: 2), version(3, at: 7, own, removed: true),
            ],
            minute: 0,
            position: 5,
            version: 1
        ),
        Row(
            testDescription: "none where the only ones were removed",
            versions: [version(1, at: 1), version(2, at: 3, removed: true)],
            minute: 0,
            position: 5,
            version: nil
        ),
        Row(
            testDescription: "another event type's are not its own",
            versions: [version(1, at: 1, .eventType(EventTypeID(2)))],
            minute: 0,
            position: 5,
            version: nil
        ),
        Row(
            testDescription: "an unknown event type has those for all",
            versions: [version(1, at: 1, own), version(2, at: 2)],
            eventType: nil,
            minute: 0,
            position: 5,
            version: 2
        ),
    ]

    @Test("finds the version that interprets an event", arguments: rows)
    func interpretation(row: Row) {
        for versions in [row.versions, row.versions.reversed()] {
            let found = SettingsTimeline(versions).interpretation(
                of: row.eventType.map(EventTypeID.init),
                occurred: .minute(row.minute),
                position: LedgerPosition(Int64(row.position))
            )
            #expect(found?.version.rawValue == row.version)
            if let found { #expect(found.isLive == row.isLive) }
        }
    }
}
