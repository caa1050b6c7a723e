public import Domain

/// What a reading of Cal.com found; holds no personal data.
public struct SourceReport: Hashable, Sendable {
    /// A booking of which the ledger lacked something.
    public struct Finding: Hashable, Sendable {
        /// The booking.
        public var booking: BookingUID
        /// What was missing.
        public var gaps: [Observation.Gap]
        /// When it happened, as far as can be told.
        public var occurred: Instant
        /// The event that closed it; nil where findings are only reported.
        public var position: LedgerPosition?
    }

    /// How many bookings were compared.
    public var read = 0
    /// How many changed so lately that their webhooks may be on their way.
    public var waiting = 0
    /// How many entries were no bookings as far as we know.
    public var unreadable = 0
    /// How many findings a delivery overtook, or the ledger had from before.
    public var overtaken = 0
    /// What was missing.
    public var findings: [Finding] = []

    /// Creates a report of nothing.
    public init() {}

    /// How many findings there are of each gap.
    public var counts: [Observation.Gap: Int] {
        findings.flatMap(\.gaps).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}
