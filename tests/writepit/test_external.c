/*
 * test_external.c - data in other files, written by hi5, as libhdf5 finds it
 */
#define _POSIX_C_SOURCE 200809L
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNL HI5_UNLIMITED

static int ext_ints[90];

static void
ext_setup(void)
{
    for (int i = 0; i < 90; i++)
        ext_ints[i] = 3 * i + 1;
}

static long
ext_size(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

/* A second file of raw data. */
static const char *
ext_second(void)
{
    static char name[300];

    snprintf(name, sizeof name, "%s.2", wp_other());
    return name;
}

static void
ext_remove(void)
{
    remove(ext_second());
}

static void
ext_resize(hid_t h, const char *path, hsize_t rows)
{
    const hid_t x = H5Dopen2(h, path, H5P_DEFAULT);

    ck_assert(H5Dset_extent(x, (hsize_t[]){rows, 3}) >= 0);
    H5Dclose(x);
}

static void
ext_rows(hid_t h, const char *path, hsize_t from, hsize_t n)
{
    const hid_t x = H5Dopen2(h, path, H5P_DEFAULT), s = H5Dget_space(x);
    const hid_t m = H5Screate_simple(2, (hsize_t[]){n, 3}, NULL);

    H5Sselect_hyperslab(s, H5S_SELECT_SET, (hsize_t[]){from, 0}, NULL, (hsize_t[]){n, 3},
                        NULL);
    ck_assert(H5Dwrite(x, H5T_NATIVE_INT, m, s, H5P_DEFAULT, ext_ints + 3 * from) >= 0);
    H5Sclose(s);
    H5Sclose(m);
    H5Dclose(x);
}

/* STORE-06: the last file has no end, and the dataset none: it grows, by hi5 and by
 * libhdf5 in turn */
START_TEST(grows)
{
    const hi5_external list[2] = {{wp_other(), 100, 40}, {ext_second(), 0, UNL}};
    hi5_file *f = wp_create(_i, NULL);
    hi5_dataset *d = wp_dataset(f, "d", HI5_I32, 2, WP_DIMS(2, 3),
                                WP_OPTIONS(.external = list, .nexternal = 2,
                                           .max = WP_DIMS(UNL, 3)));
    int got[90];
    hid_t h;

    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, ext_ints, &wp_err), &wp_err);
    ck_ok(hi5_dataset_append(d, 5, HI5_I32, ext_ints + 6, &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_change(f);
    wp_ints(h, "d", 21, ext_ints);
    ext_resize(h, "d", 15);
    ext_rows(h, "d", 7, 8);
    wp_ints(h, "d", 45, ext_ints);
    wp_end(h);
    wp_check(wp_path());
    f = wp_reopen();
    ck_ok(hi5_dataset_open(f, "d", &d, &wp_err), &wp_err);
    ck_assert_uint_eq(hi5_dataset_shape(d)->dims[0], 15);
    ck_ok(hi5_dataset_append(d, 15, HI5_I32, ext_ints + 45, &wp_err), &wp_err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, got, &wp_err), &wp_err);
    ck_assert_mem_eq(got, ext_ints, sizeof got);
    ck_assert_int_eq(hi5_dataset_resize(d, WP_DIMS(30, 2), &wp_err), HI5_E_RANGE);
    /* What is cut off stays in the files, as with libhdf5. */
    ck_ok(hi5_dataset_resize(d, WP_DIMS(1, 3), &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_change(f);
    wp_ints(h, "d", 3, ext_ints);
    ext_resize(h, "d", 30);
    wp_ints(h, "d", 90, ext_ints);
    wp_end(h);
    wp_check(wp_path());
    ck_assert_int_eq(ext_size(wp_other()), 140);
    ck_assert_int_eq(ext_size(ext_second()), 320);
}
END_TEST

/* A file that says that its data can grow, though its files have no room: nobody makes such
 * ones. */
START_TEST(full)
{
    const hi5_external list[1] = {{wp_other(), 0, 24}};
    static const char fixed[] = "\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0"
                                "\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0";
    static char bytes[1 << 16];
    hi5_file *f = wp_create(0, NULL); /* the oldest: no checksums */
    hi5_dataset *d = wp_dataset(
        f, "d", HI5_I32, 2, WP_DIMS(2, 3),
        WP_OPTIONS(.external = list, .nexternal = 1, .max = WP_DIMS(2, 3)));
    size_t n, at = 0, found = 0;
    FILE *file;

    hi5_dataset_close(d);
    wp_close(f);
    file = fopen(wp_path(), "r+b");
    n = fread(bytes, 1, sizeof bytes, file);
    for (size_t i = 0; i + sizeof fixed <= n; i++)
        if (memcmp(bytes + i, fixed, sizeof fixed) == 0) {
            at = i;
            found++;
        }
    ck_assert_uint_eq(found, 1);
    fseek(file, (long)at + 16, SEEK_SET);
    fputc(9, file);
    fclose(file);
    f = wp_reopen();
    ck_ok(hi5_dataset_open(f, "d", &d, &wp_err), &wp_err);
    ck_assert_int_eq(hi5_dataset_resize(d, WP_DIMS(3, 3), &wp_err), HI5_E_RANGE);
    ck_ok(hi5_dataset_resize(d, WP_DIMS(1, 3), &wp_err), &wp_err);
    ck_ok(hi5_dataset_resize(d, WP_DIMS(2, 3), &wp_err), &wp_err);
    hi5_dataset_close(d);
    wp_close(f);
}
END_TEST

/* STORE-06: within a bound that the files have room for; and what libhdf5 refuses */
START_TEST(bounds)
{
    const hi5_external list[2] = {{wp_other(), 0, 40}, {ext_second(), 0, 80}};
    const struct {
        uint64_t max[2];
        bool good;
    } row[] = {{{10, 3}, true}, {{11, 3}, false}, {{UNL, 3}, false}, {{2, 4}, false},
               {{2, UNL}, false}, {{2, 3}, true}};
    hi5_file *const f = wp_create(_i, NULL);
    const hid_t other = wp_foreign(_i, wp_other());

    for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
        const hsize_t dims[2] = {2, 3};
        hsize_t max[2] = {row[i].max[0], row[i].max[1]};
        const hid_t p = H5Pcreate(H5P_DATASET_CREATE);
        const hid_t s = H5Screate_simple(2, dims, max);
        char name[8];
        hid_t x;
        hi5_status made;

        snprintf(name, sizeof name, "%u", i);
        made = hi5_dataset_create(f, name, HI5_I32, 2, WP_DIMS(2, 3),
                                  WP_OPTIONS(.external = list, .nexternal = 2,
                                             .max = row[i].max),
                                  NULL, &wp_err);
        ck_assert_int_eq(made, row[i].good ? HI5_OK : HI5_E_ARG);
        for (unsigned k = 0; k < 2; k++)
            H5Pset_external(p, list[k].name, 0, list[k].size);
        x = H5Dcreate2(other, name, H5T_STD_I32LE, s, H5P_DEFAULT, p, H5P_DEFAULT);
        ck_assert_int_eq(x >= 0, row[i].good);
        if (x >= 0)
            H5Dclose(x);
        H5Sclose(s);
        H5Pclose(p);
    }
    wp_end(other);
    {
        hi5_dataset *d;
        ck_ok(hi5_dataset_open(f, "0", &d, &wp_err), &wp_err);
        ck_ok(hi5_dataset_resize(d, WP_DIMS(10, 3), &wp_err), &wp_err);
        ck_assert_int_eq(hi5_dataset_resize(d, WP_DIMS(11, 3), &wp_err), HI5_E_RANGE);
        ck_ok(hi5_dataset_write(d, NULL, HI5_I32, ext_ints, &wp_err), &wp_err);
        hi5_dataset_close(d);
    }
    remove(wp_other()); /* which was an HDF5 file; now 40 bytes of data */
    wp_close(f);
}
END_TEST

/* STORE-04: the folder is the same for writing and reading */
START_TEST(prefix)
{
    static char folder[300], inside[400];
    const hi5_open_options open = {.size = sizeof open, .raw_prefix = folder};
    const hi5_create_options create = {.size = sizeof create, .open = &open};
    const hi5_external one = {"raw", 8, UNL};
    hid_t h, x, access;
    int got[90];
    hi5_file *f;
    hi5_dataset *d;

    snprintf(folder, sizeof folder, "%s.d", wp_path());
    snprintf(inside, sizeof inside, "%s/raw", folder);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    f = wp_create(_i, &create);
    d = wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(90),
                   WP_OPTIONS(.external = &one, .nexternal = 1));
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, ext_ints, &wp_err), &wp_err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, got, &wp_err), &wp_err);
    ck_assert_mem_eq(got, ext_ints, sizeof got);
    hi5_dataset_close(d);
    ck_assert_int_eq(ext_size(inside), 368);
    h = wp_read(f);
    access = H5Pcreate(H5P_DATASET_ACCESS);
    ck_assert(H5Pset_efile_prefix(access, folder) >= 0);
    x = H5Dopen2(h, "d", access);
    H5Pclose(access);
    memset(got, 0, sizeof got);
    ck_assert(H5Dread(x, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >= 0);
    ck_assert_mem_eq(got, ext_ints, sizeof got);
    H5Dclose(x);
    wp_end(h);
    remove(inside);
    rmdir(folder);
}
END_TEST

/* One member of each element; the others keep what they have */
START_TEST(members)
{
    struct pair {
        int32_t a, b;
    } pair[20], got[20];
    const hi5_member member[2] = {{.name = "a", .offset = 0, .type = HI5_I32},
                                  {.name = "b", .offset = 4, .type = HI5_I32}};
    const hi5_external list[2] = {{wp_other(), 0, 60}, {ext_second(), 7, UNL}};
    hi5_file *const f = wp_create(_i, NULL);
    hi5_type *t;
    hi5_dataset *d;
    hid_t h, x, m;

    ck_ok(hi5_type_compound(8, member, 2, &t, &wp_err), &wp_err);
    d = wp_dataset(f, "d", t, 1, WP_DIMS(20), WP_OPTIONS(.external = list, .nexternal = 2));
    ck_ok(hi5_dataset_write_field(d, "b", NULL, HI5_I32, ext_ints, &wp_err), &wp_err);
    ck_ok(hi5_dataset_write_field(d, "a", NULL, HI5_I32, ext_ints + 20, &wp_err), &wp_err);
    hi5_dataset_close(d);
    hi5_type_free(t);
    for (int i = 0; i < 20; i++)
        pair[i] = (struct pair){ext_ints[20 + i], ext_ints[i]};
    h = wp_read(f);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    m = H5Tcreate(H5T_COMPOUND, 8);
    H5Tinsert(m, "a", 0, H5T_NATIVE_INT);
    H5Tinsert(m, "b", 4, H5T_NATIVE_INT);
    ck_assert(H5Dread(x, m, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >= 0);
    ck_assert_mem_eq(got, pair, sizeof got);
    H5Tclose(m);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

Suite *suite_external(void);

Suite *
suite_external(void)
{
    Suite *const s = suite_create("writepit external");
    TCase *const c = tcase_create("external");

    tcase_add_checked_fixture(c, ext_setup, ext_remove);
    WP_EACH(c, grows);
    tcase_add_test(c, full);
    WP_EACH(c, bounds);
    WP_EACH(c, prefix);
    WP_EACH(c, members);
    wp_case(s, c);
    return s;
}
