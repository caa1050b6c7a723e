import Foundation

/// A JSON document, as a program outside this repository would read it.
enum Document: Decodable, Hashable, Sendable {
    case object([String: Document])
    case list([Document])
    case text(String)
    case number(Double)
    case flag(Bool)
    case null

    /// Reads exactly one document; anything after it is an error.
    init(_ text: String) throws {
        self = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([Document].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: Document].self))
        }
    }

    subscript(key: String) -> Document? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    var keys: Set<String> {
        if case .object(let members) = self { Set(members.keys) } else { [] }
    }

    var list: [Document] { if case .list(let items) = self { items } else { [] } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
    var int: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
}

extension Document: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByBooleanLiteral
{
    init(integerLiteral value: Int) { self = .number(Double(value)) }
    init(stringLiteral value: String) { self = .text(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
    init(dictionaryLiteral elements: (String, Document)...) {
        self = .object(Dictionary(uniqueKeysWithValues: elements))
    }
}
