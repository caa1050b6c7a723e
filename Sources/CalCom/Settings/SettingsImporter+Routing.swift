import Domain

// Owner routing: what a record has to say, and what follows when nobody was found.
extension SettingsImporter {
    func routingRules() throws(SettingsImportError) -> [RoutingRule] {
        let key = SettingsKey.rrSkipFieldRules.rawValue
        var rules: [RoutingRule] = []
        for element in try app.elements(.rrSkipFieldRules) ?? [] {
            guard let field = element["field"]?.string?.trimmingWhitespace(), !field.isEmpty else {
                throw .missing(key: key + ".field")
            }
            guard let value = element["value"]?.string, !value.allSatisfy(\.isWhitespace) else {
                throw .missing(key: key + ".value")
            }
            let action = try action(element, key)
            rules.append(RoutingRule(field: FieldName(field), value: value, action: action))
        }
        return rules
    }

    private func action(
        _ rule: JSON,
        _ key: String
    ) throws(SettingsImportError) -> RoutingRule.Action {
        switch rule["action"]?.string {
        case "ignore": return .ignore
        case "must_include": return .require
        case let other:
            throw .unknownValue(
                key: key + ".action",
                found: other ?? "nothing",
                expected: "ignore or must_include"
            )
        }
    }

    mutating func readFallback() throws(SettingsImportError) {
        let isWriting = try app.isOn(.onFallbackWriteToRecord)
        let isCreating = try app.isOn(.onFallbackCreateRecord)
        guard settings.ownerRouting != nil else {
            let keys: [(SettingsKey, Bool)] = [
                (.onFallbackWriteToRecord, isWriting), (.onFallbackCreateRecord, isCreating),
            ]
            for (key, isOn) in keys where isOn {
                notes.append(
                    "Dropped `\(key.rawValue)`: without `roundRobinLeadSkip` nobody is looked for, "
                        + "so nobody can be missed."
                )
            }
            return
        }
        settings.fallback.attendee = try rules(
            .onFallbackWriteToRecordFields,
            behind: .onFallbackWriteToRecord
        )
        let records = try app.elements(.onFallbackCreateRecords) ?? []
        guard isCreating else {
            if !records.isEmpty {
                notes.append(
                    "Dropped `onFallbackCreateRecords`: `onFallbackCreateRecord` is off."
                )
            }
            return
        }
        for (place, record) in records.enumerated() {
            settings.fallback.create.append(try fallbackRecord(record, number: place + 1))
        }
        notes.append("Took \(records.count) from `onFallbackCreateRecords`.")
    }

    private mutating func fallbackRecord(
        _ record: JSON,
        number: Int
    ) throws(SettingsImportError) -> FallbackRecord {
        let key = SettingsKey.onFallbackCreateRecords.rawValue
        guard let object = record["objectName"]?.string?.trimmingWhitespace(), !object.isEmpty,
            !object.contains(where: \.isWhitespace)
        else { throw .missing(key: key + ".objectName") }
        var reader = FieldMapReader(key: .onFallbackCreateRecords)
        let fields = try reader.rules(record["fields"]?.members ?? [])
        notes += reader.notes
        let skips = record.present("skipIfBookingWithAccountOwner")
        guard skips == nil || skips?.bool != nil else {
            throw .wrongType(
                key: key + ".skipIfBookingWithAccountOwner",
                expected: "true or false"
            )
        }
        return FallbackRecord(
            name: name(of: record, number),
            object: ObjectName(object),
            fields: fields,
            skipIfHostOwnsAccount: skips?.bool ?? false
        )
    }

    /// Cal.com's id where it can be a name and is not taken yet, else a number.
    private func name(of record: JSON, _ number: Int) -> String {
        let taken = Set(settings.fallback.create.map(\.name))
        let own = record["id"]?.string ?? ""
        if FallbackRecord.isName(own), !taken.contains(own) { return own }
        let numbered = "record-\(number)"
        return taken.contains(numbered) ? numbered + "-b" : numbered
    }
}
