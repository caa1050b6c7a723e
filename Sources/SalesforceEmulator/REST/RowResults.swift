/// Runs a call on many rows and collects what became of each.
struct RowResults {
    let session: Session

    /// Whether one failing row takes the others back.
    let isAtomic: Bool

    private struct RowFailed: Error {}

    /// Runs each row's change and lists the results in the same order.
    ///
    /// - Parameter rows: The id of each row, if the client named it, and its change.
    /// - Returns: The array of results.
    /// - Throws: What a row throws that is not an answer to the client.
    func collect(_ rows: [(id: String?, change: () throws -> JSONObject)]) throws -> JSON {
        var results: [Result<JSONObject, APIError>] = []
        do {
            try session.atomically {
                for row in rows { results.append(try outcome(row.change)) }
                let hasFailure = results.contains { if case .failure = $0 { true } else { false } }
                if isAtomic, hasFailure { throw RowFailed() }
            }
        } catch is RowFailed {
            return .array(zip(rows, results).map { rolledBack($0.0.id, $0.1) })
        }
        return .array(zip(rows, results).map { json($0.0.id, $0.1) })
    }

    private func outcome(
        _ change: () throws -> JSONObject
    ) throws -> Result<JSONObject, APIError> {
        do {
            return .success(try change())
        } catch let error as APIError {
            return .failure(error)
        }
    }

    private func json(_ id: String?, _ result: Result<JSONObject, APIError>) -> JSON {
        switch result {
        case .success(let row): return .object(row)
        case .failure(let error): return failed(id, error)
        }
    }

    private func failed(_ id: String?, _ error: APIError) -> JSON {
        var row = JSONObject()
        if let id { row["id"] = .string(id) }
        row["success"] = false
        row["errors"] = error.rowErrors
        return .object(row)
    }

    private func rolledBack(_ id: String?, _ result: Result<JSONObject, APIError>) -> JSON {
        if case .failure(let error) = result { return failed(id, error) }
        return failed(
            id,
            APIError(
                400,
                "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                """
                Record rolled back because not all records were valid and the request was using \
                AllOrNone header
                """,
                fields: []
            )
        )
    }
}
