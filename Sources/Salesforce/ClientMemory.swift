import Domain

/// What a client learns while it works.
actor ClientMemory {
    private(set) var usage = APIUsage()
    private(set) var descriptions: [ObjectName: ObjectDescription] = [:]
    /// Under whose name the client works.
    private(set) var ownUser: SalesforceID?
    /// Fields that this org accepts but does not show.
    private(set) var unreadable: Set<FieldName> = []

    /// Counts a call, and takes note of what the org says about its allowance.
    ///
    /// - Parameter limitInfo: The value of `Sforce-Limit-Info`, for example
    ///   `api-usage=18/5000; per-app-api-usage=17/250(appName=x)`.
    func count(limitInfo: String?) {
        usage.calls += 1
        guard let limitInfo else { return }
        for part in limitInfo.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmingWhitespace() }
            guard pair.count == 2, pair[0] == "api-usage" else { continue }
            let numbers = pair[1].split(separator: "/").map { Int($0) }
            guard numbers.count == 2, let used = numbers[0], let allowed = numbers[1] else {
                continue
            }
            (usage.usedToday, usage.allowedToday) = (used, allowed)
        }
    }

    /// Takes note of what the org says when it is asked for its allowance.
    func learn(used: Int, allowed: Int) {
        (usage.usedToday, usage.allowedToday) = (used, allowed)
    }

    /// Keeps descriptions, so that later rows can be read by type.
    func learn(_ described: [ObjectDescription]) {
        for description in described { descriptions[description.name] = description }
    }

    /// Keeps under whose name the client works.
    func learn(ownUser: SalesforceID) { self.ownUser = ownUser }

    /// Keeps that a field cannot be read.
    func learn(unreadable field: FieldName) { unreadable.insert(field) }
}
