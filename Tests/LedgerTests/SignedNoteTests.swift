import Ledger
import Testing

@Suite("A signed note")
struct SignedNoteTests {
    @Test("is verified with the key of its signer", arguments: NoteVectors.examples)
    func verifies(example: NoteVectors.Example) throws {
        let key = try NoteVerifier(text: example.key)
        #expect(key.text == example.key)
        let note = try SignedNote(parsing: example.whole)
        #expect(note.text == example.text)
        #expect(note.whole == example.whole)
        #expect(try note.verified(by: [key]).map(\.verifier) == [key])
    }

    @Test("is not accepted with one changed byte", arguments: NoteVectors.examples)
    func changes(example: NoteVectors.Example) throws {
        let key = try NoteVerifier(text: example.key)
        let bytes = Array(example.whole.utf8)
        for place in bytes.indices {
            for bit in [UInt8(0x01), 0x20] {
                var changed = bytes
                changed[place] ^= bit
                #expect(!Self.isAccepted(changed, by: key), "byte \(place)")
            }
        }
        #expect(Self.isAccepted(bytes, by: key))
    }

    private static func isAccepted(_ bytes: [UInt8], by key: NoteVerifier) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        do {
            return try !SignedNote(parsing: text).verified(by: [key]).isEmpty
        } catch {
            return false
        }
    }

    @Test("passes over signatures of unknown keys, and stumbles over a bad one of a known key")
    func unknownAndBad() throws {
        let (first, second) = (NoteVectors.examples[1], NoteVectors.examples[2])
        let both = try SignedNote(parsing: first.text + "\n\(first.line)\n\(second.line)\n")
        let (peter, enoch) = (try NoteVerifier(text: first.key), try NoteVerifier(text: second.key))
        #expect(try both.verified(by: [peter]).map(\.verifier) == [peter])
        #expect(try both.verified(by: [enoch, peter]).map(\.verifier) == [peter, enoch])
        #expect(try both.verified(by: []).isEmpty)

        let forged = try SignedNote(parsing: "Another text.\n\n\(first.line)\n\(second.line)\n")
        #expect(throws: NoteError.badSignature(by: "EnochRoot")) {
            try forged.verified(by: [enoch])
        }
    }

    @Test("is split at its last empty line")
    func lastGap() throws {
        let signer = try NoteSigner(text: NoteVectors.logSecret)
        let note = try SignedNote("one\n\ntwo\n", signer: signer)
        let read = try SignedNote(parsing: note.whole)
        #expect(read.text == "one\n\ntwo\n")
        #expect(try read.verified(by: [signer.verifier]).count == 1)
    }

    @Test(
        "is refused in any other form",
        arguments: [
            "", "text\n", "text\n\n", "text\n\nno signature\n", "text\n\n— name\n",
            "text\n\n— name !!!!\n", "text\n\n— name AAAA\n", "text\n\n— a+b AAAAAAAA\n",
            "te\u{7}xt\n\n— name AAAAAAAA\n", "text\r\n\r\n— name AAAAAAAA\r\n",
            "text\n\n— name AAAAAAAA", "text\n\n— name AAAAAAAA\n\n",
            "text\n\n" + String(repeating: "— name AAAAAAAA\n", count: 101),
        ]
    )
    func malformed(text: String) {
        #expect {
            try SignedNote(parsing: text)
        } throws: { error in
            guard case .malformed? = error as? NoteError else { return false }
            return true
        }
    }

    @Test("may have many signatures")
    func many() throws {
        let lines = String(repeating: "— name AAAAAAAA\n", count: 100)
        #expect(try SignedNote(parsing: "text\n\n" + lines).signatures.count == 100)
    }
}

@Suite("A key for notes")
struct NoteKeyTests {
    @Test("keeps its text, the secret one too")
    func texts() throws {
        let signer = try NoteSigner(text: NoteVectors.logSecret)
        #expect(signer.text == NoteVectors.logSecret)
        #expect(signer.verifier.text == NoteVectors.logKey)
        #expect(!"\(signer)".contains("AQECAw"))
        var dumped = ""
        dump(signer, to: &dumped)
        #expect(!dumped.contains("18"))
    }

    @Test(
        "is refused when a character was lost or changed",
        arguments: [
            "", "name", "name+00000000", "name+00000000+AAAA", "+cc5d0471+AXm1",
            String(NoteVectors.logKey.dropLast()), NoteVectors.logKey + "=",
            NoteVectors.logKey.replacing("cc5d", with: "cc5e"),
            NoteVectors.logKey.replacing("acme", with: "acne"),
            NoteVectors.logKey.replacing("+AX", with: "+CX"), NoteVectors.logSecret,
        ]
    )
    func refused(text: String) {
        #expect(throws: NoteError.self) { try NoteVerifier(text: text) }
    }

    @Test("of a witness does not sign notes, nor a log's key cosign them")
    func purposes() throws {
        let log = try NoteSigner(text: NoteVectors.logSecret)
        var note = try SignedNote("text\n", signer: log)
        #expect(throws: NoteError.self) { try note.cosign(log, at: 1) }
        #expect(note.signatures.count == 1)
    }
}
