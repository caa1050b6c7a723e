public import Domain

/// Values in the form in which they are compared, and values made to fit the field they go to.
public enum CanonicalForm {
    /// A text that is equal for values that Salesforce would call the same.
    ///
    /// | type            | what does not count                                  |
    /// |-----------------|------------------------------------------------------|
    /// | e-mail          | letter case                                          |
    /// | phone           | everything but digits and a leading +                |
    /// | number          | trailing zeros                                       |
    /// | datetime        | milliseconds, the zone it is written in              |
    /// | multi-select    | order                                                |
    /// | references      | order, 15 or 18 characters                           |
    /// | text            | white space at the ends, what is beyond the length   |
    public static func text(of value: FieldValue, _ field: FieldDescription?) -> String {
        switch value {
        case .empty: ""
        case .text(let text): self.text(text, field)
        case .flag(let flag): flag ? "true" : "false"
        case .number(let digits): number(digits)
        case .date(let date): date.iso8601
        case .instant(let instant): instant.rfc3339Seconds
        case .choices(let choices): Set(choices).sorted().joined(separator: ";")
        case .reference(let id): id.rawValue
        case .references(let ids): Set(ids.map(\.rawValue)).sorted().joined(separator: ";")
        }
    }

    /// Whether two values have the same ``text(of:_:)``.
    ///
    /// Nearly all values of a plan are the same to the byte, and then nothing has to be formed.
    static func isSame(_ left: FieldValue, _ right: FieldValue, _ field: FieldDescription?) -> Bool
    {
        switch (left, right) {
        case (.text(let left), .text(let right)) where left.utf8.elementsEqual(right.utf8): true
        case (.flag(let left), .flag(let right)): left == right
        case (.instant(let left), .instant(let right)) where left == right: true
        case (.date(let left), .date(let right)) where left == right: true
        default: text(of: left, field) == text(of: right, field)
        }
    }

    private static func text(_ text: String, _ field: FieldDescription?) -> String {
        switch field?.type {
        case "email": return text.trimmingWhitespace().lowercased()
        case "phone": return text.filter { $0.isNumber || $0 == "+" }
        case "int", "long", "double", "currency", "percent": return number(text)
        case "datetime": return Instant(rfc3339: text)?.rfc3339Seconds ?? text
        case "reference", "id": return SalesforceID(text)?.rawValue ?? text
        default:
            return cut(normalizedNewlines(text), length: field?.length ?? 0)
        }
    }

    private static func normalizedNewlines(_ text: String) -> String {
        // By bytes: the two of a line end are one character, which is not equal to the first of them.
        text.utf8.contains(0x0D)
            ? String(text.map { $0 == "\r\n" || $0 == "\r" ? "\n" : $0 }) : text
    }

    private static func number(_ digits: String) -> String {
        guard digits.contains("."), !digits.lowercased().contains("e") else { return digits }
        var rest = digits[...]
        while rest.hasSuffix("0") { rest = rest.dropLast() }
        if rest.hasSuffix(".") { rest = rest.dropLast() }
        return String(rest)
    }

    /// A value that fits a field, or why there is none.
    enum Fit: Equatable {
        case value(FieldValue)
        case misfit(Reason, String)

        /// The value, if there is one.
        var value: FieldValue? {
            if case .value(let value) = self { value } else { nil }
        }
    }

    /// Gives a value the form its field takes.
    ///
    /// The org's type decides, not the settings'.
    static func fit(_ value: FieldValue, to field: FieldDescription) -> Fit {
        if value.isEmpty { return .value(.empty) }
        switch field.type {
        case "boolean": return flag(value, field)
        case "picklist": return picklist(value, field)
        case "multipicklist": return choices(value, field)
        case "date": return date(value, field)
        case "datetime": return instant(value, field)
        case "reference", "id": return reference(value, field)
        case "int", "long", "double", "currency", "percent": return number(value, field)
        default: return .value(.text(cut(plainText(value), length: field.length)))
        }
    }

    private static func plainText(_ value: FieldValue) -> String {
        if case .choices(let choices) = value { return choices.joined(separator: ", ") }
        return value.readableText
    }

    /// The text as far as it fits; Salesforce counts UTF-16, and no character is cut in two.
    private static func cut(_ text: String, length: Int) -> String {
        let trimmed = text.trimmingWhitespace()
        // UTF-8 never takes less than UTF-16, and is counted faster.
        guard length > 0, trimmed.utf8.count > length, trimmed.utf16.count > length else {
            return trimmed
        }
        var used = 0
        return trimmed.prefix { character in
            used += character.utf16.count
            return used <= length
        }.trimmingWhitespace()
    }

    private static func mismatch(_ value: FieldValue, _ field: FieldDescription) -> Fit {
        .misfit(.typeMismatch, "\(kind(of: value)) for a field of type \(field.type)")
    }

    private static func kind(of value: FieldValue) -> String {
        switch value {
        case .empty: "nothing"
        case .text: "text"
        case .flag: "a checkbox value"
        case .number: "a number"
        case .date: "a date"
        case .instant: "a date and time"
        case .choices: "several choices"
        case .reference, .references: "a reference"
        }
    }

    private static func flag(_ value: FieldValue, _ field: FieldDescription) -> Fit {
        switch value {
        case .flag: .value(value)
        case .text(let text):
            switch text.trimmingWhitespace().lowercased() {
            case "true", "yes", "y", "1", "on": .value(.flag(true))
            case "false", "no", "n", "0", "off": .value(.flag(false))
            default: .misfit(.notABoolean, "the value is neither true nor false")
            }
        default: mismatch(value, field)
        }
    }

    private static func picklist(_ value: FieldValue, _ field: FieldDescription) -> Fit {
        let text = cut(plainText(value), length: field.length)
        guard field.activeValues.isEmpty || field.activeValues.contains(text) else {
            return .misfit(
                .inactivePicklistValue,
                "the active values are \(field.activeValues.prefix(12).joined(separator: ", "))"
            )
        }
        return .value(.text(text))
    }

    private static func choices(_ value: FieldValue, _ field: FieldDescription) -> Fit {
        let chosen: [String] =
            switch value {
            case .choices(let choices): choices
            default:
                plainText(value).split(whereSeparator: { ";,".contains($0) })
                    .map { $0.trimmingWhitespace() }
            }
        let known = Set(field.activeValues)
        guard known.isEmpty || chosen.allSatisfy(known.contains) else {
            return .misfit(
                .inactivePicklistValue,
                "the active values are \(field.activeValues.prefix(12).joined(separator: ", "))"
            )
        }
        return .value(.choices(chosen))
    }

    private static func date(_ value: FieldValue, _ field: FieldDescription) -> Fit {
        switch value {
        case .date: return .value(value)
        case .text(let text):
            guard let day = CalendarDate(iso8601: text) else { return mismatch(value, field) }
            return .value(.date(day))
        default: return mismatch(value, field)
        }
    }

    private static func instant(_ value: FieldValue, _ field: FieldDescription) -> Fit {
        switch value {
        case .instant: return .value(value)
        case .text(let text):
            guard let instant = Instant(rfc3339: text) else { return mismatch(value, field) }
            return .value(.instant(instant))
        default: return mismatch(value, field)
        }
    }

    private static func reference(_ value: FieldValue, _ field: FieldDescription) -> Fit {
        switch value {
        case .reference, .references: return .value(value)
        case .text(let text):
            guard let id = SalesforceID(text) else { return mismatch(value, field) }
            return .value(.reference(id))
        default: return mismatch(value, field)
        }
    }

    private static func number(_ value: FieldValue, _ field: FieldDescription) -> Fit {
        switch value {
        case .number: return .value(value)
        case .text(let text):
            guard let digits = decimal(text) else { return mismatch(value, field) }
            return .value(.number(digits))
        default: return mismatch(value, field)
        }
    }

    /// A number in the spelling that JSON allows; nil if the text is none.
    private static func decimal(_ text: String) -> String? {
        var rest = text.trimmingWhitespace()[...]
        guard rest.allSatisfy({ $0.isASCII && ($0.isWholeNumber || "+-.eE".contains($0)) }),
            let number = Double(rest), number.isFinite
        else { return nil }
        let sign = rest.hasPrefix("-") ? "-" : ""
        if rest.hasPrefix("-") || rest.hasPrefix("+") { rest = rest.dropFirst() }
        let mantissa = rest.prefix { !"eE".contains($0) }
        let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        let whole = parts[0].drop { $0 == "0" }
        let fraction = parts.count > 1 && !parts[1].isEmpty ? ".\(parts[1])" : ""
        return "\(sign)\(whole.isEmpty ? "0" : whole)\(fraction)\(rest.dropFirst(mantissa.count))"
    }
}
