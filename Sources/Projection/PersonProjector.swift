public import Domain

/// Derives the record of a person from what the person's appointments contribute.
public enum PersonProjector {
    /// Folds contributions into one desired record per person and policy.
    ///
    /// Where two appointments say different things of how the record is looked up or created, the
    /// newest event decides. An erased person has no desired record.
    ///
    /// - Parameter contributions: Of any number of people and appointments, in any order.
    /// - Returns: The records, ordered by key.
    public static func fold(_ contributions: [PersonContribution]) -> [DesiredPersonRecord] {
        Dictionary(grouping: contributions, by: \.key)
            .compactMap { key, own in record(key, own.sorted { $0.cause < $1.cause }) }
            .sorted { $0.key < $1.key }
    }

    private static func record(
        _ key: PersonRecordKey,
        _ contributions: [PersonContribution]
    ) -> DesiredPersonRecord? {
        guard let newest = contributions.last,
            let email = contributions.last(where: { $0.email != nil })?.email
        else { return nil }
        var assertions: [FieldName: [Assertion]] = [:]
        for contribution in contributions {
            assertions.merge(contribution.assertions) { $0 + $1 }
        }
        let fields = assertions.compactMap { DesiredField(field: $0, assertions: $1) }
        return DesiredPersonRecord(
            key: key,
            email: email,
            existence: contributions.contains { $0.existence == .required } ? .required : .ifThere,
            lookUp: newest.lookUp,
            details: details(contributions, newest),
            creationDefaults: newest.creationDefaults,
            fields: fields.sorted { $0.field < $1.field },
            owner: contributions.compactMap(\.owner).max { $0.cause < $1.cause },
            held: held(contributions, assertions),
            cause: newest.cause
        )
    }

    /// The newest details; a phone number or a name that only an older booking gave still counts.
    private static func details(
        _ contributions: [PersonContribution],
        _ newest: PersonContribution
    ) -> PersonDetails {
        var details = newest.details
        if details.lastName == "-",
            let named = contributions.last(where: { $0.details.lastName != "-" })?.details
        {
            (details.firstName, details.lastName) = (named.firstName, named.lastName)
        }
        details.phone = contributions.reversed().lazy.compactMap(\.details.phone).first
        return details
    }

    /// A field is held only while the newest event that should give it a value cannot.
    private static func held(
        _ contributions: [PersonContribution],
        _ assertions: [FieldName: [Assertion]]
    ) -> [HeldField] {
        var newest: [FieldName: HeldField] = [:]
        for held in contributions.flatMap(\.held) {
            if newest[held.field].map({ $0.cause < held.cause }) ?? true {
                newest[held.field] = held
            }
        }
        return newest.values.filter { held in
            (assertions[held.field] ?? []).allSatisfy { $0.cause < held.cause }
        }.sorted { $0.field < $1.field }
    }
}
