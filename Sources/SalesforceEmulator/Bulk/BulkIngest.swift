import GRDB

/// Writes the rows of a bulk file, each by itself and by the rules of all other writes.
struct BulkIngest {
    /// Acts as the user who made the job.
    let session: Session
    let job: BulkJob

    /// Works through the file.
    ///
    /// - Returns: The job as it is then: complete, also when rows failed, or failed when the file
    ///   as a whole cannot be used. The outcome of every row is kept.
    func run() throws -> BulkJob {
        var done = job
        do {
            let object = try session.object(job.object)
            guard let upload = try session.upload(of: job), !upload.isEmpty else {
                throw CSVError(message: "ClientInputError : No data was uploaded")
            }
            let rows = try Self.rows(of: upload, job.dialect)
            let columns = try IngestColumns(rows.header, for: job, object)
            for (index, values) in rows.values.enumerated() {
                let row = try outcome(of: values, columns, object)
                try session.insert(row, number: index + 1, of: job)
                if row.outcome == .failed { done.failed += 1 }
            }
            done.header = job.dialect.line(rows.header)
            done.processed = rows.values.count
            done.state = .complete
        } catch let error as CSVError {
            done.state = .failed
            done.errorMessage = error.message
        } catch let error as APIError {
            // The type is not there any more, or no longer for this user.
            done.state = .failed
            done.errorMessage = "InvalidBatch : \(error.entries.first?.message ?? job.object)"
        }
        done.modified = session.now
        return done
    }

    /// The header and the rows of a file.
    static func rows(
        of upload: [UInt8],
        _ dialect: CSVDialect
    ) throws(CSVError) -> (header: [String], values: [[String]]) {
        var reader = CSVReader(upload, dialect)
        guard let header = try reader.next() else {
            throw CSVError(message: "InvalidBatch : The file has no header row.")
        }
        var values: [[String]] = []
        while let row = try reader.next() { values.append(row) }
        return (header.map(\.trimmed), values)
    }

    private var writer: BulkWriter {
        BulkWriter(session: session, operation: job.operation, externalID: job.externalID)
    }

    private func outcome(
        of values: [String],
        _ columns: IngestColumns,
        _ object: ObjectType
    ) throws -> BulkRow {
        var row = BulkRow(line: job.dialect.line(values))
        do {
            let body = try columns.body(of: values)
            row.recordID = body.value(ignoringCase: "Id")?.text
            let written = try writer.write(body, object)
            row.recordID = written.id
            row.isNew = written.isNew
        } catch let error as APIError {
            row.outcome = .failed
            row.error = Self.text(of: error)
        }
        return row
    }

    /// An error as failed results have it: `CODE:message:Field, Field --`.
    private static func text(of error: APIError) -> String {
        error.entries.map { entry in
            let fields = (entry.fields ?? []).joined(separator: ", ")
            return "\(entry.code):\(entry.message):\(fields)\(fields.isEmpty ? "" : " ")--"
        }
        .joined(separator: ";")
    }
}
