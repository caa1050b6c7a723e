import Foundation
import GRDB
import Synchronization

/// An org: its database, its state, and who is asking.
final class Org: Sendable {
    let database: DatabaseQueue
    let state: Mutex<OrgState>
    let options: EmulatorOptions

    /// Opens the org of the options, creating it first if need be.
    init(options: EmulatorOptions) throws(EmulatorError) {
        self.options = options
        let file = options.orgFile.flatMap { $0.hasSuffix(".json") ? nil : $0 }
        do {
            database = try Self.open(file)
            let schema = try Self.schema(in: database)
            state = Mutex(OrgState(schema: schema))
            try prepare()
        } catch let error as EmulatorError {
            throw error
        } catch {
            throw .unusableFile(path: file ?? "(memory)", reason: "\(error)")
        }
    }

    private static func open(_ file: String?) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            // An org that is lost in a power cut is made again; speed matters more.
            try db.execute(sql: "PRAGMA synchronous = OFF")
            try db.execute(sql: "PRAGMA cache_size = -65536")
        }
        guard let file else { return try DatabaseQueue(configuration: configuration) }
        configuration.journalMode = .wal
        return try DatabaseQueue(path: file, configuration: configuration)
    }

    /// The standard types, the default custom fields, and those that clients added before.
    private static func schema(in database: DatabaseQueue) throws -> Schema {
        var schema = Schema(
            StandardObjects.all + [DefaultCustomFields.routingMiss] + FieldHistory.objects
        )
        let stored = try database.read { db -> [JSON] in
            guard try db.tableExists("emulator_value") else { return [] }
            return try Storage.value(db, "fields")?.array ?? []
        }
        for json in DefaultCustomFields.seed + stored {
            let custom = try CustomField(seed: json)
            _ = schema.add(custom.field, to: custom.object)
        }
        return schema
    }

    private func prepare() throws {
        let schema = state.withLock { $0.completeSchema }
        try database.write { db in
            try Storage.prepare(db, schema: schema)
            if let json = try Storage.value(db, "settings")?.object {
                try state.withLock { try $0.settings.merge(json) }
            }
            let session = Session(db: db, org: self, userID: DefaultOrg.integrationUser)
            state.withLock { $0.schemaChanged = session.now.milliseconds }
            if try session.isNew { try DefaultOrg.fill(session) }
            try restoreStamp(db, schema: schema)
        }
    }

    /// Continues after the latest change that the file knows.
    private func restoreStamp(_ db: Database, schema: Schema) throws {
        for object in schema.objects where object.field("SystemModstamp") != nil {
            let latest = try Int.fetchOne(
                db,
                sql: "SELECT max(\"SystemModstamp\") FROM \(Storage.quoted(object.name))"
            )
            state.withLock { $0.lastStamp = max($0.lastStamp, latest ?? 0) }
        }
    }

    /// The present instant of the org.
    func now() -> Instant {
        let real = Instant(milliseconds: Int(options.now().timeIntervalSince1970 * 1000))
        return state.withLock { $0.clock.now(real) }
    }

    /// Loads a seed as a whole or not at all.
    func load(_ json: JSON) throws(EmulatorError) {
        do {
            try database.write { db in try load(json, db) }
        } catch let error as EmulatorError {
            throw error
        } catch {
            throw .storage("\(error)")
        }
    }

    /// Loads a seed in a transaction that is under way.
    func load(_ json: JSON, _ db: Database) throws {
        guard json.object != nil else { throw EmulatorError.invalidSeed("It is not an object.") }
        let before = state.withLock { ($0.completeSchema, $0.settings) }
        do {
            try db.inSavepoint {
                try Seed(json: json).load(into: self, db)
                return .commit
            }
        } catch {
            state.withLock { ($0.completeSchema, $0.settings) = before }
            throw error
        }
    }
}
