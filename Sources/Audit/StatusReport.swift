public import Domain
import Journal
import Ledger

extension Audit {
    /// What the ledger holds, and what waits.
    ///
    /// - Parameter budget: How much of the org's allowance may be used.
    /// - Returns: The report.
    /// - Throws: `LedgerError`.
    public func status(budget: APIBudget) async throws -> StatusReport {
        let head = try await journal.head()
        let allowance = try await journal.allowance()
        return StatusReport(
            events: Int(head.position),
            root: head.root.description,
            deliveries: try await journal.deliveryCounts(),
            notes: try await journal.deliveryNotes(),
            waiting: try await journal.dirtyCount(),
            failures: try await journal.keptFailures().map(\.state),
            unknownOutcomes: try await journal.openIntents().count,
            records: try await journal.linkedCounts(),
            org: try await journal.connectedOrg(),
            allowance: allowance,
            reserve: allowance.flatMap(budget.reserve)
        )
    }
}

/// Where everything stands; holds no personal data.
public struct StatusReport: Sendable {
    var events: Int
    var root: String
    var deliveries: [DeliveryVerdict: Int]
    var notes: [DeliveryNote]
    var waiting: Int
    var failures: [KeptFailure.State]
    var unknownOutcomes: Int
    var records: [ObjectName: Int]
    var org: String?
    var allowance: APIAllowance?
    var reserve: Int?

    /// The report as one object.
    public var json: JSON {
        .compact([
            ("events", .integer(events)),
            ("root", .string(root)),
            (
                "deliveries",
                .object(
                    DeliveryVerdict.allCases.map {
                        JSON.Member($0.rawValue, .integer(deliveries[$0, default: 0]))
                    }
                )
            ),
            ("notUnderstood", .array(notes.map(\.json))),
            ("waiting", .integer(waiting)),
            ("failures", .integer(failures.count { $0 != .unclear })),
            (
                "failuresByState",
                .object(
                    KeptFailure.State.allCases.map { state in
                        JSON.Member(state.rawValue, .integer(failures.count { $0 == state }))
                    }
                )
            ),
            ("unknownOutcomes", .integer(unknownOutcomes)),
            (
                "records",
                .object(sortedRecords.map { JSON.Member($0.key.rawValue, .integer($0.value)) })
            ),
            ("org", .text(org)),
            ("apiCalls", callsJSON),
        ])
    }

    private var sortedRecords: [(key: ObjectName, value: Int)] {
        records.sorted { $0.key < $1.key }
    }

    private var callsJSON: JSON {
        .compact([
            ("used", allowance?.used.map { .integer($0) }),
            ("allowed", allowance?.allowed.map { .integer($0) }),
            ("reserve", reserve.map { .integer($0) }),
            ("asOf", allowance.map { .string($0.observed.rfc3339Seconds) }),
            ("pausedUntil", allowance?.pausedUntil.map { .string($0.rfc3339Seconds) }),
        ])
    }
}

// MARK: For people

extension StatusReport {
    /// The report for people, one line a question, with the command that goes on from there.
    public var text: String {
        var text = Columns.pairs([
            ("Ledger", "\("event".counted(events)), root \(root)"),
            ("Deliveries", deliveryWords),
            ("Not taken", forgedWords),
            ("In step", waitingWords),
            ("Failures", failureWords),
            ("Org", org.map { "\($0); \(recordWords)" } ?? "none yet: run 'daybook doctor'"),
            ("API calls", callWords),
        ])
        if !notes.isEmpty { text += "\nKept, and not understood:\n" + notUnderstood }
        return String(text.dropLast())
    }

    private var deliveryWords: String {
        let told = DeliveryVerdict.allCases.filter { $0 != .forged }
            .compactMap { verdict -> String? in
                let count = deliveries[verdict, default: 0]
                return count == 0 ? nil : "\(count) \(verdict.rawValue)"
            }
        return told.isEmpty
            ? "none yet: run 'daybook ingest FILE', or 'daybook serve'"
            : told.joined(separator: ", ")
    }

    private var forgedWords: String? {
        let forged = deliveries[.forged, default: 0]
        guard forged > 0 else { return nil }
        return "\("webhook".counted(forged)) with a missing or wrong signature"
    }

    private var waitingWords: String {
        var words =
            waiting == 0
            ? "yes, as far as anything is known to have changed"
            : "no: \("appointment".counted(waiting)) to look at; run 'daybook plan'"
        if unknownOutcomes > 0 {
            words += "; \("write".counted(unknownOutcomes)) of unknown outcome, looked up next run"
        }
        return words
    }

    private var failureWords: String {
        let told = KeptFailure.State.allCases.compactMap { state -> String? in
            let count = failures.count { $0 == state }
            return count == 0 ? nil : "\(count) \(state.rawValue)"
        }
        return told.isEmpty
            ? "none" : told.joined(separator: ", ") + "; run 'daybook failures list'"
    }

    private var recordWords: String {
        let told = sortedRecords.map { "\($0.value) \($0.key.rawValue)" }
        return told.isEmpty
            ? "no records linked" : "records linked: " + told.joined(separator: ", ")
    }

    private var callWords: String? {
        guard let allowance, let used = allowance.used, let allowed = allowance.allowed else {
            return nil
        }
        var words = "\(used) of \(allowed) used by everybody"
        if let reserve { words += ", \(reserve) left to others" }
        words += " (at \(allowance.observed.rfc3339Seconds))"
        if let until = allowance.pausedUntil { words += "; paused until \(until.rfc3339Seconds)" }
        return words
    }

    private var notUnderstood: String {
        let lines = notes.map { note -> (String, String?) in
            let trigger = note.trigger ?? "no trigger"
            return (
                "\(note.count) \(note.verdict.rawValue)",
                "\(trigger): \(note.reason) (newest \(note.latest.rfc3339Seconds))"
            )
        }
        return Columns.pairs(lines, indent: 2)
    }
}

extension DeliveryNote {
    fileprivate var json: JSON {
        .compact([
            ("verdict", .string(verdict.rawValue)),
            ("trigger", trigger.map(JSON.string)),
            ("reason", .string(reason)),
            ("count", .integer(count)),
            ("latest", .string(latest.rfc3339Seconds)),
        ])
    }
}
