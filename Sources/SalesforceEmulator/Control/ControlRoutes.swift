import GRDB
import Synchronization

/// The emulator's own interface under `/emulator/`, for tests and demonstrations.
///
/// It takes no token and counts for nothing.
///
/// | request                        | body                                              |
/// |--------------------------------|---------------------------------------------------|
/// | `GET stats`, `POST stats/reset`| none                                              |
/// | `GET settings`, `POST settings`| see ``OrgSettings``                               |
/// | `POST faults`, `GET`, `DELETE` | see ``Fault``                                     |
/// | `POST tokens`                  | `{"token":"t","userId":…}` or `"email"`           |
/// | `POST tokens/revoke`           | `{"token":"t"}`                                   |
/// | `GET clock`, `POST clock`      | `{"now":"2026-03-01T09:00:00Z"}` or `{"advanceSeconds":60}` |
/// | `POST seed`                    | see ``Seed``                                      |
/// | what people do to records      | see ``RecordControl``                             |
/// | `POST apps`, `log-in`, …       | see ``LoginControl``                              |
struct ControlRoutes {
    let session: Session

    private var org: Org { session.org }

    /// Answers a request, given the path after `/emulator`.
    func answer(_ request: APIRequest, _ path: ArraySlice<String>) -> APIResponse {
        do {
            return .json(try route(request, "\(request.method) \(path.joined(separator: "/"))"))
        } catch let error as APIError {
            return APIResponse(error)
        } catch let error as EmulatorError {
            return APIResponse(APIError(400, "INVALID_INPUT", error.description))
        } catch {
            return APIResponse(APIError(500, "UNKNOWN_EXCEPTION", "\(error)"))
        }
    }

    private func route(_ request: APIRequest, _ route: String) throws -> JSON {
        switch route {
        case "GET stats": return org.state.withLock { $0.counters.json }
        case "POST stats/reset":
            org.state.withLock { $0.counters = Counters() }
            return done
        case "GET settings": return session.settings.json
        case "POST settings":
            try org.changeSettings(try request.record(), session.db)
            return session.settings.json
        case "POST faults": return try addFault(try request.json())
        case "GET faults":
            let faults = org.state.withLock { $0.faults }
            return [
                "pending": .integer(faults.count), "faults": .array(faults.map(\.json)),
            ]
        case "DELETE faults":
            org.state.withLock { $0.faults = [] }
            return done
        case "POST tokens": return try addToken(try request.record())
        case "POST tokens/revoke": return try revoke(try request.record())
        case "POST clock": return try setClock(try request.record())
        case "GET clock": return ["now": .string(org.now().text)]
        case "POST apps": return try LoginControl(session: session).addApp(request.record())
        case "POST log-in": return LoginControl(session: session).setManners(try request.record())
        case "POST refresh-tokens":
            return try LoginControl(session: session).addRefreshToken(request.record())
        case "POST seed":
            try org.load(try request.json(), session.db)
            return done
        default:
            guard let answer = try RecordControl(session: session).answer(route, request) else {
                throw APIError.notFound
            }
            return answer
        }
    }

    private var done: JSON { ["success": true] }

    private func invalid(_ message: String) -> APIError {
        APIError(400, "INVALID_INPUT", message)
    }

    private func addFault(_ json: JSON) throws(APIError) -> JSON {
        let fault = try Fault(json)
        org.state.withLock { $0.faults.append(fault) }
        return done
    }

    private func addToken(_ body: JSONObject) throws -> JSON {
        guard let token = body["token"]?.text else { throw invalid("A token is needed.") }
        let user = try RecordControl(session: session).user(
            of: body,
            otherwise: DefaultOrg.integrationUser
        )
        org.state.withLock { state in
            state.users[token] = user
            state.revokedTokens.remove(token)
        }
        return ["success": true, "userId": .string(user)]
    }

    private func revoke(_ body: JSONObject) throws(APIError) -> JSON {
        guard let token = body["token"]?.text else { throw invalid("A token is needed.") }
        org.state.withLock { _ = $0.revokedTokens.insert(token) }
        return done
    }

    private func setClock(_ body: JSONObject) throws -> JSON {
        if let text = body["now"]?.text {
            guard let instant = Instant(text) else { throw invalid("now is not an instant.") }
            org.state.withLock { $0.setClock(instant) }
        }
        if let seconds = body["advanceSeconds"]?.double {
            let milliseconds = Int(seconds * 1000)
            org.state.withLock { $0.clock.advance(milliseconds: milliseconds) }
        }
        // The session of this request still has the time before; jobs are due at the new one.
        let later = Session(db: session.db, org: org, userID: session.userID)
        try BulkRunner(session: later).runDue()
        session.add(later.writes)
        return ["now": .string(org.now().text)]
    }
}
