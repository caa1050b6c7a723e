import Domain
import Testing

@testable import Reconciliation

@Suite("Person matcher")
struct PersonMatcherTests {
    /// What is in the org, how the settings say to look, and what comes of it.
    struct Row: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var settings: SyncSettings
        var link: RecordLink?
        var directory: Directory
        var expected: Expected

        init(
            _ description: String,
            _ expected: Expected,
            link: RecordLink? = nil,
            settings change: (inout SyncSettings) -> Void = { _ in },
            _ arrange: (inout Directory) -> Void
        ) {
            (testDescription, self.expected, self.link) = (description, expected, link)
            (settings, directory) = (SyncSettings(), Directory())
            change(&settings)
            arrange(&directory)
        }
    }

    enum Expected: Equatable, Sendable {
        case found([SalesforceID])
        case create(ObjectName, account: SalesforceID?)
        case hold(Reason, [SalesforceID])
    }

    private static func outcome(
        _ settings: SyncSettings,
        _ link: RecordLink?,
        _ directory: Directory,
        email: EmailAddress = .ada
    ) -> Expected {
        let person = DesiredPersonRecord.sample(email: email, settings: { $0 = settings })
        switch PersonMatcher.match(person, link: link, directory) {
        case .found(let record, let candidates):
            #expect(candidates.first == record.id, "the chosen one stands first")
            return .found(candidates)
        case .create(let object, let account): return .create(object, account: account)
        case .hold(let reason, let candidates): return .hold(reason, candidates)
        }
    }

    // MARK: Link and duplicates

    private static let twins: @Sendable (inout Directory) -> Void = { directory in
        directory.contacts[.ada] = [
            .contact(2, created: 20), .contact(3, created: 10), .contact(1, created: 30),
        ]
    }

    static let common = [
        Row("the link comes first", .found([.contact(7)]), link: .person(.contact(7))) {
            $0.contacts[.ada] = [.contact(1)]
            $0.show(.contact(7))
        },
        Row(
            "a linked lead that was converted is its contact",
            .found([.contact(5)]),
            link: .person(.lead(1))
        ) {
            $0.show(.lead(1, becameContact: 5), .contact(5))
            $0.contacts[.ada] = [.contact(9)]
        },
        Row(
            "a linked record that is gone is not made again",
            .hold(.deletedByOther, [.contact(7)]),
            link: .person(.contact(7))
        ) { ($0.asked, $0.deleted) = ([.contact(7)], [.contact(7)]) },
        Row(
            "the only other one with the address, once the linked record is gone",
            .found([.contact(1)]),
            link: .person(.contact(7)),
            settings: { $0.onAmbiguous = .review }
        ) {
            ($0.asked, $0.deleted) = ([.contact(7)], [.contact(7)])
            $0.contacts[.ada] = [.contact(1)]
        },
        Row(
            "a linked record that is not shown at all is not made again",
            .hold(.notVisible, [.contact(7)]),
            link: .person(.contact(7))
        ) { $0.asked = [.contact(7)] },
        Row(
            "a record that left the recycle bin was deleted all the same",
            .hold(.deletedByOther, [.contact(7)]),
            link: .person(.contact(7), state: .deletedByOther)
        ) { $0.asked = [.contact(7)] },
        Row(
            "a restored record is there again",
            .found([.contact(7)]),
            link: .person(.contact(7), state: .deletedByOther)
        ) {
            $0.asked = [.contact(7)]
            $0.show(.contact(7))
        },
        Row(
            "a merged record is the one that stayed, whatever its address",
            .found([.contact(9)]),
            link: .person(.contact(7))
        ) {
            $0.asked = [.contact(7), .contact(8), .contact(9)]
            $0.merged = [.contact(7): .contact(8), .contact(8): .contact(9)]
            $0.show(.contact(9))
            $0.contacts[.ada] = [.contact(1)]
        },
        Row(
            "a converted lead whose contact was merged is the contact that stayed",
            .found([.contact(6)]),
            link: .person(.lead(1))
        ) {
            $0.asked = [.lead(1), .contact(5), .contact(6)]
            $0.show(.lead(1, becameContact: 5), .contact(6))
            $0.merged = [.contact(5): .contact(6)]
        },
        Row(
            "records that were merged into each other in a circle are not shown",
            .hold(.notVisible, [.contact(7)]),
            link: .person(.contact(7))
        ) {
            $0.asked = [.contact(7), .contact(8)]
            $0.merged = [.contact(7): .contact(8), .contact(8): .contact(7)]
        },
        Row(
            "a record known to be deleted is not made again",
            .hold(.deletedByOther, [.contact(7)]),
            link: .person(.contact(7), state: .deletedByOther)
        ) { _ in },
        Row(
            "a merged record that left the recycle bin is found by its address",
            .found([.contact(8)]),
            link: .person(.contact(7))
        ) {
            $0.asked = [.contact(7)]
            $0.contacts[.ada] = [.contact(8)]
        },
        Row("the oldest of several", .found([.contact(3), .contact(2), .contact(1)]), twins),
        Row(
            "the newest of several",
            .found([.contact(1), .contact(2), .contact(3)]),
            settings: { $0.onAmbiguous = .newest },
            twins
        ),
        Row(
            "none of several, for a person to decide",
            .hold(.ambiguous, [.contact(3), .contact(2), .contact(1)]),
            settings: { $0.onAmbiguous = .review },
            twins
        ),
        Row(
            "a single one needs no review",
            .found([.contact(1)]),
            settings: { $0.onAmbiguous = .review }
        ) {
            $0.contacts[.ada] = [.contact(1)]
        },
        Row("of equally old ones the lower id", .found([.contact(1), .contact(2)])) {
            $0.contacts[.ada] = [.contact(2, created: 5), .contact(1, created: 5)]
        },
        Row("the record of another address is nobody's", .create(.contact, account: nil)) {
            $0.contacts[.ben] = [.contact(1)]
        },
    ]

    @Test("goes by link, then by address", arguments: common)
    func commonRows(row: Row) {
        #expect(Self.outcome(row.settings, row.link, row.directory) == row.expected)
    }

    // MARK: Modes

    private static let account: @Sendable (inout Directory) -> Void = { directory in
        directory.accountsByHost["acme.example"] = [.sample(.account(1))]
    }

    private static let contactMode = [
        Row("nobody", .create(.contact, account: nil)) { _ in },
        Row(
            "nobody, creation off",
            .hold(.creationOff, []),
            settings: { $0.skipContactCreation = true }
        ) { _ in },
        Row(
            "a contact, creation off",
            .found([.contact(1)]),
            settings: { $0.skipContactCreation = true }
        ) {
            $0.contacts[.ada] = [.contact(1)]
        },
        Row("a lead is no contact", .create(.contact, account: nil)) {
            $0.leads[.ada] = [.lead(1)]
        },
        Row("an account does not count", .create(.contact, account: nil), account),
    ]

    private static let leadMode = [
        Row("nobody", .create(.lead, account: nil)) { _ in },
        Row("a lead", .found([.lead(1)])) { $0.leads[.ada] = [.lead(1)] },
        Row("a contact is no lead", .create(.lead, account: nil)) {
            $0.contacts[.ada] = [.contact(1)]
        },
        Row(
            "a contact, checked for",
            .found([.contact(1)]),
            settings: { $0.checkForExistingContact = true }
        ) {
            $0.contacts[.ada] = [.contact(1)]
        },
        Row(
            "a contact wins over a lead",
            .found([.contact(1)]),
            settings: { $0.checkForExistingContact = true }
        ) {
            $0.contacts[.ada] = [.contact(1)]
            $0.leads[.ada] = [.lead(1)]
        },
        Row(
            "a lead, contacts checked for",
            .found([.lead(1)]),
            settings: { $0.checkForExistingContact = true }
        ) {
            $0.leads[.ada] = [.lead(1)]
        },
        Row("a converted lead is its contact", .found([.contact(5)])) {
            $0.leads[.ada] = [.lead(1, becameContact: 5)]
            $0.show(.contact(5))
        },
        Row("an open lead wins over a converted one", .found([.lead(2)])) {
            $0.leads[.ada] = [.lead(1, becameContact: 5), .lead(2)]
            $0.show(.contact(5))
        },
        Row("an account, contacts not asked for", .create(.lead, account: nil), account),
        Row(
            "an account, contacts under it asked for",
            .create(.contact, account: .account(1)),
            settings: { $0.createContactUnderAccount = true },
            account
        ),
        Row(
            "no account, contacts under it asked for",
            .create(.lead, account: nil),
            settings: { $0.createContactUnderAccount = true }
        ) { _ in },
        Row(
            "the contact made under the account is found again",
            .found([.contact(1)]),
            settings: { $0.createContactUnderAccount = true }
        ) { $0.contacts[.ada] = [.contact(1, account: 1)] },
    ]

    private static let underAccountMode = [
        Row("nobody, no account", .hold(.noAccount, [])) { _ in },
        Row("nobody, an account, nothing may be made", .hold(.creationOff, []), account),
        Row(
            "nobody, an account",
            .create(.contact, account: .account(1)),
            settings: { $0.createContactUnderAccount = true },
            account
        ),
        Row(
            "nobody, no account, leads asked for",
            .create(.lead, account: nil),
            settings: { $0.createLeadIfNoAccount = true }
        ) { _ in },
        Row(
            "nobody, an account, only leads asked for",
            .hold(.creationOff, []),
            settings: { $0.createLeadIfNoAccount = true },
            account
        ),
        Row("a contact with an account", .found([.contact(2)])) {
            $0.contacts[.ada] = [.contact(1), .contact(2, account: 1)]
        },
        Row("a contact without account", .found([.contact(1)])) {
            $0.contacts[.ada] = [.contact(1)]
        },
        Row(
            "a lead, leads asked for",
            .found([.lead(1)]),
            settings: { $0.createLeadIfNoAccount = true }
        ) {
            $0.leads[.ada] = [.lead(1)]
        },
        Row("a lead, leads not asked for", .hold(.noAccount, [])) { $0.leads[.ada] = [.lead(1)] },
        Row(
            "a contact wins over a lead",
            .found([.contact(1)]),
            settings: { $0.createLeadIfNoAccount = true }
        ) {
            $0.contacts[.ada] = [.contact(1)]
            $0.leads[.ada] = [.lead(1)]
        },
    ]

    @Sendable private static func twinAccounts(_ directory: inout Directory) {
        directory.accountsByHost["acme.example"] = [.sample(.account(2)), .sample(.account(1))]
    }

    /// Who is to be made under one of several accounts, for a person to decide.
    static let undecided: [Row] = [
        Row(
            "a contact under the account",
            .hold(.accountAmbiguous, [.account(1), .account(2)]),
            settings: {
                $0.attendeeRecord = .contactUnderAccount
                $0.createContactUnderAccount = true
            },
            twinAccounts
        ),
        Row(
            "a lead, where nobody has an account",
            .hold(.accountAmbiguous, [.account(1), .account(2)]),
            settings: {
                $0.attendeeRecord = .contactUnderAccount
                $0.createLeadIfNoAccount = true
            },
            twinAccounts
        ),
        Row(
            "a contact under the account, else a lead",
            .hold(.accountAmbiguous, [.account(1), .account(2)]),
            settings: {
                $0.attendeeRecord = .lead
                $0.createContactUnderAccount = true
            },
            twinAccounts
        ),
        Row(
            "a lead, whatever the account",
            .create(.lead, account: nil),
            settings: { $0.attendeeRecord = .lead },
            twinAccounts
        ),
        Row(
            "tie-breakers leave nothing to decide",
            .create(.contact, account: .account(1)),
            settings: {
                $0.attendeeRecord = .contactUnderAccount
                $0.createContactUnderAccount = true
                $0.accounts.tieBreakers = [.mostContacts]
            },
            twinAccounts
        ),
    ]
    .map { row in
        var row = row
        row.settings.onAmbiguous = .review
        return row
    }

    @Test("makes nobody while a person has to say which account is meant", arguments: undecided)
    func undecidedAccount(row: Row) {
        #expect(Self.outcome(row.settings, row.link, row.directory) == row.expected)
    }

    /// The switches of `facts/calcom.md` 5.4.1 to 5.4.6, mode by mode.
    static let modes: [Row] = [
        (SyncSettings.AttendeeRecord.contact, contactMode), (.lead, leadMode),
        (.contactUnderAccount, underAccountMode),
    ].flatMap { mode, rows in
        rows.map { row in
            var row = row
            row.testDescription = "\(mode.rawValue): \(row.testDescription)"
            row.settings.attendeeRecord = mode
            return row
        }
    }

    @Test("looks where the mode says", arguments: modes)
    func mode(row: Row) {
        #expect(Self.outcome(row.settings, row.link, row.directory) == row.expected)
    }

    @Test("finds no account for free mail", arguments: ["gmail.com", "gmx.de", "outlook.com"])
    func freeMail(domain: String) {
        var settings = SyncSettings()
        settings.attendeeRecord = .contactUnderAccount
        settings.createContactUnderAccount = true
        var directory = Directory()
        directory.accountsByHost[domain] = [.sample(.account(1))]
        directory.accountsByDomain[domain] = [.account(1): 500]
        let email = EmailAddress.sample("ada@\(domain)")
        let outcome = Self.outcome(settings, nil, directory, email: email)
        #expect(outcome == .hold(.noAccount, []))
    }
}

@Suite("Account resolver")
struct AccountResolverTests {
    private func resolve(
        _ email: String,
        websites: [(Int, String, created: Int)] = [],
        domains: [String: [SalesforceID: Int]] = [:],
        _ ambiguity: SyncSettings.Ambiguity = .oldest
    ) -> [SalesforceID]? {
        var directory = Directory()
        for (number, website, created) in websites {
            guard let host = MailDomains.host(ofWebsite: website) else { continue }
            directory.accountsByHost[host, default: []]
                .append(.sample(.account(number), created: created))
        }
        directory.accountsByDomain = domains
        let found = AccountResolver.resolve(
            AccountLookUp(.sample(email), onAmbiguous: ambiguity),
            directory
        )
        #expect(found?.account == found?.candidates.first)
        return found?.candidates
    }

    @Test(
        "knows a website in every spelling",
        arguments: [
            "acme.example", "www.acme.example", "http://acme.example", "https://www.acme.example/",
            "HTTPS://ACME.example/en?x=1#top", "acme.example:8443", "acme.example.",
            " acme.example ",
        ]
    )
    func spellings(website: String) {
        #expect(resolve("ada@acme.example", websites: [(1, website, 0)]) == [.account(1)])
    }

    @Test(
        "takes no website for another",
        arguments: [
            "notacme.example", "acme.example.org", "mail.acme.example", "example",
            "other.example/acme.example", "acme-example",
        ]
    )
    func otherSites(website: String) {
        #expect(resolve("ada@acme.example", websites: [(1, website, 0)]) == nil)
    }

    @Test("does not climb from a sub-domain to its parent")
    func subDomain() {
        #expect(resolve("ada@mail.acme.example", websites: [(1, "acme.example", 0)]) == nil)
        let own = resolve("ada@mail.acme.example", websites: [(1, "mail.acme.example", 0)])
        #expect(own == [.account(1)])
    }

    @Test("takes the oldest of several accounts, or the newest where that is asked for")
    func ties() {
        let websites = [(2, "acme.example", created: 5), (3, "www.acme.example", created: 1)]
        #expect(resolve("ada@acme.example", websites: websites) == [.account(3), .account(2)])
        let newest = resolve("ada@acme.example", websites: websites, .newest)
        #expect(newest == [.account(2), .account(3)])
    }

    @Test("takes none of several where a person has to decide, but the only one there is")
    func review() {
        let websites = [(2, "acme.example", created: 5), (3, "www.acme.example", created: 1)]
        #expect(resolve("ada@acme.example", websites: websites, .review) == nil)
        #expect(resolve("ada@acme.example", websites: [websites[0]], .review) == [.account(2)])
    }

    @Test("leaves it to a person which of the accounts with most contacts is meant")
    func reviewOfContacts() {
        let clear: [SalesforceID: Int] = [.account(3): 2, .account(2): 7, .account(1): 2]
        let found = resolve("ada@acme.example", domains: ["acme.example": clear], .review)
        #expect(found == [.account(2), .account(1), .account(3)])
        let tied: [SalesforceID: Int] = [.account(3): 2, .account(2): 7, .account(1): 7]
        #expect(resolve("ada@acme.example", domains: ["acme.example": tied], .review) == nil)
        var directory = Directory()
        directory.accountsByDomain = ["acme.example": tied]
        let lookUp = AccountLookUp(.sample("ada@acme.example"), onAmbiguous: .review)
        #expect(AccountResolver.undecided(lookUp, directory) == [.account(1), .account(2)])
    }

    @Test("asks the domain's contacts where no website fits; most of them win, then the lower id")
    func contacts() {
        let counts: [SalesforceID: Int] = [.account(3): 2, .account(2): 7, .account(1): 2]
        let found = resolve("ada@acme.example", domains: ["acme.example": counts])
        #expect(found == [.account(2), .account(1), .account(3)])
        let byWebsite = resolve(
            "ada@acme.example",
            websites: [(9, "acme.example", 0)],
            domains: ["acme.example": counts]
        )
        #expect(byWebsite == [.account(9)])
    }
}
