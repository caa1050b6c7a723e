public import Domain

/// What a replay reads history by, and which part of it.
public struct ReplayRequest: Hashable, Sendable {
    /// The settings that a replay reads events by.
    public enum Settings: Hashable, Sendable {
        /// Those that are in force for each event.
        case inForce
        /// Those of all scopes as they stood when a version was accepted.
        case version(SettingsVersion)
        /// A document's, and for scopes that it does not name those in force now.
        case document([ScopedSettings])
    }

    /// The settings.
    public var settings: Settings
    /// Only appointments with an event that occurred at or after this moment, and only those events.
    public var since: Instant?
    /// Only appointments of this event type.
    public var eventType: EventTypeID?
    /// Only these fields: no other is read, planned or written; empty for all fields.
    public var fields: Set<FieldName>
    /// Whether values that were there before, or that people edited, are written over.
    public var overwrites: Bool

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - settings: The settings to read events by.
    ///   - since: Only what occurred at or after this moment.
    ///   - eventType: Only this event type.
    ///   - fields: Only these fields; empty for all.
    ///   - overwrites: Whether others' values are written over.
    public init(
        settings: Settings = .inForce,
        since: Instant? = nil,
        eventType: EventTypeID? = nil,
        fields: Set<FieldName> = [],
        overwrites: Bool = false
    ) {
        (self.settings, self.since, self.eventType) = (settings, since, eventType)
        (self.fields, self.overwrites) = (fields, overwrites)
    }

    /// Refuses a part of history in which there is nothing of the event type: its number is wrong,
    /// and "nothing to do" would hide that.
    ///
    /// - Parameter appointments: How many appointments belong to it.
    /// - Throws: ``ReplayError/noHistory(_:)``.
    func checkHistory(_ appointments: Int) throws(ReplayError) {
        guard let eventType, appointments == 0 else { return }
        let beginning = since.map { " since \($0.rfc3339Seconds)" } ?? ""
        throw .noHistory("event type \(eventType.rawValue)\(beginning)")
    }
}

/// A question about the past that cannot be answered as it was asked.
public enum ReplayError: Error, Hashable, Sendable {
    /// There is no such version of the settings.
    case unknownVersion(SettingsVersion, newest: Int)
    /// A moment lies in the future.
    case future(String, Instant)
    /// No rule of the settings names the field.
    case unknownField(FieldName)
    /// Nothing was ever booked of the event type.
    case noHistory(String)
    /// The ledger knows no such run.
    case unknownRun(String)
    /// A field of a record was never Daybook's.
    case unclaimed(SalesforceID, FieldName)
}

extension ReplayError: CustomStringConvertible {
    /// What does not fit, and what to give instead.
    public var description: String {
        switch self {
        case .unknownVersion(let version, let newest):
            """
            There is no version \(version.rawValue) of the settings; the newest is \(newest). \
            'daybook settings history' lists them.
            """
        case .future(let name, let instant):
            """
            \(name) \(instant.rfc3339Seconds) lies in the future, and history ends now. Give a \
            moment that has passed.
            """
        case .unknownField(let field):
            """
            No rule of these settings writes '\(field.rawValue)'. Check its spelling against \
            'daybook settings show'.
            """
        case .noHistory(let what):
            "There is no history of \(what), so there is nothing to replay. See 'daybook status'."
        case .unknownRun(let run):
            "The ledger knows no run '\(run)'. 'daybook events --type run.finished' lists them."
        case .unclaimed(let record, let field):
            """
            Daybook never wrote '\(field.rawValue)' of \(record.rawValue), so there is no drift to \
            adopt or revert. 'daybook drift' lists what there is.
            """
        }
    }
}

/// A request that was checked against the ledger: what `DesiredState` needs of it.
struct Replay: Sendable {
    let request: ReplayRequest
    /// The versions that read the events, one for each scope; nil for the accepted time line.
    let revisions: [SettingsRevision]?
    /// Whether the same settings are in force for that part of history, so that a plan of it may be
    /// applied: otherwise the next run would take everything back.
    let isAccepted: Bool
    /// The window that is looked at, when history is walked in windows.
    var window: ReplayWindow?
    /// Of whom else an appointment says something, by the other settings of a comparison.
    ///
    /// Whomever either of the two speaks of is compared in the same window.
    var alsoNamed: @Sendable (AppointmentHistory) -> Set<PersonID> = { _ in [] }

    /// Checks a request.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - accepted: All accepted versions.
    ///   - now: The time.
    /// - Throws: ``ReplayError`` for the first thing that does not fit.
    init(_ request: ReplayRequest, _ accepted: [SettingsRevision], now: Instant) throws(ReplayError)
    {
        if let since = request.since, since > now { throw .future("The beginning", since) }
        self.request = request
        switch request.settings {
        case .inForce:
            (revisions, isAccepted) = (nil, true)
        case .version(let version):
            guard accepted.contains(where: { $0.version == version }) else {
                throw .unknownVersion(version, newest: accepted.count)
            }
            let snapshot = Self.latest(accepted.filter { $0.version <= version })
            revisions = snapshot
            isAccepted = Self.isInForce(snapshot, among: accepted, request)
        case .document(let document):
            revisions = Self.replacing(Self.latest(accepted), by: document, accepted.count, now)
            isAccepted = false
        }
        try checkFields(accepted)
    }

    private func checkFields(_ accepted: [SettingsRevision]) throws(ReplayError) {
        let settings = (revisions ?? Self.latest(accepted)).compactMap(\.settings)
        for field in request.fields.sorted() {
            let isNamed = settings.contains { settings in
                settings.places(of: field).contains { $0.isReplayed }
            }
            if !isNamed, !Self.standardFields.contains(field) { throw .unknownField(field) }
        }
    }

    /// The fields of event records and people that no rule has to name.
    private static let standardFields: Set<FieldName> = [
        "Subject", "StartDateTime", "EndDateTime", "Location", "Description", "OwnerId",
    ]

    /// The newest version of each scope.
    private static func latest(_ accepted: [SettingsRevision]) -> [SettingsRevision] {
        let newest = Dictionary(
            accepted.map { ($0.scope, $0) },
            uniquingKeysWith: { $0.version > $1.version ? $0 : $1 }
        )
        return newest.values.sorted { $0.scope < $1.scope }
    }

    private static func replacing(
        _ known: [SettingsRevision],
        by document: [ScopedSettings],
        _ count: Int,
        _ now: Instant
    ) -> [SettingsRevision] {
        let replaced = Set(document.map(\.scope))
        let new = document.enumerated().map { place, scoped in
            SettingsRevision(
                version: SettingsVersion(count + 1 + place),
                position: LedgerPosition(.max),
                recorded: now,
                scope: scoped.scope,
                validity: .allHistory,
                settings: scoped.settings
            )
        }
        return known.filter { !replaced.contains($0.scope) } + new
    }

    /// Whether each version is the newest of its scope and reaches as far back as the request.
    private static func isInForce(
        _ snapshot: [SettingsRevision],
        among accepted: [SettingsRevision],
        _ request: ReplayRequest
    ) -> Bool {
        let concerned = accepted.filter { revision in
            revision.scope == .everyEventType
                || request.eventType.map { revision.scope == .eventType($0) } ?? true
        }
        return latest(concerned).allSatisfy { newest in
            guard snapshot.contains(where: { $0.version == newest.version }) else { return false }
            switch newest.validity {
            case .allHistory: return true
            case .from(let date): return request.since.map { $0 >= date } ?? false
            case .fromNow: return request.since.map { $0 >= newest.recorded } ?? false
            }
        }
    }

    /// Whether an appointment belongs to the part of history that is asked for.
    func includes(_ history: AppointmentHistory) -> Bool { includes(history.facts) }

    /// Whether it belonged to it when the ledger ended at a position.
    func includes(_ history: AppointmentHistory, asOf head: LedgerPosition) -> Bool {
        let known = history.facts.filter { $0.position <= head }
        return !known.isEmpty && includes(known)
    }

    private func includes(_ facts: [RecordedFact]) -> Bool {
        if let wanted = request.eventType {
            let own = facts.sorted(by: RecordedFact.happenedEarlier)
                .compactMap { $0.fact.booking?.eventType }.first
            guard own == wanted else { return false }
        }
        guard let since = request.since else { return true }
        return facts.contains { $0.occurred >= since }
    }
}

/// A window of history, by root uid.
struct ReplayWindow: Sendable {
    /// Its first appointment; what belongs before it was planned in earlier windows.
    var first: AppointmentID
    /// Its last appointment.
    var last: AppointmentID
    /// How many appointments behind it may be planned with it.
    var room: Int
    /// The end of the ledger when the walk began: what is recorded later may have come into a window
    /// that was past by then.
    var head: LedgerPosition

    /// The window from the first to the last of some appointments; nil for none.
    init?(_ appointments: [AppointmentID], room: Int, head: LedgerPosition) {
        guard let first = appointments.first, let last = appointments.last else { return nil }
        (self.first, self.last, self.room, self.head) = (first, last, room, head)
    }
}

extension SettingsPlace {
    /// Whether a replay of some fields writes what it says: no record is made for the sake of these.
    fileprivate var isReplayed: Bool {
        if case .fallback = kind { false } else { object == nil }
    }
}
