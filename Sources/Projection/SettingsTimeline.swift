public import Domain

/// All versions of the settings, and which of them interprets an event.
public struct SettingsTimeline: Sendable {
    private let readings: [SettingsScope: [SettingsReading]]
    private var counterfactual: SettingsCounterfactual?

    /// Creates a time line.
    ///
    /// - Parameter revisions: All accepted versions, in any order.
    public init(_ revisions: [SettingsRevision]) {
        readings = Dictionary(grouping: revisions, by: \.scope).mapValues { revisions in
            revisions.sorted { $0.version > $1.version }.map(SettingsReading.init)
        }
    }

    /// The time line as it would be with other settings for some events.
    ///
    /// - Parameter counterfactual: The settings to read those events by.
    /// - Returns: A time line that reads all other events as before.
    public func replaying(_ counterfactual: SettingsCounterfactual) -> Self {
        var replayed = self
        replayed.counterfactual = counterfactual
        return replayed
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
        let accepted = accepted(of: eventType, occurred: occurred, position: position)
        guard let counterfactual, counterfactual.concerns(eventType, occurred: occurred) else {
            return accepted
        }
        return counterfactual.interpretation(of: eventType, beside: accepted)
    }

    private func accepted(
        of eventType: EventTypeID?,
        occurred: Instant,
        position: LedgerPosition
    ) -> Interpretation? {
        let scopes = [eventType.map(SettingsScope.eventType), .everyEventType].compactMap { $0 }
        // A removal that reaches back is a change of settings like any other.
        var isLive = true
        for scope in scopes {
            let found = readings[scope]?.first {
                $0.revision.applies(occurred: occurred, position: position)
            }
            guard let found else { continue }
            isLive = isLive && found.revision.position < position
            if found.hasSettings { return Interpretation(reading: found, isLive: isLive) }
        }
        return nil
    }
}

/// Settings that were not in force for some events, and by which those are read all the same.
///
/// What comes of it is a replay: an assertion counts as live only where the accepted settings read
/// the event by the same version anyway.
public struct SettingsCounterfactual: Sendable {
    private let settings: [SettingsScope: SettingsReading]
    private let since: Instant?
    private let eventType: EventTypeID?

    /// Creates a counterfactual.
    ///
    /// - Parameters:
    ///   - revisions: One version for each scope that has settings; those without any are ignored.
    ///   - since: Only events that occurred at or after this moment are read by them; nil for all.
    ///   - eventType: Only bookings of this event type are; nil for all.
    public init(_ revisions: [SettingsRevision], since: Instant?, eventType: EventTypeID?) {
        var settings: [SettingsScope: SettingsReading] = [:]
        for revision in revisions where revision.settings != nil {
            settings[revision.scope] = SettingsReading(revision)
        }
        (self.settings, self.since, self.eventType) = (settings, since, eventType)
    }

    func concerns(_ eventType: EventTypeID?, occurred: Instant) -> Bool {
        if let since, occurred < since { return false }
        return self.eventType.map { $0 == eventType } ?? true
    }

    func interpretation(
        of eventType: EventTypeID?,
        beside accepted: Interpretation?
    ) -> Interpretation? {
        let scopes = [eventType.map(SettingsScope.eventType), .everyEventType].compactMap { $0 }
        for scope in scopes {
            guard let reading = settings[scope] else { continue }
            let isTheSame =
                accepted.map { $0.version == reading.revision.version && $0.isLive } ?? false
            return Interpretation(reading: reading, isLive: isTheSame)
        }
        return nil
    }
}
