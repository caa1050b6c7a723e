import Domain

/// Tells the four things apart that Cal.com sends as `BOOKING_CANCELLED`.
///
/// | payload                                                        | kind                  |
/// |----------------------------------------------------------------|-----------------------|
/// | `requestReschedule` is true                                    | reschedule-requested  |
/// | no such field, a host's reason begins with "Please reschedule."| reschedule-requested  |
/// | `seatsPerTimeSlot` is a number                                 | seat                  |
/// | `recurringEvent` is there                                      | series                |
/// | otherwise                                                      | cancelled             |
///
/// Source: `facts/calcom.md` 1.6 and 3.1.
struct CancellationReader {
    let content: JSON
    let booking: Booking

    func read() -> Cancellation {
        Cancellation(
            kind: kind,
            reason: content.filledText("cancellationReason"),
            cancelledBy: content.email("cancelledBy")
        )
    }

    private var kind: Cancellation.Kind {
        if asksForAnotherTime { return .rescheduleRequested }
        if booking.isSeated { return .seat }
        return content.present("recurringEvent") == nil ? .booking : .series
    }

    private var asksForAnotherTime: Bool {
        if let told = content["requestReschedule"]?.bool { return told }
        // Before 2026 only the text told. Attendees can write it too, so a known author must be
        // a host.
        let isPhrased =
            content.filledText("cancellationReason")?
            .hasPrefix("Please reschedule.") == true
        guard isPhrased, let author = content.email("cancelledBy") else { return isPhrased }
        return ([booking.organizer].compactMap(\.self) + booking.team)
            .contains { $0.email == author }
    }
}
