import GRDB
import Synchronization

/// The records that a user looked at last, as far as clients said that they count.
///
/// Reads and writes of single records count with the header `Sforce-Mru: updateMru=true`.
struct RecentRoutes {
    let session: Session

    private static let most = 200

    /// Notes that the user looked at a record, if the request says so.
    func note(_ id: String) {
        guard session.options.updatesRecent else { return }
        session.org.state.withLock { state in
            var ids = state.recent[session.userID] ?? []
            ids.removeAll { $0 == id }
            ids.insert(id, at: 0)
            state.recent[session.userID] = Array(ids.prefix(Self.most))
        }
    }

    /// The records, the latest first, without deleted ones.
    ///
    /// - Parameters:
    ///   - object: Only records of this type; nil means all.
    ///   - limit: The most records wanted.
    /// - Returns: An array of records with `Id` and their name.
    /// - Throws: What the database throws; not expected.
    func list(_ object: ObjectType? = nil, limit: Int? = nil) throws -> JSON {
        let ids = session.org.state.withLock { $0.recent[session.userID] ?? [] }
        var records: [JSON] = []
        for id in ids where object.map({ id.hasPrefix($0.keyPrefix) }) ?? true {
            guard let type = session.schema.object(ofID: id),
                let row = try session.row(type, id: id), !row.flag("IsDeleted")
            else { continue }
            var record: JSONObject = [
                "attributes": session.attributes(type.name, id: id), "Id": .string(id),
            ]
            if let name = type.nameField?.name { record[name] = JSON(row.text(name)) }
            records.append(.object(record))
        }
        return .array(Array(records.prefix(limit ?? Self.most)))
    }
}
