import GRDB

/// The verification of streams: the events of each are numbered 1, 2, 3, … in the order of their
/// positions, and the last number is kept with the stream.
struct StreamVerification {
    private let events: StoredRows
    private let streams: StoredRows

    /// What is wrong with the streams.
    ///
    /// - Throws: A database error.
    static func problems(_ db: Database) throws -> [String] {
        var problems = Problems(most: 20)
        try Self(db).run(&problems)
        return problems.found
    }

    /// Opens both tables; the events by an index, which is compared with them.
    ///
    /// - Throws: A database error.
    private init(_ db: Database) throws {
        events = try StoredRows(
            db,
            sql: "SELECT stream, revision, position FROM event ORDER BY stream, revision"
        )
        streams = try StoredRows(db, sql: "SELECT id, revision FROM stream ORDER BY id")
    }

    /// Reads both side by side.
    ///
    /// - Parameter problems: Takes what is wrong.
    /// - Throws: A database error.
    private func run(_ problems: inout Problems) throws {
        var isAtEvent = try events.next()
        while try streams.next() {
            let stream = streams.integer(0)
            let isStray = isAtEvent && events.integer(0) < stream
            while isAtEvent, events.integer(0) < stream { isAtEvent = try events.next() }
            if isStray { problems.add(Self.unmatched) }
            var (revision, position): (Int64, Int64) = (0, .min)
            while isAtEvent, events.integer(0) == stream {
                let own = events.integer(2)
                if events.integer(1) != revision &+ 1 || own <= position {
                    problems.add("event \(own) is out of order in its stream")
                }
                (revision, position) = (events.integer(1), own)
                isAtEvent = try events.next()
            }
            if revision != streams.integer(1) {
                problems.add("a stream's last revision differs from its events")
            } else if position == .min {
                problems.add(Self.unmatched)
            }
        }
        if isAtEvent { problems.add(Self.unmatched) }
    }

    private static let unmatched = "a stream has no events, or events no stream"
}
