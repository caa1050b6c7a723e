import Domain
import Foundation
import Journal
import Ledger
import TestSupport
import Testing

@Suite("Personal data")
struct PersonalDataTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    /// Texts that stand for personal data: each is planted where such data comes from.
    static let planted = [
        "Zoë-Quill", "quill.first", "quill.last", "quill-mail", "quill-host", "quill-team",
        "quill-guest", "quill-mover", "quill-canceller", "+49 000 4711", "Quill/Zone",
        "quill-title", "quill-answer", "quill-option", "quill-part", "quill-place",
        "quill-video", "quill-notes", "quill-details", "quill-meta", "quill-assigned",
        "quill-previously", "quill-reason", "quill-declined", "quill-form-answer", "quill-marked",
        "quill-body", "quill-header", "quill-before", "quill-sent", "quill-seen", "quill-forged",
    ]

    private static let booking = Booking.sample("bk-1", attendees: []) { booking in
        booking.title = "quill-title"
        booking.organizer = .sample("quill-host@a.example", name: "Zoë-Quill")
        booking.team = [.sample("quill-team@a.example", name: "Zoë-Quill")]
        var person = Party.sample("quill-mail@a.example", name: "Zoë-Quill")
        (person.firstName, person.lastName) = ("quill.first", "quill.last")
        (person.phone, person.timeZone) = ("+49 000 4711", "Quill/Zone")
        booking.attendees = [person, .sample("quill-guest@a.example")]
        booking.bookerEmail = .sample("quill-mail@a.example")
        booking.answers = [
            "one": .text("quill-answer"), "two": .list(["quill-option"]),
            "three": .parts(["a": "quill-part"]),
        ]
        booking.location = "quill-place"
        booking.videoCallURL = "https://quill-video.example"
        booking.notes = "quill-notes"
        booking.details = "quill-details"
        booking.metadata = ["utm": "quill-meta"]
        booking.assignmentReason = "quill-assigned"
        booking.recurrence = Recurrence(frequency: 2, interval: 1, count: 4)
    }

    private static let facts: [BookingFact] = [
        .requested(booking, replacing: nil),
        .confirmed(booking),
        .rescheduled(
            booking,
            from: Predecessor(uid: .sample("bk-0"), movedBy: .sample("quill-mover@a.example"))
        ),
        .reassigned(booking),
        .relocated(booking, previously: "quill-previously"),
        .rejected(booking, reason: "quill-declined"),
        .attendance(.sample(attendees: ["quill-marked@a.example"])),
        .paid(booking, Payment(isComplete: true, amount: 1, currency: "usd", number: 1)),
        .formSubmitted(
            FormSubmission(
                form: "f",
                name: nil,
                response: 1,
                answers: ["a": .text("quill-form-answer")],
                submitter: .sample("quill-mail@a.example", name: "Zoë-Quill")
            )
        ),
        .cancelled(
            booking,
            Cancellation(
                kind: .series,
                reason: "quill-reason",
                cancelledBy: .sample("quill-canceller@a.example")
            )
        ),
    ]

    private func plant() async throws {
        for (minute, fact) in Self.facts.enumerated() {
            var delivery = IncomingDelivery.sample(
                fact,
                minute: minute,
                body: "quill-body \(minute)"
            )
            delivery.headers["x-forwarded-for"] = "quill-header"
            try await temporary.journal.record([delivery])
        }
        for verdict in [DeliveryVerdict.forged, .rejected, .noted, .unrecognised] {
            let body = "quill-forged quill-mail@a.example \(verdict)"
            try await temporary.journal.record([.sample(verdict, body: body)])
        }
        let person = try #require(
            try await temporary.journal.person(.sample("quill-mail@a.example"))
        )
        let result = OperationResult(
            operation: .sample(.create),
            outcome: .written(.sample(1, prefix: "00U"), wasCreated: true, stamp: nil),
            record: .sample(1, prefix: "00U"),
            values: [
                .init(
                    field: "Subject",
                    before: .text("quill-before"),
                    sent: .text("quill-sent"),
                    seen: .text("quill-seen")
                )
            ],
            sealUnder: person
        )
        try await temporary.journal.intend([.sample(.create)], run: "r1")
        try await temporary.journal.receive([result], run: "r1")
    }

    private func expectNothingReadable() throws {
        let bytes = try temporary.folder.names().flatMap { try temporary.folder.bytes(of: $0) }
        let data = Data(bytes)
        // The control: what is meant to be read can be found in this way.
        #expect(data.range(of: Data("booking.confirmed".utf8)) != nil)
        for text in Self.planted {
            #expect(data.range(of: Data(text.utf8)) == nil, "found '\(text)'")
        }
    }

    @Test("cannot be read in any byte of the file, its log or what lies beside it")
    func scan() async throws {
        try await plant()
        try expectNothingReadable()
        let again = try temporary.reopened()
        try expectNothingReadable()
        #expect(try await again.journal.ledger.verify().isSound)
        #expect(try await again.journal.verifyDeliveries().isEmpty)
    }

    @Test("comes back whole for those who have the key")
    func comesBack() async throws {
        try await plant()
        let facts = try await temporary.journal.history(ofBooking: .sample())?.facts ?? []
        let text = "\(facts)"
        let events = try await temporary.journal.ledger.events(after: 0, limit: 100)
        let parts = events.flatMap(\.parts).map { String(decoding: $0.content, as: UTF8.self) }
            .joined()
        for planted in Self.planted
        where !["quill-body", "quill-header", "quill-forged"].contains(planted) {
            #expect(text.contains(planted) || parts.contains(planted), "lost '\(planted)'")
        }
    }

    @Test("is nowhere as a digest that somebody without the key could try out")
    func digests() async throws {
        let address = "quill-mail@a.example"
        try await plant()
        let names = try temporary.folder.names()
        let bytes = Data(try names.flatMap { try temporary.folder.bytes(of: $0) })
        // The control: the blind index is there, and can be found in this way.
        #expect(bytes.range(of: Data(temporary.journal.digest(address))) != nil)
        let plainDigest = IncomingDelivery.sample(.noted, body: address).digest
        #expect(bytes.range(of: Data(plainDigest)) == nil)
        for fact in Self.facts {
            let meaning = try #require(IncomingDelivery.sample(fact).facts.first).meaning
            #expect(bytes.range(of: Data(meaning.utf8)) == nil)
        }
    }
}
