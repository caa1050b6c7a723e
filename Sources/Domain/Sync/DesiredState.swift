/// The event that stands behind a value.
public struct Cause: Hashable, Comparable, Sendable {
    /// Where the ledger has the event.
    public var position: LedgerPosition
    /// When it happened in the world.
    public var occurred: Instant
    /// When the ledger learned of it.
    public var recorded: Instant

    /// Creates a cause.
    public init(position: LedgerPosition, occurred: Instant, recorded: Instant) {
        (self.position, self.occurred, self.recorded) = (position, occurred, recorded)
    }

    /// Takes the place and the times of a recorded fact.
    public init(_ fact: RecordedFact) {
        self.init(position: fact.position, occurred: fact.occurred, recorded: fact.recorded)
    }

    /// Orders causes as they happened; arrival decides between equals.
    public static func < (left: Self, right: Self) -> Bool {
        (left.occurred, left.position) < (right.occurred, right.position)
    }
}

/// What a field should hold, before Salesforce was asked for the ids it takes.
public enum WishedValue: Hashable, Sendable {
    /// This value.
    case value(FieldValue)
    /// The id of the active user with this address.
    case user(EmailAddress)
    /// The id of the account to which an address belongs.
    ///
    /// Kept apart, because it takes ten times the room of any other wish.
    indirect case account(AccountLookUp)
    /// The ids of the records of these people, in this order.
    case records([PersonID])
}

/// One event's claim that a field should hold a value.
///
/// What counts as new to the field decision is the assertion, not the value alone: the same value
/// asserted by a later event is another assertion.
public struct Assertion: Hashable, Sendable {
    /// What the field should hold.
    public var value: WishedValue
    /// The event behind it.
    public var cause: Cause
    /// The settings that made it so.
    public var version: SettingsVersion
    /// The rule inside those settings, for example `eventTypes/88231/attendee/onBooking/LeadSource`.
    public var rule: String
    /// When it is written over what is there.
    public var policy: WritePolicy
    /// Whether the settings were in force when the event was recorded; false for a replay.
    public var isLive: Bool
    /// Whether the value comes from a person and must not be shown outside.
    public var isPersonal: Bool

    /// Creates an assertion.
    public init(
        value: WishedValue,
        cause: Cause,
        version: SettingsVersion,
        rule: String,
        policy: WritePolicy,
        isLive: Bool,
        isPersonal: Bool
    ) {
        (self.value, self.cause, self.version) = (value, cause, version)
        (self.rule, self.policy, self.isLive) = (rule, policy, isLive)
        self.isPersonal = isPersonal
    }
}

/// Everything that events assert of one field, oldest first.
public struct DesiredField: Hashable, Sendable {
    /// The field.
    public var field: FieldName
    /// The assertions in order of their causes; never empty.
    public var assertions: [Assertion]

    /// Creates a field, or returns nil without any assertion.
    public init?(field: FieldName, assertions: [Assertion]) {
        guard !assertions.isEmpty else { return nil }
        self.field = field
        self.assertions = assertions.sorted { $0.cause < $1.cause }
    }

    /// The newest assertion.
    public var newest: Assertion { assertions[assertions.count - 1] }
}

/// A field for which no value could be formed.
public struct HeldField: Hashable, Sendable {
    /// The field.
    public var field: FieldName
    /// Why.
    public var reason: Reason
    /// The event that should have given the value.
    public var cause: Cause
    /// The rule that asks for it.
    public var rule: String
    /// What exactly is missing, without personal data: the name of a question, for example.
    public var detail: String

    /// Creates a held field.
    public init(field: FieldName, reason: Reason, cause: Cause, rule: String, detail: String) {
        (self.field, self.reason, self.cause) = (field, reason, cause)
        (self.rule, self.detail) = (rule, detail)
    }
}

/// Whether a record has to be there.
public enum Existence: Hashable, Sendable {
    /// It is created when it is missing.
    case required
    /// It is updated when it is there, and never created.
    case ifThere
    /// It is deleted when it is there and Daybook made it.
    case removed
}

/// The event record that an appointment calls for.
public struct DesiredEventRecord: Hashable, Sendable {
    /// The appointment.
    public var appointment: AppointmentID
    /// All uids of the chain, the root first; a record may have been made under any of them.
    public var uids: [BookingUID]
    /// The event type.
    public var eventType: EventTypeID?
    /// Whether it has to be there.
    public var existence: Existence
    /// Why, as a reason code.
    public var reason: Reason
    /// The event that decided the existence.
    public var cause: Cause
    /// The fields we own, by name.
    public var fields: [DesiredField]
    /// The people to relate, the booker first.
    public var attendees: DesiredField?
    /// The records by which those people are looked up.
    public var attendeeKeys: [PersonRecordKey]
    /// Fields for which no value could be formed.
    public var held: [HeldField]
    /// Values for a created record, where nothing above sets the field.
    public var creationDefaults: [FieldName: FieldValue]
    /// What becomes of a record that somebody deleted.
    public var onDeleted = SyncSettings.DeletedRecord.ask

    /// Creates a desired record.
    public init(
        appointment: AppointmentID,
        uids: [BookingUID],
        eventType: EventTypeID?,
        existence: Existence,
        reason: Reason,
        cause: Cause,
        fields: [DesiredField],
        attendees: DesiredField?,
        attendeeKeys: [PersonRecordKey],
        held: [HeldField],
        creationDefaults: [FieldName: FieldValue]
    ) {
        (self.appointment, self.uids, self.eventType) = (appointment, uids, eventType)
        (self.existence, self.reason, self.cause) = (existence, reason, cause)
        (self.fields, self.attendees, self.attendeeKeys) = (fields, attendees, attendeeKeys)
        (self.held, self.creationDefaults) = (held, creationDefaults)
    }
}

/// A person together with the way in which the person's record is looked up.
///
/// Routing forms have a way of their own: they take any record, and which one that was says nothing
/// about the one that the person's bookings use.
public struct PersonRecordKey: Hashable, Comparable, Sendable {
    /// The person.
    public var person: PersonID
    /// How bookings look the record up; nil for the way of routing forms.
    public var policy: SyncSettings.AttendeeRecord?

    /// Creates the key of a person's bookings.
    public init(person: PersonID, policy: SyncSettings.AttendeeRecord) {
        (self.person, self.policy) = (person, policy)
    }

    /// Creates the key of somebody of whom only routing forms tell.
    public init(formsOf person: PersonID) { self.person = person }

    /// Reads a way back.
    ///
    /// - Parameters:
    ///   - person: The person.
    ///   - way: The text that ``way`` gives; nil is returned for any other.
    public init?(person: PersonID, way: String) {
        guard way != Self.forms else {
            self.init(formsOf: person)
            return
        }
        guard let policy = SyncSettings.AttendeeRecord(rawValue: way) else { return nil }
        self.init(person: person, policy: policy)
    }

    /// The way as a text: a policy, or `form`.
    public var way: String { policy?.rawValue ?? Self.forms }

    private static let forms = "form"

    /// All keys of a person, those of bookings first.
    public static func all(of person: PersonID) -> [Self] {
        SyncSettings.AttendeeRecord.allCases.map { Self(person: person, policy: $0) } + [
            Self(formsOf: person)
        ]
    }

    /// Orders keys by person, then way.
    public static func < (left: Self, right: Self) -> Bool {
        (left.person, left.way) < (right.person, right.way)
    }
}

/// How a person's record is looked up, and whether one is created.
public struct PersonLookUp: Hashable, Sendable {
    /// How the record is looked up.
    public var policy: SyncSettings.AttendeeRecord
    /// Contact mode: never create a contact.
    public var skipContactCreation: Bool
    /// Lead mode: a contact wins.
    public var checkForExistingContact: Bool
    /// Create a missing contact in the account that was found.
    public var createContactUnderAccount: Bool
    /// Without an account, look up or create a lead.
    public var createLeadIfNoAccount: Bool
    /// Which of several records is taken.
    public var onAmbiguous: SyncSettings.Ambiguity
    /// Which account a mail domain belongs to.
    public var accounts: AccountMatching
    /// What becomes of a record that somebody deleted.
    public var onDeleted: SyncSettings.DeletedRecord
    /// A contact with the address, else a lead, whatever the policy: for what never makes a record.
    public var takesAnyRecord = false

    /// Takes the switches of the settings.
    public init(_ settings: SyncSettings) {
        policy = settings.attendeeRecord
        skipContactCreation = settings.skipContactCreation
        checkForExistingContact = settings.checkForExistingContact
        createContactUnderAccount = settings.createContactUnderAccount
        createLeadIfNoAccount = settings.createLeadIfNoAccount
        onAmbiguous = settings.onAmbiguous
        accounts = settings.accounts
        onDeleted = settings.onDeleted
    }

    /// Whether an account may have to be resolved.
    public var needsAccount: Bool {
        policy == .contactUnderAccount || (policy == .lead && createContactUnderAccount)
    }
}

/// What a record is created with.
public struct PersonDetails: Hashable, Sendable {
    /// The first name, if there are several words.
    public var firstName: String?
    /// The last name with every further word; `-` when there is none.
    public var lastName: String
    /// The phone number, when given.
    public var phone: String?
    /// The company of a lead, unless a rule for `Company` says otherwise.
    public var company: String
    /// The address of the organizer, who becomes the owner.
    public var owner: EmailAddress?
    /// Where the person is, as far as answers tell.
    public var place = BookerPlace()

    /// Creates details.
    public init(
        firstName: String?,
        lastName: String,
        phone: String?,
        company: String,
        owner: EmailAddress?
    ) {
        (self.firstName, self.lastName, self.phone) = (firstName, lastName, phone)
        (self.company, self.owner) = (company, owner)
    }
}

/// The wish that a record changes hands.
public struct DesiredOwner: Hashable, Sendable {
    /// Who becomes the owner; the text of ``OwnerChange/Target/user(_:)``, or nil for an address.
    public var namedUser: String?
    /// The address of the organizer.
    public var organizer: EmailAddress?
    /// Only a record of one of these owners is changed.
    public var onlyIfOwnedBy: [String]
    /// Who asserts it, and why.
    public var cause: Cause
    /// The settings that made it so.
    public var version: SettingsVersion
    /// The rule inside those settings.
    public var rule: String
    /// Whether the settings were in force when the event was recorded.
    public var isLive: Bool

    /// Creates a wish.
    public init(
        namedUser: String?,
        organizer: EmailAddress?,
        onlyIfOwnedBy: [String],
        cause: Cause,
        version: SettingsVersion,
        rule: String,
        isLive: Bool
    ) {
        (self.namedUser, self.organizer) = (namedUser, organizer)
        (self.onlyIfOwnedBy, self.cause, self.version) = (onlyIfOwnedBy, cause, version)
        (self.rule, self.isLive) = (rule, isLive)
    }
}

/// The contact or lead that a person's bookings call for.
public struct DesiredPersonRecord: Hashable, Sendable {
    /// The person and the policy.
    public var key: PersonRecordKey
    /// The address by which the record is found.
    public var email: EmailAddress
    /// Whether it has to be there.
    public var existence: Existence
    /// How it is looked up.
    public var lookUp: PersonLookUp
    /// What it is created with.
    public var details: PersonDetails
    /// Values for a created record, per object, where nothing above sets the field.
    public var creationDefaults: [ObjectName: [FieldName: FieldValue]]
    /// The fields we own, by name.
    public var fields: [DesiredField]
    /// The wish that the record changes hands.
    public var owner: DesiredOwner?
    /// Fields for which no value could be formed.
    public var held: [HeldField]
    /// The newest event that has a say.
    public var cause: Cause

    /// Creates a desired record.
    public init(
        key: PersonRecordKey,
        email: EmailAddress,
        existence: Existence,
        lookUp: PersonLookUp,
        details: PersonDetails,
        creationDefaults: [ObjectName: [FieldName: FieldValue]],
        fields: [DesiredField],
        owner: DesiredOwner?,
        held: [HeldField],
        cause: Cause
    ) {
        (self.key, self.email, self.existence) = (key, email, existence)
        (self.lookUp, self.details, self.creationDefaults) = (lookUp, details, creationDefaults)
        (self.fields, self.owner, self.held, self.cause) = (fields, owner, held, cause)
    }
    /// How the account is looked up to which the person belongs.
    public var account: AccountLookUp {
        AccountLookUp(
            email,
            matching: lookUp.accounts,
            onAmbiguous: lookUp.onAmbiguous,
            place: details.place
        )
    }
}
