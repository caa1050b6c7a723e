#if canImport(Glibc)
import CMalloc
#endif

/// Keeps the memory of long work near to what it uses.
enum MemoryLimits {
    /// Lets threads share few pools of memory, and gives large pieces back at once.
    ///
    /// The usual pool for every thread keeps what that thread once needed: a replay, whose windows are
    /// read by whichever thread is free, held three times as much. One pool for all makes threads wait
    /// for each other where some deliveries are read while others are committed.
    /// https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
    ///
    /// To be called before there are other threads.
    ///
    /// - Parameter command: The command that is run, if any is named.
    static func apply(to command: String?) {
        #if canImport(Glibc)
        let takesDeliveries = command == "serve" || command == "ingest"
        // Each says 0 when it is not known, and then the usual behaviour stays: nothing is lost.
        _ = mallopt(M_ARENA_MAX, takesDeliveries ? 4 : 1)
        _ = mallopt(M_MMAP_THRESHOLD, pieceSize)
        _ = mallopt(M_TRIM_THRESHOLD, pieceSize)
        #endif
    }

    /// From which size on a piece is given back when it is not needed any more: bytes.
    private static let pieceSize: Int32 = 131_072
}
