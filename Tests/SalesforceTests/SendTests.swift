import Domain
import Testing

@testable import Salesforce

@Suite("Sending writes")
struct SendTests {
    private let org = TinyOrg()

    private func send(_ requests: [WriteRequest]) async throws -> [WriteOutcome] {
        try await org.client().send(requests, known: [:])
    }

    private func isWritten(_ outcome: WriteOutcome) -> Bool {
        if case .written = outcome { true } else { false }
    }

    private func isSeen(_ outcome: WriteOutcome) -> Bool {
        if case .written(_, _, .some) = outcome { true } else { false }
    }

    @Test("writes a contact and its event record and reads both back, in one call")
    func oneBooking() async throws {
        let outcomes = try await send(Sample.bookings(1))
        #expect(org.calls.count == 1)
        guard case .written(let contact, wasCreated: true, let seenContact) = outcomes[0],
            case .written(_, wasCreated: true, let seenEvent) = outcomes[1]
        else {
            Issue.record("not written: \(outcomes)")
            return
        }
        #expect(seenContact?.text("LastName") == "Guest 0")
        #expect(seenEvent?.value("EventWhoIds") == .references([contact]))
        #expect(seenEvent?.text("Daybook_Key__c") == "k0")
    }

    @Test("tells which call settled each write: by the org's name for it, or else by ours")
    func requests() async throws {
        let client = try org.client()
        let first = try await client.deliver(Sample.bookings(1), known: [:])
        let sent = org.calls[0].headers.first { $0.name == "X-Request-Id" }?.value
        #expect(sent == "call-1")
        #expect(first.map(\.request) == [sent, sent])

        org.arrange { state in
            var reply = TinyOrg.reply(to: state.calls[0], &state)
            reply.requestID = "the org's own"
            state.scripted = [.success(reply)]
        }
        let second = try await client.deliver(Sample.bookings(1), known: [:])
        #expect(org.calls.last?.headers.contains(.init("X-Request-Id", "call-2")) == true)
        #expect(second.map(\.request) == ["the org's own", "the org's own"])
    }

    @Test("keeps the order of writing and reading, and lets each record fail alone")
    func envelope() async throws {
        _ = try await send(Sample.bookings(1))
        let body = try JSON(parsing: org.calls[0].body ?? [])
        #expect(body["collateSubrequests"] == .bool(false))
        #expect(body["allOrNone"] == .bool(false))
        for write in try org.subrequests(0).prefix(2) {
            #expect(write["body"]?["allOrNone"] == .bool(false))
        }
    }

    @Test("tells an upsert that found a record from one that created it")
    func upsertAgain() async throws {
        let event = Sample.event(1, with: [])
        _ = try await send([event])
        guard case .written(_, wasCreated: false, _) = try await send([event])[0] else {
            Issue.record("created twice")
            return
        }
    }

    @Test("goes on with real ids when one of 200 contacts is refused")
    func partialFailure() async throws {
        org.arrange { state in
            state.refusal = { object, fields in
                object == "Contact" && fields["LastName"]?.string == "Guest 7"
                    ? "DUPLICATES_DETECTED" : nil
            }
        }
        let requests =
            (0..<200).map { Sample.contact($0) }
            + (0..<200).map { Sample.event($0, with: [Sample.contact($0)]) }
        let outcomes = try await send(requests)
        #expect(org.calls.count == 2)
        #expect(outcomes[7] == .refused([Self.refusal("DUPLICATES_DETECTED")]))
        #expect(outcomes[207] == .notAttempted)
        #expect(outcomes.count(where: isSeen) == 398)
    }

    static func refusal(_ code: String) -> RecordError {
        RecordError(code: code, message: "no", fields: ["LastName"])
    }

    @Test("leaves a refused person out of an event record that has another")
    func attendeeDropped() async throws {
        org.arrange { state in
            state.refusal = { object, _ in object == "Lead" ? "REQUIRED_FIELD_MISSING" : nil }
        }
        let people = [Sample.lead(1), Sample.contact(2)]
        let outcomes = try await send(people + [Sample.event(1, with: people)])
        guard case .written(let contact, _, _) = outcomes[1],
            case .written(_, _, let event) = outcomes[2]
        else {
            Issue.record("not written: \(outcomes)")
            return
        }
        #expect(event?.value("EventWhoIds") == .references([contact]))
    }

    @Test("does not attempt a record whose only reference failed, nor what awaits it")
    func cascade() async throws {
        org.arrange { state in
            state.refusal = { object, _ in object == "Contact" ? "INVALID_EMAIL_ADDRESS" : nil }
        }
        let contact = Sample.contact(1)
        var event = Sample.event(1, with: [])
        event.fields = ["WhoId": .record(.created(by: contact.operation))]
        let outcomes = try await send([contact, event])
        #expect(outcomes[1] == .notAttempted)
    }

    @Test("sends locked rows again, and only those, at most three times")
    func locks() async throws {
        let pauses = Pauses()
        let client = try org.client(pauses: pauses)
        org.arrange { state in
            state.refusal = { _, fields in
                fields["LastName"]?.string == "Guest 1" ? "UNABLE_TO_LOCK_ROW" : nil
            }
        }
        let requests = [Sample.contact(1), Sample.contact(2)]
        let outcomes = try await client.send(requests, known: [:])
        #expect(outcomes[0] == .refused([Self.refusal("UNABLE_TO_LOCK_ROW")]))
        #expect(isSeen(outcomes[1]))
        #expect(org.calls.count == 4)
        #expect(pauses.all.count == 3)
        #expect(try org.subrequests(1)[0]["body"]?["records"]?.array?.count == 1)
    }

    @Test("drops only the writes that carry a field the org does not know")
    func unknownField() async throws {
        org.arrange { state in
            state.collapse = { records in
                records.contains { $0["Gone__c"] != nil }
                    ? ("INVALID_FIELD", "No such column 'Gone__c' on sobject of type Contact") : nil
            }
        }
        var requests = (0..<50).map { Sample.contact($0) }
        requests[3].fields["Gone__c"] = .value(.text("x"))
        let outcomes = try await send(requests)
        #expect(outcomes.count(where: isSeen) == 49)
        #expect(org.calls.count == 2)
        guard case .refused(let errors) = outcomes[3] else {
            Issue.record("not refused")
            return
        }
        #expect(errors.map(\.code) == ["INVALID_FIELD"])
    }

    @Test("finds the one record that makes a collection unreadable")
    func unreadableRecord() async throws {
        org.arrange { state in
            state.collapse = { records in
                records.contains { $0["LastName"]?.string == "Guest 9" }
                    ? ("JSON_PARSER_ERROR", "Cannot deserialize instance of double") : nil
            }
        }
        let outcomes = try await send((0..<20).map { Sample.contact($0) })
        #expect(outcomes.count(where: isSeen) == 19)
        #expect(!isWritten(outcomes[9]))
        #expect(org.calls.count <= 6)
    }

    @Test("reads back without EventWhoIds where the org does not show them, and remembers it")
    func unreadableAttendees() async throws {
        org.arrange { $0.unreadable = ["EventWhoIds"] }
        let client = try org.client()
        let outcomes = try await client.send(Sample.bookings(1), known: [:])
        #expect(outcomes.allSatisfy(isSeen))
        #expect(org.calls.count == 2)
        _ = try await client.send([Sample.event(2, with: [])], known: [:])
        #expect(org.calls.count == 3)
    }

    @Test("counts a record as written but not seen if it cannot be read back")
    func notSeen() async throws {
        org.arrange { $0.unreadable = ["LastName"] }
        let outcomes = try await send([Sample.contact(1)])
        #expect(isWritten(outcomes[0]) && !isSeen(outcomes[0]))
        #expect(org.calls.count == 1)
    }

    @Test("updates with a condition, one by one, and says when the record had changed")
    func guarded() async throws {
        let ids = try ["003000000000001AAA", "003000000000412AAA"].map {
            try #require(SalesforceID($0))
        }
        let requests = ids.map { id in
            WriteRequest(
                operation: OperationID(id.rawValue),
                kind: .update(id),
                object: .contact,
                fields: ["Phone": .value(.empty)],
                unmodifiedSince: Instant(rfc3339: "2026-11-03T14:02:11.482Z")
            )
        }
        let outcomes = try await send(requests)
        #expect(outcomes[0] == .written(ids[0], wasCreated: false, seen: nil))
        #expect(
            outcomes[1] == .refused([RecordError(code: "PRECONDITION_FAILED", message: "changed")])
        )
        let headers = try org.subrequests(0)[0]["httpHeaders"]
        #expect(headers?["If-Unmodified-Since"]?.string == "Tue, 03 Nov 2026 14:02:11 GMT")
    }

    @Test("deletes without reading back")
    func delete() async throws {
        let id = try #require(SalesforceID("00U000000000001AAA"))
        let request = WriteRequest(
            operation: OperationID("d"),
            kind: .delete(id),
            object: .eventRecord,
            fields: [:]
        )
        #expect(try await send([request]) == [.written(id, wasCreated: false, seen: nil)])
        #expect(try org.subrequests(0).count == 1)
    }

    @Test("sends texts that look like references as they are, outside of composite calls")
    func references() async throws {
        var contact = Sample.contact(1)
        contact.fields["LastName"] = .value(.text("@{w0[0].id}"))
        let outcomes = try await send([contact])
        guard case .written(_, _, let seen) = outcomes[0] else {
            Issue.record("not written: \(outcomes)")
            return
        }
        #expect(seen?.text("LastName") == "@{w0[0].id}")
        #expect(org.calls[0].url.hasSuffix("/composite/sobjects"))
    }

    @Test("never sends names and numbers that are none")
    func badNames() async throws {
        var contact = Sample.contact(1)
        contact.readBack = ["Name FROM User"]
        var lead = Sample.lead(1)
        lead.object = "Lead/../User"
        var number = Sample.contact(2)
        number.fields["Amount__c"] = .value(.number(#"1,"OwnerId":2"#))
        let outcomes = try await send([contact, lead, number])
        #expect(outcomes.allSatisfy { !isWritten($0) })
        #expect(org.calls.isEmpty)
    }

    static let lostAnswers: [Result<HTTPReply, TransportFailure>] = [
        .failure(.afterSending("connection closed")),
        .success(.error(500, "UNKNOWN_EXCEPTION")),
        .success(.json(503, "<html>")),
        .success(.json(200, "<html>")),
        .success(.json(200, #"{"compositeResponse":[]}"#)),
    ]

    @Test(
        "does not know what became of writes whose answer is lost, and never repeats them",
        arguments: lostAnswers
    )
    func lost(answer: Result<HTTPReply, TransportFailure>) async throws {
        org.script(answer)
        for outcome in try await send(Sample.bookings(2)) {
            guard case .unknown = outcome else {
                Issue.record("not unknown: \(outcome)")
                return
            }
        }
        #expect(org.calls.count == 1)
    }

    static let notDone: [(Result<HTTPReply, TransportFailure>, SalesforceError)] = [
        (.failure(.beforeSending("refused")), .unreachable("refused")),
        (
            .success(.error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")),
            .limitReached("TotalRequests Limit exceeded.")
        ),
        (
            .success(.error(403, "API_DISABLED_FOR_ORG", "API is disabled for this User")),
            .forbidden(code: "API_DISABLED_FOR_ORG", "API is disabled for this User")
        ),
        (
            .success(.error(400, "JSON_PARSER_ERROR", "x")),
            .rejected(code: "JSON_PARSER_ERROR", "x")
        ),
        (
            .success(.error(401, "INVALID_SESSION_ID")),
            .unauthorised("the access token has expired or was revoked")
        ),
    ]

    @Test("throws if nothing was sent", arguments: notDone)
    func notSent(answer: Result<HTTPReply, TransportFailure>, error: SalesforceError) async throws {
        org.script(answer)
        await #expect(throws: error) { try await send(Sample.bookings(1)) }
        #expect(org.calls.count == 1)
    }

    @Test("repeats a write that the server says it did not look at")
    func busy() async throws {
        org.script(.success(.error(503, "SERVER_UNAVAILABLE")))
        #expect(try await send(Sample.bookings(1)).allSatisfy(isSeen))
        #expect(org.calls.count == 2)
    }
}
