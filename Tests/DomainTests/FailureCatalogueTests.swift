import Domain
import Foundation
import Testing

@Suite("The catalogue of failures")
struct FailureCatalogueWordsTests {
    /// Every code of `facts/salesforce-api.md` section 6, with those of 2.2 and 3.
    static let codes = """
        REQUIRED_FIELD_MISSING INVALID_FIELD INVALID_FIELD_FOR_INSERT_UPDATE INVALID_TYPE \
        MALFORMED_QUERY MALFORMED_SEARCH MALFORMED_ID NOT_FOUND ENTITY_IS_DELETED STRING_TOO_LONG \
        INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST FIELD_CUSTOM_VALIDATION_EXCEPTION \
        FIELD_INTEGRITY_EXCEPTION FIELD_FILTER_VALIDATION_EXCEPTION INVALID_EMAIL_ADDRESS \
        INVALID_TYPE_ON_FIELD_IN_RECORD NUMBER_OUTSIDE_VALID_RANGE DUPLICATE_VALUE \
        DUPLICATES_DETECTED INSUFFICIENT_ACCESS_OR_READONLY \
        INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY INVALID_CROSS_REFERENCE_KEY \
        INACTIVE_OWNER_OR_USER CANNOT_UPDATE_CONVERTED_LEAD CANNOT_EXECUTE_FLOW_TRIGGER \
        CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY UNABLE_TO_LOCK_ROW TRANSFER_REQUIRES_READ \
        DELETE_FAILED REQUEST_LIMIT_EXCEEDED API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED \
        INVALID_SESSION_ID JSON_PARSER_ERROR INVALID_QUERY_LOCATOR INVALID_REPLICATION_DATE \
        EXCEEDED_ID_LIMIT QUERY_TIMEOUT OPERATION_TOO_LARGE QUERY_TOO_COMPLICATED \
        METHOD_NOT_ALLOWED UNSUPPORTED_MEDIA_TYPE SERVER_UNAVAILABLE UNKNOWN_EXCEPTION \
        PROCESSING_HALTED ALL_OR_NONE_OPERATION_ROLLED_BACK BATCH_PROCESSING_HALTED \
        INVALID_OPERATION_WITH_EXPIRED_PASSWORD PASSWORD_LOCKOUT INVALID_LOGIN \
        EXCEEDED_MAX_SIZE_REQUEST MULTIPLE_CHOICES PRECONDITION_FAILED
        """.split(separator: " ").map(String.init)

    @Test("has every code of the facts, once", arguments: codes)
    func complete(code: String) {
        #expect(FailureCatalogue.all.count { $0.code == code } == 1)
        #expect(FailureCatalogue.entry(for: code).isKnown)
    }

    @Test("says in sentences what happened and what to do", arguments: FailureCatalogue.all)
    func words(entry: FailureEntry) {
        for words in [entry.cause, entry.remedy] {
            #expect(words.first?.isUppercase == true || words.hasPrefix("'"))
            #expect(words.hasSuffix("."))
            #expect(!words.contains(".."))
        }
        #expect(entry.cause.split(separator: " ").count > 3)
    }

    @Test("lets only what costs a field be about fields, and what stops a run come back")
    func consistent() {
        for entry in FailureCatalogue.all {
            if entry.fields != .none { #expect(entry.reach == .field, "\(entry.code)") }
            if entry.retry == .nextRun || entry.retry == .whenWindowMoves {
                #expect(entry.reach == .run, "\(entry.code)")
            }
        }
    }

    @Test("shows a code that it does not know as such, and lets it wait for a change")
    func unknown() {
        let entry = FailureCatalogue.entry(for: "SOMETHING_QUITE_NEW")
        #expect(entry.code == "SOMETHING_QUITE_NEW")
        #expect(entry.category == .unknown && !entry.isKnown)
        #expect(entry.retry == .whenChanged)
    }

    @Test(
        "tells refusals without a word by their status",
        arguments: [
            ("HTTP_503", FailureRetry.later), ("HTTP_420", .later), ("HTTP_409", .whenChanged),
        ]
    )
    func bare(code: String, retry: FailureRetry) {
        #expect(FailureCatalogue.entry(for: code).retry == retry)
    }

    /// Messages of triggers, and when the write is tried again.
    @Test(
        "tries a trigger's failure again when it was a lock or the number of queries",
        arguments: [
            ("Contacts: BeforeInsert caused by: UNABLE_TO_LOCK_ROW", FailureRetry.later),
            ("Contacts: System.LimitException: Too many SOQL queries: 101", .later),
            ("Contacts: System.NullPointerException", .whenChanged),
        ]
    )
    func trigger(message: String, retry: FailureRetry) {
        let error = RecordError(code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message: message)
        #expect(error.retry == retry)
    }

    // MARK: Documentation

    private static let page = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Documentation/when-something-fails.md")

    private static var table: String {
        let head = """
            | Code | Kind | What happened | What to do | Tried again | Costs |
            |---|---|---|---|---|---|

            """
        let lines = FailureCatalogue.all.map { entry in
            "| `\(entry.code)` | \(entry.category.rawValue) | \(entry.cause) | \(entry.remedy) | "
                + "\(entry.retry.words) | the \(entry.reach.rawValue) |"
        }
        return head + lines.joined(separator: "\n")
    }

    @Test("is what the page 'When something fails' shows")
    func documented() throws {
        let (begin, end) = ("<!-- catalogue -->\n", "\n<!-- end of catalogue -->")
        let page = String(decoding: try Data(contentsOf: Self.page), as: UTF8.self)
        let first = try #require(page.range(of: begin)?.upperBound)
        let last = try #require(page.range(of: end)?.lowerBound)
        if ProcessInfo.processInfo.environment["DAYBOOK_UPDATE_SCHEMAS"] != nil {
            let updated = page.replacingCharacters(in: first..<last, with: Self.table)
            try Data(updated.utf8).write(to: Self.page)
            return
        }
        #expect(page[first..<last] == Self.table)
    }
}
