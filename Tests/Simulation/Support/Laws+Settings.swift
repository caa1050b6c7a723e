import Domain

// What further settings call for: fallback records, owners, accounts and routing forms.
extension Laws {
    mutating func checkFurther() {
        checkMisses()
        checkOwnerChanges()
        checkAccounts()
        checkAccountOwners()
        checkForms()
        checkCreationDefaults()
    }

    // MARK: Fallback records

    /// Each booking that nobody's owner was found for has one record that tells of it, unless
    /// somebody deleted it.
    private mutating func checkMisses() {
        let made = org.changes.filter { $0.isCreation && $0.field == "Booking__c" }
        let counts = Dictionary(grouping: made, by: { $0.after.string ?? "" }).mapValues(\.count)
        for (uid, count) in counts.sorted(by: { $0.key < $1.key }) where count > 1 {
            broke("\(uid) has \(count) fallback records")
        }
        // How its host was chosen goes with the person who booked.
        for meeting in model.meetings where meeting.status == .booked && !meeting.isForgotten {
            // It names the booking that was known as the first when it was made.
            guard meeting.missed != nil, meeting.uids.allSatisfy({ counts[$0] == nil }) else {
                continue
            }
            // The host may have owned the account just then.
            if meeting.isSpared, wasAccountOwned(byHostOf: meeting) { continue }
            broke("\(meeting.root) has no fallback record")
        }
        if !hasMisses, let uid = counts.keys.min() { broke("\(uid) has a fallback record") }
    }

    /// Whether an account ever passed to somebody who hosts the booker's meetings.
    private func wasAccountOwned(byHostOf meeting: NaiveModel.Meeting) -> Bool {
        let hosts = model.meetingHosts(of: meeting.booking?.booker.email ?? "")
            .compactMap { user(.string($0)) }
        return org.changes.contains { change in
            change.field == "OwnerId" && !change.isCreation
                && hosts.contains(change.after.string ?? "")
                && org.records[change.record]?.object == .account
        }
    }

    // MARK: Owners

    func user(_ email: JSON) -> String? {
        org.all(.user).first { $0.fields["Email"] == email }?.id.rawValue
    }

    /// A record changes hands from one of those who are listed to the newest booking's host.
    private mutating func checkOwnerChanges() {
        let formerOwners = SimulatedSettings.formerOwners
        for change in org.changes
        where change.field == "OwnerId" && change.editor == .daybook && !change.isCreation {
            guard let record = org.records[change.record], record.object != .eventRecord else {
                continue
            }
            let hosts = model.hosts(of: email(of: record.id)).compactMap { user(.string($0)) }
            if !hosts.isEmpty, !hosts.contains(change.after.string ?? ""),
                org.sources(of: record.id).count < 2
            {
                broke("a record was given to somebody who is no host")
            }
            if !formerOwners.contains(change.before.string ?? "") {
                broke("a record was taken from somebody who is not listed")
            }
        }
        for (number, person) in SimulatedPerson.attendees.enumerated() {
            guard let record = chosen(person.email), org.sources(of: record.id).count < 2,
                let wish = model.wishes(of: person.email, "OwnerId").last, wish.isLive,
                let host = user(wish.value), model.erasure(of: person.email) == nil
            else { continue }
            // A newer booking that gives nothing away may have made the record.
            let newest = model.wishes(of: person.email, "Size__c").last
            guard newest?.since == wish.since else { continue }
            // Bookings do not know the record that a form found under an address of before.
            if wasLeftToForms(person.email) { continue }
            // Whoever hosts the meeting by then gets a record that is made.
            if record.creator == .daybook, !isAfter(wish.since, record.created) { continue }
            // What somebody gave back by hand stays there until the next booking.
            if lastTouch(record.id, "OwnerId").map({ !isAfter(wish.since, $0) }) ?? false {
                continue
            }
            let owner = record.text("OwnerId")
            if owner != host, formerOwners.contains(owner) {
                broke("person \(number) was not given to the host")
            }
        }
    }

    // MARK: Accounts

    /// An account changes hands like a person's record: to the host of the newest booking of its
    /// people.
    private mutating func checkAccountOwners() {
        let people = SimulatedPerson.attendees.map(\.email)
        let field = NaiveModel.accountOwner
        let hosts = people.flatMap(model.hosts).compactMap { user(.string($0)) }
        for change in org.changes
        where change.field == "OwnerId" && change.editor == .daybook
            && org.records[change.record]?.object == .account
        {
            let owner = change.after.string ?? ""
            if !hosts.contains(owner) { broke("an account was given to somebody who is no host") }
        }
        // The website tells whose these are; whoever else belongs to it may have spoken last.
        let certain = people.filter { $0.hasSuffix("@globex.example") }
        let wishes = certain.flatMap { model.wishes(of: $0, field) }
        let bookings = people.flatMap { model.wishes(of: $0, "Size__c") }
        guard let newest = wishes.max(by: { $0.since < $1.since }), newest.isLive,
            let host = user(newest.value), people.allSatisfy({ model.erasure(of: $0) == nil }),
            bookings.allSatisfy({ $0.since <= newest.since })
        else { return }
        for account in org.all(.account) {
            let touch = lastTouch(account.id, "OwnerId")
            if touch.map({ !isAfter(newest.since, $0) }) ?? false { continue }
            let owner = account.text("OwnerId")
            if owner != host, SimulatedSettings.formerOwners.contains(owner) {
                broke("the account was not given to the host")
            }
        }
    }

    /// The account shows what the newest booking of one of its people says.
    private mutating func checkAccounts() {
        let field = "Account_Size__c"
        for account in org.all(.account) {
            let all = SimulatedPerson.attendees.map { person in
                (person.email, model.wishes(of: person.email, field))
            }
            // The website tells whose these are; of others it depends on contacts that come and go.
            let certain = all.filter { $0.0.hasSuffix("@globex.example") }.flatMap(\.1)
            guard let newest = certain.max(by: { $0.since < $1.since }), newest.isLive else {
                continue
            }
            let others = all.filter { !$0.0.hasSuffix("@globex.example") }.flatMap(\.1)
            // An older booking does not speak again where a newer one spoke, although by later
            // settings that one says nothing.
            let former = all.flatMap { model.formerWishes(of: $0.0, field) }
            let possible = (others + former).filter { $0.since >= newest.since }.map(\.value)
            let live = account.fields[field] ?? .null
            let erasures = all.compactMap { model.erasure(of: $0.0) }
            let edits = changes(account.id, field).filter { $0.editor == .person }.map(\.time)
            if let touch = (erasures + edits).max(), !isAfter(newest.since, touch) { continue }
            if live != newest.value, !possible.contains(live) {
                broke("the account shows \(live.text) instead of \(newest.value.text)")
            }
        }
    }

    // MARK: Forms

    /// No record is made for somebody who did nothing but answer a form.
    private mutating func checkForms() {
        for (number, person) in SimulatedPerson.attendees.enumerated()
        where !model.isAttendee(person.email) && model.erasure(of: person.email) == nil {
            let isMade = org.records.values.contains {
                $0.creator == .daybook && email(of: $0.id) == person.email
            }
            if isMade { broke("person \(number) was made for a form") }
        }
    }
}
