import Domain
import Salesforce

/// A Salesforce org in memory, as far as a sync needs one; it shares no code with the client.
///
/// Keeps a log of everything that anybody changed, which is what the laws of the simulation read.
struct SimulatedOrg {
    /// Who changes something.
    enum Editor: Hashable {
        case daybook
        case person
    }

    /// One value that was changed.
    struct Change {
        var time: Instant
        var editor: Editor
        var record: SalesforceID
        var field: String
        var before: JSON
        var after: JSON
        /// Whether it came with the record.
        var isCreation = false
        /// Whether Daybook made it, and the ledger never learned that it took hold.
        var isAnswerLost = false
        /// Whether Daybook made it, and could not read back what became of it.
        var isUnseen = false
        /// When Daybook last looked at the record before; nil where it asked the org to compare.
        var looked: Instant?
        /// When the run of Daybook's began that decided on it; nil for what others did.
        var begun: Instant?
    }

    /// One record.
    struct Record {
        var id: SalesforceID
        var object: ObjectName
        var fields: [String: JSON]
        var created: Instant
        var creator: Editor
        var modified: Instant
        var modifiedBy: Editor
        var isDeleted = false
        /// Who deleted it.
        var deleter: Editor?
        /// When the run of Daybook's began that wrote to it last.
        var begun: Instant?

        func text(_ field: String) -> String { fields[field]?.string ?? "" }
    }

    /// Why a write was refused.
    struct Refusal: Error {
        var code: String
    }

    var records: [SalesforceID: Record] = [:]
    /// The bulk jobs it was given.
    var jobs: [BulkJobID: SimulatedJob] = [:]
    var changes: [Change] = []
    /// The changes whose answer arrived, and of which the ledger does not tell yet: by place.
    private var answered: Set<Int> = []
    /// Whether several people can be related to an event record.
    let isShared: Bool
    /// Whether event records have the field for Daybook's key.
    let hasKey: Bool
    private var made = 0
    /// What the org does by itself after a write of Daybook's.
    var automation: Automation?
    /// The records that an automation has yet to come to, and when it does.
    private var awaited: [(record: SalesforceID, due: Instant)] = []

    /// A flow of the org's: whenever Daybook wrote one field, it writes one, a little later as
    /// another user.
    struct Automation {
        var object: ObjectName
        var trigger: String
        var field: String
        /// Whether it runs on its own a little later, and not in the same breath as the write.
        var isLate: Bool
    }

    init(isShared: Bool, hasKey: Bool) {
        (self.isShared, self.hasKey) = (isShared, hasKey)
    }

    // MARK: Ids

    static func id(_ prefix: String, _ number: Int) -> SalesforceID {
        let digits = String(number)
        let text = prefix + String(repeating: "0", count: 12 - digits.count) + digits
        guard let id = SalesforceID(text) else { preconditionFailure("\(text) is no id") }
        return id
    }

    static let ownUser = id("005", 1)
    /// The first record that is made: the user of the first host.
    static let firstUser = id("005", 1_001)
    /// The user of the second host.
    static let secondUser = id("005", 1_002)
    static let organization = id("00D", 1)

    private static let prefixes: [ObjectName: String] = [
        .contact: "003", .lead: "00Q", .account: "001", .eventRecord: "00U", .user: "005",
        "Organization": "00D",
    ]

    // MARK: Changing

    /// Makes a record.
    mutating func create(
        _ object: ObjectName,
        _ fields: [String: JSON],
        by editor: Editor,
        at now: Instant
    ) -> SalesforceID {
        made += 1
        let id = Self.id(Self.prefixes[object] ?? "a00", made + 1_000)
        var complete: [String: JSON] = ["OwnerId": .string(Self.ownUser.rawValue)]
        for field in OrgFields.all(of: object, self) where field.type == "boolean" {
            complete[field.name] = .bool(false)
        }
        records[id] = Record(
            id: id,
            object: object,
            fields: complete,
            created: now,
            creator: editor,
            modified: now,
            modifiedBy: editor
        )
        store(fields, in: id, by: editor, at: now, isCreation: true)
        return id
    }

    /// Changes a record.
    mutating func change(
        _ id: SalesforceID,
        _ fields: [String: JSON],
        by editor: Editor,
        at now: Instant
    ) throws(Refusal) {
        guard let record = records[id] else { throw Refusal(code: "NOT_FOUND") }
        guard !record.isDeleted else { throw Refusal(code: "ENTITY_IS_DELETED") }
        store(fields, in: id, by: editor, at: now, isCreation: false)
    }

    private mutating func store(
        _ fields: [String: JSON],
        in id: SalesforceID,
        by editor: Editor,
        at now: Instant,
        isCreation: Bool
    ) {
        guard var record = records[id] else { return }
        for (field, value) in fields.sorted(by: { $0.key < $1.key }) {
            let kept = Self.kept(field, value)
            let before = record.fields[field] ?? .null
            record.fields[field] = kept == .null ? nil : kept
            changes.append(
                Change(
                    time: now,
                    editor: editor,
                    record: id,
                    field: field,
                    before: before,
                    after: kept,
                    isCreation: isCreation,
                    isAnswerLost: editor == .daybook
                )
            )
        }
        if record.object == .eventRecord { Self.relate(&record, fields) }
        (record.modified, record.modifiedBy) = (now, editor)
        records[id] = record
        if editor == .daybook { automate(id, fields, now) }
    }

    // MARK: Automation

    private mutating func automate(
        _ id: SalesforceID,
        _ fields: [String: JSON],
        _ now: Instant
    ) {
        guard let automation, records[id]?.object == automation.object,
            fields[automation.trigger] != nil
        else { return }
        if automation.isLate {
            awaited.append((id, now.advanced(byMilliseconds: 3_000)))
        } else {
            run(automation, on: id, at: now)
        }
    }

    private mutating func run(
        _ automation: Automation,
        on id: SalesforceID,
        at now: Instant
    ) {
        guard let record = records[id], !record.isDeleted else { return }
        let value = JSON.string("flow \(record.text(automation.trigger).prefix(8))")
        guard record.fields[automation.field] != value else { return }
        store([automation.field: value], in: id, by: .person, at: now, isCreation: false)
        // In the same breath it runs under the name of whoever wrote.
        if !automation.isLate { records[id]?.modifiedBy = .daybook }
    }

    /// Does what the org has to do by itself by now.
    mutating func work(until now: Instant) {
        workOnJobs(until: now)
        let due = awaited.filter { $0.due <= now }
        awaited.removeAll { $0.due <= now }
        guard let automation else { return }
        for wait in due { run(automation, on: wait.record, at: wait.due) }
    }

    /// Whether the org keeps values of a field in another form.
    static func isReformed(_ field: String) -> Bool { field == "Size__c" || field == "Location" }

    /// An automation of the org's: one field is kept in capitals, another without blanks around it.
    static func kept(_ field: String, _ value: JSON) -> JSON {
        guard case .string(let text) = value else { return value }
        switch field {
        case "Size__c": return .string(text.uppercased())
        case "Location": return .string(text.replacing("  ", with: " "))
        default: return text.isEmpty ? .null : value
        }
    }

    /// Keeps the one related person and the list of all of them in step.
    private static func relate(_ record: inout Record, _ fields: [String: JSON]) {
        if let list = fields["EventWhoIds"]?.array {
            record.fields["WhoId"] = list.first
        } else if let who = fields["WhoId"] {
            record.fields["EventWhoIds"] = who == .null ? nil : .array([who])
        }
    }

    /// Moves a record to the recycle bin.
    mutating func delete(_ id: SalesforceID, by editor: Editor, at now: Instant) throws(Refusal) {
        guard let record = records[id] else { throw Refusal(code: "NOT_FOUND") }
        guard !record.isDeleted else { throw Refusal(code: "ENTITY_IS_DELETED") }
        records[id]?.isDeleted = true
        records[id]?.deleter = editor
        records[id]?.modified = now
        records[id]?.modifiedBy = editor
    }

    // MARK: What Daybook learns

    /// The answer about some records arrived, for everything that was changed from a place on.
    mutating func answer(_ records: Set<SalesforceID>, since place: Int) {
        answer(records, in: place..<changes.count)
    }

    /// The answer about some records arrived, for some of the changes.
    mutating func answer(_ records: Set<SalesforceID>, in places: Range<Int>) {
        answered.formUnion(places.filter { records.contains(changes[$0].record) })
    }

    /// The ledger wrote down what was answered.
    mutating func writeDownAnswers() {
        for place in answered { changes[place].isAnswerLost = false }
        answered = []
    }

    /// The ledger could not write down what was answered.
    mutating func forgetAnswers() { answered = [] }

    /// Whether the ledger tells of all that Daybook did to a record.
    func isLearned(_ id: SalesforceID) -> Bool {
        !changes.contains { $0.record == id && $0.editor == .daybook && $0.isAnswerLost }
    }

    // MARK: What administrators do

    /// Makes one record of two; what was related to the loser is related to the winner.
    mutating func merge(_ loser: SalesforceID, into winner: SalesforceID, at now: Instant) {
        records[loser]?.isDeleted = true
        records[loser]?.fields["MasterRecordId"] = .string(winner.rawValue)
        touch(loser, now)
        touch(winner, now)
        reparent(loser, to: winner)
    }

    /// Makes a contact of a lead.
    mutating func convert(_ lead: SalesforceID, at now: Instant) -> SalesforceID? {
        guard let record = records[lead], !record.isDeleted else { return nil }
        var fields = record.fields.filter {
            ["FirstName", "LastName", "Email", "Phone"].contains($0.key)
        }
        for rule in OrgFields.custom { fields[rule.name] = record.fields[rule.name] }
        let contact = create(.contact, fields, by: .person, at: now)
        records[lead]?.fields["IsConverted"] = .bool(true)
        records[lead]?.fields["ConvertedContactId"] = .string(contact.rawValue)
        touch(lead, now)
        reparent(lead, to: contact)
        return contact
    }

    private mutating func touch(_ id: SalesforceID, _ now: Instant) {
        records[id]?.modified = now
        records[id]?.modifiedBy = .person
    }

    private mutating func reparent(_ old: SalesforceID, to new: SalesforceID) {
        let (old, new) = (JSON.string(old.rawValue), JSON.string(new.rawValue))
        for (id, record) in records where record.object == .eventRecord {
            if record.fields["WhoId"] == old { records[id]?.fields["WhoId"] = new }
            guard let list = record.fields["EventWhoIds"]?.array else { continue }
            records[id]?.fields["EventWhoIds"] = .array(list.map { $0 == old ? new : $0 })
        }
    }

    // MARK: Looking

    /// The records of an object, in the order in which they were made.
    func all(_ object: ObjectName, withDeleted: Bool = false) -> [Record] {
        records.values.filter { $0.object == object && (withDeleted || !$0.isDeleted) }
            .sorted { $0.id < $1.id }
    }

    /// The record that stands in the place of another one by now.
    func present(_ id: SalesforceID) -> Record? {
        guard let record = records[id] else { return nil }
        let next = record.fields["MasterRecordId"] ?? record.fields["ConvertedContactId"]
        if let next = next?.string.flatMap({ SalesforceID($0) }) { return present(next) }
        return record.isDeleted ? nil : record
    }

    /// Whether another record became this one, whatever became of this one since.
    func tookOver(_ id: SalesforceID) -> Bool {
        records.values.contains { record in
            let next = record.fields["MasterRecordId"] ?? record.fields["ConvertedContactId"]
            return next?.string == id.rawValue
        }
    }

    /// The address with which a record was made.
    func email(of record: SalesforceID) -> String {
        let made = changes.first { $0.record == record && $0.isCreation && $0.field == "Email" }
        return made?.after.string?.lowercased() ?? ""
    }

    /// The records that became this one.
    func sources(of id: SalesforceID) -> Set<SalesforceID> {
        Set(records.keys.filter { present($0)?.id == id })
    }
}
