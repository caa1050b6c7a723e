public import Domain

/// What the pipeline asks of an org.
///
/// All methods may be called concurrently.
public protocol SalesforceGateway: Sendable {
    /// Answers several questions with as few API calls as possible.
    ///
    /// Queries with long `IN` lists are split, pages are followed, and everything that can goes
    /// through `/composite`.
    ///
    /// - Parameter requests: The questions.
    /// - Returns: One answer per question, in their order.
    /// - Throws: ``SalesforceError`` if any answer is missing or incomplete. A failed look-up is
    ///   never an empty answer.
    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer]

    /// Sorts writes into batches of one API call each, what others wait for first.
    ///
    /// Pure. A write stands in the same batch as the ones it waits for, or in a later one.
    ///
    /// - Parameter requests: The writes of a run, in any order.
    /// - Returns: The batches, in the order in which to send them.
    func batches(of requests: [WriteRequest]) -> [[WriteRequest]]

    /// Sends one batch, and reads the written records back.
    ///
    /// - Parameters:
    ///   - batch: A batch of ``batches(of:)``.
    ///   - known: The ids of records that earlier batches created.
    /// - Returns: One outcome per write, in their order. Partial success is normal.
    /// - Throws: ``SalesforceError`` if nothing of the batch was sent. Once something was sent
    ///   there is an outcome for every write, perhaps ``WriteOutcome/unknown(_:)``.
    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome]

    /// Like ``send(_:known:)``, and tells which API call settled each write.
    ///
    /// - Parameters:
    ///   - batch: A batch of ``batches(of:)``.
    ///   - known: The ids of records that earlier batches created.
    /// - Returns: One delivery per write, in their order.
    /// - Throws: As ``send(_:known:)``.
    func deliver(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteDelivery]

    /// The way for thousands of writes at once; nil if there is none.
    var bulk: (any BulkGateway)? { get }

    /// How many API calls this gateway made, and what the org last said of its allowance.
    var usage: APIUsage { get async }

    /// Asks the org how many API calls are left; one call itself.
    ///
    /// - Returns: What it says, as ``usage`` has it from then on.
    /// - Throws: ``SalesforceError/limitReached(_:)`` if not even this call is left, or another
    ///   ``SalesforceError``.
    func limits() async throws(SalesforceError) -> APIUsage

    /// How many API calls ``send(_:known:)`` makes for some writes, if nothing goes wrong.
    ///
    /// - Parameter requests: The writes of a run, in any order.
    /// - Returns: The number.
    func cost(of requests: [WriteRequest]) -> Int
}

extension SalesforceGateway {
    /// The outcomes alone, for a gateway that has no names for its calls.
    public func deliver(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteDelivery] {
        try await send(batch, known: known).map { WriteDelivery($0) }
    }

    /// What the org last said, without asking it.
    public func limits() async throws(SalesforceError) -> APIUsage { await usage }

    /// One call for each batch.
    public func cost(of requests: [WriteRequest]) -> Int { batches(of: requests).count }
}

/// A question to an org.
public enum ReadRequest: Hashable, Sendable {
    /// The rows of a query.
    case query(Query)
    /// The records with these ids that can be seen, with these fields.
    case records(ObjectName, [SalesforceID], fields: [FieldName])
    /// What the org says about an object.
    case describe(ObjectName)
    /// The first rows of a query that people wrote.
    case bound(BoundQuery)
    /// Under whose name we work. A call of its own, made once.
    case ownUser
}

/// The answer to a ``ReadRequest``.
public enum ReadAnswer: Hashable, Sendable {
    /// The rows of a query or the records found, as JSON objects with the org's field names.
    case rows([JSON])
    /// The description of an object; nil if our user sees no such object.
    case description(ObjectDescription?)
    /// The user under whose name we work.
    case user(SalesforceID)

    /// The rows, or none for a description.
    public var rows: [JSON] {
        if case .rows(let rows) = self { rows } else { [] }
    }
}

/// How many API calls were made.
public struct APIUsage: Hashable, Sendable {
    /// The calls this gateway made, retries included.
    public var calls: Int
    /// The calls that the org counted in the last 24 hours, if it said so.
    public var usedToday: Int?
    /// The calls that the org allows in 24 hours, if it said so.
    public var allowedToday: Int?

    /// Creates a usage.
    public init(calls: Int = 0, usedToday: Int? = nil, allowedToday: Int? = nil) {
        (self.calls, self.usedToday, self.allowedToday) = (calls, usedToday, allowedToday)
    }
}
