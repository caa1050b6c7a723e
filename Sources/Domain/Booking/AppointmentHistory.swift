/// Everything the ledger knows of one appointment.
public struct AppointmentHistory: Hashable, Sendable {
    /// The appointment.
    public var appointment: AppointmentID
    /// The uids of the chain: the root first, each successor behind its predecessor.
    public var uids: [BookingUID]
    /// When Cal.com made each booking, as far as known.
    public var created: [BookingUID: Instant]
    /// The facts, in any order.
    public var facts: [RecordedFact]
    /// Cancellations of the series to which the appointment belongs.
    public var seriesCancellations: [SeriesCancellation]
    /// Routing forms that the attendees answered, in any order.
    public var forms: [RecordedFact]

    /// Creates a history.
    public init(
        appointment: AppointmentID,
        uids: [BookingUID],
        created: [BookingUID: Instant] = [:],
        facts: [RecordedFact],
        seriesCancellations: [SeriesCancellation] = [],
        forms: [RecordedFact] = []
    ) {
        (self.appointment, self.uids, self.created) = (appointment, uids, created)
        (self.facts, self.seriesCancellations, self.forms) = (facts, seriesCancellations, forms)
    }
}

/// A cancellation that ends one occurrence of a series and all later ones.
public struct SeriesCancellation: Hashable, Sendable {
    /// The cancellation.
    public var fact: RecordedFact
    /// When the booking it names was made; occurrences of one series are made together.
    public var namedBookingCreated: Instant?

    /// Creates a cancellation.
    public init(fact: RecordedFact, namedBookingCreated: Instant?) {
        (self.fact, self.namedBookingCreated) = (fact, namedBookingCreated)
    }
}
