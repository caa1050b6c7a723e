import Synchronization

/// Conditions on the time of the last change.
extension RecordRoutes {
    /// The answer 304, if the record did not change since the client saw it.
    func conditional(
        _ request: APIRequest,
        _ object: ObjectType,
        _ id: String
    ) throws -> APIResponse? {
        if let known = request.headers["if-none-match"], let tag = try tag(of: object, id),
            Self.tags(known).contains(tag)
        {
            return APIResponse(status: 304)
        }
        guard let since = request.headers["if-modified-since"].flatMap(HTTPDate.init),
            let changed = try session.row(object, id: id)?.integer("LastModifiedDate"),
            Instant.floor(changed, 1000) <= since.seconds
        else { return nil }
        return APIResponse(status: 304)
    }

    /// The answer 304, if nothing about the types changed since the client saw them.
    func unchanged(_ request: APIRequest) -> APIResponse? {
        guard let since = request.headers["if-modified-since"].flatMap(HTTPDate.init) else {
            return nil
        }
        let changed = session.org.state.withLock { $0.schemaChanged }
        return Instant.floor(changed, 1000) <= since.seconds ? APIResponse(status: 304) : nil
    }

    /// The mark of a record's present state, which only accounts have.
    func tag(of object: ObjectType, _ id: String) throws -> String? {
        guard object.name == "Account" else { return nil }
        return try session.row(object, id: id)?.integer("SystemModstamp").map { "\"\($0)\"" }
    }

    /// Fails with 412 if a record was changed since the mark or the time that the client names.
    func checkUnmodified(_ request: APIRequest, _ object: ObjectType, _ id: String) throws {
        if let wanted = request.headers["if-match"], let tag = try tag(of: object, id),
            !Self.tags(wanted).contains(tag), wanted != "*"
        {
            throw Self.preconditionFailed("If-Match")
        }
        guard let text = request.headers["if-unmodified-since"],
            let changed = try session.row(object, id: id)?.integer("LastModifiedDate")
        else { return }
        guard let since = HTTPDate(text) else {
            throw APIError(400, "INVALID_HTTP_HEADER", "If-Unmodified-Since is no date")
        }
        guard Instant.floor(changed, 1000) <= since.seconds else {
            throw Self.preconditionFailed("If-Unmodified-Since")
        }
    }

    private static func tags(_ header: String) -> [String] {
        header.split(separator: ",").map { String($0).trimmed }
    }

    private static func preconditionFailed(_ header: String) -> APIError {
        APIError(412, "ENTITY_IS_MODIFIED", "The record was modified since the state in \(header)")
    }
}

/// A time in the form of HTTP headers, `Sun, 01 Mar 2026 09:00:00 GMT`.
struct HTTPDate {
    /// Seconds since 1970, UTC.
    let seconds: Int

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads a header, or gives nil.
    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count >= 5, let day = Int(parts[1]), let year = Int(parts[3]),
            let month = Self.months.firstIndex(of: String(parts[2])),
            let date = CalendarDay(year: year, month: month + 1, day: day),
            let instant = Instant("\(date.text)T\(parts[4])Z")
        else { return nil }
        seconds = instant.milliseconds / 1000
    }
}
