import Domain

// What Daybook may not have done at any moment.
extension Laws {
    /// Walks through everything that Daybook wrote over something else.
    mutating func checkWrites() {
        for (place, change) in org.changes.enumerated()
        where change.editor == .daybook && !change.isCreation {
            guard let record = org.records[change.record] else { continue }
            let policy = policy(of: change.field, record.object)
            if policy == "observe" { broke("\(change.field) was written, and is only observed") }
            let isFilled = change.before != .null && !isEditedUnseen(before: place, change)
            if policy == "whenEmpty", isFilled {
                broke("\(change.field) was written over \(change.before.text)")
            }
            checkEdit(before: place, change, policy, record)
            checkRespect(before: place, change, policy ?? "", record)
            checkReplay(before: place, change, record)
        }
        for change in org.changes
        where change.isCreation && change.editor == .daybook && change.field == "Watched_Size__c" {
            broke("\(change.field) was written, and is only observed")
        }
    }

    private func policy(of field: String, _ object: ObjectName) -> String? {
        if object == .eventRecord {
            let own = SimulatedSettings.eventPolicies.first { $0.field == field }?.policy
            if let own { return own }
            return field.hasSuffix("WhoIds") || field == "WhoId" ? nil : "always"
        }
        return SimulatedSettings.policies.first { $0.field == field }?.policy
    }

    /// Nothing is written to the record of a person who was erased, and of whom nothing new was told.
    mutating func checkErased() {
        for change in org.changes where change.editor == .daybook {
            let email = email(of: change.record)
            guard org.records[change.record]?.object != .eventRecord,
                let erased = model.erasure(of: email), change.time > erased,
                !model.isKnownAnew(email, until: change.time)
            else { continue }
            broke("\(change.field) of an erased person was written")
        }
    }

    /// An edit that is certainly newer than everything that was booked is not written over.
    private mutating func checkEdit(
        before place: Int,
        _ change: SimulatedOrg.Change,
        _ policy: String?,
        _ record: SimulatedOrg.Record
    ) {
        // An edit that left the value as it was leaves no trace: it is none.
        let earlier = org.changes[..<place].filter {
            $0.record == change.record && $0.field == change.field
                && ($0.editor == .daybook || $0.before != $0.after)
        }
        guard let policy, policy != "enforce", let edit = earlier.last, edit.editor == .person,
            !edit.isCreation, !org.tookOver(record.id),
            let seen = earlier.last(where: { $0.editor == .daybook })
        else { return }
        // What an automation makes of a value in the same breath is nobody's edit.
        guard edit.time != seen.time else { return }
        guard !isForgotten(seen, until: change.time, record) else { return }
        // Of a job's write without an answer Daybook knows only that it came after its look.
        let known = seen.isAnswerLost ? seen.looked ?? seen.time : seen.time
        let latest = known.advanced(byMilliseconds: -5_000)
        guard moments(record, knownFor: change).allSatisfy({ $0 <= latest }) else { return }
        // An empty field is filled by whatever is told next.
        if policy == "whenEmpty", wasTold(of: record, after: seen.time) { return }
        if isUnknowable(seen, until: place) { return }
        if isEditedUnseen(before: place, change) { return }
        // What somebody put there may be just what was wanted: then it counts as ours.
        let wishes =
            record.object == .eventRecord
            ? [] : model.wishes(of: email(of: record.id), change.field).map(\.value)
        guard !wishes.contains(where: { SimulatedOrg.kept(change.field, $0) == edit.after }) else {
            return
        }
        broke("\(record.object.rawValue).\(change.field) (\(policy)): a newer edit was overwritten")
    }

    /// What somebody put into a field, or took out of it, stands where its policy says so, whatever
    /// is booked later.
    private mutating func checkRespect(
        before place: Int,
        _ change: SimulatedOrg.Change,
        _ policy: String,
        _ record: SimulatedOrg.Record
    ) {
        // An edit that left the value as it was leaves no trace: it is none.
        let earlier = org.changes[..<place].filter {
            $0.record == change.record && $0.field == change.field
                && ($0.editor == .daybook || $0.before != $0.after)
        }
        guard ["sticky", "protect", "whenEmptyOrOurs"].contains(policy),
            let edit = earlier.last, edit.editor == .person,
            !isEditedUnseen(before: place, change), !isAdopted(edit, until: change)
        else { return }
        let written = earlier.last { $0.editor == .daybook }
        // What came along from another record is still Daybook's, though it did not write it here.
        if written == nil, org.tookOver(record.id) { return }
        // What an automation makes of a value in the same breath is nobody's edit.
        if let written, edit.time == written.time || isUnknowable(written, until: place) { return }
        let isOurs =
            written.map {
                !isForgotten($0, until: change.time, record) || isTakenUp(before: edit)
            } ?? false
        guard isOurs || edit.after != .null else { return }
        let isNews = hasNews(change, since: edit.time, record)
        let isRight =
            switch policy {
            case "protect": isOurs && isNews
            case "whenEmptyOrOurs": isOurs && isNews && edit.after == .null
            default: false
            }
        let name = "\(record.object.rawValue).\(change.field) (\(policy))"
        if !isRight { broke("\(name): \(edit.after.text) of somebody's was overwritten") }
    }

    /// Whether what somebody put there is just what was wanted: then it counts as Daybook's.
    private func isAdopted(
        _ edit: SimulatedOrg.Change,
        until change: SimulatedOrg.Change
    ) -> Bool {
        let states = knowledge.states(at: change.time, since: change.looked)
        let people = people(of: edit.record)
        return states.contains { state in
            people.flatMap { state.model.formerWishes(of: $0, edit.field) }
                .contains { SimulatedOrg.kept(edit.field, $0.value) == edit.after }
        }
    }

    /// Whether an erasure took what the ledger knew of a write.
    private func isForgotten(
        _ written: SimulatedOrg.Change,
        until moment: Instant,
        _ record: SimulatedOrg.Record
    ) -> Bool {
        people(of: record.id).contains {
            model.wasErased($0, after: written.time, until: moment)
        }
    }

    /// Whether Daybook dealt with a record again after an erasure, while the value stood there as it
    /// had left it: then that counts as its own once more.
    private func isTakenUp(before edit: SimulatedOrg.Change) -> Bool {
        guard let erased = model.erasure(of: email(of: edit.record)) else { return false }
        return changes(edit.record).contains {
            $0.editor == .daybook && $0.time > erased && $0.time < edit.time
        }
    }

    /// Whether a value was booked after a moment, as far as was known when it was written.
    private func hasNews(
        _ change: SimulatedOrg.Change,
        since moment: Instant,
        _ record: SimulatedOrg.Record
    ) -> Bool {
        let states = knowledge.states(at: change.time, since: change.looked)
        let people = people(of: record.id)
        let wishes = states.flatMap { state in
            people.flatMap { state.model.wishes(of: $0, change.field) }
        }
        return wishes.contains {
            $0.since > moment && SimulatedOrg.kept(change.field, $0.value) == change.after
        }
    }

    private func wasTold(of record: SimulatedOrg.Record, after moment: Instant) -> Bool {
        guard record.object == .eventRecord else {
            return model.wasTold(of: email(of: record.id), after: moment)
        }
        let uid = uid(of: record)
        let uids = model.meetings.first { $0.uids.contains(uid) }?.uids ?? []
        return model.wasTold(of: uids, after: moment)
    }

    /// Whether somebody edited the field while the job waited that wrote over it: a job compares
    /// nothing.
    private func isEditedUnseen(before place: Int, _ change: SimulatedOrg.Change) -> Bool {
        let edit = org.changes[..<place].last {
            $0.record == change.record && $0.field == change.field
        }
        guard let looked = change.looked, let edit, edit.editor == .person else { return false }
        return edit.time >= looked
    }

    /// What settings say of bookings that were told before them never replaces somebody's value.
    private mutating func checkReplay(
        before place: Int,
        _ change: SimulatedOrg.Change,
        _ record: SimulatedOrg.Record
    ) {
        let email = email(of: record.id)
        guard SimulatedSettings.policies.contains(where: { $0.field == change.field }),
            change.before != .null, org.sources(of: record.id) == [record.id],
            !model.wasErased(email, until: change.time)
        else { return }
        let earlier = org.changes[..<place].last {
            $0.record == change.record && $0.field == change.field
        }
        guard earlier?.editor == .person else { return }
        let states = knowledge.states(at: change.time, since: change.looked)
        let wishes = states.flatMap { $0.model.formerWishes(of: email, change.field) }
        let isLive = wishes.contains {
            $0.isLive && SimulatedOrg.kept(change.field, $0.value) == change.after
        }
        if !isLive { broke("\(change.field): a replay wrote over \(change.before.text)") }
    }

    /// Whether somebody edited all that one write of ours had changed: when its answer was lost,
    /// nothing shows any more that it was made.
    private func isUnknowable(_ seen: SimulatedOrg.Change, until place: Int) -> Bool {
        guard seen.isAnswerLost, !seen.isCreation else { return false }
        let all = org.changes[..<place].filter { $0.record == seen.record }
        let written = all.filter { $0.editor == .daybook && $0.time == seen.time }.map(\.field)
        let edited = Set(
            all.filter { $0.editor == .person && $0.time >= seen.time }.map(\.field)
        )
        return written.allSatisfy(edited.contains)
    }

    /// When everything happened that counts for a record, also as it was known at the write: what is told
    /// later can take the cancellation of a series away.
    private func moments(
        _ record: SimulatedOrg.Record,
        knownFor change: SimulatedOrg.Change
    ) -> [Instant] {
        guard record.object == .eventRecord else { return model.moments(of: email(of: record.id)) }
        let states = knowledge.states(at: change.time, since: change.looked)
        let uid = uid(of: record)
        return ([model] + states.map(\.model)).flatMap { model in
            model.moments(of: model.meetings.first { $0.uids.contains(uid) }?.uids ?? [])
        }
    }
}
