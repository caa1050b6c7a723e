#include "events.h"

#include "limit.h"

enum { ROOM_PER_EVENT = 64 << 10 };

/* An arena for a batch. Most of it is never touched, and so never takes memory. */
static struct source source(long total, long batch) {
    size_t room = (size_t)(batch + 1) * ROOM_PER_EVENT;
    return (struct source){.total = total, .memory = take(room), .room = room};
}

static unsigned char *claim(struct source *source, size_t bytes) {
    if (source->used + bytes > source->room) die("the events of a transaction are too large");
    unsigned char *place = source->memory + source->used;
    source->used += bytes;
    return place;
}

static struct span copy(struct source *source, const void *bytes, size_t count) {
    unsigned char *place = claim(source, count);
    if (count) memcpy(place, bytes, count);
    return (struct span){place, count};
}

static struct span text(struct source *source, const char *format, ...) {
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (count < 0 || (size_t)count >= sizeof line) die("a text is too long");
    return copy(source, line, (size_t)count);
}

/* --- made up --- */

struct source made_up_events(long total, long batch) { return source(total, batch); }

static struct part made_up_part(
    struct source *source, const char *name, struct span subject, struct span content) {
    return (struct part){text(source, "%s", name), subject, content};
}

static void make_up(struct source *source, struct event *event, long index) {
    static const char *types[] = {"booking.confirmed", "booking.rescheduled", "meeting.ended"};
    long appointment = index / 3, step = index % 3;
    long people = source->total / 15 > 0 ? source->total / 15 : 1;
    /* Scattered, so that the bookings of a person are not in one transaction. */
    long person = appointment * 7919 % people, host = appointment % 20;
    int64_t booked = 1704067200000 + appointment * 60000, start = booked + 604800000;
    struct span guest = text(source, "%024lx", 0xA00000 + person);
    struct span organizer = text(source, "%024lx", 0xB00000 + host);
    *event = (struct event){
        .stream = text(source, "booking-bench%017ld", appointment),
        .type = text(source, "%s", types[step]),
        .correlation = text(source, "bench%017ld", appointment),
        .actor = text(source, "calcom"),
        .schema_version = 1,
        .occurred = booked + step * 3600000,
        .data = text(
            source,
            "{\"uid\":\"bench%017ld\",\"number\":%ld,\"eventType\":88231,\"slug\":\"product-demo\","
            "\"start\":%lld,\"end\":%lld,\"organizer\":{\"person\":\"%.*s\",\"part\":\"party-0\","
            "\"userID\":4102},\"attendees\":[{\"person\":\"%.*s\",\"part\":\"party-1\"}],"
            "\"booker\":\"%.*s\",\"calendarUID\":\"bench%017ld@Cal.com\",\"sequence\":%ld,"
            "\"location\":{\"kind\":\"integration\",\"provider\":\"daily\",\"resolved\":true},"
            "\"utm\":{\"source\":\"newsletter\",\"medium\":\"email\",\"campaign\":\"spring-launch\"},"
            "\"from\":{\"uid\":\"bench%017ld\",\"start\":%lld,\"end\":%lld,\"by\":\"%.*s\"},"
            "\"routing\":{\"form\":\"5d1f0a3c\",\"response\":%ld,\"assignment\":\"round-robin\"},"
            "\"delivery\":\"%064lx\"}",
            appointment, 7301455 + appointment, (long long)start, (long long)start + 1800000,
            (int)organizer.count, organizer.bytes, (int)guest.count, guest.bytes, (int)guest.count,
            guest.bytes, appointment, step, appointment, (long long)start - 86400000,
            (long long)start - 84600000, (int)guest.count, guest.bytes, appointment, index),
        .part_count = 3,
    };
    event->parts[0] = made_up_part(
        source, "party-0", organizer,
        text(
            source,
            "{\"name\":\"Host%ld Example\",\"email\":\"host%ld@globex.example\",\"zone\":"
            "\"America/New_York\"}",
            host, host));
    event->parts[1] = made_up_part(
        source, "party-1", guest,
        text(
            source,
            "{\"name\":\"First%ld Last%ld\",\"email\":\"person%ld@company%ld.example\",\"zone\":"
            "\"Europe/Berlin\",\"language\":\"en\"}",
            person, person, person, person % 700));
    event->parts[2] = made_up_part(
        source, "meeting", guest,
        text(
            source,
            "{\"title\":\"Demo %ld\",\"notes\":\"We look at the import first, and then at the "
            "questions of the team.\",\"answers\":{\"team-size\":\"11-50\",\"company\":\"Company "
            "%ld\",\"how\":\"a colleague told us\"},\"location\":\"https://video.example/room/%ld\"}",
            appointment, person % 700, appointment));
}

/* --- like those of a ledger --- */

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL)) die("%s", sqlite3_errmsg(db));
    return statement;
}

struct source events_like(const char *path, long total, long batch) {
    struct source like = source(total, batch);
    if (sqlite3_open_v2(path, &like.ledger, SQLITE_OPEN_READONLY, NULL))
        die("%s: %s", path, sqlite3_errmsg(like.ledger));
    like.leaves = prepare(like.ledger, "SELECT position, leaf FROM event ORDER BY position");
    like.lengths = prepare(
        like.ledger, "SELECT length(ciphertext) FROM sealed WHERE position = ? AND part = ?");
    return like;
}

struct reader {
    const unsigned char *bytes;
    size_t left;
};

static struct span field(struct reader *reader) {
    if (reader->left < 4) die("a leaf ends early");
    size_t count = 0;
    for (int byte = 0; byte < 4; byte++) count = count << 8 | reader->bytes[byte];
    if (count > reader->left - 4) die("a leaf ends early");
    struct span span = {reader->bytes + 4, count};
    reader->bytes += 4 + count;
    reader->left -= 4 + count;
    return span;
}

static int64_t integer(struct reader *reader) {
    struct span span = field(reader);
    if (span.count != 8) die("a number in a leaf has %zu bytes", span.count);
    uint64_t value = 0;
    for (int byte = 0; byte < 8; byte++) value = value << 8 | span.bytes[byte];
    return (int64_t)value;
}

/* How many bytes were sealed; -1 if the part was erased. */
static int sealed_length(struct source *source, int64_t position, struct span part) {
    sqlite3_bind_int64(source->lengths, 1, position);
    sqlite3_bind_text(
        source->lengths, 2, (const char *)part.bytes, (int)part.count, SQLITE_STATIC);
    int length = -1;
    if (sqlite3_step(source->lengths) == SQLITE_ROW)
        length = sqlite3_column_int(source->lengths, 0) - 16;
    sqlite3_reset(source->lengths);
    return length;
}

static void copy_part(
    struct source *source, struct event *event, int64_t position, struct reader *reader) {
    struct span name = field(reader), subject = field(reader);
    integer(reader), field(reader), field(reader);
    int length = sealed_length(source, position, name);
    if (length < 0) return;
    if (event->part_count == MOST_PARTS) die("an event has more than %d parts", MOST_PARTS);
    unsigned char *content = claim(source, (size_t)length);
    for (int byte = 0; byte < length; byte++) content[byte] = (unsigned char)('a' + byte % 26);
    event->parts[event->part_count++] =
        (struct part){name, subject, {content, (size_t)length}};
}

static int copy_next(struct source *source, struct event *event) {
    int code = sqlite3_step(source->leaves);
    if (code == SQLITE_DONE) return 0;
    if (code != SQLITE_ROW) die("%s", sqlite3_errmsg(source->ledger));
    int64_t position = sqlite3_column_int64(source->leaves, 0);
    const void *stored = sqlite3_column_blob(source->leaves, 1);
    struct span leaf = copy(source, stored, (size_t)sqlite3_column_bytes(source->leaves, 1));
    struct reader reader = {leaf.bytes, leaf.count};
    *event = (struct event){0};
    field(&reader), field(&reader);
    event->stream = field(&reader);
    integer(&reader);
    event->type = field(&reader);
    event->schema_version = integer(&reader);
    event->occurred = integer(&reader);
    integer(&reader);
    event->correlation = field(&reader);
    event->causation = field(&reader);
    event->actor = field(&reader);
    event->data = field(&reader);
    for (int64_t count = integer(&reader); count > 0; count--)
        copy_part(source, event, position, &reader);
    return 1;
}

long take_events(struct source *source, struct event *events, long most) {
    source->used = 0;
    long count = 0;
    while (count < most && source->taken < source->total) {
        if (!source->ledger)
            make_up(source, &events[count], source->taken);
        else if (!copy_next(source, &events[count]))
            break;
        source->taken++;
        count++;
    }
    return count;
}
