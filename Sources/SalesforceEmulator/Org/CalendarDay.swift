/// A day of the Gregorian calendar, without a zone.
struct CalendarDay: Hashable, Comparable, Sendable {
    /// Whole days since 1970-01-01.
    var daysSince1970: Int

    init(daysSince1970: Int) {
        self.daysSince1970 = daysSince1970
    }

    /// A day by its numbers, or nil if the calendar has no such day.
    init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1 else { return nil }
        // Days are counted from March, so that the leap day comes last in its year.
        // http://howardhinnant.github.io/date_algorithms.html#days_from_civil
        let shifted = month <= 2 ? year - 1 : year
        let era = Instant.floor(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        daysSince1970 = era * 146_097 + dayOfEra - 719_468
        let parts = civil
        guard parts.year == year, parts.month == month, parts.day == day else { return nil }
    }

    /// Reads `2026-03-01`, or gives nil.
    init?(_ text: some StringProtocol) {
        var scanner = DigitScanner(text)
        guard let day = scanner.day(), scanner.isAtEnd else { return nil }
        self = day
    }

    static func < (left: CalendarDay, right: CalendarDay) -> Bool {
        left.daysSince1970 < right.daysSince1970
    }

    /// Year, month 1…12 and day 1…31.
    var civil: (year: Int, month: Int, day: Int) {
        let shifted = daysSince1970 + 719_468
        let era = Instant.floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The form of answers and literals: `2026-03-01`.
    var text: String {
        let (year, month, day) = civil
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    }

    /// The day so many days later.
    func adding(days: Int) -> CalendarDay {
        CalendarDay(daysSince1970: daysSince1970 + days)
    }

    /// The first day of the month so many months later.
    func startOfMonth(adding months: Int = 0) -> CalendarDay {
        let (year, month, _) = civil
        let count = year * 12 + month - 1 + months
        let target = CalendarDay(
            year: Instant.floor(count, 12),
            month: count - Instant.floor(count, 12) * 12 + 1,
            day: 1
        )
        return target ?? self
    }

    /// The first day of the week, a Sunday as in the en_US locale.
    var startOfWeek: CalendarDay {
        // 1970-01-01 was a Thursday.
        let weekday = (daysSince1970 + 4) - Instant.floor(daysSince1970 + 4, 7) * 7
        return adding(days: -weekday)
    }

    /// A number with leading zeros.
    static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
