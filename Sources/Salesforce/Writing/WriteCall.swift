import Domain

/// One API call that writes records and reads them back.
struct WriteCall {
    /// A collection read of written records of one object.
    struct ReadBack {
        let object: ObjectName
        let fields: [FieldName]
        /// The places of the writes whose records are read, in the order of the ids.
        let writes: [Int]
        /// Whether ids are taken from earlier subrequests of the same call.
        let refers: Bool
    }

    /// The writes; the first one is called `w0`.
    var steps: [WriteStep] = []
    /// For each step, whether it takes ids from earlier ones of the same call.
    var refers: [Bool] = []
    /// The reads; the first one is called `b0`.
    var readBacks: [ReadBack] = []
    /// The subrequests of the steps and then of the reads.
    var subrequests: [Subrequest] = []

    /// Whether it must not stand inside `/composite`.
    var goesAlone: Bool { steps.first?.goesAlone ?? false }

    /// Whether it writes nothing.
    var isRead: Bool { steps.isEmpty }
}

/// Writes the bodies of a call, with references to records that the call itself creates.
struct WriteRendering {
    let requests: [WriteRequest]
    /// The path of the API version.
    let root: String
    /// The ids of records that exist by now.
    var ids: [OperationID: SalesforceID]
    /// Where in this call a record is created, for example `w0[3]`.
    private var places: [OperationID: String] = [:]

    init(_ requests: [WriteRequest], root: String, ids: [OperationID: SalesforceID]) {
        (self.requests, self.root, self.ids) = (requests, root, ids)
    }

    /// The subrequest of a step, which from then on can be referred to.
    mutating func subrequest(_ step: WriteStep, reference: String) -> Subrequest {
        let subrequest = render(step, reference: reference)
        for (row, write) in step.writes.enumerated() {
            places[requests[write].operation] = "\(reference)[\(row)]"
        }
        return subrequest
    }

    /// Whether a write takes an id from this call.
    func refers(_ write: Int) -> Bool {
        requests[write].awaited.contains { ids[$0] == nil && places[$0] != nil }
    }

    /// The id of a written record, or a reference to it.
    func idText(of write: Int) -> String? {
        switch requests[write].kind {
        case .update(let id), .delete(let id): id.rawValue
        case .create, .upsert: text(of: .created(by: requests[write].operation))
        }
    }

    /// The subrequest that reads records back.
    func subrequest(_ readBack: WriteCall.ReadBack, reference: String) -> Subrequest {
        let ids = readBack.writes.map { JSON.text(idText(of: $0)) }
        let names = readBack.fields.map { JSON.string($0.rawValue) }
        return Subrequest(
            method: "POST",
            url: "\(root)/composite/sobjects/\(readBack.object.rawValue)",
            reference: reference,
            body: .object([JSON.Member("ids", .array(ids)), JSON.Member("fields", .array(names))])
        )
    }

    private func render(_ step: WriteStep, reference: String) -> Subrequest {
        let collections = "\(root)/composite/sobjects"
        switch step.form {
        case .create: return collection("POST", collections, step, reference)
        case .update: return collection("PATCH", collections, step, reference)
        case .upsert(let object, let key):
            let url = "\(collections)/\(object.rawValue)/\(key.rawValue)"
            return collection("PATCH", url, step, reference)
        case .delete:
            let ids = step.writes.compactMap { idText(of: $0) }.joined(separator: ",")
            let url = "\(collections)?ids=\(ids)&allOrNone=false"
            return Subrequest(method: "DELETE", url: url, reference: reference)
        case .guarded: return guarded(step, reference)
        }
    }

    private func collection(
        _ method: String,
        _ url: String,
        _ step: WriteStep,
        _ reference: String
    ) -> Subrequest {
        let records = JSON.array(step.writes.map { record($0) })
        let body = [JSON.Member("allOrNone", .bool(false)), JSON.Member("records", records)]
        return Subrequest(
            method: method,
            url: url,
            reference: reference,
            headers: duplicateRuleHeader(step),
            body: .object(body)
        )
    }

    /// What makes a duplicate rule that only warns let records pass; for all records of a step.
    private func duplicateRuleHeader(_ step: WriteStep) -> [HTTPCall.Header] {
        guard requests[step.writes[0]].savesDuplicates else { return [] }
        return [HTTPCall.Header("Sforce-Duplicate-Rule-Header", "allowSave=true")]
    }

    private func guarded(_ step: WriteStep, _ reference: String) -> Subrequest {
        let request = requests[step.writes[0]]
        let id = idText(of: step.writes[0]) ?? ""
        let since = request.unmodifiedSince.map {
            HTTPCall.Header("If-Unmodified-Since", $0.httpDate)
        }
        return Subrequest(
            method: "PATCH",
            url: "\(root)/sobjects/\(request.object.rawValue)/\(id)",
            reference: reference,
            headers: (since.map { [$0] } ?? []) + duplicateRuleHeader(step),
            body: .object(fields(of: request))
        )
    }

    private func record(_ write: Int) -> JSON {
        let request = requests[write]
        let type = JSON.object([JSON.Member("type", .string(request.object.rawValue))])
        var members = [JSON.Member("attributes", type)]
        switch request.kind {
        case .create, .delete: break
        case .update(let id): members.append(JSON.Member("id", .string(id.rawValue)))
        case .upsert(let key, let value):
            members.append(JSON.Member(key.rawValue, .string(value)))
        }
        return .object(members + fields(of: request))
    }

    private func fields(of request: WriteRequest) -> [JSON.Member] {
        request.fields.sorted { $0.key < $1.key }.map { name, value in
            JSON.Member(name.rawValue, json(value))
        }
    }

    private func json(_ value: OutgoingValue) -> JSON {
        switch value {
        case .value(let value): value.json
        case .record(let reference): .text(text(of: reference))
        case .records(let references): .array(references.compactMap(text).map(JSON.string))
        }
    }

    private func text(of reference: RecordReference) -> String? {
        switch reference {
        case .record(let id): id.rawValue
        case .created(let operation):
            ids[operation]?.rawValue ?? places[operation].map { "@{\($0).id}" }
        }
    }
}
