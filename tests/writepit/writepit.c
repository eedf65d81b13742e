/*
 * writepit.c - files for the tests of the writer's pitfalls, made, checked, and opened by
 * libhdf5
 */
#define _POSIX_C_SOURCE 200809L
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef HSIZE_UNDEF
#define HSIZE_UNDEF ((hsize_t)-1)
#endif

hi5_error wp_err;

static const hi5_compat wp_compat[WP_TARGETS] = {HI5_COMPAT_EARLIEST, HI5_COMPAT_V18,
                                                 HI5_COMPAT_V110};
static const H5F_libver_t wp_bounds[WP_TARGETS] = {H5F_LIBVER_EARLIEST, H5F_LIBVER_V18,
                                                   H5F_LIBVER_V110};

static const char *
wp_name(char *into, size_t size, const char *what)
{
    const char *const folder = getenv("TMPDIR");

    snprintf(into, size, "%s/hi5-%s-%ld.h5", folder != NULL ? folder : "/tmp", what,
             (long)getpid());
    return into;
}

const char *
wp_path(void)
{
    static char name[256];

    return wp_name(name, sizeof name, "writepit");
}

const char *
wp_other(void)
{
    static char name[256];

    return wp_name(name, sizeof name, "otherpit");
}

hi5_file *
wp_create(int target, const hi5_create_options *options)
{
    hi5_open_options open = {.size = sizeof open, .compat = wp_compat[target]};
    hi5_create_options create = {.size = sizeof create};
    hi5_file *f = NULL;

    if (options != NULL)
        create = *options;
    create.size = sizeof create;
    if (create.open != NULL)
        open = *create.open;
    open.compat = wp_compat[target];
    create.open = &open;
    ck_ok(hi5_create(wp_path(), &create, &f, &wp_err), &wp_err);
    return f;
}

hi5_file *
wp_reopen(void)
{
    const hi5_open_options open = {.size = sizeof open, .write = true};
    hi5_file *f = NULL;

    ck_ok(hi5_open(wp_path(), &open, &f, &wp_err), &wp_err);
    return f;
}

static void
wp_finding(void *ctx, const hi5_finding *f)
{
    (void)ctx;
    if (f->severity >= HI5_WARNING)
        fprintf(stderr, "%s %s %s: %s\n", f->rule, f->path, f->structure, f->message);
}

void
wp_check(const char *path)
{
    hi5_check_result r;

    ck_ok(hi5_check(path, NULL, NULL, wp_finding, NULL, &r, &wp_err), &wp_err);
    ck_assert(r.readable);
    ck_assert_uint_eq(r.errors, 0);
    ck_assert_uint_eq(r.warnings, 0);
    ck_assert_uint_eq(r.map.overlaps, 0);
}

void
wp_close(hi5_file *f)
{
    if (f != NULL)
        ck_ok(hi5_close(f, &wp_err), &wp_err);
    wp_check(wp_path());
}

static hid_t
wp_open(hi5_file *f, unsigned flags)
{
    hid_t h;

    wp_close(f);
    h = H5Fopen(wp_path(), flags, H5P_DEFAULT);
    ck_assert(h >= 0);
    return h;
}

hid_t
wp_read(hi5_file *f)
{
    return wp_open(f, H5F_ACC_RDONLY);
}

hid_t
wp_change(hi5_file *f)
{
    return wp_open(f, H5F_ACC_RDWR);
}

hid_t
wp_foreign(int target, const char *path)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t h;

    ck_assert(H5Pset_libver_bounds(access, wp_bounds[target], H5F_LIBVER_LATEST) >= 0);
    h = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    ck_assert(h >= 0);
    H5Pclose(access);
    return h;
}

void
wp_end(hid_t h)
{
    ck_assert_int_eq(H5Fget_obj_count(h, H5F_OBJ_ALL), 1);
    ck_assert(H5Fclose(h) >= 0);
}

hi5_dataset *
wp_dataset(hi5_file *f, const char *path, const hi5_type *type, unsigned rank,
           const uint64_t *dims, const hi5_dataset_options *options)
{
    hi5_dataset *d = NULL;

    ck_ok(hi5_dataset_create(f, path, type, rank, dims, options, &d, &wp_err), &wp_err);
    return d;
}

void
wp_ints(hid_t h, const char *path, size_t n, const int *wanted)
{
    const hid_t d = H5Dopen2(h, path, H5P_DEFAULT), s = H5Dget_space(d);
    int *const got = malloc(n * sizeof *got + 1);

    ck_assert(d >= 0);
    ck_assert_uint_eq((uint64_t)H5Sget_simple_extent_npoints(s), n);
    memset(got, 0x5a, n * sizeof *got);
    ck_assert(H5Dread(d, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >= 0);
    for (size_t i = 0; i < n; i++) /* each assertion costs a message */
        if (got[i] != wanted[i])
            ck_abort_msg("%s[%zu]: %d, not %d", path, i, got[i], wanted[i]);
    free(got);
    H5Sclose(s);
    H5Dclose(d);
}

void
wp_put(hi5_object *o, const char *name, int value)
{
    ck_ok(hi5_attribute_write(o, name, HI5_I32, NULL, HI5_I32, &value, &wp_err),
          &wp_err);
}

int
wp_get(hid_t object, const char *name)
{
    const hid_t a = H5Aopen(object, name, H5P_DEFAULT);
    int value = -1;

    ck_assert_msg(a >= 0, "no attribute %s", name);
    ck_assert(H5Aread(a, H5T_NATIVE_INT, &value) >= 0);
    H5Aclose(a);
    return value;
}

hsize_t
wp_chunks(hid_t d)
{
    const hid_t s = H5Dget_space(d);
    hsize_t n = HSIZE_UNDEF;

    ck_assert(H5Dget_num_chunks(d, s, &n) >= 0);
    H5Sclose(s);
    return n;
}

/* The bytes of the first message of a type. */
static size_t
wp_message(const char *path, const char *object, unsigned type, unsigned char *into,
           size_t room)
{
    hi5_file *f;
    hi5_object *o;
    hi5_message m = {0};
    size_t i = 0;

    ck_ok(hi5_open(path, NULL, &f, &wp_err), &wp_err);
    ck_ok(hi5_object_open(f, object, &o, &wp_err), &wp_err);
    while (hi5_object_message(o, i, &m) && m.type != type)
        i++;
    ck_assert_msg(m.type == type, "%s: no message %u in %s", path, type, object);
    ck_assert_uint_le(m.size, room);
    ck_ok(hi5_file_read_bytes(f, m.address, into, m.size, &wp_err), &wp_err);
    hi5_object_close(o);
    hi5_close(f, NULL);
    return m.size;
}

void
wp_same_message(const char *object, unsigned type)
{
    static unsigned char ours[65536], theirs[65536];
    const size_t n = wp_message(wp_path(), object, type, ours, sizeof ours);
    const size_t m = wp_message(wp_other(), object, type, theirs, sizeof theirs);

    ck_assert_msg(n == m, "%s, message %u: %zu bytes, libhdf5 has %zu", object, type, n,
                  m);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(ours[i] == theirs[i],
                      "%s, message %u, byte %zu: %02x, libhdf5 %02x", object, type, i,
                      ours[i], theirs[i]);
}

static void
wp_remove(void)
{
    remove(wp_path());
    remove(wp_other());
}

void
wp_case(Suite *s, TCase *c)
{
    tcase_add_checked_fixture(c, NULL, wp_remove);
    tcase_set_timeout(c, 120);
    suite_add_tcase(s, c);
}
