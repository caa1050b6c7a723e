/// The kinds of field, under the names that describe uses.
enum FieldType: String, Sendable {
    case id
    case reference
    case string
    case textarea
    case boolean
    case int
    case double
    case currency
    case percent
    case date
    case datetime
    case email
    case phone
    case url
    case picklist
    case multipicklist
    case combobox
    case address
    case junctionIdList = "junctionidlist"

    /// Whether values are text, with a length.
    var isText: Bool {
        switch self {
        case .string, .textarea, .email, .phone, .url, .picklist, .multipicklist, .combobox: true
        default: false
        }
    }

    /// Whether values are numbers.
    var isNumber: Bool {
        switch self {
        case .int, .double, .currency, .percent: true
        default: false
        }
    }

    /// Whether values are 18-character record ids.
    var isIdentifier: Bool { self == .id || self == .reference }

    /// Whether values have a column of their own.
    var isStored: Bool { self != .address && self != .junctionIdList }

    /// The type of values in the XML interface, as describe names it.
    var soapType: String {
        switch self {
        case .id, .reference: "tns:ID"
        case .boolean: "xsd:boolean"
        case .int: "xsd:int"
        case .double, .currency, .percent: "xsd:double"
        case .date: "xsd:date"
        case .datetime: "xsd:dateTime"
        case .address: "urn:address"
        case .junctionIdList: "urn:JunctionIdListNames"
        default: "xsd:string"
        }
    }

    /// The word for the type in messages about filter values.
    var filterName: String {
        switch self {
        case .datetime: "dateTime"
        case .int, .double, .currency, .percent: "double"
        case .boolean: "boolean"
        case .date: "date"
        default: "string"
        }
    }
}
