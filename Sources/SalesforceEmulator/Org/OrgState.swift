/// What an org holds outside its database, behind one lock.
struct OrgState: Sendable {
    /// The types with all custom fields, whatever the settings.
    var completeSchema: Schema { didSet { updateSchema() } }

    /// When the types last changed for clients, in milliseconds since 1970.
    var schemaChanged = 0

    /// The types as clients see them under the present settings.
    private(set) var schema: Schema

    var settings = OrgSettings() { didSet { updateSchema() } }
    var counters = Counters()
    var faults: [Fault] = []

    /// The user whom a token stands for, by token; others stand for the integration user.
    var users: [String: String] = [:]
    var revokedTokens: Set<String> = []

    /// Records that the integration user may not see, by id.
    var hidden: Set<String> = []
    var cursors = CursorTable()

    /// The jobs of the Bulk API 1; those of the Bulk API 2.0 are kept with the data.
    var asyncJobs = AsyncJobs()
    var clock = ShiftedClock()

    /// The ids that each user looked at last, the latest first.
    var recent: [String: [String]] = [:]

    /// The latest time that was given to a change; the next one is later.
    var lastStamp = 0

    /// What the org knows of log-ins.
    var login = LoginState()

    /// How many tokens were handed out.
    var issuedTokens = 0

    /// Stops the clock at an instant.
    ///
    /// Changes are stamped from there on even if that is in the past of the org's data.
    mutating func setClock(_ instant: Instant) {
        clock.set(instant)
        if instant.milliseconds < lastStamp - Instant.minute { lastStamp = 0 }
    }

    init(schema: Schema) {
        completeSchema = schema
        self.schema = schema
        updateSchema()
    }

    private mutating func updateSchema() {
        schema = completeSchema
        if settings.sharedActivities {
            schema.change("Event") { event in
                for field in SharedActivities.fields { event.add(field) }
            }
        } else {
            schema.remove("EventWhoRelation")
        }
        for place in settings.hiddenFields {
            let parts = place.split(separator: ".").map(String.init)
            if parts.count == 2 { schema.change(parts[0]) { $0.remove(parts[1]) } }
        }
        FieldHistory.restrict(&schema, tracking: settings.trackedFields)
        settings.access.restrict(&schema)
        guard settings.omitDaybookKey else { return }
        for name in ["Event", "Task"] {
            schema.change(name) { $0.remove("Daybook_Key__c") }
        }
    }
}

/// The options' clock, moved by requests of the control interface.
struct ShiftedClock: Sendable {
    private var frozen: Int?
    private var shift = 0

    /// Stops the clock at an instant.
    mutating func set(_ instant: Instant) {
        frozen = instant.milliseconds
    }

    /// Moves the clock forward.
    mutating func advance(milliseconds: Int) {
        if let frozen {
            self.frozen = frozen + milliseconds
        } else {
            shift += milliseconds
        }
    }

    /// The present instant, given that of the options' clock.
    func now(_ real: Instant) -> Instant {
        Instant(milliseconds: frozen ?? real.milliseconds + shift)
    }
}
