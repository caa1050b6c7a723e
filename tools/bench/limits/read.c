/* Plain reading and SHA-256: what a verification cannot be faster than.
 *
 *   read ledger FILE    every leaf and every sealed part through SQLite, each hashed
 *   read file FILE      the bytes of the file, hashed as they come */
#include "limit.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <unistd.h>

static EVP_MD *sha256;
static EVP_MD_CTX *hashing;
static uint64_t bytes_read;
static unsigned char digest[32];
/* All digests, mixed: the same for the same ledger, and a reason for the compiler to keep the work. */
static unsigned char together[32];

static void begin(void) {
    if (!EVP_DigestInit_ex2(hashing, sha256, NULL)) die("SHA-256 does not begin");
}

static void feed(const void *bytes, size_t count) {
    if (count && !EVP_DigestUpdate(hashing, bytes, count)) die("SHA-256 takes no bytes");
    bytes_read += count;
}

static void end(void) {
    if (!EVP_DigestFinal_ex(hashing, digest, NULL)) die("SHA-256 does not end");
    for (int index = 0; index < 32; index++) together[index] ^= digest[index];
}

/* Hashes every row of a query, all its columns together; returns how many there were. */
static long hash_rows(sqlite3 *db, const char *sql) {
    sqlite3_stmt *rows;
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL)) die("%s", sqlite3_errmsg(db));
    long count = 0;
    int columns = sqlite3_column_count(rows), code;
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        begin();
        for (int column = 0; column < columns; column++) {
            const void *bytes = sqlite3_column_blob(rows, column);
            feed(bytes, (size_t)sqlite3_column_bytes(rows, column));
        }
        end();
        count++;
    }
    if (code != SQLITE_DONE) die("%s", sqlite3_errmsg(db));
    sqlite3_finalize(rows);
    return count;
}

static long read_ledger(const char *path) {
    sqlite3 *db;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL)) die("%s", sqlite3_errmsg(db));
    long events = hash_rows(db, "SELECT leaf FROM event ORDER BY position");
    hash_rows(db, "SELECT nonce, ciphertext FROM sealed ORDER BY position, part");
    sqlite3_close(db);
    return events;
}

static long read_file(const char *path) {
    int file = open(path, O_RDONLY);
    if (file < 0) die("%s: %s", path, strerror(errno));
    static unsigned char piece[1 << 20];
    ssize_t count;
    begin();
    while ((count = read(file, piece, sizeof piece)) > 0) feed(piece, (size_t)count);
    if (count < 0) die("%s: %s", path, strerror(errno));
    end();
    close(file);
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 3) die("usage: read ledger|file FILE");
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    hashing = EVP_MD_CTX_new();
    if (!sha256 || !hashing) die("SHA-256 is not there");
    int is_ledger = strcmp(argv[1], "ledger") == 0;
    double began = now();
    long events = is_ledger ? read_ledger(argv[2]) : read_file(argv[2]);
    double seconds = now() - began;
    printf("{\"name\":\"read %s\",\"events\":%ld,\"seconds\":%.6f,", argv[1], events, seconds);
    if (is_ledger) printf("\"rate\":%.1f,", (double)events / seconds);
    printf(
        "\"peakMB\":%.1f,\"bytes\":%llu,\"sha256\":\"", peak_megabytes(),
        (unsigned long long)bytes_read);
    for (int index = 0; index < 32; index++) printf("%02x", together[index]);
    printf("\"}\n");
    return 0;
}
