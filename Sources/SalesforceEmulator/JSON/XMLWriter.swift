/// Writes answers as XML, for clients that ask for it.
///
/// | JSON                       | XML                                                    |
/// |----------------------------|--------------------------------------------------------|
/// | error array                | `<Errors><Error><errorCode>…`                          |
/// | page of a query            | `<QueryResult>` with a `<records>` for each            |
/// | record                     | an element with `type` and `url` as attributes         |
/// | outcome of a write         | `<Result><id>…`                                        |
/// | null                       | `xsi:nil="true"`                                       |
///
/// The names of other root elements are not documented; they are taken from the path.
enum XMLWriter {
    /// The document for an answer of a path.
    static func text(of json: JSON, path: [String]) -> String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + root(json, path)
    }

    private static func root(_ json: JSON, _ path: [String]) -> String {
        if let entries = json.array {
            if entries.first?["errorCode"] != nil {
                return "<Errors>\(entries.map { element("Error", $0) }.joined())</Errors>"
            }
            let name = capitalized(path.last ?? "result")
            return "<\(name)>\(entries.map { element("Item", $0) }.joined())</\(name)>"
        }
        if json["records"] != nil, json["totalSize"] != nil { return element("QueryResult", json) }
        if json["success"] != nil { return element("Result", json) }
        if let type = json["attributes"]?["type"]?.text { return element(type, json) }
        return element(capitalized(path.last ?? "result"), json)
    }

    private static func capitalized(_ text: String) -> String {
        let plain = text.filter { $0.isLetter }
        return plain.prefix(1).uppercased() + plain.dropFirst()
    }

    private static func element(_ name: String, _ json: JSON) -> String {
        switch json {
        case .null:
            return "<\(name) xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                + "xsi:nil=\"true\"/>"
        case .array(let elements): return elements.map { element(name, $0) }.joined()
        case .object(let object):
            let attributes = (object["attributes"]?.object?.members ?? []).map { member in
                " \(member.key)=\"\(escaped(member.value.text ?? ""))\""
            }
            let content = object.members.filter { $0.key != "attributes" }
                .map { element($0.key, $0.value) }
            return "<\(name)\(attributes.joined())>\(content.joined())</\(name)>"
        default: return "<\(name)>\(escaped(json.text ?? json.serialized))</\(name)>"
        }
    }

    private static func escaped(_ text: String) -> String {
        text.escaping(["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;"])
    }
}
