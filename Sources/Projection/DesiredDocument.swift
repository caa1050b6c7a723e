public import Domain

// The desired state as a document. Equal states give equal bytes, in every process, locale and time
// zone: members and lists have one order, and every time is written in UTC.

extension ProjectedAppointment {
    /// What the appointment calls for.
    public var document: JSON {
        .compact([
            ("status", .string(status.rawValue)),
            ("eventRecord", eventRecord?.document ?? .null),
            ("contributions", .array(contributions.map(\.document))),
            ("fallbacks", .array(fallbacks.map(\.document))),
        ])
    }
}

extension DesiredEventRecord {
    /// The event record, with every assertion behind its fields.
    public var document: JSON {
        .compact([
            ("appointment", .string(appointment.root.rawValue)),
            ("bookings", .array(uids.map { .string($0.rawValue) })),
            ("eventType", eventType.map { .integer($0.rawValue) } ?? .null),
            ("existence", .string(existence.word)),
            ("reason", .string(reason.rawValue)),
            ("cause", cause.document),
            ("fields", .array(fields.map(\.document))),
            ("attendees", attendees?.document ?? .null),
            ("attendeeRecords", .array(attendeeKeys.map { .string($0.name) })),
            ("held", .array(held.map(\.document))),
            ("creationDefaults", values(creationDefaults)),
        ])
    }
}

extension DesiredPersonRecord {
    /// The contact or lead, with every assertion behind its fields.
    public var document: JSON {
        .compact([
            ("person", .string(key.name)),
            ("email", .string(email.rawValue)),
            ("existence", .string(existence.word)),
            ("cause", cause.document),
            ("details", details.document),
            ("fields", .array(fields.map(\.document))),
            ("owner", owner?.document ?? .null),
            ("held", .array(held.map(\.document))),
            ("creationDefaults", defaults(creationDefaults)),
        ])
    }
}

extension DesiredAccountRecord {
    /// What is wanted of a person's account, with every assertion behind its fields.
    public var document: JSON {
        .compact([
            ("person", .string(key.person.rawValue)),
            ("account", .compact([("accountOf", .string(lookUp.email.rawValue))])),
            ("cause", cause.document),
            ("fields", .array(fields.map(\.document))),
            ("owner", owner?.document ?? .null),
            ("held", .array(held.map(\.document))),
        ])
    }
}

extension DesiredFallbackRecord {
    /// The record that tells of a missed owner, with every assertion behind its fields.
    public var document: JSON {
        .compact([
            ("appointment", .string(appointment.root.rawValue)),
            ("name", .string(name)),
            ("object", .string(object.rawValue)),
            ("existence", .string(existence.word)),
            ("booker", .text(booker?.name)),
            ("unlessOwnedBy", .text(unlessOwnedBy?.rawValue)),
            ("cause", cause.document),
            ("fields", .array(fields.map(\.document))),
            ("held", .array(held.map(\.document))),
            ("creationDefaults", values(creationDefaults)),
        ])
    }
}

extension AccountContribution {
    fileprivate var document: JSON {
        .compact([
            (
                "fields",
                .array(
                    assertions.sorted { $0.key < $1.key }
                        .compactMap { DesiredField(field: $0, assertions: $1)?.document }
                )
            ),
            ("owner", owner?.document ?? .null),
            ("held", .array(held.map(\.document))),
        ])
    }
}

extension PersonContribution {
    fileprivate var document: JSON {
        .compact([
            ("person", .string(key.name)),
            ("email", .text(email?.rawValue)),
            ("existence", .string(existence.word)),
            ("cause", cause.document),
            ("details", details.document),
            (
                "fields",
                .array(
                    assertions.sorted { $0.key < $1.key }
                        .compactMap { DesiredField(field: $0, assertions: $1)?.document }
                )
            ),
            ("owner", owner?.document ?? .null),
            ("held", .array(held.map(\.document))),
            ("creationDefaults", defaults(creationDefaults)),
            ("account", account?.document ?? .null),
        ])
    }
}

extension DesiredField {
    /// The field with everything that events assert of it, the newest last.
    var document: JSON {
        .compact([
            ("field", .string(field.rawValue)), ("assertions", .array(assertions.map(\.document))),
        ])
    }
}

extension Assertion {
    /// One event's claim.
    public var document: JSON {
        .compact([
            ("value", value.document),
            ("cause", cause.document),
            ("version", .integer(version.rawValue)),
            ("rule", .string(rule)),
            ("when", .string(policy.rawValue)),
            ("live", .bool(isLive)),
            ("personal", .bool(isPersonal)),
        ])
    }
}

extension WishedValue {
    /// The value; what Salesforce has to be asked for is named in an object.
    public var document: JSON {
        switch self {
        case .value(let value): value.json
        case .user(let email): .compact([("userWithAddress", .string(email.rawValue))])
        case .account(let lookUp): .compact([("accountOf", .string(lookUp.email.rawValue))])
        case .records(let people):
            .compact([("recordsOf", .array(people.map { .string($0.rawValue) }))])
        }
    }
}

extension Cause {
    fileprivate var document: JSON {
        .compact([
            ("position", .integer(position.rawValue)),
            ("occurred", .string(occurred.rfc3339)),
            ("recorded", .string(recorded.rfc3339)),
        ])
    }
}

extension HeldField {
    fileprivate var document: JSON {
        .compact([
            ("field", .string(field.rawValue)), ("reason", .string(reason.rawValue)),
            ("cause", cause.document), ("rule", .string(rule)), ("detail", .string(detail)),
        ])
    }
}

extension DesiredOwner {
    fileprivate var document: JSON {
        .compact([
            ("user", .text(namedUser)), ("organizer", .text(organizer?.rawValue)),
            ("onlyIfOwnedBy", .array(onlyIfOwnedBy.map(JSON.string))), ("cause", cause.document),
            ("version", .integer(version.rawValue)), ("rule", .string(rule)),
            ("live", .bool(isLive)),
        ])
    }
}

extension PersonDetails {
    fileprivate var document: JSON {
        .compact([
            ("firstName", .text(firstName)), ("lastName", .string(lastName)),
            ("phone", .text(phone)), ("company", .string(company)),
            ("owner", .text(owner?.rawValue)),
        ])
    }
}

extension PersonRecordKey {
    fileprivate var name: String { "\(person.rawValue)/\(way)" }
}

extension Existence {
    fileprivate var word: String {
        switch self {
        case .required: "required"
        case .ifThere: "if-there"
        case .removed: "removed"
        }
    }
}

private func values(_ values: [FieldName: FieldValue]) -> JSON {
    .object(
        values.sorted { $0.key < $1.key }.map { JSON.Member($0.key.rawValue, $0.value.json) }
    )
}

private func defaults(_ defaults: [ObjectName: [FieldName: FieldValue]]) -> JSON {
    .object(
        defaults.sorted { $0.key < $1.key }.map { JSON.Member($0.key.rawValue, values($0.value)) }
    )
}
