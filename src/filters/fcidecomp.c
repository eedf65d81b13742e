/*
 * fcidecomp.c - filter 32018: FCIDECOMP, that is JPEG-LS          [FMT IV.A.2.l]
 *
 * A chunk is stored as one JPEG-LS image, which says by itself what it is; the
 * parameters only repeat it. Samples of more than 8 bits come out as 16-bit integers in
 * this machine's byte order; whatever uses the filter (Meteosat) is little-endian.
 */
#include "filters/filter.h"
#ifdef HI5_HAVE_CHARLS
#include "base/err.h"
#include <charls/charls.h>

#define FCIDECOMP_LEAST 4u /* markers of start and end */

static hi5_status
fcidecomp_image(const hi5_filter *f, charls_jpegls_decoder *d, const void *src,
                size_t n, void *dst, size_t cap, size_t *out, hi5_error *err)
{
    charls_jpegls_errc e = charls_jpegls_decoder_set_source_buffer(d, src, n);

    if (e == CHARLS_JPEGLS_ERRC_SUCCESS)
        e = charls_jpegls_decoder_read_header(d);
    if (e == CHARLS_JPEGLS_ERRC_SUCCESS)
        e = charls_jpegls_decoder_get_destination_size(d, 0, out);
    if (e == CHARLS_JPEGLS_ERRC_SUCCESS && *out > cap)
        return filter_too_long(err, f, cap);
    if (e == CHARLS_JPEGLS_ERRC_SUCCESS)
        e = charls_jpegls_decoder_decode_to_buffer(d, dst, *out, 0);
    if (e == CHARLS_JPEGLS_ERRC_NOT_ENOUGH_MEMORY)
        return err_nomem(err);
    if (e != CHARLS_JPEGLS_ERRC_SUCCESS)
        return filter_fail(err, f, "%s", charls_get_error_message(e));
    return HI5_OK;
}

HI5_INT hi5_status
fcidecomp_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
                 size_t *out, hi5_error *err)
{
    const uint8_t *const p = src;
    charls_jpegls_decoder *d;
    hi5_status status;

    if (n < FCIDECOMP_LEAST)
        return filter_cut(err, f, n, FCIDECOMP_LEAST);
    /* CharLS 2.4 never stops at the end of its input, only at a marker. */
    if (p[n - 2] != 0xff || p[n - 1] != 0xd9)
        return filter_fail(err, f, "the image has no end");
    d = charls_jpegls_decoder_create();
    if (d == NULL)
        return err_nomem(err);
    status = fcidecomp_image(f, d, src, n, dst, cap, out, err);
    charls_jpegls_decoder_destroy(d);
    return status;
}
#endif
