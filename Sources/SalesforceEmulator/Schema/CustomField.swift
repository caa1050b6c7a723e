/// A field that a client adds to a type: in a seed, or through the Tooling API.
struct CustomField: Hashable, Sendable {
    /// The type it is added to; `Activity` stands for events and tasks.
    var object: String

    /// The field itself, complete.
    var field: Field

    /// Reads the form that seeds use, for example
    /// `{"object":"Contact","name":"X__c","type":"text","length":80}`.
    ///
    /// | type                              | becomes                           |
    /// |-----------------------------------|-----------------------------------|
    /// | `text`                            | string, 255 characters            |
    /// | `textarea`                        | 255 characters; filterable        |
    /// | `longtextarea`, or length > 255   | long text, which queries can only select |
    /// | `checkbox`                        | boolean, false by default         |
    /// | `lookup`                          | reference to `referenceTo`        |
    /// | `number`                          | double                            |
    /// | others                            | the type of that name             |
    init(seed json: JSON) throws(EmulatorError) {
        guard let object = json["object"]?.text, let name = json["name"]?.text,
            let typeName = json["type"]?.text
        else { throw .invalidSeed("A field needs `object`, `name` and `type`: \(json.serialized)") }
        guard let type = Self.type(named: typeName) else {
            throw .invalidSeed("The field \(object).\(name) has the unknown type `\(typeName)`.")
        }
        self.object = object
        field = Field(name: name, label: Self.label(for: name), type: type)
        field.isCustom = name.hasSuffix("__c")
        field.label = json["label"]?.text ?? field.label
        setSizes(from: json, typeName: typeName.lowercased())
        setAccess()
        field.isRestricted = json["restricted"]?.bool ?? false
        field.picklist = (json["values"]?.array ?? []).compactMap(\.text)
        field.isExternalID = json["externalId"]?.bool ?? false
        field.isUnique = json["unique"]?.bool ?? false
        field.isCaseSensitive = json["caseSensitive"]?.bool ?? false
        field.isIdLookup = field.isExternalID
        field.defaultValue = json["default"] ?? (type == .boolean ? false : nil)
        field.isNillable = !(json["required"]?.bool ?? false) && type != .boolean
        setReference(from: json)
    }

    private static func type(named name: String) -> FieldType? {
        switch name.lowercased() {
        case "text", "string": .string
        case "checkbox", "boolean": .boolean
        case "textarea", "longtextarea", "html": .textarea
        case "lookup", "reference", "masterdetail": .reference
        case "number", "double": .double
        case "multiselectpicklist", "multipicklist": .multipicklist
        case let other: FieldType(rawValue: other)
        }
    }

    private static func label(for name: String) -> String {
        name.replacing("__c", with: "").replacing("_", with: " ")
    }

    private mutating func setSizes(from json: JSON, typeName: String) {
        let given = json["length"]?.integer
        switch field.type {
        case .string, .picklist: field.length = given ?? 255
        case .textarea: field.length = given ?? (typeName == "textarea" ? 255 : 32768)
        case .multipicklist: field.length = 4099
        case .email: field.length = 80
        case .phone: field.length = 40
        case .url: field.length = 255
        case .reference: field.length = 18
        case .double, .currency, .percent, .int:
            field.precision = json["precision"]?.integer ?? 18
            field.scale = json["scale"]?.integer ?? 0
        default: break
        }
    }

    private mutating func setAccess() {
        let isLong = field.type == .textarea && field.length > 255
        field.isCreateable = true
        field.isUpdateable = true
        field.isFilterable = !isLong
        field.isSortable = !isLong && field.type != .multipicklist
        field.isGroupable = field.isSortable && !field.type.isNumber && field.type != .datetime
        field.isDefaultedOnCreate = field.type == .boolean
    }

    private mutating func setReference(from json: JSON) {
        guard field.type == .reference else { return }
        switch json["referenceTo"] {
        case .string(let target)?: field.referenceTo = [target]
        case .array(let targets)?: field.referenceTo = targets.compactMap(\.text)
        default: break
        }
        let stem = field.name.hasSuffix("__c") ? String(field.name.dropLast(3)) : field.name
        field.relationshipName = json["relationshipName"]?.text ?? "\(stem)__r"
    }
}
