/// Writes describe answers from the same schema that the rules read.
struct Describe {
    let schema: Schema

    /// The path of the API version asked for, for example `/services/data/v62.0`.
    let versionPath: String

    /// The answer to the global describe.
    func global() -> JSON {
        [
            "encoding": "UTF-8",
            "maxBatchSize": 200,
            "sobjects": .array(schema.objects.map { .object(summary(of: $0)) }),
        ]
    }

    /// The short description of a type, an entry of the global describe.
    func summary(of object: ObjectType) -> JSONObject {
        let isWritable = object.access != .readOnly
        return [
            "activateable": false, "associateEntityType": .null, "associateParentEntity": .null,
            "createable": .bool(isWritable), "custom": .bool(object.isCustom),
            "customSetting": false, "deepCloneable": false,
            "deletable": .bool(object.isDeletable), "deprecatedAndHidden": false,
            "feedEnabled": .bool(["Account", "Contact", "Lead"].contains(object.name)),
            "hasSubtypes": false, "isInterface": false, "isSubtype": false,
            "keyPrefix": .string(object.keyPrefix), "label": .string(object.label),
            "labelPlural": .string(object.labelPlural), "layoutable": .bool(isWritable),
            "mergeable": .bool(["Account", "Contact", "Lead"].contains(object.name)),
            "mruEnabled": .bool(isWritable), "name": .string(object.name), "queryable": true,
            "replicateable": true, "retrieveable": true, "searchable": .bool(isWritable),
            "triggerable": .bool(isWritable), "undeletable": .bool(object.isDeletable),
            "updateable": .bool(isWritable), "urls": urls(of: object),
        ]
    }

    private func urls(of object: ObjectType) -> JSON {
        let base = "\(versionPath)/sobjects/\(object.name)"
        return [
            "compactLayouts": .string("\(base)/describe/compactLayouts"),
            "rowTemplate": .string("\(base)/{ID}"),
            "approvalLayouts": .string("\(base)/describe/approvalLayouts"),
            "describe": .string("\(base)/describe"),
            "quickActions": .string("\(base)/quickActions"),
            "layouts": .string("\(base)/describe/layouts"),
            "sobject": .string(base),
        ]
    }

    /// The full description of a type.
    func full(_ object: ObjectType) -> JSON {
        var result = summary(of: object)
        let fields = object.fields.sorted { $0.name == "Id" && $1.name != "Id" }
        result["actionOverrides"] = []
        result["childRelationships"] = .array(schema.childRelations(of: object).map(relation))
        result["compactLayoutable"] = true
        result["defaultImplementation"] = .null
        result["extendedBy"] = .null
        result["extendsInterfaces"] = .null
        result["fields"] = .array(fields.map { .object(DescribeField.json($0)) })
        result["implementedBy"] = .null
        result["implementsInterfaces"] = .null
        result["listviewable"] = .null
        result["lookupLayoutable"] = .null
        result["namedLayoutInfos"] = []
        result["networkScopeFieldName"] = .null
        result["recordTypeInfos"] = [masterRecordType(of: object)]
        result["searchLayoutable"] = true
        result["sobjectDescribeOption"] = "FULL"
        result["supportedScopes"] = [
            ["label": "All records", "name": "everything"],
            ["label": "My records", "name": "mine"],
        ]
        return .object(JSONObject(result.members.sorted { $0.key < $1.key }))
    }

    private func relation(_ relation: Schema.ChildRelation) -> JSON {
        [
            "cascadeDelete": false, "childSObject": .string(relation.object),
            "deprecatedAndHidden": false, "field": .string(relation.field),
            "junctionIdListNames": [], "junctionReferenceTo": [],
            "relationshipName": .string(relation.name), "restrictedDelete": false,
        ]
    }

    private func masterRecordType(of object: ObjectType) -> JSON {
        let id = "012000000000000AAA"
        let layout = "\(versionPath)/sobjects/\(object.name)/describe/layouts/\(id)"
        return [
            "active": true, "available": true, "defaultRecordTypeMapping": true,
            "developerName": "Master", "master": true, "name": "Master",
            "recordTypeId": .string(id), "urls": ["layout": .string(layout)],
        ]
    }
}
