public import Domain
import Journal
import Ledger
import Projection

/// How the value that is wanted of a field came about, step by step.
public struct Bisection: Hashable, Sendable {
    /// What made the wanted value another one.
    public struct Step: Hashable, Sendable {
        /// The event of the ledger.
        public var position: LedgerPosition
        /// When the ledger learned of it.
        public var recorded: Instant
        /// The version of the settings that it brought; nil for a booking fact.
        public var version: SettingsVersion?
        /// What kind of event it is.
        public var type: String
        /// The wanted value before; nil for none.
        public var before: WishedValue?
        /// The wanted value from then on; nil for none.
        public var after: WishedValue?
        /// The assertion that gives the value.
        public var assertion: Assertion?
    }

    /// The record.
    public var record: SalesforceID
    /// The field.
    public var field: FieldName
    /// Every change of the wanted value, in the order of the ledger.
    public var steps: [Step]

    /// What first gave the field the value that is wanted now; nil if none is.
    public var origin: Step? { steps.last.flatMap { $0.after == nil ? nil : $0 } }
}

extension Audit {
    /// Finds the settings version, or the event, that first gave a field its value.
    ///
    /// Every position of the ledger at which the answer can have changed is tried.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - field: The field, in any letter case.
    /// - Returns: The changes of the wanted value; none if nothing ever asked for one.
    /// - Throws: ``AuditError/unknownRecord(_:)``, or an error of the ledger.
    public func bisect(record: SalesforceID, field: FieldName) async throws -> Bisection {
        guard let subject = try await journal.subjects(everLinkedTo: record).first else {
            throw AuditError.unknownRecord(record)
        }
        let histories = try await histories(behind: subject)
        let revisions = try await journal.settingsRevisions()
        let walk = BisectionWalk(subject, field, histories, revisions)
        return Bisection(record: record, field: field, steps: walk.steps())
    }

    private func histories(behind subject: RecordSubject) async throws -> [AppointmentHistory] {
        switch subject {
        case .event(let uid), .fallback(let uid, _):
            return [try await journal.history(ofBooking: uid)].compactMap { $0 }
        case .person(let key): return try await histories(of: key.person)
        case .account(let person): return try await histories(of: person)
        }
    }

    private func histories(of person: PersonID) async throws -> [AppointmentHistory] {
        var histories: [AppointmentHistory] = []
        for appointment in try await journal.appointments(of: person) {
            let history = try await journal.history(ofBooking: appointment.root)
            histories += [history].compactMap { $0 }
        }
        return histories
    }
}

/// Projects again at every position where the answer can have changed, and keeps what did not move.
private struct BisectionWalk {
    /// A position at which something became known.
    private struct Stop {
        var position: LedgerPosition
        var recorded: Instant
        var type: String
        /// The history that grew; nil for settings, which may concern all.
        var history: Int?
        var version: SettingsVersion?
    }

    private let subject: RecordSubject
    private let field: FieldName
    private let histories: [AppointmentHistory]
    private let revisions: [SettingsRevision]

    init(
        _ subject: RecordSubject,
        _ field: FieldName,
        _ histories: [AppointmentHistory],
        _ revisions: [SettingsRevision]
    ) {
        (self.subject, self.field) = (subject, field)
        (self.histories, self.revisions) = (histories, revisions)
    }

    func steps() -> [Bisection.Step] {
        var known: [Int: ProjectedAppointment] = [:]
        var steps: [Bisection.Step] = []
        var last: WishedValue?
        for stop in stops() {
            let view = AsOf(position: stop.position)
            let timeline = SettingsTimeline(revisions.filter(view.admits))
            for place in stop.history.map({ [$0] }) ?? Array(histories.indices) {
                known[place] = histories[place].seen(view)
                    .map { AppointmentProjector.project($0, settings: timeline) }
            }
            let assertion = newest(known.sorted { $0.key < $1.key }.map(\.value))
            guard assertion?.value != last else { continue }
            steps.append(
                Bisection.Step(
                    position: stop.position,
                    recorded: stop.recorded,
                    version: stop.version,
                    type: stop.type,
                    before: last,
                    after: assertion?.value,
                    assertion: assertion
                )
            )
            last = assertion?.value
        }
        return steps
    }

    private func stops() -> [Stop] {
        let facts = histories.enumerated().flatMap { place, history in
            (history.facts + history.forms + history.seriesCancellations.map(\.fact)).map { fact in
                Stop(
                    position: fact.position,
                    recorded: fact.recorded,
                    type: fact.fact.storedType,
                    history: place,
                    version: nil
                )
            }
        }
        let settings = revisions.map { revision in
            Stop(
                position: revision.position,
                recorded: revision.recorded,
                type: revision.settings == nil ? "settings.removed" : "settings.changed",
                history: nil,
                version: revision.version
            )
        }
        return (facts + settings).sorted { left, right in
            (left.position, left.history ?? -1) < (right.position, right.history ?? -1)
        }
    }

    /// The newest assertion of the field; nil when nothing asks for a value.
    private func newest(_ projected: [ProjectedAppointment]) -> Assertion? {
        let fields: [DesiredField]
        switch subject {
        case .event: fields = projected.flatMap { $0.eventRecord?.fields ?? [] }
        case .person(let key):
            let own = projected.flatMap(\.contributions).filter { $0.key.person == key.person }
            let people = PersonProjector.fold(own)
            fields = people.sorted { $0.cause < $1.cause }.flatMap(\.fields)
        case .account(let person):
            let own = projected.flatMap(\.contributions).filter { $0.key.person == person }
            let accounts = PersonProjector.accounts(own)
            fields = accounts.sorted { $0.cause < $1.cause }.flatMap(\.fields)
        case .fallback(_, let name):
            let fallbacks = projected.flatMap(\.fallbacks).filter { $0.name == name }
            fields = fallbacks.flatMap(\.fields)
        }
        return fields.last { $0.field.isSame(as: field) }?.assertions.last
    }
}

extension Bisection {
    /// The changes as JSON.
    ///
    /// Shows values that come from people.
    public var json: JSON {
        .compact([
            ("record", .string(record.rawValue)),
            ("field", .string(field.rawValue)),
            ("origin", origin?.json ?? .null),
            ("steps", .array(steps.map(\.json))),
        ])
    }

    /// The changes for a terminal.
    public var text: String {
        guard let origin else {
            return steps.isEmpty
                ? "No booking and no settings ever asked for \(field.rawValue)."
                : "Nothing asks for \(field.rawValue) any more.\n\n" + list
        }
        return "\(field.rawValue) has its value since \(origin.cause).\n\n" + list
    }

    private var list: String {
        steps.map { step in
            let (before, after) = (step.before?.document, step.after?.document)
            return "  \(step.recorded.rfc3339Seconds)  \(step.cause)\n"
                + "      \(before?.valueInWords ?? "(nothing)") → "
                + "\(after?.valueInWords ?? "(nothing)")"
        }.joined(separator: "\n")
    }
}

extension Bisection.Step {
    fileprivate var cause: String {
        version.map { "settings version \($0.rawValue) (position \(position.rawValue))" }
            ?? "event \(position.rawValue), \(type)"
    }

    fileprivate var json: JSON {
        .compact([
            ("position", .integer(position.rawValue)),
            ("recorded", .string(recorded.rfc3339)),
            ("type", .string(type)),
            ("settingsVersion", version.map { .integer($0.rawValue) }),
            ("before", before?.document ?? .null),
            ("after", after?.document ?? .null),
            ("assertion", assertion?.document ?? .null),
        ])
    }
}
