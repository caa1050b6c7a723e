import Domain
import Testing

@Suite("The difference between settings")
struct SettingsDifferenceTests {
    private static func settings(_ text: String) throws -> SyncSettings {
        try SettingsDocument.decodeSettings(try JSON(parsing: text))
    }

    /// Two settings, and the places at which they differ.
    static let rows: [(before: String, after: String, paths: [String])] = [
        ("{}", "{}", []),
        (#"{"attendeeRecord":"contact"}"#, "{}", []),
        (#"{"attendeeRecord":"lead"}"#, "{}", ["attendeeRecord"]),
        (
            #"{"onBooking":{"attendee":{"A__c":"x","B__c":"y"}}}"#,
            #"{"onBooking":{"attendee":{"A__c":"z","C__c":"y"}}}"#,
            ["onBooking/attendee/A__c", "onBooking/attendee/B__c", "onBooking/attendee/C__c"]
        ),
    ]

    @Test("names the places that differ, and only those", arguments: rows)
    func places(row: (before: String, after: String, paths: [String])) throws {
        let found = SettingsDifference.between(
            try Self.settings(row.before),
            try Self.settings(row.after)
        )
        // A rule may be written in a short or a long form; what counts is where it stands.
        for path in row.paths { #expect(found.contains { $0.path.hasPrefix(path) }) }
        #expect(found.allSatisfy { place in row.paths.contains { place.path.hasPrefix($0) } })
    }

    @Test("tells settings that say nothing from no settings at all")
    func removed() throws {
        #expect(SettingsDifference.between(SyncSettings(), nil).count == 1)
        #expect(SettingsDifference.between(nil, nil).isEmpty)
    }
}
