/// One field of an object type: what describe says of it, and what is enforced.
///
/// Describe is written from these properties and the rules read them, so that the
/// two cannot disagree.
struct Field: Hashable, Sendable {
    var name: String
    var label: String
    var type: FieldType

    /// Most characters of a text; 18 for ids, 0 for other types.
    var length = 0

    /// Digits before and after the point; for whole numbers `digits`.
    var precision = 0
    var scale = 0

    var isCreateable = false
    var isUpdateable = false
    var isFilterable = false
    var isSortable = false
    var isGroupable = false
    var isNillable = false
    var isDefaultedOnCreate = false
    var isIdLookup = false
    var isRestricted = false

    var isCustom = false
    var isExternalID = false
    var isUnique = false
    var isCaseSensitive = false

    /// The types that a reference may point at, by name; several make it polymorphic.
    var referenceTo: [String] = []

    /// The name by which a query follows the reference, for example `Who`.
    var relationshipName: String?

    /// The values of a picklist, in their order.
    var picklist: [String] = []

    /// What a new record gets when the field is left out.
    var defaultValue: JSON?

    /// Whether a reference may point at more than one type.
    var isPolymorphic: Bool { referenceTo.count > 1 }

    /// Whether a create without a value is refused.
    var isRequired: Bool {
        isCreateable && !isNillable && !isDefaultedOnCreate && type != .boolean
    }

    /// Whether the value is worked out on reading instead of being stored.
    var isComputed: Bool {
        !type.isStored || name == "WhoCount" || name == "WhatCount"
    }

    /// Whether comparisons of the stored text tell upper from lower case.
    var comparesExactly: Bool { type.isIdentifier || isCaseSensitive }
}
