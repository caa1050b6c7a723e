import GRDB
import Synchronization

/// What people and the org's own jobs do to records, as requests of the control interface.
///
/// Unless a body names an `email` or a `userId`, an administrator does it. Nothing of it is
/// counted as written by a client; all of it follows the rules and is stamped like other changes.
///
/// | request             | body                                                                |
/// |---------------------|---------------------------------------------------------------------|
/// | `POST create`       | `{"object":"Contact","set":{…}}`                                    |
/// | `POST edit`         | `{"id":"003…","set":{…}}`                                           |
/// | `POST delete`       | `{"ids":[…]}`                                                       |
/// | `POST undelete`     | `{"ids":[…]}`                                                       |
/// | `POST purge`        | `{"ids":[…]}`: out of the recycle bin, for good                     |
/// | `POST convert-lead` | `{"leadId":…,"accountId"?:…,"contactId"?:…,"opportunityName"?:…}`   |
/// | `POST merge`        | `{"winner":…,"losers":[…]}`                                         |
/// | `POST archive`      | `{"ids":[…]}` or `{"olderThanDays":90}`, of events and tasks        |
/// | `POST hide`, `POST show` | `{"ids":[…]}`: from and to the integration user's eyes          |
/// | `POST generate`     | `{"object":"Contact","count":1000000}`; see ``RecordGenerator``     |
struct RecordControl {
    let session: Session

    /// Answers a request; nil if it is none of these.
    ///
    /// - Throws: ``APIError`` for what cannot be done; nothing was changed then.
    func answer(_ route: String, _ request: APIRequest) throws -> JSON? {
        let action: (RecordControl, JSONObject) throws -> JSON
        switch route {
        case "POST create": action = { try $0.create($1) }
        case "POST edit": action = { try $0.edit($1) }
        case "POST delete": action = { try $0.delete($1, isFinal: false) }
        case "POST undelete": action = { try $0.undelete($1) }
        case "POST purge": action = { try $0.delete($1, isFinal: true) }
        case "POST convert-lead": action = { try $0.convertLead($1) }
        case "POST merge": action = { try $0.merge($1) }
        case "POST archive": action = { try $0.archive($1) }
        case "POST hide": action = { try $0.hide($1, true) }
        case "POST show": action = { try $0.hide($1, false) }
        case "POST generate": action = { try $0.generate($1) }
        default: return nil
        }
        let body = try request.record()
        let person = Session(
            db: session.db,
            org: session.org,
            userID: try user(of: body, otherwise: DefaultOrg.admin)
        )
        return try session.atomically { try action(RecordControl(session: person), body) }
    }

    /// The user whom a body names by id or address.
    func user(of body: JSONObject, otherwise fallback: String) throws -> String {
        let users = try session.object("User")
        let user: String?
        if let id = body["userId"]?.text {
            user = RecordID.normalized(id)
        } else if let email = body["email"]?.text, let field = users.field("Email") {
            user = try session.matches(users, field, email).first
        } else {
            user = fallback
        }
        guard let user, try session.row(users, id: user) != nil else {
            throw invalid("There is no such user.")
        }
        return user
    }

    private func invalid(_ message: String) -> APIError {
        APIError(400, "INVALID_INPUT", message)
    }

    private var done: JSON { ["success": true] }

    private func id(_ body: JSONObject, _ key: String) throws(APIError) -> String? {
        guard let text = body[key]?.text else { return nil }
        guard let id = RecordID.normalized(text) else { throw invalid("\(key) is not an id.") }
        return id
    }

    /// The records of `ids` with their types.
    private func records(_ body: JSONObject) throws(APIError) -> [(object: ObjectType, id: String)]
    {
        guard let texts = body["ids"]?.array?.compactMap(\.text) else {
            throw invalid("ids is needed.")
        }
        return try texts.map { text throws(APIError) in
            guard let id = RecordID.normalized(text), let object = session.schema.object(ofID: id)
            else { throw invalid("\(text) is not an id.") }
            return (object, id)
        }
    }

    private func create(_ body: JSONObject) throws -> JSON {
        let object = try session.object(body["object"]?.text ?? "")
        let id = try session.create(object, body["set"]?.object ?? JSONObject())
        return ["success": true, "id": .string(id)]
    }

    private func edit(_ body: JSONObject) throws -> JSON {
        guard let id = try id(body, "id"), let object = session.schema.object(ofID: id) else {
            throw invalid("id is needed.")
        }
        try session.update(object, id: id, body["set"]?.object ?? JSONObject())
        return ["success": true, "id": .string(id), "userId": .string(session.userID)]
    }

    private func delete(_ body: JSONObject, isFinal: Bool) throws -> JSON {
        for (object, id) in try records(body) {
            if isFinal, try session.row(object, id: id)?.flag("IsDeleted") == true {
                try session.set(["IsDeleted": 2.databaseValue], in: object, id: id)
            } else {
                try session.delete(object, id: id, isFinal: isFinal)
            }
        }
        return done
    }

    private func undelete(_ body: JSONObject) throws -> JSON {
        for (object, id) in try records(body) {
            guard let row = try session.row(object, id: id), row.integer("IsDeleted") != 2,
                (row.integer("SystemModstamp") ?? 0) > session.now.milliseconds - Session.binLife
            else { throw APIError.unknownID }
            var values = session.modificationStamps()
            values["IsDeleted"] = false.databaseValue
            try session.set(values, in: object, id: id)
        }
        return done
    }

    /// Takes records away from the integration user's eyes, or gives them back.
    ///
    /// To that user it is the same as if they had been removed for good.
    private func hide(_ body: JSONObject, _ isHidden: Bool) throws(APIError) -> JSON {
        let ids = try records(body).map { $0.id }
        session.org.state.withLock { state in
            if isHidden { state.hidden.formUnion(ids) } else { state.hidden.subtract(ids) }
        }
        return done
    }

    private func convertLead(_ body: JSONObject) throws -> JSON {
        guard let lead = try id(body, "leadId") else { throw invalid("leadId is needed.") }
        return try LeadConversion(session: session).convert(
            lead: lead,
            account: try id(body, "accountId"),
            contact: try id(body, "contactId"),
            opportunityName: body["opportunityName"]?.text
        )
    }

    private func merge(_ body: JSONObject) throws -> JSON {
        guard let winner = try id(body, "winner") else { throw invalid("winner is needed.") }
        let losers = (body["losers"]?.array ?? []).compactMap(\.text)
            .compactMap { RecordID.normalized($0) }
        try RecordMerge(session: session).merge(losers, into: winner)
        return done
    }

    /// Archives activities, which leaves the time of their last change alone.
    private func archive(_ body: JSONObject) throws -> JSON {
        var count = 0
        if let days = body["olderThanDays"]?.integer {
            let last = session.now.day.adding(days: -days).text
            for name in ["Event", "Task"] {
                try session.db.execute(
                    sql: """
                        UPDATE \(Storage.quoted(name)) SET "IsArchived" = 1
                        WHERE "ActivityDate" <= ? AND NOT "IsArchived"
                        """,
                    arguments: [last]
                )
                count += session.db.changesCount
            }
        } else {
            for (object, id) in try records(body) {
                guard object.field("IsArchived") != nil else {
                    throw invalid("Only events and tasks are archived.")
                }
                _ = try session.existingRow(object, id: id)
                try session.set(["IsArchived": true.databaseValue], in: object, id: id)
                count += 1
            }
        }
        return ["success": true, "archived": .integer(count)]
    }

    private func generate(_ body: JSONObject) throws -> JSON {
        let object = try session.object(body["object"]?.text ?? "")
        guard let count = body["count"]?.integer, count > 0 else {
            throw invalid("count is needed.")
        }
        try RecordGenerator(session: session).fill(object, count: count)
        return done
    }
}
