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
/// | `POST convert-lead`            | `{"leadId":…,"accountId"?:…,"contactId"?:…}`      |
/// | `POST merge`                   | `{"winner":…,"losers":[…]}`                       |
/// | `POST undelete`                | `{"ids":[…]}`                                     |
/// | `POST clock`                   | `{"now":"2026-03-01T09:00:00Z"}` or `{"advanceSeconds":60}` |
/// | `POST seed`                    | see ``Seed``                                      |
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
        case "GET faults": return ["pending": .integer(org.state.withLock { $0.faults.count })]
        case "DELETE faults":
            org.state.withLock { $0.faults = [] }
            return done
        case "POST tokens": return try addToken(try request.record())
        case "POST tokens/revoke": return try revoke(try request.record())
        case "POST convert-lead": return try convertLead(try request.record())
        case "POST merge": return try merge(try request.record())
        case "POST undelete": return try undelete(try request.record())
        case "POST clock": return try setClock(try request.record())
        case "GET clock": return ["now": .string(org.now().text)]
        case "POST seed":
            try org.load(try request.json(), session.db)
            return done
        default: throw APIError.notFound
        }
    }

    private var done: JSON { ["success": true] }

    private func invalid(_ message: String) -> APIError {
        APIError(400, "INVALID_INPUT", message)
    }

    private func addFault(_ json: JSON) throws(APIError) -> JSON {
        guard let fault = Fault(json) else { throw invalid("There is no such kind of fault.") }
        org.state.withLock { $0.faults.append(fault) }
        return done
    }

    private func addToken(_ body: JSONObject) throws -> JSON {
        guard let token = body["token"]?.text else { throw invalid("A token is needed.") }
        let users = try session.object("User")
        let user: String? =
            if let id = body["userId"]?.text {
                RecordID.normalized(id)
            } else if let email = body["email"]?.text, let field = users.field("Email") {
                try session.matches(users, field, email).first
            } else {
                DefaultOrg.integrationUser
            }
        guard let user, try session.row(users, id: user) != nil else {
            throw invalid("There is no such user.")
        }
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

    private func id(_ body: JSONObject, _ key: String) throws(APIError) -> String? {
        guard let text = body[key]?.text else { return nil }
        guard let id = RecordID.normalized(text) else { throw invalid("\(key) is not an id.") }
        return id
    }

    private func convertLead(_ body: JSONObject) throws -> JSON {
        guard let lead = try id(body, "leadId") else { throw invalid("leadId is needed.") }
        return try LeadConversion(session: session).convert(
            lead: lead,
            account: try id(body, "accountId"),
            contact: try id(body, "contactId")
        )
    }

    private func merge(_ body: JSONObject) throws -> JSON {
        guard let winner = try id(body, "winner") else { throw invalid("winner is needed.") }
        let losers = (body["losers"]?.array ?? []).compactMap(\.text)
            .compactMap { RecordID.normalized($0) }
        try RecordMerge(session: session).merge(losers, into: winner)
        return done
    }

    /// Takes records out of the recycle bin, as a person does.
    private func undelete(_ body: JSONObject) throws -> JSON {
        for id in (body["ids"]?.array ?? []).compactMap(\.text).compactMap({
            RecordID.normalized($0)
        }) {
            guard let object = session.schema.object(ofID: id) else { throw APIError.unknownID }
            var values = session.modificationStamps()
            values["IsDeleted"] = false.databaseValue
            try session.set(values, in: object, id: id)
        }
        return done
    }

    private func setClock(_ body: JSONObject) throws(APIError) -> JSON {
        if let text = body["now"]?.text {
            guard let instant = Instant(text) else { throw invalid("now is not an instant.") }
            org.state.withLock { $0.setClock(instant) }
        }
        if let seconds = body["advanceSeconds"]?.double {
            let milliseconds = Int(seconds * 1000)
            org.state.withLock { $0.clock.advance(milliseconds: milliseconds) }
        }
        return ["now": .string(org.now().text)]
    }
}
