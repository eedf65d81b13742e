/*
 * lz4.c - filter 32004: LZ4 by blocks                             [FMT IV.A.2.l]
 *
 *   SIZE  FIELD                              all big-endian
 *   8     bytes after decoding
 *   4     bytes of a block after decoding (the last may be shorter)
 *         for each block:
 *   4     stored bytes
 *   ...   an LZ4 block; as it was if it has not become smaller
 *
 * lz4_block serves bitshuffle as well.
 */
#include "filters/encode.h"
#include "filters/filter.h"
#ifdef HI5_HAVE_LZ4
#include "filters/bits.h"
#include <limits.h>
#include <lz4.h>
#include <string.h>

#define LZ4_HEADER 12u

HI5_INT bool
lz4_block(const uint8_t *src, size_t n, uint8_t *dst, size_t size)
{
    return n <= INT_MAX && size <= INT_MAX &&
           LZ4_decompress_safe((const char *)src, (char *)dst, (int)n, (int)size) ==
               (int)size;
}

static hi5_status
lz4_blocks(const hi5_filter *f, const uint8_t *src, size_t n, uint8_t *dst,
           size_t total, size_t block, hi5_error *err)
{
    size_t at = LZ4_HEADER;

    for (size_t done = 0; done < total; done += block) {
        size_t stored;

        if (block > total - done)
            block = total - done;
        if (n - at < 4)
            return filter_cut(err, f, n, (uint64_t)at + 4);
        stored = (size_t)(bits_load_rest(src + at, 4) >> 32);
        at += 4;
        if (n - at < stored)
            return filter_cut(err, f, n, (uint64_t)at + stored);
        if (stored == block)
            memcpy(dst + done, src + at, block);
        else if (!lz4_block(src + at, stored, dst + done, block))
            return filter_fail(err, f, "the block for bytes %zu to %zu is damaged",
                               done, done + block);
        at += stored;
    }
    return HI5_OK;
}

HI5_INT hi5_status
lz4_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
           size_t *out, hi5_error *err)
{
    const uint8_t *const p = src;
    uint64_t total, block;

    if (n < LZ4_HEADER)
        return filter_cut(err, f, n, LZ4_HEADER);
    total = bits_load_be64(p);
    block = bits_load_rest(p + 8, 4) >> 32;
    if (total > cap)
        return filter_too_long(err, f, cap);
    if (block == 0 && total > 0)
        return filter_fail(err, f, "blocks of no bytes");
    *out = (size_t)total;
    return lz4_blocks(f, p, n, dst, (size_t)total, (size_t)block, err);
}

#define LZ4_BLOCK (1u << 30) /* what the usual plugin takes if nothing is said */

HI5_INT bool
lz4_make_block(struct encode_work *w, unsigned level, const uint8_t *src, size_t n,
               uint8_t *dst, size_t cap, size_t *out)
{
    int made = 0;

    (void)w;
    (void)level;
    if (n <= LZ4_MAX_INPUT_SIZE)
        made = LZ4_compress_default((const char *)src, (char *)dst, (int)n,
                                    cap < INT_MAX ? (int)cap : INT_MAX);
    *out = (size_t)made;
    return made > 0;
}

HI5_INT hi5_status
lz4_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
           uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    size_t block = f->nvalues > 0 && f->values[0] != 0 ? f->values[0] : LZ4_BLOCK;
    size_t at = LZ4_HEADER;

    if (block > LZ4_MAX_INPUT_SIZE)
        return filter_fail(err, f, "blocks of %zu bytes", block);
    if (block > n)
        block = n;
    if (cap < LZ4_HEADER)
        return HI5_E_RANGE;
    bits_store(dst, n, 8, true);
    bits_store(dst + 8, block, 4, true);
    for (size_t from = 0; from < n; from += block) {
        const size_t here = n - from < block ? n - from : block;
        size_t made;

        if (cap - at < 4)
            return HI5_E_RANGE;
        if (!lz4_make_block(w, 0, src + from, here, dst + at + 4,
                            cap - at - 4 < here ? cap - at - 4 : here - 1, &made)) {
            if (cap - at - 4 < here)
                return HI5_E_RANGE;
            memcpy(dst + at + 4, src + from, here);
            made = here;
        }
        bits_store(dst + at, made, 4, true);
        at += 4 + made;
    }
    *out = at;
    return HI5_OK;
}
#endif
