import CalCom
import Crypto
public import Domain
public import Journal
public import Ledger

/// Takes deliveries in: verify, keep, say what happened, append.
public struct Intake: Sendable {
    private let journal: Journal
    private let now: @Sendable () -> Instant

    /// How many deliveries of a file share one transaction.
    private static let batchSize = 500

    /// Creates an intake.
    ///
    /// - Parameters:
    ///   - journal: Where facts go.
    ///   - now: The time.
    public init(journal: Journal, now: @escaping @Sendable () -> Instant) {
        (self.journal, self.now) = (journal, now)
    }

    /// Takes in the bodies of one file, unsigned because they come from the operator.
    ///
    /// While some are committed, the next are read.
    ///
    /// - Parameters:
    ///   - bytes: The file: one body, an array of them, or one per line.
    ///   - progress: Told after each transaction how many deliveries are in.
    /// - Returns: How many deliveries there were, and what became of them.
    /// - Throws: ``LedgerError``; deliveries of earlier transactions stay recorded.
    public func take(
        file bytes: [UInt8],
        progress: (Int) -> Void = { _ in }
    ) async throws(LedgerError) -> IntakeSummary {
        var summary = IntakeSummary()
        var rest = DeliveryFile.split(bytes)[...]
        var batch = readBatch(from: &rest)
        while !batch.isEmpty {
            async let recorded = record(batch)
            let next = readBatch(from: &rest)
            summary.count(try await recorded.get())
            progress(summary.deliveries)
            batch = next
        }
        return summary
    }

    /// Reads the next deliveries of a file; none at its end.
    private func readBatch(from rest: inout ArraySlice<ArraySlice<UInt8>>) -> [IncomingDelivery] {
        let bodies = rest.prefix(Self.batchSize)
        rest = rest.dropFirst(bodies.count)
        return bodies.map { read(Array($0), headers: [:], source: "file") }
    }

    /// Keeps deliveries; what went wrong comes back as a value, because a task would lose its type.
    private func record(
        _ batch: [IncomingDelivery]
    ) async -> Result<[DeliveryReceipt], LedgerError> {
        do throws(LedgerError) {
            return .success(try await journal.record(batch))
        } catch {
            return .failure(error)
        }
    }

    /// Takes in one webhook whose signature was verified.
    ///
    /// When this returns, the delivery is durable.
    ///
    /// - Parameters:
    ///   - body: The body, to the byte.
    ///   - headers: The headers worth keeping.
    /// - Returns: What became of it.
    /// - Throws: ``LedgerError``; then nothing was recorded, and the sender should try again.
    public func take(
        webhook body: [UInt8],
        headers: [String: String]
    ) async throws(LedgerError) -> DeliveryReceipt {
        let delivery = read(body, headers: headers, source: "webhook")
        return try await journal.record([delivery])[0]
    }

    /// Keeps and counts a webhook whose signature is missing or wrong.
    ///
    /// What it says is not read: whoever sent it has shown nothing.
    ///
    /// - Parameters:
    ///   - body: The body, to the byte.
    ///   - headers: The headers worth keeping.
    /// - Throws: ``LedgerError``.
    public func refuse(
        webhook body: [UInt8],
        headers: [String: String]
    ) async throws(LedgerError) {
        let delivery = IncomingDelivery(
            body: body,
            headers: headers,
            arrived: now(),
            source: "webhook",
            digest: Array(SHA256.hash(data: body)),
            trigger: nil,
            verdict: .forged,
            note: "the signature is missing or wrong",
            facts: []
        )
        _ = try await journal.record([delivery])
    }

    private func read(
        _ body: [UInt8],
        headers: [String: String],
        source: String
    ) -> IncomingDelivery {
        let arrived = now()
        let reading = CalComDelivery.read(body, arrived: arrived)
        return IncomingDelivery(
            body: body,
            headers: headers,
            arrived: arrived,
            source: source,
            digest: Array(SHA256.hash(data: body)),
            trigger: reading.trigger,
            verdict: DeliveryVerdict(reading),
            note: reading.reason ?? "",
            facts: reading.facts.map { fact in
                let meaning = FactMeaning(of: fact)
                return IncomingFact(fact, meaning: meaning.digest, canRecur: meaning.canRecur)
            }
        )
    }
}

extension DeliveryVerdict {
    /// What a delivery is, as far as its contents tell.
    fileprivate init(_ reading: DeliveryReading) {
        self =
            switch reading {
            case .facts: .appended
            case .noted: .noted
            case .unrecognised: .unrecognised
            case .unusable, .malformed: .rejected
            }
    }
}

/// What became of a number of deliveries.
public struct IntakeSummary: Hashable, Sendable {
    /// How many there were.
    public var deliveries = 0
    /// Those that told something new, tests and recordings included.
    public var appended = 0
    /// Those that the ledger had already.
    public var duplicates = 0
    /// Those that nobody taught us to understand; kept.
    public var unrecognised = 0
    /// Those that cannot be understood; kept.
    public var rejected = 0

    /// Creates an empty summary.
    public init() {}

    /// Adds the receipts of some deliveries.
    public mutating func count(_ receipts: [DeliveryReceipt]) {
        for receipt in receipts {
            deliveries += 1
            switch receipt.verdict {
            case .appended, .noted: appended += 1
            case .duplicate: duplicates += 1
            case .unrecognised: unrecognised += 1
            case .rejected, .forged: rejected += 1
            }
        }
    }

    /// Adds another summary.
    public mutating func add(_ other: IntakeSummary) {
        deliveries += other.deliveries
        appended += other.appended
        duplicates += other.duplicates
        unrecognised += other.unrecognised
        rejected += other.rejected
    }
}
