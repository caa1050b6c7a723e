import Domain
import Journal
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Server

@Suite("Alerts")
struct AlertTests {
    @Test("are told once when something lasted, and once when it is over")
    func onChange() {
        var rules = AlertRules()
        func take(_ problem: String?, _ minute: Int) -> [Alert] {
            let alerts = rules.take(problem.map { [.sync: $0] } ?? [:], now: .minute(minute))
            for alert in alerts { rules.confirm(alert) }
            return alerts
        }
        #expect(take("away", 0).isEmpty, "it may pass")
        #expect(take("away", 1).map(\.isFiring) == [true])
        #expect(take("away", 2).isEmpty)
        #expect(take("still away", 3).isEmpty, "other words are no news")
        #expect(take(nil, 4).map(\.isFiring) == [false])
        #expect(take(nil, 5).isEmpty)
        #expect(take("away", 6).isEmpty)
        #expect(take(nil, 7).isEmpty, "what did not last is not told")
        #expect(take("away", 8).isEmpty)
    }

    @Test("are told again until somebody took them")
    func unconfirmed() {
        var rules = AlertRules()
        _ = rules.take([.ledger: "full"], now: .minute(0))
        #expect(rules.take([.ledger: "full"], now: .minute(1)).count == 1)
        #expect(rules.take([.ledger: "full"], now: .minute(2)).count == 1)
    }

    @Test("tell of a reading of Cal.com that fails, and that it works again")
    func watcher() async throws {
        let ledger = try TemporaryJournal()
        let clock = ledger.clock
        let diary = Diary()
        try await ledger.journal.remember(
            SourceMark(mark: clock.now, polled: clock.now, problem: "no key"),
            of: "calcom"
        )
        let journal = ledger.journal
        let watcher = AlertWatcher(
            journal: journal,
            board: nil,
            interval: .seconds(60),
            now: { clock.now },
            pause: { _ in
                clock.advance(bySeconds: 60)
                let look = diary.look()
                if look == 3 {
                    try await journal.remember(
                        SourceMark(mark: clock.now, polled: clock.now),
                        of: "calcom"
                    )
                }
                if look == 5 { throw CancellationError() }
            },
            receivers: [{ alert in diary.add(alert) }],
            logger: RecordedLog().logger
        )
        try await watcher.run()
        let alerts = diary.alerts
        #expect(alerts.map(\.condition) == [.source, .source])
        #expect(alerts.map(\.isFiring) == [true, false])
        #expect(alerts.first?.text.contains("no key") == true)
    }

    @Test("reach a receiver that was away later, and the others once, and say the same to all")
    func receivers() async throws {
        let ledger = try TemporaryJournal()
        let clock = ledger.clock
        let (present, away) = (Diary(), Diary())
        let log = RecordedLog()
        try await ledger.journal.remember(
            SourceMark(mark: clock.now, polled: clock.now, problem: "no key"),
            of: "calcom"
        )
        let watcher = AlertWatcher(
            journal: ledger.journal,
            board: nil,
            patience: 0,
            interval: .seconds(60),
            now: { clock.now },
            pause: { _ in if present.look() == 4 { throw CancellationError() } },
            receivers: [
                { alert in
                    // It also takes its time, so that the next one is told seconds later.
                    clock.advance(bySeconds: 2)
                    if away.look() <= 2 { throw Away() } else { away.add(alert) }
                },
                { alert in present.add(alert) },
            ],
            logger: log.logger
        )
        try await watcher.run()
        #expect(present.alerts.count == 1)
        #expect(away.alerts == present.alerts)
        #expect(log.lines.count == 2)
    }

    private struct Away: Error {}

    /// Counts looks, and keeps what was sent.
    private final class Diary: Sendable {
        private let pages = Mutex<(looks: Int, alerts: [Alert])>((0, []))

        var alerts: [Alert] { pages.withLock { $0.alerts } }

        func look() -> Int {
            pages.withLock { pages in
                pages.looks += 1
                return pages.looks
            }
        }

        func add(_ alert: Alert) { pages.withLock { $0.alerts.append(alert) } }
    }
}
