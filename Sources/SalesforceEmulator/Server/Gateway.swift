import GRDB
import Logging
import Synchronization

/// Decides what happens to a request as a whole: faults, tokens, limits, the transaction.
struct Gateway: Sendable {
    let org: Org
    let logger: Logger

    /// What the network does with a request.
    enum Outcome: Sendable {
        case answer(APIResponse)
        /// The connection closes without an answer.
        case hangUp
        /// The connection closes in the middle of the answer.
        case breakOff(APIResponse)
    }

    /// Handles one request.
    func handle(_ request: APIRequest) async -> Outcome {
        let segments = request.segments
        do {
            if segments.first == "emulator" {
                var order = request
                // People order things by hand; what their tool calls the body does not matter.
                order.headers["content-type"] = nil
                let control = order
                return .answer(
                    try await inTransaction(DefaultOrg.integrationUser, request) { session in
                        ControlRoutes(session: session).answer(control, segments.dropFirst())
                    }
                    .response
                )
            }
            return try await handleCounted(request, segments)
        } catch let error as APIError {
            return .answer(APIResponse(error))
        } catch {
            logger.error("A request failed inside the emulator", metadata: ["error": "\(error)"])
            return .answer(APIResponse(.unexpected))
        }
    }

    private func handleCounted(
        _ request: APIRequest,
        _ segments: [String]
    ) async throws -> Outcome {
        org.state.withLock { $0.counters.requests += 1 }
        if let status = request.excess { return .answer(.tooLong(status)) }
        if let fault = org.state.withLock({ $0.takeFault(request, .beforeCommit) }),
            let outcome = try await strike(request, with: fault)
        {
            return outcome
        }
        let result = try await answer(request, segments)
        if org.state.withLock({ $0.takeHalfAnswer(request) }) { return .breakOff(result.response) }
        guard result.hasWritten else { return .answer(result.response) }
        let fault = org.state.withLock {
            $0.takeFault(request, .afterCommit, written: result.written)
        }
        if let fault, let outcome = try await strike(request, with: fault) { return outcome }
        return .answer(result.response)
    }

    /// What an ordered fault makes of a request; nil if it goes on.
    private func strike(_ request: APIRequest, with fault: Fault) async throws -> Outcome? {
        switch fault.kind {
        case .connectionClosed, .timeoutAfterCommit: return .hangUp
        case .slow:
            try await Task.sleep(for: .seconds(fault.delaySeconds))
            return nil
        case .expiredToken:
            if let token = Self.token(of: request) {
                org.state.withLock { _ = $0.revokedTokens.insert(token) }
            }
        case .answer: return fault.answer.map(Outcome.answer)
        case .serverUnavailable, .unknownException, .requestLimit, .lockRow, .error, .halfAnswer:
            break
        }
        return fault.error.map { .answer(Self.refusal(of: request, $0)) }
    }

    /// A refusal in the form that clients of a path expect.
    private static func refusal(
        of request: APIRequest,
        _ entry: ErrorCatalogue.Entry
    ) -> APIResponse {
        switch request.segments.prefix(2) {
        case ["services", "oauth2"]:
            .json(
                ["error": .string(entry.code), "error_description": .string(entry.message)],
                status: entry.status
            )
        case ["services", "Soap"]:
            APIResponse(
                status: entry.status,
                body: .text(
                    SOAPLogin.fault(entry.code, entry.message),
                    contentType: "text/xml;charset=UTF-8"
                )
            )
        default: APIResponse(entry.error)
        }
    }

    /// An answer, and whether it tells of a change.
    private struct Answered: Sendable {
        var response: APIResponse
        var hasWritten = false

        /// The types written, lowercased.
        var written: Set<String> = []
    }

    private func answer(_ request: APIRequest, _ segments: [String]) async throws -> Answered {
        switch segments.prefix(2) {
        case ["services", "data"]: return try await answerData(request, segments)
        case ["services", "async"] where segments.count > 3:
            return try await answerAsync(request, segments)
        case ["services", "oauth2"] where segments.count == 3 && segments[2] != "userinfo":
            // Verifying takes time and a clock, but no transaction.
            let assertion = await Assertion.verdict(on: request, org)
            return try await inTransaction(DefaultOrg.integrationUser, request) { session in
                try LoginRoutes(session: session, assertion: assertion)
                    .answerOAuth(request, segments[2])
            }
        case ["services", "Soap"] where segments.count >= 4:
            return try await inTransaction(DefaultOrg.integrationUser, request) { session in
                try SOAPLogin(session: session).answer(request, version: segments[3])
            }
        case ["services", "oauth2"]: return try await answerIdentity(request, nil)
        default:
            guard segments.first == "id", segments.count == 3 else { throw APIError.notFound }
            return try await answerIdentity(request, segments[2])
        }
    }

    private func answerIdentity(_ request: APIRequest, _ id: String?) async throws -> Answered {
        let current = try user(of: request)
        let wanted = id.flatMap { RecordID.normalized($0) } ?? current
        return try await inTransaction(current, request) { session in
            .json(try LoginRoutes(session: session).identity(of: wanted))
        }
    }

    /// Answers for the Bulk API 1, which has its own header for tokens and its own refusals.
    private func answerAsync(_ request: APIRequest, _ segments: [String]) async throws -> Answered {
        var request = request
        if let token = request.headers["x-sfdc-session"] {
            request.headers["authorization"] = "Bearer \(token)"
        }
        let user: String
        do throws(APIError) {
            user = try self.user(of: request)
        } catch {
            return Answered(response: AsyncRoutes.refusal("InvalidSessionId", "Invalid session id"))
        }
        org.state.withLock { $0.counters.apiCalls += 1 }
        let counted = request
        return try await inTransaction(user, counted) { session in
            AsyncRoutes(session: session)
                .answer(counted, version: segments[2], Array(segments.dropFirst(3)))
        }
    }

    private func answerData(_ request: APIRequest, _ segments: [String]) async throws -> Answered {
        if segments.count == 2 {
            return Answered(response: .json(APIVersions.list))
        }
        let user = try user(of: request)
        let usage = org.usage
        guard usage.used < usage.limit else { throw APIError.limitExceeded }
        org.state.withLock { $0.counters.apiCalls += 1 }
        var result = try await inTransaction(user, request) { session in
            try BulkRunner(session: session).runDue()
            return Router(session: session).answer(request, segments.dropFirst(2))
        }
        let now = org.usage
        var response = result.response
        response.headers.append(("Sforce-Limit-Info", "api-usage=\(now.used)/\(now.limit)"))
        result.response = response
        return result
    }

    /// Runs a request in one transaction; what it wrote is counted once it is committed.
    private func inTransaction(
        _ user: String,
        _ request: APIRequest,
        _ body: @escaping @Sendable (Session) throws -> APIResponse
    ) async throws -> Answered {
        let org = org
        let (response, writes, hasWritten) = try await org.database.write { db in
            let session = Session(db: db, org: org, userID: user)
            try session.useLocalCalendar()
            session.path = request.path
            session.method = request.method
            let host = request.headers["host"] ?? "127.0.0.1"
            session.options.baseURL = "\(org.options.scheme)://\(host)"
            let response = try body(session)
            let hasWritten = session.hasChangedJobs || !session.writes.isEmpty
            return (response, session.writes, hasWritten)
        }
        org.state.withLock { $0.counters.add(writes) }
        return Answered(
            response: response,
            hasWritten: hasWritten,
            written: Set(writes.keys.map { $0.lowercased() })
        )
    }

    /// The user whom the token of a request stands for.
    private func user(of request: APIRequest) throws(APIError) -> String {
        guard let token = Self.token(of: request), !token.isEmpty else { throw .invalidSession }
        return try org.state.withLock { state throws(APIError) in
            guard !state.revokedTokens.contains(token) else { throw .invalidSession }
            return state.users[token] ?? DefaultOrg.integrationUser
        }
    }

    /// The token of the header, with either of the two words before it, or of the query.
    private static func token(of request: APIRequest) -> String? {
        if let header = request.headers["authorization"] {
            let parts = header.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, ["bearer", "oauth"].contains(parts[0].lowercased()) else {
                return nil
            }
            return String(parts[1]).trimmed
        }
        return request.parameter("oauth_token")
    }
}

extension APIError {
    /// No more calls are allowed today.
    static let limitExceeded = APIError(
        403,
        "REQUEST_LIMIT_EXCEEDED",
        "TotalRequests Limit exceeded."
    )
}
