import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

/// SQLite leaves out the page at 1 GiB, where its locks are, and what follows is found behind it.
@Suite("A file past 1 GiB")
struct LargeFileTests {
    @Test("takes events, is verified, copied and opened again as any other")
    func pastTheLocks() async throws {
        let temporary = try TemporaryLedger(isSigned: true)
        try await temporary.ledger.fill(40)
        try temporary.ledger.close()
        try lengthen(temporary.path)
        let ledger = try temporary.reopened().ledger
        try await ledger.append((0..<40).map { StreamAppend(to: "b", [.sample($0)]) })
        let report = try await ledger.verify()
        #expect(report.problems.isEmpty)
        #expect(report.events == 80)
        let copy = temporary.folder.path("copy.sqlite")
        #expect(try await ledger.backup(to: copy).root == report.root)
        #expect(try size(of: copy) > 1 << 30)
        try ledger.close()
        let again = try temporary.reopened().ledger
        #expect(try await again.head().root == report.root)
        #expect(try await again.events(after: 0, limit: 100).count == 80)
    }

    /// Puts more than 1 GiB behind what is there, without a log, which would take it twice.
    private func lengthen(_ path: String) throws {
        let raw = try DatabaseQueue(path: path)
        try raw.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = DELETE;
                    PRAGMA synchronous = OFF;
                    CREATE TABLE filler (content BLOB);
                    INSERT INTO filler VALUES (zeroblob(540000000)), (zeroblob(540000000));
                    """
            )
        }
        try raw.close()
        #expect(try size(of: path) > 1 << 30)
    }

    private func size(of path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }
}
