/*
 * bzip2.c - filter 307: a bzip2 stream                            [FMT IV.A.2.l]
 */
#include "filters/encode.h"
#include "filters/filter.h"
#ifdef HI5_HAVE_BZ2
#include <bzlib.h>
#include <limits.h>
#include <string.h>

/* The stream counts in unsigned int: feed it, and drain it, by pieces of that. */
static int
bzip2_run(bz_stream *z, const uint8_t *src, size_t n, uint8_t *dst, size_t cap,
          size_t *out)
{
    size_t in_left = n, out_left = cap;
    int r = BZ_OK;

    while (r == BZ_OK) {
        const unsigned give = in_left < UINT_MAX ? (unsigned)in_left : UINT_MAX;
        const unsigned take = out_left < UINT_MAX ? (unsigned)out_left : UINT_MAX;
        const void *const next = src + (n - in_left);

        /* It is not written to; the library's header does not say const. */
        memcpy(&z->next_in, &next, sizeof next);
        z->next_out = (char *)dst + (cap - out_left);
        z->avail_in = give;
        z->avail_out = take;
        r = BZ2_bzDecompress(z);
        if (r == BZ_OK && z->avail_in == give && z->avail_out == take)
            r = BZ_UNEXPECTED_EOF;
        in_left -= give - z->avail_in;
        out_left -= take - z->avail_out;
    }
    *out = cap - out_left;
    return r;
}

HI5_INT hi5_status
bzip2_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
             size_t *out, hi5_error *err)
{
    bz_stream z;
    int r;

    memset(&z, 0, sizeof z);
    if (BZ2_bzDecompressInit(&z, 0, 0) != BZ_OK)
        return filter_fail_as(err, HI5_E_NOMEM, f, "out of memory");
    r = bzip2_run(&z, src, n, dst, cap, out);
    BZ2_bzDecompressEnd(&z);
    if (r == BZ_STREAM_END)
        return HI5_OK;
    if (r == BZ_MEM_ERROR)
        return filter_fail_as(err, HI5_E_NOMEM, f, "out of memory");
    if (r == BZ_UNEXPECTED_EOF && *out == cap)
        return filter_too_long(err, f, cap);
    return filter_fail(err, f, "the bzip2 stream is damaged or cut short");
}

#define BZIP2_LEVEL 9 /* hundreds of kilobytes that are sorted at a time */

HI5_INT hi5_status
bzip2_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
             uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    const uint32_t level = f->nvalues > 0 ? f->values[0] : BZIP2_LEVEL;
    const void *const from = src;
    unsigned made = cap < UINT_MAX ? (unsigned)cap : UINT_MAX;
    char *in;
    int r;

    (void)w;
    if (level < 1 || level > 9)
        return filter_fail(err, f, "level %lu; there are 1 to 9", (unsigned long)level);
    if (n > UINT_MAX)
        return HI5_E_RANGE;
    memcpy(&in, &from, sizeof in); /* as above */
    r = BZ2_bzBuffToBuffCompress((char *)dst, &made, in, (unsigned)n, (int)level, 0, 0);
    if (r == BZ_MEM_ERROR)
        return filter_fail_as(err, HI5_E_NOMEM, f, "out of memory");
    *out = made;
    return r == BZ_OK ? HI5_OK : HI5_E_RANGE;
}
#endif
