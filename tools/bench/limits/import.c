/* Appending in plain C: what Daybook's import and its single append cannot be faster than.
 *
 *   import --folder DIR --schema Schemas/ledger.sql [--count 100000] [--per-transaction 1000]
 *          [--like LEDGER]
 *
 * Does the same work on the same schema: leaves, tree, sealed parts, keys of people, indexes and
 * triggers, `synchronous=FULL`, and each transaction looks up what it needs. What comes out is a
 * ledger with its key beside it, which `daybook ledger verify` finds sound. With --like, the events
 * are those of a ledger that Daybook wrote. Making up or fetching events is not timed. */
#include "events.h"
#include "ledger.h"
#include "limit.h"

#include <sys/stat.h>

int main(int argc, char **argv) {
    long count = number(argc, argv, "--count", 100000);
    long batch = number(argc, argv, "--per-transaction", 1000);
    const char *like = option(argc, argv, "--like", NULL);
    char path[4096];
    snprintf(path, sizeof path, "%s/ledger.sqlite", needed(argc, argv, "--folder"));
    struct ledger *ledger = make_ledger(path, needed(argc, argv, "--schema"), batch);
    struct source source =
        like ? events_like(like, count, batch) : made_up_events(count, batch);
    struct event *events = take((size_t)batch * sizeof *events);
    double *samples = take((size_t)(count / batch + 1) * sizeof *samples), seconds = 0;
    size_t transactions = 0;
    for (long taken; (taken = take_events(&source, events, batch)) > 0;) {
        double began = now();
        append_events(ledger, events, taken);
        seconds += samples[transactions++] = now() - began;
    }
    close_ledger(ledger);
    struct stat file;
    if (stat(path, &file) != 0) die("%s: %s", path, strerror(errno));
    printf(
        "{\"name\":\"import\",\"events\":%ld,\"seconds\":%.6f,\"rate\":%.1f,\"p50us\":%.1f,"
        "\"p99us\":%.1f,\"peakMB\":%.1f,\"bytesPerEvent\":%.1f,\"sqlite\":\"%s\"}\n",
        source.taken, seconds, (double)source.taken / seconds,
        percentile(samples, transactions, 0.5), percentile(samples, transactions, 0.99),
        peak_megabytes(), (double)file.st_size / (double)source.taken, sqlite3_libversion());
    return 0;
}
