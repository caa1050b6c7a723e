import Domain
import Journal
import Pipeline
import Salesforce
import Testing

/// The program dies between making a person's record and noting that it did; then the world moves on.
@Suite("A person's record whose making was never noted")
struct InterruptedPersonTests {
    private func settings(_ record: String = "contact") -> String {
        """
        {"attendeeRecord":"\(record)","onBooking":{"attendee":{\
        "Company_Size__c":{"value":"{size}","when":"protect"}}}}
        """
    }

    private let first = Meeting("first").with { $0.answers = ["size": .string("10")] }
    private let second = Meeting("second").with {
        $0.start = "2026-11-11T15:00:00Z"
        $0.answers = ["size": .string("20")]
    }

    @Test("is not made again when it was merged into another one", arguments: ["contact", "lead"])
    func merged(record: String) async throws {
        try await withPipeline { world in
            let object = record == "contact" ? "Contact" : "Lead"
            try await world.accept(settings(record))
            try await world.deliver(first.created)
            try await world.die()
            let loser = try await world.org.one("SELECT Id FROM \(object)").text("Id")
            let winner = try await world.org.create(
                object,
                [
                    "LastName": "Keeper", "Email": "keeper@globex.example", "Company": "Globex",
                    "Company_Size__c": "10",
                ].filter { object == "Lead" || $0.key != "Company" }
            )
            try await world.org.merge(loser, into: winner)
            world.wait(minutes: 1)
            try await world.reconcile()
            #expect(try await world.org.count(object) == 1)
            #expect(try await world.ledger("record.merged").map { $0.text("from") } == [loser])
            let receipt = try #require(
                try await world.ledger("write.confirmed").first { $0.text("object") == object }
            )
            #expect(receipt.text("record") == loser && receipt["created"] == .bool(true))
            try await world.expectSettled()

            // The value came along, so that it is ours.
            try await world.sync(second.created)
            let kept = try await world.org.one("SELECT Id, Company_Size__c FROM \(object)")
            #expect(kept.text("Id") == winner && kept.text("Company_Size__c") == "20")
            #expect(try await world.eventRecord("WhoId", of: "second").text("WhoId") == winner)
        }
    }

    @Test("is not made again when a person deleted it", arguments: ["contact", "lead"])
    func deleted(record: String) async throws {
        try await withPipeline { world in
            let object = record == "contact" ? "Contact" : "Lead"
            try await world.accept(settings(record))
            try await world.deliver(first.created)
            try await world.die()
            try await world.org.delete(
                object,
                try await world.org.one("SELECT Id FROM \(object)").text("Id")
            )
            world.wait(minutes: 1)
            try await world.reconcile()
            #expect(try await world.org.count(object) == 0)
            #expect(try await world.ledger("record.deleted-by-other").count == 1)
            try await world.sync(second.created)
            #expect(try await world.org.count(object) == 0)
            try await world.expectSettled()
        }
    }

    @Test("becomes a contact when the lead was converted")
    func converted() async throws {
        try await withPipeline { world in
            try await world.accept(settings("lead"))
            try await world.deliver(first.created)
            try await world.die()
            let contact = try await world.org.convert(try await world.lead().text("Id"))
            try await world.org.change("Contact", contact, ["Company_Size__c": "10"])
            world.wait(minutes: 1)
            try await world.reconcile()
            #expect(try await world.org.count("Lead") == 1)
            #expect(try await world.ledger("record.converted").count == 1)
            try await world.sync(second.created)
            let size = try await world.contact("Company_Size__c").text("Company_Size__c")
            #expect(size == "20")
            try await world.expectSettled()
        }
    }

    @Test("is another one than a person made meanwhile")
    func isNotTheirs() async throws {
        try await withPipeline { world in
            try await world.accept(settings())
            try await world.deliver(first.created)
            try await world.die(.beforeSending)
            try await world.org.create(
                "Contact",
                ["LastName": "Okafor", "Email": .string(first.booker.email)]
            )
            world.wait(minutes: 1)
            try await world.reconcile()
            #expect(try await world.org.count("Contact") == 1)
            let receipts = try await world.ledger("write.confirmed").filter {
                $0.text("object") == "Contact"
            }
            #expect(
                receipts.map { $0["created"] } == [.bool(false)],
                "one update, and nothing else"
            )
            let linked = try await world.ledger("record.linked")
            #expect(linked.map { $0["ours"] } == [.bool(false)])
            try await world.expectSettled()
        }
    }

    @Test(
        "is another one than the deleted one that it was to replace",
        arguments: DyingGateway.Moment.allCases
    )
    func madeAgain(moment: DyingGateway.Moment) async throws {
        try await withPipeline { world in
            try await world.accept(#"{"onDeleted":"makeAgain"}"#)
            try await world.sync(first.created)
            let old = try await world.contact().text("Id")
            try await world.org.delete("Contact", old)
            world.wait(minutes: 1)
            try await world.deliver(second.created)
            try await world.die(moment)
            try await world.reconcile()
            let again = try await world.contact().text("Id")
            let made = try await world.ledger("write.confirmed").filter {
                $0.text("object") == "Contact" && $0["created"] == .bool(true)
            }
            #expect(made.map { $0.text("record") } == [old, again])
            try await world.expectSettled()
        }
    }

    @Test("is another one than a person made after deleting ours")
    func isTheirsAfterAll() async throws {
        try await withPipeline { world in
            try await world.accept(settings())
            try await world.deliver(first.created)
            try await world.die()
            let ours = try await world.contact().text("Id")
            let theirs = try await world.org.create(
                "Contact",
                ["LastName": "Okafor", "Email": .string(first.booker.email)]
            )
            try await world.org.delete("Contact", ours)
            world.wait(minutes: 1)
            try await world.reconcile()
            let made = try await world.ledger("write.confirmed").filter {
                $0.text("object") == "Contact" && $0["created"] == .bool(true)
            }
            #expect(made.map { $0.text("record") } == [ours])
            let linked = try await world.ledger("record.linked").filter {
                $0.text("object") == "Contact"
            }
            #expect(linked.map { $0.text("record") } == [theirs])
            #expect(linked.map { $0["ours"] } == [.bool(false)])
            #expect(try await world.org.count("Contact") == 1)
            try await world.expectSettled()
        }
    }

    @Test(
        "is looked up when the person takes part no more",
        arguments: DyingGateway.Moment.allCases,
        ["contact", "lead"]
    )
    func takesPartNoMore(moment: DyingGateway.Moment, record: String) async throws {
        try await withPipeline { world in
            let object = record == "contact" ? "Contact" : "Lead"
            try await world.accept(settings(record))
            try await world.deliver(first.with { $0.guests = [.lee] }.created)
            try await world.die(moment)
            try await world.deliver(first.reassigned(to: .tomas))
            try await world.reconcile()
            let isThere = moment == .afterSending
            #expect(try await world.org.count(object) == (isThere ? 2 : 1))
            let made = try await world.ledger("write.confirmed").filter {
                $0.text("object") == object && $0["created"] == .bool(true)
            }
            #expect(made.count == (isThere ? 2 : 1))
            try await world.expectSettled()

            // Whoever comes back has the record that was made then.
            try await world.sync(second.with { $0.booker = .lee }.created)
            #expect(try await world.org.count(object) == 2)
            let size = try await world.org.one(
                """
                SELECT Company_Size__c FROM \(object) WHERE Email = '\(Meeting.Person.lee.email)'
                """
            )
            #expect(size.text("Company_Size__c") == "20")
            try await world.expectSettled()
        }
    }

    @Test("is looked up when it was deleted, and the person takes part no more")
    func deletedAndNoMore() async throws {
        try await withPipeline { world in
            try await world.accept(settings())
            try await world.deliver(first.with { $0.guests = [.lee] }.created)
            try await world.die()
            let lee = try await world.org.one(
                "SELECT Id FROM Contact WHERE Email = '\(Meeting.Person.lee.email)'"
            )
            try await world.org.delete("Contact", lee.text("Id"))
            world.wait(minutes: 1)
            try await world.deliver(first.reassigned(to: .tomas))
            try await world.reconcile()
            let deleted = try await world.ledger("record.deleted-by-other")
            #expect(deleted.map { $0.text("record") } == [lee.text("Id")])
            try await world.expectSettled()
            try await world.sync(second.with { $0.guests = [.lee] }.created)
            #expect(try await world.org.count("Contact") == 1)
        }
    }

    @Test(
        "is another one than that of before the person was erased, which is gone",
        arguments: DyingGateway.Moment.allCases,
        [true, false]
    )
    func erasedBefore(moment: DyingGateway.Moment, isMerged: Bool) async throws {
        try await withPipeline { world in
            try await world.accept(settings("lead"))
            try await world.sync(first.created)
            let old = try await world.lead().text("Id")
            if isMerged {
                let winner = try await world.org.create(
                    "Lead",
                    [
                        "LastName": "Keeper", "Email": "keeper@globex.example",
                        "Company": "Globex",
                    ]
                )
                try await world.org.merge(old, into: winner)
            } else {
                try await world.org.delete("Lead", old)
            }
            try await world.reconcile(.everything)
            let booker = try #require(EmailAddress(first.booker.email))
            _ = try await world.journal.erase(booker, actor: "an operator")
            world.wait(minutes: 1)
            try await world.deliver(second.created)
            try await world.die(moment)
            try await world.reconcile()
            let again = try await world.org.one(
                "SELECT Id FROM Lead WHERE Email = '\(first.booker.email)'"
            )
            let made = try await world.ledger("write.confirmed").filter {
                $0.text("object") == "Lead" && $0["created"] == .bool(true)
            }
            #expect(made.map { $0.text("record") } == [old, again.text("Id")])
            try await world.expectSettled()
        }
    }

    @Test("is forgotten with the person")
    func erased() async throws {
        try await withPipeline { world in
            try await world.accept(settings())
            try await world.deliver(first.with { $0.guests = [.lee] }.created)
            try await world.die()
            let lee = try #require(EmailAddress(Meeting.Person.lee.email))
            _ = try await world.journal.erase(lee, actor: "an operator")
            try await world.deliver(first.reassigned(to: .tomas))
            try await world.reconcile()
            try await world.expectSettled()
        }
    }
}
