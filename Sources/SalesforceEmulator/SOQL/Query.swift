/// A query, as read and not yet checked against a schema.
struct Query: Sendable {
    var select: [SelectItem]
    var object: Name
    var alias: String?

    /// Further names in FROM: an alias and the path it stands for.
    var relationAliases: [RelationAlias] = []
    var condition: Condition?
    var groupBy: [Operand] = []
    var having: Condition?
    var order: [Order] = []
    var limit: Int?
    var offset: Int?

    /// Whether the rows asked for are those of the querying user (USING SCOPE mine).
    var isScopedToUser = false

    /// A word of the query and where it stands.
    struct Name: Hashable, Sendable {
        let text: String
        let offset: Int

        /// The parts between the dots.
        var parts: [String] { text.split(separator: ".").map(String.init) }
    }

    /// `Contact.Account a` in FROM.
    struct RelationAlias: Sendable {
        let alias: String
        let path: Name
    }

    /// One key of ORDER BY.
    struct Order: Sendable {
        let operand: Operand
        let isDescending: Bool

        /// Where nulls go; nil is the default, first.
        let nullsLast: Bool
    }

    /// One item between SELECT and FROM.
    indirect enum SelectItem: Sendable {
        case operand(Operand, alias: String?)
        case allFields(FieldGroup, offset: Int)
        case children(Query)
        case typeof(TypeOf)
    }

    /// The sets of fields that FIELDS() names.
    enum FieldGroup: String, Sendable {
        case all = "ALL"
        case standard = "STANDARD"
        case custom = "CUSTOM"
    }

    /// Fields that depend on the type of what a relation points at.
    struct TypeOf: Sendable {
        let relation: Name
        let cases: [(type: Name, fields: [Name])]
        let otherwise: [Name]
    }

    /// A field, or a function of one.
    indirect enum Operand: Sendable {
        case field(Name)
        case function(Name, [Operand])

        /// Where it begins.
        var offset: Int {
            switch self {
            case .field(let name), .function(let name, _): name.offset
            }
        }
    }

    /// What WHERE and HAVING ask.
    indirect enum Condition: Sendable {
        case all([Condition])
        case any([Condition])
        case not(Condition)
        case comparison(Operand, Comparison, Value)
        case isIn(Operand, isNegated: Bool, [Value])
        case isInQuery(Operand, isNegated: Bool, Query)
        case includes(Operand, isNegated: Bool, [Value])
    }

    /// The operators between a field and one value.
    enum Comparison: String, Sendable {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case like = "LIKE"

        /// The operator that holds exactly when this one does not; nil for LIKE.
        var opposite: Comparison? {
            switch self {
            case .equal: .notEqual
            case .notEqual: .equal
            case .less: .greaterOrEqual
            case .lessOrEqual: .greater
            case .greater: .lessOrEqual
            case .greaterOrEqual: .less
            case .like: nil
            }
        }
    }

    /// A value to compare with, and where it stands.
    struct Value: Sendable {
        let kind: Kind
        let offset: Int

        /// The kinds of value.
        enum Kind: Sendable {
            case string(StringLiteral)
            case number(String)
            case bool(Bool)
            case null
            case date(String)
            case dateLiteral(String, Int?)
        }
    }
}
