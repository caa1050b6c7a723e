public import Domain
import Foundation
import GRDB
public import Ledger

/// What became of a delivery.
public enum DeliveryVerdict: String, Hashable, Sendable, CaseIterable {
    /// Its fact is in the ledger.
    case appended
    /// It is known and says nothing about a booking: a test, a recording.
    case noted
    /// The ledger had it: the same bytes, or the same fact in other bytes.
    case duplicate
    /// Nobody taught us what it means. Kept, counted and shown.
    case unrecognised
    /// It cannot be understood: no JSON, or impossible contents. Kept.
    case rejected
    /// Its signature is missing or wrong. Kept and counted.
    case forged
}

/// A delivery on its way into the ledger.
public struct IncomingDelivery: Hashable, Sendable {
    /// The body, to the byte.
    public var body: [UInt8]
    /// The headers worth keeping.
    public var headers: [String: String]
    /// When it arrived.
    public var arrived: Instant
    /// How it arrived: `webhook`, `file` or `poll`.
    public var source: String
    /// SHA-256 of the body.
    public var digest: [UInt8]
    /// The trigger it names.
    public var trigger: String?
    /// What it is, as far as its contents tell.
    public var verdict: DeliveryVerdict
    /// Why it is no fact, without personal data.
    public var note: String
    /// The facts it tells.
    public var facts: [IncomingFact]
    /// What was known when it was compared: it is dropped if its booking was told of since.
    public var basis: LedgerPosition?

    /// Creates a delivery.
    public init(
        body: [UInt8],
        headers: [String: String],
        arrived: Instant,
        source: String,
        digest: [UInt8],
        trigger: String?,
        verdict: DeliveryVerdict,
        note: String,
        facts: [IncomingFact],
        basis: LedgerPosition? = nil
    ) {
        (self.body, self.headers, self.arrived) = (body, headers, arrived)
        (self.source, self.digest, self.trigger) = (source, digest, trigger)
        (self.verdict, self.note, self.facts, self.basis) = (verdict, note, facts, basis)
    }
}

/// A fact on its way into the ledger.
public struct IncomingFact: Hashable, Sendable {
    /// The fact.
    public var reported: ReportedFact
    /// A text that is equal for facts that say the same, whenever they were sent.
    public var meaning: String
    /// Whether the same can be said again later and be news.
    public var canRecur: Bool

    /// Creates a fact.
    public init(_ reported: ReportedFact, meaning: String, canRecur: Bool) {
        (self.reported, self.meaning, self.canRecur) = (reported, meaning, canRecur)
    }
}

/// What the ledger made of a delivery.
public struct DeliveryReceipt: Hashable, Sendable {
    /// The final verdict.
    public var verdict: DeliveryVerdict
    /// The event it led to, or the one it repeats.
    public var position: LedgerPosition?

    /// Creates a receipt.
    public init(verdict: DeliveryVerdict, position: LedgerPosition? = nil) {
        (self.verdict, self.position) = (verdict, position)
    }
}

extension Journal {
    /// Keeps deliveries and appends the facts they tell, all in one durable transaction.
    ///
    /// A body whose digest is known, and a fact whose meaning is known, are duplicates: they are
    /// counted and change nothing. What was compared with the ledger, by ``IncomingDelivery/basis``, is
    /// none: a late delivery may have taken back what the same bytes told before.
    ///
    /// - Parameter deliveries: The deliveries in order of arrival.
    /// - Returns: One receipt per delivery.
    /// - Throws: ``LedgerError``; then none of them was recorded.
    @discardableResult
    public func record(
        _ deliveries: [IncomingDelivery]
    ) async throws(LedgerError) -> [DeliveryReceipt] {
        try await writing { transaction in
            let intake = IntakeTransaction(transaction, key: ledger.key)
            return try deliveries.map { try intake.record($0) }
        }
    }

    /// How many deliveries there were, by verdict.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func deliveryCounts() async throws(LedgerError) -> [DeliveryVerdict: Int] {
        try await reading { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT verdict, count(*) FROM delivery GROUP BY verdict
                    UNION ALL SELECT 'forged', count FROM refusal
                    """
            )
            return Dictionary(
                rows.compactMap { row in
                    DeliveryVerdict(rawValue: row[0]).map { ($0, row[1] as Int) }
                },
                uniquingKeysWith: +
            )
        }
    }

    /// Checks that every kept delivery still opens and has the digest it was recorded with.
    ///
    /// - Returns: What is wrong; empty when all is well.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func verifyDeliveries() async throws(LedgerError) -> [String] {
        do {
            return try await deliveryProblems()
        } catch .damaged {
            return ["the database file is damaged: the kept deliveries cannot be read to their end"]
        }
    }

    private func deliveryProblems() async throws(LedgerError) -> [String] {
        try await reading { [key = ledger.key] db in
            var problems: [String] = []
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT id, digest, sealed FROM delivery WHERE sealed IS NOT NULL"
            )
            while let row = try rows.next() {
                // A damaged row may hold anything.
                let bytes = [1, 2].map { Array(Data.fromDatabaseValue(row[$0]) ?? Data()) }
                if !KeptDelivery.isSound(bytes[1], digest: bytes[0], key: key) {
                    let id = row[0] as DatabaseValue
                    problems.append("the kept body of delivery \(id) was changed")
                }
            }
            return problems
        }
    }
}
