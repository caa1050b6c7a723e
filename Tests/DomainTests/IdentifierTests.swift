import Domain
import TestSupport
import Testing

@Suite("Salesforce id")
struct SalesforceIDTests {
    /// Ids of real orgs with the three characters that Salesforce gives them.
    @Test(
        "gets its check characters",
        arguments: [
            ("001Vr00000m4eGC", "IAY"), ("005bb00000H6aX0", "AAJ"), ("0jEbb000000D95V", "EAS"),
            ("012000000000000", "AAA"), ("ABCDEFGHIJKLMNO", "555"), ("abcdefghijklmno", "AAA"),
            ("AAAAA0000000000", "5AA"), ("00000Aa0000000A", "ABQ"),
        ]
    )
    func checkCharacters(short: String, check: String) {
        #expect(SalesforceID(short)?.rawValue == short + check)
        #expect(SalesforceID(short + check)?.rawValue == short + check)
        #expect(SalesforceID(short) == SalesforceID(short + check))
    }

    @Test(
        "refuses",
        arguments: [
            "", "0", "001Vr00000m4eG", "001Vr00000m4eGCI", "001Vr00000m4eGCIA",
            "001Vr00000m4eGCIAYX", "001Vr00000m4eG ", "001Vr00000m4eG'", "001Vr00000m4e-C",
            "001Vr00000m4eGé", "001Vr00000m4eGC\n\n\n", "' OR Id != '00000",
        ]
    )
    func refuses(text: String) { #expect(SalesforceID(text) == nil) }

    @Test("tells its object by its first three characters")
    func keyPrefix() { #expect(SalesforceID("00Q000000000001")?.keyPrefix == "00Q") }
}

@Suite("Identifiers")
struct IdentifierTests {
    @Test("of bookings are not empty, and hold no control characters")
    func bookingUID() {
        #expect(BookingUID("hT4xWq9vNc2LmZ7pRkD3sB")?.rawValue == "hT4xWq9vNc2LmZ7pRkD3sB")
        for text in ["", "a\u{0}b", "a\nb", "\u{1F}"] { #expect(BookingUID(text) == nil) }
    }

    @Test("of bookings are ordered by their bytes, as the ledger's file has them")
    func bookingOrder() throws {
        let marked = try #require(BookingUID("e\u{301}"))
        let plain = try #require(BookingUID("f"))
        #expect(marked < plain)
        #expect(!(marked.rawValue < plain.rawValue), "letters with their marks come elsewhere")
    }

    /// The names are stored, and shown to people.
    @Test(
        "of what records stand for are read as they were written",
        arguments: [
            "event/hT4xWq9vNc2LmZ7pRkD3sB", "event/with/slash", "person/5f00/contact",
            "person/5f00/lead", "person/5f00/contactUnderAccount", "person/5f00/form",
        ]
    )
    func recordSubject(name: String) { #expect(RecordSubject(name: name)?.name == name) }

    @Test(
        "of nothing that a record could stand for are refused",
        arguments: ["", "event", "event/", "person/5f00", "person/5f00/user", "meeting/a", "/a"]
    )
    func noRecordSubject(name: String) { #expect(RecordSubject(name: name) == nil) }

    @Test("of settings are `default` or a number", arguments: ["default", "88231", "0", "-1"])
    func settingsScope(name: String) { #expect(SettingsScope(name: name)?.name == name) }

    @Test("of settings are nothing else", arguments: ["", "Default", "all", "1.5", "0x1"])
    func noSettingsScope(name: String) { #expect(SettingsScope(name: name) == nil) }
}
