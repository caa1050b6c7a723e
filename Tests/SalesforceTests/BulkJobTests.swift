import Domain
import Testing

@testable import Salesforce

/// Jobs step by step, with an org whose every answer is written down.
@Suite("Jobs of Bulk API 2.0")
struct BulkJobTests {
    private let org = TinyOrg()
    private let people = (1...3).map(Sample.contact)
    private static let id = "7505e000002XXXXAA0"

    private func job(_ state: String, _ more: String = "") -> HTTPReply {
        .json(
            200,
            """
            {"id":"\(Self.id)","operation":"insert","object":"Contact","state":"\(state)",\
            "apiVersion":62.0,"contentUrl":"services/data/v62.0/jobs/ingest/\(Self.id)/batches"\(more)}
            """
        )
    }

    private func begun(_ requests: [WriteRequest]? = nil) async throws -> BulkJob {
        org.script(.success(job("Open")))
        return try #require(try await org.client().begin(requests ?? people, known: [:]))
    }

    /// Method and path of every call so far.
    private var calls: [String] {
        org.calls.map { call in
            let path = call.url.dropFirst("http://127.0.0.1:1/services/data/v62.0".count)
            return "\(call.method) \(path)"
        }
    }

    private func csv(_ text: String) -> Result<HTTPReply, TransportFailure> {
        .success(HTTPReply(status: 200, body: Array(text.utf8)))
    }

    // MARK: Making a job

    @Test("are made, filled and closed as documented")
    func submission() async throws {
        let job = try await begun()
        org.script(
            .success(HTTPReply(status: 201)),
            .success(self.job("UploadComplete"))
        )
        #expect(try await org.client().submit(job))
        let path = "/jobs/ingest/\(Self.id)"
        #expect(calls == ["POST /jobs/ingest", "PUT \(path)/batches", "PATCH \(path)"])
        let made = try JSON(parsing: org.calls[0].body ?? [])
        #expect(
            made.text == """
                {"object":"Contact","operation":"insert","contentType":"CSV","lineEnding":"LF",\
                "columnDelimiter":"COMMA"}
                """
        )
        #expect(org.calls[1].headers.contains(.init("Content-Type", "text/csv")))
        let rows = String(decoding: org.calls[1].body ?? [], as: UTF8.self)
        #expect(rows == "LastName\nGuest 1\nGuest 2\nGuest 3\n")
        #expect(
            String(decoding: org.calls[2].body ?? [], as: UTF8.self)
                == #"{"state":"UploadComplete"}"#
        )
    }

    @Test("name the key of an upsert")
    func upsert() async throws {
        let event = Sample.event(1, with: [people[0]])
        let known = [people[0].operation: Known.id("003000000000001AAA")]
        org.script(.success(job("Open")))
        let job = try await org.client().begin([event], known: known)
        #expect(job?.identities == ["k1"])
        let body = try JSON(parsing: org.calls[0].body ?? [])
        #expect(body["operation"] == .string("upsert"))
        #expect(body["externalIdFieldName"] == .string("Daybook_Key__c"))
    }

    @Test("that the org does not take leave the writes to the other way")
    func refusal() async throws {
        org.script(.success(.error(400, "FEATURENOTENABLED", "Async API not enabled")))
        #expect(try await org.client().begin(people, known: [:]) == nil)
    }

    @Test("are made again when the answer was lost: an open one does nothing")
    func lostCreation() async throws {
        org.script(.failure(.afterSending("closed")), .success(job("Open")))
        #expect(try await org.client().begin(people, known: [:])?.id.rawValue == Self.id)
        #expect(calls == ["POST /jobs/ingest", "POST /jobs/ingest"])
    }

    static let uploads: [Result<HTTPReply, TransportFailure>] = [
        .failure(.beforeSending("no route")), .failure(.afterSending("closed")),
        .success(HTTPReply(status: 500)), .success(.error(400, "INVALIDBATCH", "no")),
        .success(.error(409, "INVALIDJOBSTATE", "no")),
    ]

    @Test("are given up when their rows did not arrive for certain", arguments: uploads.indices)
    func lostUpload(index: Int) async throws {
        let job = try await begun()
        org.script(Self.uploads[index], .success(self.job("Aborted")))
        #expect(try await org.client().submit(job) == false)
        #expect(calls.last == "PATCH /jobs/ingest/\(Self.id)")
        let body = String(decoding: org.calls.last?.body ?? [], as: UTF8.self)
        #expect(body == #"{"state":"Aborted"}"#)
    }

    @Test("stop the run when the allowance of the day is used up before the upload")
    func limit() async throws {
        let job = try await begun()
        org.script(.success(.error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")))
        await #expect(throws: SalesforceError.limitReached("TotalRequests Limit exceeded.")) {
            try await org.client().submit(job)
        }
    }

    @Test("whose closing was refused are at work or given up, as their state says")
    func refusedClosing() async throws {
        for (state, isTaken) in [("InProgress", true), ("JobComplete", true), ("Open", false)] {
            let job = try await begun()
            org.script(
                .success(HTTPReply(status: 201)),
                .success(.error(400, "INVALIDJOBSTATE", "no")),
                .success(self.job(state)),
                .success(self.job("Aborted"))
            )
            #expect(try await org.client().submit(job) == isTaken, "\(state)")
            org.arrange { $0.scripted = [] }
        }
    }

    @Test("whose closing was lost may be at work")
    func lostClosing() async throws {
        let job = try await begun()
        org.script(
            .success(HTTPReply(status: 201)),
            .failure(.afterSending("closed")),
            .failure(.afterSending("closed"))
        )
        #expect(try await org.client(tries: 2).submit(job))
    }

    // MARK: How far it is

    static let states: [(text: String, more: String, state: BulkJobState)] = [
        ("Open", "", .open), ("UploadComplete", "", .working), ("InProgress", "", .working),
        ("JobComplete", "", .complete), ("Aborted", "", .aborted),
        ("Failed", #","errorMessage":"InvalidBatch"# + "\"", .failed("InvalidBatch")),
    ]

    @Test("tell how far they are", arguments: states)
    func state(text: String, more: String, state: BulkJobState) async throws {
        org.script(.success(job(text, more)))
        let id = try #require(BulkJobID(Self.id))
        #expect(try await org.client().state(of: id) == state)
        #expect(state.hasEnded == !["Open", "UploadComplete", "InProgress"].contains(text))
    }

    @Test("that nobody knows are gone")
    func gone() async throws {
        org.script(.success(.error(404, "NOT_FOUND")))
        let id = try #require(BulkJobID(Self.id))
        #expect(try await org.client().state(of: id) == .gone)
    }

    @Test("are asked again after 2 seconds, then half as long again, 20 at most")
    func pauses() async throws {
        let pauses = Pauses()
        let client = try org.client(pauses: pauses)
        for question in [1, 2, 3, 7, 50] { try await client.pause(after: question) }
        #expect(
            pauses.all == [.seconds(2), .seconds(3), .seconds(4.5), .seconds(20), .seconds(20)]
        )
    }

    @Test("have ids that cannot break out of a URL")
    func ids() {
        #expect(BulkJobID("../../query?q=SEL") == nil)
        #expect(BulkJobID("7505e000002XXXX") != nil)
        #expect(BulkJobID("short") == nil)
    }

    // MARK: Results

    @Test("give each write its outcome, with the record read back")
    func outcomes() async throws {
        let job = try await begun()
        org.arrange {
            $0.records["003000000000002AAA"] = ["LastName": .string("Guest 2")]
        }
        org.script(
            .success(
                self.job("JobComplete", #","numberRecordsProcessed":3,"numberRecordsFailed":1"#)
            ),
            csv(
                """
                "sf__Id","sf__Created","LastName"
                "003000000000002AAA","true","Guest 2"

                """
            ),
            csv(
                """
                "sf__Id","sf__Error","LastName"
                "","STRING_TOO_LONG:Last Name: data value too large:LastName --","Guest 3"

                """
            )
        )
        let client = try org.client()
        let results = try await client.results(of: job.id)
        let outcomes = await client.outcomes(of: job, results)
        guard case .unknown? = outcomes[0] else { throw Unexpected("\(outcomes[0] as Any)") }
        guard case .written(let id, true, let seen?)? = outcomes[1] else {
            throw Unexpected("\(outcomes[1] as Any)")
        }
        #expect(id == Known.id("003000000000002AAA"))
        #expect(seen.text("LastName") == "Guest 2")
        #expect(
            outcomes[2]
                == .refused([
                    RecordError(
                        code: "STRING_TOO_LONG",
                        message: "Last Name: data value too large",
                        fields: ["LastName"]
                    )
                ])
        )
        #expect(
            calls.dropFirst() == [
                "GET /jobs/ingest/\(Self.id)", "GET /jobs/ingest/\(Self.id)/successfulResults",
                "GET /jobs/ingest/\(Self.id)/failedResults", "POST /composite/sobjects/Contact",
            ]
        )
    }

    @Test("leave to the small path what they did not process, and what it can say more about")
    func leftovers() async throws {
        let job = try await begun()
        org.script(
            .success(self.job("Failed", #","numberRecordsProcessed":2,"numberRecordsFailed":2"#)),
            csv("\"sf__Id\",\"sf__Created\",\"LastName\"\n"),
            csv(
                """
                "sf__Id","sf__Error","LastName"
                "","DUPLICATES_DETECTED:Use one of these records?:--","Guest 1"
                "","UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--","Guest 2"

                """
            ),
            csv("\"LastName\"\n\"Guest 3\"\n")
        )
        let client = try org.client()
        let outcomes = await client.outcomes(of: job, try await client.results(of: job.id))
        #expect(outcomes == [nil, nil, nil])
    }

    @Test("are an error when they cannot be read as a whole, never an empty list")
    func brokenResults() async throws {
        let answers: [Result<HTTPReply, TransportFailure>] = [
            .success(.error(400, "INVALIDJOB")), csv("\"sf__Id\",\"sf__Created\"\n\"003"),
            csv("\"sf__Id\",\"sf__Created\",\"LastName\"\n\"\",\"true\",\"Guest 1\"\n"),
        ]
        for answer in answers {
            org.script(.success(job("JobComplete", #","numberRecordsProcessed":3"#)), answer)
            let id = try #require(BulkJobID(Self.id))
            await #expect(throws: SalesforceError.self) {
                try await org.client().results(of: id)
            }
            org.arrange { $0.scripted = [] }
        }
    }

    // MARK: Guards

    @Test("look right before which records moved since they were fetched")
    func guards() async throws {
        let since = Known.moment("2026-11-03T14:00:00Z")
        let ids = ["003000000000001AAA", "003000000000002AAA"]
        org.arrange {
            $0.records[ids[0]] = ["SystemModstamp": .string("2026-11-03T14:00:00.000+0000")]
            $0.records[ids[1]] = ["SystemModstamp": .string("2026-11-03T14:00:01.000+0000")]
        }
        let requests = ids.map { id in
            WriteRequest(
                operation: OperationID("person/\(id)/contact"),
                kind: .update(Known.id(id)),
                object: .contact,
                fields: ["Title": .value(.text("CTO"))],
                unmodifiedSince: since
            )
        }
        #expect(try await org.client().moved(of: requests) == [requests[1].operation])
        #expect(org.calls.count == 1)
        #expect(try await org.client().moved(of: people).isEmpty)
        #expect(org.calls.count == 1)
    }
}

private struct Unexpected: Error {
    let description: String

    init(_ description: String) { self.description = description }
}
