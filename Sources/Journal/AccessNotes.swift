public import Domain
import GRDB
public import Ledger

/// What somebody did, or read about people, through the service.
public struct AccessNote: Hashable, Sendable {
    /// The id of the token.
    public var token: String
    /// The method of the request.
    public var method: String
    /// The route, with names in the place of what varies, for example `/v1/bookings/{uid}`.
    public var route: String
    /// What it was about: a uid, an id or a surrogate; nil for what looks like none of these.
    public var subject: String?
    /// Whether personal data was shown.
    public var isPersonal: Bool

    /// Creates a note.
    public init(token: String, method: String, route: String, subject: String?, isPersonal: Bool) {
        (self.token, self.method, self.route, self.isPersonal) = (token, method, route, isPersonal)
        // A caller may put anything into a path, an address too: only what looks like an id is kept.
        self.subject = subject.flatMap { Self.looksLikeID($0) ? $0 : nil }
    }

    private static func looksLikeID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// Who acted, as events name it.
    public var actor: String { "token-\(token)" }
}

extension Journal {
    /// Records that somebody did something, or read personal data, through the service.
    ///
    /// - Parameter note: What.
    /// - Throws: ``LedgerError``; then what was asked for must not be shown.
    public func note(_ note: AccessNote) async throws(LedgerError) {
        let data = JSON.compact([
            ("token", .string(note.token)), ("method", .string(note.method)),
            ("route", .string(note.route)), ("subject", note.subject.map(JSON.string)),
            ("personal", .bool(note.isPersonal)),
        ])
        _ = try await writing { transaction in
            try transaction.append(
                [
                    NewEvent(
                        id: transaction.eventID(),
                        type: "access.noted",
                        occurred: transaction.now,
                        actor: note.actor,
                        data: data.bytes
                    )
                ],
                to: "access"
            )
        }
    }

    /// The surrogates of people, in order.
    ///
    /// - Parameters:
    ///   - last: Only those behind this one; nil to begin.
    ///   - limit: The most to return.
    /// - Returns: The surrogates.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func people(after last: String?, limit: Int) async throws(LedgerError) -> [String] {
        try await reading { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT person FROM participation WHERE person > ?
                    ORDER BY person LIMIT ?
                    """,
                arguments: [last ?? "", limit]
            )
        }
    }

    /// The live links of a person, whatever way it was looked up.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func links(ofPerson person: PersonID) async throws(LedgerError) -> [RecordLink] {
        try await reading { db in
            try Self.links(ofSubjectsLike: "person/\(person.rawValue)/%", db)
        }
    }
}
