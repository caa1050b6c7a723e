import ArgumentParser
import Audit
import Domain
import Pipeline
import Salesforce

/// Everything that happened to something.
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show everything that happened to a booking, a record or a person, in order.",
        subcommands: [TraceBooking.self, TraceRecord.self, TracePerson.self]
    )

    /// By uid.
    struct TraceBooking: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "booking",
            abstract: "The appointment of a booking: any uid of its chain of reschedules."
        )

        @OptionGroup var options: CommonOptions

        @Argument(help: "The uid.")
        var uid: String

        func run() async throws {
            let uid = try BookingUID(argument: uid)
            try await options.show { try await $0.trace(booking: uid) }
        }
    }

    /// By id.
    struct TraceRecord: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "record",
            abstract: "What was done with a Salesforce record."
        )

        @OptionGroup var options: CommonOptions

        @Argument(help: "The record's id, 15 or 18 characters.")
        var record: String

        func run() async throws {
            let id = try SalesforceID(argument: record)
            try await options.show { try await $0.trace(record: id) }
        }
    }

    /// By address.
    struct TracePerson: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "person",
            abstract: "The appointments and records of a person."
        )

        @OptionGroup var options: CommonOptions

        @Argument(help: "The person's address.")
        var email: String

        func run() async throws {
            let email = try EmailAddress(argument: email)
            try await options.show { try await $0.trace(person: email) }
        }
    }
}

extension CommonOptions {
    /// Prints a trace.
    fileprivate func show(_ body: (Audit) async throws -> TraceReport) async throws {
        let report = try await withSession { try await body(Audit(journal: $0.journal)) }
        if isJSON { Terminal.show(report.json) } else { Terminal.show(report.text) }
    }
}

extension EmailAddress {
    /// Reads an address from the command line; the message does not repeat it.
    init(argument: String) throws {
        guard let address = EmailAddress(argument) else {
            throw CommandFailure(
                .badInput,
                "That is no e-mail address. Write it as name@example.com, and nothing else."
            )
        }
        self = address
    }
}

extension BookingUID {
    /// Reads a uid from the command line.
    init(argument: String) throws {
        guard let uid = BookingUID(argument) else {
            throw CommandFailure(
                .badInput,
                "The uid is empty. Give the last part of the booking's page at Cal.com."
            )
        }
        self = uid
    }
}

extension SalesforceID {
    /// Reads an id from the command line.
    init(argument: String) throws {
        guard let id = SalesforceID(argument) else {
            throw CommandFailure(
                .badInput,
                "'\(argument)' is no record id: ids have 15 or 18 letters and digits."
            )
        }
        self = id
    }
}

/// Why a field looks as it does.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a field, a record or a booking looks as it does, or is not there.",
        discussion: """
            Shows the value, the booking event behind it, the template and the answers it was formed \
            from, the rule and the settings version, the plan and the run, and what Salesforce says \
            now. Of a record alone it names every writer, of a booking why its event record is as it \
            is, or is not there.

              daybook explain 00Q010000000001EAA Last_Demo__c
              daybook explain 00Q010000000001EAA
              daybook explain --booking hT4xWq9vNc2LmZ7pRkD3sB
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The record's id, 15 or 18 characters.")
    var record: String?

    @Argument(help: "The field's API name; without it, every writer of the record.")
    var field: String?

    @Option(help: "Instead of a record, any uid of a booking.")
    var booking: String?

    func validate() throws {
        if (booking == nil) == (record == nil) {
            throw ValidationError("Give a record's id, or --booking UID.")
        }
    }

    func run() async throws {
        if let booking { return try await explain(booking: booking) }
        guard let record else { return }
        let id = try SalesforceID(argument: record)
        guard let field else { return try await explain(record: id) }
        try await explain(id, field)
    }

    private func explain(booking: String) async throws {
        let uid = try BookingUID(argument: booking)
        let standing = try await options.withSession { session in
            try await Audit(journal: session.journal).standing(ofBooking: uid)
        }
        if options.isJSON { return Terminal.show(standing.json) }
        Terminal.show(standing.text)
    }

    private func explain(record: SalesforceID) async throws {
        let writers = try await options.withSession { session in
            var writers = try await Audit(journal: session.journal).writers(of: record)
            let row = await Self.row(
                ["Id", "LastModifiedDate", "LastModifiedBy.Name"],
                of: record,
                writers.object,
                session
            )
            if let moment = row?["LastModifiedDate"]?.string.flatMap({ Instant(rfc3339: $0) }) {
                let user = row?["LastModifiedBy"]?["Name"]?.string ?? "somebody"
                writers.take(lastChangeBy: user, at: moment)
            }
            return writers
        }
        if options.isJSON { return Terminal.show(writers.json) }
        Terminal.show(writers.text)
    }

    private func explain(_ id: SalesforceID, _ field: String) async throws {
        let explanation = try await options.withSession { session in
            let audit = Audit(journal: session.journal)
            let known = try await audit.explain(
                record: id,
                field: FieldName(field),
                live: nil as JSON?
            )
            let live = await Self.live(known, session)
            return try await audit.explain(record: id, field: known.field, live: live)
        }
        if options.isJSON { return Terminal.show(explanation.json) }
        Terminal.show(explanation.text)
    }

    /// What Salesforce says now; nil with a message when it cannot be asked.
    private static func live(_ known: Explanation, _ session: Session) async -> JSON? {
        let paths = ["Id", known.field.rawValue]
        return await row(paths, of: known.record, known.object, session)?[known.field.rawValue]
    }

    private static func row(
        _ paths: [String],
        of record: SalesforceID,
        _ object: ObjectName,
        _ session: Session
    ) async -> JSON? {
        guard session.hasOrg else { return nil }
        let query = Query(
            paths,
            from: object,
            where: .equals("Id", .reference(record)),
            includesDeleted: true
        )
        do {
            return try await session.gateway().read([.query(query)]).first?.rows.first
        } catch {
            Terminal.tell("Salesforce was not asked: \(error)")
            return nil
        }
    }
}

/// The ledger's events.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "List the events of the ledger; personal data stays sealed."
    )

    @OptionGroup var options: CommonOptions

    @Option(help: "Begin after this position.")
    var after: Int64 = 0

    @Option(help: "The most events to list.")
    var limit = 100

    @Option(help: "Only events of this type, for example booking.confirmed.")
    var type: String?

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit has to be at least 1.") }
    }

    func run() async throws {
        let events = try await options.withSession { session in
            try await Audit(journal: session.journal)
                .events(after: LedgerPosition(after), limit: limit, type: type)
        }
        if options.isJSON { return Terminal.show(.array(events.map(\.json))) }
        for event in events {
            Terminal.show(
                """
                \(String(event.position.rawValue).padding(to: 7)) \(event.recorded.rfc3339Seconds)  \
                \(event.type.padding(to: 22)) \(event.stream)
                """
            )
        }
        if events.count == limit, let last = events.last {
            Terminal.tell("More with: daybook events --after \(last.position.rawValue)")
        }
    }
}
