/// The document form of settings, as people write them and as the ledger keeps them.
///
/// A document holds settings for all event types, for single ones, or both:
///
/// ```yaml
/// default: { attendeeRecord: contact }
/// eventTypes:
///   "88231": { attendeeRecord: lead }
/// ```
///
/// The values are JSON; YAML is turned into it elsewhere. A key that is unknown is an error, so
/// that a misspelled setting is not silently without effect. A key whose value is `null` counts as
/// absent. The shape is also written down in `Schemas/settings.schema.json`, the meaning in
/// `Documentation/settings.md`.
public enum SettingsDocument {
    /// Reads a document with the settings of several scopes.
    ///
    /// - Parameter json: An object with `default`, `eventTypes` or both.
    /// - Returns: The settings, `default` first, then by number of the event type.
    /// - Throws: ``SettingsDocumentError`` for the first thing that does not fit.
    public static func decode(_ json: JSON) throws(SettingsDocumentError) -> [ScopedSettings] {
        let root = DocumentNode(path: "", value: json)
        try refuseSettingsWithoutScope(root)
        let document = try root.object(keys: ["default", "eventTypes"])
        var result: [ScopedSettings] = []
        if let node = document["default"] {
            result.append(ScopedSettings(.everyEventType, try SettingsReader(node).settings()))
        }
        for (name, node) in try document["eventTypes"]?.entries() ?? [] {
            result.append(ScopedSettings(try scope(name), try SettingsReader(node).settings()))
        }
        return result.sorted { $0.scope < $1.scope }
    }

    /// Reads the settings of one scope.
    ///
    /// - Parameter json: The settings alone, without `default` or `eventTypes` around them.
    /// - Returns: The settings; what is not mentioned has its initial value.
    /// - Throws: ``SettingsDocumentError`` for the first thing that does not fit.
    public static func decodeSettings(
        _ json: JSON
    ) throws(SettingsDocumentError) -> SyncSettings {
        try SettingsReader(DocumentNode(path: "", value: json)).settings()
    }

    /// Writes the settings of one scope, without what has its initial value.
    ///
    /// Equal settings give equal bytes, and ``decodeSettings(_:)`` gives the settings back.
    public static func encode(_ settings: SyncSettings) -> JSON {
        SettingsWriter(settings: settings).json
    }

    /// Writes a document with the settings of several scopes.
    public static func encode(_ document: [ScopedSettings]) -> JSON {
        let sorted = document.sorted { $0.scope < $1.scope }
        let everyone = sorted.first { $0.scope == .everyEventType }
        let eventTypes = sorted.filter { $0.scope != .everyEventType }
            .map { JSON.Member($0.scope.name, encode($0.settings)) }
        return .compact([
            ("default", everyone.map { encode($0.settings) }),
            ("eventTypes", eventTypes.isEmpty ? nil : .object(eventTypes)),
        ])
    }

    private static func scope(_ name: String) throws(SettingsDocumentError) -> SettingsScope {
        guard let number = Int(name), number > 0, String(number) == name else {
            throw .invalidValue(
                path: "eventTypes",
                found: name,
                expected: "the number of an event type, for example \"88231\""
            )
        }
        return .eventType(EventTypeID(number))
    }

    private static func refuseSettingsWithoutScope(
        _ root: DocumentNode
    ) throws(SettingsDocumentError) {
        let key = root.value.members?.first { SettingsReader.keys.contains($0.name) }
        if let key { throw .withoutScope(key: key.name) }
    }
}

/// Settings, and whose bookings they are for.
public struct ScopedSettings: Hashable, Sendable {
    /// Whose bookings they are for.
    public var scope: SettingsScope
    /// The settings.
    public var settings: SyncSettings

    /// Gives settings a scope.
    public init(_ scope: SettingsScope, _ settings: SyncSettings) {
        (self.scope, self.settings) = (scope, settings)
    }
}
