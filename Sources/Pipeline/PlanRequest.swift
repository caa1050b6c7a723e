public import Domain

/// What a plan is to be made of.
public enum PlanRequest: Hashable, Sendable {
    /// What is new, or everything.
    case changes(RunSelection)
    /// A part of history, read by given settings.
    case replay(ReplayRequest)
    /// Drift, taken over or put back.
    case drift(DriftAction, [FieldPlace])
    /// What a run did.
    case undo(run: String)

    /// Reads a request.
    ///
    /// | member                                  | meaning                                        |
    /// |-----------------------------------------|------------------------------------------------|
    /// | none, or `"all": false`                 | what is new                                    |
    /// | `"all": true`                           | everything                                     |
    /// | `"replay": {…}`                         | see ``ReplayRequest/init(json:)``              |
    /// | `"drift": "adopt" \| "revert"`, `"places"` | drift; each place is `<record>/<field>`     |
    /// | `"undo": "<run>"`                       | what a run did is put back                     |
    ///
    /// - Throws: ``DeskError/invalid(_:)``.
    public init(json: JSON) throws(DeskError) {
        guard let members = json.members else {
            throw .invalid("A plan is asked for with a JSON object; {} means what is new.")
        }
        let known: Set = ["all", "replay", "drift", "places", "undo"]
        if let other = members.first(where: { !known.contains($0.name) }) {
            throw .invalid(
                "'\(other.name)' is unknown here. Give all, replay, drift with places, or undo."
            )
        }
        let chosen = members.filter { $0.name != "places" }
        guard chosen.count < 2, chosen.first?.name == "drift" || json["places"] == nil else {
            throw .invalid("Give one of all, replay, drift and undo; 'places' belongs to drift.")
        }
        switch (chosen.first?.name, chosen.first?.value ?? .null) {
        case (nil, _): self = .changes(.changed)
        case ("all"?, .bool(let all)): self = .changes(all ? .everything : .changed)
        case ("replay"?, let value): self = .replay(try ReplayRequest(json: value))
        case ("drift"?, .string(let action)):
            self = try Self.drift(action, json["places"]?.array ?? [])
        case ("undo"?, .string(let run)): self = .undo(run: run)
        default:
            throw .invalid(
                "'\(chosen.first?.name ?? "")' has the wrong type; the OpenAPI document has it."
            )
        }
    }

    private static func drift(_ action: String, _ places: [JSON]) throws(DeskError) -> Self {
        guard let action = DriftAction(rawValue: action) else {
            throw .invalid("'drift' has to be adopt or revert.")
        }
        var found: [FieldPlace] = []
        for place in places {
            guard let place = place.string.flatMap(FieldPlace.init(name:)) else {
                throw .invalid("Each of 'places' has to be <record>/<field>.")
            }
            found.append(place)
        }
        guard !found.isEmpty else {
            throw .invalid("Name the fields in 'places', each as <record>/<field>.")
        }
        return .drift(action, found)
    }
}

extension ReplayRequest {
    /// Reads a request.
    ///
    /// Members: `version` or `document` (default: the settings in force), `since`, `eventType`,
    /// `fields` and `overwriteEdits`.
    ///
    /// - Throws: ``DeskError/invalid(_:)``.
    public init(json: JSON) throws(DeskError) {
        guard let members = json.members else {
            throw .invalid("A replay is described by a JSON object; {} means all of history.")
        }
        let known: Set = [
            "version", "document", "since", "eventType", "fields", "overwriteEdits", "against",
        ]
        if let other = members.first(where: { !known.contains($0.name) }) {
            throw .invalid("'\(other.name)' is unknown in a replay.")
        }
        self.init(
            settings: try Self.settings(json),
            since: try json.member("since", "a date or a time in UTC") { value in
                value.string.flatMap(Instant.init(dateOrTime:))
            },
            eventType: try json.member("eventType", "the number of an event type") { value in
                value.int.map(EventTypeID.init)
            },
            fields: Set(
                try json.member("fields", "an array of API names") { value in
                    value.array?.compactMap { $0.string.map { FieldName($0) } }
                } ?? []
            ),
            overwrites: try json.member("overwriteEdits", "true or false", \.bool) ?? false
        )
    }

    /// The settings that a member names: a version, a document, or those in force.
    private static func settings(_ json: JSON) throws(DeskError) -> Settings {
        if let document = json["document"] {
            do {
                return .document(try SettingsDocument.decode(document))
            } catch {
                throw .invalid("The settings cannot be read: \(error)")
            }
        }
        let version = try json.member("version", "the number of a version", \.int)
        return version.map { .version(SettingsVersion($0)) } ?? .inForce
    }
}

extension JSON {
    /// A member, read; nil when it is absent.
    ///
    /// - Throws: ``DeskError/invalid(_:)`` for a value that is none.
    public func member<Value>(
        _ name: String,
        _ expected: String,
        _ read: (JSON) -> Value?
    ) throws(DeskError) -> Value? {
        guard let value = self[name] else { return nil }
        guard let found = read(value) else { throw .invalid("'\(name)' has to be \(expected).") }
        return found
    }
}

extension Instant {
    /// Reads `2026-03-01` or an RFC 3339 time.
    public init?(dateOrTime text: String) {
        guard let instant = Instant(rfc3339: text) ?? Instant(rfc3339: "\(text)T00:00:00Z") else {
            return nil
        }
        self = instant
    }
}
