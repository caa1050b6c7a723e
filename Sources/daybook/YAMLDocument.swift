import Domain
import Foundation
import Yams

/// Reads YAML and JSON files into one form.
enum YAMLDocument {
    /// Reads a file; JSON is a kind of YAML, but its own reader tells better what is wrong.
    static func json(file path: String) throws -> JSON {
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(.badInput, "There is no file '\(path)'. Check the path.")
        }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw CommandFailure(
                .badInput,
                "'\(path)' cannot be read. Let this user read it, and save it as UTF-8 text."
            )
        }
        let start = text.first { !$0.isWhitespace }
        if start == "{" || start == "[" {
            do {
                return try JSON(parsing: text)
            } catch {
                if path.hasSuffix(".json") {
                    throw CommandFailure(
                        .badInput,
                        """
                        '\(path)' is no JSON: \(error). Correct it there, or make the file anew.
                        """
                    )
                }
                // A flow mapping in YAML begins with a brace, too.
            }
        }
        do {
            return try Yams.compose(yaml: text).map(json) ?? .null
        } catch {
            throw CommandFailure(.badInput, "'\(path)' is no YAML: \(problem(error, in: text))")
        }
    }

    /// Where the text cannot be read; never the text itself, which may hold a secret.
    private static func problem(_ error: any Error, in text: String) -> String {
        let remedy = "Look at the quotes and the indentation there."
        switch error as? YamlError {
        case .scanner(_, _, let mark, _)?, .parser(_, _, let mark, _)?,
            .composer(_, _, let mark, _)?:
            return "line \(mark.line), column \(mark.column) cannot be read. \(remedy)"
        case .reader(_, let offset?, _, _)?:
            let lines = text.prefix(offset).split(
                omittingEmptySubsequences: false,
                whereSeparator: \.isNewline
            )
            let column = (lines.last?.count ?? 0) + 1
            return "line \(lines.count), column \(column) cannot be read. \(remedy)"
        case .duplicatedKeysInMapping(_, let context)?:
            return """
                a key stands twice in what begins at line \(context.mark.line), column \
                \(context.mark.column). Keep one of them.
                """
        default:
            return "it cannot be read. Look at its quotes and its indentation."
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
