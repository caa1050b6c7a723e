/// The bytes of an event that are hashed, and stored as they were hashed.
///
/// A magic text, then each field as a big-endian 32-bit length and that many bytes, in the order
/// of ``StoredEvent``; integers are big-endian. No two events share an encoding. The columns beside
/// the leaf are copies for look-ups, and verification compares them.
enum Leaf {
    static let magic = Array("daybook-event-1".utf8)

    static func encode(_ event: StoredEvent) -> [UInt8] {
        // Room for the names and numbers, too: growing would copy what is there.
        var writer = FieldWriter(capacity: event.data.count + 512 + 256 * event.commitments.count)
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
        bytes.withUnsafeBytes { LeafView($0)?.event(at: position) }
    }
}

extension LeafView {
    /// A copy of the event, without its sealed parts; nil if its identifier is none.
    func event(at position: Int64) -> StoredEvent? {
        guard let id = EventID(bytes: id) else { return nil }
        return StoredEvent(
            position: position,
            id: id,
            stream: stream.text,
            revision: revision,
            type: type.text,
            schemaVersion: Int(schemaVersion),
            occurred: occurred,
            recorded: recorded,
            correlation: correlation.text,
            causation: causation,
            actor: actor.text,
            data: Array(data),
            commitments: commitments.map(\.commitment),
            parts: []
        )
    }
}

extension CommitmentView {
    /// A copy.
    var commitment: SealedPartCommitment {
        SealedPartCommitment(
            name: name.text,
            subject: subject.text,
            keyRevision: Int(keyRevision),
            keyFingerprint: Array(keyFingerprint),
            ciphertextHash: Array(ciphertextHash)
        )
    }
}

private struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ field: [UInt8]) {
        appendLength(field.count)
        bytes.append(contentsOf: field)
    }

    mutating func append(_ text: String) {
        appendLength(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ number: Int64) {
        appendLength(8)
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func appendLength(_ length: Int) {
        withUnsafeBytes(of: UInt32(length).bigEndian) { bytes.append(contentsOf: $0) }
    }
}
