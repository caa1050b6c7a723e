import Domain
import Foundation
import Yams

/// Reads YAML and JSON files into one form.
enum YAMLDocument {
    /// Reads a file; JSON is a kind of YAML, but its own reader tells better what is wrong.
    static func json(file path: String) throws -> JSON {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw CommandFailure(.badInput, "'\(path)' cannot be read as UTF-8 text.")
        }
        let start = text.first { !$0.isWhitespace }
        if start == "{" || start == "[" {
            do {
                return try JSON(parsing: text)
            } catch {
                if path.hasSuffix(".json") {
                    throw CommandFailure(.badInput, "'\(path)' is no JSON: \(error).")
                }
                // A flow mapping in YAML begins with a brace, too.
            }
        }
        do {
            return try Yams.compose(yaml: text).map(json) ?? .null
        } catch {
            throw CommandFailure(.badInput, "'\(path)' is no YAML: \(error)")
        }
    }

    private static func json(_ node: Node) -> JSON {
        switch node {
        case .mapping(let mapping):
            .object(mapping.map { JSON.Member($0.key.string ?? "", json($0.value)) })
        case .sequence(let sequence): .array(sequence.map(json))
        case .scalar(let scalar): json(scalar)
        case .alias: .null
        }
    }

    private static func json(_ scalar: Node.Scalar) -> JSON {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        let node = Node.scalar(scalar)
        if node.null != nil { return .null }
        if let flag = node.bool { return .bool(flag) }
        if let number = Int(scalar.string) { return .integer(number) }
        return .string(scalar.string)
    }
}
