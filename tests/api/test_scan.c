/*
 * test_scan.c - reads that follow one another, which are fetched ahead of the caller
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "written.h"

Suite *suite_scan(void);

/* Of chunks that the extent cuts; large enough for several threads to be worth it. */
enum { ROWS = 520, COLUMNS = 400, TILE = 64, CALLERS = 4 };

static int32_t
cell(uint64_t r, uint64_t c)
{
    return (int32_t)(r * 1000 + c * 7 % 1000);
}

static const struct {
    const char *path;
    uint64_t chunk[2]; /* 0: contiguous */
    unsigned deflate;
} datasets[] = {{"/plain", {0, 0}, 0},
                {"/raw", {TILE, TILE}, 0},
                {"/tiles", {TILE, TILE}, 1},
                {"/rows", {8, COLUMNS}, 1},
                {"/columns", {ROWS, 9}, 1}};
enum { DATASETS = sizeof datasets / sizeof *datasets };

static void
make(const char *name)
{
    static int32_t v[ROWS][COLUMNS];
    hi5_file *const f = written_create(name, HI5_COMPAT_DEFAULT);
    hi5_error err;

    for (uint64_t r = 0; r < ROWS; r++)
        for (uint64_t c = 0; c < COLUMNS; c++)
            v[r][c] = cell(r, c);
    for (int i = 0; i < DATASETS; i++) {
        const hi5_dataset_options o = {
            .size = sizeof o,
            .chunk = datasets[i].chunk[0] != 0 ? datasets[i].chunk : NULL,
            .shuffle = datasets[i].deflate != 0,
            .deflate = datasets[i].deflate};
        hi5_dataset *d;
        ck_ok(hi5_dataset_create(f, datasets[i].path, HI5_I32, 2,
                                 (uint64_t[]){ROWS, COLUMNS}, &o, &d, &err),
              &err);
        ck_ok(hi5_dataset_write(d, NULL, HI5_I32, v, &err), &err);
        hi5_dataset_close(d);
    }
    ck_ok(hi5_close(f, &err), &err);
}

static hi5_file *
open_with(const char *name, unsigned threads, uint64_t cache)
{
    const hi5_open_options o = {
        .size = sizeof o, .threads = threads, .chunk_cache = cache};
    hi5_file *f;
    hi5_error err;

    ck_ok(hi5_open(written_path(name), &o, &f, &err), &err);
    return f;
}

/* How many elements of the box are not what they should be; I64: with conversion. */
static uint64_t
wrong(hi5_dataset *d, const uint64_t *start, const uint64_t *count, bool wide)
{
    static _Thread_local int64_t v[ROWS * COLUMNS];
    const int32_t *const narrow = (const int32_t *)v;
    uint64_t n = 0;
    hi5_error err;

    if (hi5_dataset_read_slab(d, start, count, wide ? HI5_I64 : HI5_I32, v, &err))
        return UINT64_MAX / 4;
    for (uint64_t i = 0; i < count[0] * count[1]; i++) {
        const int32_t due = cell(start[0] + i / count[1], start[1] + i % count[1]);
        n += (wide ? v[i] : narrow[i]) != due;
    }
    return n;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Boxes of `count`, the one dimension fastest or the other. */
static uint64_t
scan(hi5_dataset *d, const uint64_t *count, unsigned fast, bool wide)
{
    static const uint64_t all[2] = {ROWS, COLUMNS};
    const unsigned slow = 1 - fast;
    uint64_t at[2], n[2], bad = 0;

    for (at[slow] = 0; at[slow] < all[slow]; at[slow] += count[slow])
        for (at[fast] = 0; at[fast] < all[fast]; at[fast] += count[fast]) {
            for (int i = 0; i < 2; i++)
                n[i] = least(count[i], all[i] - at[i]);
            bad += wrong(d, at, n, wide);
        }
    return bad;
}

static const struct pattern {
    uint64_t count[2];
    unsigned fast;
} patterns[] = {{{1, COLUMNS}, 1}, {{ROWS, 1}, 0},        {{TILE, TILE}, 1},
                {{TILE, TILE}, 0}, {{TILE, 2 * TILE}, 1}, {{5, 11}, 1},
                {{8, COLUMNS}, 1}, {{64, 64}, 0},         {{3, 200}, 1}};
enum { PATTERNS = sizeof patterns / sizeof *patterns };

START_TEST(every_pattern)
{
    static const uint64_t caches[] = {0, 1, 3 * TILE * TILE * 4};
    hi5_error err;

    make("scan.h5");
    for (unsigned threads = 1; threads <= 2; threads++) {
        hi5_file *const f = open_with("scan.h5", threads, caches[_i]);
        for (int i = 0; i < DATASETS; i++)
            for (int k = 0; k < PATTERNS; k++) {
                hi5_dataset *d;
                ck_ok(hi5_dataset_open(f, datasets[i].path, &d, &err), &err);
                ck_assert_uint_eq(
                    scan(d, patterns[k].count, patterns[k].fast, k % 2 != 0), 0);
                hi5_dataset_close(d);
            }
        hi5_close(f, NULL);
    }
}
END_TEST

/* ---- by many callers ---- */

struct caller {
    hi5_dataset *d;
    const struct pattern *p;
    uint64_t bad;
};

static void *
call(void *arg)
{
    struct caller *const c = arg;

    c->bad = scan(c->d, c->p->count, c->p->fast, false);
    return NULL;
}

START_TEST(callers)
{
    struct caller c[CALLERS];
    pthread_t t[CALLERS];
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;

    make("scan.h5");
    f = open_with("scan.h5", 2, 0);
    ck_ok(hi5_dataset_open(f, datasets[_i].path, &d, &err), &err);
    for (int i = 0; i < CALLERS; i++) {
        c[i] = (struct caller){d, &patterns[i % 3], 0};
        ck_assert_int_eq(pthread_create(&t[i], NULL, call, &c[i]), 0);
    }
    for (int i = 0; i < CALLERS; i++) {
        ck_assert_int_eq(pthread_join(t[i], NULL), 0);
        ck_assert_uint_eq(c[i].bad, 0);
    }
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

/* ---- requests ---- */

struct counted {
    uint8_t *bytes;
    size_t n;
    atomic_uint reads;
};

static hi5_status
counted_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    struct counted *const c = ctx;

    (void)err;
    atomic_fetch_add(&c->reads, 1);
    if (offset > c->n || n > c->n - offset)
        return HI5_E_TRUNCATED;
    memcpy(buf, c->bytes + offset, n);
    return HI5_OK;
}

static hi5_status
counted_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((struct counted *)ctx)->n;
    return HI5_OK;
}

static void
load(const char *path, struct counted *c)
{
    FILE *const f = fopen(path, "rb");

    ck_assert_ptr_nonnull(f);
    c->n = (size_t)written_size("scan.h5");
    c->bytes = malloc(c->n);
    ck_assert_ptr_nonnull(c->bytes);
    ck_assert_uint_eq(fread(c->bytes, 1, c->n, f), c->n);
    fclose(f);
}

/* 20000 elements in order are few requests; as many here and there are many. */
START_TEST(few_requests)
{
    enum { MANY = 20000 };
    struct counted c = {NULL, 0, 0};
    const hi5_io io = {.size = sizeof io,
                       .ctx = &c,
                       .read_at = counted_read,
                       .get_size = counted_size};
    static const uint64_t one[2] = {1, 1};
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;

    make("scan.h5");
    load(written_path("scan.h5"), &c);
    ck_ok(hi5_open_io(&io, "scan", NULL, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, "/plain", &d, &err), &err);
    c.reads = 0;
    for (uint64_t i = 0; i < MANY; i++)
        ck_assert_uint_eq(wrong(d, (uint64_t[]){i / COLUMNS, i % COLUMNS}, one, false),
                          0);
    ck_assert_uint_lt(c.reads, 20);
    c.reads = 0;
    for (uint64_t i = 0; i < 1000; i++)
        ck_assert_uint_eq(
            wrong(d, (uint64_t[]){i * 7919 % ROWS, i * 104729 % COLUMNS}, one, false),
            0);
    ck_assert_uint_eq(c.reads, 1000);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    free(c.bytes);
}
END_TEST

/* ---- while the file is being written ---- */

/* A scan of rows sees what has been written, however far ahead it may have looked. */
START_TEST(written_meanwhile)
{
    static const uint64_t one[2] = {1, COLUMNS};
    static int32_t v[COLUMNS];
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;

    make("scan.h5");
    f = written_open("scan.h5");
    ck_ok(hi5_dataset_open(f, datasets[_i].path, &d, &err), &err);
    for (uint64_t r = 0; r + 1 < 300; r++) {
        ck_ok(hi5_dataset_read_slab(d, (uint64_t[]){r, 0}, one, HI5_I32, v, &err),
              &err);
        ck_assert_int_eq(v[9], r == 0 ? cell(0, 9) : (int32_t)r);
        for (int c = 0; c < COLUMNS; c++)
            v[c] = (int32_t)r + 1;
        ck_ok(hi5_dataset_write_slab(d, (uint64_t[]){r + 1, 0}, one, HI5_I32, v, &err),
              &err);
    }
    hi5_dataset_close(d);
    ck_ok(hi5_close(f, &err), &err);
}
END_TEST

Suite *
suite_scan(void)
{
    Suite *const s = suite_create("scan");
    TCase *const t = tcase_create("scan");

    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, every_pattern, 0, 3);
    tcase_add_loop_test(t, callers, 0, DATASETS);
    tcase_add_test(t, few_requests);
    tcase_add_loop_test(t, written_meanwhile, 0, DATASETS);
    suite_add_tcase(s, t);
    return s;
}
