public import Domain
public import Salesforce

/// Stands for the org where none is asked: what only reads the ledger needs no log-in.
public struct NoOrg: SalesforceGateway {
    private static let refusal = SalesforceError.configuration("this asks no org")

    /// Creates it.
    public init() {}

    /// Refuses.
    ///
    /// - Throws: ``SalesforceError/configuration(_:)``.
    public func read(_ requests: [ReadRequest]) throws(SalesforceError) -> [ReadAnswer] {
        throw Self.refusal
    }

    /// No batch: there is nobody to send one to.
    public func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { [] }

    /// Refuses.
    ///
    /// - Throws: ``SalesforceError/configuration(_:)``.
    public func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) throws(SalesforceError) -> [WriteOutcome] { throw Self.refusal }

    /// Nothing was asked.
    public var usage: APIUsage { APIUsage() }
}
