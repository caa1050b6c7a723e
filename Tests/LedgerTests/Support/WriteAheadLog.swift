/// The frames of a write-ahead log, as SQLite finds them.
///
/// Source: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
struct WriteAheadLog {
    private static let header = 32
    private static let frameHeader = 24

    /// Where each frame begins that was written since the log was last begun anew.
    ///
    /// What stands behind them is room for what comes, or was written before.
    let frames: [Int]
    private let pageSize: Int

    /// Where the last frame ends.
    var end: Int { (frames.last ?? 0) + Self.frameHeader + pageSize }

    /// Finds the frames of a log.
    init(_ bytes: [UInt8]) {
        let pageSize = bytes[8..<12].reduce(0) { $0 << 8 | Int($1) }
        let salts = bytes[16..<24]
        let starts = stride(from: Self.header, to: bytes.count, by: Self.frameHeader + pageSize)
        frames = Array(starts.prefix { bytes[($0 + 8)..<($0 + 16)].elementsEqual(salts) })
        self.pageSize = pageSize
    }

    /// The second half of the page in a frame.
    func secondHalf(of frame: Int) -> Range<Int> {
        let page = frame + Self.frameHeader
        return page + pageSize / 2..<page + pageSize
    }
}
