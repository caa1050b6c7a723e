import GRDB

/// Loads a seed: fields, then records, then settings.
///
/// ```json
/// {"fields": [{"object": "Contact", "name": "X__c", "type": "text", "length": 80}],
///  "records": {"Account": [{"ref": "acme", "Name": "Acme"}],
///              "Contact": [{"LastName": "Doe", "AccountId": "@ref:acme"}]},
///  "settings": {"sharedActivities": false}}
/// ```
///
/// A record may be referred to from any place by its `ref`, and a user, who stands in the org or
/// earlier in the seed, as `@user:` and the address. Records may set system fields such
/// as `Id`, `CreatedDate` or `IsDeleted`; they are written as they are, without the rules for
/// owners, duplicates and required fields.
struct Seed {
    let json: JSON

    /// Loads the seed in the transaction of a session.
    ///
    /// - Throws: ``EmulatorError/invalidSeed(_:)``; nothing was loaded then.
    func load(into org: Org, _ db: Database) throws {
        for field in json["fields"]?.array ?? [] {
            try org.install(field, try CustomField(seed: field), db)
        }
        let session = Session(db: db, org: org, userID: DefaultOrg.integrationUser)
        var references = References(json: json, session: session)
        let records = json["records"]?.object ?? JSONObject()
        try references.collect(records)
        for member in records.members {
            for record in member.value.array ?? [] {
                try load(record, member.key, &references, session)
            }
        }
        if let settings = json["settings"]?.object { try org.changeSettings(settings, db) }
    }

    private func load(
        _ record: JSON,
        _ type: String,
        _ references: inout References,
        _ session: Session
    ) throws {
        guard var body = record.object else {
            throw EmulatorError.invalidSeed("A record of \(type) is not an object.")
        }
        if let reference = body["ref"]?.text, body["Id"] == nil {
            body["Id"] = references.ids[reference].map { .string($0) }
        }
        let resolved = try references.resolved(body.without("ref"))
        do {
            try session.seed(type, resolved)
        } catch let error as APIError {
            let reason = error.entries.first?.message ?? "unknown"
            throw EmulatorError.invalidSeed("A record of \(type) is refused: \(reason)")
        }
    }

    /// The ids of the records that have local names.
    private struct References {
        let session: Session
        var ids: [String: String] = [:]

        init(json: JSON, session: Session) {
            self.session = session
        }

        /// Gives every named record its id before the first is written, so that the order
        /// of records does not matter.
        mutating func collect(_ records: JSONObject) throws {
            for member in records.members {
                guard let object = session.schema.object(member.key) else {
                    throw EmulatorError.invalidSeed("There is no object \(member.key).")
                }
                var number = try session.rowCount(object)
                for record in member.value.array ?? [] {
                    number += 1
                    guard let name = record["ref"]?.text else { continue }
                    let given = record["Id"]?.text.flatMap { RecordID.normalized($0) }
                    ids[name] =
                        given
                        ?? RecordID.make(
                            prefix: object.keyPrefix,
                            number: number,
                            seed: session.org.options.seed
                        )
                }
            }
        }

        /// The id of the user with an address; users stand before the records they own.
        private func userID(_ email: String) throws(EmulatorError) -> String {
            let found: String?
            do {
                found = try String.fetchOne(
                    session.db,
                    sql: "SELECT Id FROM User WHERE Email = ? COLLATE NOCASE ORDER BY Id LIMIT 1",
                    arguments: [email]
                )
            } catch {
                throw .invalidSeed("The users cannot be read: \(error)")
            }
            guard let found else {
                throw .invalidSeed("There is no user with the address \(email).")
            }
            return found
        }

        func resolved(_ body: JSONObject) throws(EmulatorError) -> JSONObject {
            var result = JSONObject()
            for member in body.members {
                result.append(member.key, try resolved(member.value))
            }
            return result
        }

        private func resolved(_ value: JSON) throws(EmulatorError) -> JSON {
            if let elements = value.array {
                return .array(
                    try elements.map { element throws(EmulatorError) in try resolved(element) }
                )
            }
            guard let text = value.text else { return value }
            if text.hasPrefix("@user:") { return .string(try userID(String(text.dropFirst(6)))) }
            guard text.hasPrefix("@ref:") else { return value }
            guard let id = ids[String(text.dropFirst(5))] else {
                throw .invalidSeed("No record has the name \(text).")
            }
            return .string(id)
        }
    }
}

extension Session {
    /// How many rows a type ever had.
    func rowCount(_ object: ObjectType) throws -> Int {
        try Int.fetchOne(
            db,
            sql: "SELECT ifnull(max(rowid), 0) FROM \(Storage.quoted(object.name))"
        ) ?? 0
    }

    /// Writes a record as it is, filling in what it leaves out.
    func seed(_ type: String, _ body: JSONObject) throws {
        guard let object = schema.object(type) else {
            throw EmulatorError.invalidSeed("There is no object \(type).")
        }
        let given = body.value(ignoringCase: "Id")?.text.flatMap { RecordID.normalized($0) }
        var change = RecordChange(object: object, id: try given ?? nextID(object), old: nil)
        for member in body.members where member.key != "attributes" {
            try readSeed(member, into: &change)
        }
        addDefaults(to: &change)
        try applySeedRules(to: &change)
        var values = modificationStamps()
        values["CreatedDate"] = values["SystemModstamp"]
        values["CreatedById"] = userID.databaseValue
        values.merge(change.given) { _, given in given }
        values["Id"] = change.id.databaseValue
        if let created = change.given["CreatedDate"], change.given["LastModifiedDate"] == nil {
            values["LastModifiedDate"] = created
            values["SystemModstamp"] = created
        }
        try insert(values, into: object)
        if object.name == "Event" { try EventPeople.update(change, in: self) }
    }

    private func readSeed(_ member: JSONObject.Member, into change: inout RecordChange) throws {
        guard let field = change.object.field(member.key) else {
            throw APIError.noSuchColumn(member.key, on: change.object.name)
        }
        if field.type == .junctionIdList {
            change.whoIDs = try EventPeople.ids(in: member.value, field)
        } else if field.type == .datetime, let text = member.value.text {
            guard let instant = Instant(text) else {
                throw EmulatorError.invalidSeed("\(field.name) is not an instant: \(text)")
            }
            change.given[field.name] = instant.milliseconds.databaseValue
        } else if !field.isComputed {
            change.given[field.name] = try FieldValue.stored(member.value, for: field)
        }
    }

    private func applySeedRules(to change: inout RecordChange) throws {
        switch change.object.name {
        case "Event":
            try EventTimeRules(sendsDuration: false).apply(to: &change)
            if let first = change.whoIDs?.first, change.text("WhoId") == nil {
                change.given["WhoId"] = first.databaseValue
            }
            try ActivityRules.apply(to: &change, in: self)
        case "Contact", "Lead", "User": PersonRules.setName(&change)
        case "Routing_Miss__c": change.setDefaultName()
        default: break
        }
    }
}
