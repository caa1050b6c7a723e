import Domain
import Reconciliation

/// A plan file that somebody read and wants applied.
///
/// | what moved                        | what happens                                          |
/// |-----------------------------------|-------------------------------------------------------|
/// | the file itself, or its 24 hours  | refused                                               |
/// | the ledger is another one         | refused                                               |
/// | the org, the settings             | refused                                               |
/// | the ledger, or a record           | decided again: the same decision goes on, another one is left out and named |
struct ApprovedPlan {
    let appointments: [AppointmentID]
    /// What it is a plan of.
    let basis: PlanBasis
    /// The name of its ledger; nil in files from before plans said it.
    let ledger: String?
    let org: String
    let settings: String
    let decisions: [OperationID: String]
    let document: JSON

    /// Reads a plan file.
    init(_ document: JSON, now: Instant) throws {
        guard document["format"]?.string == "daybook.plan/1",
            let operations = document["operations"]?.array, let org = document["org"]?.string,
            let settings = document["settings"]?.string,
            let expires = document["expires"]?.string.flatMap({ Instant(rfc3339: $0) })
        else { throw RunRefusal.stalePlan("this is no plan file of format daybook.plan/1") }
        guard now <= expires else { throw RunRefusal.stalePlan("it is more than 24 hours old") }
        (self.org, self.settings, self.document) = (org, settings, document)
        ledger = document["ledger"]?["name"]?.string
        basis = try PlanBasis(document: document["basis"])
        var decisions: [OperationID: String] = [:]
        var roots: Set<BookingUID> = []
        for operation in operations {
            guard let name = operation["operation"]?.string,
                let decision = operation["decision"]?.string
            else { throw RunRefusal.stalePlan("an operation of the file is damaged") }
            decisions[OperationID(name)] = decision
            for root in operation["appointments"]?.array ?? [] {
                if let uid = root.string.flatMap(BookingUID.init) { roots.insert(uid) }
            }
        }
        self.decisions = decisions
        appointments = roots.sorted().map(AppointmentID.init)
    }
}
