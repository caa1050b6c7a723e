import Domain

/// Reads what a payload says of a booking.
///
/// Field by field after `facts/calcom.md` 1.4 and, for the flat bodies of `MEETING_STARTED` and
/// `MEETING_ENDED`, 1.6.
struct BookingReader {
    let content: JSON

    func booking() throws(UnusablePart) -> Booking {
        guard let uid = content.filledText("uid").flatMap(BookingUID.init) else {
            throw UnusablePart(reason: "the booking has no uid")
        }
        var booking = Booking(uid: uid)
        readEventType(into: &booking)
        try readMeeting(into: &booking)
        readTexts(into: &booking)
        readSeries(into: &booking)
        PeopleReader(content: content).read(into: &booking)
        return booking
    }

    private func readEventType(into booking: inout Booking) {
        booking.number = content.whole("bookingId") ?? content.whole("id")
        booking.eventType = (content.whole("eventTypeId") ?? content["eventType"]?.whole("id"))
            .map(EventTypeID.init)
        booking.eventTypeSlug =
            content.filledText("type")
            ?? content["eventType"]?
            .filledText("slug")
        booking.created = content.instant("createdAt")
    }

    private func readMeeting(into booking: inout Booking) throws(UnusablePart) {
        booking.slot = try slot()
        booking.title = content.filledText("title")
        booking.location = content.filledText("location") ?? AnswerReader.location(content)
        booking.videoCallURL =
            content["videoCallData"]?.filledText("url")
            ?? content["metadata"]?.filledText("videoCallUrl")
            ?? content["additionalInformation"]?.filledText("hangoutLink")
    }

    private func readTexts(into booking: inout Booking) {
        booking.answers = AnswerReader.answers(content)
        booking.notes = content["additionalNotes"]?.string ?? booking.answers["notes"]?.text
        booking.details = content["description"]?.string
        booking.metadata = Dictionary(
            (content["metadata"]?.members ?? [])
                .compactMap { member in member.value.scalarText.map { (member.name, $0) } },
            uniquingKeysWith: { _, last in last }
        )
        booking.assignmentReason = assignmentReason
        booking.schedulingType = content.filledText("schedulingType")
    }

    private func readSeries(into booking: inout Booking) {
        booking.calendarUID = content.filledText("iCalUID")
        booking.sequence = content.whole("iCalSequence")
        booking.seatsPerSlot = content.whole("seatsPerTimeSlot")
        booking.seat = content.filledText("attendeeSeatId")
        guard let pattern = content.present("recurringEvent"), let frequency = pattern.whole("freq")
        else { return }
        booking.recurrence = Recurrence(
            frequency: frequency,
            interval: pattern.whole("interval") ?? 1,
            count: pattern.whole("count")
        )
    }

    /// The slot; nil without both times, or for a meeting without length.
    private func slot() throws(UnusablePart) -> TimeSlot? {
        guard let start = try content.possibleInstant("startTime"),
            let end = try content.possibleInstant("endTime") ?? endByLength(from: start)
        else { return nil }
        guard start <= end else { throw UnusablePart(reason: "the booking ends before it starts") }
        return TimeSlot(start: start, end: end)
    }

    private func endByLength(from start: Instant) -> Instant? {
        guard let minutes = content.whole("length"), (1...100_000).contains(minutes) else {
            return nil
        }
        return start.advanced(byMilliseconds: Int64(minutes) * 60_000)
    }

    /// The reason in either of two shapes, `reasonString` or `details`, alone or as the first of a
    /// list.
    private var assignmentReason: String? {
        let told = content["assignmentReason"]
        guard let reason = told?.array?.first ?? told else { return nil }
        return reason.string ?? reason.filledText("reasonString") ?? reason.filledText("details")
            ?? reason.filledText("reasonEnum") ?? reason.filledText("category")
    }
}
