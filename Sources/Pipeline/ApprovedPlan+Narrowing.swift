import Domain
import Ledger
import Reconciliation

extension ApprovedPlan {
    /// Refuses a plan that was made for something else.
    ///
    /// - Parameter fresh: The same plan, made now.
    /// - Throws: ``RunRefusal/stalePlan(_:)``.
    func check(_ fresh: SyncPlan) throws {
        if let ledger, ledger != fresh.ledger {
            throw RunRefusal.stalePlan(
                "it was made from another ledger, '\(ledger)', and this one is '\(fresh.ledger)'"
            )
        }
        guard org == fresh.org || appointments.isEmpty else {
            throw RunRefusal.stalePlan("it was made for another org")
        }
        guard settings == fresh.settingsDigest else {
            throw RunRefusal.stalePlan("the settings changed since it was made")
        }
    }

    /// The operations of a fresh plan that are what the file says, and the names of the others.
    func narrow(
        _ fresh: SyncPlan,
        digest: (String) -> ValueDigest
    ) throws -> (SyncPlan, stale: [OperationID]) {
        var members = document.members ?? []
        let seal = members.first { $0.name == "id" }?.value.string
        members.removeAll { $0.name == "id" }
        guard seal == digest(JSON.object(members).text).hexadecimal else {
            throw RunRefusal.stalePlan(
                "the file was changed after it was made, or it was made from another ledger"
            )
        }
        var narrowed = fresh
        narrowed.operations = fresh.operations.filter { operation in
            decisions[operation.id] == operation.decision(digest)
        }
        let same = Set(narrowed.operations.map(\.id))
        let stale = decisions.keys.filter { !same.contains($0) }.sorted()
        return (narrowed, stale)
    }
}
