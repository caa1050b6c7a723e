public import Domain

/// Writes of one kind and object, thousands at a time, through jobs of Bulk API 2.0.
///
/// The steps are apart, so that the caller can keep the job's id before anything can take hold: a
/// job does nothing before it is submitted, and a submitted one is asked for its results, never
/// repeated.
///
/// ```
/// stale(of:) ▸ begin ▸ (keep the id) ▸ submit ▸ state, pause, state … ▸ results ▸ outcomes
/// ```
public protocol BulkGateway: Sendable {
    /// Sorts the writes of a run into stages, and chooses the way of each; see ``WritePaths``.
    ///
    /// - Parameter requests: The writes of a run, in any order.
    /// - Returns: The stages, in the order in which to send them.
    func stages(of requests: [WriteRequest]) async -> [WriteStage]

    /// Looks which records changed after the moment that their write names.
    ///
    /// A job knows no `If-Unmodified-Since`, so this is asked right before it begins.
    ///
    /// - Parameter requests: Writes.
    /// - Returns: The operations whose records moved. One call for every 10,000 guarded writes.
    /// - Throws: ``SalesforceError`` if the org does not answer.
    func moved(of requests: [WriteRequest]) async throws(SalesforceError) -> Set<OperationID>

    /// Makes a job that waits for its rows.
    ///
    /// - Parameters:
    ///   - requests: Writes of one kind and object out of a stage of ``stages(of:)``.
    ///   - known: The ids of records that were made before.
    /// - Returns: The job; nil if the org takes none now, so that the writes go the other way.
    /// - Throws: ``SalesforceError`` if the org does not answer. Nothing was done in either case.
    func begin(
        _ requests: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> BulkJob?

    /// Hands the rows over and closes the job, so that the org begins to work.
    ///
    /// - Parameter job: A job of ``begin(_:known:)``.
    /// - Returns: False if nothing was done and nothing will be. True if the job is at work, or may
    ///   be: then its state tells.
    /// - Throws: ``SalesforceError`` if the org refuses everything; nothing was done then.
    func submit(_ job: BulkJob) async throws(SalesforceError) -> Bool

    /// Asks how far a job has come.
    func state(of job: BulkJobID) async throws(SalesforceError) -> BulkJobState

    /// Waits before the next question: longer each time, 20 seconds at most.
    ///
    /// - Parameter questions: How often was asked, at least 1.
    /// - Throws: ``SalesforceError/unreachable(_:)`` if the run was interrupted.
    func pause(after questions: Int) async throws(SalesforceError)

    /// Ends a job that has not been closed.
    func abort(_ job: BulkJobID) async throws(SalesforceError)

    /// What became of the rows of a job that has ended.
    ///
    /// - Throws: ``SalesforceError`` if the results cannot be learned as a whole.
    func results(of job: BulkJobID) async throws(SalesforceError) -> BulkResults

    /// What became of the writes of a job, with the records read back.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - results: Its results.
    /// - Returns: One outcome per write, in their order; nil for one that the job left undone, or
    ///   refused in fewer words than the small path would: send it that way.
    func outcomes(of job: BulkJob, _ results: BulkResults) async -> [WriteOutcome?]
}

/// A job and the writes it carries.
public struct BulkJob: Sendable {
    /// Its id.
    public let id: BulkJobID
    /// The writes.
    public let requests: [WriteRequest]
    /// What the row of each write is known by in the results; holds personal data.
    public let identities: [String]
    let rows: [UInt8]
}

extension SalesforceGateway {
    /// None: every write goes the small way.
    public var bulk: (any BulkGateway)? { nil }
}
