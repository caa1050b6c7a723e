import ArgumentParser
import CalComEmulator
import Foundation
import SalesforceEmulator

/// Starts a local org.
struct EmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulator",
        abstract: "Run a local Salesforce org for trials and tests.",
        discussion: """
            Any access token is accepted. Prints its address when it listens, and runs until it is \
            interrupted.

              daybook emulator --port 8931
              daybook emulator --port 8931 --org org.sqlite    keeps its records
              daybook emulator --port 8931 --org seed.json     begins with these records
              daybook emulator --port 8931 --tls               speaks https
              daybook emulator --port 8931 --calcom-port 8932  Cal.com's API, too

            With --tls it makes a certificate at every start, for this machine only, and writes it \
            where --certificate says. Clients have to be told to trust that file: \
            SSL_CERT_FILE=FILE for most programs, REQUESTS_CA_BUNDLE=FILE for Python's requests.
            """
    )

    @Option(help: "The port; 0 for any free one.")
    var port = 8931

    @Option(help: "An SQLite file that keeps the org, or a JSON file with records to begin with.")
    var org: String?

    @Flag(help: "Speak https, with a certificate made at start.")
    var tls = false

    @Option(help: "Where --tls writes the certificate; by default among the temporary files.")
    var certificate: String?

    @Option(
        help: "Also run a local stand-in for Cal.com's API v2, on this port; 0 for any free one."
    )
    var calcomPort: Int?

    @Option(help: "A JSON file with bookings and event types for --calcom-port to begin with.")
    var calcomData: String?

    func validate() throws {
        guard calcomPort != nil || calcomData == nil else {
            throw ValidationError("--calcom-data is for --calcom-port.")
        }
        guard tls || certificate == nil else {
            throw ValidationError("--certificate is for --tls.")
        }
    }

    func run() async throws {
        let emulator = try SalesforceEmulator(
            options: EmulatorOptions(port: port, isSecure: tls, orgFile: org)
        )
        let file = try emulator.certificate.map { try write($0) }
        let calCom = try await calComEmulator()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Two servers, each of which runs until the program is told to end.
            if let calCom { group.addTask { try await Self.run(calCom) } }
            group.addTask { try await Self.run(emulator, certificate: file) }
            // Either ends when the program is told to, and both do then.
            try await group.next()
            group.cancelAll()
        }
    }

    private func calComEmulator() async throws -> CalComEmulator? {
        guard let calcomPort else { return nil }
        let emulator = CalComEmulator(port: calcomPort)
        guard let calcomData else { return emulator }
        guard let data = FileManager.default.contents(atPath: calcomData) else {
            throw CommandFailure(.badInput, "'\(calcomData)' cannot be read.")
        }
        do { try await emulator.load(data) } catch {
            throw CommandFailure(.badInput, "'\(calcomData)': \(error)")
        }
        return emulator
    }

    private static func run(_ emulator: CalComEmulator) async throws {
        try await emulator.run { address in
            Terminal.show("Cal.com emulator at \(address)")
            Terminal.tell("calcom.apiURL: \(address) · any API key is accepted")
        }
    }

    private static func run(_ emulator: SalesforceEmulator, certificate: String?) async throws {
        try await emulator.run { address in
            Terminal.show("Salesforce emulator at \(address)")
            Terminal.tell("instanceURL: \(address) · any token is accepted · stop with Ctrl-C")
            if let certificate {
                Terminal.tell("certificate: \(certificate) · clients have to trust it")
            }
        }
    }

    /// Writes the certificate and gives the path of its file.
    private func write(_ pem: String) throws -> String {
        let path =
            certificate
            ?? FileManager.default.temporaryDirectory
            .appending(path: "daybook-emulator-\(ProcessInfo.processInfo.processIdentifier).pem")
            .path
        do {
            try Data(pem.utf8).write(to: URL(fileURLWithPath: path))
        } catch {
            throw CommandFailure(
                .failed,
                "The certificate cannot be written to '\(path)'. Name another file with --certificate."
            )
        }
        return path
    }
}
