import Domain
import Journal
import Projection

/// Says why a field was never written to a record, and nothing is known to stand against it.
///
/// | what the newest settings say of the field        | why it was never written               |
/// |--------------------------------------------------|----------------------------------------|
/// | nothing                                          | Daybook does not own it                |
/// | something, for another kind of record            | it can never be written here           |
/// | something, but not for the record's event types  | other settings read its bookings       |
/// | only the value of a new record                   | the record was found, not made         |
/// | something for bookers                            | the person only ever came as a guest   |
/// | something that was accepted after the bookings   | it is for later ones                   |
/// | something else                                   | no booking event called for it yet     |
struct Silence {
    let journal: Journal
    /// What the record stands for.
    let subjects: [RecordSubject]
    let object: ObjectName
    /// Whether Daybook made the record.
    let isOurs: Bool
    let field: FieldName

    /// The rule that writes the field of such records, if there is one, and what keeps it back.
    func reason() async throws -> (rule: String?, note: String) {
        let settings = SettingsReading(try await journal.settingsRevisions())
        let named = settings.places(naming: field)
        guard !named.isEmpty else { return (nil, Self.unowned) }
        let fitting = named.filter(fits)
        guard !fitting.isEmpty else { return (nil, elsewhere(named)) }
        let histories = try await histories()
        let note = note(fitting, histories, settings)
        return (fitting.first?.path, "Daybook has not written this field on this record. \(note)")
    }

    private static let unowned = """
        Daybook does not own this field: no rule names it, so it never writes it. To have it \
        written, add a rule for it with 'daybook settings apply FILE'.
        """

    /// Whether a rule is for records of this kind.
    private func fits(_ place: RulePlace) -> Bool {
        subjects.contains { RecordKind($0) == place.kind } && (place.object ?? object) == object
    }

    private func elsewhere(_ named: [RulePlace]) -> String {
        let paths = named.map(\.path).unique
        let kinds = named.map { place in
            place.object.map { "new records of \($0.rawValue)" } ?? place.kind.inWords
        }.unique.listed
        let (rules, are) =
            paths.count == 1
            ? ("the rule that writes it", "is") : ("the rules that write it", "are")
        return """
            Daybook never writes this field on this record: \(rules), \(paths.listed), \(are) for \
            \(kinds). To have it written here, add a rule for this kind of record with 'daybook \
            settings apply FILE'.
            """
    }

    // MARK: Bookings

    /// The appointments that have a say in the record.
    private func histories() async throws -> [AppointmentHistory] {
        var appointments: Set<AppointmentID> = []
        for person in people { appointments.formUnion(try await journal.appointments(of: person)) }
        var histories = try await journal.histories(of: appointments.sorted())
        for subject in subjects {
            switch subject {
            case .event(let uid), .fallback(let uid, _):
                if let history = try await journal.history(ofBooking: uid) {
                    histories.append(history)
                }
            case .person, .account: continue
            }
        }
        return histories
    }

    private var people: [PersonID] {
        subjects.compactMap { subject -> PersonID? in
            switch subject {
            case .person(let key): key.person
            case .account(let person): person
            case .event, .fallback: nil
            }
        }
    }

    private func note(
        _ fitting: [RulePlace],
        _ histories: [AppointmentHistory],
        _ settings: SettingsReading
    ) -> String {
        let paths = fitting.map(\.path).unique.listed
        let scopes = Set(
            histories.flatMap(\.typedFacts).compactMap { settings.scope(of: $0.eventType) }
        )
        var reaching = fitting.filter { scopes.contains($0.scope) }
        guard !reaching.isEmpty else {
            return "\(paths) names it, and \(Self.readers(scopes)) the bookings of this record."
        }
        reaching.removeAll { $0.isDefault && !isOurs }
        guard !reaching.isEmpty else {
            return """
                \(paths) gives it to records that Daybook makes, and this one was there before.
                """
        }
        if !isOfBooker(histories) { reaching.removeAll(where: \.isForBookers) }
        guard !reaching.isEmpty else {
            return """
                The rules for it write only to the booker's record, and this person came as a \
                guest: \(paths).
                """
        }
        guard isRead(histories, settings, by: reaching) else {
            return """
                \(paths) names it, and was accepted after the events of this record and applies to \
                later ones only. To let it read the past, accept the settings again with \
                '--effective all'.
                """
        }
        return "\(paths) names it, and no booking event of this record called for it yet."
    }

    /// Which settings read, as the beginning of a sentence's second half.
    private static func readers(_ scopes: Set<SettingsScope>) -> String {
        let names = scopes.sorted().map { scope in
            scope == .everyEventType ? "the default ones" : "those of event type \(scope.name)"
        }
        return names.isEmpty ? "no settings read" : "other settings, \(names.listed), read"
    }

    /// Whether the record belongs to somebody who ever booked; true of every record but a person's.
    private func isOfBooker(_ histories: [AppointmentHistory]) -> Bool {
        let people = Set(people)
        return people.isEmpty
            || histories.flatMap(\.facts).contains { recorded in
                let bookers = recorded.fact.booking?.bookers ?? []
                return bookers.contains { $0.person.map { people.contains($0) } ?? false }
            }
    }

    /// Whether some event was read by settings that name the field in one of these places.
    private func isRead(
        _ histories: [AppointmentHistory],
        _ settings: SettingsReading,
        by reaching: [RulePlace]
    ) -> Bool {
        let lists = Set(reaching.map(\.list))
        return histories.flatMap(\.typedFacts).contains { fact, eventType in
            let revision = settings.revision(
                for: eventType,
                occurred: fact.occurred,
                position: fact.position
            )
            let places = revision?.places(of: field) ?? []
            return places.contains { fits($0) && lists.contains($0.list) }
        }
    }
}

extension [String] {
    /// The texts, each once, in the order in which they come first.
    fileprivate var unique: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
