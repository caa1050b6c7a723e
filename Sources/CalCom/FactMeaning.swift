import Crypto
public import Domain

/// What a fact says, apart from when it was sent.
///
/// One URL subscribed at two levels receives each fact twice, with two `createdAt`: other bytes,
/// same meaning. Facts of equal ``digest`` are one fact, except that some things can truly happen
/// again (a no-show marked, taken back and marked again): of these, only facts that occurred within
/// ``coincidence`` of each other are one.
///
/// | fact                   | what counts, besides kind, uid, sequence, slot, attendees and seat |
/// |------------------------|--------------------------------------------------------------------|
/// | requested, rescheduled | the predecessor                                                    |
/// | reassigned             | the organizer                                                      |
/// | relocated              | the location                                                       |
/// | cancelled              | kind and reason                                                    |
/// | rejected               | reason                                                             |
/// | paid                   | the payment, and whether it is complete                            |
/// | attendance             | source and marks only, with the uid                                |
/// | observed               | status, gaps, successor, host, place, leavers and marks            |
/// | form                   | form, response and answers only                                    |
///
/// Source: `facts/calcom.md` 1.7 and section 2.
public struct FactMeaning: Hashable, Sendable {
    /// How far apart deliveries of one fact occur at most, in milliseconds.
    ///
    /// Cal.com stamps them one after the other in one process; two minutes allow for a slow one.
    public static let coincidence: Int64 = 120_000

    /// SHA-256 of what counts, lower-case hexadecimal.
    ///
    /// A guess at the addresses behind it can be checked, so it is to be kept no longer than the
    /// delivery itself, or under a key.
    public let digest: String

    /// Whether the same can be said again later and be news.
    public let canRecur: Bool

    /// Distils a fact.
    public init(of fact: ReportedFact) {
        var parts = MeaningParts()
        parts.add(fact.fact)
        digest = parts.digest
        canRecur = fact.fact.canRecur
    }

    /// Whether a fact that occurred later, or earlier, with this meaning is the same fact.
    ///
    /// - Parameters:
    ///   - occurred: When this one occurred.
    ///   - other: When the other fact of equal digest occurred.
    /// - Returns: False only for something that can recur and did so at another time.
    public func isRepetition(occurred: Instant, of other: Instant) -> Bool {
        !canRecur || abs(occurred.milliseconds - other.milliseconds) <= Self.coincidence
    }
}

extension BookingFact {
    /// True where neither a sequence number nor an id tells two occasions apart.
    fileprivate var canRecur: Bool {
        switch self {
        case .attendance, .observed: true
        case .reassigned(let booking), .relocated(let booking, _): booking.sequence == nil
        case .confirmed(let booking), .cancelled(let booking, _):
            booking.isSeated && booking.seat == nil
        // A meeting with seats keeps its uid and may move back and forth; so may a seat.
        case .rescheduled(let booking, _): booking.isSeated
        case .formSubmitted(let form), .formAbandoned(let form): form.response == nil
        default: false
        }
    }
}

/// Texts in order, each with its length before it, so that no two lists of texts look alike.
private struct MeaningParts {
    private var bytes: [UInt8] = Array("daybook-meaning-1".utf8)

    var digest: String { Hexadecimal.text(SHA256.hash(data: bytes)) }

    mutating func add(_ texts: String?...) {
        for text in texts {
            bytes.append(contentsOf: (text.map { "\n\($0.utf8.count):\($0)" } ?? "\n-").utf8)
        }
    }

    mutating func add(_ list: [String]) {
        add(String(list.count))
        for text in list { add(text) }
    }

    mutating func add(_ fact: BookingFact) {
        switch fact {
        case .attendance(let report): add(report)
        case .formSubmitted(let form): add("form-submitted", form)
        case .formAbandoned(let form): add("form-abandoned", form)
        case .requested, .confirmed, .rescheduled, .reassigned, .relocated, .cancelled, .rejected,
            .meetingStarted, .meetingEnded, .paid, .observed:
            addKind(of: fact)
            if let booking = fact.booking { add(booking) }
        }
    }

    private mutating func addKind(of fact: BookingFact) {
        switch fact {
        case .requested(_, let predecessor): add("requested", predecessor?.uid.rawValue)
        case .confirmed: add("confirmed")
        case .rescheduled(_, let predecessor): add("rescheduled", predecessor.uid.rawValue)
        case .reassigned(let booking): add("reassigned", booking.organizer?.email?.rawValue)
        case .relocated(let booking, _): add("relocated", booking.location)
        case .cancelled(_, let how): add("cancelled", how.kind.rawValue, how.reason)
        case .rejected(_, let reason): add("rejected", reason)
        case .meetingStarted: add("meeting-started")
        case .meetingEnded: add("meeting-ended")
        case .paid(_, let payment):
            add("paid", payment.isComplete ? "complete" : "started", payment.number.map { "\($0)" })
        case .observed(let booking, let observation):
            add("observed", observation)
            add(booking.organizer?.email?.rawValue, booking.location)
        case .attendance, .formSubmitted, .formAbandoned: break
        }
    }

    private mutating func add(_ kind: String, _ observation: Observation) {
        add(kind, observation.status.rawValue, observation.successor?.rawValue)
        add(observation.gaps.map(\.rawValue))
        add(observation.leavers.compactMap { $0.email?.rawValue }.sorted())
        add(
            observation.marks.map { "\($0.isNoShow) \($0.party.email?.rawValue ?? "")" }.sorted()
        )
    }

    private mutating func add(_ booking: Booking) {
        add(
            booking.uid.rawValue,
            booking.sequence.map { "\($0)" },
            booking.slot?.start.rfc3339,
            booking.slot?.end.rfc3339,
            booking.seat
        )
        add(booking.attendees.compactMap { $0.email?.rawValue }.sorted())
    }

    private mutating func add(_ report: AttendanceReport) {
        add("attendance", report.booking.rawValue, report.source.rawValue)
        add(
            report.marks.map { mark in
                let role = mark.isHost ? "host" : "attendee"
                let presence = mark.isNoShow ? "absent" : "present"
                return "\(role) \(presence) \(mark.party.email?.rawValue ?? "")"
            }
            .sorted()
        )
    }

    private mutating func add(_ kind: String, _ form: FormSubmission) {
        add(kind, form.form, form.response.map { "\($0)" })
        for (field, answer) in form.answers.sorted(by: { $0.key < $1.key }) {
            add(field)
            add(answer)
        }
    }

    private mutating func add(_ answer: Answer) {
        switch answer {
        case .text(let text): add("text", text)
        case .flag(let flag): add("flag", flag ? "true" : "false")
        case .list(let elements): add(["list"] + elements)
        case .parts(let parts):
            add(["parts"] + parts.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] })
        }
    }
}
