import ArgumentParser
import Audit
import Domain
import Foundation
import Journal
import Ledger
import Pipeline

/// Writes a commented configuration.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a commented daybook.yaml."
    )

    @Option(help: "Where to write it.")
    var config = "daybook.yaml"

    func run() async throws {
        guard !FileManager.default.fileExists(atPath: config) else {
            throw CommandFailure(
                .configuration,
                """
                '\(config)' is there already, and was not changed. Edit it, or write another one \
                with 'daybook init --config FILE'.
                """
            )
        }
        try OutputFile.write(Self.template, to: config)
        Terminal.show(
            "Wrote \(config). Fill in the org, then run: daybook doctor --config \(config)"
        )
    }

    static let template = """
        # Daybook. Every value can also come from the environment: DAYBOOK_LEDGER,
        # DAYBOOK_SALESFORCE_INSTANCE_URL, … Secrets come from the environment only,
        # directly or as a file's path in …_FILE.

        ledger: daybook.sqlite             # made on first use
        # ledgerKey: /etc/daybook/ledger.key   # default: the ledger's path with .key; keep a copy
        # ledgerSigningKey: …              # default: the ledger's path with .signing-key; keep a copy
        # checkpointSeconds: 60            # the longest time between checkpoints while serving
        # backupDays: 30                   # how long you keep backups; erasure receipts say it

        salesforce:
          instanceURL: http://127.0.0.1:8931    # your org; plain http is for this machine only
          apiVersion: "62.0"
          # keyField: Daybook_Key__c            # an external-id field on Activity; works without
          # bulkThreshold: 2001                 # from so many writes of a kind on: Bulk API 2.0; 0: never
          # apiBudget:                          # of the API calls that the org allows in 24 hours
          #   reservePercent: 20                # kept for others; retries and sweeps yield at twice
          #   perRun: 2000                      # the most calls of one run
          #   parallel: 4                       # the most requests at once; writes go one by one
          auth:
            flow: accessToken     # accessToken | refreshToken | clientCredentials | jwtBearer
            # clientId: …                  # consumer key, for the other flows
            # loginURL: production         # or sandbox, or a My Domain such as acme
            # username: …                  # for jwtBearer
            # keyFile: daybook.key         # for jwtBearer
          # With refreshToken, log in once: daybook org connect
          # Secrets: DAYBOOK_SALESFORCE_ACCESS_TOKEN, DAYBOOK_SALESFORCE_REFRESH_TOKEN,
          #          DAYBOOK_SALESFORCE_CLIENT_SECRET, DAYBOOK_SALESFORCE_PRIVATE_KEY

        calcom: {}
          # apiURL: https://api.cal.com/v2  # or that of your own Cal.com
          # eventTypes: [88231]             # only these are read; without, all that the key sees
          # pollSeconds: 300                # how often 'serve' looks for what no webhook told; 0: never
          # requestsPerMinute: 120          # the limit of the key
          # Secrets: DAYBOOK_CALCOM_WEBHOOK_SECRET, DAYBOOK_CALCOM_API_KEY

        server:
          host: 127.0.0.1
          port: 8484
          sync: true                     # write to Salesforce as soon as something was booked
          # logFormat: json              # text or json, on standard error
          # trustedProxies: ["127.0.0.1"]  # whose X-Forwarded-For is believed
          # limits: { perSecond: 2000, bodyBytes: 1048576 }   # see Documentation/service.md

        # alerts:
        #   allowLoopback: false         # alerts go to public https addresses only
        #   lagSeconds: 900              # how long what came in may wait
        #   afterSeconds: 60             # how long something is wrong before that is told
        # Secrets: DAYBOOK_ALERT_URL, DAYBOOK_ALERT_SLACK_URL

        """
}

/// Finds the host for a known person.
struct RouteOwnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route-owner",
        abstract: "Say which user should host a booking of a person.",
        discussion: """
            Follows the 'ownerRouting' settings of the event type. Answers that the person gave so \
            far help where these settings ask for them.

              daybook route-owner dana@globex.example --event-type 88231 --answer country=Germany
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The person's address.")
    var email: String

    @Option(help: "The number of the event type.")
    var eventType: Int?

    @Option(
        help: ArgumentHelp(
            "An answer by the identifier of its question; may be repeated.",
            valueName: "question=answer"
        )
    )
    var answer: [String] = []

    func run() async throws {
        let answers = try answer.reduce(into: [String: String]()) { answers, pair in
            guard let sign = pair.firstIndex(of: "="), sign > pair.startIndex else {
                throw CommandFailure(.badInput, "Write an answer as QUESTION=ANSWER.")
            }
            answers[String(pair[..<sign])] = String(pair[pair.index(after: sign)...])
        }
        let address = try EmailAddress(argument: email)
        let route = try await options.withSession { session in
            try await OwnerRouter(
                journal: session.journal,
                gateway: try session.gateway(),
                actor: "operator",
                now: Session.now
            ).route(address, eventType: eventType.map(EventTypeID.init), answers: answers)
        }
        if options.isJSON { return Terminal.show(route.json) }
        let owner = route.user.map { "\(route.email ?? "no address") (\($0.rawValue))" } ?? "nobody"
        Terminal.show("\(owner) — \(route.reason)")
    }
}

/// Shows where the ledger stands.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the ledger holds and what waits to be synchronised."
    )

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let status = try await options.withSession { session in
            try await Audit(journal: session.journal).status(budget: session.configuration.budget)
        }
        if options.isJSON { return Terminal.show(status.json) }
        Terminal.show(status.text)
    }
}

/// Prints a completion script.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a completion script for bash, zsh or fish.",
        discussion: "For bash: source <(daybook completion bash)"
    )

    @Argument(help: "bash, zsh or fish.")
    var shell: String

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell) else {
            throw ValidationError("Known shells are bash, zsh and fish.")
        }
        Terminal.show(Daybook.completionScript(for: shell))
    }
}
