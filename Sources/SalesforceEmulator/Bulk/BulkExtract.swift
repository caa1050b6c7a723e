import GRDB

/// Runs the query of a bulk job and keeps its rows as lines of a file.
///
/// Source: `facts/salesforce-api.md` 4.3.
struct BulkExtract {
    /// Acts as the user who made the job.
    let session: Session
    let job: BulkJob

    /// One column of the file.
    private struct Column {
        let name: String
        let position: Int
        let type: FieldType
    }

    /// Runs the query.
    ///
    /// - Returns: The job as it is then; it fails only if the schema changed since it was made.
    func run() throws -> BulkJob {
        var done = job
        done.modified = session.now
        do {
            let translation = try Self.translation(of: job.query ?? "", job.operation, session)
            let columns = Self.columns(of: translation.shape, prefix: "")
            done.header = job.dialect.line(columns.map(\.name))
            let found = try Row.fetchCursor(
                session.db,
                sql: translation.sql(),
                arguments: translation.arguments
            )
            while let row = try found.next() {
                done.processed += 1
                let line = job.dialect.line(columns.map { Self.text(row[$0.position], $0.type) })
                try session.insert(BulkRow(line: line), number: done.processed, of: job)
            }
            done.state = .complete
        } catch let error as APIError {
            done.state = .failed
            done.errorMessage = error.entries.first?.message
        }
        return done
    }

    /// The query of a job in SQL.
    ///
    /// - Throws: ``APIError`` for a query that cannot be understood, or that asks for what a bulk
    ///   query cannot give: groups, child records, OFFSET, TYPEOF, addresses.
    static func translation(
        of text: String,
        _ operation: BulkJob.Operation,
        _ session: Session
    ) throws(APIError) -> Translation {
        let query = try QueryParser.parse(text)
        let context = session.queryContext(text, includesDeleted: operation == .queryAll)
        let translation = try Translator.translate(query, context)
        guard !translation.isCount, !translation.isAggregate else {
            throw unsupported("Aggregate functions and GROUP BY")
        }
        guard translation.offset == nil else { throw unsupported("OFFSET") }
        try check(translation.shape)
        return translation
    }

    private static func check(_ shape: RecordShape) throws(APIError) {
        for (_, member) in shape.members {
            switch member {
            case .value: continue
            case .parent(let parent): try check(parent)
            case .address:
                throw APIError(
                    400,
                    "API_ERROR",
                    "Selecting compound data not supported in Bulk Query"
                )
            case .children: throw unsupported("Aggregate Relationships")
            case .typeOf: throw unsupported("TYPEOF")
            }
        }
    }

    private static func unsupported(_ what: String) -> APIError {
        APIError(
            400,
            "API_ERROR",
            "\(what) not supported in Bulk V2 Query with CSV content type"
        )
    }

    private static func columns(of shape: RecordShape, prefix: String) -> [Column] {
        shape.members.flatMap { key, member -> [Column] in
            switch member {
            case .value(let position, let type):
                [Column(name: prefix + key, position: position, type: type)]
            case .parent(let parent): columns(of: parent, prefix: "\(prefix)\(key).")
            case .address, .children, .typeOf: []
            }
        }
    }

    private static func text(_ value: DatabaseValue, _ type: FieldType) -> String {
        if value.isNull { return "" }
        if type == .datetime, case .int64(let milliseconds) = value.storage {
            let text = Instant(milliseconds: Int(milliseconds)).text
            return text.replacing("+0000", with: "Z")
        }
        let json = FieldValue.json(value, type: type)
        return json.text ?? json.serialized
    }
}
