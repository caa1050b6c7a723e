import Domain

/// Joins the rows of a query that had to be split over several statements.
enum RowMerge {
    /// The rows, each record once, in the order of the query and no more than its limit.
    ///
    /// Texts are compared without regard to case, empty values come first, as in the org's own
    /// order for English. Rows of a single statement stay as they came.
    static func merged(_ slots: [[JSON]], of query: Query) -> [JSON] {
        guard slots.count > 1 else { return slots.first ?? [] }
        var known: Set<String> = []
        let unique = slots.flatMap { $0 }.filter { row in
            row["Id"]?.string.map { known.insert($0).inserted } ?? true
        }
        let sorted = query.orderBy.isEmpty ? unique : Self.sorted(unique, by: query.orderBy)
        return query.limit.map { Array(sorted.prefix($0)) } ?? sorted
    }

    private static func sorted(_ rows: [JSON], by paths: [String]) -> [JSON] {
        let steps = paths.map { $0.split(separator: ".").map(String.init) }
        let keyed = rows.enumerated().map { place, row in
            (row: row, place: place, keys: steps.map { Key(row, path: $0) })
        }
        let ordered = keyed.sorted { left, right in
            for (one, other) in zip(left.keys, right.keys) where one != other {
                return one < other
            }
            return left.place < right.place
        }
        return ordered.map(\.row)
    }

    /// A value to order by: nothing, then numbers, then texts.
    private enum Key: Comparable {
        case nothing
        case number(Double)
        case text(String)

        init(_ row: JSON, path: [String]) {
            let value = path.reduce(row) { $0[$1] ?? .null }
            switch value {
            case .string(let text): self = .text(text.lowercased())
            case .number(let digits): self = Double(digits).map(Key.number) ?? .nothing
            case .bool(let flag): self = .number(flag ? 1 : 0)
            case .null, .array, .object: self = .nothing
            }
        }
    }
}
