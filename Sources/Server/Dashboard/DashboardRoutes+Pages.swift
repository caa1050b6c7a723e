import Audit
import Domain
import Hummingbird
import Journal
import Pipeline

/// What each page shows.
extension DashboardRoutes {
    /// Whether Salesforce is in step.
    func overview(_ principal: Principal) async throws -> Renderer.Page {
        let status = try await reader.status()
        let lag = PageParts.lag(status, now: reader.now())
        let runs = try await reader.runs(Page(limit: 8)).list("items").map(PageParts.run)
        return Renderer.Page(
            template: "overview",
            path: "/",
            values: [
                "verdict": PageParts.verdict(status), "steps": PageParts.steps(status),
                "lag": lag, "canAct": canAct(principal),
                "deliveries": PageParts.deliveries(status), "runs": runs,
                "hasRuns": !runs.isEmpty,
            ],
            command: "daybook status",
            json: "/v1/status"
        )
    }

    /// The meetings that there are.
    func bookings(_ page: Page, _ principal: Principal) async throws -> Renderer.Page {
        let list = try await reader.bookings(page)
        let lines = list.list("items")
        let appointments = lines.compactMap { line in
            line["uid"]?.string.flatMap(BookingUID.init).map(AppointmentID.init)
        }
        let summaries = Dictionary(
            try await audit.summaries(of: appointments).map { ($0.appointment.root.rawValue, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let items = lines.map { line -> TemplateValues in
            var values = line.templateValues
            values["occurredText"] = line.moment("occurred")
            guard let summary = summaries[line["uid"]?.string ?? ""] else { return values }
            let status = PageParts.status(summary)
            (values["status"], values["mood"]) = (status.text, status.mood)
            values["title"] = (principal.seesPeople ? summary.title : nil) ?? "Meeting"
            values["when"] = summary.start.map { start in
                let end = summary.end.map { "–\($0.rfc3339.dropFirst(11).prefix(5))" } ?? ""
                return
                    "\(start.rfc3339.prefix(10)) \(start.rfc3339.dropFirst(11).prefix(5))\(end) UTC"
            }
            return values
        }
        return listPage("bookings", "/bookings", items, list, "daybook trace booking UID")
    }

    /// Everything that happened to a meeting.
    func booking(_ uid: BookingUID, _ principal: Principal) async throws -> Renderer.Page {
        guard let story = try await reader.booking(uid, seesPeople: principal.seesPeople) else {
            throw Problem.missing("booking '\(uid.rawValue)' in this ledger")
        }
        return thread(
            story,
            heading: "Booking \(uid.rawValue)",
            back: ("/bookings", "Bookings"),
            command: "daybook trace booking \(uid.rawValue)",
            json: "/v1/bookings/\(uid.rawValue)"
        )
    }

    /// Everything that happened to a record.
    func recordThread(_ id: SalesforceID, _ principal: Principal) async throws -> Renderer.Page {
        guard let story = try await reader.record(id, seesPeople: principal.seesPeople) else {
            throw Problem.missing("record '\(id.rawValue)' in this ledger")
        }
        return thread(
            story,
            heading: "Record \(id.rawValue)",
            back: ("/records/\(id.rawValue)", "Its fields"),
            command: "daybook trace record \(id.rawValue)",
            json: "/v1/records/\(id.rawValue)"
        )
    }

    private func thread(
        _ story: JSON,
        heading: String,
        back: (path: String, name: String),
        command: String,
        json: String
    ) -> Renderer.Page {
        var values = story.templateValues
        values["heading"] = heading
        values["chain"] = PageParts.chain(story.list("uids"))
        values["back"] = ["path": back.path, "name": back.name]
        values["entries"] = story.list("entries").map(PageParts.entry)
        values["hasUids"] = story.list("uids").count > 1
        values["hasRecords"] = !story.list("records").isEmpty
        return Renderer.Page(
            template: "thread",
            path: back.path,
            values: values,
            command: command,
            json: json,
            csv: json + "?format=csv"
        )
    }

    /// The records that stand for something.
    func records(_ page: Page) async throws -> Renderer.Page {
        let list = try await reader.records(page, of: nil)
        return listPage(
            "records",
            "/records",
            list.list("items").map(\.templateValues),
            list,
            "daybook trace record ID"
        )
    }

    /// Why a record looks as it does.
    func record(_ id: SalesforceID, _ principal: Principal) async throws -> Renderer.Page {
        let found = try await reader.explanations(id, seesPeople: principal.seesPeople)
        guard let stories = found?.list("items") else {
            throw Problem.missing("record '\(id.rawValue)' in this ledger")
        }
        let names = stories.compactMap { $0["field"]?.string }.map { FieldName($0) }
        let object = stories.first?["object"]?.string ?? ""
        var values: TemplateValues = [
            "record": id.rawValue, "object": object, "hasFields": !stories.isEmpty,
            "count": "\(stories.count)",
        ]
        let live = try await liveRecord(id, object, names, principal, &values)
        values["fields"] = stories.map { PageParts.field($0, live) }
        return Renderer.Page(
            template: "record",
            path: "/records",
            values: values,
            command: "daybook explain \(id.rawValue)",
            json: "/v1/records/\(id.rawValue)/fields",
            csv: "/v1/records/\(id.rawValue)/fields?format=csv"
        )
    }

    /// What Salesforce says now, or a note why it was not asked.
    private func liveRecord(
        _ id: SalesforceID,
        _ object: String,
        _ names: [FieldName],
        _ principal: Principal,
        _ values: inout TemplateValues
    ) async throws -> LiveRecord? {
        guard principal.seesPeople, let desk, !names.isEmpty else { return nil }
        do {
            let live = try await desk.live(id, ObjectName(object), names)
            if live == nil { values["liveNote"] = "Salesforce shows no such record any more." }
            values["changedBy"] = live?.changedBy
            values["changedText"] = live?.changed?.spoken
            return live
        } catch let error as DeskError {
            values["liveNote"] = "Salesforce was not asked: \(error)"
            return nil
        }
    }

    /// What was done, and when.
    func runs(_ page: Page) async throws -> Renderer.Page {
        let list = try await reader.runs(page)
        return listPage(
            "runs",
            "/runs",
            list.list("items").map(PageParts.run),
            list,
            "daybook events --type run.finished",
            json: "/v1/runs"
        )
    }

    /// What a run decided, and why.
    func run(_ id: String) async throws -> Renderer.Page {
        guard let run = try await reader.run(id) else {
            throw Problem.missing("run '\(id)' in this ledger")
        }
        var values = PageParts.run(run)
        values["plans"] = nil
        PageParts.addOperations(run.list("plans").flatMap { $0.list("operations") }, to: &values)
        return Renderer.Page(
            template: "run",
            path: "/runs",
            values: values,
            command: "daybook plan",
            json: "/v1/runs/\(id)",
            csv: "/v1/runs/\(id)?format=csv"
        )
    }

    /// What is written, and since when: for everything, or for one event type.
    func settings(_ request: Request) async throws -> Renderer.Page {
        let scope = try SettingsScope(QueryReader(request, isForm: true))
        let list = try await reader.settings(of: scope, Page(request))
        var items: [TemplateValues] = []
        for version in list.list("items") {
            let diff = try await reader.settingsDiff(version["version"]?.int ?? 0, against: nil)
            items.append(PageParts.settings(version, diff: diff?.list("differences") ?? []))
        }
        var page = listPage("settings", "/settings", items, list, "daybook settings history")
        let all = Set(try await reader.journal.settingsRevisions().map(\.scope)).sorted()
        page.values["scopes"] = all.map { PageParts.choice($0, chosen: scope) }
        page.values["hasScopes"] = !all.isEmpty
        page.values["isFiltered"] = scope != nil
        page.values["next"] = list["next"]?.string.map {
            PageParts.query([("scope", scope?.name), ("cursor", $0)])
        }
        if let scope {
            page.json = "/v1/settings?scope=\(scope.name)"
            page.csv = "/v1/settings?scope=\(scope.name)&format=csv"
        }
        return page
    }

    /// What is in the ledger.
    func ledger(_ request: Request, _ principal: Principal) async throws -> Renderer.Page {
        let ledger = try await reader.ledger()
        var values = ledger.templateValues
        values["chart"] = PageParts.chart(ledger.list("days"))
        values["hasDays"] = ledger.list("days").contains { $0["count"]?.int != 0 }
        values["types"] = PageParts.bars(
            ledger.list("types").map { ($0["type"]?.string ?? "", $0["count"]?.int ?? 0) }
        )
        values["canVerify"] = principal.token.role >= .operator
        if request.uri.queryParameters["verify"] != nil, principal.token.role >= .operator {
            let report = try await reader.verification()
            values["verified"] = report.templateValues
            values["isSound"] = report["ok"]?.bool == true
            values["isBroken"] = report["ok"]?.bool != true
        }
        return Renderer.Page(
            template: "ledger",
            path: "/ledger",
            values: values,
            command: "daybook ledger verify",
            json: "/v1/ledger",
            csv: "/v1/ledger?format=csv"
        )
    }

    func listPage(
        _ template: String,
        _ path: String,
        _ items: [TemplateValues],
        _ list: JSON,
        _ command: String,
        json: String? = nil
    ) -> Renderer.Page {
        var values: TemplateValues = ["items": items, "hasItems": !items.isEmpty]
        values["next"] = list["next"]?.string
        return Renderer.Page(
            template: template,
            path: path,
            values: values,
            command: command,
            json: json ?? "/v1\(path)",
            csv: (json ?? "/v1\(path)") + "?format=csv"
        )
    }
}
