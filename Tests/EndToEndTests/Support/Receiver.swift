import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// Takes whatever is posted to it on this machine, and keeps it for a test.
struct Receiver: Sendable {
    /// Something that was posted.
    struct Message: Sendable {
        var path: String
        var contentType: String?
        var text: String
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    let address: String
    fileprivate let messages: AsyncStream<Message>

    /// Waits for the next message; call it once at a time.
    ///
    /// - Throws: An error if the receiver ended before.
    func next() async throws -> Message {
        for await message in messages { return message }
        throw CancellationError()
    }
}

/// What a receiver answers, one after the other; 200 when there is nothing left.
private final class Answers: Sendable {
    private let remaining: Mutex<[HTTPResponse.Status]>

    init(_ statuses: [HTTPResponse.Status]) { remaining = Mutex(statuses) }

    var next: Response {
        let status = remaining.withLock { $0.isEmpty ? .ok : $0.removeFirst() }
        return Response(status: status, headers: [.location: "/elsewhere"])
    }
}

/// Listens on a free port for as long as a closure takes.
///
/// - Parameters:
///   - statuses: The first answers; those after them are 200. Each names another place to go to.
///   - body: What to do.
/// - Throws: What the closure throws, or why the receiver could not start.
func withReceiver(
    answering statuses: [HTTPResponse.Status] = [],
    _ body: (Receiver) async throws -> Void
) async throws {
    let (addresses, ready) = AsyncStream.makeStream(of: String.self)
    let (messages, arrived) = AsyncStream.makeStream(of: Receiver.Message.self)
    let answers = Answers(statuses)
    var logger = Logger(label: "receiver")
    logger.logLevel = .critical
    let application = Application(
        responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
            let text = String(buffer: try await request.body.collect(upTo: 65_536))
            let type = request.headers[.contentType]
            arrived.yield(.init(path: request.uri.path, contentType: type, text: text))
            return answers.next
        },
        configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in
            ready.yield("http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
        },
        logger: logger
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            // The streams end with the server, so that a failed start does not hang.
            defer {
                ready.finish()
                arrived.finish()
            }
            try await application.run()
        }
        defer { group.cancelAll() }
        for await address in addresses {
            return try await body(Receiver(address: address, messages: messages))
        }
        try await group.waitForAll()
        throw CancellationError()
    }
}
