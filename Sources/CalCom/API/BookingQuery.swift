public import Domain

/// Where bookings are read from.
public protocol BookingSource: Sendable {
    /// One page of bookings.
    ///
    /// - Parameter query: Which ones, in which order, and from where on.
    /// - Returns: The page, and how to ask for the one behind it.
    /// - Throws: ``CalComError``; nothing was changed.
    func page(_ query: BookingQuery) async throws(CalComError) -> BookingPage

    /// One booking; several where the key is that of a series, none where there is none.
    ///
    /// - Parameter uid: The key.
    /// - Returns: The bookings.
    /// - Throws: ``CalComError``.
    func booking(_ uid: BookingUID) async throws(CalComError) -> [SeenBooking]
}

/// A question for a list of bookings.
///
/// Source: `facts/calcom.md` 4.2.
public struct BookingQuery: Hashable, Sendable {
    /// What the list goes by, always from the earliest on.
    public enum Order: Hashable, Sendable {
        /// Changed at or after a moment, by the time of the change.
        case updated(since: Instant)
        /// Made in a span of time, by the time at which they were made.
        case created(since: Instant, until: Instant)
        /// Beginning at or after a moment, by the time at which they begin.
        case starting(since: Instant)
    }

    /// What the list goes by.
    public var order: Order
    /// Only these event types; empty for all.
    public var eventTypes: [EventTypeID]
    /// How many to skip.
    public var skip = 0
    /// Where the page before ended, if the server pages by cursor.
    public var cursor: String?
    /// How many a page holds, 1 to 250.
    public var take: Int

    /// Creates a question for the first page.
    public init(_ order: Order, eventTypes: [EventTypeID] = [], take: Int = 100) {
        (self.order, self.eventTypes) = (order, eventTypes)
        self.take = min(max(take, 1), 250)
    }

    var parameters: [(String, String)] {
        var parameters: [(String, String)] =
            switch order {
            case .updated(let since):
                [("afterUpdatedAt", since.rfc3339), ("sortUpdatedAt", "asc")]
            case .created(let since, let until):
                [
                    ("afterCreatedAt", since.rfc3339), ("beforeCreatedAt", until.rfc3339),
                    ("sortCreated", "asc"),
                ]
            case .starting(let since): [("afterStart", since.rfc3339), ("sortStart", "asc")]
            }
        if !eventTypes.isEmpty {
            let ids = eventTypes.map { "\($0.rawValue)" }.joined(separator: ",")
            parameters.append(("eventTypeIds", ids))
        }
        if let cursor {
            return parameters + [("cursor", cursor), ("limit", "\(min(take, 100))")]
        }
        parameters.append(("take", "\(take)"))
        if skip > 0 { parameters.append(("skip", "\(skip)")) }
        return parameters
    }
}

/// A part of a list of bookings.
public struct BookingPage: Hashable, Sendable {
    /// The bookings, in order.
    public var bookings: [SeenBooking]
    /// How many entries there were that are no bookings as far as we know.
    public var unreadable: Int
    /// Asks for the next page; nil after the last.
    public var next: BookingQuery?

    /// Creates a page.
    public init(bookings: [SeenBooking], unreadable: Int = 0, next: BookingQuery? = nil) {
        (self.bookings, self.unreadable, self.next) = (bookings, unreadable, next)
    }

    /// Reads an answer in either way of paging: by cursor, or by counting.
    ///
    /// - Parameters:
    ///   - answer: The answer.
    ///   - query: The question.
    /// - Throws: ``CalComError/unexpected(_:)`` if there is no list.
    public init(_ answer: JSON, of query: BookingQuery) throws(CalComError) {
        guard let entries = answer["data"]?.array else { throw .unexpected("it has no list") }
        bookings = entries.compactMap(SeenBookingReader.read)
        unreadable = entries.count - bookings.count
        next = Self.next(answer["pagination"], after: query, bookings, count: entries.count)
    }

    private static func next(
        _ pagination: JSON?,
        after query: BookingQuery,
        _ bookings: [SeenBooking],
        count: Int
    ) -> BookingQuery? {
        guard count > 0 else { return nil }
        var next = query
        if let cursor = pagination?.filledText("nextCursor") {
            guard pagination?["hasMore"]?.bool != false, cursor != query.cursor else { return nil }
            next.cursor = cursor
            return next
        }
        if pagination?["hasMore"] != nil { return nil }
        guard pagination?["hasNextPage"]?.bool ?? (count >= query.take) else { return nil }
        return moved(next, behind: bookings, count: count)
    }

    /// Goes on behind a page.
    ///
    /// A booking that changes while we read moves to the end of a list by change, and all behind it
    /// move up, so that counting would pass one over. Going on from the last change seen does not.
    private static func moved(
        _ query: BookingQuery,
        behind bookings: [SeenBooking],
        count: Int
    ) -> BookingQuery {
        var next = query
        if case .updated(let since) = query.order, let last = bookings.last?.updated {
            let start = last.advanced(byMilliseconds: -1)
            // A whole page of one moment can only be passed by counting.
            if start > since {
                (next.order, next.skip) = (.updated(since: start), 0)
                return next
            }
        }
        next.skip += count
        return next
    }
}
