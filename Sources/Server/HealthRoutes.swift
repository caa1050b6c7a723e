import Domain
import Hummingbird
import Journal
import Ledger
import Logging
import Pipeline

/// Tells whoever keeps the server running how it is, without personal data.
///
/// | request       | ledger answers                                 | ledger fails   |
/// |---------------|------------------------------------------------|----------------|
/// | `GET /livez`  | 200                                            | 200            |
/// | `GET /readyz` | 200, its position and the deliveries by verdict| 503            |
///
/// Whether the ledger takes writes is tried at most every few seconds, because whoever asks makes
/// the disk work.
///
/// With a scheduler, `sync` tells how it stands; Salesforce being away does not make the process
/// unready, because webhooks are taken all the same.
///
/// A ledger that fails does not make the process dead: starting it again would not help.
struct HealthRoutes: Sendable {
    static let livePath = "/livez"
    static let readyPath = "/readyz"

    /// Reads the newest position.
    let head: @Sendable () async throws(LedgerError) -> LedgerHead

    /// Counts the deliveries.
    let deliveryCounts: @Sendable () async throws(LedgerError) -> [DeliveryVerdict: Int]

    /// Writes and flushes something, to see whether the ledger takes it.
    var probe: @Sendable () async throws(LedgerError) -> Void = {}

    /// How the scheduler stands; nil without one.
    let sync: @Sendable () async -> SchedulerBoard.Reading?

    /// Told why the ledger failed.
    let logger: Logger

    /// What else is to be told, by name.
    var details: @Sendable () async throws(LedgerError) -> [(String, JSON?)] = { [] }

    /// Registers both routes.
    func add(to router: Router<some RequestContext>) {
        router.get(RouterPath(Self.livePath)) { _, _ in
            Response(json: .compact([("status", .string("alive"))]))
        }
        router.get(RouterPath(Self.readyPath)) { _, _ in try await readiness() }
    }

    private func readiness() async throws(Problem) -> Response {
        do {
            try await probe()
            let position = try await head().position
            let counts = try await deliveryCounts()
            return Response(
                json: .compact(
                    [
                        ("status", .string("ready")),
                        ("ledger", .compact([("position", .integer(position))])),
                        ("deliveries", Self.json(counts)),
                        ("sync", await sync()?.json),
                    ] + (try await details())
                )
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

extension SchedulerBoard.Reading {
    /// The reading as one object, times as RFC 3339.
    var json: JSON {
        .compact([
            ("state", .string(state)), ("reason", reason.map(JSON.string)),
            ("running", running.map { .string($0.rfc3339Seconds) }),
            ("lastGood", lastGood.map { .string($0.rfc3339Seconds) }),
            ("next", next.map { .string($0.rfc3339Seconds) }),
        ])
    }

    /// One word: `starting`, `running`, `in-step`, `behind`, `busy`, `troubled` or `stuck`.
    var state: String {
        if running != nil { return "running" }
        return switch outcome {
        case nil: "starting"
        case .idle, .done: "in-step"
        case .unfinished: "behind"
        case .busy: "busy"
        case .troubled: "troubled"
        case .stuck: "stuck"
        }
    }

    /// What stands in the way, without personal data.
    var reason: String? {
        switch outcome {
        case .troubled(let reason), .stuck(let reason): reason
        case .unfinished(let left): "\(left) appointments are left"
        case nil, .idle, .done, .busy: nil
        }
    }
}
