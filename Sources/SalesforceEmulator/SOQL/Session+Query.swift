import GRDB
import Synchronization

extension Session {
    /// Runs a query and gives its first page.
    ///
    /// - Parameters:
    ///   - text: The query.
    ///   - includesDeleted: Whether deleted and archived records are found too.
    /// - Returns: The answer, with the path of the next page if there is one.
    /// - Throws: ``APIError`` for a query that cannot be understood.
    func query(_ text: String, includesDeleted: Bool = false) throws -> JSON {
        org.state.withLock { $0.counters.queries += 1 }
        let query = try QueryParser.parse(text)
        try checkFaults(.query, query.object.text)
        let context = QueryContext(
            schema: schema,
            diagnostics: SOQLDiagnostics(text: text),
            today: now.day,
            userID: userID,
            includesDeleted: includesDeleted,
            hidden: hidden
        )
        let translation = try Translator.translate(query, context)
        if translation.isCount { return try count(translation) }
        return try firstPage(translation)
    }

    private func count(_ translation: Translation) throws -> JSON {
        let total = try Int.fetchOne(
            db,
            sql: translation.sql(selecting: "count(*)"),
            arguments: translation.arguments
        )
        return ["totalSize": .integer(total ?? 0), "done": true, "records": []]
    }

    private func firstPage(_ translation: Translation) throws -> JSON {
        let size = options.batchSize
        let canContinue = !translation.isAggregate && translation.offset == nil
        let rows = try Row.fetchAll(
            db,
            sql: translation.sql(most: canContinue ? size + 1 : 2000),
            arguments: translation.arguments
        )
        guard canContinue, rows.count > size else {
            let records = try rows.map { try record($0, translation.shape) }
            return page(records, total: records.count, next: nil)
        }
        let numbers = try Int64.fetchAll(
            db,
            sql: translation.sql(selecting: "\(translation.from.rootAlias).rowid"),
            arguments: translation.arguments
        )
        let cursor = QueryCursor(translation: translation, rows: numbers, pageSize: size, made: now)
        let locator = org.state.withLock { $0.cursors.add(cursor, seed: org.options.seed) }
        let records = try rows.prefix(size).map { try record($0, translation.shape) }
        return page(records, total: numbers.count, next: "\(locator)-\(size)")
    }

    /// A later page of a query.
    ///
    /// - Parameter locator: What the page before named, `01g…-2000`.
    /// - Returns: The answer, with the path of the next page if there is one.
    /// - Throws: `INVALID_QUERY_LOCATOR` if the query is not open any more.
    func page(_ locator: String) throws -> JSON {
        let parts = locator.split(separator: "-")
        guard parts.count == 2, let start = Int(parts[1]),
            let id = RecordID.normalized(parts[0]),
            let cursor = org.state.withLock({ $0.cursors.cursor(id, now: now) }),
            start >= 0, start <= cursor.rows.count
        else { throw APIError(400, "INVALID_QUERY_LOCATOR", "invalid query locator") }
        let numbers = cursor.rows[start...].prefix(cursor.pageSize)
        let list = JSON.array(numbers.map { .integer(Int($0)) }).serialized
        let rows = try Row.fetchAll(db, sql: cursor.translation.sqlForRows, arguments: [list])
        let records = try rows.map { try record($0, cursor.translation.shape) }
        let end = start + cursor.pageSize
        let next = end < cursor.rows.count ? "\(parts[0])-\(end)" : nil
        return page(records, total: cursor.rows.count, next: next)
    }

    private func page(_ records: [JSON], total: Int, next: String?) -> JSON {
        var page: JSONObject = ["totalSize": .integer(total), "done": .bool(next == nil)]
        if let next { page["nextRecordsUrl"] = .string("\(options.versionPath)/query/\(next)") }
        page["records"] = .array(records)
        return .object(page)
    }

    /// The type and the path of a record, as answers show them.
    func attributes(_ type: String, id: String) -> JSON {
        [
            "type": .string(type),
            "url": .string("\(options.versionPath)/sobjects/\(type)/\(id)"),
        ]
    }

    /// The record that a row makes under a shape.
    func record(_ row: Row, _ shape: RecordShape) throws -> JSON {
        var record = JSONObject()
        let id = shape.idColumn.flatMap { row[$0] as String? }
        if let type = shape.type {
            guard let id else { return .null }
            let target = type == "Name" ? schema.object(ofID: id)?.name ?? type : type
            record["attributes"] = [
                "type": .string(type),
                "url": .string("\(options.versionPath)/sobjects/\(target)/\(id)"),
            ]
        } else {
            record["attributes"] = ["type": "AggregateResult"]
        }
        for (key, member) in shape.members {
            record.append(key, try value(of: member, row, id: id))
        }
        return .object(record)
    }

    private func value(of member: RecordShape.Member, _ row: Row, id: String?) throws -> JSON {
        switch member {
        case .value(let column, .junctionIdList):
            let text: String? = row[column]
            return .array((text ?? "").split(separator: ";").map { .string(String($0)) })
        case .value(let column, let type):
            return FieldValue.json(row[column], type: type)
        case .parent(let shape): return try record(row, shape)
        case .address(let columns): return address(row, columns)
        case .children(let query): return try children(query, of: id)
        case .typeOf(let column, let shapes, let otherwise):
            guard let id: String = row[column] else { return .null }
            return try record(row, shapes[String(id.prefix(3))] ?? otherwise)
        }
    }

    private func address(_ row: Row, _ columns: [(key: String, column: Int)]) -> JSON {
        var address = JSONObject()
        var isEmpty = true
        for (key, column) in columns {
            let value = FieldValue.json(row[column], type: .string)
            isEmpty = isEmpty && value == .null
            address.append(key, value)
        }
        return isEmpty ? .null : .object(address)
    }

    private func children(_ query: ChildQuery, of id: String?) throws -> JSON {
        let translation = query.translation
        let statement = try db.cachedStatement(sql: translation.sql(most: 2000))
        let arguments = StatementArguments(
            [id?.databaseValue ?? .null] + translation.conditionArguments
                + translation.havingArguments
        )
        let records = try Row.fetchAll(statement, arguments: arguments)
            .map { try record($0, translation.shape) }
        return records.isEmpty ? .null : page(records, total: records.count, next: nil)
    }
}
