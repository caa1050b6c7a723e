import Foundation

/// Reads the settings of one scope.
struct SettingsReader {
    /// Every key that settings can have.
    static let keys = [
        "attendeeRecord", "onBooking", "onCancellation", "onFallback", "onForm", "ignoreGuests",
        "skipContactCreation", "checkForExistingContact", "createContactUnderAccount",
        "createLeadIfNoAccount", "ownerChange", "accountOwnerChange", "accounts", "noShow",
        "ownerRouting", "onAmbiguous", "onDeleted", "dateTimeZone", "creationDefaults",
        "notYetSupported",
    ]

    private let object: DocumentObject

    init(_ node: DocumentNode) throws(SettingsDocumentError) {
        object = try node.object(keys: Self.keys)
    }

    func settings() throws(SettingsDocumentError) -> SyncSettings {
        var settings = SyncSettings()
        try readPeople(into: &settings)
        try readWrites(into: &settings)
        settings.fallback = try fallback()
        settings.forms = try forms()
        settings.ownerChange = try ownerChange("ownerChange")
        settings.accountOwnerChange = try ownerChange("accountOwnerChange")
        settings.accounts = try AccountMatchingForm.decode(object["accounts"])
        settings.noShowField = try noShowField()
        settings.ownerRouting = try OwnerRoutingForm.decode(object["ownerRouting"])
        settings.dateTimeZone = try timeZone()
        settings.creationDefaults = try creationDefaults()
        settings.notYetSupported = try object["notYetSupported"]?.texts() ?? []
        return settings
    }

    private func readPeople(into settings: inout SyncSettings) throws(SettingsDocumentError) {
        if let node = object["attendeeRecord"] {
            settings.attendeeRecord = try node.choice(SyncSettings.AttendeeRecord.self)
        }
        if let node = object["onAmbiguous"] {
            settings.onAmbiguous = try node.choice(SyncSettings.Ambiguity.self)
        }
        if let node = object["onDeleted"] {
            settings.onDeleted = try node.choice(SyncSettings.DeletedRecord.self)
        }
        settings.ignoreGuests = try flag("ignoreGuests")
        settings.skipContactCreation = try flag("skipContactCreation")
        settings.checkForExistingContact = try flag("checkForExistingContact")
        settings.createContactUnderAccount = try flag("createContactUnderAccount")
        settings.createLeadIfNoAccount = try flag("createLeadIfNoAccount")
    }

    private func readWrites(into settings: inout SyncSettings) throws(SettingsDocumentError) {
        let places = ["eventRecord", "attendee", "account"]
        if let booking = try object["onBooking"]?.object(keys: places) {
            settings.eventRecordOnBooking = try rules(booking["eventRecord"])
            settings.attendeeOnBooking = try rules(booking["attendee"])
            settings.accountOnBooking = try rules(booking["account"])
        }
        if let end = try object["onCancellation"]?.object(keys: ["eventRecord", "attendee"]) {
            settings.onCancellation = try cancelledEventRecord(end["eventRecord"])
            settings.attendeeOnCancellation = try rules(end["attendee"])
        }
    }

    private func flag(_ key: String) throws(SettingsDocumentError) -> Bool {
        try object[key]?.flag() ?? false
    }

    private func rules(_ node: DocumentNode?) throws(SettingsDocumentError) -> [FieldRule] {
        var rules: [FieldRule] = []
        for (field, node) in try node?.entries() ?? [] {
            rules.append(try FieldRuleForm.decode(node, field: try fieldName(field, at: node)))
        }
        return rules
    }

    private func fieldName(
        _ name: String,
        at node: DocumentNode
    ) throws(SettingsDocumentError) -> FieldName {
        try node.fieldName(name)
    }

    /// `delete`, `keep`, or what to write to the event record that is kept.
    private func cancelledEventRecord(
        _ node: DocumentNode?
    ) throws(SettingsDocumentError) -> SyncSettings.CancelledEventRecord {
        guard let node else { return .delete }
        switch node.value {
        case .string("delete"): return .delete
        case .string("keep"): return .keep([])
        case .object: break
        default: throw node.wrongType("`delete`, `keep`, or `keep: true` with `write`")
        }
        let object = try node.object(keys: ["keep", "write"])
        if try object.required("keep").flag() { return .keep(try rules(object["write"])) }
        guard let write = object["write"] else { return .delete }
        throw .invalidValue(
            path: write.path,
            found: "write",
            expected: "`keep: true` beside it; a deleted event record cannot be written to"
        )
    }

    private func fallback() throws(SettingsDocumentError) -> FallbackWrites {
        var writes = FallbackWrites()
        guard let node = try object["onFallback"]?.object(keys: ["attendee", "create"]) else {
            return writes
        }
        writes.attendee = try rules(node["attendee"])
        for element in try node["create"]?.elements() ?? [] {
            let record = try fallbackRecord(element)
            if writes.create.contains(where: { $0.name == record.name }) {
                throw .repeatedKey(path: node.path + ".create", key: record.name)
            }
            writes.create.append(record)
        }
        return writes
    }

    private func fallbackRecord(
        _ node: DocumentNode
    ) throws(SettingsDocumentError) -> FallbackRecord {
        let keys = ["name", "object", "fields", "skipIfHostOwnsAccount"]
        let record = try node.object(keys: keys)
        let name = try record.required("name")
        guard FallbackRecord.isName(try name.text()) else {
            throw .invalidValue(
                path: name.path,
                found: try name.text(),
                expected: "a name of letters, digits, `-` and `_`"
            )
        }
        let object = try record.required("object")
        return FallbackRecord(
            name: try name.text(),
            object: ObjectName(try fieldName(object.text(), at: object).rawValue),
            fields: try rules(record["fields"]),
            skipIfHostOwnsAccount: try record["skipIfHostOwnsAccount"]?.flag() ?? false
        )
    }

    private func forms() throws(SettingsDocumentError) -> FormWrites {
        var writes = FormWrites()
        if let node = try object["onForm"]?.object(keys: ["submitted", "abandoned"]) {
            writes.submitted = try rules(node["submitted"])
            writes.abandoned = try rules(node["abandoned"])
        }
        return writes
    }

    private func ownerChange(_ key: String) throws(SettingsDocumentError) -> OwnerChange? {
        guard let node = object[key] else { return nil }
        let change = try node.object(keys: ["to", "onlyIfOwnedBy"])
        let owners = try change.required("onlyIfOwnedBy")
        let names = try owners.texts()
        guard !names.isEmpty else {
            throw .invalidValue(path: owners.path, found: "[]", expected: "at least one owner")
        }
        return OwnerChange(target: try target(change.required("to")), onlyIfOwnedBy: names)
    }

    private func target(_ node: DocumentNode) throws(SettingsDocumentError) -> OwnerChange.Target {
        if node.value == .string("organizer") { return .organizer }
        guard case .object = node.value else {
            throw node.wrongType("`organizer`, or `user:` with an address, a name or an id")
        }
        return .user(try node.object(keys: ["user"]).required("user").text())
    }

    private func noShowField() throws(SettingsDocumentError) -> FieldName? {
        guard let node = try object["noShow"]?.object(keys: ["field"]).required("field") else {
            return nil
        }
        return try fieldName(node.text(), at: node)
    }

    private func timeZone() throws(SettingsDocumentError) -> String? {
        guard let node = object["dateTimeZone"] else { return nil }
        let name = try node.text()
        guard TimeZone(identifier: name) != nil else {
            throw .invalidValue(
                path: node.path,
                found: name,
                expected: "a time zone by its IANA name, for example `Europe/London`"
            )
        }
        return name
    }

    private typealias Defaults = [ObjectName: [FieldName: FieldValue]]

    private func creationDefaults() throws(SettingsDocumentError) -> Defaults {
        var defaults: Defaults = [:]
        for (name, node) in try object["creationDefaults"]?.entries() ?? [] {
            var values: [FieldName: FieldValue] = [:]
            for (field, node) in try node.entries() {
                values[try fieldName(field, at: node)] = try FieldValueForm.decode(node)
            }
            defaults[ObjectName(name)] = values
        }
        return defaults
    }
}
