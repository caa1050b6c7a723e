import Foundation
public import GRDB

/// A ledger in one SQLite file.
///
/// Writes of concurrent callers share one transaction and one flush; reads run beside them on
/// snapshots. Several processes may open the same file.
public final class SQLiteLedger: EventStore {
    /// The key of this ledger.
    public let key: LedgerKey
    /// The key to sign with, and what is remembered outside the file; nil without.
    public let keeper: CheckpointKeeper?
    /// Why nothing is appended; nil if the file continues what was signed before.
    public let setBack: SetBack?
    /// The keys of people, kept from one read to the next.
    public let keys = KeyMemory()
    let pool: DatabasePool
    let environment: LedgerEnvironment
    let queue: CommitQueue
    let drain: LogDrain

    /// Opens a ledger file, creating or upgrading it first.
    ///
    /// An older file that holds events is copied to `<path>.before-<migration>` before it is
    /// upgraded.
    ///
    /// - Parameters:
    ///   - path: The file; it is created if missing.
    ///   - key: The key of the ledger.
    ///   - environment: Where time and chance come from.
    ///   - keeper: Gives the key to sign with for a ledger's origin; told whether checkpoints were
    ///     made before.
    ///   - readModels: Registers the migrations of the tables that are kept in step with the events.
    /// - Throws: ``LedgerError/newerFormat(found:)``, ``LedgerError/key(reason:)``,
    ///   ``LedgerError/noLedger``, ``LedgerError/unwritable(reason:)`` or
    ///   ``LedgerError/storage(_:)``.
    public init(
        path: String,
        key: LedgerKey,
        environment: LedgerEnvironment,
        keeper: (_ origin: String, _ hasSigned: Bool) throws -> CheckpointKeeper? = { _, _ in nil },
        readModels: (inout DatabaseMigrator) -> Void = { _ in }
    ) throws(LedgerError) {
        (self.key, self.environment) = (key, environment)
        do {
            pool = try Self.connect(to: path)
            var migrator = DatabaseMigrator()
            LedgerSchema.register(in: &migrator)
            readModels(&migrator)
            try Self.migrate(pool, migrator, path: path)
            try Self.adopt(pool, key, environment)
            let (origin, hasSigned) = try pool.read(Self.signing)
            let found = try keeper(origin, hasSigned)
            self.keeper = found
            setBack = try Self.recall(pool, found)
            drain = LogDrain(path: path)
            queue = CommitQueue(pool: pool, key: key, environment: environment, drain: drain)
        } catch {
            throw LedgerError(error)
        }
    }

    /// How many read at once at most.
    static let mostReaders = 4

    /// Opens the file with the settings the ledger relies on.
    private static func connect(to path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = mostReaders
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        // A commit must survive a power cut, and NORMAL does not promise that in WAL mode. Set here
        // and not in `prepareDatabase`, because GRDB sets NORMAL after that has run.
        // https://www.sqlite.org/pragma.html#pragma_synchronous
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 20000")
            // KiB, instead of 2,000: what an import writes in a transaction does not fit into those,
            // so that pages were written to the log and read from it again before the commit.
            try db.execute(sql: "PRAGMA cache_size = -8000")
        }
        return pool
    }

    private static func migrate(
        _ pool: DatabasePool,
        _ migrator: DatabaseMigrator,
        path: String
    ) throws {
        var pending = try pendingMigrations(pool, migrator)
        if let next = pending.first, try pool.read(holdsEvents) {
            let copy = try DatabaseQueue(path: "\(path).before-\(next)")
            try pool.backup(to: copy)
            try copy.close()
        }
        while !pending.isEmpty {
            do {
                try migrator.migrate(pool)
                return
            } catch {
                // Another process may have made the same tables since we looked. Each is made in a
                // transaction, so whatever it finished is whole, and the rest is still to do.
                let rest = try pendingMigrations(pool, migrator)
                guard rest.count < pending.count else { throw error }
                pending = rest
            }
        }
    }

    private static func holdsEvents(_ db: Database) throws -> Bool {
        guard try db.tableExists("ledger") else { return false }
        return try LedgerTables.position(db) > 0
    }

    private static func pendingMigrations(
        _ pool: DatabasePool,
        _ migrator: DatabaseMigrator
    ) throws -> [String] {
        let done = try pool.read { db in try migrator.appliedIdentifiers(db) }
        let unknown = done.subtracting(migrator.migrations)
        if let newest = unknown.sorted().last { throw LedgerError.newerFormat(found: newest) }
        return migrator.migrations.filter { !done.contains($0) }
    }

    /// Writes the head row of a new ledger, and checks that the key belongs to the file.
    private static func adopt(
        _ pool: DatabasePool,
        _ key: LedgerKey,
        _ environment: LedgerEnvironment
    ) throws {
        let known = try pool.read(keyCheck)
        // Of two processes that make one ledger at the same time, the first one's key counts.
        let check =
            try known
            ?? pool.write { db in
                try db.execute(
                    sql: """
                        INSERT OR IGNORE INTO ledger (id, origin, keyCheck, position)
                        VALUES (1, ?, ?, 0)
                        """,
                    arguments: [
                        "daybook.local/\(environment.random(8).hexadecimal)", key.check.data,
                    ]
                )
                return try keyCheck(db)
            }
        guard check == key.check.data else {
            throw LedgerError.key(
                reason: """
                    it does not belong to this file. Point 'ledgerKey' (or \
                    DAYBOOK_LEDGER_KEY_FILE) at the key that was made with the ledger
                    """
            )
        }
    }

    /// Takes in what is remembered outside the file.
    private static func recall(
        _ pool: DatabasePool,
        _ keeper: CheckpointKeeper?
    ) throws -> SetBack? {
        guard let keeper else { return nil }
        try adoptFences(pool, keeper)
        return try pool.read { db in try SetBack.found(keeper, db) }
    }

    /// The name of the log, and whether it ever signed a checkpoint.
    static func signing(_ db: Database) throws -> (origin: String, hasSigned: Bool) {
        let origin = try String.fetchOne(db, sql: "SELECT origin FROM ledger") ?? ""
        let hasSigned = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM checkpoint)")
        return (origin, hasSigned ?? false)
    }

    private static func keyCheck(_ db: Database) throws -> Data? {
        try Data.fetchOne(db, sql: "SELECT keyCheck FROM ledger")
    }

    // MARK: Writing

    /// Runs a write transaction; concurrent calls share one flush.
    ///
    /// When this returns, the changes are on disk. If the body throws, its changes are undone, and
    /// only its own.
    ///
    /// - Parameter body: Appends, and updates what depends on it. May run twice, if another
    ///   caller's work has to be undone in between.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; ``LedgerError/unwritable(reason:)`` or
    ///   ``LedgerError/storage(_:)`` if the commit failed; ``LedgerError/setBack(_:)`` if the file
    ///   is not the one that it was.
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (LedgerTransaction) throws -> Result
    ) async throws -> Result {
        if let setBack { throw LedgerError.setBack(setBack) }
        return try await queue.run(body)
    }

    /// Appends as ``EventStore/append(_:)`` promises.
    @discardableResult
    public func append(_ appends: [StreamAppend]) async throws(LedgerError) -> [Appended] {
        do {
            return try await write { transaction in try transaction.append(appends) }
        } catch {
            throw LedgerError(error)
        }
    }

    /// Writes as ``EventStore/setCursor(_:to:)`` promises.
    public func setCursor(_ name: String, to position: Int64) async throws(LedgerError) {
        do {
            try await write { transaction in try transaction.setCursor(name, to: position) }
        } catch {
            throw LedgerError(error)
        }
    }

    // MARK: Reading

    /// Reads from a snapshot of the whole file.
    ///
    /// - Parameter body: Reads.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, database errors as ``LedgerError``.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        do {
            return try await pool.read(body)
        } catch let error as DatabaseError {
            throw LedgerError(error)
        }
    }

    private func reading<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws(LedgerError) -> Result {
        do { return try await pool.read(body) } catch { throw LedgerError(error) }
    }

    /// Reads as ``EventStore/events(after:limit:)`` promises.
    public func events(
        after position: Int64,
        limit: Int
    ) async throws(LedgerError) -> [StoredEvent] {
        try await reading { [key] db in
            try LedgerTables.events(.after(position, limit: limit), db: db, key: key)
        }
    }

    /// Reads as ``EventStore/events(of:)`` promises.
    public func events(of stream: String) async throws(LedgerError) -> [StoredEvent] {
        try await reading { [key] db in
            try LedgerTables.events(.stream(stream), db: db, key: key)
        }
    }

    /// Reads as ``EventStore/head()`` promises.
    public func head() async throws(LedgerError) -> LedgerHead {
        try await reading { db in try Self.head(db) }
    }

    /// The head, inside a transaction of the caller's.
    ///
    /// - Parameter db: A connection inside a transaction.
    /// - Returns: The last position and the root up to there.
    /// - Throws: A database error.
    public static func head(_ db: Database) throws -> LedgerHead {
        let position = try LedgerTables.position(db)
        let root = try LedgerTables.frontier(db, size: position).root
        return LedgerHead(position: position, root: root)
    }

    /// Reads as ``EventStore/cursor(_:)`` promises.
    public func cursor(_ name: String) async throws(LedgerError) -> Int64 {
        try await reading { db in
            try Int64.fetchOne(
                db,
                sql: "SELECT position FROM cursor WHERE name = ?",
                arguments: [name]
            ) ?? 0
        }
    }

    /// Proves as ``EventStore/inclusionProof(of:size:)`` promises.
    public func inclusionProof(
        of position: Int64,
        size: Int64
    ) async throws(LedgerError) -> [TreeHash] {
        try await reading { db in
            guard position >= 1, position <= size, size <= (try LedgerTables.position(db)) else {
                throw RangeMistake(description: "there is no event \(position) of \(size)")
            }
            return try MerkleProof.inclusion(
                index: UInt64(position - 1),
                size: UInt64(size)
            ) { try LedgerTables.node($0, db) }
        }
    }

    /// The name of this log in checkpoints.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func origin() async throws(LedgerError) -> String {
        try await reading { db in
            try String.fetchOne(db, sql: "SELECT origin FROM ledger") ?? ""
        }
    }

    /// The SQL of all tables, indexes and triggers in the order in which they were made.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func schemaSQL() async throws(LedgerError) -> String {
        try await reading { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT sql FROM sqlite_master
                    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%'
                    ORDER BY type = 'trigger', type = 'index', rowid
                    """
            ).joined(separator: ";\n\n") + ";\n"
        }
    }

    /// The level of `PRAGMA synchronous` of the writing connection; 2 is FULL.
    ///
    /// - Throws: ``LedgerError/storage(_:)``.
    public func synchronousLevel() throws(LedgerError) -> Int {
        do {
            return try pool.writeWithoutTransaction { db in
                try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// Closes the file.
    ///
    /// Calls made afterwards fail.
    ///
    /// - Throws: ``LedgerError/storage(_:)`` if a statement is still running.
    public func close() throws(LedgerError) {
        do {
            try drain.close()
            try pool.close()
        } catch {
            throw LedgerError(error)
        }
    }
}

extension LedgerError {
    /// Gives a foreign error the name that tells what to do.
    public init(_ error: any Error) {
        switch error {
        case let error as LedgerError: self = error
        case let error as DatabaseError: self.init(database: error)
        case let error as NoteError: self = .proof(error)
        default: self = .storage(error)
        }
    }

    private init(database error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_FULL: self = .unwritable(reason: "the disk is full")
        case .SQLITE_READONLY: self = .unwritable(reason: "the file is read-only")
        case .SQLITE_CANTOPEN: self = .unwritable(reason: "the file cannot be opened")
        case .SQLITE_PERM, .SQLITE_AUTH: self = .unwritable(reason: "permission is missing")
        // The file beside the log that processes share is lengthened before anything can be read.
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE:
            self = .unwritable(reason: "the disk is full")
        case .SQLITE_IOERR: self = .unwritable(reason: "the disk reports an error")
        case .SQLITE_NOTADB: self = .noLedger
        case .SQLITE_CORRUPT: self = .damaged
        default: self = .storage(error)
        }
    }
}
