import GRDB

/// Moves bulk jobs on, when they are asked for or when the org's clock says so.
///
/// Nothing runs in the background: a job is worked on by the request that finds it due.
struct BulkRunner {
    let session: Session

    /// How long a job may wait for its data.
    private static let longestOpen = Instant.day

    /// How long results are kept.
    private static let life = 7 * Instant.day

    /// Does what is due at the present time of the org.
    ///
    /// Jobs that were closed longer ago than the setting says are finished, those that stayed open
    /// for 24 hours are aborted, and those that ended seven days ago are gone.
    func runDue() throws {
        let now = session.now.milliseconds
        let delay = Int(session.settings.bulkSeconds * 1000)
        let pending = "state IN ('UploadComplete', 'InProgress') AND closed <= ?"
        for job in try session.jobs(where: pending, [now - delay]) { _ = try finish(job) }
        let open = "state = 'Open' AND created <= ?"
        for var job in try session.jobs(where: open, [now - Self.longestOpen]) {
            job.state = .aborted
            job.modified = session.now
            try session.update(job)
        }
        let old = "state IN ('JobComplete', 'Aborted', 'Failed') AND modified <= ?"
        for job in try session.jobs(where: old, [now - Self.life]) { try session.remove(job) }
    }

    /// Moves a job on because somebody asked for it.
    ///
    /// - Returns: The job: in progress as often as the setting says, then at its end.
    func polled(_ job: BulkJob) throws -> BulkJob {
        guard job.state.isPending else { return job }
        guard job.polls < session.settings.bulkPolls else { return try finish(job) }
        var job = job
        job.polls += 1
        job.state = .inProgress
        job.modified = session.now
        try session.update(job)
        return job
    }

    private func finish(_ job: BulkJob) throws -> BulkJob {
        let worker = Session(db: session.db, org: session.org, userID: job.userID)
        try worker.useLocalCalendar()
        worker.options.version = job.version
        worker.path = "/\(job.path)"
        worker.method = "POST"
        let done =
            switch job.kind {
            case .ingest: try BulkIngest(session: worker, job: job).run()
            case .query: try BulkExtract(session: worker, job: job).run()
            }
        session.add(worker.writes)
        try session.update(done)
        return done
    }
}
