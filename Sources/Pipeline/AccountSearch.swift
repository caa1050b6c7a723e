import Domain
import Reconciliation
import Salesforce

/// Works out what to ask an org about accounts, and files the answers.
///
/// Used by runs and by owner routing, so that both find the same account.
struct AccountSearch {
    /// What a question is for.
    enum Purpose: Hashable {
        case byWebsite
        case byContacts
        case bySimilarWebsite
        case byID
        case count(TieBreaker)
    }

    struct Question {
        var purpose: Purpose
        var query: Query
    }

    /// The look-ups whose answers are wanted.
    private(set) var lookUps: Set<AccountLookUp> = []
    private let schema: OrgSchema
    /// The fields of accounts that are wanted besides those that a look-up needs.
    private let fields: Set<FieldName>
    /// The settings by which any account is looked for, also later: an account is read once.
    private let matchings: Set<AccountMatching>
    private var askedDomains: Set<String> = []
    private var askedBases: Set<String> = []
    private var askedIDs: Set<SalesforceID> = []
    private var counted: [TieBreaker: Set<SalesforceID>] = [:]

    init(
        schema: OrgSchema,
        fields: Set<FieldName> = [],
        matchings: Set<AccountMatching>
    ) {
        (self.schema, self.fields, self.matchings) = (schema, fields, matchings)
    }

    // MARK: Questions

    /// What has to be asked to find the accounts of some addresses.
    mutating func questions(for wanted: [AccountLookUp]) -> [Question] {
        guard schema.objects[.account] != nil else { return [] }
        let new = wanted.filter { !$0.email.isFreeMail }
        lookUps.formUnion(new)
        let domains = Set(new.map(\.email.domain)).subtracting(askedDomains).sorted()
        askedDomains.formUnion(domains)
        let own = domains.isEmpty ? [] : [byWebsite(domains), byContacts(domains)]
        return own + [bySimilarWebsite(new)].compactMap { $0 }
    }

    private func byWebsite(_ domains: [String]) -> Question {
        Question(
            purpose: .byWebsite,
            query: query(.either(domains.map { .contains("Website", $0) }))
        )
    }

    private func byContacts(_ domains: [String]) -> Question {
        Question(
            purpose: .byContacts,
            query: Query(
                ["Id", "Email", "AccountId"] + personAccountFlag(.contact),
                from: .contact,
                where: .both([
                    .differs("AccountId", .empty),
                    .either(domains.map { .endsWith("Email", "@\($0)") }),
                ]),
                orderBy: ["Id"]
            )
        )
    }

    /// The field that tells person accounts, in an org that has them: a person is nobody's employer.
    private func personAccountFlag(_ object: ObjectName) -> [String] {
        let flag: FieldName = "IsPersonAccount"
        return schema.objects[object]?.fields[flag] == nil ? [] : [flag.rawValue]
    }

    private mutating func bySimilarWebsite(_ lookUps: [AccountLookUp]) -> Question? {
        let similar = lookUps.filter(\.matching.matchesSimilarDomains)
        let bases = Set(similar.compactMap { MailDomains.base(of: $0.email.domain) })
            .subtracting(askedBases).sorted()
        guard !bases.isEmpty else { return nil }
        askedBases.formUnion(bases)
        return Question(
            purpose: .bySimilarWebsite,
            query: query(.either(bases.map { .contains("Website", $0) }))
        )
    }

    /// What the answers so far leave open: accounts known by id only, then what breaks ties.
    ///
    /// - Parameters:
    ///   - directory: What was fetched.
    ///   - wanted: Accounts that are wanted whatever the look-ups say.
    /// - Returns: The questions, none when everything is known.
    mutating func followUp(_ directory: Directory, wanted: Set<SalesforceID>) -> [Question] {
        guard schema.objects[.account] != nil else { return [] }
        let found = lookUps.flatMap { lookUp -> [SalesforceID] in
            let unknown = AccountResolver.unknown(lookUp, directory)
            guard unknown.isEmpty, !fields.isEmpty else { return unknown }
            return AccountResolver.resolve(lookUp, directory).map { [$0.account] } ?? []
        }
        let ids = wanted.union(found).filter { directory.records[$0] == nil }
            .subtracting(askedIDs).sorted()
        guard ids.isEmpty else {
            askedIDs.formUnion(ids)
            return [Question(purpose: .byID, query: query(.isIn("Id", ids.map(\.rawValue))))]
        }
        return countQuestions(directory)
    }

    private mutating func countQuestions(_ directory: Directory) -> [Question] {
        var tied: [TieBreaker: Set<SalesforceID>] = [:]
        for lookUp in lookUps {
            let candidates = AccountResolver.candidates(lookUp, directory)
            guard candidates.count > 1 else { continue }
            for breaker in lookUp.matching.tieBreakers {
                tied[breaker, default: []].formUnion(candidates)
            }
        }
        return TieBreaker.allCases.compactMap { breaker in
            let accounts = (tied[breaker] ?? []).subtracting(counted[breaker] ?? [])
            guard !accounts.isEmpty else { return nil }
            counted[breaker, default: []].formUnion(accounts)
            return count(breaker, of: accounts.sorted())
        }
    }

    /// Children, opportunities or contacts of accounts; nil for what needs no counting, and for
    /// objects that the integration user cannot see: they count as equal.
    private func count(_ breaker: TieBreaker, of accounts: [SalesforceID]) -> Question? {
        let place: (object: ObjectName, path: String)
        switch breaker {
        case .mostChildAccounts: place = (.account, "ParentId")
        case .mostOpportunities: place = (.opportunity, "AccountId")
        case .mostContacts: place = (.contact, "AccountId")
        default: return nil
        }
        guard schema.objects[place.object] != nil else { return nil }
        var query = Query(
            [place.path],
            from: place.object,
            where: .isIn(place.path, accounts.map(\.rawValue))
        )
        query.countedBy = place.path
        return Question(purpose: .count(breaker), query: query)
    }

    private func query(_ condition: Query.Condition) -> Query {
        Query(paths, from: .account, where: condition, orderBy: ["Id"])
    }

    /// The fields of accounts that decide or are compared, as far as the org has them.
    var paths: [String] {
        let known = schema.objects[.account]?.fields ?? [:]
        var wanted = fields.union(["Id", "Name", "Website", "OwnerId", "IsPersonAccount"])
        wanted.formUnion(ObservedRecord.systemFields)
        wanted.formUnion(matchings.flatMap(\.comparedFields))
        let names = wanted.filter { known[$0] != nil || $0 == "Id" }.map(\.rawValue).sorted()
        // In an org without record types for accounts, the relation does not exist.
        let excludes = matchings.contains { !$0.excludedRecordTypes.isEmpty }
        let type = excludes && known["RecordTypeId"] != nil ? ["RecordType.Name"] : []
        return names + ["Owner.Name", "Owner.Email"] + type
    }

    // MARK: Answers

    /// Files the answer to a question.
    func take(_ rows: [JSON], for purpose: Purpose, into directory: inout Directory) {
        switch purpose {
        case .byWebsite:
            for account in accounts(rows, &directory) where !account.isPersonAccount {
                guard let host = account.text("Website").flatMap(MailDomains.host(ofWebsite:))
                else { continue }
                directory.accountsByHost[host, default: []].add(account)
            }
        case .bySimilarWebsite:
            for account in accounts(rows, &directory) where !account.isPersonAccount {
                guard
                    let base = account.text("Website").flatMap(MailDomains.host(ofWebsite:))
                        .flatMap(MailDomains.base(of:))
                else { continue }
                directory.accountsByBase[base, default: []].add(account)
            }
        case .byContacts:
            for row in rows where row["IsPersonAccount"]?.bool != true {
                guard let email = row["Email"]?.string.flatMap({ EmailAddress($0) }),
                    let account = row["AccountId"]?.string.flatMap({ SalesforceID($0) })
                else { continue }
                directory.accountsByDomain[email.domain, default: [:]][account, default: 0] += 1
            }
        case .byID:
            _ = accounts(rows, &directory)
        case .count(let breaker):
            for row in rows {
                let id = row.members?.lazy.compactMap { $0.value.string }
                    .compactMap { SalesforceID($0) }.first
                guard let id, let count = row[Query.countName]?.int else { continue }
                directory.accountCounts[breaker, default: [:]][id] = count
            }
        }
    }

    private func accounts(_ rows: [JSON], _ directory: inout Directory) -> [ObservedRecord] {
        let accounts = rows.compactMap { row in
            ObservedRecord(row: row, object: .account, description: schema.objects[.account])
        }
        for account in accounts { directory.records[account.id] = account }
        return accounts
    }
}

extension [ObservedRecord] {
    /// Adds a record, in place of what an earlier question found of it.
    fileprivate mutating func add(_ record: ObservedRecord) {
        if let place = firstIndex(where: { $0.id == record.id }) {
            self[place] = record
        } else {
            append(record)
        }
    }
}

extension AccountMatching {
    /// The fields of accounts that tie-breakers compare.
    fileprivate var comparedFields: [FieldName] {
        tieBreakers.flatMap { breaker -> [FieldName] in
            switch breaker {
            case .subRegion: [bookerPlace.subRegionField].compactMap { $0 }
            case .countryStateAndZip: ["BillingCountry", "BillingState", "BillingPostalCode"]
            case .countryAndState: ["BillingCountry", "BillingState"]
            case .country: ["BillingCountry"]
            case .latestActivity: ["LastActivityDate"]
            case .mostChildAccounts, .mostOpportunities, .mostContacts, .oldest: []
            }
        }
    }
}
