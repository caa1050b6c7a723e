import Domain

// Which account somebody belongs to, and what accounts show.
extension Laws {
    // MARK: Whose account

    /// Whether somebody has to say which of several accounts is meant before a record is made.
    func waitsForAccount(_ email: String) -> Bool {
        let needsAccount =
            settings.mode == .contactUnderAccount
            || settings.mode == .lead && settings.createsUnderAccount
        return needsAccount && accounts.isGlobex(email) && accounts.globex == nil
    }

    /// Whether an account has the domain of an address, by its website or by its contacts.
    func hasAccount(_ email: String) -> Bool {
        if accounts.isGlobex(email) { return accounts.globex != nil }
        return !accounts.knownByContacts(email).isEmpty || accounts.similar(email) != nil
    }

    private var accounts: NaiveAccounts {
        NaiveAccounts(org: org, settings: settings, ambiguity: settings.ambiguity)
    }

    /// Whether somebody's mail domain may ever have spoken for an account.
    func mayBelong(_ email: String, to account: String) -> Bool {
        if accounts.isGlobex(email) { return accounts.globex?.rawValue == account }
        if accounts.similar(email)?.rawValue == account { return true }
        // Contacts who told of it may be gone, or somewhere else by now.
        return org.changes.contains { change in
            change.field == "AccountId" && change.after.string == account
                && sharesDomain(change.record, with: email)
        }
    }

    private func sharesDomain(_ contact: SalesforceID, with email: String) -> Bool {
        let domain = email.split(separator: "@").last
        return domain != "gmail.com"
            && changes(contact, "Email").contains {
                $0.after.string?.split(separator: "@").last == domain
            }
    }

    /// Whether somebody can ever have belonged to an account: by the mail domain, or by a contact.
    func reaches(_ email: String, _ account: SalesforceID) -> Bool {
        mayBelong(email, to: account.rawValue)
            || org.changes.contains { change in
                change.field == "AccountId" && change.after.string == account.rawValue
                    && people(of: change.record).contains(email)
            }
    }

    /// The account to which somebody belongs now; nil for none, and where it cannot be told.
    private func account(of email: String) -> SalesforceID? {
        guard accounts.isGlobex(email) else { return nil }
        guard let record = chosen(email) else { return accounts.globex }
        return SalesforceID(record.text("AccountId")) ?? accounts.globex
    }

    private var people: [String] { SimulatedPerson.attendees.map(\.email) }

    // MARK: What accounts show

    /// An account changes hands like a person's record: to the host of the newest booking of its
    /// people.
    mutating func checkAccountOwners() {
        let field = NaiveModel.accountOwner
        let hosts = people.flatMap(model.hosts).compactMap { user(.string($0)) }
        for change in org.changes
        where change.field == "OwnerId" && change.editor == .daybook
            && org.records[change.record]?.object == .account
        {
            let owner = change.after.string ?? ""
            if !hosts.contains(owner) { broke("an account was given to somebody who is no host") }
        }
        // Whoever else belongs to it may have spoken last.
        let bookings = people.flatMap { model.wishes(of: $0, "Size__c") }
        guard people.allSatisfy({ model.erasure(of: $0) == nil }) else { return }
        for account in org.all(.account) {
            let wishes = people.filter { self.account(of: $0) == account.id }
                .flatMap { model.wishes(of: $0, field) }
            guard let newest = wishes.max(by: { $0.since < $1.since }), newest.isLive,
                let host = user(newest.value), bookings.allSatisfy({ $0.since <= newest.since })
            else { continue }
            let touch = lastTouch(account.id, "OwnerId")
            if touch.map({ !isAfter(newest.since, $0) }) ?? false { continue }
            let owner = account.text("OwnerId")
            if owner != host, SimulatedSettings.formerOwners.contains(owner) {
                broke("the account was not given to the host")
            }
        }
    }

    /// The account shows what the newest booking of one of its people says.
    mutating func checkAccounts() {
        let field = "Account_Size__c"
        for account in org.all(.account) {
            let all = people.map { ($0, model.wishes(of: $0, field)) }
            let certain = all.filter { self.account(of: $0.0) == account.id }.flatMap(\.1)
            guard let newest = certain.max(by: { $0.since < $1.since }), newest.isLive else {
                continue
            }
            let others = all.filter { self.account(of: $0.0) != account.id }.flatMap(\.1)
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
}
