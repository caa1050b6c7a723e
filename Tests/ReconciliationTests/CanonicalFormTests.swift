import Domain
import Foundation
import TestSupport
import Testing

@testable import Reconciliation

@Suite("Canonical form")
struct CanonicalFormTests {
    struct Comparison: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var field: FieldDescription
        var left: FieldValue
        var right: FieldValue
        var isSame: Bool

        init(
            _ description: String,
            _ type: String,
            _ left: FieldValue,
            _ right: FieldValue,
            length: Int = 0,
            _ isSame: Bool
        ) {
            testDescription = "\(type): \(description)"
            field = .of(type, length: length)
            (self.left, self.right, self.isSame) = (left, right, isSame)
        }
    }

    @Test("tells the same values from others as the texts do", arguments: 0..<20 as Range<UInt64>)
    func sameAsTexts(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let texts = [
            "", " ", "a", "a ", "A", "é", "e\u{301}", "a\r\nb", "a\rb", "a\nb", "12", "12.0",
            "abcdef",
        ]
        func value() -> FieldValue {
            switch generator.number(0...4) {
            case 0: .flag(generator.oneIn(2))
            case 1: .instant(Instant(milliseconds: Int64(generator.number(0...3)) * 500))
            case 2: .empty
            default: .text(generator.any(texts))
            }
        }
        for _ in 0..<200 {
            let type = generator.any(["string", "email", "phone", "double", "datetime"])
            let field = FieldDescription.of(type, length: generator.any([0, 3]))
            let (left, right) = (value(), value())
            let texts = (CanonicalForm.text(of: left, field), CanonicalForm.text(of: right, field))
            #expect(CanonicalForm.isSame(left, right, field) == (texts.0 == texts.1))
        }
    }

    private static let moment = Instant(milliseconds: 1_793_613_600_000)

    static let comparisons = [
        Comparison(
            "letter case",
            "email",
            .text("Ada@Acme.example"),
            .text("ada@acme.example"),
            true
        ),
        Comparison(
            "another address",
            "email",
            .text("ada@acme.example"),
            .text("ad@acme.example"),
            false
        ),
        Comparison(
            "punctuation",
            "phone",
            .text("+44 (20) 7946-0000"),
            .text("+442079460000"),
            true
        ),
        Comparison(
            "no leading plus",
            "phone",
            .text("442079460000"),
            .text("+442079460000"),
            false
        ),
        Comparison(
            "another number",
            "phone",
            .text("+442079460000"),
            .text("+442079460001"),
            false
        ),
        Comparison("trailing zeros", "double", .number("1.50"), .number("1.5"), true),
        Comparison("a whole number with zeros", "currency", .number("20.00"), .number("20"), true),
        Comparison("zeros that count", "int", .number("200"), .number("2"), false),
        Comparison("a number as text", "double", .text("1.50"), .number("1.5"), true),
        Comparison("with exponent", "double", .number("1.0e10"), .number("1.0e1"), false),
        Comparison(
            "milliseconds",
            "datetime",
            .instant(moment),
            .instant(moment.advanced(byMilliseconds: 999)),
            true
        ),
        Comparison(
            "the next second",
            "datetime",
            .instant(moment),
            .instant(moment.advanced(byMilliseconds: 1_000)),
            false
        ),
        Comparison(
            "another zone",
            "datetime",
            .instant(moment),
            .text("2026-11-02T11:00:00+01:00"),
            true
        ),
        Comparison(
            "a day",
            "date",
            .text("2026-11-02"),
            .date(CalendarDate(moment, in: .gmt)),
            true
        ),
        Comparison(
            "order",
            "multipicklist",
            .choices(["Sync", "Audit"]),
            .choices(["Audit", "Sync"]),
            true
        ),
        Comparison(
            "twice the same",
            "multipicklist",
            .choices(["Sync", "Sync"]),
            .choices(["Sync"]),
            true
        ),
        Comparison(
            "one less",
            "multipicklist",
            .choices(["Sync", "Audit"]),
            .choices(["Audit"]),
            false
        ),
        Comparison(
            "15 or 18 characters",
            "reference",
            .text("003000000000001"),
            .reference(.contact(1)),
            true
        ),
        Comparison(
            "another record",
            "reference",
            .reference(.contact(2)),
            .reference(.contact(1)),
            false
        ),
        Comparison(
            "order",
            "reference",
            .references([.contact(2), .contact(1)]),
            .references([.contact(1), .contact(2)]),
            true
        ),
        Comparison("white space at the ends", "string", .text(" Ada \n"), .text("Ada"), true),
        Comparison("white space inside", "string", .text("Ada  B"), .text("Ada B"), false),
        Comparison("letter case", "string", .text("ADA"), .text("Ada"), false),
        Comparison("letter case", "picklist", .text("web"), .text("Web"), false),
        Comparison("line ends", "textarea", .text("a\r\nb\rc"), .text("a\nb\nc"), true),
        Comparison("line ends of one kind", "textarea", .text("a\r\nb"), .text("a\nb"), true),
        Comparison("beyond the length", "string", .text("abcdef"), .text("abcd"), length: 4, true),
        Comparison(
            "a blank where it is cut",
            "string",
            .text("abc def"),
            .text("abc"),
            length: 4,
            true
        ),
        Comparison("within the length", "string", .text("abcdef"), .text("abcd"), length: 6, false),
        Comparison(
            "beyond the length, in UTF-16",
            "string",
            .text("ab😀d"),
            .text("ab😀"),
            length: 4,
            true
        ),
        Comparison("composed or not", "string", .text("e\u{301}"), .text("\u{e9}"), true),
        Comparison("nothing and empty text", "string", .empty, .text(""), true),
        Comparison("nothing and no tick", "boolean", .empty, .flag(false), false),
    ]

    @Test("knows what Salesforce would call the same", arguments: comparisons)
    func comparison(row: Comparison) {
        let left = CanonicalForm.text(of: row.left, row.field)
        let right = CanonicalForm.text(of: row.right, row.field)
        #expect((left == right) == row.isSame, "\(left) and \(right)")
    }

    struct FitRow: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var field: FieldDescription
        var value: FieldValue
        /// Nil for a misfit.
        var fits: FieldValue?
        var reason: Reason?

        init(
            _ description: String,
            _ field: FieldDescription,
            _ value: FieldValue,
            _ fits: FieldValue
        ) {
            testDescription = "\(field.type): \(description)"
            (self.field, self.value, self.fits) = (field, value, fits)
        }

        init(
            _ description: String,
            _ field: FieldDescription,
            _ value: FieldValue,
            _ reason: Reason
        ) {
            testDescription = "\(field.type): \(description)"
            (self.field, self.value, self.reason) = (field, value, reason)
        }
    }

    private static let source = FieldDescription.of(
        "picklist",
        length: 40,
        values: ["Phone", "Web"]
    )
    private static let strict = FieldDescription.of(
        "picklist",
        length: 40,
        isRestricted: true,
        values: ["Phone", "Web"]
    )
    private static let topics = FieldDescription.of("multipicklist", values: ["Audit", "Sync"])
    private static let day = CalendarDate(moment, in: .gmt)
    private static let family = "👩‍👩‍👧"

    static let fits: [FitRow] = [
        FitRow("an active value", source, .text("Web"), .text("Web")),
        FitRow("an inactive value", source, .text("Fax"), .inactivePicklistValue),
        FitRow(
            "an inactive value of a restricted one",
            strict,
            .text("Fax"),
            .inactivePicklistValue
        ),
        FitRow("an active value of a restricted one", strict, .text("Phone"), .text("Phone")),
        FitRow("another letter case", source, .text("web"), .inactivePicklistValue),
        FitRow("blanks around it", source, .text(" Web "), .text("Web")),
        FitRow("no values known", .of("picklist"), .text("Fax"), .text("Fax")),
        FitRow("one of several answers", source, .choices(["Web"]), .text("Web")),
        FitRow("several answers", source, .choices(["Web", "Phone"]), .inactivePicklistValue),

        FitRow("choices", topics, .choices(["Sync", "Audit"]), .choices(["Sync", "Audit"])),
        FitRow("text with semicolons", topics, .text("Sync; Audit"), .choices(["Sync", "Audit"])),
        FitRow("text with commas", topics, .text("Sync, Audit"), .choices(["Sync", "Audit"])),
        FitRow("one that is inactive", topics, .choices(["Sync", "Fax"]), .inactivePicklistValue),

        FitRow("a tick", .of("boolean"), .flag(true), .flag(true)),
        FitRow("yes", .of("boolean"), .text("Yes"), .flag(true)),
        FitRow("y", .of("boolean"), .text("y"), .flag(true)),
        FitRow("no, with a blank", .of("boolean"), .text("no "), .flag(false)),
        FitRow("0", .of("boolean"), .text("0"), .flag(false)),
        FitRow("maybe", .of("boolean"), .text("maybe"), .notABoolean),
        FitRow("a date", .of("boolean"), .date(day), .typeMismatch),

        FitRow("as long as it may be", .of("string", length: 4), .text("abcd"), .text("abcd")),
        FitRow("too long", .of("string", length: 4), .text("abcdef"), .text("abcd")),
        FitRow("a blank at the cut", .of("string", length: 4), .text("abc def"), .text("abc")),
        FitRow("no emoji in two", .of("string", length: 3), .text("ab😀"), .text("ab")),
        FitRow("an emoji that fits", .of("string", length: 4), .text("ab😀"), .text("ab😀")),
        FitRow(
            "no letter without its accent",
            .of("string", length: 2),
            .text("ae\u{301}"),
            .text("a")
        ),
        FitRow(
            "no family without its child",
            .of("string", length: 8),
            .text("a\(family)"),
            .text("a")
        ),
        FitRow("nothing of a family", .of("string", length: 3), .text(family), .text("")),
        FitRow("without limit", .of("string"), .text("abcdef"), .text("abcdef")),
        FitRow("a tick as text", .of("string", length: 20), .flag(true), .text("true")),
        FitRow("choices as text", .of("string", length: 20), .choices(["a", "b"]), .text("a, b")),
        FitRow("a day as text", .of("string", length: 20), .date(day), .text("2026-11-02")),

        FitRow("a day", .of("date"), .date(day), .date(day)),
        FitRow("text", .of("date"), .text("2026-11-02"), .date(day)),
        FitRow("a moment has no day without a zone", .of("date"), .instant(moment), .typeMismatch),
        FitRow("a moment as text", .of("date"), .text("2026-11-02T10:00:00Z"), .typeMismatch),
        FitRow("no day", .of("date"), .text("2026-02-30"), .typeMismatch),

        FitRow("a moment", .of("datetime"), .instant(moment), .instant(moment)),
        FitRow("text", .of("datetime"), .text("2026-11-02T10:00:00Z"), .instant(moment)),
        FitRow("text without zone", .of("datetime"), .text("2026-11-02T10:00:00"), .typeMismatch),
        FitRow("a day has no time", .of("datetime"), .date(day), .typeMismatch),

        FitRow("a number", .of("double"), .number("1.5"), .number("1.5")),
        FitRow("text", .of("double"), .text("1.5"), .number("1.5")),
        FitRow("negative", .of("currency"), .text("-12"), .number("-12")),
        FitRow("with exponent", .of("double"), .text("1e3"), .number("1e3")),
        FitRow("blanks around it", .of("double"), .text(" 12 "), .number("12")),
        FitRow("leading zeros", .of("int"), .text("007"), .number("7")),
        FitRow("a leading plus", .of("int"), .text("+5"), .number("5")),
        FitRow("no digit before the point", .of("double"), .text(".5"), .number("0.5")),
        FitRow("no digit after the point", .of("double"), .text("5."), .number("5")),
        FitRow("hexadecimal", .of("int"), .text("0x10"), .typeMismatch),
        FitRow("words", .of("int"), .text("ten"), .typeMismatch),
        FitRow("not a number", .of("double"), .text("nan"), .typeMismatch),
        FitRow("without end", .of("double"), .text("inf"), .typeMismatch),
        FitRow("a point alone", .of("double"), .text("."), .typeMismatch),
        FitRow("a tick", .of("double"), .flag(true), .typeMismatch),

        FitRow("18 characters", .of("reference"), .reference(.user(1)), .reference(.user(1))),
        FitRow("15 characters", .of("reference"), .text("005000000000001"), .reference(.user(1))),
        FitRow("a name", .of("reference"), .text("Olga"), .typeMismatch),

        FitRow("nothing", .of("boolean"), .empty, .empty),
        FitRow("empty text", .of("date"), .text(""), .empty),
    ]

    @Test("gives a value the form of its field, or says why not", arguments: fits)
    func fit(row: FitRow) {
        switch CanonicalForm.fit(row.value, to: row.field) {
        case .value(let value): #expect(value == row.fits)
        case .misfit(let reason, let detail):
            #expect(reason == row.reason)
            #expect(!detail.isEmpty)
        }
    }

    @Test("compares what it fits with what the org then shows", arguments: [1, 2, 3, 5, 9, 40])
    func cutTexts(length: Int) {
        let field = FieldDescription.of("string", length: length)
        for text in [
            "Ada Byron", "ab😀cd😀ef", "e\u{301}e\u{301}e\u{301}e\u{301}", "\(Self.family) x",
        ] {
            guard case .value(let fitting) = CanonicalForm.fit(.text(text), to: field) else {
                Issue.record("a text fits a text field")
                continue
            }
            #expect(fitting.readableText.utf16.count <= length)
            let shown = CanonicalForm.text(of: fitting, field)
            #expect(shown == CanonicalForm.text(of: .text(text), field))
        }
    }

    @Test("cuts a long text in one pass")
    func longText() {
        let field = FieldDescription.of("textarea", length: 32_000)
        let text = String(repeating: "ä😀", count: 200_000)
        guard case .value(.text(let cut)) = CanonicalForm.fit(.text(text), to: field) else {
            Issue.record("a text fits a text field")
            return
        }
        #expect((31_998...32_000).contains(cut.utf16.count))
    }
}
