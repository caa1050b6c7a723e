import Domain

extension SalesforceClient {
    /// Answers several questions with as few API calls as possible.
    ///
    /// An org that does not show `EventWhoIds` is asked again without it: the rows then lack the
    /// member, and ``OrgSchema/attendeesField`` has to be read through other objects.
    public func read(_ requests: [ReadRequest]) async throws(SalesforceError) -> [ReadAnswer] {
        let omitted = await api.memory.unreadable
        do {
            return try await answers(to: requests, omitting: omitted)
        } catch {
            guard error.isAboutAttendees, !omitted.contains(OrgSchema.attendeesField) else {
                throw error
            }
        }
        await api.memory.learn(unreadable: OrgSchema.attendeesField)
        return try await answers(to: requests, omitting: omitted.union([OrgSchema.attendeesField]))
    }

    private func answers(
        to requests: [ReadRequest],
        omitting omitted: Set<FieldName>
    ) async throws(SalesforceError) -> [ReadAnswer] {
        let tries = api.pacing.tries
        var session = try ReadSession(
            requests,
            root: root,
            tries: tries,
            omitting: omitted,
            ownUser: await api.memory.ownUser
        )
        var pauses = 0
        while true {
            let parts = session.nextCall()
            if parts.isEmpty { break }
            let answers = try await answers(to: parts)
            for (part, answer) in zip(parts, answers) { try session.absorb(answer, to: part) }
            while let long = session.nextLongQuery(), let statement = long.statement {
                session.absorb(try await rows(of: statement), ofLong: long)
            }
            if session.wantsPause {
                pauses += 1
                try await api.pacing.pause(after: pauses)
            }
        }
        await api.memory.learn(session.described)
        if let user = session.ownUser { await api.memory.learn(ownUser: user) }
        return session.answers
    }

    /// The answers to parts by one API call, in their order; nil for one that was left out.
    private func answers(
        to parts: [ReadSession.Part]
    ) async throws(SalesforceError) -> [Subanswer?] {
        let subrequests = parts.enumerated().map { place, part in
            Subrequest(
                method: part.method,
                url: part.url,
                reference: "r\(place)",
                body: part.body
            )
        }
        do {
            // A question that goes alone costs the same without an envelope, if its URL is short
            // enough for every proxy on the way.
            if subrequests.count == 1, subrequests[0].url.utf8.count <= 4_000 {
                return [try await api.answer(to: subrequests[0], .read)]
            }
            return try await composite(subrequests)
        } catch {
            throw error.readError
        }
    }

    private func composite(
        _ subrequests: [Subrequest]
    ) async throws(DataAPI.Failure) -> [Subanswer?] {
        let call = Subrequest.composite(subrequests, root: root)
        let answer = try await api.answer(to: call, .read)
        guard answer.isSuccess else { throw .notDone(SalesforceError(answer)) }
        guard let answers = Composite.answers(answer.body) else {
            throw .notDone(.unexpectedAnswer("a composite call returned no list"))
        }
        return subrequests.map { answers[$0.reference] }
    }
}

extension Subrequest {
    /// One API call that carries all of these.
    static func composite(_ subrequests: [Subrequest], root: String) -> Self {
        Subrequest(
            method: "POST",
            url: "\(root)/composite",
            reference: "composite",
            body: Composite.body(subrequests)
        )
    }
}

extension DataAPI.Failure {
    /// The failure of something that may be sent twice.
    var readError: SalesforceError {
        switch self {
        case .notDone(let error): error
        case .unknown(let reason): .unreachable(reason)
        }
    }
}

extension SalesforceError {
    /// Whether the org says that it does not know `EventWhoIds`.
    fileprivate var isAboutAttendees: Bool {
        guard case .rejected("INVALID_FIELD", let message) = self else { return false }
        return message.contains(OrgSchema.attendeesField.rawValue)
    }
}
