import Domain
import Testing

@testable import Reconciliation

@Suite("Field decision")
struct FieldDecisionTests {
    /// The columns of the table.
    static let policies: [WritePolicy] = [
        .observe, .whenEmpty, .whenEmptyOrOurs, .protect, .sticky, .always, .enforce,
    ]

    /// What is in Salesforce, as the rows of the table tell it.
    struct Row: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var isOurs = true
        var isWishUnchanged = false
        var isLiveUnchanged = false
        var isLiveAsWished = false
        var isLiveEmpty = false
        var isWishEmpty = false
        var isNewAssertion = true
        var order = FieldDecision.Order.newer
        /// One per policy, in the order of the columns.
        var verdicts: [FieldDecision.Verdict]

        init(
            _ description: String,
            _ verdicts: [FieldDecision.Verdict],
            _ change: (inout Self) -> Void
        ) {
            (testDescription, self.verdicts) = (description, verdicts)
            change(&self)
        }

        func situation(_ policy: WritePolicy) -> FieldDecision.Situation {
            FieldDecision.Situation(
                policy: policy,
                isOurs: isOurs,
                isWishUnchanged: isWishUnchanged,
                isLiveUnchanged: isLiveUnchanged,
                isLiveAsWished: isLiveAsWished,
                isLiveEmpty: isLiveEmpty,
                isWishEmpty: isWishEmpty,
                isNewAssertion: isNewAssertion,
                order: order,
                isHeldBack: false
            )
        }
    }

    /// The table of `FieldDecision`, in the order of ``policies``.
    static let table: [Row] = [
        Row("1: D = S and L = B", Array(repeating: .nothing(.inSync), count: 7)) {
            $0.isWishUnchanged = true
            $0.isLiveUnchanged = true
        },
        Row("1: rewritten by automation", Array(repeating: .nothing(.inSync), count: 7)) {
            ($0.isWishUnchanged, $0.isLiveUnchanged, $0.isLiveEmpty) = (true, true, true)
        },
        Row("2: L = D, never ours", Array(repeating: .adopt(.agreed), count: 7)) {
            ($0.isOurs, $0.isLiveAsWished) = (false, true)
        },
        Row("2: L = D, moved there by somebody", Array(repeating: .adopt(.agreed), count: 7)) {
            $0.isLiveAsWished = true
        },
        Row(
            "3: never ours, L empty",
            [
                .hold(.observeOnly), .write(.filled), .write(.firstClaim), .write(.firstClaim),
                .write(.firstClaim), .write(.firstClaim), .write(.firstClaim),
            ]
        ) { ($0.isOurs, $0.isLiveEmpty) = (false, true) },
        Row(
            "4: never ours, L not empty",
            [
                .hold(.observeOnly), .hold(.notEmpty), .hold(.preExisting), .hold(.preExisting),
                .hold(.preExisting), .write(.bookingOverPreExisting), .write(.firstClaim),
            ]
        ) { $0.isOurs = false },
        Row(
            "5: L = B, not empty",
            [
                .hold(.observeOnly), .hold(.notEmpty), .write(.sourceChanged),
                .write(.sourceChanged), .write(.sourceChanged), .write(.sourceChanged),
                .write(.sourceChanged),
            ]
        ) { $0.isLiveUnchanged = true },
        Row(
            "6: L = B, empty",
            [
                .hold(.observeOnly), .write(.filled), .write(.sourceChanged),
                .write(.sourceChanged), .write(.sourceChanged), .write(.sourceChanged),
                .write(.sourceChanged),
            ]
        ) { ($0.isLiveUnchanged, $0.isLiveEmpty) = (true, true) },
        Row(
            "7: edited, nothing new",
            [
                .hold(.observeOnly), .hold(.notEmpty), .hold(.editedByOther),
                .hold(.editedByOther), .hold(.editedByOther), .hold(.editedByOther),
                .write(.driftCorrected),
            ]
        ) { ($0.isWishUnchanged, $0.isNewAssertion) = (true, false) },
        Row(
            "8: emptied, nothing new",
            [
                .hold(.observeOnly), .hold(.emptiedByOther), .hold(.emptiedByOther),
                .hold(.emptiedByOther), .hold(.emptiedByOther), .hold(.emptiedByOther),
                .write(.driftCorrected),
            ]
        ) { ($0.isWishUnchanged, $0.isNewAssertion, $0.isLiveEmpty) = (true, false, true) },
        Row(
            "9: edited, we want it cleared, newer",
            [
                .hold(.observeOnly), .hold(.notEmpty), .hold(.clearHeld), .hold(.clearHeld),
                .hold(.clearHeld), .write(.newerSource), .write(.conflictEnforced),
            ]
        ) { $0.isWishEmpty = true },
        Row(
            "9: edited, we want it cleared, older",
            [
                .hold(.observeOnly), .hold(.notEmpty), .hold(.clearHeld), .hold(.clearHeld),
                .hold(.clearHeld), .hold(.conflict), .write(.conflictEnforced),
            ]
        ) { ($0.isWishEmpty, $0.order) = (true, .older) },
        Row(
            "10: edited, something newer",
            [
                .hold(.observeOnly), .hold(.notEmpty), .hold(.conflict), .write(.newerSource),
                .hold(.conflict), .write(.newerSource), .write(.conflictEnforced),
            ]
        ) { $0.order = .newer },
        Row(
            "11: emptied, something newer",
            [
                .hold(.observeOnly), .write(.refillNewer), .write(.refillNewer),
                .write(.refillNewer), .hold(.conflict), .write(.refillNewer),
                .write(.conflictEnforced),
            ]
        ) { ($0.isLiveEmpty, $0.order) = (true, .newer) },
        Row(
            "12: edited, and which is newer is not known",
            [
                .hold(.observeOnly), .hold(.notEmpty), .hold(.conflict), .hold(.orderUnknown),
                .hold(.conflict), .write(.newerSource), .write(.conflictEnforced),
            ]
        ) { $0.order = .unsure },
        Row(
            "12: emptied, and which is newer is not known",
            [
                .hold(.observeOnly), .write(.refillNewer), .hold(.conflict),
                .hold(.orderUnknown), .hold(.conflict), .write(.refillNewer),
                .write(.conflictEnforced),
            ]
        ) { ($0.isLiveEmpty, $0.order) = (true, .unsure) },
        Row(
            "13: edited, and the edit is newer",
            [
                .hold(.observeOnly), .hold(.notEmpty), .hold(.conflict), .hold(.conflict),
                .hold(.conflict), .hold(.conflict), .write(.conflictEnforced),
            ]
        ) { $0.order = .older },
        Row(
            "13: emptied, and the edit is newer",
            [
                .hold(.observeOnly), .write(.refillNewer), .hold(.conflict), .hold(.conflict),
                .hold(.conflict), .hold(.conflict), .write(.conflictEnforced),
            ]
        ) { ($0.isLiveEmpty, $0.order) = (true, .older) },
    ]

    @Test("follows the table for every policy", arguments: table)
    func followsTable(row: Row) {
        for (policy, verdict) in zip(Self.policies, row.verdicts) {
            #expect(FieldDecision.decide(row.situation(policy)) == verdict, "\(policy)")
        }
    }

    @Test("has a column for every policy")
    func columns() {
        #expect(Set(Self.policies) == Set(WritePolicy.allCases))
        #expect(Self.table.allSatisfy { $0.verdicts.count == Self.policies.count })
    }

    /// What the settings' own words ask for beyond the table.
    struct Refinement: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var situation: FieldDecision.Situation
        var verdict: FieldDecision.Verdict

        init(
            _ description: String,
            _ policy: WritePolicy,
            _ verdict: FieldDecision.Verdict,
            _ change: (inout FieldDecision.Situation) -> Void
        ) {
            testDescription = description
            self.verdict = verdict
            situation = Row("", [], { _ in }).situation(policy)
            change(&situation)
        }
    }

    static let refinements = [
        Refinement(
            "a later booking asserts the same value over an edit",
            .always,
            .write(.newerSource)
        ) {
            $0.isWishUnchanged = true
        },
        Refinement(
            "a later booking refills the same value where it was emptied",
            .always,
            .write(.refillNewer)
        ) { ($0.isWishUnchanged, $0.isLiveEmpty) = (true, true) },
        Refinement("an edit that is certainly later stands", .always, .hold(.conflict)) {
            ($0.isWishUnchanged, $0.order) = (true, .older)
        },
        Refinement("an edit in the same minute does not", .always, .write(.newerSource)) {
            ($0.isWishUnchanged, $0.order) = (true, .unsure)
        },
        Refinement(
            "a later booking with the same value does not move an edit",
            .protect,
            .hold(.editedByOther)
        ) { $0.isWishUnchanged = true },
        Refinement(
            "a field that was emptied is filled once by a later booking",
            .whenEmpty,
            .write(.refillNewer)
        ) { ($0.isWishUnchanged, $0.isLiveEmpty) = (true, true) },
        Refinement(
            "a field that was emptied is not filled again by the same booking",
            .whenEmpty,
            .hold(.emptiedByOther)
        ) { ($0.isWishUnchanged, $0.isLiveEmpty, $0.isNewAssertion) = (true, true, false) },
        Refinement(
            "a field that had a value at the booking is not filled once that is gone",
            .whenEmpty,
            .hold(.emptiedByOther)
        ) { ($0.isOurs, $0.isLiveEmpty, $0.isNewAssertion) = (false, true, false) },
        Refinement(
            "a booking that was considered on a merged record has had its say",
            .always,
            .hold(.preExisting)
        ) { ($0.isOurs, $0.isNewAssertion) = (false, false) },
        Refinement("a replay leaves what was there before", .always, .hold(.replayHeld)) {
            ($0.isOurs, $0.isHeldBack) = (false, true)
        },
        Refinement("a replay leaves what people edited", .always, .hold(.replayHeld)) {
            $0.isHeldBack = true
        },
        Refinement("a replay leaves them whatever is enforced", .enforce, .hold(.replayHeld)) {
            $0.isHeldBack = true
        },
        Refinement("a replay fills what is empty", .always, .write(.firstClaim)) {
            ($0.isOurs, $0.isLiveEmpty, $0.isHeldBack) = (false, true, true)
        },
        Refinement("a replay corrects what is ours", .always, .write(.sourceChanged)) {
            ($0.isLiveUnchanged, $0.isHeldBack) = (true, true)
        },
        Refinement(
            "a replay that was told to overwrites what was there before",
            .always,
            .write(.bookingOverPreExisting)
        ) { ($0.isOurs, $0.isHeldBack) = (false, false) },
    ]

    @Test("keeps the settings' word", arguments: refinements)
    func refinement(row: Refinement) {
        #expect(FieldDecision.decide(row.situation) == row.verdict)
    }

    // MARK: Order

    struct OrderRow: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// Seconds after minute 0.
        var event: Int64
        var lastModified: Int64?
        var seenAt: Int64?
        var order: FieldDecision.Order

        init(
            _ description: String,
            event: Int64,
            lastModified: Int64?,
            seenAt: Int64?,
            _ order: FieldDecision.Order
        ) {
            testDescription = description
            (self.event, self.lastModified, self.seenAt) = (event, lastModified, seenAt)
            self.order = order
        }
    }

    static let orders = [
        OrderRow("after the last change", event: 600, lastModified: 60, seenAt: 0, .newer),
        OrderRow("just beyond the allowance", event: 66, lastModified: 60, seenAt: 0, .newer),
        OrderRow("at the allowance", event: 65, lastModified: 60, seenAt: 0, .unsure),
        OrderRow(
            "between our look and the change",
            event: 30,
            lastModified: 60,
            seenAt: 0,
            .unsure
        ),
        OrderRow("just after our last look", event: 1, lastModified: 60, seenAt: 0, .unsure),
        OrderRow(
            "at the allowance before our look",
            event: 15,
            lastModified: 60,
            seenAt: 20,
            .older
        ),
        OrderRow(
            "within the allowance of our look",
            event: 16,
            lastModified: 60,
            seenAt: 20,
            .unsure
        ),
        OrderRow("long before our last look", event: 0, lastModified: 60, seenAt: 50, .older),
        OrderRow("never seen, before the change", event: 0, lastModified: 60, seenAt: nil, .unsure),
        OrderRow("no dates at all", event: 0, lastModified: nil, seenAt: nil, .unsure),
    ]

    @Test("tells a newer event from an older one", arguments: orders)
    func order(row: OrderRow) {
        func instant(_ seconds: Int64) -> Instant {
            Instant.minute(0).advanced(byMilliseconds: seconds * 1_000)
        }
        let order = FieldDecision.order(
            event: instant(row.event),
            lastModified: row.lastModified.map(instant),
            seenAt: row.seenAt.map(instant)
        )
        #expect(order == row.order)
    }
}
