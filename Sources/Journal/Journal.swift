import Domain
import Foundation
import GRDB
public import Ledger

/// Domain facts in the ledger, and what is derived from them and kept in step.
///
/// Everything that belongs together becomes durable together: a fact and the read models it
/// changes, a receipt and the claims it settles.
public struct Journal: Sendable {
    /// The ledger underneath.
    public let ledger: SQLiteLedger

    /// Opens the journal of a ledger file, creating or upgrading it first.
    ///
    /// - Parameters:
    ///   - path: The file; it is created if missing.
    ///   - key: The key of the ledger.
    ///   - environment: Where time and chance come from.
    ///   - keeper: Gives the key to sign with; see
    ///     ``SQLiteLedger/init(path:key:environment:keeper:readModels:)``.
    /// - Throws: As ``SQLiteLedger/init(path:key:environment:keeper:readModels:)``.
    public init(
        path: String,
        key: LedgerKey,
        environment: LedgerEnvironment,
        keeper: (_ origin: String, _ hasSigned: Bool) throws -> CheckpointKeeper? = { _, _ in nil }
    ) throws(LedgerError) {
        ledger = try SQLiteLedger(
            path: path,
            key: key,
            environment: environment,
            keeper: keeper,
            readModels: { JournalSchema.register(in: &$0) }
        )
    }

    /// A digest of a text that can be compared, and not guessed without the ledger's key.
    public func digest(_ text: String) -> [UInt8] { ledger.key.blind(text) }

    /// ``digest(_:)`` of a text that comes piece by piece.
    public func blinder() -> LedgerKey.Blinder { ledger.key.blinder() }

    /// The newest position and the root of the tree.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func head() async throws(LedgerError) -> LedgerHead { try await ledger.head() }

    /// Runs reads and gives foreign errors the name that tells what to do.
    func reading<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws(LedgerError) -> Result {
        do { return try await ledger.read(body) } catch { throw LedgerError(error) }
    }

    /// Runs a write and gives foreign errors the name that tells what to do.
    func writing<Result: Sendable>(
        _ body: @escaping @Sendable (LedgerTransaction) throws -> Result
    ) async throws(LedgerError) -> Result {
        do { return try await ledger.write(body) } catch { throw LedgerError(error) }
    }
}

extension RecordedFact {
    /// Reads a fact from its event.
    ///
    /// - Throws: ``LedgerError/unreadable(position:reason:)``.
    init(_ event: StoredEvent) throws {
        var tape = JSONTape()
        try self.init(EventContent(event), &tape)
    }

    /// Reads a fact from what its event says, with a tape that others were read with before.
    ///
    /// - Throws: ``LedgerError/unreadable(position:reason:)``.
    init(_ event: EventContent, _ tape: inout JSONTape) throws {
        do {
            self.init(
                position: LedgerPosition(event.position),
                fact: try StoredFact.read(event, &tape),
                occurred: Instant(milliseconds: event.occurred),
                recorded: Instant(milliseconds: event.recorded)
            )
        } catch let error as UnreadableFact {
            throw LedgerError.unreadable(position: event.position, reason: error.reason)
        }
    }
}
