/*
 * zstd.c - filter 32015: Zstandard                                [FMT IV.A.2.l]
 *
 * One frame, or several. zstd_block serves bitshuffle as well.
 */
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
#endif
