import Domain

// What is known once somebody has read Cal.com's list.
extension Laws {
    /// Every booking of the list stands in the ledger as it does in Cal.com, whatever was delivered.
    mutating func checkSource() {
        guard let office else { return }
        for (uid, row) in office.rows.sorted(by: { $0.key < $1.key }) where row.successor == nil {
            guard let meeting = model.meetings.first(where: { $0.uids.contains(uid) }) else {
                broke("\(uid) is in Cal.com and not in the ledger")
                continue
            }
            let isRight =
                switch row.status {
                case .accepted: meeting.status == .booked
                case .pending: meeting.status == .waiting
                case .cancelled, .rejected:
                    meeting.status == (row.isWish ? .waiting : .over)
                }
            if !isRight || meeting.uids.last != uid {
                broke("\(uid) is \(row.status) in Cal.com, \(meeting.status) in the ledger")
            }
            guard row.status == .accepted, !meeting.isForgotten, let known = meeting.booking else {
                continue
            }
            let shown = row.booking
            let (place, other) = (shown.room ?? shown.videoURL, known.room ?? known.videoURL)
            if shown.start != known.start { broke("\(uid) is at another time in Cal.com") }
            if shown.host != known.host { broke("\(uid) has another host in Cal.com") }
            if place != other { broke("\(uid) is at another place in Cal.com") }
            let sitters = Set(meeting.sitters.map(\.email))
            let attendees = shown.isSeated ? sitters : Set(known.emails)
            let shownPeople = Set(row.people.map(\.person.email))
            if shownPeople != attendees {
                broke("\(uid) has other attendees in Cal.com")
            }
        }
    }
}
