/* What the limits share: time, percentiles, and the line that each of them prints.
 *
 * A limit is what this machine can do at best for one figure of the report: plain C, nothing but the
 * work itself. Each prints one line of JSON, in the form of `daybook-bench`. */
#ifndef LIMIT_H
#define LIMIT_H

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("error: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static inline void *take(size_t bytes) {
    void *memory = malloc(bytes ? bytes : 1);
    if (!memory) die("no memory for %zu bytes", bytes);
    return memory;
}

/* Seconds of a clock that never goes backwards. */
static inline double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static inline double peak_megabytes(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static int rising(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Microseconds that a share of the samples, which are seconds, stay below. Sorts the samples. */
static inline double percentile(double *samples, size_t count, double share) {
    if (count == 0) return 0;
    qsort(samples, count, sizeof *samples, rising);
    size_t index = (size_t)((double)count * share);
    return samples[index < count ? index : count - 1] * 1e6;
}

/* A splitmix64 generator: the same seed gives the same numbers everywhere. */
static inline uint64_t next_random(uint64_t *state) {
    uint64_t mixed = (*state += 0x9E3779B97F4A7C15u);
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

/* The value after `--name`; the default if it is not there. */
static inline const char *option(int count, char **arguments, const char *name, const char *other) {
    for (int index = 1; index + 1 < count; index++)
        if (strcmp(arguments[index], name) == 0) return arguments[index + 1];
    return other;
}

static inline long number(int count, char **arguments, const char *name, long other) {
    const char *text = option(count, arguments, name, NULL);
    if (!text) return other;
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || *end || value < 1) die("%s takes a number of at least 1, and not '%s'", name, text);
    return value;
}

static inline const char *needed(int count, char **arguments, const char *name) {
    const char *text = option(count, arguments, name, NULL);
    if (!text) die("%s is missing", name);
    return text;
}

#endif
