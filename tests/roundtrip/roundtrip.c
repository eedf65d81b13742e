/*
 * roundtrip.c - random files, written by hi5 and read by hi5 and by libhdf5
 *
 *   roundtrip SEED COUNT [FILE]
 *
 * Each case makes random changes to a new file in memory and to a plain model of it, with
 * commits, aborts and reopening in between. Then hi5_check must have nothing to say, and
 * hi5 and, for targets up to V110, libhdf5 1.10 must read what the model says. Case i of
 * a seed is that of seed + i, so that SEED 1 shows it alone, and with FILE each step of it, and saves the file. The last
 * line is "N passed, N failed".
 */
#include "roundtrip.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t rt_state, rt_case;

uint64_t
rt_random(uint64_t below)
{
    rt_state ^= rt_state << 13;
    rt_state ^= rt_state >> 7;
    rt_state ^= rt_state << 17;
    return below != 0 ? (rt_state >> 11) % below : 0;
}

void
rt_seed(uint64_t seed)
{
    rt_case = seed;
    rt_state = (seed + 1) * 0x9e3779b97f4a7c15u | 1;
    for (unsigned i = 0; i < 5; i++)
        rt_random(0);
}

/* ---- memory of one case ---- */

struct rt_block {
    struct rt_block *next;
};
static struct rt_block *rt_blocks;

void *
rt_keep(size_t n)
{
    struct rt_block *const b = calloc(1, sizeof *b + n + 8);

    if (b == NULL)
        exit(1);
    b->next = rt_blocks;
    rt_blocks = b;
    return b + 1;
}

void *
rt_copy(const void *p, size_t n)
{
    void *const to = rt_keep(n);

    if (n != 0)
        memcpy(to, p, n);
    return to;
}

void
rt_drop(void)
{
    while (rt_blocks != NULL) {
        struct rt_block *const b = rt_blocks;
        rt_blocks = b->next;
        free(b);
    }
}

bool
rt_bad(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "case %llu: ", (unsigned long long)rt_case);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    return false;
}

static bool rt_tracing;

void
rt_trace(const char *format, ...)
{
    va_list args;

    if (!rt_tracing)
        return;
    va_start(args, format);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
}

/* ---- a file in memory that outlives its handle ---- */

static hi5_status
file_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct rt_file *const f = ctx;

    (void)err;
    if (offset > f->n || n > f->n - offset)
        return HI5_E_TRUNCATED;
    if (n != 0)
        memcpy(buf, f->bytes + offset, n);
    return HI5_OK;
}

static hi5_status
file_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct rt_file *)ctx)->n;
    return HI5_OK;
}

static hi5_status
file_truncate(void *ctx, uint64_t size, hi5_error *err)
{
    struct rt_file *const f = ctx;

    (void)err;
    if (size > f->room) {
        unsigned char *const p = realloc(f->bytes, 2 * (size_t)size);
        if (p == NULL)
            return HI5_E_NOMEM;
        f->bytes = p;
        f->room = 2 * (size_t)size;
    }
    if (size > f->n)
        memset(f->bytes + f->n, 0, (size_t)size - f->n);
    f->n = (size_t)size;
    return HI5_OK;
}

static hi5_status
file_write(void *ctx, uint64_t offset, const void *buf, size_t n, hi5_error *err)
{
    struct rt_file *const f = ctx;

    if (offset + n > f->n && file_truncate(ctx, offset + n, err) != HI5_OK)
        return HI5_E_NOMEM;
    if (n != 0)
        memcpy(f->bytes + offset, buf, n);
    return HI5_OK;
}

static hi5_status
file_sync(void *ctx, hi5_error *err)
{
    (void)ctx;
    (void)err;
    return HI5_OK;
}

void
rt_file_open(struct rt_file *f)
{
    *f = (struct rt_file){0};
    f->io = (hi5_io){.size = sizeof f->io, .ctx = f, .read_at = file_read,
                     .get_size = file_size, .write_at = file_write,
                     .truncate = file_truncate, .sync = file_sync};
}

/* ---- the judges ---- */

static void
main_finding(void *ctx, const hi5_finding *f)
{
    (void)ctx;
    if (f->severity >= HI5_WARNING)
        rt_bad("hi5_check: %s: %s %s: %s (%s)", f->path, f->structure, f->field, f->message,
               f->rule);
}

static bool
main_check(const struct rt_file *f, const struct rt_model *m)
{
    static const unsigned release[] = {0, 106, 108, 110, 112, 114, 200, 200};
    const bool old = m->compat == HI5_COMPAT_EARLIEST && m->orders;
    const hi5_check_options o = {.size = sizeof o,
                                 .release = release[old ? HI5_COMPAT_V18 : m->compat]};
    hi5_check_result r;
    hi5_error err;

    if (hi5_check_memory(f->bytes, f->n, NULL, &o, main_finding, NULL, &r, &err) != HI5_OK)
        return rt_bad("hi5_check: %s", err.message);
    return r.errors == 0 && r.warnings == 0 && r.map.overlaps == 0;
}

static bool
main_read(const struct rt_file *f, const struct rt_model *m)
{
    hi5_file *x;
    hi5_error err;
    bool ok;

    if (hi5_open_memory(f->bytes, f->n, NULL, &x, &err) != HI5_OK)
        return rt_bad("hi5_open_memory: %s", err.message);
    ok = rt_read_hi5(x, m);
    hi5_close(x, NULL);
    return ok;
}

static void
main_save(const struct rt_file *f, const char *path)
{
    FILE *const out = fopen(path, "wb");

    if (out == NULL)
        return;
    fwrite(f->bytes, 1, f->n, out);
    fclose(out);
}

static bool
main_case(uint64_t seed, const char *save)
{
    struct rt_model m;
    struct rt_file f;
    bool ok;

    rt_seed(seed);
    rt_file_open(&f);
    ok = rt_write(&f, &m);
    if (ok) {
        ok = main_check(&f, &m);
        ok = main_read(&f, &m) && ok;
        if (m.compat <= HI5_COMPAT_V110)
            ok = rt_read_h5(&f, &m) && ok;
    }
    if (!ok && save != NULL)
        main_save(&f, save);
    free(f.bytes);
    rt_types_drop();
    rt_drop();
    return ok;
}

int
main(int argc, char **argv)
{
    unsigned passed = 0, count;
    uint64_t seed;

    if (argc < 3)
        return fprintf(stderr, "usage: roundtrip SEED COUNT [FILE]\n"), 2;
    seed = strtoull(argv[1], NULL, 10);
    count = (unsigned)strtoul(argv[2], NULL, 10);
    rt_tracing = argc > 3;
    rt_h5_begin();
    for (unsigned i = 0; i < count; i++)
        passed += main_case(seed + i, argc > 3 ? argv[3] : NULL);
    printf("%u passed, %u failed\n", passed, count - passed);
    return passed == count ? 0 : 1;
}
