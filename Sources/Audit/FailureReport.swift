public import Domain
public import Journal
import Ledger

extension Audit {
    /// Everything that did not go as it should, by name.
    ///
    /// - Throws: ``LedgerError``.
    public func failures() async throws -> [KeptFailure] { try await journal.keptFailures() }

    /// One failure with everything that led to it.
    ///
    /// - Parameter name: The name of a failure; that of an operation means its record.
    /// - Returns: The failures of that name, with their history; none if there are none.
    /// - Throws: ``LedgerError``.
    public func failure(_ name: OperationID) async throws -> [FailureReport] {
        let kept = try await journal.keptFailures().filter {
            $0.name == name || $0.name.parts.operation == name
        }
        var reports: [FailureReport] = []
        for failure in kept {
            reports.append(FailureReport(failure: failure, history: try await history(of: failure)))
        }
        return reports
    }

    /// What was tried, and what operators did about it.
    private func history(of failure: KeptFailure) async throws -> [EventLine] {
        guard let subject = failure.subject else { return [] }
        let told: Set = ["write.intended", "write.failed", "write.confirmed", "operator.acted"]
        let events = try await journal.events(about: [subject])[subject] ?? []
        var lines: [EventLine] = []
        for event in events where told.contains(event.type) { lines.append(try EventLine(event)) }
        return lines
    }
}

/// A failure and its history.
public struct FailureReport: Sendable {
    /// The failure.
    public let failure: KeptFailure
    /// What was tried and done about it, in order.
    public let history: [EventLine]

    /// The report as one object, without personal data.
    public var json: JSON {
        .object(
            (failure.json.members ?? []) + [
                JSON.Member("history", .array(history.map(\.json)))
            ]
        )
    }

    /// The report for people, without personal data.
    public var text: String {
        let note = failure.note
        let pairs: [(String, String?)] = [
            ("state", failure.stateWords),
            ("object", note.object.rawValue),
            ("record", note.record?.rawValue),
            ("fields", note.fields.isEmpty ? nil : failure.fieldList),
            ("code", "\(note.code) (\(failure.entry.category.rawValue))"),
            ("cause", failure.entry.cause),
            ("remedy", failure.entry.remedy),
            ("tried again", failure.entry.retry.words),
            ("candidates", candidates),
            ("booking", failure.root.isEmpty ? nil : failure.root),
        ]
        let lines = history.map { line in
            "  \(line.recorded.rfc3339Seconds)  \(line.sentence)\n"
        }
        return "\(failure.name.rawValue)\n" + Columns.pairs(pairs, indent: 2)
            + (lines.isEmpty ? "" : "\n" + lines.joined())
    }

    private var candidates: String? {
        let ids = failure.note.candidates.map(\.rawValue)
        return ids.isEmpty ? nil : ids.joined(separator: ", ")
    }
}

extension EventLine {
    /// The event in a sentence.
    fileprivate var sentence: String { EventSentence(type: type, data: data).text }
}

extension KeptFailure {
    /// How it stands, in words.
    public var stateWords: String {
        let tries = "tried \("time".counted(note.attempts))"
        switch state {
        case .waiting:
            let next = note.nextTry.map { ", next try \($0.rfc3339Seconds)" } ?? ""
            return "waiting: \(tries)\(next)"
        case .stopped: return "stopped: \(tries); tried again when something changes"
        case .ignored: return "ignored: \(tries); tried again when an operator asks for it"
        case .review: return "review: a person has to choose"
        case .unclear: return "unclear: sent, and no answer came; the next run looks"
        }
    }

    /// The fields, comma separated.
    public var fieldList: String { note.fields.map(\.rawValue).joined(separator: ", ") }

    /// The failure as one object, without personal data.
    public var json: JSON {
        .compact([
            ("name", .string(name.rawValue)),
            ("state", .string(state.rawValue)),
            ("object", .string(note.object.rawValue)),
            ("record", note.record.map { .string($0.rawValue) }),
            ("fields", .array(note.fields.map { .string($0.rawValue) })),
            ("code", .string(note.code)),
            ("known", .bool(entry.isKnown)),
            ("category", .string(entry.category.rawValue)),
            ("cause", .string(entry.cause)),
            ("remedy", .string(entry.remedy)),
            ("retry", .string(entry.retry.rawValue)),
            ("attempts", .integer(note.attempts)),
            ("since", .string(since.rfc3339)),
            ("tried", .string(tried.rfc3339)),
            ("nextTry", note.nextTry.map { .string($0.rfc3339) }),
            ("candidates", .array(note.candidates.map { .string($0.rawValue) })),
            ("booking", root.isEmpty ? nil : .string(root)),
        ])
    }

    /// The columns of ``csvRow``.
    public static let csvHeader =
        "name,state,object,record,fields,code,category,attempts,since,tried,nextTry,booking,cause,"
        + "remedy"

    /// The failure as a line of a table, by RFC 4180; without personal data.
    public var csvRow: String {
        [
            name.rawValue, state.rawValue, note.object.rawValue, note.record?.rawValue ?? "",
            note.fields.map(\.rawValue).joined(separator: " "), note.code, entry.category.rawValue,
            String(note.attempts), since.rfc3339, tried.rfc3339, note.nextTry?.rfc3339 ?? "", root,
            entry.cause, entry.remedy,
        ].map(CSVCell.text).joined(separator: ",")
    }
}
