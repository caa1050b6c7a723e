/// An open query: which rows it found, to be shown page by page.
///
/// The rows are those of the moment of the query; their values are read when their page
/// is.
struct QueryCursor: Sendable {
    let translation: Translation
    let rows: [Int64]
    let pageSize: Int
    let made: Instant
}

/// The open queries of an org.
struct CursorTable: Sendable {
    private var cursors: [String: QueryCursor] = [:]
    private var order: [String] = []
    private var count = 0

    /// The most open queries; the oldest is closed for one more.
    private static let most = 100

    /// How long a query stays open.
    private static let life = 2 * Instant.day

    /// Keeps a query open.
    ///
    /// - Returns: Its id, with the prefix `01g`.
    mutating func add(_ cursor: QueryCursor, seed: UInt64) -> String {
        count += 1
        let id = RecordID.make(prefix: "01g", number: count, seed: seed)
        cursors[id] = cursor
        order.append(id)
        if order.count > Self.most { cursors[order.removeFirst()] = nil }
        return id
    }

    /// The query of an id, unless it was closed or is too old.
    func cursor(_ id: String, now: Instant) -> QueryCursor? {
        guard let cursor = cursors[id] else { return nil }
        return now.milliseconds - cursor.made.milliseconds <= Self.life ? cursor : nil
    }
}
