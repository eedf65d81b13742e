/*
 * blosc.c - filter 32001: Blosc 1                                 [FMT IV.A.2.l]
 *
 * The buffer says by itself how it was made; the parameters only repeat it.
 */
#include "filters/encode.h"
#include "filters/filter.h"
#ifdef HI5_HAVE_BLOSC
#include <blosc.h>
#include <limits.h>

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

/* Parameters: 0, 1 versions, 2 element size, 3 chunk size, 4 level, 5 shuffle: 0 none,
 * 1 bytes, 2 bits, 6 codec. */
HI5_INT hi5_status
blosc_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
             uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    const uint32_t given = f->nvalues > 2 ? f->values[2] : 1;
    const uint32_t size = given != 0 && given <= BLOSC_MAX_TYPESIZE ? given : 1;
    const uint32_t level = f->nvalues > 4 ? f->values[4] : 5;
    const uint32_t shuffle = f->nvalues > 5 ? f->values[5] : BLOSC_SHUFFLE;
    const uint32_t codec = f->nvalues > 6 ? f->values[6] : BLOSC_BLOSCLZ;
    const char *name = NULL;
    int r;

    (void)w;
    if (level > 9 || shuffle > BLOSC_BITSHUFFLE || codec > INT_MAX ||
        blosc_compcode_to_compname((int)codec, &name) < 0 || name == NULL)
        return filter_fail(
            err, f, "level %lu, shuffle %lu, codec %lu: not in this build",
            (unsigned long)level, (unsigned long)shuffle, (unsigned long)codec);
    if (n > BLOSC_MAX_BUFFERSIZE)
        return HI5_E_RANGE;
    r = blosc_compress_ctx((int)level, (int)shuffle, size, n, src, dst, cap, name, 0,
                           1);
    *out = r > 0 ? (size_t)r : 0;
    return r > 0 ? HI5_OK : HI5_E_RANGE;
}
#endif
