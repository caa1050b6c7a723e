import Testing

@testable import SalesforceEmulator

@Suite("Local days")
struct LocalCalendarTests {
    /// A zone, a day, and the instant at which it begins there.
    static let starts = [
        ("UTC", "2026-03-02", "2026-03-02T00:00:00Z"),
        ("Europe/Berlin", "2026-03-02", "2026-03-01T23:00:00Z"),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"),
        ("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z"),
        ("America/Los_Angeles", "2026-03-08", "2026-03-08T08:00:00Z"),
        ("America/Los_Angeles", "2026-03-09", "2026-03-09T07:00:00Z"),
        ("Pacific/Auckland", "2026-04-05", "2026-04-04T11:00:00Z"),
        ("Nowhere/Land", "2026-03-02", "2026-03-02T00:00:00Z"),
    ]

    @Test("begin where the clock on the wall says so", arguments: starts)
    func start(zone: String, day: String, instant: String) throws {
        let calendar = LocalCalendar(zone: zone)
        let wanted = try #require(Instant(instant))
        let date = try #require(CalendarDay(day))
        #expect(calendar.start(of: date) == wanted)
        #expect(calendar.day(of: wanted) == date)
        #expect(calendar.day(of: Instant(milliseconds: wanted.milliseconds - 1)) < date)
    }

    @Test("are those of the user who asks in date literals")
    func literals() async throws {
        let seed: JSON = [
            "records": [
                "User": [
                    [
                        "LastName": "Tahi", "Email": "tahi@example.com", "IsActive": true,
                        "Username": "tahi@example.com", "Alias": "tahi",
                        "TimeZoneSidKey": "Pacific/Auckland",
                    ]
                ],
                "Event": [
                    [
                        "Subject": "Tomorrow in London", "DurationInMinutes": 5,
                        "StartDateTime": "2026-03-03T12:00:00Z",
                    ],
                    [
                        "Subject": "Tomorrow in Auckland", "DurationInMinutes": 5,
                        "StartDateTime": "2026-03-02T12:00:00Z",
                    ],
                ],
            ]
        ]
        try await withOrg(seed: seed) { org in
            let soql = "SELECT Subject FROM Event WHERE StartDateTime = TOMORROW"
            let here = try await org.query(soql).records
            #expect(here.map { $0["Subject"] } == ["Tomorrow in London"])
            try await org.control("POST", "tokens", ["token": "nz", "email": "tahi@example.com"])
            let there = try await OrgClient(base: org.base, token: "nz").query(soql).records
            #expect(there.map { $0["Subject"] } == ["Tomorrow in Auckland"])
        }
    }
}
