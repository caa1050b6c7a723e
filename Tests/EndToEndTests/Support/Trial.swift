import Foundation
import SalesforceEmulator
import TestSupport
import Testing

/// A person's folder with a configuration, and the binary to try in it.
struct Trial: Sendable {
    /// The folder; everything a test makes is in it, and goes with it.
    let folder: TemporaryFolder
    /// What the person's shell holds.
    var environment: [String: String]
    /// What starts the binary: a command line that ends where the binary's own begins.
    var launcher: [String] = []

    /// The configuration of DESIGN, section 9: what programs outside this repository rely on.
    static func configuration(ledger: String, org: String) -> String {
        """
        ledger: \(ledger)
        salesforce:
          instanceURL: \(org)
          apiVersion: "62.0"
          auth: { flow: accessToken }
        calcom: {}

        """
    }

    /// Makes a folder with a configuration for an org.
    init(org: String) throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        environment = [
            "PATH": "/usr/bin:/bin", "HOME": folder.url.path, "TMPDIR": folder.url.path,
            "DAYBOOK_SALESFORCE_ACCESS_TOKEN": "token of the trial",
            "DAYBOOK_CALCOM_WEBHOOK_SECRET": "whsec-example-1",
        ]
        try write(
            Self.configuration(ledger: folder.path("daybook.sqlite"), org: org),
            to: "daybook.yaml"
        )
    }

    /// The ledger's file.
    var ledger: String { folder.path("daybook.sqlite") }

    /// Writes a file of the folder.
    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.url.appending(path: name))
    }

    /// Starts a command and leaves it running.
    func start(_ arguments: String..., input: String = "") async throws -> RunningProgram {
        try await RunningProgram(
            arguments,
            environment: environment,
            folder: folder.url,
            input: input,
            launcher: launcher
        )
    }

    /// Starts a command and leaves it running.
    func start(_ arguments: [String]) async throws -> RunningProgram {
        try await RunningProgram(
            arguments,
            environment: environment,
            folder: folder.url,
            input: "",
            launcher: launcher
        )
    }

    /// Runs a command to its end.
    @discardableResult
    func run(_ arguments: [String], input: String = "") async throws -> Finished {
        try await RunningProgram(
            arguments,
            environment: environment,
            folder: folder.url,
            input: input,
            launcher: launcher
        ).finished()
    }

    /// The same trial, where no file may grow beyond some bytes.
    func limited(filesUpTo bytes: Int) -> Trial {
        var limited = self
        let script = "trap '' XFSZ; ulimit -f \(bytes / 512); exec \"$0\" \"$@\""
        limited.launcher = ["/bin/sh", "-c", script]
        return limited
    }

    /// The same trial, where permissions count for the superuser, too.
    func boundByPermissions() -> Trial {
        guard geteuid() == 0 else { return self }
        var bound = self
        let rights = "-dac_override,-dac_read_search"
        bound.launcher = ["setpriv", "--bounding-set=\(rights)", "--inh-caps=\(rights)"]
        return bound
    }

    /// Runs a command to its end.
    @discardableResult
    func run(_ arguments: String..., input: String = "") async throws -> Finished {
        try await run(arguments, input: input)
    }

    /// Runs a command that has to succeed.
    @discardableResult
    func expect(
        _ arguments: String...,
        input: String = "",
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Finished {
        let finished = try await run(arguments, input: input)
        #expect(finished.status == 0, "\(finished.messages)", sourceLocation: location)
        return finished
    }

    /// Runs a command with `--output json`, and reads the one document it prints.
    func json(
        _ arguments: String...,
        status: Int32 = 0,
        input: String = "",
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Document {
        let finished = try await run(arguments + ["--output", "json"], input: input)
        #expect(finished.status == status, "\(finished.messages)", sourceLocation: location)
        return try Document(finished.output)
    }

    /// Imports the recorded settings of Cal.com's app for the event type of the recorded booking.
    func importSettings(effective: String = "now") async throws {
        try await expect(
            "settings",
            "import",
            Recorded.appData,
            "--event-type",
            "88231",
            "--effective",
            effective
        )
    }

    /// Takes over settings and one booking, so that there is something to plan.
    func prepare() async throws {
        try await importSettings()
        try await expect("ingest", Recorded.created)
    }
}

/// Runs a test in a folder of its own, against an org of its own.
func withTrial(_ body: (Trial, Org) async throws -> Void) async throws {
    try await withSalesforceEmulator { address in
        try await body(try Trial(org: address), Org(url: address))
    }
}

/// A trial with an org that is not there; for commands that need none.
func withoutOrg(_ body: (Trial) async throws -> Void) async throws {
    // Port 1 is reserved, and nobody listens there.
    try await body(try Trial(org: "http://127.0.0.1:1"))
}

/// The recorded deliveries and settings; all people in them are invented.
enum Recorded {
    /// The folder beside these tests that holds them.
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "CalComTests/Samples")

    static func path(_ name: String) -> String { folder.appending(path: name).path }

    static func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
    }

    /// The settings of Cal.com's app, with everything switched on.
    static let appData = path("salesforce_app_settings_full.json")
    /// A booking of event type 88231.
    static let created = path("booking_created.json")
    /// The uid of that booking.
    static let uid = "hT4xWq9vNc2LmZ7pRkD3sB"
    /// What the recorded booking says of people, and must not be seen outside.
    static let personal = [
        "Dana", "Okafor", "dana.okafor", "lee.marsh", "+12025550143", "EU data residency",
        "Globex Logistics",
    ]
}
