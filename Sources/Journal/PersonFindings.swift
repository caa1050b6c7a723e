public import Domain
import Foundation
import GRDB
public import Ledger

/// What the ledger knows of a person, by number and place.
public struct PersonFindings: Hashable, Sendable {
    /// The surrogate.
    public var person: PersonID
    /// The event by which the person was erased; nil for one who is known.
    public var erased: LedgerPosition?
    /// The events that hold data about the person.
    public var events: [LedgerPosition]
    /// How many sealed parts are about the person.
    public var parts: Int
    /// How many parts about other people name the person.
    public var mentions: Int
    /// How many kept deliveries name the person.
    public var deliveries: Int
    /// The appointments in which the person takes part.
    public var appointments: [AppointmentID]
    /// The records in Salesforce that stand for the person or the person's appointments, and the
    /// person's account.
    public var records: [RecordLink]
}

extension Journal {
    /// The person with an address, also one who was erased; nil if nobody with it was ever known.
    ///
    /// - Parameter email: The address.
    /// - Returns: The surrogate, and the event by which the person was erased.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func personEver(
        _ email: EmailAddress
    ) async throws(LedgerError) -> (person: PersonID, erased: LedgerPosition?)? {
        if let known = try await person(email) { return (known, nil) }
        let blind = digest(email.rawValue)
        let erasure = try await reading { db in try LedgerTables.erasure(ofBlind: blind, db) }
        return erasure.map { (PersonID($0.subject), $0.position.map(LedgerPosition.init)) }
    }

    /// Finds everything about a person, and records that somebody looked.
    ///
    /// - Parameters:
    ///   - email: The address.
    ///   - purpose: Why: `find` or `export`.
    ///   - actor: Who asks.
    ///   - progress: Told up to which event the ledger was searched.
    /// - Returns: Where the data is.
    /// - Throws: ``LedgerError/notFound(_:)`` for somebody who was never known; ``LedgerError``.
    public func find(
        _ email: EmailAddress,
        purpose: String,
        actor: String,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(LedgerError) -> PersonFindings {
        guard let (person, erased) = try await personEver(email) else {
            throw .notFound("the ledger knows nobody with this address. Check the spelling")
        }
        let blind = digest(email.rawValue)
        let scan = try await reading { [key = ledger.key] db in
            var scan = PersonScan(
                email: email,
                blind: blind,
                subject: person.rawValue,
                key: key
            )
            try scan.advance(db, progress: progress)
            return scan
        }
        let records = try await reading { db in try Self.links(about: person.rawValue, db) }
        let findings = PersonFindings(
            person: person,
            erased: erased,
            events: scan.events.sorted().map(LedgerPosition.init),
            parts: scan.parts,
            mentions: scan.redactions.count,
            deliveries: scan.deliveries.count,
            appointments: try await appointments(of: person),
            records: records
        )
        try await noteDisclosure(of: person, purpose: purpose, actor: actor)
        return findings
    }

    /// Records that personal data was read.
    private func noteDisclosure(
        of person: PersonID,
        purpose: String,
        actor: String
    ) async throws(LedgerError) {
        try await writing { transaction in
            let data = JSON.compact([
                ("person", .string(person.rawValue)), ("purpose", .string(purpose)),
            ])
            try transaction.append(
                [
                    NewEvent(
                        id: transaction.eventID(),
                        type: "person.disclosed",
                        occurred: transaction.now,
                        correlation: "person-\(person.rawValue)",
                        actor: actor,
                        data: data.bytes
                    )
                ],
                to: "person-\(person.rawValue)"
            )
        }
        try await ledger.makeCheckpoint()
    }

    /// Everything that is sealed about a person, opened.
    ///
    /// - Parameter person: The person.
    /// - Returns: One object for each part: event, type, time, name of the part, and its contents.
    /// - Throws: ``LedgerError``.
    public func disclosure(of person: PersonID) async throws(LedgerError) -> [JSON] {
        try await reading { [key = ledger.key] db in
            var parts: [JSON] = []
            try LedgerTables.eachPart(of: person.rawValue, db: db, key: key) { opened in
                parts.append(
                    .compact([
                        ("event", .integer(opened.event.position)),
                        ("type", .string(opened.event.type)),
                        (
                            "occurred",
                            .string(Instant(milliseconds: opened.event.occurred).rfc3339)
                        ),
                        (
                            "recorded",
                            .string(Instant(milliseconds: opened.event.recorded).rfc3339)
                        ),
                        ("part", .string(opened.part.name)),
                        ("content", try JSON(parsing: opened.part.content)),
                    ])
                )
            }
            return parts
        }
    }
}
