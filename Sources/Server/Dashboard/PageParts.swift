import Audit
import Domain
import Journal

/// What pages show beyond what the API says: words, moods and pictures.
enum PageParts {
    /// The first line of the overview: whether Salesforce is in step.
    static func verdict(_ status: JSON) -> TemplateValues {
        let waiting = status["waiting"]?.int ?? 0
        let failures = status["failures"]?.int ?? 0
        let unknown = status["unknownOutcomes"]?.int ?? 0
        let since = status.moment("waitingSince").map { "The oldest news is from \($0)." } ?? ""
        if let state = status["sync"]?["state"]?.string, ["troubled", "stuck"].contains(state) {
            return [
                "mood": "bad", "text": "Salesforce cannot be written to at the moment",
                "detail": status["sync"]?["reason"]?.string ?? "",
            ]
        }
        if failures > 0 {
            return [
                "mood": "bad",
                "text": failures == 1 ? "One write failed" : "\(failures) writes failed",
                "detail": "Everything else goes on. The failures page says what to do.",
            ]
        }
        if unknown > 0 {
            return [
                "mood": "wait", "text": "The outcome of \(unknown) writes is not known yet",
                "detail": "The next run looks what became of them before it writes again.",
            ]
        }
        if waiting > 0 {
            return [
                "mood": "wait",
                "text": waiting == 1 ? "One meeting waits" : "\(waiting) meetings wait",
                "detail": "They are newer than what Salesforce was told. \(since)",
            ]
        }
        return ["mood": "good", "text": "Salesforce is in step with the bookings", "detail": ""]
    }

    /// The way of a booking, with how many are where.
    static func steps(_ status: JSON) -> [TemplateValues] {
        let deliveries = status["deliveries"]?.members ?? []
        let taken = deliveries.compactMap(\.value.int).reduce(0, +)
        let records = (status["records"]?.members ?? []).compactMap(\.value.int).reduce(0, +)
        let waiting = status["waiting"]?.int ?? 0
        let failures = status["failures"]?.int ?? 0
        return [
            step(taken, "deliveries", "taken in and kept", "/ledger", ""),
            step(status["ledger"]?["position"]?.int ?? 0, "events", "in the ledger", "/ledger", ""),
            step(status["appointments"]?.int ?? 0, "meetings", "they tell of", "/bookings", ""),
            step(
                waiting,
                "waiting",
                "for the next run",
                "/bookings",
                waiting > 0 ? "wait" : "good"
            ),
            step(records, "records", "in Salesforce", "/records", ""),
            step(failures, "failures", "to look at", "/failures", failures > 0 ? "bad" : "good"),
        ]
    }

    private static func step(
        _ number: Int,
        _ what: String,
        _ more: String,
        _ path: String,
        _ mood: String
    ) -> TemplateValues {
        ["number": "\(number)", "what": what, "more": more, "path": path, "mood": mood]
    }

    /// Deliveries by verdict, with what the verdict means.
    static func deliveries(_ status: JSON) -> [TemplateValues] {
        (status["deliveries"]?.members ?? []).map { member in
            [
                "name": member.name, "number": member.value.text,
                "meaning": DeliveryVerdict(rawValue: member.name)?.meaning ?? "",
            ]
        }
    }

    /// A run with its words.
    static func run(_ run: JSON) -> TemplateValues {
        var values = run.templateValues
        let state = run["state"]?.string ?? ""
        values["startedText"] = run.moment("started")
        values["mood"] = state == "finished" ? "good" : state == "started" ? "wait" : "bad"
        if state == "planned" { values["mood"] = "wait" }
        let writes = ["create", "update", "delete"].compactMap { run["summary"]?[$0]?.int }
        values["writes"] = "\(writes.reduce(0, +))"
        return values
    }

    /// An operation of a plan, as a difference.
    static func operation(_ operation: JSON) -> TemplateValues {
        var values = operation.templateValues
        let kind = operation["kind"]?.string ?? ""
        values["id"] = operation["operation"]?.string
        values["sign"] = ["create": "+", "update": "~", "delete": "−"][kind] ?? "·"
        let fields = operation.list("fields").map { field -> TemplateValues in
            var shown = field.templateValues
            shown["from"] = kind == "create" ? nil : field["live"]?.reading
            shown["to"] = field["desired"]?.reading
            return shown
        }
        values["fields"] = fields
        values["hasFields"] = !fields.isEmpty
        return values
    }

    /// An entry of a thread.
    static func entry(_ entry: JSON) -> TemplateValues {
        var values = entry.templateValues
        let type = entry["type"]?.string ?? ""
        values["occurredText"] = entry.moment("occurred")
        values["kind"] = kind(ofEvent: type)
        if entry.moment("recorded") != entry.moment("occurred") {
            values["late"] = entry.moment("recorded")
        }
        return values
    }

    private static func kind(ofEvent type: String) -> String {
        switch type {
        case "write.failed", "run.refused", "run.stopped", "record.deleted-by-other": "trouble"
        case "field.held": "held"
        case _ where type.hasPrefix("write.") || type.hasPrefix("record."): "write"
        case _ where type.hasPrefix("run.") || type.hasPrefix("settings."): "other"
        default: "booking"
        }
    }

    /// Where a meeting stands, with its colour.
    static func status(_ summary: AppointmentSummary) -> (text: String, mood: String) {
        switch summary.status {
        case .booked: ("booked", "good")
        case .bookingCancelled: ("cancelled", "")
        case .rejected: ("declined", "")
        case .awaitingConfirmation: ("waits for the host", "wait")
        case .awaitingNewTime: ("waits for a new time", "wait")
        case .noSettings: ("no settings", "wait")
        default: (summary.status.rawValue, "wait")
        }
    }

    /// The bars of a chart of counts per day, drawn into 720 by 150.
    static func chart(_ days: [JSON]) -> TemplateValues {
        let (width, height) = (720, 150)
        let counts = days.map { $0["count"]?.int ?? 0 }
        let most = max(counts.max() ?? 1, 1)
        let step = width / max(days.count, 1)
        let bars = zip(days, counts).enumerated().map { place, day -> TemplateValues in
            let tall = day.1 == 0 ? 0 : max(day.1 * (height - 10) / most, 2)
            return [
                "x": "\(place * step + 2)", "y": "\(height - tall)",
                "width": "\(max(min(step - 4, 60), 1))", "height": "\(tall)",
                "day": day.0["day"]?.string ?? "", "count": "\(day.1)",
            ]
        }
        return [
            "width": "\(width)", "height": "\(height)", "bars": bars, "most": "\(most)",
            "first": days.first?["day"]?.string ?? "", "last": days.last?["day"]?.string ?? "",
        ]
    }
}

extension DeliveryVerdict {
    /// What became of such a delivery, in a few words.
    fileprivate var meaning: String {
        switch self {
        case .appended: "told something new"
        case .noted: "tests and recordings"
        case .duplicate: "were there already"
        case .unrecognised: "a trigger nobody knows; kept"
        case .rejected: "cannot be understood; kept"
        case .forged: "signature missing or wrong"
        }
    }
}
