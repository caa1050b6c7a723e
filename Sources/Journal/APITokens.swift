import Crypto
public import Domain
import Foundation
import GRDB
public import Ledger

/// What the bearer of a token may do; each role may do what those before it may.
public enum Role: String, Hashable, Comparable, Sendable, CaseIterable {
    /// Read, without personal data.
    case viewer
    /// Read everything, and start and retry work.
    case `operator`
    /// Everything, tokens included.
    case admin

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        }
    }

    /// Orders roles by what they may do.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}

/// A token as the ledger remembers it: everything but its secret.
public struct APIToken: Hashable, Sendable {
    /// A short id to name it by.
    public var id: String
    /// What it is for, in somebody's words.
    public var name: String
    /// What its bearer may do.
    public var role: Role
    /// When it was made.
    public var created: Instant
    /// When it ends.
    public var expires: Instant
    /// Whether it was taken back.
    public var isRevoked: Bool

    /// Whether it opens anything at a moment.
    public func isGood(at now: Instant) -> Bool { !isRevoked && now < expires }
}

extension Journal {
    /// Makes a token.
    ///
    /// - Parameters:
    ///   - name: What it is for.
    ///   - role: What its bearer may do.
    ///   - expires: When it ends.
    ///   - now: The time.
    /// - Returns: The token, and its secret, which is kept nowhere and cannot be shown again.
    /// - Throws: ``LedgerError``.
    public func makeToken(
        name: String,
        role: Role,
        expires: Instant,
        now: Instant
    ) async throws(LedgerError) -> (token: APIToken, secret: String) {
        try await writing { transaction in
            let secret = "dbk_" + transaction.random(32).hexadecimal
            let token = APIToken(
                id: transaction.random(4).hexadecimal,
                name: name,
                role: role,
                created: now,
                expires: expires,
                isRevoked: false
            )
            try transaction.db.execute(
                sql: """
                    INSERT INTO apiToken (id, name, role, hash, created, expires, revoked)
                    VALUES (?, ?, ?, ?, ?, ?, 0)
                    """,
                arguments: [
                    token.id, name, role.rawValue, Self.hash(secret), now.milliseconds,
                    expires.milliseconds,
                ]
            )
            return (token, secret)
        }
    }

    /// A plain hash is enough: the secret has 256 random bits, and nobody can try them out.
    private static func hash(_ secret: String) -> Data {
        Data(SHA256.hash(data: Array(secret.utf8)))
    }

    /// The token with a secret, whether it still opens anything or not.
    ///
    /// - Parameter secret: What the bearer showed.
    /// - Returns: The token, or nil if there is none.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func token(secret: String) async throws(LedgerError) -> APIToken? {
        try await tokens("hash = ?", [Self.hash(secret)]).first
    }

    /// The token with an id.
    ///
    /// - Parameter id: The id.
    /// - Returns: The token, or nil if there is none.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func token(id: String) async throws(LedgerError) -> APIToken? {
        try await tokens("id = ?", [id]).first
    }

    /// All tokens, the newest first, those that ended included.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func tokens() async throws(LedgerError) -> [APIToken] { try await tokens("1", []) }

    private func tokens(
        _ condition: String,
        _ arguments: [any DatabaseValueConvertible & Sendable]
    ) async throws(LedgerError) -> [APIToken] {
        try await reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, name, role, created, expires, revoked FROM apiToken
                    WHERE \(condition) ORDER BY created DESC, id
                    """,
                arguments: StatementArguments(arguments)
            ).map { row in
                APIToken(
                    id: row[0],
                    name: row[1],
                    role: Role(rawValue: row[2]) ?? .viewer,
                    created: Instant(milliseconds: row[3]),
                    expires: Instant(milliseconds: row[4]),
                    isRevoked: row[5]
                )
            }
        }
    }

    /// Takes a token back; its bearer is refused from now on.
    ///
    /// - Parameter id: The token.
    /// - Returns: Whether there is such a token.
    /// - Throws: ``LedgerError``.
    public func revokeToken(id: String) async throws(LedgerError) -> Bool {
        try await writing { transaction in
            try transaction.db.execute(
                sql: "UPDATE apiToken SET revoked = 1 WHERE id = ?",
                arguments: [id]
            )
            return transaction.db.changesCount > 0
        }
    }
}
