public import Ledger

/// The promises of ``EventStore``, one by one; every implementation has to keep all of them.
///
/// A test walks ``promises`` and gives each a new, empty store.
public enum EventStoreConformance {
    /// One promise and how it is checked.
    public struct Promise: Sendable, CustomStringConvertible {
        /// The promise as a sentence about a store.
        public let description: String
        private let body: @Sendable (any EventStore) async throws -> Void

        init(
            _ description: String,
            _ body: @escaping @Sendable (any EventStore) async throws -> Void
        ) {
            (self.description, self.body) = (description, body)
        }

        /// Checks the promise.
        ///
        /// - Parameter store: A new, empty store.
        /// - Throws: ``BrokenPromise``, or what the store threw where it should not have.
        public func check(_ store: any EventStore) async throws { try await body(store) }
    }

    /// All promises.
    public static let promises: [Promise] =
        order + revisions + repetition + atomicity + cursors + tree + concurrency
}

/// A promise of ``EventStore`` that a store does not keep.
public struct BrokenPromise: Error, CustomStringConvertible {
    /// What was found instead.
    public let description: String
}

/// Complains unless a condition holds.
func expect(_ condition: Bool, _ complaint: @autoclosure () -> String) throws {
    if !condition { throw BrokenPromise(description: complaint()) }
}

func expectEqual<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
    try expect(found == expected, "\(what): \(found) instead of \(expected)")
}

extension NewEvent {
    /// An event without personal data.
    ///
    /// - Parameters:
    ///   - number: Makes its id, and its contents unless they are given.
    ///   - type: What happened.
    ///   - data: Its contents.
    ///   - parts: Its personal parts.
    /// - Returns: The event.
    public static func sample(
        _ number: Int,
        type: String = "sample.happened",
        data: String? = nil,
        parts: [PersonalPart] = []
    ) -> Self {
        var generator = SeededGenerator(seed: UInt64(number))
        return Self(
            id: EventID(milliseconds: 1_793_714_400_000, random: generator.bytes(10)),
            type: type,
            occurred: 1_793_714_400_000 - Int64(number),
            correlation: "correlation-\(number)",
            causation: number.isMultiple(of: 2) ? Int64(number) : nil,
            actor: "tester",
            data: Array((data ?? #"{"number":\#(number)}"#).utf8),
            parts: parts
        )
    }
}

extension EventStore {
    /// Appends events to one stream.
    ///
    /// - Parameters:
    ///   - events: The events.
    ///   - stream: The stream.
    ///   - expected: What is known of the stream.
    /// - Returns: Where each event is.
    /// - Throws: As ``EventStore/append(_:)``.
    @discardableResult
    public func append(
        _ events: [NewEvent],
        to stream: String,
        expecting expected: ExpectedRevision = .any
    ) async throws(LedgerError) -> [Appended] {
        try await append([StreamAppend(to: stream, expecting: expected, events)])
    }

    /// Appends that many events to streams of a handful.
    ///
    /// - Parameter count: How many.
    /// - Throws: As ``EventStore/append(_:)``.
    public func fill(_ count: Int) async throws(LedgerError) {
        try await append(
            (0..<count).map { StreamAppend(to: "stream-\($0 % 5)", [.sample(1_000_000 + $0)]) }
        )
    }

    /// What a call threw, or nil if it succeeded.
    func errorOf(
        _ body: () async throws(LedgerError) -> Void
    ) async -> LedgerError? {
        do throws(LedgerError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}
