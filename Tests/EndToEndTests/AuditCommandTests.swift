import Foundation
import TestSupport
import Testing

/// The questions that people ask afterwards.
@Suite("Explain, trace and events", .timeLimit(.minutes(15)))
struct AuditCommandTests {
    private static func record(_ object: String, in org: Org) async throws -> String {
        let email = object == "Lead" ? " WHERE Email = 'dana.okafor@globex.example'" : ""
        let rows = try await org.query("SELECT Id FROM \(object)\(email)")
        return try #require(rows.first?["Id"]?.text)
    }

    @Test("explain tells the value, the event behind it, the rule, and what stands there now")
    func explains() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await trial.expect("reconcile")
            let id = try await Self.record("Event", in: org)
            try await org.edit("Event", id, #"{"Booking_Uid__c":"edited"}"#)
            let answer = try await trial.json("explain", id, "Booking_Uid__c")
            #expect(answer["record"]?.text == id)
            #expect(answer["value"]?.text == Recorded.uid)
            #expect(answer["live"] == "edited")
            #expect(answer["reason"] == "first-claim")
            #expect(answer["settingsVersion"] == 1)
            #expect(answer["rule"]?.text?.contains("onBooking/eventRecord") == true)
            #expect(answer["run"]?.text?.isEmpty == false)
            #expect(answer["request"]?.text?.count == 32, "the call is named in the receipt")
        }
    }

    @Test("explain tells why a field was not written")
    func explainsHeld() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await trial.expect("reconcile")
            let id = try await Self.record("Lead", in: org)
            let answer = try await trial.json("explain", id, "LeadSource")
            #expect(answer["value"] == .null)
            #expect(answer["reason"] == "inactive-picklist-value")
        }
    }

    @Test("trace tells the story of a booking by any uid of its chain")
    func traces() async throws {
        try await withTrial { trial, _ in
            try await trial.prepare()
            try await trial.expect("ingest", Recorded.path("booking_rescheduled.json"))
            try await trial.expect("reconcile")
            let first = try await trial.expect("trace", "booking", Recorded.uid)
            let second = try await trial.expect("trace", "booking", "vJ8mQe5tYb1KsX6nLfC9dA")
            for event in ["booking.confirmed", "booking.rescheduled", "write.confirmed"] {
                #expect(first.output.contains(event))
                #expect(second.output.contains(event))
            }
            _ = try await trial.json("trace", "booking", Recorded.uid)
            _ = try await trial.json("trace", "person", "dana.okafor@globex.example")
        }
    }

    @Test("events lists all positions without a gap, and nobody's name")
    func listsEvents() async throws {
        try await withTrial { trial, _ in
            try await trial.prepare()
            try await trial.expect("reconcile")
            let finished = try await trial.expect("events", "--output", "json", "--limit", "1000")
            let positions = try Document(finished.output).list.compactMap { $0["position"]?.int }
            let count = try #require(try await trial.json("status")["events"]?.int)
            #expect(positions == Array(1...count))
            for word in Recorded.personal { #expect(!finished.output.contains(word)) }
        }
    }

    @Test("what the ledger does not know leaves with 65 and says where to look")
    func knowsNothing() async throws {
        try await withTrial { trial, _ in
            try await trial.expect("status")
            for question in [
                ["trace", "booking", "unknown"], ["trace", "record", "003000000000001AAA"],
                ["trace", "person", "nobody@unknown.example"],
                ["explain", "003000000000001AAA", "Email"], ["explain", "short", "Email"],
            ] {
                let finished = try await trial.run(question)
                #expect(finished.status == 65, "\(question)")
                #expect(finished.output == "")
                #expect(!finished.messages.contains("nobody@"))
            }
        }
    }
}
