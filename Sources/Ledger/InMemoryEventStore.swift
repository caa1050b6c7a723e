/// An event store that forgets everything when the process ends; for tests and trials.
///
/// Personal parts are kept as they are: nothing here reaches a disk.
public actor InMemoryEventStore: EventStore {
    private let environment: LedgerEnvironment
    private var stored: [StoredEvent] = []
    private var revisions: [String: Int64] = [:]
    private var places: [EventID: Int] = [:]
    private var cursors: [String: Int64] = [:]

    /// Creates an empty store.
    public init(environment: LedgerEnvironment) { self.environment = environment }

    /// Appends as ``EventStore/append(_:)`` promises.
    @discardableResult
    public func append(_ appends: [StreamAppend]) throws(LedgerError) -> [Appended] {
        let before = (stored, revisions, places)
        do {
            var results: [Appended] = []
            for append in appends {
                try append.checkNames()
                results += try add(append)
            }
            return results
        } catch {
            (stored, revisions, places) = before
            throw LedgerError(error)
        }
    }

    private func add(_ append: StreamAppend) throws -> [Appended] {
        let isAllKnown = append.events.allSatisfy { places[$0.id] != nil }
        let actual = revisions[append.stream]
        guard isAllKnown || append.expected.allows(actual) else {
            throw LedgerError.conflict(
                stream: append.stream,
                expected: append.expected,
                actual: actual
            )
        }
        return try append.events.map { try add($0, to: append.stream) }
    }

    private func add(_ event: NewEvent, to stream: String) throws -> Appended {
        if let place = places[event.id] {
            let old = stored[place]
            guard old.says(theSameAs: event, in: stream) else {
                throw LedgerError.identifierReused(event.id, recordedAt: old.position)
            }
            return Appended(position: old.position, revision: old.revision, isNew: false)
        }
        let revision = revisions[stream, default: 0] + 1
        let position = Int64(stored.count) + 1
        revisions[stream] = revision
        places[event.id] = stored.count
        stored.append(
            StoredEvent(
                position: position,
                id: event.id,
                stream: stream,
                revision: revision,
                type: event.type,
                schemaVersion: event.schemaVersion,
                occurred: event.occurred,
                recorded: environment.now(),
                correlation: event.correlation,
                causation: event.causation,
                actor: event.actor,
                data: event.data,
                commitments: [],
                parts: event.parts
            )
        )
        return Appended(position: position, revision: revision, isNew: true)
    }

    /// Reads as ``EventStore/events(after:limit:)`` promises.
    public func events(after position: Int64, limit: Int) -> [StoredEvent] {
        Array(stored.dropFirst(Int(max(0, position))).prefix(limit))
    }

    /// Reads as ``EventStore/events(of:)`` promises.
    public func events(of stream: String) -> [StoredEvent] {
        stored.filter { $0.stream == stream }
    }

    /// Reads as ``EventStore/head()`` promises.
    public func head() -> LedgerHead {
        LedgerHead(position: Int64(stored.count), root: tree().frontier.root)
    }

    /// Reads as ``EventStore/cursor(_:)`` promises.
    public func cursor(_ name: String) -> Int64 { cursors[name] ?? 0 }

    /// Writes as ``EventStore/setCursor(_:to:)`` promises.
    public func setCursor(_ name: String, to position: Int64) throws(LedgerError) {
        guard (0...Int64(stored.count)).contains(position) else {
            throw .storage(RangeMistake(description: "cursor '\(name)' beyond the ledger's end"))
        }
        cursors[name] = position
    }

    /// Proves as ``EventStore/inclusionProof(of:size:)`` promises.
    public func inclusionProof(
        of position: Int64,
        size: Int64
    ) throws(LedgerError) -> [TreeHash] {
        guard position >= 1, position <= size, size <= Int64(stored.count) else {
            throw .storage(RangeMistake(description: "there is no event \(position) of \(size)"))
        }
        let nodes = tree().nodes
        return MerkleProof.inclusion(index: UInt64(position - 1), size: UInt64(size)) { node in
            nodes[node] ?? .emptyRoot
        }
    }

    private func tree() -> (frontier: TreeFrontier, nodes: [TreeNode: TreeHash]) {
        var frontier = TreeFrontier()
        var nodes: [TreeNode: TreeHash] = [:]
        for event in stored { frontier.append(.leaf(Leaf.encode(event))) { nodes[$0] = $1 } }
        return (frontier, nodes)
    }
}

extension StoredEvent {
    fileprivate func says(theSameAs new: NewEvent, in stream: String) -> Bool {
        self.stream == stream && type == new.type && schemaVersion == new.schemaVersion
            && occurred == new.occurred && correlation == new.correlation
            && causation == new.causation && actor == new.actor && data == new.data
            && parts == new.parts
    }
}
