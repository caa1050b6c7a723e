import ArgumentParser
import CalCom
import Domain
import Foundation
import Journal
import Ledger
import Pipeline
import Salesforce
import SalesforceEmulator

/// Shows what Daybook does, against a local org.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch a fortnight of bookings travel into a local Salesforce org.",
        discussion: """
            Needs no account and leaves nothing behind but a folder with its ledger, which it names \
            at the end. Takes less than a minute.

            With --serve, the dashboard and the API run on that sample data until Ctrl-C; the \
            address and a token to sign in with are printed.
            """
    )

    @Option(help: "The folder for the demonstration's files (default: a new temporary one).")
    var folder: String?

    @Flag(help: "Leave the service running on the sample data, with a dashboard to click through.")
    var serve = false

    @Option(help: "With --serve, the port of the service; 0 for any free one.")
    var port = 8484

    func run() async throws {
        let folder = try makeFolder()
        let seed = try DemoFiles.data("org.json")
        let emulator = try SalesforceEmulator(options: EmulatorOptions(port: 0))
        try emulator.loadSeed(seed)
        let addresses = AsyncStream<String>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // The stream ends with the org, so that a failed start does not hang.
                defer { addresses.continuation.finish() }
                try await emulator.run { address in addresses.continuation.yield(address) }
            }
            // The tour is over; the org ends with it.
            defer { group.cancelAll() }
            for await address in addresses.stream {
                if serve {
                    try await DemoService(folder: folder, address: address, port: port).run()
                } else {
                    try await DemoTour(folder: folder, address: address).run()
                }
                return
            }
            // The org did not start: this throws why.
            try await group.waitForAll()
        }
    }

    private func makeFolder() throws -> String {
        let path =
            folder
            ?? FileManager.default.temporaryDirectory
            .appendingPathComponent("daybook-demo-\(UInt32.random(in: 0...UInt32.max))").path
        guard !FileManager.default.fileExists(atPath: "\(path)/daybook.sqlite") else {
            throw CommandFailure(
                .badInput,
                "'\(path)' holds a ledger already; name another folder."
            )
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

/// The bundled files of the demonstration.
enum DemoFiles {
    static func data(_ name: String) throws -> Data {
        guard
            let url = Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "demo")
        else {
            throw CommandFailure(.failed, "The bundled file '\(name)' is missing. Build again.")
        }
        return try Data(contentsOf: url)
    }

    static func copy(_ name: String, to folder: String) throws -> String {
        let path = "\(folder)/\(name)"
        try data(name).write(to: URL(fileURLWithPath: path))
        return path
    }
}
