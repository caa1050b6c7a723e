import Testing

@testable import Ledger

@Suite("A witness policy")
struct WitnessPolicyTests {
    /// A key of a witness, from a seed of one byte.
    private static func witness(_ byte: UInt8) throws -> NoteSigner {
        try NoteSigner(
            name: "witness.example/w\(byte)",
            purpose: .cosignature,
            seed: Array(repeating: byte, count: 32)
        )
    }

    private static func policy(_ rest: String, lineEnd: String = "\n") throws -> WitnessPolicy {
        let keys = try (UInt8(1)...3).map { "witness w\($0) \(try witness($0).verifier.text)" }
        let lines = ["# ours", "", "log \(NoteVectors.logKey)"] + keys + [rest]
        return try WitnessPolicy(parsing: lines.joined(separator: lineEnd))
    }

    @Test("is read with the line ends of any system")
    func lineEnds() throws {
        let policy = try Self.policy("quorum w1\r\n", lineEnd: "\r\n")
        #expect(policy.witnesses.count == 3 && policy.logs.map(\.text) == [NoteVectors.logKey])
        #expect(policy.isMet(by: [try Self.witness(1).verifier]))
        // A comment goes on over what only some programs take for a line end.
        #expect(throws: NoteError.self) { try Self.policy("# see\u{2028}quorum none") }
    }

    static let rows: [(rest: String, seen: [UInt8], isMet: Bool)] = [
        ("quorum none", [], true), ("quorum w1", [1], true), ("quorum w1", [2, 3], false),
        ("group g any w1 w2\nquorum g", [2], true), ("group g any w1 w2\nquorum g", [3], false),
        ("group g all w1 w2\nquorum g", [1, 2], true), ("group g all w1 w2\nquorum g", [1], false),
        ("group g 2 w1 w2 w3\nquorum g", [1, 3], true),
        ("group g 2 w1 w2 w3\nquorum g", [3], false),
        ("group g any w1 w2\ngroup h all g w3\nquorum h\t\n", [2, 3], true),
        ("group g any w1 w2\ngroup h all g w3\nquorum h", [1, 2], false),
    ]

    @Test("is met by the witnesses that its quorum asks for", arguments: rows)
    func quorum(row: (rest: String, seen: [UInt8], isMet: Bool)) throws {
        let policy = try Self.policy(row.rest)
        #expect(policy.witnesses.count == 3 && policy.logs.map(\.text) == [NoteVectors.logKey])
        #expect(policy.isMet(by: try row.seen.map { try Self.witness($0).verifier }) == row.isMet)
    }

    @Test(
        "is refused when a line cannot be understood",
        arguments: [
            "", "quorum w9", "quorum g\ngroup g any w1", "quorum w1\nquorum w2", "quorum",
            "quorum w1 w2", "group none any w1\nquorum none", "group w1 any w2\nquorum w1",
            "group g 0 w1\nquorum g", "group g 3 w1 w2\nquorum g", "group g some w1\nquorum g",
            "group g any\nquorum g", "group g any none\nquorum g", "group g any w1 w1\nquorum g",
            "group g 02 w1 w2\nquorum g", "witness w4 \(NoteVectors.logKey)\nquorum none",
            "log \(NoteVectors.logKey)\nquorum none", "log \(NoteVectors.witnessKey)\nquorum none",
            "log x\nquorum none", "whatever\nquorum none",
        ]
    )
    func malformed(rest: String) {
        #expect(throws: NoteError.self) { try Self.policy(rest) }
    }

    @Test("believes the cosigned vector, and no checkpoint without the cosignature")
    func vector() throws {
        let policy = try WitnessPolicy(
            parsing: """
                log \(NoteVectors.logKey)
                witness w1 \(NoteVectors.witnessKey)
                quorum w1
                """
        )
        func trusted(_ text: String) throws -> TrustedCheckpoint {
            try TrustedCheckpoint(
                SignedNote(parsing: text),
                log: policy.logs[0],
                witnesses: policy.witnesses
            )
        }
        try policy.check(try trusted(NoteVectors.cosigned))
        let plain = try trusted(try #require(NoteVectors.checkpoints[8]))
        #expect(throws: NoteError.tooFewWitnesses([])) { try policy.check(plain) }
    }
}
