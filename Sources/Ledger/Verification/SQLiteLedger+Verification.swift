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
    /// Stops after 20 problems. Where pages are damaged so that the events cannot be read to their
    /// end, it says so, and which tables and pages are; nothing else is compared then.
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
        let (read, fingerprints) = (ReadEvents(tell: progress), KeyFingerprints())
        do {
            let ranges = try await self.read { db in
                EventRange.ranges(through: try LedgerTables.lastPosition(db), size: rangeSize)
            }
            let found = try await verifyBeside(ranges, witnesses, fingerprints, read)
            return try await self.read { [key, keeper] db in
                var verification = Verification(
                    db: db,
                    key: key,
                    keeper: keeper,
                    witnesses: witnesses,
                    fingerprints: fingerprints
                )
                try verification.run(joining: found, progress: read.add)
                return verification.report
            }
        } catch LedgerError.damaged {
            return try await damage()
        } catch {
            throw LedgerError(error)
        }
    }

    /// What is found in a file that cannot be read to its end.
    private func damage() async throws(LedgerError) -> VerificationReport {
        var report = VerificationReport()
        for check in [FileStructure.faults, FileStructure.indexFaults] {
            do {
                report.problems += try await read(check)
            } catch LedgerError.damaged {
                // Then the other one finds something, or the sentence below has to do.
            } catch {
                throw LedgerError(error)
            }
        }
        report.problems.append(
            "the database file is damaged: events, tree and parts cannot be read to their end"
        )
        return report
    }

    /// Checks the structure of the file and ranges of events, as many at once as there are
    /// processors, and no more than there are readers.
    private func verifyBeside(
        _ ranges: [EventRange],
        _ witnesses: [NoteVerifier],
        _ fingerprints: KeyFingerprints,
        _ read: ReadEvents
    ) async throws -> Verification.Found {
        let width = min(ProcessInfo.processInfo.activeProcessorCount, Self.mostReaders - 1)
        // More than that would push out of memory what was not looked at yet.
        let ahead = Int64(clamping: ProcessInfo.processInfo.physicalMemory / 4)
        var parts: [@Sendable () async throws -> FoundPart] = [
            {
                try await self.read { try ReadAhead.run($0, most: ahead) }
                return .nothing
            },
            { .structure(try await self.read(FileStructure.faults)) },
            { .indexes(try await self.read(FileStructure.indexFaults)) },
            { .eventIndexes(try await self.read(FileStructure.eventIndexes)) },
            { .streams(try await self.read(StreamVerification.findings)) },
        ]
        parts += ranges.map { range in
            { .findings(try await self.findings(in: range, witnesses, fingerprints, read)) }
        }
        return try await withThrowingTaskGroup(of: FoundPart.self) { group in
            var (found, running) = ([FoundPart](), 0)
            for part in parts {
                // The one that reads ahead waits for the disk most of the time, and comes on top.
                if running > width, let part = try await group.next() {
                    found.append(part)
                    running -= 1
                }
                // Of this group: none outlives the verification, and an error of one ends them all.
                group.addTask { try await part() }
                running += 1
            }
            for try await part in group { found.append(part) }
            return FoundPart.joined(found)
        }
    }

    private func findings(
        in range: EventRange,
        _ witnesses: [NoteVerifier],
        _ fingerprints: KeyFingerprints,
        _ read: ReadEvents
    ) async throws -> EventVerification.Findings? {
        try await self.read { [key, keeper] db in
            try Verification(
                db: db,
                key: key,
                keeper: keeper,
                witnesses: witnesses,
                fingerprints: fingerprints
            ).findings(in: range, progress: read.add)
        }
    }
}

/// What one of those found who worked beside each other.
private enum FoundPart: Sendable {
    case nothing
    case structure([String])
    case indexes([String])
    case eventIndexes(FileStructure.EventIndexes)
    case streams(StreamVerification.Findings)
    case findings(EventVerification.Findings?)

    /// What all of them found, in the same order whoever was done first.
    static func joined(_ parts: [Self]) -> Verification.Found {
        var (structure, indexes, found) = ([String](), [String](), Verification.Found())
        for part in parts {
            switch part {
            case .nothing: break
            case .structure(let faults): structure = faults
            case .indexes(let faults): indexes = faults
            case .eventIndexes(let read): found.eventIndexes = read
            case .streams(let read): found.streams = read
            case .findings(let findings): found.findings += findings.map { [$0] } ?? []
            }
        }
        found.faults = structure + indexes
        found.findings.sort { $0.range.after < $1.range.after }
        return found
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
