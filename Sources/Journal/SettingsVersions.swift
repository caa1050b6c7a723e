public import Domain
import GRDB
public import Ledger

extension Journal {
    /// Accepts a version of the settings of one scope; nil settings remove what is there.
    ///
    /// Appointments that the version may interpret differently are looked at again in the next run.
    ///
    /// - Parameters:
    ///   - settings: The settings, or nil.
    ///   - scope: Whose bookings they are for.
    ///   - validity: To which events they apply.
    ///   - actor: Who accepts them.
    ///   - isChecked: Whether they were checked against an org's describe.
    ///   - newest: The newest version that whoever decided knew, of any scope; 0 for none. Nil when
    ///     it does not matter what others did meanwhile.
    /// - Returns: The version as accepted.
    /// - Throws: ``LedgerError/conflict(stream:expected:actual:)`` if another version came in
    ///   between: of two that know the same newest one, only one is accepted. ``LedgerError``.
    public func accept(
        _ settings: SyncSettings?,
        for scope: SettingsScope,
        validity: SettingsValidity,
        actor: String,
        isChecked: Bool,
        after newest: Int? = nil
    ) async throws(LedgerError) -> SettingsRevision {
        try await writing { transaction in
            // Here and not before: nobody else writes while this transaction lasts.
            let version = try Self.nextVersion(transaction.db, after: newest)
            let data = JSON.compact([
                ("version", .integer(version)),
                ("scope", .string(scope.name)),
                ("validity", StoredValidity.form(validity)),
                ("checked", .bool(isChecked)),
                ("settings", settings.map(SettingsDocument.encode)),
            ])
            let event = NewEvent(
                id: transaction.eventID(),
                type: settings == nil ? "settings.removed" : "settings.changed",
                occurred: transaction.now,
                correlation: "settings",
                actor: actor,
                data: data.bytes
            )
            let appended = try transaction.append([event], to: "settings-\(scope.name)")
            if validity != .fromNow {
                try transaction.db.execute(
                    sql: """
                        INSERT INTO dirty (root, position) SELECT DISTINCT root, ? FROM booking
                        WHERE true ON CONFLICT (root) DO UPDATE SET position = excluded.position
                        """,
                    arguments: [transaction.lastPosition]
                )
            }
            return SettingsRevision(
                version: SettingsVersion(version),
                position: LedgerPosition(appended.first?.position ?? 0),
                recorded: Instant(milliseconds: transaction.now),
                scope: scope,
                validity: validity,
                settings: settings
            )
        }
    }

    /// All accepted versions, in order.
    ///
    /// - Throws: ``LedgerError``.
    public func settingsRevisions() async throws(LedgerError) -> [SettingsRevision] {
        try await reading { db in try Self.revisions(db) }
    }

    private static let settingsTypes = ["settings.changed", "settings.removed"]

    private static func revisions(_ db: Database) throws -> [SettingsRevision] {
        try LedgerTables.events(.types(settingsTypes, after: 0, limit: .max), db: db, key: nil)
            .map(revision)
    }

    /// The number of the version that comes next, if the newest one is the one that is expected.
    private static func nextVersion(_ db: Database, after newest: Int?) throws -> Int {
        let count = try LedgerTables.events(
            .types(settingsTypes, after: 0, limit: .max),
            db: db,
            key: nil
        ).count
        guard let newest, newest != count else { return count + 1 }
        throw LedgerError.conflict(
            stream: "settings",
            expected: newest == 0 ? ExpectedRevision.none : .exactly(Int64(newest)),
            actual: count == 0 ? nil : Int64(count)
        )
    }

    private static func revision(_ event: StoredEvent) throws -> SettingsRevision {
        do {
            let data = try JSON(parsing: event.data)
            guard let version = data["version"]?.int,
                let scope = data["scope"]?.string.flatMap(SettingsScope.init(name:)),
                let validity = data["validity"].flatMap(StoredValidity.read)
            else { throw UnreadableFact(reason: "it names no version, scope or validity") }
            return SettingsRevision(
                version: SettingsVersion(version),
                position: LedgerPosition(event.position),
                recorded: Instant(milliseconds: event.recorded),
                scope: scope,
                validity: validity,
                settings: try data["settings"].map { try SettingsDocument.decodeSettings($0) }
            )
        } catch {
            throw LedgerError.unreadable(position: event.position, reason: "\(error)")
        }
    }
}

/// The stored form of a validity: `now`, `all`, or milliseconds since 1970, UTC.
enum StoredValidity {
    static func form(_ validity: SettingsValidity) -> JSON {
        switch validity {
        case .fromNow: .string("now")
        case .allHistory: .string("all")
        case .from(let instant): .integer(instant.milliseconds)
        }
    }

    static func read(_ json: JSON) -> SettingsValidity? {
        switch json {
        case .string("now"): .fromNow
        case .string("all"): .allHistory
        default: json.int.map { .from(Instant(milliseconds: Int64($0))) }
        }
    }
}
