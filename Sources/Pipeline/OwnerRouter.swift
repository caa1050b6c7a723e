public import Domain
public import Journal
import Ledger
import Projection
import Reconciliation
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
    private let now: @Sendable () -> Instant

    /// Creates a router.
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

    /// Routes a person, with the settings that are in force now.
    ///
    /// - Parameters:
    ///   - email: The person's address.
    ///   - eventType: The event type that is about to be booked.
    /// - Returns: The owner, or nobody with the reason.
    /// - Throws: ``SalesforceError``: a failed look-up is never "no owner". ``LedgerError``.
    public func route(_ email: EmailAddress, eventType: EventTypeID?) async throws -> Route {
        let timeline = SettingsTimeline(try await journal.settingsRevisions())
        let interpretation = timeline.interpretation(
            of: eventType,
            occurred: now(),
            position: LedgerPosition(.max)
        )
        guard let settings = interpretation?.settings else { return .nobody("no-settings") }
        guard let routing = settings.ownerRouting else { return .nobody("routing-not-configured") }
        if routing.skipFreeMail, email.isFreeMail { return .nobody("free-mail-address") }
        if let route = try await first(routing.lookUp, email, settings) { return route }
        if routing.fallBackToLead, routing.lookUp != .lead,
            let route = try await byPerson(.lead, email, settings, "lead_owner")
        {
            return route
        }
        return .nobody("no-record")
    }

    private func first(
        _ lookUp: OwnerRouting.LookUp,
        _ email: EmailAddress,
        _ settings: SyncSettings
    ) async throws -> Route? {
        switch lookUp {
        case .contact: try await byPerson(.contact, email, settings, "contact_owner")
        case .lead: try await byPerson(.lead, email, settings, "lead_owner")
        case .account: try await byAccount(email, settings)
        }
    }

    private static let paths = [
        "Id", "Email", "AccountId", "OwnerId", "Owner.Name", "Owner.Email", "Owner.IsActive",
        "CreatedDate",
    ]

    private func byPerson(
        _ object: ObjectName,
        _ email: EmailAddress,
        _ settings: SyncSettings,
        _ reason: String
    ) async throws -> Route? {
        var condition: Query.Condition = .equals("Email", .text(email.rawValue))
        var paths = Self.paths
        if object == .lead {
            condition = .both([condition, .equals("IsConverted", .flag(false))])
            paths.removeAll { $0 == "AccountId" }
        }
        let records = try await rows(paths, object, condition)
        guard let chosen = Choice.pick(records, settings.onAmbiguous) else { return nil }
        return route(to: chosen.first, reason)
    }

    /// The owner of the account of the person's contact, else of the account of the mail domain.
    private func byAccount(_ email: EmailAddress, _ settings: SyncSettings) async throws -> Route? {
        let contacts = try await rows(
            Self.paths,
            .contact,
            .equals("Email", .text(email.rawValue))
        ).filter { $0.reference("AccountId") != nil }
        var account = Choice.pick(contacts, settings.onAmbiguous)?.first.reference("AccountId")
        if account == nil, !email.isFreeMail {
            account = try await accountOfDomain(email, settings)
        }
        guard let account else { return nil }
        let found = try await rows(
            ["Id", "OwnerId", "Owner.Name", "Owner.Email", "Owner.IsActive", "CreatedDate"],
            .account,
            .equals("Id", .reference(account))
        )
        return found.first.map { route(to: $0, "account_owner") }
    }

    private func accountOfDomain(
        _ email: EmailAddress,
        _ settings: SyncSettings
    ) async throws -> SalesforceID? {
        var directory = Directory()
        let accounts = try await rows(
            ["Id", "Website", "CreatedDate"],
            .account,
            .contains("Website", email.domain)
        )
        for account in accounts {
            guard let host = account.text("Website").flatMap(MailDomains.host(ofWebsite:)) else {
                continue
            }
            directory.accountsByHost[host, default: []].append(account)
        }
        let colleagues = try await rows(
            ["Id", "AccountId"],
            .contact,
            .both([.differs("AccountId", .empty), .endsWith("Email", "@\(email.domain)")])
        )
        for contact in colleagues {
            guard let account = contact.reference("AccountId") else { continue }
            directory.accountsByDomain[email.domain, default: [:]][account, default: 0] += 1
        }
        return AccountResolver.resolve(email, directory, settings.onAmbiguous)?.account
    }

    private func rows(
        _ paths: [String],
        _ object: ObjectName,
        _ condition: Query.Condition
    ) async throws -> [ObservedRecord] {
        let query = Query(paths, from: object, where: condition, orderBy: ["Id"])
        let answers = try await gateway.read([.query(query)])
        return (answers.first?.rows ?? []).compactMap {
            ObservedRecord(row: $0, object: object, description: nil)
        }
    }

    private func route(to record: ObservedRecord, _ reason: String) -> Route {
        guard let owner = record.text("OwnerId").flatMap(SalesforceID.init) else {
            return .nobody("no-owner")
        }
        guard owner.keyPrefix == "005" else { return .nobody("owned-by-queue") }
        guard record.related["Owner.IsActive"] != "false" else { return .nobody("inactive-owner") }
        return Route(
            user: owner,
            email: record.related["Owner.Email"]?.lowercased(),
            reason: reason
        )
    }
}
