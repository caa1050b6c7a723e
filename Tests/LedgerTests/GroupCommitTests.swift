import GRDB
import Ledger
import TestSupport
import Testing

@Suite("Group commit")
struct GroupCommitTests {
    let temporary: TemporaryLedger

    init() throws { temporary = try TemporaryLedger() }

    private struct OwnError: Error, Equatable {
        let number: Int
    }

    @Test("records what the others append when one of them is in conflict")
    func conflictInTheMiddle() async throws {
        let ledger = temporary.ledger
        let results = await withTaskGroup(of: (Int, LedgerError?).self) { group in
            for number in 0..<100 {
                group.addTask {
                    // Every tenth expects what is not so.
                    let expected = number.isMultiple(of: 10) ? ExpectedRevision.exists : .none
                    do throws(LedgerError) {
                        let events = [NewEvent.sample(number)]
                        try await ledger.append(events, to: "s\(number)", expecting: expected)
                        return (number, nil)
                    } catch {
                        return (number, error)
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = .some($1.1) }
        }
        for (number, error) in results {
            if case .conflict(let stream, .exists, nil) = error {
                #expect(number.isMultiple(of: 10) && stream == "s\(number)")
            } else {
                #expect(error == nil && !number.isMultiple(of: 10))
            }
        }
        let events = try await ledger.events(after: 0, limit: 200)
        #expect(events.map(\.position) == Array(1...90))
        #expect(Set(events.map(\.stream)).count == 90)
        #expect(try await ledger.verify().isSound)
    }

    @Test("undoes all that a failing caller did, and nothing else")
    func failureAfterWriting() async throws {
        let ledger = temporary.ledger
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let isFailing = number.isMultiple(of: 4)
                    let thrown = await #expect(
                        performing: {
                            try await ledger.write { transaction in
                                try transaction.append([.sample(number)], to: "all")
                                try transaction.setCursor(
                                    "r\(number)",
                                    to: transaction.lastPosition
                                )
                                if isFailing { throw OwnError(number: number) }
                            }
                            throw OwnError(number: -1)
                        },
                        throws: { _ in true }
                    )
                    // A caller's own error reaches it as it is.
                    #expect(thrown as? OwnError == OwnError(number: isFailing ? number : -1))
                }
            }
        }
        let events = try await ledger.events(of: "all")
        #expect(events.map(\.revision) == Array(1...30))
        for number in 0..<40 {
            let cursor = try await ledger.cursor("r\(number)")
            #expect((cursor == 0) == number.isMultiple(of: 4))
        }
        #expect(try await ledger.verify().isSound)
    }

    @Test("shows readers no position without all those before it")
    func readersSeeNoGap() async throws {
        let ledger = temporary.ledger
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0..<40 {
                        let events = (0...number % 3).map { part in
                            NewEvent.sample(writer * 10_000 + number * 10 + part)
                        }
                        try await ledger.append(events, to: "writer-\(writer)")
                    }
                }
            }
            for _ in 0..<4 {
                group.addTask {
                    var position: Int64 = 0
                    while position < 8 * 79 {
                        let head = try await ledger.head().position
                        let events = try await ledger.events(after: position, limit: 1_000)
                        let last = position + Int64(events.count)
                        #expect(events.map(\.position) == Array(position + 1..<last + 1))
                        #expect(last >= head, "the head was ahead of the events")
                        position = last
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
        let report = try await ledger.verify()
        #expect(report.isSound && report.events == 8 * 79)
    }

    @Test("gives a caller what its work returned")
    func results() async throws {
        let ledger = temporary.ledger
        let sums = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...50 { group.addTask { try await ledger.write { _ in number } } }
            return try await group.reduce(0, +)
        }
        #expect(sums == 1_275)
    }

    @Test("tells every caller when the disk is full, and goes on when it no longer is")
    func fullDisk() async throws {
        let ledger = temporary.ledger
        try await ledger.fill(10)
        try await setMostPages(limited: true)
        let big = NewEvent.sample(1, data: String(repeating: "x", count: 3_000_000))
        await #expect {
            try await ledger.append([big], to: "a")
        } throws: { error in
            if case LedgerError.unwritable = error { true } else { false }
        }
        try await setMostPages(limited: false)
        #expect(try await ledger.head().position == 10)
        #expect(try await ledger.append([big], to: "a").map(\.position) == [11])
        #expect(try await ledger.verify().isSound)
    }

    /// Stands in for a disk that fills up; SQLite reports both in the same way.
    private func setMostPages(limited: Bool) async throws {
        try await temporary.ledger.write { transaction in
            let pages = try Int.fetchOne(transaction.db, sql: "PRAGMA page_count") ?? 0
            let most = limited ? pages + 20 : 1_000_000
            _ = try Int.fetchOne(transaction.db, sql: "PRAGMA max_page_count = \(most)")
        }
    }
}
