/*
 * blosc.c - filter 32001: Blosc 1                                 [FMT IV.A.2.l]
 *
 * The buffer says by itself how it was made; the parameters only repeat it.
 */
#include "filters/filter.h"
#ifdef HI5_HAVE_BLOSC
#include <blosc.h>

HI5_INT hi5_status
blosc_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
             size_t *out, hi5_error *err)
{
    size_t size;
    int r;

    if (n < BLOSC_MIN_HEADER_LENGTH)
        return filter_cut(err, f, n, BLOSC_MIN_HEADER_LENGTH);
    if (blosc_cbuffer_validate(src, n, &size) != 0)
        return filter_fail(err, f, "not a Blosc buffer");
    if (size > cap)
        return filter_too_long(err, f, cap);
    *out = size;
    if (size == 0)
        return HI5_OK;
    /* The one call that needs no global state; one thread, this one. */
    r = blosc_decompress_ctx(src, dst, size, 1);
    if (r < 0 || (size_t)r != size)
        return filter_fail(err, f, "damaged, or made with a codec that is not here");
    return HI5_OK;
}
#endif
