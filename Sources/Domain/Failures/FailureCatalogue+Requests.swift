// What can be wrong with a request, the log-in, or the org as a whole.
extension FailureCatalogue {
    private static let report = "If it comes back, please report it."

    /// What passes.
    static let passing: [FailureEntry] = [
        FailureEntry("UNABLE_TO_LOCK_ROW", .busy, .record, .later)
            .because("Another transaction held the record, or the account above it.")
            .remedied(
                "Nothing. If it lasts, look which job writes to the same account all the time."
            ),
        FailureEntry("SERVER_UNAVAILABLE", .busy, .run, .later)
            .because("The org is busy, or in maintenance.")
            .remedied("Nothing. If it lasts, look at Salesforce's status page."),
        FailureEntry("UNKNOWN_EXCEPTION", .busy, .run, .later)
            .because("Salesforce failed inside. Whether a write took hold is looked up.")
            .remedied("Nothing. If it lasts, tell Salesforce's support the time."),
        FailureEntry("QUERY_TIMEOUT", .busy, .run, .nextRun)
            .because("A question took the org more than 120 seconds.")
            .remedied("Run again later. If it lasts, ask the admin for an index on the key field."),
        FailureEntry("PROCESSING_HALTED", .busy, .record, .later)
            .because("The write was left undone, because one that it refers to failed.")
            .remedied("Look at the other failure of the same booking."),
        FailureEntry("ALL_OR_NONE_OPERATION_ROLLED_BACK", .busy, .record, .later)
            .because("The write was undone, because another one in the same call failed.")
            .remedied("Look at the other failure of the same run."),
        FailureEntry("BATCH_PROCESSING_HALTED", .busy, .record, .later)
            .because("The write was left undone, because an earlier one in the same call failed.")
            .remedied("Look at the other failure of the same run."),
        FailureEntry("REQUEST_LIMIT_EXCEEDED", .limit, .run, .whenWindowMoves)
            .because(
                """
                The org's API calls of the last 24 hours are used up, or too many long ones run at \
                once. The first pauses Daybook for this org, the second passes in seconds.
                """
            )
            .remedied("Wait; or look in Setup, under 'API Usage', who uses them up, or buy more."),
    ]

    /// The log-in.
    static let logIns: [FailureEntry] = [
        FailureEntry("INVALID_SESSION_ID", .logIn, .run, .nextRun)
            .because(
                "The access token expired or was revoked. It is renewed once, where that is possible."
            )
            .remedied(
                "Renew DAYBOOK_SALESFORCE_ACCESS_TOKEN, or use a flow that renews it by itself."
            ),
        FailureEntry("INVALID_LOGIN", .logIn, .run, .nextRun)
            .because("User name, password or security token is wrong.")
            .remedied("Correct the credentials of the integration user."),
        FailureEntry("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", .logIn, .run, .nextRun)
            .because("The password of the integration user expired.")
            .remedied("Set a new one, and let it never expire for this user."),
        FailureEntry("PASSWORD_LOCKOUT", .logIn, .run, .nextRun)
            .because("The integration user is locked out after too many wrong passwords.")
            .remedied("Unlock the user in Setup, and correct the password first."),
    ]

    /// Requests that the org does not understand.
    static let requests: [FailureEntry] = [
        FailureEntry("INVALID_FIELD", .request, .field, .whenChanged, .inMessage)
            .because(
                """
                There is no such field any more, or the integration user cannot see it. The org is \
                described anew at once.
                """
            )
            .remedied(
                """
                Restore the field or the access to it, or take it out of the settings; 'daybook \
                doctor' names the rules.
                """
            ),
        FailureEntry("INVALID_TYPE", .request, .run, .nextRun)
            .because("There is no such object, or the integration user cannot see it.")
            .remedied(
                "Grant the integration user access to the object; 'daybook doctor' names it."
            ),
        FailureEntry("MALFORMED_QUERY", .request, .run, .nextRun)
            .because("The org does not understand a question of Daybook's.")
            .remedied("Run 'daybook doctor'. \(report)"),
        FailureEntry("INVALID_QUERY_FILTER_OPERATOR", .request, .run, .nextRun)
            .because("The org cannot compare a field in the way that a question asks for.")
            .remedied("Check the type of the key field, then run 'daybook doctor'. \(report)"),
        FailureEntry("MALFORMED_SEARCH", .request, .run, .nextRun)
            .because("The org does not understand a search.")
            .remedied("Run 'daybook doctor'. \(report)"),
        FailureEntry("QUERY_TOO_COMPLICATED", .request, .run, .nextRun)
            .because("A question is too long or too complicated for the org.")
            .remedied("Write fewer fields in the settings, formula fields above all. \(report)"),
        FailureEntry("OPERATION_TOO_LARGE", .request, .run, .nextRun)
            .because("The org does not answer a question about that many records to this user.")
            .remedied("Give the integration user 'View All' on event records, contacts and leads."),
        FailureEntry("INVALID_QUERY_LOCATOR", .request, .run, .nextRun)
            .because("The rest of a long answer is not kept any more.")
            .remedied("Run again."),
        FailureEntry("INVALID_REPLICATION_DATE", .request, .run, .nextRun)
            .because("The org cannot say what changed since that long ago.")
            .remedied("Run 'daybook reconcile --all', which looks at everything instead."),
        FailureEntry("EXCEEDED_ID_LIMIT", .request, .run, .nextRun)
            .because("A question names too many records at once, or too much has changed.")
            .remedied("Run 'daybook reconcile --all'. \(report)"),
        FailureEntry("JSON_PARSER_ERROR", .request, .record, .whenChanged)
            .because(
                "The org cannot read a value. The other records of the call are sent without it."
            )
            .remedied("Look at what the rules write; a date without a time is usual. \(report)"),
        FailureEntry("METHOD_NOT_ALLOWED", .request, .run, .nextRun)
            .because("The org does not take such a request at this address.")
            .remedied("Check 'salesforce.apiVersion'; 62.0 or newer is right. \(report)"),
        FailureEntry("UNSUPPORTED_MEDIA_TYPE", .request, .run, .nextRun)
            .because("The org does not take JSON here; perhaps a proxy changed the request.")
            .remedied("Look whether a proxy stands between Daybook and Salesforce. \(report)"),
        FailureEntry("EXCEEDED_MAX_SIZE_REQUEST", .request, .run, .nextRun)
            .because("A call is larger than the org takes.")
            .remedied("Shorten what the rules write. \(report)"),
    ]

    /// Our own.
    static let own: [FailureEntry] = [
        FailureEntry("AWAITED_RECORD_FAILED", .awaiting, .field, .whenChanged)
            .because("It refers to a record that could not be made.")
            .remedied("Mend the failure of that record; this one follows by itself."),
        FailureEntry("AMBIGUOUS_MATCH", .review, .record, .whenChanged)
            .because("Several records match, and the settings ask a person to choose.")
            .remedied(
                """
                Name the right one with 'daybook failures bind', merge the duplicates, or set \
                'onAmbiguous' to 'oldest' or 'newest'.
                """
            ),
        FailureEntry("AMBIGUOUS_ACCOUNT", .review, .record, .whenChanged)
            .because(
                """
                Several accounts have the mail domain of the attendee, and the settings ask a person \
                to choose.
                """
            )
            .remedied(
                """
                Put the attendee's contact under the right account, let 'accounts.tieBreakers' \
                decide, or merge the accounts.
                """
            ),
        FailureEntry("OUTCOME_UNKNOWN", .busy, .record, .later)
            .because(
                """
                The write was sent and no answer came, so that nobody knows whether it took hold. \
                Every run looks before it writes again.
                """
            )
            .remedied(
                """
                Nothing; 'daybook reconcile' looks. If the record is there and is not found, name it \
                with 'daybook failures bind'.
                """
            ),
    ]
}
