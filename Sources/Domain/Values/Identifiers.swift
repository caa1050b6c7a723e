/// The key that Cal.com gives one booking; a reschedule makes a new one.
public struct BookingUID: Hashable, Comparable, Sendable {
    /// The uid as Cal.com spells it, usually 22 letters and digits.
    public let rawValue: String

    /// Wraps a uid, or returns nil for an empty one and one with control characters.
    public init?(_ rawValue: String) {
        guard !rawValue.isEmpty, !rawValue.utf8.contains(where: { $0 < 32 }) else { return nil }
        self.rawValue = rawValue
    }

    /// Orders uids by their bytes, so that lists of them are stable, and as SQLite orders them.
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}

/// One meeting across all its reschedules, named by the first uid of the chain.
public struct AppointmentID: Hashable, Comparable, Sendable {
    /// The first known uid of the chain.
    public let root: BookingUID

    /// Names the appointment that begins with a booking.
    public init(root: BookingUID) { self.root = root }

    /// Whether it is no meeting, but the routing forms that one person answered.
    ///
    /// Their thread is named `form/<surrogate>`, so that runs look at it as at any other.
    public var isForms: Bool { root.rawValue.hasPrefix("form/") }

    /// Orders appointments by their root uid.
    public static func < (left: Self, right: Self) -> Bool { left.root < right.root }
}

/// The surrogate that stands for a person wherever no personal data may stand.
///
/// Given by the ledger at the first fact about an e-mail address. Says nothing about the person.
public struct PersonID: Hashable, Comparable, Sendable {
    /// A random identifier, lower-case hexadecimal.
    public let rawValue: String

    /// Wraps a stored surrogate.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// Orders surrogates by their bytes, so that lists of them are stable.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The number of an event type at Cal.com.
public struct EventTypeID: Hashable, Comparable, Sendable {
    /// Cal.com's `eventTypeId`.
    public let rawValue: Int

    /// Wraps a number.
    public init(_ rawValue: Int) { self.rawValue = rawValue }

    /// Orders event types by number.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A place in the ledger: 1, 2, 3, … without gaps.
public struct LedgerPosition: Hashable, Comparable, Sendable {
    /// The position; 0 stands before the first event.
    public let rawValue: Int64

    /// Wraps a position.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The place before the first event.
    public static let start = Self(0)

    /// Orders positions as events were recorded.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A version of the settings: 1, 2, 3, … in the order in which they were accepted.
public struct SettingsVersion: Hashable, Comparable, Sendable {
    /// The running number.
    public let rawValue: Int

    /// Wraps a number.
    public init(_ rawValue: Int) { self.rawValue = rawValue }

    /// Orders versions as they were accepted.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The identifier of a Salesforce record, always in its 18-character form.
///
/// Source: `facts/salesforce-api.md` 7.0, "15 → 18 characters".
public struct SalesforceID: Hashable, Comparable, Sendable {
    /// The 18 characters.
    public let rawValue: String

    /// Takes 15 or 18 letters and digits; returns nil for anything else.
    ///
    /// A 15-character id gets its three check characters; those of an 18-character id are not
    /// verified, because Salesforce accepts them folded to one case.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy(Self.isAlphanumeric) else { return nil }
        switch bytes.count {
        case 18: rawValue = text
        case 15: rawValue = text + Self.checkCharacters(of: bytes)
        default: return nil
        }
    }

    /// The first three characters, which tell the object.
    public var keyPrefix: String { String(rawValue.prefix(3)) }

    /// Orders ids by their bytes; for ids of one object that is about the order of creation.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    /// One character per group of five; bit n is set when the group's n-th is upper case.
    private static func checkCharacters(of bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345")
        return String(
            stride(from: 0, to: 15, by: 5).map { start in
                let number = (0..<5).reduce(0) { sum, bit in
                    let byte = bytes[start + bit]
                    let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
                    return isUpper ? sum | (1 << bit) : sum
                }
                return alphabet[number]
            }
        )
    }
}
