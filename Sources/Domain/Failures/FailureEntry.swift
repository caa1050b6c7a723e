/// What kind of trouble a failure is: whom it concerns, and what helps.
public enum FailureCategory: String, Hashable, Sendable, CaseIterable {
    /// The value of a field does not fit.
    case value
    /// A rule of the org refuses the record.
    case rule
    /// A permission is missing.
    case permission
    /// The org has the person or the key already.
    case duplicate
    /// The record is not what it was: changed, deleted, merged or converted.
    case moved
    /// The org or the record is busy; it passes.
    case busy
    /// The org's allowance of API calls is used up.
    case limit
    /// The log-in does not work.
    case logIn = "log-in"
    /// The request itself is wrong: a name that is gone, or a defect of ours.
    case request
    /// It waits for another write.
    case awaiting
    /// A person has to choose.
    case review
    /// The code is in no list of ours.
    case unknown
}

/// When a failed write is tried again.
public enum FailureRetry: String, Hashable, Sendable, CaseIterable {
    /// After 5 seconds, doubled with every try up to an hour.
    case later
    /// By the next run, once the org allows API calls again; the org is left alone until then.
    case whenWindowMoves = "when-window-moves"
    /// At once, after looking at the record anew; if the decision is the same, when something
    /// changed.
    case afterLooking = "after-looking"
    /// When the desired state, the settings or the org's description of the object changed, or an
    /// operator asks for it.
    case whenChanged = "when-changed"
    /// By every run: the failure stops a run, and nothing is lost.
    case nextRun = "next-run"
}

/// What a failure costs.
public enum FailureReach: String, Hashable, Sendable, CaseIterable {
    /// The fields that Salesforce names; the record if it names none that can be left out.
    case field
    /// The record.
    case record
    /// The run.
    case run
}

/// Where it stands which fields a failure is about.
public enum AffectedFields: String, Hashable, Sendable, CaseIterable {
    /// In the list `fields` of the error.
    case listed
    /// In the message, by API name.
    case inMessage = "in-message"
    /// In the message, by the id that the field refers to.
    case byReference = "by-reference"
    /// It is always the owner.
    case owner
    /// It is about no field.
    case none
}

/// One code: what it means, what to do, and what Daybook does about it.
///
/// Source of the codes: `facts/salesforce-api.md` sections 2.2, 3 and 6.
public struct FailureEntry: Hashable, Sendable {
    /// The code as Salesforce spells it, or one of ours.
    public var code: String
    /// What kind of trouble it is.
    public var category: FailureCategory
    /// What it costs.
    public var reach: FailureReach
    /// When it is tried again.
    public var retry: FailureRetry
    /// Which fields it is about.
    public var fields: AffectedFields
    /// What happened, in plain words; one or two sentences without personal data.
    public var cause: String
    /// What to do about it.
    public var remedy: String

    init(
        _ code: String,
        _ category: FailureCategory,
        _ reach: FailureReach,
        _ retry: FailureRetry,
        _ fields: AffectedFields = .none
    ) {
        (self.code, self.category, self.reach) = (code, category, reach)
        (self.retry, self.fields) = (retry, fields)
        (cause, remedy) = ("", "")
    }

    /// The entry with the words that tell what happened.
    func because(_ cause: String) -> Self {
        var entry = self
        entry.cause = cause
        return entry
    }

    /// The entry with the words that tell what to do.
    func remedied(_ remedy: String) -> Self {
        var entry = self
        entry.remedy = remedy
        return entry
    }

    /// Whether Daybook knows the code.
    public var isKnown: Bool { category != .unknown }
}

extension FailureRetry {
    /// When it is tried again, in words for people.
    public var words: String {
        switch self {
        case .later: "later: after 5 seconds, doubled with each try up to an hour"
        case .whenWindowMoves: "once the org allows API calls again"
        case .afterLooking: "at once, after a fresh look; then when something changed"
        case .whenChanged: "when the booking, the settings or the object's description changed"
        case .nextRun: "by every run"
        }
    }
}
