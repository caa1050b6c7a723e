public import Domain
import Foundation
import GRDB
public import Ledger

/// What is known of a request that named itself with a key of its own.
public enum KeptAnswer: Hashable, Sendable {
    /// It is new, and counts as begun from now on.
    case begun
    /// It is under way.
    case underWay
    /// It was answered so before.
    case answered(JSON)
    /// The key was used for another request.
    case otherRequest
}

extension Journal {
    /// How long an answer is kept: milliseconds.
    public static let answerRetention: Int64 = 86_400_000

    /// How long a request without an answer counts as under way: milliseconds.
    private static let patience: Int64 = 120_000

    /// Begins a request, unless it was begun before.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - key: Who asks, and the key they gave.
    ///   - now: The time.
    /// - Returns: What is known of it.
    /// - Throws: ``LedgerError``.
    public func begin(
        request: String,
        key: String,
        now: Instant
    ) async throws(LedgerError) -> KeptAnswer {
        let (key, request) = (Data(digest("answer|\(key)")), Data(digest("request|\(request)")))
        return try await writing { transaction in
            let db = transaction.db
            try db.execute(
                sql: "DELETE FROM keptAnswer WHERE expires <= ?",
                arguments: [now.milliseconds]
            )
            let known = try Row.fetchOne(
                db,
                sql: "SELECT request, answer FROM keptAnswer WHERE key = ?",
                arguments: [key]
            )
            if let known {
                guard known[0] as Data == request else { return .otherRequest }
                guard let answer = known[1] as String? else { return .underWay }
                return .answered(try JSON(parsing: answer))
            }
            try db.execute(
                sql: "INSERT INTO keptAnswer (key, request, expires) VALUES (?, ?, ?)",
                arguments: [key, request, now.milliseconds + Self.patience]
            )
            return .begun
        }
    }

    /// Keeps the answer to a request that was begun; without one, it may be begun again.
    ///
    /// - Parameters:
    ///   - key: Who asked, and the key they gave.
    ///   - answer: The answer, without personal data; nil if there is none worth keeping.
    ///   - now: The time.
    /// - Throws: ``LedgerError``.
    public func finish(key: String, answer: JSON?, now: Instant) async throws(LedgerError) {
        let key = Data(digest("answer|\(key)"))
        try await writing { transaction in
            guard let answer else {
                try transaction.db.execute(
                    sql: "DELETE FROM keptAnswer WHERE key = ?",
                    arguments: [key]
                )
                return
            }
            try transaction.db.execute(
                sql: "UPDATE keptAnswer SET answer = ?, expires = ? WHERE key = ?",
                arguments: [answer.text, now.milliseconds + Self.answerRetention, key]
            )
        }
    }
}
