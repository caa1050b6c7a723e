public import Domain
public import Journal
import Ledger
public import Salesforce

/// Answers who should host a person's booking, from memory while nothing changed.
///
/// | what is known                                                        | answered from |
/// |----------------------------------------------------------------------|---------------|
/// | asked before under the same settings, and a look at the org's `SystemModstamp` less than ``patience`` ago found nothing newer | the look-up |
/// | anything else                                                        | a live query  |
///
/// Anything that changed in contacts, leads, accounts or users empties the look-up: an address that
/// a record lost cannot be seen in the record. Deletions leave no stamp that a query shows, so no
/// answer is older than ``oldest``.
public actor OwnerLookUp {
    /// An answer, and where it is from.
    public struct Answer: Hashable, Sendable {
        /// Who should host.
        public var route: OwnerRouter.Route
        /// Whether it is from memory.
        public var isRemembered: Bool
        /// Up to when the org is known to have said so.
        public var asOf: Instant

        /// The answer as JSON.
        public var json: JSON {
            .object(
                (route.json.members ?? []) + [
                    JSON.Member("source", .string(isRemembered ? "look-up" : "live")),
                    JSON.Member("asOf", .string(asOf.rfc3339)),
                ]
            )
        }
    }

    private struct Question: Hashable {
        var email: EmailAddress
        var eventType: EventTypeID?
        var answers: [String: String]
    }

    private struct Entry {
        var route: OwnerRouter.Route
        var asked: Instant
        var settings: String
    }

    /// How long a look at the org is believed: milliseconds.
    static let patience: Int64 = 30_000
    /// How old an answer may be: milliseconds.
    static let oldest: Int64 = 60_000
    /// How long nobody has to ask until the org is not looked at any more: milliseconds.
    static let quiet: Int64 = 600_000
    /// The most answers that are remembered.
    private static let most = 10_000
    /// How far the org's clock may be from ours: milliseconds.
    private static let clockAllowance: Int64 = 5_000

    private let journal: Journal
    private let gateway: any SalesforceGateway
    private let now: @Sendable () -> Instant
    private var entries: [Question: Entry] = [:]
    /// When the last look that found nothing, or emptied the look-up, began.
    private var looked: Instant?
    private var lastAsked: Instant?

    /// Creates a look-up.
    ///
    /// - Parameters:
    ///   - journal: Where the settings are.
    ///   - gateway: The org.
    ///   - now: The time.
    public init(
        journal: Journal,
        gateway: any SalesforceGateway,
        now: @escaping @Sendable () -> Instant
    ) {
        (self.journal, self.gateway, self.now) = (journal, gateway, now)
    }

    /// Answers for a person.
    ///
    /// - Parameters:
    ///   - email: The person's address.
    ///   - eventType: The event type that is about to be booked.
    ///   - answers: What the person answered so far.
    /// - Returns: Who should host, and where the answer is from.
    /// - Throws: `SalesforceError`: a failed look-up is never "no owner". `LedgerError`.
    public func answer(
        _ email: EmailAddress,
        eventType: EventTypeID?,
        answers: [String: String] = [:]
    ) async throws -> Answer {
        let question = Question(email: email, eventType: eventType, answers: answers)
        let moment = now()
        lastAsked = moment
        let settings = SyncPlan.digest(of: try await journal.settingsRevisions())
        if let looked, moment.milliseconds - looked.milliseconds <= Self.patience,
            let entry = entries[question], entry.settings == settings,
            moment.milliseconds - entry.asked.milliseconds <= Self.oldest
        {
            return Answer(route: entry.route, isRemembered: true, asOf: max(looked, entry.asked))
        }
        let router = OwnerRouter(journal: journal, gateway: gateway, now: now)
        let route = try await router.route(email, eventType: eventType, answers: answers)
        // The look-up may have been emptied meanwhile; what was asked before that is not kept.
        if looked.map({ $0 <= moment }) ?? true {
            if entries.count >= Self.most { entries = [:] }
            entries[question] = Entry(route: route, asked: moment, settings: settings)
        }
        return Answer(route: route, isRemembered: false, asOf: moment)
    }

    /// Looks whether anything changed in the org, and forgets the answers if so.
    ///
    /// Does nothing while nobody asks.
    ///
    /// - Throws: `SalesforceError`; then answers come from live queries after ``patience``.
    public func refresh() async throws {
        let moment = now()
        guard let lastAsked, moment.milliseconds - lastAsked.milliseconds <= Self.quiet else {
            return
        }
        let since = (looked ?? moment).advanced(byMilliseconds: -Self.clockAllowance)
        let questions = ["Contact", "Lead", "Account", "User"].map { object in
            ReadRequest.query(
                Query(["Id"], from: ObjectName(object), where: .after("SystemModstamp", since))
            )
        }
        let answers = try await gateway.read(questions)
        // What was asked before the first look may have changed before it.
        if looked == nil || answers.contains(where: { !$0.rows.isEmpty }) { entries = [:] }
        looked = moment
    }
}
