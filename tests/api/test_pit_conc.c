/*
 * test_pit_conc.c - pitfalls of many threads, many handles, and what they share:
 * CONC-xx of docs/pitfalls.md
 */
#define _DEFAULT_SOURCE 1
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "everything.h"
#include "patch.h"
#include "support.h"

Suite *suite_pit_conc(void);

enum { THREADS = 8, MANY = 32, MOST = 2500 };

static void
run_threads(unsigned n, void *(*work)(void *), void *args, size_t each)
{
    pthread_t t[MANY];

    for (unsigned i = 0; i < n; i++)
        ck_assert_int_eq(pthread_create(&t[i], NULL, work, (char *)args + i * each), 0);
    for (unsigned i = 0; i < n; i++)
        ck_assert_int_eq(pthread_join(t[i], NULL), 0);
}

/* ---- one dataset ---- */

struct element_reader {
    hi5_dataset *d;
    const int32_t *due;
    unsigned number, failures;
};

/* Every element by itself, each thread in an order of its own; then as points. */
static void *
read_elements(void *arg)
{
    static const uint64_t one[2] = {1, 1};
    struct element_reader *const r = arg;
    const hi5_shape *const s = hi5_dataset_shape(r->d);
    const uint64_t n = hi5_shape_count(s), row = s->dims[s->rank - 1];
    uint64_t *const at = malloc((size_t)n * s->rank * sizeof(*at));
    int32_t *const v = malloc((size_t)n * sizeof(*v));
    hi5_error err;

    for (uint64_t i = 0; i < n; i++) {
        const uint64_t k = (i * 1009 + r->number * 313) % n; /* 1009: a prime */

        at[i * s->rank] = s->rank == 1 ? k : k / row;
        at[i * s->rank + s->rank - 1] = k % row;
        r->failures += hi5_dataset_read_slab(r->d, at + i * s->rank, one, HI5_I32, &v[i],
                                             &err) != HI5_OK;
        r->failures += v[i] != r->due[k];
    }
    memset(v, 0xa5, (size_t)n * sizeof(*v));
    r->failures +=
        hi5_dataset_read_points(r->d, (size_t)n, at, HI5_I32, v, &err) != HI5_OK;
    for (uint64_t i = 0; i < n; i++)
        r->failures += v[i] != r->due[(i * 1009 + r->number * 313) % n];
    free(v);
    free(at);
    return NULL;
}

/* CONC-03, CONC-04: file position, index and decoded chunks are shared. */
START_TEST(one_dataset)
{
    static const char *const paths[] = {
        "b-tree, deep", "fixed array, paged", "fixed array, paged, filtered",
        "extensible array, many", "b-tree, filtered", "contiguous",
        "fixed array, sparse", "raw edges",
    };
    const hi5_open_options o = {.size = sizeof(o), .chunk_cache = _i & 1 ? 100 : 0};
    struct element_reader r[THREADS];
    int32_t due[MOST];
    hi5_dataset *d;
    hi5_error err;
    hi5_file *f;

    ck_ok(hi5_open(fixture(_i & 2 ? "good/layouts-old.h5" : "good/layouts-new.h5"), &o,
                   &f, &err), &err);
    ck_ok(hi5_dataset_open(f, paths[_i / 4], &d, &err), &err);
    ck_assert_uint_le(hi5_shape_count(hi5_dataset_shape(d)), MOST);
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, due, &err), &err);
    hi5_dataset_close(d);
    ck_ok(hi5_dataset_open(f, paths[_i / 4], &d, &err), &err);
    for (unsigned i = 0; i < THREADS; i++)
        r[i] = (struct element_reader){d, due, i, 0};
    run_threads(THREADS, read_elements, r, sizeof(*r));
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_uint_eq(r[i].failures, 0);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

/* ---- files and objects that come and go ---- */

struct visitor {
    hi5_file *f; /* NULL: one of its own each time */
    unsigned failures;
    char path[256];
};

static void
visit(struct visitor *v, hi5_file *f)
{
    hi5_attribute *a;
    hi5_object *o;
    char **text;
    size_t n;
    hi5_error err;

    if (hi5_object_open(f, "dataset", &o, &err) != HI5_OK) {
        v->failures++;
        return;
    }
    if (hi5_attribute_open(o, "variable", &a, &err) != HI5_OK) {
        v->failures++;
        hi5_object_close(o);
        return;
    }
    hi5_object_close(o); /* the attribute keeps what it needs */
    if (hi5_attribute_read_strings(a, &text, &n, &err) != HI5_OK || n != 1)
        v->failures++;
    else
        hi5_free(f, text);
    if (v->f == NULL)
        hi5_close(f, NULL);
    hi5_attribute_close(a);
}

static void *
come_and_go(void *arg)
{
    struct visitor *const v = arg;
    hi5_error err;
    hi5_file *f;

    for (unsigned i = 0; i < 20; i++) {
        if (v->f != NULL) {
            visit(v, v->f);
        } else if (hi5_open(v->path, NULL, &f, &err) == HI5_OK) {
            visit(v, f);
        } else {
            v->failures++;
        }
    }
    return NULL;
}

/* CONC-02, CONC-08 */
START_TEST(handles)
{
    hi5_file *const shared = open_fixture("good/attrs-new.h5");
    struct visitor v[MANY];

    for (unsigned i = 0; i < MANY; i++) {
        v[i] = (struct visitor){i % 2 ? shared : NULL, 0, ""};
        snprintf(v[i].path, sizeof(v[i].path), "%s",
                 fixture(i % 4 ? "good/attrs-new.h5" : "good/attrs-old.h5"));
    }
    run_threads(MANY, come_and_go, v, sizeof(*v));
    for (unsigned i = 0; i < MANY; i++)
        ck_assert_uint_eq(v[i].failures, 0);
    hi5_close(shared, NULL);
}
END_TEST

/* CONC-16: two handles on one file, also by another name, know nothing of each other. */
START_TEST(opened_twice)
{
    char link_name[] = "/tmp/hi5-conc-XXXXXX";
    char here[4096];
    hi5_file *f[2];
    struct everything e[3];
    hi5_error err;

    ck_assert_ptr_nonnull(realpath(fixture("good/demo.h5"), here));
    ck_assert_ptr_nonnull(mkdtemp(link_name));
    ck_assert_int_eq(rmdir(link_name), 0);
    ck_assert_int_eq(symlink(here, link_name), 0);
    ck_ok(hi5_open(here, NULL, &f[0], &err), &err);
    ck_ok(hi5_open(link_name, NULL, &f[1], &err), &err);
    read_everything(f[0], &e[0]);
    read_everything(f[1], &e[1]);
    hi5_close(f[0], NULL);
    read_everything(f[1], &e[2]);
    hi5_close(f[1], NULL);
    ck_assert_int_eq(unlink(link_name), 0);
    ck_assert_uint_gt(e[0].objects, 3);
    ck_assert_uint_eq(e[0].failures + e[1].failures + e[2].failures, 0);
    ck_assert_uint_eq(e[0].sum, e[1].sum);
    ck_assert_uint_eq(e[0].sum, e[2].sum);
}
END_TEST

/* CONC-10: who reads asks for no lock, and does not mind those of others. */
START_TEST(locked)
{
    const int fd = open(fixture("good/demo.h5"), O_RDONLY);
    hi5_file *f;
    hi5_error err;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
    ck_ok(hi5_open(fixture("good/demo.h5"), NULL, &f, &err), &err);
    ck_assert_int_eq(flock(fd, LOCK_UN), 0);
    ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0); /* nobody has one */
    close(fd);
    hi5_close(f, NULL);
}
END_TEST

/* ---- one read by several threads ---- */

struct chunk_list {
    unsigned n;
    hi5_chunk chunk[MOST];
};

static hi5_status
list_chunk(void *ctx, const hi5_chunk *c, hi5_error *err)
{
    struct chunk_list *const l = ctx;

    (void)err;
    ck_assert_uint_lt(l->n, MOST);
    l->chunk[l->n++] = *c;
    return HI5_OK;
}

/* CONC-06: one bad chunk in a grid of 1500, the first, the last, or one between, fails
 * the read and is named. */
START_TEST(one_bad_chunk)
{
    static const char *const path = "fixed array, paged, filtered";
    static const unsigned threads[] = {1, 2, 4};
    static struct chunk_list list;
    const hi5_open_options o = {.size = sizeof(o), .threads = threads[_i / 3]};
    struct patch p = patch_load("good/layouts-new.h5");
    uint64_t all[1500];
    int32_t v[1500];
    hi5_dataset *d;
    hi5_chunk c;
    hi5_error err;
    hi5_file *f = patch_open(&p);

    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    ck_ok(hi5_dataset_each_chunk(d, list_chunk, &list, &err), &err);
    ck_assert_uint_gt(list.n, 2);
    c = list.chunk[_i % 3 == 0 ? 0 : _i % 3 == 1 ? list.n / 2 : list.n - 1];
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    memset(p.b + c.address, 0xff, c.size);

    ck_ok(hi5_open_memory(p.b, p.n, &o, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    ck_status(hi5_dataset_read(d, NULL, HI5_I32, v, &err), HI5_E_FILTER);
    ck_assert_uint_eq(err.address, c.address);
    for (uint64_t i = 0; i < 1500; i++)
        all[i] = (i * 7 + 5) % 1500;
    ck_status(hi5_dataset_read_points(d, 1500, all, HI5_I32, v, &err), HI5_E_FILTER);
    ck_assert_uint_eq(err.address, c.address);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* ---- calls out of calls ---- */

struct again {
    hi5_file *f;
    hi5_dataset *d;
    unsigned calls;
};

static hi5_status
read_from_chunk(void *ctx, const hi5_chunk *c, hi5_error *err)
{
    struct again *const a = ctx;
    int64_t v[70];

    (void)c;
    a->calls++;
    return hi5_dataset_read(a->d, NULL, HI5_I64, v, err);
}

static hi5_status
open_from_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct again *const a = ctx;
    hi5_object *o;
    hi5_status s;

    a->calls++;
    s = hi5_object_open(a->f, link->name, &o, err);
    if (s == HI5_OK)
        hi5_object_close(o);
    return s;
}

/* A filter that reads another dataset of its file before it copies. */
static hi5_status
decode_and_read(void *ctx, const hi5_filter *filter, const void *src, size_t n, void *dst,
                size_t cap, size_t *out, hi5_error *err)
{
    struct again *const a = ctx;
    int64_t v[70];
    hi5_dataset *d;
    hi5_status s;

    (void)filter;
    a->calls++;
    s = hi5_dataset_open(a->f, "contiguous", &d, err);
    if (s != HI5_OK)
        return s;
    s = hi5_dataset_read(d, NULL, HI5_I64, v, err);
    hi5_dataset_close(d);
    memset(dst, 0, cap);
    memcpy(dst, src, n < cap ? n : cap);
    *out = cap;
    return s;
}

/* CONC-07: what the library calls may call the library. */
START_TEST(calls_back)
{
    struct again a = {0};
    const hi5_filter_plugin own = {.id = 1, .name = "deflate", .decode = decode_and_read,
                                  .ctx = &a};
    const hi5_open_options o = {.size = sizeof(o), .filters = &own, .nfilters = 1};
    int64_t v[70];
    hi5_group *g;
    hi5_error err;

    a.f = open_fixture("good/layouts-new.h5");
    ck_ok(hi5_dataset_open(a.f, "b-tree, filtered", &a.d, &err), &err);
    ck_ok(hi5_dataset_each_chunk(a.d, read_from_chunk, &a, &err), &err);
    ck_assert_uint_eq(a.calls, 9);
    hi5_dataset_close(a.d);
    ck_ok(hi5_group_open(a.f, "/", &g, &err), &err);
    ck_ok(hi5_group_each(g, HI5_NATIVE, false, open_from_link, &a, &err), &err);
    ck_assert_uint_gt(a.calls, 40);
    hi5_group_close(g);
    hi5_close(a.f, NULL);

    a.calls = 0;
    ck_ok(hi5_open(fixture("good/layouts-new.h5"), &o, &a.f, &err), &err);
    ck_ok(read_numbers(a.f, "b-tree, filtered", v, &err), &err);
    ck_assert_uint_eq(a.calls, 9);
    hi5_close(a.f, NULL);
}
END_TEST

/* ---- the cache of decoded chunks ---- */

struct decoder {
    unsigned calls;
};

static hi5_status
count_and_copy(void *ctx, const hi5_filter *filter, const void *src, size_t n, void *dst,
               size_t cap, size_t *out, hi5_error *err)
{
    struct decoder *const c = ctx;

    (void)filter;
    (void)err;
    c->calls++;
    memset(dst, 0, cap);
    memcpy(dst, src, n < cap ? n : cap);
    *out = cap;
    return HI5_OK;
}

/* CONC-15, CONC-17: chunks of 4 x 3 of two bytes, three in a row. Nine of them are decoded
 * once where there is room for all; where there is room for two, when a row of elements
 * comes to the next one; each time where there is room for none. */
START_TEST(cache_sizes)
{
    static const uint64_t sizes[] = {0, 1, 9 * 24, UINT64_MAX, 2 * 24};
    static const unsigned once[] = {9, 70, 9, 9, 30};
    static const unsigned twice[] = {9, 140, 9, 9, 60};
    struct decoder c = {0};
    const hi5_filter_plugin own = {.id = 1, .name = "deflate", .decode = count_and_copy,
                                  .ctx = &c};
    const hi5_open_options o = {.size = sizeof(o), .filters = &own, .nfilters = 1,
                                .chunk_cache = sizes[_i]};
    hi5_dataset *d;
    hi5_error err;
    hi5_file *f;

    ck_ok(hi5_open(fixture("good/layouts-new.h5"), &o, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, "b-tree, filtered", &d, &err), &err);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint64_t i = 0; i < 70; i++) {
            const uint64_t at[2] = {i / 7, i % 7}, one[2] = {1, 1};
            int32_t v;

            ck_ok(hi5_dataset_read_slab(d, at, one, HI5_I32, &v, &err), &err);
        }
        ck_assert_uint_eq(c.calls, pass == 0 ? once[_i] : twice[_i]);
    }
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

Suite *
suite_pit_conc(void)
{
    Suite *const suite = suite_create("pit_conc");
    TCase *const tc = tcase_create("pit_conc");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, one_dataset, 0, 8 * 4);
    tcase_add_test(tc, handles);
    tcase_add_test(tc, opened_twice);
    tcase_add_test(tc, locked);
    tcase_add_loop_test(tc, one_bad_chunk, 0, 3 * 3);
    tcase_add_test(tc, calls_back);
    tcase_add_loop_test(tc, cache_sizes, 0, 5);
    suite_add_tcase(suite, tc);
    return suite;
}
