import GRDB

/// Turns a lead into a contact of an account, as the SOAP call or a person does.
struct LeadConversion {
    let session: Session

    /// Converts a lead.
    ///
    /// Its activities go to the contact, and to the opportunity or else the account unless they
    /// were about something else already; all of them count as changed.
    ///
    /// - Parameters:
    ///   - lead: The id of the lead.
    ///   - account: An account to use; nil makes one with the lead's company.
    ///   - contact: A contact to use; nil makes one with the lead's name.
    ///   - opportunityName: The name of an opportunity to make; nil makes none.
    /// - Returns: The ids of lead, account, contact and opportunity.
    /// - Throws: ``APIError`` if the lead is gone or converted; nothing was written then.
    func convert(
        lead: String,
        account: String?,
        contact: String?,
        opportunityName: String? = nil
    ) throws -> JSON {
        let leads = try session.object("Lead")
        let row = try session.existingRow(leads, id: lead)
        guard !row.flag("IsConverted") else {
            throw APIError(
                400,
                "CANNOT_UPDATE_CONVERTED_LEAD",
                "cannot reference converted lead",
                fields: []
            )
        }
        return try session.atomically {
            let accountID = try account ?? existingAccount(of: contact) ?? newAccount(row)
            let contactID = try contact ?? newContact(row, account: accountID)
            let opportunityID = try opportunityName.map {
                try newOpportunity($0, row, account: accountID)
            }
            var values = session.modificationStamps()
            values["IsConverted"] = true.databaseValue
            values["ConvertedDate"] = session.now.day.text.databaseValue
            values["ConvertedAccountId"] = accountID.databaseValue
            values["ConvertedContactId"] = contactID.databaseValue
            values["ConvertedOpportunityId"] = opportunityID?.databaseValue ?? .null
            values["Status"] = "Closed - Converted".databaseValue
            try session.set(values, in: leads, id: lead)
            try moveActivities(
                from: lead,
                to: contactID,
                account: accountID,
                about: opportunityID ?? accountID
            )
            return [
                "leadId": .string(lead), "accountId": .string(accountID),
                "contactId": .string(contactID), "opportunityId": JSON(opportunityID),
                "success": true,
            ]
        }
    }

    private func existingAccount(of contact: String?) throws -> String? {
        guard let contact else { return nil }
        return try session.existingRow(try session.object("Contact"), id: contact).text("AccountId")
    }

    private func newAccount(_ lead: StoredRow) throws -> String {
        try session.create(
            try session.object("Account"),
            ["Name": JSON(lead.text("Company")), "OwnerId": owner(of: lead)]
        )
    }

    private func newContact(_ lead: StoredRow, account: String) throws -> String {
        var body: JSONObject = ["AccountId": .string(account), "OwnerId": owner(of: lead)]
        for name in ["FirstName", "LastName", "Email", "Phone", "MobilePhone", "Title"] {
            if let text = lead.text(name) { body[name] = .string(text) }
        }
        return try session.create(try session.object("Contact"), body)
    }

    private func newOpportunity(
        _ name: String,
        _ lead: StoredRow,
        account: String
    ) throws -> String {
        try session.create(
            try session.object("Opportunity"),
            [
                "Name": .string(name), "AccountId": .string(account), "OwnerId": owner(of: lead),
                "StageName": "Prospecting", "CloseDate": .string(session.now.day.text),
            ]
        )
    }

    /// A queue cannot own what a lead becomes.
    private func owner(of lead: StoredRow) -> JSON {
        let owner = lead.text("OwnerId") ?? session.userID
        return .string(owner.hasPrefix("005") ? owner : session.userID)
    }

    private func moveActivities(
        from lead: String,
        to contact: String,
        account: String,
        about related: String
    ) throws {
        for name in ["Event", "Task"] {
            let object = try session.object(name)
            guard let who = object.field("WhoId") else { continue }
            for id in try session.ids(object, where: who, is: lead.databaseValue) {
                var values = session.modificationStamps()
                values["WhoId"] = contact.databaseValue
                values["AccountId"] = account.databaseValue
                if try session.row(object, id: id)?.text("WhatId") == nil {
                    values["WhatId"] = related.databaseValue
                }
                try session.set(values, in: object, id: id)
            }
        }
        try session.db.execute(
            sql: """
                UPDATE "EventRelation" SET "RelationId" = ?, "AccountId" = ? WHERE "RelationId" = ?
                """,
            arguments: [contact, account, lead]
        )
    }
}
