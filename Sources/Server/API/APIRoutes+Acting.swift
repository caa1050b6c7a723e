import Domain
import Hummingbird
import Journal
import Ledger
import Pipeline

/// What is done, and what it is about.
extension APIRoutes {
    var plans: [Endpoint] {
        [
            .list("/v1/plans") { try await reader.plans(Page($0.request)) },
            .post("/v1/plans") { call in
                let plan = try await needDesk().makePlan(
                    PlanRequest(json: call.body),
                    by: call.actor
                )
                var answer = Answer(plan.json, status: .created, version: plan.version)
                answer.location = "/v1/plans/\(plan.id)"
                return answer
            },
            .get("/v1/plans/{id}", query: ["format"], isPersonal: true) { call in
                let id = try call.part("id")
                guard let plan = try await reader.journal.keptPlan(id) else {
                    throw Problem.missing("plan '\(id.prefix(64))'")
                }
                let json = try await reader.plan(plan, seesPeople: call.seesPeople)
                return Answer(json, version: plan.version)
                    .with(rows: CSVTable.rows(ofOperations: json.list("operations")))
            },
            .post("/v1/plans/{id}/approve") { call in
                let plan = try await needDesk().approve(
                    call.part("id"),
                    version: call.seenVersion(),
                    by: call.actor
                )
                return Answer(plan.json, version: plan.version)
            },
            .post("/v1/plans/{id}/apply") { call in
                let (plan, report) = try await needDesk().apply(
                    call.part("id"),
                    version: call.seenVersion(),
                    allowsLargeChange: call.body.member("allowLargeChange", "true or false", \.bool)
                        ?? false
                )
                return Answer(plan.json(with: report), version: plan.version)
            },
        ]
    }

    var failures: [Endpoint] {
        [
            .list("/v1/failures", query: ["state", "code"]) { call in
                let selection = try FailureSelection(QueryReader(call.request))
                return try await reader.failures(Page(call.request), selection)
            },
            .post("/v1/failures/retry") { call in
                try await act(call) { try await $0.retry($1, actor: call.actor) }
            },
            .post("/v1/failures/ignore") { call in
                try await act(call) { try await $0.ignore($1, actor: call.actor) }
            },
            .post("/v1/failures/bind") { call in
                guard let record = SalesforceID(try call.text("record")) else {
                    throw Problem.invalid("'record' has to be an id of 15 or 18 characters.")
                }
                let bound = try await needDesk().bind(
                    call.text("name"),
                    to: record,
                    by: call.actor
                )
                // The name of the subject, and not what was sent: that may be an address.
                return Answer(
                    .compact([
                        ("name", .string(bound.subject.name)),
                        ("record", .string(record.rawValue)),
                        ("appointments", .integer(bound.appointments)),
                    ])
                )
            },
        ]
    }

    private func act(
        _ call: APICall,
        _ body: (Journal, [OperationID]) async throws -> [OperationID]
    ) async throws -> Answer {
        let given = call.body["names"]?.array ?? []
        let names = given.compactMap(\.string)
        guard !names.isEmpty, names.count == given.count else {
            throw Problem.invalid("Name the failures in 'names', an array of texts.")
        }
        let known = Set(
            try await reader.journal.keptFailures().map { $0.name.parts.operation }
        )
        for name in names where !known.contains(OperationID(name).parts.operation) {
            throw Problem.missing(
                "failure '\(name.prefix(80))'; the list of failures has the names"
            )
        }
        let done = try await body(reader.journal, names.map { OperationID($0) })
        return Answer(.compact([("names", .array(done.map { .string($0.rawValue) }))]))
    }

    var settings: [Endpoint] {
        [
            .get("/v1/settings", query: ["limit", "cursor", "format", "scope"]) { call in
                let scope = try SettingsScope(QueryReader(call.request))
                var answer = Answer(
                    table: try await reader.settings(of: scope, Page(call.request))
                )
                // Of all scopes: that is what a new version has to be made from.
                answer.version = try await reader.journal.settingsRevisions().count
                return answer
            },
            .post("/v1/settings", role: .admin) { call in try await accept(call) },
            .get("/v1/settings/{version}") { call in
                let version = try Self.version(try call.part("version"))
                return try Answer(
                    await reader.settings(version),
                    or: "version \(version) of the settings"
                )
            },
            .get("/v1/settings/{version}/diff", query: ["against", "format"]) { call in
                let version = try Self.version(try call.part("version"))
                let against = try call.parameter("against").map(Self.version)
                let answer = try Answer(
                    await reader.settingsDiff(version, against: against),
                    or: "version \(version) of the settings, or \(against ?? version - 1)"
                )
                return answer.with(rows: answer.json.list("differences"))
            },
        ]
    }

    private static func version(_ text: String) throws(Problem) -> Int {
        guard let version = Int(text), (0...Int(Int32.max)).contains(version) else {
            throw .parameter("version", "the number of a version")
        }
        return version
    }

    private func accept(_ call: APICall) async throws -> Answer {
        guard call.request.headers[.ifMatch] != nil else {
            throw Problem(
                status: .preconditionRequired,
                detail: """
                    Send 'If-Match' with the 'ETag' of /v1/settings, so that nobody's change is \
                    lost.
                    """
            )
        }
        guard let scope = SettingsScope(name: try call.text("scope")) else {
            throw Problem.invalid("'scope' has to be default or the number of an event type.")
        }
        guard let document = call.body["settings"] else {
            throw Problem.invalid("The body needs 'settings', an object.")
        }
        let (revision, findings) = try await needDesk().accept(
            ScopedSettings(scope, try SettingsDocument.decodeSettings(document)),
            validity: try SettingsValidity(call.body["effective"]),
            after: call.seenVersion(),
            by: call.actor
        )
        var answer = Answer(
            .compact([
                ("version", .integer(revision.version.rawValue)),
                ("scope", .string(scope.name)),
                ("findings", .array(findings.map(\.json))),
            ]),
            status: .created,
            version: revision.version.rawValue
        )
        answer.location = "/v1/settings/\(revision.version.rawValue)"
        return answer
    }

    var org: [Endpoint] {
        [
            .list("/v1/drift") { try await reader.drift(Page($0.request)) },
            .post("/v1/drift") { _ in
                let report = try await needDesk().drift()
                return Answer(
                    .object(
                        (try await reader.drift(Page(limit: Page.most)).members ?? []) + [
                            JSON.Member("recordsRead", .integer(report.recordsRead)),
                            JSON.Member("apiCalls", .integer(report.apiCalls)),
                        ]
                    )
                )
            },
            .post("/v1/replays") { call in
                let against: ReplayRequest.Settings =
                    try call.body.member("against", "the number of a version", \.int)
                    .map { ReplayRequest.Settings.version(SettingsVersion($0)) } ?? .inForce
                let compared = try await needDesk().compare(
                    ReplayRequest(json: call.body),
                    against: against
                )
                return Answer(compared.json)
            },
            .get("/v1/routing/owner", role: .operator, query: ["email", "eventType"]) { call in
                Answer(try await owner(call))
            },
        ]
    }

    private func owner(_ call: APICall) async throws -> JSON {
        guard let email = call.parameter("email").flatMap({ EmailAddress($0) }) else {
            throw Problem.parameter("email", "an e-mail address")
        }
        let number = call.parameter("eventType")
        guard number == nil || number.flatMap({ Int($0) }) != nil else {
            throw Problem.parameter("eventType", "the number of an event type")
        }
        let type = number.flatMap { Int($0) }.map(EventTypeID.init)
        return try await needDesk().owner(email, eventType: type).json
    }
}

extension FailureSelection {
    /// Reads `state` and `code`.
    ///
    /// - Throws: ``Problem``.
    init(_ query: QueryReader) throws(Problem) {
        let text = query["state"]
        let state = text.flatMap(KeptFailure.State.init(rawValue:))
        guard text == nil || state != nil else {
            let states = KeptFailure.State.allCases.map(\.rawValue)
            throw .parameter("state", "one of \(states.joined(separator: ", "))")
        }
        self.init(state: state, code: query["code"])
    }
}

extension SettingsScope {
    /// Reads `scope`; nil without it.
    ///
    /// - Throws: ``Problem``.
    init?(_ query: QueryReader) throws(Problem) {
        guard let text = query["scope"] else { return nil }
        guard let scope = SettingsScope(name: text) else {
            throw .parameter("scope", "default or the number of an event type")
        }
        self = scope
    }
}

extension SettingsValidity {
    /// Reads `now` (also when it is absent), `all`, a date or a time.
    ///
    /// - Throws: ``Problem``.
    init(_ json: JSON?) throws(Problem) {
        switch json {
        case nil, .string("now")?: self = .fromNow
        case .string("all")?: self = .allHistory
        case let other?:
            guard let moment = other.string.flatMap({ Instant(dateOrTime: $0) }) else {
                throw .invalid("'effective' has to be now, all, a date or a time in UTC.")
            }
            self = .from(moment)
        }
    }
}
