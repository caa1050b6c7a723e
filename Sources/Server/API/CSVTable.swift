import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// Rows as comma separated values, by RFC 4180.
struct CSVTable {
    /// The rows, each an object.
    let rows: [JSON]

    /// The table: a line with the names of all members, and a line for each row.
    var text: String {
        var columns: [String] = []
        for row in rows {
            for member in row.members ?? [] where !columns.contains(member.name) {
                columns.append(member.name)
            }
        }
        let lines = rows.map { row in columns.map { Self.cell(row[$0]) } }
        return ([columns] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    /// A plan's operations, a row for each field; an operation without fields is a row, too.
    static func rows(ofOperations operations: [JSON]) -> [JSON] {
        operations.flatMap { operation -> [JSON] in
            let head = ["operation", "kind", "object", "record", "reason"].map { name in
                JSON.Member(name, operation[name] ?? .null)
            }
            let fields = operation.list("fields").map { field in
                ["field", "outcome", "live", "desired"].map { name in
                    JSON.Member(name, field[name] ?? .null)
                } + [JSON.Member("fieldReason", field["reason"] ?? .null)]
            }
            return (fields.isEmpty ? [[]] : fields).map { .object(head + $0) }
        }
    }

    private static func cell(_ value: JSON?) -> String {
        switch value {
        case nil, .null?: ""
        case .string(let text)?: CSVCell.text(text)
        case .some(let value): CSVCell.text(value.text)
        }
    }
}

extension Response {
    /// An answer as a table.
    init(csv rows: [JSON]) {
        self.init(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8",
                .contentDisposition: "attachment; filename=\"daybook.csv\"",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: CSVTable(rows: rows).text))
        )
    }
}
