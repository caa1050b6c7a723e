/// What a query's meaning depends on besides its text.
struct QueryContext: Sendable {
    let schema: Schema
    let diagnostics: SOQLDiagnostics

    /// The day of the request in UTC, for date literals.
    let today: CalendarDay

    /// The user who asks, for USING SCOPE.
    let userID: String

    /// Whether deleted and archived records are found too.
    var includesDeleted: Bool

    /// The records that the user may not see, by id.
    var hidden: Set<String> = []

    /// The last day whose activities are archived.
    var lastArchivedDay: CalendarDay { today.adding(days: -365) }
}
