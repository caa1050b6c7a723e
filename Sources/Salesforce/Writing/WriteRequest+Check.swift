import Domain

extension WriteRequest {
    /// A refusal of our own, if a name or a number would break out of its place.
    var unsendablePart: RecordError? {
        guard APIName.isName(object.rawValue) else {
            return RecordError(code: "INVALID_TYPE", message: "This is no name of an object.")
        }
        var names = Array(fields.keys) + readBack
        if case .upsert(let key, _) = kind { names.append(key) }
        let noNames = names.filter { !APIName.isName($0.rawValue) }
        if !noNames.isEmpty {
            let message = "These are no names of fields."
            return RecordError(code: "INVALID_FIELD", message: message, fields: noNames.sorted())
        }
        let noNumbers = fields.filter { !$0.value.isSendable }.keys
        if noNumbers.isEmpty { return nil }
        let code = "INVALID_TYPE_ON_FIELD_IN_RECORD"
        return RecordError(code: code, message: "This is no number.", fields: noNumbers.sorted())
    }
}

extension OutgoingValue {
    /// Whether the value is what it says: numbers go into JSON as they are spelled.
    fileprivate var isSendable: Bool {
        guard case .value(.number(let digits)) = self else { return true }
        do {
            return try JSON(parsing: digits) == .number(digits)
        } catch {
            return false
        }
    }
}
