import Foundation
import SalesforceEmulator
import TestSupport
import Testing

/// What the shell is told when something stands in the way, and what is left afterwards.
@Suite("Trouble", .timeLimit(.minutes(15)))
struct TroubleTests {
    @Test("69: nothing listens")
    func isUnreachable() async throws {
        try await withoutOrg { trial in
            try await trial.prepare()
            let finished = try await trial.run("reconcile", "--output", "json")
            #expect(finished.status == 69)
            #expect(finished.output == "")
            #expect(finished.messages.contains("try again"))
        }
    }

    @Test("75: the org's limit of API calls is reached")
    func isLimited() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await org.fail("requestLimit", count: 1_000)
            #expect(try await trial.run("reconcile").status == 75)
            #expect(try await org.created == [:])
        }
    }

    @Test("77: the token was revoked")
    func isUnauthorised() async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            try await org.control("tokens/revoke", #"{"token":"token of the trial"}"#)
            let finished = try await trial.run("reconcile")
            #expect(finished.status == 77)
            #expect(finished.messages.contains("DAYBOOK_SALESFORCE_ACCESS_TOKEN"))
            #expect(!finished.messages.contains("token of the trial"))
        }
    }

    @Test("77: the token is for another org than the ledger")
    func isOtherOrg() async throws {
        try await withTrial { trial, _ in
            try await trial.prepare()
            try await trial.expect("reconcile")
            try await withSalesforceEmulator(.init(seed: 2)) { address in
                var other = trial
                other.environment["DAYBOOK_SALESFORCE_INSTANCE_URL"] = address
                let finished = try await other.run("reconcile", "--all")
                #expect(finished.status == 77)
                #expect(finished.messages.contains("belongs to the org"))
                #expect(try await Org(url: address).created == [:])
            }
        }
    }

    @Test("what went wrong is over with the next run, and nothing is there twice")
    func recovers() async throws {
        for kind in ["serverUnavailable", "connectionClosed", "timeoutAfterCommit"] {
            try await withTrial { trial, org in
                try await trial.prepare()
                try await org.fail(kind)
                _ = try await trial.run("reconcile")
                try await trial.expect("reconcile", "--all")
                #expect(try await org.created == ["Event": 1, "Lead": 2], "after \(kind)")
                #expect(try await trial.run("plan", "--all", "--detailed-exitcode").status == 0)
            }
        }
    }

    /// A moment at which a run is killed.
    enum Moment: String, CaseIterable, Sendable {
        /// Nothing was written yet.
        case beforeWrite
        /// Salesforce has the records, and the answer was lost.
        case afterWrite
    }

    @Test(
        "a run that is killed holds up others, and the next one finishes",
        arguments: Moment.allCases
    )
    func survivesKill(_ moment: Moment) async throws {
        try await withTrial { trial, org in
            try await trial.prepare()
            switch moment {
            case .beforeWrite: try await org.fail("slow", match: "/composite", delay: 600)
            case .afterWrite: try await org.fail("timeoutAfterCommit")
            }
            let run = try await trial.start("reconcile")
            while try await !(org.isFaultFree) { try Task.checkCancellation() }
            run.signal(SIGKILL)
            let killed = try await run.finished()
            #expect(killed.isKilled)

            let second = try await trial.run("reconcile")
            #expect(second.status == 75)
            #expect(second.messages.contains("90 seconds"))

            // As if the lease's time had passed.
            try SQLiteFile.execute("UPDATE lease SET expires = 0", on: trial.ledger)
            try await trial.expect("reconcile")
            #expect(try await org.created == ["Event": 1, "Lead": 2])
            try await trial.expect("plan", "--all", "--detailed-exitcode")
            #expect(try await trial.json("status")["unknownOutcomes"] == 0)
            try await trial.expect("ledger", "verify")
        }
    }
}
