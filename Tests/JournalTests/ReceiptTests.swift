import Domain
import Journal
import Ledger
import TestSupport
import Testing

@Suite("Receipts")
struct ReceiptTests {
    let temporary: TemporaryJournal
    static let record = SalesforceID.sample(1, prefix: "00U")

    init() throws { temporary = try TemporaryJournal() }

    private var journal: Journal { temporary.journal }
    private let record = Self.record

    private func receive(_ result: OperationResult) async throws {
        try await journal.receive([result], run: "r1")
    }

    private func types() async throws -> [String] {
        try await journal.ledger.events(after: 0, limit: 100).map(\.type)
    }

    private func written(
        _ operation: PlanOperation,
        wasCreated: Bool = false,
        claims: [FieldName: Claim] = [:]
    ) -> OperationResult {
        OperationResult(
            operation: operation,
            outcome: .written(record, wasCreated: wasCreated, stamp: nil),
            record: record,
            claims: claims
        )
    }

    private func settled(
        _ operation: PlanOperation,
        claims: [FieldName: Claim] = [:]
    ) -> OperationResult {
        OperationResult(operation: operation, outcome: .settled, record: record, claims: claims)
    }

    // MARK: Intents

    @Test("end the intent they are for")
    func intents() async throws {
        let (first, second) = (
            PlanOperation.sample(.create, "a"), PlanOperation.sample(.create, "b")
        )
        try await journal.intend([first, second], run: "r1")
        #expect(try await journal.openIntents() == [first.id: .create, second.id: .create])
        try await receive(written(first, wasCreated: true))
        #expect(try await journal.openIntents() == [second.id: .create])
        try await receive(
            OperationResult(operation: second, outcome: .failed(.sample()), record: nil)
        )
        #expect(try await journal.openIntents().isEmpty)
    }

    @Test("are missed by a write as it was planned before, not as its run planned it anew")
    func plannedAnew() async throws {
        let operation = PlanOperation.sample(.create)
        try await plan(.create, operation)
        try await journal.intend([operation], run: "r1")
        try await plan(.update, operation)
        let begun = try await journal.begunOperations(named: [operation.id], or: [])
        #expect(begun[operation.id]?.form["kind"]?.string == "create")
        // Once that is intended, too, it is what was begun.
        try await journal.intend([.sample(.update, record: record)], run: "r1")
        let again = try await journal.begunOperations(named: [operation.id], or: [])
        #expect(again[operation.id]?.form["kind"]?.string == "update")
    }

    @Test("that another run noted are known not to have been known to a write before")
    func learnedLater() async throws {
        let operation = PlanOperation.sample(.create, "a")
        let early = PlanOperation.sample(.create, "early")
        let (same, other) = (
            PlanOperation.sample(.create, "same"), PlanOperation.sample(.create, "other")
        )
        try await receive(written(early, wasCreated: true))
        try await plan(.create, operation)
        try await journal.intend([operation], run: "r1")
        try await journal.receive([written(same, wasCreated: true)], run: "r1")
        try await journal.receive([written(other, wasCreated: true)], run: "r2")
        let begun = try await journal.begunOperations(named: [operation.id], or: [])
        #expect(begun[operation.id]?.learnedLater == [other.id])
    }

    @Test("of a job tell which record a write made, in the place of one that was linked before")
    func linkedSince() async throws {
        let operation = PlanOperation.sample(.create, "a")
        try await receive(written(operation, wasCreated: true))
        try await plan(.create, operation)
        try await journal.intend([operation], run: "r1")
        let before = try await journal.begunOperations(named: [operation.id], or: [])
        #expect(before[operation.id]?.isLinkedSince == false)
        let finding = BulkFinding(
            operation: operation.id,
            record: .sample(2, prefix: "00U"),
            object: .eventRecord
        )
        try await journal.release(job: "7505e000002XXXXAA0", findings: [finding], run: "r1")
        let after = try await journal.begunOperations(named: [operation.id], or: [])
        #expect(after[operation.id]?.isLinkedSince == true)
    }

    /// Keeps a plan of the run with one operation.
    private func plan(_ kind: PlanOperation.Kind, _ operation: PlanOperation) async throws {
        let position = try await journal.head().position
        let form = JSON.compact([
            ("operation", .string(operation.id.rawValue)), ("kind", .string(kind.rawValue)),
        ])
        let plan = JSON.compact([
            ("created", .string("2026-11-02T14:00:00.000Z")),
            ("ledger", .compact([("position", .integer(position))])),
            ("operations", .array([form])),
        ])
        try await journal.note(run: "r1", "planned", summary: .compact([]), plan: plan)
    }

    @Test("of an unknown outcome leave the intent open, until a run finds out")
    func unknownOutcome() async throws {
        let operation = PlanOperation.sample(.update, record: record)
        try await journal.intend([operation], run: "r1")
        try await receive(
            OperationResult(operation: operation, outcome: .unknown, record: record)
        )
        #expect(try await journal.openIntents() == [operation.id: .update])
        try await receive(settled(.sample(.unchanged, reason: .inSync, record: record)))
        #expect(try await journal.openIntents().isEmpty)
    }

    @Test("leave the intent open when the process ended between intent and receipt")
    func crash() async throws {
        try await journal.intend([.sample(.create)], run: "r1")
        let again = try temporary.reopened()
        #expect(
            try await again.journal.openIntents() == [PlanOperation.sample(.create).id: .create]
        )
    }

    // MARK: Links

    @Test("link the record that was made, or found, once")
    func links() async throws {
        let subject = RecordSubject.event(.sample())
        try await receive(written(.sample(.create), wasCreated: true))
        try await receive(written(.sample(.update, record: record)))
        try await receive(settled(.sample(.unchanged, record: record)))
        let link = RecordLink(subject: subject, object: .eventRecord, record: record, isOurs: true)
        #expect(try await journal.links(of: [subject]) == [subject: link])
        #expect(try await journal.links(to: record) == [link])
        #expect(try await journal.linkedCounts() == [.eventRecord: 1])
        #expect(try await types().count { $0.hasPrefix("record.") } == 1)
    }

    @Test("of a deletion say so, and the record is linked no more")
    func deletion() async throws {
        try await receive(written(.sample(.create), wasCreated: true))
        try await receive(written(.sample(.delete, reason: .bookingCancelled, record: record)))
        #expect(try await journal.links(to: record).map(\.state) == [.deleted])
        #expect(try await journal.linkedCounts().isEmpty)
    }

    @Test("of a deletion remember nothing of the fields, whatever an interrupted run had written")
    func deletionWithClaims() async throws {
        try await receive(written(.sample(.create), wasCreated: true))
        try await receive(
            written(
                .sample(.delete, reason: .bookingCancelled, record: record),
                claims: ["Subject": .sample(sent: "Demo")]
            )
        )
        #expect(try await claim() == nil)
    }

    @Test("record once that a person deleted a record")
    func deletedByOther() async throws {
        try await receive(written(.sample(.create), wasCreated: true))
        for _ in 0..<3 {
            try await receive(settled(.sample(.hold, reason: .deletedByOther, record: record)))
        }
        #expect(try await journal.links(to: record).map(\.state) == [.deletedByOther])
        #expect(try await types().count { $0 == "record.deleted-by-other" } == 1)
    }

    // MARK: Claims

    private func claim() async throws -> Claim? {
        try await journal.claims(on: [record])[record]?["Subject"]
    }

    @Test("remember what was sent and what was seen")
    func claims() async throws {
        let claim = Claim.sample(sent: "Demo ", seen: "Demo", cause: 3, outcome: .firstClaim)
        try await receive(written(.sample(.update, record: record), claims: ["Subject": claim]))
        #expect(try await self.claim() == claim)
        #expect(try await journal.claims(on: [SalesforceID.sample(9)]).isEmpty)
    }

    @Test("keep what was sent when a later wish is held")
    func heldAfterWrite() async throws {
        let sent = Claim.sample(sent: "Demo", cause: 3)
        try await receive(written(.sample(.update, record: record), claims: ["Subject": sent]))
        let held = Claim.sample(sent: nil, cause: 5, outcome: .editedByOther)
        try await receive(settled(.sample(.hold, record: record), claims: ["Subject": held]))
        let found = try #require(try await claim())
        #expect(found.sent == sent.sent && found.seen == sent.seen && found.seenAt == sent.seenAt)
        #expect(found.seenIsEmpty == false)
        #expect(found.considered == .sample(5))
        #expect(found.outcome == .editedByOther)
    }

    @Test("keep the event considered last when no value could be formed")
    func nothingConsidered() async throws {
        let sent = Claim.sample(sent: "Demo", cause: 3)
        try await receive(written(.sample(.update, record: record), claims: ["Subject": sent]))
        var held = Claim.sample(sent: nil, cause: 0, outcome: .noActiveUser)
        held.considered = Cause(
            position: .start,
            occurred: Instant(milliseconds: 0),
            recorded: Instant(milliseconds: 0)
        )
        try await receive(settled(.sample(.hold, record: record), claims: ["Subject": held]))
        #expect(try await claim()?.considered == .sample(3))
        #expect(try await claim()?.outcome == .noActiveUser)
    }

    @Test("take a newer write over an older one")
    func newerWrite() async throws {
        for (text, cause) in [("one", Int64(1)), ("two", 2)] {
            let claim = Claim.sample(sent: text, cause: cause)
            try await receive(written(.sample(.update, record: record), claims: ["Subject": claim]))
        }
        #expect(try await claim() == .sample(sent: "two", cause: 2))
    }

    @Test("tell why a field is held once for every reason, and event behind it")
    func holds() async throws {
        let field = PlannedField.sample("Subject", .hold, reason: .editedByOther)
        let operation = PlanOperation.sample(.hold, record: record, fields: [field])
        for (cause, reason) in [
            (Int64(1), Reason.editedByOther), (1, .editedByOther), (2, .editedByOther),
            (2, .editedByOther), (2, .conflict), (2, .conflict),
        ] {
            let claim = Claim.sample(sent: nil, cause: cause, outcome: reason)
            try await receive(settled(operation, claims: ["Subject": claim]))
        }
        #expect(try await types().count { $0 == "field.held" } == 3)
    }

    // MARK: Failures

    private func fail(_ note: FailureNote) async throws {
        try await receive(
            OperationResult(operation: .sample(.create), outcome: .failed(note), record: nil)
        )
    }

    @Test("of a failure keep it until a write takes hold")
    func failures() async throws {
        let id = PlanOperation.sample(.create).id
        let first = FailureNote.sample(attempts: 1, nextTry: .minute(5))
        let second = FailureNote.sample("STRING_TOO_LONG", attempts: 2, nextTry: nil)
        try await fail(first)
        #expect(try await journal.failures() == [id: first])
        try await fail(second)
        #expect(try await journal.failures() == [id: second])
        try await receive(written(.sample(.create), wasCreated: true))
        #expect(try await journal.failures().isEmpty)
    }

    @Test("of a write that waits for its next try, or has no outcome, leave its failure as it is")
    func waiting() async throws {
        let note = FailureNote.sample(attempts: 3, nextTry: .minute(60))
        try await fail(note)
        let operation = PlanOperation.sample(.create)
        try await receive(
            OperationResult(
                operation: .sample(.hold, reason: .waitingForRetry),
                outcome: .settled,
                record: nil
            )
        )
        #expect(try await journal.failures() == [operation.id: note])
        try await receive(OperationResult(operation: operation, outcome: .unknown, record: nil))
        #expect(try await journal.failures() == [operation.id: note])
    }

    /// When a failure's next try is, when it is asked, and whether it wakes its appointment.
    @Test(
        "wake their appointment when they are due",
        arguments: [(5, 4, false), (5, 5, true), (5, 6, true), (nil, 1_000_000, false)]
            as [(Int?, Int, Bool)]
    )
    func due(nextTry: Int?, now: Int, isWoken: Bool) async throws {
        try await temporary.record(.confirmed(.sample()))
        try await temporary.settleAll()
        try await fail(.sample(nextTry: nextTry.map { .minute($0) }))
        try await journal.wakeDueFailures(now: .minute(now))
        #expect(try await temporary.dirtyRoots() == (isWoken ? ["bk-1"] : []))
    }

    @Test("of what no appointment waits for wake none")
    func dueForNone() async throws {
        var operation = PlanOperation.sample(.update)
        operation.appointments = []
        let note = FailureNote.sample(nextTry: .minute(5))
        try await receive(
            OperationResult(operation: operation, outcome: .failed(note), record: nil)
        )
        try await journal.wakeDueFailures(now: .minute(5))
        #expect(try await temporary.dirtyRoots().isEmpty)
        #expect(try await journal.dirtyCount() == 0)
    }

    // MARK: All or nothing

    @Test("of one call are durable together")
    func together() async throws {
        let results = (0..<20).map { written(.sample(.create, "bk-\($0)"), wasCreated: true) }
        try await journal.receive(results, run: "r1")
        let again = try temporary.reopened()
        #expect(try await again.journal.links(to: record).count == 20)
        #expect(try await again.journal.ledger.verify().isSound)
    }
}

@Suite("Runs")
struct RunTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    private var journal: Journal { temporary.journal }

    @Test("hold a lease that no second one gets until it ends")
    func lease() async throws {
        let ends = try await journal.takeLease("first", now: .minute(0))
        #expect(ends == Instant.minute(0).advanced(byMilliseconds: Journal.leaseDuration))
        #expect(try await journal.takeLease("second", now: .minute(0)) == nil)
        let justBefore = Instant.minute(1).advanced(byMilliseconds: -1)
        #expect(try await journal.takeLease("second", now: justBefore) == nil)
        #expect(try await journal.takeLease("second", now: .minute(1)) != nil)
        #expect(try await journal.takeLease("first", now: .minute(1)) == nil)
    }

    /// The promise to those outside: a dead process stands in nobody's way for long.
    @Test("hold it for 90 seconds at most after their process died")
    func leaseDuration() { #expect(Journal.leaseDuration <= 90_000) }

    @Test("renew their lease, and nobody else's")
    func renewal() async throws {
        for minute in 0..<5 {
            let now = Instant.minute(minute).advanced(byMilliseconds: -1)
            #expect(try await journal.takeLease("first", now: now) != nil)
            #expect(try await journal.takeLease("second", now: now) == nil)
        }
    }

    @Test("give their lease back, and nobody else's")
    func dropping() async throws {
        _ = try await journal.takeLease("first", now: .minute(0))
        try await journal.dropLease("second")
        #expect(try await journal.takeLease("second", now: .minute(0)) == nil)
        try await journal.dropLease("first")
        #expect(try await journal.takeLease("second", now: .minute(0)) != nil)
    }

    @Test("of two processes do not overlap")
    func twoProcesses() async throws {
        let other = try temporary.openedAgain().journal
        let journal = journal
        let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
            for holder in 0..<10 {
                group.addTask {
                    let asked = holder.isMultiple(of: 2) ? journal : other
                    return try await asked.takeLease("run-\(holder)", now: .minute(0)) != nil
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
    }

    @Test("leave their steps in the ledger, in order")
    func steps() async throws {
        let states = ["started", "planned", "finished"]
        for state in states { try await journal.note(run: "r1", state, summary: .object([])) }
        let events = try await journal.ledger.events(of: "run-r1")
        #expect(events.map(\.type) == states.map { "run.\($0)" })
        #expect(events.allSatisfy { $0.correlation == "r1" && $0.actor == "daybook" })
    }
}

@Suite("Settings in the ledger")
struct SettingsRevisionTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    private var journal: Journal { temporary.journal }

    private func accept(
        _ settings: SyncSettings?,
        _ scope: SettingsScope = .everyEventType,
        _ validity: SettingsValidity = .fromNow
    ) async throws -> SettingsRevision {
        try await journal.accept(
            settings,
            for: scope,
            validity: validity,
            actor: "operator",
            isChecked: false
        )
    }

    @Test("are numbered 1, 2, 3, … over all scopes, and read back as accepted")
    func versions() async throws {
        var lead = SyncSettings()
        lead.attendeeRecord = .lead
        let accepted = [
            try await accept(SyncSettings()),
            try await accept(lead, .eventType(EventTypeID(7)), .from(.minute(3))),
            try await accept(nil, .eventType(EventTypeID(7)), .allHistory),
        ]
        #expect(accepted.map(\.version.rawValue) == [1, 2, 3])
        #expect(accepted.map(\.position.rawValue) == [1, 2, 3])
        #expect(try await journal.settingsRevisions() == accepted)
        #expect(try await temporary.reopened().journal.settingsRevisions() == accepted)
    }

    @Test("are accepted once where two were made from the same version, whoever comes first")
    func atOnce() async throws {
        _ = try await accept(SyncSettings())
        func isAccepted(_ type: Int, after newest: Int) async throws -> Bool {
            do {
                _ = try await journal.accept(
                    SyncSettings(),
                    for: .eventType(EventTypeID(type)),
                    validity: .fromNow,
                    actor: "operator",
                    isChecked: false,
                    after: newest
                )
                return true
            } catch {
                guard case .conflict(_, _, let actual) = error else { throw error }
                #expect(actual == 2)
                return false
            }
        }
        async let first = isAccepted(7, after: 1)
        async let second = isAccepted(8, after: 1)
        let accepted = [try await first, try await second]
        #expect(accepted.count { $0 } == 1)
        #expect(try await journal.settingsRevisions().count == 2)
        #expect(try await isAccepted(9, after: 2))
    }

    /// Whether a version makes a run look at all appointments again.
    @Test(
        "wake the appointments that they may interpret differently",
        arguments: [
            (SettingsValidity.fromNow, false), (.from(.minute(0)), true), (.allHistory, true),
        ]
    )
    func waking(validity: SettingsValidity, isWaking: Bool) async throws {
        try await temporary.record(.confirmed(.sample("a")), .confirmed(.sample("b")))
        try await temporary.settleAll()
        _ = try await accept(SyncSettings(), .everyEventType, validity)
        #expect(try await temporary.dirtyRoots() == (isWaking ? ["a", "b"] : []))
    }
}

@Suite("What is known of the org")
struct OrgTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    private var journal: Journal { temporary.journal }

    @Test("is the one that was connected first")
    func connection() async throws {
        #expect(try await journal.connectedOrg() == nil)
        try await journal.connect(to: "00D000000000001AAA", isSandbox: true, now: .minute(0))
        #expect(try await journal.connectedOrg() == "00D000000000001AAA")
    }

    @Test("is another one once the ledger was told, and what was known of the old one is forgotten")
    func reconnection() async throws {
        try await journal.connect(to: "00D000000000001AAA", isSandbox: false, now: .minute(0))
        let form = JSON.compact([("name", .string("Event"))])
        try await journal.observe([.eventRecord: form], now: .minute(0))
        try await journal.reconnect(to: "00D000000000002AAA", isSandbox: true, now: .minute(1))
        #expect(try await journal.connectedOrg() == "00D000000000002AAA")
        #expect(try await journal.knownSchema().isEmpty)
        let connections = try await journal.orgConnections()
        #expect(connections.map(\.org) == ["00D000000000001AAA", "00D000000000002AAA"])
        #expect(connections.map(\.isSandbox) == [false, true])
        #expect(connections.map(\.since) == [.minute(0), .minute(1)])
    }

    @Test("is recorded when an object's form changed, and noted when it did not")
    func schema() async throws {
        let first = JSON.object([JSON.Member("fields", .array([.string("Subject")]))])
        let second = JSON.object([JSON.Member("fields", .array([]))])
        for (minute, form) in [first, first, second].enumerated() {
            try await journal.observe([.eventRecord: form], now: .minute(minute))
        }
        let events = try await journal.ledger.events(of: "org")
        #expect(events.map(\.type) == ["org.schema-observed", "org.schema-observed"])
        let known = try #require(try await journal.knownSchema()[.eventRecord])
        #expect(known.0 == .minute(2) && known.1 == second)
    }
}
