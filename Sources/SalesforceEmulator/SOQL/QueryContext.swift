/// What a query's meaning depends on besides its text.
struct QueryContext: Sendable {
    let schema: Schema
    let diagnostics: SOQLDiagnostics

    /// The days of the user who asks, for date literals.
    let calendar: LocalCalendar

    /// The day of the request, for the user who asks.
    let today: CalendarDay

    /// The last instant whose deletions are gone from the recycle bin, in milliseconds since 1970.
    let binEnd: Int

    /// The user who asks, for USING SCOPE.
    let userID: String

    /// Whether deleted and archived records are found too.
    var includesDeleted: Bool

    /// The records that the user may not see, by id.
    var hidden: Set<String> = []

    /// The last day whose activities are archived.
    var lastArchivedDay: CalendarDay { today.adding(days: -365) }
}

extension Session {
    /// How long deleted records can be found and restored.
    static let binLife = 15 * Instant.day

    /// What the meaning of a query depends on besides its text.
    func queryContext(_ text: String, includesDeleted: Bool) -> QueryContext {
        QueryContext(
            schema: schema,
            diagnostics: SOQLDiagnostics(text: text),
            calendar: calendar,
            today: calendar.day(of: now),
            binEnd: now.milliseconds - Self.binLife,
            userID: userID,
            includesDeleted: includesDeleted,
            hidden: hidden
        )
    }
}
