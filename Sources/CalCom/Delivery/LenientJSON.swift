import Domain

/// Reading values whose type is not certain: what does not fit is nil.
extension JSON {
    /// A text that is more than white space, as it was sent.
    func filledText(_ name: String) -> String? {
        guard let text = self[name]?.string, !text.allSatisfy(\.isWhitespace) else { return nil }
        return text
    }

    /// A whole number, also one spelled as text.
    func whole(_ name: String) -> Int? {
        self[name]?.int ?? self[name]?.string.flatMap { Int($0) }
    }

    /// An address in the form in which addresses are compared.
    func email(_ name: String) -> EmailAddress? {
        self[name]?.string.flatMap(EmailAddress.init)
    }

    /// A moment in any RFC 3339 form.
    func instant(_ name: String) -> Instant? {
        self[name]?.string.flatMap { Instant(rfc3339: $0) }
    }

    /// A moment that may be missing, but must not be nonsense.
    func possibleInstant(_ name: String) throws(UnusablePart) -> Instant? {
        guard let value = present(name) else { return nil }
        guard let text = value.string, let instant = Instant(rfc3339: text) else {
            throw UnusablePart(reason: "\(name) is not a date with a time and a zone")
        }
        return instant
    }

    /// A text, number or Boolean as text.
    var scalarText: String? {
        switch self {
        case .string(let text): text
        case .number(let digits): digits
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}
