import CalCom
import Crypto
public import Domain
public import Journal

// Takes what a test is about and fills in the rest. All people are invented.

extension BookingUID {
    /// Wraps a literal uid.
    public static func sample(_ text: String = "bk-1") -> Self {
        guard let uid = Self(text) else { preconditionFailure("a uid is not empty") }
        return uid
    }
}

extension EmailAddress {
    /// Wraps a literal address.
    public static func sample(_ text: String = "ada@acme.example") -> Self {
        guard let address = Self(text) else { preconditionFailure("'\(text)' is no address") }
        return address
    }
}

extension SalesforceID {
    /// Makes an id of a contact, or of the object with another key prefix.
    ///
    /// - Parameters:
    ///   - number: Tells ids apart.
    ///   - prefix: The first three characters.
    /// - Returns: The id.
    public static func sample(_ number: Int = 1, prefix: String = "003") -> Self {
        let digits = String(number)
        let zeros = String(repeating: "0", count: 12 - digits.count)
        guard let id = Self("\(prefix)\(zeros)\(digits)") else {
            preconditionFailure("'\(prefix)' is no key prefix")
        }
        return id
    }
}

extension Instant {
    /// A moment some minutes after the beginning of ``ManualClock``.
    public static func minute(_ minute: Int) -> Self {
        ManualClock.beginning.advanced(byMilliseconds: Int64(minute) * 60_000)
    }
}

extension TimeSlot {
    /// Half an hour that begins some minutes after the beginning of ``ManualClock``.
    public static func sample(minute: Int) -> Self {
        guard let slot = Self(start: .minute(minute), end: .minute(minute + 30)) else {
            preconditionFailure("half an hour is not empty")
        }
        return slot
    }
}

extension Party {
    /// A person with an address and, unless told otherwise, no name.
    public static func sample(
        _ email: String = "ada@acme.example",
        name: String? = nil,
        seat: String? = nil
    ) -> Self {
        var party = Self(email: .sample(email))
        (party.name, party.seat) = (name, seat)
        return party
    }
}

extension Booking {
    /// A booking of event type 88231 by Ada Park, hosted by Hannah Ito, a day after the beginning.
    ///
    /// - Parameters:
    ///   - uid: Its uid.
    ///   - attendees: The addresses of its attendees, the booker first.
    ///   - day: How many days after the beginning it takes place.
    ///   - change: Changes what the test is about.
    /// - Returns: The booking.
    public static func sample(
        _ uid: String = "bk-1",
        attendees: [String] = ["ada@acme.example"],
        day: Int = 1,
        change: (inout Booking) -> Void = { _ in }
    ) -> Self {
        var booking = Self(uid: .sample(uid))
        booking.eventType = EventTypeID(88_231)
        booking.title = "Demo"
        booking.slot = .sample(minute: day * 24 * 60)
        booking.organizer = .sample("hannah@daybook.example", name: "Hannah Ito")
        booking.attendees = attendees.map { .sample($0) }
        if attendees.first == "ada@acme.example" { booking.attendees[0].name = "Ada Park" }
        booking.bookerEmail = attendees.first.map { .sample($0) }
        change(&booking)
        return booking
    }
}

extension ReportedFact {
    /// A fact that happened some minutes after the beginning.
    public static func sample(
        _ fact: BookingFact = .confirmed(.sample()),
        minute: Int = 0
    ) -> Self {
        Self(fact: fact, occurred: .minute(minute))
    }
}

extension RecordedFact {
    /// A recorded fact; recorded when it happened, unless told otherwise.
    public static func sample(
        _ fact: BookingFact = .confirmed(.sample()),
        position: Int64 = 1,
        minute: Int = 0,
        recorded: Int? = nil
    ) -> Self {
        Self(
            position: LedgerPosition(position),
            fact: fact,
            occurred: .minute(minute),
            recorded: .minute(recorded ?? minute)
        )
    }
}

extension AttendanceReport {
    /// Somebody marked, or no longer marks, attendees as no-shows.
    public static func sample(
        _ uid: String = "bk-1",
        attendees: [String] = ["ada@acme.example"],
        isNoShow: Bool = true
    ) -> Self {
        Self(
            booking: .sample(uid),
            eventType: EventTypeID(88_231),
            source: .manual,
            marks: attendees.map { Mark(party: .sample($0), isHost: false, isNoShow: isNoShow) }
        )
    }
}

extension IncomingDelivery {
    /// A delivery that tells one fact, with the meaning that Cal.com's stage gives it.
    ///
    /// - Parameters:
    ///   - fact: The fact.
    ///   - body: The body; without one, a text that is different for every fact and time.
    ///   - arrived: When it arrived; when the fact happened, unless told otherwise.
    /// - Returns: The delivery.
    public static func sample(
        _ fact: ReportedFact = .sample(),
        body: String? = nil,
        arrived: Instant? = nil
    ) -> Self {
        let meaning = FactMeaning(of: fact)
        let text = body ?? #"{"fact":"\#(meaning.digest)","at":"\#(fact.occurred.rfc3339)"}"#
        return sample(
            .appended,
            body: text,
            arrived: arrived ?? fact.occurred,
            facts: [IncomingFact(fact, meaning: meaning.digest, canRecur: meaning.canRecur)]
        )
    }

    /// A delivery that tells a fact some minutes after the beginning.
    public static func sample(
        _ fact: BookingFact,
        minute: Int = 0,
        body: String? = nil
    ) -> Self {
        sample(.sample(fact, minute: minute), body: body)
    }

    /// A delivery that tells no fact, or facts that the test spells out.
    public static func sample(
        _ verdict: DeliveryVerdict,
        body: String,
        arrived: Instant = ManualClock.beginning,
        facts: [IncomingFact] = []
    ) -> Self {
        Self(
            body: Array(body.utf8),
            headers: ["content-type": "application/json"],
            arrived: arrived,
            source: "webhook",
            digest: Array(SHA256.hash(data: Array(body.utf8))),
            trigger: verdict == .noted ? "PING" : nil,
            verdict: verdict,
            note: verdict == .appended ? "" : "for a test",
            facts: facts
        )
    }
}
