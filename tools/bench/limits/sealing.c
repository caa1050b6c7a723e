#include "sealing.h"

#include "limit.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

static EVP_MD *sha256;
static EVP_MD_CTX *hashing;
static EVP_CIPHER *cipher;
static EVP_CIPHER_CTX *sealing, *opening;

/* Looked up once: OpenSSL's look-up by name costs more than hashing a node. */
void prepare_sealing(void) {
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    hashing = EVP_MD_CTX_new();
    cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    sealing = EVP_CIPHER_CTX_new();
    opening = EVP_CIPHER_CTX_new();
    if (!sha256 || !hashing || !cipher || !sealing || !opening) die("SHA-256 or AES is not there");
    if (!EVP_EncryptInit_ex2(sealing, cipher, NULL, NULL, NULL)) die("AES does not begin");
    if (!EVP_DecryptInit_ex2(opening, cipher, NULL, NULL, NULL)) die("AES does not begin");
}

void random_bytes(unsigned char *bytes, size_t count) {
    static unsigned char page[4096];
    static size_t left = 0;
    if (count > left) {
        /* More than 256 bytes may come in pieces when a signal arrives. */
        for (size_t got = 0; got < sizeof page;) {
            ssize_t more = getrandom(page + got, sizeof page - got, 0);
            if (more > 0) got += (size_t)more;
            else if (errno != EINTR) die("getrandom: %s", strerror(errno));
        }
        left = sizeof page;
    }
    left -= count;
    memcpy(bytes, page + left, count);
}

void hash_spans(const struct span *spans, int count, unsigned char hash[HASH_BYTES]) {
    if (!EVP_DigestInit_ex2(hashing, sha256, NULL)) die("SHA-256 does not begin");
    for (int index = 0; index < count; index++)
        if (!EVP_DigestUpdate(hashing, spans[index].bytes, spans[index].count))
            die("SHA-256 takes no bytes");
    if (!EVP_DigestFinal_ex(hashing, hash, NULL)) die("SHA-256 does not end");
}

static void authenticate(
    const unsigned char key[KEY_BYTES], const void *bytes, size_t count,
    unsigned char code[HASH_BYTES]) {
    if (!HMAC(sha256, key, KEY_BYTES, bytes, count, code, NULL)) die("HMAC fails");
}

/* HKDF of RFC 5869 without a salt, for one block. */
static void derive(
    const unsigned char root[KEY_BYTES], const char *purpose, unsigned char key[KEY_BYTES]) {
    static const unsigned char no_salt[KEY_BYTES];
    unsigned char extracted[HASH_BYTES], info[64];
    authenticate(no_salt, root, KEY_BYTES, extracted);
    size_t count = strlen(purpose);
    memcpy(info, purpose, count);
    info[count] = 1;
    authenticate(extracted, info, count + 1, key);
}

struct ledger_key derive_key(const unsigned char root[KEY_BYTES]) {
    static const char check[] = "daybook key check";
    struct ledger_key key;
    unsigned char blinding[KEY_BYTES];
    derive(root, "daybook wrap v1", key.wrapping);
    derive(root, "daybook blind index v1", blinding);
    authenticate(blinding, check, strlen(check), key.check);
    return key;
}

void seal(
    const unsigned char key[KEY_BYTES], const unsigned char nonce[NONCE_BYTES],
    struct span content, struct span associated, unsigned char *sealed) {
    int count, rest;
    if (!EVP_EncryptInit_ex2(sealing, NULL, key, nonce, NULL)
        || !EVP_EncryptUpdate(sealing, NULL, &count, associated.bytes, (int)associated.count)
        || !EVP_EncryptUpdate(sealing, sealed, &count, content.bytes, (int)content.count)
        || !EVP_EncryptFinal_ex(sealing, sealed + count, &rest)
        || !EVP_CIPHER_CTX_ctrl(
            sealing, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, sealed + content.count))
        die("AES-GCM does not seal");
}

void unseal(
    const unsigned char key[KEY_BYTES], const unsigned char nonce[NONCE_BYTES], struct span sealed,
    struct span associated, unsigned char *content) {
    int count, rest;
    size_t length = sealed.count - TAG_BYTES;
    if (!EVP_DecryptInit_ex2(opening, NULL, key, nonce, NULL)
        || !EVP_DecryptUpdate(opening, NULL, &count, associated.bytes, (int)associated.count)
        || !EVP_DecryptUpdate(opening, content, &count, sealed.bytes, (int)length)
        || !EVP_CIPHER_CTX_ctrl(
            opening, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, (void *)(sealed.bytes + length))
        || EVP_DecryptFinal_ex(opening, content + count, &rest) <= 0)
        die("a sealed part does not open");
}
