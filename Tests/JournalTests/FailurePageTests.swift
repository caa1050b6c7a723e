import Domain
import Journal
import Ledger
import TestSupport
import Testing

@Suite("Pages of failures")
struct FailurePageTests {
    private let temporary: TemporaryJournal
    private var journal: Journal { temporary.journal }

    init() throws { temporary = try TemporaryJournal() }

    private func fail(_ uid: String, _ note: FailureNote) async throws {
        let result = OperationResult(
            operation: .sample(.create, uid),
            outcome: .failed(note),
            record: nil
        )
        try await journal.receive([result], run: "r1")
    }

    /// One failure at least of each state, in an order that is not that of their names.
    private func failInEveryWay() async throws {
        try await fail("e-waiting", .sample(nextTry: .minute(5)))
        try await fail("d-stopped", .sample("STRING_TOO_LONG"))
        try await fail("c-review", .sample("AMBIGUOUS_MATCH"))
        try await fail("b-ignored", .sample("STRING_TOO_LONG"))
        try await journal.ignore([PlanOperation.sample(.create, "b-ignored").id], actor: "operator")
        try await fail("a-unclear", .sample("STRING_TOO_LONG"))
        try await journal.intend(
            [.sample(.create, "a-unclear"), .sample(.create, "f-unclear")],
            run: "r2"
        )
    }

    private static let selections =
        [FailureSelection(), FailureSelection(code: "STRING_TOO_LONG")]
        + [FailureSelection(code: KeptFailure.unclearCode), FailureSelection(code: "NEVER_SEEN")]
        + KeptFailure.State.allCases.map { FailureSelection(state: $0) }
        + KeptFailure.State.allCases.map { FailureSelection(state: $0, code: "STRING_TOO_LONG") }

    @Test("hold what is selected and nothing else, in the order of names", arguments: selections)
    func selected(selection: FailureSelection) async throws {
        try await failInEveryWay()
        let all = try await journal.keptFailures()
        #expect(Set(all.map(\.state)) == Set(KeptFailure.State.allCases))
        let expected = all.filter { failure in
            (selection.state.map { $0 == failure.state } ?? true)
                && (selection.code.map { $0 == failure.note.code } ?? true)
        }
        #expect(try await journal.failures(selection, limit: 100) == expected)
        #expect(try await journal.failureCount(selection) == expected.count)
    }

    @Test("neither repeat nor miss a failure when others come and go in between")
    func stable() async throws {
        try await failInEveryWay()
        var names: [OperationID] = []
        while true {
            let page = try await journal.failures(FailureSelection(), after: names.last, limit: 2)
            names += page.map(\.name)
            if page.count < 2 { break }
            // One comes before the cursor, one that was shown goes.
            try await fail("0-\(names.count)", .sample())
            try await journal.receive(
                [
                    OperationResult(
                        operation: .sample(.create, "b-ignored"),
                        outcome: .settled,
                        record: nil
                    )
                ],
                run: "r3"
            )
        }
        let uids = ["a-unclear", "b-ignored", "c-review", "d-stopped", "e-waiting", "f-unclear"]
        #expect(names == uids.map { PlanOperation.sample(.create, $0).id })
    }
}
