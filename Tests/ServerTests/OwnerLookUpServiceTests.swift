import Synchronization
import Testing

@testable import Server

@Suite("The service that looks at the org for owners")
struct OwnerLookUpServiceTests {
    /// What was done, in order.
    private enum Step: Hashable {
        case waited(Duration)
        case looked
    }

    private struct Away: Error {}

    @Test("looks every ten seconds, goes on when a look fails, and ends with the process")
    func looks() async throws {
        let steps = Mutex<[Step]>([])
        let log = RecordedLog()
        let service = OwnerLookUpService(
            refresh: {
                let looks = steps.withLock { steps in
                    steps.append(.looked)
                    return steps.count { $0 == .looked }
                }
                if looks == 1 { throw Away() }
            },
            pause: { duration in
                let waits = steps.withLock { steps in
                    steps.append(.waited(duration))
                    return steps.count { $0 != .looked }
                }
                if waits == 3 { throw CancellationError() }
            },
            logger: log.logger
        )
        try await service.run()
        let wait = Step.waited(.seconds(10))
        #expect(steps.withLock { $0 } == [wait, .looked, wait, .looked, wait])
        #expect(log.lines.count == 1)
        #expect(log.lines.first?.contains("The org could not be looked at") == true)
    }
}
