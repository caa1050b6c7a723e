import GRDB

/// What contacts, leads and users have in common.
enum PersonRules {
    /// Joins first and last name into the read-only full name.
    static func setName(_ change: inout RecordChange) {
        let parts = [change.text("FirstName"), change.text("LastName")].compactMap { $0 }
        change.given["Name"] = parts.joined(separator: " ").databaseValue
    }
}

extension RecordChange {
    /// Names a record of a type whose names nobody has to give: by its id.
    mutating func setDefaultName() {
        guard text("Name") == nil else { return }
        given["Name"] = String(id.prefix(15)).databaseValue
    }
}
