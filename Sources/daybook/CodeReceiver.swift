import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import UnixSignals

/// Waits on this machine for the browser that comes back from the org.
///
/// Takes one request, to one path, from this machine only; whatever else is asked for is not there.
struct CodeReceiver: Sendable {
    /// Where the browser is to be sent: this goes to the org, to the letter.
    let redirectURL: String
    private let answers: AsyncStream<[String: String]>

    /// The only path that is answered.
    private static let path = "callback"

    /// Listens for as long as a closure takes.
    ///
    /// When this returns or throws, nothing listens any more.
    ///
    /// - Parameters:
    ///   - port: The port; 0 for any free one.
    ///   - body: What to do meanwhile.
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, or ``CommandFailure`` if the port is taken.
    static func listening<Result: Sendable>(
        port: Int,
        _ body: (CodeReceiver) async throws -> Result
    ) async throws -> Result {
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let (answers, answered) = AsyncStream.makeStream(of: [String: String].self)
        let application = application(port: port, ready: ready, answered: answered)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // The stream ends with the server, so that a failed start does not hang.
                defer { ready.finish() }
                try await application.run()
            }
            defer { group.cancelAll() }
            for await port in ports {
                return try await body(
                    CodeReceiver(
                        redirectURL: "http://localhost:\(port)/\(path)",
                        answers: answers
                    )
                )
            }
            throw cannotListen(port)
        }
    }

    private static func cannotListen(_ port: Int) -> CommandFailure {
        CommandFailure(
            .configuration,
            """
            Port \(port) of this machine is taken, so the browser could not come back to it. Name \
            another one with --port, and add its address to the callback URLs of the app.
            """
        )
    }

    private static func application(
        port: Int,
        ready: AsyncStream<Int>.Continuation,
        answered: AsyncStream<[String: String]>.Continuation
    ) -> Application<RouterResponder<BasicRequestContext>> {
        var logger = Logger(label: "daybook")
        logger.logLevel = .critical
        let router = Router()
        router.get("\(path)") { request, _ in
            let pairs = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
            let parameters = Dictionary(pairs) { first, _ in first }
            return page(isGood: parameters["error"] == nil) {
                answered.yield(parameters)
                answered.finish()
            }
        }
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in ready.yield(channel.localAddress?.port ?? port) },
            logger: logger
        )
    }

    /// A plain page for the person; the terminal tells the rest.
    private static func page(
        isGood: Bool,
        whenSent: @escaping @Sendable () -> Void
    ) -> Response {
        let text =
            isGood
            ? "Daybook has the answer. You can close this window and go back to the terminal.\n"
            : "Nothing was connected. You can close this window; the terminal tells what to do.\n"
        var headers = HTTPFields()
        headers[.contentType] = "text/plain; charset=utf-8"
        headers[.cacheControl] = "no-store"
        headers[.connection] = "close"
        return Response(
            status: isGood ? .ok : .badRequest,
            headers: headers,
            body: ResponseBody(contentLength: text.utf8.count) { writer in
                try await writer.write(ByteBuffer(string: text))
                try await writer.finish(nil)
                // Only now: what follows may end the server.
                whenSent()
            }
        )
    }

    /// Waits for the browser.
    ///
    /// - Parameter timeout: How long.
    /// - Returns: The parameters that it brought.
    /// - Throws: ``CommandFailure`` with exit code 75 if it did not come in time, or
    ///   ``Interruption`` if somebody stopped the wait.
    func answer(within timeout: Duration) async throws -> [String: String] {
        let answers = answers
        return try await withThrowingTaskGroup(of: [String: String]?.self) { group in
            group.addTask {
                for await answer in answers { return answer }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw CommandFailure(
                    .tryLater,
                    """
                    Nobody came back from the browser within \(timeout.components.seconds) seconds, \
                    and nothing was connected. Start again with 'daybook org connect', and open the \
                    address on this machine; --timeout waits longer.
                    """
                )
            }
            group.addTask {
                for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                    throw Interruption(signal: signal.rawValue)
                }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}

/// A signal that ended what was going on.
struct Interruption: Error {
    /// The number of the signal.
    let signal: Int32

    /// What the shell is told: 130 for Ctrl-C, 143 for SIGTERM.
    var status: Int32 { 128 + signal }
}
