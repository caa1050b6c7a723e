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

        init(_ event: StoredEvent, _ part: PersonalPart) {
            (self.event, self.part) = (event, part)
            place = PartPlace(event.position, part.name)
        }
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
        let reader = try EventReader(db, key: key, includingErased: true)
        try eachEvent(naming: subject, db) { event in
            var own = event
            own.commitments.removeAll { $0.subject != subject }
            for part in try reader.parts(of: own, isInPlace: true) {
                try body(OpenedPart(event, part))
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
        let reader = try EventReader(db, key: key, includingErased: true)
        while let row = try rows.next() {
            let event = try event(row)
            for part in try reader.parts(of: event, isInPlace: true) {
                try body(OpenedPart(event, part))
            }
        }
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
