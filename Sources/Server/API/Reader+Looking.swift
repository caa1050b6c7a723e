import Audit
import Domain
import HTTPTypes
import Journal
import Ledger
import Pipeline

/// The past, people, plans and what else is looked up one at a time.
extension Reader {
    /// Records a call that changes something or shows personal data; others leave no trace.
    ///
    /// - Throws: `LedgerError`; then the call must not go on.
    func note(_ principal: Principal?, _ endpoint: Endpoint, subject: String?) async throws {
        let isPersonal = endpoint.isPersonal && principal?.seesPeople == true
        guard let principal, isPersonal || endpoint.method == .post else { return }
        try await journal.note(
            AccessNote(
                token: principal.token.id,
                method: endpoint.method.rawValue,
                route: endpoint.path,
                subject: subject,
                isPersonal: isPersonal
            )
        )
    }

    // MARK: The past

    /// What a booking called for, from a point of view.
    func state(ofBooking uid: BookingUID, _ view: AsOf) async throws -> JSON {
        try await Audit(journal: journal).state(ofBooking: uid, view, now: now()).json
    }

    /// What the subject of a record called for, from a point of view.
    func state(ofRecord id: SalesforceID, _ view: AsOf) async throws -> JSON {
        try await Audit(journal: journal).state(ofRecord: id, view, now: now()).json
    }

    /// The proof that an event is in the ledger.
    func proof(of position: Int64) async throws -> JSON {
        let ledger = journal.ledger
        if ledger.setBack == nil { try await ledger.makeCheckpoint() }
        var (proof, leaf) = try await ledger.prove(position)
        proof.extra = leaf
        return .compact([("position", .integer(position)), ("proof", .string(proof.text))])
    }

    /// Whether the ledger fits together, every hash of it recomputed.
    func verification() async throws -> JSON {
        async let deliveries = journal.verifyDeliveries()
        let report = try await journal.ledger.verify()
        let problems = report.problems + (try await deliveries)
        return .compact([
            ("ok", .bool(problems.isEmpty)), ("events", .integer(report.events)),
            ("root", .string(report.root.description)),
            ("problems", .array(problems.map(JSON.string))),
        ])
    }

    // MARK: People

    /// People by their surrogates.
    func people(_ page: Page) async throws -> JSON {
        let people = try await journal.people(after: page.cursor, limit: page.limit)
        return page.json(
            people.map { .compact([("person", .string($0))]) },
            next: people.last
        )
    }

    /// A person; nil for an unknown one.
    ///
    /// What is sealed about them is for who sees people.
    func person(_ person: PersonID, seesPeople: Bool) async throws -> JSON? {
        let appointments = try await journal.appointments(of: person)
        let links = try await journal.links(ofPerson: person)
        guard !appointments.isEmpty || !links.isEmpty else { return nil }
        let parts = seesPeople ? try await journal.disclosure(of: person) : nil
        return .compact([
            ("person", .string(person.rawValue)),
            ("appointments", .array(appointments.map { .string($0.root.rawValue) })),
            (
                "records",
                .array(
                    links.map { link in
                        .compact([
                            ("object", .string(link.object.rawValue)),
                            ("record", .string(link.record.rawValue)),
                            ("state", .string(link.state.rawValue)),
                        ])
                    }
                )
            ),
            ("parts", parts.map(JSON.array)),
        ])
    }

    // MARK: Plans

    /// Kept plans, the newest first.
    func plans(_ page: Page) async throws -> JSON {
        let number = try page.position()?.rawValue
        let plans = try await journal.keptPlans(before: number, limit: page.limit)
        return page.json(plans.map(\.json), next: plans.last.map { String($0.number) })
    }

    /// A plan with its operations, and with values that come from people for who may see them.
    func plan(_ plan: KeptPlan, seesPeople: Bool) async throws -> JSON {
        var document = plan.document
        if seesPeople, let desk { document = await desk.revealed(plan) }
        return .object(
            (plan.json.members ?? []) + [JSON.Member("operations", document["operations"] ?? .null)]
        )
    }

    // MARK: Settings

    /// A version of the settings; nil for an unknown one.
    func settings(_ version: Int) async throws -> JSON? {
        let all = try await settings(of: nil)
        return all.list("items").first { $0["version"]?.int == version }
    }

    /// In what two versions differ, each standing for all settings as they stood then; nil for an
    /// unknown version.
    func settingsDiff(_ version: Int, against other: Int?) async throws -> JSON? {
        let revisions = try await journal.settingsRevisions()
        let other = other ?? max(version - 1, 0)
        guard (0...revisions.count).contains(version), (0...revisions.count).contains(other) else {
            return nil
        }
        func snapshot(_ last: Int) -> [SettingsScope: SyncSettings] {
            var settings: [SettingsScope: SyncSettings] = [:]
            for revision in revisions where revision.version.rawValue <= last {
                settings[revision.scope] = revision.settings
            }
            return settings
        }
        let (old, new) = (snapshot(other), snapshot(version))
        let found = Set(old.keys).union(new.keys).sorted().flatMap { scope in
            SettingsDifference.between(old[scope], new[scope]).map { place in
                JSON.compact([
                    ("scope", .string(scope.name)), ("path", .string(place.path)),
                    ("before", place.before ?? .null), ("after", place.after ?? .null),
                ])
            }
        }
        return .compact([
            ("version", .integer(version)), ("against", .integer(other)),
            ("differences", .array(found)),
        ])
    }

    // MARK: Drift

    /// What the last look for drift found, by record and field.
    func drift(_ page: Page) async throws -> JSON {
        let sweep = try await journal.lastDriftSweep()
        let open = (sweep?.open ?? []).sorted { $0.place < $1.place }
        let rest = page.cursor.map { last in open.drop { $0.place <= last } } ?? open[...]
        let shown = rest.prefix(page.limit)
        let counts = Dictionary(grouping: open, by: \.field).mapValues(\.count)
        let fields = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { entry in
            JSON.compact([
                ("field", .string(entry.key.rawValue)), ("count", .integer(entry.value)),
            ])
        }
        return .object(
            [
                JSON.Member("looked", .bool(sweep != nil)),
                JSON.Member("count", .integer(open.count)),
                JSON.Member("fields", .array(fields)),
            ] + (page.json(shown.map(\.json), next: shown.last?.place).members ?? [])
        )
    }
}

extension DriftEntry {
    /// Where it is, as plans that put it back name it.
    fileprivate var place: String { "\(record.rawValue)/\(field.rawValue)" }

    /// The entry as one object; names are those of fields and users' ids, no values.
    fileprivate var json: JSON {
        .compact([
            ("object", .string(object.rawValue)), ("record", .string(record.rawValue)),
            ("field", .string(field.rawValue)), ("by", by.map { .string($0.rawValue) }),
            ("after", after.map { .string($0.rfc3339) }),
            ("until", until.map { .string($0.rfc3339) }),
        ])
    }
}
