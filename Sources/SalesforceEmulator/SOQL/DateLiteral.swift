/// The named spans of days that conditions may use, such as `LAST_N_DAYS:7`.
///
/// Days are those of the user who asks, weeks begin on Sunday, fiscal years are calendar years.
enum DateLiteral {
    private static let fixed: Set<String> = [
        "YESTERDAY", "TODAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS",
    ]
    private static let units = [
        "WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR",
    ]

    /// Whether a word names a span.
    static func isName(_ word: String) -> Bool {
        fixed.contains(word) || takesCount(word)
            || units.contains { unit in
                ["LAST_", "THIS_", "NEXT_"].contains { word == $0 + unit }
            }
    }

    /// Whether a name is followed by `:n`.
    static func takesCount(_ word: String) -> Bool {
        (units + ["DAY"]).contains { unit in
            word == "LAST_N_\(unit)S" || word == "NEXT_N_\(unit)S" || word == "N_\(unit)S_AGO"
        }
    }

    /// The days that a name stands for, without the last bound.
    static func days(_ name: String, count: Int?, today: CalendarDay) -> Range<CalendarDay> {
        switch name {
        case "YESTERDAY": today.adding(days: -1)..<today
        case "TODAY": today..<today.adding(days: 1)
        case "TOMORROW": today.adding(days: 1)..<today.adding(days: 2)
        case "LAST_90_DAYS": today.adding(days: -90)..<today.adding(days: 1)
        case "NEXT_90_DAYS": today.adding(days: 1)..<today.adding(days: 91)
        default: counted(name, count ?? 1, today)
        }
    }

    private static func counted(
        _ name: String,
        _ count: Int,
        _ today: CalendarDay
    ) -> Range<CalendarDay> {
        switch name {
        // Unlike the longer units, the last n days include today.
        case "LAST_N_DAYS": return today.adding(days: -count)..<today.adding(days: 1)
        case "NEXT_N_DAYS": return today.adding(days: 1)..<today.adding(days: count + 1)
        case "N_DAYS_AGO": return today.adding(days: -count)..<today.adding(days: 1 - count)
        default: break
        }
        let start = { (units: Int) in unitStart(of: name, today, adding: units) }
        if name.hasSuffix("_AGO") { return start(-count)..<start(1 - count) }
        if name.hasPrefix("LAST_") { return start(-count)..<start(0) }
        if name.hasPrefix("NEXT_") { return start(1)..<start(count + 1) }
        return start(0)..<start(1)
    }

    /// The first day of the week, month, quarter or year so many units away.
    private static func unitStart(
        of name: String,
        _ today: CalendarDay,
        adding count: Int
    ) -> CalendarDay {
        let month = today.civil.month
        if name.contains("WEEK") { return today.startOfWeek.adding(days: 7 * count) }
        if name.contains("MONTH") { return today.startOfMonth(adding: count) }
        if name.contains("QUARTER") {
            return today.startOfMonth(adding: 3 * count - (month - 1) % 3)
        }
        return today.startOfMonth(adding: 12 * count - (month - 1))
    }
}
