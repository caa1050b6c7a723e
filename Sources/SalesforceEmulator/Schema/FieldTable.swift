/// Reads the compact tables in which the standard fields are written.
///
/// One field per line, columns separated by white space:
///
/// | column | meaning                                                                  |
/// |--------|--------------------------------------------------------------------------|
/// | name   | the API name                                                             |
/// | type   | with the length, digits, or `precision.scale` in parentheses             |
/// | flags  | C createable, U updateable, F filterable, S sortable, G groupable,       |
/// |        | N nillable, D defaulted on create, i id lookup, r restricted picklist    |
/// | extra  | `Type,Type→Relation` of a reference; values of a picklist separated by   |
/// |        | semicolons, `*` before the default, or `@name` of a list in ``Picklists``|
enum FieldTable {
    /// The fields of a table, in its order.
    static func fields(_ table: String) -> [Field] {
        table.split(separator: "\n").compactMap { field(String($0)) }
    }

    private static func field(_ line: String) -> Field? {
        let columns = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
        guard columns.count >= 3, var field = typed(String(columns[0]), String(columns[1])) else {
            return nil
        }
        apply(flags: columns[2], to: &field)
        if columns.count == 4 {
            apply(extra: columns[3].drop { $0 == " " }, to: &field)
        }
        if field.type == .boolean { field.defaultValue = field.defaultValue ?? false }
        return field
    }

    private static func typed(_ name: String, _ description: String) -> Field? {
        let parts = description.split(separator: "(")
        guard let first = parts.first, let type = FieldType(rawValue: String(first)) else {
            return nil
        }
        var field = Field(name: name, label: FieldLabels.label(of: name), type: type)
        let sizes = parts.dropFirst().first?.dropLast().split(separator: ".") ?? []
        let numbers = sizes.compactMap { Int($0) }
        if type.isNumber {
            field.precision = numbers.first ?? 18
            field.scale = numbers.dropFirst().first ?? 0
        } else {
            field.length = type.isIdentifier ? 18 : numbers.first ?? 0
        }
        return field
    }

    private static func apply(flags: Substring, to field: inout Field) {
        field.isCreateable = flags.contains("C")
        field.isUpdateable = flags.contains("U")
        field.isFilterable = flags.contains("F")
        field.isSortable = flags.contains("S")
        field.isGroupable = flags.contains("G")
        field.isNillable = flags.contains("N")
        field.isDefaultedOnCreate = flags.contains("D")
        field.isIdLookup = flags.contains("i")
        field.isRestricted = flags.contains("r")
    }

    private static func apply(extra: Substring, to field: inout Field) {
        guard field.type != .reference else { return applyReference(extra, to: &field) }
        let list = extra.hasPrefix("@") ? Picklists.named(extra.dropFirst()) : String(extra)
        for value in list.split(separator: ";") {
            let name = value.hasPrefix("*") ? value.dropFirst() : value
            field.picklist.append(String(name))
            if value.hasPrefix("*") { field.defaultValue = .string(String(name)) }
        }
    }

    private static func applyReference(_ extra: Substring, to field: inout Field) {
        let sides = extra.split(separator: "→", omittingEmptySubsequences: false)
        field.referenceTo = sides.first.map { $0.split(separator: ",").map(String.init) } ?? []
        field.relationshipName = sides.count > 1 ? String(sides[1]) : nil
    }
}
