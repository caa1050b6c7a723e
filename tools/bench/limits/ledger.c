#include "ledger.h"

#include "limit.h"
#include "sealing.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

enum { MOST_LEAF_BYTES = 60 << 10, MOST_SEALED_BYTES = 60 << 10, LEVELS = 63, WRAPPED_BYTES = 60 };

/* What a transaction looks up once: streams, types and keys by name. */
struct known {
    unsigned generation;
    struct span name;
    int64_t id, revision;
    unsigned char key[KEY_BYTES], fingerprint[HASH_BYTES];
};

struct table {
    struct known *entries;
    size_t mask, count;
    unsigned generation;
};

/* The order of `statements`, below. */
enum {
    BEGIN, COMMIT, HEAD, SET_HEAD, NODE, ADD_NODE, RECORDED, STREAM, ADD_STREAM, SET_STREAM, TYPE,
    ADD_TYPE, ERASED, KEY, ADD_KEY, ADD_EVENT, ADD_SEALED, STATEMENTS
};

struct ledger {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    struct ledger_key key;
    struct table streams, types, keys;
    int64_t position;
    unsigned char frontier[LEVELS][HASH_BYTES];
};

/* --- SQLite --- */

static void execute(struct ledger *ledger, const char *sql) {
    if (sqlite3_exec(ledger->db, sql, NULL, NULL, NULL)) die("%s", sqlite3_errmsg(ledger->db));
}

static void bind_bytes(sqlite3_stmt *statement, int index, const void *bytes, size_t count) {
    sqlite3_bind_blob(statement, index, bytes, (int)count, SQLITE_STATIC);
}

static void bind_text(sqlite3_stmt *statement, int index, struct span text) {
    sqlite3_bind_text(statement, index, (const char *)text.bytes, (int)text.count, SQLITE_STATIC);
}

/* Steps a statement; returns whether there is a row. The caller resets it after reading. */
static int step(struct ledger *ledger, int statement) {
    int code = sqlite3_step(ledger->statements[statement]);
    if (code != SQLITE_ROW && code != SQLITE_DONE) die("%s", sqlite3_errmsg(ledger->db));
    return code == SQLITE_ROW;
}

/* Runs a statement to its end. */
static void run(struct ledger *ledger, int statement) {
    step(ledger, statement);
    sqlite3_reset(ledger->statements[statement]);
}

/* --- What a transaction knows --- */

static struct table table(long most) {
    size_t room = 64;
    while (room < (size_t)most * 8) room *= 2;
    struct known *entries = calloc(room, sizeof *entries);
    if (!entries) die("no memory for what a transaction knows");
    return (struct table){entries, room - 1, 0, 1};
}

static void forget_all(struct table *table) { table->generation++, table->count = 0; }

/* The entry of a name, new ones with an id of 0. The name has to live as long as the transaction. */
static struct known *find(struct table *table, struct span name) {
    uint64_t hash = 1469598103934665603u;
    for (size_t byte = 0; byte < name.count; byte++)
        hash = (hash ^ name.bytes[byte]) * 1099511628211u;
    for (size_t place = hash & table->mask;; place = (place + 1) & table->mask) {
        struct known *entry = &table->entries[place];
        if (entry->generation != table->generation) {
            if (table->count++ > table->mask / 2) die("too many names in one transaction");
            *entry = (struct known){.generation = table->generation, .name = name};
            return entry;
        }
        if (entry->name.count == name.count && !memcmp(entry->name.bytes, name.bytes, name.count))
            return entry;
    }
}

static struct known *stream_of(struct ledger *ledger, struct span name) {
    struct known *stream = find(&ledger->streams, name);
    if (stream->id) return stream;
    sqlite3_stmt *look = ledger->statements[STREAM];
    bind_text(look, 1, name);
    if (step(ledger, STREAM)) {
        stream->id = sqlite3_column_int64(look, 0);
        stream->revision = sqlite3_column_int64(look, 1);
    }
    sqlite3_reset(look);
    if (stream->id) return stream;
    bind_text(ledger->statements[ADD_STREAM], 1, name);
    run(ledger, ADD_STREAM);
    stream->id = sqlite3_last_insert_rowid(ledger->db);
    return stream;
}

static int64_t type_of(struct ledger *ledger, struct span name) {
    struct known *type = find(&ledger->types, name);
    if (type->id) return type->id;
    sqlite3_stmt *look = ledger->statements[TYPE];
    bind_text(look, 1, name);
    if (step(ledger, TYPE)) type->id = sqlite3_column_int64(look, 0);
    sqlite3_reset(look);
    if (type->id) return type->id;
    bind_text(ledger->statements[ADD_TYPE], 1, name);
    run(ledger, ADD_TYPE);
    return type->id = sqlite3_last_insert_rowid(ledger->db);
}

/* --- Keys of people --- */

static struct span key_purpose(struct span subject, char *text, size_t room) {
    int count = snprintf(
        text, room, "subject key %.*s 1", (int)subject.count, (const char *)subject.bytes);
    if (count < 0 || (size_t)count >= room) die("a surrogate is too long");
    return (struct span){(unsigned char *)text, (size_t)count};
}

static int stored_key(struct ledger *ledger, struct known *key, struct span purpose) {
    sqlite3_stmt *look = ledger->statements[KEY];
    bind_text(look, 1, key->name);
    int found = step(ledger, KEY);
    if (found) {
        const unsigned char *wrapped = sqlite3_column_blob(look, 1);
        if (sqlite3_column_bytes(look, 1) != WRAPPED_BYTES) die("a wrapped key has another length");
        struct span sealed = {wrapped + NONCE_BYTES, WRAPPED_BYTES - NONCE_BYTES};
        unseal(ledger->key.wrapping, wrapped, sealed, purpose, key->key);
    }
    sqlite3_reset(look);
    return found;
}

static void make_key(struct ledger *ledger, struct known *key, struct span purpose) {
    unsigned char wrapped[WRAPPED_BYTES];
    random_bytes(key->key, KEY_BYTES);
    random_bytes(wrapped, NONCE_BYTES);
    struct span content = {key->key, KEY_BYTES};
    seal(ledger->key.wrapping, wrapped, content, purpose, wrapped + NONCE_BYTES);
    bind_text(ledger->statements[ADD_KEY], 1, key->name);
    bind_bytes(ledger->statements[ADD_KEY], 2, wrapped, sizeof wrapped);
    run(ledger, ADD_KEY);
}

static const struct known *key_of(struct ledger *ledger, struct span subject) {
    struct known *key = find(&ledger->keys, subject);
    if (key->id) return key;
    char text[128];
    struct span purpose = key_purpose(subject, text, sizeof text);
    if (!stored_key(ledger, key, purpose)) make_key(ledger, key, purpose);
    struct span spans[] = {{(const unsigned char *)"key-v1", 6}, {key->key, KEY_BYTES}};
    hash_spans(spans, 2, key->fingerprint);
    key->id = 1;
    return key;
}

static int is_erased(struct ledger *ledger, struct span subject) {
    bind_text(ledger->statements[ERASED], 1, subject);
    step(ledger, ERASED);
    int erased = sqlite3_column_int(ledger->statements[ERASED], 0);
    sqlite3_reset(ledger->statements[ERASED]);
    return erased;
}

/* --- The tree: RFC 6962, numbered as Go's sumdb/tlog does --- */

static int64_t stored_index(int level, uint64_t index) {
    for (int step = 0; step < level; step++) index = 2 * index + 1;
    uint64_t stored = 0;
    for (; index > 0; index >>= 1) stored += index;
    return (int64_t)(stored + (uint64_t)level);
}

static void load_frontier(struct ledger *ledger) {
    uint64_t size = (uint64_t)ledger->position;
    for (int level = 0; level < LEVELS; level++) {
        if (!(size >> level & 1)) continue;
        sqlite3_stmt *look = ledger->statements[NODE];
        sqlite3_bind_int64(look, 1, stored_index(level, (size >> level) - 1));
        if (!step(ledger, NODE) || sqlite3_column_bytes(look, 0) != HASH_BYTES)
            die("a node of the tree is missing");
        memcpy(ledger->frontier[level], sqlite3_column_blob(look, 0), HASH_BYTES);
        sqlite3_reset(look);
    }
}

static void add_node(
    struct ledger *ledger, int level, uint64_t index, const unsigned char hash[HASH_BYTES]) {
    sqlite3_bind_int64(ledger->statements[ADD_NODE], 1, stored_index(level, index));
    bind_bytes(ledger->statements[ADD_NODE], 2, hash, HASH_BYTES);
    run(ledger, ADD_NODE);
}

/* Adds the leaf at the index, which is also the size of the tree before. */
static void add_leaf(struct ledger *ledger, struct span leaf, uint64_t index) {
    static const unsigned char zero = 0, one = 1;
    unsigned char hash[HASH_BYTES];
    hash_spans((struct span[]){{&zero, 1}, leaf}, 2, hash);
    int level = 0;
    add_node(ledger, level, index, hash);
    while (index & 1) {
        struct span pair[] = {
            {&one, 1}, {ledger->frontier[level], HASH_BYTES}, {hash, HASH_BYTES}};
        hash_spans(pair, 3, hash);
        level++, index >>= 1;
        add_node(ledger, level, index, hash);
    }
    memcpy(ledger->frontier[level], hash, HASH_BYTES);
}

/* --- One event --- */

/* The form of a leaf: see 'Leaf.swift'. */
struct leaf {
    size_t count;
    unsigned char bytes[MOST_LEAF_BYTES];
};

static void put(struct leaf *leaf, const void *bytes, size_t count) {
    if (leaf->count + 4 + count > sizeof leaf->bytes) die("an event is too large");
    for (int shift = 24; shift >= 0; shift -= 8)
        leaf->bytes[leaf->count++] = (unsigned char)(count >> shift);
    if (count) memcpy(leaf->bytes + leaf->count, bytes, count);
    leaf->count += count;
}

static void put_span(struct leaf *leaf, struct span span) { put(leaf, span.bytes, span.count); }

static void put_number(struct leaf *leaf, int64_t value) {
    unsigned char bytes[8];
    for (int byte = 0; byte < 8; byte++)
        bytes[byte] = (unsigned char)((uint64_t)value >> (56 - 8 * byte));
    put(leaf, bytes, sizeof bytes);
}

static int64_t milliseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* UUID version 7 of RFC 9562. */
static void make_id(unsigned char id[16]) {
    int64_t time = milliseconds();
    for (int byte = 0; byte < 6; byte++)
        id[byte] = (unsigned char)((uint64_t)time >> (40 - 8 * byte));
    random_bytes(id + 6, 10);
    id[6] = 0x70 | (id[6] & 0x0F);
    id[8] = 0x80 | (id[8] & 0x3F);
}

/* A sealed part as it will be stored. */
struct sealed {
    const struct part *part;
    const struct known *key;
    unsigned char nonce[NONCE_BYTES], hash[HASH_BYTES];
    struct span ciphertext;
};

/* Binds a ciphertext to its event, part, person and key. */
static struct span place_of(
    const struct part *part, const unsigned char id[16], char *text, size_t room) {
    memcpy(text, id, 16);
    int count = snprintf(
        text + 16, room - 16, "%.*s%c%.*s%c1", (int)part->name.count,
        (const char *)part->name.bytes, 0, (int)part->subject.count,
        (const char *)part->subject.bytes, 0);
    if (count < 0 || (size_t)count >= room - 16) die("the name of a part is too long");
    return (struct span){(unsigned char *)text, 16 + (size_t)count};
}

static struct sealed seal_part(
    struct ledger *ledger, const struct part *part, const unsigned char id[16],
    unsigned char *place) {
    char text[256];
    struct sealed sealed = {.part = part, .key = key_of(ledger, part->subject)};
    random_bytes(sealed.nonce, NONCE_BYTES);
    struct span associated = place_of(part, id, text, sizeof text);
    seal(sealed.key->key, sealed.nonce, part->content, associated, place);
    sealed.ciphertext = (struct span){place, part->content.count + TAG_BYTES};
    struct span spans[] = {{sealed.nonce, NONCE_BYTES}, sealed.ciphertext};
    hash_spans(spans, 2, sealed.hash);
    return sealed;
}

/* Seals the parts of those who were not erased; returns how many. */
static int seal_parts(
    struct ledger *ledger, const struct event *event, const unsigned char id[16],
    struct sealed *sealed) {
    static unsigned char ciphertexts[MOST_SEALED_BYTES];
    size_t used = 0;
    int count = 0;
    for (int index = 0; index < event->part_count; index++) {
        const struct part *part = &event->parts[index];
        if (is_erased(ledger, part->subject)) continue;
        if (used + part->content.count + TAG_BYTES > sizeof ciphertexts)
            die("the parts of an event are too large");
        sealed[count] = seal_part(ledger, part, id, ciphertexts + used);
        used += sealed[count++].ciphertext.count;
    }
    return count;
}

static void encode(
    struct leaf *leaf, const struct event *event, const unsigned char id[16], int64_t revision,
    int64_t recorded, const struct sealed *sealed, int count) {
    leaf->count = 0;
    put(leaf, "daybook-event-1", 15);
    put(leaf, id, 16);
    put_span(leaf, event->stream);
    put_number(leaf, revision);
    put_span(leaf, event->type);
    put_number(leaf, event->schema_version);
    put_number(leaf, event->occurred);
    put_number(leaf, recorded);
    put_span(leaf, event->correlation);
    put_span(leaf, event->causation);
    put_span(leaf, event->actor);
    put_span(leaf, event->data);
    put_number(leaf, count);
    for (int index = 0; index < count; index++) {
        put_span(leaf, sealed[index].part->name);
        put_span(leaf, sealed[index].part->subject);
        put_number(leaf, 1);
        put(leaf, sealed[index].key->fingerprint, HASH_BYTES);
        put(leaf, sealed[index].hash, HASH_BYTES);
    }
}

/* An append that is tried again must change nothing: so the id is looked for first. */
static void check_is_new(struct ledger *ledger, const unsigned char id[16]) {
    bind_bytes(ledger->statements[RECORDED], 1, id, 16);
    if (step(ledger, RECORDED)) die("an id was used before");
    sqlite3_reset(ledger->statements[RECORDED]);
}

static void insert_sealed(struct ledger *ledger, const struct sealed *sealed) {
    sqlite3_stmt *add = ledger->statements[ADD_SEALED];
    sqlite3_bind_int64(add, 1, ledger->position);
    bind_text(add, 2, sealed->part->name);
    bind_bytes(add, 3, sealed->nonce, NONCE_BYTES);
    bind_bytes(add, 4, sealed->ciphertext.bytes, sealed->ciphertext.count);
    run(ledger, ADD_SEALED);
}

static void append_event(struct ledger *ledger, const struct event *event) {
    static struct leaf leaf;
    struct sealed sealed[MOST_PARTS];
    unsigned char id[16];
    make_id(id);
    check_is_new(ledger, id);
    struct known *stream = stream_of(ledger, event->stream);
    stream->revision++;
    ledger->position++;
    int count = seal_parts(ledger, event, id, sealed);
    int64_t recorded = milliseconds();
    encode(&leaf, event, id, stream->revision, recorded, sealed, count);
    sqlite3_stmt *add = ledger->statements[ADD_EVENT];
    int64_t type = type_of(ledger, event->type);
    sqlite3_bind_int64(add, 1, ledger->position);
    bind_bytes(add, 2, id, 16);
    sqlite3_bind_int64(add, 3, stream->id);
    sqlite3_bind_int64(add, 4, stream->revision);
    sqlite3_bind_int64(add, 5, type);
    sqlite3_bind_int64(add, 6, event->occurred);
    sqlite3_bind_int64(add, 7, recorded);
    bind_bytes(add, 8, leaf.bytes, leaf.count);
    run(ledger, ADD_EVENT);
    add_leaf(ledger, (struct span){leaf.bytes, leaf.count}, (uint64_t)ledger->position - 1);
    for (int index = 0; index < count; index++) insert_sealed(ledger, &sealed[index]);
}

/* --- One transaction --- */

/* Another process may have written since: so nothing is known from before. */
static void begin(struct ledger *ledger) {
    run(ledger, BEGIN);
    forget_all(&ledger->streams), forget_all(&ledger->types), forget_all(&ledger->keys);
    step(ledger, HEAD);
    ledger->position = sqlite3_column_int64(ledger->statements[HEAD], 0);
    sqlite3_reset(ledger->statements[HEAD]);
    load_frontier(ledger);
}

static void finish(struct ledger *ledger) {
    sqlite3_bind_int64(ledger->statements[SET_HEAD], 1, ledger->position);
    run(ledger, SET_HEAD);
    for (size_t place = 0; place <= ledger->streams.mask; place++) {
        const struct known *stream = &ledger->streams.entries[place];
        if (stream->generation != ledger->streams.generation) continue;
        sqlite3_bind_int64(ledger->statements[SET_STREAM], 1, stream->revision);
        sqlite3_bind_int64(ledger->statements[SET_STREAM], 2, stream->id);
        run(ledger, SET_STREAM);
    }
    run(ledger, COMMIT);
}

void append_events(struct ledger *ledger, const struct event *events, long count) {
    begin(ledger);
    for (long index = 0; index < count; index++) append_event(ledger, &events[index]);
    finish(ledger);
}

/* --- A new ledger --- */

static void write_key(const char *path, const unsigned char root[KEY_BYTES]) {
    char name[4096], text[64];
    snprintf(name, sizeof name, "%s.key", path);
    int file = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0) die("%s: %s", name, strerror(errno));
    int count = EVP_EncodeBlock((unsigned char *)text, root, KEY_BYTES);
    text[count++] = '\n';
    if (write(file, text, (size_t)count) != count) die("%s: %s", name, strerror(errno));
    close(file);
}

static char *contents(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die("%s: %s", path, strerror(errno));
    size_t room = 1 << 20;
    char *text = take(room);
    text[fread(text, 1, room - 1, file)] = 0;
    if (!feof(file)) die("%s is larger than a megabyte", path);
    fclose(file);
    return text;
}

/* Makes the tables of the ledger proper. The read models go again: nothing is written to them here,
 * and Daybook makes them anew when it opens the file, as it does in a file of an older version. */
static void make_tables(struct ledger *ledger, const char *schema_path) {
    char *schema = contents(schema_path);
    execute(ledger, schema);
    free(schema);
    sqlite3_stmt *others;
    const char *sql =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('ledger', 'stream', "
        "'eventType', 'event', 'node', 'sealed', 'subjectKey', 'subjectIndex', 'checkpoint', "
        "'cursor', 'cosignature', 'erasure', 'erasedPart')";
    char drops[8192] = "";
    if (sqlite3_prepare_v2(ledger->db, sql, -1, &others, NULL)) die("%s", sqlite3_errmsg(ledger->db));
    while (sqlite3_step(others) == SQLITE_ROW) {
        size_t used = strlen(drops);
        snprintf(
            drops + used, sizeof drops - used, "DROP TABLE \"%s\";",
            (const char *)sqlite3_column_text(others, 0));
    }
    sqlite3_finalize(others);
    execute(ledger, drops);
    execute(
        ledger,
        "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);"
        "INSERT INTO grdb_migrations VALUES ('ledger-1'), ('ledger-2-erasure')");
    execute(ledger, "VACUUM");
}

static void write_head(struct ledger *ledger) {
    unsigned char chance[8];
    char origin[64] = "daybook.local/";
    random_bytes(chance, sizeof chance);
    for (int byte = 0; byte < 8; byte++)
        snprintf(origin + 14 + 2 * byte, 3, "%02x", chance[byte]);
    sqlite3_stmt *add;
    const char *sql = "INSERT INTO ledger (id, origin, keyCheck, position) VALUES (1, ?, ?, 0)";
    if (sqlite3_prepare_v2(ledger->db, sql, -1, &add, NULL)) die("%s", sqlite3_errmsg(ledger->db));
    sqlite3_bind_text(add, 1, origin, -1, SQLITE_STATIC);
    bind_bytes(add, 2, ledger->key.check, HASH_BYTES);
    if (sqlite3_step(add) != SQLITE_DONE) die("%s", sqlite3_errmsg(ledger->db));
    sqlite3_finalize(add);
}

static void prepare_statements(struct ledger *ledger) {
    static const char *const sql[STATEMENTS] = {
        [BEGIN] = "BEGIN IMMEDIATE",
        [COMMIT] = "COMMIT",
        [HEAD] = "SELECT position FROM ledger",
        [SET_HEAD] = "UPDATE ledger SET position = ?",
        [NODE] = "SELECT hash FROM node WHERE number = ?",
        [ADD_NODE] = "INSERT INTO node (number, hash) VALUES (?, ?)",
        [RECORDED] = "SELECT position, leaf FROM event WHERE eventID = ?",
        [STREAM] = "SELECT id, revision FROM stream WHERE name = ?",
        [ADD_STREAM] = "INSERT INTO stream (name, revision) VALUES (?, 0)",
        [SET_STREAM] = "UPDATE stream SET revision = ? WHERE id = ?",
        [TYPE] = "SELECT id FROM eventType WHERE name = ?",
        [ADD_TYPE] = "INSERT INTO eventType (name) VALUES (?)",
        [ERASED] = "SELECT EXISTS (SELECT 1 FROM erasure WHERE subject = ?)",
        [KEY] = "SELECT revision, wrapped FROM subjectKey WHERE subject = ?1 AND NOT EXISTS "
                "(SELECT 1 FROM erasure WHERE subject = ?1) ORDER BY revision DESC LIMIT 1",
        [ADD_KEY] = "INSERT INTO subjectKey (subject, revision, wrapped) VALUES (?, 1, ?)",
        [ADD_EVENT] = "INSERT INTO event (position, eventID, stream, revision, type, occurred, "
                      "recorded, leaf) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [ADD_SEALED] = "INSERT INTO sealed (position, part, nonce, ciphertext) VALUES (?, ?, ?, ?)",
    };
    for (int index = 0; index < STATEMENTS; index++)
        if (sqlite3_prepare_v3(
                ledger->db, sql[index], -1, SQLITE_PREPARE_PERSISTENT, &ledger->statements[index],
                NULL))
            die("%s", sqlite3_errmsg(ledger->db));
}

struct ledger *make_ledger(const char *path, const char *schema_path, long most) {
    if (access(path, F_OK) == 0) die("%s is there already; take another folder", path);
    struct ledger *ledger = take(sizeof *ledger);
    *ledger = (struct ledger){
        .streams = table(most), .types = table(most), .keys = table(most * 4)};
    prepare_sealing();
    unsigned char root[KEY_BYTES];
    random_bytes(root, KEY_BYTES);
    ledger->key = derive_key(root);
    if (sqlite3_open(path, &ledger->db)) die("%s: %s", path, sqlite3_errmsg(ledger->db));
    /* As 'SQLiteLedger' has them; foreign keys and the log are GRDB's choice for it. */
    execute(
        ledger,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 20000;"
        "PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON");
    make_tables(ledger, schema_path);
    write_head(ledger);
    prepare_statements(ledger);
    write_key(path, root);
    return ledger;
}

void close_ledger(struct ledger *ledger) {
    for (int index = 0; index < STATEMENTS; index++) sqlite3_finalize(ledger->statements[index]);
    if (sqlite3_close(ledger->db)) die("%s", sqlite3_errmsg(ledger->db));
    free(ledger->streams.entries), free(ledger->types.entries), free(ledger->keys.entries);
    free(ledger);
}
