/// A text as it stands in a table of comma separated values, by RFC 4180.
///
/// By scalars, as a reader takes it: with a mark behind it, or a line feed behind a return, a sign is
/// another character to us and the same sign to the reader.
public enum CSVCell {
    /// The text, in quotes where it needs them; one that a spreadsheet would take for a formula begins
    /// with an apostrophe.
    public static func text(_ text: String) -> String {
        var text = text
        if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first),
            Double(text) == nil
        {
            text = "'" + text
        }
        let scalars = text.unicodeScalars
        guard scalars.contains(where: ",\"\n\r".unicodeScalars.contains) else { return text }
        let doubled = scalars.reduce(into: "") { doubled, scalar in
            if scalar == "\"" { doubled += "\"" }
            doubled.unicodeScalars.append(scalar)
        }
        return "\"\(doubled)\""
    }
}
