import GRDB
import Synchronization

/// Field history tracking: who changed which tracked field, and when.
///
/// An org tracks nothing until somebody chooses fields; an object without tracked fields has no
/// history object at all. Events have none in any org. Which fields are tracked is a setting of the
/// org, `trackedFields`, for example `["Contact.Title"]`.
enum FieldHistory {
    /// The objects that can have a history.
    static let tracked = ["Account", "Contact", "Lead"]

    /// The name of the history object of a type.
    static func name(of object: String) -> String { "\(object)History" }

    /// The history objects of all types that can have one.
    static var objects: [ObjectType] { tracked.map(history) }

    private static func history(of object: String) -> ObjectType {
        var type = ObjectType(
            name: name(of: object),
            label: "\(object) History",
            plural: "\(object) History",
            keyPrefix: "017",
            fields: FieldTable.fields(
                """
                Id                id          FSGDi
                IsDeleted         boolean     FSGD
                \(object)Id         reference   FSG   \(object)→\(object)
                CreatedById       reference   FSGD  User→CreatedBy
                CreatedDate       datetime    FSD
                Field             picklist(255) FSGr
                OldValue          string(255) N
                NewValue          string(255) N
                """
            )
        )
        type.access = .readOnly
        return type
    }

    /// Takes away the history objects of types of which no field is tracked.
    static func restrict(_ schema: inout Schema, tracking fields: [String]) {
        for object in tracked where !fields.contains(where: { $0.hasPrefix("\(object).") }) {
            schema.remove(name(of: object))
        }
    }

    /// Notes the tracked fields that a write changes.
    ///
    /// - Parameters:
    ///   - change: The write, before it is stored.
    ///   - moment: The time of the write.
    ///   - session: The request.
    /// - Throws: A database error.
    static func note(_ change: RecordChange, at moment: DatabaseValue, in session: Session) throws {
        let object = change.object.name
        let fields = session.settings.trackedFields
            .filter { $0.hasPrefix("\(object).") }
            .map { String($0.dropFirst(object.count + 1)) }
        guard !fields.isEmpty,
            let history = session.org.state.withLock({ $0.completeSchema.object(name(of: object)) })
        else { return }
        if change.isCreate {
            return try insert("created", .null, .null, change, moment, history, session)
        }
        for field in fields.sorted() where change.changes(field) {
            let (old, new) = (change.old?[field] ?? .null, change.value(field))
            let isLong = change.object.field(field).map { $0.length > 255 } ?? false
            // Of long texts only that they changed is kept; references go by their relation's name.
            let name = field.hasSuffix("Id") ? String(field.dropLast(2)) : field
            try insert(
                name,
                isLong ? .null : old,
                isLong ? .null : new,
                change,
                moment,
                history,
                session
            )
        }
    }

    private static func insert(
        _ field: String,
        _ old: DatabaseValue,
        _ new: DatabaseValue,
        _ change: RecordChange,
        _ moment: DatabaseValue,
        _ history: ObjectType,
        _ session: Session
    ) throws {
        let row: StoredRow = [
            "Id": try session.nextID(history).databaseValue,
            "\(change.object.name)Id": change.id.databaseValue,
            "CreatedById": session.userID.databaseValue, "CreatedDate": moment,
            "Field": field.databaseValue, "OldValue": old, "NewValue": new,
        ]
        try session.insert(row, into: history)
    }
}
