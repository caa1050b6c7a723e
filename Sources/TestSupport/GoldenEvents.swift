import Domain
public import Journal
import Ledger

/// Something that is no booking fact, and what the ledger has of it.
///
/// Ledgers in the field contain these texts: rows are added, and never changed. They are also the
/// examples of `Schemas/events`.
public struct GoldenEvent: Sendable, CustomStringConvertible {
    /// What it is.
    public let description: String
    /// The type of the event.
    public let type: String
    /// The data of the event.
    public let data: String
    private let body: @Sendable (Journal) async throws -> Void

    init(
        _ description: String,
        _ type: String,
        _ data: String,
        _ body: @escaping @Sendable (Journal) async throws -> Void
    ) {
        (self.description, self.type, self.data, self.body) = (description, type, data, body)
    }

    /// Lets it happen; the last event of its type is the one with the data.
    ///
    /// - Parameter journal: A new journal.
    /// - Throws: What the journal throws.
    public func happen(in journal: Journal) async throws { try await body(journal) }

    /// At least one event of every type; the first of a type is its example.
    public static let all: [Self] = [
        GoldenEvent(
            "settings for an event type",
            "settings.changed",
            #"""
            {"version":1,"scope":"88231","validity":1793714400000,"checked":true,\#
            "settings":{"attendeeRecord":"lead",\#
            "onBooking":{"attendee":{"LeadSource":{"value":"{utm:source}","type":"picklist",\#
            "when":"whenEmpty"}}},"ignoreGuests":true}}
            """#
        ) { journal in
            try await accept(settings, for: "88231", .from(.minute(0)), journal)
        },
        GoldenEvent(
            "settings for all, and for all history",
            "settings.changed",
            #"{"version":1,"scope":"default","validity":"all","checked":true,"settings":{}}"#
        ) { journal in
            try await accept(SyncSettings(), for: "default", .allHistory, journal)
        },
        GoldenEvent(
            "settings that were removed",
            "settings.removed",
            #"{"version":1,"scope":"88231","validity":"now","checked":true}"#
        ) { journal in
            try await accept(nil, for: "88231", .fromNow, journal)
        },
        GoldenEvent(
            "a run that begins",
            "run.started",
            #"{"run":"r1"}"#
        ) { journal in
            try await journal.note(run: "r1", "started", summary: .object([]))
        },
        GoldenEvent(
            "a plan",
            "run.planned",
            #"""
            {"run":"r1","create":0,"update":1,"delete":2,"hold":3,"unchanged":4,"failed":5,\#
            "apiCalls":6,"heldFields":7,"writesAvoided":8}
            """#
        ) { journal in
            try await journal.note(run: "r1", "planned", summary: counts)
        },
        GoldenEvent(
            "a run that ends",
            "run.finished",
            #"""
            {"run":"r1","create":0,"update":1,"delete":2,"hold":3,"unchanged":4,"failed":5,\#
            "apiCalls":6,"heldFields":7,"writesAvoided":8}
            """#
        ) { journal in
            try await journal.note(run: "r1", "finished", summary: counts)
        },
        GoldenEvent(
            "a run that was refused",
            "run.refused",
            #"{"run":"r1","why":"mass-change"}"#
        ) { journal in
            try await journal.note(run: "r1", "refused", summary: why("mass-change"))
        },
        GoldenEvent(
            "a run that stopped",
            "run.stopped",
            #"{"run":"r1","why":"unreachable"}"#
        ) { journal in
            try await journal.note(run: "r1", "stopped", summary: why("unreachable"))
        },
        GoldenEvent(
            "an org",
            "org.connected",
            #"{"org":"00D000000000001AAA","sandbox":true}"#
        ) { journal in
            try await journal.connect(to: "00D000000000001AAA", isSandbox: true, now: .minute(0))
        },
        GoldenEvent(
            "an object of the org",
            "org.schema-observed",
            #"{"object":"Event","fields":1}"#
        ) { journal in
            let form = JSON.object([JSON.Member("fields", .array([.string("Subject")]))])
            try await journal.observe([.eventRecord: form], now: .minute(0))
        },
        GoldenEvent(
            "an intended update",
            "write.intended",
            #"""
            {"run":"r1","operation":"event/bk-1","kind":"update","reason":"newer-source",\#
            "object":"Event","record":"00U000000000001EAA","stamp":1793714580000,\#
            "fields":["Subject"]}
            """#
        ) { journal in
            try await journal.intend([update], run: "r1")
        },
        GoldenEvent(
            "a write that took hold",
            "write.confirmed",
            #"""
            {"run":"r1","operation":"event/bk-1","kind":"update","reason":"newer-source",\#
            "object":"Event","record":"00U000000000001EAA","created":false,\#
            "stamp":1793714640000,"request":"4f0c2b9e7d1a46c8b35e0f9a2d7c6b18",\#
            "fields":[{"field":"Subject","reason":"first-claim",\#
            "rule":"default/eventRecord/Subject","version":1,"cause":1}],\#
            "refused":{"Description":"STRING_TOO_LONG"}}
            """#
        ) { journal in
            var confirmed = confirmed
            confirmed.request = call
            try await journal.receive([confirmed], run: "r1")
        },
        GoldenEvent(
            "a write that was refused",
            "write.failed",
            #"""
            {"run":"r1","operation":"event/bk-1","kind":"update","reason":"newer-source",\#
            "object":"Event","record":"00U000000000001EAA","code":"UNABLE_TO_LOCK_ROW",\#
            "request":"4f0c2b9e7d1a46c8b35e0f9a2d7c6b18","fields":["Subject"],"attempts":2,"nextTry":1793714940000}
            """#
        ) { journal in
            let note = FailureNote.sample(attempts: 2, nextTry: .minute(9))
            var result = OperationResult(operation: update, outcome: .failed(note), record: nil)
            result.request = call
            try await journal.receive([result], run: "r1")
        },
        GoldenEvent(
            "a record that Daybook made",
            "record.created",
            #"""
            {"run":"r1","operation":"event/bk-1","kind":"create","reason":"record-created",\#
            "object":"Event","record":"00U000000000001EAA","ours":true,"candidates":[]}
            """#
        ) { journal in
            let written = OperationResult.Outcome.written(record, wasCreated: true, stamp: nil)
            let result = OperationResult(
                operation: .sample(.create),
                outcome: written,
                record: record
            )
            try await journal.receive([result], run: "r1")
        },
        GoldenEvent(
            "a record that was there",
            "record.linked",
            #"""
            {"run":"r1","operation":"event/bk-1","kind":"unchanged","reason":"in-sync",\#
            "object":"Event","record":"00U000000000001EAA","ours":true,\#
            "candidates":["00U000000000001EAA","00U000000000002EAA"]}
            """#
        ) { journal in
            try await journal.receive([found], run: "r1")
        },
        GoldenEvent(
            "a record that a person deleted",
            "record.deleted-by-other",
            #"{"run":"r1","record":"00U000000000001EAA","object":"Event"}"#
        ) { journal in
            let gone = PlanOperation.sample(.hold, reason: .deletedByOther, record: record)
            let result = OperationResult(operation: gone, outcome: .settled, record: record)
            try await journal.receive([result], run: "r1")
        },
        GoldenEvent(
            "a record that was merged into another",
            "record.merged",
            #"""
            {"run":"r1","operation":"event/bk-1","object":"Event","from":"00U000000000001EAA",\#
            "record":"00U000000000002EAA"}
            """#
        ) { journal in
            try await journal.receive([moved(.merged)], run: "r1")
        },
        GoldenEvent(
            "a lead that was converted",
            "record.converted",
            #"""
            {"run":"r1","operation":"event/bk-1","object":"Event","from":"00U000000000001EAA",\#
            "record":"00U000000000002EAA"}
            """#
        ) { journal in
            try await journal.receive([moved(.converted)], run: "r1")
        },
        GoldenEvent(
            "a field that was not written",
            "field.held",
            #"""
            {"run":"r1","record":"00U000000000001EAA","reason":"edited-by-other","detail":"",\#
            "field":"Subject","rule":"default/eventRecord/Subject","version":1,"cause":1}
            """#
        ) { journal in
            try await journal.receive([held], run: "r1")
        },
        GoldenEvent(
            "a record that an operator named",
            "operator.acted",
            #"""
            {"action":"bind","operation":"event/bk-1","object":"Event",\#
            "record":"00U000000000001EAA","code":"UNABLE_TO_LOCK_ROW"}
            """#
        ) { journal in
            try await journal.failInBooking()
            let link = RecordLink(
                subject: .event(.sample("bk-1")),
                object: .eventRecord,
                record: record,
                isOurs: false
            )
            _ = try await journal.bind(link, actor: "operator")
        },
        GoldenEvent(
            "a field that an operator wants tried again",
            "operator.acted",
            #"""
            {"action":"retry","operation":"event/bk-1","field":"Subject","object":"Event",\#
            "code":"STRING_TOO_LONG"}
            """#
        ) { journal in
            try await journal.failInBooking()
            let name = OperationID("event/bk-1").field("Subject")
            _ = try await journal.retry([name], actor: "operator")
        },
        GoldenEvent(
            "a field that an operator wants left alone",
            "operator.acted",
            #"""
            {"action":"ignore","operation":"event/bk-1","field":"Subject","object":"Event",\#
            "code":"STRING_TOO_LONG"}
            """#
        ) { journal in
            try await journal.failInBooking()
            let name = OperationID("event/bk-1").field("Subject")
            _ = try await journal.ignore([name], actor: "operator")
        },
        GoldenEvent(
            "an edit that somebody had taken over",
            "field.adopted",
            #"""
            {"run":"r1","record":"00U000000000001EAA","reason":"drift-adopted","detail":"",\#
            "field":"Subject","rule":"default/eventRecord/Subject","version":1,"cause":1}
            """#
        ) { journal in
            try await journal.receive([adopted], run: "r1")
        },
        GoldenEvent(
            "a look for what others changed",
            "drift.observed",
            #"""
            {"until":{"Contact":1793714400000},"user":"005000000000001AAA",\#
            "open":[{"record":"003000000000001AAA","object":"Contact","field":"LeadSource",\#
            "by":"005000000000002AAA","after":1793714400000,"until":1793714460000},\#
            {"record":"003000000000001AAA","object":"Contact","field":"Title",\#
            "by":"005000000000002AAA","after":1793714460000,"until":1793714460000,"exact":true}]}
            """#
        ) { journal in
            try await journal.keep(sweep)
        },
        GoldenEvent(
            "what a look for what others changed went past",
            "drift.narrowed",
            #"{"passedOver":{"Contact":["Fax","Phone"]}}"#
        ) { journal in
            try await journal.keep(
                DriftSweep(passedOver: [.contact: ["Phone", "Fax"], .lead: []])
            )
        },
        GoldenEvent(
            "a delivery that tells of no booking",
            "delivery.noted",
            #"""
            {"trigger":"PING","recognised":true,"note":"for a test",\#
            "delivery":"758d61f26a44448384e5c4468a0dcb7a2abe456067b0f7b505bc28b9411fe931"}
            """#
        ) { journal in
            _ = try await journal.record([.sample(.noted, body: "ping")])
        },
        GoldenEvent(
            "a delivery that nobody can read yet",
            "delivery.noted",
            #"""
            {"recognised":false,"note":"for a test",\#
            "delivery":"11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"}
            """#
        ) { journal in
            _ = try await journal.record([.sample(.unrecognised, body: "new")])
        },
        GoldenEvent(
            "a person who was erased",
            "person.erased",
            #"""
            {"person":"6d1c170cf5c1183c860763b2","revision":1,\#
            "keys":["8918ce4b2b85751f44f471900a5152e0497c7d61e276ca7cc95b57cb9fed1cec"],\#
            "parts":1,"redacted":[{"position":1,"part":"meeting"}],"deliveries":0}
            """#
        ) { journal in
            try await journal.record([
                .sample(
                    .confirmed(
                        .sample(attendees: ["ada@acme.example", "bo@acme.example"]) {
                            $0.answers = ["guests": .list(["bo@acme.example"])]
                        }
                    )
                )
            ])
            _ = try await journal.erase(.sample("bo@acme.example"), actor: "operator")
        },
        GoldenEvent(
            "a look at what is known of a person",
            "person.disclosed",
            #"{"person":"469ccdac9ff735ab278a84ba","purpose":"find"}"#
        ) { journal in
            try await journal.record([.sample(.confirmed(.sample()))])
            _ = try await journal.find(.sample(), purpose: "find", actor: "operator")
        },
        GoldenEvent(
            "an owner to whom a person was routed",
            "owner.routed",
            #"""
            {"person":"469ccdac9ff735ab278a84ba","eventType":88231,"owner":"005000000000001AAA",\#
            "reason":"contact_owner","version":2}
            """#
        ) { journal in
            try await journal.record([.sample(.confirmed(.sample()))])
            try await journal.note(
                RoutedOwner(
                    email: .sample(),
                    eventType: EventTypeID(88_231),
                    user: .sample(1, prefix: "005"),
                    reason: "contact_owner",
                    version: SettingsVersion(2)
                ),
                actor: "operator"
            )
        },
        GoldenEvent(
            "a person to whom nobody in particular belongs",
            "owner.routed",
            #"{"person":"469ccdac9ff735ab278a84ba","reason":"no-record","version":2}"#
        ) { journal in
            try await journal.record([.sample(.confirmed(.sample()))])
            try await journal.note(
                RoutedOwner(
                    email: .sample(),
                    eventType: nil,
                    user: nil,
                    reason: "no-record",
                    version: SettingsVersion(2)
                ),
                actor: "operator"
            )
        },
        GoldenEvent(
            "a booking's story that was read with its people",
            "access.noted",
            #"""
            {"token":"3fa9c21e","method":"GET","route":"/v1/bookings/{uid}",\#
            "subject":"hT4xWq9vNc2LmZ7pRkD3sB","personal":true}
            """#
        ) { journal in
            try await journal.note(
                AccessNote(
                    token: "3fa9c21e",
                    method: "GET",
                    route: "/v1/bookings/{uid}",
                    subject: "hT4xWq9vNc2LmZ7pRkD3sB",
                    isPersonal: true
                )
            )
        },
        GoldenEvent(
            "a ledger that goes on from a restored copy",
            "ledger.continued",
            #"""
            {"from":"daybook.local/0011223344556677",\#
            "key":"daybook.local/0011223344556677+3c14c2a1+AXm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk",\#
            "checkpoint":"daybook.local/0011223344556677\n8\n\#
            XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— daybook.local/0011223344556677 AAAA\n",\#
            "position":6,"to":"daybook.local/0011223344556677/r2"}
            """#
        ) { journal in
            try await journal.ledger.write { try continuation.record(in: $0) }
        },
        GoldenEvent(
            "a new key that signs besides the present one",
            "ledger.key-added",
            #"{"key":"a.example/l+00112233+AQ==","besides":"a.example/l+44556677+AQ=="}"#
        ) { journal in
            try await journal.ledger.write { try keyChange(.added).record(in: $0) }
        },
        GoldenEvent(
            "a key that signs no more",
            "ledger.key-retired",
            #"{"key":"a.example/l+00112233+AQ==","by":"a.example/l+44556677+AQ=="}"#
        ) { journal in
            try await journal.ledger.write { try keyChange(.retired).record(in: $0) }
        },
    ]

    private static func keyChange(_ step: KeyChange.Step) -> KeyChange {
        KeyChange(step, key: "a.example/l+00112233+AQ==", other: "a.example/l+44556677+AQ==")
    }

    private static let continuation = Continuation(
        from: "daybook.local/0011223344556677",
        key: "daybook.local/0011223344556677+3c14c2a1+AXm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk",
        checkpoint: """
            daybook.local/0011223344556677
            8
            XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

            — daybook.local/0011223344556677 AAAA

            """,
        position: 6,
        to: "daybook.local/0011223344556677/r2"
    )

    private static let record = SalesforceID.sample(1, prefix: "00U")

    private static func accept(
        _ settings: SyncSettings?,
        for scope: String,
        _ validity: SettingsValidity,
        _ journal: Journal
    ) async throws {
        guard let scope = SettingsScope(name: scope) else { return }
        _ = try await journal.accept(
            settings,
            for: scope,
            validity: validity,
            actor: "operator",
            isChecked: true
        )
    }

    private static let settings: SyncSettings = {
        var settings = SyncSettings()
        settings.attendeeRecord = .lead
        settings.ignoreGuests = true
        settings.attendeeOnBooking = [
            FieldRule(
                field: "LeadSource",
                type: .picklist,
                value: .template("{utm:source}"),
                when: .whenEmpty
            )
        ]
        return settings
    }()

    /// What a run is told to keep.
    private static let counts = JSON.compact(
        [
            "create", "update", "delete", "hold", "unchanged", "failed", "apiCalls", "heldFields",
            "writesAvoided",
        ].enumerated().map { ($1, .integer($0)) }
    )

    private static func why(_ word: String) -> JSON {
        .object([JSON.Member("why", .string(word))])
    }

    private static let update = PlanOperation.sample(
        .update,
        reason: .newerSource,
        record: record,
        fields: [.sample(), .sample("Location", .hold, reason: .editedByOther)],
        change: { $0.stamp = .minute(3) }
    )

    /// The name of an API call.
    private static let call = "4f0c2b9e7d1a46c8b35e0f9a2d7c6b18"

    private static let confirmed = OperationResult(
        operation: update,
        outcome: .written(record, wasCreated: false, stamp: .minute(4)),
        record: record,
        values: [
            .init(field: "Subject", before: .empty, sent: .text("Demo"), seen: .text("Demo"))
        ],
        claims: ["Subject": .sample(sent: "Demo")],
        refusedFields: ["Description": "STRING_TOO_LONG"],
        sealUnder: PersonID("p1")
    )

    private static func moved(_ kind: RecordMove.Kind) -> OperationResult {
        let winner = SalesforceID.sample(2, prefix: "00U")
        let operation = PlanOperation.sample(
            .unchanged,
            reason: .inSync,
            record: winner,
            change: { $0.moves = [RecordMove(kind, from: record, into: winner)] }
        )
        return OperationResult(operation: operation, outcome: .settled, record: winner)
    }

    private static let found = OperationResult(
        operation: .sample(
            .unchanged,
            reason: .inSync,
            record: record,
            change: { $0.candidates = [record, .sample(2, prefix: "00U")] }
        ),
        outcome: .settled,
        record: record
    )

    private static let adopted = OperationResult(
        operation: .sample(
            .unchanged,
            reason: .inSync,
            record: record,
            fields: [.sample("Subject", .adopt, reason: .driftAdopted)]
        ),
        outcome: .settled,
        record: record,
        claims: ["Subject": .sample(sent: "Demo", outcome: .driftAdopted)]
    )

    private static let sweep = DriftSweep(
        until: [.contact: .minute(0)],
        user: .sample(1, prefix: "005"),
        open: [
            DriftEntry(
                record: .sample(1, prefix: "003"),
                object: .contact,
                field: "LeadSource",
                by: .sample(2, prefix: "005"),
                after: .minute(0),
                until: .minute(1)
            ),
            DriftEntry(
                record: .sample(1, prefix: "003"),
                object: .contact,
                field: "Title",
                by: .sample(2, prefix: "005"),
                after: .minute(1),
                until: .minute(1),
                isExact: true
            ),
        ]
    )

    private static let held = OperationResult(
        operation: .sample(
            .hold,
            reason: .editedByOther,
            record: record,
            fields: [.sample("Subject", .hold, reason: .editedByOther)]
        ),
        outcome: .settled,
        record: record,
        claims: ["Subject": .sample(sent: nil, outcome: .editedByOther)]
    )
}

extension Journal {
    /// A booking whose event record was refused, and one of its fields before.
    fileprivate func failInBooking() async throws {
        _ = try await record([.sample(.confirmed(.sample()))])
        let operation = PlanOperation.sample(.create)
        var written = OperationResult(
            operation: operation,
            outcome: .written(.sample(1, prefix: "00U"), wasCreated: true, stamp: nil),
            record: .sample(1, prefix: "00U")
        )
        written.fieldFailures = ["Subject": .sample("STRING_TOO_LONG")]
        let failed = OperationResult(
            operation: operation,
            outcome: .failed(.sample(nextTry: .minute(9))),
            record: nil
        )
        try await receive([written, failed], run: "r1")
    }
}
