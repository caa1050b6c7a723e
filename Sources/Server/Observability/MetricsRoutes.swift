import Domain
import Hummingbird
import Journal
import Ledger
import Logging
import NIOCore
import Pipeline

/// Answers `GET /metrics` in the text format of Prometheus; no label holds personal data.
///
/// What the ledger knows is read when asked; what happened is counted since the process began.
struct MetricsRoutes: Sendable {
    static let path = "/metrics"

    let journal: Journal
    let metrics: ServerMetrics
    let gate: RequestGate
    /// How the scheduler stands; nil without one.
    let sync: @Sendable () async -> SchedulerBoard.Reading?
    let now: @Sendable () -> Instant
    let logger: Logger

    /// How many runs are counted at most between two scrapes.
    private static let mostRuns = 500

    func add(to router: Router<some RequestContext>) {
        router.get(RouterPath(Self.path)) { _, _ in try await answer() }
    }

    private func answer() async throws(Problem) -> Response {
        var text = PrometheusText()
        do {
            try await countRuns()
            addProcess(&text)
            try await addIntake(&text)
            try await addLag(&text)
            try await addReaders(&text)
            try await addRuns(&text)
            try await addFailures(&text)
            try await addBudget(&text)
            try await addSource(&text)
        } catch {
            logger.error("The ledger does not answer", metadata: ["error": "\(error)"])
            throw error.answer
        }
        return Response(
            status: .ok,
            headers: [.contentType: PrometheusText.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text.text))
        )
    }

    // MARK: Counted here

    private func addProcess(_ text: inout PrometheusText) {
        let reading = metrics.reading
        text.metric("daybook_http_requests_total", .counter, "Requests by route and status.")
        for (kind, count) in reading.requests.sorted(by: { $0.key < $1.key }) {
            let labels = [
                ("route", kind.route), ("method", kind.method), ("status", "\(kind.status)"),
            ]
            text.sample("daybook_http_requests_total", labels, count)
        }
        text.single(
            "daybook_http_requests_under_way",
            .gauge,
            "Requests that are not answered yet.",
            gate.count
        )
        addWebhookTimes(reading.webhooks, &text)
        addWrites(reading.writes, &text)
    }

    private func addWebhookTimes(_ times: ServerMetrics.Histogram, _ text: inout PrometheusText) {
        let name = "daybook_webhook_seconds"
        text.metric(name, .histogram, "From a webhook's head to its answer.")
        var total = 0
        for (end, count) in zip(ServerMetrics.Histogram.ends, times.counts) {
            total += count
            text.sample("\(name)_bucket", [("le", "\(end)")], total)
        }
        total += times.counts.last ?? 0
        text.sample("\(name)_bucket", [("le", "+Inf")], total)
        text.sample("\(name)_sum", times.sum)
        text.sample("\(name)_count", total)
    }

    private func addWrites(_ writes: ServerMetrics.Writes, _ text: inout PrometheusText) {
        text.metric("daybook_writes_total", .counter, "Operations of runs by kind and outcome.")
        for kind in ["create", "update", "delete"] {
            let labels = [("kind", kind), ("outcome", "written")]
            text.sample("daybook_writes_total", labels, writes.counts[kind] ?? 0)
        }
        for outcome in ["failed", "hold"] {
            let name = outcome == "hold" ? "held" : outcome
            let labels = [("kind", "any"), ("outcome", name)]
            text.sample("daybook_writes_total", labels, writes.counts[outcome] ?? 0)
        }
        text.single(
            "daybook_writes_avoided_total",
            .counter,
            "Records that were looked at and needed no write.",
            writes.avoided
        )
        text.single(
            "daybook_api_calls_total",
            .counter,
            "Calls to Salesforce's API.",
            writes.calls
        )
        text.metric("daybook_runs_total", .counter, "Runs by how they ended.")
        for (state, count) in writes.runs.sorted(by: { $0.key < $1.key }) {
            text.sample("daybook_runs_total", [("state", state)], count)
        }
    }

    /// Adds the runs that ended since the last scrape, of whichever process.
    private func countRuns() async throws(LedgerError) {
        let last = metrics.reading.writes.lastRun
        let runs = try await journal.runs(before: nil, limit: Self.mostRuns)
        let ended = runs.filter { $0.finished != nil }
        let new = last.map { last in ended.filter { $0.id > last } } ?? []
        metrics.change { state in
            for run in new where state.writes.lastRun.map({ run.id > $0 }) ?? false {
                state.writes.add(run)
            }
            state.writes.lastRun = ended.first?.id ?? state.writes.lastRun ?? ""
        }
    }

    // MARK: Read from the ledger

    private func addIntake(_ text: inout PrometheusText) async throws(LedgerError) {
        let counts = try await journal.deliveryCounts()
        text.metric("daybook_deliveries_total", .counter, "Deliveries by what became of them.")
        for verdict in DeliveryVerdict.allCases {
            let labels = [("verdict", verdict.rawValue)]
            text.sample("daybook_deliveries_total", labels, counts[verdict] ?? 0)
        }
        text.single(
            "daybook_ledger_events",
            .gauge,
            "Events in the ledger.",
            try await journal.head().position
        )
        let files = try await journal.sizes()
        text.single("daybook_database_bytes", .gauge, "Size of the database.", files.database)
        text.single("daybook_database_free_bytes", .gauge, "What of it is empty.", files.free)
        text.single("daybook_database_wal_bytes", .gauge, "Size of its log.", files.log)
    }

    private func addLag(_ text: inout PrometheusText) async throws(LedgerError) {
        text.single(
            "daybook_lag_appointments",
            .gauge,
            "Appointments newer than what Salesforce has.",
            try await journal.dirtyCount()
        )
        let lag = try await journal.lag(now: now())
        text.single("daybook_lag_events", .gauge, "Events since the oldest of them.", lag.events)
        text.metric("daybook_lag_seconds", .gauge, "Age of the oldest of them.")
        text.sample("daybook_lag_seconds", Double(lag.milliseconds) / 1_000)
    }

    /// How far each of those who read the ledger came.
    private func addReaders(_ text: inout PrometheusText) async throws(LedgerError) {
        let waiting = try await journal.waitingCounts()
        let name = "daybook_projector_waiting"
        text.metric(name, .gauge, "Threads of events that a projector has not taken in yet.")
        text.sample(name, [("projector", "appointments")], waiting.appointments)
        text.sample(name, [("projector", "forms")], waiting.forms)
        text.single(
            "daybook_checkpoint_lag_events",
            .gauge,
            "Events that no signed checkpoint covers yet.",
            try await journal.unsignedEvents()
        )
        guard let sweep = try await journal.lastDriftSweep() else { return }
        let drift = "daybook_drift_read_until_seconds"
        text.metric(drift, .gauge, "How far the org was looked through for drift, by object.")
        for (object, until) in sweep.until.sorted(by: { $0.key < $1.key }) {
            text.sample(drift, [("object", object.rawValue)], until.milliseconds / 1_000)
        }
        text.single("daybook_drift_fields", .gauge, "Fields that are adrift.", sweep.open.count)
    }

    private func addRuns(_ text: inout PrometheusText) async throws(LedgerError) {
        guard let reading = await sync() else { return }
        text.metric("daybook_sync_state", .gauge, "1 for the state the scheduler is in.")
        for state in ["starting", "running", "in-step", "behind", "busy", "troubled", "stuck"] {
            let labels = [("state", state)]
            text.sample("daybook_sync_state", labels, state == reading.state ? 1 : 0)
        }
        guard let run = try await journal.runs(before: nil, limit: 1).first else { return }
        text.metric("daybook_plan_size", .gauge, "Operations of the last run's plan by kind.")
        for kind in ["create", "update", "delete", "hold", "unchanged"] {
            text.sample("daybook_plan_size", [("kind", kind)], run.summary[kind]?.int ?? 0)
        }
        if let finished = run.finished {
            text.metric("daybook_run_seconds", .gauge, "How long the last run took.")
            let took = finished.milliseconds - run.started.milliseconds
            text.sample("daybook_run_seconds", Double(took) / 1_000)
        }
    }

    private func addFailures(_ text: inout PrometheusText) async throws(LedgerError) {
        var counts: [String: Int] = [:]
        for failure in try await journal.keptFailures() {
            counts[failure.entry.category.rawValue, default: 0] += 1
        }
        text.metric("daybook_failures", .gauge, "Writes that failed and wait, by category.")
        for (category, count) in counts.sorted(by: { $0.key < $1.key }) {
            text.sample("daybook_failures", [("category", category)], count)
        }
    }

    private func addBudget(_ text: inout PrometheusText) async throws(LedgerError) {
        guard let allowance = try await journal.allowance() else { return }
        text.single(
            "daybook_api_used",
            .gauge,
            "API calls of the org in 24 hours, by all its clients.",
            allowance.used
        )
        text.single("daybook_api_allowed", .gauge, "What the org allows.", allowance.allowed)
    }

    private func addSource(_ text: inout PrometheusText) async throws(LedgerError) {
        guard let mark = try await journal.sourceMark(SourcePoll.source) else { return }
        text.metric("daybook_source_read_until_seconds", .gauge, "How far Cal.com was read.")
        text.sample(
            "daybook_source_read_until_seconds",
            Double(mark.mark.milliseconds) / 1_000
        )
        text.single(
            "daybook_source_problem",
            .gauge,
            "1 if the last reading of Cal.com failed.",
            mark.problem == nil ? 0 : 1
        )
        text.single(
            "daybook_source_gaps",
            .gauge,
            "Bookings of which the last reading found something missing.",
            mark.found
        )
    }
}

extension ServerMetrics.Writes {
    fileprivate mutating func add(_ run: RunLine) {
        for kind in ["create", "update", "delete", "failed", "hold"] {
            counts[kind, default: 0] += run.summary[kind]?.int ?? 0
        }
        avoided += run.summary["unchanged"]?.int ?? 0
        calls += run.summary["apiCalls"]?.int ?? 0
        runs[run.state, default: 0] += 1
    }
}
