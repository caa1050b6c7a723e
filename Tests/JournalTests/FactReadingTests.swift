import Domain
import TestSupport
import Testing

@testable import Journal
@testable import Ledger

@Suite("Reading a stored fact")
struct FactReadingTests {
    /// What an event is read as: its fact, or why it is not understood.
    private enum Reading: Equatable {
        case fact(BookingFact)
        case unreadable(String)

        init(_ read: () throws -> BookingFact) throws {
            do {
                self = .fact(try read())
            } catch let error as UnreadableFact {
                self = .unreadable(error.reason)
            }
        }
    }

    private func expectSame(_ event: StoredEvent, _ tape: inout JSONTape) throws {
        let type = try #require(FactType(rawValue: event.type))
        let expected = try Reading { try TreeFactReader(event).fact(type) }
        let found = try Reading { try StoredFact.read(EventContent(event), &tape) }
        #expect(found == expected, "\(String(decoding: event.data, as: UTF8.self))")
    }

    @Test(
        "gives the same as by way of a tree, whole or without a person",
        arguments: GoldenFact.all
    )
    func sameAsTree(golden: GoldenFact) throws {
        var tape = JSONTape()
        var event = try StoredFact(golden: golden.fact).event
        event.commitments = event.parts.map { part in
            SealedPartCommitment(
                name: part.name,
                subject: part.subject,
                keyRevision: 1,
                keyFingerprint: [],
                ciphertextHash: []
            )
        }
        try expectSame(event, &tape)
        for place in event.parts.indices {
            var erased = event
            erased.parts.remove(at: place)
            try expectSame(erased, &tape)
            var doubled = event
            doubled.parts.append(event.parts[place])
            doubled.parts[place].content = Array("{}".utf8)
            try expectSame(doubled, &tape)
        }
        for type in FactType.allCases {
            event.type = type.rawValue
            try expectSame(event, &tape)
        }
    }

    @Test("gives the same as by way of a tree, whatever was damaged", arguments: GoldenFact.all)
    func damaged(golden: GoldenFact) throws {
        var generator = SeededGenerator(seed: UInt64(golden.data.utf8.count))
        var tape = JSONTape()
        let event = try StoredFact(golden: golden.fact).event
        for _ in 0..<200 {
            var damaged = event
            if damaged.parts.isEmpty || generator.oneIn(2) {
                Self.damage(&damaged.data, &generator)
            } else {
                let place = generator.number(0...damaged.parts.count - 1)
                Self.damage(&damaged.parts[place].content, &generator)
            }
            try expectSame(damaged, &tape)
        }
    }

    /// Changes a byte, or takes one value of another's place.
    private static func damage(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let place = generator.number(0...bytes.count - 1)
        switch generator.number(0...3) {
        case 0: bytes[place] = generator.any(Array("\"\\{}[]:,0a@ ".utf8) + [0xC3, 0x01])
        case 1: bytes.remove(at: place)
        default:
            let values = [#"null"#, #""x""#, "7", "-1.5", "true", "[]", "{}", #"[{"uid":"y"}]"#]
            guard let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")) else { return }
            let rest = bytes[(colon + 1)...]
            let end = rest.firstIndex { ",}]".utf8.contains($0) } ?? bytes.endIndex
            bytes.replaceSubrange(colon + 1..<end, with: generator.any(values).utf8)
        }
    }
}
