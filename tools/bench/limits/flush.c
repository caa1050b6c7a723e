/* One bare flush: what a durable append cannot be faster than.
 *
 *   flush --folder DIR [--count 2000] [--bytes 4096]
 *
 * Writes blocks into a file that has its full length already, and flushes each with fdatasync, as
 * SQLite does: no block has to be found and no length to be changed. */
#define _GNU_SOURCE
#include "limit.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

enum { FILE_BYTES = 16 << 20 };

static void write_at(int file, const char *block, size_t bytes, off_t place) {
    if (pwrite(file, block, bytes, place) != (ssize_t)bytes) die("write: %s", strerror(errno));
}

static void flush(int file) {
    if (fdatasync(file) != 0) die("fdatasync: %s", strerror(errno));
}

static int prepare(const char *path) {
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file < 0) die("%s: %s", path, strerror(errno));
    static char zeros[1 << 20];
    /* Written, and not only reserved: a reserved block is marked as written at its first use. */
    for (off_t place = 0; place < FILE_BYTES; place += (off_t)sizeof zeros)
        write_at(file, zeros, sizeof zeros, place);
    if (fsync(file) != 0) die("fsync: %s", strerror(errno));
    return file;
}

int main(int argc, char **argv) {
    long count = number(argc, argv, "--count", 2000), bytes = number(argc, argv, "--bytes", 4096);
    if (bytes > 1 << 20) die("--bytes is at most a megabyte");
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/flush", needed(argc, argv, "--folder"));
    int file = prepare(path);
    char *block = take((size_t)bytes);
    double *samples = take((size_t)count * sizeof *samples), began = now();
    off_t place = 0;
    for (long index = 0; index < count; index++) {
        memset(block, (int)index, (size_t)bytes);
        double start = now();
        write_at(file, block, (size_t)bytes, place);
        flush(file);
        samples[index] = now() - start;
        place = (place + bytes) % (FILE_BYTES - bytes);
    }
    double seconds = now() - began;
    printf(
        "{\"name\":\"flush\",\"events\":%ld,\"seconds\":%.6f,\"rate\":%.1f,\"p50us\":%.1f,"
        "\"p99us\":%.1f,\"peakMB\":%.1f}\n",
        count, seconds, (double)count / seconds, percentile(samples, (size_t)count, 0.5),
        percentile(samples, (size_t)count, 0.99), peak_megabytes());
    close(file);
    unlink(path);
    return 0;
}
