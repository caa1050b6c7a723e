/// A reason why the org could not be asked, or did not answer.
///
/// What concerns one record only is no error of this kind but a `RecordError`.
public enum SalesforceError: Error, Hashable, Sendable {
    /// Nothing answered, or something in between failed; retries were used up. Try again later.
    case unreachable(String)
    /// The org refused our access token or log-in. A person has to act.
    case unauthorised(String)
    /// Our user may not use the API or the object. A person has to act.
    case forbidden(code: String, String)
    /// The org's allowance of API calls is used up. Try again when the window has moved.
    case limitReached(String)
    /// The org did not understand a question. A defect of ours, or a field that is gone.
    case rejected(code: String, String)
    /// The answer is not what the API promises.
    case unexpectedAnswer(String)
    /// The configuration does not fit: plain http to a remote host, for example.
    case configuration(String)
}

extension SalesforceError: CustomStringConvertible {
    /// What went wrong and what to do about it, without customer data.
    public var description: String {
        switch self {
        case .unreachable(let reason):
            "Salesforce cannot be reached: \(reason). Nothing is lost; try again later."
        case .unauthorised(let reason):
            """
            Salesforce refused the log-in: \(reason). Renew the token in \
            DAYBOOK_SALESFORCE_ACCESS_TOKEN, or check the 'auth' section of daybook.yaml.
            """
        case .forbidden(let code, let reason):
            """
            Salesforce refused access (\(code)): \(reason). Run 'daybook doctor' to see which \
            permission is missing.
            """
        case .limitReached(let reason):
            """
            The org's API limit is reached: \(reason). Nothing is lost; the next run goes on \
            when the 24-hour window has moved.
            """
        case .rejected(let code, let reason):
            "Salesforce rejected a request (\(code)): \(reason). Run 'daybook doctor'."
        case .unexpectedAnswer(let reason):
            "Salesforce's answer could not be read: \(reason). Check 'salesforce.instanceURL'."
        case .configuration(let reason):
            "The Salesforce configuration cannot be used: \(reason)."
        }
    }
}
