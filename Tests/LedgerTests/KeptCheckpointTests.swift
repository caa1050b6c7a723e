import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

@Suite("Kept checkpoints")
struct KeptCheckpointTests {
    let temporary: TemporaryLedger
    var ledger: SQLiteLedger { temporary.ledger }

    init() throws { temporary = try TemporaryLedger(isSigned: true) }

    private func keeper() throws -> CheckpointKeeper { try #require(ledger.keeper) }

    /// Appends events and signs after each.
    private func grow(to sizes: Int...) async throws {
        var number = Int(try await ledger.head().position)
        for size in sizes {
            while number < size {
                number += 1
                try await ledger.append([StreamAppend(to: "a", [.sample(number)])])
            }
            try await ledger.makeCheckpoint()
        }
    }

    @Test("name the ledger, its size and its root, and are remembered beside the file")
    func made() async throws {
        try await grow(to: 3)
        let note = try #require(try await ledger.newestCheckpoint())
        let trusted = try keeper().trusted(note)
        let head = try await ledger.head()
        #expect(trusted.checkpoint.origin == (try await ledger.origin()))
        #expect(trusted.checkpoint.size == 3 && trusted.checkpoint.root == head.root)
        #expect(try DurableFile.read(keeper().memory) == note.whole)
        #expect(try await ledger.makeCheckpoint() == note, "nothing new: nothing new is signed")
    }

    @Test("are not made by a ledger without a key")
    func unsigned() async throws {
        let unsigned = try TemporaryLedger()
        #expect(try await unsigned.ledger.makeCheckpoint() == nil)
        #expect(try unsigned.folder.names().allSatisfy { !$0.contains("checkpoint") })
    }

    @Test("leave the private key nowhere in the database")
    func keyIsOutside() async throws {
        try await grow(to: 2)
        try ledger.close()
        let seed = Data(repeating: 0x5E, count: 32)
        for name in try temporary.folder.names() {
            #expect(Data(try temporary.folder.bytes(of: name)).range(of: seed) == nil)
            #expect(!(try temporary.folder.bytes(of: name)).contains(text: "PRIVATE+KEY"))
        }
    }

    /// What another connection has not committed may still be lost, and is not signed.
    @Test("sign nothing that is not durable")
    func durable() async throws {
        try await grow(to: 2)
        #expect(try ledger.synchronousLevel() == 2)
        await #expect(throws: CancellationError.self) {
            try await ledger.write { transaction in
                try transaction.append([.sample(99)], to: "b")
                throw CancellationError()
            }
        }
        let note = try #require(try await ledger.makeCheckpoint())
        #expect(try keeper().trusted(note).checkpoint.size == 2)
        #expect(try await ledger.verify().isSound)
    }

    @Test("are each the beginning of the next, whoever makes them at the same time")
    func concurrent() async throws {
        let other = try temporary.openedAgain()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...40 {
                let ledger = number.isMultiple(of: 2) ? ledger : other.ledger
                group.addTask {
                    try await ledger.append([StreamAppend(to: "s\(number)", [.sample(number)])])
                    try await ledger.makeCheckpoint()
                }
            }
            try await group.waitForAll()
        }
        try await ledger.makeCheckpoint()
        #expect(try await ledger.verify().isSound)
        let remembered = try #require(try keeper().remembered())
        #expect(remembered.checkpoint.size == 40)
        try other.ledger.close()
    }

    // MARK: Proofs

    @Test("prove every event, against every checkpoint that has it")
    func proofs() async throws {
        try await grow(to: 1, 2, 3, 7, 8, 12)
        let log = try keeper().signer.verifier
        for size: Int64 in [1, 2, 3, 7, 8, 12] {
            for position in 1...size {
                let (proof, leaf) = try await ledger.prove(position, size: size)
                let trusted = try ProofFile(parsing: proof.text).verify(leaf: leaf, log: log)
                #expect(trusted.checkpoint.size == UInt64(size))
            }
        }
    }

    @Test("prove that each continues the ones before")
    func consistency() async throws {
        try await ledger.makeCheckpoint()
        try await grow(to: 1, 2, 3, 7, 8, 12)
        let log = try keeper().signer.verifier
        for size: Int64 in [0, 1, 2, 3, 7, 8, 12] {
            let note = try #require(try await ledger.checkpoint(size: size))
            let old = try TrustedCheckpoint(note, log: log)
            let file = try await ledger.consistency(from: size)
            let new = try ConsistencyFile(parsing: file.text).verify(old: old, log: log)
            #expect(new.checkpoint.size == 12)
        }
    }

    @Test("prove nothing past the end", arguments: [-1, 0, 4, 5, Int64.max])
    func beyond(position: Int64) async throws {
        try await grow(to: 3)
        try await ledger.append([StreamAppend(to: "a", [.sample(4)])])
        await #expect(throws: LedgerError.self) { try await ledger.prove(position) }
        await #expect(throws: LedgerError.self) { try await ledger.prove(1, size: position) }
        if position != 0 {
            await #expect(throws: LedgerError.self) {
                try await ledger.consistency(from: position)
            }
        }
    }

    // MARK: Witnesses

    private static let witness = Result {
        try NoteSigner(
            name: "witness.example/w1",
            purpose: .cosignature,
            seed: Array(0x21...0x40)
        )
    }

    @Test("keep the cosignatures of witnesses, and show them again")
    func cosignatures() async throws {
        try await grow(to: 3)
        let witness = try Self.witness.get()
        var note = try #require(try await ledger.newestCheckpoint())
        try note.cosign(witness, at: 1_700_000_000)
        let known = [witness.verifier]
        let (kept, added) = try await ledger.addCosignatures(of: note, witnesses: known)
        #expect(kept == note && added == 1)
        #expect(try await ledger.addCosignatures(of: note, witnesses: known).added == 0)
        #expect(try await ledger.newestCheckpoint() == note)
        #expect(try await ledger.prove(2).proof.checkpoint == note)
        #expect(try keeper().trusted(note, witnesses: known).witnesses.first?.seen == 1_700_000_000)
        #expect(try await ledger.verify(witnesses: known).isSound)
        try await ledger.makeCheckpoint()
        #expect(try DurableFile.read(keeper().memory) == note.whole)
    }

    @Test("keep no cosignature that is not good, of a stranger, or for another checkpoint")
    func badCosignatures() async throws {
        try await grow(to: 3)
        let witness = try Self.witness.get()
        let stranger = try NoteSigner(
            name: "witness.example/w2",
            purpose: .cosignature,
            seed: Array(0x01...0x20)
        )
        var note = try #require(try await ledger.newestCheckpoint())
        try note.cosign(stranger, at: 1)
        await #expect(throws: NoteError.self) {
            try await ledger.addCosignatures(of: note, witnesses: [witness.verifier])
        }
        let line = String(note.whole.split(separator: "\n").last ?? "")
        let forged = try SignedNote(
            parsing: note.whole.replacingOccurrences(
                of: line,
                with: line.replacingOccurrences(of: "w2 ", with: "w1 ")
            )
        )
        await #expect(throws: NoteError.self) {
            try await ledger.addCosignatures(of: forged, witnesses: [witness.verifier])
        }
        let own = try keeper().signer
        var fork = try Checkpoint(origin: own.verifier.name, size: 3, root: .emptyRoot)
            .signed(by: own)
        try fork.cosign(witness, at: 1)
        await #expect(throws: LedgerError.self) {
            try await ledger.addCosignatures(of: fork, witnesses: [witness.verifier])
        }
    }

    // MARK: An older copy

    @Test("let an older copy be noticed, which then appends nothing and signs nothing")
    func olderCopy() async throws {
        try await grow(to: 5)
        let old = temporary.folder.path("old")
        try await ledger.backup(to: old)
        try await grow(to: 8)
        try ledger.close()
        for suffix in ["", "-wal", "-shm"] {
            let path = temporary.path + suffix
            if FileManager.default.fileExists(atPath: path) {
                try FileManager.default.removeItem(atPath: path)
            }
        }
        try FileManager.default.moveItem(atPath: old, toPath: temporary.path)
        let restored = try temporary.openedAgain().ledger
        #expect(restored.setBack?.remembered?.size == 8)
        await #expect(throws: LedgerError.self) {
            try await restored.append([StreamAppend(to: "a", [.sample(9)])])
        }
        await #expect(throws: LedgerError.self) { try await restored.makeCheckpoint() }
        #expect(try await restored.head().position == 5, "it can still be read")
        let problems = try await restored.verify().problems
        #expect(problems.contains { $0.contains("does not continue what was signed") })
        try restored.close()
    }

    @Test("let another history of the same length be noticed")
    func otherHistory() async throws {
        try await grow(to: 3)
        try ledger.close()
        let note = try #require(try DurableFile.read(CheckpointKeeper.memory(of: temporary.path)))
        let keeper = try keeper()
        let forged = try Checkpoint(
            origin: keeper.signer.verifier.name,
            size: 2,
            root: .leaf("other".utf8)
        ).signed(by: keeper.signer)
        let other = try NoteSigner(name: keeper.signer.verifier.name, seed: Array(0..<32))
        let foreign = try Checkpoint(text: forged.text).signed(by: other)
        for text in [
            forged.whole, foreign.whole, note.replacingOccurrences(of: "\n3\n", with: "\n2\n"), "?",
        ] {
            try DurableFile.write(text, to: keeper.memory)
            let opened = try temporary.openedAgain().ledger
            #expect(opened.setBack != nil, "\(text)")
            try opened.close()
        }
    }
}
