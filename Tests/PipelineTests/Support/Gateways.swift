import Domain
import Salesforce
import Synchronization
import TestSupport

/// A gateway whose program dies at a chosen write, before or after the org got it.
final class DyingGateway: SalesforceGateway {
    /// When the program dies.
    enum Moment: Sendable, CaseIterable {
        case beforeSending
        case afterSending
    }

    private let org: any SalesforceGateway
    private let moment: Moment
    private let remaining: Mutex<Int>

    /// - Parameters:
    ///   - org: The org.
    ///   - moment: When the program dies.
    ///   - batch: At which batch, counted from 1.
    init(_ org: any SalesforceGateway, _ moment: Moment, batch: Int = 1) {
        (self.org, self.moment) = (org, moment)
        remaining = Mutex(batch)
    }

    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        try await org.read(requests)
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { org.batches(of: requests) }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        let isLast = remaining.withLock { left in
            left -= 1
            return left == 0
        }
        guard isLast else { return try await org.send(batch, known: known) }
        if moment == .afterSending { _ = try await org.send(batch, known: known) }
        throw .unreachable("the program died")
    }

    var usage: APIUsage { get async { await org.usage } }
}

/// A gateway that loses the answers about what was made, and makes nothing that waits for that.
struct LosingGateway: SalesforceGateway {
    let org: any SalesforceGateway

    init(_ org: any SalesforceGateway) { self.org = org }

    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        try await org.read(requests)
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { org.batches(of: requests) }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        _ = try await org.send(batch.filter(\.awaited.isEmpty), known: known)
        return batch.map { $0.awaited.isEmpty ? .unknown("no answer") : .notAttempted }
    }

    var usage: APIUsage { get async { await org.usage } }
}

/// A gateway that cannot read back what was written, and learns of it a minute later.
struct BlindGateway: SalesforceGateway {
    let org: any SalesforceGateway
    let clock: ManualClock

    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        try await org.read(requests)
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { org.batches(of: requests) }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        let outcomes = try await org.send(batch, known: known)
        clock.advance(bySeconds: 60)
        return outcomes.map { outcome in
            guard case .written(let id, let wasCreated, _) = outcome else { return outcome }
            return .written(id, wasCreated: wasCreated, seen: nil)
        }
    }

    var usage: APIUsage { get async { await org.usage } }
}

/// A gateway through which a person edits what was written before it is read back, while the org
/// does not say who we are.
struct RacedGateway: SalesforceGateway {
    let org: any SalesforceGateway
    let field: FieldName
    let edit: FieldValue
    let editor: SalesforceID

    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        guard !requests.contains(.ownUser) else { throw .unreachable("no answer") }
        return try await org.read(requests)
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { org.batches(of: requests) }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        try await org.send(batch, known: known).map { outcome in
            guard case .written(let id, let wasCreated, var seen?) = outcome,
                seen.fields[field] != nil
            else { return outcome }
            (seen.fields[field], seen.lastModifiedBy) = (edit, editor)
            return .written(id, wasCreated: wasCreated, seen: seen)
        }
    }

    var usage: APIUsage { get async { await org.usage } }
}

/// A gateway that lets something happen in the org between reading and writing.
final class InterruptedGateway: SalesforceGateway {
    private let org: any SalesforceGateway
    private let interruption: Mutex<(@Sendable () async throws -> Void)?>

    init(
        _ org: any SalesforceGateway,
        _ interruption: @escaping @Sendable () async throws -> Void
    ) {
        self.org = org
        self.interruption = Mutex(interruption)
    }

    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        try await org.read(requests)
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { org.batches(of: requests) }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        let happening = interruption.withLock { value in
            defer { value = nil }
            return value
        }
        do {
            try await happening?()
        } catch {
            throw .unexpectedAnswer("\(error)")
        }
        return try await org.send(batch, known: known)
    }

    var usage: APIUsage { get async { await org.usage } }
}

/// A gateway to an org that says it is another one.
struct ForeignGateway: SalesforceGateway {
    let org: any SalesforceGateway

    func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        let answers = try await org.read(requests)
        return zip(requests, answers).map { request, answer in
            guard request == Organization.question else { return answer }
            return .rows(answer.rows.map(Self.renamed))
        }
    }

    private static func renamed(_ row: JSON) -> JSON {
        .object(
            (row.members ?? []).map { member in
                member.name == "Id" ? JSON.Member("Id", "00D000000000999AAA") : member
            }
        )
    }

    func batches(of requests: [WriteRequest]) -> [[WriteRequest]] { org.batches(of: requests) }

    func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        try await org.send(batch, known: known)
    }

    var usage: APIUsage { get async { await org.usage } }
}
