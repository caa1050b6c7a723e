public import Domain

/// Stops a plan that changes suspiciously much: a wrong mapping, or history replayed by mistake.
///
/// | what is counted                                                | refused from          |
/// |-----------------------------------------------------------------|-----------------------|
/// | records of an object changed without a new booking behind it   | 10, and 30 % of those linked |
/// | event records deleted                                           | 10, and 30 % of those linked |
/// | records that change hands                                       | more than 50          |
/// | linked records of an object that are not shown at all           | 10, and 1 % of those looked at |
///
/// Small numbers are left alone, and so is what live bookings ask for: that is the daily work.
public struct ChangeGuard: Hashable, Sendable {
    /// From how many records of a kind on the guard looks.
    public var smallest = 10
    /// The share of linked records that may change.
    public var share = 0.3
    /// How many records may change hands in one run.
    public var mostOwnerChanges = 50
    /// The share of linked records that may be hidden: more means that we lost permissions.
    public var hiddenShare = 0.01

    /// Creates the guard with its usual thresholds.
    public init() {}

    /// A reason to refuse a plan.
    public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// What there is too much of, for example `deletes of Event`.
        public var what: String
        /// How many there are.
        public var count: Int
        /// Out of how many; nil for an absolute limit.
        public var outOf: Int?
        /// How many are allowed.
        public var limit: Int

        /// The numbers, and the way past the refusal.
        public var description: String {
            let total = outOf.map { " of \($0) linked records" } ?? ""
            return """
                Refused: the plan has \(count) \(what)\(total), and \(limit) are allowed without \
                a second look. Read it with 'daybook plan'; if it is right, repeat the command \
                with '--allow-large-change'.
                """
        }
    }

    /// The first reason to refuse a plan, or nil.
    ///
    /// - Parameters:
    ///   - operations: The plan.
    ///   - linked: How many records of each object are linked.
    /// - Returns: The reason, with its numbers.
    public func refusal(
        of operations: [PlanOperation],
        linked: [ObjectName: Int]
    ) -> Refusal? {
        var tally = Tally()
        tally.add(operations)
        return refusal(of: tally, linked: linked)
    }

    /// What the guard counts; a large plan is counted window by window.
    public struct Tally: Hashable, Sendable {
        var deletes: [ObjectName: Int] = [:]
        var rewrites: [ObjectName: Int] = [:]
        var ownerChanges = 0

        /// Creates an empty tally.
        public init() {}

        /// Counts operations.
        public mutating func add(_ operations: [PlanOperation]) {
            for operation in operations {
                switch operation.kind {
                case .delete: deletes[operation.object, default: 0] += 1
                case .update:
                    if operation.rewritesHistory { rewrites[operation.object, default: 0] += 1 }
                    if operation.written.contains(where: { $0.field == "OwnerId" }) {
                        ownerChanges += 1
                    }
                case .create, .hold, .unchanged: continue
                }
            }
        }
    }

    /// The first reason to refuse what was counted, or nil.
    ///
    /// - Parameters:
    ///   - tally: What was counted.
    ///   - linked: How many records of each object are linked.
    /// - Returns: The reason, with its numbers.
    public func refusal(of tally: Tally, linked: [ObjectName: Int]) -> Refusal? {
        for object in Set(tally.deletes.keys).union(tally.rewrites.keys).sorted() {
            let known = max(linked[object] ?? 0, 1)
            let allowed = max(smallest - 1, Int(Double(known) * share))
            let deletes = tally.deletes[object] ?? 0
            if deletes > allowed {
                return Refusal(
                    what: "deletes of \(object.rawValue)",
                    count: deletes,
                    outOf: known,
                    limit: allowed
                )
            }
            let rewrites = tally.rewrites[object] ?? 0
            if rewrites > allowed {
                return Refusal(
                    what: "changes of \(object.rawValue) without a new booking",
                    count: rewrites,
                    outOf: known,
                    limit: allowed
                )
            }
        }
        guard tally.ownerChanges > mostOwnerChanges else { return nil }
        return Refusal(
            what: "owner changes",
            count: tally.ownerChanges,
            outOf: nil,
            limit: mostOwnerChanges
        )
    }
}

extension ChangeGuard {
    /// The reason to stop when many linked records cannot be seen at once, or nil.
    ///
    /// Permissions were changed, more likely than not; what is decided without those records would be
    /// wrong.
    ///
    /// - Parameter vanished: How many linked records of an object are not shown, and of how many.
    /// - Returns: The reason, with its numbers.
    public func refusal(
        ofVanished vanished: [ObjectName: (count: Int, outOf: Int)]
    ) -> Refusal? {
        for (object, (count, total)) in vanished.sorted(by: { $0.key < $1.key }) {
            let allowed = max(smallest - 1, Int(Double(total) * hiddenShare))
            guard count > allowed else { continue }
            return Refusal(
                what: "linked records of \(object.rawValue) that Salesforce does not show any more",
                count: count,
                outOf: total,
                limit: allowed
            )
        }
        return nil
    }
}

extension PlanOperation {
    /// Whether a value that is there is replaced although no booking is newer than the settings.
    fileprivate var rewritesHistory: Bool {
        written.contains { $0.isReplay && !$0.live.isEmpty }
    }
}
