import GRDB

/// When an event takes place, and the fields that follow from it.
///
/// | given                                | result                                        |
/// |--------------------------------------|-----------------------------------------------|
/// | start and end, or start and duration | the third follows                             |
/// | all three                            | must agree                                    |
/// | start alone, on update               | the duration stays                            |
/// | neither end nor duration, on create  | `REQUIRED_FIELD_MISSING`                      |
/// | all day                              | midnights in UTC; one day unless more is said |
///
/// Events last 0 minutes to 14 days. `ActivityDateTime`, `ActivityDate` and `EndDate` are
/// filled from the start and the end.
struct EventTimeRules {
    /// Whether the API version names `DurationInMinutes` when the end is missing.
    let sendsDuration: Bool

    private static let times: Set<String> = [
        "StartDateTime", "EndDateTime", "ActivityDateTime", "ActivityDate", "DurationInMinutes",
        "IsAllDayEvent",
    ]

    /// Completes the times of an event, or refuses them.
    func apply(to change: inout RecordChange) throws(APIError) {
        let given = Self.times.filter { change.given[$0] ?? .null != .null }
        guard change.isCreate || Self.times.contains(where: { change.given[$0] != nil }) else {
            return
        }
        let start = try self.start(of: change, given)
        let isAllDay = change.flag("IsAllDayEvent")
        let minutes = try duration(of: change, given, from: start, isAllDay: isAllDay)
        try checkRange(minutes)
        set(start: start, minutes: minutes, isAllDay: isAllDay, in: &change)
    }

    private func start(of change: RecordChange, _ given: Set<String>) throws(APIError) -> Int {
        let isAllDay = change.flag("IsAllDayEvent")
        let byDay =
            given.contains("ActivityDate") || change.isCreate
            ? change.text("ActivityDate").flatMap { CalendarDay($0) } : nil
        var start = given.contains("StartDateTime") ? change.integer("StartDateTime") : nil
        if let other = change.given["ActivityDateTime"].flatMap({ Int.fromDatabaseValue($0) }) {
            guard start == nil || start == other else { throw disagreement("ActivityDateTime") }
            start = other
        }
        if isAllDay, let byDay {
            let midnight = Instant(startOf: byDay).milliseconds
            guard start.map({ Instant(milliseconds: $0).day == byDay }) ?? true else {
                throw disagreement("ActivityDate")
            }
            start = midnight
        }
        guard let result = start ?? change.old?.integer("StartDateTime") else {
            throw missing("StartDateTime")
        }
        guard isAllDay else { return result }
        return Instant(startOf: Instant(milliseconds: result).day).milliseconds
    }

    /// The minutes from start to end; of an all-day event, whole days.
    private func duration(
        of change: RecordChange,
        _ given: Set<String>,
        from start: Int,
        isAllDay: Bool
    ) throws(APIError) -> Int {
        let stated = given.contains("DurationInMinutes") ? change.integer("DurationInMinutes") : nil
        let end = given.contains("EndDateTime") ? change.integer("EndDateTime") : nil
        let fromEnd = end.map { minutes(from: start, to: $0, isAllDay: isAllDay) }
        if let stated, let fromEnd, stated != fromEnd { throw disagreement("DurationInMinutes") }
        if let result = fromEnd ?? stated { return result }
        if let kept = change.old?.integer("DurationInMinutes") { return kept }
        guard isAllDay else {
            throw missing(sendsDuration ? "DurationInMinutes" : "EndDateTime")
        }
        return 24 * 60
    }

    private func minutes(from start: Int, to end: Int, isAllDay: Bool) -> Int {
        guard isAllDay else { return Instant.floor(end - start, Instant.minute) }
        // The end of an all-day event is the midnight at which its last day begins.
        let last = Instant(startOf: Instant(milliseconds: end).day).milliseconds
        return (last - start) / Instant.minute + 24 * 60
    }

    private func checkRange(_ minutes: Int) throws(APIError) {
        let longest = 14 * 24 * 60
        guard (0...longest).contains(minutes) else {
            throw APIError(
                400,
                "FIELD_INTEGRITY_EXCEPTION",
                "Duration must be between 0 and \(longest) minutes: Duration",
                fields: ["DurationInMinutes"]
            )
        }
    }

    private func set(start: Int, minutes: Int, isAllDay: Bool, in change: inout RecordChange) {
        let span = isAllDay ? max(0, minutes - 24 * 60) : minutes
        let given = change.given["EndDateTime"].flatMap { Int.fromDatabaseValue($0) }
        let end = isAllDay ? start + span * Instant.minute : given ?? start + span * Instant.minute
        change.given["StartDateTime"] = start.databaseValue
        change.given["ActivityDateTime"] = start.databaseValue
        change.given["ActivityDate"] = Instant(milliseconds: start).day.text.databaseValue
        change.given["EndDateTime"] = end.databaseValue
        change.given["EndDate"] = Instant(milliseconds: end).day.text.databaseValue
        change.given["DurationInMinutes"] = minutes.databaseValue
    }

    private func missing(_ name: String) -> APIError {
        APIError(
            400,
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [\(name)]",
            fields: [name]
        )
    }

    private func disagreement(_ name: String) -> APIError {
        APIError(
            400,
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "\(name): the values given for start, end and duration do not agree",
            fields: [name]
        )
    }
}
