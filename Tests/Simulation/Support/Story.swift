import Domain
import Journal
import Ledger

/// What happened in a world, for whoever looks for the reason why a law was broken.
struct Story {
    let simulation: Simulation

    /// The ledger's events and the org's changes, in the order of time.
    func lines() async throws -> [String] {
        var lines: [(Int64, String)] = []
        for event in try await simulation.journal.sealedEvents(after: .start, limit: .max) {
            let data = String(decoding: event.data, as: UTF8.self)
            lines.append(
                (
                    event.recorded,
                    "ledger \(event.position) \(event.type) \(event.stream) \(data.prefix(600))"
                )
            )
        }
        for change in simulation.org.copy.changes {
            let line =
                "org \(change.editor) \(change.isCreation ? "created" : "changed") "
                + "\(change.record.rawValue.prefix(15)).\(change.field): "
                + "\(change.before.text.prefix(40)) → \(change.after.text.prefix(60))"
            lines.append((change.time.milliseconds, line))
        }
        for told in simulation.told {
            let fact = told.fact
            lines.append(
                (
                    told.occurred.milliseconds,
                    "world \(fact.kind) \(fact.booking.uid) fact \(fact.number) told as \(told.number)"
                )
            )
        }
        let ordered = lines.enumerated().sorted {
            ($0.element.0, $0.offset) < ($1.element.0, $1.offset)
        }
        return ordered.map {
            "\(Instant(milliseconds: $0.element.0).rfc3339Seconds) \($0.element.1)"
        }
            + [
                "settings \(simulation.accepted.map { "\($0.scope.name) \($0.settings.map { "\($0)" } ?? "removed") after \($0.after) for \($0.validity)" })"
            ]
    }
}
