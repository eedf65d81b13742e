/*
 * sha256.h - SHA-256 (FIPS 180-4), for comparing large values by a short text
 */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t state[8];
    uint64_t length;   /* bytes so far */
    uint8_t block[64]; /* the last, incomplete one */
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t n);
/** 64 hex digits and NUL; `s` is used up. */
void sha256_hex(struct sha256 *s, char hex[65]);

/* Numbers as the canonical description has them: one byte, eight bytes little-endian. */
void sha256_u8(struct sha256 *s, unsigned v);
void sha256_u64(struct sha256 *s, uint64_t v);

#endif
