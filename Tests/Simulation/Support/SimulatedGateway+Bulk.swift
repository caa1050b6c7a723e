import Domain
import TestSupport

@testable import Salesforce

/// The jobs of an org.
struct SimulatedJob {
    var state = BulkJobState.open
    var requests: [WriteRequest]
    var known: [OperationID: SalesforceID]
    var identities: [String]
    /// When it was made, right after Daybook looked at the records.
    var made: Instant
    /// When the run began that made it.
    var begun: Instant
    /// When the org comes to it.
    var due = Instant(milliseconds: 0)
    /// After how many rows the org gives up; nil for never.
    var breaksAfter: Int?
    /// Whether the first record is locked by somebody else.
    var isLocked = false
    var results = BulkResults()
    /// Which changes the job made: from one place to before another.
    var changes = 0..<0
}

/// Jobs of Bulk API 2.0, from two writes of one kind on.
extension SimulatedGateway: BulkGateway {
    func stages(of requests: [WriteRequest]) async -> [WriteStage] {
        WritePaths(threshold: 2).stages(of: requests, callsLeft: nil)
    }

    func moved(
        of requests: [WriteRequest]
    ) async throws(SalesforceError) -> Set<OperationID> {
        try ask()
        return org.use { org in
            Set(requests.filter { Self.hasMoved($0, org) }.map(\.operation))
        }
    }

    private static func hasMoved(_ request: WriteRequest, _ org: SimulatedOrg) -> Bool {
        guard case .update(let id) = request.kind, let since = request.unmodifiedSince,
            let record = org.records[id]
        else { return false }
        return record.modified > since
    }

    func begin(
        _ requests: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> BulkJob? {
        let fault = try begin(.send)
        if fault == .lock { return nil }
        if fault == .lostRequest { throw .unreachable("no answer") }
        let table = BulkTable(requests, known: known)
        let job = SimulatedJob(
            requests: requests,
            known: known,
            identities: table.identities,
            made: clock.now,
            begun: begun
        )
        let id = org.use { $0.add(job) }
        try end(fault)
        return BulkJob(id: id, requests: requests, identities: table.identities, rows: table.csv)
    }

    /// What comes of a fault after the request took hold.
    private func end(_ fault: Chaos.Fault?) throws(SalesforceError) {
        switch fault {
        case .crashAfter:
            chaos.die()
            throw .unreachable("the program died")
        case .lostAnswer, .half: throw .unreachable("no answer")
        default: return
        }
    }

    func submit(_ job: BulkJob) async throws(SalesforceError) -> Bool {
        let fault: Chaos.Fault?
        do {
            fault = try begin(.send)
        } catch {
            // The rows did not arrive: nobody closes the job.
            if case .unreachable = error, !chaos.isDead { return false }
            throw error
        }
        if fault == .lostRequest { return false }
        let seconds = Int64(job.requests.count) * 20
        org.use { org in
            org.jobs[job.id]?.state = .working
            org.jobs[job.id]?.due = clock.now.advanced(byMilliseconds: seconds * 1_000)
            org.jobs[job.id]?.breaksAfter = fault == .half ? job.requests.count / 2 : nil
            org.jobs[job.id]?.isLocked = fault == .lock
        }
        if fault == .edit { await interfere() }
        if fault == .crashAfter { try end(fault) }
        return true
    }

    func state(of job: BulkJobID) async throws(SalesforceError) -> BulkJobState {
        try ask()
        return org.use { $0.jobs[job]?.state ?? .gone }
    }

    func pause(after questions: Int) async throws(SalesforceError) {
        clock.advance(bySeconds: Int64(min(20, 2 * questions)))
    }

    func abort(_ job: BulkJobID) async throws(SalesforceError) {
        let fault = try begin(.read)
        if fault != .half {
            org.use { if $0.jobs[job]?.state == .open { $0.jobs[job]?.state = .aborted } }
        }
        try end(fault)
    }

    func results(of job: BulkJobID) async throws(SalesforceError) -> BulkResults {
        try ask()
        guard let results = org.use({ $0.jobs[job]?.results }) else {
            throw .unexpectedAnswer("the job is gone")
        }
        return results
    }

    func outcomes(of job: BulkJob, _ results: BulkResults) async -> [WriteOutcome?] {
        var outcomes = BulkOutcomes.outcomes(of: job, results)
        let changes = org.use { $0.jobs[job.id]?.changes } ?? 0..<0
        noteWrite(from: changes.lowerBound)
        org.use { $0.answer(Set(outcomes.compactMap { $0?.record }), in: changes) }
        do {
            try ask()
        } catch {
            // Written, but not seen.
            org.use { org in for place in changes { org.changes[place].isUnseen = true } }
            return outcomes
        }
        for (place, request) in job.requests.enumerated() {
            guard case .written(let id, let wasCreated, _)? = outcomes[place] else { continue }
            let seen = org.use { org in
                org.noteRaces(on: id, in: changes)
                return OrgWriter.seen(id, request, org)
            }
            outcomes[place] = .written(id, wasCreated: wasCreated, seen: seen)
        }
        return outcomes
    }
}

extension SimulatedOrg {
    /// Takes in a job.
    mutating func add(_ job: SimulatedJob) -> BulkJobID {
        guard let id = BulkJobID(Self.id("750", jobs.count + 1).rawValue) else {
            preconditionFailure("an id of the org is one of a job")
        }
        jobs[id] = job
        jobs[id]?.results.object = job.requests[0].object
        return id
    }

    /// Carries out the closed jobs whose time has come, whether or not anybody asks for them.
    mutating func workOnJobs(until now: Instant) {
        let due = jobs.filter { $0.value.state == .working && $0.value.due <= now }
        let ordered = due.sorted {
            ($0.value.due, $0.key.rawValue) < ($1.value.due, $1.key.rawValue)
        }
        for (id, _) in ordered {
            work(on: id, until: now)
        }
    }

    /// Carries a closed job out, once its time has come.
    private mutating func work(on id: BulkJobID, until now: Instant) {
        guard var job = jobs[id], job.state == .working, job.due <= now else { return }
        let first = changes.count
        var writer = OrgWriter(
            known: job.known,
            now: job.due,
            begun: job.begun,
            locked: job.isLocked
        )
        for (place, var request) in job.requests.enumerated() {
            request.unmodifiedSince = nil
            let isDone = job.breaksAfter.map { place < $0 } ?? true
            let result = isDone ? Self.result(writer.write(request, in: &self)) : .unprocessed
            job.results.rows[job.identities[place], default: []].append(result)
        }
        job.changes = first..<changes.count
        for place in job.changes { changes[place].looked = job.made }
        job.state = job.breaksAfter == nil ? .complete : .failed("InternalServerError")
        jobs[id] = job
    }

    /// Notes that what was written to a record is read back after somebody else changed it.
    mutating func noteRaces(on id: SalesforceID, in places: Range<Int>) {
        guard records[id]?.modifiedBy != .daybook else { return }
        for place in places where changes[place].record == id { changes[place].isUnseen = true }
    }

    private static func result(_ outcome: WriteOutcome) -> BulkRowResult {
        switch outcome {
        case .written(let id, let wasCreated, _): .written(id, wasCreated: wasCreated)
        case .refused(let errors): .refused(errors)
        case .unknown, .notAttempted: .unprocessed
        }
    }
}
