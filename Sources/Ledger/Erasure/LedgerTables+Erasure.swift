public import GRDB

extension LedgerTables {
    /// A sealed part that was opened.
    public struct OpenedPart: Sendable {
        /// Its event, with no parts.
        public var event: StoredEvent
        /// Its place.
        public var place: PartPlace
        /// Whom it is about, and what it says.
        public var part: PersonalPart
    }

    /// Goes through the events that name a person, by rising position.
    static func eachEvent(
        naming subject: String,
        _ db: Database,
        _ body: (StoredEvent) throws -> Void
    ) throws {
        // The leaf holds the surrogate as text; decoding decides what it means there.
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT position, leaf FROM event WHERE instr(leaf, ?) > 0 ORDER BY position",
            arguments: [Array(subject.utf8).data]
        )
        while let row = try rows.next() { try body(try event(row)) }
    }

    private static func event(_ row: Row) throws -> StoredEvent {
        let position: Int64 = row[0]
        guard let event = Leaf.decode(bytes(row, 1), position: position) else {
            throw LedgerError.unreadable(position: position, reason: "its leaf is damaged")
        }
        return event
    }

    /// Opens the parts about a person, one after the other.
    ///
    /// - Parameters:
    ///   - subject: The surrogate of the person.
    ///   - db: A connection inside a transaction.
    ///   - key: Opens the parts, also those of an erasure that still has to be carried out.
    ///   - body: Takes each part.
    /// - Throws: What the body throws; ``LedgerError``; a database error.
    public static func eachPart(
        of subject: String,
        db: Database,
        key: LedgerKey,
        _ body: (OpenedPart) throws -> Void
    ) throws {
        try eachEvent(naming: subject, db) { event in
            for commitment in event.commitments where commitment.subject == subject {
                try opened(commitment, of: event, db: db, key: key).map(body)
            }
        }
    }

    /// Opens all sealed parts after a position, one after the other.
    ///
    /// - Parameters:
    ///   - position: Only parts of later events.
    ///   - db: A connection inside a transaction.
    ///   - key: Opens the parts.
    ///   - body: Takes each part.
    /// - Throws: What the body throws; ``LedgerError``; a database error.
    public static func eachPart(
        after position: Int64,
        db: Database,
        key: LedgerKey,
        _ body: (OpenedPart) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT position, leaf FROM event WHERE position > ? ORDER BY position",
            arguments: [position]
        )
        while let row = try rows.next() {
            let event = try event(row)
            for commitment in event.commitments {
                try opened(commitment, of: event, db: db, key: key).map(body)
            }
        }
    }

    /// A part whose ciphertext is there; what replaces one stands with its erasure.
    private static func opened(
        _ commitment: SealedPartCommitment,
        of event: StoredEvent,
        db: Database,
        key: LedgerKey
    ) throws -> OpenedPart? {
        guard let body = try body(event.position, commitment.name, db),
            let content = try open(
                body,
                commitment,
                of: event,
                db: db,
                key: key,
                includingErased: true
            )
        else { return nil }
        return OpenedPart(
            event: event,
            place: PartPlace(event.position, commitment.name),
            part: PersonalPart(
                name: commitment.name,
                subject: commitment.subject,
                content: content
            )
        )
    }

    /// The people whose erasure is known from outside the file and still has to be carried out.
    ///
    /// - Parameter db: A connection.
    /// - Returns: Their surrogates, with the keyed digests of their addresses.
    /// - Throws: A database error.
    public static func pendingErasures(_ db: Database) throws -> [String: [UInt8]] {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT subject, blind FROM erasure WHERE position IS NULL ORDER BY subject"
        )
        return Dictionary(
            rows.map { ($0[0], $0.hasNull(atIndex: 1) ? [] : bytes($0, 1)) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The erased person with a keyed digest, and the event that says so.
    ///
    /// - Parameters:
    ///   - blind: The keyed digest of an address.
    ///   - db: A connection.
    /// - Returns: The newest erasure; nil if there was none.
    /// - Throws: A database error.
    public static func erasure(
        ofBlind blind: [UInt8],
        _ db: Database
    ) throws -> (subject: String, position: Int64?)? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT subject, position FROM erasure WHERE blind = ?
                    ORDER BY position DESC LIMIT 1
                    """
            ),
            arguments: [blind.data]
        ).map { ($0[0], $0[1]) }
    }
}
