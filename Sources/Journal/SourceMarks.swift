public import Domain
import Foundation
import GRDB
public import Ledger

/// How far a source outside was read, and what came of it.
public struct SourceMark: Hashable, Sendable {
    /// Everything that changed before this moment was compared.
    public var mark: Instant
    /// When it was read last, with or without success.
    public var polled: Instant
    /// When what lies ahead was last read as a whole; nil for never.
    public var ahead: Instant?
    /// How many bookings the last reading compared.
    public var read: Int
    /// How many of them told something new.
    public var found: Int
    /// What stopped the last reading, without personal data; nil if nothing did.
    public var problem: String?

    /// Creates a mark.
    public init(
        mark: Instant,
        polled: Instant,
        ahead: Instant? = nil,
        read: Int = 0,
        found: Int = 0,
        problem: String? = nil
    ) {
        (self.mark, self.polled, self.ahead) = (mark, polled, ahead)
        (self.read, self.found, self.problem) = (read, found, problem)
    }
}

extension Journal {
    /// How far a source was read; nil if it never was.
    ///
    /// - Parameter source: Its name, for example `calcom`.
    /// - Returns: The mark.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func sourceMark(_ source: String) async throws(LedgerError) -> SourceMark? {
        try await reading { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT mark, polled, ahead, read, found, problem FROM sourceMark
                    WHERE source = ?
                    """,
                arguments: [source]
            ).map { row in
                SourceMark(
                    mark: Instant(milliseconds: row[0]),
                    polled: Instant(milliseconds: row[1]),
                    ahead: (row[2] as Int64?).map(Instant.init(milliseconds:)),
                    read: row[3],
                    found: row[4],
                    problem: row[5]
                )
            }
        }
    }

    /// Remembers how far a source was read.
    ///
    /// A mark never moves back.
    ///
    /// - Parameters:
    ///   - mark: How far.
    ///   - source: The name of the source.
    /// - Throws: ``LedgerError``.
    public func remember(_ mark: SourceMark, of source: String) async throws(LedgerError) {
        try await writing { transaction in
            try transaction.db.execute(
                sql: """
                    INSERT INTO sourceMark (source, mark, polled, ahead, read, found, problem)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (source) DO UPDATE SET
                        mark = max(mark, excluded.mark), polled = excluded.polled,
                        ahead = coalesce(excluded.ahead, ahead), read = excluded.read,
                        found = excluded.found, problem = excluded.problem
                    """,
                arguments: [
                    source, mark.mark.milliseconds, mark.polled.milliseconds,
                    mark.ahead?.milliseconds, mark.read, mark.found, mark.problem,
                ]
            )
        }
    }
}
