/// What became of a linked record: another one stands in its place now.
///
/// Source: `facts/ledger-and-reconciliation.md` 5.8, cases 6a and 6b.
public struct RecordMove: Hashable, Sendable {
    /// What happened to it.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A person made one record of several, and this one was not the one that stayed.
        case merged
        /// A lead became a contact.
        case converted
    }

    /// What happened to it.
    public var kind: Kind
    /// The record that was linked.
    public var from: SalesforceID
    /// The record that stands in its place.
    public var into: SalesforceID

    /// Creates a move.
    public init(_ kind: Kind, from: SalesforceID, into: SalesforceID) {
        (self.kind, self.from, self.into) = (kind, from, into)
    }
}
