/*
 * lookup3.c - Bob Jenkins' hash, the checksum of all HDF5 metadata    [FMT VIII]
 *
 * The algorithm is in the public domain (burtleburtle.net, lookup3.c, May 2006). The
 * last 1 to 12 bytes go through the final mix, so a length that is a multiple of 12
 * ends with a full final block.
 */
#include "base/lookup3.h"

static uint32_t
lookup3_rot(uint32_t x, unsigned k)
{
    return x << k | x >> (32 - k);
}

/* A little-endian word, written so that it becomes a single load. */
static uint32_t
lookup3_four(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

/* A little-endian word of up to four bytes. */
static uint32_t
lookup3_word(const uint8_t *p, size_t n)
{
    uint32_t w = 0;

    for (size_t i = 0; i < n && i < 4; i++)
        w |= (uint32_t)p[i] << (8 * i);
    return w;
}

HI5_INT uint32_t
lookup3(const void *bytes, size_t n, uint32_t initial)
{
    const uint8_t *p = bytes;
    uint32_t a, b, c;

    a = b = c = 0xdeadbeefu + (uint32_t)n + initial;
    for (; n > 12; n -= 12, p += 12) {
        a += lookup3_four(p);
        b += lookup3_four(p + 4);
        c += lookup3_four(p + 8);
        a -= c, a ^= lookup3_rot(c, 4), c += b;
        b -= a, b ^= lookup3_rot(a, 6), a += c;
        c -= b, c ^= lookup3_rot(b, 8), b += a;
        a -= c, a ^= lookup3_rot(c, 16), c += b;
        b -= a, b ^= lookup3_rot(a, 19), a += c;
        c -= b, c ^= lookup3_rot(b, 4), b += a;
    }
    if (n == 0)
        return c;
    a += lookup3_word(p, n);
    b += n > 4 ? lookup3_word(p + 4, n - 4) : 0;
    c += n > 8 ? lookup3_word(p + 8, n - 8) : 0;
    c ^= b, c -= lookup3_rot(b, 14);
    a ^= c, a -= lookup3_rot(c, 11);
    b ^= a, b -= lookup3_rot(a, 25);
    c ^= b, c -= lookup3_rot(b, 16);
    a ^= c, a -= lookup3_rot(c, 4);
    b ^= a, b -= lookup3_rot(a, 14);
    c ^= b, c -= lookup3_rot(b, 24);
    return c;
}
