/// An append-only store of events with a Merkle tree over them.
///
/// Every implementation must pass `EventStoreConformance` in `TestSupport`.
/// All methods may be called concurrently.
public protocol EventStore: Sendable {
    /// Records events of one or several streams, all or none.
    ///
    /// When this returns, the events are as safe as the store can make them: a store on disk has
    /// them on disk, and a power cut cannot take them back. An event whose id and contents were
    /// recorded before is not recorded again, and its stream's expectation is not checked.
    ///
    /// - Parameter appends: The events by stream, in the order in which they are recorded. Names of
    ///   streams, types, parts and persons hold no zero byte, because SQLite's texts end there.
    /// - Returns: Where each event is, in the same order.
    /// - Throws: ``LedgerError/conflict(stream:expected:actual:)``,
    ///   ``LedgerError/identifierReused(_:recordedAt:)``, ``LedgerError/unwritable(reason:)`` or
    ///   ``LedgerError/storage(_:)``. Nothing was recorded in any of these cases.
    @discardableResult
    func append(_ appends: [StreamAppend]) async throws(LedgerError) -> [Appended]

    /// Reads events in the order in which they were recorded.
    ///
    /// - Parameters:
    ///   - position: Read what was recorded after this; 0 for everything.
    ///   - limit: The most events to return. At least 1.
    /// - Returns: At most `limit` events by rising position, with their parts opened. Empty when
    ///   there is nothing newer.
    /// - Throws: ``LedgerError/unreadable(position:reason:)`` at the first event that cannot be
    ///   understood, or ``LedgerError/storage(_:)``.
    func events(after position: Int64, limit: Int) async throws(LedgerError) -> [StoredEvent]

    /// Reads the events of one stream, by rising revision, with their parts opened.
    ///
    /// - Parameter stream: The stream; an unknown one is empty.
    /// - Returns: The events; none for an unknown stream.
    /// - Throws: As ``events(after:limit:)``.
    func events(of stream: String) async throws(LedgerError) -> [StoredEvent]

    /// The last position and the root of the tree up to there, read together.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    func head() async throws(LedgerError) -> LedgerHead

    /// The position up to which a reader has come; 0 for an unknown one.
    ///
    /// - Parameter name: The reader.
    /// - Returns: The position.
    /// - Throws: ``LedgerError/storage(_:)``.
    func cursor(_ name: String) async throws(LedgerError) -> Int64

    /// Moves a reader's position.
    ///
    /// - Parameters:
    ///   - name: The reader.
    ///   - position: A position up to the head.
    /// - Throws: ``LedgerError/storage(_:)``, also for a position beyond the head.
    func setCursor(_ name: String, to position: Int64) async throws(LedgerError)

    /// The proof that an event is in the ledger as it was at some size.
    ///
    /// - Parameters:
    ///   - position: The event, 1 to `size`.
    ///   - size: A number of events up to the head.
    /// - Returns: The hashes, leaf side first.
    /// - Throws: ``LedgerError/storage(_:)``, also for positions out of range.
    func inclusionProof(
        of position: Int64,
        size: Int64
    ) async throws(LedgerError) -> [TreeHash]
}

/// The end of a ledger.
public struct LedgerHead: Hashable, Sendable {
    /// The last position; 0 for an empty ledger.
    public var position: Int64
    /// The root of the tree over all events up to there.
    public var root: TreeHash

    /// Creates a head.
    public init(position: Int64, root: TreeHash) { (self.position, self.root) = (position, root) }
}

/// Where a ledger takes time and chance from.
public struct LedgerEnvironment: Sendable {
    /// The time now: milliseconds since 1970, UTC.
    public var now: @Sendable () -> Int64
    /// Returns that many unpredictable bytes.
    public var random: @Sendable (Int) -> [UInt8]

    /// Creates an environment.
    public init(
        now: @escaping @Sendable () -> Int64,
        random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        (self.now, self.random) = (now, random)
    }

    /// Makes an event id for now.
    public func eventID() -> EventID { EventID(milliseconds: now(), random: random(10)) }
}

extension StreamAppend {
    /// Refuses names that the store would cut off.
    func checkNames() throws {
        try Self.check(stream)
        for event in events {
            try Self.check(event.type)
            for part in event.parts {
                try Self.check(part.name)
                try Self.check(part.subject)
            }
        }
    }

    private static func check(_ name: String) throws {
        guard !name.utf8.contains(0) else {
            throw RangeMistake(description: "a name with a zero byte")
        }
    }
}

/// A misuse of the store that the caller can correct.
struct RangeMistake: Error, CustomStringConvertible {
    let description: String
}
