public import CalCom
public import Domain
public import Journal
import Ledger

/// Reads bookings in Cal.com and appends what no webhook told.
///
/// What is read changes nothing by itself: only a difference from what the ledger knows is appended,
/// as `booking.observed`, and a second reading of the same finds none.
///
/// Deliveries and readings cross each other: what changed within ``Options/settling`` is left to
/// the webhook that is on its way, and what was told about a booking while it was compared wins.
public struct SourcePoll: Sendable {
    /// The name under which the mark is kept.
    public static let source = "calcom"

    /// How readings are made.
    public struct Options: Sendable {
        /// Only these event types; empty for all that the key can see.
        public var eventTypes: [EventTypeID] = []
        /// How long a webhook may take: milliseconds.
        public var settling: Int64 = 120_000
        /// How far before the mark each reading begins: milliseconds.
        public var overlap: Int64 = 600_000
        /// How far back the first reading goes: milliseconds.
        public var backfill: Int64 = 28 * 86_400_000
        /// How long before their start bookings are read again: milliseconds.
        public var soon: Int64 = 3_600_000
        /// How often everything that lies ahead is read: milliseconds.
        public var aheadEvery: Int64 = 86_400_000
        /// Whether findings are only reported.
        public var isDry = false

        /// The usual options.
        public init() {}
    }

    /// What is read.
    public enum Scope: Hashable, Sendable {
        /// What changed since the last reading; without one, the last weeks.
        case changes
        /// What was made or changed since a moment.
        case since(Instant)
        /// Everything that lies ahead.
        case ahead
        /// One booking.
        case one(BookingUID)
    }

    let journal: Journal
    let source: any BookingSource
    let options: Options
    let now: @Sendable () -> Instant

    /// How long a window of a back-fill is: milliseconds.
    private static let week: Int64 = 7 * 86_400_000
    /// How many successors of a booking are followed.
    static let longestChain = 20

    /// Creates a reading.
    ///
    /// - Parameters:
    ///   - journal: What is known, and where findings go.
    ///   - source: Where bookings are read.
    ///   - options: How.
    ///   - now: The time.
    public init(
        journal: Journal,
        source: any BookingSource,
        options: Options = Options(),
        now: @escaping @Sendable () -> Instant
    ) {
        (self.journal, self.source, self.options, self.now) = (journal, source, options, now)
    }

    /// Reads, compares, and appends what is new.
    ///
    /// - Parameters:
    ///   - scope: What is read.
    ///   - progress: Told how many bookings were compared so far.
    /// - Returns: What was found.
    /// - Throws: ``CalComError`` or ``LedgerError``; what was found until then is appended, and the
    ///   mark stays where it was.
    public func run(
        _ scope: Scope,
        progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> SourceReport {
        let began = now()
        let former = try await journal.sourceMark(Self.source)
        var reading = SourceReading(until: began.advanced(byMilliseconds: -options.settling))
        let isAhead = scope == .changes && isAheadDue(former, began)
        do {
            try await read(scope, former?.mark, began, isAhead: isAhead, &reading, progress)
        } catch {
            try await note(reading.report, former ?? first(began), began, problem: "\(error)")
            throw error
        }
        if scope == .changes {
            var mark = SourceMark(mark: reading.until, polled: began)
            mark.ahead = isAhead ? began : nil
            try await remember(mark, reading.report)
        } else {
            try await note(reading.report, former, began, problem: nil)
        }
        return reading.report
    }

    private func isAheadDue(_ former: SourceMark?, _ now: Instant) -> Bool {
        guard let last = former?.ahead else { return true }
        return now >= last.advanced(byMilliseconds: options.aheadEvery)
    }

    /// Where the first reading begins, as a mark, so that what stops it can be noted.
    private func first(_ began: Instant) -> SourceMark {
        SourceMark(mark: began.advanced(byMilliseconds: -options.backfill), polled: began)
    }

    /// Without a mark there is nothing to note: the next reading is still the first.
    private func note(
        _ report: SourceReport,
        _ former: SourceMark?,
        _ began: Instant,
        problem: String?
    ) async throws(LedgerError) {
        guard let former else { return }
        try await remember(SourceMark(mark: former.mark, polled: began, problem: problem), report)
    }

    private func remember(_ mark: SourceMark, _ report: SourceReport) async throws(LedgerError) {
        guard !options.isDry else { return }
        var mark = mark
        (mark.read, mark.found) = (report.read, report.findings.count)
        try await journal.remember(mark, of: Self.source)
    }

    // MARK: Reading

    private func read(
        _ scope: Scope,
        _ mark: Instant?,
        _ began: Instant,
        isAhead: Bool,
        _ reading: inout SourceReading,
        _ progress: @Sendable (Int) -> Void
    ) async throws {
        if case .one(let uid) = scope { return try await readOne(uid, &reading) }
        for query in queries(scope, mark, began, until: reading.until) {
            try await readAll(query, &reading, progress)
        }
        guard scope == .changes || scope == .ahead else { return }
        let isAll = isAhead || scope == .ahead
        let horizon = isAll ? nil : began.advanced(byMilliseconds: options.soon)
        try await readAll(ask(.starting(since: began)), until: horizon, &reading, progress)
    }

    /// Windows of a week by the time at which bookings were made, and everything that changed.
    ///
    /// A booking that never changed has no time of change, so that both are needed.
    private func queries(
        _ scope: Scope,
        _ mark: Instant?,
        _ began: Instant,
        until: Instant
    ) -> [BookingQuery] {
        let since: Instant
        switch scope {
        case .since(let moment): since = moment
        case .changes:
            since =
                mark?.advanced(byMilliseconds: -options.overlap)
                ?? began.advanced(byMilliseconds: -options.backfill)
        case .ahead, .one: return []
        }
        var queries: [BookingQuery] = []
        var start = since
        while start < until {
            let end = min(start.advanced(byMilliseconds: Self.week), until)
            queries.append(ask(.created(since: start, until: end)))
            start = end
        }
        return queries + [ask(.updated(since: since))]
    }

    private func ask(_ order: BookingQuery.Order) -> BookingQuery {
        BookingQuery(order, eventTypes: options.eventTypes)
    }

    private func readAll(
        _ first: BookingQuery,
        until horizon: Instant? = nil,
        _ reading: inout SourceReading,
        _ progress: @Sendable (Int) -> Void
    ) async throws {
        var query: BookingQuery? = first
        while let current = query {
            let basis = try await journal.head().position
            let page = try await source.page(current)
            reading.report.unreadable += page.unreadable
            try await compare(page.bookings, LedgerPosition(basis), &reading)
            progress(reading.report.read)
            query = page.next
            if let horizon, let last = page.bookings.last?.booking.slot?.start, last > horizon {
                return
            }
        }
    }

    private func readOne(_ uid: BookingUID, _ reading: inout SourceReading) async throws {
        let basis = try await journal.head().position
        let found = try await source.booking(uid)
        try await compare(found, LedgerPosition(basis), &reading)
    }
}
