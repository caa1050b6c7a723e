import Domain

/// One request inside a `/composite` call, or one that goes alone.
struct Subrequest: Hashable, Sendable {
    var method: String
    /// The path from the root, with query.
    var url: String
    /// The name under which later subrequests refer to its answer: letters and digits.
    var reference: String
    var headers: [HTTPCall.Header] = []
    var body: JSON?

    fileprivate var json: JSON {
        .compact([
            ("method", .string(method)),
            ("url", .string(url)),
            ("referenceId", .string(reference)),
            (
                "httpHeaders",
                headers.isEmpty
                    ? nil : .object(headers.map { JSON.Member($0.name, .string($0.value)) })
            ),
            ("body", body),
        ])
    }
}

/// The answer to a ``Subrequest``.
struct Subanswer: Hashable, Sendable {
    var status: Int
    var body: JSON
    /// The id of the API call, if this is the answer to a whole call.
    var request: String?

    var isSuccess: Bool { (200..<300).contains(status) }

    /// The errors of the body; never empty unless this is a success.
    var errors: [APIError] {
        isSuccess ? [] : APIError.all(in: body)
    }
}

/// The envelope of `/composite`: up to 25 subrequests as one API call.
///
/// Source: `facts/salesforce-api.md` 3.1.
enum Composite {
    /// The most subrequests of one call.
    static let most = 25
    /// The most queries and collections among them.
    static let mostCollections = 5
    /// The most records of one collection that writes.
    static let mostWritten = 200
    /// The most ids of one collection that reads.
    static let mostRead = 2_000

    /// The body of a call.
    ///
    /// In strict order, because a record is read back by its id after it was changed, which the
    /// server cannot see from the references.
    static func body(_ subrequests: [Subrequest]) -> JSON {
        .object([
            JSON.Member("allOrNone", .bool(false)),
            JSON.Member("collateSubrequests", .bool(false)),
            JSON.Member("compositeRequest", .array(subrequests.map(\.json))),
        ])
    }

    /// The answers by reference, or nil if the body is no answer of `/composite`.
    static func answers(_ body: JSON) -> [String: Subanswer]? {
        guard let list = body["compositeResponse"]?.array else { return nil }
        var answers: [String: Subanswer] = [:]
        for element in list {
            guard let reference = element["referenceId"]?.string,
                let status = element["httpStatusCode"]?.int
            else { return nil }
            answers[reference] = Subanswer(status: status, body: element["body"] ?? .null)
        }
        return answers
    }
}
