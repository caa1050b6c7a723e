import CalCom
import Domain
import Testing

@Suite("File of deliveries")
struct DeliveryFileTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let file: String
        let bodies: [String]
    }

    static let rows = [
        Row(testDescription: "one body", file: #" {"a": 1} "#, bodies: [#" {"a": 1} "#]),
        Row(testDescription: "a scalar", file: "false", bodies: ["false"]),
        Row(
            testDescription: "an array, each element with its exact bytes",
            file: "[ {\"a\":  1},\n{\"b\": [2]} ,null]",
            bodies: [#"{"a":  1}"#, #"{"b": [2]}"#, "null"]
        ),
        Row(testDescription: "an empty array", file: "[]", bodies: []),
        Row(
            testDescription: "lines",
            file: "{\"a\": 1}\r\n\n  {\"b\": 2}\n",
            bodies: [#"{"a": 1}"#, #"{"b": 2}"#]
        ),
        Row(
            testDescription: "lines of which one is broken",
            file: "{\"a\": 1}\n{\"b\":\n{\"c\": 3}",
            bodies: [#"{"a": 1}"#, #"{"b":"#, #"{"c": 3}"#]
        ),
        Row(testDescription: "nonsense", file: "no\njson", bodies: ["no\njson"]),
        Row(testDescription: "cut off", file: "{\n\"a\": 1,", bodies: ["{\n\"a\": 1,"]),
        Row(testDescription: "nothing", file: "", bodies: [""]),
    ]

    @Test("is cut into bodies", arguments: rows)
    func split(row: Row) {
        let bodies = DeliveryFile.split(Array(row.file.utf8))
        #expect(bodies.map { String(decoding: $0, as: UTF8.self) } == row.bodies)
    }
}
