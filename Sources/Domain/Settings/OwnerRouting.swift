/// Finds the user who should host a booking of a known person.
///
/// Asked in this order: ``accountUserField``, ``query``, ``lookUp``, and a lead's owner if
/// ``fallBackToLead`` is set. The first that names an active user answers.
///
/// Source: `facts/calcom.md` 5.8.
public struct OwnerRouting: Hashable, Sendable {
    /// Whose owner is asked.
    public enum LookUp: String, Hashable, Sendable, CaseIterable {
        /// The owner of the contact with the address.
        case contact
        /// The owner of the lead with the address.
        case lead
        /// The owner of the account to which the person belongs.
        case account
    }

    /// Whose owner is asked.
    public var lookUp: LookUp
    /// Addresses of free mail services get no owner.
    public var skipFreeMail: Bool
    /// Without a contact, the owner of a lead is taken.
    public var fallBackToLead: Bool
    /// What a record has to say before its owner counts; all must hold.
    public var rules: [RoutingRule] = []
    /// A field with a user, reached from the person's account: `Sales_Rep__c` or
    /// `Region__r.Owner__c`.
    public var accountUserField: String?
    /// A query of the user's own whose first row names the user.
    public var query: OwnerQuery?

    /// Creates routing settings.
    public init(lookUp: LookUp, skipFreeMail: Bool = false, fallBackToLead: Bool = false) {
        (self.lookUp, self.skipFreeMail, self.fallBackToLead) =
            (lookUp, skipFreeMail, fallBackToLead)
    }
}

/// What a record has to say before its owner counts.
///
/// Texts are equal whatever their letter case. An empty field, and one that the object does not
/// have, equals nothing: it fails `require` and passes `ignore`.
public struct RoutingRule: Hashable, Sendable {
    /// What follows when the field has the value.
    public enum Action: String, Hashable, Sendable, CaseIterable {
        /// The record does not count.
        case ignore
        /// Only such records count.
        case require
    }

    /// The field of the contact, lead or account that is asked.
    public var field: FieldName
    /// The value.
    public var value: String
    /// What follows when the field has it.
    public var action: Action

    /// Creates a rule.
    public init(field: FieldName, value: String, action: Action) {
        (self.field, self.value, self.action) = (field, value, action)
    }

    /// Whether a record with this text in the field counts.
    public func passes(_ text: String?) -> Bool {
        let isEqual = text.map { $0.lowercased() == value.lowercased() } ?? false
        return action == .require ? isEqual : !isEqual
    }
}
