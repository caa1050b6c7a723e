/// Reads percent-encoded texts and the parameters of queries and forms.
enum FormEncoding {
    /// The parameters of `a=1&b=2`, decoded, in their order.
    static func parameters(_ text: some StringProtocol) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? decoded(parts[1], plusIsSpace: true) : ""
            return (decoded(parts.first ?? "", plusIsSpace: true), value)
        }
    }

    /// A text with its escapes read; what is no valid escape stays as it is.
    static func decoded(_ text: some StringProtocol, plusIsSpace: Bool) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "%"), let escaped = escape(bytes, position) {
                result.append(escaped)
                position += 3
                continue
            }
            result.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            position += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func escape(_ bytes: [UInt8], _ position: Int) -> UInt8? {
        guard position + 2 < bytes.count else { return nil }
        return UInt8(
            String(decoding: bytes[(position + 1)...(position + 2)], as: UTF8.self),
            radix: 16
        )
    }

    /// A text as one part of a path or query.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || "-_.~".utf8.contains(byte)
            if isPlain { return String(decoding: [byte], as: UTF8.self) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%\(digits.count < 2 ? "0" : "")\(digits)"
        }
        .joined()
    }
}
