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
        let begun = desired.events.filter { !begunUIDs(of: $0).isEmpty }
        guard !begun.isEmpty else { return nil }
        if schema.hasKeyField(keyField) {
            let keys = begun.flatMap(begunUIDs).map { EventKey.value(for: AppointmentID(root: $0)) }
            return question(
                .eventsByKey,
                .eventRecord,
                paths(of: .eventRecord) + [keyField.rawValue],
                .isIn(keyField.rawValue, keys),
                includesDeleted: true
            )
        }
        let starts = Set(begun.compactMap(\.start)).union(begunStarts).sorted()
        return question(
            .eventsByKey,
            .eventRecord,
            paths(of: .eventRecord),
            .either(starts.map { .equals("StartDateTime", .instant($0)) }),
            includesDeleted: true
        )
    }

    /// The bookings of an appointment for which the making of an event record was begun.
    func begunUIDs(of event: DesiredEventRecord) -> [BookingUID] {
        event.uids.filter {
            begunOperations.contains(OperationID(RecordSubject.event($0).name))
        }
    }

    /// Fallback records whose making was begun and whose outcome nobody knows.
    func fallbackQuestions() -> [Question] {
        desired.fallbacks.compactMap { fallback in
            guard begunOperations.contains(OperationID(fallback.subject.name)),
                links[fallback.subject] == nil, schema.objects[fallback.object] != nil
            else { return nil }
            return question(
                .fallback(fallback.subject),
                fallback.object,
                paths(of: fallback.object),
                trace(of: fallback)
            )
        }
    }

    /// What tells a fallback record from all others: its key or, without the field for it, the
    /// texts it was made with.
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
        let begun = Query.Condition.notBefore("CreatedDate", fallback.cause.recorded.wholeSeconds)
        return .both(texts + [begun])
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
