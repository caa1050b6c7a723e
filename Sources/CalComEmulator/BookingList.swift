import Foundation

/// A list of bookings as the API filters, sorts and pages it.
struct BookingList {
    let bookings: [Value]
    let parameters: [String: String]
    let ignoresDates: Bool
    let now: Date

    /// The answer; nil for a parameter that makes no sense.
    var answer: Value? {
        guard let matching else { return nil }
        let sorted = self.sorted(matching)
        return parameters["cursor"] != nil || parameters["limit"] != nil
            ? cursorPage(sorted) : offsetPage(sorted)
    }

    // MARK: Filters

    private static let spans: [(name: String, member: String, isAfter: Bool)] = [
        ("afterStart", "start", true), ("beforeEnd", "end", false),
        ("afterCreatedAt", "createdAt", true), ("beforeCreatedAt", "createdAt", false),
        ("afterUpdatedAt", "updatedAt", true), ("beforeUpdatedAt", "updatedAt", false),
    ]

    private var matching: [Value]? {
        var list = bookings
        for span in Self.spans {
            guard let text = parameters[span.name] else { continue }
            guard let moment = Moment.read(text) else { return nil }
            if ignoresDates { continue }
            list = list.filter { booking in
                guard let date = booking[span.member].date else { return false }
                return span.isAfter ? date >= moment : date <= moment
            }
        }
        if let text = parameters["eventTypeIds"] ?? parameters["eventTypeId"] {
            let ids = Set(text.split(separator: ",").compactMap { Int($0) })
            list = list.filter { booking in
                (booking["eventType"]["id"].integer ?? booking["eventTypeId"].integer)
                    .map(ids.contains) ?? false
            }
        }
        if let uid = parameters["bookingUid"] { list = list.filter { $0["uid"].text == uid } }
        if let text = parameters["status"] {
            let wanted = Set(text.split(separator: ",").map(String.init))
            list = list.filter { !states(of: $0).isDisjoint(with: wanted) }
        }
        return list
    }

    private func states(of booking: Value) -> Set<String> {
        switch booking["status"].text {
        case "cancelled", "rejected": ["cancelled"]
        case "pending": ["unconfirmed"]
        default:
            (booking["end"].date.map { $0 < now } ?? false) ? ["past"] : ["upcoming"]
        }
    }

    // MARK: Order

    private static let orders = [
        ("sortStart", "start"), ("sortEnd", "end"), ("sortCreated", "createdAt"),
        ("sortUpdatedAt", "updatedAt"),
    ]

    private func sorted(_ list: [Value]) -> [Value] {
        guard let (name, member) = Self.orders.first(where: { parameters[$0.0] != nil }) else {
            return list
        }
        let isDescending = parameters[name] == "desc"
        return list.sorted { left, right in
            let (one, other) = (
                left[member].date ?? .distantPast, right[member].date ?? .distantPast
            )
            if one != other { return isDescending ? one > other : one < other }
            return (left["uid"].text ?? "") < (right["uid"].text ?? "")
        }
    }

    // MARK: Pages

    private func offsetPage(_ list: [Value]) -> Value? {
        let take = parameters["take"].map { Int($0) } ?? 100
        let skip = parameters["skip"].map { Int($0) } ?? 0
        guard let take, (1...250).contains(take), let skip, skip >= 0 else { return nil }
        let page = list.dropFirst(skip).prefix(take)
        let rest = max(0, list.count - skip - page.count)
        let pages = (list.count + take - 1) / take
        return envelope(
            page,
            [
                "totalItems": .number(Double(list.count)),
                "remainingItems": .number(Double(rest)),
                "returnedItems": .number(Double(page.count)),
                "itemsPerPage": .number(Double(take)),
                "currentPage": .number(Double(skip / take)),
                "totalPages": .number(Double(pages)),
                "hasNextPage": .flag(rest > 0),
                "hasPreviousPage": .flag(skip > 0),
            ]
        )
    }

    private func cursorPage(_ list: [Value]) -> Value? {
        let limit = parameters["limit"].map { Int($0) } ?? 50
        guard let limit, (1...100).contains(limit) else { return nil }
        var start = 0
        if let cursor = parameters["cursor"] {
            guard
                let uid = Data(base64Encoded: cursor).map({ String(decoding: $0, as: UTF8.self) }),
                let place = list.firstIndex(where: { $0["uid"].text == uid })
            else { return nil }
            start = place + 1
        }
        let page = list.dropFirst(start).prefix(limit)
        let hasMore = start + page.count < list.count
        let last = hasMore ? page.last?["uid"].text : nil
        return envelope(
            page,
            [
                "nextCursor": last.map { .text(Data($0.utf8).base64EncodedString()) } ?? .null,
                "hasMore": .flag(hasMore),
            ]
        )
    }

    private func envelope(_ page: some Sequence<Value>, _ pagination: [String: Value]) -> Value {
        .object([
            "status": .text("success"), "data": .list(Array(page)),
            "pagination": .object(pagination),
        ])
    }
}
