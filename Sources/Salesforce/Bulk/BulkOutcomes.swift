import Domain

/// From the results of a job to the outcomes of its writes: the same ones that the small path gives.
///
/// | The job says | The outcome |
/// | --- | --- |
/// | the row succeeded | written, with the record read back |
/// | the row failed | refused, with code, words and fields |
/// | the row failed because of a duplicate, a locked row, or for no known reason | none: the small path says which record it is, or tries again |
/// | the row was not processed | none: the small path writes it |
/// | nothing about the row | unknown |
enum BulkOutcomes {
    /// The outcomes, one per write; nil for what goes the small way.
    static func outcomes(of job: BulkJob, _ results: BulkResults) -> [WriteOutcome?] {
        var results = results
        return zip(job.requests, job.identities).map { request, identity in
            switch results.take(identity) {
            case .written(let id, let wasCreated):
                return .written(id, wasCreated: wasCreated, seen: nil)
            case .refused(let errors):
                return errors.contains(where: \.isTerse) ? nil : .refused(errors)
            case .unprocessed: return nil
            case nil:
                return .unknown("the results of bulk job \(job.id.rawValue) leave the record out")
            }
        }
    }

    /// The question that reads written records back, and the places of the writes by record.
    static func readBack(
        _ requests: [WriteRequest],
        _ outcomes: [WriteOutcome?],
        unreadable: Set<FieldName>
    ) -> (question: ReadRequest?, places: [SalesforceID: [Int]]) {
        var places: [SalesforceID: [Int]] = [:]
        var fields = Set(ObservedRecord.systemFields)
        for (place, outcome) in outcomes.enumerated() {
            guard case .written(let id, _, _)? = outcome else { continue }
            let request = requests[place]
            if case .delete = request.kind { continue }
            places[id, default: []].append(place)
            fields.formUnion(request.fields.keys)
            fields.formUnion(request.readBack)
            if case .upsert(let key, _) = request.kind { fields.insert(key) }
        }
        guard let object = requests.first?.object, !places.isEmpty else { return (nil, [:]) }
        let names = fields.subtracting(unreadable).sorted()
        return (.records(object, places.keys.sorted(), fields: names), places)
    }
}

extension RecordError {
    /// Whether the small path says more about the same refusal, or may get past it.
    fileprivate var isTerse: Bool {
        code == "DUPLICATES_DETECTED" || code == "UNKNOWN_EXCEPTION"
            || APIError(code: code, message: message, fields: [], duplicates: []).isLock
    }
}
