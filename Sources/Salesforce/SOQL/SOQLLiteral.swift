import Domain

/// Texts and values as they stand in a SOQL statement.
///
/// | Character | Written |
/// | --- | --- |
/// | `'` `\` | `\'` `\\` |
/// | line feed, return, tab, backspace, form feed | `\n` `\r` `\t` `\b` `\f` |
/// | other control characters, line and paragraph separator | `\u000B`, … |
/// | `@` before `{` | `\u0040`, because `@{…}` is a reference inside a composite call |
/// | `%` `_` in a pattern | `\%` `\_` |
///
/// Source: `facts/salesforce-api.md` 8.3.
enum SOQLLiteral {
    /// The longest literal that is sent, in UTF-16 units after escaping; the org allows 4,000.
    static let longest = 3_999

    /// The text in quotes, or nil if it is longer than any literal may be.
    static func text(_ text: String) -> String? {
        quoted(escaped(text, inPattern: false))
    }

    /// A pattern that the texts ending with this one match, or nil if it is too long.
    static func pattern(endingWith text: String) -> String? {
        quoted("%" + escaped(text, inPattern: true))
    }

    /// A pattern that the texts containing this one match, or nil if it is too long.
    static func pattern(containing text: String) -> String? {
        quoted("%" + escaped(text, inPattern: true) + "%")
    }

    /// A moment, with milliseconds only if there are any.
    static func instant(_ instant: Instant) -> String {
        instant == instant.wholeSeconds ? instant.rfc3339Seconds : instant.rfc3339
    }

    /// Whether the text is a plain decimal number, which may stand without quotes.
    static func isNumber(_ text: String) -> Bool {
        let unsigned = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = unsigned.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count <= 2
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            }
    }

    private static func quoted(_ escaped: String) -> String? {
        escaped.utf16.count <= longest ? "'\(escaped)'" : nil
    }

    /// The text as it stands between quotes.
    static func escaped(_ text: String, inPattern: Bool) -> String {
        var result = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "@", rest.first == "{" {
                result.append(contentsOf: "\\u0040".unicodeScalars)
            } else if inPattern, scalar == "%" || scalar == "_" {
                result.append("\\")
                result.append(scalar)
            } else {
                append(scalar, to: &result)
            }
        }
        return String(result)
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String.UnicodeScalarView)
    {
        switch scalar {
        case "'", "\\": result.append(contentsOf: ["\\", scalar])
        case "\n": result.append(contentsOf: ["\\", "n"])
        case "\r": result.append(contentsOf: ["\\", "r"])
        case "\t": result.append(contentsOf: ["\\", "t"])
        case "\u{08}": result.append(contentsOf: ["\\", "b"])
        case "\u{0C}": result.append(contentsOf: ["\\", "f"])
        case "\u{00}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{2028}", "\u{2029}":
            let digits = String(scalar.value, radix: 16, uppercase: true)
            let padded = String(repeating: "0", count: 4 - digits.count) + digits
            result.append(contentsOf: "\\u\(padded)".unicodeScalars)
        default: result.append(scalar)
        }
    }
}
