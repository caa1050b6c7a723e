import Domain

/// Writes as the planner makes them.
enum Sample {
    /// Creates a contact.
    static func contact(_ number: Int) -> WriteRequest {
        WriteRequest(
            operation: OperationID("person/\(number)/contact"),
            kind: .create,
            object: .contact,
            fields: ["LastName": .value(.text("Guest \(number)"))]
        )
    }

    /// Creates a lead.
    static func lead(_ number: Int) -> WriteRequest {
        WriteRequest(
            operation: OperationID("person/\(number)/lead"),
            kind: .create,
            object: .lead,
            fields: ["LastName": .value(.text("Guest \(number)"))]
        )
    }

    /// Upserts an event record with some of the people above.
    static func event(_ number: Int, with people: [WriteRequest]) -> WriteRequest {
        WriteRequest(
            operation: OperationID("event/\(number)"),
            kind: .upsert(key: "Daybook_Key__c", value: "k\(number)"),
            object: .eventRecord,
            fields: [
                "Subject": .value(.text("Intro \(number)")),
                "EventWhoIds": .records(people.map { .created(by: $0.operation) }),
            ]
        )
    }

    /// A contact and an event record for each of some bookings, in mixed order.
    static func bookings(_ count: Int) -> [WriteRequest] {
        (0..<count).flatMap { number -> [WriteRequest] in
            let contact = contact(number)
            let event = event(number, with: [contact])
            return number.isMultiple(of: 2) ? [contact, event] : [event, contact]
        }
    }
}

/// Values whose text is known to be good.
enum Known {
    static func day(_ text: String) -> CalendarDate {
        guard let day = CalendarDate(iso8601: text) else { preconditionFailure(text) }
        return day
    }

    static func moment(_ text: String) -> Instant {
        guard let moment = Instant(rfc3339: text) else { preconditionFailure(text) }
        return moment
    }

    static func id(_ text: String) -> SalesforceID {
        guard let id = SalesforceID(text) else { preconditionFailure(text) }
        return id
    }
}
