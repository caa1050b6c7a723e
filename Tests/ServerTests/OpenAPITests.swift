import Domain
import Foundation
import HummingbirdTesting
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

    @Test("names the resources that the server has, and no others")
    func paths() {
        let named = document["paths"]?.members?.map(\.name) ?? []
        #expect(Set(named) == Set(APIRoutes.paths))
    }

    @Test("says what every operation and every property is")
    func documented() {
        for path in document["paths"]?.members ?? [] {
            #expect(path.value["get"]?["summary"]?.string?.isEmpty == false, "\(path.name)")
            #expect(path.value["get"]?["responses"]?["401"] != nil, "\(path.name)")
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
