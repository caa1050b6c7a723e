import Domain

// Which account somebody belongs to, and what accounts show.
extension Laws {
    // MARK: Whose account

    /// Whether somebody has to say which of several accounts is meant before a record is made.
    func waitsForAccount(_ email: String) -> Bool {
        let needsAccount =
            settings.mode == .contactUnderAccount
            || settings.mode == .lead && settings.createsUnderAccount
        return needsAccount && isGlobex(email) && globex == nil
    }

    /// Whether an account has the domain of an address, by its website or by its contacts.
    func hasAccount(_ email: String) -> Bool {
        if isGlobex(email) { return globex != nil }
        return !knownByContacts(email).isEmpty || similar(email) != nil
    }

    private func isGlobex(_ email: String) -> Bool { email.hasSuffix("@globex.example") }

    /// The account of Globex; nil where nobody has said which it is.
    private var globex: SalesforceID? {
        let fitting = org.all(.account).filter { account in
            account.text("Website").contains("globex.example")
                && !(settings.excludesPartners && account.fields["RecordTypeId"] != nil)
        }
        let byAge = fitting.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
        switch settings.tieBreakers.first {
        case .oldest: return byAge.first?.id
        case .latestActivity:
            let latest = fitting.map { $0.text("LastActivityDate") }.max()
            return fitting.filter { $0.text("LastActivityDate") == latest }.map(\.id).min()
        // Nothing that these count is there.
        case .some: return fitting.map(\.id).min()
        case nil:
            switch settings.ambiguity {
            case .oldest: return byAge.first?.id
            case .newest: return byAge.last?.id
            case .review: return fitting.count == 1 ? byAge[0].id : nil
            }
        }
    }

    /// The accounts under which contacts ever stood who share the domain of an address.
    private func knownByContacts(_ email: String) -> Set<SalesforceID> {
        let domain = "@" + (email.split(separator: "@").last ?? "")
        guard domain != "@gmail.com" else { return [] }
        let contacts = org.all(.contact).filter { $0.text("Email").lowercased().hasSuffix(domain) }
        return Set(contacts.compactMap { SalesforceID($0.text("AccountId")) })
    }

    /// The account whose website differs from the domain of an address in its ending only.
    private func similar(_ email: String) -> SalesforceID? {
        guard settings.matchesSimilarDomains, email.hasSuffix("@initech.example") else {
            return nil
        }
        return org.all(.account).first { $0.text("Website").contains("initech.test") }?.id
    }

    /// Whether somebody's mail domain may ever have spoken for an account.
    func mayBelong(_ email: String, to account: String) -> Bool {
        if isGlobex(email) { return globex?.rawValue == account }
        if similar(email)?.rawValue == account { return true }
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
        guard isGlobex(email) else { return nil }
        guard let record = chosen(email) else { return globex }
        return SalesforceID(record.text("AccountId")) ?? globex
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
