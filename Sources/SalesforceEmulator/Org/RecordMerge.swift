import GRDB

/// Makes one record of several that stand for the same person or company.
struct RecordMerge {
    let session: Session

    /// Merges records into a winner.
    ///
    /// The losers are deleted with `MasterRecordId` set; what pointed at them points at
    /// the winner. Values of the winner stay.
    ///
    /// - Parameters:
    ///   - losers: The ids that go.
    ///   - winner: The id that stays, of the same type.
    /// - Throws: ``APIError`` if one of them is gone or of another type; nothing was
    ///   written then.
    func merge(_ losers: [String], into winner: String) throws {
        guard let object = session.schema.object(ofID: winner),
            object.field("MasterRecordId") != nil
        else { throw APIError.notFound }
        _ = try session.existingRow(object, id: winner)
        try session.atomically {
            for loser in losers {
                guard loser.hasPrefix(object.keyPrefix), loser != winner else {
                    throw APIError(400, "MALFORMED_ID", "malformed id \(loser)", fields: [])
                }
                _ = try session.existingRow(object, id: loser)
                try moveReferences(to: object, from: loser, to: winner)
                try session.markDeleted(object, id: loser, master: winner)
            }
            try session.set(session.modificationStamps(), in: object, id: winner)
        }
    }

    private func moveReferences(
        to object: ObjectType,
        from loser: String,
        to winner: String
    ) throws {
        for child in session.schema.objects where child.access != .readOnly {
            for field in child.fields where field.type == .reference {
                guard field.referenceTo.contains(object.name), field.name != "MasterRecordId"
                else { continue }
                for id in try session.ids(child, where: field, is: loser.databaseValue) {
                    var values = session.modificationStamps()
                    values[field.name] = winner.databaseValue
                    try session.set(values, in: child, id: id)
                }
            }
        }
    }
}
