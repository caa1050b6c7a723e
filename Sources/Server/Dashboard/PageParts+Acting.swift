import Domain
import Foundation
import Journal
import Pipeline

/// What the pages show from which people act.
extension PageParts {
    /// The most operations that a page shows.
    static let mostOperations = 200

    /// A plan with its words and counts.
    static func plan(_ plan: JSON) -> TemplateValues {
        var values = plan.templateValues
        let state = plan["state"]?.string ?? ""
        values["operations"] = nil
        values["mood"] = state == "applied" ? "good" : state == "proposed" ? "" : "wait"
        values["createdText"] = plan.moment("created")
        values["expiresText"] = plan.moment("expires")
        values["short"] = plan["id"]?.string.map { String($0.prefix(10)) }
        values["basisText"] = words(ofBasis: plan["basis"]?.string ?? "")
        let counts = ["create", "update", "delete", "hold"].map { name in
            (name: name, count: plan["summary"]?[name]?.int ?? 0)
        }
        values["counts"] = counts.map { kind -> TemplateValues in
            [
                "name": kind.name, "count": "\(kind.count)", "word": word(of: kind.name),
                "isZero": kind.count == 0,
            ]
        }
        let writes = counts.dropLast().reduce(0) { $0 + $1.count }
        values["hasWrites"] = writes > 0
        values["writes"] = "\(writes)"
        values["writeWord"] = writes == 1 ? "write" : "writes"
        let calls = (plan["cost"]?["reads"]?.int ?? 0) + (plan["cost"]?["writes"]?.int ?? 0)
        (values["calls"], values["callWord"]) = ("\(calls)", calls == 1 ? "API call" : "API calls")
        values["avoided"] = "\(plan["summary"]?["writesAvoided"]?.int ?? 0)"
        return values
    }

    private static func word(of kind: String) -> String {
        ["create": "to create", "update": "to update", "delete": "to delete", "hold": "held"][kind]
            ?? kind
    }

    private static func words(ofBasis basis: String) -> String {
        switch basis {
        case "replay": "history, read by other settings"
        case "adopt": "drift, to be taken over"
        case "revert": "drift, to be put back"
        case "undo": "a run, to be undone"
        default: "what is new"
        }
    }

    /// Operations as differences: those that do something first.
    static func addOperations(_ operations: [JSON], to values: inout TemplateValues) {
        let order = ["create", "update", "delete", "hold"]
        let shown = operations.filter { order.contains($0["kind"]?.string ?? "") }
            .enumerated().sorted { left, right in
                func rank(_ json: JSON) -> Int {
                    order.firstIndex(of: json["kind"]?.string ?? "") ?? order.count
                }
                return (rank(left.element), left.offset) < (rank(right.element), right.offset)
            }.map(\.element)
        values["operations"] = shown.prefix(mostOperations).map(operation)
        values["hasOperations"] = !shown.isEmpty
        values["isCut"] = shown.count > mostOperations
        (values["shown"], values["total"]) = ("\(mostOperations)", "\(shown.count)")
    }

    /// A field of a record: what stands there, what is wanted, who wrote it, and why.
    static func field(_ story: JSON, _ live: LiveRecord?) -> TemplateValues {
        var values = story.templateValues
        let name = story["field"]?.string ?? ""
        let wanted = (story["value"] ?? .null).reading
        values["value"] = wanted
        values["before"] = (story["before"] ?? .null).reading
        values["writtenText"] = story.moment("written")
        values["shortRun"] = story["run"]?.string.map { String($0.prefix(8)) }
        if let now = live?.values[FieldName(name)]?.reading {
            values["now"] = now
            let seen = (story["seen"] ?? story["value"] ?? .null).reading
            // The API writes the same moment in two ways.
            values["isMoved"] = ![wanted, seen].contains { $0.sameZone == now.sameZone }
        }
        return values
    }

    /// A failure with its words, and what may be done about it.
    static func failure(_ failure: JSON, _ principal: Principal) -> TemplateValues {
        var values = failure.templateValues
        let fields = failure.list("fields").compactMap(\.string)
        values["fieldList"] = fields.joined(separator: ", ")
        values["hasFields"] = !fields.isEmpty
        values["nextTryText"] = failure.moment("nextTry")
        values["sinceText"] = failure.moment("since")
        values["mood"] = mood(ofFailure: failure["state"]?.string ?? "")
        values["isIgnored"] = failure["state"]?.string == "ignored"
        let canAct = principal.token.role >= .operator
        let candidates = canAct ? failure.list("candidates").compactMap(\.string) : []
        values["hasCandidates"] = !candidates.isEmpty
        values["candidates"] = candidates.map { record in
            ["record": record, "name": failure["name"]?.string, "formKey": principal.formKey]
                .compactMapValues { $0 } as TemplateValues
        }
        values["tries"] = failure["attempts"]?.int == 1 ? "once" : nil
        values["canAct"] = canAct
        values["formKey"] = principal.formKey
        return values
    }

    /// States of failures to choose from.
    static func states(chosen: KeptFailure.State?) -> [TemplateValues] {
        KeptFailure.State.allCases.map { ["name": $0.rawValue, "isChosen": $0 == chosen] }
    }

    /// What needs no escape in a query; names of operations hold '#', which would end it.
    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/"
    )

    /// A query of an address, without what is not there.
    static func query(_ parts: [(name: String, value: String?)]) -> String {
        parts.compactMap { part in
            part.value?.addingPercentEncoding(withAllowedCharacters: plain)
                .map { "\(part.name)=\($0)" }
        }.joined(separator: "&")
    }

    /// The colour of a failure.
    private static func mood(ofFailure state: String) -> String {
        switch state {
        case "ignored": ""
        case "waiting", "unclear": "wait"
        default: "bad"
        }
    }

    /// A version of the settings with what it changed.
    static func settings(_ version: JSON, diff: [JSON]) -> TemplateValues {
        var values = version.templateValues
        values["scopeText"] = words(ofScope: version["scope"]?.string ?? "")
        values["recordedText"] = version.moment("recorded")
        values["settings"] = nil
        values["text"] = version["settings"].flatMap { $0 == .null ? nil : $0.prettyText }
        values["changes"] = diff.map { place -> TemplateValues in
            let (before, after) = (place["before"] ?? .null, place["after"] ?? .null)
            return [
                "path": place["path"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? "(all)",
                "from": before == .null ? nil : before.short,
                "to": after == .null ? nil : after.short,
            ].compactMapValues { $0 }
        }
        values["hasChanges"] = !diff.isEmpty
        values["changeCount"] = diff.count == 1 ? "1 change" : "\(diff.count) changes"
        return values
    }

    /// A scope to choose.
    static func choice(_ scope: SettingsScope, chosen: SettingsScope?) -> TemplateValues {
        ["name": scope.name, "label": words(ofScope: scope.name), "isChosen": scope == chosen]
    }

    private static func words(ofScope name: String) -> String {
        name == "default" ? "all other event types" : "event type \(name)"
    }

    /// Versions to choose from.
    static func choices(_ versions: [JSON], chosen: Int?) -> [TemplateValues] {
        versions.map { version in
            let number = version["version"]?.int ?? 0
            let scope = version["scope"]?.string ?? ""
            return [
                "number": "\(number)", "isChosen": number == chosen,
                "label": "Version \(number) · \(scope == "default" ? "all others" : scope)",
            ]
        }
    }

    /// In what two settings differ, as bars and rows.
    static func comparison(_ json: JSON) -> TemplateValues {
        var values = json.templateValues
        let fields = json.list("fields")
        let totals = fields.map { field in
            ["appears", "changes", "disappears"].map { field[$0]?.int ?? 0 }
        }
        let most = max(totals.map { $0.reduce(0, +) }.max() ?? 1, 1)
        values["bars"] = zip(fields, totals).enumerated().map { place, row -> TemplateValues in
            let widths = row.1.map { $0 * 400 / most }
            return [
                "field": row.0["field"]?.string ?? "", "y": "\(place * 34 + 6)",
                "textY": "\(place * 34 + 22)",
                "a": "\(widths[0])", "b": "\(widths[1])", "c": "\(widths[2])",
                "bx": "\(220 + widths[0])", "cx": "\(220 + widths[0] + widths[1])",
                "appears": "\(row.1[0])", "changes": "\(row.1[1])", "disappears": "\(row.1[2])",
            ]
        }
        values["height"] = "\(fields.count * 34 + 6)"
        values["isSame"] = fields.isEmpty
        values["isDifferent"] = !fields.isEmpty
        values["rows"] = json.list("differences").prefix(mostOperations).map {
            row -> TemplateValues in
            var shown = row.templateValues
            let isHidden = row["personal"]?.bool == true
            shown["from"] = isHidden ? "(hidden)" : (row["before"] ?? .null).reading
            shown["to"] = isHidden ? "(hidden)" : (row["after"] ?? .null).reading
            return shown
        }
        return values
    }

    /// Names with counts, each with the width of its bar in hundredths.
    static func bars(_ counts: [(name: String, count: Int)]) -> [TemplateValues] {
        let most = max(counts.map { $0.count }.max() ?? 1, 1)
        return counts.map { entry in
            [
                "name": entry.name, "count": "\(entry.count)",
                "width": "\(max(entry.count * 100 / most, 1))",
            ]
        }
    }

    /// Who read or did something.
    static func access(_ event: JSON) -> TemplateValues {
        let data = event["data"] ?? .null
        let isRead = data["personal"]?.bool == true || event["type"]?.string == "person.disclosed"
        return [
            "when": event.moment("recorded") ?? "", "actor": event["actor"]?.string ?? "",
            "what": data["route"]?.string ?? event["type"]?.string ?? "",
            "method": data["method"]?.string ?? "",
            "subject": data["subject"]?.string ?? data["person"]?.string ?? "",
            "mood": isRead ? "wait" : "", "kind": isRead ? "read" : "done",
            "position": event["position"]?.text ?? "",
        ]
    }

    /// The uids of a chain of reschedules, in order.
    static func chain(_ uids: [JSON]) -> [TemplateValues] {
        uids.enumerated().map { place, uid in
            [
                "uid": uid.string ?? "", "isLast": place == uids.count - 1,
                "step": place == 0 ? "booked" : "rescheduled",
            ]
        }
    }

    /// How far Salesforce is behind.
    static func lag(_ status: JSON, now: Instant) -> TemplateValues {
        let waiting = status["waiting"]?.int ?? 0
        let since = status["waitingSince"]?.string.flatMap { Instant(rfc3339: $0) }
        let seconds = since.map { max(0, (now.milliseconds - $0.milliseconds) / 1_000) } ?? 0
        let isRunning = status["sync"] != nil
        return [
            "meetings": "\(waiting)", "time": waiting == 0 ? "0 s" : spoken(seconds),
            "mood": waiting == 0 ? "good" : "wait",
            "sync": isRunning ? status["sync"]?["state"]?.string ?? "" : "off",
            "lastGood": status["sync"]?.moment("lastGood") ?? "", "hasSync": isRunning,
        ]
    }

    private static func spoken(_ seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}

extension String {
    /// A moment with the zone written as `Z`.
    fileprivate var sameZone: String { replacing("+0000", with: "Z") }
}

extension JSON {
    /// The value in at most 120 characters.
    fileprivate var short: String {
        let text = string ?? text
        return text.count > 120 ? text.prefix(119) + "…" : text
    }
}
