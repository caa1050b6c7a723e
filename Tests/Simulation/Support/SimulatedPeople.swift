import Domain
import Synchronization
import TestSupport

/// The people who work in the org: they edit, empty, delete, merge and convert.
final class SimulatedPeople: Sendable {
    private let org: SharedOrg
    private let clock: ManualClock
    private let generator: Mutex<SeededGenerator>

    init(_ org: SharedOrg, _ clock: ManualClock, seed: UInt64) {
        (self.org, self.clock) = (org, clock)
        generator = Mutex(SeededGenerator(seed: seed))
    }

    /// Puts into the org what was there before Daybook.
    func furnish() {
        let now = clock.now.advanced(byMilliseconds: -86_400_000)
        generator.withLock { generator in
            org.use { org in
                Self.furnish(&org, now, &generator)
            }
        }
    }

    private static func furnish(
        _ org: inout SimulatedOrg,
        _ now: Instant,
        _ generator: inout SeededGenerator
    ) {
        for host in SimulatedPerson.hosts.prefix(2) {
            _ = org.create(
                .user,
                [
                    "Email": .string(host.email), "Name": .string(host.name),
                    "IsActive": .bool(true), "UserType": "Standard",
                ],
                by: .person,
                at: now
            )
        }
        let accounts = furnishAccounts(&org, now, &generator)
        for person in SimulatedPerson.attendees {
            for object in [ObjectName.contact, .contact, .lead, .lead] where generator.oneIn(5) {
                var fields: [String: JSON] = [
                    "LastName": "Earlier", "Email": .string(person.email),
                ]
                if object == .lead { fields["Company"] = "Earlier" }
                if object == .contact, generator.oneIn(2) {
                    // Another domain is known by its contacts, which all have the same account.
                    let own = person.email.hasSuffix("@globex.example") ? accounts : [accounts[0]]
                    fields["AccountId"] = .string(generator.any(own).rawValue)
                }
                for (field, _) in SimulatedSettings.policies where generator.oneIn(4) {
                    fields[field] = "before"
                }
                _ = org.create(object, fields, by: .person, at: now)
            }
        }
    }

    /// The accounts that were there before Daybook, and stay: one of Globex at least.
    private static func furnishAccounts(
        _ org: inout SimulatedOrg,
        _ now: Instant,
        _ generator: inout SeededGenerator
    ) -> [SalesforceID] {
        func make(
            _ name: String,
            _ website: String,
            _ hours: Int64,
            _ more: [String: JSON] = [:]
        ) -> SalesforceID {
            var fields: [String: JSON] = ["Name": .string(name), "Website": .string(website)]
            if generator.oneIn(2) {
                let users = [SimulatedOrg.ownUser, SimulatedOrg.firstUser, SimulatedOrg.secondUser]
                fields[SimulatedRouting.accountField] = .string(generator.any(users).rawValue)
            }
            return org.create(
                .account,
                fields.merging(more) { $1 },
                by: .person,
                at: now.advanced(byMilliseconds: hours * 3_600_000)
            )
        }
        func active() -> [String: JSON] {
            ["LastActivityDate": .string("2026-0\(generator.number(1...9))-07")]
        }
        var accounts = [make("Globex", "https://www.globex.example", 0, active())]
        if generator.oneIn(3) {
            let hours = generator.any([-5, 5])
            accounts.append(make("Globex Europe", "globex.example", Int64(hours), active()))
        }
        if generator.oneIn(3) {
            let type = JSON.compact([("Name", .string(SimulatedSettings.partner))])
            let more = ["RecordTypeId": .string("012000000000001AAA"), "RecordType": type]
            let fields = active().merging(more) { $1 }
            accounts.append(make("Globex Partners", "http://globex.example/x", -9, fields))
        }
        if generator.oneIn(2) { _ = make("Initech", "https://initech.test", 0) }
        return accounts
    }

    /// Somebody does something with a record that Daybook wrote to.
    ///
    /// A person's record that Daybook made without learning of it, and that is deleted, merged,
    /// converted or readdressed before Daybook looks, is not found again: that happens to none.
    func act() {
        generator.withLock { generator in
            let now = clock.now
            org.use { org in
                org.work(until: now)
                let known = Set(org.changes.filter { $0.editor == .daybook }.map(\.record)).sorted()
                guard !known.isEmpty else { return }
                let id = generator.any(known)
                guard let record = org.records[id], org.present(id)?.id == id else { return }
                let mayMove = org.isLearned(id)
                switch (record.object, generator.number(0...19)) {
                case (.contact, 0...3) where !mayMove, (.lead, 0...5) where !mayMove: return
                case (SimulatedSettings.miss, _) where !mayMove: return
                case (.eventRecord, 0...2), (.contact, 0), (.lead, 0),
                    (SimulatedSettings.miss, 0...4):
                    Self.ignoringRefusal { () throws(SimulatedOrg.Refusal) in
                        try org.delete(id, by: .person, at: now)
                    }
                case (.contact, 1...3), (.lead, 1...2): Self.merge(record, &org, now)
                case (.lead, 3...5): _ = org.convert(id, at: now)
                case (.contact, 4) where mayMove, (.lead, 6) where mayMove:
                    Self.readdress(record, &org, now)
                default: Self.edit(record, &org, now, &generator)
                }
            }
        }
        clock.advance(bySeconds: 45)
    }

    /// Somebody does something while a run is under way, with a record that Daybook wrote to.
    func interfere() {
        if generator.withLock({ $0.oneIn(4) }) { act() } else { edit() }
    }

    /// Somebody else takes over one of the records with an address.
    func giveAway(_ email: String) {
        generator.withLock { generator in
            let now = clock.now
            org.use { org in
                org.work(until: now)
                let records = (org.all(.contact) + org.all(.lead)).filter {
                    $0.text("Email").lowercased() == email.lowercased()
                        && $0.fields["IsConverted"] != .bool(true)
                }
                let owner = JSON.string(generator.any(org.all(.user)).id.rawValue)
                guard !records.isEmpty else { return }
                let record = generator.any(records)
                Self.ignoringRefusal { () throws(SimulatedOrg.Refusal) in
                    try org.change(record.id, ["OwnerId": owner], by: .person, at: now)
                }
            }
        }
        clock.advance(bySeconds: 20)
    }

    private func edit() {
        clock.advance(bySeconds: 20)
        generator.withLock { generator in
            let now = clock.now
            org.use { org in
                org.work(until: now)
                let known = Set(org.changes.filter { $0.editor == .daybook }.map(\.record)).sorted()
                guard !known.isEmpty else { return }
                let id = generator.any(known)
                guard let record = org.records[id], org.present(id)?.id == id else { return }
                Self.edit(record, &org, now, &generator)
            }
        }
        clock.advance(bySeconds: 20)
    }

    private static func edit(
        _ record: SimulatedOrg.Record,
        _ org: inout SimulatedOrg,
        _ now: Instant,
        _ generator: inout SeededGenerator
    ) {
        guard record.object != SimulatedSettings.miss else { return }
        let described = OrgFields.all(of: record.object, org)
        let field = generator.any(described.filter { isEdited($0, of: record.object) })
        let value = value(for: field, org, now, &generator)
        ignoringRefusal { () throws(SimulatedOrg.Refusal) in
            try org.change(record.id, [field.name: value], by: .person, at: now)
        }
    }

    /// Whether people edit a field: all but names, keys and who is related to what.
    private static func isEdited(_ field: OrgFields.Field, of object: ObjectName) -> Bool {
        guard !field.isReadOnly, !field.isKey else { return false }
        switch object {
        case .account:
            return ["Account_Size__c", "OwnerId", SimulatedRouting.accountField]
                .contains(field.name)
        case .eventRecord:
            return !["Description", "WhoId", "EventWhoIds", "Origin__c"].contains(field.name)
        default: return field.name == "OwnerId" || field.name.hasSuffix("__c")
        }
    }

    /// What somebody enters; what the org demands is never emptied.
    private static func value(
        for field: OrgFields.Field,
        _ org: SimulatedOrg,
        _ now: Instant,
        _ generator: inout SeededGenerator
    ) -> JSON {
        let number = generator.number(0...9)
        let isDemanded =
            field.type == "boolean" || field.name == "OwnerId"
            || ["StartDateTime", "EndDateTime"].contains(field.name)
        if !isDemanded, generator.oneIn(4) { return .null }
        switch field.type {
        case "boolean": return .bool(number.isMultiple(of: 2))
        case "date": return .string("2026-12-\(11 + number)")
        case "datetime":
            let hours = Int64(number + 1) * 3_600_000
            return .string(now.wholeSeconds.advanced(byMilliseconds: hours).rfc3339)
        case "reference":
            return .string(
                generator.any(org.all(.user).map(\.id) + [SimulatedOrg.ownUser]).rawValue
            )
        default: return .string("by hand \(number)")
        }
    }

    /// Somebody corrects the address of a person, who stays with the same company.
    private static func readdress(
        _ record: SimulatedOrg.Record,
        _ org: inout SimulatedOrg,
        _ now: Instant
    ) {
        let domain = record.text("Email").split(separator: "@").last ?? "globex.example"
        let email = JSON.string("corrected\(org.changes.count)@\(domain)")
        ignoringRefusal { () throws(SimulatedOrg.Refusal) in
            try org.change(record.id, ["Email": email], by: .person, at: now)
        }
    }

    private static func merge(
        _ record: SimulatedOrg.Record,
        _ org: inout SimulatedOrg,
        _ now: Instant
    ) {
        let keeper = org.create(
            record.object,
            ["LastName": "Keeper", "Email": .string("keeper\(org.records.count)@globex.example")],
            by: .person,
            at: now
        )
        org.merge(record.id, into: keeper, at: now)
    }

    /// A record that was deleted in between cannot be changed by people either.
    private static func ignoringRefusal(_ body: () throws(SimulatedOrg.Refusal) -> Void) {
        do { try body() } catch {}
    }
}
