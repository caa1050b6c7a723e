import Foundation
import GRDBSQLite

/// The values of a row, kept to be compared with those of the next.
///
/// Uses the same memory again for every row.
struct KeptRow {
    private var values: [Value] = []
    private var bytes: [UInt8] = []

    private struct Value {
        var rank: Int
        var integer: Int64 = 0
        var real: Double = 0
        var isReal = false
        var range = 0..<0
    }

    /// Takes the values of a row in place of those it had.
    mutating func keep(_ rows: StoredRows, columns: Int32) {
        values.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        for column in 0..<columns { values.append(kept(rows, column)) }
    }

    private mutating func kept(_ rows: StoredRows, _ column: Int32) -> Value {
        let type = rows.type(column)
        var value = Value(rank: Self.rank(type))
        switch type {
        case SQLITE_NULL: break
        case SQLITE_INTEGER: value.integer = rows.integer(column)
        case SQLITE_FLOAT: (value.real, value.isReal) = (rows.real(column), true)
        default:
            let start = bytes.count
            bytes.append(contentsOf: rows.bytes(column))
            value.range = start..<bytes.count
        }
        return value
    }

    /// How a kept value compares with the one in a row: negative if it is before it, 0 if they are
    /// equal.
    ///
    /// NULL is before numbers, those before text, and text before blobs.
    /// https://www.sqlite.org/datatype3.html#comparison_expressions
    func order(before rows: StoredRows, _ column: Int32) -> Int {
        let (value, type) = (values[Int(column)], rows.type(column))
        let rank = Self.rank(type)
        if value.rank != rank { return value.rank - rank }
        switch rank {
        case Self.null: return 0
        case Self.number: return order(of: value, before: rows, column, type)
        default: return order(of: value, before: rows.bytes(column))
        }
    }

    private func order(
        of value: Value,
        before rows: StoredRows,
        _ column: Int32,
        _ type: Int32
    ) -> Int {
        if !value.isReal, type == SQLITE_INTEGER {
            let other = rows.integer(column)
            return value.integer == other ? 0 : value.integer < other ? -1 : 1
        }
        let own = value.isReal ? value.real : Double(value.integer)
        let other = rows.real(column)
        return own == other ? 0 : own < other ? -1 : 1
    }

    private func order(of value: Value, before other: UnsafeRawBufferPointer) -> Int {
        bytes.withUnsafeBytes { kept in
            let own = UnsafeRawBufferPointer(rebasing: kept[value.range])
            if let start = own.baseAddress, let others = other.baseAddress {
                let order = memcmp(start, others, min(own.count, other.count))
                if order != 0 { return Int(order) }
            }
            return own.count - other.count
        }
    }

    private static let (null, number, text, blob) = (0, 1, 2, 3)

    private static func rank(_ type: Int32) -> Int {
        switch type {
        case SQLITE_NULL: null
        case SQLITE_INTEGER, SQLITE_FLOAT: number
        case SQLITE_TEXT: text
        default: blob
        }
    }
}
