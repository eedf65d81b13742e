/*
 * fuzz_filter.c - decode any bytes as a chunk that went through any filters
 *
 *   byte 0        how many filters, 1 to 3; and for each of them:
 *        1        which: an index into the list below
 *        1        how many parameters, up to 40; then 4 bytes for each
 *   2 bytes       size of the decoded chunk, little-endian
 *   the rest      the stored chunk
 *
 * What must hold: no crash, no sanitizer report, no HI5_E_INTERNAL, memory in proportion
 * to the chunk. Buffers have their exact size, so that one byte too many shows.
 */
#include "filters/pipeline.h"
#include <hi5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_FILTERS 3u
#define FUZZ_VALUES 40u

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
    f->nvalues = fuzz_byte(in) % (FUZZ_VALUES + 1);
    f->values = values;
    for (unsigned i = 0; i < f->nvalues; i++) {
        values[i] = fuzz_byte(in);
        values[i] |= fuzz_byte(in) << 8;
        values[i] |= fuzz_byte(in) << 16;
        values[i] |= (uint32_t)fuzz_byte(in) << 24;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    hi5_filter filter[FUZZ_FILTERS];
    uint32_t values[FUZZ_FILTERS][FUZZ_VALUES];
    struct pipeline p = {2, 0, filter};
    struct pipe_plugins none = {NULL, 0};
    struct mem mem;
    struct pipe_work work = {.mem = &mem};
    uint8_t *stored, *decoded;
    size_t nominal;
    hi5_error err;

    mem_init(&mem, NULL, 64u << 20);
    p.n = 1 + fuzz_byte(&in) % FUZZ_FILTERS;
    for (unsigned i = 0; i < p.n; i++)
        fuzz_filter(&in, &filter[i], values[i]);
    nominal = fuzz_byte(&in);
    nominal |= (size_t)fuzz_byte(&in) << 8;
    stored = malloc(in.n != 0 ? in.n : 1);
    decoded = malloc(nominal != 0 ? nominal : 1);
    if (stored == NULL || decoded == NULL)
        abort();
    memcpy(stored, in.p, in.n);
    if (pipe_decode(&p, &none, 0, stored, in.n, decoded, nominal, &work, &err) ==
        HI5_E_INTERNAL) {
        fprintf(stderr, "internal error: %s\n", err.message);
        abort();
    }
    pipe_work_done(&work);
    free(stored);
    free(decoded);
    if (mem.used != 0)
        abort();
    return 0;
}
