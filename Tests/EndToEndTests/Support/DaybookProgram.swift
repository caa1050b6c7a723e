import Foundation
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
    private let process: SharedProcess
    private let folder: URL
    private let ends: AsyncStream<Void>

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
    /// - Throws: An error of Foundation's if it cannot be started.
    init(
        _ arguments: [String],
        environment: [String: String],
        folder: URL,
        input: String,
        launcher: [String] = []
    ) throws {
        let own = folder.appending(path: ".process-\(UUID())")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        self.folder = own
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = launcher + [try DaybookProgram.url().path] + arguments
        process.environment = environment
        process.currentDirectoryURL = folder
        process.standardOutput = try Self.file("output", in: own)
        process.standardError = try Self.file("messages", in: own)
        try Data(input.utf8).write(to: own.appending(path: "input"))
        process.standardInput = try FileHandle(forReadingFrom: own.appending(path: "input"))
        let (ends, ended) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in ended.finish() }
        (self.process, self.ends) = (SharedProcess(process), ends)
        try process.run()
    }

    private static func file(_ name: String, in folder: URL) throws -> FileHandle {
        let url = folder.appending(path: name)
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
    }

    /// Sends a signal; nothing happens if the process has ended.
    func signal(_ number: Int32) { process.signal(number) }

    /// Waits for the end; a cancelled task kills the process first.
    func finished() async throws -> Finished {
        await withTaskCancellationHandler {
            for await _ in ends {}
        } onCancel: {
            signal(SIGKILL)
        }
        let (status, isKilled) = process.end()
        return Finished(
            status: status,
            isKilled: isKilled,
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

/// A process that several tasks may look at.
///
/// `Process` guards its state itself, and what is called here may be called from any thread.
private final class SharedProcess: @unchecked Sendable {
    private let process: Process

    init(_ process: Process) { self.process = process }

    var isRunning: Bool { process.isRunning }

    func signal(_ number: Int32) {
        if process.isRunning { kill(process.processIdentifier, number) }
    }

    func end() -> (status: Int32, isKilled: Bool) {
        // The handler that told us runs a moment before the status can be read.
        process.waitUntilExit()
        return (process.terminationStatus, process.terminationReason == .uncaughtSignal)
    }
}
