public import Domain
public import Journal

/// Answers what happened, why a value is what it is, and why one is not.
///
/// Only reads: neither the ledger nor Salesforce is changed.
public struct Audit: Sendable {
    let journal: Journal

    /// Asks a journal.
    public init(journal: Journal) { self.journal = journal }

    /// Everything that happened to the appointment of a booking.
    ///
    /// - Parameter uid: Any uid of its chain of reschedules.
    /// - Returns: Facts, settings, runs, writes and links, by position.
    /// - Throws: ``AuditError/unknownBooking(_:)``, or an error of the ledger.
    public func trace(booking uid: BookingUID) async throws -> TraceReport {
        guard let history = try await journal.history(ofBooking: uid) else {
            throw AuditError.unknownBooking(uid)
        }
        return try await Tracer(journal: journal).report(on: .booking(uid), history)
    }

    /// Everything that was done with a record, and the events behind it.
    ///
    /// - Parameter record: The record.
    /// - Returns: Writes, holds, links, runs and the facts that led to them, by position.
    /// - Throws: ``AuditError/unknownRecord(_:)``, or an error of the ledger.
    public func trace(record: SalesforceID) async throws -> TraceReport {
        try await Tracer(journal: journal).report(on: record)
    }

    /// The appointments and the records of a person, and everything that happened to them.
    ///
    /// An erased person is found, too: as a tombstone, with what happened and without who it was.
    ///
    /// - Parameter email: The person's address.
    /// - Returns: Facts, settings, runs, writes and links, by position.
    /// - Throws: ``AuditError/unknownPerson``, or an error of the ledger.
    public func trace(person email: EmailAddress) async throws -> TraceReport {
        guard let (person, erased) = try await journal.personEver(email) else {
            throw AuditError.unknownPerson
        }
        return try await Tracer(journal: journal).report(on: person, erased: erased)
    }

    /// Why a field of a record holds what it holds, or was not written.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - field: The field, in any letter case.
    ///   - live: What Salesforce says now, as its API writes it; nil when it was not asked.
    /// - Returns: The story of the value.
    /// - Throws: ``AuditError/unknownRecord(_:)``, or an error of the ledger.
    public func explain(
        record: SalesforceID,
        field: FieldName,
        live: JSON?
    ) async throws -> Explanation {
        try await Explainer(journal: journal).explain(record, field, live: live)
    }

    /// Why a field of a record holds what it holds, or was not written.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - field: The field, in any letter case.
    ///   - live: What Salesforce says now.
    /// - Returns: The story of the value.
    /// - Throws: ``AuditError/unknownRecord(_:)``, or an error of the ledger.
    public func explain(
        record: SalesforceID,
        field: FieldName,
        live: FieldValue
    ) async throws -> Explanation {
        try await explain(record: record, field: field, live: live.json)
    }
}
