import Domain
import Journal
import Ledger
import Projection

/// Finds the story of one field in the ledger.
struct Explainer {
    let journal: Journal

    func explain(
        _ record: SalesforceID,
        _ field: FieldName,
        live: JSON?
    ) async throws -> Explanation {
        let history = try await RecordEvents(record, journal)
        let links = try await journal.links(to: record)
        var told = Explanation(
            record: record,
            object: try object(links, history),
            field: field
        )
        told.live = live
        try await takeWrite(history, &told)
        try await takeClaim(&told)
        try await takeHold(history, &told)
        try await takePlan(history, &told)
        try await takeRequest(history, &told)
        try await takeInputs(&told)
        if told.outcome == .never { try await explainSilence(history, links, &told) }
        noteState(links, &told)
        return told
    }

    private func object(_ links: [RecordLink], _ history: RecordEvents) throws -> ObjectName {
        if let link = links.first { return link.object }
        let named = try history.events.lazy.compactMap { try $0.json()["object"]?.string }.last
        return ObjectName(named ?? "")
    }

    // MARK: What was written

    private func takeWrite(_ history: RecordEvents, _ told: inout Explanation) async throws {
        for event in history.events.reversed() where event.type == "write.confirmed" {
            let data = try event.json()
            guard let entry = data["fields"]?.array?.last(where: { told.isAbout($0["field"]) })
            else { continue }
            told.outcome = .written
            told.take(entry)
            told.reason = entry["reason"]?.string.flatMap(Reason.init) ?? .noOpinion
            (told.run, told.isOwned) = (data["run"]?.string, true)
            told.written = Instant(milliseconds: event.occurred)
            (told.receipt, told.request) = (
                LedgerPosition(event.position), data["request"]?.string
            )
            told.cause = try await cause(entry["cause"])
            try takeValues(event, &told)
            return
        }
    }

    private func takeValues(_ event: StoredEvent, _ told: inout Explanation) throws {
        guard let values = try event.values() else {
            told.notes.append(
                event.hasErasedValues
                    ? "The value cannot be read any more: the person was erased."
                    : "The value was not kept with the receipt."
            )
            return
        }
        let own = values.members?.last { told.isAbout(.string($0.name)) }?.value
        (told.value, told.before, told.seen) = (own?["sent"], own?["before"], own?["seen"])
    }

    private func cause(_ json: JSON?) async throws -> Explanation.Cause? {
        guard let number = json?.int, number > 0 else { return nil }
        let position = LedgerPosition(Int64(number))
        guard let event = try await journal.openedEvents(at: [position]).first?.event else {
            return nil
        }
        return Explanation.Cause(
            position: position,
            type: event.type,
            occurred: Instant(milliseconds: event.occurred),
            booking: try event.json()["uid"]?.string.flatMap(BookingUID.init)
        )
    }

    // MARK: What is remembered, held, planned

    private func takeClaim(_ told: inout Explanation) async throws {
        let claims = try await journal.claims(on: [told.record])[told.record] ?? [:]
        guard let (field, claim) = claims.first(where: { $0.key.isSame(as: told.field) }) else {
            return
        }
        told.field = field
        guard claim.sent != nil else { return }
        told.isOwned = true
        guard told.outcome == .never else { return }
        (told.outcome, told.reason) = (.adopted, claim.outcome)
        told.cause = try await cause(.integer(claim.considered.position.rawValue))
    }

    private func takeHold(_ history: RecordEvents, _ told: inout Explanation) async throws {
        let holds = try standingHolds(history, told)
        guard let first = holds.first, let last = holds.last, let reason = last.reason else {
            return
        }
        let claim = try await journal.claims(on: [told.record])[told.record]?[told.field]
        // A field that was taken over or written since is held no longer.
        guard claim.map({ $0.outcome == reason }) ?? true else { return }
        let data = last.data
        let hold = Explanation.Hold(
            position: LedgerPosition(last.event.position),
            since: Instant(milliseconds: first.event.recorded),
            reason: reason,
            detail: data["detail"]?.string ?? "",
            run: data["run"]?.string,
            cause: try await cause(data["cause"])
        )
        (told.hold, told.reason) = (hold, reason)
        guard told.outcome == .never else { return }
        told.outcome = .held
        told.take(data)
        (told.run, told.cause) = (hold.run, hold.cause)
    }

    /// The holds of the field since it was last written, as far back as one reason stands.
    ///
    /// A hold is recorded again for every booking fact that asks for the value. Two for one fact
    /// tell that the field was not held in between: it was taken over as it stood.
    private func standingHolds(
        _ history: RecordEvents,
        _ told: Explanation
    ) throws -> [RecordedHold] {
        var standing: [RecordedHold] = []
        for event in history.events.reversed() {
            guard event.position > told.receipt?.rawValue ?? 0 else { break }
            guard ["field.held", "field.adopted"].contains(event.type) else { continue }
            let data = try event.json()
            guard told.isAbout(data["field"]) else { continue }
            let hold = RecordedHold(event: event, data: data)
            guard event.type == "field.held", standing.last.map(hold.leads(to:)) ?? true else {
                break
            }
            standing.append(hold)
        }
        return standing.reversed()
    }

    /// Takes the rule of a field that was never written from the last plan that looked at it.
    private func takePlan(_ history: RecordEvents, _ told: inout Explanation) async throws {
        guard told.rule == nil else { return }
        for subject in history.subjects {
            guard
                let planned = try await journal.lastPlanned(OperationID(subject.name)),
                let entry = planned.operation["fields"]?.array?
                    .last(where: { told.isAbout($0["field"]) })
            else { continue }
            told.take(entry)
            told.run = told.run ?? planned.run
            return
        }
    }

    // MARK: What it was formed from, and how it was sent

    private func takeInputs(_ told: inout Explanation) async throws {
        guard let rule = told.rule, let cause = told.cause, let uid = cause.booking,
            let history = try await journal.history(ofBooking: uid)
        else { return }
        // What was accepted later did not read the event then.
        let known = try await journal.settingsRevisions().filter { revision in
            told.settingsVersion.map { revision.version <= $0 } ?? true
        }
        told.formed =
            AppointmentProjector.inputs(
                of: rule,
                at: cause.position,
                history,
                settings: SettingsTimeline(known)
            ).first
    }

    /// The plan of the run, and the intent that stood before the call.
    private func takeRequest(_ history: RecordEvents, _ told: inout Explanation) async throws {
        guard let receipt = told.receipt, let run = told.run,
            let event = history.events.last(where: { $0.position == receipt.rawValue }),
            let operation = try event.json()["operation"]?.string
        else { return }
        told.plan = try await journal.planID(ofRun: run, naming: OperationID(operation))
        told.intent = try history.events.last { event in
            guard event.type == "write.intended", event.position < receipt.rawValue else {
                return false
            }
            let data = try event.json()
            return data["run"]?.string == run && data["operation"]?.string == operation
        }.map { LedgerPosition($0.position) }
    }

    // MARK: What is not there

    private func explainSilence(
        _ history: RecordEvents,
        _ links: [RecordLink],
        _ told: inout Explanation
    ) async throws {
        let silence = Silence(
            journal: journal,
            subjects: history.subjects,
            object: told.object,
            isOurs: links.contains(where: \.isOurs),
            field: told.field
        )
        let (rule, note) = try await silence.reason()
        told.rule = told.rule ?? rule
        told.notes.append(note)
    }

    private func noteState(_ links: [RecordLink], _ told: inout Explanation) {
        if links.contains(where: { $0.state == .deleted }) {
            told.notes.append("Daybook deleted the record since.")
        } else if links.contains(where: { $0.state == .deletedByOther }) {
            told.notes.append(Reason.deletedByOther.words.text)
        } else if links.isEmpty {
            told.notes.append(
                """
                Daybook does not deal with this record any more: another one stands for the same \
                person or booking, see 'daybook trace record \(told.record.rawValue)'.
                """
            )
        }
    }
}

/// An event that tells why a field was not written.
private struct RecordedHold {
    let event: StoredEvent
    let data: JSON

    var reason: Reason? { data["reason"]?.string.flatMap(Reason.init) }

    /// Whether the field was held without a break from this hold to the next one.
    func leads(to next: Self) -> Bool {
        data["reason"] == next.data["reason"] && data["cause"] != next.data["cause"]
    }
}

extension Explanation {
    /// Whether a name found in the ledger is that of the field.
    fileprivate func isAbout(_ name: JSON?) -> Bool {
        name?.string.map { FieldName($0).isSame(as: field) } ?? false
    }

    /// Takes over what an event or a plan says of the field.
    fileprivate mutating func take(_ entry: JSON) {
        field = entry["field"]?.string.map(FieldName.init) ?? field
        rule = entry["rule"]?.string
        settingsVersion = entry["version"]?.int.map(SettingsVersion.init)
    }
}
