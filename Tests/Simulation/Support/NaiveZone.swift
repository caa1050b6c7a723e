import Domain

/// Which day it is where: the changes of the clocks are written down, nothing is looked up.
enum NaiveZone {
    /// The day of a moment, as `2026-11-03`.
    ///
    /// - Parameters:
    ///   - moment: A moment between the summer of 2026 and the spring of 2027.
    ///   - zone: One of ``SimulatedSettings/zones``; nil for that of all hosts, London.
    /// - Returns: The day.
    static func day(of moment: Instant, in zone: String?) -> String {
        let hours = hours(zone ?? "Europe/London", moment)
        return String(moment.advanced(byMilliseconds: hours * 3_600_000).rfc3339.prefix(10))
    }

    /// How many hours the clocks are ahead of UTC.
    private static func hours(_ zone: String, _ moment: Instant) -> Int64 {
        switch zone {
        // Until 25 October, 1:00 UTC.
        case "Europe/London": moment.rfc3339 < "2026-10-25T01" ? 1 : 0
        // Until 1 November, 6:00 UTC.
        case "America/New_York": moment.rfc3339 < "2026-11-01T06" ? -4 : -5
        case "Pacific/Kiritimati": 14
        case "Pacific/Honolulu": -10
        default: 0
        }
    }
}
