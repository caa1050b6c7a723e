import CalCom
import Domain
import TestSupport

/// The way to Cal.com's list, with everything that can go wrong.
struct SimulatedSource: BookingSource {
    let office: SimulatedOffice
    let chaos: Chaos
    let clock: ManualClock
    /// How many bookings a page has at most.
    let most: Int
    /// What Cal.com delivers while the list is read.
    let deliver: @Sendable () async -> Void

    func page(_ query: BookingQuery) async throws(CalComError) -> BookingPage {
        try await begin()
        return try BookingPage(office.page(query, most: most), of: query)
    }

    func booking(_ uid: BookingUID) async throws(CalComError) -> [SeenBooking] {
        try await begin()
        let question = BookingQuery(.starting(since: Instant(milliseconds: 0)))
        return try BookingPage(office.one(uid.rawValue), of: question).bookings
    }

    private func begin() async throws(CalComError) {
        clock.advance(bySeconds: 1)
        await deliver()
        guard !chaos.isDead else { throw .unreachable("the program is dead") }
        switch chaos.strike(.read) {
        case .crashBefore, .crashAfter:
            chaos.die()
            throw .unreachable("the program died")
        case .failure: throw .unreachable("503")
        case .limit: throw .limited(until: clock.now)
        case .expired: throw .unauthorised
        case .half: throw .unexpected("the answer ends too early")
        default: return
        }
    }
}
