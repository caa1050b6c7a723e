/// Writes the settings of one scope; every key in a fixed order, and only where it says something.
struct SettingsWriter {
    let settings: SyncSettings

    var json: JSON {
        let initial = SyncSettings()
        return .compact([
            ("attendeeRecord", changed(\.attendeeRecord.rawValue, initial)),
            ("onBooking", onBooking),
            ("onCancellation", onCancellation),
            ("onFallback", onFallback),
            ("onForm", onForm),
            ("ignoreGuests", flag(settings.ignoreGuests)),
            ("skipContactCreation", flag(settings.skipContactCreation)),
            ("checkForExistingContact", flag(settings.checkForExistingContact)),
            ("createContactUnderAccount", flag(settings.createContactUnderAccount)),
            ("createLeadIfNoAccount", flag(settings.createLeadIfNoAccount)),
            ("ownerChange", settings.ownerChange.map(ownerChange)),
            ("accountOwnerChange", settings.accountOwnerChange.map(ownerChange)),
            ("accounts", AccountMatchingForm.encode(settings.accounts)),
            (
                "noShow",
                settings.noShowField.map { .object([.init("field", .string($0.rawValue))]) }
            ),
            ("ownerRouting", settings.ownerRouting.map(OwnerRoutingForm.encode)),
            ("onAmbiguous", changed(\.onAmbiguous.rawValue, initial)),
            ("onDeleted", changed(\.onDeleted.rawValue, initial)),
            ("dateTimeZone", settings.dateTimeZone.map(JSON.string)),
            ("creationDefaults", creationDefaults),
            ("notYetSupported", texts(settings.notYetSupported)),
        ])
    }

    private func changed(_ part: KeyPath<SyncSettings, String>, _ initial: SyncSettings) -> JSON? {
        let word = settings[keyPath: part]
        return word == initial[keyPath: part] ? nil : .string(word)
    }

    private func flag(_ flag: Bool) -> JSON? { flag ? .bool(true) : nil }

    private func texts(_ texts: [String]) -> JSON? {
        texts.isEmpty ? nil : .array(texts.map(JSON.string))
    }

    private func rules(_ rules: [FieldRule]) -> JSON? {
        guard !rules.isEmpty else { return nil }
        return .object(rules.map { JSON.Member($0.field.rawValue, FieldRuleForm.encode($0)) })
    }

    private func objectUnlessEmpty(_ members: [(String, JSON?)]) -> JSON? {
        let object = JSON.compact(members)
        return object == .object([]) ? nil : object
    }

    private var onBooking: JSON? {
        objectUnlessEmpty([
            ("eventRecord", rules(settings.eventRecordOnBooking)),
            ("attendee", rules(settings.attendeeOnBooking)),
            ("account", rules(settings.accountOnBooking)),
        ])
    }

    private var onFallback: JSON? {
        let records = settings.fallback.create.map { record in
            JSON.compact([
                ("name", .string(record.name)),
                ("object", .string(record.object.rawValue)),
                ("fields", rules(record.fields)),
                ("skipIfHostOwnsAccount", flag(record.skipIfHostOwnsAccount)),
            ])
        }
        return objectUnlessEmpty([
            ("attendee", rules(settings.fallback.attendee)),
            ("create", records.isEmpty ? nil : .array(records)),
        ])
    }

    private var onForm: JSON? {
        objectUnlessEmpty([
            ("submitted", rules(settings.forms.submitted)),
            ("abandoned", rules(settings.forms.abandoned)),
        ])
    }

    private var onCancellation: JSON? {
        let eventRecord: JSON? =
            switch settings.onCancellation {
            case .delete: nil
            case .keep(let written):
                rules(written)
                    .map { .object([.init("keep", .bool(true)), .init("write", $0)]) }
                    ?? .string("keep")
            }
        return objectUnlessEmpty([
            ("eventRecord", eventRecord), ("attendee", rules(settings.attendeeOnCancellation)),
        ])
    }

    private func ownerChange(_ change: OwnerChange) -> JSON {
        let target: JSON =
            switch change.target {
            case .organizer: .string("organizer")
            case .user(let user): .object([.init("user", .string(user))])
            }
        return .object([
            .init("to", target),
            .init("onlyIfOwnedBy", .array(change.onlyIfOwnedBy.map(JSON.string))),
        ])
    }

    private var creationDefaults: JSON? {
        guard !settings.creationDefaults.isEmpty else { return nil }
        return .object(
            settings.creationDefaults.sorted { $0.key < $1.key }
                .map { object, values in
                    JSON.Member(
                        object.rawValue,
                        .object(
                            values.sorted { $0.key < $1.key }
                                .map { .init($0.key.rawValue, FieldValueForm.encode($0.value)) }
                        )
                    )
                }
        )
    }
}
