import Domain

/// The texts that are formed for people: places, descriptions, names.
enum Wording {
    /// The location resolved to something a person can use, or nil if nothing is known.
    static func location(of booking: Booking) -> String? {
        guard let location = booking.location, !location.isEmpty else {
            return booking.videoCallURL
        }
        if location.hasPrefix("integrations:") {
            return booking.videoCallURL ?? integrationName(String(location.dropFirst(13)))
        }
        switch location {
        case "inPerson", "attendeeInPerson", "somewhereElse":
            return givenPlace(booking) ?? "In person"
        case "phone", "userPhone": return givenPlace(booking) ?? "Phone"
        case "link", "conferencing": return booking.videoCallURL ?? givenPlace(booking)
        default: return location
        }
    }

    /// What the attendee entered where a location asks for more.
    private static func givenPlace(_ booking: Booking) -> String? {
        guard case .parts(let parts)? = booking.answers["location"],
            let place = parts["optionValue"], !place.isEmpty
        else { return nil }
        return place
    }

    private static func integrationName(_ key: String) -> String {
        switch key {
        case "daily": "Cal Video"
        case "google:meet": "Google Meet"
        case "zoom": "Zoom"
        case "office365_video", "msteams": "Microsoft Teams"
        case "webex", "webex_video": "Webex"
        default: key.split(whereSeparator: { ":_".contains($0) }).joined(separator: " ")
        }
    }

    /// Questions that every booking has; their answers stand elsewhere.
    static let systemQuestions: Set<String> = [
        "attendeePhoneNumber", "email", "guests", "location", "name", "notes", "rescheduleReason",
        "smsReminderNumber", "title",
    ]

    /// What a person who opens the event record should know of the booking.
    ///
    /// Where people share the meeting, each with a booking of their own, it holds nobody's answers:
    /// they would stay there when that person gives up the seat.
    static func description(of booking: Booking, attendee: Party?) -> String {
        var lines: [String] = []
        let isShared = booking.isSeated
        if !isShared, let zone = attendee?.timeZone {
            lines.append("Attendee's time zone: \(zone)")
        }
        if !isShared, let reason = booking.answers["rescheduleReason"]?.text, !reason.isEmpty {
            lines.append("Rescheduled because: \(reason)")
        }
        if !isShared, let notes = booking.notes?.trimmingWhitespace(), !notes.isEmpty {
            lines += ["", "Notes:", notes]
        }
        let answers = booking.answers.lazy.filter { !systemQuestions.contains($0.key) }
            .sorted { $0.key < $1.key }
        if !isShared, !answers.isEmpty {
            lines += ["", "Answers:"] + answers.map { "\($0.key): \($0.value.text)" }
        }
        lines += ["", "Cal.com booking \(booking.uid.rawValue)"]
        return lines.drop(while: \.isEmpty).joined(separator: "\n")
    }

    /// First name and last name.
    ///
    /// Every word counts: the first is the first name, the rest the last.
    ///
    /// Separately answered names win. A single word is a last name, no name at all gives `-`.
    static func names(of party: Party) -> (first: String?, last: String) {
        let (first, last) = (
            party.firstName?.trimmingWhitespace(), party.lastName?.trimmingWhitespace()
        )
        if let last, !last.isEmpty { return (first?.isEmpty == false ? first : nil, last) }
        let words = (party.name ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
        switch words.count {
        case 0: return first.flatMap { $0.isEmpty ? nil : (nil, $0) } ?? (nil, "-")
        case 1: return (nil, words[0])
        default: return (words[0], words.dropFirst().joined(separator: " "))
        }
    }

    /// A company for a lead: the mail domain's first label, or the person's name for a free mail
    /// service.
    static func company(of email: EmailAddress, party: Party) -> String {
        guard email.isFreeMail else { return MailDomains.firstLabel(of: email.domain) }
        let names = names(of: party)
        let full = [names.first, names.last].compactMap { $0 }.joined(separator: " ")
        return full == "-" ? email.rawValue : full
    }
}
