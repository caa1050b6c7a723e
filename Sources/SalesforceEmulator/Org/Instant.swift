/// An instant in milliseconds since 1970, UTC, and the texts it is exchanged in.
struct Instant: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970, UTC.
    var milliseconds: Int

    init(milliseconds: Int) {
        self.milliseconds = milliseconds
    }

    /// Midnight UTC at the start of a day.
    init(startOf day: CalendarDay) {
        milliseconds = day.daysSince1970 * Self.day
    }

    static let second = 1_000
    static let minute = 60 * second
    static let day = 86_400 * second

    static func < (left: Instant, right: Instant) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The instant without its milliseconds, as most fields keep it.
    var wholeSeconds: Instant {
        Instant(milliseconds: Self.floor(milliseconds, Self.second) * Self.second)
    }

    /// The day in UTC.
    var day: CalendarDay {
        CalendarDay(daysSince1970: Self.floor(milliseconds, Self.day))
    }

    /// Quotient rounded towards the past, also before 1970.
    static func floor(_ value: Int, _ divisor: Int) -> Int {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }

    /// The form of answers: `2026-03-01T09:00:00.000+0000`.
    var text: String {
        let time = milliseconds - Self.floor(milliseconds, Self.day) * Self.day
        let seconds = time / Self.second
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60]
            .map { CalendarDay.padded($0, 2) }
            .joined(separator: ":")
        return "\(day.text)T\(clock).\(CalendarDay.padded(time % 1000, 3))+0000"
    }

    /// Reads `2026-03-01T09:00:00`, with or without a fraction, and a zone that must be there.
    ///
    /// Zones may be `Z`, `+01:00`, `+0100` or `+01`. Anything else, and days that
    /// do not exist, give nil.
    init?(_ text: some StringProtocol) {
        var scanner = DigitScanner(text)
        guard let day = scanner.day(), scanner.take("T"),
            let hour = scanner.number(2), scanner.take(":"),
            let minute = scanner.number(2), hour < 24, minute < 60
        else { return nil }
        var time = (hour * 60 + minute) * Self.minute
        if scanner.take(":") {
            guard let second = scanner.number(2), second < 60 else { return nil }
            time += second * Self.second
        }
        if scanner.take(".") {
            guard let fraction = scanner.fraction() else { return nil }
            time += fraction
        }
        guard let offset = scanner.zone(), scanner.isAtEnd else { return nil }
        milliseconds = day.daysSince1970 * Self.day + time - offset * Self.minute
    }
}

/// Reads fixed-width numbers from the front of a text.
struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: some StringProtocol) {
        rest = Substring(text).utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Skips one character, if it comes next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    /// A number of exactly so many digits, or nil.
    mutating func number(_ digits: Int) -> Int? {
        var value = 0
        for byte in rest.prefix(digits) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        guard rest.count >= digits else { return nil }
        rest.removeFirst(digits)
        return value
    }

    /// A day as `2026-03-01`, if there is such a day.
    mutating func day() -> CalendarDay? {
        guard let year = number(4), take("-"), let month = number(2), take("-"),
            let day = number(2)
        else { return nil }
        return CalendarDay(year: year, month: month, day: day)
    }

    /// Digits after a decimal point, in milliseconds; further ones are dropped.
    mutating func fraction() -> Int? {
        var digits = 0
        var value = 0
        while let digit = number(1) {
            if digits < 3 { value = value * 10 + digit }
            digits += 1
        }
        guard digits > 0 else { return nil }
        for _ in digits..<max(digits, 3) { value *= 10 }
        return value
    }

    /// Minutes east of UTC.
    mutating func zone() -> Int? {
        if take("Z") { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = number(2), hours < 24 else { return nil }
        _ = take(":")
        return sign * (hours * 60 + (number(2) ?? 0))
    }
}
