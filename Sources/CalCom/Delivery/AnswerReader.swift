import Domain

/// Reads answers to booking questions and routing forms.
///
/// | value as sent                      | answer                                         |
/// |------------------------------------|------------------------------------------------|
/// | absent, `null`, `""`, `[]`         | none: the question is unanswered               |
/// | text, number                       | text                                           |
/// | Boolean                            | flag, also when false                          |
/// | list of texts or `{label, id}`     | list                                           |
/// | `{optionValue, value}`             | parts: what was entered, and the chosen option |
/// | other object                       | its parts, for example a first and a last name |
///
/// Parts that are empty are left out.
///
/// Source: `facts/calcom.md` 1.5 and 1.6.
enum AnswerReader {
    /// The answers of a booking by slug.
    static func answers(_ content: JSON) -> [String: Answer] {
        // Custom questions stand in both objects; `responses` has the system ones too.
        let members =
            (content["userFieldsResponses"]?.members ?? [])
            + (content["responses"]?.members ?? [])
        var answers: [String: Answer] = [:]
        for member in members {
            if let answer = answer(toField: member.value) { answers[member.name] = answer }
        }
        return answers
    }

    /// The location that the booker chose.
    static func location(_ content: JSON) -> String? {
        content["responses"]?["location"].flatMap { answer(toField: $0) }?.text
    }

    /// The answer in `{label, value, isHidden}`, or in a bare value as the database keeps it.
    static func answer(toField field: JSON) -> Answer? {
        let isWrapped = ["label", "value", "isHidden", "response"].contains { field[$0] != nil }
        guard isWrapped, field["optionValue"] == nil else { return meaning(of: field) }
        return field["value"].flatMap { meaning(of: $0) }
            ?? field["response"].flatMap { meaning(of: $0) }
    }

    private static func meaning(of value: JSON) -> Answer? {
        switch value {
        case .null: nil
        case .bool(let flag): .flag(flag)
        case .number(let digits): .text(digits)
        case .string(let text): text.allSatisfy(\.isWhitespace) ? nil : .text(text)
        case .array(let elements): list(elements)
        case .object(let members): parts(members)
        }
    }

    private static func list(_ elements: [JSON]) -> Answer? {
        let texts =
            elements
            .compactMap { $0.scalarText ?? $0.filledText("label") ?? $0.filledText("value") }
            .filter { !$0.isEmpty }
        return texts.isEmpty ? nil : .list(texts)
    }

    private static func parts(_ members: [JSON.Member]) -> Answer? {
        var parts: [String: String] = [:]
        for member in members {
            if let text = member.value.scalarText, !text.isEmpty { parts[member.name] = text }
        }
        return parts.isEmpty ? nil : .parts(parts)
    }
}
