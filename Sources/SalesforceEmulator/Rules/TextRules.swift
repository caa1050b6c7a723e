/// The rules for the text of one field: length, picklist values, e-mail form.
enum TextRules {
    /// Refuses a text that does not fit its field.
    ///
    /// | rule                                   | code                                     |
    /// |----------------------------------------|------------------------------------------|
    /// | longer than the field, in UTF-16 units | `STRING_TOO_LONG`                        |
    /// | not a value of a restricted picklist   | `INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST`|
    /// | an e-mail field without an address     | `INVALID_EMAIL_ADDRESS`                  |
    static func check(_ text: String, _ field: Field) throws(APIError) {
        guard text.utf16.count <= field.length else { throw tooLong(text, field) }
        if field.isRestricted { try checkPicklist(text, field) }
        if field.type == .email, !isAddress(text) {
            throw APIError(
                400,
                "INVALID_EMAIL_ADDRESS",
                "\(field.label): invalid email address: \(text)",
                fields: [field.name]
            )
        }
    }

    private static func tooLong(_ text: String, _ field: Field) -> APIError {
        APIError(
            400,
            "STRING_TOO_LONG",
            "\(field.label): data value too large: \(text) (max length=\(field.length))",
            fields: [field.name]
        )
    }

    private static func checkPicklist(_ text: String, _ field: Field) throws(APIError) {
        let parts =
            field.type == .multipicklist ? text.split(separator: ";").map(String.init) : [text]
        for part in parts where !field.picklist.contains(part.trimmed) {
            throw APIError(
                400,
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                "\(field.label): bad value for restricted picklist field: \(part)",
                fields: [field.name]
            )
        }
    }

    /// Whether a text has the form of an address: one `@`, a local part, a domain with a dot.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let local = parts.first, let domain = parts.last else {
            return false
        }
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            !scalar.properties.isWhitespace && !"()<>,;:\\\"[]".unicodeScalars.contains(scalar)
        }
        return isPlain && !local.isEmpty && !local.hasPrefix(".") && !local.hasSuffix(".")
            && labels.count >= 2 && labels.allSatisfy { !$0.isEmpty }
    }
}
