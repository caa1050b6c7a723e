/// What Daybook does in Salesforce for the bookings of one event type.
///
/// The document form is described by `Schemas/settings.schema.json`; the meaning of every setting
/// by `Documentation/settings.md`.
public struct SyncSettings: Hashable, Sendable {
    /// How an attendee is looked up or created.
    public enum AttendeeRecord: String, Hashable, Sendable, CaseIterable {
        /// A contact with the attendee's address.
        case contact
        /// A lead with the attendee's address.
        case lead
        /// A contact of the account to which the attendee's mail domain belongs.
        case contactUnderAccount
    }

    /// What becomes of the event record when its booking is cancelled.
    public enum CancelledEventRecord: Hashable, Sendable {
        /// It is deleted.
        case delete
        /// It stays, and these fields are written.
        case keep([FieldRule])
    }

    /// Which of several records with one address is taken.
    public enum Ambiguity: String, Hashable, Sendable, CaseIterable {
        /// The one created first.
        case oldest
        /// The one created last.
        case newest
        /// None: the record waits until a person decides.
        case review
    }

    /// What becomes of a record that somebody deleted, when a newer booking calls for it.
    public enum DeletedRecord: String, Hashable, Sendable, CaseIterable {
        /// It is not made again; a person is told.
        case ask
        /// It is made again, if the booking is certainly newer than the deletion.
        case makeAgain
    }

    /// How an attendee is looked up or created.
    public var attendeeRecord: AttendeeRecord = .contact
    /// Fields of the event record, asserted by every booking.
    public var eventRecordOnBooking: [FieldRule] = []
    /// Fields of the booker's record, asserted by every booking.
    public var attendeeOnBooking: [FieldRule] = []
    /// Fields of the booker's account, asserted by every booking.
    public var accountOnBooking: [FieldRule] = []
    /// What is written when nobody's owner was found and the round robin took over.
    public var fallback = FallbackWrites()
    /// What is written when a routing form was answered.
    public var forms = FormWrites()
    /// What becomes of the event record on cancellation.
    public var onCancellation: CancelledEventRecord = .delete
    /// Fields of the booker's record, asserted by every cancellation.
    public var attendeeOnCancellation: [FieldRule] = []
    /// Only the booker counts; guests are neither looked up nor related.
    public var ignoreGuests = false
    /// Contact mode: never create a contact.
    public var skipContactCreation = false
    /// Lead mode: a contact with the address wins over creating a lead.
    public var checkForExistingContact = false
    /// Lead and contact-under-account mode: create a missing contact in the account that was found.
    public var createContactUnderAccount = false
    /// Contact-under-account mode: without an account, look up or create a lead.
    public var createLeadIfNoAccount = false
    /// Changes the owner of the booker's record.
    public var ownerChange: OwnerChange?
    /// Changes the owner of the booker's account.
    public var accountOwnerChange: OwnerChange?
    /// Which account a mail domain belongs to.
    public var accounts = AccountMatching()
    /// The checkbox field of the event record that tells of a no-show.
    public var noShowField: FieldName?
    /// Who is asked to host a booking of a known person.
    public var ownerRouting: OwnerRouting?
    /// Which of several records with one address is taken.
    public var onAmbiguous: Ambiguity = .oldest
    /// What becomes of a record that somebody deleted, when a newer booking calls for it.
    public var onDeleted: DeletedRecord = .ask
    /// The IANA time zone in which DATE values are formed; nil for the organizer's.
    public var dateTimeZone: String?
    /// Values that a created record gets, per object, unless something else sets the field.
    public var creationDefaults: [ObjectName: [FieldName: FieldValue]] = [:]
    /// Settings that were imported and that this version keeps but does not act on yet, by name.
    public var notYetSupported: [String] = []

    /// Creates the settings that apply when a document says nothing.
    public init() {}
}

/// Writes one value to one field.
public struct FieldRule: Hashable, Sendable {
    /// The field.
    public var field: FieldName
    /// What kind of value it takes.
    public var type: FieldType
    /// Where the value comes from.
    public var value: ValueSource
    /// When it is written.
    public var when: WritePolicy

    /// Creates a rule.
    public init(field: FieldName, type: FieldType, value: ValueSource, when: WritePolicy) {
        (self.field, self.type, self.value, self.when) = (field, type, value, when)
    }
}

/// The kinds of fields that settings name.
public enum FieldType: String, Hashable, Sendable, CaseIterable {
    /// Text on one line.
    case text
    /// A day.
    case date
    /// A moment.
    case datetime
    /// A phone number.
    case phone
    /// A checkbox.
    case checkbox
    /// One active value of a picklist.
    case picklist
    /// Active values of a multi-select picklist.
    case multipicklist
    /// Text on several lines.
    case textarea
    /// Whatever the org's field takes; the value is formed as text.
    case custom
    /// A reference to a user.
    case userLookup
    /// A reference to an account.
    case accountLookup
}

/// Where a value comes from.
public enum ValueSource: Hashable, Sendable {
    /// A text in which `{token}` stands for something of the booking; other text is taken as it is.
    case template(String)
    /// A checkbox value.
    case flag(Bool)
    /// When the meeting begins.
    case bookingStartDate
    /// When the booking was made.
    case bookingCreatedDate
    /// When the booking was cancelled.
    case bookingCancelDate
    /// The Salesforce user with the organizer's address.
    case bookingOrganizer
    /// The account to which the attendee's mail domain belongs.
    case matchedAccount
}

/// When a value is written over what stands in Salesforce.
///
/// The exact meaning is the table of `FieldDecision`.
public enum WritePolicy: String, Hashable, Sendable, CaseIterable {
    /// Every booking asserts its value; only an edit that is certainly later stands.
    case always
    /// Every booking asserts its value once; it is written if the field is empty then.
    case whenEmpty
    /// Like `whenEmpty`, and also over what Daybook wrote last.
    case whenEmptyOrOurs
    /// People's edits win when in doubt.
    case protect
    /// The first edit by a person wins for good.
    case sticky
    /// Daybook is always right.
    case enforce
    /// Nothing is written, only reported.
    case observe
}

/// Changes the owner of a record.
public struct OwnerChange: Hashable, Sendable {
    /// Who becomes the owner.
    public enum Target: Hashable, Sendable {
        /// The user with the organizer's address.
        case organizer
        /// A user, by address, name or id.
        case user(String)
    }

    /// Who becomes the owner.
    public var target: Target
    /// Only a record of one of these owners is changed: names of users or queues, addresses or ids,
    /// compared exactly.
    public var onlyIfOwnedBy: [String]

    /// Creates an owner change.
    public init(target: Target, onlyIfOwnedBy: [String]) {
        (self.target, self.onlyIfOwnedBy) = (target, onlyIfOwnedBy)
    }
}

/// The bookings to which settings apply.
public enum SettingsScope: Hashable, Comparable, Sendable {
    /// Bookings of event types that have no settings of their own.
    case everyEventType
    /// Bookings of one event type.
    case eventType(EventTypeID)

    /// `default`, or the number of the event type.
    public var name: String {
        switch self {
        case .everyEventType: "default"
        case .eventType(let id): String(id.rawValue)
        }
    }

    /// Reads `default` or a number.
    public init?(name: String) {
        if name == "default" {
            self = .everyEventType
        } else if let number = Int(name) {
            self = .eventType(EventTypeID(number))
        } else {
            return nil
        }
    }
}

/// To which events a version of the settings applies.
public enum SettingsValidity: Hashable, Sendable {
    /// To events recorded after it, whenever they occurred.
    case fromNow
    /// To events that occurred at or after a moment, whenever they were recorded.
    case from(Instant)
    /// To all events.
    case allHistory

    /// What is wrong with a validity that begins later than now, and what to give instead; nil if
    /// it does not.
    ///
    /// Settings say how to read what happened. Until their day came, nobody could tell from them
    /// what is in force.
    ///
    /// - Parameter now: The time.
    /// - Returns: A text for whoever gave the moment.
    public func fault(at now: Instant) -> String? {
        guard case .from(let moment) = self, moment > now else { return nil }
        return """
            \(moment.rfc3339Seconds) lies in the future, and settings cannot begin later. Accept \
            them on that day, or give 'now', 'all' or a moment that has passed.
            """
    }
}

/// An accepted version of the settings of one scope.
public struct SettingsRevision: Hashable, Sendable {
    /// The running number.
    public var version: SettingsVersion
    /// Where the ledger has it.
    public var position: LedgerPosition
    /// When the ledger learned of it.
    public var recorded: Instant
    /// Whose bookings it is for.
    public var scope: SettingsScope
    /// To which events it applies.
    public var validity: SettingsValidity
    /// The settings; nil when they were removed.
    public var settings: SyncSettings?

    /// Creates a revision.
    public init(
        version: SettingsVersion,
        position: LedgerPosition,
        recorded: Instant,
        scope: SettingsScope,
        validity: SettingsValidity,
        settings: SyncSettings?
    ) {
        (self.version, self.position, self.recorded) = (version, position, recorded)
        (self.scope, self.validity, self.settings) = (scope, validity, settings)
    }

    /// Whether this revision, had it no successor, would interpret an event.
    public func applies(occurred: Instant, position event: LedgerPosition) -> Bool {
        switch validity {
        case .fromNow: position < event
        case .from(let date): occurred >= date
        case .allHistory: true
        }
    }
}
