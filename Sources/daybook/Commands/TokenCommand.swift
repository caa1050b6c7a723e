import ArgumentParser
import Domain
import Journal

/// Who may use dashboard and API.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make, list and take back tokens for dashboard and API.",
        discussion: """
            daybook token create --name "Priya's laptop" --role operator
            daybook token list
            daybook token revoke 3fa9c21e
            """,
        subcommands: [CreateTokenCommand.self, ListTokensCommand.self, RevokeTokenCommand.self]
    )
}

struct CreateTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token; its secret is shown once.",
        discussion: """
            Roles: viewer reads without names, addresses and answers; operator reads everything; admin \
            may do everything.
            """
    )

    @OptionGroup var options: CommonOptions

    @Option(help: "What the token is for, for example a person or a script.")
    var name: String

    @Option(
        help: "viewer, operator or admin (default: viewer).",
        transform: { name in
            guard let role = Role(rawValue: name) else {
                throw ValidationError("There is no role '\(name)': viewer, operator or admin.")
            }
            return role
        }
    )
    var role: Role = .viewer

    @Option(help: "After how many days it ends: 1 to 366.")
    var expiresInDays = 90

    func validate() throws {
        guard !name.trimmingWhitespace().isEmpty else {
            throw ValidationError("A token needs a name that tells what it is for.")
        }
        guard (1...366).contains(expiresInDays) else {
            throw ValidationError("A token lasts 1 to 366 days.")
        }
    }

    func run() async throws {
        let (token, secret) = try await options.withSession { session in
            let now = Session.now()
            return try await session.journal.makeToken(
                name: name,
                role: role,
                expires: now.advanced(byMilliseconds: Int64(expiresInDays) * 86_400_000),
                now: now
            )
        }
        if options.isJSON {
            let members = (token.json.members ?? []) + [JSON.Member("token", .string(secret))]
            return Terminal.show(.object(members))
        }
        Terminal.show(secret)
        Terminal.tell(
            """
            Token \(token.id) (\(token.role.rawValue)), until \(token.expires.rfc3339Seconds). Keep it \
            now: it is not shown again.
            """
        )
    }
}

struct ListTokensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List tokens, without their secrets."
    )

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let tokens = try await options.withSession { try await $0.journal.tokens() }
        if options.isJSON { return Terminal.show(.array(tokens.map(\.json))) }
        let now = Session.now()
        for token in tokens {
            let state =
                token.isRevoked
                ? "taken back"
                : token.isGood(at: now) ? "until \(token.expires.rfc3339Seconds)" : "expired"
            Terminal.show(
                "\(token.id)  \(token.role.rawValue.padding(to: 8))  \(state)  \(token.name)"
            )
        }
        if tokens.isEmpty {
            Terminal.tell("No tokens yet. Make one: daybook token create --name NAME")
        }
    }
}

struct RevokeTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take a token back; it is refused from now on."
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The id that 'daybook token list' shows.")
    var id: String

    func run() async throws {
        let isKnown = try await options.withSession { try await $0.journal.revokeToken(id: id) }
        guard isKnown else {
            throw CommandFailure(
                .badInput,
                "There is no token '\(id)'. 'daybook token list' shows all of them."
            )
        }
        if options.isJSON { return Terminal.show(.compact([("revoked", .string(id))])) }
        Terminal.show("Token \(id) opens nothing any more.")
    }
}

extension APIToken {
    /// The token as one object, without its secret.
    fileprivate var json: JSON {
        .compact([
            ("id", .string(id)), ("name", .string(name)), ("role", .string(role.rawValue)),
            ("created", .string(created.rfc3339)), ("expires", .string(expires.rfc3339)),
            ("revoked", .bool(isRevoked)),
        ])
    }
}
