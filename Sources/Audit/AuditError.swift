public import Domain

/// A question about something of which the ledger knows nothing.
public enum AuditError: Error, Hashable {
    /// No delivery ever named the booking.
    case unknownBooking(BookingUID)

    /// Daybook never wrote or linked the record.
    case unknownRecord(SalesforceID)

    /// Nobody with the address ever took part in a booking.
    case unknownPerson
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
        }
    }
}
