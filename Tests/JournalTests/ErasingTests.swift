import Domain
import Foundation
import GRDB
import Journal
import Ledger
import TestSupport
import Testing

@Suite("Erasing a person")
struct ErasingTests {
    let temporary: TemporaryJournal
    var journal: Journal { temporary.journal }

    init() throws { temporary = try TemporaryJournal(isSigned: true) }

    static let quill = EmailAddress.sample("quill@secret.example")

    /// Quill books with Ada as a guest, and is Ada's guest in another booking.
    private func plant() async throws {
        let quill = Party.sample("quill@secret.example", name: "Zoë Quill-Secret")
        let own = Booking.sample("bk-1", attendees: []) { booking in
            booking.attendees = [quill, .sample("ada@acme.example", name: "Ada Park")]
            booking.bookerEmail = Self.quill
            booking.title = "Zoë Quill-Secret's demo"
            booking.answers = ["phone": .text("+49 000 4711")]
        }
        let guest = Booking.sample("bk-2", attendees: ["ada@acme.example"]) { booking in
            booking.attendees.append(quill)
            booking.title = "Ada Park and zoë quill-secret"
            booking.notes = "Bring Quills"
            booking.answers = ["guests": .list(["Quill@Secret.example", "bo@acme.example"])]
        }
        let alone = Booking.sample("bk-3", attendees: ["ada@acme.example"])
        for (number, booking) in [own, guest, alone].enumerated() {
            let names = booking.attendees.compactMap(\.email?.rawValue).joined(separator: " ")
            try await journal.record([
                .sample(.confirmed(booking), minute: number, body: "body \(number) \(names)")
            ])
        }
        try await journal.record([.sample(.rejected, body: "noise of Quill@secret.example")])
    }

    private func texts() async throws -> String {
        let events = try await journal.ledger.events(after: 0, limit: 100)
        return events.flatMap(\.parts).map { String(decoding: $0.content, as: UTF8.self) }
            .joined(separator: "\n")
    }

    private func keptBodies() async throws -> Int {
        let kept = "SELECT count(*) FROM delivery WHERE sealed IS NOT NULL"
        return try await temporary.number(kept)
    }

    @Test("takes the person out of parts, deliveries and what others said, and nobody else")
    func erases() async throws {
        try await plant()
        #expect(try await texts().lowercased().contains("quill@secret"), "the control")
        let receipt = try await journal.erase(Self.quill, actor: "operator")
        let texts = try await texts()
        #expect(!texts.lowercased().contains("quill@secret"))
        #expect(!texts.lowercased().contains("quill-secret") && !texts.contains("4711"))
        #expect(texts.contains("Ada Park and [erased]") && texts.contains("Bring Quills"))
        #expect(texts.contains(#""guests":["[erased]","bo@acme.example"]"#))
        #expect(receipt.fence.redacted == [PartPlace(2, "meeting")])
        #expect(receipt.fence.deliveries == 3)
        #expect(try await keptBodies() == 1)
        #expect(try await journal.ledger.verify().isSound)
        #expect(try await journal.verifyDeliveries().isEmpty)
    }

    @Test("leaves no byte of the kept deliveries in the file or its log")
    func deliveries() async throws {
        try await plant()
        let bodies = try await journal.ledger.read { db in
            try Data.fetchAll(db, sql: "SELECT sealed FROM delivery ORDER BY id")
        }
        #expect(bodies.count == 4)
        #expect(try bodies.allSatisfy { try isOnDisk($0) }, "the control")
        try await journal.erase(Self.quill, actor: "operator")
        #expect(try bodies.map { try isOnDisk($0) } == [false, false, true, false])
    }

    private func isOnDisk(_ bytes: Data) throws -> Bool {
        let names = try temporary.folder.names()
        return try Data(names.flatMap { try temporary.folder.bytes(of: $0) }).range(of: bytes)
            != nil
    }

    @Test("gives a receipt whose proof holds, over commitments that are still in the leaves")
    func receipt() async throws {
        try await plant()
        let receipt = try await journal.erase(Self.quill, actor: "operator")
        let proof = try #require(receipt.proof)
        let (_, leaf) = try await journal.ledger.prove(receipt.position.rawValue)
        let log = try #require(journal.ledger.keeper).signer.verifier
        _ = try proof.verify(leaf: leaf, log: log)
        #expect(receipt.fence.parts == receipt.commitments.count && receipt.fence.parts >= 3)
        for (place, commitment) in receipt.commitments {
            let event = try await journal.events(at: [LedgerPosition(place.position)]).first
            #expect(event?.commitments.contains(commitment) == true)
            #expect(event?.parts.contains { $0.name == place.part } == false)
        }
    }

    @Test("names every record that may hold something of the person, and no other")
    func records() async throws {
        try await plant()
        let (quill, ada) = (
            try #require(try await journal.person(Self.quill)),
            try #require(try await journal.person(.sample("ada@acme.example")))
        )
        let own: [RecordSubject] = [
            .person(PersonRecordKey(person: quill, policy: .contact)), .account(quill),
            .event(.sample("bk-1")), .event(.sample("bk-2")),
            .fallback(.sample("bk-2"), name: "call"),
        ]
        let others: [RecordSubject] = [
            .person(PersonRecordKey(person: ada, policy: .contact)), .account(ada),
            .event(.sample("bk-3")), .fallback(.sample("bk-3"), name: "call"),
        ]
        for (number, subject) in (own + others).enumerated() {
            let record = SalesforceID.sample(number + 1)
            let operation = PlanOperation.sample(.create, record: record) { $0.subject = subject }
            try await journal.receive(
                [
                    OperationResult(
                        operation: operation,
                        outcome: .written(record, wasCreated: true, stamp: nil),
                        record: record,
                        claims: [:]
                    )
                ],
                run: "r1"
            )
        }
        let found = try await journal.find(Self.quill, purpose: "find", actor: "operator")
        #expect(Set(found.records.map(\.subject)) == Set(own))
        let receipt = try await journal.erase(Self.quill, actor: "operator")
        #expect(Set(receipt.records.map(\.subject)) == Set(own))
    }

    @Test("forgets what was written to a record that was merged into another one since")
    func formerRecord() async throws {
        try await plant()
        let quill = try #require(try await journal.person(Self.quill))
        let subject = RecordSubject.person(PersonRecordKey(person: quill, policy: .contact))
        let (former, other) = (SalesforceID.sample(1), SalesforceID.sample(2))
        let claim = Claim(
            sent: ValueDigest([1]),
            seen: ValueDigest([2]),
            seenIsEmpty: false,
            seenAt: nil,
            considered: Cause(
                position: LedgerPosition(1),
                occurred: .minute(0),
                recorded: .minute(0)
            ),
            outcome: .firstClaim
        )
        func receive(
            _ record: SalesforceID,
            moves: [RecordMove] = [],
            claims: [FieldName: Claim] = [:]
        ) async throws {
            var operation = PlanOperation.sample(.create, record: record) { $0.subject = subject }
            operation.moves = moves
            try await journal.receive(
                [
                    OperationResult(
                        operation: operation,
                        outcome: .written(record, wasCreated: moves.isEmpty, stamp: nil),
                        record: record,
                        claims: claims
                    )
                ],
                run: "r1"
            )
        }
        try await receive(former, claims: ["Title": claim])
        try await receive(other, moves: [RecordMove(.merged, from: former, into: other)])
        let before = try await journal.claims(on: [former])[former]?["Title"]
        #expect(before?.sent != nil, "the control")
        try await journal.erase(Self.quill, actor: "operator")
        let after = try await journal.claims(on: [former])[former]?["Title"]
        #expect(after?.sent == nil && after?.seen == nil)
    }

    @Test("leaves facts that can be read, with a tombstone in the place of the person")
    func tombstone() async throws {
        try await plant()
        let person = try #require(try await journal.person(Self.quill))
        try await journal.erase(Self.quill, actor: "operator")
        let history = try #require(try await journal.history(ofBooking: .sample("bk-1")))
        let attendees = history.facts.first?.fact.booking?.attendees ?? []
        #expect(attendees.map(\.person).contains(person))
        #expect(attendees.map { $0.email?.rawValue } == [nil, "ada@acme.example"])
        #expect(try await journal.person(Self.quill) == nil)
        #expect(try await journal.personEver(Self.quill)?.person == person)
    }

    @Test("is not undone by the same deliveries, nor by late ones about the same bookings")
    func late() async throws {
        try await plant()
        let person = try #require(try await journal.person(Self.quill))
        try await journal.erase(Self.quill, actor: "operator")
        let receipts = try await plantAgain()
        #expect(receipts.allSatisfy { $0.verdict == .duplicate })
        let cancelled = Booking.sample("bk-1", attendees: ["quill@secret.example"])
        try await temporary.record(
            .cancelled(
                cancelled,
                Cancellation(kind: .booking, reason: nil, cancelledBy: Self.quill)
            )
        )
        #expect(try await journal.person(Self.quill) == nil)
        let history = try #require(try await journal.history(ofBooking: .sample("bk-1")))
        #expect(history.facts.count == 2)
        #expect(history.facts.last?.fact.booking?.attendees.map(\.person) == [person])
        #expect(try await !texts().contains("quill@secret"))
        #expect(try await journal.ledger.verify().isSound)
    }

    @Test("lets a booking begin anew of which only a mark of the person was known")
    func marked() async throws {
        try await plant()
        let mark = AttendanceReport.Mark(
            party: .sample("quill@secret.example"),
            isHost: false,
            isNoShow: true
        )
        let report = AttendanceReport(
            booking: .sample("bk-7"),
            eventType: nil,
            source: .manual,
            marks: [mark]
        )
        try await temporary.record(.attendance(report))
        try await journal.erase(Self.quill, actor: "operator")
        try await temporary.record(
            .confirmed(.sample("bk-7", attendees: ["quill@secret.example"]))
        )
        #expect(try await journal.person(Self.quill) != nil)
    }

    @Test("of a host is not undone by what comes late about a booking, whoever hosts now")
    func lateAboutHost() async throws {
        let host = EmailAddress.sample("tom@team.example")
        let booking = Booking.sample("bk-1", attendees: ["ada@acme.example"]) { booking in
            booking.team = [.sample("tom@team.example", name: "Tom Secret-Host")]
        }
        try await temporary.record(.confirmed(booking))
        try await journal.erase(host, actor: "operator")
        try await temporary.record(.relocated(booking, previously: nil))
        #expect(try await journal.person(host) == nil)
        #expect(try await !texts().contains("tom@team"))
        #expect(try await !texts().contains("Secret-Host"))
        #expect(try await journal.ledger.verify().isSound)
    }

    private func plantAgain() async throws -> [DeliveryReceipt] {
        let bodies = [
            "body 0 quill@secret.example ada@acme.example",
            "body 1 ada@acme.example quill@secret.example",
        ]
        let booking = Booking.sample("bk-9", attendees: ["quill@secret.example"])
        return try await journal.record(
            bodies.map { .sample(.confirmed(booking), body: $0) }
        )
    }

    @Test("lets a new booking of the same person begin anew")
    func afresh() async throws {
        try await plant()
        let old = try #require(try await journal.person(Self.quill))
        try await journal.erase(Self.quill, actor: "operator")
        try await temporary.record(
            .confirmed(.sample("bk-4", attendees: ["quill@secret.example"]))
        )
        let new = try #require(try await journal.person(Self.quill))
        #expect(new != old)
        #expect(try await journal.appointments(of: new).map(\.root) == [.sample("bk-4")])
        try await journal.erase(Self.quill, actor: "operator")
        #expect(try await journal.person(Self.quill) == nil)
        #expect(try await journal.ledger.verify().isSound)
    }

    @Test("more than once is not undone by what comes late of a booking from before the first time")
    func lateAfterTwo() async throws {
        try await plant()
        try await journal.erase(Self.quill, actor: "operator")
        let address = "quill@secret.example"
        try await temporary.record(.confirmed(.sample("bk-4", attendees: [address])))
        try await journal.erase(Self.quill, actor: "operator")
        try await temporary.record(.reassigned(.sample("bk-1", attendees: [address])))
        #expect(try await journal.person(Self.quill) == nil)
        #expect(try await !texts().contains("quill@secret"))
    }

    @Test("is not undone by a seat that moves, with which the person leaves the old booking")
    func seatMove() async throws {
        try await plant()
        let address = "quill@secret.example"
        func seated(_ uid: String, _ seat: String) -> Booking {
            .sample(uid, attendees: [address]) { ($0.seatsPerSlot, $0.seat) = (5, seat) }
        }
        try await temporary.record(.confirmed(seated("bk-6", "s1")))
        let person = try #require(try await journal.person(Self.quill))
        try await journal.erase(Self.quill, actor: "operator")
        // The seat there is another one, so that nothing but the person tells who left.
        let moved = Predecessor(uid: .sample("bk-6"))
        try await temporary.record(.rescheduled(seated("bk-7", "s2"), from: moved))
        #expect(try await journal.person(Self.quill) == nil)
        let history = try #require(try await journal.history(ofBooking: .sample("bk-6")))
        let attendees = history.facts.map { $0.fact.booking?.attendees.map(\.person) }
        #expect(attendees == [[person], [person]])
        #expect(try await !texts().contains("quill@secret"))
    }

    @Test("leaves a form that is answered anew news, and one that is told late a repetition")
    func forms() async throws {
        let form = FormSubmission(
            form: "f1",
            name: nil,
            response: nil,
            answers: ["email": .text(Self.quill.rawValue)],
            submitter: Party(email: Self.quill)
        )
        try await journal.record([.sample(.formSubmitted(form), minute: 0)])
        try await journal.erase(Self.quill, actor: "operator")
        let receipts = try await journal.record([
            .sample(.formSubmitted(form), minute: 1), .sample(.formSubmitted(form), minute: 60),
        ])
        #expect(receipts.map(\.verdict) == [.duplicate, .appended])
    }

    @Test("is refused for somebody unknown, and for somebody who is gone already")
    func refused() async throws {
        try await plant()
        await #expect(throws: LedgerError.self) {
            try await journal.erase(.sample("nobody@acme.example"), actor: "operator")
        }
        let receipt = try await journal.erase(Self.quill, actor: "operator")
        let head = try await journal.head()
        let error = await #expect(throws: LedgerError.self) {
            try await journal.erase(Self.quill, actor: "operator")
        }
        #expect("\(try #require(error))".contains("event \(receipt.position.rawValue)"))
        #expect(try await journal.head() == head)
    }

    @Test("of two people at once is done for both")
    func both() async throws {
        try await plant()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for address in [Self.quill, .sample("ada@acme.example")] {
                group.addTask { try await journal.erase(address, actor: "operator") }
            }
            try await group.waitForAll()
        }
        let texts = try await texts().lowercased()
        #expect(!texts.contains("quill@secret") && !texts.contains("ada@acme"))
        #expect(try await journal.ledger.verify().isSound)
    }

    @Test("of two guests of one booking at once brings neither back", arguments: 1...5)
    func guests(round: Int) async throws {
        try await temporary.record(
            .confirmed(
                .sample("bk-\(round)") {
                    $0.attendees += [.sample("quill@secret.example"), .sample("bo@acme.example")]
                    $0.answers = ["guests": .list(["quill@secret.example", "bo@acme.example"])]
                }
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for address in [Self.quill, .sample("bo@acme.example")] {
                group.addTask { try await journal.erase(address, actor: "operator") }
            }
            try await group.waitForAll()
        }
        let texts = try await texts()
        #expect(!texts.contains("quill@secret") && !texts.contains("bo@acme"))
        #expect(texts.contains(#""guests":["[erased]","[erased]"]"#))
        #expect(try await journal.ledger.verify().isSound)
    }

    @Test("leaves the other of the same name what is known of them")
    func namesake() async throws {
        try await plant()
        try await temporary.record(
            .confirmed(
                .sample("bk-5", attendees: []) {
                    $0.attendees = [.sample("other@acme.example", name: "Zoë Quill-Secret")]
                    $0.bookerEmail = .sample("other@acme.example")
                }
            )
        )
        try await journal.erase(Self.quill, actor: "operator")
        let history = try await journal.history(ofBooking: .sample("bk-5"))
        #expect(history?.facts.first?.fact.booking?.attendees.first?.name == "Zoë Quill-Secret")
    }

    @Test("is carried out again by a restored copy from before")
    func restored() async throws {
        try await plant()
        let copy = temporary.folder.path("copy")
        try await journal.ledger.backup(to: copy)
        try await journal.erase(Self.quill, actor: "operator")
        try journal.ledger.close()
        for suffix in ["", "-wal", "-shm"] { unlink(temporary.path + suffix) }
        _ = try await SQLiteLedger.restore(copy, to: temporary.path, key: .test)
        // Nothing outside remembers the lost events: the copy goes on as it is.
        try FileManager.default.removeItem(atPath: CheckpointKeeper.memory(of: temporary.path))

        let restored = try temporary.openedAgain().journal
        let sealed = try await restored.ledger.events(after: 0, limit: 100).flatMap(\.parts)
        #expect(sealed.allSatisfy { !String(decoding: $0.content, as: UTF8.self).contains("4711") })
        #expect(try await restored.repeatErasures() == 1)
        #expect(try await restored.repeatErasures() == 0)
        let parts = try await restored.ledger.events(after: 0, limit: 100).flatMap(\.parts)
        let texts = parts.map { String(decoding: $0.content, as: UTF8.self) }.joined().lowercased()
        #expect(!texts.contains("quill@secret") && !texts.contains("quill-secret"))
        #expect(texts.contains("ada park"))
        #expect(try await restored.personEver(Self.quill)?.erased != nil)
        #expect(try await restored.ledger.verify().isSound)
        try restored.ledger.close()
    }
}
