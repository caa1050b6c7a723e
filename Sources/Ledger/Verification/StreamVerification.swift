import GRDB

/// The verification of streams: the events of each are numbered 1, 2, 3, … in the order of their
/// positions, and the last number is kept with the stream.
struct StreamVerification {
    /// What was read of the streams, and what is wrong with them.
    struct Findings: Sendable {
        /// The last position of the snapshot.
        let last: Int64
        /// The name of each stream, once for each of its events.
        fileprivate(set) var names = StreamNames()
        fileprivate(set) var problems = Problems(most: 20)
    }

    private let events: StoredRows
    private let streams: StoredRows
    private var findings: Findings

    /// Reads the streams.
    ///
    /// - Throws: A database error.
    static func findings(_ db: Database) throws -> Findings {
        var verification = try Self(db)
        try verification.run()
        return verification.findings
    }

    /// Opens both tables; the events by an index, which is compared with them.
    ///
    /// - Throws: A database error.
    private init(_ db: Database) throws {
        events = try StoredRows(
            db,
            sql: "SELECT stream, revision, position FROM event ORDER BY stream, revision"
        )
        streams = try StoredRows(db, sql: "SELECT id, revision, name FROM stream ORDER BY id")
        findings = Findings(last: try LedgerTables.lastPosition(db))
    }

    /// Reads both side by side.
    ///
    /// - Throws: A database error.
    private mutating func run() throws {
        var isAtEvent = try events.next()
        while try streams.next() {
            let stream = streams.integer(0)
            let isStray = isAtEvent && events.integer(0) < stream
            while isAtEvent, events.integer(0) < stream { isAtEvent = try events.next() }
            if isStray { problem(Self.unmatched) }
            var (revision, position, count): (Int64, Int64, Int64) = (0, .min, 0)
            while isAtEvent, events.integer(0) == stream {
                let own = events.integer(2)
                if events.integer(1) != revision &+ 1 || own <= position {
                    problem("event \(own) is out of order in its stream")
                }
                (revision, position, count) = (events.integer(1), own, count + 1)
                isAtEvent = try events.next()
            }
            findings.names.add(streams.bytes(2), of: stream, times: count)
            if revision != streams.integer(1) {
                problem("a stream's last revision differs from its events")
            } else if position == .min {
                problem(Self.unmatched)
            }
        }
        if isAtEvent { problem(Self.unmatched) }
    }

    private mutating func problem(_ text: String) { findings.problems.add(text) }

    private static let unmatched = "a stream has no events, or events no stream"
}

/// The sum over the names of streams, one for each event.
///
/// To look up the name of each event's stream, at random places of a large table, would take as
/// long as to hash the event. Names that differ have the same sum with a chance of 1 in 2^64.
struct StreamNames: Hashable, Sendable {
    private var sum: UInt64 = 0

    /// Adds the name of a stream, known by its number, for so many events.
    mutating func add(_ name: UnsafeRawBufferPointer, of stream: Int64, times count: Int64 = 1) {
        var hash = RowHash()
        hash.mix(stream)
        hash.mix(name)
        sum &+= hash.state &* UInt64(bitPattern: count)
    }

    /// Adds those of other events.
    static func + (names: Self, more: Self) -> Self {
        var both = names
        both.sum &+= more.sum
        return both
    }
}
