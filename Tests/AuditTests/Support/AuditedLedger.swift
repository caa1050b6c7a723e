import Audit
import Domain
import Journal
import Ledger
import TestSupport
import Testing

/// A journal in a file, with what a run would leave in it.
struct AuditedLedger {
    let kept: TemporaryJournal
    var journal: Journal { kept.journal }
    var audit: Audit { Audit(journal: kept.journal) }

    init() throws { kept = try TemporaryJournal() }

    /// Accepts settings that set `LeadSource` of the booker's record, version 1.
    func acceptSettings(
        for scope: SettingsScope = .everyEventType,
        validity: SettingsValidity = .fromNow
    ) async throws {
        var settings = SyncSettings()
        settings.attendeeOnBooking = [
            FieldRule(field: "LeadSource", type: .text, value: .template("Web"), when: .always)
        ]
        settings.attendeeOnCancellation = [
            FieldRule(
                field: "Cancelled__c",
                type: .date,
                value: .bookingCancelDate,
                when: .always
            )
        ]
        _ = try await journal.accept(
            settings,
            for: scope,
            validity: validity,
            actor: "operator",
            isChecked: false
        )
    }

    /// Takes a fact in.
    @discardableResult
    func record(_ fact: BookingFact, minute: Int = 0) async throws -> LedgerPosition {
        let receipts = try await journal.record([.sample(fact, minute: minute)])
        return try #require(receipts.first?.position)
    }

    /// The surrogate of the person with an address.
    func person(_ email: String = "ada@acme.example") async throws -> PersonID {
        try #require(try await journal.person(.sample(email)))
    }

    /// The subject of a person's contact.
    func contact(_ email: String = "ada@acme.example") async throws -> RecordSubject {
        .person(PersonRecordKey(person: try await person(email), policy: .contact))
    }
}
