import Foundation

/// A JSON value as the emulator handles it.
indirect enum Value: Codable, Hashable, Sendable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([Value])
    case object([String: Value])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = Self.attempt({ try container.decode(Bool.self) }) {
            self = .flag(flag)
        } else if let number = Self.attempt({ try container.decode(Double.self) }) {
            self = .number(number)
        } else if let text = Self.attempt({ try container.decode(String.self) }) {
            self = .text(text)
        } else if let list = Self.attempt({ try container.decode([Value].self) }) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: Value].self))
        }
    }

    /// The only way to ask a decoder what a value is, is to try.
    private static func attempt<T>(_ decode: () throws -> T) -> T? {
        do { return try decode() } catch { return nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let flag): try container.encode(flag)
        case .number(let number) where number.rounded() == number && abs(number) < 9e15:
            try container.encode(Int64(number))
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }

    subscript(_ name: String) -> Value {
        if case .object(let object) = self { object[name] ?? .null } else { .null }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    var integer: Int? { if case .number(let number) = self { Int(number) } else { nil } }

    var list: [Value]? { if case .list(let list) = self { list } else { nil } }

    /// A moment in RFC 3339, with or without milliseconds.
    var date: Date? { text.flatMap(Moment.read) }
}

/// Moments as the API writes and takes them.
enum Moment {
    static func read(_ text: String) -> Date? {
        for style in [fractional, Date.ISO8601FormatStyle()] {
            do { return try style.parse(text) } catch { continue }
        }
        return nil
    }

    static func write(_ date: Date) -> String { fractional.format(date) }

    private static let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
