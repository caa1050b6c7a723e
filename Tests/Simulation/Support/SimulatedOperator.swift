import Domain
import Journal
import Pipeline
import Salesforce
import TestSupport

/// What an operator said once: which of several records is a person's.
struct Bound {
    /// The person's address.
    var email: String
    var record: SalesforceID
    var time: Instant
}

/// Somebody who looks at what failed, and decides.
struct SimulatedOperator {
    enum Decision {
        case retry(OperationID)
        case ignore(OperationID)
        case bind(RecordSubject, SalesforceID)
    }

    let journal: Journal
    let gateway: any SalesforceGateway
    let now: @Sendable () -> Instant

    /// What to do about one of the failures; nil where there is none.
    func decide(using generator: inout SeededGenerator) async throws -> Decision? {
        let failures = try await journal.keptFailures()
        guard !failures.isEmpty else { return nil }
        let reviews = failures.filter { $0.state == .review }
        let failure = generator.any(generator.oneIn(2) || reviews.isEmpty ? failures : reviews)
        if failure.note.code == "AMBIGUOUS_MATCH", case .person(let key) = failure.subject,
            key.way != "form"
        {
            return .bind(.person(key), generator.any(failure.note.candidates))
        }
        return generator.oneIn(2) ? .retry(failure.name) : .ignore(failure.name)
    }

    func carryOut(_ decision: Decision) async throws {
        switch decision {
        case .retry(let name): try await journal.retry([name], actor: "simulation")
        case .ignore(let name): try await journal.ignore([name], actor: "simulation")
        case .bind(let subject, let record):
            let binding = RecordBinding(journal: journal, gateway: gateway, now: now)
            do {
                _ = try await binding.bind(subject, to: record, actor: "simulation")
            } catch is BindingRefusal {
                // Somebody moved the record since, or nobody speaks of the person any more.
            } catch RunRefusal.busy {
                // The lease of a run that died lasts.
            }
        }
    }

    /// Whether a record stands for a subject by now.
    func isBound(_ subject: RecordSubject, to record: SalesforceID) async throws -> Bool {
        try await journal.links(to: record).contains { $0.subject == subject }
    }

    /// Has everything tried again that was to be left alone.
    func wakeAll() async throws {
        let ignored = try await journal.keptFailures().filter { $0.state == .ignored }
        try await journal.retry(ignored.map(\.name), actor: "simulation")
    }
}
