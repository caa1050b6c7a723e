/// A 128-bit identifier whose first 48 bits are the time: UUID version 7 of RFC 9562.
public struct EventID: Hashable, Sendable, CustomStringConvertible {
    /// The 16 bytes.
    public let bytes: [UInt8]

    /// Takes 16 bytes, or returns nil for any other number.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Makes an identifier.
    ///
    /// - Parameters:
    ///   - milliseconds: The time since 1970, UTC.
    ///   - random: At least ten random bytes.
    public init(milliseconds: Int64, random: [UInt8]) {
        let time = UInt64(max(0, milliseconds))
        var bytes = (0..<6).map { UInt8(truncatingIfNeeded: time >> (40 - 8 * $0)) }
        bytes += random.prefix(10) + repeatElement(0, count: max(0, 10 - random.count))
        bytes[6] = 0x70 | (bytes[6] & 0x0F)
        bytes[8] = 0x80 | (bytes[8] & 0x3F)
        self.bytes = bytes
    }

    /// The canonical text, `018f…-7…`.
    public var description: String {
        let hex = bytes.hexadecimal
        let cuts = [0, 8, 12, 16, 20, 32].map { hex.index(hex.startIndex, offsetBy: $0) }
        return zip(cuts, cuts.dropFirst()).map { String(hex[$0..<$1]) }.joined(separator: "-")
    }
}

/// What a caller knows of a stream before appending to it.
public enum ExpectedRevision: Hashable, Sendable {
    /// Nothing.
    case any
    /// The stream has no event yet.
    case none
    /// The stream has at least one event.
    case exists
    /// The last event of the stream has this revision; the first one has 1.
    case exactly(Int64)

    /// Whether a stream at a revision, nil for an empty one, is as expected.
    public func allows(_ actual: Int64?) -> Bool {
        switch self {
        case .any: true
        case .none: actual == nil
        case .exists: actual != nil
        case .exactly(let revision): actual == revision
        }
    }
}

/// Personal data that belongs to an event and is kept apart from it, under its subject's key.
public struct PersonalPart: Hashable, Sendable {
    /// The name of the part inside its event, for example `booker`.
    public var name: String
    /// The surrogate of the person it is about.
    public var subject: String
    /// The content.
    public var content: [UInt8]

    /// Creates a part.
    public init(name: String, subject: String, content: [UInt8]) {
        (self.name, self.subject, self.content) = (name, subject, content)
    }
}

/// An event to be appended.
public struct NewEvent: Hashable, Sendable {
    /// Makes a retried append harmless.
    public var id: EventID
    /// What happened, for example `booking.confirmed`.
    public var type: String
    /// The version of the form of `data` and of the parts.
    public var schemaVersion: Int
    /// When it happened in the world: milliseconds since 1970, UTC.
    public var occurred: Int64
    /// What it belongs to, for example an appointment.
    public var correlation: String
    /// The position of the event that led to it.
    public var causation: Int64?
    /// Who did it.
    public var actor: String
    /// JSON without personal data.
    ///
    /// Stored and hashed as it is.
    public var data: [UInt8]
    /// Personal data.
    public var parts: [PersonalPart]

    /// Creates an event.
    public init(
        id: EventID,
        type: String,
        schemaVersion: Int = 1,
        occurred: Int64,
        correlation: String = "",
        causation: Int64? = nil,
        actor: String,
        data: [UInt8],
        parts: [PersonalPart] = []
    ) {
        (self.id, self.type, self.schemaVersion) = (id, type, schemaVersion)
        (self.occurred, self.correlation, self.causation) = (occurred, correlation, causation)
        (self.actor, self.data, self.parts) = (actor, data, parts)
    }
}

/// Events for one stream.
public struct StreamAppend: Hashable, Sendable {
    /// The stream.
    public var stream: String
    /// What the caller knows of the stream.
    public var expected: ExpectedRevision
    /// The events, in order.
    public var events: [NewEvent]

    /// Creates an append.
    public init(
        to stream: String,
        expecting expected: ExpectedRevision = .any,
        _ events: [NewEvent]
    ) {
        (self.stream, self.expected, self.events) = (stream, expected, events)
    }
}

/// Where an event is, and whether this call put it there.
public struct Appended: Hashable, Sendable {
    /// The position.
    public var position: Int64
    /// The revision in its stream.
    public var revision: Int64
    /// False when the event had been recorded before.
    public var isNew: Bool

    /// Creates a result.
    public init(position: Int64, revision: Int64, isNew: Bool) {
        (self.position, self.revision, self.isNew) = (position, revision, isNew)
    }
}

/// What the leaf of an event says of a sealed part; enough to check it, nothing to read.
public struct SealedPartCommitment: Hashable, Sendable {
    /// The name of the part.
    public var name: String
    /// The surrogate of the person it is about.
    public var subject: String
    /// Which of the subject's keys sealed it.
    public var keyRevision: Int
    /// SHA-256 of `key-v1` and the key: AES-GCM alone does not bind a ciphertext to one key.
    public var keyFingerprint: [UInt8]
    /// SHA-256 of nonce, ciphertext and tag.
    public var ciphertextHash: [UInt8]

    /// Creates a commitment.
    public init(
        name: String,
        subject: String,
        keyRevision: Int,
        keyFingerprint: [UInt8],
        ciphertextHash: [UInt8]
    ) {
        (self.name, self.subject, self.keyRevision) = (name, subject, keyRevision)
        (self.keyFingerprint, self.ciphertextHash) = (keyFingerprint, ciphertextHash)
    }
}

/// An event as the ledger has it.
public struct StoredEvent: Hashable, Sendable {
    /// Its place: 1, 2, 3, … without gaps.
    public var position: Int64
    /// Its identifier.
    public var id: EventID
    /// Its stream.
    public var stream: String
    /// Its place in the stream, counted from 1.
    public var revision: Int64
    /// What happened.
    public var type: String
    /// The version of the form of `data` and of the parts.
    public var schemaVersion: Int
    /// When it happened: milliseconds since 1970, UTC.
    public var occurred: Int64
    /// When it was recorded: milliseconds since 1970, UTC.
    public var recorded: Int64
    /// What it belongs to.
    public var correlation: String
    /// The position of the event that led to it.
    public var causation: Int64?
    /// Who did it.
    public var actor: String
    /// JSON without personal data.
    public var data: [UInt8]
    /// The commitments to its sealed parts.
    public var commitments: [SealedPartCommitment]
    /// The parts that were opened: none unless asked for, and none of an erased person.
    public var parts: [PersonalPart]
}

extension StoredEvent {
    /// Reads the bytes that are hashed; nil if they are no event's.
    ///
    /// - Parameters:
    ///   - leaf: The bytes.
    ///   - position: Where the event is.
    public init?(leaf: [UInt8], position: Int64) {
        guard let event = Leaf.decode(leaf, position: position) else { return nil }
        self = event
    }
}

extension Sequence<UInt8> {
    /// Two lower-case digits a byte.
    public var hexadecimal: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * underestimatedCount)
        for byte in self {
            digits.append(Self.digit(byte >> 4))
            digits.append(Self.digit(byte & 15))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
