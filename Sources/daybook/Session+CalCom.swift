import CalCom
import Domain
import Pipeline

extension Session {
    /// Whether there is a key to Cal.com's API.
    func hasCalComKey() throws -> Bool {
        try configuration.secret(CalComConfiguration.key) != nil
    }

    /// A client for Cal.com's API.
    func calCom() throws -> CalComClient {
        guard let key = try configuration.secret(CalComConfiguration.key) else {
            throw CommandFailure(
                .configuration,
                """
                There is no key to Cal.com's API. Make one in Cal.com under Settings, API keys, and \
                put it into \(CalComConfiguration.key), or into a file that \
                \(CalComConfiguration.key)_FILE names.
                """
            )
        }
        return try CalComClient(
            settings: .init(
                apiURL: configuration.calcom.apiURL,
                key: key,
                perMinute: configuration.calcom.requestsPerMinute
            ),
            http: http,
            now: Self.now,
            sleep: { try await Task.sleep(for: $0) }
        )
    }

    /// Reads Cal.com and compares it with the ledger.
    func sourcePoll(_ client: CalComClient, isDry: Bool = false) -> SourcePoll {
        var options = SourcePoll.Options()
        options.eventTypes = configuration.calcom.eventTypes
        options.isDry = isDry
        return SourcePoll(journal: journal, source: client, options: options, now: Self.now)
    }
}
