/*
 * zfp.c - filter 32013: ZFP                                       [FMT IV.A.2.l]
 *
 *   WORD  PARAMETER
 *   0     versions of the writer's software; the stream's own header says enough
 *   1..   a zfp header as 32-bit words: "zfp" and the codec's version, type and shape
 *         of the chunk, mode
 *
 * The header's bytes are the words' in the writer's order, so that "zfp" appears
 * reversed when the writer was big-endian. Such a writer's values are big-endian too.
 * The stored bytes are a zfp stream without a header.
 *
 * libzfp trusts a stream to be long enough. So it is fed from a window of the stored
 * bytes with zeros after the last, block by block, and each block is held against
 * their end.
 */
#include "filters/filter.h"
#ifdef HI5_HAVE_ZFP
#include "base/err.h"
#include "filters/encode.h"
#include <string.h>
#include <zfp.h>

#define ZFP_MOST_WORDS 5u /* of a header: 148 bits */
/* No mode lets a block take more; a few bytes are fetched ahead. */
#define ZFP_BLOCK_MOST (32768u / 8 + 16)
#define ZFP_WINDOW (4 * ZFP_BLOCK_MOST)

/* The stored bytes, a part of them laid out as libzfp reads: in its own words. */
struct zfp_feed {
    const uint8_t *src;
    size_t n;
    size_t base;      /* the window is src + base */
    bitstream *bits;  /* over the window */
    uint64_t *window; /* ZFP_WINDOW bytes */
};

/* One decoded block: 4 to the power of the rank values. */
union zfp_block {
    int32 i4[256];
    int64 i8[256];
    float f4[256];
    double f8[256];
};

struct zfp_shape {
    zfp_type type;
    unsigned rank;
    size_t width;  /* of a value */
    size_t dim[4]; /* x first; 1 beyond the rank */
    bool reversed; /* the writer's byte order is not ours */
};

static bool
zfp_host_is_big(void)
{
    const uint16_t one = 1;
    uint8_t first;

    memcpy(&first, &one, 1);
    return first == 0;
}

/* Fill `to` from a stream of bytes, zeros after the last. */
static void
zfp_lay_out(uint64_t *to, size_t size, const uint8_t *src, size_t n)
{
    const size_t turn = zfp_host_is_big() ? (size_t)stream_alignment() / 8 - 1 : 0;
    uint8_t *const p = (uint8_t *)to;

    if (n > size)
        n = size;
    memset(p, 0, size);
    if (turn == 0 && n != 0)
        memcpy(p, src, n);
    for (size_t i = 0; turn != 0 && i < n; i++)
        p[i ^ turn] = src[i];
}

/* ---- parameters ---- */

/* The bytes of the header. *reversed: the words are in big-endian order. */
static hi5_status
zfp_header(const hi5_filter *f, uint8_t *head, bool *reversed, hi5_error *err)
{
    const unsigned n = f->nvalues <= ZFP_MOST_WORDS ? f->nvalues - 1 : ZFP_MOST_WORDS;

    if (f->nvalues < 4)
        return filter_fail(err, f, "%u parameters are not enough", f->nvalues);
    *reversed = (f->values[1] & 0xffffff00u) == 0x7a667000u;
    if (!*reversed && (f->values[1] & 0x00ffffffu) != 0x0070667au)
        return filter_fail(err, f, "the parameters hold no zfp header");
    for (unsigned i = 0; i < 4 * n; i++)
        head[i] =
            (uint8_t)(f->values[1 + i / 4] >> 8 * (*reversed ? 3 - i % 4 : i % 4));
    if (head[3] != ZFP_CODEC)
        return filter_fail(err, f, "codec version %u; this build has %d", head[3],
                           ZFP_CODEC);
    return HI5_OK;
}

/* What the header says of the shape; false if it makes no sense. */
static bool
zfp_read_shape(zfp_stream *z, struct zfp_shape *s)
{
    zfp_field field;

    memset(&field, 0, sizeof field);
    if (zfp_read_header(z, &field, ZFP_HEADER_FULL) == 0)
        return false;
    s->type = field.type;
    s->rank = field.nw ? 4 : field.nz ? 3 : field.ny ? 2 : 1;
    s->width = field.type == zfp_type_int32 || field.type == zfp_type_float ? 4 : 8;
    s->dim[0] = field.nx;
    s->dim[1] = s->rank > 1 ? field.ny : 1;
    s->dim[2] = s->rank > 2 ? field.nz : 1;
    s->dim[3] = s->rank > 3 ? field.nw : 1;
    /* A block begins with a bit and, if that is set, an exponent. */
    return z->maxbits >= 12 && z->minbits <= z->maxbits;
}

static hi5_status
zfp_setup(const hi5_filter *f, zfp_stream *z, struct zfp_shape *s, hi5_error *err)
{
    uint8_t head[4 * ZFP_MOST_WORDS] = {0};
    uint64_t words[4 * ZFP_MOST_WORDS / 8 + 3];
    bool good;

    TRY(zfp_header(f, head, &s->reversed, err));
    s->reversed = s->reversed != zfp_host_is_big();
    zfp_lay_out(words, sizeof words, head, sizeof head);
    memset(z, 0, sizeof *z);
    z->stream = stream_open(words, sizeof words);
    if (z->stream == NULL)
        return err_nomem(err);
    good = zfp_read_shape(z, s);
    stream_close(z->stream);
    z->stream = NULL;
    return good ? HI5_OK : filter_fail(err, f, "the zfp header is damaged");
}

/* ---- blocks ---- */

/* The next block into `b`. libzfp has a function for each type and rank. */
static void
zfp_decode_one(zfp_stream *z, const struct zfp_shape *s, union zfp_block *b)
{
    switch (4 * ((unsigned)s->type - zfp_type_int32) + s->rank) {
    case 1:
        zfp_decode_block_int32_1(z, b->i4);
        break;
    case 2:
        zfp_decode_block_int32_2(z, b->i4);
        break;
    case 3:
        zfp_decode_block_int32_3(z, b->i4);
        break;
    case 4:
        zfp_decode_block_int32_4(z, b->i4);
        break;
    case 5:
        zfp_decode_block_int64_1(z, b->i8);
        break;
    case 6:
        zfp_decode_block_int64_2(z, b->i8);
        break;
    case 7:
        zfp_decode_block_int64_3(z, b->i8);
        break;
    case 8:
        zfp_decode_block_int64_4(z, b->i8);
        break;
    case 9:
        zfp_decode_block_float_1(z, b->f4);
        break;
    case 10:
        zfp_decode_block_float_2(z, b->f4);
        break;
    case 11:
        zfp_decode_block_float_3(z, b->f4);
        break;
    case 12:
        zfp_decode_block_float_4(z, b->f4);
        break;
    case 13:
        zfp_decode_block_double_1(z, b->f8);
        break;
    case 14:
        zfp_decode_block_double_2(z, b->f8);
        break;
    case 15:
        zfp_decode_block_double_3(z, b->f8);
        break;
    default:
        zfp_decode_block_double_4(z, b->f8);
        break;
    }
}

/* Put the block at `at` where it belongs, as far as the shape goes; a big-endian
 * writer's values in its own order. */
static void
zfp_scatter(const struct zfp_shape *s, const size_t *at, const union zfp_block *b,
            uint8_t *dst)
{
    size_t end[4];

    for (unsigned d = 0; d < 4; d++)
        end[d] = s->dim[d] - at[d] < 4 ? s->dim[d] - at[d] : 4;
    for (size_t row = 0; row < 64; row++) {
        const size_t y = row % 4, z = row / 4 % 4, w = row / 16;
        const uint8_t *const from = (const uint8_t *)b + row * 4 * s->width;
        uint8_t *to;

        if (y >= end[1] || z >= end[2] || w >= end[3])
            continue;
        to = dst + s->width * (at[0] +
                               s->dim[0] *
                                   (at[1] + y +
                                    s->dim[1] * (at[2] + z + s->dim[2] * (at[3] + w))));
        if (!s->reversed)
            memcpy(to, from, end[0] * s->width);
        for (size_t i = 0; s->reversed && i < end[0] * s->width; i++)
            to[i] = from[i ^ (s->width - 1)];
    }
}

/* Move the window so that a whole block follows; false beyond the end of the data. */
static bool
zfp_feed_block(struct zfp_feed *in)
{
    const size_t bit = (size_t)stream_rtell(in->bits), at = in->base + (bit + 7) / 8;

    if (at > in->n)
        return false;
    if (bit / 8 + ZFP_BLOCK_MOST <= ZFP_WINDOW)
        return true;
    in->base += bit / 64 * 8;
    zfp_lay_out(in->window, ZFP_WINDOW, in->src + in->base, in->n - in->base);
    stream_rseek(in->bits, bit % 64);
    return true;
}

static bool
zfp_decode_all(zfp_stream *z, const struct zfp_shape *s, struct zfp_feed *in,
               uint8_t *dst)
{
    size_t at[4];
    union zfp_block b;

    for (at[3] = 0; at[3] < s->dim[3]; at[3] += 4)
        for (at[2] = 0; at[2] < s->dim[2]; at[2] += 4)
            for (at[1] = 0; at[1] < s->dim[1]; at[1] += 4)
                for (at[0] = 0; at[0] < s->dim[0]; at[0] += 4) {
                    if (!zfp_feed_block(in))
                        return false;
                    zfp_decode_one(z, s, &b);
                    zfp_scatter(s, at, &b, dst);
                }
    return zfp_feed_block(in);
}

HI5_INT hi5_status
zfp_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
           size_t *out, hi5_error *err)
{
    uint64_t window[ZFP_WINDOW / 8];
    struct zfp_feed in = {src, n, 0, NULL, window};
    struct zfp_shape s = {0};
    zfp_stream z;
    uint64_t size;
    bool good;

    TRY(zfp_setup(f, &z, &s, err));
    size = s.width;
    for (unsigned d = 0; d < 4; d++) { /* the header has 48 bits for all of them */
        size *= s.dim[d];
        if (size > cap)
            return filter_too_long(err, f, cap);
    }
    zfp_lay_out(window, sizeof window, src, n);
    z.stream = in.bits = stream_open(window, sizeof window);
    if (in.bits == NULL)
        return err_nomem(err);
    good = zfp_decode_all(&z, &s, &in, dst);
    stream_close(in.bits);
    *out = (size_t)size;
    return good ? HI5_OK : filter_fail(err, f, "the stream is cut short");
}

/* ---- the other way ---- */

/* A stream in libzfp's words, laid out as bytes. */
static void
zfp_lay_in(uint8_t *p, size_t n)
{
    const size_t turn = zfp_host_is_big() ? (size_t)stream_alignment() / 8 - 1 : 0;

    for (size_t i = 0; turn != 0 && i < n; i++)
        if ((i ^ turn) > i) {
            const uint8_t t = p[i];
            p[i] = p[i ^ turn];
            p[i ^ turn] = t;
        }
}

HI5_INT hi5_status
zfp_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
           uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    const void *const from = src;
    struct zfp_shape s = {0};
    zfp_field field;
    zfp_stream z;

    (void)w;
    TRY(zfp_setup(f, &z, &s, err));
    memset(&field, 0, sizeof field);
    memcpy(&field.data, &from, sizeof from); /* it is not written to */
    field.type = s.type;
    field.nx = s.dim[0];
    field.ny = s.rank > 1 ? s.dim[1] : 0;
    field.nz = s.rank > 2 ? s.dim[2] : 0;
    field.nw = s.rank > 3 ? s.dim[3] : 0;
    if (s.reversed || n / s.width != s.dim[0] * s.dim[1] * s.dim[2] * s.dim[3])
        return filter_fail(err, f,
                           "the parameters are not those of a chunk of %zu bytes", n);
    /* libzfp does not look where it writes. */
    if (zfp_stream_maximum_size(&z, &field) > cap)
        return HI5_E_RANGE;
    z.stream = stream_open(dst, cap);
    if (z.stream == NULL)
        return err_nomem(err);
    zfp_stream_rewind(&z);
    *out = zfp_compress(&z, &field);
    stream_close(z.stream);
    zfp_lay_in(dst, *out);
    return *out != 0 ? HI5_OK : filter_fail(err, f, "libzfp cannot compress this");
}
#endif
