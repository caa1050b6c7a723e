import ArgumentParser
import Audit
import Domain
import Foundation

/// What was desired, and what was known, at some time.
struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Show what a booking, a record or a person called for at some time.",
        discussion: """
            Two axes of time: --at POSITION counts what the ledger held up to there; --at TIME what \
            happened in the world up to then, whenever it was told; --known-at TIME what the ledger \
            knew at that moment. Without any it is the present.

              daybook state booking UID --at 1200
              daybook state person dana@example.com --at 2026-03-01 --known-at 2026-04-01
            """,
        subcommands: [StateBooking.self, StateRecord.self, StatePerson.self]
    )

    /// From where the past is looked at.
    struct ViewOptions: ParsableArguments {
        @Option(help: "A position of the ledger, or a date or time in UTC.")
        var at: String?

        @Option(help: "A date or time in UTC: only what the ledger knew then.")
        var knownAt: Moment?

        func view() throws -> AsOf {
            var view = AsOf(known: knownAt?.instant)
            guard let at else { return view }
            if let position = Int64(at) {
                view.position = LedgerPosition(position)
            } else if let moment = Moment(argument: at) {
                view.occurred = moment.instant
            } else {
                throw CommandFailure(
                    .badInput,
                    "'\(at)' is neither a position nor a time, for example 1200 or 2026-03-01."
                )
            }
            return view
        }
    }

    /// By uid.
    struct StateBooking: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "booking",
            abstract: "What the appointment of a booking called for."
        )

        @OptionGroup var options: CommonOptions
        @OptionGroup var view: ViewOptions

        @Argument(help: "Any uid of its chain of reschedules.")
        var uid: String

        func run() async throws {
            let uid = try BookingUID(argument: uid)
            try await options.show { audit in
                try await audit.state(ofBooking: uid, try view.view(), now: Session.now())
            }
        }
    }

    /// By id.
    struct StateRecord: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "record",
            abstract: "What the booking or the person behind a Salesforce record called for."
        )

        @OptionGroup var options: CommonOptions
        @OptionGroup var view: ViewOptions

        @Argument(help: "The record's id, 15 or 18 characters.")
        var record: String

        func run() async throws {
            let id = try SalesforceID(argument: record)
            try await options.show { audit in
                try await audit.state(ofRecord: id, try view.view(), now: Session.now())
            }
        }
    }

    /// By address.
    struct StatePerson: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "person",
            abstract: "What a person's bookings called for."
        )

        @OptionGroup var options: CommonOptions
        @OptionGroup var view: ViewOptions

        @Argument(help: "The person's address.")
        var email: String

        func run() async throws {
            let email = try EmailAddress(argument: email)
            try await options.show { audit in
                try await audit.state(ofPerson: email, try view.view(), now: Session.now())
            }
        }
    }
}

extension CommonOptions {
    /// Prints a state.
    fileprivate func show(_ body: (Audit) async throws -> StateReport) async throws {
        let report = try await withSession { try await body(Audit(journal: $0.journal)) }
        if isJSON { Terminal.show(report.json) } else { Terminal.show(report.text) }
    }
}
