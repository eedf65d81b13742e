/*
 * fuzz_codec.c - decode any bytes as one structure, encode that, and decode it again
 *
 * The structures are those of the codec sweep (tests/sweep/rows_*.c): the first byte says
 * which, the second how wide offsets and lengths are. Checksums are made right before
 * decoding. What must hold: no crash, no HI5_E_INTERNAL; what was decoded and can be
 * encoded takes as many bytes as CUR_SIZE says, and decodes again to what encodes the
 * same.
 */
#include "base/lookup3.h"
#include "sweep.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(name) extern const struct sweep_row sweep_rows_##name[];
#include "sweep_rows.h"
#undef ROWS

#define FUZZ_SUMS 4 /* checksums in one structure, at most */
#define FUZZ_MOST (4u << 20) /* encoded; unused slots may be missing, but are written */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sweep_row *const fuzz_tables[] = {
#define ROWS(name) sweep_rows_##name,
#include "sweep_rows.h"
#undef ROWS
    NULL,
};

/* A structure in memory, and what decoding it takes. */
struct fuzz_codec {
    const struct sweep_row *row;
    uint8_t off_w, len_w;
    struct mem mem;
    struct arena arena;
    void *s;
    hi5_error err;
};

static const struct sweep_row *
fuzz_row(unsigned n)
{
    unsigned rows = 0;

    for (size_t t = 0; fuzz_tables[t] != NULL; t++)
        for (const struct sweep_row *r = fuzz_tables[t]; r->name != NULL; r++)
            rows++;
    n %= rows;
    for (size_t t = 0; fuzz_tables[t] != NULL; t++)
        for (const struct sweep_row *r = fuzz_tables[t]; r->name != NULL; r++)
            if (n-- == 0)
                return r;
    return NULL;
}

static void
fuzz_stop(const struct fuzz_codec *f, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", f->row->name, what, f->err.message);
    abort();
}

static void
fuzz_init(struct fuzz_codec *f, const struct sweep_row *r, unsigned widths)
{
    static const uint8_t width[] = {8, 4, 2, 8};

    *f = (struct fuzz_codec){.row = r};
    f->off_w = widths == 0 ? (uint8_t)r->off_w : width[widths & 3];
    f->len_w = widths == 0 ? (uint8_t)r->len_w : width[widths >> 2 & 3];
    mem_init(&f->mem, NULL, 64u << 20);
    arena_init(&f->arena, &f->mem);
    f->s = calloc(1, r->size != 0 ? r->size : 1);
    if (f->s == NULL)
        abort();
}

static void
fuzz_done(struct fuzz_codec *f)
{
    free(f->s);
    arena_done(&f->arena);
    if (f->mem.used != 0)
        fuzz_stop(f, "memory leaked");
}

static struct cur
fuzz_run(struct fuzz_codec *f, struct cur c)
{
    c.off_w = f->off_w;
    c.len_w = f->len_w;
    c.addr = 0x800;
    c.arena = &f->arena;
    c.err = &f->err;
    f->row->code(&c, f->s);
    if (c.status == HI5_E_INTERNAL)
        fuzz_stop(f, "an internal error");
    return c;
}

/* Decode, and make checksums right until it works or something else is wrong. */
static hi5_status
fuzz_get(struct fuzz_codec *f, uint8_t *bytes, size_t n, size_t *used)
{
    struct cur c = {0};

    for (int i = 0; i <= FUZZ_SUMS; i++) {
        memset(f->s, 0, f->row->size);
        c = fuzz_run(f, cur_reader(bytes, n, NULL));
        if (c.status != HI5_E_CHECKSUM || c.field_at + 4 > n)
            break;
        const uint32_t sum = lookup3(bytes + c.start, c.field_at - c.start, 0);
        for (unsigned k = 0; k < 4; k++)
            bytes[c.field_at + k] = (uint8_t)(sum >> 8 * k);
    }
    *used = c.pos;
    return c.status;
}

/* Encode; 0 if the writer refuses what a reader may take. *out is to be freed. */
static size_t
fuzz_put(struct fuzz_codec *f, uint8_t **out)
{
    struct cur c = fuzz_run(f, cur_sizer(NULL));
    size_t n;

    *out = NULL;
    if (!cur_ok(&c))
        return 0;
    n = c.pos;
    if (n > FUZZ_MOST)
        fuzz_stop(f, "it grew");
    *out = malloc(n != 0 ? n : 1);
    if (*out == NULL)
        abort();
    c = fuzz_run(f, cur_writer(*out, n, NULL));
    if (!cur_ok(&c))
        return 0;
    if (c.pos != n)
        fuzz_stop(f, "SIZE and PUT differ");
    return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sweep_row *r;
    struct fuzz_codec first, second;
    uint8_t *bytes, *one = NULL, *two = NULL;
    size_t used, n, m;

    if (size < 2)
        return 0;
    r = fuzz_row(data[0]);
    bytes = malloc(size - 2 + 1);
    if (bytes == NULL)
        abort();
    memcpy(bytes, data + 2, size - 2);
    fuzz_init(&first, r, data[1]);
    fuzz_init(&second, r, data[1]);
    if (fuzz_get(&first, bytes, size - 2, &used) == HI5_OK &&
        (n = fuzz_put(&first, &one)) != 0) {
        if (fuzz_get(&second, one, n, &used) != HI5_OK || used != n)
            fuzz_stop(&second, "what was encoded does not decode");
        m = fuzz_put(&second, &two);
        if (m != n || memcmp(one, two, n) != 0)
            fuzz_stop(&second, "encoded twice, it differs");
    }
    fuzz_done(&second);
    fuzz_done(&first);
    free(two);
    free(one);
    free(bytes);
    return 0;
}
