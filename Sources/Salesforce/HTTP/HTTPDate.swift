import Domain
import Foundation

extension Instant {
    /// The moment as `Tue, 03 Nov 2026 14:02:11 GMT`, milliseconds cut.
    ///
    /// Source: RFC 9110, 5.6.7.
    var httpDate: String {
        let day = CalendarDate(self, in: .gmt)
        let days = Int((Double(wholeSeconds.milliseconds) / 86_400_000).rounded(.down))
        // 1970-01-01 was a Thursday.
        let weekday = Self.weekdays[((days % 7) + 7) % 7]
        let time = rfc3339Seconds.dropFirst(11).dropLast()
        let dayOfMonth = day.day < 10 ? "0\(day.day)" : "\(day.day)"
        return "\(weekday), \(dayOfMonth) \(Self.months[day.month - 1]) \(day.year) \(time) GMT"
    }

    /// Reads `Tue, 03 Nov 2026 14:02:11 GMT`; nil for anything else, older forms included.
    init?(httpDate text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", parts[1].count == 2,
            let month = Self.months.firstIndex(of: String(parts[2]))
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        self.init(rfc3339: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
