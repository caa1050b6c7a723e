public import Domain

extension SalesforceClient: BulkGateway {
    /// The client itself.
    public var bulk: (any BulkGateway)? { self }

    /// Sorts the writes of a run into stages by ``WritePaths``, with what the org last said of its
    /// allowance.
    public func stages(of requests: [WriteRequest]) async -> [WriteStage] {
        let usage = await api.memory.usage
        let left = usage.allowedToday.flatMap { allowed in usage.usedToday.map { allowed - $0 } }
        return paths.stages(of: requests, callsLeft: left)
    }

    /// Reads the stamps of guarded records, right before a job changes them.
    public func moved(
        of requests: [WriteRequest]
    ) async throws(SalesforceError) -> Set<OperationID> {
        var guarded: [SalesforceID: (operation: OperationID, since: Instant)] = [:]
        for request in requests {
            guard case .update(let id) = request.kind, let since = request.unmodifiedSince else {
                continue
            }
            guarded[id] = (request.operation, since)
        }
        guard let object = requests.first?.object, !guarded.isEmpty else { return [] }
        let question = ReadRequest.records(
            object,
            guarded.keys.sorted(),
            fields: ["SystemModstamp"]
        )
        let rows = try await read([question]).first?.rows ?? []
        let stamps = rows.compactMap {
            ObservedRecord(row: $0, object: object, description: nil)
        }
        return Set(
            stamps.compactMap { record in
                guard let (operation, since) = guarded[record.id], let stamp = record.stamp,
                    stamp > since
                else { return nil }
                return operation
            }
        )
    }

    /// Makes a job that waits for its rows.
    ///
    /// A job that is made and never closed does nothing, so a lost answer is no harm.
    public func begin(
        _ requests: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> BulkJob? {
        guard !requests.isEmpty else { return nil }
        let table = BulkTable(requests, known: known)
        let answer = try await jobs(
            "POST",
            "",
            .compact([
                ("object", .string(table.object.rawValue)),
                ("operation", .string(table.operation.name)),
                (
                    "externalIdFieldName",
                    table.operation.isUpsert ? table.operation.identity.map(JSON.string) : nil
                ),
                ("contentType", .string("CSV")), ("lineEnding", .string("LF")),
                ("columnDelimiter", .string("COMMA")),
            ])
        )
        if !answer.isSuccess { return nil }
        guard let info = BulkJobInfo(answer.body) else {
            throw .unexpectedAnswer("a new bulk job has no id")
        }
        return BulkJob(
            id: info.id,
            requests: requests,
            identities: table.identities,
            rows: table.csv
        )
    }

    /// Hands the rows over and closes the job.
    public func submit(_ job: BulkJob) async throws(SalesforceError) -> Bool {
        // Lost or refused: rows of a job that nobody closes are not touched.
        guard try await upload(job) else { return try await drop(job.id) }
        return try await close(job.id)
    }

    private func upload(_ job: BulkJob) async throws(SalesforceError) -> Bool {
        let request = DataRequest(
            method: "PUT",
            url: url(job.id) + "/batches",
            contentType: "text/csv",
            body: job.rows
        )
        do throws(DataAPI.Failure) {
            let reply = try await api.reply(to: request, .write)
            return reply.map { (200..<300).contains($0.status) } ?? false
        } catch {
            if case .notDone(let error) = error, !error.isPassing { throw error }
            return false
        }
    }

    private func close(_ job: BulkJobID) async throws(SalesforceError) -> Bool {
        do {
            let answer = try await change(job, to: "UploadComplete")
            if answer.isSuccess { return true }
            // Perhaps an earlier try was obeyed, and only its answer was lost.
            return try await state(of: job) == .open ? try await drop(job) : true
        } catch {
            // Nobody knows whether it is closed: its state tells, later.
            if error.isPassing { return true }
            throw error
        }
    }

    /// Gives an open job up.
    private func drop(_ job: BulkJobID) async throws(SalesforceError) -> Bool {
        do {
            try await abort(job)
        } catch {
            // It stays open and does nothing.
            if !error.isPassing { throw error }
        }
        return false
    }

    /// Asks how far a job has come.
    public func state(of job: BulkJobID) async throws(SalesforceError) -> BulkJobState {
        try await info(of: job)?.state ?? .gone
    }

    /// Waits before the next question: 2 seconds, then half as long again each time, 20 at most.
    public func pause(after questions: Int) async throws(SalesforceError) {
        let grown = (1..<max(1, min(questions, 12))).reduce(2.0) { wait, _ in wait * 1.5 }
        do {
            try await api.pacing.sleep(.seconds(min(20, grown)))
        } catch {
            throw .unreachable("the run was interrupted while it waited for a bulk job")
        }
    }

    /// Ends a job; one that has ended already stays as it is.
    public func abort(_ job: BulkJobID) async throws(SalesforceError) {
        _ = try await change(job, to: "Aborted")
    }

    /// What became of the rows of a job that has ended.
    ///
    /// Lists that are empty by the job's own count are not asked for.
    public func results(of job: BulkJobID) async throws(SalesforceError) -> BulkResults {
        var results = BulkResults()
        guard let info = try await info(of: job), let operation = info.operation else {
            throw .unexpectedAnswer("bulk job \(job.rawValue) is gone")
        }
        results.object = info.object
        for list in BulkResults.List.allCases where info.mayHave(list) {
            let request = DataRequest(
                method: "GET",
                url: url(job) + "/" + list.rawValue,
                accept: "text/csv"
            )
            guard let reply = try await reply(to: request), reply.status == 200 else {
                throw .unexpectedAnswer("bulk job \(job.rawValue) does not show its results")
            }
            try results.add(reply.body, of: list, operation)
        }
        return results
    }

    /// What became of the writes of a job, with the records read back.
    public func outcomes(of job: BulkJob, _ results: BulkResults) async -> [WriteOutcome?] {
        var outcomes = BulkOutcomes.outcomes(of: job, results)
        await readBack(job.requests, &outcomes)
        return outcomes
    }

    private func readBack(_ requests: [WriteRequest], _ outcomes: inout [WriteOutcome?]) async {
        let (question, ids) = BulkOutcomes.readBack(
            requests,
            outcomes,
            unreadable: await api.memory.unreadable
        )
        guard let question, case .records(let object, _, _) = question else { return }
        let rows: [JSON]
        do {
            rows = try await read([question]).first?.rows ?? []
        } catch {
            // Written, but not seen: the next look sees them.
            return
        }
        let description = await api.memory.descriptions[object]
        for row in rows {
            guard let seen = ObservedRecord(row: row, object: object, description: description)
            else { continue }
            for place in ids[seen.id] ?? [] {
                guard case .written(let id, let wasCreated, _)? = outcomes[place] else { continue }
                outcomes[place] = .written(id, wasCreated: wasCreated, seen: seen)
            }
        }
    }

    // MARK: Requests

    private func url(_ job: BulkJobID) -> String { "\(root)/jobs/ingest/\(job.rawValue)" }

    private func info(of job: BulkJobID) async throws(SalesforceError) -> BulkJobInfo? {
        let answer = try await jobs("GET", "/\(job.rawValue)", nil)
        if answer.status == 404 { return nil }
        guard answer.isSuccess, let info = BulkJobInfo(answer.body) else {
            throw .unexpectedAnswer("bulk job \(job.rawValue) does not tell its state")
        }
        return info
    }

    private func change(
        _ job: BulkJobID,
        to state: String
    ) async throws(SalesforceError) -> Subanswer {
        try await jobs("PATCH", "/\(job.rawValue)", .compact([("state", .string(state))]))
    }

    /// A request about jobs; each of them may be sent twice.
    private func jobs(
        _ method: String,
        _ path: String,
        _ body: JSON?
    ) async throws(SalesforceError) -> Subanswer {
        let request = Subrequest(
            method: method,
            url: "\(root)/jobs/ingest\(path)",
            reference: "job",
            body: body
        )
        do {
            return try await api.answer(to: request, .read)
        } catch {
            throw error.readError
        }
    }

    func reply(to request: DataRequest) async throws(SalesforceError) -> HTTPReply? {
        do {
            return try await api.reply(to: request, .read)
        } catch {
            throw error.readError
        }
    }
}

extension SalesforceError {
    /// Whether the same question may be answered later, without a person's doing.
    fileprivate var isPassing: Bool {
        switch self {
        case .unreachable, .unexpectedAnswer, .rejected: true
        case .unauthorised, .logInRefused, .forbidden, .limitReached, .configuration: false
        }
    }
}

extension BulkOperation {
    fileprivate var isUpsert: Bool { if case .upsert = self { true } else { false } }
}

extension BulkJobInfo {
    /// Whether a list of results holds anything, by the job's own count.
    fileprivate func mayHave(_ list: BulkResults.List) -> Bool {
        guard state == .complete else { return true }
        return switch list {
        case .successful: processed > failed || processed == 0
        case .failed: failed > 0
        case .unprocessed: false
        }
    }
}
