/// What holds for leads after they became contacts.
enum LeadRules {
    /// Fails if a record is a lead that was converted.
    static func checkNotConverted(_ change: RecordChange) throws(APIError) {
        guard change.object.name == "Lead", change.old?.flag("IsConverted") == true else { return }
        throw APIError(
            400,
            "CANNOT_UPDATE_CONVERTED_LEAD",
            "cannot reference converted lead",
            fields: []
        )
    }
}
