import Synchronization

/// What a closure was told, in order.
final class Steps: Sendable {
    private let steps = Mutex<[Int64]>([])

    var all: [Int64] { steps.withLock { $0 } }

    func add(_ step: Int64) { steps.withLock { $0.append(step) } }
}
