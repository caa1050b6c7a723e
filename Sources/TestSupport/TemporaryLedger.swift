public import Journal
public import Ledger

/// A ledger in a real SQLite file, in a folder that goes with it.
///
/// Keep it in a property of the suite, or otherwise for as long as the ledger is used: the folder
/// is removed when the last reference to it is gone.
public struct TemporaryLedger: Sendable {
    /// The ledger.
    public let ledger: SQLiteLedger
    /// The clock it goes by.
    public let clock: ManualClock
    /// The folder it is in.
    public let folder: TemporaryFolder
    private let isSigned: Bool

    /// The file.
    public var path: String { folder.path("daybook.sqlite") }

    /// Makes a new ledger.
    ///
    /// - Parameter isSigned: Whether it has a key to sign checkpoints with.
    /// - Throws: ``LedgerError``, or an error of Foundation's.
    public init(isSigned: Bool = false) throws {
        try self.init(
            clock: ManualClock(),
            folder: TemporaryFolder(),
            key: .test,
            seed: 1,
            isSigned: isSigned
        )
    }

    private init(
        clock: ManualClock,
        folder: TemporaryFolder,
        key: LedgerKey,
        seed: UInt64,
        isSigned: Bool
    ) throws {
        (self.clock, self.folder, self.isSigned) = (clock, folder, isSigned)
        let path = folder.path("daybook.sqlite")
        ledger = try SQLiteLedger(
            path: path,
            key: key,
            environment: .test(clock: clock, seed: seed),
            keeper: { origin, _ in isSigned ? try .test(origin: origin, path: path) : nil }
        )
    }

    /// Closes the ledger and opens its file again.
    ///
    /// - Parameter key: The key to open it with.
    /// - Returns: The file in the same folder, opened again.
    /// - Throws: ``LedgerError``.
    public func reopened(key: LedgerKey = .test) throws -> Self {
        try ledger.close()
        return try Self(
            clock: clock,
            folder: folder,
            key: key,
            seed: .random(in: 2 ... .max),
            isSigned: isSigned
        )
    }

    /// Opens the file a second time, as another process would.
    ///
    /// - Throws: ``LedgerError``.
    public func openedAgain() throws -> Self {
        try Self(
            clock: clock,
            folder: folder,
            key: .test,
            seed: .random(in: 2 ... .max),
            isSigned: isSigned
        )
    }
}

/// A journal in a real SQLite file, in a folder that goes with it.
///
/// Keep it in a property of the suite, or otherwise for as long as the journal is used: the folder
/// is removed when the last reference to it is gone.
public struct TemporaryJournal: Sendable {
    /// The journal.
    public let journal: Journal
    /// The clock it goes by.
    public let clock: ManualClock
    /// The folder it is in.
    public let folder: TemporaryFolder
    private let isSigned: Bool

    /// The file.
    public var path: String { folder.path("daybook.sqlite") }

    /// Makes a new journal.
    ///
    /// - Parameters:
    ///   - clock: The clock it goes by.
    ///   - seed: What its random bytes follow from.
    ///   - isSigned: Whether it has a key to sign checkpoints with.
    /// - Throws: ``LedgerError``, or an error of Foundation's.
    public init(
        clock: ManualClock = ManualClock(),
        seed: UInt64 = 1,
        isSigned: Bool = false
    ) throws {
        try self.init(
            clock: clock,
            folder: TemporaryFolder(),
            key: .test,
            seed: seed,
            isSigned: isSigned
        )
    }

    private init(
        clock: ManualClock,
        folder: TemporaryFolder,
        key: LedgerKey,
        seed: UInt64,
        isSigned: Bool
    ) throws {
        (self.clock, self.folder, self.isSigned) = (clock, folder, isSigned)
        let path = folder.path("daybook.sqlite")
        journal = try Journal(
            path: path,
            key: key,
            environment: .test(clock: clock, seed: seed),
            keeper: { origin, _ in isSigned ? try .test(origin: origin, path: path) : nil }
        )
    }

    /// Closes the journal and opens its file again.
    ///
    /// - Parameter key: The key to open it with.
    /// - Returns: The file in the same folder, opened again.
    /// - Throws: ``LedgerError``.
    public func reopened(key: LedgerKey = .test) throws -> Self {
        try journal.ledger.close()
        return try Self(
            clock: clock,
            folder: folder,
            key: key,
            seed: .random(in: 2 ... .max),
            isSigned: isSigned
        )
    }

    /// Opens the file a second time, as another process would.
    ///
    /// - Throws: ``LedgerError``.
    public func openedAgain() throws -> Self {
        try Self(
            clock: clock,
            folder: folder,
            key: .test,
            seed: .random(in: 2 ... .max),
            isSigned: isSigned
        )
    }
}
