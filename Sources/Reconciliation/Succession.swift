public import Domain

/// Where a linked record is now.
///
/// | in Salesforce                                  | fate                                  |
/// |------------------------------------------------|---------------------------------------|
/// | there, archived or not                         | present                               |
/// | a lead that was converted                      | that of the contact it became         |
/// | deleted, and merged into another record        | that of the record that stayed        |
/// | deleted, in the recycle bin                    | deleted                               |
/// | asked for, and not shown even among deleted ones | vanished: removed for good, or hidden |
///
/// A record that was merged or converted is never written to.
///
/// Source: `facts/ledger-and-reconciliation.md` 5.8 and 5.9.
public enum Fate: Hashable, Sendable {
    /// It is there, perhaps as another record.
    case present(ObservedRecord, [RecordMove])
    /// A person deleted it, and it can still be restored.
    case deleted
    /// Salesforce does not show it at all.
    case vanished
    /// It was not asked for.
    case unknown

    /// The record that is there, if one is.
    public var record: ObservedRecord? {
        if case .present(let record, _) = self { record } else { nil }
    }

    /// Follows a record to where it is now.
    ///
    /// - Parameters:
    ///   - id: The record that was linked.
    ///   - directory: What was fetched.
    public init(of id: SalesforceID, in directory: Directory) {
        var (current, moves) = (id, [RecordMove]())
        // Each record is passed once, so that a circle ends.
        while !moves.contains(where: { $0.from == current }) {
            guard let move = directory.move(of: current) else { break }
            moves.append(move)
            current = move.into
        }
        if let record = directory.records[current], record.value("IsConverted") != .flag(true) {
            self = .present(record, moves)
        } else if directory.deleted.contains(current) {
            self = .deleted
        } else {
            self = directory.asked.contains(current) ? .vanished : .unknown
        }
    }
}

extension Directory {
    /// The record that stands in the place of another one, if one does.
    fileprivate func move(of id: SalesforceID) -> RecordMove? {
        if let winner = merged[id] { return RecordMove(.merged, from: id, into: winner) }
        guard let lead = records[id], lead.value("IsConverted") == .flag(true) else { return nil }
        return lead.reference("ConvertedContactId").map {
            RecordMove(.converted, from: id, into: $0)
        }
    }

    /// How many of the linked records of an object are not shown at all, and of how many.
    ///
    /// Many at once mean that the integration user's permissions changed.
    public func vanished(
        among links: some Sequence<RecordLink>
    ) -> [ObjectName: (count: Int, outOf: Int)] {
        var known: [ObjectName: Set<SalesforceID>] = [:]
        for link in links where link.state == .live && asked.contains(link.record) {
            known[link.object, default: []].insert(link.record)
        }
        return known.mapValues { ids in
            (ids.count { Fate(of: $0, in: self) == .vanished }, ids.count)
        }
    }
}

/// What is remembered of a record that another one has taken the place of.
///
/// A field whose value came along stays ours; every other one is the winner's own, and was there
/// before us. What the field's events said has been considered either way: only a newer event says
/// something new. What is remembered of the winner itself counts more.
struct Inheritance {
    let claims: [SalesforceID: [FieldName: Claim]]
    let text: (FieldValue, FieldName) -> ValueDigest

    /// The claims that a record takes over.
    func claims(of moves: [RecordMove], on record: ObservedRecord) -> [FieldName: Claim] {
        var left: [FieldName: Claim] = [:]
        for move in moves { left.merge(claims[move.from] ?? [:]) { _, later in later } }
        let own = claims[record.id] ?? [:]
        return left.filter { own[$0.key] == nil }.reduce(into: [:]) { taken, claim in
            taken[claim.key] = passed(claim.value, claim.key, record)
        }
    }

    private func passed(_ claim: Claim, _ field: FieldName, _ record: ObservedRecord) -> Claim {
        if let live = record.fields[field], claim.seen == text(live, field) { return claim }
        var others = claim
        (others.sent, others.seen, others.seenAt) = (nil, nil, nil)
        (others.seenIsEmpty, others.outcome) = (true, .preExisting)
        return others
    }
}
