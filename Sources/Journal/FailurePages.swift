public import Domain
import GRDB
public import Ledger

/// Which failures are meant; each member narrows them down.
public struct FailureSelection: Hashable, Sendable {
    /// Only those that stand so.
    public var state: KeptFailure.State?
    /// Only those with this code.
    public var code: String?

    /// Means those that fit both; without any, all.
    public init(state: KeptFailure.State? = nil, code: String? = nil) {
        (self.state, self.code) = (state, code)
    }
}

extension Journal {
    /// A page of failures, by name.
    ///
    /// Names are ordered by their bytes and do not change, so that pages neither repeat nor miss one
    /// that stays, whatever comes and goes in between.
    ///
    /// - Parameters:
    ///   - selection: Which are meant.
    ///   - name: Only those after this name; nil for the first page.
    ///   - limit: The most to return.
    /// - Returns: The failures.
    /// - Throws: ``LedgerError``.
    public func failures(
        _ selection: FailureSelection,
        after name: OperationID? = nil,
        limit: Int
    ) async throws(LedgerError) -> [KeptFailure] {
        let name = name?.rawValue ?? ""
        return try await reading { db in
            let kept = try FailureTable.page(selection, after: name, limit: limit, db)
            let unclear =
                selection.allowsUnclear
                ? try Self.unclearWrites(db, after: name, limit: limit) : []
            return Array((kept + unclear).sorted(by: Self.isBefore).prefix(limit))
        }
    }

    /// How many failures there are.
    ///
    /// - Parameter selection: Which are meant.
    /// - Returns: Their number, without reading them.
    /// - Throws: ``LedgerError/storage(_:)``.
    public func failureCount(
        _ selection: FailureSelection = FailureSelection()
    ) async throws(LedgerError) -> Int {
        try await reading { db in
            let kept = try FailureTable.count(selection, db)
            guard selection.allowsUnclear else { return kept }
            return kept + (try Int.fetchOne(db, sql: "SELECT count(*) FROM intent") ?? 0)
        }
    }

    /// The order that the database has for texts.
    private static func isBefore(_ left: KeptFailure, _ right: KeptFailure) -> Bool {
        left.name.rawValue.utf8.lexicographicallyPrecedes(right.name.rawValue.utf8)
    }
}

extension FailureSelection {
    /// Whether writes without an outcome are among them.
    fileprivate var allowsUnclear: Bool {
        [nil, .unclear].contains(state) && [nil, KeptFailure.unclearCode].contains(code)
    }

    /// What the database compares; the same as the states that are read from a row.
    var condition: String {
        let isReview = "code IN (\(Self.reviewCodes))"
        return switch state {
        case nil: "1"
        case .ignored: "isIgnored"
        case .review: "NOT isIgnored AND \(isReview)"
        case .waiting: "NOT isIgnored AND NOT \(isReview) AND nextTry IS NOT NULL"
        case .stopped: "NOT isIgnored AND NOT \(isReview) AND nextTry IS NULL"
        case .unclear: "0"
        }
    }

    private static let reviewCodes = FailureCatalogue.all.filter { $0.category == .review }
        .map { "'\($0.code)'" }.joined(separator: ", ")
}
