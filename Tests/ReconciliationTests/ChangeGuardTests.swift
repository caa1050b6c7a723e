import Domain
import Reconciliation
import Testing

@Suite("Change guard")
struct ChangeGuardTests {
    private static func operation(
        _ number: Int,
        _ kind: PlanOperation.Kind,
        _ fields: [PlannedField] = [],
        _ object: ObjectName = .eventRecord
    ) -> PlanOperation {
        PlanOperation(
            subject: .event(.sample("bk\(number)")),
            appointments: [],
            kind: kind,
            reason: .sourceChanged,
            object: object,
            record: .event(number),
            isOurs: true,
            fields: fields,
            stamp: nil,
            candidates: [],
            cause: .minute(1)
        )
    }

    private static func field(
        _ name: FieldName,
        live: FieldValue,
        isReplay: Bool,
        _ outcome: PlannedField.Outcome = .write
    ) -> PlannedField {
        var field = PlannedField(
            field: name,
            outcome: outcome,
            reason: .sourceChanged,
            live: live,
            desired: .value(.text("new")),
            cause: .minute(1),
            version: nil,
            rule: "r",
            isPersonal: false
        )
        field.isReplay = isReplay
        return field
    }

    /// What the operations of a plan do.
    enum Change: Sendable {
        case delete
        case replay
        case live
        case fill
        case heldReplay
        case owner

        func operation(_ number: Int) -> PlanOperation {
            switch self {
            case .delete: ChangeGuardTests.operation(number, .delete)
            case .replay: update(number, live: .text("old"), isReplay: true)
            case .live: update(number, live: .text("old"), isReplay: false)
            case .fill: update(number, live: .empty, isReplay: true)
            case .heldReplay: update(number, live: .text("old"), isReplay: true, .hold)
            case .owner:
                ChangeGuardTests.operation(
                    number,
                    .update,
                    [field("OwnerId", live: .reference(.user(1)), isReplay: false)],
                    .contact
                )
            }
        }

        private func update(
            _ number: Int,
            live: FieldValue,
            isReplay: Bool,
            _ outcome: PlannedField.Outcome = .write
        ) -> PlanOperation {
            let field = field("Subject", live: live, isReplay: isReplay, outcome)
            return ChangeGuardTests.operation(number, .update, [field])
        }

        private func field(
            _ name: FieldName,
            live: FieldValue,
            isReplay: Bool,
            _ outcome: PlannedField.Outcome = .write
        ) -> PlannedField {
            ChangeGuardTests.field(name, live: live, isReplay: isReplay, outcome)
        }
    }

    struct Row: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var changes: Change
        var count: Int
        var linked: Int
        /// Nil where the plan passes.
        var limit: Int?

        init(_ description: String, _ changes: Change, _ count: Int, of linked: Int, limit: Int?) {
            testDescription = description
            (self.changes, self.count, self.linked, self.limit) = (changes, count, linked, limit)
        }
    }

    static let rows = [
        Row("nine deletes, and hardly more records", .delete, 9, of: 9, limit: nil),
        Row("ten deletes of ten", .delete, 10, of: 10, limit: 9),
        Row("ten deletes where nothing is linked", .delete, 10, of: 0, limit: 9),
        Row("30 % deleted", .delete, 30, of: 100, limit: nil),
        Row("more than 30 % deleted", .delete, 31, of: 100, limit: 30),
        Row("nine rewritten by a replay", .replay, 9, of: 9, limit: nil),
        Row("30 % rewritten by a replay", .replay, 30, of: 100, limit: nil),
        Row("more than 30 % rewritten by a replay", .replay, 31, of: 100, limit: 30),
        Row("everything changed by live bookings", .live, 100, of: 100, limit: nil),
        Row("everything filled by a replay", .fill, 100, of: 100, limit: nil),
        Row("everything held", .heldReplay, 100, of: 100, limit: nil),
        Row("fifty owners", .owner, 50, of: 10_000, limit: nil),
        Row("fifty-one owners", .owner, 51, of: 10_000, limit: 50),
    ]

    @Test("refuses what is suspiciously much", arguments: rows)
    func refuses(row: Row) {
        let operations = (0..<row.count).map { row.changes.operation($0) }
        let refusal = ChangeGuard().refusal(
            of: operations,
            linked: [.eventRecord: row.linked, .contact: row.linked]
        )
        #expect(refusal?.limit == row.limit)
        if let refusal {
            #expect(refusal.count == row.count)
            #expect(refusal.description.contains("--allow-large-change"))
        }
    }

    @Test("counts each object by itself")
    func perObject() {
        let events = (0..<9).map { Change.delete.operation($0) }
        let contacts = (0..<9).map { Self.operation($0, .delete, [], .contact) }
        #expect(ChangeGuard().refusal(of: events + contacts, linked: [:]) == nil)
    }

    @Test("lets an empty plan pass")
    func empty() {
        #expect(ChangeGuard().refusal(of: [], linked: [.eventRecord: 100]) == nil)
    }

    /// How many linked records are not shown, of how many, and whether that stops a run.
    static let hidden: [(count: Int, outOf: Int, isRefused: Bool)] = [
        (0, 12, false), (9, 9, false), (10, 10, true), (10, 1_000, false), (11, 1_000, true),
        (20, 2_000, false), (21, 2_000, true),
    ]

    @Test("stops a run that many linked records are hidden from", arguments: hidden)
    func hiddenRecords(row: (count: Int, outOf: Int, isRefused: Bool)) {
        let refusal = ChangeGuard().refusal(ofVanished: [.contact: (row.count, row.outOf)])
        #expect((refusal != nil) == row.isRefused)
        #expect(refusal.map { $0.count == row.count && $0.outOf == row.outOf } ?? true)
    }
}
