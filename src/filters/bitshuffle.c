/*
 * bitshuffle.c - filter 32008: bits of like significance together [FMT IV.A.2.l]
 *
 * Elements go by blocks, a multiple of 8 of them. A block is stored as rows of bits:
 * for each byte of the element and each bit of the byte, least significant first, that
 * bit of all elements of the block. The last block is shorter; fewer than 8 elements at
 * the end are stored as they are.
 *
 * Parameters: 0, 1 version, 2 element size, 3 elements per block or 0, 4 compression:
 * 0 none, 2 LZ4, 3 Zstandard. With compression the chunk is
 *
 *   SIZE  FIELD                              all big-endian
 *   8     bytes after decoding
 *   4     bytes of a block after decoding
 *         for each block:
 *   4     stored bytes
 *   ...   the block, compressed
 *   ...   the elements at the end
 *
 * and is decoded in two steps: bitshuffle_unpack keeps the header and decompresses the
 * blocks, bitshuffle_decode puts the bits where they belong.
 */
#include "base/err.h"
#include "filters/bits.h"
#include "filters/encode.h"
#include "filters/filter.h"
#include <string.h>

#define BSHUF_HEADER 12u
#define BSHUF_TARGET 8192u /* bytes of a block whose size is not given ... */
#define BSHUF_LEAST 128u   /* ... but no fewer elements than this */
#define BSHUF_TILE 512u    /* elements whose bits are put together at a time */

enum { BSHUF_NONE = 0, BSHUF_LZ4 = 2, BSHUF_ZSTD = 3 };

static uint32_t
bshuf_param(const hi5_filter *f, unsigned i)
{
    return i < f->nvalues ? f->values[i] : 0;
}

/* Elements per block, from the header or the parameters; 0: none that makes sense. */
static size_t
bshuf_block(const hi5_filter *f, const uint8_t *header, size_t size)
{
    size_t block = bshuf_param(f, 3);

    if (header != NULL) {
        const size_t bytes = (size_t)(bits_load_rest(header + 8, 4) >> 32);
        block = bytes / size;
    } else if (block == 0) {
        block = BSHUF_TARGET / size / 8 * 8;
        if (block < BSHUF_LEAST)
            block = BSHUF_LEAST;
    }
    return block % 8 == 0 ? block : 0;
}

/* Elements in the block that starts at element `at` of `count`: 0 for the last few. */
static size_t
bshuf_this_block(size_t at, size_t count, size_t block)
{
    return count - at < block ? (count - at) / 8 * 8 : block;
}

static hi5_status
bshuf_unpack_blocks(const hi5_filter *f, filter_block_fn *codec, const uint8_t *src,
                    size_t n, uint8_t *dst, size_t total, hi5_error *err)
{
    const size_t size = f->values[2], count = total / size;
    const size_t block = bshuf_block(f, src, size);
    size_t from = BSHUF_HEADER, to = BSHUF_HEADER, left, here;

    if (block == 0)
        return filter_fail(err, f, "the block size is no multiple of 8 elements");
    for (size_t at = 0; (here = bshuf_this_block(at, count, block)) > 0; at += here) {
        size_t stored;

        if (n - from < 4)
            return filter_cut(err, f, n, (uint64_t)from + 4);
        stored = (size_t)(bits_load_rest(src + from, 4) >> 32);
        from += 4;
        if (n - from < stored)
            return filter_cut(err, f, n, (uint64_t)from + stored);
        if (!codec(src + from, stored, dst + to, here * size))
            return filter_fail(err, f, "the block at element %zu is damaged", at);
        from += stored;
        to += here * size;
    }
    left = BSHUF_HEADER + total - to;
    if (n - from < left)
        return filter_cut(err, f, n, (uint64_t)from + left);
    memcpy(dst + to, src + from, left);
    return HI5_OK;
}

HI5_INT hi5_status
bitshuffle_unpack(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
                  size_t *out, hi5_error *err)
{
    const uint32_t how = bshuf_param(f, 4);
    filter_block_fn *codec = NULL;
    uint64_t total;

    if (bshuf_param(f, 2) == 0)
        return filter_fail(err, f, "no element size");
    if (how == BSHUF_NONE)
        return filter_copy(f, src, n, dst, cap, out, err);
    if (how == BSHUF_LZ4)
        codec = lz4_block;
    else if (how == BSHUF_ZSTD)
        codec = zstd_block;
    else
        return filter_fail(err, f, "unknown compression %lu", (unsigned long)how);
    if (codec == NULL)
        return filter_fail(err, f, "%s is not available in this build",
                           how == BSHUF_LZ4 ? "LZ4" : "Zstandard");
    if (n < BSHUF_HEADER)
        return filter_cut(err, f, n, BSHUF_HEADER);
    total = bits_load_be64(src);
    if (cap < BSHUF_HEADER || total > cap - BSHUF_HEADER)
        return filter_too_long(err, f, cap);
    memcpy(dst, src, BSHUF_HEADER);
    *out = BSHUF_HEADER + (size_t)total;
    return bshuf_unpack_blocks(f, codec, src, n, dst, (size_t)total, err);
}

/* An 8 x 8 matrix of bits, transposed: bit 8 r + c becomes bit 8 c + r. */
static uint64_t
bshuf_transpose(uint64_t x)
{
    uint64_t t;

    t = (x ^ x >> 7) & 0x00aa00aa00aa00aa;
    x ^= t ^ t << 7;
    t = (x ^ x >> 14) & 0x0000cccc0000cccc;
    x ^= t ^ t << 14;
    t = (x ^ x >> 28) & 0x00000000f0f0f0f0;
    return x ^ t ^ t << 28;
}

/* One byte of `n` elements, from 8 rows of bits that are `row` bytes apart. */
static void
bshuf_plane(uint8_t *dst, const uint8_t *src, size_t row, size_t n)
{
    for (size_t g = 0; g < n / 8; g++) {
        const uint8_t *const p = src + g;
        const uint64_t x = (uint64_t)p[0] | (uint64_t)p[row] << 8 |
                           (uint64_t)p[2 * row] << 16 | (uint64_t)p[3 * row] << 24 |
                           (uint64_t)p[4 * row] << 32 | (uint64_t)p[5 * row] << 40 |
                           (uint64_t)p[6 * row] << 48 | (uint64_t)p[7 * row] << 56;

        bits_store_le64(dst + 8 * g, bshuf_transpose(x));
    }
}

/* One block of `n` elements. Bits become planes of bytes, and these, as with shuffle,
 * elements. */
static void
bshuf_undo(uint8_t *dst, const uint8_t *src, size_t n, size_t size)
{
    const size_t row = n / 8;
    uint8_t tile[8][BSHUF_TILE];

    for (size_t i = 0; i < n; i += BSHUF_TILE) {
        const size_t here = n - i < BSHUF_TILE ? n - i : BSHUF_TILE;
        unsigned k;

        for (size_t j = 0; j < size; j += k) {
            const size_t left = size - j;

            k = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
            for (unsigned b = 0; b < k; b++)
                bshuf_plane(tile[b], src + (j + b) * n + i / 8, row, here);
            shuffle_planes(dst + i * size + j, size, tile[0], BSHUF_TILE, here, k);
        }
    }
}

HI5_INT hi5_status
bitshuffle_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
                  size_t *out, hi5_error *err)
{
    const bool header = bshuf_param(f, 4) != BSHUF_NONE;
    const uint8_t *const data = header ? (const uint8_t *)src + BSHUF_HEADER : src;
    const size_t size = f->values[2], block = bshuf_block(f, header ? src : NULL, size);
    size_t count, here, done = 0;

    n -= header ? BSHUF_HEADER : 0;
    if (n > cap)
        return filter_too_long(err, f, cap);
    if (block == 0)
        return filter_fail(err, f, "the block size is no multiple of 8 elements");
    count = n / size;
    for (size_t at = 0; (here = bshuf_this_block(at, count, block)) > 0; at += here) {
        bshuf_undo((uint8_t *)dst + done, data + done, here, size);
        done += here * size;
    }
    if (n > done)
        memcpy((uint8_t *)dst + done, data + done, n - done);
    *out = n;
    return HI5_OK;
}

/* ---- the other way ---- */

/* The 8 rows of bits of one plane of bytes. */
static void
bshuf_rows(uint8_t *dst, size_t row, const uint8_t *src, size_t n)
{
    for (size_t g = 0; g < n / 8; g++) {
        const uint64_t x = bshuf_transpose(bits_load(src + 8 * g, 8, false));

        for (unsigned b = 0; b < 8; b++)
            dst[b * row + g] = (uint8_t)(x >> 8 * b);
    }
}

static void
bshuf_do(uint8_t *dst, const uint8_t *src, size_t n, size_t size)
{
    const size_t row = n / 8;
    uint8_t tile[8][BSHUF_TILE];

    for (size_t i = 0; i < n; i += BSHUF_TILE) {
        const size_t here = n - i < BSHUF_TILE ? n - i : BSHUF_TILE;
        unsigned k;

        for (size_t j = 0; j < size; j += k) {
            const size_t left = size - j;

            k = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
            shuffle_apart(tile[0], BSHUF_TILE, src + i * size + j, size, here, k);
            for (unsigned b = 0; b < k; b++)
                bshuf_rows(dst + (j + b) * n + i / 8, row, tile[b], here);
        }
    }
}

/* Blocks are shuffled into the work's third buffer and compressed from there. */
static hi5_status
bshuf_pack_blocks(struct encode_work *w, const hi5_filter *f, encode_block_fn *codec,
                  const uint8_t *src, size_t n, uint8_t *dst, size_t cap, size_t *out,
                  hi5_error *err)
{
    const size_t size = f->values[2], block = bshuf_block(f, NULL, size);
    const size_t count = n / size;
    size_t here, from = 0, at = BSHUF_HEADER;

    if (block > SIZE_MAX / size || block * size > UINT32_MAX)
        return filter_fail(err, f, "blocks of %zu elements", block);
    if (cap < BSHUF_HEADER)
        return HI5_E_RANGE;
    TRY(encode_room(w, 2, (block < count ? block : count) * size + 1, err));
    bits_store(dst, n, 8, true);
    bits_store(dst + 8, block * size, 4, true);
    for (size_t i = 0; (here = bshuf_this_block(i, count, block)) > 0; i += here) {
        size_t made;

        bshuf_do(w->buf[2], src + from, here, size);
        if (cap - at < 4 || !codec(w, bshuf_param(f, 5), w->buf[2], here * size,
                                   dst + at + 4, cap - at - 4, &made))
            return HI5_E_RANGE;
        bits_store(dst + at, made, 4, true);
        at += 4 + made;
        from += here * size;
    }
    if (cap - at < n - from)
        return HI5_E_RANGE;
    memcpy(dst + at, src + from, n - from);
    *out = at + (n - from);
    return HI5_OK;
}

HI5_INT hi5_status
bitshuffle_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src,
                  size_t n, uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    const uint32_t how = bshuf_param(f, 4);
    const size_t size = bshuf_param(f, 2);
    encode_block_fn *codec = NULL;
    size_t block, here, done = 0;

    if (size == 0)
        return filter_fail(err, f, "no element size");
    block = bshuf_block(f, NULL, size);
    if (block == 0)
        return filter_fail(err, f, "the block size is no multiple of 8 elements");
    if (how == BSHUF_LZ4)
        codec = lz4_make_block;
    else if (how == BSHUF_ZSTD)
        codec = zstd_make_block;
    if (how != BSHUF_NONE && codec == NULL)
        return filter_fail(err, f, "compression %lu is not available in this build",
                           (unsigned long)how);
    if (codec != NULL)
        return bshuf_pack_blocks(w, f, codec, src, n, dst, cap, out, err);
    if (cap < n)
        return HI5_E_RANGE;
    for (size_t i = 0; (here = bshuf_this_block(i, n / size, block)) > 0; i += here) {
        bshuf_do(dst + done, src + done, here, size);
        done += here * size;
    }
    if (n > done)
        memcpy(dst + done, src + done, n - done);
    *out = n;
    return HI5_OK;
}
