/*
 * bits.h - numbers of any width, packed most significant bit first
 *
 * N-bit and scale-offset data are such streams. Whoever takes bits has made sure that
 * they are there: the bounds are checked once for all elements, not bit by bit.
 */
#ifndef HI5_BITS_H
#define HI5_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bits {
    const uint8_t *p;
    size_t n;
    uint64_t at; /* in bits */
};

static inline uint64_t
bits_load_be64(const uint8_t *p)
{
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
           (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
           (uint64_t)p[6] << 8 | (uint64_t)p[7];
}

/* The first 8 bytes of what is left, if it is less, zeros after it. */
static inline uint64_t
bits_load_rest(const uint8_t *p, size_t n)
{
    uint64_t v = 0;

    for (size_t i = 0; i < 8; i++)
        v = v << 8 | (i < n ? p[i] : 0u);
    return v;
}

/** The next `width` bits, 1 to 64, as a number. */
static inline uint64_t
bits_take(struct bits *b, unsigned width)
{
    const size_t byte = (size_t)(b->at / 8);
    const unsigned skip = (unsigned)(b->at % 8);
    const uint8_t *const p = b->p + byte;
    uint64_t v;

    if (b->n - byte >= 8)
        v = bits_load_be64(p) << skip;
    else
        v = bits_load_rest(p, b->n - byte) << skip;
    if (width > 64 - skip) /* so there is a ninth byte */
        v |= (uint64_t)p[8] >> (8 - skip);
    b->at += width;
    return v >> (64 - width);
}

#define BITS_BLOCK 256u /* numbers that are worth doing at a time */

/** The next `n` numbers of `width` bits, 1 to 64. */
static inline void
bits_unpack(struct bits *b, unsigned width, uint64_t *out, size_t n)
{
    const size_t left = b->n - (size_t)(b->at / 8);
    const uint8_t *const p = b->p;
    uint64_t at = b->at; /* apart from what `out` might point to */
    size_t safe = 0;

    /* Those that lie within 8 bytes, all of which are there. */
    if (width <= 57 && left >= 8)
        safe = ((left - 8) * 8 + 7 - (unsigned)(at % 8)) / width + 1;
    if (safe > n)
        safe = n;
    for (size_t i = 0; i < safe; i++, at += width)
        out[i] = bits_load_be64(p + at / 8) << at % 8 >> (64 - width);
    b->at = at;
    for (size_t i = safe; i < n; i++)
        out[i] = bits_take(b, width);
}

static inline void
bits_store_le16(uint8_t *p, uint16_t v)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(p, &v, sizeof v); /* compilers do not see that the bytes are one store */
#else
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
#endif
}

static inline void
bits_store_le32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

static inline void
bits_store_le64(uint8_t *p, uint64_t v)
{
    bits_store_le32(p, (uint32_t)v);
    bits_store_le32(p + 4, (uint32_t)(v >> 32));
}

static inline uint64_t
bits_swap64(uint64_t v)
{
    v = (v & 0x00ff00ff00ff00ff) << 8 | (v >> 8 & 0x00ff00ff00ff00ff);
    v = (v & 0x0000ffff0000ffff) << 16 | (v >> 16 & 0x0000ffff0000ffff);
    return v << 32 | v >> 32;
}

/** Store the low `size` bytes of v, 1 to 8, in either order. */
static inline void
bits_store(uint8_t *p, uint64_t v, unsigned size, bool big_endian)
{
    if (big_endian)
        v = bits_swap64(v) >> (64 - 8 * size);
    switch (size) {
    case 1:
        *p = (uint8_t)v;
        break;
    case 2:
        bits_store_le16(p, (uint16_t)v);
        break;
    case 4:
        bits_store_le32(p, (uint32_t)v);
        break;
    case 8:
        bits_store_le64(p, v);
        break;
    default:
        for (unsigned i = 0; i < size; i++)
            p[i] = (uint8_t)(v >> (8 * i));
        break;
    }
}

/* One loop for each size and order, so that the compiler knows them. */
#define BITS_PACK(size, big_endian)                                                    \
    for (size_t i = 0; i < n; i++)                                                     \
    bits_store(p + i * (size), v[i], (size), (big_endian))

/** Store the low `size` bytes of each of `n` numbers, 1 to 8, in either order. */
static inline void
bits_pack(uint8_t *p, const uint64_t *v, unsigned size, bool big_endian, size_t n)
{
    if (size == 1)
        BITS_PACK(1, false);
    else if (size == 2 && !big_endian)
        BITS_PACK(2, false);
    else if (size == 2)
        BITS_PACK(2, true);
    else if (size == 4 && !big_endian)
        BITS_PACK(4, false);
    else if (size == 4)
        BITS_PACK(4, true);
    else if (size == 8 && !big_endian)
        BITS_PACK(8, false);
    else
        BITS_PACK(size, big_endian);
}

/** A number of `size` bytes, 1 to 8, in either order. */
static inline uint64_t
bits_load(const uint8_t *p, unsigned size, bool big_endian)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)p[i] << 8 * (big_endian ? size - 1 - i : i);
    return v;
}

#define BITS_LOAD(size, big_endian)                                                    \
    for (size_t i = 0; i < n; i++)                                                     \
    v[i] = bits_load(p + i * (size), (size), (big_endian))

/** `n` numbers of `size` bytes each: what bits_pack undoes. */
static inline void
bits_load_all(uint64_t *v, const uint8_t *p, unsigned size, bool big_endian, size_t n)
{
    if (size == 1)
        BITS_LOAD(1, false);
    else if (size == 2 && !big_endian)
        BITS_LOAD(2, false);
    else if (size == 4 && !big_endian)
        BITS_LOAD(4, false);
    else if (size == 8 && !big_endian)
        BITS_LOAD(8, false);
    else
        BITS_LOAD(size, big_endian);
}

/** All ones in the low `width` bits, 0 to 64. */
static inline uint64_t
bits_ones(unsigned width)
{
    return width == 0 ? 0 : UINT64_MAX >> (64 - width);
}

/* A stream that is being made: whole words have been stored at p. */
struct bits_out {
    uint8_t *p;
    uint64_t word; /* its `held` upper bits count */
    unsigned held; /* 0 to 63 */
};

/** Add the number v < 2^width; width 1 to 64. */
static inline void
bits_give(struct bits_out *b, uint64_t v, unsigned width)
{
    const unsigned room = 64 - b->held;

    if (width < room) {
        b->word |= v << (room - width);
        b->held += width;
        return;
    }
    bits_store_le64(b->p, bits_swap64(b->word | v >> (width - room)));
    b->p += 8;
    b->held = width - room;
    b->word = b->held != 0 ? v << (64 - b->held) : 0;
}

/** Store what is left; returns the end. Always at least a byte, as libhdf5's streams
 *  have it: one of zeros where the bits ended with a byte. */
static inline uint8_t *
bits_end(struct bits_out *b)
{
    const unsigned n = b->held / 8 + 1;

    for (unsigned i = 0; i < n; i++)
        *b->p++ = (uint8_t)(b->word >> (56 - 8 * i));
    return b->p;
}

#endif
