/// A value of a settings document together with its place, so that errors can name it.
struct DocumentNode {
    let path: String
    let value: JSON

    /// The members of an object that takes certain keys only.
    func object(keys: [String]) throws(SettingsDocumentError) -> DocumentObject {
        let members = try entries()
        for (name, _) in members where !keys.contains(name) {
            let nearest = Spelling.nearest(to: name, among: keys)
            throw .unknownKey(path: path, key: name, suggestion: nearest)
        }
        return DocumentObject(path: path, members: Dictionary(uniqueKeysWithValues: members))
    }

    /// The members of an object with names of the user's choice, in order.
    func entries() throws(SettingsDocumentError) -> [(String, DocumentNode)] {
        guard let members = value.members else { throw wrongType("an object with keys") }
        var seen: Set<String> = []
        for member in members where !seen.insert(member.name).inserted {
            throw .repeatedKey(path: path, key: member.name)
        }
        return members.map { ($0.name, DocumentNode(path: path(to: $0.name), value: $0.value)) }
    }

    /// The elements of a list.
    func elements() throws(SettingsDocumentError) -> [DocumentNode] {
        guard let elements = value.array else { throw wrongType("a list") }
        return elements.enumerated()
            .map { place, element in
                DocumentNode(path: path(to: String(place + 1)), value: element)
            }
    }

    /// A text that is not blank.
    func text() throws(SettingsDocumentError) -> String {
        guard let text = value.string else { throw wrongType("a text") }
        guard !text.allSatisfy(\.isWhitespace) else {
            throw .invalidValue(path: path, found: text, expected: "a text that is not empty")
        }
        return text
    }

    /// A list of texts that are not blank.
    func texts() throws(SettingsDocumentError) -> [String] {
        var texts: [String] = []
        for element in try elements() { texts.append(try element.text()) }
        return texts
    }

    /// A name that can be the API name of a field: this node's own text, or that of its key.
    func fieldName(_ name: String) throws(SettingsDocumentError) -> FieldName {
        guard !name.isEmpty, !name.contains(where: \.isWhitespace) else {
            throw .invalidValue(path: path, found: name, expected: "the API name of a field")
        }
        return FieldName(name)
    }

    /// A Boolean.
    func flag() throws(SettingsDocumentError) -> Bool {
        guard let flag = value.bool else { throw wrongType("true or false") }
        return flag
    }

    /// One of the words that an enumeration is spelled with.
    func choice<Choice>(
        _ type: Choice.Type
    ) throws(SettingsDocumentError) -> Choice
    where Choice: CaseIterable & RawRepresentable<String> {
        let words = Choice.allCases.map(\.rawValue)
        guard let text = value.string else { throw wrongType("one of " + Spelling.list(words)) }
        guard let choice = Choice(rawValue: text) else {
            let nearest = Spelling.nearest(to: text, among: words)
            let hint = nearest.map { " (did you mean `\($0)`?)" } ?? ""
            throw .invalidValue(
                path: path,
                found: text,
                expected: "one of " + Spelling.list(words) + hint
            )
        }
        return choice
    }

    /// The error that says what stands here instead.
    func wrongType(_ expected: String) -> SettingsDocumentError {
        .wrongType(path: path, found: value.typeInWords, expected: expected)
    }

    private func path(to name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

/// An object whose keys are known to be possible.
struct DocumentObject {
    let path: String
    let members: [String: DocumentNode]

    /// The member, unless it is missing or `null`.
    subscript(key: String) -> DocumentNode? {
        guard let node = members[key], node.value != .null else { return nil }
        return node
    }

    /// The member, or an error that it is missing.
    func required(_ key: String) throws(SettingsDocumentError) -> DocumentNode {
        guard let node = self[key] else { throw .missingKey(path: path, key: key) }
        return node
    }
}

extension JSON {
    /// The type as a writer of YAML would call it.
    fileprivate var typeInWords: String {
        switch self {
        case .null: "nothing"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object with keys"
        }
    }
}
