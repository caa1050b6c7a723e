import Foundation
import TestSupport
import Testing

/// A disk that cannot be flushed: a library that a process loads before the C library's own.
struct FailingDisk {
    private let library: String

    /// Compiles the library with the system's C compiler.
    init(in folder: TemporaryFolder) async throws {
        library = folder.path("failing-disk.so")
        let source = folder.path("failing-disk.c")
        try Data(Self.source.utf8).write(to: URL(filePath: source))
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = ["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0, "There is no C compiler under the name 'cc'.")
    }

    /// A trial whose processes flush the ledger some times, and then fail to for some times.
    func trial(_ trial: Trial, after flushes: Int, times: Int = .max) -> Trial {
        var failing = trial
        failing.environment["LD_PRELOAD"] = library
        failing.environment["FLUSHES_BEFORE"] = String(flushes)
        failing.environment["FLUSHES_FAILING"] = String(min(times, 1_000_000))
        return failing
    }

    private static let source = #"""
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <stdatomic.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>

        static atomic_int flushes;

        static int fails(int file) {
            char link[64], path[4096];
            const char *before = getenv("FLUSHES_BEFORE"), *failing = getenv("FLUSHES_FAILING");
            if (!before || !failing) return 0;
            snprintf(link, sizeof link, "/proc/self/fd/%d", file);
            ssize_t length = readlink(link, path, sizeof path - 1);
            if (length < 0) return 0;
            path[length] = 0;
            if (!strstr(path, "/daybook.sqlite")) return 0;
            int number = atomic_fetch_add(&flushes, 1) - atoi(before);
            return number >= 0 && number < atoi(failing);
        }

        static int flush(const char *name, int file) {
            if (fails(file)) {
                errno = EIO;
                return -1;
            }
            int (*own)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
            return own(file);
        }

        int fsync(int file) { return flush("fsync", file); }
        int fdatasync(int file) { return flush("fdatasync", file); }
        """#
}
