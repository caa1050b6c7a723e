import Domain

/// Splits a condition into several that together fit the same rows.
enum SOQLSplit {
    /// Conditions of which each takes no more space than given.
    ///
    /// - Parameters:
    ///   - condition: The condition to split.
    ///   - space: The most UTF-16 units of one written condition.
    /// - Returns: The conditions, in the order of the lists.
    /// - Throws: ``SalesforceError/rejected(code:_:)`` if a part that cannot be split is too long.
    static func parts(
        of condition: Query.Condition,
        space: Int
    ) throws(SalesforceError) -> [Query.Condition] {
        if try length(condition) <= space { return [condition] }
        switch condition {
        case .isIn(let path, let texts): return lists(path, texts.firstOfEach(), space: space)
        case .either(let parts): return try groups(parts, space: space)
        case .both(let parts): return try distributed(parts, space: space)
        case .all, .equals, .differs, .notBefore, .after, .endsWith, .contains:
            throw .rejected(code: "QUERY_TOO_COMPLICATED", "a query is too long to be sent")
        }
    }

    private static func length(_ condition: Query.Condition) throws(SalesforceError) -> Int {
        guard case .text(let text, _) = try SOQLFilter(condition) else { return 0 }
        return text.utf16.count
    }

    /// Slices of the list, filled as far as they go.
    private static func lists(
        _ path: String,
        _ texts: [String],
        space: Int
    ) -> [Query.Condition] {
        let frame = path.utf16.count + " IN ()".utf16.count
        var slices: [[String]] = [[]]
        var used = frame
        for text in texts {
            guard let literal = SOQLLiteral.text(text) else { continue }
            let cost = literal.utf16.count + 1
            if used + cost > space, slices.last?.isEmpty == false {
                slices.append([])
                used = frame
            }
            slices[slices.count - 1].append(text)
            used += cost
        }
        return slices.map { .isIn(path, $0) }
    }

    /// Alternatives joined as far as they go; one that is too long alone is split itself.
    private static func groups(
        _ parts: [Query.Condition],
        space: Int
    ) throws(SalesforceError) -> [Query.Condition] {
        var groups: [[Query.Condition]] = []
        var used = 0
        for part in parts {
            for piece in try Self.parts(of: part, space: space - 2) {
                let cost = try length(piece) + " OR ()".utf16.count
                if groups.isEmpty || used + cost > space {
                    groups.append([])
                    used = 0
                }
                groups[groups.count - 1].append(piece)
                used += cost
            }
        }
        return groups.map { $0.count == 1 ? $0[0] : .either($0) }
    }

    /// The longest part split, each piece together with all the other parts.
    private static func distributed(
        _ parts: [Query.Condition],
        space: Int
    ) throws(SalesforceError) -> [Query.Condition] {
        var lengths: [Int] = []
        for part in parts { lengths.append(try length(part) + " AND ()".utf16.count) }
        guard let longest = lengths.indices.max(by: { lengths[$0] < lengths[$1] }) else {
            return []
        }
        let rest = lengths.reduce(0, +) - lengths[longest]
        let pieces = try Self.parts(of: parts[longest], space: space - rest - " AND ()".utf16.count)
        return pieces.map { piece in
            var combined = parts
            combined[longest] = piece
            return .both(combined)
        }
    }
}
