import Domain
import Journal
import Ledger

/// What must hold once the world has calmed down.
struct Laws {
    let model: NaiveModel
    let knowledge: Knowledge
    let org: SimulatedOrg
    private let bound: [Bound]
    /// The first settings; how people are looked up is the same in all others.
    let settings: SimulatedSettings
    /// Whether settings were accepted for what was told before.
    private let isReplayed: Bool
    /// Whether any settings made records again that somebody had deleted.
    let mayMakeAgain: Bool
    /// Whether any settings told of bookings that nobody's owner was found for.
    let hasMisses: Bool
    /// Cal.com's list of bookings, if somebody read it at the end.
    let office: SimulatedOffice?
    private(set) var violations: [String] = []

    /// How far apart moments have to be to tell which came first: milliseconds.
    static let slack: Int64 = 10_000

    init(_ simulation: Simulation) {
        model = NaiveModel(simulation.told, simulation.accepted, simulation.erased)
        knowledge = Knowledge(simulation.told, simulation.accepted, simulation.erased)
        org = simulation.org.copy
        bound = simulation.bound
        settings = simulation.first
        let all = simulation.accepted.compactMap(\.settings)
        hasMisses = all.contains(where: \.tellsMisses)
        mayMakeAgain = all.contains(where: \.makesAgain)
        isReplayed = simulation.accepted.contains(where: \.isRetroactive)
        office = simulation.isOfficeRead ? simulation.office : nil
    }

    mutating func broke(_ what: String) { violations.append(what) }

    mutating func checkAll() {
        checkMeetings()
        checkPeople()
        checkWrites()
        checkErased()
        checkFurther()
        checkExtras()
        checkSource()
    }

    // MARK: What is remembered of the org's records

    /// The booking for which an event record was made.
    func uid(of record: SimulatedOrg.Record) -> String {
        let made = org.changes.first {
            $0.record == record.id && $0.isCreation && $0.field == "Description"
        }
        return made?.after.string?.split(separator: " ").last.map(String.init) ?? ""
    }

    func email(of record: SalesforceID) -> String { org.email(of: record) }

    func changes(_ record: SalesforceID, _ field: String? = nil) -> [SimulatedOrg.Change] {
        org.changes.filter { $0.record == record && (field == nil || $0.field == field) }
    }

    // MARK: Event records

    private mutating func checkMeetings() {
        let all = org.all(.eventRecord, withDeleted: true)
        for meeting in model.meetings {
            // One that Daybook deleted does not count: the meeting may be booked again.
            let own = all.filter {
                meeting.uids.contains(uid(of: $0)) && $0.deleter != .daybook
            }
            let live = own.filter { !$0.isDeleted }.sorted { first, second in
                place(of: first, in: meeting) < place(of: second, in: meeting)
            }
            let least = isGone(own, meeting) ? 0 : 1
            let name = "meeting \(meeting.root)"
            switch meeting.status {
            case .booked where live.count < least: broke("\(name) has no event record")
            case .over where meeting.isDeletedWhenOver && meeting.wasBooked && !live.isEmpty:
                broke("\(name) is over and still shown")
            default: checkSpare(live.dropFirst(), name)
            }
            if let main = live.first, meeting.wasBooked { checkFields(of: main, meeting) }
            if !meeting.isForgotten { checkReturn(of: own, meeting) }
        }
        let keys = all.filter { $0.deleter == nil }.map { $0.text("Daybook_Key__c") }.filter {
            !$0.isEmpty
        }
        if Set(keys).count != keys.count { broke("an event record was made twice") }
    }

    /// Of several records that were made before their bookings were known to be one appointment, the
    /// one of the first booking stands for it.
    private func place(
        of record: SimulatedOrg.Record,
        in meeting: NaiveModel.Meeting
    ) -> Int {
        meeting.uids.firstIndex(of: uid(of: record)) ?? 0
    }

    /// A further record stays only where somebody worked on that very one.
    private mutating func checkSpare(_ records: ArraySlice<SimulatedOrg.Record>, _ name: String) {
        for record in records {
            let isTouched = changes(record.id).contains { $0.editor == .person }
            if !isTouched { broke("\(name) has a further event record") }
        }
    }

    private mutating func checkFields(of record: SimulatedOrg.Record, _ meeting: NaiveModel.Meeting)
    {
        for (field, wish) in meeting.fields.sorted(by: { $0.key < $1.key }) {
            guard let wanted = value(wish.value, field) else { continue }
            if meeting.isForgotten, ["Subject", "Location", "No_Show__c"].contains(field) {
                continue
            }
            let touched = changes(record.id, field).last { $0.editor == .person }?.time
            let live = record.fields[field] ?? .null
            // An owner that the org chose, because ours was not active, was there before a replay,
            // and what is told late of an earlier time is nothing new.
            let isTheirs = live == .string(SimulatedOrg.ownUser.rawValue)
            if field == "OwnerId", isTheirs, isReplayed { continue }
            if let touched, !(wish.isLive && isAfter(wish.since, touched)) { continue }
            // What a replay was held back from is considered: an earlier fact is nothing new then.
            if touched != nil, isReplayed, model.isOvertaken(wish, meeting.uids) { continue }
            if isEchoed(record.id, field, wanted) { continue }
            if isTakenForEdited(record.id, field, wish) { continue }
            if isOtherwiseRight(live, field, meeting, isTouched: touched != nil) { continue }
            if live != SimulatedOrg.kept(field, wanted) {
                broke("\(meeting.root).\(field) is \(live.text) instead of \(wanted.text)")
            }
        }
        if meeting.status == .booked { checkAttendees(of: record, meeting) }
    }

    func isAfter(_ moment: Instant, _ other: Instant) -> Bool {
        moment > other.advanced(byMilliseconds: Self.slack)
    }

    /// The value in the form of the org; nil for what it cannot hold.
    func value(_ value: JSON, _ field: String) -> JSON? {
        guard field == "OwnerId" else { return value }
        return org.all(.user).first { $0.fields["Email"] == value }.map { .string($0.id.rawValue) }
    }

    private mutating func checkAttendees(
        of event: SimulatedOrg.Record,
        _ meeting: NaiveModel.Meeting
    ) {
        guard !meeting.isForgotten, !meeting.related.contains(where: isLost) else { return }
        let records = meeting.related.compactMap { chosen($0) }
        guard let first = records.first else { return }
        let wanted =
            first.object == .lead || !org.isShared
            ? [first] : records.filter { $0.object == .contact }
        let live =
            org.isShared
            ? event.fields["EventWhoIds"]?.array ?? [] : [event.fields["WhoId"] ?? .null]
        let ids = wanted.map { JSON.string($0.id.rawValue) }
        // Salesforce changes the list when it converts or merges one of them: as if edited.
        let related = live.compactMap { $0.string.flatMap { SalesforceID($0) } }
        if let moved = lastMove(of: related + records.map(\.id)) {
            let isNewer = meeting.gathered.map { isAfter($0, moved) } ?? false
            // What settings say of the time before them does not replace that.
            if live.first == ids.first || !isNewer || isReplayed { return }
        }
        // Which one comes first is said when the list is made.
        if Set(live.map(\.text)) != Set(ids.map(\.text)) {
            broke("\(meeting.root) is related to \(live.map(\.text)) instead of \(ids.map(\.text))")
        }
    }

    /// When the last record became one of these by merging or converting; nil where none did.
    private func lastMove(of ids: [SalesforceID]) -> Instant? {
        ids.flatMap { org.sources(of: $0).subtracting([$0]) }
            .compactMap { org.records[$0]?.modified }.max()
    }

    // MARK: People

    /// Whether the person's record was deleted by somebody, so that it is not made again, or cannot
    /// be found again after an erasure or by bookings.
    private func isLost(_ email: String) -> Bool {
        model.erasure(of: email) != nil && hasMoved(email) || isDeleted(email)
            || wasLeftToForms(email)
    }

    /// Whether the person's record moved while nothing but forms had written to it.
    ///
    /// Bookings look for the address, whatever a form found: what became of that they do not know.
    func wasLeftToForms(_ email: String) -> Bool {
        guard let record = found(email),
            org.present(record.id)?.id != record.id || isReaddressed(record.id)
        else { return false }
        return changes(record.id).allSatisfy { change in
            change.editor != .daybook
                || ["Form_Size__c", "Gone_Size__c", "AccountId"].contains(change.field)
        }
    }

    private func isDeleted(_ email: String) -> Bool {
        org.records.values.contains { record in
            record.deleter == .person && record.object != .eventRecord
                && org.sources(of: record.id).union([record.id]).contains {
                    self.email(of: $0) == email
                } || record.deleter == .person && becameOf(record.id, email)
        }
    }

    /// Whether a record of the person's does not stand for itself any more: whoever is erased is
    /// looked for by the address afterwards, as if nothing had been there.
    private func hasMoved(_ email: String) -> Bool {
        org.records.values.contains { record in
            self.email(of: record.id) == email
                && (org.present(record.id)?.id != record.id || isReaddressed(record.id))
        }
    }

    /// Whether somebody gave a record another address.
    private func isReaddressed(_ record: SalesforceID) -> Bool {
        changes(record, "Email").contains { $0.editor == .person && !$0.isCreation }
    }

    /// Whether a record of the person's became the record by merging or converting.
    func becameOf(_ id: SalesforceID, _ email: String) -> Bool {
        org.records.values.contains { record in
            let next = record.fields["MasterRecordId"] ?? record.fields["ConvertedContactId"]
            guard next?.string == id.rawValue else { return false }
            return self.email(of: record.id) == email || becameOf(record.id, email)
        }
    }

    private func records(
        _ email: String,
        _ object: ObjectName,
        by editor: SimulatedOrg.Editor
    )
        -> [SimulatedOrg.Record]
    {
        org.all(object, withDeleted: true).filter {
            $0.creator == editor && self.email(of: $0.id) == email
                && !isConversion($0)
        }
    }

    private func isConversion(_ record: SimulatedOrg.Record) -> Bool {
        org.records.values.contains {
            $0.fields["ConvertedContactId"]?.string == record.id.rawValue
        }
    }

    /// The record that stands for a person now; nil if there is none.
    func chosen(_ email: String) -> SimulatedOrg.Record? {
        found(email).flatMap { org.present($0.id) }
    }

    /// The record that the first booking of a person took, wherever it is now.
    private func found(_ email: String) -> SimulatedOrg.Record? {
        guard !isUndecided(email) else { return nil }
        let own = records(email, .contact, by: .daybook) + records(email, .lead, by: .daybook)
        return named(email) ?? lookedUp(email) ?? own.first ?? converted(email)
    }

    /// The record that an operator named, unless the person was erased since.
    private func named(_ email: String) -> SimulatedOrg.Record? {
        let last = bound.last { $0.email == email }
        guard let last, model.erasure(of: email).map({ $0 < last.time }) ?? true else { return nil }
        return org.records[last.record]
    }

    /// The contact with a person's address that was made of a lead which only forms had found.
    private func converted(_ email: String) -> SimulatedOrg.Record? {
        guard settings.mode != .lead else { return nil }
        return org.all(.contact, withDeleted: true).first {
            self.email(of: $0.id) == email && isConversion($0)
        }
    }

    /// The record that was there before Daybook and that bookings take.
    private func lookedUp(_ email: String) -> SimulatedOrg.Record? {
        settings.ambiguity == .newest ? fitting(email).last : fitting(email).first
    }

    /// The records that were there before Daybook and of which bookings take one, oldest first.
    private func fitting(_ email: String) -> [SimulatedOrg.Record] {
        let contacts = records(email, .contact, by: .person)
        let leads = records(email, .lead, by: .person)
        let under = contacts.filter { $0.fields["AccountId"] != nil }
        let groups =
            switch settings.mode {
            case .contact: [contacts]
            case .lead:
                [
                    settings.checksContacts ? contacts : [], leads,
                    settings.createsUnderAccount ? under : [],
                ]
            case .contactUnderAccount: [under, contacts, settings.createsLeads ? leads : []]
            }
        return groups.first { !$0.isEmpty } ?? []
    }

    /// Whether several records have a person's address, and somebody has to say which is meant.
    private func isUndecided(_ email: String) -> Bool {
        let fitting = fitting(email)
        return settings.ambiguity == .review && fitting.count > 1 && named(email) == nil
            && !fitting.contains { isLeft($0, of: fitting) }
    }

    /// Whether Daybook gave a contact its account after somebody had deleted all the others: until
    /// then it did not count beside them.
    private func isLeft(_ record: SimulatedOrg.Record, of all: [SimulatedOrg.Record]) -> Bool {
        let given = changes(record.id, "AccountId").first { $0.editor == .daybook }
        guard let given else { return false }
        return all.allSatisfy {
            $0.id == record.id || $0.deleter == .person && $0.modified <= given.time
        }
    }

    /// Nothing is made or written for bookings of somebody whose record is not decided.
    private mutating func checkUndecided(_ email: String, _ own: Int, _ name: String) {
        if own > 0 { broke("\(name) was made beside several others") }
        let fitting = fitting(email)
        let written = fitting.flatMap { changes($0.id) }.filter { change in
            change.editor == .daybook && !["Form_Size__c", "Gone_Size__c"].contains(change.field)
                && !wasNamed(email, until: change.time)
                // Once somebody has deleted all others, there is nothing to decide.
                && !fitting.allSatisfy {
                    $0.id == change.record || $0.isDeleted && $0.modified <= change.time
                }
        }
        if let change = written.first { broke("\(name).\(change.field) was written by a guess") }
    }

    /// Whether an operator had named somebody's record by then, and the person was not erased since.
    private func wasNamed(_ email: String, until moment: Instant) -> Bool {
        bound.contains { bound in
            bound.email == email && bound.time <= moment
                && !model.wasErased(email, after: bound.time, until: moment)
        }
    }

    private func mayCreate(_ email: String) -> Bool {
        switch settings.mode {
        case .contact: !settings.skipsCreation
        case .lead: !waitsForAccount(email)
        case .contactUnderAccount:
            !waitsForAccount(email)
                && (hasAccount(email) ? settings.createsUnderAccount : settings.createsLeads)
        }
    }

    private mutating func checkPeople() {
        let required = model.requiredPeople
        for (number, person) in SimulatedPerson.attendees.enumerated() {
            let email = person.email
            let own = records(email, .contact, by: .daybook) + records(email, .lead, by: .daybook)
            let isErased = model.erasure(of: email) != nil
            if !isErased {
                checkReturn(of: own, model.moments(naming: email), "person \(number)")
            }
            let isLost = isLost(email)
            guard !isUndecided(email) else {
                checkUndecided(email, own.count, "person \(number)")
                continue
            }
            guard let record = chosen(email) else {
                if required.contains(email), mayCreate(email), !isLost {
                    broke("person \(number) has no record")
                }
                continue
            }
            guard !isLost else { continue }
            for (field, policy) in SimulatedSettings.policies {
                check(record, email, field, policy, "person \(number)")
            }
            for field in ["Last_Demo__c", "Last_Cancel__c", "Missed_Size__c"] {
                check(record, email, field, "always", "person \(number)")
            }
            checkFormFields(record, email, "person \(number)")
            checkTypes(record, email, "person \(number)")
        }
    }

    private mutating func checkFormFields(
        _ record: SimulatedOrg.Record,
        _ email: String,
        _ name: String
    ) {
        // Of somebody who never booked it is not said which record is meant.
        guard !model.wishes(of: email, "Size__c").isEmpty else { return }
        check(record, email, "Form_Size__c", "always", name)
        check(record, email, "Gone_Size__c", "whenEmpty", name)
    }

    /// When somebody else than Daybook last had a say in a field, or the record was moved.
    func lastTouch(_ record: SalesforceID, _ field: String) -> Instant? {
        let edits = changes(record, field).filter { change in
            change.editor == .person && (!change.isCreation || change.field == field)
                && !(change.isCreation && change.after == .null)
        }.map(\.time)
        let moves = org.sources(of: record).subtracting([record])
            .compactMap { org.records[$0]?.modified }
        // What was there before an erasure counts as put there by somebody else.
        let erasure = model.erasure(of: email(of: record))
        return (edits + moves + lookAlikes(record) + [erasure].compactMap { $0 }).max()
    }

    /// When somebody gave a record the owner whom bookings wish for.
    ///
    /// Of an interrupted write that shows in one field, all counts as written, and what stands in the
    /// other fields as edited since.
    private func lookAlikes(_ record: SalesforceID) -> [Instant] {
        let hosts = model.formerWishes(of: email(of: record), "OwnerId")
            .compactMap { user($0.value) }
        return changes(record, "OwnerId").filter { change in
            change.editor == .person && !change.isCreation
                && hosts.contains(change.after.string ?? "")
        }.map(\.time)
    }

    mutating func check(
        _ record: SimulatedOrg.Record,
        _ email: String,
        _ field: String,
        _ policy: String,
        _ name: String
    ) {
        let wishes = model.wishes(of: email, field)
        guard let newest = wishes.last, policy != "observe" else { return }
        let live = record.fields[field] ?? .null
        let wanted = SimulatedOrg.kept(field, newest.value)
        let touch = lastTouch(record.id, field)
        // Nothing tells a value in another form from an edit, where its answer was lost or nobody
        // looked what became of it, and somebody changed the record.
        let isEdited = changes(record.id).contains { $0.editor == .person }
        let isLost = changes(record.id, field).contains { $0.isAnswerLost || $0.isUnseen }
        let isUnknowable = isLost && SimulatedOrg.isReformed(field) && isEdited
        let isRight: Bool
        switch (policy, touch) {
        case ("whenEmpty", nil):
            isRight = wishes.contains { SimulatedOrg.kept(field, $0.value) == live }
        case ("always", nil): isRight = live == wanted || isUnknowable
        case (_, nil): isRight = live == wanted
        case ("always", let touch?):
            isRight =
                live == wanted || !newest.isLive || !isAfter(newest.since, touch) || isUnknowable
                || isEchoed(record.id, field, newest.value)
        case ("enforce", _?):
            isRight =
                live == wanted || !newest.isLive || isFoughtOver(record, field, wanted)
                || isEchoed(record.id, field, newest.value)
        default: isRight = true
        }
        if !isRight {
            broke("\(name).\(field) (\(policy)) is \(live.text) instead of \(wanted.text)")
        }
    }

    /// Whether a value was put back so often that a person is asked first: another one that is
    /// booked does not count as put back.
    private func isFoughtOver(
        _ record: SimulatedOrg.Record,
        _ field: String,
        _ wanted: JSON
    ) -> Bool {
        // They are counted for the person, whichever records stood for that one.
        let all = org.sources(of: record.id).flatMap { changes($0, field) }
            .sorted { $0.time < $1.time }
        let corrections = zip(all, all.dropFirst()).count { edit, answer in
            edit.editor == .person && answer.editor == .daybook
        }
        return corrections > 2 && all.last { $0.editor == .daybook }?.after == wanted
    }
}
