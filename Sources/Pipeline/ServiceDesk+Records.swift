public import Domain
import Journal
import Ledger
import Reconciliation
import Salesforce

/// Failures, drift, settings and what Salesforce says now.
extension ServiceDesk {
    /// Names the record that stands for an attendee or an appointment.
    ///
    /// - Parameters:
    ///   - name: The name of a failure, an attendee's address, or a booking's uid.
    ///   - record: The record.
    ///   - actor: Who says so.
    /// - Returns: What the record stands for now, and how many appointments the next run looks at
    ///   because of it.
    /// - Throws: ``DeskError`` or `LedgerError`.
    public func bind(
        _ name: String,
        to record: SalesforceID,
        by actor: String
    ) async throws -> (subject: RecordSubject, appointments: Int) {
        let reader = SubjectReader(journal: journal)
        let subject = try await translated { try await reader.subject(name) }
        let binding = RecordBinding(
            journal: journal,
            gateway: try org(),
            keyField: keyField,
            now: now
        )
        let count = try await translated {
            try await binding.bind(subject, to: record, actor: actor)
        }
        return (subject, count)
    }

    /// Who should host a booking of a person.
    ///
    /// - Parameters:
    ///   - email: The person's address.
    ///   - eventType: The event type that is about to be booked.
    /// - Returns: The owner or nobody, and where the answer is from.
    /// - Throws: ``DeskError`` or `LedgerError`.
    public func owner(
        _ email: EmailAddress,
        eventType: EventTypeID?
    ) async throws -> OwnerLookUp.Answer {
        _ = try org()
        guard let owners else { throw DeskError.unavailable("No Salesforce org is configured.") }
        return try await translated { try await owners.answer(email, eventType: eventType) }
    }

    /// Looks for drift now.
    ///
    /// - Returns: What is adrift.
    /// - Throws: ``DeskError`` or `LedgerError`.
    public func drift() async throws -> DriftReport {
        let synchronizer = try synchronizer()
        return try await translated { try await synchronizer.drift() }
    }

    /// Compares what two settings make of history; asks Salesforce nothing.
    ///
    /// - Parameters:
    ///   - request: The settings, and which part of history.
    ///   - other: The settings to compare with.
    /// - Returns: The differences.
    /// - Throws: ``DeskError`` or `LedgerError`.
    public func compare(
        _ request: ReplayRequest,
        against other: ReplayRequest.Settings
    ) async throws -> ReplayComparison {
        let synchronizer = synchronizer(for: NoOrg())
        return try await translated { try await synchronizer.compare(request, against: other) }
    }

    /// Checks settings against the org and accepts them as a new version.
    ///
    /// - Parameters:
    ///   - settings: The settings and whose bookings they are for.
    ///   - validity: To which events they apply.
    ///   - newest: The newest version that the caller saw; 0 for none, nil for whatever it is.
    ///   - actor: Who says so.
    /// - Returns: The version, and what was found that is no error.
    /// - Throws: ``DeskError`` or `LedgerError`; then nothing was changed. Of two calls that saw the
    ///   same newest version, one throws ``DeskError/moved(_:)``.
    public func accept(
        _ settings: ScopedSettings,
        validity: SettingsValidity,
        after newest: Int?,
        by actor: String
    ) async throws -> (revision: SettingsRevision, findings: [SettingsCheck.Finding]) {
        if let fault = validity.fault(at: now()) { throw DeskError.invalid(fault) }
        let check = SettingsCheck(
            journal: journal,
            gateway: try org(),
            keyField: keyField,
            now: now
        )
        let schema = try await translated { try await check.observe(for: [settings.settings]) }
            .schema
        let findings = SettingsCheck.findings(settings.settings, schema)
        let errors = findings.filter(\.isError)
        guard errors.isEmpty else {
            throw DeskError.invalid(
                "The settings do not fit the org. " + errors.map(\.text).joined(separator: " ")
            )
        }
        do {
            let revision = try await journal.accept(
                settings.settings,
                for: settings.scope,
                validity: validity,
                actor: actor,
                isChecked: true,
                after: newest
            )
            return (revision, findings)
        } catch {
            guard case .conflict(_, _, let actual) = error else { throw error }
            throw DeskError.moved(
                """
                The newest version is \(actual ?? 0), not \(newest ?? 0). Read it again, and decide \
                anew.
                """
            )
        }
    }

    /// What stands in fields of a record now, and who changed it last.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - object: Its object.
    ///   - fields: The fields.
    /// - Returns: The values, and the last change; nil if the org shows no such record.
    /// - Throws: ``DeskError`` or `LedgerError`.
    public func live(
        _ record: SalesforceID,
        _ object: ObjectName,
        _ fields: [FieldName]
    ) async throws -> LiveRecord? {
        let gateway = try org()
        let paths =
            Set(fields.map(\.rawValue)).subtracting(["Id"]).sorted()
            + ["LastModifiedDate", "LastModifiedBy.Name"]
        let query = Query(["Id"] + paths, from: object, where: .isIn("Id", [record.rawValue]))
        let answers = try await translated { try await gateway.read([.query(query)]) }
        guard let row = answers.first?.rows.first else { return nil }
        var live = LiveRecord()
        for field in fields { live.values[field] = row[field.rawValue] ?? .null }
        live.changed = row["LastModifiedDate"]?.string.flatMap { Instant(rfc3339: $0) }
        live.changedBy = row["LastModifiedBy"]?["Name"]?.string
        return live
    }
}

/// A record as the org shows it now; values and names are personal data.
public struct LiveRecord: Hashable, Sendable {
    /// The values, as the API writes them.
    public var values: [FieldName: JSON] = [:]
    /// When it was changed last.
    public var changed: Instant?
    /// The name of who changed it last.
    public var changedBy: String?
}
