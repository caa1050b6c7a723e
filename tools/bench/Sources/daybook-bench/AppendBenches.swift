import ArgumentParser
import Journal
import Ledger

struct Place: ParsableArguments {
    @Option(help: "Where the ledger is, or is made.")
    var folder: String
}

struct AppendBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "One caller appends one event after the other, each on disk before the next."
    )

    @Option var count = 5_000
    @OptionGroup var place: Place

    func run() async throws {
        let file = try BenchLedger(folder: place.folder)
        let ledger = try file.journal().ledger
        let events = MadeEvents(BenchLedger.environment)
        let appends = (0..<count).map(events.append)
        let clock = ContinuousClock()
        var calls: [Duration] = []
        let took = try await clock.measure {
            for append in appends {
                calls.append(try await clock.measure { _ = try await ledger.append([append]) })
            }
        }
        try ledger.close()
        Measurement(name: "append", events: count, took: took, calls: calls).show()
    }
}

struct GroupedBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grouped",
        abstract: "Many callers append one event after the other at the same time."
    )

    @Option var count = 50_000
    @Option var callers = 64
    @OptionGroup var place: Place

    func run() async throws {
        let file = try BenchLedger(folder: place.folder)
        let ledger = try file.journal().ledger
        let events = MadeEvents(BenchLedger.environment)
        let each = count / callers
        // Each has appointments and people of its own, as many as a single caller has.
        let own = (each / MadeEvents.perBooker + 1) * MadeEvents.perBooker
        let appends = (0..<callers).map { caller in
            (0..<each).map { events.append(caller * own + $0) }
        }
        let clock = ContinuousClock()
        let started = clock.now
        let calls = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for own in appends {
                group.addTask {
                    var calls: [Duration] = []
                    for append in own {
                        calls.append(
                            try await clock.measure { _ = try await ledger.append([append]) }
                        )
                    }
                    return calls
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let took = clock.now - started
        try ledger.close()
        Measurement(name: "grouped", events: calls.count, took: took, calls: calls).show()
    }
}

struct ImportBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Appends many events to a transaction, as an import does."
    )

    @Option var count = 100_000
    @Option var perTransaction = 1_000
    @OptionGroup var place: Place

    func run() async throws {
        let file = try BenchLedger(folder: place.folder)
        let ledger = try file.journal().ledger
        let events = MadeEvents(BenchLedger.environment)
        let clock = ContinuousClock()
        var took = Duration.zero
        for first in stride(from: 0, to: count, by: perTransaction) {
            let batch = (first..<min(first + perTransaction, count)).map(events.append)
            took += try await clock.measure { _ = try await ledger.append(batch) }
        }
        try ledger.close()
        Measurement(name: "import", events: count, took: took, bytes: try file.size()).show()
    }
}

struct VerifyBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recomputes and compares everything in a ledger."
    )

    @OptionGroup var place: Place

    func run() async throws {
        let file = try BenchLedger(folder: place.folder)
        let ledger = try file.journal().ledger
        let clock = ContinuousClock()
        let started = clock.now
        let report = try await ledger.verify()
        let took = clock.now - started
        guard report.isSound else { throw ValidationError(report.problems.joined(separator: "\n")) }
        let events = Int(report.events)
        Measurement(name: "verify", events: events, took: took, bytes: try file.size()).show()
    }
}
