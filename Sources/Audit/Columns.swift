/// Pads texts, so that columns stand below each other in a terminal.
enum Columns {
    /// The text with spaces behind it.
    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// The text with spaces before it.
    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Lines of a label and a text each, the texts below each other.
    static func pairs(_ pairs: [(String, String?)], indent: Int = 0) -> String {
        let shown = pairs.compactMap { label, text in text.map { (label, $0) } }
        let width = shown.map(\.0.count).max() ?? 0
        let margin = String(repeating: " ", count: indent)
        return shown.map { label, text in "\(margin)\(left(label, width))  \(text)\n" }.joined()
    }
}
