import Ledger

/// The bytes of a hexadecimal text; nil if it is none.
func unhexed(_ text: some StringProtocol) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

extension TreeHash {
    /// The hash with a text, or the hash of nothing for a text that is none.
    init(_ text: some StringProtocol) {
        self = unhexed(text).flatMap { TreeHash(bytes: $0) } ?? .emptyRoot
    }
}
