/*
 * roundtrip.c - random files, written by hi5 and read by hi5 and by libhdf5
 *
 *   roundtrip SEED COUNT [FILE]
 *
 * Each case makes random changes to a new file in memory and to a plain model of it, with
 * commits, aborts and reopening in between. Then hi5_check must have nothing to say, and
 * hi5 must read what the model says; so must libhdf5, if hi5_check says that its release
 * loads the file. Case i of
 * a seed is that of seed + i, so that SEED 1 shows it alone, and with FILE each step of it, and saves the file. The last
 * line is "N passed, N failed".
 */
#include "roundtrip.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
main_check(const struct rt_file *f, const struct rt_model *m, unsigned *needs)
{
    static const unsigned release[] = {0, 106, 108, 110, 112, 114, 200, 200};
    const bool old = m->compat == HI5_COMPAT_EARLIEST && m->orders;
    const hi5_check_options o = {.size = sizeof o,
                                 .release = release[old ? HI5_COMPAT_V18 : m->compat]};
    hi5_check_result r;
    hi5_error err;

    if (hi5_check_memory(f->bytes, f->n, NULL, &o, main_finding, NULL, &r, &err) != HI5_OK)
        return rt_bad("hi5_check: %s", err.message);
    *needs = r.needs_release;
    return r.errors == 0 && r.warnings == 0 && r.map.overlaps == 0;
}

static void
main_refusal(void *ctx, const hi5_finding *f)
{
    if (strcmp(f->rule, "LD-002") == 0)
        *(bool *)ctx = true;
}

/* Does libhdf5 know all that is there, and refuse none of it? Of what 2.0 refuses 1.15 to
 * 1.17, which went before it, refuse some. */
static bool
main_loadable(const struct rt_file *f, unsigned needs)
{
    const unsigned release = rt_h5_release();
    const hi5_check_options o = {.size = sizeof o, .release = release < 114 ? release : 200};
    bool refused = false;
    hi5_check_result r;

    return needs <= release &&
           hi5_check_memory(f->bytes, f->n, NULL, &o, main_refusal, &refused, &r, NULL) ==
               HI5_OK &&
           !refused;
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
    unsigned needs = 0;
    struct rt_model m;
    struct rt_file f;
    bool ok;

    rt_seed(seed);
    rt_file_open(&f);
    ok = rt_write(&f, &m);
    if (ok) {
        ok = main_check(&f, &m, &needs);
        ok = main_read(&f, &m) && ok;
        if (main_loadable(&f, needs))
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
