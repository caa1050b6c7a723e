public import Domain
import Journal
import Ledger
import Projection

/// What was desired, and what was known, from some point of view.
public struct StateReport: Hashable, Sendable {
    /// A booking fact that counted.
    public struct Fact: Hashable, Sendable {
        /// Where the ledger has it.
        public var position: LedgerPosition
        /// What kind of fact it is.
        public var type: String
        /// The booking it is about.
        public var booking: BookingUID?
        /// When it happened.
        public var occurred: Instant
        /// When the ledger learned of it.
        public var recorded: Instant
    }

    /// What Daybook had written to a record.
    public struct Written: Hashable, Sendable {
        /// What the record stands for.
        public var subject: RecordSubject
        /// The record.
        public var record: SalesforceID
        /// What was sent last, by field; null where it cannot be read any more.
        public var fields: [FieldName: JSON]
        /// The fields whose value cannot be read any more, because the person was erased.
        public var erased: Set<FieldName>
    }

    /// The point of view.
    public var view: AsOf
    /// The facts that counted, in the order in which they were recorded.
    public var facts: [Fact] = []
    /// The newest version of the settings that was known; nil for none.
    public var settings: SettingsVersion?
    /// What appointments called for, by root uid.
    public var eventRecords: [DesiredEventRecord] = []
    /// Where each appointment stood.
    public var standing: [AppointmentID: Reason] = [:]
    /// What people's bookings called for.
    public var people: [DesiredPersonRecord] = []
    /// What people's bookings called for in their accounts.
    public var accounts: [DesiredAccountRecord] = []
    /// The records that were to tell of a missed owner.
    public var fallbacks: [DesiredFallbackRecord] = []
    /// What had been written by then.
    public var written: [Written] = []

    init(_ view: AsOf) { self.view = view }
}

extension Audit {
    /// What the appointment of a booking called for, from a point of view.
    ///
    /// - Parameters:
    ///   - uid: Any uid of its chain.
    ///   - view: The point of view.
    ///   - now: The time.
    /// - Returns: What was desired, and what was known.
    /// - Throws: ``AuditError`` or an error of the ledger.
    public func state(
        ofBooking uid: BookingUID,
        _ view: AsOf,
        now: Instant
    ) async throws -> StateReport {
        let looker = try await StateLooker(journal: journal, view: view, now: now)
        guard let history = try await journal.history(ofBooking: uid) else {
            throw AuditError.unknownBooking(uid)
        }
        return try await looker.report(history, of: uid)
    }

    /// What a person's bookings called for, from a point of view.
    ///
    /// - Parameters:
    ///   - email: The person's address.
    ///   - view: The point of view.
    ///   - now: The time.
    /// - Returns: What was desired, and what was known.
    /// - Throws: ``AuditError`` or an error of the ledger.
    public func state(
        ofPerson email: EmailAddress,
        _ view: AsOf,
        now: Instant
    ) async throws -> StateReport {
        let looker = try await StateLooker(journal: journal, view: view, now: now)
        guard let person = try await journal.person(email) else { throw AuditError.unknownPerson }
        return try await looker.report(on: [person])
    }

    /// What a record's subject called for, from a point of view.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - view: The point of view.
    ///   - now: The time.
    /// - Returns: What was desired, and what was known.
    /// - Throws: ``AuditError`` or an error of the ledger.
    public func state(
        ofRecord record: SalesforceID,
        _ view: AsOf,
        now: Instant
    ) async throws -> StateReport {
        let looker = try await StateLooker(journal: journal, view: view, now: now)
        let subjects = try await journal.subjects(everLinkedTo: record)
        // An account belongs to many people; any other record stands for one thing.
        let people = Set(subjects.compactMap(\.person)).sorted()
        if !people.isEmpty { return try await looker.report(on: people) }
        if let uid = subjects.first?.booking,
            let history = try await journal.history(ofBooking: uid)
        {
            return try await looker.report(history, of: uid)
        }
        throw AuditError.unknownRecord(record)
    }
}

/// Projects what was known from a point of view.
struct StateLooker {
    let journal: Journal
    let view: AsOf
    let timeline: SettingsTimeline
    private let known: [SettingsRevision]

    init(journal: Journal, view: AsOf, now: Instant) async throws {
        let end = LedgerPosition(try await journal.head().position)
        try view.check(end: end, now: now)
        (self.journal, self.view) = (journal, view)
        known = try await journal.settingsRevisions().filter(view.admits)
        timeline = SettingsTimeline(known)
    }

    private var begun: StateReport {
        var report = StateReport(view)
        report.settings = known.map(\.version).max()
        return report
    }

    func report(_ history: AppointmentHistory, of uid: BookingUID) async throws -> StateReport {
        guard let seen = history.seen(view, of: uid) else {
            throw AuditError.notKnownThen(view.words)
        }
        var report = begun
        add([seen], people: nil, &report)
        report.written = try await written(seen.subjects + seen.fallbacks(known))
        return report
    }

    func report(on people: [PersonID]) async throws -> StateReport {
        var appointments: Set<AppointmentID> = []
        for person in people {
            appointments.formUnion(try await journal.appointments(of: person))
        }
        let histories = try await journal.histories(of: appointments.sorted())
        let seen = histories.compactMap { $0.seen(view) }
        guard !seen.isEmpty else { throw AuditError.notKnownThen(view.words) }
        var report = begun
        add(seen, people: Set(people), &report)
        report.written = try await written(people.flatMap(RecordSubject.all))
        return report
    }

    private func add(
        _ histories: [AppointmentHistory],
        people: Set<PersonID>?,
        _ report: inout StateReport
    ) {
        var contributions: [PersonContribution] = []
        for history in histories {
            let projected = AppointmentProjector.project(history, settings: timeline)
            if let event = projected.eventRecord { report.eventRecords.append(event) }
            report.standing[history.appointment] = projected.status
            report.fallbacks += projected.fallbacks
            contributions += projected.contributions
            report.facts += history.facts.map(StateReport.Fact.init)
        }
        report.facts.sort { $0.position < $1.position }
        let own = contributions.filter { people?.contains($0.key.person) ?? true }
        report.people = PersonProjector.fold(own)
        report.accounts = PersonProjector.accounts(own)
    }

    /// What receipts say that had been written by then.
    private func written(_ subjects: [RecordSubject]) async throws -> [StateReport.Written] {
        var found: [StateReport.Written] = []
        for (subject, events) in try await journal.events(about: subjects) {
            var records: [SalesforceID: StateReport.Written] = [:]
            for event in events where event.type == "write.confirmed" {
                let (position, recorded) = (
                    LedgerPosition(event.position), Instant(milliseconds: event.recorded)
                )
                guard view.admits(position: position, recorded: recorded) else { continue }
                let data = try event.json()
                guard let record = data["record"]?.string.flatMap({ SalesforceID($0) }) else {
                    continue
                }
                let none = StateReport.Written(
                    subject: subject,
                    record: record,
                    fields: [:],
                    erased: []
                )
                try records[record, default: none].take(data, of: event)
            }
            found += records.values
        }
        return found.sorted { ($0.subject, $0.record) < ($1.subject, $1.record) }
    }
}

extension RecordSubject {
    /// The person whose record or account it is; nil for one that belongs to a booking.
    fileprivate var person: PersonID? {
        switch self {
        case .person(let key): key.person
        case .account(let person): person
        case .event, .fallback: nil
        }
    }

    /// The booking whose record it is; nil for one that belongs to a person.
    fileprivate var booking: BookingUID? {
        switch self {
        case .event(let uid), .fallback(let uid, _): uid
        case .person, .account: nil
        }
    }
}

extension StoredEvent {
    /// What a receipt sealed of the values before, sent and seen; nil when it cannot be read.
    func values() throws -> JSON? {
        try parts.first { $0.name == "values" }.map { try JSON(parsing: $0.content) }
    }

    /// Whether a receipt sealed values that cannot be read any more: their person was erased.
    var hasErasedValues: Bool {
        commitments.contains { $0.name == "values" } && !parts.contains { $0.name == "values" }
    }
}

extension StateReport.Written {
    /// Takes over what a receipt says was sent.
    fileprivate mutating func take(_ data: JSON, of receipt: StoredEvent) throws {
        let values = try receipt.values()
        for name in (data["fields"]?.array ?? []).compactMap({ $0["field"]?.string }) {
            let field = FieldName(name)
            // A later receipt may be readable again: the person booked anew.
            if receipt.hasErasedValues { erased.insert(field) } else { erased.remove(field) }
            fields[field] = values?[name]?["sent"] ?? .null
        }
    }

    fileprivate func valueInWords(_ field: FieldName) -> String {
        erased.contains(field) ? "(erased)" : (fields[field] ?? .null).valueInWords
    }
}

extension StateReport.Fact {
    fileprivate init(_ fact: RecordedFact) {
        self.init(
            position: fact.position,
            type: fact.fact.storedType,
            booking: fact.fact.bookingUID,
            occurred: fact.occurred,
            recorded: fact.recorded
        )
    }

    fileprivate var json: JSON {
        .compact([
            ("position", .integer(position.rawValue)), ("type", .string(type)),
            ("booking", .text(booking?.rawValue)), ("occurred", .string(occurred.rfc3339)),
            ("recorded", .string(recorded.rfc3339)),
        ])
    }
}

extension StateReport {
    /// The state as JSON.
    ///
    /// Shows values that come from people.
    public var json: JSON {
        .compact([
            ("view", view.json),
            ("settings", settings.map { .integer($0.rawValue) } ?? .null),
            ("facts", .array(facts.map(\.json))),
            (
                "appointments",
                .array(
                    standing.sorted { $0.key < $1.key }.map { appointment, reason in
                        .compact([
                            ("appointment", .string(appointment.root.rawValue)),
                            ("status", .string(reason.rawValue)),
                        ])
                    }
                )
            ),
            ("eventRecords", .array(eventRecords.map(\.document))),
            ("people", .array(people.map(\.document))),
            ("accounts", .array(accounts.map(\.document))),
            ("fallbacks", .array(fallbacks.map(\.document))),
            (
                "written",
                .array(
                    written.map { written in
                        .compact([
                            ("subject", .string(written.subject.name)),
                            ("record", .string(written.record.rawValue)),
                            (
                                "fields",
                                .object(
                                    written.fields.sorted { $0.key < $1.key }
                                        .map { JSON.Member($0.key.rawValue, $0.value) }
                                )
                            ),
                            (
                                "erased",
                                .array(written.erased.sorted().map { .string($0.rawValue) })
                            ),
                        ])
                    }
                )
            ),
        ])
    }

    /// The state for a terminal.
    public var text: String {
        let version = settings.map { "settings version \($0.rawValue)" } ?? "no settings"
        var lines = ["State \(view.words), by \(version)", "", "Known:"]
        lines += facts.map { fact in
            "  \(Columns.right(String(fact.position.rawValue), 6))  \(fact.occurred.rfc3339Seconds)  "
                + Columns.left(fact.type, 24) + (fact.booking?.rawValue ?? "")
        }
        lines += ["", "Desired:"]
        for (appointment, reason) in standing.sorted(by: { $0.key < $1.key }) {
            lines.append("  appointment \(appointment.root.rawValue): \(reason.rawValue)")
        }
        for event in eventRecords {
            lines.append("  event record of \(event.appointment.root.rawValue)")
            lines += event.fields.map(line)
        }
        for person in people {
            let kind = person.key.policy?.rawValue ?? "any record"
            lines.append("  \(kind) of \(person.email.rawValue)")
            lines += person.fields.map(line)
        }
        for account in accounts {
            lines.append("  account of \(account.lookUp.email.rawValue)")
            lines += account.fields.map(line)
        }
        for fallback in fallbacks {
            lines.append("  \(fallback.object.rawValue) '\(fallback.name)' for a missed owner")
            lines += fallback.fields.map(line)
        }
        if !written.isEmpty { lines += ["", "Written by then:"] }
        for record in written {
            lines.append("  \(record.record.rawValue)")
            lines += record.fields.keys.sorted().map { field in
                "    \(Columns.left(field.rawValue, 24)) \(record.valueInWords(field))"
            }
        }
        return lines.joined(separator: "\n")
    }

    private func line(_ field: DesiredField) -> String {
        let newest = field.assertions[field.assertions.count - 1]
        return """
                \(Columns.left(field.field.rawValue, 24)) \(newest.value.document.valueInWords)  \
            (event \(newest.cause.position.rawValue), version \(newest.version.rawValue))
            """
    }
}
