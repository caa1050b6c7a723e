import ArgumentParser
import Domain
import Foundation
import Journal
import Pipeline
import Salesforce

struct OwnerBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "owner",
        abstract: "Asks who should host a person whom the look-up knows."
    )

    @Option var count = 100_000

    func run() async throws {
        let folder = NSTemporaryDirectory() + "daybook-bench-\(UUID().uuidString)"
        defer {
            // What could not be removed is in the folder for temporary files.
            _ = Result { try FileManager.default.removeItem(atPath: folder) }
        }
        let journal = try BenchLedger(folder: folder).journal()
        var settings = SyncSettings()
        settings.ownerRouting = OwnerRouting(lookUp: .contact)
        _ = try await journal.accept(
            settings,
            for: .everyEventType,
            validity: .fromNow,
            actor: "bench",
            isChecked: false
        )
        let start = Instant(milliseconds: 1_700_000_000_000)
        let lookUp = OwnerLookUp(journal: journal, gateway: OneOwner(), now: { start })
        let email = try unwrap(EmailAddress("ada@acme.example"))
        _ = try await lookUp.answer(email, eventType: nil)
        try await lookUp.refresh()
        _ = try await lookUp.answer(email, eventType: nil)
        let clock = ContinuousClock()
        var calls: [Duration] = []
        let took = try await clock.measure {
            for _ in 0..<count {
                var isRemembered = false
                calls.append(
                    try await clock.measure {
                        isRemembered =
                            try await lookUp.answer(email, eventType: nil)
                            .isRemembered
                    }
                )
                guard isRemembered else { throw MadeWrongly() }
            }
        }
        Measurement(name: "owner", events: count, took: took, calls: calls).show()
    }
}

/// An org that answers every question with nothing.
private struct OneOwner: SalesforceGateway {
    func read(_ requests: [ReadRequest]) throws(SalesforceError) -> [ReadAnswer] {
        requests.map { _ in .rows([]) }
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { [] }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) throws(SalesforceError) -> [WriteOutcome] { [] }

    var usage: APIUsage { APIUsage() }
}
