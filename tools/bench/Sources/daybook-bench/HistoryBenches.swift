import ArgumentParser
import Domain
import Foundation
import Journal
import Ledger
import Projection

struct HistoryBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Records deliveries with all that is derived from them, 1,000 to a transaction."
    )

    @Option(help: "How many events, about.")
    var count = 100_000
    @OptionGroup var place: Place

    func run() async throws {
        let file = try BenchLedger(folder: place.folder)
        let journal = try file.journal()
        var settings = SyncSettings()
        settings.attendeeOnBooking = [
            FieldRule(
                field: "Company_Size__c",
                type: .text,
                value: .template("{team-size}"),
                when: .always
            ),
            FieldRule(field: "Last_Demo__c", type: .date, value: .bookingStartDate, when: .always),
        ]
        _ = try await journal.accept(
            settings,
            for: .everyEventType,
            validity: .allHistory,
            actor: "bench",
            isChecked: false
        )
        let appointments = count / 3
        let facts = MadeFacts(
            appointments: appointments,
            arrived: Instant(milliseconds: 1_700_000_000_000)
        )
        let clock = ContinuousClock()
        var took = Duration.zero
        for first in stride(from: 0, to: appointments, by: 333) {
            let batch = try (first..<min(first + 333, appointments)).flatMap(facts.deliveries)
            took += try await clock.measure { _ = try await journal.record(batch) }
        }
        let events = Int(try await journal.head().position)
        try journal.ledger.close()
        Measurement(name: "history", events: events, took: took, bytes: try file.size()).show()
    }
}

struct ReplayBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Reads every appointment, opens its sealed parts, decodes and projects its facts."
    )

    @OptionGroup var place: Place

    func run() async throws {
        let journal = try BenchLedger(folder: place.folder).journal()
        let settings = SettingsTimeline(try await journal.settingsRevisions())
        let clock = ContinuousClock()
        let started = clock.now
        var (facts, last) = (0, AppointmentID?.none)
        while true {
            let some = try await journal.appointments(after: last, since: nil, limit: 250)
            guard let end = some.last else { break }
            for history in try await journal.histories(of: some) {
                let projected = AppointmentProjector.project(history, settings: settings)
                guard projected.eventRecord != nil, !projected.contributions.isEmpty else {
                    throw MadeWrongly()
                }
                facts += history.facts.count
            }
            last = end
        }
        Measurement(name: "replay", events: facts, took: clock.now - started).show()
    }
}
