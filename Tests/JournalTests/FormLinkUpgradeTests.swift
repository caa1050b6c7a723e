import Domain
import GRDB
import Journal
import Ledger
import TestSupport
import Testing

@Suite("A ledger from before routing forms had links of their own")
struct FormLinkUpgradeTests {
    private let temporary: TemporaryJournal
    private let ada = EmailAddress.sample("ada@acme.example")
    private let bo = EmailAddress.sample("bo@acme.example")

    init() throws { temporary = try TemporaryJournal() }

    private func form(_ email: EmailAddress) -> BookingFact {
        .formSubmitted(
            FormSubmission(
                form: "f",
                name: nil,
                response: nil,
                answers: [:],
                submitter: Party(email: email)
            )
        )
    }

    /// Makes the file as it would be without the upgrade.
    private func undo(_ statements: [String]) throws {
        try temporary.journal.ledger.close()
        let file = try DatabaseQueue(path: temporary.path)
        try file.write { db in
            try db.execute(
                sql: "DELETE FROM grdb_migrations WHERE identifier = 'journal-8-form-links'"
            )
            for statement in statements { try db.execute(sql: statement) }
        }
        try file.close()
    }

    private func link(_ subject: String, _ record: SalesforceID, position: Int) -> String {
        """
        INSERT INTO recordLink (subject, object, record, isOurs, state, position)
        VALUES ('\(subject)', 'Lead', '\(record.rawValue)', 0, 'live', \(position))
        """
    }

    private func failure(_ operation: String) -> String {
        """
        INSERT INTO failure (operation, root, object, code, fields, candidates, attempts, since,
            tried, isIgnored, digest, basis, position)
        VALUES ('\(operation)', 'form/x', 'Lead', 'UNABLE_TO_LOCK_ROW', '', '', 1, 0, 0, 0, X'', X'', 1)
        """
    }

    @Test("keeps what forms found under their name, and what bookings use under theirs")
    func upgrade() async throws {
        try await temporary.record(
            form(ada),
            form(bo),
            .confirmed(.sample(attendees: [bo.rawValue]))
        )
        let ada = try #require(try await temporary.journal.person(ada))
        let bo = try #require(try await temporary.journal.person(bo))
        let (found, earlier, used) = (
            SalesforceID.sample(1), SalesforceID.sample(2), SalesforceID.sample(3)
        )
        try undo([
            link("person/\(ada.rawValue)/contact", earlier, position: 1),
            link("person/\(ada.rawValue)/lead", found, position: 2),
            link("person/\(bo.rawValue)/lead", used, position: 3),
            failure("person/\(ada.rawValue)/lead"), failure("person/\(ada.rawValue)/lead#Size__c"),
            failure("person/\(bo.rawValue)/lead"),
        ])
        let journal = try temporary.openedAgain().journal
        let links = try await journal.links(
            of: (PersonRecordKey.all(of: ada) + PersonRecordKey.all(of: bo))
                .map(RecordSubject.person)
        )
        let forms = RecordSubject.person(PersonRecordKey(formsOf: ada))
        let bookings = RecordSubject.person(PersonRecordKey(person: bo, policy: .lead))
        #expect(links.mapValues(\.record) == [forms: found, bookings: used])
        let failures = try await journal.keptFailures().map(\.name.rawValue)
        #expect(
            Set(failures) == [forms.name, "\(forms.name)#Size__c", bookings.name]
        )
    }
}
