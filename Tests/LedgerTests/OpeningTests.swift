import Foundation
import GRDB
import Ledger
import TestSupport
import Testing

@Suite("Opening a ledger")
struct OpeningTests {
    let temporary: TemporaryLedger

    init() throws { temporary = try TemporaryLedger() }

    /// Opens the file of the temporary ledger with further tables.
    private func open(
        _ readModels: (inout DatabaseMigrator) -> Void = { _ in }
    ) throws(LedgerError) -> SQLiteLedger {
        try SQLiteLedger(
            path: temporary.path,
            key: .test,
            environment: .test(clock: temporary.clock, seed: 9),
            readModels: readModels
        )
    }

    private static func model(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("model-1") { db in
            try db.execute(sql: "CREATE TABLE model (id INTEGER PRIMARY KEY) STRICT")
        }
    }

    @Test("made by a newer version is refused by name, and changes nothing")
    func newerFormat() async throws {
        try await temporary.fillWithSample()
        try open(Self.model).close()
        let error = #expect(throws: LedgerError.self) { try open() }
        guard case .newerFormat(let found) = error else {
            Issue.record("threw \(String(describing: error))")
            return
        }
        #expect(found == "model-1")
        #expect(error?.description.contains("newer version of Daybook") == true)
        #expect(try await temporary.ledger.verify().isSound)
    }

    @Test("made by an older version copies the file before it is upgraded")
    func backup() async throws {
        try await temporary.fillWithSample()
        let before = try await temporary.ledger.head()
        let upgraded = try open(Self.model)
        try await upgraded.append([.sample(100)], to: "a")
        #expect(try await upgraded.verify().isSound)
        #expect(
            temporary.folder.path("daybook.sqlite.before-model-1") == temporary.path
                + ".before-model-1"
        )
        let copy = try SQLiteLedger(
            path: temporary.path + ".before-model-1",
            key: .test,
            environment: .test(clock: temporary.clock, seed: 10)
        )
        #expect(try await copy.head() == before)
        #expect(try await copy.verify().isSound)
    }

    @Test("that is new, or as it should be, makes no copy")
    func noBackup() throws {
        _ = try temporary.reopened()
        #expect(try temporary.folder.names().contains { $0.contains("before") } == false)
    }

    @Test("at the same time from several processes, when there is none yet, makes one")
    func concurrently() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("new.sqlite")
        let origins = try await withThrowingTaskGroup(of: String.self) { group in
            for seed in 1...6 {
                group.addTask {
                    let ledger = try SQLiteLedger(
                        path: path,
                        key: .test,
                        environment: .test(clock: ManualClock(), seed: UInt64(seed)),
                        readModels: Self.model
                    )
                    try await ledger.append([.sample(seed)], to: "a")
                    return try await ledger.origin()
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(origins.count == 1)
        #expect(try folder.names().contains { $0.contains("before") } == false)
    }

    @Test("names each log differently")
    func origin() async throws {
        let other = try SQLiteLedger(
            path: temporary.folder.path("other.sqlite"),
            key: .test,
            environment: .test(clock: temporary.clock, seed: 2)
        )
        #expect(try await temporary.ledger.origin() != (try await other.origin()))
        #expect(try await temporary.ledger.origin().hasPrefix("daybook.local/"))
    }

    @Test("below a file, in a folder that is missing, or that is a folder, is unwritable")
    func unwritable() throws {
        let file = temporary.folder.path("file")
        try Data("text".utf8).write(to: URL(filePath: file))
        for path in [
            "\(file)/daybook.sqlite", "/proc/none/daybook.sqlite", "/", temporary.folder.url.path,
        ] {
            expectUnwritable(path)
        }
    }

    @Test("that is no database is refused, and left as it is")
    func noDatabase() throws {
        let file = temporary.folder.path("letter.txt")
        let text = Data(String(repeating: "Dear Ada, ", count: 500).utf8)
        try text.write(to: URL(filePath: file))
        #expect {
            try SQLiteLedger(path: file, key: .test, environment: .test(clock: temporary.clock))
        } throws: { error in
            if case LedgerError.noLedger = error { true } else { false }
        }
        #expect(try Data(contentsOf: URL(filePath: file)) == text)
    }

    /// `query_only` stands in for missing permissions, which do not stop the root user.
    @Test("that cannot be written tells every append, and can be read")
    func readOnly() async throws {
        try await temporary.fillWithSample()
        let ledger = temporary.ledger
        let works: [@Sendable (LedgerTransaction) throws -> Void] = [
            { try $0.db.execute(sql: "PRAGMA query_only = ON") },
            { try $0.append([.sample(100)], to: "a") },
        ]
        for work in works {
            await #expect {
                try await ledger.write(work)
            } throws: { error in
                if case LedgerError.unwritable = error { true } else { false }
            }
        }
        #expect(try await ledger.head().position == 12)
    }

    private func expectUnwritable(_ path: String) {
        let error = #expect(throws: LedgerError.self) {
            try SQLiteLedger(
                path: path,
                key: .test,
                environment: .test(clock: temporary.clock)
            )
        }
        guard case .unwritable = error else {
            Issue.record("\(path): threw \(String(describing: error))")
            return
        }
    }

    @Test("that was closed is refused, not waited for")
    func closed() async throws {
        try temporary.ledger.close()
        await #expect(throws: LedgerError.self) { try await temporary.ledger.head() }
        await #expect(throws: LedgerError.self) {
            try await temporary.ledger.append([.sample(1)], to: "a")
        }
    }
}
