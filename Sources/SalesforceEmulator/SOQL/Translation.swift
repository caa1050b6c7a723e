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

    /// The sets of grouped columns, by their place in ``groupBy``, that ROLLUP or CUBE asks for;
    /// nil for plain groups.
    var groupingSets: [Set<Int>]?
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
        if let groupingSets { return sql(of: groupingSets, most: most) }
        let list = selection ?? columns.map { self.column($0, in: nil) }.joined(separator: ", ")
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

    /// The statement for several sets of groups, each a part of a union.
    private func sql(of sets: [Set<Int>], most: Int?) -> String {
        let parts = sets.map { set in
            let list = columns.enumerated()
                .map { "\(self.column($0.element, in: set)) AS c\($0.offset)" }
            var part =
                "SELECT \(list.joined(separator: ", ")) FROM \(from.sql()) WHERE \(condition)"
            let groups = set.sorted().map { groupBy[$0] }
            if !groups.isEmpty { part += " GROUP BY \(groups.joined(separator: ", "))" }
            if let having { part += " HAVING \(having)" }
            return part
        }
        var sql = "SELECT * FROM (\(parts.joined(separator: " UNION ALL ")))"
        let keys = order.compactMap(unionOrder)
        if !keys.isEmpty { sql += " ORDER BY \(keys.joined(separator: ", "))" }
        if let rows = [limit, most].compactMap({ $0 }).min() { sql += " LIMIT \(rows)" }
        return sql
    }

    /// A key of ORDER BY that names a result column of a union; nil if none has that value.
    private func unionOrder(_ key: String) -> String? {
        let found = columns.enumerated().filter { "\(key) ".hasPrefix("\($0.element) ") }
            .max { $0.element.count < $1.element.count }
        return found.map { "c\($0.offset)\(key.dropFirst($0.element.count))" }
    }

    /// A result column within a set of groups: null or 1 for what the set does not group by.
    private func column(_ sql: String, in set: Set<Int>?) -> String {
        if let argument = AggregateFunction.groupingArgument(of: sql) {
            guard let set else { return "0" }
            return set.contains { groupBy[$0] == argument } ? "0" : "1"
        }
        guard let set, let index = groupBy.firstIndex(of: sql), !set.contains(index) else {
            return sql
        }
        return "NULL"
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
        let once = conditionArguments + havingArguments
        return StatementArguments((groupingSets ?? [[]]).flatMap { _ in once })
    }
}
