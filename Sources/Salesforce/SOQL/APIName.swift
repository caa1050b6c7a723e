import Domain

/// Which texts may stand in a URL or a query without quotes.
///
/// Names come from settings that people write, so they are checked where they leave us.
enum APIName {
    /// Whether the text can be the name of an object or a field: a letter, then letters, digits, `_`.
    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.count <= 255
            && text.utf8.allSatisfy { isLetter($0) || isDigitOrUnderscore($0) }
    }

    /// Whether the text can be a path such as `Owner.Name`, at most five relations deep.
    static func isPath(_ text: String) -> Bool {
        let steps = text.split(separator: ".", omittingEmptySubsequences: false)
        return steps.count <= 6 && steps.allSatisfy { isName($0) }
    }

    /// Returns the name of an object that may be sent.
    static func checked(_ object: ObjectName) throws(SalesforceError) -> String {
        guard isName(object.rawValue) else {
            throw .rejected(code: "INVALID_TYPE", "a name in the settings is no object name")
        }
        return object.rawValue
    }

    /// Returns a field path that may be sent.
    static func checked(path: String) throws(SalesforceError) -> String {
        guard isPath(path) else {
            throw .rejected(code: "INVALID_FIELD", "a name in the settings is no field name")
        }
        return path
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigitOrUnderscore(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }
}
