import Foundation
import GRDBSQLite

/// Whether rows ascend, as SQLite orders their values, and the sum over their hashes.
///
/// Keeps the values of one row, to compare the next one with them.
struct EntryScan {
    /// How a row follows the one before it.
    enum Step {
        /// It is before it, or the same.
        case wrong
        /// It differs first in this column; the first row of all counts as differing in column 0.
        case differs(in: Int)
    }

    /// How many rows there were.
    private(set) var rows: Int64 = 0
    /// The sum over the hashes of all.
    private(set) var sum: UInt64 = 0
    private var kept: [KeptValue]

    /// Begins before the first row.
    ///
    /// - Parameter descends: For each column, whether its values descend.
    init(descends: [Bool]) { kept = descends.map { KeptValue(descends: $0) } }

    /// Whether the row that was taken last has no value in one of its first columns.
    func hasNull(inFirst columns: Int) -> Bool { kept[..<columns].contains(where: \.isNull) }

    /// Takes the next row.
    mutating func take(_ row: StoredRows) -> Step {
        var (hash, step) = (RowHash(), Step.wrong)
        if rows == 0 { step = .differs(in: 0) }
        var isOpen = rows > 0
        for column in kept.indices {
            let value = row.value(Int32(column))
            hash.mix(value)
            let order = kept[column].replace(with: value)
            if isOpen, order != 0 {
                isOpen = false
                if (order > 0) != kept[column].descends { step = .differs(in: column) }
            }
        }
        rows += 1
        sum &+= hash.state
        return step
    }
}

/// A value, kept to compare the next one with it.
private struct KeptValue {
    let descends: Bool
    private var rank = 0
    private var integer: Int64 = 0
    /// A number that is no integer; nil for all other values.
    private var real: Double?
    private var bytes: [UInt8] = []

    init(descends: Bool) { self.descends = descends }

    var isNull: Bool { rank == 0 }

    /// Keeps another value, and tells how it compares with the one before: positive if it is after
    /// it, 0 if they are equal.
    ///
    /// NULL is before numbers, those before text, and text before blobs.
    /// https://www.sqlite.org/datatype3.html#comparison_expressions
    mutating func replace(with value: StoredValue) -> Int {
        let rank = Self.rank(value.type)
        defer { self.rank = rank }
        let order = rank - self.rank
        switch value.type {
        case SQLITE_NULL: return order
        case SQLITE_INTEGER: return replace(with: value.integer, nil, order)
        case SQLITE_FLOAT: return replace(with: 0, value.real, order)
        default: return replace(with: value.bytes, order)
        }
    }

    private mutating func replace(with integer: Int64, _ real: Double?, _ order: Int) -> Int {
        defer { (self.integer, self.real) = (integer, real) }
        if order != 0 { return order }
        if real == nil, self.real == nil {
            return integer == self.integer ? 0 : integer > self.integer ? 1 : -1
        }
        let (new, old) = (real ?? Double(integer), self.real ?? Double(self.integer))
        return new == old ? 0 : new > old ? 1 : -1
    }

    private mutating func replace(with new: UnsafeRawBufferPointer, _ order: Int) -> Int {
        var order = order
        if order == 0 {
            order = bytes.withUnsafeBytes { old in
                if let start = new.baseAddress, let other = old.baseAddress {
                    let order = memcmp(start, other, min(new.count, old.count))
                    if order != 0 { return Int(order) }
                }
                return new.count - old.count
            }
        }
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: new)
        return order
    }

    private static func rank(_ type: Int32) -> Int {
        switch type {
        case SQLITE_NULL: 0
        case SQLITE_INTEGER, SQLITE_FLOAT: 1
        case SQLITE_TEXT: 2
        default: 3
        }
    }
}

/// A hash of the values of a row: quick, and not to be foretold outside of this process.
struct RowHash {
    private(set) var state = Self.seed

    private static let seed = UInt64(bitPattern: Int64(Hasher().finalize()))

    private mutating func mix(_ word: UInt64) {
        state = (state ^ word) &* 0x9E37_79B9_7F4A_7C15
        state ^= state >> 32
    }

    /// Adds an integer.
    mutating func mix(_ integer: Int64) { mix(UInt64(bitPattern: integer)) }

    /// Adds a value with its kind.
    mutating func mix(_ value: StoredValue) {
        mix(UInt64(value.type))
        switch value.type {
        case SQLITE_NULL: break
        case SQLITE_INTEGER: mix(value.integer)
        case SQLITE_FLOAT: mix(value.real.bitPattern)
        default: mix(value.bytes)
        }
    }

    /// Adds bytes with their number.
    mutating func mix(_ bytes: UnsafeRawBufferPointer) {
        mix(UInt64(bytes.count))
        var offset = 0
        while offset + 8 <= bytes.count {
            mix(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var rest: UInt64 = 0
        for byte in bytes[offset...] { rest = rest << 8 | UInt64(byte) }
        mix(rest)
    }
}
