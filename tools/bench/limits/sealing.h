/* The cryptography of a ledger, byte for byte as `KeyVault.swift` and `MerkleTree.swift` have it. */
#ifndef SEALING_H
#define SEALING_H

#include "events.h"

enum { KEY_BYTES = 32, HASH_BYTES = 32, NONCE_BYTES = 12, TAG_BYTES = 16 };

struct ledger_key {
    unsigned char wrapping[KEY_BYTES], check[HASH_BYTES];
};

void prepare_sealing(void);

/* Unpredictable bytes, fetched from the system by the page. */
void random_bytes(unsigned char *bytes, size_t count);

/* The hash of some spans one after the other. */
void hash_spans(const struct span *spans, int count, unsigned char hash[HASH_BYTES]);

/* Derives what a ledger needs of its 32 secret bytes. */
struct ledger_key derive_key(const unsigned char root[KEY_BYTES]);

/* Seals with AES-256-GCM; ciphertext and tag go to `sealed`, which has room for both. */
void seal(
    const unsigned char key[KEY_BYTES], const unsigned char nonce[NONCE_BYTES],
    struct span content, struct span associated, unsigned char *sealed);

/* Opens what `seal` made; stops the program if a byte changed. */
void unseal(
    const unsigned char key[KEY_BYTES], const unsigned char nonce[NONCE_BYTES], struct span sealed,
    struct span associated, unsigned char *content);

#endif
