public import Domain
public import Journal
import Ledger

/// Finds out whom or what an operator means who names something for a record to stand for.
public struct SubjectReader: Sendable {
    private let journal: Journal

    /// Creates a reader.
    ///
    /// - Parameter journal: What is known.
    public init(journal: Journal) { self.journal = journal }

    /// The attendee, the account or the appointment behind a text.
    ///
    /// | text                                       | means                                       |
    /// |--------------------------------------------|---------------------------------------------|
    /// | a subject, or the name of a failure        | that; an event by the first uid of its chain |
    /// | an e-mail address                          | the person's record that failed, else the only one that is linked |
    /// | a booking's uid                            | the event record of its appointment         |
    ///
    /// - Parameter text: What was written.
    /// - Returns: The subject.
    /// - Throws: ``UnclearSubject``, which holds no personal data, or `LedgerError`.
    public func subject(_ text: String) async throws -> RecordSubject {
        if let subject = RecordSubject(name: OperationID(text).parts.operation.rawValue) {
            return try await rooted(subject)
        }
        if let email = EmailAddress(text) { return try await person(email) }
        guard let uid = BookingUID(text) else { throw UnclearSubject.noName }
        return try await rooted(.event(uid))
    }

    /// Event records are linked under the first uid of their chain.
    private func rooted(_ subject: RecordSubject) async throws -> RecordSubject {
        guard case .event(let uid) = subject else { return subject }
        guard let history = try await journal.history(ofBooking: uid) else {
            throw UnclearSubject.unknownBooking(uid)
        }
        return .event(history.appointment.root)
    }

    /// The way of looking the person up that failed; else the one that has a record.
    private func person(_ email: EmailAddress) async throws -> RecordSubject {
        guard let person = try await journal.person(email) else {
            throw UnclearSubject.unknownPerson
        }
        let keys = PersonRecordKey.all(of: person)
        let all = keys.map(RecordSubject.person)
        let ofBookings = keys.filter { $0.policy != nil }.map(RecordSubject.person)
        let failed = Set(try await journal.keptFailures().compactMap(\.subject))
        let linked = Set(try await journal.links(of: all).keys)
        // What forms found counts only for somebody who has no bookings.
        for (subjects, group) in [(all, failed), (ofBookings, linked), (all, linked)] {
            let fitting = subjects.filter(group.contains)
            if fitting.count == 1 { return fitting[0] }
        }
        throw UnclearSubject.several(all.map(\.name))
    }
}

/// A reason why it cannot be told what a record is to stand for.
public enum UnclearSubject: Error, Hashable, Sendable {
    /// The text is no name, no address and no uid.
    case noName
    /// The ledger knows no such booking.
    case unknownBooking(BookingUID)
    /// The ledger knows nobody with this address.
    case unknownPerson
    /// The person has several records; these names tell them apart.
    case several([String])
}

extension UnclearSubject: CustomStringConvertible {
    /// What is unclear, and what to do, without personal data.
    public var description: String {
        switch self {
        case .noName:
            """
            This is no name of a failure, no address and no booking's uid. 'daybook failures list' \
            shows the names.
            """
        case .unknownBooking(let uid):
            """
            The ledger knows no booking '\(uid.rawValue)'. Check the uid; if it is right, its \
            delivery never arrived: ingest it with 'daybook ingest FILE'.
            """
        case .unknownPerson: "The ledger knows nobody with this address. Check the spelling."
        case .several(let names):
            """
            It cannot be told which record of this person is meant. Give one of these names \
            instead: \(names.joined(separator: ", ")).
            """
        }
    }
}
