import Domain
import HTTPTypes
import Hummingbird
import Journal
import Ledger
import Logging

/// The JSON API below `/v1`: what the ledger knows, for scripts.
///
/// Every answer is JSON, every refusal `application/problem+json`. Lists are pages: `limit` says how
/// many rows, `cursor` takes the `next` of the page before. A token is needed for everything; names,
/// addresses and answers need the role `operator`.
///
/// | resource                                | holds                                       |
/// |-----------------------------------------|---------------------------------------------|
/// | `GET /v1/status`                        | where everything stands                     |
/// | `GET /v1/bookings`                      | appointments, the newest first              |
/// | `GET /v1/bookings/{uid}`                | everything that happened to a booking       |
/// | `GET /v1/records`                       | linked records                              |
/// | `GET /v1/records/{id}`                  | everything that was done with a record      |
/// | `GET /v1/records/{id}/fields/{field}`   | why a field is what it is                   |
/// | `GET /v1/events`                        | the ledger's events                         |
/// | `GET /v1/runs`, `GET /v1/runs/{id}`     | runs, and the plan of one                   |
/// | `GET /v1/failures`                      | writes that failed                          |
/// | `GET /v1/settings`                      | every version of the settings               |
/// | `GET /v1/ledger`                        | how the ledger is made up                   |
struct APIRoutes: Sendable {
    let reader: Reader
    /// Told why the ledger failed.
    let logger: Logger

    /// The resources without parameters, by path.
    static let lists = [
        "/v1/status", "/v1/bookings", "/v1/records", "/v1/events", "/v1/runs", "/v1/failures",
        "/v1/settings", "/v1/ledger",
    ]

    /// All resources, as `Schemas/http/openapi.json` names them.
    static let paths =
        lists + [
            "/v1/bookings/{uid}", "/v1/records/{id}", "/v1/records/{id}/fields/{field}",
            "/v1/runs/{id}",
        ]

    /// Registers all routes.
    func add(to router: Router<ServerContext>) {
        let v1 = router.group("/v1")
        v1.get("status") { _, context in
            try await answer(context) { _ in try await reader.status() }
        }
        v1.get("bookings") { request, context in
            try await answer(context) { _ in try await reader.bookings(Page(request)) }
        }
        v1.get("bookings/:uid") { _, context in
            try await answer(context) { principal in
                let uid = try Self.bookingUID(context)
                return try await reader.booking(uid, seesPeople: principal.seesPeople)
            }
        }
        v1.get("records") { request, context in
            try await answer(context) { _ in
                let object = request.uri.queryParameters["object"].map { ObjectName(String($0)) }
                return try await reader.records(Page(request), of: object)
            }
        }
        v1.get("records/:id") { _, context in
            try await answer(context) { principal in
                let id = try Self.recordID(context)
                return try await reader.record(id, seesPeople: principal.seesPeople)
            }
        }
        v1.get("records/:id/fields/:field") { _, context in
            try await answer(context) { principal in
                let field = FieldName(try context.parameters.require("field"))
                return try await reader.explanation(
                    try Self.recordID(context),
                    field,
                    seesPeople: principal.seesPeople
                )
            }
        }
        addHistory(to: v1)
    }

    private func addHistory(to v1: RouterGroup<ServerContext>) {
        v1.get("events") { request, context in
            try await answer(context) { _ in
                let type = request.uri.queryParameters["type"].map(String.init)
                return try await reader.events(Page(request), type: type)
            }
        }
        v1.get("runs") { request, context in
            try await answer(context) { _ in try await reader.runs(Page(request)) }
        }
        v1.get("runs/:id") { _, context in
            try await answer(context) { _ in
                try await reader.run(try context.parameters.require("id"))
            }
        }
        v1.get("failures") { _, context in
            try await answer(context) { _ in try await reader.failures() }
        }
        v1.get("settings") { _, context in
            try await answer(context) { _ in try await reader.settings() }
        }
        v1.get("ledger") { _, context in
            try await answer(context) { _ in try await reader.ledger() }
        }
    }

    private func answer(
        _ context: ServerContext,
        _ body: (Principal) async throws -> JSON?
    ) async throws -> Response {
        let principal = try context.require(.viewer)
        let json: JSON?
        do {
            json = try await body(principal)
        } catch let error as LedgerError {
            logger.error("The ledger does not answer", metadata: ["error": "\(error)"])
            throw error.answer
        }
        guard let json else { throw Problem.missing("such thing in this ledger") }
        var response = Response(json: json)
        response.headers[.cacheControl] = "no-store"
        return response
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
