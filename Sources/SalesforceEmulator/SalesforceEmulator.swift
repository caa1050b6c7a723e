public import Foundation
import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore

/// A local Salesforce org behind HTTP, good enough for real clients to work against it.
///
/// It answers the REST API (records, describe, queries, composite resources, limits,
/// search), the ways to log in, and as much of the Tooling API as adds custom fields. What
/// describe says is what is enforced. Its own interface under `/emulator/` orders faults,
/// switches settings, moves the clock and counts what was done.
///
/// Meant for loopback: anyone who reaches it may do anything with its org.
public struct SalesforceEmulator: Sendable {
    private let org: Org
    private let serverCertificate: ServerCertificate?

    /// The certificate that clients have to trust, in PEM; nil without TLS.
    ///
    /// Made anew at every start, for `localhost`, `127.0.0.1` and `::1`.
    public var certificate: String? { serverCertificate?.pem }

    /// Opens the org, creating it first if need be.
    ///
    /// - Parameter options: Where it listens and where its data live.
    /// - Throws: ``EmulatorError`` if the file is unusable or its seed refused.
    public init(options: EmulatorOptions) throws(EmulatorError) {
        org = try Org(options: options)
        do {
            serverCertificate =
                options.isSecure ? try ServerCertificate(now: options.now()) : nil
        } catch {
            throw .certificate("\(error)")
        }
        guard let file = options.orgFile, file.hasSuffix(".json") else { return }
        let seed: Data
        do {
            seed = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw .unusableFile(path: file, reason: "it cannot be read")
        }
        try loadSeed(seed)
    }

    /// Adds fields, records and settings to the org.
    ///
    /// When this returns, all of it is there; when it throws, none.
    ///
    /// - Parameter json: An object with `fields`, `records` and `settings`, each optional.
    /// - Throws: ``EmulatorError/invalidSeed(_:)`` with the part that does not fit.
    public func loadSeed(_ json: Data) throws(EmulatorError) {
        let parsed: JSON
        do {
            parsed = try JSONParser.parse(Array(json))
        } catch {
            throw .invalidSeed(error.message)
        }
        try org.load(parsed)
    }

    /// Serves the org until the task is cancelled or the program shuts down.
    ///
    /// - Parameter onReady: Called once with `http://HOST:PORT`, or `https`, when requests are
    ///   taken.
    /// - Throws: What the server throws, for example when the port is in use.
    public func run(onReady: @escaping @Sendable (String) async -> Void) async throws {
        try await application(onReady: onReady).run()
    }

    private func application(
        onReady: @escaping @Sendable (String) async -> Void
    ) throws -> Application<EmulatorResponder> {
        var logger = Logger(label: "salesforce-emulator")
        logger.logLevel = .error
        // The server calls every end of its task an error; a failed start is thrown anyway.
        var serverLogger = logger
        serverLogger.logLevel = .critical
        let options = org.options
        let responder = EmulatorResponder(gateway: Gateway(org: org, logger: logger))
        let configuration = ApplicationConfiguration(
            address: .hostname(options.host, port: options.port)
        )
        let onServerRunning: @Sendable (any Channel) async -> Void = { channel in
            let port = channel.localAddress?.port ?? 0
            await onReady("\(options.scheme)://\(options.host):\(port)")
        }
        guard let serverCertificate else {
            return Application(
                responder: responder,
                configuration: configuration,
                onServerRunning: onServerRunning,
                logger: serverLogger
            )
        }
        return Application(
            responder: responder,
            server: try .tls(tlsConfiguration: serverCertificate.configuration),
            configuration: configuration,
            onServerRunning: onServerRunning,
            logger: serverLogger
        )
    }
}
