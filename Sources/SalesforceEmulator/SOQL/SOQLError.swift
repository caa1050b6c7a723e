/// Makes the refusals of queries, with the line, the caret and the place.
struct SOQLDiagnostics: Sendable {
    /// The query as it was sent.
    let text: String

    /// A refusal at a place of the query.
    ///
    /// The message has the form `\n<fragment>\n    ^\nERROR at Row:r:Column:c\n<text>`;
    /// of a long line it shows only the words around the place.
    func error(_ code: String, _ message: String, at offset: Int) -> APIError {
        let characters = Array(text)
        let place = min(offset, characters.count)
        let lineStart = (characters[..<place].lastIndex { $0.isNewline } ?? -1) + 1
        let lineEnd = characters[place...].firstIndex { $0.isNewline } ?? characters.count
        let row = characters[..<place].count { $0.isNewline } + 1
        let start = windowStart(characters, lineStart: lineStart, place: place)
        let end = windowEnd(characters, lineEnd: lineEnd, place: place)
        let caret = String(repeating: " ", count: place - start) + "^"
        return APIError(
            400,
            code,
            """

            \(String(characters[start..<end]))
            \(caret)
            ERROR at Row:\(row):Column:\(place - lineStart + 1)
            \(message)
            """
        )
    }

    private func windowStart(_ characters: [Character], lineStart: Int, place: Int) -> Int {
        let earliest = place - 40
        guard earliest > lineStart else { return lineStart }
        let space = characters[earliest..<place].firstIndex { $0 == " " }
        return space.map { $0 + 1 } ?? earliest
    }

    private func windowEnd(_ characters: [Character], lineEnd: Int, place: Int) -> Int {
        let latest = place + 40
        guard latest < lineEnd else { return lineEnd }
        let space = characters[place..<latest].lastIndex { $0 == " " }
        return space ?? latest
    }

    /// A part that the grammar does not allow here.
    func unexpected(_ token: Token) -> APIError {
        error("MALFORMED_QUERY", "unexpected token: '\(token.text)'", at: token.offset)
    }

    /// A field that the type does not have.
    func noSuchColumn(_ name: String, on object: String, at offset: Int) -> APIError {
        error(
            "INVALID_FIELD",
            """
            No such column '\(name)' on entity '\(object)'. If you are attempting to use a custom \
            field, be sure to append the '__c' after the custom field name. Please reference your \
            WSDL or the describe call for the appropriate names.
            """,
            at: offset
        )
    }

    /// A type that the org does not have.
    func noSuchObject(_ name: String, at offset: Int) -> APIError {
        error(
            "INVALID_TYPE",
            """
            sObject type '\(name)' is not supported. If you are attempting to use a custom object, \
            be sure to append the '__c' after the entity name. Please reference your WSDL or the \
            describe call for the appropriate names.
            """,
            at: offset
        )
    }

    /// A relationship that the type does not have.
    func noSuchRelation(_ name: String, on object: String, at offset: Int) -> APIError {
        error(
            "INVALID_FIELD",
            """
            Didn't understand relationship '\(name)' in field path. If you are attempting to use \
            a custom relationship, be sure to append the '__r' after the custom relationship \
            name. Please reference your WSDL or the describe call for the appropriate names.
            """,
            at: offset
        )
    }
}
