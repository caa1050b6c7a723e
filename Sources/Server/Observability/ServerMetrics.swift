import HTTPTypes
import Synchronization

/// What this process counted since it began.
public final class ServerMetrics: Sendable {
    /// Requests of one kind.
    struct Kind: Hashable, Comparable {
        var route: String
        var method: String
        var status: Int

        static func < (left: Kind, right: Kind) -> Bool {
            (left.route, left.method, left.status) < (right.route, right.method, right.status)
        }
    }

    /// How long things took.
    struct Histogram {
        /// Upper ends in seconds.
        static let ends = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

        var counts = [Int](repeating: 0, count: ends.count + 1)
        var sum = 0.0

        mutating func add(_ seconds: Double) {
            sum += seconds
            counts[Self.ends.firstIndex { seconds <= $0 } ?? Self.ends.count] += 1
        }
    }

    /// What runs did, by kind of write and outcome.
    struct Writes {
        var counts: [String: Int] = [:]
        var avoided = 0
        var calls = 0
        var runs: [String: Int] = [:]
        var lastRun: String?
    }

    struct State {
        var requests: [Kind: Int] = [:]
        var webhooks = Histogram()
        var writes = Writes()
    }

    private let state = Mutex(State())

    /// Begins at nothing.
    public init() {}

    /// The counts now.
    var reading: State { state.withLock { $0 } }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    func count(request route: String, method: HTTPRequest.Method, status: Int, took: Duration) {
        let known: Set<HTTPRequest.Method> = [
            .get, .head, .post, .put, .patch, .delete, .options,
        ]
        let kind = Kind(
            route: route,
            // Anybody can invent methods; they are not to fill the memory.
            method: known.contains(method) ? method.rawValue : "other",
            status: status
        )
        state.withLock { state in
            state.requests[kind, default: 0] += 1
            if route == WebhookRoutes.path { state.webhooks.add(took / .seconds(1)) }
        }
    }
}
