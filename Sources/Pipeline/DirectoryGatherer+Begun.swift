import Domain
import Reconciliation
import Salesforce

// What finds records whose making was begun and whose outcome nobody knows.
extension DirectoryGatherer {
    /// Event records whose making was begun and whose outcome nobody knows; perhaps in the place of
    /// one that somebody deleted.
    ///
    /// Each is asked for by the booking that its appointment was known by when that was begun, which
    /// may have joined an earlier one since.
    func keyQuestion() -> Question? {
        let events = desired.events.filter { !begunUIDs(of: $0).isEmpty }
        let uids = events.flatMap(begunUIDs)
        guard !uids.isEmpty else { return nil }
        if schema.hasKeyField(keyField) {
            let keys = uids.map { EventKey.value(for: AppointmentID(root: $0)) }
            return question(
                .eventsByKey,
                .eventRecord,
                paths(of: .eventRecord) + [keyField.rawValue],
                .isIn(keyField.rawValue, keys),
                includesDeleted: true
            )
        }
        guard let condition = unkeyedEvents(events) else { return nil }
        return question(
            .eventsByKey,
            .eventRecord,
            paths(of: .eventRecord),
            condition,
            includesDeleted: true
        )
    }

    /// What event records without our key are found among: those that we made since the first of them
    /// was begun, and, where nobody tells who we are, those that begin when they were to begin.
    ///
    /// Their description tells which booking each was made for, and cannot be asked for.
    private func unkeyedEvents(_ events: [DesiredEventRecord]) -> Query.Condition? {
        guard let ownUser else {
            let starts = Set(events.compactMap(\.start) + begun.values.compactMap(\.start)).sorted()
            return starts.isEmpty
                ? nil : .either(starts.map { .equals("StartDateTime", .instant($0)) })
        }
        let moments = events.flatMap { event in
            begunUIDs(of: event).map { uid in
                begun[OperationID(RecordSubject.event(uid).name)]?.earliestCreation
                    ?? BegunWrite.earliestCreation(after: event.cause.recorded)
            }
        }
        return moments.min().map { since in
            .both([
                .equals("CreatedById", .text(ownUser.rawValue)),
                .notBefore("CreatedDate", since.wholeSeconds),
            ])
        }
    }

    /// The bookings of an appointment for which the making of an event record was begun.
    func begunUIDs(of event: DesiredEventRecord) -> [BookingUID] {
        event.uids.filter {
            begunOperations.contains(OperationID(RecordSubject.event($0).name))
        }
    }

    /// The fields of an object that were to be written: also those that nothing calls for any more.
    func begunFields(of object: ObjectName) -> Set<FieldName> {
        let people: Set<ObjectName> = [.contact, .lead]
        return begun.values.reduce(into: []) { fields, begun in
            // A lead may have become a contact since.
            guard begun.object == object || people.isSuperset(of: [begun.object, object]) else {
                return
            }
            fields.formUnion(begun.fields.keys)
        }
    }

    /// People's records that we made since the making of one was begun whose outcome nobody knows.
    ///
    /// Those that were merged or deleted since are asked for, too: they are not made again.
    func madeQuestions() -> [Question] {
        var wanted: [ObjectName: (emails: Set<EmailAddress>, since: Instant)] = [:]
        for (name, begun) in begun where begun.kind == .create {
            guard case .person(let key)? = RecordSubject(name: name.rawValue),
                let email = desired.people[key]?.email ?? begun.email
            else { continue }
            let known = wanted[begun.object] ?? ([], begun.earliestCreation)
            wanted[begun.object] = (
                known.emails.union([email]), min(known.since, begun.earliestCreation)
            )
        }
        return wanted.filter { schema.objects[$0.key] != nil }.sorted { $0.key < $1.key }
            .map { object, wanted in
                question(
                    .made(object),
                    object,
                    paths(of: object),
                    .both([
                        .isIn("Email", wanted.emails.sorted().map(\.rawValue)),
                        .notBefore("CreatedDate", wanted.since.wholeSeconds),
                    ]),
                    includesDeleted: true
                )
            }
    }

    /// Fallback records whose making was begun and whose outcome nobody knows.
    func fallbackQuestions() -> [Question] {
        wantedFallbackQuestions() + orphanedFallbackQuestions() + unkeyedFallbackQuestions()
    }

    /// Those that nothing calls for any more, where they have the field for our key.
    private func orphanedFallbackQuestions() -> [Question] {
        orphans.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { name, begun in
            guard begun.kind == .create, schema.hasKeyField(keyField, on: begun.object),
                let subject = RecordSubject(name: name.rawValue),
                case .fallback(let uid, let fallback) = subject
            else { return nil }
            let key = EventKey.value(for: AppointmentID(root: uid), fallback: fallback)
            return question(
                .fallbacks(begun.object, [subject]),
                begun.object,
                paths(of: begun.object),
                .equals(keyField.rawValue, .text(key)),
                includesDeleted: true
            )
        }
    }

    /// Those that nothing calls for any more, and whose object has no such field: all its records
    /// since the first of them was begun.
    ///
    /// They are told apart by what they hold, and of that digests are known only, which cannot be
    /// asked for.
    private func unkeyedFallbackQuestions() -> [Question] {
        var wanted: [ObjectName: (subjects: [RecordSubject], since: Instant)] = [:]
        for (name, begun) in orphans where begun.kind == .create {
            guard let subject = RecordSubject(name: name.rawValue), case .fallback = subject,
                !schema.hasKeyField(keyField, on: begun.object)
            else { continue }
            let known = wanted[begun.object] ?? ([], begun.earliestCreation)
            wanted[begun.object] = (
                known.subjects + [subject], min(known.since, begun.earliestCreation)
            )
        }
        return wanted.filter { schema.objects[$0.key] != nil }.sorted { $0.key < $1.key }
            .map { object, wanted in
                question(
                    .fallbacks(object, wanted.subjects.sorted()),
                    object,
                    paths(of: object),
                    .notBefore("CreatedDate", wanted.since.wholeSeconds),
                    includesDeleted: true
                )
            }
    }

    private func wantedFallbackQuestions() -> [Question] {
        desired.fallbacks.compactMap { fallback in
            guard begunOperations.contains(OperationID(fallback.subject.name)),
                links[fallback.subject] == nil, schema.objects[fallback.object] != nil
            else { return nil }
            return question(
                .fallbacks(fallback.object, [fallback.subject]),
                fallback.object,
                paths(of: fallback.object),
                trace(of: fallback)
            )
        }
    }

    /// What a fallback record is found by: its key or, without the field for it, the texts it was
    /// made with and about when; then others may be found, too.
    private func trace(of fallback: DesiredFallbackRecord) -> Query.Condition {
        if schema.hasKeyField(keyField, on: fallback.object) {
            let key = EventKey.value(for: fallback.appointment, fallback: fallback.name)
            return .equals(keyField.rawValue, .text(key))
        }
        let fields = schema.objects[fallback.object]?.fields ?? [:]
        let texts = fallback.fields.compactMap { field -> Query.Condition? in
            guard case .value(.text(let text)) = field.newest.value,
                let description = fields[field.field],
                ["string", "picklist", "email", "phone", "url"].contains(description.type)
            else { return nil }
            let sent = CanonicalForm.text(of: .text(text), description)
            return .equals(field.field.rawValue, .text(sent))
        }
        let since =
            begun[OperationID(fallback.subject.name)]?.earliestCreation
            ?? BegunWrite.earliestCreation(after: fallback.cause.recorded)
        return .both(texts + [.notBefore("CreatedDate", since.wholeSeconds)])
    }
}

extension DesiredEventRecord {
    /// When the meeting begins, as far as the record says.
    fileprivate var start: Instant? {
        guard
            case .value(.instant(let start))? = fields.first(where: { $0.field == "StartDateTime" }
            )?
            .assertions.last?.value
        else { return nil }
        return start
    }
}
