import Domain

// How numbers, people, times and values are named in sentences.

extension String {
    /// A number of these: `1 API call`, `2 API calls`.
    ///
    /// - Parameters:
    ///   - number: How many.
    ///   - plural: The word for several; nil puts an s behind the word for one.
    /// - Returns: The number and the word.
    public func counted(_ number: Int, plural: String? = nil) -> String {
        "\(number) \(number == 1 ? self : plural ?? "\(self)s")"
    }
}

extension Party {
    /// The person as `Ada Park <ada@acme.example>`; of an erased person nothing is left.
    var inWords: String {
        guard let email else { return isErased ? "an erased person" : "somebody" }
        return name.map { "\($0) <\(email.rawValue)>" } ?? email.rawValue
    }
}

extension [Party] {
    /// The people, in order.
    var inWords: String { isEmpty ? "somebody" : map(\.inWords).joined(separator: ", ") }
}

extension TimeSlot {
    /// The slot as `2026-11-04 14:00–14:30 UTC`, with both days where it ends on another one.
    var inWords: String {
        let (first, last) = (start.minuteInWords, end.minuteInWords)
        let isSameDay = first.prefix(10) == last.prefix(10)
        return "\(first)–\(isSameDay ? String(last.dropFirst(11)) : last) UTC"
    }
}

extension Instant {
    /// The minute as `2026-11-04 14:00`, in UTC.
    fileprivate var minuteInWords: String {
        rfc3339Seconds.prefix(16).map { $0 == "T" ? " " : String($0) }.joined()
    }
}

extension JSON {
    /// A value of a field as a person would read it.
    var valueInWords: String {
        switch self {
        case .null: "(empty)"
        case .string(let text): text
        case .array(let elements): elements.map(\.valueInWords).joined(separator: ", ")
        default: text
        }
    }

    /// Whether two spellings mean one value: Salesforce writes times in another way than we do.
    func means(_ other: JSON) -> Bool {
        if self == other { return true }
        guard let left = string, let right = other.string,
            let moment = Instant(rfc3339: left)
        else { return false }
        return moment == Instant(rfc3339: right)
    }
}

extension Sequence<String> {
    /// The words as `a, b and c`.
    var listed: String {
        let words = Array(self)
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }
}
