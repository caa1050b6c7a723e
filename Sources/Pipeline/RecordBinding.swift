public import Domain
public import Journal
import Ledger
import Reconciliation
public import Salesforce

/// Lets an operator name the record that stands for an attendee or an appointment.
///
/// For several records that match, and for a creation of which nobody knows what became.
public struct RecordBinding: Sendable {
    private let journal: Journal
    private let gateway: any SalesforceGateway
    private let keyField: FieldName
    private let now: @Sendable () -> Instant

    /// Creates a binding.
    ///
    /// - Parameters:
    ///   - journal: The ledger's journal.
    ///   - gateway: The org.
    ///   - keyField: The field of event records that holds Daybook's key.
    ///   - now: The time.
    public init(
        journal: Journal,
        gateway: any SalesforceGateway,
        keyField: FieldName = OrgSchema.keyField,
        now: @escaping @Sendable () -> Instant
    ) {
        (self.journal, self.gateway, self.keyField, self.now) = (journal, gateway, keyField, now)
    }

    /// Looks at the record, and takes it from then on.
    ///
    /// - Parameters:
    ///   - subject: The attendee or the appointment.
    ///   - record: The record.
    ///   - actor: Who says so.
    /// - Returns: How many appointments the next run looks at because of it.
    /// - Throws: ``BindingRefusal`` if the record does not fit, and nothing was changed then;
    ///   ``RunRefusal``, `SalesforceError` or `LedgerError`.
    public func bind(
        _ subject: RecordSubject,
        to record: SalesforceID,
        actor: String
    ) async throws -> Int {
        let holder = "bind-\(subject.name)"
        guard try await journal.takeLease(holder, now: now()) != nil else { throw RunRefusal.busy }
        do {
            let link = try await checked(subject, record)
            let count = try await journal.bind(link, actor: actor)
            guard count > 0 else { throw BindingRefusal.unknownSubject(subject.name) }
            try await journal.dropLease(holder)
            return count
        } catch {
            try await journal.dropLease(holder)
            throw error
        }
    }

    private func checked(
        _ subject: RecordSubject,
        _ record: SalesforceID
    ) async throws -> RecordLink {
        let (object, expected) = Self.object(of: record, for: subject)
        guard let object else { throw BindingRefusal.wrongObject(record, expected: expected) }
        let view = OrgView(journal: journal, gateway: gateway, keyField: keyField, now: now)
        let (_, schema) = try await view.observeSchema()
        let fields = ["Id", "IsConverted", "ConvertedContactId", keyField.rawValue].filter {
            $0 == "Id" || schema.objects[object]?.fields[FieldName($0)] != nil
        }
        let query = Query(fields, from: object, where: .isIn("Id", [record.rawValue]))
        guard let row = try await gateway.read([.query(query)]).first?.rows.first else {
            throw BindingRefusal.notThere(record)
        }
        if row["IsConverted"]?.bool == true {
            let contact = row["ConvertedContactId"]?.string.flatMap { SalesforceID($0) }
            throw BindingRefusal.converted(record, into: contact)
        }
        let key = Self.key(of: subject)
        return RecordLink(
            subject: subject,
            object: object,
            record: record,
            isOurs: key != nil && row[keyField.rawValue]?.string == key
        )
    }

    private static func object(
        of record: SalesforceID,
        for subject: RecordSubject
    ) -> (ObjectName?, expected: String) {
        switch (subject, record.keyPrefix) {
        case (.event, "00U"): (.eventRecord, "")
        case (.person, "003"): (.contact, "")
        case (.person, "00Q"): (.lead, "")
        case (.account, "001"): (.account, "")
        case (.account, _): (nil, "an account, whose id begins with 001")
        case (.fallback, _): (nil, "none: records of missed owners are made by Daybook alone")
        case (.event, _): (nil, "an event record, whose id begins with 00U")
        case (.person, _): (nil, "a contact or a lead, whose ids begin with 003 and 00Q")
        }
    }

    private static func key(of subject: RecordSubject) -> String? {
        guard case .event(let uid) = subject else { return nil }
        return EventKey.value(for: AppointmentID(root: uid))
    }
}

/// A reason why a record cannot stand for something; nothing was changed.
public enum BindingRefusal: Error, Hashable, Sendable {
    /// The ledger knows no such attendee or appointment.
    case unknownSubject(String)
    /// The record belongs to another object.
    case wrongObject(SalesforceID, expected: String)
    /// There is no such record, or the integration user cannot see it.
    case notThere(SalesforceID)
    /// The lead became a contact.
    case converted(SalesforceID, into: SalesforceID?)
}

extension BindingRefusal: CustomStringConvertible {
    /// What does not fit, and what to do, without personal data.
    public var description: String {
        switch self {
        case .unknownSubject(let name):
            """
            The ledger knows nothing of '\(name)'. 'daybook failures list' shows the names; a \
            booking's uid and an attendee's address are taken, too.
            """
        case .wrongObject(let record, let expected):
            "\(record.rawValue) cannot stand for this. Name \(expected)."
        case .notThere(let record):
            """
            The org shows no record \(record.rawValue). Check the id; restore the record if it was \
            deleted, or share it with the integration user.
            """
        case .converted(let record, let contact):
            """
            The lead \(record.rawValue) was converted. Name the contact it became\
            \(contact.map { ": \($0.rawValue)" } ?? "").
            """
        }
    }
}
