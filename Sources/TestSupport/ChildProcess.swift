public import Foundation
import Subprocess
import Synchronization

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// A program that runs beside the tests.
///
/// Foundation's `Process` does the same. But in Swift 6.3 on Linux it can read past the end of a list of
/// open files when there are more than a thousand, and end the program that starts another
/// (swift-corelibs-foundation 5472); a test program ended in it once.
public final class ChildProcess: Sendable {
    /// How a program ended.
    public struct End: Hashable, Sendable {
        /// The exit code; for a program that a signal ended, the signal's number.
        public let status: Int32
        /// Whether a signal ended it.
        public let isKilled: Bool

        /// Says how a program ended.
        public init(status: Int32, isKilled: Bool) {
            (self.status, self.isKilled) = (status, isKilled)
        }
    }

    private let id: pid_t
    private let ending: Task<End, any Error>
    private let hasEnded: Flag

    /// Starts a program, without any open file of ours but the three that are named.
    ///
    /// - Parameters:
    ///   - arguments: The path of the program, and its arguments.
    ///   - environment: All of its environment; nil for ours.
    ///   - folder: Where it runs; nil for where we run.
    ///   - input: The file that its standard input reads; nil for nothing.
    ///   - output: The file that its standard output is added to; nil for nowhere.
    ///   - messages: The file that its standard error is added to; nil for nowhere.
    /// - Throws: An error of the library's that names the program if it does not start.
    public init(
        _ arguments: [String],
        environment: [String: String]? = nil,
        folder: URL? = nil,
        input: URL? = nil,
        output: URL? = nil,
        messages: URL? = nil
    ) async throws {
        let configuration = Configuration(
            executable: .path(FilePath(arguments[0])),
            arguments: Arguments(Array(arguments.dropFirst())),
            environment: Self.environment(environment),
            workingDirectory: (folder?.path).map { FilePath($0) }
        )
        let (starts, started) = AsyncThrowingStream.makeStream(of: pid_t.self)
        let hasEnded = Flag()
        self.hasEnded = hasEnded
        // Of nobody's: the library's call lasts as long as the program, and its starter goes on meanwhile.
        ending = Task {
            defer { hasEnded.raise() }
            do {
                let result = try await Subprocess.run(
                    configuration,
                    input: .fileDescriptor(
                        try Self.open(input, .readOnly),
                        closeAfterSpawningProcess: true
                    ),
                    output: .fileDescriptor(
                        try Self.open(output, .writeOnly),
                        closeAfterSpawningProcess: true
                    ),
                    error: .fileDescriptor(
                        try Self.open(messages, .writeOnly),
                        closeAfterSpawningProcess: true
                    )
                ) { started.yield($0.processIdentifier.value) }
                return switch result.terminationStatus {
                case .exited(let code): End(status: code, isKilled: false)
                case .signaled(let number): End(status: number, isKilled: true)
                }
            } catch {
                started.finish(throwing: error)
                throw error
            }
        }
        var first: pid_t?
        for try await id in starts {
            first = id
            break
        }
        guard let first else {
            // Cancelled before it started; nobody would end it.
            ending.cancel()
            throw CancellationError()
        }
        id = first
    }

    private static func environment(_ variables: [String: String]?) -> Environment {
        guard let variables else { return .inherit }
        return .custom(
            Dictionary(uniqueKeysWithValues: variables.map { (.init(stringLiteral: $0), $1) })
        )
    }

    private static func open(
        _ url: URL?,
        _ mode: FileDescriptor.AccessMode
    ) throws -> FileDescriptor {
        try FileDescriptor.open(
            url?.path ?? "/dev/null",
            mode,
            options: mode == .readOnly ? [.closeOnExec] : [.closeOnExec, .create, .append],
            permissions: .ownerReadWrite
        )
    }

    /// Whether it has not ended.
    public var isRunning: Bool { !hasEnded.isRaised }

    /// Sends a signal; nothing happens if the program has ended.
    public func signal(_ number: Int32) {
        if isRunning { kill(id, number) }
    }

    /// Waits for the end; a cancelled task kills the program first.
    ///
    /// - Throws: An error of the library's if its end cannot be known.
    public func end() async throws -> End {
        try await withTaskCancellationHandler {
            try await ending.value
        } onCancel: {
            signal(SIGKILL)
        }
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)
        var isRaised: Bool { value.withLock { $0 } }
        func raise() { value.withLock { $0 = true } }
    }
}
