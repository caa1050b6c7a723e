import AsyncHTTPClient
import Domain
import TestSupport
import Testing

@testable import Salesforce

/// What the client and an org make of each other over HTTP.
@Suite("A client and an org")
struct EmulatorTests {
    private static func event(
        _ number: Int,
        with people: [WriteRequest] = [],
        field: FieldName = "EventWhoIds"
    ) -> WriteRequest {
        var event = Sample.event(number, with: people)
        let start = Known.moment("2026-11-03T14:00:00Z")
        event.fields["StartDateTime"] = .value(.instant(start))
        event.fields["EndDateTime"] = .value(.instant(start.advanced(byMilliseconds: 1_800_000)))
        event.readBack = ["WhoId", "OwnerId"]
        if people.isEmpty { event.fields["EventWhoIds"] = nil }
        return event
    }

    private static func bookings(_ count: Int) -> [WriteRequest] {
        (0..<count).flatMap { [Sample.contact($0), event($0, with: [Sample.contact($0)])] }
    }

    /// Sends all batches as the pipeline does.
    private func sendAll(
        _ requests: [WriteRequest],
        by client: SalesforceClient
    ) async throws -> [OperationID: WriteOutcome] {
        var known: [OperationID: SalesforceID] = [:]
        var outcomes: [OperationID: WriteOutcome] = [:]
        for batch in client.batches(of: requests) {
            for (request, outcome) in zip(batch, try await client.send(batch, known: known)) {
                outcomes[request.operation] = outcome
                if case .written(let id, _, _) = outcome { known[request.operation] = id }
            }
        }
        return outcomes
    }

    static let sizes: [(bookings: Int, calls: Int)] = [(1, 1), (200, 1), (1_000, 3)]

    @Test("sync bookings with few calls", arguments: sizes)
    func calls(bookings: Int, calls: Int) async throws {
        try await withEmulatedOrg { org in
            let client = try org.client()
            let outcomes = try await sendAll(Self.bookings(bookings), by: client)
            for case (let operation, .written(_, wasCreated: true, let seen)) in outcomes {
                #expect(seen != nil, "\(operation)")
            }
            #expect(outcomes.count == bookings * 2)
            #expect(try await org.apiCalls <= calls)
            #expect(try await org.created("Contact") == bookings)
            #expect(try await org.created("Event") == bookings)
            #expect(await client.usage.calls == (try await org.apiCalls))
        }
    }

    @Test("relate a contact and its event record within one call")
    func related() async throws {
        try await withEmulatedOrg { org in
            let client = try org.client()
            _ = try await client.read([.describe(.eventRecord), .describe(.contact)])
            let outcomes = try await client.send(Self.bookings(1), known: [:])
            guard case .written(let contact, _, _) = outcomes[0],
                case .written(_, _, .some(let event)) = outcomes[1]
            else {
                Issue.record("not written: \(outcomes)")
                return
            }
            #expect(event.reference("WhoId") == contact)
            #expect(event.value("EventWhoIds") == .references([contact]))
            #expect(event.value("StartDateTime") == .instant(Known.moment("2026-11-03T14:00:00Z")))
            #expect(event.stamp != nil && event.created != nil && event.lastModifiedBy != nil)
        }
    }

    @Test("upsert the same event record twice without making two")
    func idempotent() async throws {
        try await withEmulatedOrg { org in
            let client = try org.client()
            for wasCreated in [true, false] {
                let outcome = try await client.send([Self.event(1)], known: [:])[0]
                guard case .written(_, wasCreated, .some) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
            }
            #expect(try await org.created("Event") == 1)
        }
    }

    @Test("refuse one contact of many, and go on with the others")
    func partialFailure() async throws {
        try await withEmulatedOrg { org in
            let client = try org.client()
            var requests = Self.bookings(20)
            requests[6].fields["Email"] = .value(.text("no address"))
            requests[8].fields["LastName"] = .value(.empty)
            let outcomes = try await client.send(requests, known: [:])
            guard case .refused(let email) = outcomes[6], case .refused(let name) = outcomes[8]
            else {
                Issue.record("not refused: \(outcomes[6]) \(outcomes[8])")
                return
            }
            #expect(email.map(\.code) == ["INVALID_EMAIL_ADDRESS"])
            #expect(email.first?.fields == ["Email"])
            #expect(name.map(\.code) == ["REQUIRED_FIELD_MISSING"])
            #expect(outcomes[7] == .notAttempted)
            #expect(outcomes[9] == .notAttempted)
            #expect(
                outcomes.count { if case .written(_, _, .some) = $0 { true } else { false } } == 36
            )
            #expect(try await org.apiCalls == 2)
        }
    }

    /// The texts of the literals, but for NUL, which no org stores, and nothing, which is null.
    static let storableTexts = SOQLTests.literals.map { $0.text.filter { $0 != "\0" } }
        .filter { !$0.isEmpty }

    @Test("carry any text unharmed", arguments: storableTexts)
    func texts(text: String) async throws {
        try await withEmulatedOrg { org in
            let client = try org.client()
            var contact = Sample.contact(1)
            contact.fields["Title"] = .value(.text(text))
            _ = try await client.send([contact, Sample.contact(2)], known: [:])
            let answers = try await client.read([
                .query(Query(["Title"], from: .contact, where: .equals("Title", .text(text)))),
                .query(Query(["Title"], from: .contact, where: .endsWith("Title", text))),
                .query(Query(["Title"], from: .contact, where: .isIn("Title", ["?", text]))),
            ])
            for answer in answers { #expect(answer.rows.map { $0["Title"]?.string } == [text]) }
        }
    }

    @Test("find people among thousands of addresses, and follow pages")
    func longQueries() async throws {
        try await withEmulatedOrg { org in
            let client = try org.client()
            let contacts = (0..<2_500).map { number in
                var contact = Sample.contact(number)
                let email = "guest.\(number)@company-\(number).example.com"
                contact.fields["Email"] = .value(.text(email))
                contact.fields["Department"] = .value(.text("Pages"))
                return contact
            }
            _ = try await sendAll(contacts, by: client)
            let before = try await org.apiCalls
            let answers = try await client.read([
                .query(
                    Query(
                        ["Email"],
                        from: .contact,
                        where: .isIn("Email", SOQLSplitTests.emails),
                        orderBy: ["Email"]
                    )
                ),
                .query(
                    Query(
                        ["Id"],
                        from: .contact,
                        where: .equals("Department", .text("Pages"))
                    )
                ),
            ])
            let emails = answers[0].rows.compactMap { $0["Email"]?.string }
            #expect(emails == SOQLSplitTests.emails.prefix(2_500).sorted())
            #expect(Set(answers[1].rows.compactMap { $0["Id"]?.string }).count == 2_500)
            #expect(try await org.apiCalls - before <= 3)
        }
    }

    @Test("read, describe and name the org in one call")
    func together() async throws {
        try await withEmulatedOrg { org in
            let client = try org.client()
            let user = Query.Condition.isIn("Email", ["priya.raman@example.com"])
            let answers = try await client.read([
                Organization.question,
                .describe(.eventRecord),
                .describe("Nothing__c"),
                .query(Query(["Id", "Profile.Name"], from: .user, where: user)),
                .records(.contact, [Known.id("003000000000001AAA")], fields: ["Email"]),
            ])
            #expect(try await org.apiCalls == 1)
            #expect(try Organization(answers[0]).id.keyPrefix == "00D")
            guard case .description(.some(let event)) = answers[1] else {
                Issue.record("no describe of Event")
                return
            }
            let schema = OrgSchema(objects: [.eventRecord: event])
            #expect(schema.hasKeyField() && schema.hasSharedActivities)
            #expect(answers[2] == .description(nil))
            #expect(answers[3].rows.count == 1)
            #expect(answers[4] == .rows([]))
        }
    }

    @Test("notice that a record changed before a guarded update")
    func guarded() async throws {
        try await withEmulatedOrg { org in
            let client = try org.client()
            let outcome = try await client.send([Sample.contact(1)], known: [:])[0]
            guard case .written(let id, _, .some(let seen)) = outcome,
                let stamp = seen.lastModified
            else {
                Issue.record("\(outcome)")
                return
            }
            func update(_ since: Instant) async throws -> WriteOutcome {
                let request = WriteRequest(
                    operation: OperationID("u"),
                    kind: .update(id),
                    object: .contact,
                    fields: ["Phone": .value(.text("+49 30 1"))],
                    unmodifiedSince: since
                )
                return try await client.send([request], known: [:])[0]
            }
            guard
                case .refused(let errors) = try await update(stamp.advanced(byMilliseconds: -9_000))
            else {
                Issue.record("not refused")
                return
            }
            #expect(errors.map(\.code) == ["PRECONDITION_FAILED"])
            guard case .written(_, _, .some(let after)) = try await update(stamp) else {
                Issue.record("not written")
                return
            }
            #expect(after.text("Phone") == "+49 30 1")
        }
    }

    @Test("delete records, and find them among the deleted")
    func delete() async throws {
        try await withEmulatedOrg { org in
            let client = try org.client()
            guard
                case .written(let id, _, _) = try await client.send([Self.event(1)], known: [:])[0]
            else {
                Issue.record("not written")
                return
            }
            let request = WriteRequest(
                operation: OperationID("d"),
                kind: .delete(id),
                object: .eventRecord,
                fields: [:]
            )
            #expect(
                try await client.send([request], known: [:])
                    == [.written(id, wasCreated: false, seen: nil)]
            )
            let byID = Query.Condition.equals("Id", .reference(id))
            let all = Query(["Id"], from: .eventRecord, where: byID, includesDeleted: true)
            let answers = try await client.read([
                .query(Query(["Id"], from: .eventRecord, where: byID)), .query(all),
                .records(.eventRecord, [id], fields: []),
            ])
            #expect(answers.map(\.rows.count) == [0, 1, 0])
        }
    }
}

/// What the client makes of an org that fails.
@Suite("A client and an org in trouble")
struct TroubleTests {
    private static let question = ReadRequest.query(
        Query(["Id"], from: .user, where: .equals("Email", .text("priya.raman@example.com")))
    )

    @Test(
        "get along after the org was busy or lost a connection",
        arguments: ["serverUnavailable", "unknownException", "connectionClosed"]
    )
    func reads(kind: String) async throws {
        try await withEmulatedOrg { org in
            try await org.fail(kind, count: 2)
            #expect(try await org.client().read([Self.question])[0].rows.count == 1)
            #expect(org.pauses.all.count == 2)
        }
    }

    static let lostAnswers: [(kind: String, created: Int)] = [
        ("timeoutAfterCommit", 1), ("connectionClosed", 0), ("unknownException", 0),
    ]

    @Test(
        "leave the outcome open when an answer is lost, and write nothing twice",
        arguments: lostAnswers
    )
    func lost(kind: String, created: Int) async throws {
        try await withEmulatedOrg { org in
            try await org.fail(kind)
            let outcomes = try await org.client().send([Sample.contact(1)], known: [:])
            guard case .unknown = outcomes[0] else {
                Issue.record("not unknown: \(outcomes)")
                return
            }
            #expect(try await org.created("Contact") == created)
        }
    }

    @Test("leave the outcome open when an answer comes too late")
    func slow() async throws {
        try await withEmulatedOrg { org in
            try await org.fail("slow", more: #","delaySeconds":3"#)
            let client = try org.client(timeout: .milliseconds(300))
            let outcomes = try await client.send([Sample.contact(1)], known: [:])
            guard case .unknown = outcomes[0] else {
                Issue.record("not unknown: \(outcomes)")
                return
            }
        }
    }

    @Test("write once the org is no longer busy")
    func busy() async throws {
        try await withEmulatedOrg { org in
            try await org.fail("serverUnavailable")
            let outcomes = try await org.client().send([Sample.contact(1)], known: [:])
            guard case .written(_, _, .some) = outcomes[0] else {
                Issue.record("not written: \(outcomes)")
                return
            }
            #expect(try await org.created("Contact") == 1)
        }
    }

    @Test("write locked rows later")
    func locked() async throws {
        try await withEmulatedOrg { org in
            try await org.fail("lockRow", count: 2)
            let requests = [Sample.contact(1), Sample.contact(2)]
            let outcomes = try await org.client().send(requests, known: [:])
            #expect(outcomes.count { if case .written = $0 { true } else { false } } == 2)
            #expect(try await org.created("Contact") == 2)
            #expect(org.pauses.all.count >= 1)
        }
    }

    @Test("stop at the limit of the day")
    func limit() async throws {
        try await withEmulatedOrg { org in
            try await org.fail("requestLimit")
            await #expect {
                try await org.client().send([Sample.contact(1)], known: [:])
            } throws: { error in
                guard case SalesforceError.limitReached = error else { return false }
                return true
            }
        }
    }

    @Test("refuse a token that was revoked")
    func revoked() async throws {
        try await withEmulatedOrg { org in
            try await org.control("tokens/revoke", #"{"token":"old"}"#)
            await #expect {
                try await org.client(token: "old").read([Self.question])
            } throws: { error in
                guard case SalesforceError.unauthorised = error else { return false }
                return true
            }
        }
    }

    @Test("renew an expired token, and write once")
    func expired() async throws {
        try await withEmulatedOrg { org in
            let flow = RefreshTokenFlow(
                app: ConnectedApp(clientID: "key"),
                loginURL: try InstanceURL(org.base),
                http: org.http,
                store: MemoryTokenStore("refresh")
            )
            let client = try org.client(flow)
            try await org.fail("expiredToken", more: #","match":"/composite""#)
            let outcomes = try await client.send([Sample.contact(1)], known: [:])
            guard case .written = outcomes[0] else {
                Issue.record("not written: \(outcomes)")
                return
            }
            #expect(try await org.created("Contact") == 1)
        }
    }

    @Test("tell a server that is not there from one that does not answer")
    func nobody() async throws {
        let http = HTTPClient(configuration: .salesforce)
        let org = EmulatedOrg(base: "http://127.0.0.1:9", http: http)
        for attempt in [0, 1] {
            await #expect {
                let client = try org.client()
                if attempt == 0 {
                    _ = try await client.send([Sample.contact(1)], known: [:])
                } else {
                    _ = try await client.read([Self.question])
                }
            } throws: { error in
                guard case SalesforceError.unreachable = error else { return false }
                return true
            }
        }
        #expect(org.pauses.all.count == 4)
        try await http.shutdown()
    }
}
