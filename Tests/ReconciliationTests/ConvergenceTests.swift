import Domain
import Testing

@testable import Reconciliation

@Suite("Plan, for any bookings and any edits")
struct ConvergenceTests {
    static let seeds: Range<UInt64> = 0..<1_000
    static let rounds = 4
    static let schema = OrgSchema.sample()

    /// Lets bookings come in and people work, and hands over the world before every plan.
    private func live(seed: UInt64, _ look: (inout World, [PlanOperation]) -> Void) {
        var world = World(seed: seed)
        for _ in 0..<Self.rounds {
            world.book()
            world.work()
            let plan = world.input().plan()
            look(&world, plan)
            world.org.apply(plan)
        }
    }

    private func writes(_ plan: [PlanOperation]) -> [String] {
        plan.filter(\.isWrite).map { operation in
            let fields = operation.written.map { field in
                "\(field.field.rawValue): \(field.live) → \(field.desired.map { "\($0)" } ?? "-") "
                    + field.reason.rawValue
            }
            return "\(operation.kind) \(operation.id.rawValue) \(fields.joined(separator: ", "))"
        }
    }

    @Test("leaves nothing to do once it was applied", arguments: seeds)
    func secondPlan(seed: UInt64) {
        var world = World(seed: seed)
        for round in 0..<Self.rounds {
            world.book()
            world.work()
            world.org.apply(world.input().plan())
            let second = world.input().plan()
            #expect(writes(second) == [], "round \(round)")
            world.org.apply(second)
            #expect(writes(world.input().plan()) == [], "round \(round), looked at once more")
        }
    }

    @Test("is the same whatever the order of what goes in", arguments: seeds)
    func order(seed: UInt64) {
        live(seed: seed) { world, plan in
            var shuffled = world.input()
            shuffled.people.shuffle(using: &world.generator)
            shuffled.events.shuffle(using: &world.generator)
            for key in shuffled.directory.contacts.keys {
                shuffled.directory.contacts[key]?.reverse()
            }
            for key in shuffled.directory.leads.keys { shuffled.directory.leads[key]?.reverse() }
            #expect(shuffled.plan() == plan)
        }
    }

    @Test("writes no value that is there", arguments: seeds)
    func minimal(seed: UInt64) {
        live(seed: seed) { _, plan in
            for operation in plan where operation.kind == .update {
                #expect(!operation.written.isEmpty)
                for field in operation.written {
                    guard case .value(let value)? = field.desired else { continue }
                    let description = Self.schema.objects[operation.object]?.fields[field.field]
                    let wish = CanonicalForm.text(of: value, description)
                    #expect(wish != CanonicalForm.text(of: field.live, description))
                }
            }
        }
    }

    @Test(
        "writes every record once, and never makes one again that somebody deleted",
        arguments: seeds
    )
    func once(seed: UInt64) {
        live(seed: seed) { world, plan in
            let writes = plan.filter(\.isWrite)
            let records = writes.compactMap(\.record)
            #expect(Set(records).count == records.count)
            #expect(Set(plan.map(\.id)).count == plan.count)
            let again = writes.filter {
                $0.kind == .create && world.org.deletedByPeople.contains($0.subject)
            }
            #expect(again.map(\.id) == [])
        }
    }

    @Test("does, over all seeds, everything there is to do")
    func variety() {
        var kinds: Set<PlanOperation.Kind> = []
        var reasons: Set<Reason> = []
        for seed in Self.seeds {
            live(seed: seed) { _, plan in
                kinds.formUnion(plan.map(\.kind))
                reasons.formUnion(plan.flatMap(\.fields).map(\.reason))
            }
        }
        #expect(kinds == [.create, .update, .delete, .hold, .unchanged])
        let decided: Set<Reason> = [
            .inSync, .agreed, .firstClaim, .sourceChanged, .filled, .newerSource, .refillNewer,
            .bookingOverPreExisting, .driftCorrected, .conflictEnforced, .ownerGuardPassed,
            .observeOnly, .notEmpty, .preExisting, .editedByOther, .emptiedByOther, .orderUnknown,
            .conflict, .replayHeld, .ownerGuardFailed, .notABoolean, .inactivePicklistValue,
            .typeMismatch, .noActiveUser, .noAttendeeRecord, .recordCreated,
        ]
        #expect(decided.subtracting(reasons) == [])
    }
}
