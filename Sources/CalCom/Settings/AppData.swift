import Domain

/// Reads values of the app-data object by key; `null` counts as absent.
struct AppData {
    let json: JSON

    func present(_ key: SettingsKey) -> JSON? { json.present(key.rawValue) }

    func isOn(_ key: SettingsKey) throws(SettingsImportError) -> Bool {
        guard let value = present(key) else { return false }
        guard let flag = value.bool else {
            throw .wrongType(key: key.rawValue, expected: "true or false")
        }
        return flag
    }

    func text(_ key: SettingsKey) throws(SettingsImportError) -> String? {
        guard let value = present(key) else { return nil }
        guard let text = value.string else {
            throw .wrongType(key: key.rawValue, expected: "a text")
        }
        return text.allSatisfy(\.isWhitespace) ? nil : text
    }

    func elements(_ key: SettingsKey) throws(SettingsImportError) -> [JSON]? {
        guard let value = present(key) else { return nil }
        guard let elements = value.array else {
            throw .wrongType(key: key.rawValue, expected: "a list")
        }
        return elements
    }

    func members(_ key: SettingsKey) throws(SettingsImportError) -> [JSON.Member] {
        guard let value = present(key) else { return [] }
        guard let members = value.members else {
            throw .wrongType(key: key.rawValue, expected: "an object of fields")
        }
        return members
    }
}
