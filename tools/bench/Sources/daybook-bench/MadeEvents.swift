import Ledger

/// Events about as large as those of bookings: 800 bytes of JSON and three sealed parts.
struct MadeEvents {
    private static let answers = String(repeating: "an answer of some length, ", count: 22)

    private let random: @Sendable (Int) -> [UInt8]
    private let now: Int64
    /// How many events are about one appointment.
    static let perStream = 3
    /// How many appointments one person has.
    static let perPerson = 5
    /// How many events are about one booker.
    static let perBooker = perStream * perPerson

    init(_ environment: LedgerEnvironment) {
        (random, now) = (environment.random, environment.now())
    }

    /// The surrogate of a person.
    private func subject(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 24 - digits.count) + digits
    }

    func append(_ number: Int) -> StreamAppend {
        let appointment = number / Self.perStream
        let booker = subject(appointment / Self.perPerson)
        let host = subject(0xffff_0000 + appointment % 50)
        return StreamAppend(
            to: "appointment-\(appointment)",
            [
                NewEvent(
                    id: EventID(milliseconds: now, random: random(10)),
                    type: "booking.confirmed",
                    occurred: now,
                    correlation: "appointment-\(appointment)",
                    actor: "bench",
                    data: data(number, appointment, booker, host),
                    parts: [
                        part("party-0", of: host, "host\(appointment % 50)@team.example"),
                        part("party-1", of: booker, "person\(booker)@company.example"),
                        PersonalPart(
                            name: "meeting",
                            subject: booker,
                            content: Array(#"{"title":"Demo","notes":"\#(Self.answers)"}"#.utf8)
                        ),
                    ]
                )
            ]
        )
    }

    private func data(
        _ number: Int,
        _ appointment: Int,
        _ booker: String,
        _ host: String
    ) -> [UInt8] {
        let text = """
            {"uid":"bench\(appointment)","number":\(number),"eventType":1021,"slug":"demo",\
            "start":1766000000000,"end":1766001800000,"organizer":{"person":"\(host)","part":\
            "party-0"},"attendees":[{"person":"\(booker)","part":"party-1"}],"booker":"\(booker)",\
            "sequence":0,"calendarUID":"bench\(appointment)@Cal.com","filler":"
            """
        let filler = String(repeating: "x", count: max(0, 798 - text.utf8.count))
        return Array("\(text)\(filler)\"}".utf8)
    }

    private func part(_ name: String, of subject: String, _ email: String) -> PersonalPart {
        let content = #"{"email":"\#(email)","name":"Ada Byron","timeZone":"Europe/Berlin"}"#
        return PersonalPart(name: name, subject: subject, content: Array(content.utf8))
    }
}
