import Foundation

/// Keeps room at the end of the write-ahead log, so that few commits have to lengthen it.
///
/// To flush a file that became longer, the file system writes to its journal, too, and waits for
/// whatever others have there. A flush of what lies within the file is done in a third of the time,
/// and does not become slow when others are busy.
///
/// The room holds zeros. SQLite reads the log up to the first frame without the log's two salts,
/// and a frame of zeros is the end in any case, because it has no page number:
/// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
struct LogReserve {
    /// The most that is added at once, because one commit has to flush it: 8 MB.
    private static let most = 8 << 20
    /// The least that is added.
    private static let least = 256 << 10
    private static let piece = 64 << 10
    /// Beyond this the log has a reader who does not let go, and grows as it may: 96 MB.
    private static let end = 96 << 20

    private let path: String
    /// The length of the log after the last look; nil before the first one.
    private var length: Int?

    /// Creates a reserve for the log of a file.
    init(path: String) { self.path = path + "-wal" }

    /// Adds room if commits came to the end of the log.
    ///
    /// Only inside a write transaction, before it writes: then no process appends to the log or
    /// cuts it off. A failure is of no account: the log is as long as it was, or has some zeros
    /// more, and if there is no space left, the commit will say so.
    mutating func keep() {
        let found = Self.length(of: path)
        defer { length = length ?? found }
        guard let known = length, found != known else { return }
        length = found
        // A shorter one was cut off, and a longer one was used up.
        guard found > known, found < Self.end else { return }
        length = found + Self.addZeros(min(max(found, Self.least), Self.most), to: path, at: found)
    }

    private static func length(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Adds zeros piece by piece; returns how many were added.
    ///
    /// The system keeps in one piece what was written in one piece, and each page that is written
    /// to a piece of megabytes costs as much as going through all of it.
    private static func addZeros(_ count: Int, to path: String, at start: Int) -> Int {
        let file = open(path, O_WRONLY)
        guard file >= 0 else { return 0 }
        defer { _ = close(file) }
        let zeros = [UInt8](repeating: 0, count: piece)
        var added = 0
        while added < count {
            let written = pwrite(file, zeros, min(piece, count - added), off_t(start + added))
            guard written > 0 else { break }
            added += written
        }
        return added
    }
}
