public import Domain

/// What a job says became of a row.
public enum BulkRowResult: Hashable, Sendable {
    /// It took hold.
    case written(SalesforceID, wasCreated: Bool)
    /// It was refused, and nothing changed.
    case refused([RecordError])
    /// The job ended before it came to the row, so that nothing changed.
    case unprocessed
}

/// The results of a job by what a row is known by.
///
/// Several rows that say the same have several results, in any order.
public struct BulkResults: Hashable, Sendable {
    /// The results by identity.
    public internal(set) var rows: [String: [BulkRowResult]] = [:]
    /// The object of the records.
    public internal(set) var object: ObjectName = ""

    /// Creates results.
    public init() {}

    /// Takes the result of a row with this identity; nil if the job does not speak of it.
    mutating func take(_ identity: String) -> BulkRowResult? {
        guard var results = rows[identity], !results.isEmpty else { return nil }
        let result = results.removeLast()
        rows[identity] = results
        return result
    }

    /// Which list of a job's results.
    enum List: String, CaseIterable {
        case successful = "successfulResults"
        case failed = "failedResults"
        case unprocessed = "unprocessedrecords"
    }

    /// Takes in one list of results.
    ///
    /// - Parameters:
    ///   - csv: The list.
    ///   - list: Which one it is.
    ///   - operation: What the job does; decides what rows are known by.
    /// - Throws: ``SalesforceError/unexpectedAnswer(_:)`` if the list breaks its form.
    mutating func add(
        _ csv: [UInt8],
        of list: List,
        _ operation: BulkOperation
    ) throws(SalesforceError) {
        let table = try CSV.rows(in: csv)
        guard let header = table.first else { return }
        for row in table.dropFirst() {
            var cells = Dictionary(zip(header, row)) { first, _ in first }
            let id = cells.removeValue(forKey: "sf__Id").flatMap { SalesforceID($0) }
            let created = cells.removeValue(forKey: "sf__Created")
            let error = cells.removeValue(forKey: "sf__Error")
            let identity = BulkTable.identity(of: cells, operation)
            let result: BulkRowResult
            switch list {
            case .successful:
                guard let id else {
                    throw .unexpectedAnswer("a successful row of a bulk job has no sf__Id")
                }
                result = .written(id, wasCreated: created?.lowercased() == "true")
            case .failed: result = .refused(RecordError.all(bulk: error ?? ""))
            case .unprocessed: result = .unprocessed
            }
            rows[identity, default: []].append(result)
        }
    }
}

extension RecordError {
    /// Reads one `CODE:message:Field,Field --` or several, with `;` in between.
    ///
    /// The message may hold colons itself.
    ///
    /// Source: `facts/salesforce-api.md` 4.2.
    static func all(bulk text: String) -> [RecordError] {
        var errors: [RecordError] = []
        var rest = text[...]
        while let end = rest.firstRange(of: "--;") {
            errors.append(RecordError(bulk: rest[..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return errors + [RecordError(bulk: rest)]
    }

    private init(bulk text: Substring) {
        var rest = text
        while rest.last == "-" || rest.last == " " { rest = rest.dropLast() }
        guard let colon = rest.firstIndex(of: ":") else {
            let isCode = APIName.isName(String(rest))
            self.init(
                code: isCode ? String(rest) : "UNKNOWN_EXCEPTION",
                message: isCode ? "" : String(rest)
            )
            return
        }
        let code = String(rest[..<colon])
        rest = rest[rest.index(after: colon)...]
        var fields: [FieldName] = []
        if let last = rest.lastIndex(of: ":") {
            let names = rest[rest.index(after: last)...].split(separator: ",")
                .map { $0.trimmingWhitespace() }
            if names.allSatisfy(APIName.isName) {
                fields = names.map { FieldName($0) }
                rest = rest[..<last]
            }
        }
        self.init(code: code, message: String(rest), fields: fields)
    }
}
