/// Writes the description of one field, with the attribute set of recorded answers.
enum DescribeField {
    /// All attributes of a field, by order of their names.
    static func json(_ field: Field) -> JSONObject {
        var result = constants
        addIdentity(of: field, to: &result)
        addSizes(of: field, to: &result)
        addAccess(of: field, to: &result)
        addValues(of: field, to: &result)
        addReference(of: field, to: &result)
        return JSONObject(result.members.sorted { $0.key < $1.key })
    }

    /// The attributes that no field of the emulator ever sets.
    private static let constants: JSONObject = [
        "aiPredictionField": false, "autoNumber": false, "calculated": false,
        "calculatedFormula": .null, "cascadeDelete": false, "controllerName": .null,
        "defaultValueFormula": .null, "dependentPicklist": false, "deprecatedAndHidden": false,
        "displayLocationInDecimal": false, "encrypted": false, "filteredLookupInfo": .null,
        "formulaTreatNullNumberAsZero": false, "highScaleNumber": false, "inlineHelpText": .null,
        "mask": .null, "maskType": .null, "queryByDistance": false, "referenceTargetField": .null,
        "relationshipOrder": .null, "restrictedDelete": false, "searchPrefilterable": false,
        "writeRequiresMasterRead": false, "htmlFormatted": false,
    ]

    private static func addIdentity(of field: Field, to result: inout JSONObject) {
        let isPersonName = field.name == "LastName" || field.name == "FirstName"
        result["name"] = .string(field.name)
        result["label"] = .string(field.label)
        result["type"] = .string(field.type.rawValue)
        result["soapType"] = .string(field.type.soapType)
        result["custom"] = .bool(field.isCustom)
        result["nameField"] = .bool(field.name == "Name" || field.name == "Subject")
        result["compoundFieldName"] = isPersonName ? "Name" : .null
        result["extraTypeInfo"] =
            isPersonName ? "personname" : field.type == .textarea ? "plaintextarea" : .null
    }

    private static func addSizes(of field: Field, to result: inout JSONObject) {
        let isWhole = field.type == .int
        result["length"] = .integer(field.length)
        result["byteLength"] = .integer(field.type.isText ? field.length * 3 : field.length)
        result["digits"] = .integer(isWhole ? field.precision : 0)
        result["precision"] = .integer(isWhole ? 0 : field.precision)
        result["scale"] = .integer(field.scale)
    }

    private static func addAccess(of field: Field, to result: inout JSONObject) {
        result["aggregatable"] = .bool(field.isFilterable && field.type != .boolean)
        result["createable"] = .bool(field.isCreateable)
        result["updateable"] = .bool(field.isUpdateable)
        result["filterable"] = .bool(field.isFilterable)
        result["sortable"] = .bool(field.isSortable)
        result["groupable"] = .bool(field.isGroupable)
        result["nillable"] = .bool(field.isNillable)
        result["defaultedOnCreate"] = .bool(field.isDefaultedOnCreate)
        result["idLookup"] = .bool(field.isIdLookup)
        result["externalId"] = .bool(field.isExternalID)
        result["unique"] = .bool(field.isUnique)
        result["caseSensitive"] = .bool(field.isCaseSensitive)
        result["permissionable"] = .bool(field.isCustom && field.isNillable)
    }

    private static func addValues(of field: Field, to result: inout JSONObject) {
        result["restrictedPicklist"] = .bool(field.isRestricted)
        result["defaultValue"] = field.defaultValue ?? .null
        result["picklistValues"] = .array(
            field.picklist.map { value in
                [
                    "active": true, "defaultValue": .bool(field.defaultValue == .string(value)),
                    "label": .string(value), "validFor": .null, "value": .string(value),
                ]
            }
        )
    }

    private static func addReference(of field: Field, to result: inout JSONObject) {
        result["referenceTo"] = .array(field.referenceTo.map { .string($0) })
        result["relationshipName"] = JSON(field.relationshipName)
        result["polymorphicForeignKey"] = .bool(field.isPolymorphic)
        result["namePointing"] = .bool(field.isPolymorphic)
    }
}
