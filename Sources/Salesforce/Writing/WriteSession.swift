import Domain

/// The way from writes to their outcomes: which call is due, and what became of each write.
///
/// Pure. The client asks for the next call, makes it and hands the answers back, until nothing
/// is due any more.
///
/// | What happens | What follows |
/// | --- | --- |
/// | a row was refused | its write is refused; what awaits it goes on without, if it can |
/// | a row was locked | sent again, at most three times |
/// | a subrequest was halted, because one that it refers to failed | sent again with real ids |
/// | a collection was refused as a whole for a field | the writes with that field are refused |
/// | a collection could not be parsed, for no field in particular | sent again in halves |
/// | a read-back failed, and can be asked otherwise by now | sent again |
/// | a read-back failed for good | the record counts as written, but not seen |
struct WriteSession {
    /// How far a write has come.
    enum Progress: Hashable {
        case waiting
        case written(SalesforceID, wasCreated: Bool)
        case refused([RecordError])
        case unknown(String)
        case notAttempted
    }

    /// How often a locked row is sent again.
    static let mostLockTries = 3
    /// How many calls may go into finding the record that makes a collection unreadable.
    static let mostSearches = 16

    let requests: [WriteRequest]
    let root: String
    private(set) var progress: [Progress]
    private var ids: [OperationID: SalesforceID]
    private let descriptions: [ObjectName: ObjectDescription]
    private var places: [OperationID: Int] = [:]
    private(set) var unreadable: Set<FieldName>

    private var seen: [Int: ObservedRecord] = [:]
    private var unread: Set<Int> = []
    private var lockTries: [Int: Int] = [:]
    private var mostRecords: [Int: Int] = [:]
    private var lastErrors: [Int: [RecordError]] = [:]
    private var searches = 0

    /// How often rows were found locked in a row of calls; 0 if no pause is due.
    private(set) var pausesDue = 0

    /// Begins with some writes.
    ///
    /// - Parameters:
    ///   - requests: The writes.
    ///   - known: The ids of records that earlier calls created.
    ///   - root: The path of the API version.
    ///   - unreadable: Fields that are never read back.
    ///   - descriptions: What is known of objects, to read rows by type.
    init(
        _ requests: [WriteRequest],
        known: [OperationID: SalesforceID],
        root: String,
        unreadable: Set<FieldName> = [],
        descriptions: [ObjectName: ObjectDescription] = [:]
    ) {
        (self.requests, self.root, self.ids) = (requests, root, known)
        (self.unreadable, self.descriptions) = (unreadable, descriptions)
        progress = requests.map { request in
            request.unsendablePart.map { .refused([$0]) } ?? .waiting
        }
        for (place, request) in requests.enumerated() { places[request.operation] = place }
    }

    /// The outcomes, one per write.
    ///
    /// Complete once ``nextCall()`` returned nil.
    var outcomes: [WriteOutcome] {
        progress.enumerated().map { write, progress in
            switch progress {
            case .waiting, .notAttempted: .notAttempted
            case .written(let id, let wasCreated):
                .written(id, wasCreated: wasCreated, seen: seen[write])
            case .refused(let errors): .refused(errors)
            case .unknown(let reason): .unknown(reason)
            }
        }
    }

    /// The next call, or nil if nothing is due.
    mutating func nextCall() -> WriteCall? {
        dropHopeless()
        let waiting = progress.indices.filter { progress[$0] == .waiting }
        let (steps, stuck) = WriteStep.steps(
            for: waiting,
            of: requests,
            mostRecords: mostRecords
        )
        for write in stuck { progress[write] = .notAttempted }
        if steps.isEmpty, unread.isEmpty { return stuck.isEmpty ? nil : nextCall() }
        let pending = readBacks().count
        let count =
            steps.isEmpty
            ? 0 : WriteStep.fitting(steps, of: requests, readBacks: pending)
        return call(Array(steps.prefix(count)))
    }

    /// Ends the writes that await a record which will not exist.
    private mutating func dropHopeless() {
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for write in progress.indices where progress[write] == .waiting {
                if requests[write].fields.values.allSatisfy(isPossible) { continue }
                progress[write] = .notAttempted
                hasChanged = true
            }
        }
    }

    /// Whether a value can be sent; of several records, one that exists is enough.
    private func isPossible(_ value: OutgoingValue) -> Bool {
        switch value {
        case .value: true
        case .record(let reference): mayExist(reference)
        case .records(let references):
            references.isEmpty || references.contains(where: mayExist)
        }
    }

    private func mayExist(_ reference: RecordReference) -> Bool {
        guard case .created(let operation) = reference, ids[operation] == nil else { return true }
        return places[operation].map { progress[$0] == .waiting } ?? false
    }

    private mutating func call(_ steps: [WriteStep]) -> WriteCall {
        var call = WriteCall()
        var rendering = WriteRendering(requests, root: root, ids: ids)
        for (place, step) in steps.enumerated() {
            call.refers.append(step.writes.contains { rendering.refers($0) })
            call.steps.append(step)
            call.subrequests.append(rendering.subrequest(step, reference: "w\(place)"))
            if step.form != .delete { unread.formUnion(step.writes) }
        }
        if call.goesAlone { return call }
        let room = Composite.mostCollections - steps.count { $0.form != .guarded }
        for readBack in readBacks().prefix(max(0, room)) {
            let reference = "b\(call.readBacks.count)"
            call.subrequests.append(rendering.subrequest(readBack, reference: reference))
            call.readBacks.append(readBack)
        }
        // What has been asked once is asked again only if there is a reason.
        for readBack in call.readBacks { unread.subtract(readBack.writes) }
        return call
    }

    /// The reads that are due: per object one of records that exist, and one of those to come.
    ///
    /// Apart, so that a record that is refused once more does not keep the others unseen.
    private func readBacks() -> [WriteCall.ReadBack] {
        struct Group: Hashable {
            let object: ObjectName
            let exists: Bool
        }
        let groups = Dictionary(grouping: unread.sorted()) {
            Group(object: requests[$0].object, exists: isWritten($0))
        }
        let sorted = groups.sorted { left, right in
            left.key.exists == right.key.exists
                ? left.key.object < right.key.object : left.key.exists
        }
        return sorted.flatMap { group, writes in
            writes.slices(of: Composite.mostRead).map { slice in
                WriteCall.ReadBack(
                    object: group.object,
                    fields: fieldsReadBack(of: slice),
                    writes: Array(slice),
                    refers: slice.contains { refersForReadBack($0) }
                )
            }
        }
    }

    private func refersForReadBack(_ write: Int) -> Bool {
        if case .written = progress[write] { return false }
        switch requests[write].kind {
        case .create, .upsert: return true
        case .update, .delete: return false
        }
    }

    private func fieldsReadBack(of writes: some Sequence<Int>) -> [FieldName] {
        var fields = Set(ObservedRecord.systemFields)
        for write in writes {
            fields.formUnion(requests[write].fields.keys)
            fields.formUnion(requests[write].readBack)
            if case .upsert(let key, _) = requests[write].kind { fields.insert(key) }
        }
        return ["Id"] + fields.subtracting(unreadable).subtracting(["Id"]).sorted()
    }
}

// What came back.
extension WriteSession {
    /// Takes in the answers to a call, by reference.
    mutating func absorb(_ answers: [String: Subanswer], of call: WriteCall) {
        pausesDue = 0
        var hasSearched = false
        for (place, step) in call.steps.enumerated() {
            let answer = answers["w\(place)"]
            hasSearched = absorb(answer, to: step, refers: call.refers[place]) || hasSearched
        }
        searches += hasSearched ? 1 : 0
        // Nothing is there to be read of a record that was not written.
        unread = unread.filter { isWritten($0) }
        for (place, readBack) in call.readBacks.enumerated() {
            absorb(answers["b\(place)"], to: readBack)
        }
    }

    /// Takes in that a call may have been obeyed, but got no answer.
    mutating func lose(_ call: WriteCall, reason: String) {
        for write in call.steps.flatMap(\.writes) { progress[write] = .unknown(reason) }
        if !call.isRead { abandon() }
    }

    /// Takes in that no further call can be made.
    mutating func abandon() {
        for write in progress.indices where progress[write] == .waiting {
            progress[write] = lastErrors[write].map { .refused($0) } ?? .notAttempted
        }
        unread = []
    }

    private func isWritten(_ write: Int) -> Bool {
        if case .written = progress[write] { true } else { false }
    }

    /// Takes in the answer to a step.
    ///
    /// - Returns: Whether the step has to be sent again in smaller parts.
    private mutating func absorb(
        _ answer: Subanswer?,
        to step: WriteStep,
        refers: Bool
    ) -> Bool {
        guard let answer else {
            lose(step, "the answer leaves the record out")
            return false
        }
        if answer.status >= 500 {
            lose(step, "the server answered \(answer.status)")
            return false
        }
        if !answer.isSuccess { return refuse(step, answer, refers: refers) }
        if step.form == .guarded, case .update(let id) = requests[step.writes[0]].kind {
            settle(step.writes[0], id, wasCreated: false)
            return false
        }
        guard let rows = answer.body.array, rows.count == step.writes.count else {
            lose(step, "the answer does not list the records")
            return false
        }
        for (write, row) in zip(step.writes, rows) { absorb(row, to: write) }
        return false
    }

    private mutating func lose(_ step: WriteStep, _ reason: String) {
        for write in step.writes { progress[write] = .unknown(reason) }
    }

    private mutating func settle(_ write: Int, _ id: SalesforceID, wasCreated: Bool) {
        progress[write] = .written(id, wasCreated: wasCreated)
        ids[requests[write].operation] = id
    }

    private mutating func absorb(_ row: JSON, to write: Int) {
        if row["success"]?.bool == true, let id = row["id"]?.string.flatMap({ SalesforceID($0) }) {
            let isCreate = requests[write].kind == .create
            settle(write, id, wasCreated: row["created"]?.bool ?? isCreate)
        } else if let list = row["errors"], !APIError.all(in: list).isEmpty {
            refuse(write, APIError.all(in: list))
        } else {
            progress[write] = .unknown("the answer does not say what became of the record")
        }
    }

    /// Refuses a write for reasons of its own, unless the row was only locked.
    private mutating func refuse(_ write: Int, _ errors: [APIError]) {
        let tries = lockTries[write] ?? 0
        let records = errors.map(\.recordError)
        if errors.contains(where: \.isLock), tries < Self.mostLockTries {
            lockTries[write] = tries + 1
            lastErrors[write] = records
            pausesDue = max(pausesDue, tries + 1)
        } else {
            progress[write] = .refused(records)
        }
    }

    /// Takes in that a step was refused as a whole, so that nothing of it was done.
    private mutating func refuse(_ step: WriteStep, _ answer: Subanswer, refers: Bool) -> Bool {
        let errors = answer.errors
        if answer.status == 412, step.form == .guarded {
            let message = errors.first?.message ?? "the record changed in the meantime"
            refuse(all: step.writes, [RecordError(code: "PRECONDITION_FAILED", message: message)])
        } else if refers, errors.contains(where: \.isHalt) {
            // They stay waiting; by the next call the ids are known, or the awaited has failed.
            return false
        } else if step.writes.count == 1 {
            refuse(step.writes[0], errors.isEmpty ? [APIError(status: answer.status)] : errors)
        } else {
            return divide(step, errors, status: answer.status)
        }
        return false
    }

    /// Finds the writes that a collection was refused for.
    private mutating func divide(_ step: WriteStep, _ errors: [APIError], status: Int) -> Bool {
        let records =
            errors.isEmpty
            ? [APIError(status: status).recordError] : errors.map(\.recordError)
        let named = step.writes.filter { write in
            requests[write].fields.keys.contains { field in errors.contains { $0.names(field) } }
        }
        let isSearchable = errors.contains {
            ["JSON_PARSER_ERROR", "INVALID_FIELD"].contains($0.code)
        }
        if isSearchable, !named.isEmpty, named.count < step.writes.count {
            refuse(all: named, records)
            return false
        }
        guard isSearchable, named.isEmpty, searches < Self.mostSearches else {
            refuse(all: step.writes, records)
            return false
        }
        for write in step.writes {
            mostRecords[write] = (step.writes.count + 1) / 2
            lastErrors[write] = records
        }
        return true
    }

    private mutating func refuse(all writes: [Int], _ errors: [RecordError]) {
        for write in writes { progress[write] = .refused(errors) }
    }

    private mutating func absorb(_ answer: Subanswer?, to readBack: WriteCall.ReadBack) {
        let written = readBack.writes.filter { isWritten($0) }
        guard let answer, answer.isSuccess, let rows = answer.body.array else {
            let now = askedOtherwise(readBack, written, answer)
            unread.formUnion(now)
            return
        }
        guard rows.count == readBack.writes.count else { return }
        let description = descriptions[readBack.object]
        for (write, row) in zip(readBack.writes, rows) where isWritten(write) {
            seen[write] = ObservedRecord(
                row: row,
                object: readBack.object,
                description: description
            )
        }
    }

    /// The writes whose records can be read by a question that differs from the failed one.
    private mutating func askedOtherwise(
        _ readBack: WriteCall.ReadBack,
        _ written: [Int],
        _ answer: Subanswer?
    ) -> [Int] {
        let attendees = OrgSchema.attendeesField
        let errors = answer?.errors ?? []
        if errors.contains(where: { $0.code == "INVALID_FIELD" && $0.names(attendees) }) {
            unreadable.insert(attendees)
        }
        let hasIDsNow = readBack.refers && errors.contains(where: \.isHalt)
        return hasIDsNow || fieldsReadBack(of: written) != readBack.fields ? written : []
    }
}

extension APIError {
    /// Whether the error is about a field.
    func names(_ field: FieldName) -> Bool {
        fields.contains(field) || message.contains("'\(field.rawValue)'")
    }

    /// An error without a body that says more.
    init(status: Int) {
        self.init(
            code: "HTTP_\(status)",
            message: "The server answered \(status).",
            fields: [],
            duplicates: []
        )
    }
}

extension WriteRequest {
    /// A refusal of our own, if a name or a number would break out of its place.
    fileprivate var unsendablePart: RecordError? {
        guard APIName.isName(object.rawValue) else {
            return RecordError(code: "INVALID_TYPE", message: "This is no name of an object.")
        }
        var names = Array(fields.keys) + readBack
        if case .upsert(let key, _) = kind { names.append(key) }
        let noNames = names.filter { !APIName.isName($0.rawValue) }
        if !noNames.isEmpty {
            let message = "These are no names of fields."
            return RecordError(code: "INVALID_FIELD", message: message, fields: noNames.sorted())
        }
        let noNumbers = fields.filter { !$0.value.isSendable }.keys
        if noNumbers.isEmpty { return nil }
        let code = "INVALID_TYPE_ON_FIELD_IN_RECORD"
        return RecordError(code: code, message: "This is no number.", fields: noNumbers.sorted())
    }
}

extension OutgoingValue {
    /// Whether the value is what it says: numbers go into JSON as they are spelled.
    fileprivate var isSendable: Bool {
        guard case .value(.number(let digits)) = self else { return true }
        do {
            return try JSON(parsing: digits) == .number(digits)
        } catch {
            return false
        }
    }
}
