public import Domain

/// From where the past is looked at: two axes of time.
///
/// | axis     | question                                    | counts                             |
/// |----------|---------------------------------------------|------------------------------------|
/// | position | what had the ledger called for by then?     | events up to that position         |
/// | occurred | what was the case in the world by then?     | events that happened up to then, whenever they were told |
/// | known    | what was known at that time?                | events recorded up to then         |
///
/// Several together count only what each of them lets through.
public struct AsOf: Hashable, Sendable {
    /// Only events up to this position.
    public var position: LedgerPosition?
    /// Only what happened up to this moment.
    public var occurred: Instant?
    /// Only what the ledger knew at this moment.
    public var known: Instant?

    /// Chooses a point of view; without any limit it is the present.
    public init(
        position: LedgerPosition? = nil,
        occurred: Instant? = nil,
        known: Instant? = nil
    ) {
        (self.position, self.occurred, self.known) = (position, occurred, known)
    }

    /// Refuses a point of view that does not exist.
    ///
    /// - Parameters:
    ///   - end: The last position of the ledger.
    ///   - now: The time.
    /// - Throws: ``AuditError/beyondEnd(_:end:)`` or ``AuditError/inFuture(_:)``.
    func check(end: LedgerPosition, now: Instant) throws(AuditError) {
        if let position, position > end || position < .start {
            throw .beyondEnd(position, end: end)
        }
        for moment in [occurred, known].compactMap({ $0 }) where moment > now {
            throw .inFuture(moment)
        }
    }

    func admits(_ fact: RecordedFact) -> Bool {
        position.map { fact.position <= $0 } ?? true
            && occurred.map { fact.occurred <= $0 } ?? true
            && known.map { fact.recorded <= $0 } ?? true
    }

    /// Settings are accepted, not something that happens in the world: only knowing them counts.
    func admits(_ revision: SettingsRevision) -> Bool {
        position.map { revision.position <= $0 } ?? true
            && known.map { revision.recorded <= $0 } ?? true
    }

    func admits(position other: LedgerPosition, recorded: Instant) -> Bool {
        position.map { other <= $0 } ?? true && known.map { recorded <= $0 } ?? true
    }

    /// The point of view in words.
    var words: String {
        let parts = [
            position.map { "at position \($0.rawValue)" },
            occurred.map { "at \($0.rfc3339Seconds)" },
            known.map { "as known at \($0.rfc3339Seconds)" },
        ].compactMap { $0 }
        return parts.isEmpty ? "now" : parts.joined(separator: ", ")
    }

    var json: JSON {
        .compact([
            ("position", position.map { .integer($0.rawValue) }),
            ("at", occurred.map { .string($0.rfc3339) }),
            ("knownAt", known.map { .string($0.rfc3339) }),
        ])
    }
}

extension AppointmentHistory {
    /// What was known of the appointment of a booking from a point of view; nil for nothing.
    ///
    /// Bookings that a later fact joined to this appointment were appointments of their own then.
    ///
    /// - Parameters:
    ///   - asOf: The point of view.
    ///   - uid: The booking; nil for the newest that was known.
    /// - Returns: What was known.
    func seen(_ asOf: AsOf, of uid: BookingUID? = nil) -> Self? {
        var seen = self
        seen.facts = facts.filter(asOf.admits)
        guard !seen.facts.isEmpty else { return nil }
        seen.forms = forms.filter(asOf.admits)
        seen.seriesCancellations = seriesCancellations.filter { asOf.admits($0.fact) }
        seen.keepChain(of: uid)
        return seen.uids.isEmpty ? nil : seen
    }

    /// Keeps the chain to which a booking belongs by the links that the facts tell.
    private mutating func keepChain(of uid: BookingUID?) {
        var predecessors: [BookingUID: BookingUID] = [:]
        var named: Set<BookingUID> = []
        for fact in facts.sorted(by: { $0.position < $1.position }) {
            guard let own = fact.fact.bookingUID else { continue }
            named.insert(own)
            guard let former = fact.fact.predecessor else { continue }
            named.insert(former)
            if predecessors[own] == nil { predecessors[own] = former }
        }
        func root(_ uid: BookingUID) -> BookingUID {
            var (current, seen) = (uid, Set([uid]))
            while let former = predecessors[current], seen.insert(former).inserted {
                current = former
            }
            return current
        }
        let known = uids.filter(named.contains)
        guard let wanted = uid ?? known.last, named.contains(wanted) else {
            (uids, facts) = ([], [])
            return
        }
        let origin = root(wanted)
        let chain = known.filter { root($0) == origin }
        let members = Set(chain)
        facts.removeAll { fact in
            fact.fact.bookingUID.map { !members.contains($0) && uids.contains($0) } ?? false
        }
        uids = chain.contains(origin) ? [origin] + chain.filter { $0 != origin } : chain
        created = created.filter { members.contains($0.key) }
        if let first = uids.first { appointment = AppointmentID(root: first) }
    }
}
