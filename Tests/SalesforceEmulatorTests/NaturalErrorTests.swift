import Testing

@testable import SalesforceEmulator

@Suite("Every documented error")
struct NaturalErrorTests {
    /// An error and a call that leads to it without a fault being ordered.
    struct Row: Sendable, CustomTestStringConvertible {
        let code: String
        let status: Int
        let call: @Sendable (OrgClient) async throws -> OrgClient.Answer

        var testDescription: String { code }
    }

    private static let nobody = "003000000000000AAA"

    private static func make(
        _ object: String,
        _ body: JSON
    ) -> @Sendable (OrgClient) async throws -> OrgClient.Answer {
        { org in try await org.send("POST", "sobjects/\(object)", body) }
    }

    private static func ask(
        _ soql: String
    ) -> @Sendable (OrgClient) async throws -> OrgClient.Answer {
        { org in try await org.query(soql) }
    }

    private static let event: JSONObject = [
        "StartDateTime": "2026-03-01T09:00:00Z", "DurationInMinutes": 5,
    ]

    private static func event(_ name: String, _ value: JSON) -> JSON {
        var event = event
        event[name] = value
        return .object(event)
    }

    static let records = [
        Row(code: "REQUIRED_FIELD_MISSING", status: 400, call: make("Contact", [:])),
        Row(code: "INVALID_FIELD", status: 400, call: make("Contact", ["foo": 1])),
        Row(
            code: "INVALID_FIELD_FOR_INSERT_UPDATE",
            status: 400,
            call: make("Contact", ["LastName": "A", "Name": "B"])
        ),
        Row(
            code: "MALFORMED_ID",
            status: 400,
            call: make("Contact", ["LastName": "A", "AccountId": "001"])
        ),
        Row(
            code: "STRING_TOO_LONG",
            status: 400,
            call: make("Contact", ["LastName": .string(String(repeating: "x", count: 81))])
        ),
        Row(
            code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            status: 400,
            call: make("Event", event("ShowAs", "Away"))
        ),
        Row(
            code: "FIELD_INTEGRITY_EXCEPTION",
            status: 400,
            call: make("Event", event("DurationInMinutes", -1))
        ),
        Row(
            code: "INVALID_EMAIL_ADDRESS",
            status: 400,
            call: make("Contact", ["LastName": "A", "Email": "nonsense"])
        ),
        Row(
            code: "INVALID_TYPE_ON_FIELD_IN_RECORD",
            status: 400,
            call: make("Event", event("IsPrivate", .null))
        ),
        Row(
            code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            status: 400,
            call: make("Organization", ["Name": "A"])
        ),
        Row(code: "DUPLICATE_VALUE", status: 400) { org in
            _ = try await org.create("Event", event("Daybook_Key__c", "k"))
            return try await org.send("POST", "sobjects/Event", event("Daybook_Key__c", "k"))
        },
        Row(code: "DUPLICATES_DETECTED", status: 400) { org in
            try await org.control("POST", "settings", ["duplicateRules": ["Account": "block"]])
            _ = try await org.create("Account", ["Name": "A"])
            return try await org.send("POST", "sobjects/Account", ["Name": "A"])
        },
        Row(code: "INACTIVE_OWNER_OR_USER", status: 400) { org in
            let soql = "SELECT Id FROM User WHERE IsActive = false"
            let user = try await org.query(soql).records.first?["Id"] ?? .null
            return try await org.send(
                "POST",
                "sobjects/Contact",
                ["LastName": "A", "OwnerId": user]
            )
        },
        Row(code: "INSUFFICIENT_ACCESS_OR_READONLY", status: 400) { org in
            try await org.send("DELETE", "sobjects/User/\(DefaultOrg.admin)")
        },
        Row(code: "INVALID_CROSS_REFERENCE_KEY", status: 404) { org in
            try await org.send("PATCH", "sobjects/Contact/\(nobody)", ["Title": "x"])
        },
        Row(code: "ENTITY_IS_DELETED", status: 404) { org in
            let id = try await org.create("Contact", ["LastName": "A"])
            _ = try await org.send("DELETE", "sobjects/Contact/\(id)")
            return try await org.send("PATCH", "sobjects/Contact/\(id)", ["Title": "x"])
        },
        Row(code: "CANNOT_UPDATE_CONVERTED_LEAD", status: 400) { org in
            let id = try await org.create("Lead", ["LastName": "A", "Company": "C"])
            try await org.control("POST", "convert-lead", ["leadId": .string(id)])
            return try await org.send("PATCH", "sobjects/Lead/\(id)", ["Title": "x"])
        },
        refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        refusal("FIELD_FILTER_VALIDATION_EXCEPTION"),
        refusal("CANNOT_EXECUTE_FLOW_TRIGGER"),
    ]

    /// An error with which a rule of the org refuses a record.
    private static func refusal(_ code: String) -> Row {
        Row(code: code, status: 400) { org in
            let rule: JSON = [
                "object": "Contact", "reject": ["message": "no", "errorCode": .string(code)],
            ]
            try await org.control("POST", "settings", ["automation": [rule]])
            return try await org.send("POST", "sobjects/Contact", ["LastName": "A"])
        }
    }

    static let requests = [
        Row(code: "INVALID_TYPE", status: 400, call: ask("SELECT COUNT() FROM XYZZY")),
        Row(code: "MALFORMED_QUERY", status: 400, call: ask("SELECT Id FRM Contact")),
        Row(
            code: "INVALID_QUERY_FILTER_OPERATOR",
            status: 400,
            call: ask("SELECT Id FROM Contact WHERE Id = 'x'")
        ),
        Row(
            code: "NUMBER_OUTSIDE_VALID_RANGE",
            status: 400,
            call: ask("SELECT Id FROM Contact OFFSET 2001")
        ),
        Row(code: "MALFORMED_SEARCH", status: 400) { org in
            try await org.send("GET", "search?q=abc")
        },
        Row(code: "NOT_FOUND", status: 404) { org in
            try await org.send("GET", "sobjects/Contact/\(nobody)")
        },
        Row(code: "REQUEST_LIMIT_EXCEEDED", status: 403) { org in
            try await org.control("POST", "settings", ["dailyLimit": 0])
            return try await org.send("GET", "limits")
        },
        Row(code: "INVALID_SESSION_ID", status: 401) { org in
            try await org.control("POST", "tokens/revoke", ["token": "token"])
            return try await org.send("GET", "limits")
        },
        Row(code: "JSON_PARSER_ERROR", status: 400) { org in
            try await org.send("POST", "sobjects/Contact", text: "{", type: "application/json")
        },
        Row(code: "UNSUPPORTED_MEDIA_TYPE", status: 415) { org in
            try await org.send("POST", "sobjects/Contact", text: "{}", type: "text/plain")
        },
        Row(code: "INVALID_QUERY_LOCATOR", status: 400) { org in
            try await org.send("GET", "query/01g000000000001AAA-2000")
        },
        Row(code: "INVALID_REPLICATION_DATE", status: 400) { org in
            try await org.send(
                "GET",
                "sobjects/Contact/updated?start=2020-01-01T00:00:00Z&end=2020-01-02T00:00:00Z"
            )
        },
        Row(code: "EXCEEDED_ID_LIMIT", status: 400) { org in
            let records = [JSON](
                repeating: ["attributes": ["type": "Contact"], "LastName": "A"],
                count: 201
            )
            return try await org.send("POST", "composite/sobjects", ["records": .array(records)])
        },
        Row(code: "METHOD_NOT_ALLOWED", status: 405) { org in
            try await org.send("PATCH", "sobjects/Contact/", ["Title": "x"])
        },
    ]

    /// Errors that an emulated org has no cause for; ``FaultTests`` orders every one of them.
    static let onlyOrdered: Set<String> = [
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "UNABLE_TO_LOCK_ROW",
        "TRANSFER_REQUIRES_READ", "DELETE_FAILED", "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED", "QUERY_TIMEOUT", "OPERATION_TOO_LARGE",
        "QUERY_TOO_COMPLICATED", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION",
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "PASSWORD_LOCKOUT",
    ]

    /// Errors of parts of a request, which ``CompositeTests``, ``CollectionTests`` and the tests
    /// of log-ins meet.
    static let ofParts: Set<String> = [
        "PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK", "BATCH_PROCESSING_HALTED",
        "INVALID_LOGIN",
    ]

    @Test("has a cause", arguments: records + requests)
    func cause(row: Row) async throws {
        try await withOrg { org in
            let answer = try await row.call(org)
            #expect(answer.code == row.code)
            #expect(answer.status == row.status)
            #expect(answer.message?.isEmpty == false)
        }
    }

    @Test("has a cause or can be ordered, or both")
    func completeness() {
        let caused = Set((Self.records + Self.requests).map(\.code)).union(Self.ofParts)
        let orderable = Set(ErrorCatalogue.all.map(\.code))
        #expect(Self.onlyOrdered.isSubset(of: orderable))
        #expect(orderable.subtracting(caused) == Self.onlyOrdered)
    }
}
