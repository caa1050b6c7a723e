import Audit
import Domain
import Hummingbird
import Journal
import Ledger
import Pipeline

/// The pages from which people act.
extension DashboardRoutes {
    /// The plans that there are.
    func plans(_ page: Page, _ principal: Principal) async throws -> Renderer.Page {
        let list = try await reader.plans(page)
        var shown = listPage(
            "plans",
            "/plans",
            list.list("items").map(PageParts.plan),
            list,
            "daybook plan"
        )
        shown.values["canAct"] = canAct(principal)
        return shown
    }

    /// What would change, and why.
    func plan(_ id: String, _ principal: Principal) async throws -> Renderer.Page {
        guard let plan = try await reader.journal.keptPlan(id) else {
            throw Problem.missing("plan '\(id.prefix(64))'; plans are kept for 30 days")
        }
        let json = try await reader.plan(plan, seesPeople: principal.seesPeople)
        var values = PageParts.plan(json)
        PageParts.addOperations(json.list("operations"), to: &values)
        let isOpen = plan.state != .applied && reader.now() <= plan.expires
        values["canApply"] = canAct(principal) && isOpen && values["hasWrites"] as? Bool == true
        values["isEmpty"] = values["hasWrites"] as? Bool == false
        return Renderer.Page(
            template: "plan",
            path: "/plans",
            values: values,
            command: "daybook plan",
            json: "/v1/plans/\(id)",
            csv: "/v1/plans/\(id)?format=csv"
        )
    }

    /// What others changed in what Daybook wrote.
    func drift(_ page: Page, _ principal: Principal) async throws -> Renderer.Page {
        let list = try await reader.drift(page)
        let items = list.list("items").map { item -> TemplateValues in
            var values = item.templateValues
            (values["afterText"], values["untilText"]) = (
                item.moment("after"), item.moment("until")
            )
            values["canAct"] = canAct(principal)
            values["formKey"] = principal.formKey
            return values
        }
        var page = listPage("drift", "/drift", items, list, "daybook drift")
        page.values["looked"] = list["looked"]?.bool
        page.values["canAct"] = canAct(principal)
        let count = list["count"]?.int ?? 0
        page.values["count"] = "\(count)"
        page.values["isOne"] = count == 1
        page.values["objects"] = PageParts.bars(
            list.list("fields").map { ($0["field"]?.string ?? "", $0["count"]?.int ?? 0) }
        )
        return page
    }

    /// What failed, and what is to be done.
    func failures(_ request: Request, _ principal: Principal) async throws -> Renderer.Page {
        let selection = try FailureSelection(QueryReader(request, isForm: true))
        let list = try await reader.failures(Page(request), selection)
        // What follows by itself comes last.
        let failures = list.list("items").filter { $0["category"]?.string != "awaiting" }
        let following = list.list("items").filter { $0["category"]?.string == "awaiting" }
        var page = listPage(
            "failures",
            "/failures",
            (failures + following).map { PageParts.failure($0, principal) },
            list,
            "daybook failures list",
            json: "/v1/failures"
        )
        let count = try await reader.journal.failureCount(selection)
        page.values["count"] = "\(count)"
        page.values["isOne"] = count == 1
        page.values["isFiltered"] = selection != FailureSelection()
        page.values["hasFilter"] = count > 0 || selection != FailureSelection()
        page.values["states"] = PageParts.states(chosen: selection.state)
        page.values["code"] = selection.code
        page.values["next"] = list["next"]?.string.map {
            PageParts.query([
                ("state", selection.state?.rawValue), ("code", selection.code), ("cursor", $0),
            ])
        }
        return page
    }

    /// In what other settings would have had other outcomes.
    func replay(_ request: Request) async throws -> Renderer.Page {
        let revisions = try await reader.settings(of: nil).list("items")
        let query = request.uri.queryParameters
        let chosen = query["version"].flatMap { Int($0) }
        let against = query["against"].flatMap { Int($0) }
        var values: TemplateValues = [
            "hasVersions": !revisions.isEmpty,
            "versions": PageParts.choices(revisions, chosen: chosen),
            "againsts": PageParts.choices(revisions, chosen: against),
            "since": query["since"].map(String.init) ?? "",
        ]
        if let chosen, let desk {
            let json = JSON.compact([
                ("version", .integer(chosen)),
                ("since", query["since"].flatMap { $0.isEmpty ? nil : .string(String($0)) }),
            ])
            let compared = try await desk.compare(
                ReplayRequest(json: json),
                against: against.map { ReplayRequest.Settings.version(SettingsVersion($0)) }
                    ?? .inForce
            )
            values["result"] = PageParts.comparison(compared.json)
        }
        let other = against.map { "\($0)" } ?? "now"
        return Renderer.Page(
            template: "replay",
            path: "/replay",
            values: values,
            command:
                "daybook replay --settings \(chosen.map(String.init) ?? "VERSION") --against \(other)"
        )
    }

    /// What the ledger knows of a person, and who looked.
    func privacy(_ email: String?, _ principal: Principal) async throws -> Renderer.Page {
        var values: TemplateValues = ["canAct": principal.token.role >= .operator]
        if let email { try await look(for: email, &values) }
        let end = try await reader.journal.head().position
        var accesses: [JSON] = []
        for type in ["access.noted", "person.disclosed", "person.erased"] {
            let start = LedgerPosition(max(Int64(0), Int64(end) - 2_000))
            accesses += try await audit.events(after: start, limit: 2_000, type: type).map(\.json)
        }
        accesses.sort { ($0["position"]?.int ?? 0) > ($1["position"]?.int ?? 0) }
        let shown = accesses.prefix(25).map(PageParts.access)
        (values["accesses"], values["hasAccesses"]) = (shown, !shown.isEmpty)
        return Renderer.Page(
            template: "privacy",
            path: "/privacy",
            values: values,
            command: "daybook privacy find EMAIL",
            json: "/v1/events?type=access.noted",
            csv: "/v1/events?type=access.noted&format=csv"
        )
    }

    private func look(for text: String, _ values: inout TemplateValues) async throws {
        guard let email = EmailAddress(text.trimmingWhitespace()),
            let (person, erased) = try await reader.journal.personEver(email)
        else {
            values["nobody"] = true
            return
        }
        let json = try await reader.person(person, seesPeople: false) ?? .null
        let (meetings, records) = (json.list("appointments"), json.list("records"))
        var found: TemplateValues = [
            "person": person.rawValue, "appointments": meetings.compactMap(\.string),
            "meetings": "\(meetings.count)", "records": records.map(\.templateValues),
            "recordCount": "\(records.count)",
        ]
        found["erased"] = erased.map { "\($0.rawValue)" }
        values["found"] = found
    }

    func canAct(_ principal: Principal) -> Bool {
        desk != nil && principal.token.role >= .operator
    }
}
