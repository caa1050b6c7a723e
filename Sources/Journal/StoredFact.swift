import Domain
import Ledger

/// The stored form of a booking fact: spelled out, versioned, pinned by golden rows.
///
/// `data` names people by surrogate and holds no personal data. Each person's own data goes into a
/// part under that person's key; what was said about the meeting (title, answers, notes, places)
/// goes into a part under the booker's key.
struct StoredFact: Equatable {
    /// The version that is written.
    static let version = 1

    var type: String
    var data: JSON
    var parts: [PersonalPart]
}

/// The names under which facts are stored.
///
/// Never changed, only added to.
enum FactType: String, CaseIterable {
    case requested = "booking.requested"
    case confirmed = "booking.confirmed"
    case rescheduled = "booking.rescheduled"
    case reassigned = "booking.reassigned"
    case relocated = "booking.relocated"
    case cancelled = "booking.cancelled"
    case rejected = "booking.rejected"
    case attendance = "attendance.recorded"
    case meetingStarted = "meeting.started"
    case meetingEnded = "meeting.ended"
    case payment = "payment.recorded"
    case observed = "booking.observed"
    case formSubmitted = "form.submitted"
    case formAbandoned = "form.abandoned"

    init(_ fact: BookingFact) {
        self =
            switch fact {
            case .requested: .requested
            case .confirmed: .confirmed
            case .rescheduled: .rescheduled
            case .reassigned: .reassigned
            case .relocated: .relocated
            case .cancelled: .cancelled
            case .rejected: .rejected
            case .attendance: .attendance
            case .meetingStarted: .meetingStarted
            case .meetingEnded: .meetingEnded
            case .paid: .payment
            case .observed: .observed
            case .formSubmitted: .formSubmitted
            case .formAbandoned: .formAbandoned
            }
    }
}

extension StoredFact {
    /// Takes a fact apart into what may be shown and what is sealed.
    ///
    /// - Parameters:
    ///   - fact: The fact.
    ///   - delivery: The digest of the delivery that told of it.
    ///   - subject: Gives the surrogate of the person with an address.
    /// - Throws: What `subject` throws.
    init(
        _ fact: BookingFact,
        delivery: String,
        subject: (EmailAddress) throws -> PersonID
    ) throws {
        var writer = FactWriter()
        let members = try writer.members(of: fact, subject: subject)
        type = FactType(fact).rawValue
        data = .compact(members + [("delivery", .string(delivery))])
        parts = writer.parts
    }
}

/// Gathers the parts of a fact while its members are written.
private struct FactWriter {
    var parts: [PersonalPart] = []

    typealias Members = [(String, JSON?)]

    mutating func members(
        of fact: BookingFact,
        subject: (EmailAddress) throws -> PersonID
    ) throws -> Members {
        switch fact {
        case .requested(let booking, let predecessor):
            return try members(of: booking, secrets: [], subject)
                + [("replaces", try predecessor.map { try reference($0, subject) })]
        case .confirmed(let booking), .reassigned(let booking):
            return try members(of: booking, secrets: [], subject)
        case .rescheduled(let booking, let predecessor):
            return try members(of: booking, secrets: [], subject)
                + [("from", try reference(predecessor, subject))]
        case .relocated(let booking, let previously):
            return try members(of: booking, secrets: [("previously", .text(previously))], subject)
        case .cancelled(let booking, let cancellation):
            return try members(
                of: booking,
                secrets: [("reason", cancellation.reason.map(JSON.string))],
                subject
            ) + [
                ("kind", .string(cancellation.kind.rawValue)),
                ("by", try cancellation.cancelledBy.map { try party($0, subject) }),
            ]
        case .rejected(let booking, let reason):
            return try members(of: booking, secrets: [("reason", reason.map(JSON.string))], subject)
        case .attendance(let report):
            return try members(of: report, subject)
        case .meetingStarted(let booking, let from), .meetingEnded(let booking, let from):
            return try members(of: booking, secrets: [], subject)
                + [("from", from.map { .object([JSON.Member("uid", .string($0.rawValue))]) })]
        case .paid(let booking, let payment):
            return try members(of: booking, secrets: [], subject) + [
                ("complete", .bool(payment.isComplete)),
                ("amount", payment.amount.map { .integer($0) }),
                ("currency", payment.currency.map(JSON.string)),
                ("payment", payment.number.map { .integer($0) }),
            ]
        case .observed(let booking, let observation):
            return try members(of: booking, observation, subject)
        case .formSubmitted(let form), .formAbandoned(let form):
            return try members(of: form, subject)
        }
    }

    private mutating func members(
        of booking: Booking,
        secrets: Members,
        _ subject: (EmailAddress) throws -> PersonID
    ) throws -> Members {
        let organizer = try booking.organizer.map { try seal($0, subject) }
        let team = try booking.team.map { try seal($0, subject) }
        let attendees = try booking.attendees.map { try seal($0, subject) }
        let booker = try booking.bookerEmail.map { try party($0, subject) }
        let teller = booker ?? attendees.first?["person"] ?? organizer?["person"]
        sealMeeting(of: booking, secrets: secrets, under: teller?.string)
        return [
            ("uid", .string(booking.uid.rawValue)),
            ("number", booking.number.map { .integer($0) }),
            ("eventType", booking.eventType.map { .integer($0.rawValue) }),
            ("slug", booking.eventTypeSlug.map(JSON.string)),
            ("start", booking.slot.map { .integer($0.start.milliseconds) }),
            ("end", booking.slot.map { .integer($0.end.milliseconds) }),
            ("organizer", organizer),
            ("team", team.isEmpty ? nil : .array(team)),
            ("attendees", attendees.isEmpty ? nil : .array(attendees)),
            ("booker", booker),
            ("calendarUID", booking.calendarUID.map(JSON.string)),
            ("sequence", booking.sequence.map { .integer($0) }),
            ("seats", booking.seatsPerSlot.map { .integer($0) }),
            ("seat", booking.seat.map(JSON.string)),
            ("recurrence", booking.recurrence.map(form)),
            ("created", booking.created.map { .integer($0.milliseconds) }),
        ]
    }

    private mutating func sealMeeting(of booking: Booking, secrets: Members, under: String?) {
        let answers = booking.answers.sorted { $0.key < $1.key }
        let metadata = booking.metadata.sorted { $0.key < $1.key }
        let content = JSON.compact(
            [
                ("title", booking.title.map(JSON.string)),
                ("location", booking.location.map(JSON.string)),
                ("video", booking.videoCallURL.map(JSON.string)),
                ("notes", booking.notes.map(JSON.string)),
                ("details", booking.details.map(JSON.string)),
                ("assignment", booking.assignmentReason.map(JSON.string)),
                ("scheduling", booking.schedulingType.map(JSON.string)),
                (
                    "answers",
                    answers.isEmpty
                        ? nil : .object(answers.map { JSON.Member($0.key, form($0.value)) })
                ),
                (
                    "metadata",
                    metadata.isEmpty
                        ? nil : .object(metadata.map { JSON.Member($0.key, .string($0.value)) })
                ),
            ] + secrets
        )
        guard let under, content != .object([]) else { return }
        parts.append(PersonalPart(name: "meeting", subject: under, content: content.bytes))
    }

    private mutating func members(
        of booking: Booking,
        _ observation: Observation,
        _ subject: (EmailAddress) throws -> PersonID
    ) throws -> Members {
        let cancellation = observation.cancellation
        let told = try members(
            of: booking,
            secrets: [("reason", cancellation?.reason.map(JSON.string))],
            subject
        )
        let leavers = try observation.leavers.map { try seal($0, subject) }
        let marks = try marks(observation.marks, subject)
        return told + [
            ("status", .string(observation.status.rawValue)),
            ("gaps", .array(observation.gaps.map { .string($0.rawValue) })),
            ("predecessor", observation.predecessor.map { .string($0.rawValue) }),
            ("successor", observation.successor.map { .string($0.rawValue) }),
            ("kind", cancellation.map { .string($0.kind.rawValue) }),
            ("by", try cancellation?.cancelledBy.map { try party($0, subject) }),
            ("leavers", leavers.isEmpty ? nil : .array(leavers)),
            ("marks", marks.isEmpty ? nil : .array(marks)),
        ]
    }

    private mutating func members(
        of report: AttendanceReport,
        _ subject: (EmailAddress) throws -> PersonID
    ) throws -> Members {
        let marks = try marks(report.marks, subject)
        return [
            ("uid", .string(report.booking.rawValue)),
            ("eventType", report.eventType.map { .integer($0.rawValue) }),
            ("source", .string(report.source.rawValue)),
            ("marks", .array(marks)),
        ]
    }

    private mutating func marks(
        _ marks: [AttendanceReport.Mark],
        _ subject: (EmailAddress) throws -> PersonID
    ) throws -> [JSON] {
        try marks.map { mark in
            JSON.compact([
                ("party", try seal(mark.party, subject)),
                ("host", .bool(mark.isHost)),
                ("noShow", .bool(mark.isNoShow)),
            ])
        }
    }

    private mutating func members(
        of form: FormSubmission,
        _ subject: (EmailAddress) throws -> PersonID
    ) throws -> Members {
        let submitter = try form.submitter.map { try seal($0, subject) }
        if let under = submitter?["person"]?.string {
            let answers = form.answers.sorted { $0.key < $1.key }
            let content = JSON.object(answers.map { JSON.Member($0.key, self.form($0.value)) })
            parts.append(PersonalPart(name: "answers", subject: under, content: content.bytes))
        }
        return [
            ("form", .string(form.form)),
            ("name", form.name.map(JSON.string)),
            ("response", form.response.map { .integer($0) }),
            ("submitter", submitter),
        ]
    }

    private mutating func reference(
        _ predecessor: Predecessor,
        _ subject: (EmailAddress) throws -> PersonID
    ) throws -> JSON {
        .compact([
            ("uid", .string(predecessor.uid.rawValue)),
            ("start", predecessor.slot.map { .integer($0.start.milliseconds) }),
            ("end", predecessor.slot.map { .integer($0.end.milliseconds) }),
            ("by", try predecessor.movedBy.map { try party($0, subject) }),
        ])
    }

    /// Refers to a person; one that the fact does not name otherwise gets a part with the address.
    private mutating func party(
        _ email: EmailAddress,
        _ subject: (EmailAddress) throws -> PersonID
    ) throws -> JSON {
        let person = try subject(email).rawValue
        let isKnown = parts.contains { $0.subject == person && $0.name.hasPrefix("party-") }
        if !isKnown { _ = try seal(Party(email: email), subject) }
        return .string(person)
    }

    /// Seals what is known of a person, once per fact, and returns what may be shown.
    private mutating func seal(
        _ party: Party,
        _ subject: (EmailAddress) throws -> PersonID
    ) throws -> JSON {
        guard let email = party.email else { return .object([]) }
        let person = try subject(email).rawValue
        let name = "party-\(parts.count)"
        let content = JSON.compact([
            ("email", .string(email.rawValue)),
            ("name", party.name.map(JSON.string)),
            ("firstName", party.firstName.map(JSON.string)),
            ("lastName", party.lastName.map(JSON.string)),
            ("phone", party.phone.map(JSON.string)),
            ("timeZone", party.timeZone.map(JSON.string)),
        ])
        parts.append(PersonalPart(name: name, subject: person, content: content.bytes))
        return .compact([
            ("person", .string(person)),
            ("part", .string(name)),
            ("seat", party.seat.map(JSON.string)),
            ("noShow", party.noShow.map(JSON.bool)),
            ("userID", party.userID.map { .integer($0) }),
        ])
    }

    private func form(_ recurrence: Recurrence) -> JSON {
        .compact([
            ("frequency", .integer(recurrence.frequency)),
            ("interval", .integer(recurrence.interval)),
            ("count", recurrence.count.map { .integer($0) }),
        ])
    }

    private func form(_ answer: Answer) -> JSON {
        switch answer {
        case .text(let text): .string(text)
        case .flag(let flag): .bool(flag)
        case .list(let list): .array(list.map(JSON.string))
        case .parts(let parts):
            .object(parts.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
        }
    }
}
