import Domain
import TestSupport
import Testing

@Suite("Field value")
struct FieldValueTests {
    private static let first = SalesforceID.sample(1)
    private static let second = SalesforceID.sample(2)

    static let rows: [(value: FieldValue, json: String, text: String, isEmpty: Bool)] = [
        (.empty, "null", "(empty)", true),
        (.text("Demo"), #""Demo""#, "Demo", false),
        (.text(""), "null", "", true),
        (.flag(false), "false", "false", false),
        (.flag(true), "true", "true", false),
        (.number("1.50"), "1.50", "1.50", false),
        (.instant(.minute(0)), #""2026-11-03T14:00:00.000Z""#, "2026-11-03T14:00:00Z", false),
        (.choices(["a", "b"]), #""a;b""#, "a; b", false),
        (.choices([]), "null", "", true),
        (.reference(first), #""003000000000001AAA""#, "003000000000001AAA", false),
        (
            .references([first, second]), #"["003000000000001AAA","003000000000002AAA"]"#,
            "003000000000001AAA, 003000000000002AAA", false
        ),
        (.references([]), "[]", "", true),
    ]

    @Test("is sent, shown and taken for empty as it should be", arguments: rows)
    func forms(row: (value: FieldValue, json: String, text: String, isEmpty: Bool)) {
        #expect(row.value.json.text == row.json)
        #expect(row.value.readableText == row.text)
        #expect(row.value.isEmpty == row.isEmpty)
    }

    @Test("of a day is the day")
    func date() throws {
        let date = try #require(CalendarDate(iso8601: "2026-11-03"))
        #expect(FieldValue.date(date).json == .string("2026-11-03"))
        #expect(FieldValue.date(date).readableText == "2026-11-03")
    }
}

@Suite("Booking fact")
struct BookingFactTests {
    private static let seated = Booking.sample("b") { $0.seatsPerSlot = 5 }

    /// Whose place a booking took, so that both are one appointment.
    static let predecessors: [(fact: BookingFact, predecessor: String?, isSeatMove: Bool)] = [
        (.confirmed(.sample("b")), nil, false),
        (.requested(.sample("b"), replacing: nil), nil, false),
        (.requested(.sample("b"), replacing: .init(uid: .sample("a"))), "a", false),
        (.rescheduled(.sample("b"), from: .init(uid: .sample("a"))), "a", false),
        (.rescheduled(.sample("b"), from: .init(uid: .sample("b"))), nil, false),
        (.rescheduled(seated, from: .init(uid: .sample("a"))), nil, true),
        (.rescheduled(seated, from: .init(uid: .sample("b"))), nil, false),
        (.meetingStarted(.sample("b"), from: .sample("a")), "a", false),
        (.meetingEnded(.sample("b"), from: nil), nil, false),
        (.cancelled(.sample("b"), .init(kind: .booking)), nil, false),
        (.attendance(.sample("b")), nil, false),
    ]

    @Test("names the booking whose place this one took", arguments: predecessors)
    func predecessor(row: (fact: BookingFact, predecessor: String?, isSeatMove: Bool)) {
        #expect(row.fact.predecessor?.rawValue == row.predecessor)
        #expect(row.fact.isSeatMove == row.isSeatMove)
        #expect(row.fact.bookingUID?.rawValue == "b")
    }

    @Test("of a form is about no booking", arguments: GoldenFact.all)
    func booking(golden: GoldenFact) {
        let isForm = golden.type.hasPrefix("form.")
        #expect((golden.fact.bookingUID == nil) == isForm)
        let saysMore = !isForm && golden.type != "attendance.recorded"
        #expect((golden.fact.booking != nil) == saysMore)
    }

    @Test("orders by when it happened; arrival decides between equals")
    func order() {
        let facts = [(3, 5), (1, 7), (2, 5), (4, 1)].map { position, minute in
            RecordedFact.sample(position: Int64(position), minute: minute, recorded: 0)
        }
        let order = facts.sorted(by: RecordedFact.happenedEarlier).map(\.position.rawValue)
        #expect(order == [4, 2, 3, 1])
    }

    @Test(
        "has answers that read as one text",
        arguments: [
            (Answer.text("a"), "a"), (.flag(true), "true"), (.list(["a", "b"]), "a, b"),
            (.list([]), ""), (.parts(["lastName": "Park", "firstName": "Ada"]), "Ada Park"),
            (.parts(["value": "a", "optionValue": "b"]), "a"), (.parts(["a": "", "b": "x"]), "x"),
        ]
    )
    func answers(answer: Answer, text: String) { #expect(answer.text == text) }
}

@Suite("Desired field")
struct DesiredFieldTests {
    private func make(_ policy: WritePolicy, _ positions: [Int64]) -> DesiredField? {
        DesiredField(
            field: "Subject",
            assertions: positions.map { position in
                Assertion(
                    value: .value(.text("\(position)")),
                    cause: .sample(position),
                    version: SettingsVersion(1),
                    rule: "r",
                    policy: policy,
                    isLive: true,
                    isPersonal: false
                )
            }
        )
    }

    @Test("needs an assertion")
    func empty() { #expect(make(.always, []) == nil) }

    @Test("keeps its assertions in the order of their events, whatever the policy")
    func order() throws {
        for policy in WritePolicy.allCases {
            let field = try #require(make(policy, [2, 3, 1]))
            #expect(field.assertions.map(\.cause.position.rawValue) == [1, 2, 3])
            #expect(field.newest.cause.position.rawValue == 3)
        }
    }
}
