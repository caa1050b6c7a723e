extension SyncSettings {
    /// The places in the document that name a field.
    ///
    /// - Parameter field: The field, in any letter case.
    /// - Returns: The paths of rules, switches and defaults.
    public func places(of field: FieldName) -> [String] {
        var rules = [
            ("onBooking/eventRecord", eventRecordOnBooking),
            ("onBooking/attendee", attendeeOnBooking),
            ("onBooking/account", accountOnBooking),
            ("onCancellation/attendee", attendeeOnCancellation),
            ("onFallback/attendee", fallback.attendee),
            ("onForm/submitted", forms.submitted),
            ("onForm/abandoned", forms.abandoned),
        ]
        rules += fallback.create.map { ("onFallback/create/\($0.name)", $0.fields) }
        if case .keep(let kept) = onCancellation {
            rules.append(("onCancellation/eventRecord", kept))
        }
        var places = rules.flatMap { place, rules in
            rules.filter { $0.field.isSame(as: field) }.map { "\(place)/\($0.field.rawValue)" }
        }
        if noShowField?.isSame(as: field) == true { places.append("noShow") }
        if ownerChange != nil, field.isSame(as: "OwnerId") { places.append("ownerChange") }
        if accountOwnerChange != nil, field.isSame(as: "OwnerId") {
            places.append("accountOwnerChange")
        }
        let hasDefault = creationDefaults.values.contains { values in
            values.keys.contains { $0.isSame(as: field) }
        }
        return hasDefault ? places + ["creationDefaults"] : places
    }
}

extension FieldName {
    /// Whether both name one field: Salesforce does not tell the cases of letters apart.
    public func isSame(as other: FieldName) -> Bool {
        rawValue.lowercased() == other.rawValue.lowercased()
    }
}
