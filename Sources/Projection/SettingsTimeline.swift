public import Domain

/// All versions of the settings, and which of them interprets an event.
public struct SettingsTimeline: Sendable {
    private let revisions: [SettingsScope: [SettingsRevision]]

    /// Creates a time line.
    ///
    /// - Parameter revisions: All accepted versions, in any order.
    public init(_ revisions: [SettingsRevision]) {
        self.revisions = Dictionary(grouping: revisions, by: \.scope)
            .mapValues { $0.sorted { $0.version > $1.version } }
    }

    /// The settings that interpret an event, or nil if there are none.
    ///
    /// The latest version for the event type that applies to the event; where there is none, or it
    /// removed the settings, the latest one for every event type.
    ///
    /// - Parameters:
    ///   - eventType: The event type of the booking, if known.
    ///   - occurred: When the event happened.
    ///   - position: Where the ledger has it.
    /// - Returns: The settings with their version.
    public func interpretation(
        of eventType: EventTypeID?,
        occurred: Instant,
        position: LedgerPosition
    ) -> Interpretation? {
        let scopes = [eventType.map(SettingsScope.eventType), .everyEventType].compactMap { $0 }
        for scope in scopes {
            let found = revisions[scope]?.first {
                $0.applies(occurred: occurred, position: position)
            }
            if let found, let settings = found.settings {
                return Interpretation(
                    settings: settings,
                    version: found.version,
                    isLive: found.position < position,
                    scope: scope
                )
            }
        }
        return nil
    }
}

/// The settings that interpret one event.
public struct Interpretation: Sendable {
    /// What to do.
    public var settings: SyncSettings
    /// Their version.
    public var version: SettingsVersion
    /// Whether they were in force when the event was recorded.
    public var isLive: Bool
    /// Whose bookings they are for.
    public var scope: SettingsScope

    /// The path of a rule inside the settings document.
    func path(_ rest: String) -> String {
        switch scope {
        case .everyEventType: "default/\(rest)"
        case .eventType: "eventTypes/\(scope.name)/\(rest)"
        }
    }
}
