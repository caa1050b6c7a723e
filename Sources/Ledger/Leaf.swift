/// The bytes of an event that are hashed, and stored as they were hashed.
///
/// A magic text, then each field as a big-endian 32-bit length and that many bytes, in the order
/// of ``StoredEvent``; integers are big-endian. No two events share an encoding. The columns beside
/// the leaf are copies for look-ups, and verification compares them.
enum Leaf {
    static let magic = Array("daybook-event-1".utf8)

    static func encode(_ event: StoredEvent) -> [UInt8] {
        var writer = FieldWriter()
        writer.append(magic)
        writer.append(event.id.bytes)
        writer.append(event.stream)
        writer.append(event.revision)
        writer.append(event.type)
        writer.append(Int64(event.schemaVersion))
        writer.append(event.occurred)
        writer.append(event.recorded)
        writer.append(event.correlation)
        if let causation = event.causation { writer.append(causation) } else { writer.append([]) }
        writer.append(event.actor)
        writer.append(event.data)
        writer.append(Int64(event.commitments.count))
        for part in event.commitments {
            writer.append(part.name)
            writer.append(part.subject)
            writer.append(Int64(part.keyRevision))
            writer.append(part.keyFingerprint)
            writer.append(part.ciphertextHash)
        }
        return writer.bytes
    }

    /// Reads a leaf; nil if it is not exactly what ``encode(_:)`` writes.
    static func decode(_ bytes: [UInt8], position: Int64) -> StoredEvent? {
        var reader = FieldReader(bytes)
        guard reader.takes(magic), let idBytes = reader.bytes(),
            let id = EventID(bytes: idBytes), let stream = reader.text(),
            let revision = reader.integer(), let type = reader.text(),
            let schemaVersion = reader.integer(), let occurred = reader.integer(),
            let recorded = reader.integer(), let correlation = reader.text(),
            let causation = reader.optionalInteger(),
            let actor = reader.text(), let data = reader.bytes(),
            let commitments = commitments(&reader), reader.isAtEnd
        else { return nil }
        return StoredEvent(
            position: position,
            id: id,
            stream: stream,
            revision: revision,
            type: type,
            schemaVersion: Int(schemaVersion),
            occurred: occurred,
            recorded: recorded,
            correlation: correlation,
            causation: causation,
            actor: actor,
            data: data,
            commitments: commitments,
            parts: []
        )
    }

    private static func commitments(_ reader: inout FieldReader) -> [SealedPartCommitment]? {
        guard let count = reader.integer(), count >= 0, count < 10_000 else { return nil }
        var commitments: [SealedPartCommitment] = []
        for _ in 0..<count {
            guard let name = reader.text(), let subject = reader.text(),
                let revision = reader.integer(), let fingerprint = reader.bytes(),
                let hash = reader.bytes()
            else { return nil }
            commitments.append(
                SealedPartCommitment(
                    name: name,
                    subject: subject,
                    keyRevision: Int(revision),
                    keyFingerprint: fingerprint,
                    ciphertextHash: hash
                )
            )
        }
        return commitments
    }
}

private struct FieldWriter {
    var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(1_024) }

    mutating func append(_ field: [UInt8]) {
        let length = UInt32(field.count)
        for shift in [24, 16, 8, 0] {
            bytes.append(UInt8(truncatingIfNeeded: length >> UInt32(shift)))
        }
        bytes.append(contentsOf: field)
    }

    mutating func append(_ text: String) { append(Array(text.utf8)) }

    mutating func append(_ number: Int64) {
        append((0..<8).map { UInt8(truncatingIfNeeded: number >> Int64(56 - 8 * $0)) })
    }
}

private struct FieldReader {
    private let source: [UInt8]
    private var index = 0

    init(_ source: [UInt8]) { self.source = source }

    var isAtEnd: Bool { index == source.count }

    /// The range of the next field.
    private mutating func field() -> Range<Int>? {
        guard index + 4 <= source.count else { return nil }
        let start = index + 4
        let end = start + Int(Self.integer(source[index..<start]))
        guard end <= source.count else { return nil }
        index = end
        return start..<end
    }

    mutating func bytes() -> [UInt8]? { field().map { Array(source[$0]) } }

    mutating func takes(_ expected: [UInt8]) -> Bool {
        field().map { source[$0].elementsEqual(expected) } ?? false
    }

    mutating func text() -> String? {
        guard let field = field() else { return nil }
        return source.withUnsafeBufferPointer { all in
            String(validating: UnsafeBufferPointer(rebasing: all[field]), as: UTF8.self)
        }
    }

    mutating func integer() -> Int64? {
        guard let field = field(), field.count == 8 else { return nil }
        return Self.integer(source[field])
    }

    /// An integer, or nil where there is none; nil altogether for anything else.
    mutating func optionalInteger() -> Int64?? {
        guard let field = field(), field.isEmpty || field.count == 8 else { return nil }
        return .some(field.isEmpty ? nil : Self.integer(source[field]))
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int64 {
        bytes.reduce(0) { $0 << 8 | Int64($1) }
    }
}
