import Domain

/// One element of the list that Salesforce answers with when it refuses a request.
///
/// | Source | Code stands in |
/// | --- | --- |
/// | most requests | `errorCode` |
/// | rows of a collection | `statusCode` |
/// | OAuth | `error` |
///
/// Source: `facts/salesforce-api.md` 6.
struct APIError: Hashable, Sendable {
    var code: String
    var message: String
    var fields: [FieldName]
    var duplicates: [SalesforceID]
    /// Whether the duplicate rule lets the record be saved all the same.
    var allowsDuplicates = false
}

extension APIError {
    /// Reads every error of a body; none if it holds none.
    static func all(in body: JSON) -> [APIError] {
        (body.array ?? [body]).compactMap { Self($0) }
    }

    private init?(_ json: JSON) {
        let code = json["errorCode"]?.string ?? json["statusCode"]?.string ?? json["error"]?.string
        guard let code else { return nil }
        self.code = code
        message = json["message"]?.string ?? json["error_description"]?.string ?? ""
        fields = (json["fields"]?.array ?? []).compactMap(\.string).map { FieldName($0) }
        // The name of the member is misspelt up to version 54 or so.
        let result = json.present("duplicateResult") ?? json.present("duplicateResut")
        duplicates = Self.duplicates(in: result)
        allowsDuplicates = result?["allowSave"]?.bool ?? false
    }

    /// The matched records.
    private static func duplicates(in result: JSON?) -> [SalesforceID] {
        (result?["matchResults"]?.array ?? [])
            .flatMap { $0["matchRecords"]?.array ?? [] }
            .compactMap { $0["record"]?["Id"]?.string.flatMap { SalesforceID($0) } }
            .firstOfEach()
    }

    /// The error as the outcome of a write.
    var recordError: RecordError {
        RecordError(
            code: code,
            message: message,
            fields: fields,
            duplicates: duplicates,
            allowsDuplicates: allowsDuplicates
        )
    }

    /// Whether another transaction held the row, so that the same write may succeed in a moment.
    var isLock: Bool {
        code == "UNABLE_TO_LOCK_ROW"
            || recordError.retry == .later && message.contains("UNABLE_TO_LOCK_ROW")
    }

    /// Whether the request was not tried because one that it refers to failed.
    var isHalt: Bool { code == "PROCESSING_HALTED" }

    /// The message without what may be customer data.
    ///
    /// Salesforce repeats the statement before `ERROR at Row`; addresses elsewhere are blanked.
    var safeMessage: String {
        var lines = message.split(whereSeparator: \.isNewline)
        if let place = lines.firstIndex(where: { $0.hasPrefix("ERROR at Row") }) {
            lines = Array(lines[place...])
        }
        let words = lines.joined(separator: " ").split(separator: " ")
        let safe = words.map { $0.utf8.contains(UInt8(ascii: "@")) ? "…" : String($0) }.joined(
            separator: " "
        )
        return String(safe.prefix(300))
    }
}
