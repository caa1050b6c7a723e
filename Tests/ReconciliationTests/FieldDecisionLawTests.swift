import Domain
import Testing

@testable import Reconciliation

@Suite("Field decision, for every combination of inputs")
struct FieldDecisionLawTests {
    /// A field with its values written out; `n` is what a normalising org makes of `a`.
    struct Case: Hashable, CustomStringConvertible {
        struct Base: Hashable {
            var sent: String
            var seen: String
        }

        var policy: WritePolicy
        var base: Base?
        var live: String
        var desired: String
        var isNew: Bool
        var order: FieldDecision.Order
        var isHeldBack: Bool

        var isEdited: Bool { base.map { $0.seen != live } ?? false }

        var verdict: FieldDecision.Verdict {
            FieldDecision.decide(
                FieldDecision.Situation(
                    policy: policy,
                    isOurs: base != nil,
                    isWishUnchanged: base?.sent == desired,
                    isLiveUnchanged: base?.seen == live,
                    isLiveAsWished: live == desired,
                    isLiveEmpty: live.isEmpty,
                    isWishEmpty: desired.isEmpty,
                    isNewAssertion: isNew,
                    order: order,
                    isHeldBack: isHeldBack
                )
            )
        }

        /// What is there and remembered once the verdict was carried out.
        func afterwards(_ org: Org) -> Self {
            var next = self
            switch verdict.outcome {
            case .write:
                next.live = org.kept(desired)
                next.base = Base(sent: desired, seen: next.live)
                next.isNew = false
            case .adopt:
                next.base = Base(sent: live, seen: live)
                next.isNew = false
            case .hold: next.isNew = false
            case .unchanged: break
            }
            return next
        }

        var description: String {
            let base = base.map { "S=\($0.sent) B=\($0.seen)" } ?? "never ours"
            return "\(policy) \(base) L=\(live) D=\(desired) \(order) new=\(isNew) "
                + "replay=\(isHeldBack) → \(verdict.outcome) \(verdict.reason)"
        }
    }

    /// How an org keeps values.
    enum Org: String, CaseIterable, Sendable {
        case plain
        case normalising

        func kept(_ value: String) -> String { self == .normalising && value == "a" ? "n" : value }
    }

    static let values = ["", "a", "b", "n"]

    static func cases(_ policy: WritePolicy) -> [Case] {
        var bases: [Case.Base?] = [nil]
        for sent in values { bases += values.map { Case.Base(sent: sent, seen: $0) } }
        var cases: [Case] = []
        for base in bases {
            for live in values {
                for desired in values {
                    for order in FieldDecision.Order.allCases {
                        for flags in 0..<4 {
                            cases.append(
                                Case(
                                    policy: policy,
                                    base: base,
                                    live: live,
                                    desired: desired,
                                    isNew: flags & 1 == 1,
                                    order: order,
                                    isHeldBack: flags & 2 == 2
                                )
                            )
                        }
                    }
                }
            }
        }
        return cases
    }

    private func expectNone(
        _ policy: WritePolicy,
        _ comment: Comment,
        where isViolation: (Case) -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let violations = Self.cases(policy).filter(isViolation).prefix(5).map(\.description)
        #expect(violations == [], comment, sourceLocation: sourceLocation)
    }

    @Test(
        "has nothing to write once it was carried out",
        arguments: WritePolicy.allCases,
        Org.allCases
    )
    func secondRun(policy: WritePolicy, org: Org) {
        expectNone(policy, "a second run writes") {
            $0.afterwards(org).verdict.outcome == .write
        }
    }

    @Test("comes to rest", arguments: WritePolicy.allCases, Org.allCases)
    func rest(policy: WritePolicy, org: Org) {
        expectNone(policy, "two more runs differ") {
            let second = $0.afterwards(org)
            return second.afterwards(org).verdict != second.verdict
        }
    }

    @Test("writes nothing that is there", arguments: WritePolicy.allCases)
    func noNeedlessWrite(policy: WritePolicy) {
        expectNone(policy, "L = D is written") {
            $0.verdict.outcome == .write && $0.live == $0.desired
        }
    }

    @Test("never writes when it is to observe")
    func observe() {
        expectNone(.observe, "observe writes") { $0.verdict.outcome == .write }
    }

    @Test("never writes over a value when it is to fill")
    func fill() {
        expectNone(.whenEmpty, "a value is overwritten") {
            $0.verdict.outcome == .write && !$0.live.isEmpty
        }
    }

    @Test(
        "reaches the wish, or what the org makes of it, when it is to enforce",
        arguments: Org.allCases
    )
    func enforce(org: Org) {
        expectNone(.enforce, "the wish is not reached") {
            let end = $0.afterwards(org)
            let isReached = end.live == $0.desired || end.live == org.kept($0.desired)
            return !$0.isHeldBack && !isReached && $0.verdict != .nothing(.inSync)
        }
    }

    @Test("never overwrites an edit when the first edit wins")
    func sticky() {
        expectNone(.sticky, "an edit is overwritten") {
            $0.verdict.outcome == .write && $0.isEdited
        }
    }

    @Test("overwrites an edit only for a newer event", arguments: WritePolicy.allCases)
    func edits(policy: WritePolicy) {
        expectNone(policy, "an edit is overwritten") {
            guard $0.verdict.outcome == .write, $0.isEdited else { return false }
            switch policy {
            case .enforce: return false
            case .always: return !$0.isNew || $0.order == .older
            case .whenEmpty: return !$0.isNew || !$0.live.isEmpty
            case .whenEmptyOrOurs: return $0.order != .newer || !$0.live.isEmpty
            case .protect: return $0.order != .newer || $0.base?.sent == $0.desired
            case .sticky, .observe: return true
            }
        }
    }

    @Test("overwrites what was there before only when told to", arguments: WritePolicy.allCases)
    func preExisting(policy: WritePolicy) {
        expectNone(policy, "a value from before our time is overwritten") {
            $0.verdict.outcome == .write && $0.base == nil && !$0.live.isEmpty
                && policy != .enforce && policy != .always
        }
    }

    @Test("empties only what is its own", arguments: WritePolicy.allCases)
    func clears(policy: WritePolicy) {
        expectNone(policy, "somebody's value is cleared") {
            guard $0.verdict.outcome == .write, $0.desired.isEmpty, $0.base?.seen != $0.live else {
                return false
            }
            return policy != .enforce && policy != .always
        }
    }

    @Test("lets no replay write over what is not ours", arguments: WritePolicy.allCases)
    func replay(policy: WritePolicy) {
        expectNone(policy, "a replay overwrites") {
            $0.verdict.outcome == .write && $0.isHeldBack && !$0.live.isEmpty
                && $0.base?.seen != $0.live
        }
    }
}
