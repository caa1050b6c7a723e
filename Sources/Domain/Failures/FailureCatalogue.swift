/// Every code that a failure can have: the one table that decides, explains and is documented.
///
/// `Documentation/when-something-fails.md` shows it; a test holds the two together.
public enum FailureCatalogue {
    /// All entries; each code once.
    public static let all: [FailureEntry] =
        values + rules + permissions + duplicates + moved + passing + logIns + requests + own

    private static let byCode = Dictionary(
        all.map { ($0.code, $0) },
        uniquingKeysWith: { first, _ in first }
    )

    /// The entry of a code.
    ///
    /// - Parameter code: A code of Salesforce's or ours.
    /// - Returns: Its entry; for a code in no list one that says so and waits for a change.
    public static func entry(for code: String) -> FailureEntry {
        if let entry = byCode[code] { return entry }
        guard code.hasPrefix("HTTP_"), let status = Int(code.dropFirst("HTTP_".count)) else {
            return unknown(code)
        }
        return bare(status, code)
    }

    private static func unknown(_ code: String) -> FailureEntry {
        FailureEntry(code, .unknown, .field, .whenChanged, .listed)
            .because("Salesforce refused this with a code that Daybook does not know.")
            .remedied(
                """
                Look the code up in Salesforce's documentation, mend what it names, then run \
                'daybook failures retry'. Please report the code, so that it gets words.
                """
            )
    }

    /// A refusal whose body says nothing.
    private static func bare(_ status: Int, _ code: String) -> FailureEntry {
        let isPassing = status >= 500 || [420, 429].contains(status)
        return FailureEntry(
            code,
            isPassing ? .busy : .unknown,
            .record,
            isPassing ? .later : .whenChanged
        )
        .because("The answer was \(status), without a word of Salesforce's about the reason.")
        .remedied(
            """
            Look whether a proxy stands between Daybook and Salesforce and gives such answers; then \
            run 'daybook failures retry'.
            """
        )
    }
}

extension RecordError {
    /// What the code means.
    public var entry: FailureEntry { FailureCatalogue.entry(for: code) }

    /// When the write is tried again.
    ///
    /// A trigger that found a row locked, or ran out of queries because many records came at once,
    /// fails under a code of its own and may succeed later.
    public var retry: FailureRetry {
        let passing = ["UNABLE_TO_LOCK_ROW", "Too many SOQL queries"]
        let isTrigger = code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
        return isTrigger && passing.contains(where: message.contains) ? .later : entry.retry
    }
}
