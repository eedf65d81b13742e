/*
 * deflate_encode.c - making zlib streams (RFC 1950) for filter 1   [FMT IV.A.2.l]
 */
#include "filters/encode.h"
#include "filters/filter.h"
#ifdef HI5_HAVE_LIBDEFLATE
#include <libdeflate.h>
#else
#include <limits.h>
#include <zlib.h>
#endif

static unsigned
deflate_level(const hi5_filter *f)
{
    return f->nvalues > 0 && f->values[0] <= 9 ? f->values[0] : 6;
}

#ifdef HI5_HAVE_LIBDEFLATE

HI5_INT void
deflate_encode_done(struct encode_work *w)
{
    if (w->deflate != NULL)
        libdeflate_free_compressor(w->deflate);
    w->deflate = NULL;
}

HI5_INT hi5_status
deflate_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
               uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    const unsigned level = deflate_level(f);

    if (w->deflate == NULL || w->level != level) {
        deflate_encode_done(w);
        w->deflate = libdeflate_alloc_compressor((int)level);
        w->level = level;
        if (w->deflate == NULL)
            return filter_fail_as(err, HI5_E_NOMEM, f, "out of memory");
    }
    *out = libdeflate_zlib_compress(w->deflate, src, n, dst, cap);
    return *out != 0 ? HI5_OK : HI5_E_RANGE;
}

#else

HI5_INT void
deflate_encode_done(struct encode_work *w)
{
    (void)w;
}

HI5_INT hi5_status
deflate_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
               uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    uLongf made = cap < ULONG_MAX ? (uLongf)cap : ULONG_MAX;
    int r;

    (void)w;
    if (n > UINT_MAX)
        return HI5_E_RANGE;
    r = compress2(dst, &made, src, (uLong)n, (int)deflate_level(f));
    if (r == Z_MEM_ERROR)
        return filter_fail_as(err, HI5_E_NOMEM, f, "out of memory");
    *out = (size_t)made;
    return r == Z_OK ? HI5_OK : HI5_E_RANGE;
}

#endif
