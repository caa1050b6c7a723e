/// What is written when nobody's owner was found and the round robin took over.
///
/// Source: `facts/calcom.md` 5.5.7 and 5.5.8.
public struct FallbackWrites: Hashable, Sendable {
    /// Fields of the booker's record.
    public var attendee: [FieldRule] = []
    /// Records that are created, each once per appointment.
    public var create: [FallbackRecord] = []

    /// Creates a fallback that does nothing.
    public init() {}

    /// Whether it does nothing.
    public var isEmpty: Bool { attendee.isEmpty && create.isEmpty }
}

/// A record of any object that tells of a booking nobody was routed to.
public struct FallbackRecord: Hashable, Sendable {
    /// What the record is called in plans and in the ledger.
    ///
    /// Unique in its list: letters, digits, `-` and `_`.
    public var name: String
    /// The object.
    public var object: ObjectName
    /// Its fields.
    public var fields: [FieldRule]
    /// Whether none is created when the host owns the booker's account anyway.
    public var skipIfHostOwnsAccount: Bool

    /// Creates a record.
    public init(
        name: String,
        object: ObjectName,
        fields: [FieldRule],
        skipIfHostOwnsAccount: Bool = false
    ) {
        (self.name, self.object, self.fields) = (name, object, fields)
        self.skipIfHostOwnsAccount = skipIfHostOwnsAccount
    }

    /// Whether a text can be a ``name``.
    public static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains($0))
            }
    }
}

/// What the answers to a routing form write to the record of the person who answered.
///
/// The record is never created for it.
///
/// Source: `facts/calcom.md` 5.12.
public struct FormWrites: Hashable, Sendable {
    /// Written as soon as a form was answered.
    public var submitted: [FieldRule] = []
    /// Written when a form was answered and no booking came of it.
    public var abandoned: [FieldRule] = []

    /// Creates writes of nothing.
    public init() {}

    /// Whether nothing is written.
    public var isEmpty: Bool { submitted.isEmpty && abandoned.isEmpty }
}
