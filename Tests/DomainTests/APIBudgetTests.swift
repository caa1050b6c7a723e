import Domain
import Testing

@Suite("The budget of API calls")
struct APIBudgetTests {
    private let now = Instant(milliseconds: 1_793_714_400_000)

    /// What the org said, what a run has made, and what it may still make.
    struct Row: Sendable {
        var used: Int?
        var allowed: Int?
        var made = 0
        var perRun = 2_000
        var reserve = 20
        var left: Int
        var isTight: Bool
    }

    static let rows: [Row] = [
        Row(used: 0, allowed: 15_000, left: 2_000, isTight: false),
        Row(used: 0, allowed: 15_000, made: 1_990, left: 10, isTight: false),
        Row(used: 0, allowed: 15_000, perRun: 50, left: 50, isTight: false),
        Row(used: 8_999, allowed: 15_000, left: 2_000, isTight: false),
        Row(used: 9_001, allowed: 15_000, left: 2_000, isTight: true),
        Row(used: 11_990, allowed: 15_000, left: 10, isTight: true),
        Row(used: 12_000, allowed: 15_000, left: 0, isTight: true),
        Row(used: 15_400, allowed: 15_000, left: 0, isTight: true),
        Row(used: 14_990, allowed: 15_000, reserve: 0, left: 10, isTight: false),
        Row(used: 15_000, allowed: 15_000, reserve: 0, left: 0, isTight: true),
        Row(used: 0, allowed: 15_000, reserve: 100, left: 0, isTight: true),
        Row(used: nil, allowed: nil, made: 1_999, left: 1, isTight: false),
    ]

    @Test(
        "leaves the reserve to others, bounds a run, and lets background work yield first",
        arguments: rows
    )
    func budget(row: Row) {
        let budget = APIBudget(reservePercent: row.reserve, mostPerRun: row.perRun)
        let allowance = APIAllowance(used: row.used, allowed: row.allowed, observed: now)
        #expect(budget.left(allowance, made: row.made) == row.left)
        #expect(budget.isTight(allowance) == row.isTight)
    }

    @Test("rounds the reserve up")
    func rounding() {
        let allowance = APIAllowance(used: 0, allowed: 11, observed: now)
        #expect(APIBudget().reserve(of: allowance) == 3)
    }

    @Test(
        "pauses five minutes after the limit, then twice as long, up to an hour",
        arguments: [(0, 5), (1, 10), (2, 20), (3, 40), (4, 60), (50, 60)]
    )
    func pauses(before: Int, minutes: Int64) {
        let known = APIAllowance(used: 9, allowed: 10, observed: now, pauses: before)
        let paused = known.paused(at: now)
        #expect(paused.pausedUntil == now.advanced(byMilliseconds: minutes * 60_000))
        #expect(paused.pauses == before + 1)
    }

    @Test(
        "believes what the org said for 24 hours",
        arguments: [(0, false), (1_439, false), (1_440, true)]
    )
    func stale(minutes: Int64, isStale: Bool) {
        let known = APIAllowance(used: 9, allowed: 10, observed: now)
        #expect(known.isStale(at: now.advanced(byMilliseconds: minutes * 60_000)) == isStale)
    }
}
