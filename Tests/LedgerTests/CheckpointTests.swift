import Ledger
import Testing

@Suite("A checkpoint")
struct CheckpointTests {
    let log: NoteVerifier
    let witness: NoteVerifier

    init() throws {
        log = try NoteVerifier(text: NoteVectors.logKey)
        witness = try NoteVerifier(text: NoteVectors.witnessKey)
    }

    @Test("says how large the log was, and its root", arguments: [0, 1, 6, 8])
    func reads(size: Int) throws {
        let text = try #require(NoteVectors.checkpoints[size])
        let trusted = try TrustedCheckpoint(SignedNote(parsing: text), log: log)
        #expect(trusted.checkpoint.size == UInt64(size))
        #expect(trusted.checkpoint.root == TreeHash(EightLeafTree.roots[size]))
        #expect(trusted.checkpoint.origin == "ledger.example/acme")
        #expect(trusted.note.whole == text)
        #expect(trusted.witnesses.isEmpty)
    }

    @Test("is verified after it was signed here")
    func signs() throws {
        let signer = try NoteSigner(text: NoteVectors.logSecret)
        let checkpoint = Checkpoint(
            origin: "ledger.example/acme",
            size: 3,
            root: TreeHash(EightLeafTree.roots[3])
        )
        let note = try checkpoint.signed(by: signer)
        let read = try SignedNote(parsing: note.whole)
        #expect(try TrustedCheckpoint(read, log: log).checkpoint == checkpoint)
    }

    @Test("counts a witness who saw it, with the time")
    func cosigned() throws {
        let note = try SignedNote(parsing: NoteVectors.cosigned)
        let trusted = try TrustedCheckpoint(note, log: log, witnesses: [witness])
        #expect(trusted.witnesses.map(\.verifier) == [witness])
        #expect(trusted.witnesses.first?.seen == 1_700_000_000)
        #expect(try TrustedCheckpoint(note, log: log).witnesses.isEmpty)
    }

    @Test("takes a witness's signature from another copy, once")
    func merges() throws {
        let bare = try #require(NoteVectors.checkpoints[8])
        var note = try SignedNote(parsing: bare)
        let copy = try SignedNote(parsing: NoteVectors.cosigned)
        try note.merge(copy)
        try note.merge(copy)
        #expect(note.whole == NoteVectors.cosigned)
        let other = try SignedNote(parsing: try #require(NoteVectors.checkpoints[6]))
        #expect(throws: NoteError.self) { try note.merge(other) }
    }

    @Test("is cosigned so that the signature is verified")
    func cosigns() throws {
        let signer = try NoteSigner(
            name: "witness.example/w1",
            purpose: .cosignature,
            seed: NoteVectors.witnessSeed
        )
        #expect(signer.verifier == witness)
        var note = try SignedNote(parsing: try #require(NoteVectors.checkpoints[8]))
        try note.cosign(signer, at: 1_700_000_123)
        let trusted = try TrustedCheckpoint(note, log: log, witnesses: [witness])
        #expect(trusted.witnesses.first?.seen == 1_700_000_123)
    }

    @Test(
        "comes from a name that others can tell from the rest of a line",
        arguments: ["l+x", "l x", "l+\u{301}x", "l\u{600} x", "l \u{301}x", ""]
    )
    func names(name: String) {
        #expect(throws: NoteError.self) {
            try NoteSigner(name: name, seed: NoteVectors.witnessSeed)
        }
    }

    @Test("is not accepted from another log, unsigned, or with a bad cosignature")
    func refused() throws {
        let stranger = try NoteSigner(name: "other.example", seed: NoteVectors.witnessSeed)
        let note = try SignedNote(parsing: NoteVectors.cosigned)
        #expect(
            throws: NoteError.otherOrigin(
                expected: "other.example",
                found: "ledger.example/acme"
            )
        ) { try TrustedCheckpoint(note, log: stranger.verifier) }

        let impostor = try NoteSigner(name: log.name, seed: NoteVectors.witnessSeed)
        #expect(throws: NoteError.unsigned(expected: log.name)) {
            try TrustedCheckpoint(note, log: impostor.verifier)
        }
        let laterTime = NoteVectors.cosigned.replacing("e+3p3wAAAABl", with: "e+3p3wAAAABm")
        #expect(throws: NoteError.badSignature(by: witness.name)) {
            try TrustedCheckpoint(
                SignedNote(parsing: laterTime),
                log: log,
                witnesses: [witness]
            )
        }
        let foreign = Checkpoint(origin: "else", size: 0, root: .emptyRoot)
        #expect(throws: NoteError.self) { try foreign.signed(by: stranger) }
    }

    @Test(
        "is refused in any other form",
        arguments: [
            "", "o\n", "o\n1\n", "o\n1\n\n", "o\n01\nROOT\n", "o\n-1\nROOT\n", "o\n+1\nROOT\n",
            "o\n9223372036854775808\nROOT\n", "o\n1\nROOT", "\n1\nROOT\n", "o\n1\nAAAA\n",
            "o\n1\nROOT\n\n", "o\n\u{661}\nROOT\n",
        ]
    )
    func malformed(text: String) {
        let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        #expect(throws: NoteError.self) {
            try Checkpoint(text: text.replacing("ROOT", with: root))
        }
    }

    @Test("may have further lines")
    func extensions() throws {
        let text = "o\n9223372036854775807\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n"
        let checkpoint = try Checkpoint(text: text)
        #expect(checkpoint.extensions == ["more"])
        #expect(checkpoint.text == text)
    }
}
