import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

extension Trial {
    /// Writes a configuration with a flow, and takes every secret of others away.
    mutating func configure(org: Org, auth: String) throws {
        environment["DAYBOOK_SALESFORCE_ACCESS_TOKEN"] = nil
        try write(
            """
            ledger: \(ledger)
            salesforce:
              apiVersion: "62.0"
              auth: { loginURL: "\(org.url)", clientId: key, \(auth) }
            calcom: {}

            """,
            to: "daybook.yaml"
        )
    }

    /// Everything that stands on disk, and that no secret may be read from.
    func filesContain(_ secret: String) throws -> Bool {
        try folder.names().contains { name in
            guard !name.hasPrefix("."), name != "key.pem" else { return false }
            return try String(decoding: folder.bytes(of: name), as: UTF8.self).contains(secret)
        }
    }

    /// Runs `org connect`, goes to the address it prints as a person's browser would, and waits.
    ///
    /// - Parameters:
    ///   - arguments: More arguments.
    ///   - visit: Changes the address that the org sends the browser to; nil goes nowhere.
    /// - Returns: How the command ended, and the page that the browser saw last.
    /// - Throws: An expectation's failure if the command ended before it printed an address.
    func connectByBrowser(
        _ arguments: [String] = [],
        visit: (String) -> String? = { $0 }
    ) async throws -> (finished: Finished, page: Web.Answer?) {
        let program = try await RunningProgram(
            ["org", "connect", "--port", "0", "--output", "json"] + arguments,
            environment: environment,
            folder: folder.url,
            input: ""
        )
        let address = "http" + (try await program.message(beginning: "http"))
        let target = try await Browser.redirect(of: address)
        let page: Web.Answer?
        if let place = visit(target) { page = try await Web.send("GET", place) } else { page = nil }
        return (try await program.finished(), page)
    }
}

/// A browser that stops where the org sends it.
enum Browser {
    /// The address that a page redirects to.
    static func redirect(of address: String) async throws -> String {
        let client = HTTPClient(configuration: .init(redirectConfiguration: .disallow))
        let response: HTTPClientResponse
        do {
            response = try await client.execute(
                HTTPClientRequest(url: address),
                timeout: .seconds(300)
            )
        } catch {
            try await client.shutdown()
            throw error
        }
        let location = response.headers.first(name: "Location")
        try await client.shutdown()
        return try #require(location, "The org sent the browser nowhere.")
    }
}
