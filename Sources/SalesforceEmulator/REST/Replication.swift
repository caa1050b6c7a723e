import GRDB

/// The resources `updated` and `deleted`, by which clients keep copies fresh.
struct Replication {
    let session: Session

    private static let mostIDs = 600_000

    /// The ids changed or deleted between two instants, to the minute.
    func answer(_ request: APIRequest, _ object: ObjectType, _ kind: String) throws -> JSON {
        let start = try instant(request, "start")
        let end = try instant(request, "end")
        let mostDays = kind == "updated" ? 30 : 15
        let earliest = session.now.milliseconds - mostDays * Instant.day
        guard end > start, start >= earliest else {
            throw APIError(
                400,
                "INVALID_REPLICATION_DATE",
                "startDate must be before endDate and at most \(mostDays) days ago"
            )
        }
        let rows = try rows(object, isDeleted: kind == "deleted", start, end)
        // What is stamped later may still become visible.
        let lag = Int(session.settings.commitLagSeconds * 1000)
        let sure = Instant(milliseconds: session.now.milliseconds - lag)
        let covered = JSON.string(min(Instant(milliseconds: end), sure).text)
        guard kind == "deleted" else {
            return [
                "ids": .array(rows.map { .string($0.id) }), "latestDateCovered": covered,
            ]
        }
        return [
            "deletedRecords": .array(
                rows.map { row in
                    [
                        "id": .string(row.id),
                        "deletedDate": .string(Instant(milliseconds: row.stamp).text),
                    ]
                }
            ),
            "earliestDateAvailable": .string(Instant(milliseconds: earliest).text),
            "latestDateCovered": covered,
        ]
    }

    /// An instant of the request, rounded down to the minute.
    private func instant(_ request: APIRequest, _ name: String) throws(APIError) -> Int {
        // The plus of an offset arrives as a space when a client did not encode it.
        let text = request.parameter(name)?.replacing(" ", with: "+")
        guard let instant = text.flatMap({ Instant($0) }) else {
            throw APIError(400, "INVALID_REPLICATION_DATE", "\(name) is not a date")
        }
        return Instant.floor(instant.milliseconds, Instant.minute) * Instant.minute
    }

    private func rows(
        _ object: ObjectType,
        isDeleted: Bool,
        _ start: Int,
        _ end: Int
    ) throws -> [(id: String, stamp: Int)] {
        let rows = try Row.fetchAll(
            session.db,
            sql: """
                SELECT "Id", "SystemModstamp" FROM \(Storage.quoted(object.name))
                WHERE "SystemModstamp" >= ? AND "SystemModstamp" < ? AND ("IsDeleted" > 0) = ?
                ORDER BY "SystemModstamp", rowid LIMIT \(Self.mostIDs + 1)
                """,
            arguments: [start, end, isDeleted]
        )
        guard rows.count <= Self.mostIDs else {
            throw APIError(400, "EXCEEDED_ID_LIMIT", "exceeded \(Self.mostIDs) ids")
        }
        return rows.map { ($0[0], $0[1]) }
    }
}
