import Domain
import Ledger

/// A stored fact that this version does not understand.
struct UnreadableFact: Error {
    let reason: String
}

extension StoredFact {
    /// Puts a fact together again.
    ///
    /// Of an erased person only the surrogate is left.
    static func read(_ event: StoredEvent) throws -> BookingFact {
        var tape = JSONTape()
        return try read(EventContent(event), &tape)
    }

    /// Puts a fact together again, with a tape that others were read with before.
    static func read(_ event: EventContent, _ tape: inout JSONTape) throws -> BookingFact {
        guard event.schemaVersion == version else {
            throw UnreadableFact(reason: "no form \(event.schemaVersion) of '\(event.type)'")
        }
        guard let type = FactType(rawValue: event.type) else {
            throw UnreadableFact(reason: "no event type '\(event.type)' in this version")
        }
        return try FactReader(event, &tape).fact(type)
    }
}

private struct FactReader {
    typealias Node = JSONTape.Node

    private let tape: JSONTape
    private let data: Node
    /// The parts, the last of one name counts.
    private let parts: [Part]
    private let meeting: Node?
    /// The parts that the event commits to, and that are gone.
    private let erased: [String]

    private struct Part {
        var name: String
        var person: PersonID
        var content: Node
        var email: EmailAddress?
    }

    init(_ event: EventContent, _ tape: inout JSONTape) throws {
        tape.removeAll()
        var parts: [Part] = []
        parts.reserveCapacity(event.parts.count)
        for part in event.parts {
            let content = try Self.node(part.content, &tape)
            let email = tape.text("email", of: content).flatMap(EmailAddress.init)
            let person = PersonID(part.subject)
            parts.append(Part(name: part.name, person: person, content: content, email: email))
        }
        data = try Self.node(event.data, &tape)
        meeting = parts.last { $0.name == "meeting" }?.content
        erased = event.missing
        (self.tape, self.parts) = (tape, parts)
    }

    private static func node(
        _ bytes: some Collection<UInt8>,
        _ tape: inout JSONTape
    ) throws -> Node {
        do {
            return try tape.append(bytes)
        } catch {
            throw UnreadableFact(reason: "\(error)")
        }
    }

    func fact(_ type: FactType) throws -> BookingFact {
        switch type {
        case .requested: .requested(try booking(), replacing: predecessor(member("replaces")))
        case .confirmed: .confirmed(try booking())
        case .rescheduled: .rescheduled(try booking(), from: try required(member("from")))
        case .reassigned: .reassigned(try booking())
        case .relocated: .relocated(try booking(), previously: secret("previously"))
        case .cancelled: .cancelled(try booking(), try cancellation())
        case .rejected: .rejected(try booking(), reason: secret("reason"))
        case .attendance: .attendance(try attendance())
        case .meetingStarted: .meetingStarted(try booking(), from: predecessor(member("from"))?.uid)
        case .meetingEnded: .meetingEnded(try booking(), from: predecessor(member("from"))?.uid)
        case .payment: .paid(try booking(), payment())
        case .observed: .observed(try booking(), try observation())
        case .formSubmitted: .formSubmitted(try form())
        case .formAbandoned: .formAbandoned(try form())
        }
    }

    // MARK: Members of the data

    private func member(_ name: StaticString) -> Node? { tape.member(name, of: data) }

    private func text(_ name: StaticString) -> String? { tape.text(name, of: data) }

    private func number(_ name: StaticString) -> Int? { tape.number(name, of: data) }

    private func list(_ name: StaticString) -> [Node] {
        member(name).flatMap { tape.elements(of: $0) } ?? []
    }

    /// What was said about the meeting under a name.
    private func secret(_ name: StaticString) -> String? {
        meeting.flatMap { tape.text(name, of: $0) }
    }

    private func uid() throws -> BookingUID {
        guard let uid = text("uid").flatMap(BookingUID.init) else {
            throw UnreadableFact(reason: "it names no booking")
        }
        return uid
    }

    private func booking() throws -> Booking {
        var booking = Booking(uid: try uid())
        booking.number = number("number")
        booking.eventType = number("eventType").map(EventTypeID.init)
        booking.eventTypeSlug = text("slug")
        booking.slot = slot(data)
        booking.organizer = member("organizer").map { party($0) }
        booking.team = list("team").map { party($0) }
        booking.attendees = list("attendees").map { party($0) }
        let booker = text("booker").map(PersonID.init)
        booking.bookerEmail = booker.flatMap { email($0) }
        booking.calendarUID = text("calendarUID")
        booking.sequence = number("sequence")
        booking.seatsPerSlot = number("seats")
        booking.seat = text("seat")
        booking.recurrence = member("recurrence").flatMap { recurrence($0) }
        booking.created = instant("created", data)
        // The surrogate, if the address behind it went with the person.
        if !erased.isEmpty, booking.bookerEmail == nil { booking.erasedBooker = booker }
        booking.isMeetingErased = erased.contains("meeting")
        if let meeting { read(meeting, into: &booking) }
        return booking
    }

    private func read(_ meeting: Node, into booking: inout Booking) {
        booking.title = secret("title")
        booking.location = secret("location")
        booking.videoCallURL = secret("video")
        booking.notes = secret("notes")
        booking.details = secret("details")
        booking.assignmentReason = secret("assignment")
        booking.schedulingType = secret("scheduling")
        booking.answers = answers(tape.member("answers", of: meeting))
        let metadata = tape.member("metadata", of: meeting).flatMap { tape.members(of: $0) }
        var texts: [String: String] = [:]
        for member in metadata ?? [] { texts[member.name] = tape.string(member.value) }
        booking.metadata = texts
    }

    private func answers(_ node: Node?) -> [String: Answer] {
        let members = node.flatMap { tape.members(of: $0) } ?? []
        var answers = [String: Answer](minimumCapacity: members.count)
        for member in members {
            if let answer = answer(member.value) { answers[member.name] = answer }
        }
        return answers
    }

    private func answer(_ node: Node) -> Answer? {
        if let text = tape.string(node) { return .text(text) }
        if let flag = tape.bool(node) { return .flag(flag) }
        if let elements = tape.elements(of: node) {
            return .list(elements.compactMap { tape.string($0) })
        }
        guard let members = tape.members(of: node) else { return nil }
        return .parts(
            Dictionary(
                members.compactMap { member in tape.string(member.value).map { (member.name, $0) }
                },
                uniquingKeysWith: { _, last in last }
            )
        )
    }

    private func party(_ node: Node) -> Party {
        let own = tape.text("part", of: node).flatMap { name in parts.last { $0.name == name } }
        var party = Party(email: own?.email)
        party.person = tape.text("person", of: node).map(PersonID.init)
        if let content = own?.content {
            party.name = tape.text("name", of: content)
            party.firstName = tape.text("firstName", of: content)
            party.lastName = tape.text("lastName", of: content)
            party.phone = tape.text("phone", of: content)
            party.timeZone = tape.text("timeZone", of: content)
        }
        party.seat = tape.text("seat", of: node)
        party.noShow = tape.member("noShow", of: node).flatMap { tape.bool($0) }
        party.userID = tape.number("userID", of: node)
        return party
    }

    /// The address behind a surrogate, if the same fact tells it.
    private func email(_ person: PersonID) -> EmailAddress? {
        parts.last { $0.person == person && $0.email != nil }?.email
    }

    /// The address behind the surrogate that a member names.
    private func email(_ name: StaticString, _ node: Node) -> EmailAddress? {
        tape.text(name, of: node).flatMap { email(PersonID($0)) }
    }

    private func instant(_ name: StaticString, _ node: Node) -> Instant? {
        tape.number(name, of: node).map { Instant(milliseconds: Int64($0)) }
    }

    private func slot(_ node: Node) -> TimeSlot? {
        guard let start = instant("start", node), let end = instant("end", node) else {
            return nil
        }
        return TimeSlot(start: start, end: end)
    }

    private func recurrence(_ node: Node) -> Recurrence? {
        guard let frequency = tape.number("frequency", of: node),
            let interval = tape.number("interval", of: node)
        else { return nil }
        let count = tape.number("count", of: node)
        return Recurrence(frequency: frequency, interval: interval, count: count)
    }

    private func predecessor(_ node: Node?) -> Predecessor? {
        guard let node, let uid = tape.text("uid", of: node).flatMap(BookingUID.init) else {
            return nil
        }
        return Predecessor(uid: uid, slot: slot(node), movedBy: email("by", node))
    }

    private func required(_ node: Node?) throws -> Predecessor {
        guard let found = predecessor(node) else {
            throw UnreadableFact(reason: "it names no predecessor")
        }
        return found
    }

    private func cancellation() throws -> Cancellation {
        guard let kind = text("kind").flatMap(Cancellation.Kind.init) else {
            throw UnreadableFact(reason: "it names no kind of cancellation")
        }
        return Cancellation(
            kind: kind,
            reason: secret("reason"),
            cancelledBy: email("by", data)
        )
    }

    private func attendance() throws -> AttendanceReport {
        AttendanceReport(
            booking: try uid(),
            eventType: number("eventType").map(EventTypeID.init),
            source: text("source").flatMap(AttendanceReport.Source.init) ?? .manual,
            marks: marks()
        )
    }

    private func marks() -> [AttendanceReport.Mark] {
        list("marks").map { mark in
            AttendanceReport.Mark(
                party: tape.member("party", of: mark).map { party($0) } ?? Party(email: nil),
                isHost: tape.member("host", of: mark).flatMap { tape.bool($0) } ?? false,
                isNoShow: tape.member("noShow", of: mark).flatMap { tape.bool($0) } ?? false
            )
        }
    }

    private func observation() throws -> Observation {
        guard let status = text("status").flatMap(Observation.Status.init) else {
            throw UnreadableFact(reason: "it does not say how the booking stood")
        }
        return Observation(
            status: status,
            gaps: try list("gaps").map { gap in
                guard let known = tape.string(gap).flatMap(Observation.Gap.init) else {
                    throw UnreadableFact(reason: "it closes a gap that this version does not know")
                }
                return known
            },
            predecessor: text("predecessor").flatMap(BookingUID.init),
            successor: text("successor").flatMap(BookingUID.init),
            cancellation: member("kind") == nil ? nil : try cancellation(),
            leavers: list("leavers").map { party($0) },
            marks: marks()
        )
    }

    private func payment() -> Payment {
        Payment(
            isComplete: member("complete").flatMap { tape.bool($0) } ?? false,
            amount: number("amount"),
            currency: text("currency"),
            number: number("payment")
        )
    }

    private func form() throws -> FormSubmission {
        FormSubmission(
            form: text("form") ?? "",
            name: text("name"),
            response: number("response"),
            answers: answers(parts.last { $0.name == "answers" }?.content),
            submitter: member("submitter").map { party($0) }
        )
    }
}

extension JSONTape {
    /// The text of a member that is a string.
    fileprivate func text(_ name: StaticString, of node: Node) -> String? {
        member(name, of: node).flatMap { string($0) }
    }

    /// The value of a member that is a whole number.
    fileprivate func number(_ name: StaticString, of node: Node) -> Int? {
        member(name, of: node).flatMap { int($0) }
    }
}
