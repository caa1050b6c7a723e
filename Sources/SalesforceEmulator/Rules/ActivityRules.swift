import GRDB

/// What events and tasks have in common: who and what they are about.
enum ActivityRules {
    /// Checks the relations of an activity and derives its account.
    static func apply(to change: inout RecordChange, in session: Session) throws {
        let who = change.text("WhoId")
        let what = change.text("WhatId")
        try check(who: who, what: what, change, in: session)
        guard change.isCreate || change.changes("WhoId") || change.changes("WhatId") else {
            return
        }
        change.given["AccountId"] = try account(who: who, what: what, in: session)
    }

    private static func check(
        who: String?,
        what: String?,
        _ change: RecordChange,
        in session: Session
    ) throws {
        if let who, who.hasPrefix("00Q") {
            guard what == nil else {
                throw integrity("A lead cannot be combined with a related record", "WhatId")
            }
            try checkNotConverted(who, change, in: session)
        }
        if change.flag("IsPrivate"), who != nil || what != nil {
            throw integrity("Private events cannot be related to other records", "IsPrivate")
        }
    }

    private static func checkNotConverted(
        _ lead: String,
        _ change: RecordChange,
        in session: Session
    ) throws {
        guard change.changes("WhoId"), let object = session.schema.object("Lead"),
            try session.row(object, id: lead)?.flag("IsConverted") == true
        else { return }
        throw APIError(
            400,
            "CANNOT_UPDATE_CONVERTED_LEAD",
            "cannot reference converted lead",
            fields: []
        )
    }

    private static func integrity(_ message: String, _ field: String) -> APIError {
        APIError(400, "FIELD_INTEGRITY_EXCEPTION", "\(message): \(field)", fields: [field])
    }

    /// The account of what the activity is about, else that of the contact.
    private static func account(
        who: String?,
        what: String?,
        in session: Session
    ) throws -> DatabaseValue {
        if let what, what.hasPrefix("001") { return what.databaseValue }
        for id in [what, who] {
            guard let id, let object = session.schema.object(ofID: id),
                let row = try session.row(object, id: id),
                let account = row.text("AccountId") ?? row.text("Account__c")
            else { continue }
            return account.databaseValue
        }
        return .null
    }

    /// Sets the read-only flags of a task from its status and priority.
    static func closeTask(_ change: inout RecordChange) {
        change.given["IsClosed"] = (change.text("Status") == "Completed").databaseValue
        change.given["IsHighPriority"] = (change.text("Priority") == "High").databaseValue
    }
}
