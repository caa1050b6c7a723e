public import Domain

/// Writes that go together, and how.
public struct WriteStage: Hashable, Sendable {
    /// The two ways.
    public enum Path: Hashable, Sendable {
        /// One call of up to 1,000 writes, with an answer at once.
        case small
        /// A job for writes of one kind and object.
        case bulk
    }

    /// The way.
    public var path: Path
    /// The writes.
    public var requests: [WriteRequest]

    /// Creates a stage.
    public init(_ path: Path, _ requests: [WriteRequest]) {
        (self.path, self.requests) = (path, requests)
    }
}

/// Chooses the way of every write of a run.
///
/// Pure. For the writes of one kind and object that wait for the same records:
///
/// | How many can be said as rows | Calls left today | Way |
/// | --- | --- | --- |
/// | fewer than ``threshold`` | any | small |
/// | at least ``threshold`` | enough for either way, or unknown | bulk |
/// | at least ``threshold`` | fewer | the one that costs fewer calls |
///
/// Writes that a row cannot say (several attendees, the text `#N/A`) always go the small way. Small
/// writes that a job waits for go before it, the others after it.
///
/// Source: `facts/salesforce-api.md` 4: jobs are meant for about 2,000 records and more.
public struct WritePaths: Hashable, Sendable {
    /// From how many writes of one kind on a job is made; nil for never.
    public var threshold: Int?
    /// The most bytes of a job's rows.
    public var mostBytes: Int

    /// The usual threshold.
    public static let usualThreshold = 2_001
    /// The documented limit of an upload.
    public static let largestUpload = 100_000_000

    /// Creates a rule.
    ///
    /// - Parameters:
    ///   - threshold: From how many writes of one kind on a job is made; nil for never.
    ///   - mostBytes: The most bytes of a job's rows.
    public init(
        threshold: Int? = Self.usualThreshold,
        mostBytes: Int = Self.largestUpload
    ) {
        (self.threshold, self.mostBytes) = (threshold.map { max(1, $0) }, mostBytes)
    }

    /// The way of some writes that could go either way.
    ///
    /// - Parameters:
    ///   - count: How many there are.
    ///   - callsLeft: The calls that the org still allows today; nil if that is not known.
    /// - Returns: The way.
    public func path(for count: Int, callsLeft: Int?) -> WriteStage.Path {
        guard let threshold, count >= threshold else { return .small }
        let (small, bulk) = (Self.smallCalls(for: count), Self.bulkCalls(for: count))
        guard let callsLeft, callsLeft < max(small, bulk) else { return .bulk }
        return bulk < small ? .bulk : .small
    }

    /// The calls of the small way: four collections of 200 in each, and one that reads them back.
    public static func smallCalls(for count: Int) -> Int { (count + 799) / 800 }

    /// The calls of a job.
    ///
    /// Make, fill, close, one question how far it is, its counts, its results, and reading back 10,000
    /// records at a time. A job that takes long is asked more often.
    public static func bulkCalls(for count: Int) -> Int { 6 + (count + 9_999) / 10_000 }

    /// The calls that read the stamps of a job's guarded records, right before it begins.
    public static func guardCalls(for count: Int) -> Int { (count + 9_999) / 10_000 }

    /// Sorts writes into stages.
    ///
    /// - Parameters:
    ///   - requests: The writes of a run, in any order.
    ///   - callsLeft: The calls that the org still allows today; nil if that is not known.
    /// - Returns: The stages in the order in which to send them; a write stands behind all that it
    ///   waits for, or in the same small stage.
    public func stages(of requests: [WriteRequest], callsLeft: Int?) -> [WriteStage] {
        let jobs = bulkGroups(of: requests, callsLeft: callsLeft)
        guard !jobs.isEmpty else { return Self.small(requests) }
        let order = WriteOrder(Array(requests.indices), of: requests)
        let inJobs = Set(jobs.joined())
        var small = requests.indices.filter { !inJobs.contains($0) }
        var stages: [WriteStage] = []
        for job in jobs {
            let level = order.level(of: job[0]) ?? 0
            let earlier = small.filter { order.level(of: $0).map { $0 < level } ?? false }
            stages += Self.small(earlier.map { requests[$0] })
            let sent = Set(earlier)
            small.removeAll { sent.contains($0) }
            stages += parts(of: job.map { requests[$0] }).map { WriteStage(.bulk, $0) }
        }
        return stages + Self.small(small.map { requests[$0] })
    }

    private static func small(_ requests: [WriteRequest]) -> [WriteStage] {
        WriteStep.batches(of: requests).map { batch in
            WriteStage(.small, batch.map { requests[$0] })
        }
    }

    /// The places of the writes of each job, what others wait for first.
    private func bulkGroups(of requests: [WriteRequest], callsLeft: Int?) -> [[Int]] {
        guard let threshold, requests.count >= threshold else { return [] }
        let order = WriteOrder(Array(requests.indices), of: requests)
        struct Group: Hashable {
            let level: Int
            let operation: BulkOperation
            let object: ObjectName
        }
        var groups: [Group: [Int]] = [:]
        for (place, request) in requests.enumerated() where BulkTable.canCarry(request) {
            guard let level = order.level(of: place) else { continue }
            let operation = BulkOperation(request.kind)
            groups[Group(level: level, operation: operation, object: request.object), default: []]
                .append(place)
        }
        return groups.filter { path(for: $0.value.count, callsLeft: callsLeft) == .bulk }
            .sorted { ($0.key.level, $0.value[0]) < ($1.key.level, $1.value[0]) }
            .map(\.value)
    }

    /// The writes in parts whose rows are small enough for one upload.
    private func parts(of requests: [WriteRequest]) -> [[WriteRequest]] {
        var parts: [[WriteRequest]] = []
        var bytes = Int.max
        for request in requests {
            let size = BulkTable.mostBytes(of: request)
            if bytes > mostBytes - size {
                parts.append([])
                bytes = BulkTable.longestHeader
            }
            parts[parts.count - 1].append(request)
            bytes += size
        }
        return parts
    }
}
