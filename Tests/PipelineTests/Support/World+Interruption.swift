import Journal
import Pipeline
import Salesforce
import Testing

extension World {
    /// Runs, dies at the write, and starts again two minutes later.
    ///
    /// - Parameter moment: Before the org is told, or once it has obeyed.
    /// - Throws: What keeps the ledger from opening again.
    func die(_ moment: DyingGateway.Moment = .afterSending) async throws {
        interpose = { DyingGateway($0, moment) }
        await #expect(throws: SalesforceError.self) { try await self.reconcile() }
        try restart()
        interpose = { $0 }
        wait(minutes: 2)
    }

    /// Expects that every outcome is known, and that nothing is left to write.
    func expectSettled() async throws {
        #expect(try await journal.openIntents().isEmpty)
        try await org.resetCounters()
        #expect(try await reconcile(.everything).summary.hasWrites == false)
        #expect(try await org.writes == 0)
    }
}
