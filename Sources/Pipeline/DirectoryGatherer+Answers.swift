import Domain
import Reconciliation
import Salesforce

// Files what the org answered.
extension DirectoryGatherer {
    mutating func take(_ rows: [JSON], for question: Question) {
        switch question.purpose {
        case .people(let object):
            for record in records(rows, object) {
                directory.records[record.id] = directory.records[record.id] ?? record
                guard let email = record.text("Email").flatMap(EmailAddress.init) else { continue }
                if object == .contact {
                    directory.contacts[email, default: []].append(record)
                } else {
                    directory.leads[email, default: []].append(record)
                }
            }
        case .records(let object):
            for record in records(rows, object) { file(record) }
        case .users:
            for user in records(rows, .user) {
                guard let email = user.text("Email").flatMap(EmailAddress.init) else { continue }
                directory.users[email, default: []].append(user)
            }
        case .namedUsers:
            for user in records(rows, .user) where user.value("IsActive") == .flag(true) {
                for name in [user.text("Name"), user.text("Email"), user.id.rawValue] {
                    if let name { directory.namedUsers[name] = directory.namedUsers[name] ?? user }
                }
            }
        case .accounts(let purpose):
            accounts.take(rows, for: purpose, into: &directory)
        case .fallbacks(let object, let subjects):
            let found = records(rows, object)
            for record in found { file(record) }
            let ordered = found.filter { !$0.isDeleted } + found.filter(\.isDeleted)
            for subject in subjects { directory.fallbacks[subject] = ordered }
        case .made(let object):
            for record in records(rows, object) {
                file(record)
                guard let email = record.text("Email").flatMap(EmailAddress.init) else { continue }
                directory.made[email, default: []].append(record)
            }
        case .eventsByKey:
            // A live one counts more than another that somebody deleted.
            fileByKey(records(rows, .eventRecord).sorted { $0.isDeleted && !$1.isDeleted })
        }
    }

    /// Files a record that was asked for by its id.
    private mutating func file(_ record: ObservedRecord) {
        guard record.isDeleted else {
            directory.records[record.id] = record
            return
        }
        if let winner = record.reference("MasterRecordId") {
            directory.merged[record.id] = winner
        } else {
            directory.deleted.insert(record.id)
            directory.deletions[record.id] = record.stamp
        }
    }

    private func records(_ rows: [JSON], _ object: ObjectName) -> [ObservedRecord] {
        rows.compactMap { row in
            ObservedRecord(row: row, object: object, description: schema.objects[object])
        }
    }

    private mutating func fileByKey(_ found: [ObservedRecord]) {
        var events: [BookingUID: DesiredEventRecord] = [:]
        for event in desired.events {
            for uid in event.uids { events[uid] = event }
        }
        for record in found {
            let key = record.text(keyField) ?? bookingBegun(for: record, events).map(EventKey.value)
            guard let key else { continue }
            file(record)
            directory.eventsByKey[key] = record
        }
    }

    /// The booking for which an event record without a key was begun: its description ends with the
    /// booking that was the current one then, and that one or one before it in the chain was the
    /// first that was known.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - events: What is wanted for each booking.
    /// - Returns: The booking's appointment; nil if it was made for none of these.
    private func bookingBegun(
        for record: ObservedRecord,
        _ events: [BookingUID: DesiredEventRecord]
    ) -> AppointmentID? {
        let description = record.text("Description") ?? ""
        guard let marker = description.ranges(of: "Cal.com booking ").last,
            let current = BookingUID(String(description[marker.upperBound...])),
            let event = events[current], let place = event.uids.firstIndex(of: current)
        else { return nil }
        let begun = Set(begunUIDs(of: event))
        let root = event.uids[...place].last(where: begun.contains) ?? event.appointment.root
        // What is known to stand for another booking of the chain was made for that one.
        let isOther = event.uids.contains { uid in
            uid != root && links[.event(uid)]?.record == record.id
        }
        return isOther ? nil : AppointmentID(root: root)
    }
}
