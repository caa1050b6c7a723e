public import Domain
import Journal
import Ledger

extension Audit {
    /// Events in the order in which they were recorded; no personal part is opened.
    ///
    /// - Parameters:
    ///   - position: Read what was recorded after this; ``LedgerPosition/start`` for everything.
    ///   - limit: The most events to return. At least 1.
    ///   - type: Only events of exactly this type, for example `write.confirmed`; nil for all.
    /// - Returns: The events; empty when there is nothing newer.
    /// - Throws: ``AuditError/beyondEnd(_:end:)`` for a position that the ledger does not have;
    ///   ``LedgerError``.
    public func events(
        after position: LedgerPosition,
        limit: Int,
        type: String? = nil
    ) async throws -> [EventLine] {
        let end = LedgerPosition(try await journal.head().position)
        guard (LedgerPosition.start...end).contains(position) else {
            throw AuditError.beyondEnd(position, end: end)
        }
        var lines: [EventLine] = []
        for event in try await journal.sealedEvents(after: position, limit: limit, type: type) {
            lines.append(try EventLine(event))
        }
        return lines
    }
}

/// One event of the ledger without its personal parts.
public struct EventLine: Hashable, Sendable {
    /// Its place.
    public let position: LedgerPosition
    /// When it happened.
    public let occurred: Instant
    /// When it was recorded.
    public let recorded: Instant
    /// What happened.
    public let type: String
    /// Its stream.
    public let stream: String
    /// Who did it.
    public let actor: String
    /// What the event says, without personal data.
    public let data: JSON

    init(_ event: StoredEvent) throws(LedgerError) {
        position = LedgerPosition(event.position)
        occurred = Instant(milliseconds: event.occurred)
        recorded = Instant(milliseconds: event.recorded)
        (type, stream, actor) = (event.type, event.stream, event.actor)
        data = try event.json()
    }

    /// The event as one object, times as RFC 3339.
    public var json: JSON {
        .compact([
            ("position", .integer(position.rawValue)),
            ("occurred", .string(occurred.rfc3339)),
            ("recorded", .string(recorded.rfc3339)),
            ("type", .string(type)),
            ("stream", .string(stream)),
            ("actor", .string(actor)),
            ("data", data),
        ])
    }

    /// The event on one line.
    public var text: String {
        let place = Columns.right(String(position.rawValue), 8)
        return "\(place)  \(recorded.rfc3339Seconds)  \(Columns.left(type, 24))  \(stream)"
    }
}

extension StoredEvent {
    /// What the event says, without its personal parts.
    func json() throws(LedgerError) -> JSON {
        do {
            return try JSON(parsing: data)
        } catch {
            throw .unreadable(position: position, reason: "\(error)")
        }
    }
}
