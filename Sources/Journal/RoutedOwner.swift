public import Domain
import GRDB
public import Ledger

/// What an org answered when it was asked who should host a person's booking.
public struct RoutedOwner: Hashable, Sendable {
    /// Whose owner was looked up; kept as a surrogate only.
    public var email: EmailAddress
    /// The event type that was about to be booked, if that was told.
    public var eventType: EventTypeID?
    /// The Salesforce user, or nil for "nobody in particular".
    public var user: SalesforceID?
    /// Why, for example `contact_owner` or `no-record`.
    public var reason: String
    /// The settings that said how to look.
    public var version: SettingsVersion

    /// Creates an answer.
    public init(
        email: EmailAddress,
        eventType: EventTypeID?,
        user: SalesforceID?,
        reason: String,
        version: SettingsVersion
    ) {
        (self.email, self.eventType, self.user) = (email, eventType, user)
        (self.reason, self.version) = (reason, version)
    }

    /// The stored form: people are named by surrogates, users of the org by their ids.
    fileprivate func data(_ person: PersonID) -> JSON {
        .compact([
            ("person", .string(person.rawValue)),
            ("eventType", eventType.map { .integer($0.rawValue) }),
            ("owner", user.map { .string($0.rawValue) }),
            ("reason", .string(reason)),
            ("version", .integer(version.rawValue)),
        ])
    }
}

extension Journal {
    /// How long the same answer about the same person is not recorded again: milliseconds.
    private static let repetition: Int64 = 3_600_000

    /// Records to whom a person was routed, as `owner.routed`.
    ///
    /// A booking page may ask again with every click: an answer that repeats the last one about the
    /// person and the event type is recorded once an hour. Another answer is always recorded.
    ///
    /// - Parameters:
    ///   - routed: The answer.
    ///   - actor: Who asked.
    /// - Returns: Whether an event was appended.
    /// - Throws: ``LedgerError``.
    @discardableResult
    public func note(_ routed: RoutedOwner, actor: String) async throws(LedgerError) -> Bool {
        try await writing { transaction in
            let person = PersonID(try transaction.subject(forEmail: routed.email.rawValue))
            let data = routed.data(person).bytes
            let last = try Self.routings(of: person, transaction.db).last { event in
                try JSON(parsing: event.data)["eventType"]?.int == routed.eventType?.rawValue
            }
            if let last, last.data == data, transaction.now - last.recorded < Self.repetition {
                return false
            }
            let event = NewEvent(
                id: transaction.eventID(),
                type: "owner.routed",
                occurred: transaction.now,
                correlation: Self.stream(of: person),
                actor: actor,
                data: data
            )
            try transaction.append([event], to: Self.stream(of: person))
            return true
        }
    }

    /// To whom a person was routed, and when.
    ///
    /// - Parameter person: The person.
    /// - Returns: The events, in order.
    /// - Throws: ``LedgerError``.
    public func routings(of person: PersonID) async throws(LedgerError) -> [StoredEvent] {
        try await reading { db in try Self.routings(of: person, db) }
    }

    private static func routings(of person: PersonID, _ db: Database) throws -> [StoredEvent] {
        try LedgerTables.events(.stream(stream(of: person)), db: db, key: nil)
            .filter { $0.type == "owner.routed" }
    }

    private static func stream(of person: PersonID) -> String { "person-\(person.rawValue)" }
}
