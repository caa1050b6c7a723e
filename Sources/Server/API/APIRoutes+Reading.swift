import Audit
import Domain
import Hummingbird
import Journal
import Ledger
import Pipeline

/// What is read.
extension APIRoutes {
    var bookings: [Endpoint] {
        [
            .list("/v1/bookings") { try await reader.bookings(Page($0.request)) },
            .get("/v1/bookings/{uid}", query: ["format"], isPersonal: true) { call in
                let uid = try Self.bookingUID(call.context)
                let story = try await reader.booking(uid, seesPeople: call.seesPeople)
                let answer = try Answer(story, or: "booking '\(uid.rawValue)' in this ledger")
                return answer.with(rows: answer.json.list("entries"))
            },
            .get(
                "/v1/bookings/{uid}/state",
                role: .operator,
                query: ["at", "knownAt"],
                isPersonal: true
            ) { call in
                let uid = try Self.bookingUID(call.context)
                return Answer(try await reader.state(ofBooking: uid, try AsOf(call)))
            },
            .list("/v1/records", query: ["object"]) { call in
                let object = call.parameter("object").map { ObjectName($0) }
                return try await reader.records(Page(call.request), of: object)
            },
            .get("/v1/records/{id}", query: ["format"], isPersonal: true) { call in
                let id = try Self.recordID(call.context)
                let story = try await reader.record(id, seesPeople: call.seesPeople)
                let answer = try Answer(story, or: "record '\(id.rawValue)' in this ledger")
                return answer.with(rows: answer.json.list("entries"))
            },
            .get("/v1/records/{id}/fields", query: ["format"], isPersonal: true) { call in
                let id = try Self.recordID(call.context)
                let stories = try await reader.explanations(id, seesPeople: call.seesPeople)
                return try Answer(
                    table: Answer(stories, or: "record '\(id.rawValue)' in this ledger").json
                )
            },
            .get(
                "/v1/records/{id}/state",
                role: .operator,
                query: ["at", "knownAt"],
                isPersonal: true
            ) { call in
                let id = try Self.recordID(call.context)
                return Answer(try await reader.state(ofRecord: id, try AsOf(call)))
            },
            .get("/v1/records/{id}/fields/{field}", isPersonal: true) { call in
                let story = try await reader.explanation(
                    try Self.recordID(call.context),
                    FieldName(try call.part("field")),
                    seesPeople: call.seesPeople
                )
                return try Answer(story, or: "such record in this ledger")
            },
        ]
    }

    var people: [Endpoint] {
        [
            .list("/v1/people") { try await reader.people(Page($0.request)) },
            .get("/v1/people/{person}", isPersonal: true) { call in
                let id = try call.part("person")
                let person = try await reader.person(PersonID(id), seesPeople: call.seesPeople)
                return try Answer(person, or: "person '\(id.prefix(64))' in this ledger")
            },
            .post("/v1/people/search", isPersonal: true) { call in
                guard let email = EmailAddress(try call.text("email")) else {
                    throw Problem.invalid("'email' is no e-mail address.")
                }
                guard let (person, _) = try await reader.journal.personEver(email) else {
                    throw Problem.missing("person with this address in this ledger")
                }
                return try Answer(
                    await reader.person(person, seesPeople: call.seesPeople),
                    or: "person with this address in this ledger"
                )
            },
        ]
    }

    var ledger: [Endpoint] {
        [
            .list("/v1/events", query: ["type"]) { call in
                try await reader.events(Page(call.request), type: call.parameter("type"))
            },
            .get("/v1/events/{position}/proof") { call in
                guard let position = Int64(try call.part("position")), position > 0 else {
                    throw Problem.parameter("position", "a number from 1")
                }
                return Answer(try await reader.proof(of: position))
            },
            .list("/v1/runs") { try await reader.runs(Page($0.request)) },
            .get("/v1/runs/{id}", query: ["format"]) { call in
                let id = try call.part("id")
                let run = try await reader.run(id)
                let answer = try Answer(run, or: "run '\(id.prefix(64))' in this ledger")
                let operations = answer.json.list("plans").flatMap { $0.list("operations") }
                return answer.with(rows: CSVTable.rows(ofOperations: operations))
            },
            .get("/v1/ledger", query: ["format"]) { _ in
                let ledger = try await reader.ledger()
                return Answer(ledger).with(rows: ledger.list("days") + ledger.list("types"))
            },
            .get("/v1/ledger/verification", role: .operator) { _ in
                Answer(try await reader.verification())
            },
        ]
    }

    static func bookingUID(_ context: ServerContext) throws -> BookingUID {
        guard let uid = BookingUID(try context.parameters.require("uid")) else {
            throw Problem.missing("booking without a uid")
        }
        return uid
    }

    static func recordID(_ context: ServerContext) throws -> SalesforceID {
        guard let id = SalesforceID(try context.parameters.require("id")) else {
            throw Problem.parameter("id", "a Salesforce id of 15 or 18 characters")
        }
        return id
    }
}

extension AsOf {
    /// Reads `at` (a position or a time) and `knownAt` (a time).
    ///
    /// - Throws: ``Problem``.
    init(_ call: APICall) throws(Problem) {
        self.init()
        if let text = call.parameter("at") {
            if let position = Int64(text) {
                self.position = LedgerPosition(position)
            } else {
                guard let moment = Instant(dateOrTime: text) else {
                    throw .parameter("at", "a position, a date or a time in UTC")
                }
                occurred = moment
            }
        }
        guard let text = call.parameter("knownAt") else { return }
        guard let moment = Instant(dateOrTime: text) else {
            throw .parameter("knownAt", "a date or a time in UTC")
        }
        known = moment
    }
}
