import Domain

/// Sorts the people of a payload into hosts, booker and guests.
///
/// - The booker is whom `responses.email` names, else the first attendee, and comes first.
/// - A host who is listed among the attendees is left out.
/// - An attendee whose address cannot be one is left out; the delivery stays usable.
struct PeopleReader {
    let content: JSON

    func read(into booking: inout Booking) {
        booking.organizer = organizer
        booking.team = (content["team"]?["members"]?.array ?? []).compactMap(PartyReader.party)
        let hosts = Set(([booking.organizer].compactMap(\.self) + booking.team).map(\.email))
        booking.attendees = listed.filter { !hosts.contains($0.email) }.withoutRepetition
        guard let booker = content["responses"].flatMap(bookerAddress) else {
            complete(0, of: &booking)
            return
        }
        place(booker, hosts: hosts, in: &booking)
    }

    private var organizer: Party? {
        guard let person = content.present("organizer") ?? content.present("user") else {
            return content.email("userPrimaryEmail").map { Party(email: $0) }
        }
        var party = PartyReader.party(person)
        if party?.email == nil { party?.email = content.email("userPrimaryEmail") }
        party?.userID = person.whole("id") ?? content.whole("userId")
        return party
    }

    private var listed: [Party] {
        (content["attendees"]?.array ?? []).compactMap(PartyReader.party)
            .filter { $0.email != nil }
    }

    private func bookerAddress(_ responses: JSON) -> EmailAddress? {
        responses["email"].flatMap { AnswerReader.answer(toField: $0) }
            .flatMap { EmailAddress($0.text) }
    }

    /// Puts the booker first.
    ///
    /// The answers of a seated booking may be those of another seat, so they name nobody who is
    /// not listed.
    private func place(
        _ booker: EmailAddress,
        hosts: Set<EmailAddress?>,
        in booking: inout Booking
    ) {
        if let index = booking.attendees.firstIndex(where: { $0.email == booker }) {
            booking.attendees.insert(booking.attendees.remove(at: index), at: 0)
        } else if booking.isSeated {
            return complete(nil, of: &booking)
        } else if isFirstAttendeeUnreadable, !hosts.contains(booker) {
            booking.attendees.insert(Party(email: booker), at: 0)
        } else {
            booking.bookerEmail = booker
            return complete(nil, of: &booking)
        }
        booking.bookerEmail = booker
        complete(0, of: &booking)
    }

    private var isFirstAttendeeUnreadable: Bool {
        guard let first = content["attendees"]?.array?.first else { return true }
        return PartyReader.party(first)?.email == nil
    }

    /// Gives the booker what was only answered, and the seat to whom it belongs.
    private func complete(_ booker: Int?, of booking: inout Booking) {
        if let booker, booking.attendees.indices.contains(booker) {
            fillFromAnswers(&booking.attendees[booker], booking.answers)
        }
        guard let seat = booking.seat, let holder = booker ?? booking.onlyAttendee,
            booking.attendees.indices.contains(holder), booking.attendees[holder].seat == nil
        else { return }
        booking.attendees[holder].seat = seat
    }

    private func fillFromAnswers(_ party: inout Party, _ answers: [String: Answer]) {
        if case .parts(let parts)? = answers["name"] {
            party.firstName = party.firstName ?? parts["firstName"]
            party.lastName = party.lastName ?? parts["lastName"]
        }
        party.name = party.name ?? answers["name"]?.text
        party.phone =
            party.phone ?? answers["attendeePhoneNumber"]?.text
            ?? answers["smsReminderNumber"]?.text ?? content.filledText("smsReminderNumber")
    }
}

/// Reads one person, in any of the shapes in which Cal.com describes people.
enum PartyReader {
    /// The person of an object, or of a bare address or name; nil if nothing is said.
    static func party(_ value: JSON) -> Party? {
        if let text = value.string {
            var party = Party(email: EmailAddress(text))
            if party.email == nil { party.name = text }
            return text.allSatisfy(\.isWhitespace) ? nil : party
        }
        guard case .object = value else { return nil }
        var party = Party(email: value.email("email"))
        readName(value, into: &party)
        party.phone = value.filledText("phoneNumber")
        party.timeZone = value.filledText("timeZone")
        party.seat =
            value.filledText("attendeeSeatId")
            ?? value["bookingSeat"]?.filledText("referenceUid")
        party.noShow = value["noShow"]?.bool
        party.userID = value.whole("userId")
        return party
    }

    private static func readName(_ value: JSON, into party: inout Party) {
        let split = value["name"]?.members == nil ? value : value["name"] ?? value
        party.firstName = split.filledText("firstName")
        party.lastName = split.filledText("lastName")
        let joined = [party.firstName, party.lastName].compactMap(\.self).joined(separator: " ")
        party.name = value.filledText("name") ?? (joined.isEmpty ? nil : joined)
    }
}

extension Booking {
    /// The place of the attendee of a delivery that lists one.
    fileprivate var onlyAttendee: Int? { attendees.count == 1 ? 0 : nil }
}

extension [Party] {
    /// The people, each address once.
    fileprivate var withoutRepetition: [Party] {
        var seen: Set<EmailAddress?> = []
        return filter { seen.insert($0.email).inserted }
    }
}
