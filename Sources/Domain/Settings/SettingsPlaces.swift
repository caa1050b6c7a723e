/// The kinds of records for which settings have rules.
public enum RecordKind: Hashable, Sendable {
    /// The meeting.
    case eventRecord
    /// A contact or lead.
    case person
    /// The account to which a person belongs.
    case account
    /// One that tells of a booking nobody was routed to, by its name in the settings.
    case fallback(String)

    /// The kind of what a record stands for.
    public init(_ subject: RecordSubject) {
        switch subject {
        case .event: self = .eventRecord
        case .person: self = .person
        case .account: self = .account
        case .fallback(_, let name): self = .fallback(name)
        }
    }
}

/// A place in the settings that names a field.
public struct SettingsPlace: Hashable, Sendable {
    /// Where it stands in the document, for example `onBooking/attendee/LeadSource`.
    public var path: String
    /// What it writes to.
    public var kind: RecordKind
    /// The object, of a value that a record gets when it is made.
    public var object: ObjectName?
}

extension SyncSettings {
    private typealias RuleList = (place: String, kind: RecordKind, rules: [FieldRule])

    /// The places in the document that name a field.
    ///
    /// - Parameter field: The field, in any letter case.
    /// - Returns: Rules, switches and defaults.
    public func places(of field: FieldName) -> [SettingsPlace] {
        let ruled = ruleLists.flatMap { list in
            list.rules.filter { $0.field.isSame(as: field) }.map { rule in
                SettingsPlace(path: "\(list.place)/\(rule.field.rawValue)", kind: list.kind)
            }
        }
        return ruled + singlePlaces(of: field) + defaultPlaces(of: field)
    }

    /// The lists of rules, with what they write to.
    private var ruleLists: [RuleList] {
        var lists: [RuleList] = [
            ("onBooking/eventRecord", .eventRecord, eventRecordOnBooking),
            ("onBooking/attendee", .person, attendeeOnBooking),
            ("onBooking/account", .account, accountOnBooking),
            ("onCancellation/attendee", .person, attendeeOnCancellation),
            ("onFallback/attendee", .person, fallback.attendee),
            ("onForm/submitted", .person, forms.submitted),
            ("onForm/abandoned", .person, forms.abandoned),
        ]
        lists += fallback.create.map { record -> RuleList in
            ("onFallback/create/\(record.name)", .fallback(record.name), record.fields)
        }
        if case .keep(let kept) = onCancellation {
            lists.append(("onCancellation/eventRecord", .eventRecord, kept))
        }
        return lists
    }

    /// The settings that stand alone and write one field.
    private func singlePlaces(of field: FieldName) -> [SettingsPlace] {
        var places: [SettingsPlace] = []
        if noShowField?.isSame(as: field) == true {
            places.append(SettingsPlace(path: "noShow", kind: .eventRecord))
        }
        guard field.isSame(as: "OwnerId") else { return places }
        if ownerChange != nil { places.append(SettingsPlace(path: "ownerChange", kind: .person)) }
        if accountOwnerChange != nil {
            places.append(SettingsPlace(path: "accountOwnerChange", kind: .account))
        }
        return places
    }

    /// The values that created records get.
    private func defaultPlaces(of field: FieldName) -> [SettingsPlace] {
        let naming = creationDefaults.filter { _, values in
            values.keys.contains { $0.isSame(as: field) }
        }
        return naming.keys.sorted().flatMap { object in
            kinds(of: object).map { kind in
                SettingsPlace(path: "creationDefaults", kind: kind, object: object)
            }
        }
    }

    /// What records of an object can be made for.
    private func kinds(of object: ObjectName) -> [RecordKind] {
        let fallbacks = fallback.create.filter { $0.object == object }
            .map { RecordKind.fallback($0.name) }
        switch object {
        case .eventRecord: return [.eventRecord] + fallbacks
        case .contact, .lead: return [.person] + fallbacks
        default: return fallbacks
        }
    }
}

extension FieldName {
    /// Whether both name one field: Salesforce does not tell the cases of letters apart.
    public func isSame(as other: FieldName) -> Bool {
        rawValue.lowercased() == other.rawValue.lowercased()
    }
}
