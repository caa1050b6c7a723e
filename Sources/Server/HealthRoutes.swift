import Domain
import Hummingbird
import Journal
import Ledger
import Logging

/// Tells whoever keeps the server running how it is, without personal data.
///
/// | request       | ledger answers                                 | ledger fails   |
/// |---------------|------------------------------------------------|----------------|
/// | `GET /livez`  | 200                                            | 200            |
/// | `GET /readyz` | 200, its position and the deliveries by verdict| 503            |
///
/// A ledger that fails does not make the process dead: starting it again would not help.
struct HealthRoutes: Sendable {
    static let livePath = "/livez"
    static let readyPath = "/readyz"

    /// Reads the newest position.
    let head: @Sendable () async throws(LedgerError) -> LedgerHead

    /// Counts the deliveries.
    let deliveryCounts: @Sendable () async throws(LedgerError) -> [DeliveryVerdict: Int]

    /// Told why the ledger failed.
    let logger: Logger

    /// Registers both routes.
    func add(to router: Router<some RequestContext>) {
        router.get(RouterPath(Self.livePath)) { _, _ in
            Response(json: .compact([("status", .string("alive"))]))
        }
        router.get(RouterPath(Self.readyPath)) { _, _ in try await readiness() }
    }

    private func readiness() async throws(Problem) -> Response {
        do {
            let position = try await head().position
            let counts = try await deliveryCounts()
            return Response(
                json: .compact([
                    ("status", .string("ready")),
                    ("ledger", .compact([("position", .integer(position))])),
                    ("deliveries", Self.json(counts)),
                ])
            )
        } catch {
            logger.error("The ledger does not answer", metadata: ["error": "\(error)"])
            throw error.answer
        }
    }

    /// Every verdict, also those that nothing got yet, in a fixed order.
    private static func json(_ counts: [DeliveryVerdict: Int]) -> JSON {
        .compact(
            DeliveryVerdict.allCases.map { ($0.rawValue, .integer(counts[$0, default: 0])) }
        )
    }
}
