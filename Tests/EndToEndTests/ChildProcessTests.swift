import Foundation
import TestSupport
import Testing

/// What the tests of crashes rest on: that a program really gets what they send.
@Suite("A program beside the tests")
struct ChildProcessTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ script: String) async throws -> ChildProcess {
        try Data("in\n".utf8).write(to: folder.url.appending(path: "input"))
        return try await ChildProcess(
            ["/bin/sh", "-c", script],
            environment: ["WORD": "value"],
            folder: folder.url,
            input: folder.url.appending(path: "input"),
            output: folder.url.appending(path: "output"),
            messages: folder.url.appending(path: "messages")
        )
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try folder.bytes(of: name), as: UTF8.self)
    }

    @Test("runs where it shall with what it is given, and says how it ended")
    func ends() async throws {
        let process = try await run("read x; echo $x $WORD; ls input; echo no >&2; exit 3")
        #expect(try await process.end() == ChildProcess.End(status: 3, isKilled: false))
        #expect(!process.isRunning)
        #expect(try text("output") == "in value\ninput\n")
        #expect(try text("messages") == "no\n")
        process.signal(SIGKILL)
    }

    @Test("hears signals, and is killed with a task that waits for it")
    func signals() async throws {
        let trap = try await run("trap 'exit 4' TERM; echo ready; while :; do :; done")
        while try text("output") != "ready\n" { await Task.yield() }
        trap.signal(SIGTERM)
        #expect(try await trap.end() == ChildProcess.End(status: 4, isKilled: false))
        let endless = try await run("while :; do :; done")
        let waiting = Task { try await endless.end() }
        waiting.cancel()
        #expect(try await waiting.value == ChildProcess.End(status: SIGKILL, isKilled: true))
    }

    @Test("starts where thousands of files are open, and holds none of them")
    func manyFiles() async throws {
        let input = folder.url.appending(path: "input")
        try Data().write(to: input)
        let files = try (0..<3_000).map { _ in try FileHandle(forReadingFrom: input) }
        let process = try await run("ls /proc/$$/fd 2>/dev/null || ls /dev/fd")
        #expect(try await process.end().status == 0)
        #expect(files.count == 3_000)
        #expect(try text("output").split(separator: "\n").count < 10)
    }

    @Test("that is not there is named")
    func absent() async {
        let error = await #expect(throws: (any Error).self) {
            try await ChildProcess(["/nowhere/program"])
        }
        #expect(error.map { "\($0)".contains("/nowhere/program") } == true)
    }
}
