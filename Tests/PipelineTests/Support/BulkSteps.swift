import Domain
import Salesforce
import Synchronization
import Testing

/// A gateway that lets something happen before or after a step of a job.
///
/// What happens may throw: then the program is as good as dead, and no further step succeeds.
final class BulkSteps: SalesforceGateway, BulkGateway {
    /// The steps of a job, in their order.
    enum Step: String, Sendable, CaseIterable {
        case guards
        case begin
        case afterBegin
        case submit
        case afterSubmit
        case state
        case results
    }

    typealias Happening = @Sendable (Step, _ job: Int) async throws(SalesforceError) -> Void

    private let org: any SalesforceGateway
    private let jobs: any BulkGateway
    private let happening: Happening
    private let begun = Mutex(0)
    private let seen = Mutex<[Step]>([])

    /// - Parameters:
    ///   - org: The org.
    ///   - happening: What happens at a step of the first job, the second one, and so on.
    /// - Throws: `Unexpected` if the org has no bulk way.
    init(_ org: any SalesforceGateway, _ happening: @escaping Happening) throws {
        guard let jobs = org.bulk else { throw Unexpected("there is no bulk way") }
        (self.org, self.jobs, self.happening) = (org, jobs, happening)
    }

    /// The steps so far.
    var steps: [Step] { seen.withLock { $0 } }

    var bulk: (any BulkGateway)? { self }

    private func reach(_ step: Step) async throws(SalesforceError) {
        seen.withLock { $0.append(step) }
        let job = begun.withLock { count in
            if step == .guards { count += 1 }
            return count
        }
        try await happening(step, job)
    }

    // MARK: The small way

    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        try await org.read(requests)
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { org.batches(of: requests) }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        try await org.send(batch, known: known)
    }

    var usage: APIUsage { get async { await org.usage } }

    // MARK: Jobs

    func stages(of requests: [WriteRequest]) async -> [WriteStage] {
        await jobs.stages(of: requests)
    }

    func moved(of requests: [WriteRequest]) async throws(SalesforceError) -> Set<OperationID> {
        try await reach(.guards)
        return try await jobs.moved(of: requests)
    }

    func begin(
        _ requests: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> BulkJob? {
        #expect(!requests.isEmpty, "a job of nothing")
        try await reach(.begin)
        let job = try await jobs.begin(requests, known: known)
        try await reach(.afterBegin)
        return job
    }

    func submit(_ job: BulkJob) async throws(SalesforceError) -> Bool {
        try await reach(.submit)
        let isTaken = try await jobs.submit(job)
        try await reach(.afterSubmit)
        return isTaken
    }

    func state(of job: BulkJobID) async throws(SalesforceError) -> BulkJobState {
        try await reach(.state)
        return try await jobs.state(of: job)
    }

    func pause(after questions: Int) async throws(SalesforceError) {
        try await jobs.pause(after: questions)
    }

    func abort(_ job: BulkJobID) async throws(SalesforceError) { try await jobs.abort(job) }

    func results(of job: BulkJobID) async throws(SalesforceError) -> BulkResults {
        try await reach(.results)
        return try await jobs.results(of: job)
    }

    func outcomes(of job: BulkJob, _ results: BulkResults) async -> [WriteOutcome?] {
        await jobs.outcomes(of: job, results)
    }
}
