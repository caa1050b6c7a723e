import Domain
import Ledger

/// Tells events that are no booking facts on one line, without personal data.
struct EventSentence {
    let type: String
    let data: JSON

    /// What the event says.
    var text: String {
        switch type {
        case "write.intended": "about to \(verb) \(record)\(fields(", with "))"
        case "write.confirmed": confirmed
        case "write.failed": failed
        case "record.created": "\(record) was made by Daybook"
        case "record.linked": linked
        case "record.deleted-by-other":
            "somebody else deleted \(record); Daybook does not make it again by itself"
        case "record.merged":
            "\(word("from")) was merged into \(record), which is dealt with from now on"
        case "record.converted":
            "lead \(word("from")) was converted to \(record), which is dealt with from now on"
        case "field.held": held
        case "operator.acted": acted
        case "field.adopted": "\(word("field")): an edit was taken over as the value that stands"
        case "drift.observed": drift
        case "drift.narrowed": narrowed
        case "owner.routed": routed
        case "settings.changed": "\(settings) accepted"
        case "settings.removed": "\(settings) accepted: the settings were removed"
        case "person.erased": "the person was erased; what was sealed is gone"
        case "person.disclosed": "data about the person was read: \(word("purpose"))"
        case "access.noted":
            data["personal"]?.bool == true
                ? "personal data was read through the service: \(word("route"))"
                : "the service was told: \(word("method")) \(word("route"))"
        case "ledger.continued": "the ledger went on under a new name, from a restored copy"
        case "ledger.key-added": "a new key signs checkpoints, besides the one before"
        case "ledger.key-retired": "a key that signed checkpoints was retired"
        case _ where type.hasPrefix("run."): run
        default: type
        }
    }

    private func word(_ member: String) -> String { data[member]?.string ?? "?" }

    private var record: String {
        let object = data["object"]?.string.map { ObjectName($0).auditWord } ?? "record"
        return data["record"]?.string.map { "\(object) \($0)" } ?? "a new \(object)"
    }

    private var verb: String {
        switch data["kind"]?.string {
        case "create": "create"
        case "delete": "delete"
        default: "update"
        }
    }

    private func fields(_ introduction: String) -> String {
        let names = (data["fields"]?.array ?? []).compactMap { $0.string ?? $0["field"]?.string }
        return names.isEmpty ? "" : introduction + names.joined(separator: ", ")
    }

    private var reason: String { Reason(rawValue: word("reason"))?.words.meaning ?? word("reason") }

    private var confirmed: String {
        switch data["kind"]?.string {
        case "create" where data["created"]?.bool == true:
            "created \(record)\(fields(" with "))"
        case "delete": "deleted \(record). \(reason)"
        case "unchanged", "hold":
            "an earlier write of \(record) turned out to have taken hold; its answer was lost"
        default: "wrote to \(record)\(fields(": "))"
        }
    }

    private var failed: String {
        let next = data["nextTry"]?.int.map {
            "; next try \(Instant(milliseconds: Int64($0)).rfc3339Seconds)"
        }
        let wait = next ?? "; not tried again before something changes"
        let attempt = data["attempts"]?.int ?? 1
        let words = FailureCatalogue.entry(for: word("code")).cause
        let cause = words.split(separator: ".").first ?? ""
        return "could not \(verb) \(record): \(word("code"))\(fields(" at ")) (\(cause)), attempt "
            + "\(attempt)\(wait)"
    }

    private var acted: String {
        let field = data["field"]?.string.map { ", field \($0)" } ?? ""
        let subject = "\(word("operation"))\(field)"
        return switch word("action") {
        case "retry": "an operator asked to have \(subject) tried again"
        case "ignore": "an operator said to leave \(subject) alone"
        case "bind": "an operator named \(record) as the one for \(subject)"
        default: "an operator acted on \(subject): \(word("action"))"
        }
    }

    private var linked: String {
        let matches = data["candidates"]?.array?.count ?? 0
        let choice = matches > 1 ? ", chosen among \(matches) that match" : ""
        let origin = data["ours"]?.bool == true ? "made by Daybook before" : "found"
        return "\(record) taken as the one that is meant: \(origin)\(choice)"
    }

    private var held: String {
        let detail = data["detail"]?.string.flatMap { $0.isEmpty ? nil : " (\($0))" } ?? ""
        let meaning = reason.hasSuffix(".") ? String(reason.dropLast()) : reason
        return "\(word("field")) not written: \(meaning)\(detail)"
    }

    private var routed: String {
        let kind = data["eventType"]?.int.map { " for event type \($0)" } ?? ""
        let owner = data["owner"]?.string.map { "user \($0)" } ?? "nobody in particular"
        return "asked who should host the person\(kind): \(owner) (\(word("reason")))"
    }

    private var drift: String {
        let open = (data["open"]?.array ?? []).count
        return "looked for drift: \(open) fields differ from what Daybook wrote"
    }

    private var narrowed: String {
        let fields = (data["passedOver"]?.members ?? []).flatMap { object in
            (object.value.array ?? []).compactMap(\.string).map { "\(object.name).\($0)" }
        }
        return fields.isEmpty
            ? "drift is looked for in all fields that Daybook wrote"
            : "drift is not looked for in \(fields.listed)"
    }

    private var settings: String {
        let version = data["version"]?.int.map(String.init) ?? "?"
        let scope = word("scope")
        let whose = scope == "default" ? "for all event types" : "for event type \(scope)"
        return "settings version \(version) \(whose)"
    }

    private var run: String {
        let counts = ["create", "update", "delete", "hold", "failed"].compactMap { name in
            data[name]?.int.flatMap { $0 == 0 ? nil : "\(name) \($0)" }
        }
        let why = data["why"]?.string.map { ": \($0)" } ?? ""
        let sum = counts.isEmpty ? "" : ": \(counts.joined(separator: ", "))"
        return "run \(word("run")) \(type.dropFirst("run.".count))\(why)\(sum)"
    }
}
