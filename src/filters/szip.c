/*
 * szip.c - filter 4: the CCSDS 121 coder that szip is             [FMT IV.A.2.l]
 *
 *   SIZE  FIELD
 *   4     bytes after decoding, little-endian
 *   ...   the coded samples
 *
 * Parameters: 0 options, 1 pixels per block, 2 bits per pixel, 3 pixels per scanline.
 * What szip does beyond the coder: scanlines that are no multiple of a block are padded
 * to one; and pixels of 32 and 64 bits are coded as 8-bit samples, first all first
 * bytes, then all second bytes, and so on. libaec is used for the coder alone; both are
 * undone here, scanline by scanline, so that no buffer is needed.
 */
#include "filters/encode.h"
#include "filters/filter.h"
#ifdef HI5_HAVE_AEC
#include "base/err.h"
#include "filters/bits.h"
#include <libaec.h>
#include <string.h>

#define SZIP_MSB 16u
#define SZIP_NEAREST 32u /* preprocess with the nearest neighbour */
#define SZIP_MOST_BLOCK 32u
#define SZIP_MOST_LINE (128u * SZIP_MOST_BLOCK)

/* Samples, as the coder sees them: pixels, or bytes of pixels. */
struct szip_shape {
    unsigned sample_size; /* bytes */
    unsigned line;        /* samples in a scanline */
    unsigned padding;     /* samples after it */
    unsigned planes;      /* 4 or 8 if pixels are taken apart, else 1 */
};

static hi5_status
szip_setup(const hi5_filter *f, struct aec_stream *z, struct szip_shape *s,
           hi5_error *err)
{
    const uint32_t options = f->nvalues >= 4 ? f->values[0] : 0;
    const uint32_t block = f->nvalues >= 4 ? f->values[1] : 0;
    const uint32_t bits = f->nvalues >= 4 ? f->values[2] : 0;
    const uint32_t line = f->nvalues >= 4 ? f->values[3] : 0;

    if (f->nvalues < 4)
        return filter_fail(err, f, "%u parameters are not enough", f->nvalues);
    if (block < 2 || block > SZIP_MOST_BLOCK || block % 2 != 0)
        return filter_fail(err, f, "%lu pixels per block", (unsigned long)block);
    if (bits == 0 || (bits > 32 && bits != 64))
        return filter_fail(err, f, "%lu bits per pixel", (unsigned long)bits);
    if (line == 0 || line > SZIP_MOST_LINE)
        return filter_fail(err, f, "%lu pixels per scanline", (unsigned long)line);
    s->planes = bits == 32 ? 4 : bits == 64 ? 8 : 1;
    s->line = line;
    s->padding = (block - line % block) % block;
    z->bits_per_sample = s->planes > 1 ? 8 : bits;
    s->sample_size = z->bits_per_sample > 16 ? 4 : z->bits_per_sample > 8 ? 2 : 1;
    z->block_size = block;
    z->rsi = (line + s->padding) / block;
    z->flags = options & SZIP_MSB ? AEC_DATA_MSB : 0;
    if (options & SZIP_NEAREST)
        z->flags |= AEC_DATA_PREPROCESS;
#ifdef AEC_NOT_ENFORCE
    z->flags |= AEC_NOT_ENFORCE; /* the standard has no blocks of 2, 4, 10, ... */
#endif
    return HI5_OK;
}

/* Decode the next `n` bytes to dst. */
static bool
szip_run(struct aec_stream *z, uint8_t *dst, size_t n)
{
    z->next_out = dst;
    z->avail_out = n;
    return aec_decode(z, AEC_FLUSH) == AEC_OK && z->avail_out == 0;
}

/* Put byte samples `at` to `at + n` of all planes where they belong. */
static void
szip_join(uint8_t *dst, unsigned planes, size_t pixels, size_t at, const uint8_t *src,
          size_t n)
{
    size_t plane = at / pixels, i = at % pixels;

    for (size_t k = 0; k < n; k++) {
        dst[i * planes + plane] = src[k];
        if (++i == pixels) {
            i = 0;
            plane++;
        }
    }
}

static bool
szip_lines(struct aec_stream *z, const struct szip_shape *s, uint8_t *dst, size_t size)
{
    uint8_t line[(SZIP_MOST_LINE + SZIP_MOST_BLOCK) * 4];
    const size_t line_size = (size_t)s->line * s->sample_size;
    const size_t padding_size = (size_t)s->padding * s->sample_size;

    if (s->planes == 1 && s->padding == 0)
        return szip_run(z, dst, size);
    for (size_t at = 0; at < size; at += line_size) {
        const size_t n = size - at < line_size ? size - at : line_size;

        if (!szip_run(z, line, n == line_size && n < size - at ? n + padding_size : n))
            return false;
        if (s->planes == 1)
            memcpy(dst + at, line, n);
        else
            szip_join(dst, s->planes, size / s->planes, at, line, n);
    }
    return true;
}

HI5_INT hi5_status
szip_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
            size_t *out, hi5_error *err)
{
    const uint8_t *const p = src;
    struct szip_shape shape;
    struct aec_stream z;
    hi5_status status;
    size_t size;
    bool good;

    memset(&z, 0, sizeof z);
    status = szip_setup(f, &z, &shape, err);
    if (status != HI5_OK)
        return status;
    if (n < 4)
        return filter_cut(err, f, n, 4);
    size = (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
    if (size > cap)
        return filter_too_long(err, f, cap);
    if (size % (shape.sample_size * shape.planes) != 0)
        return filter_fail(err, f, "%zu bytes are no whole number of pixels", size);
    z.next_in = p + 4;
    z.avail_in = n - 4;
    if (aec_decode_init(&z) != AEC_OK)
        return filter_fail(err, f, "the coder refuses the parameters");
    good = szip_lines(&z, &shape, dst, size);
    aec_decode_end(&z);
    *out = size;
    return good ? HI5_OK
                : filter_fail(err, f, "the coded samples are damaged or cut short");
}

/* ---- the other way ---- */

/* Byte samples `at` to `at + n` of all planes, from the pixels. */
static void
szip_part(uint8_t *dst, unsigned planes, size_t pixels, size_t at, const uint8_t *src,
          size_t n)
{
    size_t plane = at / pixels, i = at % pixels;

    for (size_t k = 0; k < n; k++) {
        dst[k] = src[i * planes + plane];
        if (++i == pixels) {
            i = 0;
            plane++;
        }
    }
}

/* Fill a line from `n` bytes up to `size`: with the last sample where the preprocessor
 * looks at neighbours, else with zeros. */
static void
szip_pad(uint8_t *line, size_t n, size_t size, unsigned sample_size, bool nearest)
{
    for (size_t i = n; i < size; i++)
        line[i] = nearest ? line[i - sample_size] : 0;
}

/* Are there bits that the coder would drop? */
static bool
szip_overflows(const struct aec_stream *z, const struct szip_shape *s,
               const uint8_t *src, size_t n)
{
    const unsigned size = s->sample_size, bits = z->bits_per_sample;
    const bool big_endian = (z->flags & AEC_DATA_MSB) != 0;

    for (size_t i = 0; bits < 8 * size && i < n; i += size)
        if (bits_load(src + i, size, big_endian) > bits_ones(bits))
            return true;
    return false;
}

static bool
szip_feed(struct aec_stream *z, const uint8_t *src, size_t n, int flush)
{
    z->next_in = src;
    z->avail_in = n;
    return aec_encode(z, flush) == AEC_OK && z->avail_in == 0 && z->avail_out != 0;
}

static bool
szip_give_lines(struct aec_stream *z, const struct szip_shape *s, const uint8_t *src,
                size_t size)
{
    uint8_t line[(SZIP_MOST_LINE + SZIP_MOST_BLOCK) * 4];
    const size_t line_size = (size_t)s->line * s->sample_size;
    const size_t whole = line_size + (size_t)s->padding * s->sample_size;
    const bool nearest = (z->flags & AEC_DATA_PREPROCESS) != 0;

    for (size_t at = 0; at < size; at += line_size) {
        const size_t n = size - at < line_size ? size - at : line_size;

        if (s->planes == 1)
            memcpy(line, src + at, n);
        else
            szip_part(line, s->planes, size / s->planes, at, src, n);
        szip_pad(line, n, whole, s->sample_size, nearest);
        if (!szip_feed(z, line, whole, AEC_NO_FLUSH))
            return false;
    }
    return szip_feed(z, line, 0, AEC_FLUSH);
}

HI5_INT hi5_status
szip_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
            uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    struct szip_shape shape;
    struct aec_stream z;
    bool fits;

    (void)w;
    memset(&z, 0, sizeof z);
    TRY(szip_setup(f, &z, &shape, err));
    if (n > UINT32_MAX || n % (shape.sample_size * shape.planes) != 0)
        return filter_fail(err, f,
                           "%zu bytes are no whole number of pixels, or too many", n);
    if (szip_overflows(&z, &shape, src, n))
        return filter_fail(err, f, "there are values of more than %u bits",
                           z.bits_per_sample);
    if (cap < n + 8)
        return HI5_E_RANGE;
    bits_store_le32(dst, (uint32_t)n);
    z.next_out = dst + 4;
    z.avail_out = cap - 4;
    if (aec_encode_init(&z) != AEC_OK)
        return filter_fail(err, f, "the coder refuses the parameters");
    fits = szip_give_lines(&z, &shape, src, n);
    *out = cap - z.avail_out;
    return aec_encode_end(&z) == AEC_OK && fits && *out <= n + 4 ? HI5_OK : HI5_E_RANGE;
}
#endif
