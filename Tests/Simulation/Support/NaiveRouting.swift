import Domain

/// Who should host somebody's booking, worked out from the documentation alone: plain loops over the
/// org, written apart from the product's look-up, which it must agree with.
struct NaiveRouting {
    /// An answer.
    struct Answer: Hashable {
        /// The user; nil for nobody in particular.
        var user: String?
        var reason: String
    }

    private let org: SimulatedOrg
    private let settings: SimulatedSettings?
    private let email: String

    init(_ org: SimulatedOrg, _ settings: SimulatedSettings?, _ email: String) {
        (self.org, self.settings, self.email) = (org, settings, email)
    }

    /// The answers that are right: several where several accounts fit equally well.
    var answers: Set<Answer> {
        guard let settings else { return [Answer(reason: "no-settings")] }
        guard let routing = settings.routing else {
            return [Answer(reason: "routing-not-configured")]
        }
        if routing.skipsFreeMail, email.hasSuffix("@gmail.com") {
            return [Answer(reason: "free-mail-address")]
        }
        let accounts = accounts(settings)
        guard !accounts.isEmpty else { return [answer(settings, routing, nil)] }
        return Set(accounts.map { answer(settings, routing, $0) })
    }

    private func answer(
        _ settings: SimulatedSettings,
        _ routing: SimulatedRouting,
        _ account: SimulatedOrg.Record?
    ) -> Answer {
        if routing.asksField, let user = user(account?.text(SimulatedRouting.accountField)) {
            return Answer(user: user, reason: "account_lookup_field")
        }
        if routing.asksQuery, let user = userOfOldestLead {
            return Answer(user: user, reason: "custom_soql_lookup")
        }
        var asked: [(records: [SimulatedOrg.Record], reason: String)] = []
        switch routing.lookUp {
        case "contact": asked.append((records(.contact), "contact_owner"))
        case "lead": asked.append((records(.lead), "lead_owner"))
        default: asked.append((account.map { [$0] } ?? [], "account_owner"))
        }
        if routing.fallsBackToLead { asked.append((records(.lead), "lead_owner")) }
        for (records, reason) in asked {
            let counting = records.filter { counts($0, routing.rule) }
            guard let record = first(of: counting, settings) else { continue }
            return Answer(user: record.text("OwnerId"), reason: reason)
        }
        let isAnyPassedOver = asked.contains { !$0.records.isEmpty }
        return Answer(reason: isAnyPassedOver ? "passed-over-by-rules" : "no-record")
    }

    private func counts(_ record: SimulatedOrg.Record, _ rule: String?) -> Bool {
        let isFromBefore = record.text(SimulatedRouting.ruleField) == "before"
        switch rule {
        case "ignore": return !isFromBefore
        case "require": return isFromBefore
        default: return true
        }
    }

    /// The records of the person: no lead that became a contact.
    private func records(_ object: ObjectName) -> [SimulatedOrg.Record] {
        org.all(object).filter {
            $0.text("Email").lowercased() == email.lowercased()
                && $0.fields["IsConverted"] != .bool(true)
        }
    }

    /// The oldest, unless the newest counts: whoever asks for a host waits for no review.
    private func first(
        of records: [SimulatedOrg.Record],
        _ settings: SimulatedSettings
    ) -> SimulatedOrg.Record? {
        let byAge = records.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
        return settings.ambiguity == .newest ? byAge.last : byAge.first
    }

    /// The accounts that may be meant: that of the person's contact, else those of the mail domain.
    private func accounts(_ settings: SimulatedSettings) -> [SimulatedOrg.Record] {
        let contacts = records(.contact).filter { !$0.text("AccountId").isEmpty }
        if let contact = first(of: contacts, settings) {
            return [SalesforceID(contact.text("AccountId"))].compactMap { $0 }
                .compactMap { org.records[$0] }
        }
        let ambiguity = settings.ambiguity == .review ? .oldest : settings.ambiguity
        let naive = NaiveAccounts(org: org, settings: settings, ambiguity: ambiguity)
        if naive.isGlobex(email) {
            return naive.globex.flatMap { org.records[$0] }.map { [$0] } ?? []
        }
        let known = naive.knownByContacts(email).sorted().compactMap { org.records[$0] }
            .filter(naive.counts)
        if !known.isEmpty { return known }
        return naive.similar(email).flatMap { org.records[$0] }.map { [$0] } ?? []
    }

    private func user(_ id: String?) -> String? {
        id.flatMap { SalesforceID($0) }.flatMap { org.records[$0] }
            .flatMap { $0.object == .user ? $0.id.rawValue : nil }
    }

    private var userOfOldestLead: String? {
        let leads = org.all(.lead).filter {
            $0.text("Email").lowercased() == email.lowercased()
        }
        return user(leads.min { ($0.created, $0.id) < ($1.created, $1.id) }?.text("OwnerId"))
    }
}
