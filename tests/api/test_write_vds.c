/*
 * test_write_vds.c - virtual datasets, made: the writing side of VDS-xx of
 * docs/pitfalls.md
 *
 * What libhdf5 reads in them h5dump says, where there is one.
 */
#define _XOPEN_SOURCE 700 /* rename */

#include <stdio.h>
#include <string.h>

#include "written.h"

Suite *suite_write_vds(void);

#define U(...) ((uint64_t[]){__VA_ARGS__})

static hi5_shape
shape_of(unsigned rank, const uint64_t *dims)
{
    hi5_shape s = {.kind = HI5_SIMPLE, .rank = rank};

    for (unsigned i = 0; i < rank; i++)
        s.dims[i] = s.max[i] = dims[i];
    return s;
}

/* All of a shape. */
static hi5_selection *
all_of(unsigned rank, const uint64_t *dims)
{
    const hi5_shape shape = shape_of(rank, dims);
    hi5_selection *s;
    hi5_error err;

    ck_ok(hi5_selection_create(&shape, &s, &err), &err);
    return s;
}

static hi5_selection *
slab_of(unsigned rank, const uint64_t *dims, const uint64_t *start, const uint64_t *stride,
        const uint64_t *count, const uint64_t *block)
{
    hi5_selection *s = all_of(rank, dims);
    hi5_error err;

    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, start, stride, count, block, &err),
          &err);
    return s;
}

static void
map_free(hi5_mapping *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hi5_selection_free((hi5_selection *)(uintptr_t)m[i].source);
        hi5_selection_free((hi5_selection *)(uintptr_t)m[i].virt);
    }
}

/* A source: n numbers from `first` on. */
static void
make_source(hi5_file *f, const char *path, int first, uint64_t n, bool grows)
{
    const hi5_dataset_options o = {.size = sizeof(o), .max = U(HI5_UNLIMITED),
                                   .chunk = U(4)};
    int v[64];
    hi5_dataset *d;
    hi5_error err;

    for (int i = 0; i < 64; i++)
        v[i] = first + i;
    ck_ok(hi5_dataset_create(f, path, HI5_I32, 1, U(n), grows ? &o : NULL, &d, &err), &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, v, &err), &err);
    hi5_dataset_close(d);
}

static hi5_status
make_virtual(hi5_file *f, const char *path, unsigned rank, const uint64_t *dims,
             const uint64_t *max, const hi5_mapping *m, size_t n, hi5_error *err)
{
    const int fill = -9;
    const hi5_dataset_options o = {.size = sizeof(o), .mapping = m, .nmapping = n,
                                   .max = max, .fill = &fill, .fill_type = HI5_I32};
    hi5_dataset *d;
    const hi5_status s = hi5_dataset_create(f, path, HI5_I32, rank, dims, &o, &d, err);

    if (s == HI5_OK)
        hi5_dataset_close(d);
    return s;
}

static void
values_are(hi5_file *f, const char *path, size_t n, const int *wanted)
{
    int got[64];
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, got, &err), &err);
    hi5_dataset_close(d);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(got[i], wanted[i]);
}

/* VDS-02, VDS-09: a source in the same file is stored as ".", whatever name is given, so
 * that the file can be renamed. In every target. */
START_TEST(same_file)
{
    static const int wanted[] = {0, 2, 4, 100, 101, 102, -9};
    static const hi5_compat compat[] = {HI5_COMPAT_EARLIEST, HI5_COMPAT_V18,
                                        HI5_COMPAT_V110, HI5_COMPAT_V112, HI5_COMPAT_V200};

    hi5_error err;

    for (int i = 0; i < 5; i++) {
        hi5_file *f = written_create("same.h5", compat[i]);
        hi5_mapping m[] = {
            {".", "a", slab_of(1, U(10), U(0), U(2), U(3), NULL),
             slab_of(1, U(7), U(0), NULL, U(3), NULL)},
            {written_path("same.h5"), "/g/b", slab_of(1, U(5), U(0), NULL, U(3), NULL),
             slab_of(1, U(7), U(3), NULL, U(3), NULL)},
        };

        make_source(f, "/a", 0, 10, false);
        make_source(f, "/g/b", 100, 5, false);
        ck_ok(make_virtual(f, "/v", 1, U(7), NULL, m, 2, &err), &err);
        values_are(f, "/v", 7, wanted);
        ck_ok(hi5_close(f, &err), &err);
        map_free(m, 2);
        written_check("same.h5", "GH-005", 0);
        ck_assert_int_eq(rename(written_path("same.h5"), written_path("renamed.h5")), 0);
        f = written_open("renamed.h5");
        values_are(f, "/v", 7, wanted);
        ck_ok(hi5_close(f, &err), &err);
        if (compat[i] < HI5_COMPAT_V112) { /* what the packaged h5dump can read */
            ck_dump("renamed.h5", "-d /v", "(0): 0, 2, 4, 100, 101, 102, -9");
            ck_dump("renamed.h5", "-p -d /v", "SOURCE { FILE \".\" DATASET \"/g/b\"");
        }
    }
}
END_TEST

/* VDS-03, VDS-01: another file, by its name beside this one; what is missing is the fill
 * value. */
START_TEST(other_file)
{
    hi5_file *f = written_create("source.h5", HI5_COMPAT_DEFAULT);
    hi5_mapping m[] = {
        {"source.h5", "a", slab_of(1, U(10), U(6), NULL, U(4), NULL),
         slab_of(2, U(4, 2), U(0, 0), NULL, U(2, 2), NULL)},
        {"none.h5", "a", slab_of(1, U(10), U(6), NULL, U(4), NULL),
         slab_of(2, U(4, 2), U(2, 0), NULL, U(2, 2), NULL)},
    };
    hi5_error err;

    make_source(f, "/a", 0, 10, false);
    ck_ok(hi5_close(f, &err), &err);
    f = written_create("virtual.h5", HI5_COMPAT_V110);
    ck_ok(make_virtual(f, "/v", 2, U(4, 2), NULL, m, 2, &err), &err);
    values_are(f, "/v", 8, (int[]){6, 7, 8, 9, -9, -9, -9, -9});
    ck_ok(hi5_close(f, &err), &err);
    map_free(m, 2);
    written_check("virtual.h5", "GH-005", 0);
    ck_dump("virtual.h5", "-d /v", "(0,0): 6, 7, (1,0): 8, 9, (2,0): -9, -9,");
}
END_TEST

/* VDS-05: no mappings at all. */
START_TEST(none)
{
    hi5_file *f = written_create("none.h5", HI5_COMPAT_DEFAULT);
    const hi5_mapping m = {NULL, NULL, NULL, NULL};
    hi5_error err;

    ck_ok(make_virtual(f, "/v", 1, U(3), NULL, &m, 0, &err), &err);
    values_are(f, "/v", 3, (int[]){-9, -9, -9});
    ck_ok(hi5_close(f, &err), &err);
    written_check("none.h5", "GH-005", 0);
    ck_dump("none.h5", "-d /v", "(0): -9, -9, -9");
}
END_TEST

/* VDS-07: a mapping without an end grows with its source; one of numbered sources has as
 * many blocks as there are sources. */
START_TEST(without_end)
{
    hi5_file *f = written_create("grow.h5", HI5_COMPAT_DEFAULT);
    const uint64_t far = HI5_UNLIMITED;
    hi5_mapping every = {".", "grows", slab_of(1, U(8), U(1), U(3), U(far), U(1)),
                         slab_of(1, U(3), U(0), NULL, U(far), NULL)};
    hi5_mapping numbered = {".", "n%b", all_of(1, U(2)),
                            slab_of(1, U(4), U(0), U(3), U(far), U(2))};
    hi5_mapping touching = {NULL, "/n%b", all_of(1, U(2)),
                            slab_of(1, U(4), U(0), U(2), U(far), U(2))};
    hi5_dataset *d;
    hi5_error err;
    const int more[] = {50, 51, 52};

    make_source(f, "/grows", 0, 8, true);
    make_source(f, "/n0", 10, 2, false);
    make_source(f, "/n1", 20, 2, false);
    ck_ok(make_virtual(f, "/every", 1, U(3), U(far), &every, 1, &err), &err);
    ck_ok(make_virtual(f, "/numbered", 1, U(4), U(far), &numbered, 1, &err), &err);
    ck_ok(make_virtual(f, "/touching", 1, U(4), U(far), &touching, 1, &err), &err);
    ck_ok(hi5_dataset_open(f, "/grows", &d, &err), &err);
    ck_ok(hi5_dataset_append(d, 3, HI5_I32, more, &err), &err);
    hi5_dataset_close(d);
    make_source(f, "/n2", 30, 2, false);
    ck_ok(hi5_close(f, &err), &err);
    written_check("grow.h5", "GH-005", 0);
    f = written_open("grow.h5");
    values_are(f, "/every", 4, (int[]){1, 4, 7, 52});
    values_are(f, "/numbered", 8, (int[]){10, 11, -9, 20, 21, -9, 30, 31});
    values_are(f, "/touching", 6, (int[]){10, 11, 20, 21, 30, 31});
    ck_ok(hi5_close(f, &err), &err);
    ck_dump("grow.h5", "-d /every", "( 4 ) / ( H5S_UNLIMITED ) } DATA { (0): 1, 4, 7, 52");
    ck_dump("grow.h5", "-d /numbered", "(0): 10, 11, -9, 20, 21, -9, 30, 31");
    ck_dump("grow.h5", "-d /touching", "(0): 10, 11, 20, 21, 30, 31");
    map_free(&every, 1);
    map_free(&numbered, 1);
    map_free(&touching, 1);
}
END_TEST

/* VDS-06: what libhdf5 refuses, and nothing changes then. */
START_TEST(refused)
{
    const uint64_t far = HI5_UNLIMITED;
    hi5_file *f = written_create("refused.h5", HI5_COMPAT_DEFAULT);
    hi5_selection *points = all_of(1, U(4));
    hi5_mapping m[] = {
        /* different numbers of elements */
        {".", "a", all_of(1, U(5)), all_of(1, U(4))},
        /* another rank; another shape; outside */
        {".", "a", all_of(1, U(4)), all_of(2, U(2, 2))},
        {".", "a", all_of(1, U(5)), all_of(1, U(5))},
        {".", "a", all_of(1, U(2)), slab_of(1, U(4), U(3), NULL, U(2), NULL)},
        /* only one side without an end, and no number; a number for nothing */
        {".", "a", all_of(1, U(1)), slab_of(1, U(4), U(0), NULL, U(far), NULL)},
        {".", "a", slab_of(1, U(4), U(0), NULL, U(far), NULL), all_of(1, U(4))},
        {"%b.h5", "a", all_of(1, U(4)), all_of(1, U(4))},
        /* a source for each block, but of another size */
        {".", "a%b", all_of(1, U(3)), slab_of(1, U(4), U(0), U(4), U(far), U(2))},
        /* points; no name */
        {".", "a", all_of(1, U(2)), points},
        {".", "", all_of(1, U(4)), all_of(1, U(4))},
    };
    static const hi5_status wanted[] = {HI5_E_ARG, HI5_E_ARG, HI5_E_ARG, HI5_E_RANGE,
                                        HI5_E_ARG, HI5_E_ARG, HI5_E_ARG, HI5_E_ARG,
                                        HI5_E_UNSUPPORTED, HI5_E_ARG};
    hi5_error err;

    ck_ok(hi5_selection_points(points, HI5_SELECT_SET, 2, U(0, 3), &err), &err);
    for (int i = 0; i < 10; i++)
        ck_status(make_virtual(f, "/v", 1, U(4), U(far), &m[i], 1, &err), wanted[i]);
    m[0].dataset = "a%%b"; /* not a number */
    hi5_selection_free((hi5_selection *)(uintptr_t)m[0].source);
    m[0].source = all_of(1, U(4));
    ck_ok(make_virtual(f, "/v", 1, U(4), NULL, m, 1, &err), &err);
    ck_ok(hi5_close(f, &err), &err);
    written_check("refused.h5", "GH-005", 0);
    map_free(m, 10);
}
END_TEST

/* VDS-10, VDS-12: many mappings; a virtual dataset of a virtual one. */
START_TEST(many)
{
    enum { N = 1000 };
    static hi5_mapping m[N];
    static char name[N][16];
    hi5_file *f = written_create("many.h5", HI5_COMPAT_DEFAULT);
    hi5_mapping up = {".", "v", slab_of(1, U(N), U(2), NULL, U(3), NULL), all_of(1, U(3))};
    hi5_error err;

    for (int i = 0; i < N; i++) {
        snprintf(name[i], sizeof(name[i]), "s%d", i % 10);
        m[i] = (hi5_mapping){".", name[i],
                             slab_of(1, U(64), U((uint64_t)i % 64), NULL, U(1), NULL),
                             slab_of(1, U(N), U((uint64_t)i), NULL, U(1), NULL)};
    }
    for (int i = 0; i < 10; i++)
        make_source(f, name[i], i * 100, 64, false);
    ck_ok(make_virtual(f, "/v", 1, U(N), NULL, m, N, &err), &err);
    ck_ok(make_virtual(f, "/w", 1, U(3), NULL, &up, 1, &err), &err);
    values_are(f, "/w", 3, (int[]){202, 303, 404});
    ck_ok(hi5_close(f, &err), &err);
    written_check("many.h5", "GH-005", 0);
    ck_dump("many.h5", "-d /v -s 997 -c 3", "(997): 737, 838, 939");
    ck_dump("many.h5", "-d /w", "(0): 202, 303, 404");
    map_free(m, N);
    map_free(&up, 1);
}
END_TEST

Suite *
suite_write_vds(void)
{
    Suite *s = suite_create("write_vds");
    TCase *t = tcase_create("all");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, same_file);
    tcase_add_test(t, other_file);
    tcase_add_test(t, none);
    tcase_add_test(t, without_end);
    tcase_add_test(t, refused);
    tcase_add_test(t, many);
    suite_add_tcase(s, t);
    return s;
}
