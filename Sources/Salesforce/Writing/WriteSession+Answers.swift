import Domain

// What came back.
extension WriteSession {
    /// Takes in the answers to a call, by reference.
    ///
    /// - Parameters:
    ///   - answers: The answers.
    ///   - call: The call.
    ///   - request: The name of the call.
    mutating func absorb(
        _ answers: [String: Subanswer],
        of call: WriteCall,
        request: String? = nil
    ) {
        pausesDue = 0
        for write in call.steps.flatMap(\.writes) { settledBy[write] = request }
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

    func isWritten(_ write: Int) -> Bool {
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
            // The body is a list of addresses then: several records have the external id.
            code: status == 300 ? "MULTIPLE_CHOICES" : "HTTP_\(status)",
            message: "The server answered \(status).",
            fields: [],
            duplicates: []
        )
    }
}
