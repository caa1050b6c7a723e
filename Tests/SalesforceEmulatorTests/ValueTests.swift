import Testing

@testable import SalesforceEmulator

@Suite("Values")
struct ValueTests {
    @Test(
        "a long id ends in what its upper-case letters say",
        arguments: [
            ("001Vr00000m4eGC", "001Vr00000m4eGCIAY"), ("005bb00000H6aX0", "005bb00000H6aX0AAJ"),
            ("0jEbb000000D95V", "0jEbb000000D95VEAS"), ("012000000000000", "012000000000000AAA"),
        ]
    )
    func recordIDs(short: String, long: String) {
        #expect(RecordID.normalized(short) == long)
        #expect(RecordID.normalized(long) == long)
        #expect(RecordID.normalized(long.lowercased()) == long, "the case is repaired")
    }

    @Test("what is no id is none", arguments: ["", "003", "003-00000000001", "0030000000000010"])
    func notIDs(text: String) {
        #expect(RecordID.normalized(text) == nil)
    }

    @Test(
        "an instant is read with any zone, and written in UTC",
        arguments: [
            ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00.000+0000"),
            ("2026-03-01T09:00:00+01:00", "2026-03-01T08:00:00.000+0000"),
            ("2026-03-01T00:30:00.5-0330", "2026-03-01T04:00:00.500+0000"),
            ("2024-02-29T23:59:59.9999Z", "2024-02-29T23:59:59.999+0000"),
            ("1969-12-31T23:59:59.001Z", "1969-12-31T23:59:59.001+0000"),
        ]
    )
    func instants(text: String, written: String) {
        #expect(Instant(text)?.text == written)
    }

    @Test(
        "what is no instant is none",
        arguments: [
            "2026-03-01T09:00:00", "2026-03-01 09:00:00Z", "2026-02-30T09:00:00Z",
            "2026-03-01T24:00:00Z", "2026-03-01", "soon",
        ]
    )
    func notInstants(text: String) {
        #expect(Instant(text) == nil)
    }

    /// The first and the last day of a span, seen from Monday, 2026-03-02.
    static let spans: [(name: String, count: Int?, first: String, last: String)] = [
        ("YESTERDAY", nil, "2026-03-01", "2026-03-01"),
        ("TOMORROW", nil, "2026-03-03", "2026-03-03"),
        ("LAST_N_DAYS", 2, "2026-02-28", "2026-03-02"),
        ("NEXT_N_DAYS", 2, "2026-03-03", "2026-03-04"),
        ("N_DAYS_AGO", 2, "2026-02-28", "2026-02-28"),
        ("THIS_WEEK", nil, "2026-03-01", "2026-03-07"),
        ("LAST_N_WEEKS", 2, "2026-02-15", "2026-02-28"),
        ("LAST_MONTH", nil, "2026-02-01", "2026-02-28"),
        ("NEXT_N_MONTHS", 2, "2026-04-01", "2026-05-31"),
        ("N_MONTHS_AGO", 3, "2025-12-01", "2025-12-31"),
        ("THIS_QUARTER", nil, "2026-01-01", "2026-03-31"),
        ("LAST_QUARTER", nil, "2025-10-01", "2025-12-31"),
        ("LAST_YEAR", nil, "2025-01-01", "2025-12-31"),
        ("LAST_90_DAYS", nil, "2025-12-02", "2026-03-02"),
    ]

    @Test("a date literal names whole days", arguments: spans)
    func dateLiterals(name: String, count: Int?, first: String, last: String) throws {
        let today = try #require(CalendarDay("2026-03-02"))
        let days = DateLiteral.days(name, count: count, today: today)
        #expect(DateLiteral.isName(name))
        #expect(days.lowerBound.text == first)
        #expect(days.upperBound.adding(days: -1).text == last)
    }

    @Test(
        "JSON comes back as it was written",
        arguments: [
            #"{"b":1,"a":[true,null,-1.5,"x\"\\\n\u00e9"]}"#, "[]", "{}", #""😀""#, "0", "false",
        ]
    )
    func json(text: String) throws {
        let value = try JSONParser.parse(Array(text.utf8))
        let compact = try JSONParser.parse(JSONWriter.bytes(of: value))
        let indented = try JSONParser.parse(JSONWriter.bytes(of: value, isIndented: true))
        #expect(compact == value)
        #expect(indented == value)
    }

    @Test(
        "two escapes are one character only if they are its halves",
        arguments: [
            (#""\ud83d\ude00""#, "😀"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
            (#""\ud83dA""#, "\u{FFFD}A"), (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
            (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
        ]
    )
    func surrogates(text: String, value: String) throws {
        #expect(try JSONParser.parse(Array(text.utf8)) == .string(value))
    }

    @Test(
        "what is no JSON is refused with the place",
        arguments: [
            (#"{"a" jjj}"#, "column:6"), ("[1,]", "column:4"), ("{", "end-of-input"),
            ("nul", "column:1"), ("1 2", "column:3"), (#""\u+041""#, "hex-digit"),
        ]
    )
    func notJSON(text: String, place: String) throws {
        let error = try #require(throws: JSONSyntaxError.self) {
            _ = try JSONParser.parse(Array(text.utf8))
        }
        #expect(error.message.contains(place), "\(error.message)")
    }
}
