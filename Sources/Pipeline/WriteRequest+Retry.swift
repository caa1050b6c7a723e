import Domain
import Salesforce

extension WriteRequest {
    /// The refused writes that are worth another try, with the fields that are left out of it.
    static func retries(
        after outcomes: [(WriteRequest, WriteOutcome)]
    ) -> [OperationID: (request: WriteRequest, refused: [FieldName: String])] {
        var retries: [OperationID: (request: WriteRequest, refused: [FieldName: String])] = [:]
        for (request, outcome) in outcomes {
            guard case .refused(let errors) = outcome else { continue }
            retries[request.operation] =
                request.savingDuplicates(errors).map { ($0, [:]) } ?? request.dropping(errors)
        }
        return retries
    }

    /// The write without the fields that Salesforce refused, if there is something left to send.
    private func dropping(
        _ errors: [RecordError]
    ) -> (request: WriteRequest, refused: [FieldName: String])? {
        var refused: [FieldName: String] = [:]
        for error in errors {
            for field in error.affected(among: fields) { refused[field] = error.code }
        }
        let rest = fields.filter { refused[$0.key] == nil }
        guard !refused.isEmpty, !rest.isEmpty, !refused.keys.contains(where: Self.isEssential)
        else {
            return nil
        }
        var request = self
        request.fields = rest
        return (request, refused)
    }

    /// The write without the fields that wait for records which were not made; nil if there are
    /// none, or nothing is left.
    func withoutAwaited() -> (request: WriteRequest, refused: [FieldName: String])? {
        let awaiting = fields.filter { !$0.value.awaited.isEmpty }
        guard !awaiting.isEmpty, awaiting.count < fields.count else { return nil }
        var request = self
        for field in awaiting.keys { request.fields[field] = nil }
        return (request, awaiting.mapValues { _ in "AWAITED_RECORD_FAILED" })
    }

    /// Fields without which there is no record.
    private static func isEssential(_ field: FieldName) -> Bool {
        ["LastName", "Company", "StartDateTime", "EndDateTime"].contains(field)
    }
}
