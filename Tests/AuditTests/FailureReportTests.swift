import Audit
import Domain
import Journal
import TestSupport
import Testing

@Suite("A report on failures")
struct FailureReportTests {
    private let ledger: AuditedLedger

    init() throws { ledger = try AuditedLedger() }

    private func kept(
        _ code: String,
        _ change: (inout KeptFailure) -> Void = { _ in }
    ) -> KeptFailure {
        var failure = KeptFailure(
            name: OperationID("event/bk-1"),
            subject: RecordSubject(name: "event/bk-1"),
            field: nil,
            root: "bk-1",
            note: .sample(code),
            since: .minute(1),
            tried: .minute(2),
            state: .stopped
        )
        change(&failure)
        return failure
    }

    @Test("puts every value of a table into one cell, whatever it holds")
    func csv() {
        let failure = kept("STRING_TOO_LONG") { $0.root = "a,\"b\"\nc" }
        let row = failure.csvRow
        #expect(row.hasPrefix("event/bk-1,stopped,Event,,Subject,STRING_TOO_LONG,value,1,"))
        #expect(row.contains("\"a,\"\"b\"\"\nc\""))
        let marked = kept("STRING_TOO_LONG") { $0.root = "a,\u{301}\"\u{301}" }.csvRow
        #expect(marked.utf8.contains("\"a,\u{301}\"\"\u{301}\"".utf8), "marks hide nothing")
        let columns = KeptFailure.csvHeader.split(separator: ",").count
        #expect(
            kept("STRING_TOO_LONG") { $0.note.fields = [] }.csvRow.contains(",,STRING_TOO_LONG")
        )
        #expect(columns == 14)
    }

    @Test("shows a code that nobody knows as such")
    func unknown() {
        let json = kept("SOMETHING_QUITE_NEW").json
        #expect(json["known"] == .bool(false))
        #expect(json["category"]?.string == "unknown")
        #expect(json["remedy"]?.string?.contains("Look the code up") == true)
    }

    @Test("tells the cause, the remedy, and what was tried and decided, in order")
    func history() async throws {
        try await ledger.acceptSettings()
        let fact = try await ledger.record(.confirmed(.sample()))
        let operation = PlanOperation.sample(.create, .event(.sample()), cause: fact)
        try await ledger.refuse(operation, code: "STRING_TOO_LONG", nextTry: nil)
        let name = try #require(try await ledger.audit.failures().first?.name)
        _ = try await ledger.journal.retry([name], actor: "operator")
        let report = try #require(try await ledger.audit.failure(name).first)
        #expect(report.text.contains("A text is longer than the field."))
        #expect(report.text.contains("Make the field longer in Salesforce"))
        let types = report.history.map(\.type)
        #expect(types.suffix(2) == ["write.failed", "operator.acted"])
        #expect(report.text.contains("an operator asked to have \(name.rawValue) tried again"))
    }
}
