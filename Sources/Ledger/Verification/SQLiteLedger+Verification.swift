import Foundation
import GRDB
import Synchronization

/// What a verification found.
public struct VerificationReport: Hashable, Sendable {
    /// How many events were read.
    public var events: Int64 = 0
    /// The root of the tree, recomputed from the events.
    public var root: TreeHash = .emptyRoot
    /// What is wrong, in the order in which it was found; empty when all is well.
    public var problems: [String] = []

    /// Whether nothing is wrong.
    public var isSound: Bool { problems.isEmpty }
}

extension SQLiteLedger {
    /// Recomputes everything from the stored bytes and compares.
    ///
    /// Reads event by event, several ranges of them beside each other, in constant memory but for
    /// one number per erased person; beside that, SQLite checks the file's own structure. Finds a
    /// changed, missing, added or moved byte in events, tree, sealed parts, keys, checkpoints and
    /// cosignatures of known witnesses; a copy in a column that differs from its leaf; contents of
    /// an erased person that came back; and a file that does not continue what was signed before.
    /// Stops after 20 problems.
    ///
    /// - Parameters:
    ///   - witnesses: The public keys of witnesses that count.
    ///   - progress: Told after every thousand events how many were read.
    /// - Returns: What was read, and everything that is wrong.
    /// - Throws: ``LedgerError/storage(_:)`` if the file cannot be read at all.
    public func verify(
        witnesses: [NoteVerifier] = [],
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(LedgerError) -> VerificationReport {
        try await verify(witnesses: witnesses, rangeSize: 50_000, progress: progress)
    }

    /// Verifies ranges of so many events beside each other.
    func verify(
        witnesses: [NoteVerifier] = [],
        rangeSize: Int64,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(LedgerError) -> VerificationReport {
        let read = ReadEvents(tell: progress)
        do {
            let ranges = try await self.read { db in
                EventRange.ranges(through: try LedgerTables.lastPosition(db), size: rangeSize)
            }
            let found = try await verifyBeside(ranges, witnesses: witnesses, read)
            return try await self.read { [key, keeper] db in
                var verification = Verification(
                    db: db,
                    key: key,
                    keeper: keeper,
                    witnesses: witnesses
                )
                verification.problems.add(contentsOf: found.faults)
                try verification.run(joining: found.findings, progress: read.add)
                return verification.report
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// Checks the structure of the file and ranges of events, as many at once as there are
    /// processors, and no more than there are readers.
    private func verifyBeside(
        _ ranges: [EventRange],
        witnesses: [NoteVerifier],
        _ read: ReadEvents
    ) async throws -> Found {
        let width = min(ProcessInfo.processInfo.activeProcessorCount, Self.mostReaders - 1)
        return try await withThrowingTaskGroup(of: Found.Part.self) { group in
            // Tasks of this group: none outlives the verification, and an error of one ends them all.
            group.addTask {
                // More than that would push out of memory what was not looked at yet.
                let most = Int64(clamping: ProcessInfo.processInfo.physicalMemory / 4)
                try await self.read { try ReadAhead.run($0, most: most) }
                return .nothing
            }
            group.addTask { .structure(try await self.read(FileStructure.faults)) }
            group.addTask { .indexes(try await self.read(FileStructure.indexFaults)) }
            var (found, running) = (Found(), 3)
            for range in ranges {
                if running > width, let part = try await group.next() {
                    found.take(part)
                    running -= 1
                }
                group.addTask {
                    .findings(try await self.findings(in: range, witnesses, read))
                }
                running += 1
            }
            for try await part in group { found.take(part) }
            found.findings.sort { $0.range.after < $1.range.after }
            return found
        }
    }

    private func findings(
        in range: EventRange,
        _ witnesses: [NoteVerifier],
        _ read: ReadEvents
    ) async throws -> EventVerification.Findings? {
        try await self.read { [key, keeper] db in
            try Verification(db: db, key: key, keeper: keeper, witnesses: witnesses)
                .findings(in: range, progress: read.add)
        }
    }
}

/// What those who worked beside each other found.
private struct Found: Sendable {
    private var structure: [String] = []
    private var indexes: [String] = []
    var findings: [EventVerification.Findings] = []

    /// What is wrong with the file, always in the same order.
    var faults: [String] { structure + indexes }

    enum Part: Sendable {
        case nothing
        case structure([String])
        case indexes([String])
        case findings(EventVerification.Findings?)
    }

    mutating func take(_ part: Part) {
        switch part {
        case .nothing: break
        case .structure(let faults): structure = faults
        case .indexes(let faults): indexes = faults
        case .findings(let some): if let some { findings.append(some) }
        }
    }
}

/// How many events were read, by several at once.
private final class ReadEvents: Sendable {
    private let sum = Mutex<Int64>(0)
    private let tell: @Sendable (Int64) -> Void

    init(tell: @escaping @Sendable (Int64) -> Void) { self.tell = tell }

    func add(_ more: Int64) {
        // Told inside the lock, so that nobody hears a smaller number after a larger one.
        sum.withLock { sum in
            sum += more
            tell(sum)
        }
    }
}
