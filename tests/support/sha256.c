/*
 * sha256.c - SHA-256 (FIPS 180-4); the names of variables are the standard's
 */
#include "sha256.h"

#include <stdio.h>
#include <string.h>

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
};

static uint32_t
rotr(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static void
schedule(uint32_t w[64], const uint8_t *block)
{
    for (unsigned t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
               (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
    for (unsigned t = 16; t < 64; t++) {
        const uint32_t x = w[t - 15], y = w[t - 2];
        const uint32_t s0 = rotr(x, 7) ^ rotr(x, 18) ^ x >> 3;
        const uint32_t s1 = rotr(y, 17) ^ rotr(y, 19) ^ y >> 10;

        w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
}

static void
compress(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[64], v[8];

    schedule(w, block);
    memcpy(v, state, sizeof(v));
    for (unsigned t = 0; t < 64; t++) {
        const uint32_t a = v[0], e = v[4];
        const uint32_t S1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
        const uint32_t S0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
        const uint32_t ch = (e & v[5]) ^ (~e & v[6]);
        const uint32_t maj = (a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]);
        const uint32_t T1 = v[7] + S1 + ch + K[t] + w[t];

        memmove(v + 1, v, 7 * sizeof(*v));
        v[4] += T1;
        v[0] = T1 + S0 + maj;
    }
    for (unsigned i = 0; i < 8; i++)
        state[i] += v[i];
}

void
sha256_init(struct sha256 *s)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

    memset(s, 0, sizeof(*s));
    memcpy(s->state, start, sizeof(start));
}

void
sha256_add(struct sha256 *s, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    while (n > 0) {
        const size_t used = (size_t)(s->length % 64);
        const size_t take = n < 64 - used ? n : 64 - used;

        if (take == 64) {
            compress(s->state, p);
        } else {
            memcpy(s->block + used, p, take);
            if (used + take == 64)
                compress(s->state, s->block);
        }
        s->length += take;
        p += take;
        n -= take;
    }
}

void
sha256_hex(struct sha256 *s, char hex[65])
{
    static const uint8_t padding[64] = {0x80};
    const uint64_t bits = s->length * 8;
    const size_t used = (size_t)(s->length % 64);
    uint8_t end[8];

    sha256_add(s, padding, (used < 56 ? 56 : 120) - used);
    for (unsigned i = 0; i < 8; i++)
        end[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_add(s, end, 8);
    for (unsigned i = 0; i < 8; i++)
        snprintf(hex + 8 * (size_t)i, 9, "%08lx", (unsigned long)s->state[i]);
}

void
sha256_u8(struct sha256 *s, unsigned v)
{
    const uint8_t byte = (uint8_t)v;

    sha256_add(s, &byte, 1);
}

void
sha256_u64(struct sha256 *s, uint64_t v)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(v >> (8 * i));
    sha256_add(s, bytes, 8);
}
