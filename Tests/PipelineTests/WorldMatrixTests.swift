import Domain
import Pipeline
import Salesforce
import Testing

/// Every way to find an attendee, in every state of the world, in every kind of org.
@Suite("Every record in every state")
struct WorldMatrixTests {
    /// How the attendee's record is looked up.
    enum Mode: String, CaseIterable, Sendable {
        case contact
        case lead
        case contactUnderAccount
    }

    /// What the org holds for the attendee when the booking comes.
    enum State: String, CaseIterable, Sendable {
        /// One record.
        case found
        /// None.
        case missing
        /// Two records with the address.
        case duplicate
        /// A lead that an earlier booking made, and that a person converted; in the mode `contact`, one
        /// that a person made.
        case converted
        /// A record that an earlier booking made, and that a person merged into another one.
        case merged
        /// A record that an earlier booking made, and that a person deleted.
        case deleted
    }

    /// How the records are written.
    enum Path: String, CaseIterable, Sendable {
        /// Through the REST API.
        case small
        /// Through jobs of Bulk API 2.0, even a single record.
        case bulk
    }

    /// One case.
    struct Cell: Sendable, CustomTestStringConvertible {
        var mode: Mode
        var state: State
        var sharesActivities: Bool
        var hasKeyField: Bool
        var path: Path

        var testDescription: String {
            let org = [
                sharesActivities ? "Shared Activities" : "one attendee",
                hasKeyField ? "key field" : "no key field",
            ]
            return ([mode.rawValue, state.rawValue] + org + [path.rawValue]).joined(separator: ", ")
        }

        /// Which object stands for the attendee in the end.
        var object: String {
            switch (mode, state) {
            case (.lead, .converted), (.contact, _), (.contactUnderAccount, _): "Contact"
            case (.lead, _): "Lead"
            }
        }

        /// How many records of that object there are in the end.
        var records: Int {
            switch state {
            case .found, .missing, .converted, .merged: 1
            case .duplicate: 2
            case .deleted: 0
            }
        }

        /// Whether an earlier booking made the record.
        var hasHistory: Bool {
            switch state {
            case .found, .missing, .duplicate: false
            // In the mode `contact` nobody's record is a lead of ours.
            case .converted: mode != .contact
            case .merged, .deleted: true
            }
        }

        /// The settings; a lead is made under no account so that it can be converted.
        var settings: String {
            """
            {"attendeeRecord":"\(mode.rawValue)","createContactUnderAccount":true,\
            "createLeadIfNoAccount":true,\
            "onBooking":{"attendee":{"Last_Booking_Status__c":"{status}"}}}
            """
        }
    }

    static let cells: [Cell] = Path.allCases.flatMap { path in
        Mode.allCases.flatMap { mode in
            State.allCases.flatMap { state in
                [true, false].flatMap { shares in
                    [true, false].map { key in
                        Cell(
                            mode: mode,
                            state: state,
                            sharesActivities: shares,
                            hasKeyField: key,
                            path: path
                        )
                    }
                }
            }
        }
    }

    @Test("is every combination, once")
    func complete() {
        let combinations: Int = 3 * 6 * 2 * 2 * 2
        let names = Set(Self.cells.map(\.testDescription))
        #expect(names.count == combinations)
    }

    private func booking(_ status: String) -> Meeting {
        Meeting(status).with { $0.answers["status"] = .string(status) }
    }

    @Test("ends up right, without doubles, and with nothing left to do", arguments: cells)
    func cell(_ cell: Cell) async throws {
        try await withPipeline { world in
            world.paths = WritePaths(threshold: cell.path == .bulk ? 1 : nil)
            let record = try await arrange(cell, world)
            let report = try await world.sync(booking("second").created)
            #expect(report.summary.failed == 0)
            let jobs = try await world.org.ingestJobs
            #expect((jobs > 0) == (cell.path == .bulk))

            let rows = try await world.org.query(
                "SELECT Id, Last_Booking_Status__c FROM \(cell.object)"
            )
            #expect(rows.count == cell.records)
            let other = cell.object == "Lead" ? "Contact" : "Lead"
            #expect(try await world.org.count(other) == (cell.state == .converted ? 1 : 0))
            let written = rows.filter { $0.text("Last_Booking_Status__c") == "second" }
            #expect(written.count == min(cell.records, 1))
            if let record { #expect(written.allSatisfy { $0.text("Id") == record }) }

            let events = try await world.org.query("SELECT WhoId, Description FROM Event")
            #expect(events.count == (cell.hasHistory ? 2 : 1))
            // What stays related to a record that a person deleted is Salesforce's affair.
            let ours = events.filter { event in
                cell.state != .deleted || event.text("Description").hasSuffix("booking second")
            }
            let expected = cell.state == .deleted ? "" : written.first?.text("Id") ?? "nobody"
            #expect(Set(ours.map { $0.text("WhoId") }) == [expected])

            #expect(try await world.plan(.everything).summary.hasWrites == false)
            try await world.org.resetCounters()
            #expect(try await world.reconcile(.everything).summary.hasWrites == false)
            #expect(try await world.org.writes == 0)
        }
    }

    /// Brings the org into its state.
    ///
    /// - Returns: The record that has to be the attendee's, unless it is only being made.
    private func arrange(_ cell: Cell, _ world: World) async throws -> String? {
        try await world.org.settings(
            """
            {"sharedActivities":\(cell.sharesActivities),"omitDaybookKey":\(!cell.hasKeyField)}
            """
        )
        let account =
            cell.mode == .contactUnderAccount && cell.state != .converted
            ? try await world.org.create(
                "Account",
                ["Name": "Globex", "Website": "globex.example"]
            )
            : nil
        try await world.accept(cell.settings)
        switch cell.state {
        case .missing: return nil
        case .found: return try await person(cell, account, world)
        case .duplicate:
            let oldest = try await person(cell, account, world)
            world.wait(minutes: 1)
            try await person(cell, account, world)
            return oldest
        case .converted, .merged, .deleted: return try await moved(cell, account, world)
        }
    }

    /// A person's record, made by somebody else.
    @discardableResult
    private func person(
        _ cell: Cell,
        _ account: String?,
        _ world: World,
        email: String = Meeting.Person.dana.email
    ) async throws -> String {
        var fields: [String: JSON] = ["LastName": "Okafor", "Email": .string(email)]
        if cell.object == "Lead" { fields["Company"] = "Globex" }
        if let account { fields["AccountId"] = .string(account) }
        return try await world.org.create(cell.object, fields)
    }

    /// A record that an earlier booking made, and what a person did with it since.
    private func moved(_ cell: Cell, _ account: String?, _ world: World) async throws -> String? {
        if cell.mode == .contact, cell.state == .converted {
            let lead = try await world.org.create(
                "Lead",
                [
                    "LastName": "Okafor", "Company": "Globex",
                    "Email": .string(Meeting.Person.dana.email),
                ]
            )
            defer { world.wait(minutes: 1) }
            return try await world.org.convert(lead)
        }
        try await world.sync(booking("first").created)
        defer { world.wait(minutes: 1) }
        if cell.state == .converted {
            return try await world.org.convert(try await world.lead().text("Id"))
        }
        let made = try await world.org.one("SELECT Id FROM \(cell.object)").text("Id")
        if cell.state == .deleted {
            try await world.org.delete(cell.object, made)
            return nil
        }
        let winner = try await person(cell, account, world, email: "keeper@globex.example")
        try await world.org.merge(made, into: winner)
        return winner
    }
}
