import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import Journal
import TestSupport
import Testing

@testable import Server

@Suite("Schemas/http/openapi.json")
struct OpenAPITests {
    private let document: JSON

    init() throws {
        let repository = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = repository.appending(path: "Schemas/http/openapi.json")
        document = try JSON(parsing: try Data(contentsOf: file))
    }

    private func endpoints() throws -> [Endpoint] {
        let ledger = try TemporaryJournal()
        let reader = Reader(
            journal: ledger.journal,
            desk: nil,
            sync: { nil },
            now: { [clock = ledger.clock] in clock.now }
        )
        let routes = APIRoutes(
            reader: reader,
            desk: nil,
            document: .null,
            logger: RecordedLog().logger
        )
        return routes.endpoints
    }

    /// Every operation of the document, by method and path.
    private var operations: [String: JSON] {
        var operations: [String: JSON] = [:]
        for path in document["paths"]?.members ?? [] {
            for method in path.value.members ?? [] {
                operations["\(method.name.uppercased()) \(path.name)"] = method.value
            }
        }
        return operations
    }

    @Test("names the operations that the server has, and no others")
    func paths() throws {
        let served = try endpoints().map { "\($0.method.rawValue) \($0.path)" }
        #expect(Set(served) == Set(operations.keys))
        #expect(Set(served).count == served.count)
    }

    @Test("names the parameters of the query that each operation takes, and no others")
    func parameters() throws {
        for endpoint in try endpoints() {
            let name = "\(endpoint.method.rawValue) \(endpoint.path)"
            let told = operations[name]?["parameters"]?.array ?? []
            let query = told.map(resolved).filter { $0["in"]?.string == "query" }
                .compactMap { $0["name"]?.string }
            #expect(Set(query) == Set(endpoint.query), "\(name)")
        }
    }

    private func resolved(_ json: JSON) -> JSON {
        guard let reference = json["$ref"]?.string else { return json }
        return reference.dropFirst(2).split(separator: "/")
            .reduce(document as JSON?) { $0?[String($1)] } ?? .null
    }

    @Test("is what the server itself serves")
    func served() throws { #expect(try Renderer().openAPI() == document) }

    @Test("says what every operation and every property is, and who may not call it")
    func documented() throws {
        for endpoint in try endpoints() {
            let name = "\(endpoint.method.rawValue) \(endpoint.path)"
            let operation = try #require(operations[name])
            #expect(operation["summary"]?.string?.isEmpty == false, "\(name)")
            #expect((operation["responses"]?["401"] != nil) == (endpoint.role != nil), "\(name)")
            let isLimited = endpoint.role.map { $0 > .viewer } ?? false
            #expect(!isLimited || operation["responses"]?["403"] != nil, "\(name)")
        }
        for schema in document["components"]?["schemas"]?.members ?? [] {
            for property in schema.value["properties"]?.members ?? [] {
                let about = property.value["description"]?.string
                #expect(about?.isEmpty == false, "\(schema.name).\(property.name)")
            }
        }
    }

    @Test("refers only to what is there")
    func references() {
        for reference in Self.references(in: document) {
            let target = reference.dropFirst(2).split(separator: "/")
                .reduce(document as JSON?) { $0?[String($1)] }
            #expect(target != nil, "\(reference)")
        }
    }

    private static func references(in json: JSON) -> [String] {
        let own = json["$ref"]?.string.map { [$0] } ?? []
        let below = (json.members?.map(\.value) ?? []) + (json.array ?? [])
        return own + below.flatMap(references)
    }
}
