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
        var text = ""
        if !booking.isSeated { addAnswers(of: booking, attendee, to: &text) }
        beginParagraph(of: &text)
        text += "Cal.com booking "
        text += booking.uid.rawValue
        return text
    }

    private static func addAnswers(
        of booking: Booking,
        _ attendee: Party?,
        to text: inout String
    ) {
        if let zone = attendee?.timeZone {
            text += "Attendee's time zone: "
            text += zone
        }
        if let reason = booking.answers["rescheduleReason"]?.text, !reason.isEmpty {
            if !text.isEmpty { text += "\n" }
            text += "Rescheduled because: "
            text += reason
        }
        if let notes = booking.notes?.trimmingWhitespace(), !notes.isEmpty {
            beginParagraph(of: &text)
            text += "Notes:\n"
            text += notes
        }
        let answers = booking.answers.filter { !systemQuestions.contains($0.key) }
        guard !answers.isEmpty else { return }
        beginParagraph(of: &text)
        text += "Answers:"
        for (question, answer) in answers.sorted(by: { $0.key < $1.key }) {
            text += "\n"
            text += question
            text += ": "
            text += answer.text
        }
    }

    private static func beginParagraph(of text: inout String) {
        if !text.isEmpty { text += "\n\n" }
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
        let words = (party.name ?? "").words
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

extension String {
    /// What stands between white space; nearly every name is ASCII, which need not be taken apart
    /// into characters for that.
    fileprivate var words: [String] {
        guard utf8.allSatisfy({ $0 < 0x80 }) else {
            return split(whereSeparator: \.isWhitespace).map(String.init)
        }
        return utf8.split { $0 == UInt8(ascii: " ") || (0x09...0x0D).contains($0) }
            .map { String(Substring($0)) }
    }
}
