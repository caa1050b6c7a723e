public import Domain

extension SalesforceClient {
    /// Asks `/limits` how many API calls are left.
    ///
    /// Source: `facts/salesforce-api.md` 5.1.
    public func limits() async throws(SalesforceError) -> APIUsage {
        let request = Subrequest(method: "GET", url: "\(root)/limits", reference: "limits")
        let answer: Subanswer
        do {
            answer = try await api.answer(to: request, .read)
        } catch {
            switch error {
            case .notDone(let error): throw error
            case .unknown(let reason): throw .unreachable(reason)
            }
        }
        guard answer.isSuccess else { throw SalesforceError(answer) }
        let daily = answer.body["DailyApiRequests"]
        if let most = daily?["Max"]?.int, let left = daily?["Remaining"]?.int {
            await api.memory.learn(used: max(0, most - left), allowed: most)
        }
        return await usage
    }

    /// One call for each batch, and one more to read back what had to go alone.
    public func cost(of requests: [WriteRequest]) -> Int {
        batches(of: requests).reduce(0) { sum, batch in
            sum + (batch.contains(where: \.hasReferenceSyntax) ? 2 : 1)
        }
    }
}
