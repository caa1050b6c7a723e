import Foundation

/// Where a sealed part is.
public struct PartPlace: Hashable, Sendable {
    /// The position of its event.
    public var position: Int64
    /// Its name inside the event.
    public var part: String

    /// Names a place.
    public init(_ position: Int64, _ part: String) { (self.position, self.part) = (position, part) }
}

/// The event that says that a person was erased, in its stored form.
///
/// From it on nothing is sealed for the person, and whatever was sealed before is gone. The
/// commitments to what is gone stay in the leaves, so that every proof goes on to verify.
///
/// Source: `facts/ledger-and-reconciliation.md` 4.8, rules 4 and 5.
public struct ErasureFence: Hashable, Sendable {
    /// The type of the event.
    public static let type = "person.erased"

    /// The surrogate of the person.
    public var subject: String
    /// The newest of the person's keys; 0 if there never was one.
    public var revision: Int
    /// The fingerprints of the person's keys, in hexadecimal.
    public var keys: [String]
    /// How many sealed parts about the person are gone.
    public var parts: Int
    /// The parts about other people that named the person, and were sealed anew without that.
    public var redacted: [PartPlace]
    /// How many kept deliveries lost their body.
    public var deliveries: Int

    /// The stored form.
    var data: [UInt8] {
        let places = redacted.map {
            #"{"position":\#($0.position),"part":\#(JSONText.quoted($0.part))}"#
        }
        return Array(
            """
            {"person":\(JSONText.quoted(subject)),"revision":\(revision),\
            "keys":[\(keys.map(JSONText.quoted).joined(separator: ","))],"parts":\(parts),\
            "redacted":[\(places.joined(separator: ","))],"deliveries":\(deliveries)}
            """.utf8
        )
    }

    init(
        subject: String,
        revision: Int,
        keys: [String],
        parts: Int,
        redacted: [PartPlace],
        deliveries: Int
    ) {
        (self.subject, self.revision, self.keys) = (subject, revision, keys)
        (self.parts, self.redacted, self.deliveries) = (parts, redacted, deliveries)
    }

    /// Reads the stored form; nil for anything else.
    public init?(_ event: StoredEvent) {
        guard event.type == Self.type, let members = Self.members(event.data),
            let subject = members["person"] as? String,
            let revision = members["revision"] as? Int, let keys = members["keys"] as? [String],
            let parts = members["parts"] as? Int, let deliveries = members["deliveries"] as? Int,
            let places = members["redacted"] as? [[String: Any]]
        else { return nil }
        let redacted = places.compactMap { place -> PartPlace? in
            guard let position = place["position"] as? Int, let part = place["part"] as? String
            else { return nil }
            return PartPlace(Int64(position), part)
        }
        guard redacted.count == places.count else { return nil }
        self.init(
            subject: subject,
            revision: revision,
            keys: keys,
            parts: parts,
            redacted: redacted,
            deliveries: deliveries
        )
    }

    private static func members(_ data: [UInt8]) -> [String: Any]? {
        do {
            return try JSONSerialization.jsonObject(with: Data(data)) as? [String: Any]
        } catch {
            // Not being JSON is the answer to the question.
            return nil
        }
    }

    /// The name of the part that stands in for one of which something was taken out.
    static func replacement(of place: PartPlace) -> String {
        "redacted/\(place.position)/\(place.part)"
    }
}
