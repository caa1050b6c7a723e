public import Domain
import GRDB
public import Ledger

/// An operation that was about to be carried out when its run was interrupted.
public struct BegunOperation: Hashable, Sendable {
    /// The appointment that waits for it, as it is known by now.
    public var appointment: AppointmentID?
    /// When it was planned.
    public var planned: Instant
    /// What the plan that is kept with the run says of it, without personal data.
    public var form: JSON
    /// The operations whose records the ledger learned of by another run, after this one was
    /// intended: it was sent without what waited for those.
    public var learnedLater: Set<OperationID> = []
    /// Whether the ledger learned of a record of its subject after it was intended.
    ///
    /// The results of a job named what it made then; a link from before is to what it was to replace.
    public var isLinkedSince = false
}

extension Journal {
    /// The operations without an outcome, as they were planned: those that are named, and those for
    /// which some appointments wait.
    ///
    /// A run may plan an operation anew while its outcome is not known: what was begun stands in
    /// the last plan before the intent.
    ///
    /// - Parameters:
    ///   - names: The names of operations.
    ///   - appointments: The appointments.
    /// - Returns: The operations whose run kept a plan that writes them.
    /// - Throws: ``LedgerError``.
    public func begunOperations(
        named names: Set<OperationID>,
        or appointments: Set<AppointmentID>
    ) async throws(LedgerError) -> [OperationID: BegunOperation] {
        try await reading { db in
            let waiting = Set(appointments.map(\.root.rawValue))
            var runs: [String: [String: Int]] = [:]
            var roots: [String: String] = [:]
            let sql = "SELECT run, operation, root, position FROM intent"
            for row in try Row.fetchAll(db, sql: sql) {
                let (name, root): (String, String) = (row[1], row[2])
                guard names.contains(OperationID(name)) || waiting.contains(root) else { continue }
                runs[row[0], default: [:]][name] = row[3]
                roots[name] = root
            }
            var begun: [OperationID: BegunOperation] = [:]
            for (run, operations) in runs {
                let plans = try String.fetchCursor(
                    db,
                    sql: "SELECT plan FROM runPlan WHERE run = ? ORDER BY part",
                    arguments: [run]
                )
                while let plan = try plans.next() {
                    begun.merge(try Self.written(operations, in: plan)) { _, later in later }
                }
            }
            try Self.noteLateLinks(in: &begun, runs, db)
            for name in begun.keys {
                let root = roots[name.rawValue].flatMap(BookingUID.init)
                begun[name]?.appointment = root.map(AppointmentID.init)
            }
            return begun
        }
    }

    /// Notes of which records nobody knew when operations were intended: their own, and others that
    /// other runs found.
    private static func noteLateLinks(
        in begun: inout [OperationID: BegunOperation],
        _ runs: [String: [String: Int]],
        _ db: Database
    ) throws {
        guard let first = runs.values.flatMap(\.values).min() else { return }
        let sql = "SELECT subject, position FROM recordLink WHERE position > ?"
        var links: [(subject: OperationID, position: Int, finder: String?)] = []
        for row in try Row.fetchAll(db, sql: sql, arguments: [first]) {
            let (subject, position): (String, Int) = (row[0], row[1])
            if runs.values.contains(where: { ($0[subject] ?? .max) < position }) {
                begun[OperationID(subject)]?.isLinkedSince = true
            }
            // Without a key: only the open part is read.
            let noted = try LedgerTables.events(
                .after(Int64(position - 1), limit: 1),
                db: db,
                key: nil
            )
            let finder = try noted.first.flatMap { try JSON(parsing: $0.data)["run"]?.string }
            links.append((OperationID(subject), position, finder))
        }
        // Operations that were intended at one position share one set.
        for (run, operations) in runs {
            let others = links.filter { $0.finder != run }
            for (intended, alike) in Dictionary(grouping: operations, by: \.value) {
                let later = Set(others.lazy.filter { $0.position > intended }.map(\.subject))
                for (name, _) in alike { begun[OperationID(name)]?.learnedLater.formUnion(later) }
            }
        }
    }

    /// What a plan says of operations, of which is given where they were intended.
    private static func written(
        _ operations: [String: Int],
        in plan: String
    ) throws -> [OperationID: BegunOperation] {
        let plan = try JSON(parsing: plan)
        guard let planned = plan["created"]?.string.flatMap({ Instant(rfc3339: $0) }) else {
            return [:]
        }
        let position = plan["ledger"]?["position"]?.int ?? 0
        var begun: [OperationID: BegunOperation] = [:]
        for form in plan["operations"]?.array ?? [] {
            guard let name = form["operation"]?.string,
                let intended = operations[name], position < intended,
                ["create", "update", "delete"].contains(form["kind"]?.string)
            else { continue }
            begun[OperationID(name)] = BegunOperation(planned: planned, form: form)
        }
        return begun
    }

    /// The address of a person, as the newest event has it that is sealed under the person's key.
    ///
    /// - Parameter person: The person.
    /// - Returns: The address; nil for somebody who was forgotten or never heard of.
    /// - Throws: ``LedgerError``.
    public func address(of person: PersonID) async throws(LedgerError) -> EmailAddress? {
        try await reading { [key = ledger.key] db in
            let positions = try Int64.fetchCursor(
                db,
                sql: """
                    SELECT DISTINCT fact.position FROM participation p JOIN fact ON fact.uid = p.uid
                    WHERE p.person = ? ORDER BY fact.position DESC
                    """,
                arguments: [person.rawValue]
            )
            while let position = try positions.next() {
                let events = try LedgerTables.events(
                    .after(position - 1, limit: 1),
                    db: db,
                    key: key
                )
                for part in events.flatMap(\.parts) where part.subject == person.rawValue {
                    let content = try JSON(parsing: part.content)
                    if let email = content["email"]?.string.flatMap(EmailAddress.init) {
                        return email
                    }
                }
            }
            return nil
        }
    }
}
