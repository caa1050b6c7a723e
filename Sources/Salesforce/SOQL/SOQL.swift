import Domain

/// Writes queries as SOQL statements.
public enum SOQL {
    /// The longest statement that is sent, in characters; the org allows 100,000.
    public static let longestStatement = 99_000

    /// The statements that together return the rows of a query.
    ///
    /// One statement, if it is short enough. A longer one is split along its `isIn` and `either`
    /// lists; a row may then be returned by several statements, which is why they select `Id`.
    /// None at all, if the condition fits no row.
    ///
    /// - Parameters:
    ///   - query: The query.
    ///   - limit: The longest statement, in characters.
    /// - Returns: The statements, in the order of the lists.
    /// - Throws: ``SalesforceError/rejected(code:_:)`` if a name or value may not be sent, or the
    ///   query cannot be split.
    public static func statements(
        for query: Query,
        limit: Int = longestStatement
    ) throws(SalesforceError) -> [String] {
        guard let whole = try Frame(query).statement(query.condition) else { return [] }
        if whole.utf16.count <= limit { return [whole] }
        let frame = try Frame(query, addingID: true)
        var statements: [String] = []
        for part in try SOQLSplit.parts(of: query.condition, space: limit - frame.length) {
            guard let statement = try frame.statement(part) else { continue }
            guard statement.utf16.count <= limit else {
                throw .rejected(code: "QUERY_TOO_COMPLICATED", "a query is too long to be sent")
            }
            statements.append(statement)
        }
        return statements
    }

    /// All of a statement but its condition.
    private struct Frame {
        let head: String
        let tail: String

        /// Room for ` WHERE `.
        var length: Int { head.utf16.count + tail.utf16.count + 7 }

        init(_ query: Query, addingID: Bool = false) throws(SalesforceError) {
            if let path = query.countedBy {
                // Each slice of a long list has groups of its own.
                let name = try APIName.checked(path: path)
                let object = try APIName.checked(query.object)
                head = "SELECT \(name),COUNT(Id) \(Query.countName) FROM \(object)"
                tail = " GROUP BY \(name)"
                return
            }
            let wanted = addingID ? ["Id"] + query.select : query.select
            guard !wanted.isEmpty else {
                throw .rejected(code: "MALFORMED_QUERY", "a query selects no fields")
            }
            let fields = try Self.checked(wanted).joined(separator: ",")
            head = "SELECT \(fields) FROM \(try APIName.checked(query.object))"
            let order = try Self.checked(query.orderBy).joined(separator: ",")
            let limit = query.limit.map { " LIMIT \(max(1, $0))" } ?? ""
            tail = (order.isEmpty ? "" : " ORDER BY \(order)") + limit
        }

        /// The statement, or nil if no row can fit.
        func statement(_ condition: Query.Condition) throws(SalesforceError) -> String? {
            switch try SOQLFilter(condition) {
            case .never: nil
            case .always: head + tail
            case .text(let text, _): "\(head) WHERE \(text)\(tail)"
            }
        }

        /// The paths, each once: the org refuses a field that is selected twice in any spelling.
        private static func checked(_ paths: [String]) throws(SalesforceError) -> [String] {
            var known: Set<String> = []
            var result: [String] = []
            for path in paths where known.insert(path.lowercased()).inserted {
                result.append(try APIName.checked(path: path))
            }
            return result
        }
    }
}
