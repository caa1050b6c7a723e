import Foundation

/// The little JSON that the ledger writes itself.
enum JSONText {
    /// A text as JSON writes it.
    static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": #"\\"#
            case "\"": #"\""#
            case "\n": #"\n"#
            case _ where scalar.value < 0x20:
                #"\u00"# + [UInt8(scalar.value)].hexadecimal
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
