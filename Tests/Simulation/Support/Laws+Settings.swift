import Domain

// What further settings call for: fallback records, owners and routing forms.
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
