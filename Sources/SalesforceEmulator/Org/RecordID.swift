/// Record ids: made, checked and brought into their 18-character form.
///
/// The last three characters of the long form say which of the first fifteen are
/// upper-case letters, so that an id survives programs that fold case.
enum RecordID {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345")
    private static let digits = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    )

    /// The id with a key prefix and a running number.
    ///
    /// - Parameters:
    ///   - prefix: The three characters of the object type.
    ///   - number: A number that is unique within the type.
    ///   - seed: Sets the characters that stand for the org, so that orgs differ.
    /// - Returns: The id in its 18-character form.
    static func make(prefix: String, number: Int, seed: UInt64) -> String {
        let org = base62(seed % 3844, width: 2)
        return long("\(prefix)\(org)0\(base62(UInt64(number), width: 9))")
    }

    /// The 18-character form of an id, or nil if the text cannot be an id.
    ///
    /// A long id whose case was changed on the way is repaired from its last
    /// three characters, as the real service does.
    static func normalized(_ text: some StringProtocol) -> String? {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: false
            }
        }
        guard isPlain else { return nil }
        return switch text.utf8.count {
        case 15: long(String(text))
        case 18: repaired(String(text))
        default: nil
        }
    }

    private static func long(_ id: String) -> String {
        id + suffix(of: id.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
    }

    private static func suffix(of isUpper: [Bool]) -> String {
        var suffix = ""
        for group in 0..<3 {
            var index = 0
            for bit in 0..<5 where isUpper[group * 5 + bit] { index |= 1 << bit }
            suffix.append(alphabet[index])
        }
        return suffix
    }

    private static func repaired(_ id: String) -> String? {
        var result = ""
        let suffix = id.suffix(3).uppercased().map { alphabet.firstIndex(of: $0) }
        for (position, character) in id.prefix(15).enumerated() {
            guard let bits = suffix[position / 5] else { return nil }
            let isUpper = bits & (1 << (position % 5)) != 0
            let letter = isUpper ? character.uppercased() : character.lowercased()
            guard !isUpper || character.isLetter else { return nil }
            result += letter
        }
        return result + id.suffix(3).uppercased()
    }

    private static func base62(_ number: UInt64, width: Int) -> String {
        var rest = number
        var text: [Character] = []
        for _ in 0..<width {
            text.append(digits[Int(rest % 62)])
            rest /= 62
        }
        return String(text.reversed())
    }
}
