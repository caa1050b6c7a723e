/// Which account a mail domain belongs to, where several fit or some must not.
///
/// Source: `facts/calcom.md` 5.8.6 to 5.8.9.
public struct AccountMatching: Hashable, Sendable {
    /// Names of record types whose accounts never count, whatever the letter case.
    public var excludedRecordTypes: [String] = []
    /// Whether an account whose website differs only in its ending counts, if no other fits:
    /// `acme.de` for `acme.com`.
    public var matchesSimilarDomains = false
    /// What decides between several accounts; asked in the order of ``TieBreaker``, whatever the
    /// order here.
    ///
    /// Without any, ``SyncSettings/onAmbiguous`` decides.
    public var tieBreakers: [TieBreaker] = []
    /// Where the booker's place is found, for the tie-breakers that compare places.
    public var bookerPlace = BookerPlaceSource()

    /// Creates the rules that apply when a document says nothing.
    public init() {}

    /// The tie-breakers in the order in which they are asked, each once.
    public var orderedTieBreakers: [TieBreaker] { TieBreaker.allCases.filter(tieBreakers.contains) }
}

/// One question that narrows several accounts down.
///
/// The order of the cases is the order in which they are asked. Each keeps the accounts that answer
/// best; one that none of them can answer keeps all. What is still tied at the end goes to the
/// lowest id.
public enum TieBreaker: String, Hashable, Sendable, CaseIterable {
    /// The account's sub-region is the booker's.
    case subRegion
    /// Billing country, state and postal code are the booker's.
    case countryStateAndZip
    /// Billing country and state are the booker's.
    case countryAndState
    /// The billing country is the booker's.
    case country
    /// The account with most child accounts.
    case mostChildAccounts
    /// The account with most opportunities.
    case mostOpportunities
    /// The account with most contacts.
    case mostContacts
    /// The account with the latest activity.
    case latestActivity
    /// The account created first.
    case oldest
}

/// Which answers tell where the booker is, and which field of an account holds its sub-region.
public struct BookerPlaceSource: Hashable, Sendable {
    /// The field of the account that holds its sub-region.
    public var subRegionField: FieldName?
    /// The question whose answer is the booker's sub-region.
    public var subRegion: String?
    /// The question whose answer is the booker's country.
    public var country: String?
    /// The question whose answer is the booker's state.
    public var state: String?
    /// The question whose answer is the booker's postal code.
    public var zip: String?

    /// Creates a source of nothing.
    public init() {}
}

/// Where a booker is, as far as the answers tell; personal data.
public struct BookerPlace: Hashable, Sendable {
    /// The sub-region.
    public var subRegion: String?
    /// The country.
    public var country: String?
    /// The state.
    public var state: String?
    /// The postal code.
    public var zip: String?

    /// Creates a place of which nothing is known.
    public init() {}

    /// Looks the place up among answers.
    ///
    /// - Parameters:
    ///   - source: Which answers tell what.
    ///   - answer: Gives the answer to a question, or nil.
    public init(_ source: BookerPlaceSource, answer: (String) -> String?) {
        func told(_ question: String?) -> String? {
            let text = question.flatMap(answer)?.trimmingWhitespace() ?? ""
            return text.isEmpty ? nil : text
        }
        (subRegion, country) = (told(source.subRegion), told(source.country))
        (state, zip) = (told(source.state), told(source.zip))
    }
}
