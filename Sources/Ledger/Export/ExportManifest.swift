import Foundation

/// An event as a line of an export.
///
/// What people read stands beside the bytes that were hashed, and has to follow from them: whoever
/// verifies a line makes it anew from the bytes and compares.
enum ExportLine {
    /// The line, with its end; nil for bytes that are no event.
    static func text(leaf: [UInt8], position: Int64) -> String? {
        guard let event = Leaf.decode(leaf, position: position) else { return nil }
        let sealed = event.commitments.map { part in
            """
            {"part":\(JSONText.quoted(part.name)),"person":\(JSONText.quoted(part.subject)),\
            "keyRevision":\(part.keyRevision),"key":"\(part.keyFingerprint.hexadecimal)",\
            "ciphertext":"\(part.ciphertextHash.hexadecimal)"}
            """
        }
        return """
            {"position":\(position),"id":"\(event.id)","stream":\(JSONText.quoted(event.stream)),\
            "revision":\(event.revision),"type":\(JSONText.quoted(event.type)),\
            "schemaVersion":\(event.schemaVersion),"occurred":\(event.occurred),\
            "recorded":\(event.recorded),"correlation":\(JSONText.quoted(event.correlation)),\
            "causation":\(event.causation.map(String.init) ?? "null"),\
            "actor":\(JSONText.quoted(event.actor)),"data":\(data(event)),\
            "sealed":[\(sealed.joined(separator: ","))],\
            "leaf":"\(Data(leaf).base64EncodedString())"}

            """
    }

    /// The data as it was hashed; anything that is not one line of JSON stands in the leaf alone.
    private static func data(_ event: StoredEvent) -> String {
        guard !event.data.contains(0x0A), let text = String(validating: event.data, as: UTF8.self)
        else { return "null" }
        do {
            _ = try JSONSerialization.jsonObject(with: Data(event.data), options: .fragmentsAllowed)
            return text
        } catch {
            return "null"
        }
    }
}

/// What an export says of itself.
public struct ExportManifest: Hashable, Sendable {
    /// The name of the form.
    static let format = "daybook-export@v1"

    /// The name of the ledger.
    public var origin: String
    /// The first position that could be in it.
    public var from: Int64
    /// The last position that could be in it.
    public var to: Int64
    /// Whether every event of the range is in it.
    public var isComplete: Bool
    /// How many events are in it.
    public var events: Int
    /// SHA-256 of `events.ndjson`, in hexadecimal.
    public var sha256: String
    /// How many events the checkpoint is over.
    public var size: Int64
    /// The root of the checkpoint, in hexadecimal.
    public var root: String

    /// The file.
    var text: String {
        """
        {
          "format": "\(Self.format)",
          "origin": \(JSONText.quoted(origin)),
          "from": \(from),
          "to": \(to),
          "complete": \(isComplete),
          "events": \(events),
          "sha256": "\(sha256)",
          "size": \(size),
          "root": "\(root)"
        }

        """
    }

    init(
        origin: String,
        from: Int64,
        to: Int64,
        isComplete: Bool,
        events: Int,
        sha256: String,
        size: Int64,
        root: String
    ) {
        (self.origin, self.from, self.to, self.isComplete) = (origin, from, to, isComplete)
        (self.events, self.sha256, self.size, self.root) = (events, sha256, size, root)
    }

    /// Reads the file; nil if it is not exactly what is written.
    init?(_ text: String) {
        guard let members = Self.members(text), let origin = members["origin"] as? String,
            let from = members["from"] as? Int, let to = members["to"] as? Int,
            let isComplete = members["complete"] as? Bool, let events = members["events"] as? Int,
            let sha256 = members["sha256"] as? String, let size = members["size"] as? Int,
            let root = members["root"] as? String
        else { return nil }
        self.init(
            origin: origin,
            from: Int64(from),
            to: Int64(to),
            isComplete: isComplete,
            events: events,
            sha256: sha256,
            size: Int64(size),
            root: root
        )
        guard self.text == text else { return nil }
    }

    private static func members(_ text: String) -> [String: Any]? {
        do {
            return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        } catch {
            // Not being JSON is the answer to the question.
            return nil
        }
    }
}
