/*
 * zstd.c - filter 32015: Zstandard                                [FMT IV.A.2.l]
 *
 * One frame, or several. zstd_block serves bitshuffle as well.
 */
#include "filters/encode.h"
#include "filters/filter.h"
#ifdef HI5_HAVE_ZSTD
#include <zstd.h>

HI5_INT bool
zstd_block(const uint8_t *src, size_t n, uint8_t *dst, size_t size)
{
    return ZSTD_decompress(dst, size, src, n) == size;
}

HI5_INT hi5_status
zstd_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
            size_t *out, hi5_error *err)
{
    const size_t r = ZSTD_decompress(dst, cap, src, n);

    if (ZSTD_isError(r))
        return filter_fail(err, f, "%s", ZSTD_getErrorName(r));
    *out = r;
    return HI5_OK;
}

#define ZSTD_LEVEL 3

HI5_INT void
zstd_encode_done(struct encode_work *w)
{
    ZSTD_freeCCtx(w->zstd);
    w->zstd = NULL;
}

HI5_INT bool
zstd_make_block(struct encode_work *w, unsigned level, const uint8_t *src, size_t n,
                uint8_t *dst, size_t cap, size_t *out)
{
    if (w->zstd == NULL)
        w->zstd = ZSTD_createCCtx();
    if (w->zstd == NULL)
        return false;
    *out = ZSTD_compressCCtx(w->zstd, dst, cap, src, n,
                             level != 0 ? (int)(level & 0xff) : ZSTD_LEVEL);
    return !ZSTD_isError(*out);
}

HI5_INT hi5_status
zstd_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
            uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    const bool good =
        zstd_make_block(w, f->nvalues > 0 ? f->values[0] : 0, src, n, dst, cap, out);

    if (w->zstd == NULL)
        return filter_fail_as(err, HI5_E_NOMEM, f, "out of memory");
    return good ? HI5_OK : HI5_E_RANGE;
}
#endif
