/// How owner routing is written in a settings document.
enum OwnerRoutingForm {
    static func decode(_ node: DocumentNode?) throws(SettingsDocumentError) -> OwnerRouting? {
        let keys = [
            "lookUp", "skipFreeMail", "fallBackToLead", "rules", "accountUserField", "query",
        ]
        guard let object = try node?.object(keys: keys) else { return nil }
        var routing = OwnerRouting(
            lookUp: try object.required("lookUp").choice(OwnerRouting.LookUp.self),
            skipFreeMail: try object["skipFreeMail"]?.flag() ?? false,
            fallBackToLead: try object["fallBackToLead"]?.flag() ?? false
        )
        for element in try object["rules"]?.elements() ?? [] {
            routing.rules.append(try rule(element))
        }
        routing.accountUserField = try object["accountUserField"].map(path)
        routing.query = try object["query"].map(query)
        return routing
    }

    private static func rule(_ node: DocumentNode) throws(SettingsDocumentError) -> RoutingRule {
        let object = try node.object(keys: ["field", "equals", "action"])
        let field = try object.required("field")
        return RoutingRule(
            field: try field.fieldName(field.text()),
            value: try object.required("equals").text(),
            action: try object.required("action").choice(RoutingRule.Action.self)
        )
    }

    /// A field, or a path of relations that ends with one.
    private static func path(_ node: DocumentNode) throws(SettingsDocumentError) -> String {
        let text = try node.text()
        guard OwnerRouting.isPath(text) else {
            throw .invalidValue(
                path: node.path,
                found: text,
                expected: "a field of the account, or a path such as `Region__r.Owner__c`"
            )
        }
        return text
    }

    private static func query(_ node: DocumentNode) throws(SettingsDocumentError) -> OwnerQuery {
        let text = try node.text()
        do {
            return try OwnerQuery(text)
        } catch {
            throw .invalidValue(
                path: node.path,
                found: "the query",
                expected: "one SELECT that only reads, but \(error.reason)"
            )
        }
    }

    static func encode(_ routing: OwnerRouting) -> JSON {
        .compact([
            ("lookUp", .string(routing.lookUp.rawValue)),
            ("skipFreeMail", routing.skipFreeMail ? .bool(true) : nil),
            ("fallBackToLead", routing.fallBackToLead ? .bool(true) : nil),
            ("rules", routing.rules.isEmpty ? nil : .array(routing.rules.map(encode))),
            ("accountUserField", routing.accountUserField.map(JSON.string)),
            ("query", routing.query.map { .string($0.text) }),
        ])
    }

    private static func encode(_ rule: RoutingRule) -> JSON {
        .compact([
            ("field", .string(rule.field.rawValue)),
            ("equals", .string(rule.value)),
            ("action", .string(rule.action.rawValue)),
        ])
    }
}

extension OwnerRouting {
    /// Whether a text can be ``accountUserField``: segments of letters, digits and `_`, joined by
    /// dots.
    public static func isPath(_ text: String) -> Bool {
        let segments = text.split(separator: ".", omittingEmptySubsequences: false)
        return segments.count <= 6
            && segments.allSatisfy { segment in
                segment.first?.isLetter == true
                    && segment.allSatisfy {
                        $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")
                    }
            }
    }
}
