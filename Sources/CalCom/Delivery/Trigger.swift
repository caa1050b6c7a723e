/// The triggers of Cal.com's webhooks, by what they mean for the sync.
///
/// Source: `facts/calcom.md` 1.3. There is no trigger for guests that are added later, nor for
/// changed notes.
enum Trigger: String, CaseIterable {
    case bookingCreated = "BOOKING_CREATED"
    case bookingRequested = "BOOKING_REQUESTED"
    case bookingRescheduled = "BOOKING_RESCHEDULED"
    case bookingCancelled = "BOOKING_CANCELLED"
    case bookingRejected = "BOOKING_REJECTED"
    case bookingReassigned = "BOOKING_REASSIGNED"
    case bookingLocationUpdated = "BOOKING_LOCATION_UPDATED"
    case bookingPaymentInitiated = "BOOKING_PAYMENT_INITIATED"
    case bookingPaid = "BOOKING_PAID"
    case bookingNoShowUpdated = "BOOKING_NO_SHOW_UPDATED"
    case guestsDidNotJoin = "AFTER_GUESTS_CAL_VIDEO_NO_SHOW"
    case hostsDidNotJoin = "AFTER_HOSTS_CAL_VIDEO_NO_SHOW"
    case meetingStarted = "MEETING_STARTED"
    case meetingEnded = "MEETING_ENDED"
    case formSubmitted = "FORM_SUBMITTED"
    case formSubmittedNoEvent = "FORM_SUBMITTED_NO_EVENT"

    /// Whether Cal.com is known to send this name for something that the sync has no use for.
    static func isWithoutMeaning(_ name: String) -> Bool {
        withoutMeaning.contains(name) || name.hasPrefix("DELEGATION_CREDENTIAL_")
    }

    private static let withoutMeaning: Set<String> = [
        "CALENDAR_ENTRY_REJECTED", "INSTANT_MEETING", "INSTANT_MEETING_ACCEPTED", "OOO_CREATED",
        "PING", "RECORDING_READY", "RECORDING_TRANSCRIPTION_GENERATED",
        "ROUTING_FORM_FALLBACK_HIT", "WRONG_ASSIGNMENT_REPORT",
    ]
}
