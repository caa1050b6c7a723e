public import Domain

/// A question about something of which the ledger knows nothing.
public enum AuditError: Error, Hashable {
    /// No delivery ever named the booking.
    case unknownBooking(BookingUID)

    /// Daybook never wrote or linked the record.
    case unknownRecord(SalesforceID)

    /// Nobody with the address ever took part in a booking.
    case unknownPerson

    /// The position stands behind the end of the ledger, or before its beginning.
    case beyondEnd(LedgerPosition, end: LedgerPosition)

    /// The moment has not come yet.
    case inFuture(Instant)

    /// Nothing of it was known from the point of view that was asked for.
    case notKnownThen(String)
}

extension AuditError: CustomStringConvertible {
    /// What is not known and what to do about it, without personal data.
    public var description: String {
        switch self {
        case .unknownBooking(let uid):
            """
            The ledger knows no booking '\(uid.rawValue)'. Check the uid: it is the last part of \
            the booking's page at Cal.com. If it is right, its delivery never arrived: ingest it \
            with 'daybook ingest FILE', or look at 'daybook events --type delivery.noted'.
            """
        case .unknownRecord(let record):
            """
            The ledger knows no record '\(record.rawValue)': Daybook never wrote or linked it. \
            Check the id; to see which records a person or a booking has, run 'daybook trace \
            person EMAIL' or 'daybook trace booking UID'.
            """
        case .unknownPerson:
            """
            The ledger knows nobody with this address: no booking names it. Check the spelling, or \
            look for the booking with 'daybook trace booking UID'.
            """
        case .beyondEnd(let position, let end):
            """
            There is no position \(position.rawValue): the ledger holds 1 to \(end.rawValue). \
            'daybook events' lists them.
            """
        case .inFuture(let moment):
            """
            \(moment.rfc3339Seconds) lies in the future, and nothing is known of it. Give a moment \
            that has passed; without any, the answer is about now.
            """
        case .notKnownThen(let view):
            """
            The ledger knew nothing of it \(view). 'daybook trace' shows when the first delivery \
            about it came.
            """
        }
    }
}
