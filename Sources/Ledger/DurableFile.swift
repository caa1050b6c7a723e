import Foundation

/// Writes small files so that a crash leaves the old one or the new one, and never half of one.
public enum DurableFile {
    /// Replaces a file.
    ///
    /// When this returns, the file and its name are on disk.
    ///
    /// - Parameters:
    ///   - text: The new contents.
    ///   - path: The file; its folder has to be there.
    ///   - mode: Who may read it.
    /// - Throws: ``LedgerError/unwritable(reason:)``; then the old file is as it was.
    public static func write(
        _ text: String,
        to path: String,
        mode: Int = 0o644
    ) throws(LedgerError) {
        let new = try prepare(text, for: path, mode: mode)
        guard rename(new, path) == 0 else { throw refusal(path) }
        try syncFolder(of: path)
    }

    /// Makes a file that must not be there yet; of several callers one makes it.
    ///
    /// - Parameters:
    ///   - text: The contents.
    ///   - path: The file; its folder has to be there.
    ///   - mode: Who may read it.
    /// - Returns: False if the file was there; then it is as it was.
    /// - Throws: ``LedgerError/unwritable(reason:)``.
    public static func create(
        _ text: String,
        at path: String,
        mode: Int
    ) throws(LedgerError) -> Bool {
        let new = try prepare(text, for: path, mode: mode)
        defer { unlink(new) }
        // Unlike renaming, linking never takes the place of a file that is there.
        guard link(new, path) == 0 else {
            guard errno == EEXIST else { throw refusal(path) }
            return false
        }
        try syncFolder(of: path)
        return true
    }

    /// Writes the contents beside the file, under a name that no other process uses.
    private static func prepare(
        _ text: String,
        for path: String,
        mode: Int
    ) throws(LedgerError) -> String {
        let new = "\(path).new-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let isMade = FileManager.default.createFile(
            atPath: new,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: mode]
        )
        guard isMade else {
            // Before the next call gives a reason of its own.
            let refusal = refusal(path)
            unlink(new)
            throw refusal
        }
        try sync(new)
        return new
    }

    /// Has the bytes of a file put on disk.
    ///
    /// - Parameter path: The file, or a folder.
    /// - Throws: ``LedgerError/unwritable(reason:)``.
    static func sync(_ path: String) throws(LedgerError) {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { throw refusal(path) }
        defer { _ = close(file) }
        guard fsync(file) == 0 else { throw refusal(path) }
    }

    /// Has a new name put on disk: without this a power cut may take it back.
    ///
    /// - Parameter path: The file that was made or renamed.
    /// - Throws: ``LedgerError/unwritable(reason:)``.
    static func syncFolder(of path: String) throws(LedgerError) {
        try sync(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    /// The text of a file; nil if there is none.
    ///
    /// - Parameter path: The file.
    /// - Returns: Its text.
    /// - Throws: ``LedgerError/unwritable(reason:)`` if it is there and cannot be read.
    public static func read(_ path: String) throws(LedgerError) -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw .unwritable(reason: "'\(path)' is there and cannot be read")
        }
    }

    private static func refusal(_ path: String) -> LedgerError {
        .unwritable(reason: "'\(path)' cannot be written: \(String(cString: strerror(errno)))")
    }
}
