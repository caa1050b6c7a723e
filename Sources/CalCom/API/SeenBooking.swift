public import Domain

/// A booking as Cal.com's API shows it: how it stands now, not what happened to it.
///
/// Source: `facts/calcom.md` 4.3.
public struct SeenBooking: Hashable, Sendable {
    /// What it says of the booking; the first host is the organizer.
    ///
    /// The API does not say how many seats a slot has, only who holds one: `seatsPerSlot` counts
    /// those.
    public var booking: Booking
    /// How it stands.
    public var status: Observation.Status
    /// How it was cancelled or declined, where it was.
    public var cancellation: Cancellation?
    /// The booking whose place it took.
    public var predecessor: BookingUID?
    /// The booking that took its place.
    public var successor: BookingUID?
    /// When it last changed, if it ever did.
    public var updated: Instant?
    /// Who was marked as absent, and who was not, by address.
    public var absences: [EmailAddress: Bool]
    /// The object as it was sent, to the byte of our own writer.
    public var body: [UInt8]

    /// When the booking came to stand as it does, as far as the API tells.
    public var changed: Instant? { updated ?? booking.created }
}

/// Reads a booking object of API v2.
///
/// Everything but `uid` and `status` is optional; what does not fit is passed over.
enum SeenBookingReader {
    /// The booking; nil for an object without a key, or in a state that nobody taught us.
    static func read(_ object: JSON) -> SeenBooking? {
        guard let uid = object.filledText("uid").flatMap(BookingUID.init),
            let status = object.filledText("status")
                .flatMap({ Observation.Status(rawValue: $0.lowercased()) })
        else { return nil }
        let booking = booking(object, uid: uid)
        return SeenBooking(
            booking: booking,
            status: status,
            cancellation: cancellation(object, status, hosts: booking.hosts),
            predecessor: link(object, "rescheduledFromUid", of: uid),
            successor: link(object, "rescheduledToUid", of: uid),
            updated: object.instant("updatedAt"),
            absences: absences(object),
            body: object.bytes
        )
    }

    private static func link(_ object: JSON, _ name: String, of uid: BookingUID) -> BookingUID? {
        let other = object.filledText(name).flatMap(BookingUID.init)
        return other == uid ? nil : other
    }

    private static func booking(_ object: JSON, uid: BookingUID) -> Booking {
        var booking = Booking(uid: uid)
        booking.number = object.whole("id")
        booking.eventType = (object["eventType"]?.whole("id") ?? object.whole("eventTypeId"))
            .map(EventTypeID.init)
        booking.eventTypeSlug = object["eventType"]?.filledText("slug")
        booking.title = object.filledText("title")
        booking.slot = slot(object)
        booking.location = object.filledText("location")
        booking.videoCallURL = object.filledText("meetingUrl")
        booking.details = object["description"]?.string
        booking.calendarUID = object.filledText("icsUid")
        booking.created = object.instant("createdAt")
        booking.metadata = Dictionary(
            (object["metadata"]?.members ?? [])
                .compactMap { member in member.value.scalarText.map { (member.name, $0) } },
            uniquingKeysWith: { _, last in last }
        )
        for member in object["bookingFieldsResponses"]?.members ?? [] {
            if let answer = AnswerReader.answer(toField: member.value) {
                booking.answers[member.name] = answer
            }
        }
        booking.notes = booking.answers["notes"]?.text
        readPeople(object, into: &booking)
        return booking
    }

    private static func slot(_ object: JSON) -> TimeSlot? {
        guard let start = object.instant("start") else { return nil }
        let end =
            object.instant("end")
            ?? object.whole("duration").map { start.advanced(byMilliseconds: Int64($0) * 60_000) }
        return end.flatMap { TimeSlot(start: start, end: $0) }
    }

    private static func readPeople(_ object: JSON, into booking: inout Booking) {
        let hosts = (object["hosts"]?.array ?? []).compactMap(host)
        booking.organizer = hosts.first
        booking.team = Array(hosts.dropFirst())
        let addresses = Set(hosts.compactMap(\.email))
        let listed = (object["attendees"]?.array ?? []).compactMap(attendee)
        let guests = (object["guests"]?.array ?? []).compactMap(\.string)
            .compactMap(EmailAddress.init).map { Party(email: $0) }
        var seen = addresses
        booking.attendees = (listed + guests).filter { party in
            party.email.map { seen.insert($0).inserted } ?? false
        }
        if booking.attendees.contains(where: { $0.seat != nil }) {
            booking.seatsPerSlot = booking.attendees.count
        } else if let booker = booking.answers["email"].flatMap({ EmailAddress($0.text) }) {
            placeFirst(booker, in: &booking)
        }
    }

    private static func placeFirst(_ booker: EmailAddress, in booking: inout Booking) {
        guard let place = booking.attendees.firstIndex(where: { $0.email == booker }) else {
            return
        }
        booking.attendees.insert(booking.attendees.remove(at: place), at: 0)
        booking.bookerEmail = booker
    }

    private static func host(_ object: JSON) -> Party? {
        guard var party = PartyReader.party(object), party.email != nil else { return nil }
        party.userID = object.whole("id")
        return party
    }

    private static func attendee(_ object: JSON) -> Party? {
        guard var party = PartyReader.party(object) else { return nil }
        // Platforms suffix the addresses of their people; the clean one is shown apart.
        party.email = object.email("displayEmail") ?? party.email
        party.seat = object.filledText("seatUid")
        return party.email == nil ? nil : party
    }

    private static func absences(_ object: JSON) -> [EmailAddress: Bool] {
        var absences: [EmailAddress: Bool] = [:]
        for entry in object["attendees"]?.array ?? [] {
            guard let email = attendee(entry)?.email, let isAbsent = entry["absent"]?.bool else {
                continue
            }
            absences[email] = isAbsent
        }
        return absences
    }

    private static func cancellation(
        _ object: JSON,
        _ status: Observation.Status,
        hosts: [EmailAddress]
    ) -> Cancellation? {
        guard status == .cancelled || status == .rejected else { return nil }
        let reason = object.filledText("cancellationReason")
        let author = object.email("cancelledByEmail")
        // A host's wish for another time looks like a cancellation; only its words tell.
        var cancellation = Cancellation(kind: .booking, reason: reason, cancelledBy: author)
        if cancellation.isWorded, status == .cancelled, author.map(hosts.contains) ?? true {
            cancellation.kind = .rescheduleRequested
        }
        return cancellation
    }
}

extension Cancellation {
    /// Whether it has the words of a host's wish for another time.
    public var isWorded: Bool { reason?.hasPrefix("Please reschedule.") == true }
}

extension Booking {
    /// The addresses of all hosts.
    fileprivate var hosts: [EmailAddress] {
        ([organizer].compactMap { $0 } + team).compactMap(\.email)
    }
}
