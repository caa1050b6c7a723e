import Domain
import Ledger
import Reconciliation

extension ApprovedPlan {
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
