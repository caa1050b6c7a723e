/// The functions that make one value of many rows.
enum AggregateFunction: String {
    case count = "COUNT"
    case countDistinct = "COUNT_DISTINCT"
    case sum = "SUM"
    case average = "AVG"
    case minimum = "MIN"
    case maximum = "MAX"
    case grouping = "GROUPING"

    /// The SQL of the function.
    func sql(_ argument: String) -> String {
        switch self {
        case .count: "count(\(argument))"
        case .countDistinct: "count(DISTINCT \(argument))"
        case .sum: "sum(\(argument))"
        case .average: "avg(\(argument))"
        case .minimum: "min(\(argument))"
        case .maximum: "max(\(argument))"
        case .grouping: "\(Self.groupingMark)\(argument))"
        }
    }

    /// Stands for GROUPING until it is known which sets of groups there are.
    private static let groupingMark = "grouping_of("

    /// The grouped column that a GROUPING is about; nil for other SQL.
    static func groupingArgument(of sql: String) -> String? {
        guard sql.hasPrefix(groupingMark) else { return nil }
        return String(sql.dropFirst(groupingMark.count).dropLast())
    }

    /// The field that describes the result.
    func result(of field: Field) -> Field {
        switch self {
        case .minimum, .maximum: return field
        case .count, .countDistinct, .grouping:
            return Field(name: "expr", label: "expr", type: .int).comparable
        case .sum, .average:
            return Field(name: "expr", label: "expr", type: .double).comparable
        }
    }
}

/// The functions that take a part out of a day or an instant, in UTC.
enum DateFunction: String {
    case calendarMonth = "CALENDAR_MONTH"
    case calendarQuarter = "CALENDAR_QUARTER"
    case calendarYear = "CALENDAR_YEAR"
    case dayInMonth = "DAY_IN_MONTH"
    case dayInWeek = "DAY_IN_WEEK"
    case dayInYear = "DAY_IN_YEAR"
    case dayOnly = "DAY_ONLY"
    case fiscalMonth = "FISCAL_MONTH"
    case fiscalQuarter = "FISCAL_QUARTER"
    case fiscalYear = "FISCAL_YEAR"
    case hourInDay = "HOUR_IN_DAY"
    case weekInMonth = "WEEK_IN_MONTH"
    case weekInYear = "WEEK_IN_YEAR"

    /// The SQL of the function of a day's or an instant's column.
    func sql(_ column: Column) -> String {
        let isInstant = column.field.type == .datetime
        let time = isInstant ? "\(column.sql) / 1000, 'unixepoch'" : column.sql
        let number = { (format: String) in
            "CAST(strftime('\(format)', \(time)) AS INTEGER)"
        }
        return switch self {
        case .dayOnly: "strftime('%Y-%m-%d', \(time))"
        case .calendarMonth, .fiscalMonth: number("%m")
        case .calendarQuarter, .fiscalQuarter: "((\(number("%m")) + 2) / 3)"
        case .calendarYear, .fiscalYear: number("%Y")
        case .dayInMonth: number("%d")
        case .dayInWeek: "(\(number("%w")) + 1)"
        case .dayInYear: number("%j")
        case .hourInDay: number("%H")
        case .weekInMonth: "((\(number("%d")) + 6) / 7)"
        case .weekInYear: "((\(number("%j")) + 6) / 7)"
        }
    }

    /// The field that describes the result.
    var result: Field {
        Field(name: rawValue, label: rawValue, type: self == .dayOnly ? .date : .int).comparable
    }
}

extension Field {
    /// The field as a condition, an order and a group may use it.
    var comparable: Field {
        var field = self
        field.isFilterable = true
        field.isSortable = true
        field.isGroupable = true
        field.isNillable = true
        return field
    }
}

extension Translator {
    /// The column of a function call.
    mutating func column(
        of name: Query.Name,
        _ arguments: [Query.Operand]
    ) throws(APIError) -> Column {
        let word = name.text.uppercased()
        guard arguments.count == 1, let argument = arguments.first else {
            guard word == "COUNT", arguments.isEmpty else { throw invalid(name) }
            return Column(sql: "count(*)", field: AggregateFunction.count.result(of: idField))
        }
        let column = try self.column(of: argument)
        if let function = AggregateFunction(rawValue: word) {
            return Column(sql: function.sql(column.sql), field: function.result(of: column.field))
        }
        if let function = DateFunction(rawValue: word) {
            return Column(sql: function.sql(column), field: function.result)
        }
        guard ["TOLABEL", "FORMAT", "CONVERTCURRENCY", "CONVERTTIMEZONE"].contains(word) else {
            throw invalid(name)
        }
        return column
    }

    private var idField: Field { Field(name: "Id", label: "Record ID", type: .id) }

    private func invalid(_ name: Query.Name) -> APIError {
        diagnostics.error("MALFORMED_QUERY", "unknown function: \(name.text)", at: name.offset)
    }
}
