import CalCom
import Domain

// What Cal.com's list shows.
extension SimulatedOffice {
    /// An answer to a question for a list.
    ///
    /// - Parameters:
    ///   - query: The question.
    ///   - most: How many bookings a page has at most.
    /// - Returns: The page.
    func page(_ query: BookingQuery, most: Int) -> JSON {
        let listed = rows.compactMap { uid, row in
            key(row, query.order).map { (key: $0, uid: uid) }
        }
        let rest = listed.sorted { ($0.key, $0.uid) < ($1.key, $1.uid) }.dropFirst(query.skip)
        let shown = rest.prefix(min(most, query.take))
        return .compact([
            ("status", "success"), ("data", .array(shown.map { json($0.uid) })),
            ("pagination", .compact([("hasNextPage", .bool(shown.count < rest.count))])),
        ])
    }

    /// An answer to a question for one booking.
    func one(_ uid: String) -> JSON {
        let found = rows[uid] == nil ? [] : [json(uid)]
        return .compact([("status", "success"), ("data", .array(found))])
    }

    /// What a list goes by; nil for a booking that does not belong to it.
    private func key(_ row: Row, _ order: BookingQuery.Order) -> Instant? {
        switch order {
        case .updated(let since): row.updated.flatMap { $0 >= since ? $0 : nil }
        case .created(let since, let until):
            since <= row.created && row.created <= until ? row.created : nil
        case .starting(let since): row.booking.start >= since ? row.booking.start : nil
        }
    }

    private func json(_ uid: String) -> JSON {
        guard let row = rows[uid] else { return .null }
        let booking = row.booking
        let people = row.people.map { sitter in
            JSON.compact([
                ("name", .string(sitter.person.name)), ("email", .string(sitter.person.spelled)),
                ("timeZone", "Europe/Stockholm"), ("seatUid", sitter.seat.map(JSON.string)),
                ("absent", .bool(row.marks[sitter.person.email] ?? false)),
            ])
        }
        let host = JSON.compact([
            ("name", .string(booking.host.name)), ("email", .string(booking.host.email)),
            ("timeZone", "Europe/London"),
        ])
        return .compact([
            ("uid", .string(uid)), ("title", .string(booking.title)), ("hosts", .array([host])),
            ("status", .string(row.status.rawValue)), ("cancellationReason", reason(row)),
            ("rescheduledFromUid", row.predecessor.map(JSON.string)),
            ("rescheduledToUid", row.successor.map(JSON.string)),
            ("start", .string(booking.start.rfc3339Seconds)),
            ("end", .string(booking.end.rfc3339Seconds)), ("duration", .integer(30)),
            ("eventType", .compact([("id", .integer(Int64(booking.eventType)))])),
            ("location", .string(booking.room ?? booking.videoURL)),
            ("createdAt", .string(row.created.rfc3339)),
            ("updatedAt", row.updated.map { .string($0.rfc3339) } ?? .null),
            ("attendees", .array(people)),
            ("bookingFieldsResponses", booking.isSeated ? nil : answers(booking)),
        ])
    }

    private func answers(_ booking: SimulatedBooking) -> JSON {
        .compact([("email", .string(booking.booker.spelled)), ("size", .string(booking.answer))])
    }

    private func reason(_ row: Row) -> JSON? {
        guard row.status == .cancelled, row.successor == nil else { return nil }
        return row.isWish ? "Please reschedule. Please choose again." : "Budget moved."
    }
}
