import Domain

/// A reason why the org could not be asked, or did not answer.
///
/// What concerns one record only is no error of this kind but a `RecordError`.
public enum SalesforceError: Error, Hashable, Sendable {
    /// Nothing answered, or something in between failed; retries were used up. Try again later.
    case unreachable(String)
    /// The org refused our access token. A person has to act.
    case unauthorised(String)
    /// The log-in server refused to give a token. A person has to act, and is told how.
    case logInRefused(LogInRefusal)
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

    /// The code of a refusal that names none.
    static let withoutReason = "403"
}

extension SalesforceError: CustomStringConvertible {
    /// What went wrong and what to do about it, without customer data.
    public var description: String {
        switch self {
        case .unreachable(let reason):
            """
            Salesforce cannot be reached: \(reason.unended). Nothing is lost; try again later. If \
            it lasts, check 'salesforce.instanceURL' and 'salesforce.auth.loginURL', and the \
            network of this machine.
            """
        case .unauthorised(let reason):
            """
            Salesforce refused the log-in: \(reason.unended). Renew the token in \
            DAYBOOK_SALESFORCE_ACCESS_TOKEN, or check the 'auth' section of daybook.yaml.
            """
        case .logInRefused(let refusal):
            refusal.description
        case .forbidden(let code, let reason):
            Self.refusedAccess(code, reason)
        case .limitReached(let reason):
            """
            The org's API limit is reached: \(reason.unended). Nothing is lost; a later run goes on \
            when the 24-hour window has moved.
            """
        case .rejected(let code, let reason):
            "Salesforce rejected a request (\(code)): \(reason.unended). \(Self.remedy(code))"
        case .unexpectedAnswer(let reason):
            """
            Salesforce's answer could not be read: \(reason.unended). Check \
            'salesforce.instanceURL', and whether a proxy stands in between.
            """
        case .configuration(let reason):
            "The Salesforce configuration cannot be used: \(reason.unended)."
        }
    }

    private static func refusedAccess(_ code: String, _ reason: String) -> String {
        if code == withoutReason {
            return """
                Access was refused without a reason (403), as proxies do. Let this machine reach \
                Salesforce without the proxy, or have the proxy admit it.
                """
        }
        let refusal = "Salesforce refused access (\(code)): \(reason.unended)."
        let entry = FailureCatalogue.entry(for: code)
        guard entry.isKnown else {
            return """
                \(refusal) Let an administrator grant it to the integration user; 'daybook org \
                permissions' shows what is missing.
                """
        }
        return "\(refusal) \(entry.cause) \(entry.remedy)"
    }

    private static func remedy(_ code: String) -> String {
        let entry = FailureCatalogue.entry(for: code)
        return entry.isKnown ? "\(entry.cause) \(entry.remedy)" : "Run 'daybook doctor'."
    }
}

extension String {
    /// The text without the full stop that other people's sentences end with.
    fileprivate var unended: Substring {
        var text = Substring(self)
        while let last = text.last, last == "." || last.isWhitespace { text.removeLast() }
        return text
    }
}
