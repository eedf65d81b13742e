/*
 * test_write_target.c - which version of each structure goes with which target
 *
 * Expected are those that libhdf5 1.10.8, 1.14 and 2.0 write with the same bounds.
 */
#include <stdlib.h>
#include <string.h>

#include "everything.h"
#include "written.h"

Suite *suite_write_target(void);

static const uint64_t dims[] = {6, 10};

static hi5_dataset *
make(hi5_file *f, const char *name, const hi5_dataset_options *o)
{
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_create(f, name, HI5_F64, 2, dims, o, &d, &err), &err);
    return d;
}

static unsigned
layout_version(hi5_dataset *d)
{
    hi5_layout l;

    hi5_dataset_get_layout(d, &l);
    hi5_dataset_close(d);
    return l.version;
}

/* From 2.0 on datasets without chunks have the layout of 1.8, and those with filters one
 * of their own. */
START_TEST(layouts)
{
    static const struct {
        hi5_compat compat;
        unsigned plain, chunked, filtered, virt;
    } row[] = {{HI5_COMPAT_EARLIEST, 3, 3, 3, 4}, {HI5_COMPAT_V18, 3, 3, 3, 4},
               {HI5_COMPAT_V110, 4, 4, 4, 4},     {HI5_COMPAT_V112, 4, 4, 4, 4},
               {HI5_COMPAT_V114, 4, 4, 4, 4},     {HI5_COMPAT_V200, 3, 4, 5, 4},
               {HI5_COMPAT_LATEST, 3, 4, 5, 4}};
    static const uint64_t chunk[] = {2, 3}, all[] = {6, 10},
                          max[] = {HI5_UNLIMITED, HI5_UNLIMITED};
    hi5_dataset_options o[] = {{.compact = true},
                               {.chunk = chunk},
                               {.chunk = chunk, .deflate = 3},
                               {.chunk = all, .shuffle = true},
                               {.chunk = chunk, .max = max, .fletcher32 = true}};
    const hi5_mapping none = {0};
    hi5_dataset_options v = {.size = sizeof v, .mapping = &none};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        hi5_file *const f = written_create("layouts.h5", row[i].compat);
        const unsigned wanted[] = {row[i].plain, row[i].chunked, row[i].filtered,
                                   row[i].filtered, row[i].filtered};
        hi5_error err;

        ck_assert_uint_eq(layout_version(make(f, "/contiguous", NULL)), row[i].plain);
        for (size_t k = 0; k < sizeof o / sizeof *o; k++) {
            const char name[] = {'/', (char)('a' + k), '\0'};
            o[k].size = sizeof *o;
            ck_assert_uint_eq(layout_version(make(f, name, &o[k])), wanted[k]);
        }
        ck_assert_uint_eq(layout_version(make(f, "/virtual", &v)), row[i].virt);
        ck_ok(hi5_close(f, &err), &err);
    }
}
END_TEST

/* libhdf5 2.0 has chunks of 4 GiB and more. */
START_TEST(large_chunks)
{
    const uint64_t large[] = {65536, 131072};
    const hi5_dataset_options o = {.size = sizeof o, .chunk = large};
    hi5_layout l;
    hi5_dataset *d;
    hi5_file *f = written_create("large.h5", HI5_COMPAT_V114);
    hi5_error err;

    ck_assert_int_eq(hi5_dataset_create(f, "/d", HI5_U8, 2, large, &o, &d, &err),
                     HI5_E_ARG);
    ck_ok(hi5_close(f, &err), &err);
    f = written_create("large.h5", HI5_COMPAT_V200);
    ck_ok(hi5_dataset_create(f, "/d", HI5_U8, 2, large, &o, &d, &err), &err);
    hi5_dataset_get_layout(d, &l);
    ck_assert_uint_eq(l.version, 5);
    ck_assert_uint_eq(l.chunk[1], 131072);
    hi5_dataset_close(d);
    ck_ok(hi5_close(f, &err), &err);
    written_check("large.h5", NULL, 0);
}
END_TEST

/* libhdf5 1.10 does not know the selections that the 1.12 target has ("bad version number
 * for hyperslab selection"). */
START_TEST(selections)
{
    static const struct {
        hi5_compat compat;
        unsigned needs;
    } row[] = {{HI5_COMPAT_V110, 110}, {HI5_COMPAT_V112, 112}, {HI5_COMPAT_V200, 200}};
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 2, .dims = {6, 10}, .max = {6, 10}};
    const uint64_t start[] = {0, 0}, count[] = {3, 10};
    hi5_selection *rows;
    hi5_error err;

    ck_ok(hi5_selection_create(&shape, &rows, &err), &err);
    ck_ok(hi5_selection_hyperslab(rows, HI5_SELECT_SET, start, NULL, count, NULL, &err),
          &err);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        hi5_file *const f = written_create("selections.h5", row[i].compat);
        const hi5_mapping m = {.dataset = "/d", .source = rows, .virt = rows};
        const hi5_dataset_options v = {.size = sizeof v, .mapping = &m, .nmapping = 1};
        hi5_check_result r;

        hi5_dataset_close(make(f, "/d", NULL));
        hi5_dataset_close(make(f, "/v", &v));
        ck_ok(hi5_close(f, &err), &err);
        ck_ok(hi5_check(written_path("selections.h5"), NULL, NULL, NULL, NULL, &r, &err),
              &err);
        ck_assert_uint_eq(r.needs_release, row[i].needs);
    }
    hi5_selection_free(rows);
}
END_TEST

/* libhdf5 1.14 refuses the address of a dataset that has no bytes. */
START_TEST(nothing)
{
    const uint64_t none = 0;
    const hi5_dataset_options o = {.size = sizeof o, .alloc_time = HI5_ALLOC_EARLY};
    hi5_file *f = written_create("nothing.h5", HI5_COMPAT_DEFAULT);
    hi5_layout l;
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_create(f, "/d", HI5_I32, 1, &none, &o, &d, &err), &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, &none, &err), &err);
    hi5_dataset_get_layout(d, &l);
    ck_assert_uint_eq(l.address, HI5_NO_ADDRESS);
    hi5_dataset_close(d);
    ck_ok(hi5_close(f, &err), &err);
}
END_TEST

/* A committed datatype is pointed at as libhdf5 does it: version 2, type 2. */
START_TEST(committed)
{
    static const hi5_compat compat[] = {HI5_COMPAT_EARLIEST, HI5_COMPAT_V18,
                                        HI5_COMPAT_LATEST};

    for (size_t i = 0; i < 3; i++) {
        hi5_file *const f = written_create("committed.h5", compat[i]);
        hi5_message m = {.type = 0};
        unsigned char *bytes;
        hi5_object *o;
        hi5_dataset *d;
        hi5_error err;
        size_t n;

        ck_ok(hi5_type_commit(f, "/t", HI5_I32, &o, &err), &err);
        ck_ok(hi5_dataset_create(f, "/d", hi5_object_type(o), 2, dims, NULL, &d, &err),
              &err);
        for (size_t k = 0; m.type != 3; k++)
            ck_assert(hi5_object_message(hi5_dataset_object(d), k, &m));
        hi5_object_close(o);
        hi5_dataset_close(d);
        ck_ok(hi5_close(f, &err), &err);
        bytes = slurp(written_path("committed.h5"), &n);
        ck_assert_uint_lt(m.address + 2, n);
        ck_assert_uint_eq(m.flags & 2, 2);
        ck_assert_uint_eq(bytes[m.address], 2);
        ck_assert_uint_eq(bytes[m.address + 1], 2);
        free(bytes);
    }
}
END_TEST

static void
count_refusals(void *ctx, const hi5_finding *f)
{
    *(unsigned *)ctx += strcmp(f->rule, "LD-002") == 0;
}

/* In a file whose addresses have 4 bytes libhdf5 1.12 stores references with 4, which 1.10
 * finds no conversion for. */
START_TEST(narrow_references)
{
    static const struct {
        hi5_compat compat;
        unsigned release, refusals;
    } row[] = {{HI5_COMPAT_V110, 110, 0}, {HI5_COMPAT_V112, 110, 1},
               {HI5_COMPAT_V112, 112, 0}};
    hi5_type *ref;
    hi5_error err;

    ck_ok(hi5_type_reference(HI5_REF_OBJECT, &ref, &err), &err);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const hi5_open_options open = {.size = sizeof open, .compat = row[i].compat};
        const hi5_create_options o = {.size = sizeof o, .open = &open, .offset_size = 4,
                                      .length_size = 4};
        const hi5_check_options how = {.size = sizeof how, .release = row[i].release};
        unsigned refusals = 0;
        const void *bytes;
        hi5_check_result r;
        hi5_dataset *d;
        hi5_file *f;
        size_t n;

        ck_ok(hi5_create_memory(&o, &f, &err), &err);
        ck_ok(hi5_dataset_create(f, "/d", ref, 2, dims, NULL, &d, &err), &err);
        hi5_dataset_close(d);
        ck_ok(hi5_file_image(f, &bytes, &n, &err), &err);
        ck_ok(hi5_check_memory(bytes, n, NULL, &how, count_refusals, &refusals, &r, &err),
              &err);
        ck_assert_uint_eq(refusals, row[i].refusals);
        ck_ok(hi5_close(f, &err), &err);
    }
    hi5_type_free(ref);
}
END_TEST

Suite *
suite_write_target(void)
{
    Suite *s = suite_create("write_target");
    TCase *t = tcase_create("target");

    suite_add_tcase(s, t);
    tcase_add_test(t, layouts);
    tcase_add_test(t, large_chunks);
    tcase_add_test(t, selections);
    tcase_add_test(t, nothing);
    tcase_add_test(t, committed);
    tcase_add_test(t, narrow_references);
    return s;
}
