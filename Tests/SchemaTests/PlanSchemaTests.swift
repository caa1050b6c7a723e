import Domain
import Foundation
import Testing

@Suite("Schemas/plan.schema.json")
struct PlanSchemaTests {
    private let schema: JSON

    init() throws { schema = try SchemaFolder.json("plan.schema.json") }

    @Test("names the keys that a plan has, and no others")
    func keys() throws {
        let file = SchemaFolder.repository.appending(path: "Sources/Pipeline/SyncPlan.swift")
        let source = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        let written = Set(source.matches(of: /\(\s*"([a-zA-Z]+)",/).map { String($0.1) })
        #expect(written.isSuperset(of: ["operations", "decision", "outcome", "apiCalls"]))
        #expect(Set(propertyNames(schema)) == written)
    }

    @Test("knows every reason code")
    func reasons() {
        let known = schema["$defs"]?["reason"]?["enum"]?.array?.compactMap(\.string)
        #expect(known == Reason.allCases.map(\.rawValue))
    }

    @Test("says what every property means")
    func documented() { #expect(SchemaCheck.undocumented(schema).isEmpty) }

    private func propertyNames(_ schema: JSON) -> [String] {
        (schema.members ?? []).flatMap { member -> [String] in
            switch member.name {
            case "properties":
                (member.value.members ?? []).flatMap { [$0.name] + propertyNames($0.value) }
            case "$defs": (member.value.members ?? []).flatMap { propertyNames($0.value) }
            default: []
            }
        }
    }
}

@Suite("Schemas/README.md")
struct SchemaIndexTests {
    @Test("names every file and folder beside it")
    func index() throws {
        let index = try SchemaFolder.text("README.md")
        let names = try FileManager.default.contentsOfDirectory(atPath: SchemaFolder.url.path)
        for name in names where name != "README.md" {
            #expect(index.contains("`\(name)"), "\(name) is not in Schemas/README.md")
        }
    }
}
