/* Plain reading and SHA-256: what a verification cannot be faster than; and reading and opening, what
 * a replay cannot be faster than.
 *
 *   read ledger FILE    every leaf and every sealed part through SQLite, each hashed
 *   read file FILE      the bytes of the file, hashed as they come
 *   read opened FILE    every leaf through SQLite, and every sealed part deciphered; nothing decoded */
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

/* Deciphers every part as opening does, with a key of its own for each: the same work, whatever comes
 * out. The tags cannot hold, because no key is known here. */
static void decipher(const unsigned char *nonce, const unsigned char *sealed, int count) {
    static EVP_CIPHER_CTX *opening;
    static EVP_CIPHER *cipher;
    static unsigned char key[32], place[64], content[1 << 16];
    if (!opening) {
        opening = EVP_CIPHER_CTX_new();
        cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
        if (!opening || !EVP_DecryptInit_ex2(opening, cipher, NULL, NULL, NULL))
            die("AES does not begin");
    }
    int length = count - 16, done, rest;
    if (length < 0 || length > (int)sizeof content) die("a sealed part of %d bytes", count);
    memcpy(key, nonce, 12);
    if (!EVP_DecryptInit_ex2(opening, NULL, key, nonce, NULL)
        || !EVP_DecryptUpdate(opening, NULL, &done, place, (int)sizeof place)
        || !EVP_DecryptUpdate(opening, content, &done, sealed, length)
        || !EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, 16, (void *)(sealed + length)))
        die("AES-GCM does not decipher");
    EVP_DecryptFinal_ex(opening, content + done, &rest);
    bytes_read += (uint64_t)count;
    together[0] ^= content[0];
}

static long read_opened(const char *path) {
    sqlite3 *db;
    sqlite3_stmt *leaves, *parts;
    const char *all = "SELECT position, leaf FROM event ORDER BY position";
    const char *own = "SELECT nonce, ciphertext FROM sealed WHERE position = ?";
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL)
        || sqlite3_prepare_v2(db, all, -1, &leaves, NULL)
        || sqlite3_prepare_v2(db, own, -1, &parts, NULL))
        die("%s", sqlite3_errmsg(db));
    long events = 0;
    for (; sqlite3_step(leaves) == SQLITE_ROW; events++) {
        bytes_read += (uint64_t)sqlite3_column_bytes(leaves, 1);
        together[1] ^= *(const unsigned char *)sqlite3_column_blob(leaves, 1);
        sqlite3_bind_int64(parts, 1, sqlite3_column_int64(leaves, 0));
        while (sqlite3_step(parts) == SQLITE_ROW)
            decipher(
                sqlite3_column_blob(parts, 0), sqlite3_column_blob(parts, 1),
                sqlite3_column_bytes(parts, 1));
        sqlite3_reset(parts);
    }
    sqlite3_finalize(leaves);
    sqlite3_finalize(parts);
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
    if (argc != 3) die("usage: read ledger|file|opened FILE");
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    hashing = EVP_MD_CTX_new();
    if (!sha256 || !hashing) die("SHA-256 is not there");
    int is_file = strcmp(argv[1], "file") == 0, is_opened = strcmp(argv[1], "opened") == 0;
    double began = now();
    long events = is_file ? read_file(argv[2])
        : is_opened       ? read_opened(argv[2])
                          : read_ledger(argv[2]);
    double seconds = now() - began;
    printf("{\"name\":\"read %s\",\"events\":%ld,\"seconds\":%.6f,", argv[1], events, seconds);
    if (!is_file) printf("\"rate\":%.1f,", (double)events / seconds);
    printf(
        "\"peakMB\":%.1f,\"bytes\":%llu,\"sha256\":\"", peak_megabytes(),
        (unsigned long long)bytes_read);
    for (int index = 0; index < 32; index++) printf("%02x", together[index]);
    printf("\"}\n");
    return 0;
}
