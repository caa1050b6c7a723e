/// What a delivery says about one booking at the time of a fact.
///
/// Deliveries differ in what they carry, so nearly everything is optional; nil means that the
/// delivery did not say, never that the value is empty.
public struct Booking: Hashable, Sendable {
    /// Everything, as the only element of a list: folds hand bookings on at every step, and copying
    /// a list is copying one reference instead of some forty.
    private var contents: [Contents]

    /// Cal.com's key of the booking.
    public var uid: BookingUID {
        get { contents[0].uid }
        set { contents[0].uid = newValue }
    }

    /// Cal.com's database id of the booking.
    public var number: Int? {
        get { contents[0].number }
        set { contents[0].number = newValue }
    }

    /// The event type, by number.
    public var eventType: EventTypeID? {
        get { contents[0].eventType }
        set { contents[0].eventType = newValue }
    }

    /// The event type's slug, for example `product-demo`.
    public var eventTypeSlug: String? {
        get { contents[0].eventTypeSlug }
        set { contents[0].eventTypeSlug = newValue }
    }

    /// The title of the meeting.
    public var title: String? {
        get { contents[0].title }
        set { contents[0].title = newValue }
    }

    /// When it takes place.
    public var slot: TimeSlot? {
        get { contents[0].slot }
        set { contents[0].slot = newValue }
    }

    /// Who hosts it.
    public var organizer: Party? {
        get { contents[0].organizer }
        set { contents[0].organizer = newValue }
    }

    /// The other hosts.
    public var team: [Party] {
        get { contents[0].team }
        set { contents[0].team = newValue }
    }

    /// The attendees named by this delivery: the booker first, then guests.
    ///
    /// Never hosts.
    public var attendees: [Party] {
        get { contents[0].attendees }
        set { contents[0].attendees = newValue }
    }

    /// The booker's address, if the delivery names it apart from the attendees.
    public var bookerEmail: EmailAddress? {
        get { contents[0].bookerEmail }
        set { contents[0].bookerEmail = newValue }
    }

    /// Answers by the slug of the question.
    ///
    /// Unanswered questions are not among them.
    public var answers: [String: Answer] {
        get { contents[0].answers }
        set { contents[0].answers = newValue }
    }

    /// The location as sent: a URL, a phone number, an address or `integrations:…`.
    public var location: String? {
        get { contents[0].location }
        set { contents[0].location = newValue }
    }

    /// The URL of the video call, if there is one.
    public var videoCallURL: String? {
        get { contents[0].videoCallURL }
        set { contents[0].videoCallURL = newValue }
    }

    /// The booker's notes.
    public var notes: String? {
        get { contents[0].notes }
        set { contents[0].notes = newValue }
    }

    /// The description of the event type or, where that is empty, the notes.
    public var details: String? {
        get { contents[0].details }
        set { contents[0].details = newValue }
    }

    /// Texts that were passed along with the booking, for example `utm_source`.
    public var metadata: [String: String] {
        get { contents[0].metadata }
        set { contents[0].metadata = newValue }
    }

    /// The calendar's id; stays the same along a chain of reschedules with one organizer.
    public var calendarUID: String? {
        get { contents[0].calendarUID }
        set { contents[0].calendarUID = newValue }
    }

    /// The calendar's sequence number; higher is newer.
    public var sequence: Int? {
        get { contents[0].sequence }
        set { contents[0].sequence = newValue }
    }

    /// How many can book one slot; nil unless the event type has seats.
    public var seatsPerSlot: Int? {
        get { contents[0].seatsPerSlot }
        set { contents[0].seatsPerSlot = newValue }
    }

    /// The seat this delivery is about.
    public var seat: String? {
        get { contents[0].seat }
        set { contents[0].seat = newValue }
    }

    /// The pattern, when the booking is one occurrence of a series.
    public var recurrence: Recurrence? {
        get { contents[0].recurrence }
        set { contents[0].recurrence = newValue }
    }

    /// Why this host was chosen, in Cal.com's words.
    public var assignmentReason: String? {
        get { contents[0].assignmentReason }
        set { contents[0].assignmentReason = newValue }
    }

    /// How hosts are chosen for the event type, as Cal.com spells it, for example `ROUND_ROBIN`.
    public var schedulingType: String? {
        get { contents[0].schedulingType }
        set { contents[0].schedulingType = newValue }
    }

    /// When Cal.com made the booking, if the delivery says so.
    public var created: Instant? {
        get { contents[0].created }
        set { contents[0].created = newValue }
    }

    /// The booker, when that person was erased; nil otherwise.
    public var erasedBooker: PersonID? {
        get { contents[0].erasedBooker }
        set { contents[0].erasedBooker = newValue }
    }

    /// Whether title, place, notes and answers went with the person who gave them.
    public var isMeetingErased: Bool {
        get { contents[0].isMeetingErased }
        set { contents[0].isMeetingErased = newValue }
    }

    /// Creates a booking of which only the key is known.
    public init(uid: BookingUID) { contents = [Contents(uid: uid)] }

    /// Whether one of several hosts was chosen.
    public var isRoundRobin: Bool {
        schedulingType.map { $0.lowercased().filter(\.isLetter) == "roundrobin" } ?? false
    }

    /// Whether several people book the same slot independently.
    public var isSeated: Bool { seatsPerSlot != nil }
}

/// What a ``Booking`` consists of.
private struct Contents: Hashable, Sendable {
    var uid: BookingUID
    var number: Int?
    var eventType: EventTypeID?
    var eventTypeSlug: String?
    var title: String?
    var slot: TimeSlot?
    var organizer: Party?
    var team: [Party] = []
    var attendees: [Party] = []
    var bookerEmail: EmailAddress?
    var answers: [String: Answer] = [:]
    var location: String?
    var videoCallURL: String?
    var notes: String?
    var details: String?
    var metadata: [String: String] = [:]
    var calendarUID: String?
    var sequence: Int?
    var seatsPerSlot: Int?
    var seat: String?
    var recurrence: Recurrence?
    var assignmentReason: String?
    var schedulingType: String?
    var created: Instant?
    var erasedBooker: PersonID?
    var isMeetingErased: Bool = false

    init(uid: BookingUID) { self.uid = uid }
}

/// A person as host or attendee of a booking.
public struct Party: Hashable, Sendable {
    /// The ledger's surrogate; nil until the fact was recorded.
    public var person: PersonID?
    /// The address; nil once the person was erased.
    public var email: EmailAddress?
    /// The full name as given, or nil if none was.
    public var name: String?
    /// The first name, when given apart.
    public var firstName: String?
    /// The last name, when given apart.
    public var lastName: String?
    /// The phone number as given.
    public var phone: String?
    /// The IANA name of the person's time zone.
    public var timeZone: String?
    /// The id of the seat this attendee holds.
    public var seat: String?
    /// Cal.com's no-show mark, where a delivery repeats it.
    public var noShow: Bool?
    /// Cal.com's user id, for hosts.
    public var userID: Int?
    /// Whether the person was erased: only the surrogate is left.
    public var isErased: Bool { person != nil && email == nil }

    /// Creates a party of which only the address is known.
    public init(email: EmailAddress?) { self.email = email }
}

/// An answer to a booking question.
public enum Answer: Hashable, Sendable {
    /// Text, a number as text, or one chosen option.
    case text(String)
    /// A checkbox.
    case flag(Bool)
    /// Several chosen options or addresses, in order.
    case list([String])
    /// Named parts, such as a first and a last name.
    case parts([String: String])

    /// The answer as one text: list elements joined by `, `, parts by a space in order of name.
    public var text: String {
        switch self {
        case .text(let text): text
        case .flag(let flag): flag ? "true" : "false"
        case .list(let elements): elements.joined(separator: ", ")
        case .parts(let parts):
            parts["value"]
                ?? parts.sorted { $0.key < $1.key }.map(\.value).filter { !$0.isEmpty }
                .joined(separator: " ")
        }
    }
}

/// How often a recurring booking repeats.
public struct Recurrence: Hashable, Sendable {
    /// The iCalendar frequency number: 0 year, 1 month, 2 week, 3 day.
    public var frequency: Int
    /// Every how many of them.
    public var interval: Int
    /// How many occurrences, if limited.
    public var count: Int?

    /// Creates a pattern.
    public init(frequency: Int, interval: Int, count: Int?) {
        (self.frequency, self.interval, self.count) = (frequency, interval, count)
    }
}
