import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

@Suite("Leaf")
struct LeafTests {
    static let event = StoredEvent(
        position: 7,
        id: NewEvent.sample(1).id,
        stream: "booking-a",
        revision: 3,
        type: "booking.confirmed",
        schemaVersion: 1,
        occurred: 1_793_714_400_000,
        recorded: 1_793_714_400_001,
        correlation: "a",
        causation: 5,
        actor: "calcom",
        data: Array(#"{"uid":"a"}"#.utf8),
        commitments: [
            SealedPartCommitment(
                name: "party-0",
                subject: "p1",
                keyRevision: 1,
                keyFingerprint: Array(repeating: 1, count: 32),
                ciphertextHash: Array(repeating: 2, count: 32)
            )
        ],
        parts: []
    )

    /// Leaves in the field are hashed in this form: it never changes.
    @Test("has the form in which leaves were hashed from the first version on")
    func golden() {
        var plain = Self.event
        (plain.causation, plain.commitments) = (nil, [])
        let fields = [
            "0000000f" + Array("daybook-event-1".utf8).hexadecimal,
            "00000010" + plain.id.bytes.hexadecimal,
            "00000009" + Array("booking-a".utf8).hexadecimal,
            "00000008" + "0000000000000003",
            "00000011" + Array("booking.confirmed".utf8).hexadecimal,
            "00000008" + "0000000000000001",
            "00000008" + "000001a1a1b5ab00",
            "00000008" + "000001a1a1b5ab01",
            "00000001" + "61",
            "00000000",
            "00000006" + Array("calcom".utf8).hexadecimal,
            "0000000b" + Array(#"{"uid":"a"}"#.utf8).hexadecimal,
            "00000008" + "0000000000000000",
        ]
        #expect(Leaf.encode(plain).hexadecimal == fields.joined())
    }

    @Test("is read as it was written")
    func roundTrip() {
        #expect(Leaf.decode(Leaf.encode(Self.event), position: 7) == Self.event)
        var other = Self.event
        (other.causation, other.commitments, other.data) = (nil, [], [])
        (other.occurred, other.recorded, other.correlation) = (-1, .min, "")
        #expect(Leaf.decode(Leaf.encode(other), position: 7) == other)
    }

    @Test("is not read when a byte is missing or one too many")
    func exactLength() {
        let leaf = Leaf.encode(Self.event)
        for length in leaf.indices {
            #expect(Leaf.decode(Array(leaf.prefix(length)), position: 7) == nil)
        }
        #expect(Leaf.decode(leaf + [0], position: 7) == nil)
    }

    @Test("is not read when the cause has another length than a number", arguments: [1, 7, 9])
    func causeOfAnotherLength(length: UInt8) throws {
        let leaf = Leaf.encode(Self.event)
        let before: [UInt8] = [0, 0, 0, 1, UInt8(ascii: "a")]
        let place = try #require(leaf.firstRange(of: before + [0, 0, 0, 8])).lowerBound
        let rest = place + before.count
        let cause = [0, 0, 0, length] + Array(repeating: 0, count: Int(length))
        let changed = leaf[..<rest] + cause + leaf[(rest + 12)...]
        #expect(Leaf.decode(Array(changed), position: 7) == nil)
    }

    @Test("of an event that differs is another", arguments: 1...40)
    func injective(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let leaf = Leaf.encode(Self.event)
        var other = leaf
        let place = Int.random(in: leaf.indices, using: &generator)
        other[place] ^= UInt8.random(in: 1...255, using: &generator)
        // What is still a leaf is the leaf of another event, and is written as it was read.
        if let event = Leaf.decode(other, position: 7) {
            #expect(event != Self.event)
            #expect(Leaf.encode(event) == other)
        }
    }

    @Test("is not mistaken when a letter moves from one field to the next")
    func ambiguity() {
        var left = Self.event
        var right = Self.event
        (left.correlation, left.causation, left.actor) = ("ab", nil, "c")
        (right.correlation, right.causation, right.actor) = ("a", nil, "bc")
        #expect(Leaf.encode(left) != Leaf.encode(right))
    }

    @Test("out of random bytes is none, and no crash", arguments: 1...50)
    func fuzz(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 0...400, using: &generator)
        #expect(Leaf.decode(generator.bytes(count), position: 1) == nil)
        let magic = [0, 0, 0, 15] + Leaf.magic
        #expect(Leaf.decode(magic + generator.bytes(count), position: 1) == nil)
    }
}

@Suite("Event id")
struct EventIDTests {
    /// Layout and example time: RFC 9562, appendix A.6.
    @Test("is a UUID of version 7")
    func layout() {
        let random: [UInt8] = [0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F]
        let id = EventID(milliseconds: 1_645_557_742_000, random: random)
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    }

    @Test("sets version and variant whatever the random bytes are", arguments: [0x00, 0xFF])
    func marks(byte: UInt8) {
        let id = EventID(milliseconds: 0, random: Array(repeating: byte, count: 10))
        #expect(id.bytes[6] >> 4 == 7)
        #expect(id.bytes[8] >> 6 == 2)
        #expect(id.bytes.prefix(6).allSatisfy { $0 == 0 })
    }

    @Test("orders by time")
    func order() {
        let ids = [0, 1, 255, 256, 1_793_714_400_000, 1 << 47].map {
            EventID(milliseconds: $0, random: Array(repeating: 0, count: 10)).description
        }
        #expect(ids == ids.sorted())
    }

    @Test("takes 16 bytes and no other", arguments: [0, 15, 16, 17])
    func length(count: Int) {
        #expect((EventID(bytes: Array(repeating: 1, count: count)) != nil) == (count == 16))
    }
}

@Suite("Ledger errors")
struct LedgerErrorTests {
    @Test("say what happened and what to do, and name no personal data")
    func descriptions() {
        let id = NewEvent.sample(1).id
        let rows: [(LedgerError, [String])] = [
            (.conflict(stream: "a", expected: .none, actual: 3), ["'a'", "3", "read again"]),
            (.conflict(stream: "a", expected: .exists, actual: nil), ["none"]),
            (.identifierReused(id, recordedAt: 7), [id.description, "7", "id of its own"]),
            (.unreadable(position: 7, reason: "r"), ["7", "r", "ledger verify"]),
            (.newerFormat(found: "m"), ["'m'", "Install"]),
            (.key(reason: "r"), ["key", "r"]),
            (.unwritable(reason: "the disk is full"), ["the disk is full", "Free some space"]),
            (.taken(path: "p", remedy: "Move it."), ["'p' is there already", "Move it."]),
            (.noLedger, ["DAYBOOK_LEDGER", "ledger restore"]),
            (.unsoundBackup(problem: "r"), ["not put in place: r. Take another backup"]),
            (.unsoundCopy(problem: "r"), ["not kept: r. Run 'daybook ledger verify'"]),
            (.storage(POSIXError(.EIO)), ["Try again", "ledger verify"]),
        ]
        for (error, words) in rows {
            for word in words { #expect(error.description.contains(word), "\(error)") }
        }
    }

    @Test("show nothing of the SQL that failed")
    func noSQL() {
        let failure = DatabaseError(message: "no such table: event", sql: "SELECT leaf FROM event")
        let words = LedgerError.storage(failure).description
        #expect(words.contains("no such table: event"))
        #expect(!words.contains("SELECT"))
    }
}
