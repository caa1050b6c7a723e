import Foundation
import TestSupport
import Testing

/// What a person finds before any command does anything.
@Suite("The command line", .timeLimit(.minutes(15)))
struct CommandLineTests {
    /// Every command with the words that lead to it, as the binary lists them itself.
    private static func commands(_ trial: Trial) async throws -> [(path: [String], about: String)] {
        let dump = try Document(try await trial.expect("--experimental-dump-help").output)
        func walk(_ command: Document, _ path: [String]) -> [(path: [String], about: String)] {
            let below = (command["subcommands"]?.list ?? []).filter { $0["commandName"] != "help" }
            return [(path, command["abstract"]?.text ?? "")]
                + below.flatMap { walk($0, path + [$0["commandName"]?.text ?? "?"]) }
        }
        return walk(try #require(dump["command"]), [])
    }

    @Test("has every command that others rely on")
    func hasCommands() async throws {
        try await withoutOrg { trial in
            let names = Set(try await Self.commands(trial).map { $0.path.joined(separator: " ") })
            let expected = [
                "init", "doctor", "settings validate", "settings apply", "settings import",
                "settings show", "settings history", "ingest", "plan", "apply", "reconcile",
                "status", "ledger verify", "route-owner", "emulator", "demo", "completion", "serve",
                "explain", "trace booking", "trace record", "trace person", "events",
                "replay", "settings diff", "settings bisect", "state booking", "state record",
                "state person", "drift list", "drift adopt", "drift revert", "undo",
            ]
            #expect(Set(expected).subtracting(names) == [])
        }
    }

    @Test("explains every command in a sentence, and takes --help everywhere")
    func helps() async throws {
        try await withoutOrg { trial in
            for (path, about) in try await Self.commands(trial) {
                let name = path.joined(separator: " ")
                #expect(about.hasSuffix("."), "'\(name)' has no sentence: \(about)")
                let help = try await trial.run(path + ["--help"])
                #expect(help.status == 0, "\(name) --help")
                #expect(help.output.contains("USAGE: daybook"), "\(name) --help")
            }
        }
    }

    @Test("takes --config and --output in every command that opens a ledger")
    func takesCommonOptions() async throws {
        try await withoutOrg { trial in
            let alone: Set = ["init", "emulator", "demo", "completion"]
            for (path, _) in try await Self.commands(trial) where !alone.contains(path.first ?? "")
            {
                let help = try await trial.run(path + ["--help"]).output
                guard !help.contains("SUBCOMMANDS:") else { continue }
                #expect(help.contains("--config"), "\(path)")
            }
        }
    }

    @Test("says its version")
    func saysVersion() async throws {
        try await withoutOrg { trial in
            let output = try await trial.expect("--version").output
            #expect(output == "daybook 0.1.0\n")
        }
    }

    @Test(
        "leaves with 64 when it is used wrongly, and points to the help",
        arguments: [
            ["no-such-command"], ["plan", "--no-such-option"], ["ingest"],
            ["plan", "--output", "xml"], ["completion", "tcsh"], ["explain"],
            ["settings", "import", "x.json", "--event-type", "1", "--default"],
            ["settings", "import", "x.json", "--default", "--effective", "someday"],
        ]
    )
    func refusesWrongUse(_ arguments: [String]) async throws {
        try await withoutOrg { trial in
            let finished = try await trial.run(arguments)
            #expect(finished.status == 64)
            #expect(finished.output == "")
            #expect(finished.messages.contains("--help"))
        }
    }

    @Test("completes commands in three shells", arguments: ["bash", "zsh", "fish"])
    func completes(_ shell: String) async throws {
        try await withoutOrg { trial in
            let script = try await trial.expect("completion", shell).output
            #expect(script.contains("reconcile"))
        }
    }

    @Test("writes a commented configuration that it accepts itself, and never over another one")
    func writesConfiguration() async throws {
        try await withoutOrg { trial in
            try await trial.expect("init", "--config", "made.yaml")
            let made = try String(contentsOfFile: trial.folder.path("made.yaml"), encoding: .utf8)
            #expect(made.contains("#"))
            try await trial.expect("status", "--config", "made.yaml")

            let again = try await trial.run("init", "--config", "made.yaml")
            #expect(again.status == 78)
            #expect(again.messages.contains("'daybook init --config FILE'"))
            let nowhere = try await trial.run("init", "--config", "missing/made.yaml")
            #expect(nowhere.status == 1)
            #expect(nowhere.messages.contains("Make its folder first"))
            #expect(
                try String(contentsOfFile: trial.folder.path("made.yaml"), encoding: .utf8) == made
            )
        }
    }

    @Test("lets nothing that was booked steer the terminal")
    func steersNothing() async throws {
        try await withTrial { trial, _ in
            try await trial.importSettings()
            let recorded = String(
                decoding: try Data(contentsOf: URL(filePath: Recorded.created)),
                as: UTF8.self
            )
            let title = #""title": "Product demo between Priya Raman and Dana Okafor""#
            let steering = #""title": "Demo \u001b]0;owned\u0007\u001b[2J\u009b1A end""#
            let delivery = recorded.replacing(title, with: steering)
            try #require(delivery != recorded)
            try trial.write(delivery, to: "steering.json")
            try await trial.expect("ingest", "steering.json")
            let plan = try await trial.expect("plan").output
            #expect(plan.contains("owned"), "the control")
            let trace = try await trial.expect("trace", "booking", Recorded.uid).output
            let document = try await trial.run("trace", "booking", Recorded.uid, "--output", "json")
            #expect(try Document(document.output).keys.isEmpty == false)
            for output in [plan, trace, document.output] {
                let controls = output.unicodeScalars.filter {
                    $0.properties.generalCategory == .control && $0 != "\n"
                }
                #expect(controls.isEmpty)
            }
        }
    }

    @Test("writes no colour where nobody sees it, with NO_COLOR or without")
    func writesNoColour() async throws {
        try await withTrial { trial, _ in
            var trial = trial
            try await trial.prepare()
            for setting in [nil, "1"] {
                trial.environment["NO_COLOR"] = setting
                #expect(try await !trial.expect("plan").output.contains("\u{1B}"))
            }
        }
    }
}
