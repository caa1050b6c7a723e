import Domain
import Foundation
import Testing

/// The folder `Schemas/`, and what tests do with it.
enum SchemaFolder {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let url = repository.appending(path: "Schemas")

    /// Whether files are written that differ from what the code says.
    static let isUpdating = ProcessInfo.processInfo.environment["DAYBOOK_UPDATE_SCHEMAS"] == "1"

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appending(path: path)), as: UTF8.self)
    }

    static func json(_ path: String) throws -> JSON { try JSON(parsing: try text(path)) }

    /// The names of the files of a folder that end in some way, without that end.
    static func names(in folder: String, ending: String) throws -> Set<String> {
        let files = try FileManager.default.contentsOfDirectory(
            atPath: url.appending(path: folder).path
        )
        return Set(files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) })
    }

    /// Expects a file to hold a text; writes it there when asked to.
    static func expect(
        _ path: String,
        toHold expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = url.appending(path: path)
        if isUpdating { try Data(expected.utf8).write(to: file) }
        let found = FileManager.default.fileExists(atPath: file.path) ? try text(path) : ""
        #expect(
            found == expected,
            """
            Schemas/\(path) is not what the code says. If the code is right, write the file anew: \
            DAYBOOK_UPDATE_SCHEMAS=1 tools/test --filter SchemaTests
            """,
            sourceLocation: sourceLocation
        )
    }
}
