import Domain
import TestSupport

/// How it is found who should host, as the simulation draws it and as a document says it.
struct SimulatedRouting {
    /// Whose owner is asked: the name of it in settings.
    var lookUp: String
    var skipsFreeMail: Bool
    var fallsBackToLead: Bool
    /// What a rule does with the records of those who were there before; nil for no rule.
    var rule: String?
    /// Whether a field of the account names somebody, who is asked first.
    var asksField: Bool
    /// Whether a query names somebody, who is asked next.
    var asksQuery: Bool

    /// The field of accounts that names a user.
    static let accountField = "Rep__c"
    /// The field that the rule looks at, which accounts do not have.
    static let ruleField = "First_Size__c"
    /// What stands before and after the address in the query for the owner of the oldest lead.
    static let query = (
        before: "SELECT Id, Owner.Email FROM Lead WHERE Email = ", after: " ORDER BY CreatedDate"
    )

    /// Draws some; nil in a fifth of the cases.
    static func any(using generator: inout SeededGenerator) -> Self? {
        guard !generator.oneIn(5) else { return nil }
        return Self(
            lookUp: generator.any(["contact", "lead", "account"]),
            skipsFreeMail: generator.oneIn(2),
            fallsBackToLead: generator.oneIn(2),
            rule: generator.any([nil, nil, "ignore", "require"]),
            asksField: generator.oneIn(3),
            asksQuery: generator.oneIn(5)
        )
    }

    /// The settings as a part of their document.
    var document: JSON {
        let rule = rule.map { action in
            JSON.compact([
                // In another spelling than the records have it.
                ("field", .string(Self.ruleField)), ("equals", "Before"),
                ("action", .string(action)),
            ])
        }
        return .compact([
            ("lookUp", .string(lookUp)), ("skipFreeMail", .bool(skipsFreeMail)),
            ("fallBackToLead", .bool(fallsBackToLead)),
            ("rules", rule.map { .array([$0]) }),
            ("accountUserField", asksField ? .string(Self.accountField) : nil),
            ("query", asksQuery ? .string(Self.query.before + "{email}" + Self.query.after) : nil),
        ])
    }
}
