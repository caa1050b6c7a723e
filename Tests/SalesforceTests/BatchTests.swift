import Domain
import Testing

@testable import Salesforce

@Suite("Batches of writes")
struct BatchTests {
    private func batches(_ requests: [WriteRequest]) throws -> [[WriteRequest]] {
        try TinyOrg().client().batches(of: requests)
    }

    static let calls: [(bookings: Int, most: Int)] = [(1, 1), (200, 1), (2_000, 6), (10_000, 26)]

    @Test("need few calls", arguments: calls)
    func count(bookings: Int, most: Int) throws {
        let requests = Sample.bookings(bookings)
        let batches = try batches(requests)
        #expect(batches.count <= most)
        #expect(Set(batches.joined().map(\.operation)) == Set(requests.map(\.operation)))
        #expect(batches.joined().count == requests.count)
    }

    @Test("put what others wait for first", arguments: [1, 200, 401, 2_000])
    func order(bookings: Int) throws {
        var done: Set<OperationID> = []
        for batch in try batches(Sample.bookings(bookings).reversed()) {
            done.formUnion(batch.map(\.operation))
            for request in batch { #expect(request.awaited.isSubset(of: done)) }
        }
    }

    @Test("carry contacts, leads and the event record of one booking in one call")
    func mixed() throws {
        let people = [Sample.contact(1), Sample.lead(2), Sample.contact(3)]
        #expect(try batches([Sample.event(1, with: people)] + people).count == 1)
    }

    @Test("never hold more collections, subrequests or records than a call may")
    func limits() throws {
        let id = try #require(SalesforceID("003000000000001AAA"))
        var requests = Sample.bookings(900) + (0..<300).map { Sample.lead($0) }
        for number in 0..<60 {
            requests.append(
                WriteRequest(
                    operation: OperationID("guarded/\(number)"),
                    kind: .update(id),
                    object: .contact,
                    fields: ["Phone": .value(.text("1"))],
                    unmodifiedSince: Instant(milliseconds: 0)
                )
            )
            requests.append(
                WriteRequest(
                    operation: OperationID("delete/\(number)"),
                    kind: .delete(id),
                    object: .eventRecord,
                    fields: [:]
                )
            )
        }
        var known: [OperationID: SalesforceID] = [:]
        for batch in try batches(requests) {
            var session = WriteSession(batch, known: known, root: "/services/data/v62.0")
            let next = session.nextCall()
            let call = try #require(next)
            #expect(call.steps.flatMap(\.writes).count == batch.count)
            #expect(call.subrequests.count <= 25)
            #expect(call.subrequests.count { $0.url.contains("/composite/") } <= 5)
            #expect(call.steps.allSatisfy { $0.writes.count <= 200 })
            for request in batch { known[request.operation] = id }
        }
    }

    @Test("lose no write, even if writes wait for each other in a circle")
    func circle() throws {
        func write(_ name: String, awaiting other: String) -> WriteRequest {
            WriteRequest(
                operation: OperationID(name),
                kind: .create,
                object: .contact,
                fields: ["ReportsToId": .record(.created(by: OperationID(other)))]
            )
        }
        let requests = [write("a", awaiting: "b"), write("b", awaiting: "a"), Sample.contact(1)]
        #expect(try batches(requests).joined().count == 3)
    }

    @Test(
        "keep texts that look like references out of composite calls",
        arguments: ["hello @{w0[0].id}", "@{\u{301}w0[0].id}", "@\u{301}@{\u{200D}x}"]
    )
    func references(text: String) throws {
        var contact = Sample.contact(1)
        contact.fields["Description"] = .value(.text(text))
        let batches = try batches([Sample.contact(2), contact, Sample.event(1, with: [contact])])
        #expect(batches.map(\.count) == [1, 1, 1])
    }
}
