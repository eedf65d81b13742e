/*
 * test_family.c - files spread over a family of files, written by hi5, as libhdf5 finds
 * them, and the other way round
 */
#define _POSIX_C_SOURCE 200809L
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAM_MOST 4000u
#define FAM_N 3000

static int fam_ints[FAM_N];

/* "/tmp/hi5-family-1234-%03d.h5" */
static const char *
fam_path(void)
{
    static char name[256];
    const char *const folder = getenv("TMPDIR");

    snprintf(name, sizeof name, "%s/hi5-family-%ld-%%03d.h5",
             folder != NULL ? folder : "/tmp", (long)getpid());
    return name;
}

static const char *
fam_member(unsigned i)
{
    static char name[300];
    const char *const path = fam_path();
    const size_t n = strlen(path) - strlen("%03d.h5");

    snprintf(name, sizeof name, "%.*s%03u.h5", (int)n, path, i);
    return name;
}

/* -1: there is no such member */
static long
fam_size(unsigned i)
{
    struct stat st;

    return stat(fam_member(i), &st) == 0 ? (long)st.st_size : -1;
}

static void
fam_remove(void)
{
    for (unsigned i = 0; i < FAM_MOST && (fam_size(i) >= 0 || i < 8); i++)
        remove(fam_member(i));
}

static void
fam_setup(void)
{
    fam_remove();
    for (int i = 0; i < FAM_N; i++)
        fam_ints[i] = i * 7 - 3;
}

/* Every member but the last is full; @return how many there are */
static unsigned
fam_full(uint64_t member)
{
    unsigned n = 0;

    while (fam_size(n) > 0)
        n++;
    for (unsigned i = 0; i + 1 < n; i++)
        ck_assert_int_eq(fam_size(i), (long)member);
    ck_assert_int_le(fam_size(n - 1), (long)member);
    ck_assert_int_eq(fam_size(n), -1);
    return n;
}

static const hi5_compat fam_compat[WP_TARGETS] = {HI5_COMPAT_EARLIEST, HI5_COMPAT_V18,
                                                  HI5_COMPAT_V110};

static hi5_file *
fam_create(int target, uint64_t member)
{
    const hi5_open_options open = {.size = sizeof open, .compat = fam_compat[target],
                                   .driver = HI5_DRIVER_FAMILY};
    const hi5_create_options o = {.size = sizeof o, .open = &open, .member_size = member};
    hi5_file *f = NULL;

    ck_ok(hi5_create(fam_path(), &o, &f, &wp_err), &wp_err);
    return f;
}

static hi5_file *
fam_reopen(void)
{
    const hi5_open_options open = {.size = sizeof open, .write = true};
    hi5_file *f = NULL;

    ck_ok(hi5_open(fam_path(), &open, &f, &wp_err), &wp_err);
    return f;
}

static void
fam_close(hi5_file *f)
{
    ck_ok(hi5_close(f, &wp_err), &wp_err);
    wp_check(fam_path());
}

static hid_t
fam_access(hsize_t member)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);

    ck_assert(H5Pset_fapl_family(access, member, H5P_DEFAULT) >= 0);
    return access;
}

static hid_t
fam_libhdf5(hsize_t member, unsigned flags)
{
    const hid_t access = fam_access(member), h = H5Fopen(fam_path(), flags, access);

    ck_assert(h >= 0);
    H5Pclose(access);
    return h;
}

static void
fam_fill(hi5_file *f, const char *name, unsigned n)
{
    char path[64];
    hi5_dataset *d;

    snprintf(path, sizeof path, "%s/plain", name);
    d = wp_dataset(f, path, HI5_I32, 1, WP_DIMS(n), NULL);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, fam_ints, &wp_err), &wp_err);
    hi5_dataset_close(d);
    snprintf(path, sizeof path, "%s/chunks", name);
    d = wp_dataset(f, path, HI5_I32, 1, WP_DIMS(n),
                   WP_OPTIONS(.chunk = WP_DIMS(100), .max = WP_DIMS(HI5_UNLIMITED)));
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, fam_ints, &wp_err), &wp_err);
    wp_put(hi5_dataset_object(d), "a", 17);
    hi5_dataset_close(d);
}

/* In members of any size, for each target: libhdf5 reads it, adds to it, and hi5 goes on */
START_TEST(family_sizes)
{
    static const uint64_t member[] = {1024, 1500, 4096, 65536, 0};
    const uint64_t size = member[_i / WP_TARGETS];
    const uint64_t real = size != 0 ? size : 0x7fffffff;
    hi5_file *f = fam_create(_i % WP_TARGETS, size);
    hi5_file_info info;
    hid_t h, g;

    ck_assert_str_eq((hi5_file_get_info(f, &info), info.driver_name), "NCSAfami");
    fam_fill(f, "one", FAM_N);
    fam_close(f);
    ck_assert_uint_ge(fam_full(real) * real, 8 * FAM_N);
    h = fam_libhdf5(real, H5F_ACC_RDWR);
    wp_ints(h, "one/plain", FAM_N, fam_ints);
    wp_ints(h, "one/chunks", FAM_N, fam_ints);
    g = H5Gcreate2(h, "theirs", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(g);
    wp_end(h);
    f = fam_reopen();
    fam_fill(f, "theirs/two", FAM_N);
    fam_close(f);
    fam_full(real);
    h = fam_libhdf5(real, H5F_ACC_RDONLY);
    wp_ints(h, "one/plain", FAM_N, fam_ints);
    wp_ints(h, "theirs/two/plain", FAM_N, fam_ints);
    wp_ints(h, "theirs/two/chunks", FAM_N, fam_ints);
    g = H5Dopen2(h, "theirs/two/chunks", H5P_DEFAULT);
    ck_assert_int_eq(wp_get(g, "a"), 17);
    H5Dclose(g);
    wp_end(h);
}
END_TEST

/* A family that libhdf5 made */
START_TEST(family_of_libhdf5)
{
    static const H5F_libver_t low[] = {H5F_LIBVER_EARLIEST, H5F_LIBVER_V18,
                                       H5F_LIBVER_V110};
    const hsize_t member = _i < 3 ? 2048 : 1 << 20, n = FAM_N;
    const hid_t access = fam_access(member), s = H5Screate_simple(1, &n, NULL);
    hi5_file *f;
    hid_t h, d;

    ck_assert(H5Pset_libver_bounds(access, low[_i % 3], H5F_LIBVER_LATEST) >= 0);
    h = H5Fcreate(fam_path(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    d = H5Dcreate2(h, "d", H5T_STD_I32LE, s, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert(H5Dwrite(d, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, fam_ints) >= 0);
    H5Dclose(d);
    H5Sclose(s);
    H5Pclose(access);
    wp_end(h);
    f = fam_reopen();
    fam_fill(f, "one", FAM_N);
    fam_close(f);
    fam_full(member);
    h = fam_libhdf5(member, H5F_ACC_RDONLY);
    wp_ints(h, "d", FAM_N, fam_ints);
    wp_ints(h, "one/plain", FAM_N, fam_ints);
    wp_ints(h, "one/chunks", FAM_N, fam_ints);
    wp_end(h);
}
END_TEST

/* What is given back lets the last members go; so do an abort and a new file */
START_TEST(family_shrinks)
{
    hi5_file *f = fam_create(_i, 2048);
    unsigned before;

    fam_close(f);
    before = fam_full(2048);
    f = fam_reopen();
    fam_fill(f, "one", FAM_N);
    ck_assert_int_ge(fam_size(before + 2), 0);
    ck_ok(hi5_abort(f, &wp_err), &wp_err);
    ck_ok(hi5_link_soft(f, "a", "b", &wp_err), &wp_err);
    fam_close(f);
    ck_assert_uint_le(fam_full(2048), before + 1);
    f = fam_reopen();
    fam_fill(f, "one", FAM_N);
    fam_close(f);
    ck_assert_uint_gt(fam_full(2048), before);
    fam_close(fam_create(_i, 4096));
    ck_assert_uint_eq(fam_full(4096), 1);
    wp_end(fam_libhdf5(4096, H5F_ACC_RDONLY));
}
END_TEST

static void
fam_touch(unsigned i)
{
    FILE *const out = fopen(fam_member(i), "wb");

    ck_assert_ptr_nonnull(out);
    fputs("mine", out);
    fclose(out);
}

/* Files that are not of the family do not become a part of it, and stay */
START_TEST(family_in_the_way)
{
    const hi5_open_options open = {.size = sizeof open, .driver = HI5_DRIVER_FAMILY};
    hi5_create_options o = {.size = sizeof o, .open = &open, .member_size = 2048};
    hi5_dataset *d;
    hi5_file *f;

    fam_touch(3);
    f = fam_create(WP_V18, 2048);
    d = wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(FAM_N), NULL);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, fam_ints, &wp_err), &wp_err);
    hi5_dataset_close(d);
    ck_assert_int_eq(hi5_flush(f, HI5_SAFE, &wp_err), HI5_E_IO);
    ck_assert_ptr_nonnull(strstr(wp_err.message, "in the way"));
    ck_assert_int_eq(fam_size(3), 4);
    remove(fam_member(3));
    fam_close(f);
    fam_full(2048);
    fam_touch(1);
    o.exclusive = true;
    remove(fam_member(0));
    ck_assert_int_eq(hi5_create(fam_path(), &o, &f, &wp_err), HI5_E_EXISTS);
    ck_assert_ptr_null(f);
    ck_assert_int_eq(fam_size(1), 4);
}
END_TEST

/* What is there is kept, with the size of members that it has; or must not be there */
START_TEST(family_kept)
{
    const hi5_open_options open = {.size = sizeof open, .driver = HI5_DRIVER_FAMILY};
    hi5_create_options o = {.size = sizeof o, .open = &open, .keep = true,
                            .member_size = 3000};
    hi5_file *f = fam_create(WP_V18, 2048);
    hid_t h;

    fam_fill(f, "one", _i == 0 ? 10 : FAM_N);
    fam_close(f);
    ck_ok(hi5_create(fam_path(), &o, &f, &wp_err), &wp_err);
    fam_fill(f, "two", FAM_N);
    fam_close(f);
    h = fam_libhdf5(2048, H5F_ACC_RDONLY);
    wp_ints(h, "two/chunks", FAM_N, fam_ints);
    wp_end(h);
    o.keep = false;
    o.exclusive = true;
    ck_assert_int_eq(hi5_create(fam_path(), &o, &f, &wp_err), HI5_E_EXISTS);
    fam_remove();
    o.exclusive = false;
    o.keep = true;
    ck_ok(hi5_create(fam_path(), &o, &f, &wp_err), &wp_err);
    fam_close(f);
    wp_end(fam_libhdf5(3000, H5F_ACC_RDONLY));
}
END_TEST

/* A member is no file to be written; neither are other drivers; one writer at a time */
START_TEST(family_refused)
{
    hi5_open_options open = {.size = sizeof open, .write = true};
    hi5_create_options o = {.size = sizeof o, .open = &open};
    hi5_file *f = fam_create(WP_V18, 1 << 20), *other;

    ck_assert_int_eq(hi5_open(fam_path(), &open, &other, &wp_err), HI5_E_STATE);
    fam_close(f);
    ck_assert_int_eq(hi5_open(fam_member(0), &open, &other, &wp_err), HI5_E_UNSUPPORTED);
    open.driver = HI5_DRIVER_SPLIT;
    ck_assert_int_eq(hi5_open(fam_path(), &open, &other, &wp_err), HI5_E_UNSUPPORTED);
    open.driver = HI5_DRIVER_FAMILY;
    ck_assert_int_eq(hi5_create(wp_path(), &o, &other, &wp_err), HI5_E_ARG);
    o.member_size = 100;
    ck_assert_int_eq(hi5_create(fam_path(), &o, &other, &wp_err), HI5_E_ARG);
    open.driver = HI5_DRIVER_AUTO;
    remove(fam_member(0));
    ck_assert_int_eq(hi5_open(fam_path(), &open, &other, &wp_err), HI5_E_NOTFOUND);
}
END_TEST

/* DRV-03: the size of the members is in the file, where libhdf5 puts it */
START_TEST(family_info)
{
    hi5_file *f = fam_create(_i, 5000);
    hi5_file_info info;
    unsigned char b[24];

    hi5_file_get_info(f, &info);
    if (_i == WP_EARLIEST) {
        ck_ok(hi5_file_read_bytes(f, 96, b, 24, &wp_err), &wp_err);
        ck_assert_mem_eq(b, "\0\0\0\0\x08\0\0\0NCSAfami\x88\x13\0\0\0\0\0\0", 24);
    } else {
        ck_assert_uint_ne(info.extension_address, HI5_NO_ADDRESS);
    }
    fam_close(f);
}
END_TEST

/* DRV-02: releases of libhdf5 do not agree where a user block is: there is none */
START_TEST(family_user_block)
{
    const hi5_open_options open = {.size = sizeof open, .driver = HI5_DRIVER_FAMILY};
    const hi5_create_options o = {.size = sizeof o, .open = &open, .userblock = 512};
    hi5_file *f = NULL;

    ck_assert_int_eq(hi5_create(fam_path(), &o, &f, &wp_err), HI5_E_UNSUPPORTED);
    ck_assert_int_eq(fam_size(0), -1);
}
END_TEST

Suite *suite_family(void);

Suite *
suite_family(void)
{
    Suite *const s = suite_create("family");
    TCase *const c = tcase_create("families of files");

    tcase_add_checked_fixture(c, fam_setup, fam_remove);
    tcase_add_loop_test(c, family_sizes, 0, 5 * WP_TARGETS);
    tcase_add_loop_test(c, family_of_libhdf5, 0, 6);
    WP_EACH(c, family_shrinks);
    tcase_add_test(c, family_in_the_way);
    tcase_add_loop_test(c, family_kept, 0, 2);
    tcase_add_test(c, family_refused);
    WP_EACH(c, family_info);
    tcase_add_test(c, family_user_block);
    wp_case(s, c);
    return s;
}
