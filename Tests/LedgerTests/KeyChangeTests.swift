import GRDB
import TestSupport
import Testing

@testable import Ledger

/// One key signs, then two, then the other one.
@Suite("A change of the signing key")
struct KeyChangeTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path("daybook.sqlite") }

    init() throws { folder = try TemporaryFolder() }

    private static func signer(_ origin: String, _ byte: UInt8) throws -> NoteSigner {
        try NoteSigner(name: origin, seed: Array(repeating: byte, count: 32))
    }

    /// Opens the ledger with the keys of some seeds: the first signs, the others, too, or no more.
    private func ledger(
        _ byte: UInt8,
        alongside: [UInt8] = [],
        earlier: [UInt8] = []
    ) throws -> SQLiteLedger {
        try SQLiteLedger(
            path: path,
            key: .test,
            environment: .test(clock: ManualClock(), seed: .random(in: 0 ... .max)),
            keeper: { origin, _ in
                CheckpointKeeper(
                    signer: try Self.signer(origin, byte),
                    alongside: try alongside.map { try Self.signer(origin, $0) },
                    earlier: try earlier.map { try Self.signer(origin, $0).verifier },
                    path: path
                )
            }
        )
    }

    private func grow(_ ledger: SQLiteLedger, _ number: Int) async throws -> SignedNote {
        try await ledger.append([StreamAppend(to: "a", [.sample(number)])])
        return try #require(try await ledger.makeCheckpoint())
    }

    /// Goes through the whole change; returns the public keys, and a checkpoint of each time.
    private func change() async throws -> (
        keys: [NoteVerifier], before: SignedNote, between: SignedNote, last: SignedNote,
        after: SignedNote
    ) {
        let first = try ledger(1)
        let before = try await grow(first, 1)
        let origin = try await first.origin()
        let keys = try [Self.signer(origin, 1).verifier, Self.signer(origin, 2).verifier]
        try await first.add(key: keys[1])
        try first.close()
        let both = try ledger(2, alongside: [1])
        let between = try await grow(both, 2)
        let last = try await both.retireKeys().last
        try both.close()
        let second = try ledger(2, earlier: [1])
        let after = try await grow(second, 3)
        let report = try await second.verify()
        #expect(report.isSound, "\(report.problems)")
        try second.close()
        return (keys, before, between, last, after)
    }

    @Test("has both keys sign for a while, and leaves what was signed to the key that signed it")
    func overlap() async throws {
        let (keys, before, between, last, after) = try await change()
        let signed = [(before, [0]), (between, [0, 1]), (last, [0, 1]), (after, [1])]
        for (note, own) in signed {
            for (place, key) in keys.enumerated() {
                if own.contains(place) {
                    _ = try TrustedCheckpoint(note, log: key)
                } else {
                    #expect(throws: NoteError.unsigned(expected: key.name)) {
                        try TrustedCheckpoint(note, log: key)
                    }
                }
            }
        }
        let ledger = try ledger(2, earlier: [1])
        let proof = try await ledger.prove(1, size: Int64(Checkpoint(text: before.text).size))
        _ = try proof.proof.verify(leaf: proof.leaf, log: keys[0])
        let steps = try await ledger.read { try KeyChange.all($0) }.map(\.change)
        #expect(steps.map(\.step) == [.added, .retired])
        #expect(steps.map(\.key) == [keys[1].text, keys[0].text])
        try ledger.close()
    }

    @Test("lets a retired key sign nothing more, in no process that still has it alone")
    func retired() async throws {
        _ = try await change()
        let old = try ledger(1, earlier: [2])
        try await old.append([StreamAppend(to: "a", [.sample(9)])])
        await #expect(throws: LedgerError.self) { try await old.makeCheckpoint() }
        try old.close()
    }

    @Test("lets a later checkpoint of the retired key alone be found")
    func forged() async throws {
        _ = try await change()
        let ledger = try ledger(2, earlier: [1])
        try await ledger.append([StreamAppend(to: "a", [.sample(9)])])
        let (head, origin) = (try await ledger.head(), try await ledger.origin())
        let forged = try Checkpoint(origin: origin, size: UInt64(head.position), root: head.root)
            .signed(by: Self.signer(origin, 1))
        try await ledger.write { transaction in
            try transaction.db.execute(
                sql: "INSERT INTO checkpoint (size, note, created) VALUES (?, ?, 0)",
                arguments: [head.position, forged.whole]
            )
        }
        let problems = try await ledger.verify().problems
        #expect(problems.contains { $0.contains("retired") }, "\(problems)")
        try ledger.close()
    }

    @Test("finds any changed byte in a checkpoint that both keys signed")
    func everyByte() async throws {
        let (_, _, between, _, _) = try await change()
        let ledger = try ledger(2, earlier: [1])
        let keeper = try #require(ledger.keeper)
        let bytes = Array(between.whole.utf8)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= UInt8(1 << (place % 8))
            guard let text = String(validating: changed, as: UTF8.self) else { continue }
            #expect(!Self.isOurs(text, keeper), "byte \(place)")
        }
        #expect(Self.isOurs(between.whole, keeper), "the control")
        try ledger.close()
    }

    private static func isOurs(_ text: String, _ keeper: CheckpointKeeper) -> Bool {
        do {
            let note = try SignedNote(parsing: text)
            let keys = Set(try keeper.trusted(note).keys)
            return note.whole == text && note.signatures.count == keys.count
        } catch {
            return false
        }
    }
}
