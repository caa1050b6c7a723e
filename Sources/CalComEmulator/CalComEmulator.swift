public import Foundation
import Hummingbird
import Logging
import NIOCore

/// A local stand-in for Cal.com's API v2, as far as bookings and event types are read through it.
///
/// It keeps what it is given as it is, and answers in the documented shapes: envelope, both ways of
/// paging, limit of requests with its headers, versions, errors. Its own interface under
/// `/emulator/` puts bookings in, changes them and orders faults.
///
/// Meant for loopback, for trials and tests. Shares no code with the client, so that one
/// misunderstanding cannot hide in both.
public struct CalComEmulator: Sendable {
    private let office: BookingOffice
    private let host: String
    private let port: Int

    /// Creates an emulator without bookings.
    ///
    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: The port to listen on; 0 for any free one.
    ///   - key: The API key that is taken; nil for any.
    ///   - perMinute: How many requests a key may make in a minute.
    ///   - now: The clock.
    public init(
        host: String = "127.0.0.1",
        port: Int = 0,
        key: String? = nil,
        perMinute: Int = 120,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.host, self.port) = (host, port)
        office = BookingOffice(key: key, perMinute: perMinute, now: now)
    }

    /// Puts in bookings and event types.
    ///
    /// - Parameter json: An object with `bookings` and `eventTypes`, both lists and optional; or an
    ///   answer of the API with `data`.
    /// - Throws: ``CalComEmulatorError`` if it is neither.
    public func load(_ json: Data) async throws(CalComEmulatorError) { try await office.load(json) }

    /// Serves until the task is cancelled or the program shuts down.
    ///
    /// - Parameter onReady: Called once with the address of the API, `http://HOST:PORT/v2`.
    /// - Throws: What the server throws, for example when the port is in use.
    public func run(onReady: @escaping @Sendable (String) async -> Void) async throws {
        var logger = Logger(label: "calcom-emulator")
        // The server calls every end of its task an error; a failed start is thrown anyway.
        logger.logLevel = .critical
        let application = Application(
            responder: EmulatorFront(office: office),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { [host] channel in
                await onReady("http://\(host):\(channel.localAddress?.port ?? 0)/v2")
            },
            logger: logger
        )
        try await application.run()
    }
}

/// A reason why the emulator cannot do what it is asked.
public enum CalComEmulatorError: Error, Hashable, CustomStringConvertible {
    /// What was put in is neither bookings nor event types.
    case unusable(String)

    /// What is wrong, and what is expected.
    public var description: String {
        switch self {
        case .unusable(let reason):
            """
            The data cannot be used: \(reason). It has to be a JSON object with 'bookings' and \
            'eventTypes', both lists, or an answer of Cal.com's API.
            """
        }
    }
}

/// Runs an emulator on a free port for as long as a closure takes, for tests.
///
/// - Parameters:
///   - emulator: The emulator.
///   - body: What to do, given the address of the API.
/// - Returns: What the closure returns.
/// - Throws: What the closure throws, or why the emulator could not start.
public func withCalComEmulator<R: Sendable>(
    _ emulator: CalComEmulator = CalComEmulator(),
    _ body: (String) async throws -> R
) async throws -> R {
    let (addresses, ready) = AsyncStream.makeStream(of: String.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            // The stream ends with the server, so that a failed start does not hang.
            defer { ready.finish() }
            try await emulator.run { ready.yield($0) }
        }
        defer { group.cancelAll() }
        for await address in addresses { return try await body(address) }
        try await group.waitForAll()
        throw CancellationError()
    }
}
