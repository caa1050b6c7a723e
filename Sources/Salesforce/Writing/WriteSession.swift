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
    var progress: [Progress]
    var ids: [OperationID: SalesforceID]
    let descriptions: [ObjectName: ObjectDescription]
    private var places: [OperationID: Int] = [:]
    var unreadable: Set<FieldName>

    /// The API call that answered last about a write.
    var settledBy: [Int: String] = [:]
    var seen: [Int: ObservedRecord] = [:]
    var unread: Set<Int> = []
    var lockTries: [Int: Int] = [:]
    var mostRecords: [Int: Int] = [:]
    var lastErrors: [Int: [RecordError]] = [:]
    var searches = 0

    /// How often rows were found locked in a row of calls; 0 if no pause is due.
    var pausesDue = 0

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

    /// The outcomes, each with the call that settled it.
    var deliveries: [WriteDelivery] {
        outcomes.enumerated().map { write, outcome in
            WriteDelivery(outcome, request: settledBy[write])
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

    func fieldsReadBack(of writes: some Sequence<Int>) -> [FieldName] {
        var fields = Set(ObservedRecord.systemFields)
        for write in writes {
            fields.formUnion(requests[write].fields.keys)
            fields.formUnion(requests[write].readBack)
            if case .upsert(let key, _) = requests[write].kind { fields.insert(key) }
        }
        return ["Id"] + fields.subtracting(unreadable).subtracting(["Id"]).sorted()
    }
}
