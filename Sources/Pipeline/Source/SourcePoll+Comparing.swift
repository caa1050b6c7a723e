import CalCom
import Crypto
import Domain
import Journal
import Ledger
import Projection

extension SourcePoll {
    func compare(
        _ bookings: [SeenBooking],
        _ basis: LedgerPosition,
        _ reading: inout SourceReading
    ) async throws {
        var pending = bookings
        var basis = basis
        for _ in 0..<Self.longestChain where !pending.isEmpty {
            var found: [(SourceReport.Finding, IncomingDelivery)] = []
            for seen in pending where reading.isNew(seen) {
                if let finding = try await finding(seen, basis, reading.until) {
                    found.append(finding)
                }
            }
            try await append(found, &reading)
            let successors = try await unknownSuccessors(of: pending, reading)
            basis = LedgerPosition(try await journal.head().position)
            pending = []
            for uid in successors { pending += try await source.booking(uid) }
        }
    }

    private func finding(
        _ seen: SeenBooking,
        _ basis: LedgerPosition,
        _ until: Instant
    ) async throws(LedgerError) -> (SourceReport.Finding, IncomingDelivery)? {
        let uid = seen.booking.uid
        let detector = GapDetector(
            seen: seen,
            known: BookingStanding(of: uid, in: try await journal.history(ofBooking: uid)),
            isSuccessorTaken: try await isTaken(seen.successor)
        )
        guard let found = detector.finding() else { return nil }
        let polled = now()
        let occurred = detector.occurred(found.observation.gaps, polled: polled)
        let fact = ReportedFact(
            fact: .observed(found.booking, found.observation),
            occurred: occurred
        )
        let delivery = IncomingDelivery(polled: seen, fact: fact, arrived: polled, basis: basis)
        let gaps = found.observation.gaps
        return (.init(booking: uid, gaps: gaps, occurred: occurred), delivery)
    }

    /// Whether a booking is known to have taken the place of another one.
    private func isTaken(_ uid: BookingUID?) async throws(LedgerError) -> Bool {
        guard let uid, let history = try await journal.history(ofBooking: uid) else { return false }
        return history.uids.first != uid
    }

    private func append(
        _ found: [(finding: SourceReport.Finding, delivery: IncomingDelivery)],
        _ reading: inout SourceReading
    ) async throws(LedgerError) {
        guard !found.isEmpty else { return }
        guard !options.isDry else {
            reading.report.findings += found.map(\.finding)
            return
        }
        let receipts = try await journal.record(found.map(\.delivery))
        for (pair, receipt) in zip(found, receipts) {
            if receipt.verdict == .appended {
                var finding = pair.finding
                finding.position = receipt.position
                reading.report.findings.append(finding)
            } else {
                reading.report.overtaken += 1
            }
        }
    }

    private func unknownSuccessors(
        of bookings: [SeenBooking],
        _ reading: SourceReading
    ) async throws(LedgerError) -> [BookingUID] {
        var unknown: [BookingUID] = []
        for uid in bookings.compactMap(\.successor) where !reading.hasSeen(uid) {
            let history = try await journal.history(ofBooking: uid)
            let isTold = history?.facts.contains { $0.fact.bookingUID == uid } ?? false
            if !isTold, !unknown.contains(uid) { unknown.append(uid) }
        }
        return unknown
    }
}

/// A reading under way.
struct SourceReading {
    /// Only what changed before is compared; the rest may still be told.
    let until: Instant
    var report = SourceReport()
    private var bodies: [BookingUID: Int] = [:]

    init(until: Instant) { self.until = until }

    func hasSeen(_ uid: BookingUID) -> Bool { bodies[uid] != nil }

    /// Whether a booking is to be compared: once in each form, and not too soon.
    mutating func isNew(_ seen: SeenBooking) -> Bool {
        // The same booking may come in other words: members in another order, for example.
        var content = seen
        content.body = []
        let digest = content.hashValue
        guard bodies.updateValue(digest, forKey: seen.booking.uid) != digest else { return false }
        if let changed = seen.changed, changed > until {
            report.waiting += 1
            return false
        }
        report.read += 1
        return true
    }
}

extension IncomingDelivery {
    fileprivate init(
        polled seen: SeenBooking,
        fact: ReportedFact,
        arrived: Instant,
        basis: LedgerPosition
    ) {
        let meaning = FactMeaning(of: fact)
        self.init(
            body: seen.body,
            headers: [:],
            arrived: arrived,
            source: "poll",
            digest: Array(SHA256.hash(data: seen.body)),
            trigger: nil,
            verdict: .appended,
            note: "",
            facts: [IncomingFact(fact, meaning: meaning.digest, canRecur: meaning.canRecur)],
            basis: basis
        )
    }
}
