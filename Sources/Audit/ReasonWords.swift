public import Domain

/// What a reason code means to the person who asks, and what would change it.
public struct ReasonWords: Hashable, Sendable {
    /// What happened or did not happen, and why; one sentence.
    public var meaning: String
    /// The one change that would release what is held; nil where there is nothing to release.
    public var nextStep: String?

    /// Both as one text.
    public var text: String { [meaning, nextStep].compactMap { $0 }.joined(separator: " ") }
}

/// What several reasons take to be released, as the end of a sentence.
///
/// Settings that are accepted say nothing of what was read before, unless they reach back; and what
/// reaches back writes over nobody's value, unless a plan is told to. A run looks only at what is new.
private enum Step {
    static let settings = "with 'daybook settings apply FILE --effective all'"
    static let overwrite = """
        with 'daybook replay --fields FIELD --overwrite-edits --out PLAN' and 'daybook apply PLAN'
        """
    static let always =
        "Set the rule's 'when' to 'always' \(settings), then write the value \(overwrite)."
    static let revert =
        "with 'daybook drift revert RECORD FIELD --out PLAN' and 'daybook apply PLAN'"
    static let look = "then run 'daybook reconcile --all'"
    static let lookAtFields = "then run 'daybook doctor' and 'daybook reconcile --all'"
}

extension Reason {
    /// The code in plain words.
    ///
    /// One switch without a default, long as it is: a new code does not compile without words.
    public var words: ReasonWords {
        switch self {
        case .noOpinion:
            .init("No booking says anything about this field.")
        case .inSync:
            .init("Salesforce holds what Daybook sent, or what Salesforce made of it.")
        case .agreed:
            .init("Salesforce already held the value, so nothing had to be written.")
        case .confirmedLate:
            .init(
                "A write of an interrupted run took hold, and Salesforce gave the value another "
                    + "form."
            )
        case .alreadyGone:
            .init("There is no such record, as it should be.")
        case .firstClaim:
            .init("The field was empty, and this was the first value Daybook gave it.")
        case .sourceChanged:
            .init("The booking or its settings changed, and nobody else had touched the field.")
        case .filled:
            .init("The field was empty and was filled.")
        case .newerSource:
            .init("Somebody else had changed the field, and a newer booking event overruled that.")
        case .refillNewer:
            .init("Somebody else had emptied the field, and a newer booking event filled it again.")
        case .bookingOverPreExisting:
            .init("The field held a value from before Daybook, and the booking wrote over it.")
        case .driftCorrected:
            .init(
                "Somebody else had changed the field, and the rule's 'enforce' restored the "
                    + "value."
            )
        case .conflictEnforced:
            .init(
                "Somebody else had changed the field, and the rule's 'enforce' wrote the new "
                    + "value."
            )
        case .recordCreated:
            .init("The record did not exist, so Daybook created it with this value.")
        case .madeAgain:
            .init(
                "Somebody had deleted the record before; a newer booking asked for it, and the "
                    + "settings' 'onDeleted' says to make it again."
            )
        case .bookingCancelled:
            .init(
                "The booking was cancelled, and the settings say what becomes of its event "
                    + "record."
            )
        case .ownerGuardPassed:
            .init("The owner was one of those whose records the settings let Daybook take over.")
        case .hostOwnsAccount:
            .init(
                "The booking's host owns the account, so nobody was missed and no record was made."
            )
        case .superseded:
            .init("Another event record stands for the same appointment, so this one was deleted.")
        case .replayOverwrites:
            .init("A replay was told to write over what stood there, and did.")
        case .undone:
            .init("A run was undone: what stood there before it was put back.")
        case .driftReverted:
            .init("Somebody asked for Daybook's last value to be put back over an edit.")
        case .driftAdopted:
            .init("Somebody asked for an edit to be taken over as the value that stands.")
        case .observeOnly:
            .init(
                "The rule only observes this field.",
                Step.always
            )
        case .notEmpty:
            .init(
                "The field has a value, and the rule only fills empty fields.",
                Step.always
            )
        case .preExisting:
            .init(
                "The field held a value before Daybook wrote to it, and the rule respects that.",
                "Empty the field in Salesforce, \(Step.look)."
            )
        case .editedByOther:
            .init(
                "Somebody else changed the value after Daybook wrote it.",
                "Put Daybook's value back \(Step.revert)."
            )
        case .emptiedByOther:
            .init(
                "Somebody else emptied the field after the booking had had its say.",
                Step.always
            )
        case .clearHeld:
            .init(
                "The booking asks for an empty field, and somebody else's value stands there.",
                "Empty the field in Salesforce, as the booking asks."
            )
        case .orderUnknown:
            .init(
                "Somebody else changed the value at about the time of the booking event, and "
                    + "which of the two is newer cannot be told.",
                Step.always
            )
        case .conflict:
            .init(
                "Somebody else changed the value after the booking event happened.",
                Step.always
            )
        case .correctedTooOften:
            .init(
                "Daybook put the value back three times in seven days, and each time something "
                    + "changed it again.",
                "Stop the flow or the person behind it, then put Daybook's value back "
                    + "\(Step.revert)."
            )
        case .replayHeld:
            .init(
                "The value comes from settings that are younger than the booking, and would "
                    + "replace a value that was there before or that somebody edited.",
                "Write it over what stands there \(Step.overwrite)."
            )
        case .ownerGuardFailed:
            .init(
                "The record's owner is none of those whose records may be taken over.",
                "Change the owner in Salesforce: a booking asks once, and an owner who is added to "
                    + "'onlyIfOwnedBy' counts from the next booking on."
            )
        case .changedSince:
            .init(
                "The field was written or edited after the run, so its value no longer stands.",
                "To change it all the same, do it in Salesforce: Daybook respects the edit."
            )
        case .valueUnknown:
            .init(
                "The value to put back was not kept, or its person was erased.",
                "Set the field in Salesforce by hand."
            )
        case .unanswered:
            .init(
                "The rule takes its value from a question that the attendee did not answer.",
                "Give the rule a value that is known \(Step.settings), \(Step.look)."
            )
        case .notABoolean:
            .init(
                "The field is a checkbox, and the value is neither true nor false.",
                "Give the rule a value that is 'true' or 'false' \(Step.settings), \(Step.look)."
            )
        case .inactivePicklistValue:
            .init(
                "The value is not an active value of the picklist.",
                "Activate the value in Salesforce, \(Step.lookAtFields)."
            )
        case .typeMismatch:
            .init(
                "The value does not fit the type of the field.",
                "Give the rule a value that fits \(Step.settings), \(Step.look)."
            )
        case .fieldMissing:
            .init(
                "The object has no such field, or the integration user cannot see it.",
                "Let the integration user's permission set see the field, \(Step.lookAtFields)."
            )
        case .fieldReadOnly:
            .init(
                "The integration user may not write the field.",
                "Let the integration user's permission set edit the field, \(Step.lookAtFields)."
            )
        case .noActiveUser:
            .init(
                "No active Salesforce user has the address that is asked for.",
                "Create or activate the user in Salesforce, \(Step.look)."
            )
        case .noAccount:
            .init(
                "No account belongs to the attendee's mail domain.",
                "Put the domain into the website of the right account, \(Step.look)."
            )
        case .noDate:
            .init(
                "The date that the rule asks for is not known.",
                "Take a date in the rule that is known \(Step.settings), \(Step.look)."
            )
        case .refusedBySalesforce:
            .init(
                "Salesforce refused this field and took the others.",
                "Mend the cause that 'daybook failures list' names, and have the field tried again "
                    + "with 'daybook failures retry NAME'."
            )
        case .ambiguous:
            .init(
                "Several records match, and the settings ask a person to choose.",
                "Name the right one with 'daybook failures bind SUBJECT RECORD', then run 'daybook "
                    + "reconcile'."
            )
        case .accountAmbiguous:
            .init(
                "Several accounts have the mail domain, and the settings ask a person to choose.",
                "Put the person's contact under the right account in Salesforce, or let "
                    + "'accounts.tieBreakers' decide \(Step.settings), \(Step.look)."
            )
        case .creationOff:
            .init(
                "No record matches, and the settings do not allow creating one.",
                "Create the record in Salesforce, \(Step.look)."
            )
        case .deletedByOther:
            .init(
                "Somebody else deleted the record, and Daybook does not make it again by itself.",
                "Restore it from the recycle bin if it is wanted, \(Step.look); one that is gone "
                    + "for good is made again only for a newer booking, with 'onDeleted' set to "
                    + "'makeAgain'."
            )
        case .notVisible:
            .init(
                "Salesforce does not show the record: it was removed for good, or the integration "
                    + "user may not see it.",
                "Share the record with the integration user, \(Step.look)."
            )
        case .personAccount:
            .init(
                "The attendee is a person account, and Daybook does not write to person accounts.",
                "Make a contact with the address in Salesforce, \(Step.look)."
            )
        case .notOurs:
            .init(
                "Daybook did not make the record, so it does not delete it.",
                "Delete it by hand if it is not wanted."
            )
        case .noAttendeeRecord:
            .init(
                "None of the attendees has a record yet to which the event record could relate.",
                "'daybook explain --booking UID' says why; once one has a record, 'daybook "
                    + "reconcile --all' relates it."
            )
        case .awaitingConfirmation:
            .init(
                "The booking waits for its host, and nothing is shown before.",
                "Confirm it at Cal.com."
            )
        case .rejected:
            .init("The host declined the booking.")
        case .booked:
            .init("The appointment is on.")
        case .awaitingNewTime:
            .init(
                "The host asked the attendee to choose another time.",
                "The next booking of the attendee takes its place."
            )
        case .noSettings:
            .init(
                "The event type has no settings and there are no default ones: nothing is "
                    + "written.",
                "Run 'daybook settings import FILE --event-type ID --effective all', then 'daybook "
                    + "reconcile'."
            )
        case .erased:
            .init("The person was erased, so that no value can be formed any more.")
        case .waitingForRetry:
            .init(
                "A write failed and waits for its next try.",
                "Mend the cause that 'daybook failures list' names, and have it tried again at once "
                    + "with 'daybook failures retry NAME'."
            )
        case .ignored:
            .init(
                "An operator said to leave it alone.",
                "Run 'daybook failures retry' with its name to have it tried again."
            )
        case .incompleteHistory:
            .init(
                "What the booking is about is not known: its first delivery is missing.",
                "Ingest that delivery with 'daybook ingest FILE'."
            )
        }
    }
}

extension ReasonWords {
    fileprivate init(_ meaning: String, _ nextStep: String? = nil) {
        (self.meaning, self.nextStep) = (meaning, nextStep)
    }
}
