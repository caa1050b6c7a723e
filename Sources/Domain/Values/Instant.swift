public import Foundation

/// A moment in time: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Instant: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970, UTC.
    public let milliseconds: Int64

    /// Wraps a count of milliseconds since 1970, UTC.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Takes a Foundation date, cut to milliseconds.
    public init(_ date: Date) {
        milliseconds = Int64((date.timeIntervalSince1970 * 1_000).rounded(.down))
    }

    /// The same moment as a Foundation date.
    public var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1_000) }

    /// Orders moments in time.
    public static func < (left: Self, right: Self) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment some milliseconds later, or earlier for a negative number.
    public func advanced(byMilliseconds difference: Int64) -> Self {
        Self(milliseconds: milliseconds + difference)
    }

    /// The moment without its milliseconds, as Salesforce keeps most of its datetimes.
    public var wholeSeconds: Self {
        Self(milliseconds: Self.floorDivide(milliseconds, 1_000).quotient * 1_000)
    }

    /// Reads any RFC 3339 form that Cal.com and Salesforce write.
    ///
    /// Accepts `Z`, `+01:00` and `+0000`, with or without a fraction of a second; digits beyond
    /// milliseconds are cut. Returns nil for anything else: no zone, an impossible date.
    public init?(rfc3339 text: some StringProtocol) {
        var scanner = DigitScanner(text.utf8)
        guard let day = scanner.date(), scanner.takeAny(of: "Tt ") else { return nil }
        guard let seconds = scanner.timeOfDay() else { return nil }
        let fraction = scanner.fractionInMilliseconds()
        guard let fraction, let offset = scanner.zoneOffsetInSeconds(), scanner.isAtEnd else {
            return nil
        }
        milliseconds =
            (Int64(day.daysSince1970) * 86_400 + Int64(seconds - offset)) * 1_000
            + Int64(fraction)
    }

    /// The moment as `2026-11-03T14:02:11.482Z`.
    public var rfc3339: String { text(hasFraction: true) }

    /// The moment as `2026-11-03T14:02:11Z`, milliseconds cut.
    public var rfc3339Seconds: String { text(hasFraction: false) }

    private func text(hasFraction: Bool) -> String {
        let (seconds, fraction) = Self.floorDivide(milliseconds, 1_000)
        let (days, second) = Self.floorDivide(seconds, 86_400)
        var writer = DigitWriter()
        writer.add(CalendarDate(daysSince1970: Int(days)))
        writer.add(second / 3_600, width: 2, after: "T")
        writer.add(second / 60 % 60, width: 2, after: ":")
        writer.add(second % 60, width: 2, after: ":")
        if hasFraction { writer.add(fraction, width: 3, after: ".") }
        writer.add("Z")
        return writer.text
    }

    static func floorDivide(
        _ value: Int64,
        _ divisor: Int64
    ) -> (quotient: Int64, remainder: Int64) {
        let remainder = ((value % divisor) + divisor) % divisor
        return ((value - remainder) / divisor, remainder)
    }
}

/// A day of the Gregorian calendar, without time or zone.
public struct CalendarDate: Hashable, Comparable, Sendable {
    /// The year, 0 to 9999.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, 1 to 31.
    public let day: Int

    /// Creates a day, or returns nil if the calendar has no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (0...9_999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.daysIn(month: month, year: year)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Reads `2026-11-03`; nil for anything else.
    public init?(iso8601 text: some StringProtocol) {
        var scanner = DigitScanner(text.utf8)
        guard let date = scanner.date(), scanner.isAtEnd else { return nil }
        self = date
    }

    /// The day on which a moment falls in a time zone.
    public init(_ instant: Instant, in zone: TimeZone) {
        let offset = Int64(zone.secondsFromGMT(for: instant.date))
        let seconds = Instant.floorDivide(instant.milliseconds, 1_000).quotient + offset
        self.init(daysSince1970: Int(Instant.floorDivide(seconds, 86_400).quotient))
    }

    /// The day as `2026-11-03`.
    public var iso8601: String {
        var writer = DigitWriter()
        writer.add(self)
        return writer.text
    }

    /// Orders days in time.
    public static func < (left: Self, right: Self) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    // Both directions: "days_from_civil" of Howard Hinnant's date algorithms, which count years
    // from March so that the leap day comes last.

    var daysSince1970: Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    init(daysSince1970: Int) {
        let days = daysSince1970 + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// A half-open span of time, `start ..< end`; an instant meeting has none.
public struct TimeSlot: Hashable, Sendable {
    /// The first moment.
    public let start: Instant
    /// The first moment after it; later than `start`.
    public let end: Instant

    /// Creates a slot, or returns nil if it would be empty or run backwards.
    public init?(start: Instant, end: Instant) {
        guard start < end else { return nil }
        (self.start, self.end) = (start, end)
    }
}

/// Writes fixed-width digits: a plan holds some moment for nearly every value.
private struct DigitWriter {
    private var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(24) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func add(_ mark: Unicode.Scalar) { bytes.append(UInt8(ascii: mark)) }

    mutating func add(_ day: CalendarDate) {
        add(Int64(day.year), width: 4)
        add(Int64(day.month), width: 2, after: "-")
        add(Int64(day.day), width: 2, after: "-")
    }

    /// Adds a number behind a mark, with zeros in front; in full where it is wider.
    ///
    /// A sign takes up one place.
    mutating func add(_ number: Int64, width: Int, after mark: Unicode.Scalar? = nil) {
        if let mark { add(mark) }
        let start = bytes.count
        var rest = number.magnitude
        while rest > 0 || bytes.count - start < width - (number < 0 ? 1 : 0) {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        bytes[start...].reverse()
        if number < 0 { bytes.insert(UInt8(ascii: "-"), at: start) }
    }
}

/// Reads fixed-width digits; the caller decides what a nil means.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    var isAtEnd: Bool { index == bytes.count }

    mutating func takeAny(of characters: StaticString) -> Bool {
        guard index < bytes.count else { return false }
        let found = characters.withUTF8Buffer { $0.contains(bytes[index]) }
        if found { index += 1 }
        return found
    }

    mutating func number(_ width: Int) -> Int? {
        guard index + width <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[index..<index + width] {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        index += width
        return value
    }

    mutating func date() -> CalendarDate? {
        guard let year = number(4), takeAny(of: "-"), let month = number(2), takeAny(of: "-"),
            let day = number(2)
        else { return nil }
        return CalendarDate(year: year, month: month, day: day)
    }

    mutating func timeOfDay() -> Int? {
        guard let hour = number(2), hour < 24, takeAny(of: ":"), let minute = number(2),
            minute < 60, takeAny(of: ":"), let second = number(2), second < 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    mutating func fractionInMilliseconds() -> Int? {
        guard takeAny(of: ".") else { return 0 }
        let start = index
        while index < bytes.count, bytes[index] >= UInt8(ascii: "0"),
            bytes[index] <= UInt8(ascii: "9")
        {
            index += 1
        }
        guard index > start else { return nil }
        return (0..<3).reduce(0) { sum, digit in
            let place = start + digit
            return sum * 10 + (place < index ? Int(bytes[place] - UInt8(ascii: "0")) : 0)
        }
    }

    mutating func zoneOffsetInSeconds() -> Int? {
        if takeAny(of: "Zz") { return 0 }
        guard index < bytes.count else { return nil }
        let isWest = bytes[index] == UInt8(ascii: "-")
        guard takeAny(of: "+-"), let hours = number(2), hours < 24 else { return nil }
        _ = takeAny(of: ":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        return (hours * 3_600 + minutes * 60) * (isWest ? -1 : 1)
    }
}
