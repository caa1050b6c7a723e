public import Domain
public import Foundation
import Journal
import Ledger

/// A plan that is written down while it is made, so that its operations are never all in memory.
///
/// They wait in a file without a name until the rest of the plan is known, which stands before them.
/// What comes out is the document of ``Synchronizer/document(of:isRevealed:)``, with an operation on
/// each line.
public final class PlanFile {
    private let journal: Journal
    private let now: Instant
    private let isRevealed: Bool
    private let spool: FileHandle
    private var isEmpty = true
    private var buffer = Data()

    /// How many bytes are kept before they are written, and read at a time.
    private static let piece = 1 << 16

    init(journal: Journal, now: Instant, isRevealed: Bool) throws {
        (self.journal, self.now, self.isRevealed) = (journal, now, isRevealed)
        let name = "daybook-plan-\(UUID().uuidString)"
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else {
            throw LedgerError.unwritable(reason: "'\(path)' cannot be made")
        }
        // Nobody finds it by a name, and it is gone with the process, whatever ends that.
        unlink(path)
        spool = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private var digest: (String) -> ValueDigest {
        { [journal] text in ValueDigest(journal.digest("value|\(text)")) }
    }

    /// Writes an operation down.
    ///
    /// - Throws: An error of Foundation's, as for a full disk.
    public func add(_ operation: PlanOperation) throws {
        if !isEmpty { buffer.append(contentsOf: Array(",\n".utf8)) }
        isEmpty = false
        buffer.append(contentsOf: operation.document(isRevealed, digest).bytes)
        if buffer.count >= Self.piece { try flush() }
    }

    private func flush() throws {
        try spool.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes the plan.
    ///
    /// - Parameters:
    ///   - plan: What is known of it besides its operations.
    ///   - put: Takes the document, piece by piece.
    /// - Throws: What `put` throws, or an error of Foundation's.
    public func write(_ plan: SyncPlan, _ put: (Data) throws -> Void) throws {
        try flush()
        let head = JSON.compact(plan.head(now: now)).text.dropLast()
        let opening = "\(head),\"operations\":["
        // The seal is over the document without spaces, as whoever reads it sees it.
        var sealing = journal.blinder()
        sealing.take(Array("value|\(opening)".utf8))
        try eachPiece { piece in sealing.take(Array(piece).filter { $0 != Self.newline }) }
        sealing.take(Array("]}".utf8))
        let seal = ValueDigest(sealing.result).hexadecimal
        try put(Data("{\"id\":\"\(seal)\",\(opening.dropFirst())\n".utf8))
        try eachPiece(put)
        try put(Data("\n]}\n".utf8))
    }

    /// Between operations; inside of one it is always escaped.
    private static let newline = UInt8(ascii: "\n")

    private func eachPiece(_ body: (Data) throws -> Void) throws {
        try spool.seek(toOffset: 0)
        while let piece = try spool.read(upToCount: Self.piece), !piece.isEmpty { try body(piece) }
    }
}

extension Synchronizer {
    /// A plan to be written down while ``replay(_:keepsAll:each:)`` makes it.
    ///
    /// - Parameter isRevealed: Whether values that come from people are shown.
    /// - Returns: An empty file, to which operations are added.
    /// - Throws: ``LedgerError/unwritable(reason:)``.
    public func planFile(isRevealed: Bool) throws -> PlanFile {
        try PlanFile(journal: journal, now: now(), isRevealed: isRevealed)
    }
}
