import Domain
import Foundation
import TestSupport
import Testing

@Suite("Instant")
struct InstantTests {
    /// Forms that Cal.com and Salesforce write, and milliseconds since 1970.
    @Test(
        "reads",
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-03T14:02:11.482Z", 1_793_714_531_482),
            ("2026-11-03T14:02:11Z", 1_793_714_531_000),
            ("2026-11-03t14:02:11z", 1_793_714_531_000),
            ("2026-11-03 14:02:11Z", 1_793_714_531_000),
            ("2026-11-03T14:02:11.482+0000", 1_793_714_531_482),
            ("2026-11-03T14:02:11.482+00:00", 1_793_714_531_482),
            ("2026-11-03T14:02:11.482-00:00", 1_793_714_531_482),
            ("2026-11-03T15:02:11.482+01:00", 1_793_714_531_482),
            ("2026-11-03T15:02:11.482+0100", 1_793_714_531_482),
            ("2026-11-03T09:02:11.482-05:00", 1_793_714_531_482),
            ("2026-11-03T19:47:11+05:45", 1_793_714_531_000),
            ("2026-11-03T10:32:11-0330", 1_793_714_531_000),
            ("2026-11-04T04:02:11+14:00", 1_793_714_531_000),
            ("2026-11-03T14:02:11.4Z", 1_793_714_531_400),
            ("2026-11-03T14:02:11.48Z", 1_793_714_531_480),
            ("2026-11-03T14:02:11.482999999Z", 1_793_714_531_482),
            ("2026-11-03T14:02:11.0000000000000000000001Z", 1_793_714_531_000),
            ("1969-12-31T23:59:59.999Z", -1),
            ("1970-01-01T00:00:00+00:01", -60_000),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("2024-02-29T12:00:00Z", 1_709_208_000_000),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2100-03-01T00:00:00Z", 4_107_542_400_000),
        ] as [(String, Int64)]
    )
    func reads(text: String, milliseconds: Int64) {
        #expect(Instant(rfc3339: text) == Instant(milliseconds: milliseconds))
    }

    @Test(
        "refuses",
        arguments: [
            "", "2026-11-03", "2026-11-03T14:02:11", "2026-11-03T14:02:11.482", "14:02:11Z",
            "2026-11-03T14:02Z", "2026-11-03T14:02:11.Z", "2026-11-03T14:02:11,482Z",
            "2026-11-03T24:00:00Z", "2026-11-03T14:60:00Z", "2026-11-03T14:02:60Z",
            "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
            "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
            "2026-1-03T14:02:11Z", "26-11-03T14:02:11Z", "2026/11/03T14:02:11Z",
            "2026-11-03T14:02:11+1:00", "2026-11-03T14:02:11+24:00", "2026-11-03T14:02:11+01:60",
            "2026-11-03T14:02:11+01", "2026-11-03T14:02:11 +01:00", "2026-11-03T14:02:11Z ",
            " 2026-11-03T14:02:11Z", "2026-11-03T14:02:11ZZ", "2026-11-03T14:02:11Z+01:00",
            "2026-11-03_14:02:11Z", "+2026-11-03T14:02:11Z", "-026-11-03T14:02:11Z",
            "２０２６-11-03T14:02:11Z", "1793714531482", "tomorrow",
        ]
    )
    func refuses(text: String) { #expect(Instant(rfc3339: text) == nil) }

    @Test(
        "is written as",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00Z"),
            (1_793_714_531_482, "2026-11-03T14:02:11.482Z", "2026-11-03T14:02:11Z"),
            (-1, "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59Z"),
            (7, "1970-01-01T00:00:00.007Z", "1970-01-01T00:00:00Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z", "0000-01-01T00:00:00Z"),
            (-62_167_219_200_001, "-001-12-31T23:59:59.999Z", "-001-12-31T23:59:59Z"),
            (327_403_382_400_000, "12345-01-01T00:00:00.000Z", "12345-01-01T00:00:00Z"),
        ] as [(Int64, String, String)]
    )
    func writes(milliseconds: Int64, full: String, seconds: String) {
        let instant = Instant(milliseconds: milliseconds)
        #expect(instant.rfc3339 == full)
        #expect(instant.rfc3339Seconds == seconds)
    }

    @Test("is read as it was written, and as Foundation has it", arguments: 1...50)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let milliseconds = Int64.random(
            in: -62_167_219_200_000...253_402_300_799_999,
            using: &generator
        )
        let instant = Instant(milliseconds: milliseconds)
        #expect(Instant(rfc3339: instant.rfc3339) == instant)
        #expect(Instant(rfc3339: instant.rfc3339Seconds) == instant.wholeSeconds)
        // A calendar that Daybook does not use agrees on the day.
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        if milliseconds > -12_000_000_000_000 {
            let parts = calendar.dateComponents([.year, .month, .day, .hour], from: instant.date)
            let date = CalendarDate(instant, in: calendar.timeZone)
            #expect([date.year, date.month, date.day] == [parts.year, parts.month, parts.day])
        }
    }

    /// Salesforce keeps most of its datetimes without milliseconds.
    @Test(
        "has whole seconds before it",
        arguments: [(0, 0), (999, 0), (1_000, 1_000), (-1, -1_000), (-1_000, -1_000)]
            as [(Int64, Int64)]
    )
    func wholeSeconds(milliseconds: Int64, whole: Int64) {
        #expect(Instant(milliseconds: milliseconds).wholeSeconds.milliseconds == whole)
    }

    @Test("is cut to milliseconds when it comes from Foundation")
    func foundation() {
        #expect(Instant(Date(timeIntervalSince1970: 1.5)).milliseconds == 1_500)
        #expect(Instant(Date(timeIntervalSince1970: -0.5)).milliseconds == -500)
        #expect(Instant(Date(timeIntervalSince1970: 0.000_9)).milliseconds == 0)
    }
}

@Suite("Calendar date")
struct CalendarDateTests {
    @Test(
        "reads a day",
        arguments: ["2026-11-03", "2024-02-29", "2000-02-29", "0000-02-29", "9999-12-31"]
    )
    func reads(text: String) { #expect(CalendarDate(iso8601: text)?.iso8601 == text) }

    @Test(
        "refuses what is no day",
        arguments: [
            "", "2026-02-29", "1900-02-29", "2026-02-30", "2026-04-31", "2026-06-31", "2026-00-10",
            "2026-13-10", "2026-11-00", "2026-11-32", "2026-11-3", "2026-1-03", "20261103",
            "2026-11-03T00:00:00Z", " 2026-11-03", "2026-11-03 ", "10000-01-01",
        ]
    )
    func refuses(text: String) { #expect(CalendarDate(iso8601: text) == nil) }

    @Test("cannot be made of what the calendar does not have")
    func initialiser() {
        #expect(CalendarDate(year: 2026, month: 2, day: 28) != nil)
        #expect(CalendarDate(year: 2026, month: 2, day: 29) == nil)
        #expect(CalendarDate(year: -1, month: 1, day: 1) == nil)
        #expect(CalendarDate(year: 10_000, month: 1, day: 1) == nil)
        #expect(CalendarDate(year: 2026, month: 1, day: -1) == nil)
    }

    /// One moment is another day elsewhere; summer time moves the border.
    @Test(
        "of a moment depends on the zone",
        arguments: [
            ("2026-11-03T23:30:00Z", "UTC", "2026-11-03"),
            ("2026-11-03T23:30:00Z", "Europe/Berlin", "2026-11-04"),
            ("2026-11-03T22:59:59.999Z", "Europe/Berlin", "2026-11-03"),
            ("2026-07-03T22:00:00Z", "Europe/Berlin", "2026-07-04"),
            ("2026-07-03T21:59:59.999Z", "Europe/Berlin", "2026-07-03"),
            ("2026-11-03T04:59:59Z", "America/New_York", "2026-11-02"),
            ("2026-11-03T05:00:00Z", "America/New_York", "2026-11-03"),
            ("2026-11-03T10:00:00Z", "Pacific/Kiritimati", "2026-11-04"),
            ("2026-11-03T10:59:00Z", "Pacific/Pago_Pago", "2026-11-02"),
            ("2026-11-03T18:15:00Z", "Asia/Kathmandu", "2026-11-04"),
            ("2024-02-29T12:00:00Z", "Asia/Tokyo", "2024-02-29"),
            ("1969-12-31T23:59:59.500Z", "UTC", "1969-12-31"),
            ("2027-01-01T00:30:00Z", "America/Los_Angeles", "2026-12-31"),
        ]
    )
    func zones(moment: String, zone: String, day: String) throws {
        let instant = try #require(Instant(rfc3339: moment))
        let zone = try #require(TimeZone(identifier: zone))
        #expect(CalendarDate(instant, in: zone).iso8601 == day)
    }

    @Test("orders in time")
    func order() throws {
        let days = ["2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01", "2027-01-01"]
        let dates = try days.map { try #require(CalendarDate(iso8601: $0)) }
        #expect(dates.shuffled().sorted() == dates)
    }
}

@Suite("Time slot")
struct TimeSlotTests {
    @Test("ends after it begins", arguments: [(0, 1, true), (0, 0, false), (1, 0, false)])
    func order(start: Int, end: Int, isSlot: Bool) {
        #expect((TimeSlot(start: .minute(start), end: .minute(end)) != nil) == isSlot)
    }
}
