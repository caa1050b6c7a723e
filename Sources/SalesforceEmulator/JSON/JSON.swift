/// A JSON value that keeps the order of object members and tells numbers from booleans.
///
/// Foundation's own reading turns `true` and `1` into the same number object on
/// some platforms, and loses the order of keys; clients of an org see both.
enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

/// The members of a JSON object, in the order in which they were written.
struct JSONObject: Hashable, Sendable {
    /// One name and its value.
    struct Member: Hashable, Sendable {
        var key: String
        var value: JSON
    }

    private(set) var members: [Member] = []

    init() {}

    init(_ members: [Member]) {
        self.members = members
    }

    /// The value under a key, compared as written; the last one wins on reading.
    subscript(key: String) -> JSON? {
        get { members.last { $0.key == key }?.value }
        set {
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Adds a member without looking for an earlier one of the same name.
    mutating func append(_ key: String, _ value: JSON) {
        members.append(Member(key: key, value: value))
    }

    /// The value under a key whatever its case, as in record bodies.
    func value(ignoringCase key: String) -> JSON? {
        members.last { $0.key.lowercased() == key.lowercased() }?.value
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral elements: (String, JSON)...) {
        members = elements.map { Member(key: $0.0, value: $0.1) }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(arrayLiteral elements: JSON...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements.map { .init(key: $0.0, value: $0.1) }))
    }
}

extension JSON {
    /// The text of a string value, otherwise nil.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The members of an object value, otherwise nil.
    var object: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }

    /// The elements of an array value, otherwise nil.
    var array: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The value of a boolean, otherwise nil.
    var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The value of a whole number, otherwise nil.
    var integer: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The value of any number, otherwise nil.
    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// A member of an object value, otherwise nil.
    subscript(key: String) -> JSON? { object?[key] }

    /// A string, or null for nil.
    init(_ text: String?) {
        self = text.map(JSON.string) ?? .null
    }
}
