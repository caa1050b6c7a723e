import GRDB
import Synchronization

/// One request at work: the database connection, who asks, and how.
///
/// Lives inside one transaction and one thread. Everything that reads or changes
/// records is an extension of it.
final class Session {
    let db: Database
    let org: Org

    /// The types as they were when the request came in.
    let schema: Schema

    /// The 18-character id of the user who asks.
    let userID: String

    /// The instant of the request.
    let now: Instant

    /// The path and the method of the request, for faults that are meant for some.
    var path = ""
    var method = ""

    /// What the request's headers ask for.
    var options = RequestOptions()

    /// Whether bulk jobs were made or changed, which an answer may tell of.
    var hasChangedJobs = false

    /// What was written so far; part of the counters once the transaction is committed.
    var writes: [String: Counters.Writes] = [:]

    init(db: Database, org: Org, userID: String) {
        self.db = db
        self.org = org
        self.userID = userID
        now = org.now()
        let (complete, access) = org.state.withLock { ($0.schema, $0.settings.access) }
        schema = access.schema(complete, for: userID, db)
    }

    /// The days of the user who asks; those of UTC unless told otherwise.
    var calendar = LocalCalendar(zone: nil)

    /// The records that the user may not see, as if they were not there.
    var hidden: Set<String> {
        userID == DefaultOrg.integrationUser ? org.state.withLock { $0.hidden } : []
    }

    var settings: OrgSettings { org.state.withLock { $0.settings } }

    /// The time of a change: the present or a set while before, but later than every earlier change.
    func stamp() -> Int {
        org.state.withLock { state in
            let lag = Int(state.settings.commitLagSeconds * 1000)
            state.lastStamp = max(now.milliseconds - lag, state.lastStamp + 1)
            return state.lastStamp
        }
    }

    /// The type of a name in a path or a body.
    func object(_ name: String) throws(APIError) -> ObjectType {
        guard let object = schema.object(name) else { throw .notFound }
        return object
    }

    /// Runs a change that must happen as a whole or not at all.
    ///
    /// When `change` throws, the database and the counts are as before.
    func atomically<R>(_ change: () throws -> R) throws -> R {
        let writesBefore = writes
        do {
            var result: Result<R, any Error>?
            try db.inSavepoint {
                result = Result(catching: change)
                if case .failure = result { return .rollback }
                return .commit
            }
            guard let result else { throw APIError(500, "UNKNOWN_EXCEPTION", "no result") }
            return try result.get()
        } catch {
            writes = writesBefore
            throw error
        }
    }

    /// Counts what another session wrote on behalf of this one.
    func add(_ more: [String: Counters.Writes]) {
        writes.merge(more) { $0 + $1 }
    }

    /// Counts one record written.
    func count(_ change: WritableKeyPath<Counters.Writes, Int>, _ object: ObjectType) {
        writes[object.name, default: .init()][keyPath: change] += 1
    }
}
