public import Domain

/// A reason why Cal.com's API did not answer what was asked.
///
/// No case carries anything that a person said or entered.
public enum CalComError: Error, Hashable, Sendable {
    /// The address of the API cannot be used.
    case configuration(String)
    /// The key is not good; a repetition cannot help.
    case unauthorised
    /// The key is good, and not for this.
    case forbidden(String)
    /// There is no such thing, or the key may not see it.
    case missing(String)
    /// The limit of requests is used up; the moment says when it is free again.
    case limited(until: Instant)
    /// There was no answer, or the server failed; a later try may help.
    case unreachable(String)
    /// An answer came that is none of the API.
    case unexpected(String)
}

extension CalComError: CustomStringConvertible {
    /// What went wrong and what to do about it.
    public var description: String {
        switch self {
        case .configuration(let reason):
            """
            'calcom.apiURL' cannot be used: \(reason). It is https://api.cal.com/v2, or the same \
            of your own Cal.com.
            """
        case .unauthorised:
            """
            Cal.com does not know the API key. Make a new one in Cal.com under Settings, API keys, \
            and put it into DAYBOOK_CALCOM_API_KEY or the file of DAYBOOK_CALCOM_API_KEY_FILE.
            """
        case .forbidden(let what):
            """
            The API key may not read \(what). Use the key of somebody who may: an owner or admin \
            of the team.
            """
        case .missing(let what):
            "Cal.com has no \(what), or the API key may not see it. Check the number and the key."
        case .limited(let moment):
            """
            The limit of Cal.com's API is used up until \(moment.rfc3339Seconds). Try again then; \
            'serve' does so by itself.
            """
        case .unreachable(let reason):
            "Cal.com's API cannot be reached: \(reason). Try again later; check 'calcom.apiURL'."
        case .unexpected(let reason):
            """
            Cal.com's API answered something unexpected: \(reason). Check that 'calcom.apiURL' is \
            the address of API v2.
            """
        }
    }
}
