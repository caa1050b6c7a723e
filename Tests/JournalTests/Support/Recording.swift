import Domain
import Foundation
import GRDB
import Journal
import Ledger
import TestSupport

extension TemporaryJournal {
    /// Records facts, each delivered alone, one minute after the other.
    @discardableResult
    func record(_ facts: BookingFact...) async throws -> [DeliveryReceipt] {
        try await record(facts)
    }

    /// Records facts, each delivered alone, one minute after the other.
    @discardableResult
    func record(_ facts: [BookingFact]) async throws -> [DeliveryReceipt] {
        try await journal.record(facts.enumerated().map { .sample($1, minute: $0) })
    }

    /// The root of the appointment to which a booking belongs.
    func root(_ uid: String) async throws -> String? {
        try await journal.history(ofBooking: .sample(uid))?.appointment.root.rawValue
    }

    /// The roots of the appointments that wait for a run, by name.
    func dirtyRoots() async throws -> [String] {
        try await journal.dirtyAppointments(limit: 1_000).map(\.root.rawValue).sorted()
    }

    /// Marks everything as dealt with.
    func settleAll() async throws {
        let head = LedgerPosition(try await journal.head().position)
        try await journal.settle(try await journal.dirtyAppointments(limit: 1_000), readAt: head)
    }

    /// A number out of the database.
    func number(_ sql: String) async throws -> Int {
        try await journal.ledger.read { db in try Int.fetchOne(db, sql: sql) ?? -1 }
    }
}

extension AppointmentID {
    /// The appointment that begins with a booking.
    static func sample(_ root: String = "bk-1") -> Self { Self(root: .sample(root)) }
}
