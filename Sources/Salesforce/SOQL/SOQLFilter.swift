import Domain

/// What a condition comes to once it is written out.
enum SOQLFilter: Hashable {
    /// Every row fits; no `WHERE` is needed.
    case always
    /// No row can fit, so that nothing needs to be asked.
    case never
    /// The rows that fit this text.
    case text(String, isCompound: Bool)

    /// Writes a condition out.
    ///
    /// A literal longer than SOQL allows cannot equal anything that can be filtered, so it fits
    /// no row: one absurd e-mail address must not stop the look-up of all others.
    ///
    /// - Parameter condition: Any condition.
    /// - Throws: ``SalesforceError/rejected(code:_:)`` for a field path or a value that may not
    ///   be sent.
    init(_ condition: Query.Condition) throws(SalesforceError) {
        switch condition {
        case .all: self = .always
        case .isIn(let path, let texts): self = try Self.list(path, texts)
        case .equals(let path, let value): self = try Self.comparison(path, "=", value) ?? .never
        case .differs(let path, let value): self = try Self.comparison(path, "!=", value) ?? .always
        case .notBefore(let path, let instant):
            self = try Self.comparison(path, ">=", .instant(instant)) ?? .never
        case .after(let path, let moment):
            self = try Self.comparison(path, ">", .instant(moment)) ?? .never
        case .endsWith(let path, let text):
            self = try Self.like(path, SOQLLiteral.pattern(endingWith: text))
        case .contains(let path, let text):
            self = try Self.like(path, SOQLLiteral.pattern(containing: text))
        case .both(let parts): self = try Self.conjunction(parts)
        case .either(let parts): self = try Self.disjunction(parts)
        }
    }

    /// The text as a part of a longer condition; AND and OR are never mixed without parentheses.
    private var part: String? {
        guard case .text(let text, let isCompound) = self else { return nil }
        return isCompound ? "(\(text))" : text
    }

    private static func list(_ path: String, _ texts: [String]) throws(SalesforceError) -> Self {
        let literals = texts.compactMap(SOQLLiteral.text).firstOfEach()
        let path = try APIName.checked(path: path)
        if literals.isEmpty { return .never }
        return .text("\(path) IN (\(literals.joined(separator: ",")))", isCompound: false)
    }

    private static func like(_ path: String, _ pattern: String?) throws(SalesforceError) -> Self {
        let path = try APIName.checked(path: path)
        guard let pattern else { return .never }
        return .text("\(path) LIKE \(pattern)", isCompound: false)
    }

    /// A comparison, or nil if the literal is too long to equal anything.
    private static func comparison(
        _ path: String,
        _ sign: String,
        _ value: FieldValue
    ) throws(SalesforceError) -> Self? {
        let path = try APIName.checked(path: path)
        guard let literal = try literal(value) else { return nil }
        return .text("\(path) \(sign) \(literal)", isCompound: false)
    }

    private static func literal(_ value: FieldValue) throws(SalesforceError) -> String? {
        if value.isEmpty { return "NULL" }
        switch value {
        case .empty: return "NULL"
        case .text(let text): return SOQLLiteral.text(text)
        case .flag(let flag): return flag ? "TRUE" : "FALSE"
        case .number(let digits):
            guard SOQLLiteral.isNumber(digits) else {
                throw .rejected(code: "INVALID_QUERY", "a value to compare with is no number")
            }
            return digits
        case .date(let date): return date.iso8601
        case .instant(let instant): return SOQLLiteral.instant(instant)
        case .choices(let choices): return SOQLLiteral.text(choices.joined(separator: ";"))
        case .reference(let id): return SOQLLiteral.text(id.rawValue)
        case .references:
            throw .rejected(code: "INVALID_QUERY", "a list of references cannot be compared")
        }
    }

    private static func conjunction(_ parts: [Query.Condition]) throws(SalesforceError) -> Self {
        var filters: [Self] = []
        for part in parts { filters.append(try Self(part)) }
        if filters.contains(.never) { return .never }
        return joined(filters.filter { $0 != .always }, by: " AND ") ?? .always
    }

    private static func disjunction(_ parts: [Query.Condition]) throws(SalesforceError) -> Self {
        var filters: [Self] = []
        for part in parts { filters.append(try Self(part)) }
        if filters.contains(.always) { return .always }
        return joined(filters.filter { $0 != .never }, by: " OR ") ?? .never
    }

    private static func joined(_ filters: [Self], by word: String) -> Self? {
        if filters.count <= 1 { return filters.first }
        return .text(filters.compactMap(\.part).joined(separator: word), isCompound: true)
    }
}

extension Sequence where Element: Hashable {
    /// The elements without repetitions, in the order of their first appearance.
    func firstOfEach() -> [Element] {
        var known: Set<Element> = []
        return filter { known.insert($0).inserted }
    }
}
