import GRDB

/// The duplicate rules of accounts, contacts and leads, off unless switched on.
///
/// People match by e-mail address, accounts by name, both without regard to case. With the setting
/// `duplicatesAcrossObjects` contacts and leads match each other, too, as under Salesforce's
/// standard rules. A rule
/// that only warns (`allow`) is overruled by the request header, one that blocks is not.
enum DuplicateRules {
    private static let message = "Use one of these records?"

    /// Fails with `DUPLICATES_DETECTED` if a rule finds records like the one written.
    static func check(_ change: RecordChange, in session: Session) throws {
        let object = change.object
        let action = session.settings.duplicateRules[object.name] ?? "off"
        let canBeSaved = action == "allow"
        guard action != "off", !(canBeSaved && session.options.allowsDuplicates),
            let field = object.field(object.name == "Account" ? "Name" : "Email"),
            change.changes(field.name), change.value(field.name) != .null
        else { return }
        let value = change.value(field.name)
        let found =
            try session.ids(object, where: field, is: value).filter { $0 != change.id }
            + others(like: value, than: object, in: session)
        guard !found.isEmpty else { return }
        throw try error(object, found, canBeSaved: canBeSaved, in: session)
    }

    /// The leads with a contact's address, or the contacts with a lead's.
    private static func others(
        like value: DatabaseValue,
        than object: ObjectType,
        in session: Session
    ) throws -> [String] {
        let pairs = ["Contact": "Lead", "Lead": "Contact"]
        guard session.settings.duplicatesAcrossObjects, let name = pairs[object.name],
            let other = session.schema.object(name), let field = other.field("Email")
        else { return [] }
        return try session.ids(other, where: field, is: value)
    }

    private static func error(
        _ object: ObjectType,
        _ ids: [String],
        canBeSaved: Bool,
        in session: Session
    ) throws -> APIError {
        let result: JSON = [
            "allowSave": .bool(canBeSaved),
            "duplicateRule": .string("Standard_\(object.name)_Duplicate_Rule"),
            "duplicateRuleEntityType": .string(object.name),
            "errorMessage": .string(message),
            "matchResults": [
                [
                    "entityType": .string(object.name), "errors": [],
                    "matchEngine": "FuzzyMatchEngine",
                    "matchRecords": .array(
                        try ids.map { id in
                            let type = session.schema.object(ofID: id) ?? object
                            return try match(type, id, in: session)
                        }
                    ),
                    "rule": .string("Standard_\(object.name)_Match_Rule_v1_1"),
                    "size": .integer(ids.count), "success": true,
                ]
            ],
        ]
        // The name was misspelt up to v54 at least, and is right from v60 at the latest.
        let key = session.options.version < 55 ? "duplicateResut" : "duplicateResult"
        var entry = APIError.Entry(code: "DUPLICATES_DETECTED", message: message)
        entry.extra = [key: result]
        return APIError(status: 400, entries: [entry])
    }

    private static func match(
        _ object: ObjectType,
        _ id: String,
        in session: Session
    ) throws -> JSON {
        var record: JSONObject = [
            "attributes": session.attributes(object.name, id: id), "Id": .string(id),
        ]
        if session.options.includesRecordDetails, let row = try session.row(object, id: id) {
            for name in ["Name", "Email"] where object.field(name) != nil {
                record[name] = JSON(row.text(name))
            }
        }
        return [
            "additionalInformation": [], "fieldDiffs": [], "matchConfidence": .number(100),
            "record": .object(record),
        ]
    }
}
