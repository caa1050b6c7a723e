import Foundation
import TestSupport
import Testing

/// The real binary, as this build made it.
enum DaybookProgram {
    /// Where it is: beside the test bundle.
    ///
    /// - Throws: An expectation's failure if it is not there.
    static func url() throws -> URL {
        let bundles = CommandLine.arguments.compactMap(folderOfBundle) + [Bundle.main.bundleURL]
        let candidates = bundles.map { $0.appending(path: "daybook") }
        return try #require(
            candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) },
            "There is no 'daybook' beside the test bundle. Type: tools/test --filter EndToEndTests"
        )
    }

    private static func folderOfBundle(_ argument: String) -> URL? {
        guard let end = argument.range(of: ".xctest")?.upperBound else { return nil }
        return URL(filePath: String(argument[..<end])).deletingLastPathComponent()
    }
}

/// What a command left behind when it ended.
struct Finished: Sendable {
    /// The exit code; for a process that a signal ended, the signal's number.
    let status: Int32
    /// Whether a signal ended it.
    let isKilled: Bool
    /// Standard output.
    let output: String
    /// Standard error.
    let messages: String
}

/// A process of ours that runs; whoever holds it has to end it.
final class RunningProgram: Sendable {
    private let process: ChildProcess
    private let folder: URL

    /// Starts the binary.
    ///
    /// Both outputs go to files, so that no pipe can fill up and stop it.
    ///
    /// - Parameters:
    ///   - arguments: The command line.
    ///   - environment: All of its environment.
    ///   - folder: Where it runs.
    ///   - input: What standard input holds.
    ///   - launcher: What starts it: a command line that ends where its own begins; empty for none.
    /// - Throws: What ``ChildProcess`` throws, or an error of Foundation's, if it cannot be started.
    init(
        _ arguments: [String],
        environment: [String: String],
        folder: URL,
        input: String,
        launcher: [String] = []
    ) async throws {
        let own = folder.appending(path: ".process-\(UUID())")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        self.folder = own
        try Data(input.utf8).write(to: own.appending(path: "input"))
        for name in ["output", "messages"] { try Data().write(to: own.appending(path: name)) }
        process = try await ChildProcess(
            ["/usr/bin/env"] + launcher + [try DaybookProgram.url().path] + arguments,
            environment: environment,
            folder: folder,
            input: own.appending(path: "input"),
            output: own.appending(path: "output"),
            messages: own.appending(path: "messages")
        )
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
    }

    /// Sends a signal; nothing happens if the process has ended.
    func signal(_ number: Int32) { process.signal(number) }

    /// Waits for the end; a cancelled task kills the process first.
    func finished() async throws -> Finished {
        let end = try await process.end()
        return Finished(
            status: end.status,
            isKilled: end.isKilled,
            output: try text("output"),
            messages: try text("messages")
        )
    }

    /// Waits until standard output holds a line that begins with a text, and gives the rest of it.
    ///
    /// - Throws: An expectation's failure if the process ended before.
    func line(beginning start: String) async throws -> String {
        try await line(of: "output", beginning: start)
    }

    /// Waits until standard error holds a line that begins with a text, and gives the rest of it.
    ///
    /// - Throws: An expectation's failure if the process ended before.
    func message(beginning start: String) async throws -> String {
        try await line(of: "messages", beginning: start)
    }

    private func line(of file: String, beginning start: String) async throws -> String {
        while true {
            let isRunning = process.isRunning
            // What is after the last line end is not a whole line yet.
            let lines = try text(file).components(separatedBy: "\n").dropLast()
            if let line = lines.first(where: { $0.hasPrefix(start) }) {
                return String(line.dropFirst(start.count))
            }
            let messages = try text("messages")
            try #require(isRunning, "It ended before it said '\(start)': \(messages)")
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}
