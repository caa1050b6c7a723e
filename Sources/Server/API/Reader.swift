import Audit
import Domain
import Journal
import Ledger
import Pipeline

/// What API and dashboard read: the ledger, and how the scheduler stands.
///
/// Everything comes as JSON of the shape that `Schemas/http/openapi.json` describes, so that a page
/// shows the same numbers as a script reads.
struct Reader: Sendable {
    let journal: Journal
    /// Remembers plans with the values that come from people; nil where nothing can be done.
    let desk: ServiceDesk?
    let sync: @Sendable () async -> SchedulerBoard.Reading?
    let now: @Sendable () -> Instant

    private var audit: Audit { Audit(journal: journal) }

    /// Where everything stands.
    func status() async throws -> JSON {
        let head = try await journal.head()
        let counts = try await journal.deliveryCounts()
        let linked = try await journal.linkedCounts()
        return .compact([
            (
                "ledger",
                .compact([
                    ("position", .integer(head.position)),
                    ("root", .string(head.root.description)),
                ])
            ),
            (
                "deliveries",
                .compact(
                    DeliveryVerdict.allCases.map { ($0.rawValue, .integer(counts[$0, default: 0])) }
                )
            ),
            ("appointments", .integer(try await journal.appointmentCount())),
            ("waiting", .integer(try await journal.dirtyCount())),
            ("waitingSince", (try await journal.oldestWaiting()).map { .string($0.rfc3339) }),
            ("failures", .integer(try await journal.failureCount())),
            ("unknownOutcomes", .integer(try await journal.openIntents().count)),
            (
                "records",
                .compact(
                    linked.sorted { $0.key < $1.key }.map { ($0.key.rawValue, .integer($0.value)) }
                )
            ),
            ("org", (try await journal.connectedOrg()).map(JSON.string)),
            ("sync", await sync()?.json),
        ])
    }

    /// Appointments, the newest first.
    func bookings(_ page: Page) async throws -> JSON {
        let lines = try await journal.appointments(before: page.position(), limit: page.limit)
        return page.json(
            lines.map { line in
                .compact([
                    ("uid", .string(line.appointment.root.rawValue)),
                    ("newest", .integer(line.newest.rawValue)),
                    ("occurred", .string(line.occurred.rfc3339)),
                    ("waiting", .bool(line.isWaiting)),
                ])
            },
            next: lines.last.map { String($0.newest.rawValue) }
        )
    }

    /// The story of a booking; nil for an unknown one.
    func booking(_ uid: BookingUID, seesPeople: Bool) async throws -> JSON? {
        do {
            return masked(try await audit.trace(booking: uid), seesPeople)
        } catch AuditError.unknownBooking {
            return nil
        }
    }

    /// The story of a record; nil for an unknown one.
    func record(_ id: SalesforceID, seesPeople: Bool) async throws -> JSON? {
        do {
            return masked(try await audit.trace(record: id), seesPeople)
        } catch AuditError.unknownRecord {
            return nil
        }
    }

    private func masked(_ report: TraceReport, _ seesPeople: Bool) -> JSON {
        var report = report
        if !seesPeople {
            for index in report.entries.indices where report.entries[index].isPersonal {
                report.entries[index].text = Self.mask
            }
        }
        return report.json
    }

    /// What stands where a viewer may not see people's data.
    static let mask = "(hidden: this needs the role 'operator')"

    /// Why a field is what it is; nil for an unknown record.
    func explanation(
        _ id: SalesforceID,
        _ field: FieldName,
        seesPeople: Bool
    ) async throws -> JSON? {
        do {
            var story = try await audit.explain(record: id, field: field, live: nil as JSON?)
            if !seesPeople {
                let hidden = JSON.string(Self.mask)
                (story.value, story.seen) = (
                    story.value.map { _ in hidden }, story.seen.map { _ in hidden }
                )
                story.before = story.before.map { _ in hidden }
            }
            return story.json
        } catch AuditError.unknownRecord {
            return nil
        }
    }

    /// Why each field of a record is what it is that Daybook has something to do with; nil for an
    /// unknown record.
    func explanations(_ id: SalesforceID, seesPeople: Bool) async throws -> JSON? {
        var stories: [JSON] = []
        for name in try await fields(of: id) {
            let story = try await explanation(id, name, seesPeople: seesPeople)
            if let story { stories.append(story) }
        }
        if stories.isEmpty, try await record(id, seesPeople: false) == nil { return nil }
        return .compact([("items", .array(stories))])
    }

    /// The fields that Daybook has something to do with on a record.
    func fields(of id: SalesforceID) async throws -> [FieldName] {
        let claims = try await journal.claims(on: [id])[id] ?? [:]
        return claims.keys.sorted()
    }

    /// Linked records, those linked last first.
    func records(_ page: Page, of object: ObjectName?) async throws -> JSON {
        let lines = try await journal.records(
            of: object,
            before: page.position(),
            limit: page.limit
        )
        return page.json(
            lines.map { line in
                .compact([
                    ("record", .string(line.link.record.rawValue)),
                    ("object", .string(line.link.object.rawValue)),
                    ("subject", .string(line.link.subject.name)),
                    ("ours", .bool(line.link.isOurs)),
                    ("state", .string(line.link.state.rawValue)),
                    ("linkedAt", .integer(line.position.rawValue)),
                ])
            },
            next: lines.last.map { String($0.position.rawValue) }
        )
    }

    /// Events in the order of the ledger, without personal data.
    func events(_ page: Page, type: String?) async throws -> JSON {
        let lines = try await audit.events(
            after: page.position() ?? .start,
            limit: page.limit,
            type: type
        )
        return page.json(lines.map(\.json), next: lines.last.map { String($0.position.rawValue) })
    }

    /// Runs, the newest first.
    func runs(_ page: Page) async throws -> JSON {
        let runs = try await journal.runs(before: page.cursor, limit: page.limit)
        return page.json(runs.map(\.json), next: runs.last?.id)
    }

    /// A run with its plan; nil for an unknown one.
    func run(_ id: String) async throws -> JSON? {
        guard let (run, plans) = try await journal.run(id) else { return nil }
        return .object((run.json.members ?? []) + [JSON.Member("plans", .array(plans))])
    }

    /// What did not go as it should, with its cause and remedy, by name.
    func failures(
        _ page: Page,
        _ selection: FailureSelection = FailureSelection()
    ) async throws -> JSON {
        let shown = try await journal.failures(
            selection,
            after: page.cursor.map { OperationID($0) },
            limit: page.limit
        )
        return page.json(shown.map(\.json), next: shown.last?.name.rawValue)
    }

    /// Every version of the settings, the newest first.
    ///
    /// - Parameters:
    ///   - scope: Only versions for this; nil for all.
    ///   - page: Which part of them; nil for all.
    /// - Returns: The versions, as `items`.
    /// - Throws: `LedgerError`, or a problem with the page's cursor.
    func settings(of scope: SettingsScope?, _ page: Page? = nil) async throws -> JSON {
        let newest = try page?.position()?.rawValue ?? .max
        let revisions = try await journal.settingsRevisions().reversed().filter { revision in
            (scope.map { $0 == revision.scope } ?? true)
                && Int64(revision.version.rawValue) < newest
        }
        guard let page else { return .compact([("items", .array(revisions.map(\.json)))]) }
        let shown = revisions.prefix(page.limit)
        let last = shown.last.map { String($0.version.rawValue) }
        return page.json(shown.map(\.json), next: last)
    }

    /// How the ledger is made up.
    func ledger() async throws -> JSON {
        let head = try await journal.head()
        return .compact([
            ("position", .integer(head.position)),
            ("root", .string(head.root.description)),
            (
                "types",
                .array(
                    try await journal.eventTypeCounts().map {
                        .compact([("type", .string($0.type)), ("count", .integer($0.count))])
                    }
                )
            ),
            ("days", .array(try await days())),
        ])
    }

    /// How many days ``ledger()`` tells of, today included.
    private static let dayCount: Int64 = 30

    /// The events of each day; one without any is a day, too, or a gap would look like none.
    private func days() async throws -> [JSON] {
        let length: Int64 = 86_400_000
        let today = now().milliseconds / length
        let start = today - Self.dayCount + 1
        let found = try await journal.eventsPerDay(since: Instant(milliseconds: start * length))
        let counts = Dictionary(
            found.map { ($0.day.milliseconds / length, $0.count) },
            uniquingKeysWith: +
        )
        return (start...today).map { day in
            .compact([
                ("day", .string(String(Instant(milliseconds: day * length).rfc3339.prefix(10)))),
                ("count", .integer(counts[day, default: 0])),
            ])
        }
    }
}

extension RunLine {
    /// The run as one object.
    fileprivate var json: JSON {
        .compact([
            ("run", .string(id)), ("started", .string(started.rfc3339)),
            ("finished", finished.map { .string($0.rfc3339) }), ("state", .string(state)),
            ("summary", summary),
        ])
    }
}

extension SettingsRevision {
    /// The version as one object.
    fileprivate var json: JSON {
        .compact([
            ("version", .integer(version.rawValue)), ("scope", .string(scope.name)),
            ("recorded", .string(recorded.rfc3339)), ("position", .integer(position.rawValue)),
            ("validity", .string(validity.words)),
            ("settings", settings.map { SettingsDocument.encode($0) } ?? .null),
        ])
    }
}

extension SettingsValidity {
    /// To which events it applies, in words.
    fileprivate var words: String {
        switch self {
        case .fromNow: "events recorded after it"
        case .from(let date): "events that occurred since \(date.rfc3339Seconds)"
        case .allHistory: "all events"
        }
    }
}
