import Foundation

/// Files that a command writes where it was told to.
enum OutputFile {
    /// Writes a file, in the place of one that is there.
    ///
    /// - Throws: ``CommandFailure`` that names the file and what to do.
    static func write(_ text: String, to file: String) throws(CommandFailure) {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
            throw CommandFailure(
                .failed,
                "'\(file)' cannot be written: the disk is full. Free some space, and repeat."
            )
        } catch {
            throw unwritable(file)
        }
    }

    /// The failure for a file that cannot be made, whatever the system says of it.
    static func unwritable(_ file: String) -> CommandFailure {
        CommandFailure(
            .failed,
            "'\(file)' cannot be written. Make its folder first, or let this user write there."
        )
    }
}
