/// What stands in the place of an erased person in what was said about others.
public enum Tombstone {
    /// The text.
    public static let text = "[erased]"

    /// Whether it stands in a text.
    public static func isIn(_ text: String) -> Bool {
        // Hardly any text has the bracket, and looking for one byte takes next to nothing. By bytes:
        // a mark that followed the address follows its last bracket now.
        text.utf8.contains(UInt8(ascii: "[")) && text.utf8.contains(Self.text.utf8)
    }
}

extension WishedValue {
    /// Whether an erased person was taken out of it.
    public var hasTombstone: Bool {
        switch self {
        case .value(.text(let text)): Tombstone.isIn(text)
        case .value(.choices(let choices)): choices.contains(where: Tombstone.isIn)
        case .value, .user, .account, .records: false
        }
    }
}
