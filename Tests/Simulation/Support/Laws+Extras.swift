import Domain

// What Daybook does at most: nothing that was not called for by all that was known just then.
extension Laws {
    mutating func checkExtras() {
        checkDeletions()
        checkNewEventRecords()
        checkNewPeople()
        for change in org.changes where change.editor == .daybook {
            guard let record = org.records[change.record] else { continue }
            if !isCalledFor(change, record) {
                let name = "\(record.object.rawValue).\(change.field)"
                broke("\(name): nothing called for \(change.after.text)")
            }
        }
    }

    /// What may have been known when a change was decided on.
    ///
    /// What is told while a run is under way is the next run's to write.
    private func states(_ change: SimulatedOrg.Change) -> [Knowledge.State] {
        knowledge.states(at: change.time, since: change.begun)
    }

    /// The meetings that an event record may have stood for.
    private func meetings(
        _ record: SimulatedOrg.Record,
        in states: [Knowledge.State]
    ) -> [NaiveModel.Meeting] {
        let uid = uid(of: record)
        return states.flatMap(\.meetings).filter { $0.uids.contains(uid) }
    }

    // MARK: Records

    /// An event record goes only where its meeting is over and the settings delete it then, or
    /// where another one stands for the meeting; no other record goes.
    private mutating func checkDeletions() {
        for record in org.records.values where record.deleter == .daybook {
            let states = knowledge.states(at: record.modified, since: record.begun)
            let isCalledFor = meetings(record, in: states).contains { meeting in
                meeting.status == .over && meeting.isDeletedWhenOver
                    || hasOther(record, meeting)
            }
            if !isCalledFor { broke("\(uid(of: record)): a record was deleted that is kept") }
        }
    }

    /// Whether another record stood for the meeting when one was deleted.
    private func hasOther(_ record: SimulatedOrg.Record, _ meeting: NaiveModel.Meeting) -> Bool {
        org.all(.eventRecord, withDeleted: true).contains { other in
            other.id != record.id && meeting.uids.contains(uid(of: other))
                && other.created <= record.modified
                && (!other.isDeleted || other.modified > record.modified)
        }
    }

    /// An event record is made for nothing but a meeting that takes place.
    private mutating func checkNewEventRecords() {
        for record in org.all(.eventRecord, withDeleted: true) where record.creator == .daybook {
            guard let made = changes(record.id).first else { continue }
            let isBooked = meetings(record, in: states(made)).contains { $0.status == .booked }
            if !isBooked { broke("\(uid(of: record)) has an event record and is not booked") }
        }
    }

    /// A record is made for nobody but those who attend, and of the kind that the settings say.
    private mutating func checkNewPeople() {
        for record in org.records.values where record.creator == .daybook {
            guard record.object != .account else {
                broke("an account was made")
                continue
            }
            guard [.contact, .lead].contains(record.object),
                let made = changes(record.id).first
            else { continue }
            let email = email(of: record.id)
            if !states(made).contains(where: { $0.required.contains(email) }) {
                broke("a \(record.object.rawValue) was made for somebody who does not attend")
            }
            if !mayBeMade(record, email) {
                broke("a \(record.object.rawValue) was made against the settings")
            }
        }
    }

    /// Whether the settings allow for a new record of this kind.
    private func mayBeMade(_ record: SimulatedOrg.Record, _ email: String) -> Bool {
        let isInAccount = changes(record.id, "AccountId").contains(where: \.isCreation)
        let isGlobex = email.hasSuffix("@globex.example")
        if waitsForAccount(email) { return false }
        switch (settings.mode, record.object) {
        case (.contact, .contact): return !settings.skipsCreation
        case (.contact, _): return false
        case (_, .contact): return settings.createsUnderAccount && isInAccount
        // Only the website is there all the time: other accounts are known by their contacts.
        case (.lead, _): return !(settings.createsUnderAccount && isGlobex)
        case (.contactUnderAccount, _): return settings.createsLeads && !isGlobex
        }
    }

    // MARK: Values

    private func isCalledFor(
        _ change: SimulatedOrg.Change,
        _ record: SimulatedOrg.Record
    ) -> Bool {
        // What a new record of its object is given; nothing else writes it.
        if change.field == "Origin__c" {
            return change.isCreation && change.after.string == settings.origin
        }
        let states = states(change)
        switch record.object {
        case .eventRecord:
            return meetings(record, in: states).contains { isCalledFor(change, by: $0) }
        case .account:
            let people = SimulatedPerson.attendees.map(\.email).filter { reaches($0, record.id) }
            return isCalledFor(change, by: people, states)
        case SimulatedSettings.miss:
            guard change.field == "Booking__c" else { return change.isCreation }
            return states.flatMap(\.meetings).contains { $0.missed == change.after.string }
        default:
            if let detail = isDetail(change, record) { return detail }
            return isCalledFor(change, by: people(of: record.id), states)
        }
    }

    /// Those whose record it is, or became.
    func people(of record: SalesforceID) -> [String] {
        SimulatedPerson.attendees.map(\.email).filter { email in
            self.email(of: record) == email || becameOf(record, email)
        }
    }

    private func isCalledFor(
        _ change: SimulatedOrg.Change,
        by people: [String],
        _ states: [Knowledge.State]
    ) -> Bool {
        let isAccount = org.records[change.record]?.object == .account
        let isUser = ["OwnerId", "Demo_Host__c"].contains(change.field)
        let field =
            isAccount && change.field == "OwnerId" ? NaiveModel.accountOwner : change.field
        return states.contains { state in
            let isWished = people.flatMap { state.model.wishes(of: $0, field) }.contains { wish in
                let value = isUser ? user(wish.value).map(JSON.string) : wish.value
                return value.map { SimulatedOrg.kept(field, $0) } == change.after
            }
            return isWished
                || field == "Last_Cancel__c"
                    && people.flatMap(state.model.cancelledSeries).contains(change.after)
        }
    }

    /// Whether a record says of a person what is so; nil for what fields' rules decide.
    ///
    /// Said of new records only. A contact that has no account is put under one, and never moved.
    private func isDetail(
        _ change: SimulatedOrg.Change,
        _ record: SimulatedOrg.Record
    ) -> Bool? {
        let email = email(of: record.id)
        let person = SimulatedPerson.attendees.first { $0.email == email }
        let text = change.after.string ?? ""
        switch change.field {
        case "AccountId":
            return record.object == .contact && settings.mode != .contact
                && settings.createsUnderAccount && change.before == .null
                && people(of: record.id).contains { mayBelong($0, to: text) }
        case _ where !change.isCreation: return nil
        case "Email": return person != nil
        case "FirstName", "LastName":
            return !text.isEmpty && (person?.name.contains(text) ?? false)
        case "Company": return record.object == .lead
        case "OwnerId":
            return model.meetingHosts(of: email).contains { user(.string($0)) == text }
        default: return nil
        }
    }

    /// Whether a meeting calls for a value of its event record.
    private func isCalledFor(
        _ change: SimulatedOrg.Change,
        by meeting: NaiveModel.Meeting
    ) -> Bool {
        let personal = ["Subject", "Location", "Description", "No_Show__c", "WhoId", "EventWhoIds"]
        if meeting.isForgotten, personal.contains(change.field) { return !namesErased(change) }
        switch change.field {
        case "Daybook_Key__c": return change.isCreation
        case "Description":
            let uid = change.after.string?.split(separator: " ").last.map(String.init)
            return uid.map(meeting.uids.contains) ?? false
        case "WhoId", "EventWhoIds":
            let ids = (change.after.array ?? [change.after]).compactMap(\.string)
            // Whoever was related to a meeting that is over stays so.
            if ids.isEmpty { return meeting.status != .over }
            return ids.compactMap { SalesforceID($0) }.allSatisfy { id in
                people(of: id).contains(where: meeting.related.contains)
            }
        case "First_Uid__c": return meeting.uids.contains(change.after.string ?? "")
        default:
            let wish = meeting.fields[change.field].flatMap { value($0.value, change.field) }
            return wish.map { SimulatedOrg.kept(change.field, $0) } == change.after
        }
    }

    /// Whether an event record names anew somebody who was erased, and not told of since.
    private func namesErased(_ change: SimulatedOrg.Change) -> Bool {
        let gone = SimulatedPerson.attendees.filter { person in
            // Of somebody who is erased once more later, nothing tells whether anything was known.
            let last = model.erasure(of: person.email)
            return last.map { $0 <= change.time } ?? false
                && !model.isKnownAnew(person.email, until: change.time)
        }
        let (before, after) = (
            change.before.array ?? [change.before], change.after.array ?? [change.after]
        )
        return after.contains { value in
            guard !before.contains(value), let text = value.string else { return false }
            let named = SalesforceID(text).map(people) ?? []
            return gone.contains { named.contains($0.email) || text.contains($0.name) }
        }
    }
}
