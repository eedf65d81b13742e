/*
 * deflate.c - filter 1: a zlib stream (RFC 1950)                  [FMT IV.A.2.l]
 *
 * Parameter 0, the level, means nothing to a reader. The stream must be whole, its
 * Adler-32 included; bytes after it are ignored, as all readers do.
 */
#include "filters/filter.h"
#ifdef HI5_HAVE_LIBDEFLATE
#include <libdeflate.h>
#else
#include <limits.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#endif

#ifdef HI5_HAVE_LIBDEFLATE

HI5_INT hi5_status
deflate_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
               size_t *out, hi5_error *err)
{
    struct libdeflate_decompressor *const d = libdeflate_alloc_decompressor();
    enum libdeflate_result r;
    size_t used;

    if (d == NULL)
        return filter_fail_as(err, HI5_E_NOMEM, f, "out of memory");
    r = libdeflate_zlib_decompress_ex(d, src, n, dst, cap, &used, out);
    libdeflate_free_decompressor(d);
    if (r == LIBDEFLATE_INSUFFICIENT_SPACE)
        return filter_too_long(err, f, cap);
    if (r != LIBDEFLATE_SUCCESS)
        return filter_fail(err, f, "the zlib stream is damaged or cut short");
    return HI5_OK;
}

#else

/* zlib counts in unsigned int: feed it, and drain it, by pieces of that. */
static int
deflate_inflate(z_stream *z, const uint8_t *src, size_t n, uint8_t *dst, size_t cap,
                size_t *out)
{
    size_t in_left = n, out_left = cap;
    int r = Z_OK;

    while (r == Z_OK) {
        const uInt give = in_left < UINT_MAX ? (uInt)in_left : UINT_MAX;
        const uInt take = out_left < UINT_MAX ? (uInt)out_left : UINT_MAX;

        z->next_in = src + (n - in_left);
        z->next_out = dst + (cap - out_left);
        z->avail_in = give;
        z->avail_out = take;
        r = inflate(z, Z_NO_FLUSH);
        in_left -= give - z->avail_in;
        out_left -= take - z->avail_out;
    }
    *out = cap - out_left;
    return r;
}

HI5_INT hi5_status
deflate_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
               size_t *out, hi5_error *err)
{
    uint8_t none;
    z_stream z;
    int r;

    memset(&z, 0, sizeof z);
    if (inflateInit(&z) != Z_OK)
        return filter_fail_as(err, HI5_E_NOMEM, f, "out of memory");
    r = deflate_inflate(&z, src, n, cap != 0 ? dst : &none, cap, out);
    inflateEnd(&z);
    if (r == Z_STREAM_END)
        return HI5_OK;
    if (r == Z_MEM_ERROR)
        return filter_fail_as(err, HI5_E_NOMEM, f, "out of memory");
    if (r == Z_BUF_ERROR && *out == cap && z.avail_in != 0)
        return filter_too_long(err, f, cap);
    return filter_fail(err, f, "the zlib stream is damaged or cut short");
}

#endif
