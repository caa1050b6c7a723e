/// Which account is looked for, and what decides between several.
public struct AccountLookUp: Hashable, Sendable {
    /// The address whose mail domain belongs to the account.
    public var email: EmailAddress
    /// Which accounts count, and what tells several apart.
    public var matching: AccountMatching
    /// Which of several is taken where nothing in ``matching`` decides.
    public var onAmbiguous: SyncSettings.Ambiguity
    /// Where the booker is, as far as it is known.
    public var place: BookerPlace

    /// Creates a look-up; without more than an address, the oldest of several accounts is taken.
    public init(
        _ email: EmailAddress,
        matching: AccountMatching = AccountMatching(),
        onAmbiguous: SyncSettings.Ambiguity = .oldest,
        place: BookerPlace = BookerPlace()
    ) {
        (self.email, self.matching) = (email, matching)
        (self.onAmbiguous, self.place) = (onAmbiguous, place)
    }
}

/// What a person's bookings call for in the account to which the person belongs.
///
/// Which account that is only Salesforce knows: the account of the person's contact, else the one of
/// the mail domain. Several people of one account are planned as one operation.
public struct DesiredAccountRecord: Hashable, Sendable {
    /// The person, and the way in which the person's record is looked up.
    public var key: PersonRecordKey
    /// How the account is looked up where the person's contact does not tell.
    public var lookUp: AccountLookUp
    /// The fields we own, by name.
    public var fields: [DesiredField]
    /// The wish that the account changes hands.
    public var owner: DesiredOwner?
    /// Fields for which no value could be formed.
    public var held: [HeldField]
    /// The newest event that has a say.
    public var cause: Cause

    /// Creates a desired record.
    public init(
        key: PersonRecordKey,
        lookUp: AccountLookUp,
        fields: [DesiredField],
        owner: DesiredOwner?,
        held: [HeldField],
        cause: Cause
    ) {
        (self.key, self.lookUp, self.fields) = (key, lookUp, fields)
        (self.owner, self.held, self.cause) = (owner, held, cause)
    }
}

/// A record that tells of a booking for which nobody's owner was found.
///
/// Made once per appointment and name, and never changed afterwards.
public struct DesiredFallbackRecord: Hashable, Sendable {
    /// The appointment.
    public var appointment: AppointmentID
    /// All uids of the chain; the record may have been made under any of them.
    public var uids: [BookingUID] = []
    /// The name of the record in the settings.
    public var name: String
    /// The object.
    public var object: ObjectName
    /// Whether it has to be there.
    public var existence: Existence
    /// The booker; nil once erased, or for a booking that names none.
    public var booker: PersonRecordKey?
    /// Without it, a record is made whoever owns the booker's account; with it, none is made when
    /// this user owns it.
    public var unlessOwnedBy: EmailAddress?
    /// How the booker's account is looked up where the booker's contact does not tell.
    public var account: AccountLookUp?
    /// The fields, by name.
    public var fields: [DesiredField]
    /// Fields for which no value could be formed.
    public var held: [HeldField]
    /// Values for the record, where nothing above sets the field.
    public var creationDefaults: [FieldName: FieldValue]
    /// The booking behind it.
    public var cause: Cause

    /// Creates a desired record.
    public init(
        appointment: AppointmentID,
        name: String,
        object: ObjectName,
        existence: Existence,
        booker: PersonRecordKey?,
        unlessOwnedBy: EmailAddress?,
        account: AccountLookUp?,
        fields: [DesiredField],
        held: [HeldField],
        creationDefaults: [FieldName: FieldValue],
        cause: Cause
    ) {
        (self.appointment, self.name, self.object) = (appointment, name, object)
        (self.existence, self.booker, self.unlessOwnedBy) = (existence, booker, unlessOwnedBy)
        (self.account, self.fields, self.held) = (account, fields, held)
        (self.creationDefaults, self.cause) = (creationDefaults, cause)
    }

    /// What the record stands for.
    public var subject: RecordSubject { .fallback(appointment.root, name: name) }

    /// What it may have stood for before: a booking may join an earlier appointment.
    public var formerSubjects: [RecordSubject] {
        uids.map { RecordSubject.fallback($0, name: name) }.filter { $0 != subject }
    }
}
