import Domain

/// Which account a mail domain belongs to, worked out from the documentation alone.
struct NaiveAccounts {
    let org: SimulatedOrg
    let settings: SimulatedSettings
    /// Which of several is taken where no tie-breaker says so.
    let ambiguity: SimulatedSettings.Ambiguity

    func isGlobex(_ email: String) -> Bool { email.hasSuffix("@globex.example") }

    /// The account of Globex; nil where nobody has said which it is.
    var globex: SalesforceID? {
        let fitting = org.all(.account).filter {
            $0.text("Website").contains("globex.example") && counts($0)
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
            switch ambiguity {
            case .oldest: return byAge.first?.id
            case .newest: return byAge.last?.id
            case .review: return fitting.count == 1 ? byAge[0].id : nil
            }
        }
    }

    /// Whether the settings let an account count.
    func counts(_ account: SimulatedOrg.Record) -> Bool {
        !(settings.excludesPartners && account.fields["RecordTypeId"] != nil)
    }

    /// The accounts under which contacts stand who share the domain of an address.
    func knownByContacts(_ email: String) -> Set<SalesforceID> {
        let domain = "@" + (email.split(separator: "@").last ?? "")
        guard domain != "@gmail.com" else { return [] }
        let contacts = org.all(.contact).filter { $0.text("Email").lowercased().hasSuffix(domain) }
        return Set(contacts.compactMap { SalesforceID($0.text("AccountId")) })
    }

    /// The account whose website differs from the domain of an address in its ending only.
    func similar(_ email: String) -> SalesforceID? {
        guard settings.matchesSimilarDomains, email.hasSuffix("@initech.example") else {
            return nil
        }
        return org.all(.account).first { $0.text("Website").contains("initech.test") }?.id
    }
}
