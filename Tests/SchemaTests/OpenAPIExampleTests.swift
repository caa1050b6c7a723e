import Domain
import Testing

@Suite("The examples of Schemas/http/openapi.json")
struct OpenAPIExampleTests {
    /// A body, with its schema and its example.
    private struct Body {
        var place: String
        var content: JSON
    }

    private let document: JSON

    init() throws { document = try SchemaFolder.json("http/openapi.json") }

    /// The JSON bodies of all operations that are sent and, where all went well, answered.
    private var bodies: [Body] {
        (document["paths"]?.members ?? []).flatMap { path in
            (path.value.members ?? []).flatMap { method -> [Body] in
                let name = "\(method.name) \(path.name)"
                let sent = method.value["requestBody"]?["content"]?["application/json"]
                let answers = method.value["responses"]?.members ?? []
                return [sent.map { Body(place: "\(name) request", content: $0) }].compactMap { $0 }
                    + answers.filter { $0.name.hasPrefix("2") }.compactMap { answer in
                        answer.value["content"]?["application/json"].map {
                            Body(place: "\(name) \(answer.name)", content: $0)
                        }
                    }
            }
        }
    }

    /// The bodies of refusals, which operations share.
    private var refusals: [Body] {
        (document["components"]?["responses"]?.members ?? []).map { answer in
            Body(
                place: answer.name,
                content: answer.value["content"]?["application/problem+json"] ?? .null
            )
        }
    }

    @Test("are there for every body, and fit its schema")
    func fit() throws {
        let check = SchemaCheck(root: document)
        #expect(bodies.count > 40)
        #expect(refusals.count == 11)
        for body in bodies + refusals {
            let example = try #require(body.content["example"], "\(body.place) has no example")
            let schema = try #require(body.content["schema"])
            #expect(check.problems(example, schema, at: body.place) == [])
        }
    }

    @Test("have a row in every list, and no member of which the schema says nothing")
    func telling() throws {
        for body in bodies where !body.place.contains("openapi.json") {
            let example = try #require(body.content["example"])
            let schema = resolved(try #require(body.content["schema"]))
            for member in example.members ?? [] {
                #expect(member.name != "items" || member.value.array?.isEmpty == false)
                let isTold = schema["properties"]?[member.name] != nil
                #expect(isTold, "\(body.place) says nothing of '\(member.name)'")
            }
        }
    }

    private func resolved(_ schema: JSON) -> JSON {
        guard let reference = schema["$ref"]?.string else { return schema }
        return reference.dropFirst(2).split(separator: "/")
            .reduce(document) { $0[String($1)] ?? .null }
    }

    @Test("name only people who do not exist")
    func fictional() {
        for body in bodies + refusals {
            for address in Self.addresses(in: body.content["example"] ?? .null) {
                let isInvented = address.hasSuffix(".example") || address.hasSuffix("@example.com")
                #expect(isInvented, "\(body.place): \(address)")
            }
        }
    }

    /// What looks like an e-mail address; identifiers of calendar entries do, too.
    private static func addresses(in json: JSON) -> [String] {
        let below = (json.members?.map(\.value) ?? []) + (json.array ?? [])
        let own = (json.string ?? "").matches(of: /[\w.+-]+@[\w-]+\.[\w.-]+\w/).map { match in
            String(match.output)
        }
        return own.filter { !$0.hasSuffix("@Cal.com") } + below.flatMap(addresses)
    }
}
