import Domain

/// A statement that may go through a query job.
struct BulkStatement: Hashable, Sendable {
    /// The statement.
    let soql: String
    /// What it is about.
    let object: ObjectName
    /// Whether rows in the recycle bin and the archive count, too.
    let includesDeleted: Bool
    /// Whether a job may run it: it takes no limit, and no list of attendees, which CSV cannot say.
    let isAllowed: Bool

    init(_ query: Query, soql: String) {
        (self.soql, object, includesDeleted) = (soql, query.object, query.includesDeleted)
        isAllowed =
            query.limit == nil && !query.select.contains(OrgSchema.attendeesField.rawValue)
    }

    /// How many rows one call for results brings.
    static let mostRows = 50_000

    /// Whether the rest of a long answer costs fewer calls with a job.
    ///
    /// | Way | Calls |
    /// | --- | --- |
    /// | further pages | one for each 2,000 rows: each page names the next one |
    /// | a job | make, about three questions how far it is, one for each 50,000 rows |
    ///
    /// - Parameter rows: How many rows the org counts.
    /// - Returns: True if the job costs fewer.
    static func isJobCheaper(rows: Int) -> Bool {
        let pages = (rows - 1) / 2_000
        let job = 4 + (rows + mostRows - 1) / mostRows
        return job < pages
    }
}

extension SalesforceClient {
    /// The rows of a statement by a query job; nil if the org takes no such job.
    ///
    /// Source: `facts/salesforce-api.md` 4.3.
    ///
    /// - Throws: ``SalesforceError`` if the results cannot be learned as a whole.
    func rows(of statement: BulkStatement) async throws(SalesforceError) -> [JSON]? {
        let description = await api.memory.descriptions[statement.object]
        guard statement.isAllowed, let description else { return nil }
        let made = try await queryJob(
            "POST",
            "",
            .compact([
                ("operation", .string(statement.includesDeleted ? "queryAll" : "query")),
                ("query", .string(statement.soql)), ("contentType", .string("CSV")),
                ("columnDelimiter", .string("COMMA")), ("lineEnding", .string("LF")),
            ])
        )
        guard made.isSuccess, let job = BulkJobInfo(made.body)?.id else { return nil }
        guard try await hasCompleted(job) else { return nil }
        var rows: [JSON] = []
        var locator: String?
        repeat {
            let page = try await page(of: job, after: locator)
            rows += try QueryRows.rows(in: page.body, description)
            locator = page.locator == "null" ? nil : page.locator
        } while locator != nil
        return rows
    }

    /// How often a query job is asked how far it is: an hour.
    private static let mostQuestions = 190

    private func hasCompleted(_ job: BulkJobID) async throws(SalesforceError) -> Bool {
        for question in 1...Self.mostQuestions {
            let answer = try await queryJob("GET", "/\(job.rawValue)", nil)
            guard answer.isSuccess, let info = BulkJobInfo(answer.body) else {
                throw .unexpectedAnswer("query job \(job.rawValue) does not tell its state")
            }
            if info.state.hasEnded { return info.state == .complete }
            try await pause(after: question)
        }
        throw .unreachable("query job \(job.rawValue) has not come to its end")
    }

    private func page(
        of job: BulkJobID,
        after locator: String?
    ) async throws(SalesforceError) -> HTTPReply {
        let next = locator.map { "&locator=\(PercentEncoding.encoded($0))" } ?? ""
        let request = DataRequest(
            method: "GET",
            url:
                "\(root)/jobs/query/\(job.rawValue)/results?maxRecords=\(BulkStatement.mostRows)\(next)",
            accept: "text/csv"
        )
        guard let reply = try await reply(to: request), reply.status == 200 else {
            throw .unexpectedAnswer("query job \(job.rawValue) does not show its results")
        }
        return reply
    }

    private func queryJob(
        _ method: String,
        _ path: String,
        _ body: JSON?
    ) async throws(SalesforceError) -> Subanswer {
        let url = "\(root)/jobs/query\(path)"
        do {
            return try await api.answer(
                to: Subrequest(method: method, url: url, reference: "job", body: body),
                .read
            )
        } catch {
            throw error.readError
        }
    }
}

/// From the results of a query job to rows as a query gives them.
enum QueryRows {
    /// The rows, with nested records for paths and values by the types of the description.
    ///
    /// - Throws: ``SalesforceError/unexpectedAnswer(_:)`` if the text is no CSV.
    static func rows(
        in csv: [UInt8],
        _ description: ObjectDescription
    ) throws(SalesforceError) -> [JSON] {
        let table = try CSV.rows(in: csv)
        guard let header = table.first else { return [] }
        let columns = header.map { Column($0, description) }
        return table.dropFirst().map { row in
            var members: [JSON.Member] = []
            for (column, text) in zip(columns, row) {
                members = insert(column.json(text), at: column.path[...], into: members)
            }
            return .object(members)
        }
    }

    private static func insert(
        _ value: JSON,
        at path: ArraySlice<String>,
        into members: [JSON.Member]
    ) -> [JSON.Member] {
        guard let name = path.first else { return members }
        if path.count == 1 { return members + [JSON.Member(name, value)] }
        var members = members
        let place = members.firstIndex { $0.name == name }
        let nested = place.flatMap { members[$0].value.members } ?? []
        let inner = JSON.object(insert(value, at: path.dropFirst(), into: nested))
        if let place {
            members[place] = JSON.Member(name, inner)
        } else {
            members.append(JSON.Member(name, inner))
        }
        return members
    }

    private struct Column {
        let path: [String]
        let type: String?

        init(_ name: String, _ description: ObjectDescription) {
            path = name.split(separator: ".").map(String.init)
            type = path.count == 1 ? description.fields[FieldName(name)]?.type : nil
        }

        func json(_ text: String) -> JSON {
            if text.isEmpty { return .null }
            switch type {
            case "boolean": return .bool(text.lowercased() == "true")
            case "int", "double", "currency", "percent", "long":
                return SOQLLiteral.isNumber(text) ? .number(text) : .string(text)
            default: return .string(text)
            }
        }
    }
}
