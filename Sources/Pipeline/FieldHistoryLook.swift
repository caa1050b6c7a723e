import Domain
import Salesforce

/// Who changed which field, and exactly when, as the org's field history has it.
///
/// Contacts, leads and accounts have a history if the org tracks fields of theirs; event records
/// have none in any org. Fields that are not tracked leave no trace there.
struct FieldHistoryLook {
    /// The newest change of one field.
    struct Change: Hashable {
        var by: SalesforceID?
        var name: String?
        var at: Instant
    }

    private var newest: [SalesforceID: [String: Change]] = [:]

    /// The history object of an object; nil for one that has none.
    static func object(of object: ObjectName) -> ObjectName? {
        [.contact, .lead, .account].contains(object)
            ? ObjectName("\(object.rawValue)History") : nil
    }

    /// Asks for the changes of some records after a moment.
    ///
    /// - Parameters:
    ///   - records: The records.
    ///   - object: Their object.
    ///   - moment: Only later changes; nil for all.
    /// - Returns: The question; nil for an object without a history.
    static func question(
        _ records: [SalesforceID],
        of object: ObjectName,
        after moment: Instant?
    ) -> ReadRequest? {
        guard let history = Self.object(of: object) else { return nil }
        let isOfRecords = Query.Condition.isIn("\(object.rawValue)Id", records.map(\.rawValue))
        return .query(
            Query(
                ["\(object.rawValue)Id", "Field", "CreatedDate", "CreatedById", "CreatedBy.Name"],
                from: history,
                where: moment.map { .both([isOfRecords, .after("CreatedDate", $0)]) }
                    ?? isOfRecords,
                orderBy: ["CreatedDate", "Id"]
            )
        )
    }

    /// Takes rows of ``question(_:of:after:)``.
    mutating func take(_ rows: [JSON], of object: ObjectName) {
        for row in rows {
            guard let record = row["\(object.rawValue)Id"]?.string.flatMap({ SalesforceID($0) }),
                let field = row["Field"]?.string?.lowercased(),
                let at = row["CreatedDate"]?.string.flatMap({ Instant(rfc3339: $0) })
            else { continue }
            if let known = newest[record]?[field], known.at > at { continue }
            newest[record, default: [:]][field] = Change(
                by: row["CreatedById"]?.string.flatMap { SalesforceID($0) },
                name: row["CreatedBy"]?["Name"]?.string,
                at: at
            )
        }
    }

    /// The newest change of a field; nil if none was tracked.
    ///
    /// References stand in a history under the name of their relation: `Owner` for `OwnerId`.
    func change(of field: FieldName, on record: SalesforceID) -> Change? {
        let name = field.rawValue.lowercased()
        let relation = name.hasSuffix("id") ? String(name.dropLast(2)) : name
        return newest[record]?[name] ?? newest[record]?[relation]
    }
}
