import Foundation

/// Days as a user's clock on the wall counts them.
struct LocalCalendar: Sendable {
    private let zone: TimeZone?

    /// The calendar of a zone by its name, for example `Europe/Berlin`; UTC for unknown ones.
    init(zone name: String?) {
        zone = name.flatMap { TimeZone(identifier: $0) }
    }

    /// The day that it is at an instant.
    func day(of instant: Instant) -> CalendarDay {
        Instant(milliseconds: instant.milliseconds + offset(at: instant)).day
    }

    /// The instant at which a day begins.
    func start(of day: CalendarDay) -> Instant {
        let midnight = Instant(startOf: day)
        let guess = Instant(milliseconds: midnight.milliseconds - offset(at: midnight))
        // The clocks may change between midnight in UTC and midnight here.
        return Instant(milliseconds: midnight.milliseconds - offset(at: guess))
    }

    /// How far ahead of UTC the clock is, in milliseconds.
    private func offset(at instant: Instant) -> Int {
        let date = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
        return (zone?.secondsFromGMT(for: date) ?? 0) * Instant.second
    }
}
