import Domain
import Pipeline
import Testing

/// The rows of `facts/ledger-and-reconciliation.md` 5.9, and the cases 5 and 6 of 5.8.
@Suite("What becomes of a record")
struct RecordFateTests {
    private let first = Meeting("first")
    private let second = Meeting("second").with { $0.answers["size"] = "20" }
    private let moved = Meeting("moved").with { $0.start = "2026-11-12T16:00:00Z" }
    private let dana = Meeting.Person.dana

    private func settings(_ record: String = "contact", when policy: String = "protect") -> String {
        """
        {"attendeeRecord":"\(record)","onBooking":{"attendee":{\
        "Company_Size__c":{"value":"{size}","when":"\(policy)"}}}}
        """
    }

    private var sized: Meeting { first.with { $0.answers["size"] = "10" } }

    private func expectNothingLeft(_ world: World) async throws {
        #expect(try await world.reconcile(.everything).summary.hasWrites == false)
        #expect(try await world.plan(.everything).summary.hasWrites == false)
    }

    private func reasons(_ report: RunReport) -> [Reason] {
        report.operations.filter { $0.kind == .hold }.map(\.reason)
    }

    // MARK: Not linked

    @Test("not linked, nobody there: is made once")
    func missing() async throws {
        try await withPipeline { world in
            try await world.accept(settings())
            try await world.sync(sized.created)
            #expect(try await world.org.count("Contact") == 1)
            #expect(try await world.ledger("record.created").count == 2)
            try await expectNothingLeft(world)
        }
    }

    @Test("not linked, one there: is taken over with its values")
    func one() async throws {
        try await withPipeline { world in
            let id = try await world.org.create(
                "Contact",
                [
                    "LastName": "O", "Email": .string(dana.email), "Company_Size__c": "old",
                    "Short__c": .null,
                ]
            )
            try await world.accept(settings())
            try await world.sync(sized.created)
            #expect(try await world.org.count("Contact") == 1)
            let contact = try await world.contact("Id, LastName, Company_Size__c")
            #expect(contact.text("Id") == id && contact.text("LastName") == "O")
            #expect(contact.text("Company_Size__c") == "old")
            let linked = try await world.ledger("record.linked")
            #expect(linked.map { $0["ours"] } == [false])
            try await expectNothingLeft(world)
        }
    }

    @Test("not linked, several there: one is chosen, or a person is asked; never a third is made")
    func several() async throws {
        for ambiguity in ["oldest", "newest", "review"] {
            try await withPipeline { world in
                for name in ["Old", "New"] {
                    try await world.org.create(
                        "Contact",
                        ["LastName": .string(name), "Email": .string(dana.email)]
                    )
                    world.wait(minutes: 1)
                }
                try await world.accept(#"{"onAmbiguous":"\#(ambiguity)"}"#)
                let report = try await world.sync(first.created)
                #expect(try await world.org.count("Contact") == 2)
                #expect(report.needsAttention == (ambiguity == "review"))
                #expect(reasons(report).contains(.ambiguous) == (ambiguity == "review"))
                let people = report.operations.filter { $0.object == .contact }
                #expect(people.map(\.candidates.count) == [2])
                try await expectNothingLeft(world)
            }
        }
    }

    // MARK: Linked and there

    @Test("ours, cancelled: is deleted if the settings say so, else it is written to")
    func cancelled() async throws {
        for keeps in [true, false] {
            try await withPipeline { world in
                let rule = keeps ? #"{"keep":true,"write":{"Source__c":"gone"}}"# : #""delete""#
                try await world.accept(#"{"onCancellation":{"eventRecord":\#(rule)}}"#)
                try await world.sync(first.created)
                let report = try await world.sync(first.cancelled())
                #expect(report.summary.delete == (keeps ? 0 : 1))
                let left = try await world.org.query("SELECT Source__c FROM Event")
                #expect(left.map { $0.text("Source__c") } == (keeps ? ["gone"] : []))
                try await expectNothingLeft(world)
            }
        }
    }

    @Test("taken over, cancelled: stays")
    func adoptedStays() async throws {
        try await withPipeline { world in
            try await world.org.create("Contact", ["LastName": "O", "Email": .string(dana.email)])
            try await world.accept(settings())
            try await world.sync(sized.created)
            try await world.sync(sized.cancelled())
            #expect(try await world.org.count("Event") == 0)
            #expect(try await world.org.count("Contact") == 1)
        }
    }

    @Test("ours, a second one for the same meeting: goes, unless a person worked on it")
    func superseded() async throws {
        for isTouched in [false, true] {
            try await withPipeline { world in
                try await world.accept("{}")
                let booked = world.now
                try await world.sync(first.created)
                try await world.sync(moved.created)
                let extra = try await world.eventRecord(of: "moved").text("Id")
                world.wait(minutes: 1)
                if isTouched {
                    try await world.org.change("Event", extra, ["Location": "My office"])
                }
                world.wait(minutes: 1)
                let report = try await world.sync(
                    moved.rescheduled(from: first)
                        .sent(booked.advanced(byMilliseconds: 60_000))
                )
                #expect(try await world.org.count("Event") == (isTouched ? 2 : 1))
                #expect(reasons(report).contains(.editedByOther) == isTouched)
                try await expectNothingLeft(world)
            }
        }
    }

    @Test("archived: is still written to, and deleted when the booking is cancelled")
    func archived() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            let old = first.with { $0.start = "2026-11-04T15:00:00Z" }
            try await world.sync(old.created)
            let id = try await world.eventRecord(of: "first").text("Id")
            world.wait(minutes: 400 * 24 * 60)
            #expect(try await world.org.query("SELECT Id FROM Event").isEmpty, "it is archived")
            let report = try await world.sync(old.relocated(to: "12 High Street, London"))
            #expect(report.summary.update == 1 && report.summary.hold == 0)
            try await expectNothingLeft(world)
            let cancelled = try await world.sync(old.cancelled())
            #expect(cancelled.summary.delete == 1)
            let gone = try await world.ledger("record.deleted-by-other")
            #expect(gone.isEmpty && !id.isEmpty)
        }
    }

    // MARK: Linked and deleted

    @Test("deleted, in the recycle bin: is not made again, and goes on once it was restored")
    func deletedAndRestored() async throws {
        try await withPipeline { world in
            try await world.accept(settings())
            try await world.sync(sized.created)
            let event = try await world.eventRecord(of: "first").text("Id")
            try await world.org.delete("Event", event)
            world.wait(minutes: 1)
            let report = try await world.sync(moved.rescheduled(from: sized))
            #expect(reasons(report) == [.deletedByOther])
            #expect(report.operations.contains { $0.detail.contains("recycle bin") })
            #expect(try await world.org.count("Event") == 0)
            try await expectNothingLeft(world)

            try await world.org.undelete(event)
            world.wait(minutes: 1)
            try await world.reconcile(.everything)
            let restored = try await world.org.one("SELECT Id, StartDateTime FROM Event")
            #expect(restored.text("Id") == event)
            #expect(restored.text("StartDateTime").hasPrefix("2026-11-12T16:00:00"))
            #expect(try await world.ledger("record.deleted-by-other").count == 1)
            #expect(try await world.ledger("record.linked").count == 1)
            try await expectNothingLeft(world)
        }
    }

    @Test("deleted, a person's record: is not made again, and goes on once it was restored")
    func deletedPerson() async throws {
        try await withPipeline { world in
            try await world.accept(settings())
            try await world.sync(sized.created)
            let contact = try await world.contact().text("Id")
            try await world.org.delete("Contact", contact)
            world.wait(minutes: 1)
            let report = try await world.sync(second.created)
            #expect(reasons(report).contains(.deletedByOther))
            #expect(try await world.org.count("Contact") == 0)
            #expect(try await world.eventRecord("WhoId", of: "second")["WhoId"] == .null)
            try await world.org.undelete(contact)
            world.wait(minutes: 1)
            try await world.reconcile(.everything)
            #expect(try await world.contact("Company_Size__c").text("Company_Size__c") == "20")
            #expect(try await world.eventRecord("WhoId", of: "second").text("WhoId") == contact)
            try await expectNothingLeft(world)
        }
    }

    @Test("deleted, and gone from the recycle bin: is not made again, and nothing is offered")
    func purged() async throws {
        try await withPipeline { world in
            try await world.accept(settings())
            try await world.sync(sized.created)
            let event = try await world.eventRecord(of: "first").text("Id")
            try await world.org.delete("Event", event)
            world.wait(minutes: 1)
            try await world.reconcile(.everything)
            try await world.org.hide([event])
            let report = try await world.sync(moved.rescheduled(from: sized))
            #expect(reasons(report) == [.deletedByOther])
            #expect(!report.operations.contains { $0.detail.contains("recycle bin") })
            #expect(try await world.org.count("Event") == 0)
        }
    }

    @Test("deleted, then cancelled: there is nothing to do")
    func deletedThenCancelled() async throws {
        try await withPipeline { world in
            try await world.accept(settings())
            try await world.sync(sized.created)
            try await world.org.delete("Event", try await world.eventRecord(of: "first").text("Id"))
            world.wait(minutes: 1)
            let report = try await world.sync(sized.cancelled())
            #expect(report.summary.hold == 0 && report.summary.failed == 0)
            try await expectNothingLeft(world)
        }
    }

    // MARK: Linked and merged

    @Test("merged: the record that stayed is dealt with, and the other never written to")
    func merged() async throws {
        for record in ["contact", "lead"] {
            try await withPipeline { world in
                try await world.accept(settings(record, when: "always"))
                try await world.sync(sized.created)
                let object = record == "contact" ? "Contact" : "Lead"
                let loser = try await world.org.one("SELECT Id FROM \(object)").text("Id")
                let winner = try await world.org.create(
                    object,
                    [
                        "LastName": "Keeper", "Email": "keeper@globex.example",
                        "Company_Size__c": "theirs", "Company": .string("Globex"),
                    ].filter { object == "Lead" || $0.key != "Company" }
                )
                try await world.org.merge(loser, into: winner)
                world.wait(minutes: 1)

                // What was booked before has had its say on the other record.
                #expect(try await world.reconcile(.everything).summary.hasWrites == false)
                let kept = try await world.org.one(
                    "SELECT Company_Size__c FROM \(object) WHERE Id = '\(winner)'"
                )
                #expect(kept.text("Company_Size__c") == "theirs")
                let merged = try await world.ledger("record.merged")
                #expect(merged.map { $0.text("from") } == [loser])
                #expect(merged.map { $0.text("record") } == [winner])

                let report = try await world.sync(second.created)
                #expect(report.summary.failed == 0)
                let after = try await world.org.one("SELECT Company_Size__c FROM \(object)")
                #expect(after.text("Company_Size__c") == "20")
                let who = try await world.eventRecord("WhoId", of: "second").text("WhoId")
                #expect(who == winner)
                #expect(try await world.ledger("record.merged").count == 1)
                try await expectNothingLeft(world)
            }
        }
    }

    @Test("merged: a value that came along stays ours; another one was there before us")
    func mergedClaims() async throws {
        for isSame in [true, false] {
            try await withPipeline { world in
                try await world.accept(settings())
                try await world.sync(sized.created)
                let loser = try await world.contact().text("Id")
                let winner = try await world.org.create(
                    "Contact",
                    [
                        "LastName": "Keeper", "Email": "keeper@globex.example",
                        "Company_Size__c": isSame ? "10" : "theirs",
                    ]
                )
                try await world.org.merge(loser, into: winner)
                world.wait(minutes: 1)
                try await world.reconcile(.everything)
                try await world.sync(second.created)
                let contact = try await world.org.one("SELECT Company_Size__c FROM Contact")
                #expect(contact.text("Company_Size__c") == (isSame ? "20" : "theirs"))
                try await expectNothingLeft(world)
            }
        }
    }

    @Test("merged twice, and cancelled: the last one is dealt with")
    func mergedTwice() async throws {
        try await withPipeline { world in
            try await world.accept(
                """
                {"onCancellation":{"eventRecord":"keep",\
                "attendee":{"Last_Booking_Status__c":"Cancelled"}}}
                """
            )
            try await world.sync(first.created)
            var last = try await world.contact().text("Id")
            for name in ["a", "b"] {
                let winner = try await world.org.create(
                    "Contact",
                    ["LastName": .string(name), "Email": .string("\(name)@globex.example")]
                )
                try await world.org.merge(last, into: winner)
                last = winner
            }
            world.wait(minutes: 1)
            try await world.sync(first.cancelled())
            let contact = try await world.org.one("SELECT Id, Last_Booking_Status__c FROM Contact")
            #expect(contact.text("Id") == last)
            #expect(contact.text("Last_Booking_Status__c") == "Cancelled")
            #expect(try await world.ledger("record.merged").count == 2)
            try await expectNothingLeft(world)
        }
    }

    // MARK: Linked and converted

    @Test("converted: the contact is dealt with, whatever was booked before has had its say")
    func converted() async throws {
        for policy in ["always", "protect"] {
            try await withPipeline { world in
                try await world.accept(settings("lead", when: policy))
                try await world.sync(sized.created)
                let lead = try await world.lead().text("Id")
                let contact = try await world.org.convert(lead)
                try await world.org.change("Contact", contact, ["Company_Size__c": "theirs"])
                world.wait(minutes: 1)
                #expect(try await world.reconcile(.everything).summary.hasWrites == false)
                #expect(
                    try await world.ledger("record.converted").map { $0.text("from") } == [lead]
                )
                let event = try await world.eventRecord("WhoId", of: "first")
                #expect(event.text("WhoId") == contact)

                try await world.sync(second.created)
                let after = try await world.contact("Company_Size__c").text("Company_Size__c")
                #expect(after == (policy == "always" ? "20" : "theirs"))
                #expect(try await world.eventRecord("WhoId", of: "second").text("WhoId") == contact)
                let old = try await world.lead("Company_Size__c").text("Company_Size__c")
                #expect(old == "10", "a converted lead is left alone")
                try await expectNothingLeft(world)
            }
        }
    }

    @Test("converted, and the contact merged: the contact that stayed is dealt with")
    func convertedAndMerged() async throws {
        try await withPipeline { world in
            try await world.accept(settings("lead"))
            try await world.sync(sized.created)
            let contact = try await world.org.convert(try await world.lead().text("Id"))
            let winner = try await world.org.create(
                "Contact",
                ["LastName": "Keeper", "Email": "keeper@globex.example"]
            )
            try await world.org.merge(contact, into: winner)
            world.wait(minutes: 1)
            try await world.sync(second.created)
            #expect(try await world.eventRecord("WhoId", of: "second").text("WhoId") == winner)
            #expect(try await world.ledger("record.converted").count == 1)
            #expect(try await world.org.count("Contact") == 1)
            try await expectNothingLeft(world)
        }
    }

    // MARK: Linked and hidden

    @Test("hidden: is held for a person to look at, and goes on once it can be seen")
    func hidden() async throws {
        try await withPipeline { world in
            try await world.accept(settings())
            try await world.sync(sized.created)
            let event = try await world.eventRecord(of: "first").text("Id")
            let contact = try await world.contact().text("Id")
            try await world.org.hide([event, contact])
            let report = try await world.sync(
                moved.with { $0.answers["size"] = "20" }
                    .rescheduled(from: sized)
            )
            #expect(reasons(report) == [.notVisible, .notVisible])
            #expect(report.needsAttention)
            #expect(try await world.org.count("Event") == 1)
            #expect(try await world.org.count("Contact") == 1)
            #expect(try await world.ledger("record.deleted-by-other").isEmpty)
            try await world.org.show([event, contact])
            try await world.reconcile(.everything)
            let shown = try await world.org.one("SELECT StartDateTime FROM Event")
            #expect(shown.text("StartDateTime").hasPrefix("2026-11-12T16:00:00"))
            #expect(try await world.contact("Company_Size__c").text("Company_Size__c") == "20")
        }
    }

    @Test("hidden, many at once: permissions were changed, and the run stops")
    func manyHidden() async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            let meetings = (0..<12).map { number in
                Meeting("b\(number)").with { $0.booker.email = "g\(number)@globex.example" }
            }
            try await world.take(meetings.map(\.created))
            try await world.reconcile()
            let contacts = try await world.org.query("SELECT Id FROM Contact").map { $0.text("Id") }
            try await world.org.hide(contacts.sorted().suffix(10))
            await #expect(throws: RunRefusal.self) { try await world.reconcile(.everything) }
            #expect(try await world.ledger("run.refused").last?.text("why") == "large-change")
            try await world.org.show(contacts)
            try await expectNothingLeft(world)
        }
    }
}
