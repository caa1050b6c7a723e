/// What a field of a query is in SQL.
struct Column: Sendable {
    /// The SQL expression, with the collation that its comparisons need.
    let sql: String

    /// The field whose rules hold for comparisons and whose type the value has.
    let field: Field

    /// The relations that lead there from the queried type, outermost first.
    var steps: [RelationStep] = []
}

/// One relation on the way from a record to a field.
struct RelationStep: Sendable {
    /// The key under which answers show the related record.
    let key: String

    /// The type that answers show: that of the target, or `Name` for several targets.
    let type: String

    /// The SQL expression of the related record's id.
    let idSQL: String
}
