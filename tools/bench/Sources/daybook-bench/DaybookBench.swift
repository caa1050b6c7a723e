import ArgumentParser

/// Measures parts of Daybook by themselves; `tools/bench/report.py` runs it beside limits and peers.
@main
struct DaybookBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-bench",
        abstract: "Measures one thing and prints it as a line of JSON.",
        subcommands: [
            AppendBench.self, GroupedBench.self, ImportBench.self, HistoryBench.self,
            ReplayBench.self, VerifyBench.self, PlanBench.self, MergeBench.self, OwnerBench.self,
        ]
    )
}
