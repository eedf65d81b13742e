/*
 * test_threads.c - many threads read through one file and through one dataset at once
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "everything.h"
#include "patch.h"
#include "support.h"

Suite *suite_threads(void);

enum { THREADS = 8, ROUNDS = 40 };

static const char *const names[] = {
    "good/layouts-new.h5", "good/layouts-old.h5",     "good/types-new.h5",
    "good/filters-old.h5", "good/groups-new-deep.h5", "good/vds.h5",
};

struct reader {
    hi5_file *f;
    hi5_dataset *d;
    uint64_t due, failures;
    unsigned seed;
};

static void *
read_file(void *arg)
{
    struct reader *const r = arg;
    struct everything e;

    for (int i = 0; i < 3; i++) {
        read_everything(r->f, &e);
        r->failures += e.sum != r->due;
    }
    return NULL;
}

START_TEST(one_file)
{
    hi5_file *const alone = open_fixture(names[_i]), *const f = open_fixture(names[_i]);
    struct everything e;
    struct reader r[THREADS] = {{0}};
    pthread_t t[THREADS];

    read_everything(alone, &e);
    hi5_close(alone, NULL);
    ck_assert_uint_gt(e.objects, 1);
    for (int i = 0; i < THREADS; i++) {
        r[i] = (struct reader){.f = f, .due = e.sum};
        ck_assert_int_eq(pthread_create(&t[i], NULL, read_file, &r[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(t[i], NULL), 0);
        ck_assert_uint_eq(r[i].failures, 0);
    }
    hi5_close(f, NULL);
}
END_TEST

static void *
read_boxes(void *arg)
{
    struct reader *const r = arg;

    for (int i = 0; i < ROUNDS; i++) {
        const uint64_t start[2] = {(r->seed + (unsigned)i) % 8, (unsigned)i % 5};
        const uint64_t count[2] = {2, 2};
        hi5_error err;
        int32_t v[4];

        if (hi5_dataset_read_slab(r->d, start, count, HI5_I32, v, &err)) {
            r->failures++;
            continue;
        }
        for (uint64_t k = 0; k < 4; k++)
            r->failures += v[k] != (int32_t)((start[0] + k / 2) * 7 + start[1] + k % 2);
    }
    return NULL;
}

START_TEST(one_dataset)
{
    static const char *const paths[] = {"fixed array, filtered", "b-tree, filtered",
                                        "extensible array, 1st", "contiguous"};
    hi5_file *const f = open_fixture("good/layouts-new.h5");
    struct reader r[THREADS];
    pthread_t t[THREADS];
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, paths[_i], &d, &err), &err);
    for (unsigned i = 0; i < THREADS; i++) {
        r[i] = (struct reader){.d = d, .seed = i};
        ck_assert_int_eq(pthread_create(&t[i], NULL, read_boxes, &r[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(t[i], NULL), 0);
        ck_assert_uint_eq(r[i].failures, 0);
    }
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

/* ---- names looked up by all at once ---- */

struct seeker {
    hi5_file *f;
    uint64_t failures;
    int seed;
};

static hi5_status
open_again(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct seeker *const k = ctx;
    hi5_object_info info;
    hi5_object *o;

    if (hi5_object_open(k->f, link->name, &o, err)) {
        k->failures++;
        return HI5_OK;
    }
    k->failures += hi5_object_get_info(o, &info, err) != HI5_OK ||
                   info.address != link->address;
    hi5_object_close(o);
    k->failures += hi5_object_open(k->f, "/none", &o, err) != HI5_E_NOTFOUND;
    return HI5_OK;
}

static void *
seek(void *arg)
{
    struct seeker *const k = arg;
    hi5_group *g;
    hi5_error err;

    for (int i = 0; i < 10; i++) {
        if (hi5_group_open(k->f, "/", &g, &err)) {
            k->failures++;
            return NULL;
        }
        k->failures += hi5_group_each(g, i % 2 ? HI5_BY_NAME : HI5_NATIVE, k->seed % 2,
                                      open_again, k, &err) != HI5_OK;
        hi5_group_close(g);
    }
    return NULL;
}

START_TEST(names_of_one_group)
{
    hi5_file *const f = open_fixture(_i ? "good/types-new.h5" : "good/types-old.h5");
    struct seeker k[THREADS];
    pthread_t t[THREADS];

    for (int i = 0; i < THREADS; i++) {
        k[i] = (struct seeker){f, 0, i};
        ck_assert_int_eq(pthread_create(&t[i], NULL, seek, &k[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(t[i], NULL), 0);
        ck_assert_uint_eq(k[i].failures, 0);
    }
    hi5_close(f, NULL);
}
END_TEST

/* ---- one read by several threads ---- */

enum { ROWS = 1501, COLUMNS = 1003, ROW_0 = 4096 };

static int32_t
cell(uint64_t r, uint64_t c)
{
    return (int32_t)(r * COLUMNS + c) * 3 - 1000;
}

/* A contiguous dataset of 6 MB, from a small one: other dimensions, and other data behind
 * what there was. */
static struct patch
large_file(void)
{
    enum { SPACE = 1, LAYOUT = 8, BYTES = ROWS * COLUMNS * 4 };
    struct patch p = patch_load("good/layouts-new.h5");
    const hi5_message space = patch_message(&p, "contiguous", SPACE);
    const hi5_message layout = patch_message(&p, "contiguous", LAYOUT);
    const uint64_t header = patch_object(&p, "contiguous");
    const uint64_t at = (p.n + ROW_0 - 1) / ROW_0 * ROW_0;

    ck_assert_mem_eq(p.b + space.address, "\2\2", 2); /* version, rank */
    ck_assert_uint_eq(patch_get(&p, layout.address + 2, 8), 2048);
    for (unsigned i = 0; i < (p.b[space.address + 2] & 1 ? 2u : 1u); i++) {
        patch_put(&p, space.address + 4 + 16 * i, 8, ROWS);
        patch_put(&p, space.address + 12 + 16 * i, 8, COLUMNS);
    }
    patch_put(&p, layout.address + 2, 8, at);
    patch_put(&p, layout.address + 10, 8, BYTES);
    patch_fix(&p, header);
    p.b = realloc(p.b, at + BYTES);
    ck_assert_ptr_nonnull(p.b);
    p.n = at + BYTES;
    for (uint64_t i = 0; i < BYTES; i++) /* little-endian */
        p.b[at + i] = (unsigned char)((uint32_t)cell(0, i / 4) >> (8 * (i % 4)));
    patch_put(&p, 28, 8, p.n); /* superblock 2 and 3: end of file */
    patch_fix_superblock(&p);
    return p;
}

/* An executor that begins with the last, and notes how many it was asked for. */
static void
backwards(void *ctx, unsigned n, void (*work)(void *arg, unsigned i), void *arg)
{
    unsigned *const most = ctx;

    *most = n > *most ? n : *most;
    while (n-- > 0)
        work(arg, n);
}

static void
check_part(hi5_dataset *d, const char *text, const uint64_t start[2],
           const uint64_t stride[2], const uint64_t count[2])
{
    const size_t n = (size_t)(count[0] * count[1]);
    int32_t *const same = malloc(n * sizeof(*same));
    double *const other = malloc(n * sizeof(*other));
    hi5_selection *s;
    hi5_error err;

    ck_ok(hi5_selection_create(hi5_dataset_shape(d), &s, &err), &err);
    ck_ok(hi5_selection_parse(s, text, NULL, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), n);
    memset(same, 0xa5, n * sizeof(*same));
    memset(other, 0xa5, n * sizeof(*other));
    ck_ok(hi5_dataset_read(d, s, HI5_I32, same, &err), &err);
    ck_ok(hi5_dataset_read(d, s, HI5_F64, other, &err), &err);
    for (size_t i = 0; i < n; i++) {
        const int32_t due = cell(start[0] + i / count[1] * stride[0],
                                 start[1] + i % count[1] * stride[1]);
        if (same[i] != due || other[i] != due)
            ck_abort_msg("%s, %zu: %d and %g, not %d", text, i, same[i], other[i], due);
    }
    hi5_selection_free(s);
    free(same);
    free(other);
}

static void
check_parts(hi5_dataset *d)
{
    static const struct {
        const char *text;
        uint64_t start[2], stride[2], count[2];
    } all[] = {
        {":, :", {0, 0}, {1, 1}, {ROWS, COLUMNS}},
        {"1:, 5:998", {1, 5}, {1, 1}, {ROWS - 1, 993}},
        {":, ::2", {0, 0}, {1, 2}, {ROWS, 502}},
        {"3::2, :", {3, 0}, {2, 1}, {749, COLUMNS}},
        {"1::3, 1::7", {1, 1}, {3, 7}, {500, 144}},
        {":, 7", {0, 7}, {1, 1}, {ROWS, 1}},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        check_part(d, all[i].text, all[i].start, all[i].stride, all[i].count);
}

START_TEST(one_read)
{
    static const unsigned threads[] = {1, 3, 64, 5};
    struct patch p = large_file();
    unsigned most = 0;

    for (int k = 0; k < 4; k++) {
        const hi5_open_options o = {.size = sizeof o,
                                    .threads = threads[k],
                                    .run = k == 3 ? backwards : NULL,
                                    .run_ctx = &most};
        hi5_dataset *d;
        hi5_error err;
        hi5_file *f;

        ck_ok(hi5_open_memory(p.b, p.n, &o, &f, &err), &err);
        ck_ok(hi5_dataset_open(f, "contiguous", &d, &err), &err);
        check_parts(d);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
    ck_assert_uint_eq(most, 5);
    patch_free(&p);
}
END_TEST

/* The file ends in the middle of the data: every thread may find that out, one says it. */
START_TEST(one_failing_read)
{
    struct patch p = large_file();
    const hi5_open_options o = {.size = sizeof o, .threads = 3, .salvage = true};
    float *const buf = malloc(ROWS * COLUMNS * sizeof(*buf));
    hi5_dataset *d;
    hi5_error err;
    hi5_file *f;

    ck_ok(hi5_open_memory(p.b, p.n - 1000000, &o, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, "contiguous", &d, &err), &err);
    ck_status(hi5_dataset_read(d, NULL, HI5_F32, buf, &err), HI5_E_TRUNCATED);
    ck_assert_ptr_nonnull(strstr(err.path, "contiguous"));
    ck_status(hi5_dataset_read(d, NULL, HI5_I32, buf, &err), HI5_E_TRUNCATED);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    free(buf);
    patch_free(&p);
}
END_TEST

Suite *
suite_threads(void)
{
    Suite *const suite = suite_create("threads");
    TCase *const tc = tcase_create("threads"), *const shared = tcase_create("shared");

    tcase_set_timeout(tc, 120);
    tcase_set_timeout(shared, 120);
    tcase_add_loop_test(tc, one_file, 0, (int)(sizeof(names) / sizeof(*names)));
    tcase_add_loop_test(tc, one_dataset, 0, 4);
    tcase_add_loop_test(tc, names_of_one_group, 0, 2);
    suite_add_tcase(suite, tc);
    tcase_add_test(shared, one_read);
    tcase_add_test(shared, one_failing_read);
    suite_add_tcase(suite, shared);
    return suite;
}
