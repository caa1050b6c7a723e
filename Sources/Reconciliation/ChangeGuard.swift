public import Domain

/// Stops a plan that changes suspiciously much: a wrong mapping, or history replayed by mistake.
///
/// | what is counted                                                | refused from          |
/// |-----------------------------------------------------------------|-----------------------|
/// | records of an object changed without a new booking behind it   | 10, and 30 % of those linked |
/// | event records deleted                                           | 10, and 30 % of those linked |
/// | records that change hands                                       | more than 50          |
///
/// Small numbers are left alone, and so is what live bookings ask for: that is the daily work.
public struct ChangeGuard: Hashable, Sendable {
    /// From how many records of a kind on the guard looks.
    public var smallest = 10
    /// The share of linked records that may change.
    public var share = 0.3
    /// How many records may change hands in one run.
    public var mostOwnerChanges = 50

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
    public func refusal(
        of operations: [PlanOperation],
        linked: [ObjectName: Int]
    ) -> Refusal? {
        for (object, own) in Dictionary(grouping: operations, by: \.object).sorted(by: { $0.key < $1.key }) {
            let known = max(linked[object] ?? 0, 1)
            let allowed = max(smallest - 1, Int(Double(known) * share))
            let deletes = own.count { $0.kind == .delete }
            if deletes > allowed {
                return Refusal(
                    what: "deletes of \(object.rawValue)",
                    count: deletes,
                    outOf: known,
                    limit: allowed
                )
            }
            let rewrites = own.count(where: rewritesHistory)
            if rewrites > allowed {
                return Refusal(
                    what: "changes of \(object.rawValue) without a new booking",
                    count: rewrites,
                    outOf: known,
                    limit: allowed
                )
            }
        }
        let owners = operations.count { operation in
            operation.kind == .update && operation.written.contains { $0.field == "OwnerId" }
        }
        guard owners > mostOwnerChanges else { return nil }
        return Refusal(what: "owner changes", count: owners, outOf: nil, limit: mostOwnerChanges)
    }

    /// Whether a value that is there is replaced although no booking is newer than the settings.
    private func rewritesHistory(_ operation: PlanOperation) -> Bool {
        operation.kind == .update && operation.written.contains { $0.isReplay && !$0.live.isEmpty }
    }
}
