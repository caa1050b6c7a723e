public import Domain

/// Decides what becomes of one field: the heart of reconciliation, and pure.
///
/// Words: S is what we sent last, B what we saw right after, L what stands in Salesforce now, D what
/// we want. Telling S and B apart makes normalisation harmless: whether the value moved is asked of
/// L and B, whether our wish moved of D and S. The first row that fits decides.
///
/// |    | situation                              | observe | whenEmpty | …OrOurs | protect | sticky | always | enforce |
/// |---:|----------------------------------------|---------|-----------|---------|---------|--------|--------|---------|
/// |  1 | D = S and L = B                        | –       | –         | –       | –       | –      | –      | –       |
/// |  2 | L = D                                  | adopt   | adopt     | adopt   | adopt   | adopt  | adopt  | adopt   |
/// |  3 | never ours, L empty                    | hold    | write     | write   | write   | write  | write  | write   |
/// |  4 | never ours, L not empty                | hold    | hold      | hold    | hold    | hold   | write¹ | write   |
/// |  5 | L = B, not empty                       | hold    | hold      | write   | write   | write  | write  | write   |
/// |  6 | L = B, empty                           | hold    | write     | write   | write   | write  | write  | write   |
/// |  7 | edited, nothing new                    | hold    | hold      | hold    | hold    | hold   | hold   | write   |
/// |  8 | emptied, nothing new                   | hold    | hold      | hold    | hold    | hold   | hold   | write   |
/// |  9 | edited, we want it cleared             | hold    | hold      | hold    | hold    | hold   | order  | write   |
/// | 10 | edited, something newer                | hold    | hold      | hold    | write   | hold   | write  | write   |
/// | 11 | emptied, something newer               | hold    | write     | write   | write   | hold   | write  | write   |
/// | 12 | moved, and which is newer is not known | hold    | if empty  | hold    | hold    | hold   | write  | write   |
/// | 13 | moved, and the edit is newer           | hold    | if empty  | hold    | hold    | hold   | hold   | write   |
///
/// "Something new" is, for `always` and `whenEmpty`, a new *assertion*: a later event, even with the
/// same value; for the others a new *value*. ¹ An assertion that was considered before, on a record
/// that was merged into this one, is held. An assertion that comes from a replay never writes over
/// a value that was there before us, nor over an edit, unless the plan is told to.
public enum FieldDecision {
    /// Whether the event behind our wish is newer than the change somebody else made.
    public enum Order: Hashable, Sendable, CaseIterable {
        /// The event is certainly newer.
        case newer
        /// The change is certainly newer.
        case older
        /// It cannot be told.
        case unsure
    }

    /// Everything the decision depends on.
    public struct Situation: Hashable, Sendable {
        /// When the value is written.
        public var policy: WritePolicy
        /// Whether we wrote or adopted the field before.
        public var isOurs: Bool
        /// D = S.
        public var isWishUnchanged: Bool
        /// L = B.
        public var isLiveUnchanged: Bool
        /// L = D.
        public var isLiveAsWished: Bool
        /// Whether L is empty.
        public var isLiveEmpty: Bool
        /// Whether D is empty.
        public var isWishEmpty: Bool
        /// Whether the assertion is another one than was considered last.
        public var isNewAssertion: Bool
        /// Whether the event is newer than the change.
        public var order: Order
        /// Whether the assertion is a replay's, and the plan was not told to let it overwrite.
        public var isHeldBack: Bool

        /// Describes a situation.
        public init(
            policy: WritePolicy,
            isOurs: Bool,
            isWishUnchanged: Bool,
            isLiveUnchanged: Bool,
            isLiveAsWished: Bool,
            isLiveEmpty: Bool,
            isWishEmpty: Bool,
            isNewAssertion: Bool,
            order: Order,
            isHeldBack: Bool
        ) {
            (self.policy, self.isOurs, self.isWishUnchanged) = (policy, isOurs, isWishUnchanged)
            (self.isLiveUnchanged, self.isLiveAsWished) = (isLiveUnchanged, isLiveAsWished)
            (self.isLiveEmpty, self.isWishEmpty) = (isLiveEmpty, isWishEmpty)
            (self.isNewAssertion, self.order) = (isNewAssertion, order)
            self.isHeldBack = isHeldBack
        }
    }

    /// What to do.
    public struct Verdict: Hashable, Sendable {
        /// What is done.
        public var outcome: PlannedField.Outcome
        /// Why.
        public var reason: Reason

        static func write(_ reason: Reason) -> Self { Self(outcome: .write, reason: reason) }
        static func hold(_ reason: Reason) -> Self { Self(outcome: .hold, reason: reason) }
        static func adopt(_ reason: Reason) -> Self { Self(outcome: .adopt, reason: reason) }
        static func nothing(_ reason: Reason) -> Self { Self(outcome: .unchanged, reason: reason) }
    }

    /// Decides; total, and the same for the same situation.
    public static func decide(_ it: Situation) -> Verdict {
        if it.isOurs, it.isWishUnchanged, it.isLiveUnchanged { return .nothing(.inSync) }
        if it.isLiveAsWished { return .adopt(.agreed) }
        if it.policy == .observe { return .hold(.observeOnly) }
        if it.isHeldBack, overwritesOthers(it) { return .hold(.replayHeld) }
        switch it.policy {
        case .observe: return .hold(.observeOnly)
        case .enforce: return enforce(it)
        case .whenEmpty: return fill(it)
        case .always: return always(it)
        case .whenEmptyOrOurs, .protect, .sticky: return respect(it)
        }
    }

    /// Whether a write would replace something that is not ours.
    private static func overwritesOthers(_ it: Situation) -> Bool {
        !it.isLiveEmpty && (!it.isOurs || !it.isLiveUnchanged)
    }

    private static func enforce(_ it: Situation) -> Verdict {
        if !it.isOurs { return .write(.firstClaim) }
        if it.isLiveUnchanged { return .write(.sourceChanged) }
        return .write(it.isWishUnchanged ? .driftCorrected : .conflictEnforced)
    }

    private static func fill(_ it: Situation) -> Verdict {
        if !it.isLiveEmpty { return .hold(.notEmpty) }
        if it.isOurs, it.isLiveUnchanged { return .write(.filled) }
        guard it.isNewAssertion else { return .hold(.emptiedByOther) }
        return .write(it.isOurs ? .refillNewer : .filled)
    }

    private static func always(_ it: Situation) -> Verdict {
        guard it.isOurs else {
            if it.isLiveEmpty { return .write(.firstClaim) }
            return it.isNewAssertion ? .write(.bookingOverPreExisting) : .hold(.preExisting)
        }
        if it.isLiveUnchanged { return .write(.sourceChanged) }
        guard it.isNewAssertion else { return unmoved(it) }
        if it.order == .older { return .hold(.conflict) }
        return .write(it.isLiveEmpty ? .refillNewer : .newerSource)
    }

    private static func respect(_ it: Situation) -> Verdict {
        guard it.isOurs else {
            return it.isLiveEmpty ? .write(.firstClaim) : .hold(.preExisting)
        }
        if it.isLiveUnchanged { return .write(.sourceChanged) }
        if it.isWishUnchanged { return unmoved(it) }
        if it.isWishEmpty { return .hold(.clearHeld) }
        if it.order == .newer, it.policy == .protect {
            return .write(it.isLiveEmpty ? .refillNewer : .newerSource)
        }
        if it.order == .newer, it.policy == .whenEmptyOrOurs, it.isLiveEmpty {
            return .write(.refillNewer)
        }
        if it.order == .unsure, it.policy == .protect { return .hold(.orderUnknown) }
        return .hold(.conflict)
    }

    private static func unmoved(_ it: Situation) -> Verdict {
        .hold(it.isLiveEmpty ? .emptiedByOther : .editedByOther)
    }

    /// How far clocks may be apart: milliseconds.
    static let clockAllowance: Int64 = 5_000

    /// Tells whether an event is newer than a change that somebody else made to a field.
    ///
    /// The change happened after the org last showed our value, and not after the record was last
    /// changed by anyone. The moment at which the change was first noticed says nothing.
    ///
    /// - Parameters:
    ///   - event: When the event happened.
    ///   - lastModified: When the record was last changed.
    ///   - seenAt: When the org last showed our value.
    /// - Returns: Newer or older only where that is certain.
    public static func order(
        event: Instant,
        lastModified: Instant?,
        seenAt: Instant?
    ) -> Order {
        if let lastModified, event > lastModified.advanced(byMilliseconds: clockAllowance) {
            return .newer
        }
        if let seenAt, event <= seenAt.advanced(byMilliseconds: -clockAllowance) { return .older }
        return .unsure
    }
}
