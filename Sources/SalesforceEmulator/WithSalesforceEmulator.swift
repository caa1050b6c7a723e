/// Runs an emulator on a free port for as long as a closure takes, for tests.
///
/// When this returns or throws, the emulator has stopped. At most eight run at once in a process;
/// further ones wait, so that each answers quickly.
///
/// - Parameters:
///   - options: How the org is set up; the port is used as given, 0 by default.
///   - body: What to do, given the base URL.
/// - Returns: What the closure returns.
/// - Throws: What the closure throws, or why the emulator could not start.
public func withSalesforceEmulator<R: Sendable>(
    _ options: EmulatorOptions = .init(),
    _ body: (String) async throws -> R
) async throws -> R {
    try await EmulatorTurns.take { try await runEmulator(options, body) }
}

private func runEmulator<R: Sendable>(
    _ options: EmulatorOptions,
    _ body: (String) async throws -> R
) async throws -> R {
    let emulator = try SalesforceEmulator(options: options)
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
