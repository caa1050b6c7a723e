import GRDB

/// How the org finds the rows of a query: what `?explain=` answers.
struct QueryPlan {
    /// The steps as SQLite tells them, for example
    /// `SEARCH t0 USING INDEX Contact_Email (Email=?)`.
    let steps: [String]
    private let translation: Translation

    /// Asks the database how it would run a query.
    init(_ translation: Translation, _ db: Database) throws {
        self.translation = translation
        steps = try Row.fetchAll(
            db,
            sql: "EXPLAIN QUERY PLAN \(translation.sql())",
            arguments: translation.arguments
        )
        .map { $0["detail"] }
    }

    /// The steps that read the queried type itself.
    private var rootSteps: [String] {
        let alias = translation.from.rootAlias
        return steps.filter { step in
            ["SEARCH", "SCAN"].contains { "\(step) ".hasPrefix("\($0) \(alias) ") }
        }
    }

    /// Whether some index narrows the rows down, instead of all being looked at.
    var usesIndex: Bool {
        !rootSteps.isEmpty && rootSteps.allSatisfy { $0.hasPrefix("SEARCH ") }
    }

    /// The fields by which rows are found.
    var fields: [String] {
        rootSteps.flatMap { step -> [String] in
            guard step.hasPrefix("SEARCH "), let start = step.lastIndex(of: "(") else { return [] }
            return step[step.index(after: start)...].split(separator: " AND ").map { part in
                String(part.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            }
        }
    }

    /// The plan as it is answered.
    ///
    /// - Parameters:
    ///   - total: How many records the type has, about.
    ///   - found: How many the query finds, where an index says it quickly.
    /// - Returns: One entry of `plans`.
    func json(total: Int, found: Int) -> JSON {
        [
            "cardinality": .integer(found),
            "fields": .array(fields.map { .string($0) }),
            "leadingOperationType": .string(usesIndex ? "Index" : "TableScan"),
            "notes": .array(
                steps.map { step in
                    ["description": .string(step), "fields": [], "tableEnumOrId": ""]
                }
            ),
            // Above 1 a real org calls a query not selective.
            "relativeCost": .number(
                usesIndex ? Double(found) / max(Double(total) / 10, 1) : max(Double(total), 2)
            ),
            "sobjectCardinality": .integer(total),
            "sobjectType": .string(translation.object.name),
        ]
    }
}

extension Session {
    /// The answer to `?explain=`: how a query would be run.
    ///
    /// - Throws: ``APIError`` for a query that cannot be understood.
    func explain(_ text: String) throws -> JSON {
        let context = queryContext(text, includesDeleted: false)
        let translation = try Translator.translate(try QueryParser.parse(text), context)
        let plan = try QueryPlan(translation, db)
        let total = try rowCount(translation.object)
        let found =
            plan.usesIndex
            ? try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM (\(translation.sql(most: 1_000_000)))",
                arguments: translation.arguments
            ) : total
        return [
            "plans": [plan.json(total: total, found: found ?? 0)], "sourceQuery": .string(text),
        ]
    }
}
