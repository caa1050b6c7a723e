import Foundation

/// The fields of a leaf where they lie, without a copy of them.
///
/// Exists only over bytes that ``Leaf/encode(_:)`` writes, and is valid as long as they are.
struct LeafView {
    let id: UnsafeRawBufferPointer
    let stream: UnsafeRawBufferPointer
    let revision: Int64
    let type: UnsafeRawBufferPointer
    let schemaVersion: Int64
    let occurred: Int64
    let recorded: Int64
    let correlation: UnsafeRawBufferPointer
    let causation: Int64?
    let actor: UnsafeRawBufferPointer
    let data: UnsafeRawBufferPointer
    let commitments: [CommitmentView]

    /// Reads a leaf; nil if it is not exactly what ``Leaf/encode(_:)`` writes.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var reader = FieldReader(bytes)
        guard let magic = reader.bytes(), Leaf.magic.withUnsafeBytes({ $0.isEqual(to: magic) }),
            let id = reader.bytes(), id.count == 16, let stream = reader.text(),
            let revision = reader.integer(), let type = reader.text(),
            let schemaVersion = reader.integer(), let occurred = reader.integer(),
            let recorded = reader.integer(), let correlation = reader.text(),
            let causation = reader.optionalInteger(),
            let actor = reader.text(), let data = reader.bytes(),
            let commitments = Self.commitments(&reader), reader.isAtEnd
        else { return nil }
        (self.id, self.stream, self.revision, self.type) = (id, stream, revision, type)
        (self.schemaVersion, self.occurred, self.recorded) = (schemaVersion, occurred, recorded)
        (self.correlation, self.causation, self.actor) = (correlation, causation, actor)
        (self.data, self.commitments) = (data, commitments)
    }

    private static func commitments(_ reader: inout FieldReader) -> [CommitmentView]? {
        guard let count = reader.integer(), count >= 0, count < 10_000 else { return nil }
        var commitments: [CommitmentView] = []
        for _ in 0..<count {
            guard let name = reader.text(), let subject = reader.text(),
                let revision = reader.integer(), let fingerprint = reader.bytes(),
                let hash = reader.bytes()
            else { return nil }
            commitments.append(
                CommitmentView(
                    name: name,
                    subject: subject,
                    keyRevision: revision,
                    keyFingerprint: fingerprint,
                    ciphertextHash: hash
                )
            )
        }
        return commitments
    }
}

/// What a leaf says about a sealed part, where it lies.
struct CommitmentView {
    let name: UnsafeRawBufferPointer
    let subject: UnsafeRawBufferPointer
    let keyRevision: Int64
    let keyFingerprint: UnsafeRawBufferPointer
    let ciphertextHash: UnsafeRawBufferPointer
}

extension UnsafeRawBufferPointer {
    /// Whether these are the same bytes.
    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let mine = baseAddress, let others = other.baseAddress else { return true }
        return memcmp(mine, others, count) == 0
    }

    /// The text that the bytes are, known to be UTF-8.
    var text: String { String(decoding: self, as: UTF8.self) }

    fileprivate var isText: Bool { isASCII || String(validating: self, as: UTF8.self) != nil }

    private var isASCII: Bool {
        var offset = 0
        while offset + 8 <= count {
            let word = loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if word & 0x8080_8080_8080_8080 != 0 { return false }
            offset += 8
        }
        return self[offset...].allSatisfy { $0 < 0x80 }
    }
}

private struct FieldReader {
    private let source: UnsafeRawBufferPointer
    private var index = 0

    init(_ source: UnsafeRawBufferPointer) { self.source = source }

    var isAtEnd: Bool { index == source.count }

    /// The next field, whatever it holds.
    mutating func bytes() -> UnsafeRawBufferPointer? {
        guard source.count - index >= 4 else { return nil }
        let length = source.loadUnaligned(fromByteOffset: index, as: UInt32.self)
        let count = Int(UInt32(bigEndian: length))
        let start = index + 4
        guard source.count - start >= count else { return nil }
        index = start + count
        return UnsafeRawBufferPointer(rebasing: source[start..<index])
    }

    mutating func text() -> UnsafeRawBufferPointer? {
        guard let field = bytes(), field.isText else { return nil }
        return field
    }

    mutating func integer() -> Int64? {
        guard let field = bytes(), field.count == 8 else { return nil }
        return Self.integer(field)
    }

    /// An integer, or nil where there is none; nil altogether for anything else.
    mutating func optionalInteger() -> Int64?? {
        guard let field = bytes(), field.isEmpty || field.count == 8 else { return nil }
        return .some(field.isEmpty ? nil : Self.integer(field))
    }

    private static func integer(_ field: UnsafeRawBufferPointer) -> Int64 {
        Int64(bigEndian: field.loadUnaligned(as: Int64.self))
    }
}
