import Ledger
import Testing

@Suite("A proof file")
struct ProofFileTests {
    let log: NoteVerifier
    let witness: NoteVerifier
    let leaf: [UInt8]

    init() throws {
        log = try NoteVerifier(text: NoteVectors.logKey)
        witness = try NoteVerifier(text: NoteVectors.witnessKey)
        leaf = try #require(unhexed(EightLeafTree.data[5]))
    }

    @Test("proves that an event is in the ledger, to anyone with the key")
    func proves() throws {
        let file = try ProofFile(parsing: NoteVectors.proof)
        #expect(file.text == NoteVectors.proof)
        let trusted = try file.verify(leaf: leaf, log: log, witnesses: [witness])
        #expect(trusted.checkpoint.size == 8)
        #expect(trusted.witnesses.count == 1)
    }

    @Test("keeps what else travels along, without a meaning")
    func extra() throws {
        var file = try ProofFile(parsing: NoteVectors.proof)
        file.extra = Array("anything".utf8)
        let read = try ProofFile(parsing: file.text)
        #expect(read == file)
        #expect(try read.verify(leaf: leaf, log: log).checkpoint.size == 8)
    }

    @Test("proves nothing with any byte changed")
    func changes() {
        let bytes = Array(NoteVectors.proof.utf8)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0x01
            #expect(!isProven(changed), "byte \(place)")
        }
        #expect(isProven(bytes))
    }

    @Test("proves nothing when it was cut off", arguments: Array(stride(from: 0, to: 420, by: 7)))
    func cut(length: Int) {
        #expect(!isProven(Array(NoteVectors.proof.utf8.prefix(length))))
    }

    private func isProven(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        do {
            let file = try ProofFile(parsing: text)
            return try file.verify(leaf: leaf, log: log, witnesses: [witness]).witnesses.count == 1
        } catch {
            return false
        }
    }

    /// Each is a way in which hashes may be wrong; the reference tests have the same.
    static let probes: [(String, @Sendable (inout ProofFile) -> Void)] = [
        ("the event before", { $0.index -= 1 }), ("the event after", { $0.index += 1 }),
        ("an event beyond the end", { $0.index = 8 }),
        ("a hash removed at the front", { $0.path.removeFirst() }),
        ("a hash removed at the end", { $0.path.removeLast() }),
        ("a hash removed in the middle", { $0.path.remove(at: 1) }),
        ("a hash added at the front", { $0.path.insert(.emptyRoot, at: 0) }),
        ("a hash added at the end", { $0.path.append(.emptyRoot) }),
        ("two hashes swapped", { $0.path.swapAt(0, 1) }), ("no hashes", { $0.path = [] }),
        ("a hash replaced", { $0.path[2] = .leaf([1]) }),
    ]

    @Test("proves nothing with", arguments: probes.indices)
    func probe(index: Int) throws {
        let (name, change) = Self.probes[index]
        var file = try ProofFile(parsing: NoteVectors.proof)
        change(&file)
        #expect(throws: NoteError.self, "\(name)") { try file.verify(leaf: leaf, log: log) }
    }

    @Test("says nothing of another event")
    func otherLeaf() throws {
        let file = try ProofFile(parsing: NoteVectors.proof)
        #expect(throws: NoteError.self) { try file.verify(leaf: [0x40], log: log) }
    }

    @Test(
        "is refused in any other form",
        arguments: [
            "c2sp.org/tlog-proof@v2\nindex 5\n\nCP", "index 5\n\nCP",
            "c2sp.org/tlog-proof@v1\n\nCP", "c2sp.org/tlog-proof@v1\nindex -5\n\nCP",
            "c2sp.org/tlog-proof@v1\nindex 05\n\nCP", "c2sp.org/tlog-proof@v1\nindex 5\nAAAA\n\nCP",
            "c2sp.org/tlog-proof@v1\nextra !\nindex 5\n\nCP",
            "c2sp.org/tlog-proof@v1\nindex 5\n"
                + String(
                    repeating: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
                    count: 64
                ) + "\nCP",
            "c2sp.org/tlog-proof@v1\nindex 5\n\n",
        ]
    )
    func malformed(text: String) {
        #expect(throws: NoteError.self) {
            try ProofFile(parsing: text.replacing("CP", with: NoteVectors.cosigned))
        }
    }
}

@Suite("A consistency proof")
struct ConsistencyFileTests {
    let log: NoteVerifier
    let old: TrustedCheckpoint

    init() throws {
        log = try NoteVerifier(text: NoteVectors.logKey)
        let text = try #require(NoteVectors.checkpoints[6])
        old = try TrustedCheckpoint(SignedNote(parsing: text), log: log)
    }

    @Test("shows that the newer ledger begins with the older one")
    func proves() throws {
        let file = try ConsistencyFile(parsing: NoteVectors.consistency)
        #expect(file.text == NoteVectors.consistency)
        #expect(try file.verify(old: old, log: log).checkpoint.size == 8)
    }

    @Test("shows nothing with any byte changed")
    func changes() {
        let bytes = Array(NoteVectors.consistency.utf8)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0x01
            #expect(!isProven(changed), "byte \(place)")
        }
        #expect(isProven(bytes))
    }

    private func isProven(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        do {
            return try ConsistencyFile(parsing: text).verify(old: old, log: log).checkpoint.size
                == 8
        } catch {
            return false
        }
    }

    @Test("shows nothing for another older checkpoint", arguments: [0, 1, 8])
    func otherBeginning(size: Int) throws {
        let file = try ConsistencyFile(parsing: NoteVectors.consistency)
        let text = try #require(NoteVectors.checkpoints[size])
        let other = try TrustedCheckpoint(SignedNote(parsing: text), log: log)
        #expect(throws: NoteError.self) { try file.verify(old: other, log: log) }
    }

    @Test("needs no hash to follow an empty ledger, or the same one")
    func trivial() throws {
        for size in [0, 8] {
            let text = try #require(NoteVectors.checkpoints[size])
            let older = try TrustedCheckpoint(SignedNote(parsing: text), log: log)
            let newer = try SignedNote(parsing: try #require(NoteVectors.checkpoints[8]))
            let file = ConsistencyFile(oldSize: UInt64(size), path: [], checkpoint: newer)
            #expect(try file.verify(old: older, log: log).checkpoint.size == 8)
            let padded = ConsistencyFile(
                oldSize: UInt64(size),
                path: [.emptyRoot],
                checkpoint: newer
            )
            #expect(throws: NoteError.self) { try padded.verify(old: older, log: log) }
        }
    }
}
