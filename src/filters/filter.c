/*
 * filter.c - the filters that are known, and their errors
 *
 * The names are those of the HDF Group's register of filters (32000 and up).
 */
#include "filters/filter.h"
#include "base/err.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Deflate spends at least 2 bits on 258 bytes; LZF 3 bytes on 264; LZ4 one byte on 255
 * more. */
static const struct filter_kind filter_kinds[] = {
    {FILTER_DEFLATE, FILTER_DOUBLES, 1032, false, "deflate", deflate_decode, NULL},
    {FILTER_SHUFFLE, 0, 1, false, "shuffle", shuffle_decode, NULL},
    {FILTER_FLETCHER32, 4, 1, true, "fletcher32", fletcher32_decode, NULL},
    {FILTER_SZIP, FILTER_DOUBLES, 0, false, "szip", szip_decode, NULL},
    {FILTER_NBIT, 8, 0, false, "nbit", nbit_decode, NULL},
    {FILTER_SCALEOFFSET, 32, 0, false, "scaleoffset", scaleoffset_decode, NULL},
    {FILTER_BZIP2, FILTER_DOUBLES, 0, false, "bzip2", bzip2_decode, NULL},
    {FILTER_LZF, FILTER_DOUBLES, 100, false, "lzf", lzf_decode, NULL},
    {FILTER_BLOSC, FILTER_DOUBLES, 0, false, "blosc", blosc_decode, NULL},
    {FILTER_LZ4, FILTER_DOUBLES, 256, false, "lz4", lz4_decode, NULL},
    {FILTER_BITSHUFFLE, FILTER_DOUBLES, 0, false, "bitshuffle", bitshuffle_unpack,
     bitshuffle_decode},
    {FILTER_ZFP, FILTER_DOUBLES, 0, false, "zfp", zfp_decode, NULL},
    {FILTER_ZSTD, FILTER_DOUBLES, 0, false, "zstd", zstd_decode, NULL},
    {FILTER_FCIDECOMP, FILTER_DOUBLES, 0, false, "fcidecomp", fcidecomp_decode, NULL},
};

static const struct {
    uint16_t id;
    const char *name;
} filter_names[] = {
    {305, "lzo"},         {32002, "mafisc"},
    {32003, "snappy"},    {32005, "apax"},
    {32006, "cbf"},       {32007, "jpeg-xr"},
    {32009, "spdp"},      {32010, "lpc-rice"},
    {32011, "ccsds-123"}, {32012, "jpeg-ls"},
    {32014, "fpzip"},
    {32016, "b3d"},       {32017, "sz"},
    {32019, "jpeg"},
    {32020, "vbz"},       {32021, "fapec"},
    {32022, "bitgroom"},  {32023, "granular-bitround"},
    {32024, "sz3"},       {32025, "delta-rice"},
    {32026, "blosc2"},    {32027, "flac"},
    {32028, "sperr"},
};

HI5_INT const struct filter_kind *
filter_find(unsigned id)
{
    for (size_t i = 0; i < sizeof filter_kinds / sizeof *filter_kinds; i++)
        if (filter_kinds[i].id == id)
            return &filter_kinds[i];
    return NULL;
}

const char *
hi5_filter_known_name(unsigned id)
{
    const struct filter_kind *const kind = filter_find(id);

    if (kind != NULL)
        return kind->name;
    for (size_t i = 0; i < sizeof filter_names / sizeof *filter_names; i++)
        if (filter_names[i].id == id)
            return filter_names[i].name;
    return NULL;
}

bool
hi5_filter_available(unsigned id)
{
    const struct filter_kind *const kind = filter_find(id);

    return kind != NULL && kind->decode != NULL;
}

/* The name as stored says more about a filter that nobody knows. */
static const char *
filter_label(const hi5_filter *f)
{
    const char *const known = hi5_filter_known_name(f->id);

    if (f->name != NULL && f->name[0] != '\0')
        return f->name;
    return known != NULL ? known : "unnamed";
}

static hi5_status
filter_vfail(hi5_error *err, hi5_status status, const hi5_filter *f, const char *fmt,
             va_list ap)
{
    char cause[160];

    if (err == NULL)
        return status;
    vsnprintf(cause, sizeof cause, fmt, ap);
    return err_plain(err, status, "filter %u (%.64s): %s", (unsigned)f->id,
                     filter_label(f), cause);
}

HI5_INT hi5_status
filter_fail(hi5_error *err, const hi5_filter *f, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    filter_vfail(err, HI5_E_FILTER, f, fmt, ap);
    va_end(ap);
    return HI5_E_FILTER;
}

HI5_INT hi5_status
filter_fail_as(hi5_error *err, hi5_status status, const hi5_filter *f, const char *fmt,
               ...)
{
    va_list ap;

    va_start(ap, fmt);
    filter_vfail(err, status, f, fmt, ap);
    va_end(ap);
    return status;
}

HI5_INT hi5_status
filter_too_long(hi5_error *err, const hi5_filter *f, size_t cap)
{
    return filter_fail(err, f, "decodes to more than %zu bytes", cap);
}

HI5_INT hi5_status
filter_cut(hi5_error *err, const hi5_filter *f, uint64_t n, uint64_t need)
{
    return filter_fail(err, f, "%llu bytes stored, at least %llu needed",
                       (unsigned long long)n, (unsigned long long)need);
}

HI5_INT hi5_status
filter_copy(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
            size_t *out, hi5_error *err)
{
    if (n > cap)
        return filter_too_long(err, f, cap);
    if (n != 0)
        memcpy(dst, src, n);
    *out = n;
    return HI5_OK;
}
