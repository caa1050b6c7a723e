/// Puts results of earlier parts where `@{name.path}` stands.
struct CompositeReferences {
    /// The bodies of the parts that succeeded, by reference id.
    let results: [String: JSON]

    /// A value with all its references replaced.
    func resolved(_ json: JSON) throws(APIError) -> JSON {
        switch json {
        case .string(let text):
            if let whole = whole(text) { return try value(of: whole) }
            return .string(try resolved(text))
        case .array(let elements):
            var result: [JSON] = []
            for element in elements { result.append(try resolved(element)) }
            return .array(result)
        case .object(let object):
            var result = JSONObject()
            for member in object.members {
                result.append(member.key, try resolved(member.value))
            }
            return .object(result)
        default: return json
        }
    }

    /// The path, if a text is nothing but one reference.
    private func whole(_ text: String) -> Substring? {
        let scalars = text.unicodeScalars
        guard scalars.starts(with: "@{".unicodeScalars), scalars.last == "}" else { return nil }
        let inner = scalars.dropFirst(2).dropLast()
        return inner.contains("}") ? nil : Substring(inner)
    }

    /// A text with its references replaced by texts.
    func resolved(_ text: String) throws(APIError) -> String {
        // By scalars: Salesforce knows nothing of characters that are a brace and a mark.
        var result = ""
        var rest = text.unicodeScalars[...]
        while let start = rest.firstRange(of: "@{".unicodeScalars) {
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else { break }
            result += String(rest[..<start.lowerBound])
            let found = try value(of: Substring(rest[start.upperBound..<end]))
            result += found.text ?? found.serialized
            rest = rest[rest.index(after: end)...]
        }
        return result + String(rest)
    }

    private func value(of path: Substring) throws(APIError) -> JSON {
        var steps = CompositeReferences.steps(of: path)[...]
        guard case .key(let name)? = steps.popFirst(), var value = results[name] else {
            throw invalid(path)
        }
        for step in steps {
            let next: JSON? =
                switch step {
                case .key(let key): value[key]
                case .index(let index): value.array?.dropFirst(index).first
                }
            guard let next, next != .null else { throw invalid(path) }
            value = next
        }
        return value
    }

    private enum Step {
        case key(String)
        case index(Int)
    }

    /// The steps of `ref.records[0].Id` or `ref[3].id`.
    private static func steps(of path: Substring) -> [Step] {
        path.split(separator: ".").flatMap { part -> [Step] in
            let pieces = part.split(whereSeparator: { $0 == "[" || $0 == "]" })
            return pieces.enumerated().map { position, piece in
                if position > 0, let index = Int(piece) { return .index(index) }
                return .key(String(piece))
            }
        }
    }

    private func invalid(_ path: Substring) -> APIError {
        let name = path.split(whereSeparator: { $0 == "." || $0 == "[" }).first ?? path
        return APIError(
            400,
            "PROCESSING_HALTED",
            """
            Invalid reference specified. No value for \(path) found in \(name). Provided \
            referenceId ('\(path)') must start with a letter or a number, and it can contain only \
            letters, numbers and underscores ('_').
            """
        )
    }
}
