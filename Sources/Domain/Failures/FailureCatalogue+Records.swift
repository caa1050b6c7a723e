// What can be wrong with a record or its fields.
extension FailureCatalogue {
    private static let mend = "Then run 'daybook failures retry', or wait for the next booking."

    /// Values that do not fit their fields.
    static let values: [FailureEntry] = [
        FailureEntry("REQUIRED_FIELD_MISSING", .value, .field, .whenChanged, .listed)
            .because("The org demands a value for fields that Daybook does not fill.")
            .remedied(
                "Add the fields to the settings, or make them optional in Salesforce. \(mend)"
            ),
        FailureEntry("STRING_TOO_LONG", .value, .field, .whenChanged, .listed)
            .because("A text is longer than the field.")
            .remedied(
                "Make the field longer in Salesforce, or give the rule a shorter value. \(mend)"
            ),
        FailureEntry(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            .value,
            .field,
            .whenChanged,
            .listed
        )
        .because("The value is not one of the picklist's active values.")
        .remedied("Activate the value in Salesforce, or change the rule's value. \(mend)"),
        FailureEntry("INVALID_EMAIL_ADDRESS", .value, .field, .whenChanged, .listed)
            .because("Salesforce does not take the address for an e-mail address.")
            .remedied(
                "Correct the booking at Cal.com, or enter the address in Salesforce by hand."
            ),
        FailureEntry("INVALID_TYPE_ON_FIELD_IN_RECORD", .value, .field, .whenChanged, .listed)
            .because("The value does not fit the type of the field.")
            .remedied("Give the rule a value of the field's type, or name another field. \(mend)"),
        FailureEntry("NUMBER_OUTSIDE_VALID_RANGE", .value, .field, .whenChanged, .listed)
            .because("A number is too large or too small for the field.")
            .remedied("Give the field more digits in Salesforce, or change the rule. \(mend)"),
        FailureEntry("FIELD_INTEGRITY_EXCEPTION", .value, .field, .whenChanged, .listed)
            .because("The values of several fields contradict each other.")
            .remedied("Look at what the rules write into these fields, and correct it. \(mend)"),
        FailureEntry("FIELD_FILTER_VALIDATION_EXCEPTION", .value, .field, .whenChanged, .listed)
            .because("The look-up filter of the field does not admit the record it refers to.")
            .remedied("Change the filter in Salesforce, or the rule's value. \(mend)"),
        FailureEntry("MALFORMED_ID", .value, .field, .whenChanged, .listed)
            .because("An id is damaged, or belongs to another object than the field refers to.")
            .remedied("Correct the id in the settings; copy all 18 characters of it. \(mend)"),
        FailureEntry("INACTIVE_OWNER_OR_USER", .value, .field, .whenChanged, .owner)
            .because("The user who should own the record is inactive.")
            .remedied(
                """
                Activate the user, or let another one host or own; the record keeps its owner, or \
                gets the integration user. \(mend)
                """
            ),
    ]

    /// Rules of the org.
    static let rules: [FailureEntry] = [
        FailureEntry("FIELD_CUSTOM_VALIDATION_EXCEPTION", .rule, .field, .whenChanged, .listed)
            .because("A validation rule of the org refuses the record.")
            .remedied("Let the rule admit what Daybook writes, or change the settings. \(mend)"),
        FailureEntry("CANNOT_EXECUTE_FLOW_TRIGGER", .rule, .record, .whenChanged)
            .because("A flow of the org failed while the record was saved.")
            .remedied(
                "Let the admin mend the flow; the flow's error mail names the place. \(mend)"
            ),
        FailureEntry("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", .rule, .record, .whenChanged)
            .because(
                """
                A trigger of the org failed while the record was saved. One that found a row locked, \
                or ran out of queries, is tried again later.
                """
            )
            .remedied("Let the admin mend the trigger; the debug log names the line. \(mend)"),
        FailureEntry("DELETE_FAILED", .rule, .record, .whenChanged)
            .because("Other records depend on the one that should be deleted.")
            .remedied(
                "Detach or delete those by hand, or keep event records on cancellation. \(mend)"
            ),
    ]

    /// Permissions of the integration user.
    static let permissions: [FailureEntry] = [
        FailureEntry(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            .permission,
            .field,
            .whenChanged,
            .inMessage
        )
        .because("The integration user may not write a field.")
        .remedied("Grant edit access to the field in the user's permission set. \(mend)"),
        FailureEntry("INSUFFICIENT_ACCESS_OR_READONLY", .permission, .record, .whenChanged)
            .because("The integration user may not change the record.")
            .remedied("Share the record with the integration user, with edit access. \(mend)"),
        FailureEntry(
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
            .permission,
            .field,
            .whenChanged,
            .byReference
        )
        .because("The integration user may not refer to a record: an account or a person.")
        .remedied("Share that record with the integration user, with edit access. \(mend)"),
        FailureEntry("TRANSFER_REQUIRES_READ", .permission, .field, .whenChanged, .owner)
            .because("The new owner may not read records of this object.")
            .remedied("Give the user read access to the object, or choose another owner. \(mend)"),
        FailureEntry("API_DISABLED_FOR_ORG", .permission, .run, .nextRun)
            .because("The integration user may not use the API.")
            .remedied("Switch on 'API Enabled' in the user's profile or permission set."),
        FailureEntry("API_CURRENTLY_DISABLED", .permission, .run, .nextRun)
            .because("The org does not admit API calls now.")
            .remedied("Ask the admin, or Salesforce's support, to admit them again."),
    ]

    /// What the org has already.
    static let duplicates: [FailureEntry] = [
        FailureEntry("DUPLICATES_DETECTED", .duplicate, .record, .afterLooking)
            .because(
                """
                A duplicate rule found the person among the org's records. Of a new person's the \
                record that the rule names is taken.
                """
            )
            .remedied(
                """
                Merge the duplicates in Salesforce, or name the right record with 'daybook failures \
                bind'.
                """
            ),
        FailureEntry("DUPLICATE_VALUE", .duplicate, .record, .afterLooking)
            .because("Another record has the value of a field that is unique.")
            .remedied(
                """
                Look which record has it. If it is the right one, name it with 'daybook failures \
                bind'; if not, empty its field. \(mend)
                """
            ),
        FailureEntry("MULTIPLE_CHOICES", .duplicate, .record, .whenChanged)
            .because("Several records have the same external id, so none of them was written.")
            .remedied(
                """
                Delete the records that are too many and mark the field as unique, or name the right \
                record with 'daybook failures bind'. \(mend)
                """
            ),
    ]

    /// Records that are not what they were.
    static let moved: [FailureEntry] = [
        FailureEntry("ENTITY_IS_DELETED", .moved, .record, .afterLooking)
            .because("Somebody deleted the record.")
            .remedied(
                "Restore it from the recycle bin if it is wanted; Daybook does not make it again by itself."
            ),
        FailureEntry("NOT_FOUND", .moved, .record, .afterLooking)
            .because("There is no such record, or the integration user cannot see it.")
            .remedied("Share the record with the integration user, or restore it. \(mend)"),
        FailureEntry("INVALID_CROSS_REFERENCE_KEY", .moved, .field, .afterLooking, .listed)
            .because(
                """
                An id leads to no record: the record itself is gone, or the one that a field refers \
                to, or a record type is not open to the integration user.
                """
            )
            .remedied("Correct the id in the settings, or restore the record. \(mend)"),
        FailureEntry("CANNOT_UPDATE_CONVERTED_LEAD", .moved, .record, .afterLooking)
            .because("Somebody converted the lead into a contact.")
            .remedied("Nothing: the next look goes on with the contact."),
        FailureEntry("PRECONDITION_FAILED", .moved, .record, .later)
            .because("Somebody changed the record between the look at it and the write.")
            .remedied("Nothing: the record is looked at and decided anew."),
    ]
}
