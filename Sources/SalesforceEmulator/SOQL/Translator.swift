import GRDB

/// Turns a query into SQL, checking it against the schema.
///
/// Values always travel as arguments; only names from the schema become part of the SQL.
struct Translator {
    let context: QueryContext
    let query: Query
    var result: Translation

    /// Translates a query of its own.
    static func translate(_ query: Query, _ context: QueryContext) throws(APIError) -> Translation {
        guard let object = context.schema.object(query.object.text) else {
            throw context.diagnostics.noSuchObject(query.object.text, at: query.object.offset)
        }
        var translator = Translator(query, object, context)
        try translator.run()
        return translator.result
    }

    /// Translates a query for the children of a record, whose id is the first argument.
    static func translateChildren(
        _ query: Query,
        of relation: Schema.ChildRelation,
        _ context: QueryContext
    ) throws(APIError) -> Translation {
        guard let object = context.schema.object(relation.object) else {
            throw context.diagnostics.noSuchObject(query.object.text, at: query.object.offset)
        }
        var translator = Translator(query, object, context)
        try translator.run()
        let key = "\(translator.result.from.rootAlias).\(Storage.quoted(relation.field))"
        translator.result.condition = "\(key) = ? AND (\(translator.result.condition))"
        return translator.result
    }

    init(_ query: Query, _ object: ObjectType, _ context: QueryContext) {
        self.query = query
        self.context = context
        result = Translation(
            object: object,
            shape: RecordShape(type: object.name, idColumn: 0),
            from: FromClause(context: context, root: object, query: query)
        )
    }

    var diagnostics: SOQLDiagnostics { context.diagnostics }

    private mutating func run() throws(APIError) {
        try checkPaging()
        if isCount {
            result.isCount = true
        } else if isAggregate {
            try translateGroups()
        } else {
            try translateSelection()
        }
        try translateCondition()
        try translateOrder()
        result.limit = query.limit
        result.offset = query.offset
    }

    private func checkPaging() throws(APIError) {
        let children = query.select.count { item in
            if case .children = item { true } else { false }
        }
        guard children <= 20 else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "The number of subqueries cannot exceed 20",
                at: query.object.offset
            )
        }
        if isAggregate, !isCount, query.groupBy.isEmpty, query.limit != nil {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "A limit can not be specified on an aggregate query without grouping",
                at: query.object.offset
            )
        }
        if isCount, !query.order.isEmpty {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "An order can not be specified for COUNT()",
                at: query.object.offset
            )
        }
        guard (query.condition.map(Self.semiJoins) ?? 0) <= 2 else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "maximum 2 semi join sub-selects are allowed",
                at: query.object.offset
            )
        }
        guard (query.offset ?? 0) <= 2000 else {
            throw APIError(
                400,
                "NUMBER_OUTSIDE_VALID_RANGE",
                "Maximum SOQL offset allowed is 2000"
            )
        }
    }

    private static func semiJoins(in condition: Query.Condition) -> Int {
        switch condition {
        case .all(let terms), .any(let terms): terms.reduce(0) { $0 + semiJoins(in: $1) }
        case .not(let inner): semiJoins(in: inner)
        case .isInQuery: 1
        case .comparison, .isIn, .includes: 0
        }
    }

    /// Whether the query asks for nothing but `COUNT()`.
    private var isCount: Bool {
        guard query.groupBy.isEmpty, query.select.count == 1,
            case .operand(.function(let name, let arguments), _)? = query.select.first
        else { return false }
        return name.text.lowercased() == "count" && arguments.isEmpty
    }

    private var isAggregate: Bool {
        !query.groupBy.isEmpty
            || query.select.contains { item in
                guard case .operand(.function(let name, _), _) = item else { return false }
                return AggregateFunction(rawValue: name.text.uppercased()) != nil
            }
    }

    private mutating func translateCondition() throws(APIError) {
        var conditions: [String] = []
        conditions += hiddenRows
        if !context.hidden.isEmpty {
            // Ids are letters and digits.
            let ids = context.hidden.sorted().map { "'\($0)'" }.joined(separator: ",")
            conditions.append("\(result.from.rootAlias).\"Id\" NOT IN (\(ids))")
        }
        if query.isScopedToUser, let owner = result.object.field("OwnerId") {
            let alias = result.from.rootAlias
            conditions.append("\(result.from.sql(of: owner, in: result.object, alias: alias)) = ?")
            result.conditionArguments.append(context.userID.databaseValue)
        }
        if let condition = query.condition {
            conditions.append(try sql(condition, isNegated: false, in: .rows))
        }
        if !conditions.isEmpty { result.condition = conditions.joined(separator: " AND ") }
    }

    /// The conditions that keep deleted and archived records out, as far as they are not wanted.
    private var hiddenRows: [String] {
        let alias = result.from.rootAlias
        // The rows of a history are never deleted.
        guard result.object.field("SystemModstamp") != nil else { return [] }
        // 2 marks what was deleted for good.
        if context.includesDeleted {
            let isKept =
                "\(alias).\"IsDeleted\" < 2 AND \(alias).\"SystemModstamp\" > \(context.binEnd)"
            return ["(NOT \(alias).\"IsDeleted\" OR \(isKept))"]
        }
        var conditions = ["NOT \(alias).\"IsDeleted\""]
        if result.object.field("IsArchived") != nil {
            let day = context.lastArchivedDay.text
            conditions.append("NOT \(alias).\"IsArchived\"")
            conditions.append(
                "(\(alias).\"ActivityDate\" IS NULL OR +\(alias).\"ActivityDate\" > '\(day)')"
            )
        }
        return conditions
    }

    private mutating func translateOrder() throws(APIError) {
        for key in query.order {
            let column = try self.column(of: key.operand)
            guard column.field.isSortable || result.isAggregate else {
                throw diagnostics.error(
                    "INVALID_FIELD",
                    "field '\(column.field.name)' can not be sorted in a query call",
                    at: key.operand.offset
                )
            }
            let direction = key.isDescending ? " DESC" : ""
            // Columns without nulls keep the plain form, which an index can serve.
            let isNillable = column.field.isNillable || !column.steps.isEmpty
            let nulls = isNillable ? " NULLS \(key.nullsLast ? "LAST" : "FIRST")" : ""
            result.order.append("\(column.sql)\(direction)\(nulls)")
        }
    }

    /// The position of a result column, which is added if it is new.
    mutating func position(of sql: String) -> Int {
        if let position = result.columns.firstIndex(of: sql) { return position }
        result.columns.append(sql)
        return result.columns.count - 1
    }

    /// The column of a field or function.
    mutating func column(of operand: Query.Operand) throws(APIError) -> Column {
        switch operand {
        case .field(let name):
            if result.isAggregate, let aliased = aliases[name.text.lowercased()] {
                return aliased
            }
            return try result.from.column(name)
        case .function(let name, let arguments):
            return try column(of: name, arguments)
        }
    }

    /// What aliases of aggregates stand for, by lowercased alias.
    var aliases: [String: Column] = [:]
}
