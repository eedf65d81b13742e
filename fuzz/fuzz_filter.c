/*
 * fuzz_filter.c - decode any bytes as a chunk that went through any filters; or send them
 * through, and back
 *
 *   byte 0        how many filters, 1 to 3; bit 7: encode; and for each of them:
 *        1        which: an index into the list below
 *        1        how many parameters, up to 40; then 4 bytes for each; bit 7: optional
 *   2 bytes       size of the decoded chunk, little-endian; to encode: how often the rest
 *                 is repeated
 *   the rest      the stored chunk; to encode: the elements
 *
 * What must hold: no crash, no sanitizer report, no HI5_E_INTERNAL, memory in proportion
 * to the chunk. What was encoded decodes; where all filters keep everything, to the same.
 * Buffers have their exact size, so that one byte too many shows.
 */
#include "filters/encode.h"
#include "filters/pipeline.h"
#include <hi5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_FILTERS 3u
#define FUZZ_VALUES 40u
#define FUZZ_REPEAT 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t fuzz_ids[] = {
    FILTER_DEFLATE,    FILTER_SHUFFLE, FILTER_FLETCHER32, FILTER_SZIP,
    FILTER_NBIT,       FILTER_SCALEOFFSET, FILTER_BZIP2, FILTER_LZF,
    FILTER_BLOSC,      FILTER_LZ4,     FILTER_BITSHUFFLE, FILTER_ZFP,
    FILTER_ZSTD,       FILTER_FCIDECOMP, FILTER_BLOSC2,  1};

struct fuzz_input {
    const uint8_t *p;
    size_t n;
};

static unsigned
fuzz_byte(struct fuzz_input *in)
{
    if (in->n == 0)
        return 0;
    in->n--;
    return *in->p++;
}

static void
fuzz_filter(struct fuzz_input *in, hi5_filter *f, uint32_t *values)
{
    *f = (hi5_filter){.id = fuzz_ids[fuzz_byte(in) % (sizeof fuzz_ids / 2)]};
    f->nvalues = fuzz_byte(in);
    f->flags = (uint16_t)(f->nvalues >> 7);
    f->nvalues = (f->nvalues & 0x7f) % (FUZZ_VALUES + 1);
    f->values = values;
    for (unsigned i = 0; i < f->nvalues; i++) {
        values[i] = fuzz_byte(in);
        values[i] |= fuzz_byte(in) << 8;
        values[i] |= fuzz_byte(in) << 16;
        values[i] |= (uint32_t)fuzz_byte(in) << 24;
    }
}

static void
fuzz_stop(const char *what, const hi5_error *err)
{
    fprintf(stderr, "%s: %s\n", what, err->message);
    abort();
}

static unsigned char *
fuzz_block(size_t n)
{
    unsigned char *const p = malloc(n != 0 ? n : 1);

    if (p == NULL)
        abort();
    return p;
}

/* Does decoding give back just what was encoded? */
static bool
fuzz_keeps(const hi5_filter *f)
{
    return f->id != FILTER_NBIT && f->id != FILTER_SCALEOFFSET && f->id != FILTER_ZFP;
}

static void
fuzz_encode(const struct pipeline *p, struct fuzz_input *in, size_t repeat, struct mem *mem)
{
    const struct pipe_plugins none = {NULL, 0};
    const size_t n = in->n * repeat;
    unsigned char *const plain = fuzz_block(n), *const again = fuzz_block(n);
    struct encode_work work = {.mem = mem};
    struct pipe_work back = {.mem = mem};
    bool keeps = true;
    const uint8_t *stored;
    size_t stored_n;
    uint32_t mask;
    hi5_error err;
    hi5_status s;

    for (size_t i = 0; i < repeat && in->n != 0; i++)
        memcpy(plain + i * in->n, in->p, in->n);
    for (unsigned i = 0; i < p->n; i++)
        keeps = keeps && fuzz_keeps(&p->filter[i]);
    s = pipe_encode(p, &none, plain, n, &work, &stored, &stored_n, &mask, &err);
    if (s == HI5_E_INTERNAL)
        fuzz_stop("internal error", &err);
    if (s == HI5_OK) {
        if (pipe_decode(p, &none, mask, stored, stored_n, again, n, &back, &err) != HI5_OK)
            fuzz_stop("what was encoded does not decode", &err);
        if (keeps && n != 0 && memcmp(plain, again, n) != 0)
            fuzz_stop("it decodes to something else", &err);
    }
    pipe_work_done(&back);
    encode_work_done(&work);
    free(again);
    free(plain);
}

static void
fuzz_decode(const struct pipeline *p, struct fuzz_input *in, size_t nominal,
            struct mem *mem)
{
    const struct pipe_plugins none = {NULL, 0};
    unsigned char *const stored = fuzz_block(in->n), *const decoded = fuzz_block(nominal);
    struct pipe_work work = {.mem = mem};
    hi5_error err;

    if (in->n != 0)
        memcpy(stored, in->p, in->n);
    if (pipe_decode(p, &none, 0, stored, in->n, decoded, nominal, &work, &err) ==
        HI5_E_INTERNAL)
        fuzz_stop("internal error", &err);
    pipe_work_done(&work);
    free(stored);
    free(decoded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    hi5_filter filter[FUZZ_FILTERS];
    uint32_t values[FUZZ_FILTERS][FUZZ_VALUES];
    struct pipeline p = {2, 0, filter};
    struct mem mem;
    size_t nominal;

    mem_init(&mem, NULL, 64u << 20);
    p.n = 1 + (fuzz_byte(&in) & 0x7f) % FUZZ_FILTERS;
    for (unsigned i = 0; i < p.n; i++)
        fuzz_filter(&in, &filter[i], values[i]);
    nominal = fuzz_byte(&in);
    nominal |= (size_t)fuzz_byte(&in) << 8;
    if (size != 0 && data[0] >= 0x80)
        fuzz_encode(&p, &in, 1 + nominal % FUZZ_REPEAT, &mem);
    else
        fuzz_decode(&p, &in, nominal, &mem);
    if (mem.used != 0)
        abort();
    return 0;
}
