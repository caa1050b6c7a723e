import ArgumentParser
import CalCom
import Domain
import Foundation
import Journal
import Pipeline

/// Everything about reading bookings in Cal.com.
struct SourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source",
        abstract: "Read bookings through Cal.com's API, and find what no webhook told.",
        subcommands: [
            SourceStatusCommand.self, SourcePollCommand.self, SourceGapsCommand.self,
        ]
    )
}

/// What is read.
struct SourceScopeOptions: ParsableArguments {
    @Option(help: "Everything made or changed since this date, instead of since the last reading.")
    var since: String?

    @Flag(help: "Everything that lies ahead.")
    var upcoming = false

    @Option(help: "One booking, by its uid.")
    var booking: String?

    func validate() throws {
        let given = [since != nil, upcoming, booking != nil].count { $0 }
        guard given <= 1 else {
            throw ValidationError("Give one of --since, --upcoming and --booking.")
        }
        _ = try scope
    }

    var scope: SourcePoll.Scope {
        get throws {
            if upcoming { return .ahead }
            if let booking {
                guard let uid = BookingUID(booking) else {
                    throw ValidationError("--booking is the uid of a booking.")
                }
                return .one(uid)
            }
            guard let since else { return .changes }
            guard
                let moment = Instant(rfc3339: since) ?? Instant(rfc3339: "\(since)T00:00:00Z")
            else {
                throw ValidationError("--since is a date such as 2026-11-03, with or without time.")
            }
            return .since(moment)
        }
    }
}

/// Reads, and appends what is new.
struct SourcePollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poll",
        abstract: "Read what changed in Cal.com, and append what no webhook told.",
        discussion: """
            The first reading goes back four weeks; further back with --since. Later ones go on \
            from where the last one ended. What is appended shows up as 'booking.observed' in \
            'daybook events', and in the next plan. 'serve' does this every five minutes.

              daybook source poll
              daybook source poll --since 2026-01-01
              daybook source poll --upcoming
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var scope: SourceScopeOptions

    func run() async throws {
        let (report, requests) = try await options.withSession { session in
            try await SourcePrinter.read(session, scope.scope, isDry: false)
        }
        SourcePrinter(options: options).show(report, requests, isDry: false)
    }
}

/// Reads, and only says what is missing.
struct SourceGapsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gaps",
        abstract: "Say what Cal.com knows and no webhook told; append nothing."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var scope: SourceScopeOptions

    @Flag(help: "Exit with 2 if something is missing.")
    var detailedExitcode = false

    func run() async throws {
        let (report, requests) = try await options.withSession { session in
            try await SourcePrinter.read(session, scope.scope, isDry: true)
        }
        SourcePrinter(options: options).show(report, requests, isDry: true)
        if detailedExitcode, !report.findings.isEmpty { throw ExitStatus.changesFound.exitCode }
    }
}

/// Says how far Cal.com was read.
struct SourceStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say how far Cal.com was read, and whether its API answers."
    )

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let status = try await options.withSession { session -> JSON in
            let client = try session.calCom()
            try await client.check()
            let mark = try await session.journal.sourceMark(SourcePoll.source)
            return .compact([
                ("apiURL", .string(session.configuration.calcom.apiURL)),
                ("reachable", .bool(true)),
                ("requestsLeft", (await client.remaining).map { .integer($0) }),
                ("pollSeconds", .integer(session.configuration.calcom.pollSeconds)),
                ("readUntil", mark.map { .string($0.mark.rfc3339Seconds) }),
                ("lastPoll", mark.map { .string($0.polled.rfc3339Seconds) }),
                ("upcomingRead", mark?.ahead.map { .string($0.rfc3339Seconds) }),
                ("lastRead", mark.map { .integer($0.read) }),
                ("lastFound", mark.map { .integer($0.found) }),
                ("problem", mark?.problem.map(JSON.string)),
            ])
        }
        if options.isJSON { return Terminal.show(status) }
        for member in status.members ?? [] {
            Terminal.show(
                "\(member.name.padding(to: 18)) \(member.value.string ?? member.value.text)"
            )
        }
        if status["readUntil"] == nil {
            Terminal.tell("Nothing was read yet. Begin with 'daybook source poll'.")
        }
    }
}

/// Prints what a reading found.
struct SourcePrinter {
    let options: CommonOptions

    static func read(
        _ session: Session,
        _ scope: SourcePoll.Scope,
        isDry: Bool
    ) async throws -> (SourceReport, Int) {
        let client = try session.calCom()
        let progress = Progress()
        let report = try await session.sourcePoll(client, isDry: isDry).run(scope) { read in
            progress.tell("\(read) bookings compared")
        }
        return (report, await client.requests)
    }

    func show(_ report: SourceReport, _ requests: Int, isDry: Bool) {
        if options.isJSON { return Terminal.show(json(report, requests)) }
        for finding in report.findings {
            let gaps = finding.gaps.map(\.rawValue).joined(separator: ", ")
            let place = finding.position.map { "  position \($0.rawValue)" } ?? ""
            Terminal.show(
                "\(finding.booking.rawValue)  \(finding.occurred.rfc3339Seconds)  \(gaps)\(place)"
            )
        }
        let verb = isDry ? "missing" : "appended"
        Terminal.show(
            "\(report.read) bookings compared, \(report.findings.count) with something \(verb), "
                + "\(requests) requests."
        )
        if report.waiting > 0 {
            Terminal.tell(
                """
                \(report.waiting) changed in the last two minutes; their webhooks may be on their \
                way, and the next reading looks at them.
                """
            )
        }
        if isDry, !report.findings.isEmpty {
            Terminal.tell("Append them with 'daybook source poll' and the same options.")
        }
    }

    private func json(_ report: SourceReport, _ requests: Int) -> JSON {
        .compact([
            (
                "summary",
                .compact([
                    ("read", .integer(report.read)), ("found", .integer(report.findings.count)),
                    ("waiting", .integer(report.waiting)),
                    ("overtaken", .integer(report.overtaken)),
                    ("unreadable", .integer(report.unreadable)), ("requests", .integer(requests)),
                ])
            ),
            (
                "findings",
                .array(
                    report.findings.map { finding in
                        .compact([
                            ("booking", .string(finding.booking.rawValue)),
                            ("gaps", .array(finding.gaps.map { .string($0.rawValue) })),
                            ("occurred", .string(finding.occurred.rfc3339)),
                            ("position", finding.position.map { .integer($0.rawValue) }),
                        ])
                    }
                )
            ),
        ])
    }
}
