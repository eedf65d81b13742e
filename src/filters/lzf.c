/*
 * lzf.c - filter 32000: LZF, as h5py writes it                    [FMT IV.A.2.l]
 *
 * A bare LZF stream. Parameter 2 is the size of the chunk when it was written, which
 * some writers get wrong; what the chunk must come to is known anyway.
 */
#include "filters/encode.h"
#include "filters/filter.h"
#include <limits.h>
#include <lzf.h>

HI5_INT hi5_status
lzf_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
           size_t *out, hi5_error *err)
{
    const unsigned room = cap < UINT_MAX ? (unsigned)cap : UINT_MAX;

    if (n == 0)
        return filter_cut(err, f, n, 1);
    if (n > UINT_MAX)
        return filter_fail(err, f, "%zu stored bytes are too many", n);
    *out = lzf_decompress(src, (unsigned)n, dst, room);
    if (*out == 0)
        return filter_fail(err, f, "damaged, or decodes to more than %u bytes", room);
    return HI5_OK;
}

HI5_INT hi5_status
lzf_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
           uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    (void)w;
    (void)f;
    (void)err;
    if (n < 2 || n > UINT_MAX || cap == 0)
        return HI5_E_RANGE;
    *out =
        lzf_compress(src, (unsigned)n, dst, cap < UINT_MAX ? (unsigned)cap : UINT_MAX);
    return *out != 0 ? HI5_OK : HI5_E_RANGE;
}
