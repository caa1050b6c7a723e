import Domain

@testable import Journal
@testable import Ledger

/// Reads a fact by way of a tree of values, as it was done before ``JSONTape``.
///
/// What ``StoredFact/read(_:)`` is held to.
struct TreeFactReader {
    let data: JSON
    let parts: [String: JSON]
    let people: [PersonID: EmailAddress]
    /// The parts that the event commits to, and that are gone.
    let erased: Set<String>

    init(_ event: StoredEvent) throws {
        var parts: [String: JSON] = [:]
        var people: [PersonID: EmailAddress] = [:]
        for part in event.parts {
            let content = try Self.json(part.content)
            parts[part.name] = content
            if let email = content["email"]?.string.flatMap(EmailAddress.init) {
                people[PersonID(part.subject)] = email
            }
        }
        data = try Self.json(event.data)
        self.parts = parts
        self.people = people
        erased = Set(event.commitments.map(\.name)).subtracting(parts.keys)
    }

    private static func json(_ bytes: [UInt8]) throws -> JSON {
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw UnreadableFact(reason: "\(error)")
        }
    }

    func fact(_ type: FactType) throws -> BookingFact {
        switch type {
        case .requested: .requested(try booking(), replacing: predecessor(data["replaces"]))
        case .confirmed: .confirmed(try booking())
        case .rescheduled: .rescheduled(try booking(), from: try required(data["from"]))
        case .reassigned: .reassigned(try booking())
        case .relocated:
            .relocated(try booking(), previously: parts["meeting"]?["previously"]?.string)
        case .cancelled: .cancelled(try booking(), try cancellation())
        case .rejected: .rejected(try booking(), reason: parts["meeting"]?["reason"]?.string)
        case .attendance: .attendance(try attendance())
        case .meetingStarted: .meetingStarted(try booking(), from: predecessor(data["from"])?.uid)
        case .meetingEnded: .meetingEnded(try booking(), from: predecessor(data["from"])?.uid)
        case .payment: .paid(try booking(), payment())
        case .observed: .observed(try booking(), try observation())
        case .formSubmitted: .formSubmitted(try form())
        case .formAbandoned: .formAbandoned(try form())
        }
    }

    private func uid() throws -> BookingUID {
        guard let uid = data["uid"]?.string.flatMap(BookingUID.init) else {
            throw UnreadableFact(reason: "it names no booking")
        }
        return uid
    }

    private func booking() throws -> Booking {
        var booking = Booking(uid: try uid())
        booking.number = data["number"]?.int
        booking.eventType = data["eventType"]?.int.map(EventTypeID.init)
        booking.eventTypeSlug = data["slug"]?.string
        booking.slot = slot(data)
        booking.organizer = data["organizer"].map(party)
        booking.team = (data["team"]?.array ?? []).map(party)
        booking.attendees = (data["attendees"]?.array ?? []).map(party)
        booking.bookerEmail = email(data["booker"])
        booking.calendarUID = data["calendarUID"]?.string
        booking.sequence = data["sequence"]?.int
        booking.seatsPerSlot = data["seats"]?.int
        booking.seat = data["seat"]?.string
        booking.recurrence = data["recurrence"].flatMap(recurrence)
        booking.created = instant(data["created"])
        booking.erasedBooker = erasedPerson(data["booker"])
        booking.isMeetingErased = erased.contains("meeting")
        if let meeting = parts["meeting"] { read(meeting, into: &booking) }
        return booking
    }

    private func read(_ meeting: JSON, into booking: inout Booking) {
        booking.title = meeting["title"]?.string
        booking.location = meeting["location"]?.string
        booking.videoCallURL = meeting["video"]?.string
        booking.notes = meeting["notes"]?.string
        booking.details = meeting["details"]?.string
        booking.assignmentReason = meeting["assignment"]?.string
        booking.schedulingType = meeting["scheduling"]?.string
        booking.answers = answers(meeting["answers"])
        for member in meeting["metadata"]?.members ?? [] {
            booking.metadata[member.name] = member.value.string
        }
    }

    private func answers(_ json: JSON?) -> [String: Answer] {
        Dictionary(
            (json?.members ?? []).compactMap { member in
                answer(member.value).map { (member.name, $0) }
            },
            uniquingKeysWith: { _, last in last }
        )
    }

    private func answer(_ json: JSON) -> Answer? {
        switch json {
        case .string(let text): .text(text)
        case .bool(let flag): .flag(flag)
        case .array(let elements): .list(elements.compactMap(\.string))
        case .object(let members):
            .parts(
                Dictionary(
                    members.compactMap { member in member.value.string.map { (member.name, $0) } },
                    uniquingKeysWith: { _, last in last }
                )
            )
        case .null, .number: nil
        }
    }

    private func party(_ json: JSON) -> Party {
        let own = json["part"]?.string.flatMap { parts[$0] }
        var party = Party(email: own?["email"]?.string.flatMap(EmailAddress.init))
        party.person = json["person"]?.string.map(PersonID.init)
        party.name = own?["name"]?.string
        party.firstName = own?["firstName"]?.string
        party.lastName = own?["lastName"]?.string
        party.phone = own?["phone"]?.string
        party.timeZone = own?["timeZone"]?.string
        party.seat = json["seat"]?.string
        party.noShow = json["noShow"]?.bool
        party.userID = json["userID"]?.int
        return party
    }

    /// The address behind a surrogate, if the same fact tells it.
    private func email(_ json: JSON?) -> EmailAddress? {
        json?.string.flatMap { people[PersonID($0)] }
    }

    /// The surrogate, if the address behind it went with the person.
    private func erasedPerson(_ json: JSON?) -> PersonID? {
        guard !erased.isEmpty, let person = json?.string.map(PersonID.init) else { return nil }
        return people[person] == nil ? person : nil
    }

    private func instant(_ json: JSON?) -> Instant? {
        json?.int.map { Instant(milliseconds: Int64($0)) }
    }

    private func slot(_ json: JSON) -> TimeSlot? {
        guard let start = instant(json["start"]), let end = instant(json["end"]) else { return nil }
        return TimeSlot(start: start, end: end)
    }

    private func recurrence(_ json: JSON) -> Recurrence? {
        guard let frequency = json["frequency"]?.int, let interval = json["interval"]?.int else {
            return nil
        }
        return Recurrence(frequency: frequency, interval: interval, count: json["count"]?.int)
    }

    private func predecessor(_ json: JSON?) -> Predecessor? {
        guard let json, let uid = json["uid"]?.string.flatMap(BookingUID.init) else { return nil }
        return Predecessor(uid: uid, slot: slot(json), movedBy: email(json["by"]))
    }

    private func required(_ json: JSON?) throws -> Predecessor {
        guard let found = predecessor(json) else {
            throw UnreadableFact(reason: "it names no predecessor")
        }
        return found
    }

    private func cancellation() throws -> Cancellation {
        guard let kind = data["kind"]?.string.flatMap(Cancellation.Kind.init) else {
            throw UnreadableFact(reason: "it names no kind of cancellation")
        }
        return Cancellation(
            kind: kind,
            reason: parts["meeting"]?["reason"]?.string,
            cancelledBy: email(data["by"])
        )
    }

    private func attendance() throws -> AttendanceReport {
        AttendanceReport(
            booking: try uid(),
            eventType: data["eventType"]?.int.map(EventTypeID.init),
            source: data["source"]?.string.flatMap(AttendanceReport.Source.init) ?? .manual,
            marks: marks()
        )
    }

    private func marks() -> [AttendanceReport.Mark] {
        (data["marks"]?.array ?? []).map { mark in
            AttendanceReport.Mark(
                party: party(mark["party"] ?? .null),
                isHost: mark["host"]?.bool ?? false,
                isNoShow: mark["noShow"]?.bool ?? false
            )
        }
    }

    private func observation() throws -> Observation {
        guard let status = data["status"]?.string.flatMap(Observation.Status.init) else {
            throw UnreadableFact(reason: "it does not say how the booking stood")
        }
        return Observation(
            status: status,
            gaps: try (data["gaps"]?.array ?? []).map { gap in
                guard let known = gap.string.flatMap(Observation.Gap.init) else {
                    throw UnreadableFact(reason: "it closes a gap that this version does not know")
                }
                return known
            },
            predecessor: data["predecessor"]?.string.flatMap(BookingUID.init),
            successor: data["successor"]?.string.flatMap(BookingUID.init),
            cancellation: data["kind"] == nil ? nil : try cancellation(),
            leavers: (data["leavers"]?.array ?? []).map(party),
            marks: marks()
        )
    }

    private func payment() -> Payment {
        Payment(
            isComplete: data["complete"]?.bool ?? false,
            amount: data["amount"]?.int,
            currency: data["currency"]?.string,
            number: data["payment"]?.int
        )
    }

    private func form() throws -> FormSubmission {
        FormSubmission(
            form: data["form"]?.string ?? "",
            name: data["name"]?.string,
            response: data["response"]?.int,
            answers: answers(parts["answers"]),
            submitter: data["submitter"].map(party)
        )
    }
}
