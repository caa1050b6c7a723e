import Foundation
import TestSupport
import Testing

/// A system that fails a process, or ends it: a library that a process loads before the C library's
/// own, and numbers in a file that both go by while the process runs.
///
/// Only what is written to the ledger's files fails. What counts as a call, and can be the last one,
/// is whatever has an effect outside the process: to write to a file in the trial's folder or to the
/// network, to flush, cut off, rename or remove a file.
struct FailingSystem {
    private let library: String
    private let numbers: URL

    /// The numbers of the file, as 64 bits each.
    private enum Number: UInt64 {
        /// The calls that were made.
        case calls
        /// In place of which call the process is killed; 0 for none.
        case last
        /// By how many bytes the ledger's files may still grow.
        case room
    }

    /// Compiles the library with the system's C compiler.
    init(in folder: TemporaryFolder) async throws {
        library = folder.path("failing-system.so")
        numbers = URL(filePath: folder.path("failing-system.numbers"))
        try Data(count: 24).write(to: numbers)
        try write(.max, to: .room)
        let source = folder.path("failing-system.c")
        try Data(Self.source.utf8).write(to: URL(filePath: source))
        let arguments = ["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"]
        let compiled = try await ChildProcess(["/usr/bin/env"] + arguments).end()
        try #require(compiled.status == 0, "There is no C compiler under the name 'cc'.")
    }

    /// A trial whose processes run on this system.
    func trial(_ trial: Trial) -> Trial {
        var failing = trial
        failing.environment["LD_PRELOAD"] = library
        failing.environment["FAILING_NUMBERS"] = numbers.path
        return failing
    }

    /// A trial whose processes flush the ledger some times, and then fail to for some times.
    func trial(_ trial: Trial, after flushes: Int, times: Int = .max) -> Trial {
        var failing = self.trial(trial)
        failing.environment["FLUSHES_BEFORE"] = String(flushes)
        failing.environment["FLUSHES_FAILING"] = String(min(times, 1_000_000))
        return failing
    }

    /// A trial whose processes have a clock that is behind.
    func trial(_ trial: Trial, secondsBehind: Int) -> Trial {
        var failing = self.trial(trial)
        failing.environment["SECONDS_BEHIND"] = String(secondsBehind)
        return failing
    }

    /// Lets the ledger's files grow by some bytes, after which there is no space left.
    ///
    /// Counts at once, also for a process that runs.
    func leaveRoom(_ bytes: Int64) throws { try write(bytes, to: .room) }

    /// Has the process killed in place of one of its next calls.
    ///
    /// Counts at once, also for a process that runs.
    ///
    /// - Parameter calls: Which of its calls, from now on; 1 is the next one.
    /// - Throws: An error of Foundation's if the numbers cannot be written.
    func kill(inPlaceOf calls: Int) throws {
        try write(try self.calls() + Int64(calls), to: .last)
    }

    /// How many calls were made.
    func calls() throws -> Int64 {
        let file = try FileHandle(forReadingFrom: numbers)
        defer { file.closeFile() }
        let bytes = try #require(try file.read(upToCount: 8))
        return bytes.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
    }

    private func write(_ value: Int64, to number: Number) throws {
        let file = try FileHandle(forWritingTo: numbers)
        defer { file.closeFile() }
        try file.seek(toOffset: 8 * number.rawValue)
        try withUnsafeBytes(of: value.littleEndian) { try file.write(contentsOf: Data($0)) }
    }

    private static let source = #"""
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <signal.h>
        #include <stdatomic.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/uio.h>
        #include <time.h>
        #include <unistd.h>

        /* The C library's own function of a type under a name. */
        #define OWN(type, name) ((type)dlsym(RTLD_NEXT, name))

        static struct { atomic_llong calls, last, room; } *numbers;
        static char folder[4096];

        __attribute__((constructor)) static void begin(void) {
            const char *path = getenv("FAILING_NUMBERS");
            int file = path ? open(path, O_RDWR) : -1;
            if (file < 0) return;
            void *memory = mmap(0, sizeof *numbers, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            close(file);
            strncpy(folder, path, sizeof folder - 1);
            *strrchr(folder, '/') = 0;
            if (memory != MAP_FAILED) numbers = memory;
        }

        static int number_of(const char *name) {
            const char *text = getenv(name);
            return text ? atoi(text) : 0;
        }

        static const char *path_of(int file, char path[4096]) {
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", file);
            ssize_t length = readlink(link, path, 4095);
            path[length < 0 ? 0 : length] = 0;
            return path;
        }

        static int is_ledger(int file) {
            char path[4096];
            return strstr(path_of(file, path), "/daybook.sqlite") != 0;
        }

        /* Death in place of the call that was chosen. */
        static void count(void) {
            if (!numbers) return;
            if (atomic_fetch_add(&numbers->calls, 1) + 1 == numbers->last)
                kill(getpid(), SIGKILL);
        }

        static void count_path(const char *path) {
            if (!strncmp(path, folder, strlen(folder))) count();
        }

        static void count_file(int file) {
            char path[4096];
            if (!numbers) return;
            path_of(file, path);
            if (!strncmp(path, "socket:", 7)) count(); else count_path(path);
        }

        /* How much of what is to be written there is room for; -1 if there is none. */
        static ssize_t fitting(int file, size_t length, off_t start) {
            struct stat status;
            if (!numbers || !is_ledger(file) || fstat(file, &status)) return length;
            long long growth = start + (long long)length - status.st_size;
            if (growth <= 0) return length;
            long long left = atomic_fetch_sub(&numbers->room, growth) - growth;
            if (left >= 0) return length;
            /* What is missing was not taken, or belongs to somebody else by now. */
            long long missing = -left < growth ? -left : growth;
            atomic_fetch_add(&numbers->room, missing);
            if (missing < (long long)length) return length - missing;
            errno = ENOSPC;
            return -1;
        }

        static ssize_t put(const char *name, int file, const void *from, size_t length, off_t at) {
            count_file(file);
            ssize_t fits = fitting(file, length, at);
            if (fits < 0) return -1;
            return OWN(ssize_t (*)(int, const void *, size_t, off_t), name)(file, from, fits, at);
        }

        ssize_t pwrite(int file, const void *from, size_t length, off_t at) {
            return put("pwrite", file, from, length, at);
        }

        ssize_t pwrite64(int file, const void *from, size_t length, off_t at) {
            return put("pwrite64", file, from, length, at);
        }

        ssize_t write(int file, const void *from, size_t length) {
            count_file(file);
            ssize_t fits = fitting(file, length, lseek(file, 0, SEEK_CUR));
            if (fits < 0) return -1;
            return OWN(ssize_t (*)(int, const void *, size_t), "write")(file, from, fits);
        }

        ssize_t writev(int file, const struct iovec *from, int parts) {
            count_file(file);
            return OWN(ssize_t (*)(int, const struct iovec *, int), "writev")(file, from, parts);
        }

        ssize_t sendmsg(int file, const struct msghdr *message, int flags) {
            count_file(file);
            return OWN(ssize_t (*)(int, const struct msghdr *, int), "sendmsg")(
                file, message, flags);
        }

        static int flush(const char *name, int file) {
            static atomic_int flushes;
            count_file(file);
            int failing = number_of("FLUSHES_FAILING");
            if (failing && is_ledger(file)) {
                int flushed = atomic_fetch_add(&flushes, 1) - number_of("FLUSHES_BEFORE");
                if (flushed >= 0 && flushed < failing) {
                    errno = EIO;
                    return -1;
                }
            }
            return OWN(int (*)(int), name)(file);
        }

        int fsync(int file) { return flush("fsync", file); }
        int fdatasync(int file) { return flush("fdatasync", file); }

        int ftruncate(int file, off_t length) {
            count_file(file);
            return OWN(int (*)(int, off_t), "ftruncate")(file, length);
        }

        int ftruncate64(int file, off_t length) {
            count_file(file);
            return OWN(int (*)(int, off_t), "ftruncate64")(file, length);
        }

        int rename(const char *old, const char *new) {
            count_path(new);
            return OWN(int (*)(const char *, const char *), "rename")(old, new);
        }

        int link(const char *old, const char *new) {
            count_path(new);
            return OWN(int (*)(const char *, const char *), "link")(old, new);
        }

        int unlink(const char *path) {
            count_path(path);
            return OWN(int (*)(const char *), "unlink")(path);
        }

        int clock_gettime(clockid_t clock, struct timespec *time) {
            int result = OWN(int (*)(clockid_t, struct timespec *), "clock_gettime")(clock, time);
            if (clock == CLOCK_REALTIME) time->tv_sec -= number_of("SECONDS_BEHIND");
            return result;
        }
        """#
}
