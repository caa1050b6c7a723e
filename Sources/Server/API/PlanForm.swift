import Domain
import Journal
import Pipeline

extension KeptPlan {
    /// The plan as one object, without its operations.
    var json: JSON {
        .compact([
            ("id", .string(id)), ("state", .string(state.rawValue)),
            ("version", .integer(version)), ("created", .string(created.rfc3339)),
            ("expires", .string(expires.rfc3339)), ("maker", .string(maker)),
            ("approver", approver.map(JSON.string)), ("run", run.map(JSON.string)),
            ("basis", document["basis"]?["kind"] ?? .string("changes")),
            ("leftOut", document["leftOut"]),
            ("summary", document["summary"]), ("cost", document["cost"]),
        ])
    }

    /// The plan with what its run did.
    func json(with report: RunReport) -> JSON {
        .object(
            (json.members ?? []) + [
                JSON.Member("done", report.summary.json),
                JSON.Member("stale", .array(report.stale.map { .string($0.rawValue) })),
            ]
        )
    }
}

extension ReplayComparison {
    /// The comparison; values that come from people are left out.
    var json: JSON {
        .compact([
            ("appointments", .integer(appointments)), ("records", .integer(records)),
            (
                "fields",
                .array(
                    counts.sorted { $0.key < $1.key }.map { field, count in
                        .compact([
                            ("field", .string(field.rawValue)),
                            ("appears", .integer(count.appears)),
                            ("changes", .integer(count.changes)),
                            ("disappears", .integer(count.disappears)),
                        ])
                    }
                )
            ),
            ("differences", .array(differences.map(\.json))),
        ])
    }
}

extension ReplayComparison.Difference {
    /// The difference; only plain values that come from no person are shown.
    fileprivate var json: JSON {
        .compact([
            ("subject", .string(subject.name)), ("field", .string(field.rawValue)),
            ("personal", .bool(isPersonal)),
            ("before", shown(before)), ("after", shown(after)),
            ("cause", .integer(cause.position.rawValue)),
        ])
    }

    private func shown(_ wish: WishedValue?) -> JSON? {
        guard !isPersonal else { return nil }
        guard let wish else { return .null }
        if case .value(let value) = wish { return value.json }
        return nil
    }
}
