/// Why a field or a record was written, or was not.
///
/// The raw values are stored in the ledger and shown in plans: they are never renamed. Rows refer
/// to the table of `FieldDecision`.
public enum Reason: String, Hashable, Sendable, CaseIterable {
    // Nothing to do.
    /// No event has an opinion.
    case noOpinion = "no-opinion"
    /// Salesforce holds what we sent, or what it made of it.
    case inSync = "in-sync"
    /// Salesforce already holds the value.
    case agreed
    /// A write of an interrupted run took hold, and Salesforce gave the value another form.
    case confirmedLate = "confirmed-late"
    /// The record was deleted, as it should be, or never existed.
    case alreadyGone = "already-gone"

    // Written.
    /// The field was empty and was never ours.
    case firstClaim = "first-claim"
    /// Nobody touched the field since, and our wish changed.
    case sourceChanged = "source-changed"
    /// The field was empty and is filled.
    case filled
    /// A newer event asserts its value over an edit.
    case newerSource = "newer-source"
    /// A newer event fills a field that was emptied.
    case refillNewer = "refill-newer"
    /// A live booking asserts its value over one from before our time.
    case bookingOverPreExisting = "booking-over-pre-existing"
    /// An edit was reverted, as `enforce` asks.
    case driftCorrected = "drift-corrected"
    /// An edit was overwritten by a new value, as `enforce` asks.
    case conflictEnforced = "conflict-enforced"
    /// A record that is missing is created.
    case recordCreated = "record-created"
    /// A record that somebody deleted is made again for a newer booking, as the settings ask.
    case madeAgain = "made-again"
    /// A cancelled booking's event record is deleted, as the settings ask.
    case bookingCancelled = "booking-cancelled"
    /// The owner is one of those whose records may be taken over.
    case ownerGuardPassed = "owner-guard-passed"
    /// The booking's host owns the account, so nobody was missed.
    case hostOwnsAccount = "host-owns-account"
    /// Another record stands for the same appointment.
    case superseded
    /// A replay that was told to wrote over an older value or an edit.
    case replayOverwrites = "replay-overwrites"
    /// What stood there before a run is put back, as somebody asked.
    case undone
    /// What Daybook sent last is put back over an edit, as somebody asked.
    case driftReverted = "drift-reverted"
    /// An edit is taken over as the value that stands, as somebody asked.
    case driftAdopted = "drift-adopted"

    // Held by the decision.
    /// The policy is to report only.
    case observeOnly = "observe-only"
    /// The field has a value, and is only filled when empty.
    case notEmpty = "not-empty"
    /// The value was there before us.
    case preExisting = "pre-existing"
    /// Somebody else changed the value, and no newer event speaks.
    case editedByOther = "edited-by-other"
    /// Somebody else emptied the field, and no newer event speaks.
    case emptiedByOther = "emptied-by-other"
    /// Clearing is asked for, and somebody else's value stands.
    case clearHeld = "clear-held"
    /// Whether the event or the edit is newer cannot be told.
    case orderUnknown = "order-unknown"
    /// The edit is newer than the event.
    case conflict
    /// The value was put back several times, and something in the org changed it each time.
    case correctedTooOften = "corrected-too-often"
    /// The value would come from a replay, and a person's or an older value stands.
    case replayHeld = "replay-held"
    /// The owner is none of those whose records may be taken over.
    case ownerGuardFailed = "owner-guard-failed"
    /// The value is not the run's any more, so there is nothing of it to undo.
    case changedSince = "changed-since"
    /// What stood there, or what was sent, is not known any more.
    case valueUnknown = "value-unknown"

    // Held because no value could be formed.
    /// A question was not answered.
    case unanswered
    /// The text is neither true nor false.
    case notABoolean = "not-a-boolean"
    /// The value is not an active value of the picklist.
    case inactivePicklistValue = "inactive-picklist-value"
    /// The value does not fit the type of the field.
    case typeMismatch = "type-mismatch"
    /// The object has no such field, or the user cannot see it.
    case fieldMissing = "field-missing"
    /// The field cannot be written by this user.
    case fieldReadOnly = "field-read-only"
    /// There is no active user with the address.
    case noActiveUser = "no-active-user"
    /// No account belongs to the mail domain.
    case noAccount = "no-account"
    /// The date is not known: a cancellation date without a cancellation, for example.
    case noDate = "no-date"
    /// Salesforce refused this field.
    case refusedBySalesforce = "refused-by-salesforce"

    // Held because of the record.
    /// Several records match, and the settings ask for a review.
    case ambiguous
    /// Several accounts have the mail domain, and the settings ask for a review.
    case accountAmbiguous = "account-ambiguous"
    /// The settings do not allow creating a record.
    case creationOff = "creation-off"
    /// A person deleted the record.
    case deletedByOther = "deleted-by-other"
    /// The record cannot be seen with our permissions.
    case notVisible = "not-visible"
    /// Daybook did not make the record, so it does not delete it.
    case notOurs = "not-ours"
    /// The person is a person account, which Daybook does not write to.
    case personAccount = "person-account"
    /// None of the attendees has a record yet.
    case noAttendeeRecord = "no-attendee-record"
    /// The appointment waits for a host's confirmation.
    case awaitingConfirmation = "awaiting-confirmation"
    /// The host declined.
    case rejected
    /// The appointment is on.
    case booked
    /// The attendee was asked to choose another time.
    case awaitingNewTime = "awaiting-new-time"
    /// The event type has no settings, and there are no default ones.
    case noSettings = "no-settings"
    /// An attendee was erased.
    case erased
    /// A failed write waits for its next try.
    case waitingForRetry = "waiting-for-retry"
    /// An operator said to leave it alone.
    case ignored
    /// What the booking is about is not known: its first delivery is missing.
    case incompleteHistory = "incomplete-history"
}

extension Reason {
    /// Whether a value was missing, so that the same event may still give it later: when a user is
    /// activated, for example, or a picklist value.
    public var mayStillCome: Bool {
        switch self {
        case .unanswered, .notABoolean, .inactivePicklistValue, .typeMismatch,
            .fieldMissing, .fieldReadOnly, .noActiveUser, .noAccount, .noDate,
            .refusedBySalesforce, .noAttendeeRecord:
            true
        default: false
        }
    }

    /// Whether the field is held because Salesforce refused it, for now or for good.
    public var isRefusal: Bool { self == .refusedBySalesforce || self == .ignored }
}
