/// What carrying out a plan takes.
public struct PlanCost: Hashable, Sendable {
    /// API calls to look again; a plan is never carried out unseen.
    public var reads = 0
    /// API calls to write, if nothing goes wrong.
    public var writes = 0
    /// Jobs of Bulk API 2.0 that are made on the way.
    public var jobs = 0

    /// All API calls.
    public var total: Int { reads + writes }

    mutating func add(_ other: Self) {
        reads += other.reads
        writes += other.writes
        jobs += other.jobs
    }

    /// Creates a cost.
    public init(reads: Int = 0, writes: Int = 0) { (self.reads, self.writes) = (reads, writes) }
}
