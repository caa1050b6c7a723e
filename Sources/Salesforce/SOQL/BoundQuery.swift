public import Domain

/// A query that people wrote, with the values of one person bound.
///
/// Values reach the statement as escaped literals only, so that none can change what is asked.
public struct BoundQuery: Hashable, Sendable {
    /// The statement that is sent.
    let statement: String

    /// Binds values; nil if a token has none, or one that is longer than any literal may be.
    ///
    /// - Parameters:
    ///   - query: The query.
    ///   - value: Gives the value of a token.
    public init?(_ query: OwnerQuery, value: (String) -> String?) {
        var statement = ""
        for piece in query.pieces {
            switch piece {
            case .text(let text): statement += text
            case .value(let token):
                guard let literal = value(token).flatMap(SOQLLiteral.text) else { return nil }
                statement += Self.withoutBraces(literal)
            case .inside(let token, let isPattern):
                guard let text = value(token), text.utf16.count <= SOQLLiteral.longest else {
                    return nil
                }
                let escaped = SOQLLiteral.escaped(text, inPattern: isPattern)
                statement += Self.withoutBraces(escaped)
            }
        }
        self.statement = statement
    }

    /// `@{…}` is a reference inside a composite call, wherever its two characters come from.
    private static func withoutBraces(_ literal: String) -> String {
        // By scalars: a brace that a combining mark follows is one, too.
        literal.unicodeScalars.reduce(into: "") { text, scalar in
            if scalar == "{" { text += "\\u007B" } else { text.unicodeScalars.append(scalar) }
        }
    }
}
