/*
 * test_shared.c - files with a table of shared messages: made by libhdf5, changed by hi5,
 * and by libhdf5 again. The audit counts the uses of each shared message.
 */
#include "writepit.h"
#include <stdio.h>
#include <string.h>

/* Indexes: lists that become B-trees, in the old and the new format; a B-tree from the
 * start. (NOTE(lib): one index for attributes and all else has a heap that 1.10.8 does not
 * count right.) */
static hid_t
shared_foreign(int kind)
{
    const hid_t p = H5Pcreate(H5P_FILE_CREATE), a = H5Pcreate(H5P_FILE_ACCESS);
    const unsigned all =
        H5O_SHMESG_SDSPACE_FLAG | H5O_SHMESG_DTYPE_FLAG |
        (kind != 0 ? H5O_SHMESG_FILL_FLAG | H5O_SHMESG_PLINE_FLAG : 0);
    hid_t h;

    ck_assert(H5Pset_shared_mesg_nindexes(p, 2) >= 0);
    ck_assert(H5Pset_shared_mesg_index(p, 0, all, 4) >= 0);
    ck_assert(H5Pset_shared_mesg_index(p, 1, H5O_SHMESG_ATTR_FLAG, 10) >= 0);
    ck_assert(
        H5Pset_shared_mesg_phase_change(p, kind == 1 ? 0 : 4, kind == 1 ? 0 : 3) >= 0);
    ck_assert(H5Pset_libver_bounds(a, kind == 0 ? H5F_LIBVER_EARLIEST : H5F_LIBVER_V110,
                                   H5F_LIBVER_LATEST) >= 0);
    h = H5Fcreate(wp_path(), H5F_ACC_TRUNC, p, a);
    ck_assert(h >= 0);
    H5Pclose(p);
    H5Pclose(a);
    return h;
}

static const char *
shared_name(const char *what, unsigned i)
{
    static char name[2][32];
    static unsigned turn;

    turn = 1 - turn;
    snprintf(name[turn], sizeof name[turn], "%s%u", what, i);
    return name[turn];
}

/* Attributes of a few values, so that some are alike. */
static void
shared_attr(hid_t d, unsigned i, int value)
{
    const hsize_t n = 3;
    const hid_t s = H5Screate_simple(1, &n, NULL);
    const int values[] = {value, value + 1, value + 2};
    const hid_t a =
        H5Acreate2(d, shared_name("a", i), H5T_STD_I32LE, s, H5P_DEFAULT, H5P_DEFAULT);

    ck_assert(H5Awrite(a, H5T_NATIVE_INT, values) >= 0);
    H5Aclose(a);
    H5Sclose(s);
}

static void
shared_dataset(hid_t h, unsigned i)
{
    const hsize_t dims[] = {8 + i % 3, 4}, max[] = {H5S_UNLIMITED, 4}, chunk[] = {4, 4};
    const hid_t s = H5Screate_simple(2, dims, max), p = H5Pcreate(H5P_DATASET_CREATE);
    const int fill = (int)(i % 2);
    hid_t d;

    ck_assert(H5Pset_chunk(p, 2, chunk) >= 0 && H5Pset_deflate(p, 1 + i % 2) >= 0);
    ck_assert(H5Pset_fill_value(p, H5T_NATIVE_INT, &fill) >= 0);
    d = H5Dcreate2(h, shared_name("d", i), H5T_STD_I32LE, s, H5P_DEFAULT, p,
                   H5P_DEFAULT);
    ck_assert(d >= 0);
    for (unsigned k = 0; k < 3 + 4 * (i % 3); k++)
        shared_attr(d, k, (int)(i % 2));
    H5Dclose(d);
    H5Sclose(s);
    H5Pclose(p);
}

/* A file of six datasets, opened by hi5. */
static hi5_file *
shared_six(int kind)
{
    const hid_t h = shared_foreign(kind);

    for (unsigned i = 0; i < 6; i++)
        shared_dataset(h, i);
    wp_end(h);
    return wp_reopen();
}

static int
shared_first(hid_t h, unsigned i, unsigned attr)
{
    const hid_t a = H5Aopen_by_name(h, shared_name("d", i), shared_name("a", attr),
                                    H5P_DEFAULT, H5P_DEFAULT);
    int values[3];

    ck_assert(a >= 0);
    ck_assert(H5Aread(a, H5T_NATIVE_INT, values) >= 0);
    H5Aclose(a);
    return values[0];
}

static void
shared_write(hi5_object *o, const char *name, int value)
{
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 1, .dims = {3}, .max = {3}};
    const int values[] = {value, value + 1, value + 2};

    ck_ok(hi5_attribute_write(o, name, HI5_I32, &shape, HI5_I32, values, &wp_err),
          &wp_err);
}

/* REF-15: attributes replaced, deleted, renamed, many at once; extents changed; objects
 * made and deleted: each count is right afterwards, and all values are there. */
START_TEST(changed)
{
    const uint64_t chunk[] = {4, 4}, max[] = {HI5_UNLIMITED, 4};
    const int fill = 1;
    hi5_file *f = shared_six(_i);
    hi5_object *o;
    hi5_dataset *d;
    hid_t h;

    for (unsigned i = 0; i < 6; i++) {
        ck_ok(hi5_object_open(f, shared_name("d", i), &o, &wp_err), &wp_err);
        shared_write(o, "a0", 100 + (int)i);
        ck_ok(hi5_attribute_delete(o, "a1", &wp_err), &wp_err);
        ck_ok(hi5_attribute_rename(o, "a2", "other", &wp_err), &wp_err);
        for (unsigned k = 0; k < 9 && i == 1; k++)
            shared_write(o, shared_name("x", k), (int)k);
        for (unsigned k = 3; k < 9 && i == 2; k++)
            ck_ok(hi5_attribute_delete(o, shared_name("a", k), &wp_err), &wp_err);
        hi5_object_close(o);
        ck_ok(hi5_dataset_open(f, shared_name("d", i), &d, &wp_err), &wp_err);
        ck_ok(hi5_dataset_resize(d, WP_DIMS(i + 1, 4), &wp_err), &wp_err);
        hi5_dataset_close(d);
        wp_close(f);
        f = wp_reopen();
    }
    for (unsigned i = 6; i < 9; i++)
        hi5_dataset_close(wp_dataset(
            f, shared_name("d", i), HI5_I32, 2, WP_DIMS(8, 4),
            WP_OPTIONS(.chunk = chunk, .max = max, .fill = &fill, .deflate = 1)));
    wp_close(f);
    f = wp_reopen();
    ck_ok(hi5_link_delete(f, "d0", &wp_err), &wp_err);
    ck_ok(hi5_abort(f, &wp_err), &wp_err);
    ck_ok(hi5_link_delete(f, "d0", &wp_err), &wp_err);
    ck_ok(hi5_link_delete(f, "d7", &wp_err), &wp_err);
    h = wp_change(f);
    for (unsigned i = 1; i < 6; i++)
        ck_assert_int_eq(shared_first(h, i, 0), 100 + (int)i);
    ck_assert_int_eq(shared_first(h, 5, 4), 1);
    ck_assert(H5Ldelete(h, "d1", H5P_DEFAULT) >= 0);
    ck_assert(H5Ldelete(h, "d8", H5P_DEFAULT) >= 0);
    shared_dataset(h, 10);
    shared_dataset(h, 11);
    wp_end(h);
    wp_check(wp_path());
    f = wp_reopen();
    for (unsigned i = 2; i < 12; i++)
        if (i != 7 && i != 8 && i != 9)
            ck_ok(hi5_link_delete(f, shared_name("d", i), &wp_err), &wp_err);
    h = wp_change(f);
    shared_dataset(h, 0); /* the indexes are gone, and come back */
    wp_end(h);
    wp_check(wp_path());
}
END_TEST

/* An attribute that is shared, with parts that are shared, becomes one that no header holds,
 * which takes the others of its object to a heap. */
START_TEST(outgrown)
{
    static int values[20000];
    const hi5_shape shape = {
        .kind = HI5_SIMPLE, .rank = 1, .dims = {20000}, .max = {20000}};
    hi5_file *const f = shared_six(1);
    hi5_object *o;
    hid_t h;

    ck_ok(hi5_object_open(f, "d3", &o, &wp_err), &wp_err);
    values[0] = 7;
    ck_ok(hi5_attribute_write(o, "a1", HI5_I32, &shape, HI5_I32, values, &wp_err), &wp_err);
    hi5_object_close(o);
    h = wp_change(f);
    ck_assert_int_eq(shared_first(h, 3, 0), 1);
    ck_assert_int_eq(shared_first(h, 3, 2), 1);
    wp_end(h);
    wp_check(wp_path());
}
END_TEST

/* EDIT-01 */
START_TEST(untouched)
{
    static char before[1 << 17], after[1 << 17];
    hid_t h = shared_foreign(_i);
    size_t n, m;
    FILE *file;

    for (unsigned i = 0; i < 6; i++)
        shared_dataset(h, i);
    wp_end(h);
    file = fopen(wp_path(), "rb");
    n = fread(before, 1, sizeof before, file);
    fclose(file);
    wp_close(wp_reopen());
    file = fopen(wp_path(), "rb");
    m = fread(after, 1, sizeof after, file);
    fclose(file);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(before, after, n);
}
END_TEST

static int
shared_fill(hid_t h, const char *name)
{
    const hid_t d = H5Dopen2(h, name, H5P_DEFAULT), p = H5Dget_create_plist(d);
    int fill = -1;

    ck_assert(H5Pget_fill_value(p, H5T_NATIVE_INT, &fill) >= 0);
    H5Pclose(p);
    H5Dclose(d);
    return fill;
}

/* hi5 makes the file: libhdf5 finds the indexes that were asked for, reads what shares its
 * messages, and adds to it and takes from it. */
START_TEST(created)
{
    /* NOTE(lib): in headers of version 1, 1.10.8 does not find the rest again itself. */
    const unsigned rest = HI5_SHARE_TYPE | HI5_SHARE_FILL | HI5_SHARE_FILTERS;
    const unsigned kinds = HI5_SHARE_SPACE | (_i != WP_EARLIEST ? rest : 0);
    const hi5_shared_index indexes[] = {{kinds, 4}, {HI5_SHARE_ATTRIBUTES, 10}};
    const hi5_create_options options = {.size = sizeof options,
                                        .shared = indexes,
                                        .nshared = 2,
                                        .shared_list_max = 4,
                                        .shared_btree_min = 3};
    const uint64_t chunk[] = {4, 4}, max[] = {HI5_UNLIMITED, 4};
    hi5_file *const f = wp_create(_i, &options);
    unsigned flags, size, list, tree, n;
    hid_t h, p;

    for (unsigned i = 0; i < 9; i++) {
        const int fill = (int)i % 5;
        hi5_dataset_close(wp_dataset(
            f, shared_name("d", i), HI5_I32, 2, WP_DIMS(8 + i % 4, 4),
            WP_OPTIONS(.chunk = chunk, .max = max, .fill = &fill, .deflate = 1)));
    }
    h = wp_change(f);
    p = H5Fget_create_plist(h);
    ck_assert(H5Pget_shared_mesg_nindexes(p, &n) >= 0 && n == 2);
    ck_assert(H5Pget_shared_mesg_index(p, 0, &flags, &size) >= 0);
    ck_assert_uint_eq(flags, kinds);
    ck_assert_uint_eq(size, 4);
    ck_assert(H5Pget_shared_mesg_index(p, 1, &flags, &size) >= 0);
    ck_assert_uint_eq(flags, H5O_SHMESG_ATTR_FLAG);
    ck_assert_uint_eq(size, 10);
    ck_assert(H5Pget_shared_mesg_phase_change(p, &list, &tree) >= 0);
    ck_assert(list == 4 && tree == 3);
    H5Pclose(p);
    ck_assert_int_eq(shared_fill(h, "d3"), 3);
    for (unsigned i = 9; i < 12; i++)
        shared_dataset(h, i);
    for (unsigned i = 0; i < 9; i += 2)
        ck_assert(H5Ldelete(h, shared_name("d", i), H5P_DEFAULT) >= 0);
    wp_end(h);
    wp_check(wp_path());
}
END_TEST

/* The indexes are the same in a file that is written anew, also those that are never lists,
 * and without those that are for nothing. */
START_TEST(repacked)
{
    unsigned flags, size, list, tree, n, were;
    hid_t h, p;

    wp_close(shared_six(_i));
    ck_ok(hi5_repack(wp_path(), wp_other(), NULL, NULL, &wp_err), &wp_err);
    wp_check(wp_other());
    h = H5Fopen(wp_path(), H5F_ACC_RDONLY, H5P_DEFAULT);
    p = H5Fget_create_plist(h);
    ck_assert(H5Pget_shared_mesg_index(p, 0, &were, &size) >= 0);
    H5Pclose(p);
    wp_end(h);
    h = H5Fopen(wp_other(), H5F_ACC_RDWR, H5P_DEFAULT);
    p = H5Fget_create_plist(h);
    ck_assert(H5Pget_shared_mesg_nindexes(p, &n) >= 0 && n == 2);
    ck_assert(H5Pget_shared_mesg_index(p, 0, &flags, &size) >= 0);
    ck_assert(flags == were && size == 4);
    ck_assert(H5Pget_shared_mesg_phase_change(p, &list, &tree) >= 0);
    ck_assert_uint_eq(list, _i == 1 ? 0 : 4);
    ck_assert_uint_eq(tree, _i == 1 ? 0 : 3);
    H5Pclose(p);
    for (unsigned i = 0; i < 6; i++)
        ck_assert_int_eq(shared_first(h, i, 0), (int)(i % 2));
    shared_dataset(h, 6);
    wp_end(h);
    wp_check(wp_other());
}
END_TEST

/* What libhdf5 refuses to set is refused, and says why. */
START_TEST(refused)
{
    const hi5_shared_index twice[] = {{HI5_SHARE_TYPE, 1}, {HI5_SHARE_TYPE, 2}};
    const hi5_shared_index none[] = {{0, 1}}, unknown[] = {{1, 1}};
    const hi5_create_options bad[] = {
        {.shared = twice, .nshared = 2},
        {.shared = none, .nshared = 1},
        {.shared = unknown, .nshared = 1},
        {.shared = none, .nshared = 9},
        {.shared = twice, .nshared = 1, .shared_list_max = 5001},
        {.shared = twice, .nshared = 1, .shared_list_max = 4, .shared_btree_min = 6}};
    hi5_create_options o = bad[_i];
    hi5_file *f;

    o.size = sizeof o;
    ck_status(hi5_create(wp_path(), &o, &f, &wp_err), HI5_E_ARG);
    ck_assert_ptr_null(f);
}
END_TEST

Suite *suite_shared(void);

Suite *
suite_shared(void)
{
    Suite *const s = suite_create("writepit shared");
    TCase *const c = tcase_create("shared");

    tcase_add_loop_test(c, changed, 0, 3);
    tcase_add_test(c, outgrown);
    tcase_add_loop_test(c, untouched, 0, 3);
    WP_EACH(c, created);
    tcase_add_loop_test(c, refused, 0, 6);
    tcase_add_loop_test(c, repacked, 0, 3);
    wp_case(s, c);
    return s;
}
