/// A stand-in for a flow or a validation rule of an org.
///
/// JSON: `{"object":"Contact","on":"create|update|save","when":{"Field":value},
/// "set":{"Field":value}}`, or with `"reject":{"message":"…","field":"X__c"}` in place of
/// `set`. Without `when` it concerns every record.
struct Automation: Hashable, Sendable {
    let object: String
    let occasion: String
    let condition: JSONObject
    let changes: JSONObject
    let rejection: JSONObject?
    let json: JSON

    /// Reads a rule.
    init(_ json: JSON) throws(EmulatorError) {
        guard let object = json["object"]?.text else {
            throw .invalidSeed("An automation needs `object`.")
        }
        self.object = object
        self.json = json
        occasion = json["on"]?.text ?? "save"
        condition = json["when"]?.object ?? JSONObject()
        changes = json["set"]?.object ?? JSONObject()
        rejection = json["reject"]?.object
    }

    /// Whether the rule concerns a kind of write to a type.
    func concerns(_ object: ObjectType, isCreate: Bool) -> Bool {
        guard self.object.lowercased() == object.name.lowercased() else { return false }
        return occasion == "save" || occasion == (isCreate ? "create" : "update")
    }
}
