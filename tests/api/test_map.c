/*
 * test_map.c - elements where they are in the file: hi5_dataset_map
 */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "patch.h"
#include "support.h"

Suite *suite_map(void);

static hi5_dataset *
dataset_of(hi5_file *f, const char *path)
{
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    return d;
}

static hi5_status
try_map(hi5_file *f, const char *path, const hi5_type *memory, hi5_error *err)
{
    hi5_dataset *const d = dataset_of(f, path);
    const void *p = f;
    size_t n = 1;
    const hi5_status s =
        hi5_dataset_map(d, memory != NULL ? memory : hi5_dataset_type(d), &p, &n, err);

    if (s != HI5_OK) {
        ck_assert_ptr_null(p);
        ck_assert_uint_eq(n, 0);
        ck_assert_msg(strstr(err->path, path) != NULL, "%s", err->path);
    }
    hi5_dataset_close(d);
    return s;
}

/* The same elements, at the place in the file that the layout tells. */
static void
check_place(const char *name, const char *path, uint64_t offset, size_t n)
{
    hi5_file *const f = open_fixture(name);
    hi5_dataset *const d = dataset_of(f, path);
    const void *p = NULL, *again = NULL;
    size_t size = 0;
    hi5_file_info file;
    hi5_layout layout;
    unsigned char *bytes;
    hi5_error err;

    hi5_file_get_info(f, &file);
    hi5_dataset_get_layout(d, &layout);
    ck_assert_uint_eq(file.base_address + layout.address, offset);
    ck_assert_uint_eq(layout.size, n);
    ck_ok(hi5_dataset_map(d, NULL, &p, &size, &err), &err);
    ck_assert_uint_eq(size, n);
    bytes = malloc(n);
    ck_ok(hi5_file_read_bytes(f, layout.address, bytes, n, &err), &err);
    ck_assert_mem_eq(p, bytes, n);
    ck_ok(hi5_dataset_map(d, NULL, &again, &size, &err), &err);
    ck_assert_ptr_eq(again, p);
    hi5_close(f, NULL); /* the dataset keeps it */
    ck_assert_mem_eq(p, bytes, n);
    free(bytes);
    hi5_dataset_close(d);
}

/* Offsets as H5Dget_offset gives them. */
START_TEST(places)
{
    check_place("good/layouts-new.h5", "contiguous", 2048, 280);
    check_place("good/layouts-old.h5", "contiguous, early", 2336, 280);
    check_place("good/layouts-old.h5", "contiguous, scalar", 2328, 8);
    check_place("good/userblock-sb0.h5", "contiguous", 3072, 120);
    check_place("good/vds.h5", "base", 6144, 240);
    check_place("good/types-new.h5", "classes/bits 3", 3648, 40);
}
END_TEST

START_TEST(elements)
{
    hi5_file *const f = open_fixture("good/layouts-new.h5");
    hi5_dataset *d = dataset_of(f, "contiguous");
    const void *p = NULL;
    size_t n = 0;
    hi5_error err;

    ck_ok(hi5_dataset_map(d, HI5_I32, &p, &n, &err), &err);
    ck_assert_uint_eq(n, 70 * sizeof(int32_t));
    for (int i = 0; i < 70; i++)
        ck_assert_int_eq(((const int32_t *)p)[i], i);
    hi5_dataset_close(d);
    d = dataset_of(f, "compact"); /* big-endian, 2 bytes */
    ck_ok(hi5_dataset_map(d, NULL, &p, &n, &err), &err);
    ck_assert_uint_eq(n, 140);
    for (int i = 0; i < 70; i++)
        ck_assert_int_eq(((const unsigned char *)p)[2 * i + 1], i);
    hi5_dataset_close(d);
    d = dataset_of(f, "contiguous, zero-sized");
    ck_ok(hi5_dataset_map(d, HI5_I32, &p, &n, &err), &err);
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(n, 0);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

/* In memory the elements are those of the caller's bytes. */
START_TEST(in_memory)
{
    struct patch p = patch_load("good/layouts-new.h5");
    hi5_file *const f = patch_open(&p);
    hi5_dataset *const d = dataset_of(f, "contiguous");
    const void *bytes = NULL;
    size_t n = 0;
    hi5_error err;

    ck_ok(hi5_dataset_map(d, HI5_I32, &bytes, &n, &err), &err);
    ck_assert_ptr_eq(bytes, p.b + 2048);
    ck_assert_uint_eq(n, 280);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* One member of a family holds all of it. */
START_TEST(in_a_family)
{
    hi5_file *const f = open_fixture("good/family-%02d.h5");
    hi5_dataset *const d = dataset_of(f, "contiguous");
    const void *p = NULL;
    size_t n = 0;
    hi5_error err;

    ck_ok(hi5_dataset_map(d, HI5_I32, &p, &n, &err), &err);
    ck_assert_uint_eq(n, 120);
    for (int i = 0; i < 30; i++)
        ck_assert_int_eq(((const int32_t *)p)[i], i);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

START_TEST(refusals)
{
    static const struct {
        const char *file, *path;
        const hi5_type *memory;
        hi5_status status;
        const char *cause;
    } all[] = {
        {"good/layouts-new.h5", "single", NULL, HI5_E_TYPE, "in chunks"},
        {"good/vds.h5", "rows", NULL, HI5_E_TYPE, "virtual"},
        {"good/layouts-new.h5", "contiguous", HI5_I64, HI5_E_TYPE, "8 bytes (integer)"},
        {"good/layouts-new.h5", "contiguous", HI5_U32, HI5_E_TYPE, "are not stored as"},
        {"good/layouts-new.h5", "contiguous, scalar", HI5_F64, HI5_E_TYPE, "(float"},
        {"good/userblock-sb0.h5", "group/strings", HI5_STR, HI5_E_TYPE, "(variable"},
        {"good/external.h5", "pieces", NULL, HI5_E_STATE, "external"},
        {"good/layouts-new.h5", "contiguous, unwritten", NULL, HI5_E_STATE, "written"},
        {"good/types-new.h5", "classes/bits 1", NULL, HI5_E_STATE, "aligned to 2 bytes"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        hi5_file *const f = open_fixture(all[i].file);
        hi5_error err;

        ck_status(try_map(f, all[i].path, all[i].memory, &err), all[i].status);
        ck_assert_msg(strstr(err.cause, all[i].cause) != NULL, "%zu: %s", i, err.cause);
        hi5_close(f, NULL);
    }
}
END_TEST

static hi5_status
source_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    const struct patch *const p = ctx;

    (void)err;
    if (offset > p->n || n > p->n - offset)
        return HI5_E_TRUNCATED;
    memcpy(buf, p->b + offset, n);
    return HI5_OK;
}

static hi5_status
source_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((const struct patch *)ctx)->n;
    return HI5_OK;
}

START_TEST(callers_source)
{
    struct patch p = patch_load("good/layouts-new.h5");
    const hi5_io io = {
        .size = sizeof io, .ctx = &p, .read_at = source_read, .get_size = source_size};
    hi5_error err;
    hi5_file *f;

    ck_ok(hi5_open_io(&io, "p", NULL, &f, &err), &err);
    ck_status(try_map(f, "contiguous", HI5_I32, &err), HI5_E_STATE);
    ck_assert_ptr_nonnull(strstr(err.cause, "byte source"));
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* A copy that may be changed; unlink it. */
static int
copy_of(const char *name, char *path)
{
    struct patch p = patch_load(name);
    const int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, p.b, p.n), (ssize_t)p.n);
    patch_free(&p);
    return fd;
}

/* What is written may not be in the file yet. */
START_TEST(open_for_writing)
{
    const hi5_open_options o = {.size = sizeof o, .write = true};
    char path[] = "/tmp/hi5-test-map-XXXXXX";
    const int fd = copy_of("good/layouts-new.h5", path);
    hi5_error err;
    hi5_file *f;

    ck_ok(hi5_open(path, &o, &f, &err), &err);
    ck_status(try_map(f, "contiguous", HI5_I32, &err), HI5_E_STATE);
    ck_ok(hi5_close(f, &err), &err);
    close(fd);
    unlink(path);
}
END_TEST

/* A file that was cut short after it was opened: found out before anything is touched. */
START_TEST(cut_short)
{
    char path[] = "/tmp/hi5-test-map-XXXXXX";
    const int fd = copy_of("good/layouts-new.h5", path);
    const void *bytes = NULL;
    size_t n = 0;
    hi5_dataset *d;
    hi5_error err;
    hi5_file *f;

    ck_ok(hi5_open(path, NULL, &f, &err), &err);
    d = dataset_of(f, "contiguous");
    ck_assert_int_eq(ftruncate(fd, 2048 + 279), 0);
    ck_status(hi5_dataset_map(d, HI5_I32, &bytes, &n, &err), HI5_E_TRUNCATED);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    close(fd);
    unlink(path);
}
END_TEST

Suite *
suite_map(void)
{
    Suite *const suite = suite_create("map");
    TCase *const tc = tcase_create("map");

    tcase_add_test(tc, places);
    tcase_add_test(tc, elements);
    tcase_add_test(tc, in_memory);
    tcase_add_test(tc, in_a_family);
    tcase_add_test(tc, refusals);
    tcase_add_test(tc, callers_source);
    tcase_add_test(tc, open_for_writing);
    tcase_add_test(tc, cut_short);
    suite_add_tcase(suite, tc);
    return suite;
}
