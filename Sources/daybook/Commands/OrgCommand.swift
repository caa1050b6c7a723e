import ArgumentParser
import Domain
import Foundation
import Journal
import Pipeline
import Salesforce

/// Everything about the org that a ledger belongs to.
struct OrgCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "org",
        abstract: "Connect an org, and look at it.",
        discussion: """
            A ledger belongs to one org: the first one that answers. Another one is refused with \
            exit code 77.

              daybook org connect                 log in, in the browser if need be
              daybook org info                    which org, and as which user
              daybook org permissions             what may be done, and what is missing
              daybook org describe Contact        the fields as our user sees them
              daybook org prepare --apply         add the field for Daybook's key
            """,
        subcommands: [
            OrgConnectCommand.self, OrgListCommand.self, OrgInfoCommand.self,
            OrgLimitsCommand.self, OrgDescribeCommand.self, OrgPermissionsCommand.self,
            OrgPrepareCommand.self,
        ]
    )
}

extension Session {
    /// A client for the org, after making sure that it is the ledger's.
    func checkedGateway() async throws -> (SalesforceClient, Organization) {
        let gateway = try gateway()
        let organization = try await gateway.organization()
        try await OrgBinding(journal: journal, now: Self.now).bind(organization)
        return (gateway, organization)
    }
}

extension Organization {
    /// What kind of org it is.
    var kind: String { isSandbox ? "sandbox" : "production" }

    var json: JSON {
        .compact([
            ("id", .string(id.rawValue)), ("name", .string(name)),
            ("sandbox", .bool(isSandbox)), ("type", .string(type)),
        ])
    }
}

extension OrgUser {
    var json: JSON {
        .compact([
            ("id", .string(id.rawValue)), ("username", .string(username)),
            ("profile", .text(profile)),
        ])
    }

    /// The user in words.
    var text: String { "\(username) (\(profile ?? "profile not visible"), \(id.rawValue))" }
}

/// Lists the orgs of a ledger.
struct OrgListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the orgs to which this ledger is and was connected.",
        discussion: "Asks nobody: it is what the ledger says."
    )

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await options.withSession { session in
            let connections = try await session.journal.orgConnections()
            let isKept = try session.storedLogIn().isKept
            if options.isJSON {
                return Terminal.show(json(connections, session.configuration, isKept))
            }
            for (place, connection) in connections.enumerated() {
                let state = place == connections.count - 1 ? "connected" : "former"
                Terminal.show(
                    """
                    \(connection.org)  \(state.padding(to: 10)) \
                    \(connection.isSandbox ? "sandbox   " : "production") \
                    since \(connection.since.rfc3339Seconds)
                    """
                )
            }
            if connections.isEmpty {
                Terminal.tell("No org yet. Connect one with 'daybook org connect'.")
            }
        }
    }

    private func json(
        _ connections: [OrgConnection],
        _ configuration: Configuration,
        _ isKept: Bool
    ) -> JSON {
        let orgs = connections.enumerated().map { place, connection in
            JSON.compact([
                ("id", .string(connection.org)), ("sandbox", .bool(connection.isSandbox)),
                ("since", .string(connection.since.rfc3339Seconds)),
                ("connected", .bool(place == connections.count - 1)),
            ])
        }
        return .compact([
            ("orgs", .array(orgs)), ("flow", .string(configuration.logIn.flow.rawValue)),
            ("logInKept", .bool(isKept)),
        ])
    }
}

/// Shows which org answers.
struct OrgInfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Show which org answers, and as which user.",
        discussion: "Takes four API calls."
    )

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await options.withSession { session in
            let (gateway, organization) = try await session.checkedGateway()
            let user = try await gateway.currentUser()
            let address = try await gateway.instanceURL().text
            let usage = await gateway.usage
            let flow = session.configuration.logIn.flow.rawValue
            if options.isJSON {
                return Terminal.show(
                    .compact([
                        ("org", organization.json), ("instanceURL", .string(address)),
                        ("apiVersion", .string(session.configuration.apiVersion)),
                        ("flow", .string(flow)), ("user", user.json),
                        ("apiCallsUsed", usage.usedToday.map { .integer($0) }),
                        ("apiCallsAllowed", usage.allowedToday.map { .integer($0) }),
                    ])
                )
            }
            let allowance = usage.usedToday.flatMap { used in
                usage.allowedToday.map { "\(used) of \($0) in 24 hours" }
            }
            let lines = [
                ("org", "\(organization.name) (\(organization.id.rawValue))"),
                ("kind", "\(organization.kind), \(organization.type)"),
                ("address", address), ("user", user.text), ("flow", flow),
                ("API version", session.configuration.apiVersion),
                ("API calls", allowance ?? "not told"),
            ]
            for line in lines { Terminal.show("\(line.0.padding(to: 12)) \(line.1)") }
        }
    }
}

/// Shows the org's allowances.
struct OrgLimitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Show the org's allowances and what is left of them.",
        discussion: """
            The numbers are Salesforce's, up to five minutes old. Seeing them takes the permission \
            "View Setup and Configuration".
            """
    )

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await options.withSession { session in
            let (gateway, _) = try await session.checkedGateway()
            let limits = try await gateway.allowances()
            if options.isJSON {
                return Terminal.show(
                    .object(
                        limits.map { limit in
                            JSON.Member(
                                limit.name,
                                .compact([
                                    ("max", .integer(limit.most)),
                                    ("remaining", .integer(limit.remaining)),
                                ])
                            )
                        }
                    )
                )
            }
            for limit in limits {
                Terminal.show(
                    "\(limit.name.padding(to: 38)) \(limit.remaining) of \(limit.most) left"
                )
            }
        }
    }
}

/// Shows an object as our user sees it.
struct OrgDescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show the fields of an object as our user sees them.",
        discussion: """
            Fields that are missing here are missing in the org, or hidden by field-level security.

              daybook org describe Event
              daybook org describe Contact --output json
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The API name of the object, for example Contact.")
    var object: String

    func run() async throws {
        let description = try await options.withSession { session in
            let (gateway, _) = try await session.checkedGateway()
            let answers = try await gateway.read([.describe(ObjectName(object))])
            guard case .description(let found?)? = answers.first else {
                throw CommandFailure(
                    .noPermission,
                    """
                    The org shows our user no object '\(object)'. Correct the name if it is \
                    misspelt; else let an administrator grant Read on it to the integration user, \
                    in a permission set for example.
                    """
                )
            }
            return found
        }
        let fields = description.fields.values.sorted { $0.name < $1.name }
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("object", .string(description.name.rawValue)),
                    ("createable", .bool(description.isCreateable)),
                    ("updateable", .bool(description.isUpdateable)),
                    ("deletable", .bool(description.isDeletable)),
                    ("fields", .array(fields.map(\.json))),
                ])
            )
        }
        let actions = [
            description.isCreateable ? "create" : nil, description.isUpdateable ? "edit" : nil,
            description.isDeletable ? "delete" : nil,
        ].compactMap { $0 }
        Terminal.show(
            "\(description.name.rawValue): read\(actions.map { ", \($0)" }.joined())"
        )
        for field in fields { Terminal.show("  \(field.line)") }
    }
}

extension FieldDescription {
    fileprivate var json: JSON {
        .compact([
            ("name", .string(name.rawValue)), ("label", .string(label)), ("type", .string(type)),
            ("length", length > 0 ? .integer(length) : nil), ("createable", .bool(isCreateable)),
            ("updateable", .bool(isUpdateable)), ("required", .bool(isRequired)),
            ("externalId", .bool(isExternalID)),
            ("values", activeValues.isEmpty ? nil : .array(activeValues.map(JSON.string))),
            (
                "referenceTo",
                referenceTo.isEmpty ? nil : .array(referenceTo.map { .string($0.rawValue) })
            ),
        ])
    }

    /// Whether a record cannot be created without it.
    private var isRequired: Bool { isCreateable && !isNillable && !isDefaultedOnCreate }

    fileprivate var line: String {
        let marks = [
            isUpdateable ? nil : isCreateable ? "on creation only" : "read only",
            isRequired ? "required" : nil, isExternalID ? "external id" : nil,
            referenceTo.isEmpty
                ? nil : "to \(referenceTo.map(\.rawValue).joined(separator: ", "))",
        ].compactMap { $0 }
        let size = length > 0 ? "(\(length))" : ""
        return "\(name.rawValue.padding(to: 40)) \("\(type)\(size)".padding(to: 18)) "
            + marks.joined(separator: ", ")
    }
}
