import Domain

// What becomes of records that somebody deleted.
extension Laws {
    /// When somebody deleted what a record became; nil where nobody did.
    func deletion(of record: SimulatedOrg.Record) -> Instant? {
        let next = record.fields["MasterRecordId"] ?? record.fields["ConvertedContactId"]
        if let next = next?.string.flatMap({ SalesforceID($0) }) {
            return org.records[next].flatMap { deletion(of: $0) }
        }
        return record.deleter == .person ? record.modified : nil
    }

    /// Whether somebody deleted a meeting's event record, and nothing asks for it again.
    func isGone(_ records: [SimulatedOrg.Record], _ meeting: NaiveModel.Meeting) -> Bool {
        guard let deleted = records.compactMap({ deletion(of: $0) }).max() else { return false }
        let newest = [meeting.decided, meeting.gathered].compactMap { $0 }.max()
        let isAsked = newest.map { isAfter($0, deleted) } ?? false
        return !meeting.isMadeAgain || !isAsked
    }

    /// The same for a meeting, as far as all of its bookings were known to be one appointment.
    mutating func checkReturn(of records: [SimulatedOrg.Record], _ meeting: NaiveModel.Meeting) {
        let joined = model.joined(meeting.uids)
        let made = records.sorted { $0.id < $1.id }
        for (former, next) in zip(made, made.dropFirst())
        where joined.map({ $0 <= next.created }) ?? true {
            checkReturn(
                of: [former, next],
                model.moments(of: meeting.uids),
                "meeting \(meeting.root)"
            )
        }
    }

    /// One record after the other: another one is made only where the one before was deleted, the
    /// settings say so, and something newer than the deletion asks for it.
    ///
    /// - Parameters:
    ///   - records: All that Daybook made for a meeting or a person, and did not delete.
    ///   - moments: When what was told of it happened.
    ///   - name: What it is, for a person who reads what broke.
    mutating func checkReturn(
        of records: [SimulatedOrg.Record],
        _ moments: [Instant],
        _ name: String
    ) {
        let made = records.filter { $0.creator == .daybook }.sorted { $0.id < $1.id }
        for (former, next) in zip(made, made.dropFirst()) {
            guard let deleted = deletion(of: former), deleted <= next.created else {
                broke("\(name) was made twice")
                continue
            }
            if !mayMakeAgain { broke("\(name) was made again") }
            if moments.allSatisfy({ $0 <= deleted }) {
                broke("\(name) was made again for nothing new")
            }
        }
    }
}
