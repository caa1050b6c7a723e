/// A refusal as clients see it: a status and one or more entries of the error array.
struct APIError: Error {
    var status: Int
    var entries: [Entry]

    /// The paths that the answer 300 offers instead of errors.
    var choices: [String]?

    /// One entry of an error array.
    struct Entry: Hashable, Sendable {
        var code: String
        var message: String

        /// The fields concerned; nil where the real answer has no such member.
        var fields: [String]?

        /// Members before the code, as duplicate rules add them.
        var extra = JSONObject()
    }

    init(_ status: Int, _ code: String, _ message: String, fields: [String]? = nil) {
        self.status = status
        entries = [Entry(code: code, message: message, fields: fields)]
    }

    init(status: Int, entries: [Entry]) {
        self.status = status
        self.entries = entries
    }

    /// The body of an answer about a single request.
    var body: JSON {
        if let choices { return .array(choices.map { .string($0) }) }
        return .array(
            entries.map { entry in
                var object = entry.extra
                object["message"] = .string(entry.message)
                object["errorCode"] = .string(entry.code)
                if let fields = entry.fields {
                    object["fields"] = .array(fields.map { .string($0) })
                }
                return .object(object)
            }
        )
    }

    /// The list of errors of one row in collections and trees.
    var rowErrors: JSON {
        .array(
            entries.map { entry in
                var object = entry.extra
                object["statusCode"] = .string(entry.code)
                object["message"] = .string(entry.message)
                object["fields"] = .array((entry.fields ?? []).map { .string($0) })
                return .object(object)
            }
        )
    }
}

extension APIError {
    /// The path leads nowhere, or to no record.
    static let notFound = APIError(404, "NOT_FOUND", "The requested resource does not exist")

    /// No token, or one that is not alive.
    static let invalidSession = APIError(401, "INVALID_SESSION_ID", "Session expired or invalid")

    /// The record addressed was deleted.
    static let isDeleted = APIError(404, "ENTITY_IS_DELETED", "entity is deleted", fields: [])

    /// An update or delete of a well-formed id that no record has.
    static let unknownID = APIError(
        404,
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
        fields: []
    )

    /// A body is needed.
    static let bodyRequired = APIError(
        400,
        "JSON_PARSER_ERROR",
        "The HTTP entity body is required, but this request has no entity body."
    )

    /// The path exists, for other methods.
    static func methodNotAllowed(_ method: String, allowed: String) -> APIError {
        APIError(
            405,
            "METHOD_NOT_ALLOWED",
            "HTTP Method '\(method)' not allowed. Allowed are \(allowed)"
        )
    }

    /// A field that the type does not have, in a record body.
    static func noSuchColumn(_ name: String, on object: String) -> APIError {
        APIError(
            400,
            "INVALID_FIELD",
            "No such column '\(name)' on sobject of type \(object)"
        )
    }

    /// A member of a record body that belongs into the path.
    static func notInBody(_ name: String) -> APIError {
        APIError(
            400,
            "INVALID_FIELD",
            "The \(name) field should not be specified in the sobject data."
        )
    }
}
