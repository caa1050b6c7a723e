/// The errors that can be ordered by their code, with the status and text of real answers.
///
/// Most also occur by themselves; those that need what an emulated org does not have, such as
/// permissions, triggers or a slow database, occur only when they are ordered.
/// Source: `facts/salesforce-api.md` 6.
enum ErrorCatalogue {
    /// What fails with an error.
    enum Scope: Hashable, Sendable {
        /// One row that is written, in whichever call.
        case row
        /// A query.
        case query
        /// The request as a whole.
        case request
    }

    /// One error.
    struct Entry: Hashable, Sendable {
        let code: String
        let status: Int
        let scope: Scope
        let message: String

        /// The refusal that clients see.
        var error: APIError {
            APIError(status, code, message, fields: scope == .row ? [] : nil)
        }
    }

    /// The error of a code, or nil.
    static func entry(_ code: String) -> Entry? { all.first { $0.code == code } }

    /// All errors.
    static let all: [Entry] = rows + queries + requests

    private static func row(_ code: String, _ message: String, _ status: Int = 400) -> Entry {
        Entry(code: code, status: status, scope: .row, message: message)
    }

    private static func query(_ code: String, _ message: String) -> Entry {
        Entry(code: code, status: 400, scope: .query, message: message)
    }

    private static func request(_ code: String, _ status: Int, _ message: String) -> Entry {
        Entry(code: code, status: status, scope: .request, message: message)
    }

    private static let rows = [
        row("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]"),
        row("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Name."),
        row("MALFORMED_ID", "Account ID: id value of incorrect type"),
        row("ENTITY_IS_DELETED", "entity is deleted", 404),
        row("STRING_TOO_LONG", "Last Name: data value too large (max length=80)"),
        row("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field"),
        row("FIELD_CUSTOM_VALIDATION_EXCEPTION", "A validation rule refused the record."),
        row("FIELD_INTEGRITY_EXCEPTION", "field integrity exception"),
        row(
            "FIELD_FILTER_VALIDATION_EXCEPTION",
            "Value does not exist or does not match filter criteria."
        ),
        row("INVALID_EMAIL_ADDRESS", "Email: invalid email address"),
        row("INVALID_TYPE_ON_FIELD_IN_RECORD", "value not of required type"),
        row("DUPLICATE_VALUE", "duplicate value found: unknown"),
        row("DUPLICATES_DETECTED", "Use one of these records?"),
        row("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", 403),
        row(
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
            "insufficient access rights on cross-reference id"
        ),
        row("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        row("INACTIVE_OWNER_OR_USER", "operation performed with inactive user"),
        row("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"),
        row(
            "CANNOT_EXECUTE_FLOW_TRIGGER",
            """
            We can't save this record because the “Emulated” process failed. Give your Salesforce \
            admin these details. An unhandled fault has occurred in this flow
            """
        ),
        row(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "EmulatedTrigger: execution of BeforeInsert\n\ncaused by: System.DmlException"
        ),
        row("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
        row("TRANSFER_REQUIRES_READ", "The new owner must have read permission"),
        row("DELETE_FAILED", "The record is needed by others and cannot be deleted"),
    ]

    private static let queries = [
        query("QUERY_TIMEOUT", "Your query request was running for too long."),
        query("OPERATION_TOO_LARGE", "exceeded 100000 distinct ids"),
        query("QUERY_TOO_COMPLICATED", "The query is too complicated."),
        query("MALFORMED_QUERY", "unexpected token: 'FRM'"),
        query("INVALID_TYPE", "sObject type 'XYZZY' is not supported."),
        query("INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
    ]

    private static let requests = [
        request("INVALID_FIELD", 400, "No such column 'foo' on sobject of type Event"),
        request("MALFORMED_SEARCH", 400, "No search term found."),
        request("NOT_FOUND", 404, "The requested resource does not exist"),
        request("NUMBER_OUTSIDE_VALID_RANGE", 400, "Maximum SOQL offset allowed is 2000"),
        request("REQUEST_LIMIT_EXCEEDED", 403, "TotalRequests Limit exceeded."),
        request("API_DISABLED_FOR_ORG", 403, "API is disabled for this User"),
        request("API_CURRENTLY_DISABLED", 403, "API is currently disabled"),
        request("INVALID_SESSION_ID", 401, "Session expired or invalid"),
        request("JSON_PARSER_ERROR", 400, "Unexpected end of input at [line:1, column:1]"),
        request("INVALID_QUERY_LOCATOR", 400, "invalid query locator"),
        request("INVALID_REPLICATION_DATE", 400, "startDate before org replication enabled date"),
        request("EXCEEDED_ID_LIMIT", 400, "exceeded id limit"),
        request("METHOD_NOT_ALLOWED", 405, "HTTP Method 'PATCH' not allowed. Allowed are GET"),
        request("UNSUPPORTED_MEDIA_TYPE", 415, "Content type is not supported"),
        request("SERVER_UNAVAILABLE", 503, "Server is busy, please try again later"),
        request("UNKNOWN_EXCEPTION", 500, APIError.unexpected.entries.first?.message ?? ""),
        request("PROCESSING_HALTED", 400, "The transaction was rolled back."),
        request("ALL_OR_NONE_OPERATION_ROLLED_BACK", 400, "Record rolled back."),
        request("BATCH_PROCESSING_HALTED", 412, "Batch processing was halted per request."),
        request(
            "INVALID_LOGIN",
            500,
            "Invalid username, password, security token; or user locked out."
        ),
        request("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", 500, "The users password has expired"),
        request("PASSWORD_LOCKOUT", 500, "The user is locked out after failed attempts"),
    ]
}
