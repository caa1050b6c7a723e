public import Domain

extension SalesforceClient {
    /// Sorts writes into batches of one API call each, what others wait for first.
    public func batches(of requests: [WriteRequest]) -> [[WriteRequest]] {
        WriteStep.batches(of: requests).map { batch in batch.map { requests[$0] } }
    }

    /// Sends one batch, and reads the written records back.
    ///
    /// A second call follows only where the first one tells a reason: see `WriteSession`.
    public func send(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteOutcome] {
        try await deliver(batch, known: known).map(\.outcome)
    }

    /// Sends one batch, reads the written records back, and tells which call settled each write.
    public func deliver(
        _ batch: [WriteRequest],
        known: [OperationID: SalesforceID]
    ) async throws(SalesforceError) -> [WriteDelivery] {
        var session = WriteSession(
            batch,
            known: known,
            root: root,
            unreadable: await api.memory.unreadable,
            descriptions: await api.memory.descriptions
        )
        var hasSent = false
        while let call = session.nextCall() {
            do {
                let (answers, request) = try await answers(to: call)
                session.absorb(answers, of: call, request: request)
            } catch {
                try take(error, of: call, into: &session, hasSent: hasSent)
            }
            hasSent = true
            await pauseIfDue(&session)
        }
        for field in session.unreadable { await api.memory.learn(unreadable: field) }
        return session.deliveries
    }

    /// Waits for other transactions to let go of rows.
    private func pauseIfDue(_ session: inout WriteSession) async {
        if session.pausesDue == 0 { return }
        do {
            try await api.pacing.pause(after: session.pausesDue)
        } catch {
            // Interrupted: what was locked stays refused, so that every write has an outcome.
            session.abandon()
        }
    }

    private func take(
        _ failure: DataAPI.Failure,
        of call: WriteCall,
        into session: inout WriteSession,
        hasSent: Bool
    ) throws(SalesforceError) {
        switch failure {
        case .notDone(let error):
            guard hasSent else { throw error }
            session.abandon()
        case .unknown(let reason): session.lose(call, reason: reason)
        }
    }

    private func answers(
        to call: WriteCall
    ) async throws(DataAPI.Failure) -> ([String: Subanswer], request: String?) {
        let effect: Verdict.Effect = call.isRead ? .read : .write
        if call.goesAlone {
            let answer = try await api.answer(to: call.subrequests[0], .write)
            return ([call.subrequests[0].reference: answer], answer.request)
        }
        let request = Subrequest.composite(call.subrequests, root: root)
        let answer = try await api.answer(to: request, effect)
        guard answer.isSuccess else { throw .notDone(SalesforceError(answer)) }
        guard let answers = Composite.answers(answer.body) else {
            throw .unknown("a composite call returned no list")
        }
        return (answers, answer.request)
    }
}
