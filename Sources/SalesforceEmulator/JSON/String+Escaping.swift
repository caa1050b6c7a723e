extension String {
    /// The text with some scalars written otherwise; those that a mark follows, too.
    func escaping(_ escapes: [Unicode.Scalar: String]) -> String {
        unicodeScalars.reduce(into: "") { text, scalar in
            if let escape = escapes[scalar] {
                text += escape
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }
}
