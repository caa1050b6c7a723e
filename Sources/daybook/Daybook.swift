import ArgumentParser

/// The command line.
@main
struct Daybook: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook",
        abstract: "Keeps Salesforce in step with Cal.com bookings, with a reason for everything.",
        discussion: """
            A first hour without any account: daybook demo

            A real one:
              daybook init                                   write a commented daybook.yaml
              daybook org connect                            log in, and pin the org
              daybook doctor                                 check connection, permissions, fields
              daybook settings import FILE --event-type ID   take over Cal.com's settings
              daybook ingest FILE…                           take in deliveries
              daybook source poll                            find what no webhook told
              daybook plan                                   see what would change, and why
              daybook reconcile                              plan and apply
              daybook failures list                          what failed, why, and what to do
              daybook explain RECORD FIELD                   why does this field look like this?

            Exit codes: 0 done · 1 failed · 2 changes found (--detailed-exitcode) · 3 finished, but \
            some records failed or wait for review · 4 refused by a guard · 5 integrity check \
            failed · 64 usage · 65 bad input · 69 Salesforce or Cal.com unreachable · 75 try again later · \
            77 log-in or permission · 78 configuration · 130/143 interrupted
            """,
        version: "daybook 0.1.0",
        subcommands: [
            InitCommand.self, DoctorCommand.self, OrgCommand.self, SettingsCommand.self,
            IngestCommand.self, SourceCommand.self,
            ServeCommand.self, PlanCommand.self, ApplyCommand.self, ReconcileCommand.self,
            ReplayCommand.self, DriftCommand.self, UndoCommand.self, StateCommand.self,
            FailuresCommand.self, StatusCommand.self, TraceCommand.self, ExplainCommand.self,
            RouteOwnerCommand.self, EventsCommand.self, LedgerCommand.self, PrivacyCommand.self,
            TokenCommand.self, EmulatorCommand.self, DemoCommand.self,
            CompletionCommand.self,
        ]
    )

    /// Runs the command; the one place where an error becomes an exit code.
    static func main() async {
        MemoryLimits.apply(to: CommandLine.arguments.dropFirst().first)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            ExitStatus.leave(with: error, Self.self)
        }
    }
}
