import Domain

// What automations of the org leave in fields.
extension Laws {
    /// Whether a field shows what an automation made of a value in the same breath: that is what
    /// Daybook saw after its write, and nobody's edit.
    func isEchoed(_ record: SalesforceID, _ field: String, _ value: JSON) -> Bool {
        let last = changes(record, field).suffix(2)
        guard let sent = last.first, let echo = last.last, sent.editor == .daybook,
            echo.editor == .person
        else { return false }
        return echo.time == sent.time && sent.after == SimulatedOrg.kept(field, value)
    }
}
