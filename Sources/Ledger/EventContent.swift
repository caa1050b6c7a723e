public import Foundation

/// What an event says, with its parts opened, and nothing of how it is kept: what a replay needs of a
/// million events, each of which takes longer to copy whole than to open.
public struct EventContent: Hashable, Sendable {
    /// A part that was opened.
    public struct Part: Hashable, Sendable {
        /// The name of the part inside its event.
        public var name: String
        /// The surrogate of the person it is about.
        public var subject: String
        /// The content.
        public var content: Data
    }

    /// Its place: 1, 2, 3, … without gaps.
    public var position: Int64
    /// What happened.
    public var type: String
    /// The version of the form of `data` and of the parts.
    public var schemaVersion: Int
    /// When it happened: milliseconds since 1970, UTC.
    public var occurred: Int64
    /// When it was recorded: milliseconds since 1970, UTC.
    public var recorded: Int64
    /// JSON without personal data.
    public var data: [UInt8]
    /// The parts, in the order of the event's commitments.
    public var parts: [Part]
    /// The names of the parts that the event commits to, and that were not opened: they are gone, or
    /// no key was given.
    public var missing: [String]

    init(_ leaf: LeafView, position: Int64) {
        self.position = position
        type = leaf.type.text
        schemaVersion = Int(leaf.schemaVersion)
        (occurred, recorded) = (leaf.occurred, leaf.recorded)
        data = Array(leaf.data)
        (parts, missing) = ([], [])
    }

    /// Takes what an event says from the whole event.
    public init(_ event: StoredEvent) {
        position = event.position
        type = event.type
        schemaVersion = event.schemaVersion
        (occurred, recorded) = (event.occurred, event.recorded)
        data = event.data
        parts = event.parts.map { part in
            Part(name: part.name, subject: part.subject, content: Data(part.content))
        }
        let known = Set(parts.map(\.name))
        missing = event.commitments.map(\.name).filter { !known.contains($0) }
    }
}
