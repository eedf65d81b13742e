/*
 * test_grow.c - datasets that hi5 makes longer and shorter, as libhdf5 finds them
 */
#include "writepit.h"
#include <stdlib.h>
#include <string.h>

#define UNL HI5_UNLIMITED

/* Kinds of index: version 1, extensible, version 2; fixed. */
#define GROW_KINDS 4
static const int grow_target[GROW_KINDS] = {WP_V18, WP_V110, WP_V110, WP_V110};
static const uint64_t grow_max[GROW_KINDS][2] = {
    {UNL, 2}, {UNL, 2}, {UNL, UNL}, {100, 2}};

static hi5_dataset *
grow_open(hi5_file *f, const char *path)
{
    hi5_dataset *d = NULL;

    ck_ok(hi5_dataset_open(f, path, &d, &wp_err), &wp_err);
    return d;
}

/* GROW-01, GROW-08, GROW-12: append, close, open, append, at every place in a chunk, with
 * and without filters; FILT-27: nothing lossy there */
START_TEST(append_again)
{
    const int kind = _i % GROW_KINDS;
    const uint64_t first = (uint64_t)(_i / GROW_KINDS) % 10;
    const bool filtered = _i / GROW_KINDS >= 10;
    int wanted[80];
    uint64_t n = 0;
    hid_t h;
    hi5_file *f = wp_create(grow_target[kind], NULL);

    for (int i = 0; i < 80; i++)
        wanted[i] = i + 1;
    hi5_dataset_close(
        wp_dataset(f, "d", HI5_I32, 2, WP_DIMS(0, 2),
                   WP_OPTIONS(.chunk = WP_DIMS(4, 2), .max = grow_max[kind],
                              .shuffle = filtered, .deflate = filtered ? 1 : 0)));
    for (unsigned step = 0; step < 4; step++) {
        const uint64_t more = step == 0 ? first : 1 + (first + step) % 9;
        hi5_dataset *const d = grow_open(f, "d");
        ck_ok(hi5_dataset_append(d, more, HI5_I32, &wanted[2 * n], &wp_err), &wp_err);
        hi5_dataset_close(d);
        wp_close(f);
        n += more;
        f = wp_reopen();
    }
    h = wp_read(f);
    wp_ints(h, "d", (size_t)(2 * n), wanted);
    wp_end(h);
}
END_TEST

/* GROW-02, GROW-03: shrunk and grown again, what was cut off is fill, in each dimension,
 * and its chunks are gone; also when libhdf5 does the growing */
START_TEST(shrink_and_grow)
{
    const int kind = _i % GROW_KINDS, fill = 77;
    const bool filtered = (_i / GROW_KINDS) % 2 != 0, both = _i / (2 * GROW_KINDS) != 0;
    const uint64_t max[2] = {grow_max[kind][0], kind == 2 ? UNL : 9};
    hi5_file *f = wp_create(grow_target[kind], NULL);
    const uint64_t small[2] = {both ? 5 : 10, 5}, chunk[2] = {4, 4};
    int wanted[90];
    hi5_dataset *d = wp_dataset(f, "d", HI5_I32, 2, WP_DIMS(10, 9),
                                WP_OPTIONS(.chunk = chunk, .max = max, .fill = &fill,
                                           .deflate = filtered ? 1 : 0));
    hid_t h, x;

    for (int i = 0; i < 90; i++)
        wanted[i] = i;
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, wanted, &wp_err), &wp_err);
    ck_ok(hi5_dataset_resize(d, small, &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_change(f);
    for (size_t i = 0; i < 90; i++)
        if (i / 9 >= small[0] || i % 9 >= small[1])
            wanted[i] = fill;
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert_uint_eq(wp_chunks(x), both ? 4 : 6);
    ck_assert(H5Dset_extent(x, (hsize_t[]){10, 9}) >= 0);
    H5Dclose(x);
    wp_ints(h, "d", 90, wanted);
    wp_end(h);
    f = wp_reopen();
    d = grow_open(f, "d");
    ck_ok(hi5_dataset_resize(d, WP_DIMS(3, 9), &wp_err), &wp_err);
    ck_ok(hi5_dataset_resize(d, WP_DIMS(10, 9), &wp_err), &wp_err);
    hi5_dataset_close(d);
    for (size_t i = 27; i < 90; i++)
        wanted[i] = fill;
    h = wp_read(f);
    wp_ints(h, "d", 90, wanted);
    wp_end(h);
}
END_TEST

/* GROW-04: a new extent alone is kept; GROW-11: read, append, read with one handle */
START_TEST(extent_alone)
{
    hi5_file *f = wp_create(_i, NULL);
    const uint64_t max = UNL, chunk = 4, n = 23;
    int got[23] = {1}, wanted[23] = {0};
    const int row = 6;
    hi5_dataset *d;
    hid_t h;

    hi5_dataset_close(wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(2),
                                 WP_OPTIONS(.chunk = &chunk, .max = &max)));
    wp_close(f);
    f = wp_reopen();
    d = grow_open(f, "d");
    ck_ok(hi5_dataset_resize(d, WP_DIMS(n - 1), &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", n - 1, wanted);
    wp_end(h);
    f = wp_reopen();
    d = grow_open(f, "d");
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, got, &wp_err), &wp_err);
    ck_ok(hi5_dataset_append(d, 1, HI5_I32, &row, &wp_err), &wp_err);
    wanted[n - 1] = row;
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, got, &wp_err), &wp_err);
    ck_assert_mem_eq(got, wanted, sizeof got);
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", n, wanted);
    wp_end(h);
}
END_TEST

/* GROW-05, GROW-06, SPACE-02: the maximum is kept, and kept to */
START_TEST(maximum)
{
    hi5_file *const f = wp_create(_i, NULL);
    const uint64_t max = 100, chunk = 8;
    hi5_dataset *d = wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(10),
                                WP_OPTIONS(.chunk = &chunk, .max = &max));
    hsize_t dims, most;
    int wanted[100] = {0};
    hid_t h, x, s;

    ck_status(hi5_dataset_resize(d, WP_DIMS(101), &wp_err), HI5_E_RANGE);
    hi5_dataset_close(d);
    d = wp_dataset(f, "fixed", HI5_I32, 1, WP_DIMS(10), WP_OPTIONS(.chunk = &chunk));
    ck_assert_int_ne(hi5_dataset_resize(d, WP_DIMS(11), &wp_err), HI5_OK);
    hi5_dataset_close(d);
    d = wp_dataset(f, "flat", HI5_I32, 1, WP_DIMS(10), NULL);
    ck_assert_int_ne(hi5_dataset_resize(d, WP_DIMS(9), &wp_err), HI5_OK);
    hi5_dataset_close(d);
    h = wp_change(f);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    s = H5Dget_space(x);
    H5Sget_simple_extent_dims(s, &dims, &most);
    ck_assert_uint_eq(dims, 10);
    ck_assert_uint_eq(most, 100);
    H5Sclose(s);
    dims = 100;
    ck_assert(H5Dset_extent(x, &dims) >= 0);
    H5Dclose(x);
    wp_ints(h, "d", 100, wanted);
    x = H5Dopen2(h, "fixed", H5P_DEFAULT);
    s = H5Dget_space(x);
    H5Sget_simple_extent_dims(s, &dims, &most);
    ck_assert_uint_eq(most, 10);
    H5Sclose(s);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* GROW-07, GROW-14, GROW-16: appended rows are changed, extended and appended to before
 * anything is committed; the extent is exact */
START_TEST(before_any_flush)
{
    hi5_file *const f = wp_create(_i % WP_TARGETS, NULL);
    const uint64_t max = UNL, chunk = 4;
    const int rows[7] = {1, 2, 3, 4, 5, 6, 7}, fill = 9, edit[2] = {50, 60};
    const int wanted[17] = {1, 2, 3, 4, 50, 60, 7, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7};
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(0),
                   WP_OPTIONS(.chunk = &chunk, .max = &max, .fill = &fill,
                              .deflate = _i < WP_TARGETS ? 0 : 4));
    hid_t h, x;

    for (uint64_t i = 0; i < 7; i++)
        ck_ok(hi5_dataset_append(d, 1, HI5_I32, &rows[i], &wp_err), &wp_err);
    ck_ok(hi5_dataset_write_slab(d, WP_DIMS(4), WP_DIMS(2), HI5_I32, edit, &wp_err),
          &wp_err);
    ck_ok(hi5_dataset_resize(d, WP_DIMS(10), &wp_err), &wp_err);
    ck_ok(hi5_dataset_append(d, 7, HI5_I32, rows, &wp_err), &wp_err);
    wp_put(hi5_dataset_object(d), "a", 5);
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", 17, wanted);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert_int_eq(wp_get(x, "a"), 5);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* GROW-13, FREE-04: chunks rewritten with more and with fewer bytes, again and again */
START_TEST(up_and_down)
{
    hi5_file *f = wp_create(_i % WP_TARGETS, NULL);
    const uint64_t chunk = 1000;
    static int wanted[4000];
    unsigned state = 1;
    hid_t h;

    hi5_dataset_close(wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(4000),
                                 WP_OPTIONS(.chunk = &chunk, .deflate = 6)));
    for (unsigned step = 0; step < 12; step++) {
        hi5_dataset *const d = grow_open(f, "d");
        for (unsigned i = 0; i < 4000; i++) {
            state = state * 1664525u + 1013904223u;
            wanted[i] = (step + i / 1000) % 2 == 0 ? (int)step : (int)(state >> 2);
        }
        ck_ok(hi5_dataset_write(d, NULL, HI5_I32, wanted, &wp_err), &wp_err);
        hi5_dataset_close(d);
        if (_i < WP_TARGETS) {
            wp_close(f);
            f = wp_reopen();
        } else {
            ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
        }
    }
    h = wp_read(f);
    wp_ints(h, "d", 4000, wanted);
    wp_end(h);
}
END_TEST

/* GROW-15: no elements yet, and no chunks named */
START_TEST(from_nothing)
{
    static const uint64_t dims[3][2] = {{0, 5}, {5, 0}, {0, 0}}, max[2] = {UNL, UNL};
    hi5_file *const f = wp_create(_i % WP_TARGETS, NULL);
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_I32, 2, dims[_i / WP_TARGETS], WP_OPTIONS(.max = max));
    const int rows[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    hi5_layout l;
    hid_t h;

    hi5_dataset_get_layout(d, &l);
    ck_assert_int_eq(l.kind, HI5_CHUNKED);
    ck_ok(hi5_dataset_resize(d, WP_DIMS(2, 5), &wp_err), &wp_err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, rows, &wp_err), &wp_err);
    hi5_dataset_close(d);
    hi5_dataset_close(wp_dataset(f, "flat", HI5_I32, 2, dims[_i / WP_TARGETS], NULL));
    h = wp_read(f);
    wp_ints(h, "d", 10, rows);
    wp_ints(h, "flat", 0, rows);
    wp_end(h);
}
END_TEST

/* FILT-02: edges that libhdf5 was told not to filter become whole, and new ones come */
START_TEST(unfiltered_edges)
{
    const hid_t h = wp_foreign(WP_V110, wp_path()), p = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t dims = 10, max = H5S_UNLIMITED, chunk = 4;
    const hid_t s = H5Screate_simple(1, &dims, &max);
    int wanted[30];
    hi5_file *f;
    hi5_dataset *d;
    hid_t x;

    for (int i = 0; i < 30; i++)
        wanted[i] = 3 * i + 1;
    H5Pset_chunk(p, 1, &chunk);
    H5Pset_chunk_opts(p, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
    H5Pset_shuffle(p);
    H5Pset_deflate(p, 3);
    H5Pset_fletcher32(p);
    x = H5Dcreate2(h, "d", H5T_NATIVE_INT, s, H5P_DEFAULT, p, H5P_DEFAULT);
    ck_assert(H5Dwrite(x, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, wanted) >= 0);
    H5Dclose(x);
    H5Sclose(s);
    H5Pclose(p);
    wp_end(h);
    f = wp_reopen();
    d = grow_open(f, "d");
    if (_i == 0) {
        ck_ok(hi5_dataset_append(d, 20, HI5_I32, &wanted[10], &wp_err), &wp_err);
    } else {
        for (int i = 10; i < 30; i++)
            ck_ok(hi5_dataset_append(d, 1, HI5_I32, &wanted[i], &wp_err), &wp_err);
        ck_ok(hi5_dataset_resize(d, WP_DIMS(17), &wp_err), &wp_err);
        ck_ok(hi5_dataset_append(d, 13, HI5_I32, &wanted[17], &wp_err), &wp_err);
    }
    hi5_dataset_close(d);
    x = wp_read(f);
    wp_ints(x, "d", 30, wanted);
    wp_end(x);
}
END_TEST

Suite *suite_grow(void);

Suite *
suite_grow(void)
{
    Suite *const s = suite_create("writepit grow");
    TCase *const c = tcase_create("grow");

    tcase_add_loop_test(c, append_again, 0, GROW_KINDS * 20);
    tcase_add_loop_test(c, shrink_and_grow, 0, GROW_KINDS * 4);
    WP_EACH(c, extent_alone);
    WP_EACH(c, maximum);
    tcase_add_loop_test(c, before_any_flush, 0, 2 * WP_TARGETS);
    tcase_add_loop_test(c, up_and_down, 0, 2 * WP_TARGETS);
    tcase_add_loop_test(c, from_nothing, 0, 3 * WP_TARGETS);
    tcase_add_loop_test(c, unfiltered_edges, 0, 2);
    wp_case(s, c);
    return s;
}
