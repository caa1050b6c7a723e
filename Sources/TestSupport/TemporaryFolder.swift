public import Foundation

/// A folder of its own for a test; it goes, with all that is in it, when nobody refers to it.
public final class TemporaryFolder: Sendable {
    /// Where it is.
    public let url: URL

    /// Makes the folder.
    ///
    /// - Throws: An error of Foundation's if it cannot be made.
    public init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "daybook-test-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: url)
        } catch {
            // A test that took the folder away itself has done this work.
        }
    }

    /// The path of a file in the folder.
    public func path(_ name: String) -> String { url.appending(path: name).path }

    /// The bytes of a file in the folder; none if there is no such file.
    ///
    /// - Throws: An error of Foundation's if it is there and cannot be read.
    public func bytes(of name: String) throws -> [UInt8] {
        guard FileManager.default.fileExists(atPath: path(name)) else { return [] }
        return Array(try Data(contentsOf: URL(filePath: path(name))))
    }

    /// The names of the files in the folder, in order.
    ///
    /// - Throws: An error of Foundation's if the folder cannot be read.
    public func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }
}
