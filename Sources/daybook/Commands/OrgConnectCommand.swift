import ArgumentParser
import Domain
import Foundation
import Pipeline
import Salesforce

/// Logs in, and pins the org.
struct OrgConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Log in, and hold this ledger to the org that answers.",
        discussion: """
            With 'salesforce.auth.flow: refreshToken' a browser does it: the command prints the \
            address to open, waits for the browser to come back to http://localhost:8485/callback, \
            and keeps the refresh token encrypted beside the ledger. That address has to be a \
            callback URL of the connected app. With a token in DAYBOOK_SALESFORCE_REFRESH_TOKEN, \
            and with the other flows, no browser is needed.

            Where to log in is 'salesforce.auth.loginURL': production, sandbox, or a My Domain.

              daybook org connect
              daybook org connect --open
              daybook org connect --accept-org 00D…    another org takes the former one's place

            Exit codes: 69 nobody answered · 75 the browser did not come back in time · 77 the \
            log-in was refused, or it is another org · 78 something is wrong with the configuration
            """
    )

    @OptionGroup var options: CommonOptions

    @Flag(help: "Log in with the browser, even if there is a token in the environment.")
    var browser = false

    @Flag(help: "Open the address in the browser of this machine.")
    var open = false

    @Option(help: "The port the browser comes back to; 0 for any free one (default: 8485).")
    var port: Int?

    @Option(help: "How many seconds to wait for the browser.")
    var timeout = 300

    @Option(help: "The id of an org that takes the place of the ledger's.")
    var acceptOrg: String?

    /// What came of it.
    private struct Connected {
        var organization: Organization
        var user: OrgUser
        var address: String
        var outcome: OrgBinding.Outcome
    }

    func validate() throws {
        guard
            acceptOrg == nil
                || acceptOrg.flatMap(SalesforceID.init)?.rawValue.hasPrefix("00D") == true
        else {
            throw ValidationError("--accept-org takes the id of an org: 00D and 12 or 15 more.")
        }
        guard timeout > 0 else { throw ValidationError("--timeout takes a number of seconds.") }
    }

    func run() async throws {
        try await options.withSession { session in
            let connected = try await connect(session)
            report(connected, session)
        }
    }

    private func connect(_ session: Session) async throws -> Connected {
        let hasToken = try session.configuration.secret("DAYBOOK_SALESFORCE_REFRESH_TOKEN") != nil
        let isForBrowser = session.configuration.logIn.flow == .refreshToken
        if browser, !isForBrowser {
            throw CommandFailure(
                .configuration,
                """
                A log-in with the browser needs 'salesforce.auth.flow: refreshToken'. Set it in \
                daybook.yaml, or leave '--browser' out.
                """
            )
        }
        if isForBrowser, browser || !hasToken { return try await connectByBrowser(session) }
        return try await pin(session, session.gateway())
    }

    private func connectByBrowser(_ session: Session) async throws -> Connected {
        let (app, loginURL) = (try session.app(), try session.loginURL())
        let configuredPort = session.configuration.logIn.callbackPort
        return try await CodeReceiver.listening(port: port ?? configuredPort) { receiver in
            let flow = WebServerFlow(
                app: app,
                loginURL: loginURL,
                redirectURL: receiver.redirectURL,
                http: session.http,
                random: Session.random
            )
            show(flow.address, receiver)
            let answer = try await receiver.answer(within: .seconds(timeout))
            let tokens = try await flow.tokens(for: try flow.code(in: answer))
            do {
                let gateway = try session.gateway(FixedAccessToken(tokens.access))
                let connected = try await pin(session, gateway)
                // Only what belongs to the right org is kept.
                try session.storedLogIn().keep(tokens.refresh)
                return connected
            } catch {
                await takeBack(tokens.refresh, flow)
                throw error
            }
        }
    }

    private func show(_ address: String, _ receiver: CodeReceiver) {
        Terminal.tell("Open this address in a browser on this machine:")
        Terminal.tell(address)
        Terminal.tell("Waiting at \(receiver.redirectURL) for at most \(timeout) seconds …")
        guard open else { return }
        #if os(macOS)
        let opener = "/usr/bin/open"
        #else
        let opener = "/usr/bin/xdg-open"
        #endif
        let process = Process()
        process.executableURL = URL(fileURLWithPath: opener)
        process.arguments = [address]
        // What the browser has to say is for nobody here.
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            Terminal.tell("No browser could be started; please open the address by hand.")
        }
    }

    /// A token that is not kept must not stay alive.
    private func takeBack(_ token: String, _ flow: WebServerFlow) async {
        do {
            try await flow.revoke(token)
        } catch {
            Terminal.tell(
                """
                The token that was got could not be revoked. Revoke it in Setup, under the \
                connected app's usage.
                """
            )
        }
    }

    private func pin(_ session: Session, _ gateway: SalesforceClient) async throws -> Connected {
        let organization = try await gateway.organization()
        let binding = OrgBinding(journal: session.journal, now: Session.now)
        let outcome = try await binding.bind(
            organization,
            accepting: acceptOrg.flatMap(SalesforceID.init)
        )
        return Connected(
            organization: organization,
            user: try await gateway.currentUser(),
            address: try await gateway.instanceURL().text,
            outcome: outcome
        )
    }

    private func report(_ connected: Connected, _ session: Session) {
        let organization = connected.organization
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("org", organization.json), ("instanceURL", .string(connected.address)),
                    ("user", connected.user.json),
                    ("flow", .string(session.configuration.logIn.flow.rawValue)),
                    ("outcome", .string(connected.outcome.name)),
                ])
            )
        }
        Terminal.show(
            """
            Connected to \(organization.name) (\(organization.id.rawValue), \(organization.kind)) at \
            \(connected.address)
            as \(connected.user.text)
            """
        )
        if case .replaced(let former) = connected.outcome {
            Terminal.tell(
                """
                The ledger belonged to \(former) before. What was remembered of its records is \
                forgotten; every booking will be looked at again. See 'daybook plan'.
                """
            )
        }
    }
}

extension OrgBinding.Outcome {
    fileprivate var name: String {
        switch self {
        case .first: "first"
        case .same: "same"
        case .replaced: "replaced"
        }
    }
}
