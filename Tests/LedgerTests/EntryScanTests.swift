import GRDB
import Testing

@testable import Ledger

@Suite("Rows of an index")
struct EntryScanTests {
    /// How each row follows the one before it: the column in which it differs, or nil.
    private func steps(_ rows: String, descends: [Bool]) throws -> [Int?] {
        try DatabaseQueue().read { db in
            let stored = try StoredRows(db, sql: "VALUES \(rows)")
            var scan = EntryScan(descends: descends)
            var steps: [Int?] = []
            while try stored.next() {
                switch scan.take(stored) {
                case .wrong: steps.append(nil)
                case .differs(let column): steps.append(column)
                }
            }
            return steps
        }
    }

    private func sum(_ rows: String, columns: Int = 1) throws -> UInt64 {
        try DatabaseQueue().read { db in
            let stored = try StoredRows(db, sql: "VALUES \(rows)")
            var scan = EntryScan(descends: Array(repeating: false, count: columns))
            while try stored.next() { _ = scan.take(stored) }
            return scan.sum
        }
    }

    @Test(
        "ascend as SQLite orders values",
        arguments: [
            ("(1), (2)", 0), ("(2), (1)", nil), ("(2), (2)", nil), ("(NULL), (1)", 0),
            ("(1), (NULL)", nil), ("(1), (1.5)", 0), ("(1.5), (1)", nil), ("(1.5), (2)", 0),
            ("(9), ('1')", 0), ("('1'), (9)", nil), ("('b'), (x'61')", 0), ("(x'61'), ('b')", nil),
            ("('a'), ('ab')", 0), ("('ab'), ('a')", nil), ("(''), ('a')", 0),
            ("('b'), ('ab')", nil),
            ("('a'), ('a')", nil), ("(NULL), (NULL)", nil),
        ] as [(String, Int?)]
    )
    func order(rows: String, step: Int?) throws {
        #expect(try steps(rows, descends: [false]) == [0, step])
    }

    @Test("descend where the index does, and are told apart by their last column")
    func columns() throws {
        #expect(
            try steps("(2, 1), (2, 3), (1, 1), (1, 1)", descends: [true, false]) == [0, 1, 0, nil]
        )
        #expect(try steps("(1, 1), (2, 1)", descends: [true, false]) == [0, nil])
        // What is compared with is the row before, and not one from earlier on.
        #expect(try steps("('bb'), ('c'), ('ca')", descends: [false]) == [0, 0, 0])
    }

    @Test("have the same sum in any order, and another with any other value")
    func sums() throws {
        let rows = "(1), ('one'), (x'6f6e65'), (1.5), (NULL), ('eight by'), ('eight bytes')"
        let turned = "('eight bytes'), ('eight by'), (NULL), (1.5), (x'6f6e65'), ('one'), (1)"
        #expect(try sum(rows) == sum(turned))
        let others = [
            "(2), ('one'), (x'6f6e65'), (1.5), (NULL), ('eight by'), ('eight bytes')",
            "(1), (x'6f6e65'), (x'6f6e65'), (1.5), (NULL), ('eight by'), ('eight bytes')",
            "(1), ('one'), (x'6f6e65'), (1.5), (0), ('eight by'), ('eight bytes')",
            "(1), ('one'), (x'6f6e65'), (1.25), (NULL), ('eight by'), ('eight bytes')",
            "(1), ('one'), (x'6f6e65'), (1.5), (NULL), ('eight bx'), ('eight bytes')",
            "(1), ('one'), (x'6f6e65'), (1.5), (NULL), ('eight by'), ('eight bytex')",
        ]
        for other in others { #expect(try sum(rows) != sum(other), "\(other)") }
        #expect(try sum("('ab', 'c')", columns: 2) != sum("('a', 'bc')", columns: 2))
        #expect(try sum("(1, 2)", columns: 2) != sum("(2, 1)", columns: 2))
    }
}
