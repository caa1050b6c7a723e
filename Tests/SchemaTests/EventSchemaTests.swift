import Domain
import Foundation
import TestSupport
import Testing

@testable import Journal

@Suite("Schemas/events")
struct EventSchemaTests {
    /// A row as the ledger has it.
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var type: String
        var data: String
        var parts: [String]
    }

    static let rows =
        GoldenFact.all.map { golden in
            Row(
                testDescription: golden.description,
                type: golden.type,
                data: golden.data,
                parts: golden.parts
            )
        }
        + GoldenEvent.all.map { golden in
            Row(
                testDescription: golden.description,
                type: golden.type,
                data: golden.data,
                parts: []
            )
        }

    static let types = Set(rows.map(\.type)).sorted()

    private static func schema(_ type: String) throws -> JSON {
        try SchemaFolder.json("events/\(type).v\(StoredFact.version).schema.json")
    }

    private static func check(_ root: JSON) throws -> SchemaCheck {
        let common = "common.schema.json"
        return SchemaCheck(root: root, files: [common: try SchemaFolder.json("events/\(common)")])
    }

    @Test("have a schema and an example for every type of event, and no others")
    func complete() throws {
        let expected = Set(Self.types.map { "\($0).v\(StoredFact.version)" })
        let schemas = try SchemaFolder.names(in: "events", ending: ".schema.json")
        #expect(schemas.subtracting(["common"]) == expected)
        #expect(try SchemaFolder.names(in: "events/examples", ending: ".json") == expected)
    }

    /// What the journal writes is found in its source, so that a new type cannot be forgotten.
    @Test("know every type of event that the source of the journal names")
    func source() throws {
        let folder = SchemaFolder.repository.appending(path: "Sources/Journal")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        var named: Set<String> = []
        for file in files where file.hasSuffix(".swift") {
            let data = try Data(contentsOf: folder.appending(path: file))
            for match in String(decoding: data, as: UTF8.self).matches(of: /"([a-z]+\.[a-z-]+)"/) {
                named.insert(String(match.1))
            }
        }
        // The control: the search finds what there is.
        #expect(named.contains("write.intended") && named.contains("booking.confirmed"))
        #expect(named.subtracting(Self.types).isEmpty)
    }

    @Test("have the first golden row of a type as its example", arguments: types)
    func example(type: String) throws {
        let row = try #require(Self.rows.first { $0.type == type })
        let text = try JSON(parsing: row.data).prettyText + "\n"
        let path = "events/examples/\(type).v\(StoredFact.version).json"
        try SchemaFolder.expect(path, toHold: text)
    }

    @Test("fit what the ledger has of", arguments: rows)
    func fits(row: Row) throws {
        let schema = try Self.schema(row.type)
        let problems = try Self.check(schema).problems(try JSON(parsing: row.data), schema)
        #expect(problems.isEmpty)
    }

    /// The other direction: every property of a booking stands in the row that has everything.
    @Test("name no property that a booking does not have")
    func noMore() throws {
        let row = try #require(Self.rows.first { $0.type == "booking.confirmed" })
        let properties = try Self.schema(row.type)["properties"]?.members?.map(\.name)
        #expect(properties == (try JSON(parsing: row.data)).members?.map(\.name))
    }

    @Test("fit the sealed parts of", arguments: rows.filter { !$0.parts.isEmpty })
    func parts(row: Row) throws {
        let common = try SchemaFolder.json("events/common.schema.json")
        for part in row.parts {
            let end = try #require(part.firstRange(of: ": ")).upperBound
            let name = String(part.prefix { $0 != "-" && $0 != " " })
            let schema = try #require(common["$defs"]?["\(name)Part"], "part '\(name)'")
            let problems = try Self.check(common).problems(
                try JSON(parsing: String(part[end...])),
                schema
            )
            #expect(problems.isEmpty, "\(name)")
        }
    }

    @Test("say what they are, and what every property means", arguments: types + ["common"])
    func documented(type: String) throws {
        let name = type == "common" ? "common" : "\(type).v\(StoredFact.version)"
        let schema = try SchemaFolder.json("events/\(name).schema.json")
        #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["$id"]?.string?.hasSuffix("/events/\(name).schema.json") == true)
        #expect(schema["title"]?.string?.isEmpty == false)
        #expect(SchemaCheck.undocumented(schema).isEmpty)
    }
}

@Suite("Schema check")
struct SchemaCheckTests {
    static let schema = #"""
        {"type":"object","properties":{
            "n":{"type":"integer"},"k":{"enum":["a","b"]},"l":{"type":"array","items":{"$ref":"#/$defs/p"}}
        },"required":["n"],"additionalProperties":false,
        "$defs":{"p":{"type":"object","properties":{"x":{"type":"string"}},"required":["x"],
            "additionalProperties":false}}}
        """#

    /// A check that finds nothing would prove nothing.
    @Test(
        "finds",
        arguments: [
            (#"{"n":1}"#, []), (#"{"n":1,"k":"a","l":[{"x":""}]}"#, []),
            (#"{"n":1.5}"#, ["/n: is no integer"]), (#"{}"#, ["/n: is missing"]),
            (#"[]"#, [": is no object"]), (#"{"n":1,"m":2}"#, ["/m: is not in the schema"]),
            (#"{"n":1,"k":"c"}"#, ["/k: is none of its choices"]),
            (#"{"n":1,"l":[{"x":"a"},{}]}"#, ["/l/1/x: is missing"]),
            (#"{"n":1,"l":[{"x":"a","y":1}]}"#, ["/l/0/y: is not in the schema"]),
            (#"{"n":1,"l":[{"x":1}]}"#, ["/l/0/x: is no string"]),
        ] as [(String, [String])]
    )
    func finds(text: String, problems: [String]) throws {
        let schema = try JSON(parsing: Self.schema)
        #expect(SchemaCheck(root: schema).problems(try JSON(parsing: text), schema) == problems)
    }
}
