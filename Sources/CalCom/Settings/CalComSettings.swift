public import Domain

/// Settings of Cal.com's Salesforce app, of any age, taken over.
public struct ImportedSettings: Hashable, Sendable {
    /// The event type they were stored with; nil when the settings alone were handed over.
    public var eventType: EventTypeID?
    /// The same settings in our terms.
    public var settings: SyncSettings
    /// What was taken, dropped or kept for later, one plain sentence each.
    public var notes: [String]

    /// Puts together what an import found.
    public init(eventType: EventTypeID?, settings: SyncSettings, notes: [String]) {
        (self.eventType, self.settings, self.notes) = (eventType, settings, notes)
    }
}

/// The way from Cal.com's app-data object to our settings.
///
/// Cal.com keeps what was entered behind a switch that is now off or hidden. Such values had no
/// effect there, so they get none here, and a note says so.
///
/// Source: `facts/calcom.md` 5.2 (keys, types, visibility) and 5.4 to 5.8 (meaning).
public enum CalComSettings {
    /// Takes settings over.
    ///
    /// - Parameters:
    ///   - json: The app-data object, or an event type of API v2 that contains it at
    ///     `metadata.apps.salesforce`, with or without the envelope `{status, data}`; or the options
    ///     of a routing form's route, or its incomplete-booking action.
    ///   - base: The settings in force. What comes from a routing form is only a part of the
    ///     settings and is laid over them; the others replace them.
    /// - Returns: The settings, with notes for the person who asked for the import.
    /// - Throws: ``SettingsImportError`` naming the key. Nothing is guessed.
    public static func `import`(
        _ json: JSON,
        onto base: SyncSettings = SyncSettings()
    ) throws(SettingsImportError) -> ImportedSettings {
        if var part = RoutingFormImporter(json, onto: base) { return try part.imported() }
        let source = try SettingsSource(json)
        var importer = SettingsImporter(source)
        return try importer.imported()
    }
}

/// Where in a document the app's settings stand, and what the document says besides.
struct SettingsSource {
    let app: JSON
    let eventType: EventTypeID?
    /// Whether owner routing has any effect; nil if the document does not say.
    let isRoundRobin: Bool?

    init(_ json: JSON) throws(SettingsImportError) {
        guard case .object = json else { throw .noSettings(reason: "it is no JSON object") }
        let document = json.present("data") ?? json
        if document.array != nil {
            throw .noSettings(reason: "it holds a list; hand over one event type at a time")
        }
        if let app = document["metadata"]?["apps"]?["salesforce"] ?? document["apps"]?["salesforce"]
        {
            self.app = app
        } else if document["metadata"] != nil || json["data"] != nil {
            throw .noSettings(reason: "the event type has no Salesforce app")
        } else {
            app = document
        }
        eventType = app == document ? nil : document.whole("id").map(EventTypeID.init)
        isRoundRobin =
            app == document
            ? nil
            : document.filledText("schedulingType")
                .map { $0.lowercased().filter(\.isLetter) == "roundrobin" }
        try Self.check(app)
    }

    private static func check(_ app: JSON) throws(SettingsImportError) {
        guard let members = app.members else {
            throw .wrongType(key: "salesforce", expected: "an object")
        }
        guard members.contains(where: { SettingsKey(rawValue: $0.name) != nil }) else {
            throw .noSettings(reason: "none of its keys is known")
        }
    }
}
