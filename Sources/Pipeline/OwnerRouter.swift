public import Domain
public import Journal
import Ledger
import Projection
public import Salesforce

/// Finds the user who should host a booking of a known person: "book directly with the attendee's
/// owner".
public struct OwnerRouter: Sendable {
    /// Who should host, and why.
    public struct Route: Hashable, Sendable {
        /// The Salesforce user, or nil for "nobody in particular".
        public var user: SalesforceID?
        /// The user's address: what Cal.com knows hosts by.
        public var email: String?
        /// Why, for example `contact_owner` or `no-record`.
        public var reason: String

        /// The answer as JSON.
        public var json: JSON {
            let owner: JSON =
                user.map { id in
                    .compact([
                        ("email", email.map(JSON.string)),
                        ("salesforceUserId", .string(id.rawValue)),
                    ])
                } ?? .null
            return .compact([("owner", owner), ("reason", .string(reason))])
        }

        static func nobody(_ reason: String) -> Self {
            Self(user: nil, email: nil, reason: reason)
        }
    }

    private let journal: Journal
    private let gateway: any SalesforceGateway
    private let actor: String
    private let now: @Sendable () -> Instant

    /// Creates a router.
    ///
    /// - Parameters:
    ///   - journal: Where the settings are.
    ///   - gateway: The org.
    ///   - actor: Who asks, for the ledger.
    ///   - now: The time.
    public init(
        journal: Journal,
        gateway: any SalesforceGateway,
        actor: String = "daybook",
        now: @escaping @Sendable () -> Instant
    ) {
        (self.journal, self.gateway) = (journal, gateway)
        (self.actor, self.now) = (actor, now)
    }

    /// Routes a person, with the settings that are in force now.
    ///
    /// What the org answered is recorded as `owner.routed`. Nothing is recorded when it need not be
    /// asked: without settings for this, or for an address of a free mail service.
    ///
    /// - Parameters:
    ///   - email: The person's address.
    ///   - eventType: The event type that is about to be booked.
    ///   - answers: What the person answered so far, by the identifier of the question: for
    ///     tie-breakers that compare places, and for the query of the settings.
    /// - Returns: The owner, or nobody with the reason.
    /// - Throws: ``SalesforceError``: a failed look-up is never "no owner". ``LedgerError``.
    public func route(
        _ email: EmailAddress,
        eventType: EventTypeID?,
        answers: [String: String] = [:]
    ) async throws -> Route {
        let timeline = SettingsTimeline(try await journal.settingsRevisions())
        let interpretation = timeline.interpretation(
            of: eventType,
            occurred: now(),
            position: LedgerPosition(.max)
        )
        guard let interpretation else { return .nobody("no-settings") }
        let settings = interpretation.settings
        guard let routing = settings.ownerRouting else { return .nobody("routing-not-configured") }
        if routing.skipFreeMail, email.isFreeMail { return .nobody("free-mail-address") }
        let view = OrgView(
            journal: journal,
            gateway: gateway,
            keyField: OrgSchema.keyField,
            now: now
        )
        let further: Set<ObjectName> =
            settings.accounts.tieBreakers.contains(.mostOpportunities) ? [.opportunity] : []
        let needsSchema =
            !routing.rules.isEmpty || routing.lookUp == .account || routing.accountUserField != nil
        let schema = needsSchema ? try await view.schema(further).schema : OrgSchema()
        let look = OwnerLook(
            email: email,
            settings: settings,
            routing: routing,
            answers: answers,
            schema: schema,
            gateway: gateway
        )
        let route = try await look.route()
        let routed = RoutedOwner(
            email: email,
            eventType: eventType,
            user: route.user,
            reason: route.reason,
            version: interpretation.version
        )
        try await journal.note(routed, actor: actor)
        return route
    }
}
