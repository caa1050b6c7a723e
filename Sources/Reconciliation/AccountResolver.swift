public import Domain

/// Finds the account to which a person belongs.
///
/// | step | accounts                                                                        |
/// |-----:|---------------------------------------------------------------------------------|
/// |    1 | whose website's host equals the mail domain, in whatever spelling                |
/// |    2 | with most contacts of the mail domain                                            |
/// |    3 | whose website differs from the mail domain in its ending only, if that is asked for |
///
/// Accounts of excluded record types are left out of every step. The first step that finds any
/// decides; of several accounts the tie-breakers choose, or the settings' `onAmbiguous` without
/// any: where that asks for a review, none is taken. Free mail domains belong to nobody.
///
/// Source: `facts/calcom.md` 5.8.6 to 5.8.9.
public enum AccountResolver {
    /// The account that was found.
    public struct Resolution: Hashable, Sendable {
        /// The chosen account.
        public var account: SalesforceID
        /// All accounts that fit, the chosen one first.
        public var candidates: [SalesforceID]
    }

    /// Finds the account of an address; nil if none fits, for free mail, and where a person has to
    /// say which of several is meant.
    ///
    /// - Parameters:
    ///   - lookUp: The address, and what counts.
    ///   - directory: What was fetched.
    /// - Returns: The account.
    public static func resolve(
        _ lookUp: AccountLookUp,
        _ directory: Directory
    ) -> Resolution? {
        let step = step(lookUp, directory)
        guard !step.accounts.isEmpty, undecided(step, lookUp, directory).isEmpty else { return nil }
        let breakers = lookUp.matching.orderedTieBreakers
        guard breakers.isEmpty else {
            let tie = AccountTie(lookUp: lookUp, directory: directory)
            let best = tie.broken(step.accounts.map(\.id), by: breakers)
            return Resolution(account: best[0], candidates: best)
        }
        guard step.isRanked else {
            return Choice.pick(step.accounts, lookUp.onAmbiguous)
                .map { Resolution(account: $0.first.id, candidates: $0.all) }
        }
        let ids = step.accounts.map(\.id)
        return Resolution(account: ids[0], candidates: ids)
    }

    /// The accounts of which a person has to say which is meant; ids only, the lowest first.
    ///
    /// - Parameters:
    ///   - lookUp: The address, and what counts.
    ///   - directory: What was fetched.
    /// - Returns: The ids, none where nothing stands between the address and its account.
    public static func undecided(
        _ lookUp: AccountLookUp,
        _ directory: Directory
    ) -> [SalesforceID] {
        undecided(step(lookUp, directory), lookUp, directory)
    }

    private static func undecided(
        _ step: Step,
        _ lookUp: AccountLookUp,
        _ directory: Directory
    ) -> [SalesforceID] {
        guard lookUp.onAmbiguous == .review, lookUp.matching.tieBreakers.isEmpty else { return [] }
        var ids = step.accounts.map(\.id)
        if step.isRanked {
            // The number of contacts decides, unless several have most.
            let counts = directory.accountsByDomain[lookUp.email.domain] ?? [:]
            let most = ids.first.flatMap { counts[$0] }
            ids = ids.filter { counts[$0] == most }
        }
        return ids.count > 1 ? ids.sorted() : []
    }

    /// The accounts among which tie-breakers would choose; ids only, the lowest first.
    ///
    /// - Parameters:
    ///   - lookUp: The address, and what counts.
    ///   - directory: What was fetched.
    /// - Returns: The ids, none for free mail.
    public static func candidates(
        _ lookUp: AccountLookUp,
        _ directory: Directory
    ) -> [SalesforceID] {
        step(lookUp, directory).accounts.map(\.id).sorted()
    }

    /// Accounts that only their contacts tell of, so that nothing else is known of them yet.
    ///
    /// - Parameters:
    ///   - lookUp: The address, and what counts.
    ///   - directory: What was fetched.
    /// - Returns: The ids; none where the look-up does not depend on more.
    public static func unknown(
        _ lookUp: AccountLookUp,
        _ directory: Directory
    ) -> [SalesforceID] {
        let matching = lookUp.matching
        guard !lookUp.email.isFreeMail,
            !matching.excludedRecordTypes.isEmpty || !matching.tieBreakers.isEmpty
        else { return [] }
        return (directory.accountsByDomain[lookUp.email.domain] ?? [:]).keys
            .filter { directory.records[$0] == nil }.sorted()
    }

    private typealias Step = (accounts: [ObservedRecord], isRanked: Bool)

    /// The accounts of the first step that finds any; ranked ones in order of their rank.
    private static func step(_ lookUp: AccountLookUp, _ directory: Directory) -> Step {
        guard !lookUp.email.isFreeMail else { return ([], false) }
        let domain = lookUp.email.domain
        let byWebsite = admitted(directory.accountsByHost[domain] ?? [], lookUp)
        if !byWebsite.isEmpty { return (byWebsite, false) }
        let byContacts = byContacts(lookUp, directory)
        if !byContacts.isEmpty { return (byContacts, true) }
        guard lookUp.matching.matchesSimilarDomains,
            let base = MailDomains.base(of: domain)
        else { return ([], false) }
        return (admitted(directory.accountsByBase[base] ?? [], lookUp), false)
    }

    /// By number of contacts; with tie-breakers, only those that have most.
    private static func byContacts(
        _ lookUp: AccountLookUp,
        _ directory: Directory
    ) -> [ObservedRecord] {
        let counts = directory.accountsByDomain[lookUp.email.domain] ?? [:]
        let isChecked = !lookUp.matching.excludedRecordTypes.isEmpty
        let known = counts.keys.compactMap { id -> ObservedRecord? in
            // What cannot be checked is not taken.
            directory.records[id]
                ?? (isChecked ? nil : ObservedRecord(id: id, object: .account, fields: [:]))
        }
        let ranked = admitted(known, lookUp).sorted { left, right in
            (counts[right.id] ?? 0, left.id) < (counts[left.id] ?? 0, right.id)
        }
        guard !lookUp.matching.tieBreakers.isEmpty, let most = ranked.first else { return ranked }
        return ranked.filter { counts[$0.id] == counts[most.id] }
    }

    private static func admitted(
        _ accounts: [ObservedRecord],
        _ lookUp: AccountLookUp
    ) -> [ObservedRecord] {
        let excluded = Set(lookUp.matching.excludedRecordTypes.map { $0.lowercased() })
        guard !excluded.isEmpty else { return accounts }
        return accounts.filter { account in
            account.related["RecordType.Name"].map { !excluded.contains($0.lowercased()) } ?? true
        }
    }
}

/// Several accounts of which one has to be chosen.
struct AccountTie {
    let lookUp: AccountLookUp
    let directory: Directory

    /// All accounts with the chosen one first, the others by id.
    func broken(_ accounts: [SalesforceID], by breakers: [TieBreaker]) -> [SalesforceID] {
        var rest = accounts.sorted()
        for breaker in breakers where rest.count > 1 {
            let scores = rest.map { (id: $0, score: score($0, breaker)) }
            let best = scores.compactMap(\.score).max()
            guard let best else { continue }
            rest = scores.filter { $0.score == best }.map(\.id)
        }
        let chosen = rest[0]
        return [chosen] + accounts.filter { $0 != chosen }.sorted()
    }

    /// How well an account answers; the highest wins, and nil loses.
    private func score(_ id: SalesforceID, _ breaker: TieBreaker) -> Int64? {
        guard let account = directory.records[id] else { return nil }
        let place = lookUp.place
        switch breaker {
        case .subRegion:
            guard let field = lookUp.matching.bookerPlace.subRegionField else { return nil }
            return agreement(account, [(field, place.subRegion)])
        case .countryStateAndZip:
            return agreement(
                account,
                [
                    ("BillingCountry", place.country), ("BillingState", place.state),
                    ("BillingPostalCode", place.zip),
                ]
            )
        case .countryAndState:
            return agreement(
                account,
                [("BillingCountry", place.country), ("BillingState", place.state)]
            )
        case .country: return agreement(account, [("BillingCountry", place.country)])
        case .mostChildAccounts, .mostOpportunities, .mostContacts:
            return directory.accountCounts[breaker]?[id].map(Int64.init)
        case .latestActivity:
            guard case .date(let day) = account.value("LastActivityDate") else { return nil }
            return Instant(rfc3339: "\(day.iso8601)T00:00:00Z")?.milliseconds
        case .oldest: return account.created.map { -$0.milliseconds }
        }
    }

    /// 1 if all fields say what the booker says, whatever the letter case; nil otherwise.
    private func agreement(
        _ account: ObservedRecord,
        _ parts: [(field: FieldName, told: String?)]
    ) -> Int64? {
        let agrees = parts.allSatisfy { field, told in
            guard let told, let text = account.text(field) else { return false }
            return text.trimmingWhitespace().lowercased() == told.lowercased()
        }
        return agrees ? 1 : nil
    }
}
