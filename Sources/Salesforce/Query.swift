public import Domain

/// A query in parts.
///
/// Text reaches SOQL through here alone, and only escaped.
public struct Query: Hashable, Sendable {
    /// The object.
    public var object: ObjectName
    /// Field names or paths such as `Owner.Name`.
    public var select: [String]
    /// Which rows.
    public var condition: Condition
    /// Paths to order by, ascending.
    public var orderBy: [String]
    /// The most rows, or nil for all.
    public var limit: Int?
    /// Whether rows in the recycle bin and the archive count, too.
    public var includesDeleted: Bool
    /// A path by whose values rows are counted, instead of being returned: each row of the answer
    /// then has that path and the number of records, ``countName``.
    public var countedBy: String?

    /// The name under which an answer gives numbers of records.
    public static let countName = "total"

    /// Creates a query.
    public init(
        _ select: [String],
        from object: ObjectName,
        where condition: Condition,
        orderBy: [String] = [],
        limit: Int? = nil,
        includesDeleted: Bool = false
    ) {
        (self.object, self.select, self.condition) = (object, select, condition)
        (self.orderBy, self.limit, self.includesDeleted) = (orderBy, limit, includesDeleted)
    }

    /// Which rows a query returns.
    public indirect enum Condition: Hashable, Sendable {
        /// All rows.
        case all
        /// The field has one of these texts. A long list is split over several queries.
        case isIn(String, [String])
        /// The field equals a value.
        case equals(String, FieldValue)
        /// The field differs from a value.
        case differs(String, FieldValue)
        /// The moment in the field is this one or a later one.
        case notBefore(String, Instant)
        /// The field holds a later moment.
        case after(String, Instant)
        /// The text of the field ends with this.
        case endsWith(String, String)
        /// The text of the field contains this.
        case contains(String, String)
        /// All of these hold.
        case both([Condition])
        /// One of these holds. A long list is split over several queries.
        case either([Condition])
    }
}
