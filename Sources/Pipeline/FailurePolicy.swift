import Domain

/// What a refusal means for trying again; which code means what stands in `FailureCatalogue`.
///
/// Source: `facts/salesforce-api.md` 5.4 and section 6.
enum FailurePolicy {
    /// The longest wait: milliseconds.
    private static let longestWait = 3_600_000.0

    /// When to try again: 5 s × 2ⁿ, ±20 %, an hour at most; nil until something changes.
    ///
    /// - Parameters:
    ///   - error: The refusal.
    ///   - attempts: How often it was tried, this time included; at least 1.
    ///   - now: The time.
    ///   - random: Spreads what failed together; 0 ..< 1.
    /// - Returns: The moment.
    static func nextTry(
        after error: RecordError,
        attempts: Int,
        now: Instant,
        random: Double
    ) -> Instant? {
        switch error.retry {
        case .later, .whenWindowMoves, .nextRun:
            let doubled = 5_000.0 * Double(1 << min(max(attempts, 1) - 1, 10))
            let wait = min(min(doubled, longestWait) * (0.8 + 0.4 * random), longestWait)
            return now.advanced(byMilliseconds: Int64(wait))
        case .afterLooking, .whenChanged:
            return nil
        }
    }

    /// Whether the record moved under us, so that looking again decides anew.
    static func wantsFreshLook(_ code: String) -> Bool {
        let entry = FailureCatalogue.entry(for: code)
        return entry.retry == .afterLooking || entry.category == .moved
    }

    /// Whether the code says that there is no such record any more.
    static func meansGone(_ code: String) -> Bool {
        ["ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY"].contains(code)
    }

    /// Whether the org's description of the object is not what it was.
    static func doubtsSchema(_ code: String) -> Bool {
        ["INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE"].contains(code)
    }
}

extension RecordError {
    /// The fields that the error is about, among those that were sent.
    ///
    /// Where that stands differs from code to code; see ``AffectedFields``.
    func affected(among sent: [FieldName: OutgoingValue]) -> [FieldName] {
        let listed = fields.filter { sent[$0] != nil }
        if !listed.isEmpty { return listed }
        switch entry.fields {
        case .listed, .none: return []
        case .inMessage: return sent.keys.filter { names($0) }.sorted()
        case .owner: return sent["OwnerId"] == nil ? [] : ["OwnerId"]
        case .byReference: return sent.filter { refersTo($0.value) }.keys.sorted()
        }
    }

    /// Whether the message names a field as a whole word.
    private func names(_ field: FieldName) -> Bool {
        let words = message.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return words.contains { $0 == field.rawValue }
    }

    /// Whether the message names the record to which a value refers, in 15 or 18 characters.
    private func refersTo(_ value: OutgoingValue) -> Bool {
        let ids: [SalesforceID] =
            switch value {
            case .value(.reference(let id)), .record(.record(let id)): [id]
            case .value(.references(let ids)): ids
            default: []
            }
        return ids.contains { message.contains($0.rawValue.prefix(15)) }
    }
}
