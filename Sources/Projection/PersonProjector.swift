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
        // How a record is looked up and made is for bookings to say, where there is one.
        guard let newest = contributions.last(where: { !$0.isFromForm }) ?? contributions.last,
            let email = contributions.last(where: { $0.email != nil })?.email
        else { return nil }
        var assertions: [FieldName: [Assertion]] = [:]
        for contribution in contributions {
            for (field, more) in contribution.assertions {
                assertions[field, default: []].append(contentsOf: more)
            }
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
            held: held(contributions.flatMap(\.held), assertions),
            cause: contributions.last?.cause ?? newest.cause
        )
    }

    /// Gives what comes from routing forms the key of the same person's bookings, if there are any,
    /// so that one record is planned once.
    ///
    /// - Parameter contributions: All contributions of the people concerned.
    /// - Returns: The same, in the same order.
    public static func keyed(_ contributions: [PersonContribution]) -> [PersonContribution] {
        var keys: [PersonID: (key: PersonRecordKey, cause: Cause)] = [:]
        for contribution in contributions where !contribution.isFromForm {
            let person = contribution.key.person
            if keys[person].map({ $0.cause < contribution.cause }) ?? true {
                keys[person] = (contribution.key, contribution.cause)
            }
        }
        return contributions.map { contribution in
            var keyed = contribution
            if contribution.isFromForm, let known = keys[contribution.key.person] {
                keyed.key = known.key
            }
            return keyed
        }
    }

    /// Folds contributions into what each person's bookings call for in the person's account.
    ///
    /// - Parameter contributions: Of any number of people and appointments, in any order.
    /// - Returns: One wish per person who has any, ordered by key.
    public static func accounts(_ contributions: [PersonContribution]) -> [DesiredAccountRecord] {
        Dictionary(grouping: contributions, by: \.key.person).values
            .compactMap { account($0.sorted { $0.cause < $1.cause }) }
            .sorted { $0.key < $1.key }
    }

    private static func account(_ contributions: [PersonContribution]) -> DesiredAccountRecord? {
        let calling = contributions.filter { $0.account != nil }
        guard let newest = calling.last,
            let email = contributions.last(where: { $0.email != nil })?.email
        else { return nil }
        var assertions: [FieldName: [Assertion]] = [:]
        for contribution in calling {
            for (field, more) in contribution.account?.assertions ?? [:] {
                assertions[field, default: []].append(contentsOf: more)
            }
        }
        let fields = assertions.compactMap { DesiredField(field: $0, assertions: $1) }
        return DesiredAccountRecord(
            key: newest.key,
            lookUp: AccountLookUp(
                email,
                matching: newest.lookUp.accounts,
                onAmbiguous: newest.lookUp.onAmbiguous,
                place: newest.details.place
            ),
            fields: fields.sorted { $0.field < $1.field },
            owner: calling.compactMap(\.account?.owner).max { $0.cause < $1.cause },
            held: held(calling.flatMap { $0.account?.held ?? [] }, assertions),
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
        _ all: [HeldField],
        _ assertions: [FieldName: [Assertion]]
    ) -> [HeldField] {
        var newest: [FieldName: HeldField] = [:]
        for held in all {
            if newest[held.field].map({ $0.cause < held.cause }) ?? true {
                newest[held.field] = held
            }
        }
        return newest.values.filter { held in
            (assertions[held.field] ?? []).allSatisfy { $0.cause < held.cause }
        }.sorted { $0.field < $1.field }
    }
}
