/* The events that are imported: made up, or taken from a ledger that Daybook wrote. */
#ifndef EVENTS_H
#define EVENTS_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_PARTS = 32 };

struct span {
    const unsigned char *bytes;
    size_t count;
};

struct part {
    struct span name, subject, content;
};

struct event {
    struct span stream, type, correlation, causation, actor, data;
    int64_t schema_version, occurred;
    int part_count;
    struct part parts[MOST_PARTS];
};

/* Where events come from, and the memory of those that were taken last. */
struct source {
    long total, taken;
    sqlite3 *ledger; /* NULL: made up */
    sqlite3_stmt *leaves, *lengths;
    unsigned char *memory;
    size_t used, room;
};

/* Events that are made up: appointments of three events each, about 800 bytes of JSON and three
 * sealed parts an event, five appointments a person. */
struct source made_up_events(long total, long batch);

/* The events of a ledger: every byte but the contents of the sealed parts, of which only the lengths
 * are known, and what the ledger that takes them chooses, which is ids, revisions, times and keys. */
struct source events_like(const char *path, long total, long batch);

/* Takes at most so many events; what was taken before is gone. Returns how many. */
long take_events(struct source *source, struct event *events, long most);

#endif
