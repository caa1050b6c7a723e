import GRDB
import Synchronization

/// Fills an org with made-up people, to see how it is with very many.
///
/// Contact or lead number n is called `Given n Person n` and has the address
/// `person<n>@company<n % 50000>.example`. SQLite makes the rows by itself, so that a million
/// takes seconds; no rules are applied and nothing is counted.
struct RecordGenerator {
    let session: Session

    /// Adds so many records of a type.
    ///
    /// - Throws: ``APIError`` for types other than contacts and leads.
    func fill(_ object: ObjectType, count: Int) throws {
        guard ["Contact", "Lead"].contains(object.name) else {
            throw APIError(400, "INVALID_INPUT", "Only contacts and leads can be generated.")
        }
        // Ids of digits only need no letters worked out for their end, and those that begin
        // with a 9 are far beyond the ones that are given out.
        let seed = session.org.options.seed
        let start = RecordID.make(prefix: object.keyPrefix, number: 0, seed: seed).prefix(6)
        guard let sample = RecordID.normalized("\(start)900000000") else {
            throw APIError.unexpected
        }
        let last = session.now.milliseconds
        var values = [
            "Id": "'\(start)9' || printf('%08d', n) || '\(sample.suffix(3))'",
            "FirstName": "'Given' || n", "LastName": "'Person' || n",
            "Name": "'Given' || n || ' Person' || n",
            "Email": "'person' || n || '@company' || (n % 50000) || '.example'",
            "OwnerId": "'\(DefaultOrg.integrationUser)'",
            "CreatedById": "'\(DefaultOrg.integrationUser)'",
            "LastModifiedById": "'\(DefaultOrg.integrationUser)'",
        ]
        for name in ["CreatedDate", "LastModifiedDate", "SystemModstamp"] {
            values[name] = "\(last - count) + n - first"
        }
        if object.name == "Lead" {
            values["Company"] = "'Company' || (n % 50000)"
            values["Status"] = "'Open - Not Contacted'"
        }
        let names = values.keys.sorted()
        let first = try session.rowCount(object) + 1
        try session.db.execute(
            sql: """
                INSERT INTO \(Storage.quoted(object.name))
                    (\(names.map(Storage.quoted).joined(separator: ", ")))
                WITH RECURSIVE numbers (n, first) AS (
                    SELECT \(first), \(first)
                    UNION ALL SELECT n + 1, first FROM numbers WHERE n < \(first + count - 1)
                )
                SELECT \(names.compactMap { values[$0] }.joined(separator: ", ")) FROM numbers
                """
        )
        session.org.state.withLock { $0.lastStamp = max($0.lastStamp, last) }
    }
}
