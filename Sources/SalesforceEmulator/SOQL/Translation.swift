import GRDB

/// A query in SQL, with what is needed to make an answer from its rows.
struct Translation: Sendable {
    /// The type that is queried.
    let object: ObjectType

    /// The expressions of the result columns.
    var columns: [String] = []
    var shape: RecordShape

    /// FROM without the keyword; see ``from(source:)`` for other sources of rows.
    var from: FromClause
    var condition = "1"
    var conditionArguments: [DatabaseValue] = []
    var groupBy: [String] = []
    var having: String?
    var havingArguments: [DatabaseValue] = []
    var order: [String] = []
    var limit: Int?
    var offset: Int?

    /// Whether the answer is only a number of records.
    var isCount = false

    /// Whether rows are groups instead of records.
    var isAggregate = false

    /// The statement for all rows.
    ///
    /// - Parameters:
    ///   - selection: What to select in place of the columns.
    ///   - most: The most rows wanted, on top of what the query limits.
    /// - Returns: SQL for ``arguments``.
    func sql(selecting selection: String? = nil, most: Int? = nil) -> String {
        let list = selection ?? columns.joined(separator: ", ")
        var sql = "SELECT \(list) FROM \(from.sql()) WHERE \(condition)"
        if !groupBy.isEmpty { sql += " GROUP BY \(groupBy.joined(separator: ", "))" }
        if let having { sql += " HAVING \(having)" }
        if !order.isEmpty { sql += " ORDER BY \(order.joined(separator: ", "))" }
        let rows = [limit, most].compactMap { $0 }.min()
        if rows != nil || offset != nil {
            sql += " LIMIT \(rows ?? -1) OFFSET \(offset ?? 0)"
        }
        return sql
    }

    /// The statement for given rows, named by a JSON array of row numbers, in its order.
    var sqlForRows: String {
        let table = Storage.quoted(object.name)
        let source =
            "json_each(?) AS page CROSS JOIN \(table) AS \(from.rootAlias) "
            + "ON \(from.rootAlias).rowid = page.value"
        let list = columns.joined(separator: ", ")
        return "SELECT \(list) FROM \(from.sql(source: source)) ORDER BY page.key"
    }

    /// The arguments of ``sql(selecting:most:)``.
    var arguments: StatementArguments {
        StatementArguments(conditionArguments + havingArguments)
    }
}
