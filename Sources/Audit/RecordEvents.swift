import Domain
import Journal
import Ledger

/// The events about one record, out of the streams of the subjects for which it stands or stood.
struct RecordEvents {
    let record: SalesforceID
    let subjects: [RecordSubject]
    let events: [StoredEvent]

    /// Gathers the events.
    ///
    /// - Throws: ``AuditError/unknownRecord(_:)`` for a record without any.
    init(_ record: SalesforceID, _ journal: Journal) async throws {
        self.record = record
        subjects = try await journal.subjects(everLinkedTo: record)
        let streams = try await journal.events(about: subjects)
        var events: [StoredEvent] = []
        for stream in streams.values { events += try Self.events(about: record, in: stream) }
        guard !events.isEmpty else { throw AuditError.unknownRecord(record) }
        self.events = events.sorted { $0.position < $1.position }
    }

    /// The events of a stream that are about a record.
    ///
    /// One subject can have had several records. An event that names none, the intent to create a
    /// record for example, belongs to the record that is named next.
    private static func events(
        about record: SalesforceID,
        in stream: [StoredEvent]
    ) throws -> [StoredEvent] {
        var next: String?
        var events: [StoredEvent] = []
        for event in stream.reversed() {
            next = try event.json()["record"]?.string ?? next
            if next == nil || next == record.rawValue { events.append(event) }
        }
        return events
    }
}

extension StoredEvent {
    /// The booking facts that led to the event and to the fields it names.
    func causes() throws -> Set<LedgerPosition> {
        let data = try json()
        let fields = (data["fields"]?.array ?? []).compactMap { $0["cause"]?.int }
        let own = [causation.map(Int.init), data["cause"]?.int].compactMap { $0 }
        return Set((fields + own).filter { $0 > 0 }.map { LedgerPosition(Int64($0)) })
    }
}
