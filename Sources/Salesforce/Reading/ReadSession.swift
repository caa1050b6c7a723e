import Domain

/// The way from questions to answers: which subrequests are due, and what has come back.
///
/// Pure. The client asks for the next call, makes it and hands the answers back, until nothing
/// is due any more.
struct ReadSession {
    /// A subrequest that is due, and where its rows belong.
    struct Part: Hashable {
        /// The place of the question.
        let question: Int
        /// The place among the subrequests of the question; further pages keep it.
        let slot: Int
        let method: String
        let url: String
        var body: JSON?
        var isDescribe = false
        /// The statement of a query, as long as its first page has not come.
        var statement: BulkStatement?
        /// Whether it asks for the resources of the API, which `/composite` does not answer.
        var goesAlone = false
        /// How often it failed in a way that may pass.
        var failures = 0
    }

    private let requests: [ReadRequest]
    private let root: String
    private let tries: Int
    private var due: [Part] = []
    private var rows: [[[JSON]]]
    private var descriptions: [Int: ObjectDescription] = [:]
    /// Under whose name we work, once that is known.
    private(set) var ownUser: SalesforceID?

    /// Queries whose further pages cost more than a job, each with its next page.
    private var long: [Part] = []

    /// Whether a subrequest failed in a way that may pass, so that a pause is due.
    private(set) var wantsPause = false

    /// Begins with some questions.
    ///
    /// - Parameters:
    ///   - requests: The questions.
    ///   - root: The path of the API version, for example `/services/data/v62.0`.
    ///   - tries: The most tries of one subrequest.
    ///   - omitted: Fields that are left out of every question.
    ///   - ownUser: Under whose name we work, if that is known.
    /// - Throws: ``SalesforceError/rejected(code:_:)`` for names that may not be sent.
    init(
        _ requests: [ReadRequest],
        root: String,
        tries: Int,
        omitting omitted: Set<FieldName> = [],
        ownUser: SalesforceID? = nil
    ) throws(SalesforceError) {
        (self.requests, self.root, self.tries) = (requests, root, tries)
        self.ownUser = ownUser
        rows = Array(repeating: [], count: requests.count)
        for (question, request) in requests.enumerated() {
            try add(request, as: question, omitting: omitted)
        }
    }

    private mutating func add(
        _ request: ReadRequest,
        as question: Int,
        omitting omitted: Set<FieldName>
    ) throws(SalesforceError) {
        switch request {
        case .query(var query):
            query.select.removeAll { omitted.contains(FieldName($0)) }
            let resource = query.includesDeleted ? "queryAll" : "query"
            for statement in try SOQL.statements(for: query) {
                let url = "\(root)/\(resource)?q=\(PercentEncoding.encoded(statement))"
                let slot = rows[question].count
                rows[question].append([])
                due.append(
                    Part(
                        question: question,
                        slot: slot,
                        method: "GET",
                        url: url,
                        statement: BulkStatement(query, soql: statement)
                    )
                )
            }
        case .records(let object, let ids, let fields):
            let url = "\(root)/composite/sobjects/\(try APIName.checked(object))"
            let names = try Self.names(fields.filter { !omitted.contains($0) })
            for slice in ids.firstOfEach().slices(of: Composite.mostRead) {
                let list = JSON.array(slice.map { .string($0.rawValue) })
                let body = [JSON.Member("ids", list), JSON.Member("fields", names)]
                add("POST", url, to: question, body: .object(body))
            }
        case .describe(let object):
            let url = "\(root)/sobjects/\(try APIName.checked(object))/describe"
            due.append(
                Part(question: question, slot: 0, method: "GET", url: url, isDescribe: true)
            )
        case .bound(let query):
            add("GET", "\(root)/query?q=\(PercentEncoding.encoded(query.statement))", to: question)
        case .ownUser:
            guard ownUser == nil else { return }
            due.append(
                Part(question: question, slot: 0, method: "GET", url: "\(root)/", goesAlone: true)
            )
        }
    }

    private mutating func add(_ method: String, _ url: String, to question: Int, body: JSON? = nil)
    {
        let slot = rows[question].count
        rows[question].append([])
        due.append(Part(question: question, slot: slot, method: method, url: url, body: body))
    }

    /// `Id` and the fields; an unreadable name fails the whole collection, so each is checked.
    private static func names(_ fields: [FieldName]) throws(SalesforceError) -> JSON {
        var names = ["Id"]
        for field in fields { names.append(try APIName.checked(path: field.rawValue)) }
        return .array(names.firstOfEach().map(JSON.string))
    }

    /// Takes what the next call asks: at most 25 subrequests, at most 5 of them not describes.
    ///
    /// - Returns: The parts, none if every question is answered.
    mutating func nextCall() -> [Part] {
        wantsPause = false
        if let alone = due.firstIndex(where: \.goesAlone) { return [due.remove(at: alone)] }
        var taken: [Part] = []
        var left: [Part] = []
        var collections = 0
        for part in due {
            let fits = part.isDescribe || collections < Composite.mostCollections
            guard taken.count < Composite.most, fits else {
                left.append(part)
                continue
            }
            taken.append(part)
            if !part.isDescribe { collections += 1 }
        }
        due = left
        return taken
    }

    /// Takes in the answer to a part.
    ///
    /// - Parameters:
    ///   - answer: The answer, or nil if there is none for this part.
    ///   - part: A part of ``nextCall()``.
    /// - Throws: ``SalesforceError`` if the question cannot be answered any more.
    mutating func absorb(_ answer: Subanswer?, to part: Part) throws(SalesforceError) {
        guard let answer else {
            throw .unexpectedAnswer("a composite call left a question out")
        }
        if answer.isSuccess {
            try absorb(answer.body, to: part)
        } else if part.isDescribe, answer.status == 404 {
            return
        } else if answer.isPassing, part.failures + 1 < tries {
            var again = part
            again.failures += 1
            due.append(again)
            wantsPause = true
        } else {
            throw SalesforceError(answer)
        }
    }

    private mutating func absorb(_ body: JSON, to part: Part) throws(SalesforceError) {
        if part.goesAlone {
            let id = body["identity"]?.string?.split(separator: "/").last
            guard let user = id.flatMap({ SalesforceID(String($0)) }) else {
                throw .unexpectedAnswer("the org does not tell under whose name we work")
            }
            ownUser = user
        } else if part.isDescribe {
            guard let description = ObjectDescription(describe: body) else {
                throw .unexpectedAnswer("a describe lists no fields")
            }
            descriptions[part.question] = description
        } else if let list = body.array {
            rows[part.question][part.slot] += list.filter { $0 != .null }
        } else if let list = body["records"]?.array {
            rows[part.question][part.slot] += list
            if case .bound = requests[part.question] { return }
            try addNextPage(of: body, after: part)
        } else {
            throw .unexpectedAnswer("a query returned no list of rows")
        }
    }

    private mutating func addNextPage(of body: JSON, after part: Part) throws(SalesforceError) {
        if body["done"]?.bool ?? true { return }
        guard let url = body["nextRecordsUrl"]?.string, url.hasPrefix("/services/data/") else {
            throw .unexpectedAnswer("a query has further rows, but does not say where")
        }
        let next = Part(
            question: part.question,
            slot: part.slot,
            method: "GET",
            url: url,
            statement: part.statement
        )
        let rows = body["totalSize"]?.int ?? 0
        if part.statement?.isAllowed == true, BulkStatement.isJobCheaper(rows: rows) {
            long.append(next)
        } else {
            due.append(next)
        }
    }

    /// Takes a query whose rows are many, so that a job reads them with fewer calls.
    mutating func nextLongQuery() -> Part? { long.popLast() }

    /// Takes in all rows of a long query.
    ///
    /// - Parameters:
    ///   - rows: The rows; nil if no job was made, so that the pages are read after all.
    ///   - part: A part of ``nextLongQuery()``.
    mutating func absorb(_ rows: [JSON]?, ofLong part: Part) {
        if let rows {
            self.rows[part.question][part.slot] = rows
        } else {
            var next = part
            next.statement = nil
            due.append(next)
        }
    }

    /// The answers, one per question.
    ///
    /// Complete once ``nextCall()`` returned none.
    var answers: [ReadAnswer] {
        requests.indices.map { index in
            switch requests[index] {
            case .ownUser: ownUser.map(ReadAnswer.user) ?? .rows([])
            case .describe: .description(descriptions[index])
            case .records, .bound: .rows(rows[index].flatMap { $0 })
            case .query(let query): .rows(RowMerge.merged(rows[index], of: query))
            }
        }
    }

    /// The descriptions that came in.
    var described: [ObjectDescription] { Array(descriptions.values) }
}

extension Subanswer {
    /// Whether the same question may be answered later.
    fileprivate var isPassing: Bool { [420, 429].contains(status) || status >= 500 }
}

extension SalesforceError {
    /// The reason why a subrequest of a read failed.
    init(_ answer: Subanswer) {
        let error = answer.errors.first
        let (code, message) = (error?.code ?? "\(answer.status)", error?.safeMessage ?? "no reason")
        switch answer.status {
        case 401: self = .unauthorised(code)
        case 403 where code == "REQUEST_LIMIT_EXCEEDED": self = .limitReached(message)
        case 403: self = .forbidden(code: code, message)
        case 420, 429, 500...: self = .unreachable("the server answered \(answer.status) (\(code))")
        default: self = .rejected(code: code, message)
        }
    }
}

extension Array {
    /// The elements in slices of a length, the last perhaps shorter.
    func slices(of length: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: length).map { self[$0..<Swift.min($0 + length, count)] }
    }
}
