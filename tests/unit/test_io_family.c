/*
 * test_io_family.c - a family of files as one source that can be written
 */
#define _POSIX_C_SOURCE 200809L
#include "base/io.h"
#include "support.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static hi5_error fam_err;
static char fam_template[300];

static const char *
fam_file(unsigned i)
{
    static char name[400];

    ck_assert(io_family_name(name, sizeof name, fam_template, i));
    return name;
}

static long
fam_bytes(unsigned i)
{
    struct stat st;

    return stat(fam_file(i), &st) == 0 ? (long)st.st_size : -1;
}

static void
fam_setup(void)
{
    const char *const folder = getenv("TMPDIR");

    snprintf(fam_template, sizeof fam_template, "%s/hi5-iofam-%ld-%%d",
             folder != NULL ? folder : "/tmp", (long)getpid());
}

static void
fam_teardown(void)
{
    for (unsigned i = 0; i < 20; i++)
        remove(fam_file(i));
}

/* As printf has them: zeros or blanks, percent signs, no other directive */
START_TEST(test_names)
{
    static const struct {
        const char *template;
        unsigned i;
        const char *name;
    } row[] = {
        {"a%d.h5", 0, "a0.h5"},     {"a%d.h5", 12, "a12.h5"}, {"%05d", 7, "00007"},
        {"%3d", 7, "  7"},          {"%u-x", 7, "7-x"},       {"%%%d%%", 3, "%3%"},
        {"%02d.h5", 123, "123.h5"},
    };
    static const char *const not[] = {"a", "%d%d", "%s", "%d%s", "%", "%%d", "%5"};
    char out[64], expected[64];

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        ck_assert(io_family_is(row[i].template));
        ck_assert(io_family_name(out, sizeof out, row[i].template, row[i].i));
        ck_assert_str_eq(out, row[i].name);
        snprintf(expected, sizeof expected, row[i].template, row[i].i); /* printf agrees */
        ck_assert_str_eq(out, expected);
    }
    for (size_t i = 0; i < sizeof not / sizeof *not; i++)
        ck_assert(!io_family_is(not[i]));
    ck_assert(!io_family_name(out, 10, "a%d.h5", 0));
}
END_TEST

/* A random walk of writes, cuts, and openings against a plain array; at any time all
 * members but the last are full */
START_TEST(test_walk)
{
    enum { MOST = 5000 };
    static unsigned char model[MOST], got[MOST], new[MOST];
    const uint64_t member = 1 + (uint64_t)_i * 237;
    unsigned random = (unsigned)_i + 1u;
    uint64_t size = 0, found;
    hi5_io io;

    memset(model, 0, sizeof model);
    ck_ok(io_write_family(NULL, fam_template, member, IO_TRUNCATE, true, &io, &fam_err),
          &fam_err);
    ck_assert_uint_eq(io_family_member(&io), member);
    for (unsigned step = 0; step < 60; step++) {
        uint64_t at, n;

        random = random * 1664525u + 1013904223u;
        at = (random >> 8) % (MOST / (member == 1 ? 300u : 1u));
        n = (random >> 4) % (MOST - at) % (member == 1 ? 10 : MOST);
        if (step % 4 == 3) {
            ck_ok(io.truncate(io.ctx, at, &fam_err), &fam_err);
            if (at < size)
                memset(model + at, 0, size - at);
            size = at;
        } else if (n != 0) {
            memset(new, (int)step + 1, n);
            memset(model + at, (int)step + 1, n);
            ck_ok(io.write_at(io.ctx, at, new, n, &fam_err), &fam_err);
            size = at + n > size ? at + n : size;
        }
        if (step % 5 == 4)
            ck_ok(io.sync(io.ctx, &fam_err), &fam_err);
        if (step % 9 == 8) {
            io_close(&io);
            ck_ok(io_write_family(NULL, fam_template, member, IO_EXISTING, true, &io,
                                  &fam_err), &fam_err);
        }
        ck_ok(io.get_size(io.ctx, &found, &fam_err), &fam_err);
        ck_assert_uint_eq(found, size);
        ck_ok(io.read_at(io.ctx, 0, got, size, &fam_err), &fam_err);
        ck_assert(memcmp(got, model, size) == 0);
        ck_assert_int_eq(io.read_at(io.ctx, size, got, 1, &fam_err), HI5_E_TRUNCATED);
        for (unsigned i = 0; (i + 1) * member < size && i < 20; i++)
            ck_assert_int_eq(fam_bytes(i), (long)member);
    }
    ck_ok(io.truncate(io.ctx, 0, &fam_err), &fam_err);
    io_close(&io);
    ck_assert_int_eq(fam_bytes(0), 0);
    ck_assert_int_eq(fam_bytes(1), -1);
}
END_TEST

static void
fam_put(unsigned i, size_t n)
{
    FILE *const out = fopen(fam_file(i), "wb");

    ck_assert_ptr_nonnull(out);
    for (size_t k = 0; k < n; k++)
        fputc('x', out);
    fclose(out);
}

/* What a loss of power left short is filled up, what is empty at the end counts for
 * nothing, and what is too large is no member */
START_TEST(test_odd_members)
{
    uint64_t size;
    hi5_io io;
    char c = 'c';

    fam_put(0, 100);
    fam_put(1, 40);
    fam_put(2, 7);
    fam_put(3, 0);
    ck_ok(io_write_family(NULL, fam_template, 100, IO_EXISTING, true, &io, &fam_err),
          &fam_err);
    ck_ok(io.get_size(io.ctx, &size, &fam_err), &fam_err);
    ck_assert_uint_eq(size, 207);
    ck_assert_int_eq(fam_bytes(1), 100);
    ck_ok(io.read_at(io.ctx, 150, &c, 1, &fam_err), &fam_err);
    ck_assert_int_eq(c, 0);
    io_close(&io);
    fam_put(2, 101);
    ck_assert_int_eq(io_write_family(NULL, fam_template, 100, IO_EXISTING, true, &io,
                                     &fam_err), HI5_E_CORRUPT);
    remove(fam_file(0));
    ck_assert_int_eq(io_write_family(NULL, fam_template, 100, IO_EXISTING, true, &io,
                                     &fam_err), HI5_E_NOTFOUND);
}
END_TEST

/* No member takes the place of a file that is there */
START_TEST(test_in_the_way)
{
    static const char bytes[100];
    hi5_io io;

    ck_ok(io_write_family(NULL, fam_template, 10, IO_TRUNCATE, false, &io, &fam_err),
          &fam_err);
    fam_put(4, 3);
    ck_ok(io.write_at(io.ctx, 0, bytes, 30, &fam_err), &fam_err);
    ck_assert_int_eq(io.write_at(io.ctx, 30, bytes, 1, &fam_err), HI5_E_IO);
    ck_assert_int_eq(fam_bytes(3), -1);
    ck_assert_int_eq(fam_bytes(4), 3);
    remove(fam_file(4));
    ck_ok(io.write_at(io.ctx, 30, bytes, 20, &fam_err), &fam_err);
    io_close(&io);
    ck_assert_int_eq(io_write_family(NULL, fam_template, 10, IO_EXCLUSIVE, false, &io,
                                     &fam_err), HI5_E_EXISTS);
    remove(fam_file(0));
    ck_assert_int_eq(io_write_family(NULL, fam_template, 10, IO_EXCLUSIVE, false, &io,
                                     &fam_err), HI5_E_EXISTS);
}
END_TEST

Suite *suite_io_family(void);

Suite *
suite_io_family(void)
{
    Suite *const s = suite_create("io_family");
    TCase *const c = tcase_create("families of files");

    tcase_add_checked_fixture(c, fam_setup, fam_teardown);
    tcase_add_test(c, test_names);
    tcase_add_loop_test(c, test_walk, 0, 20);
    tcase_add_test(c, test_odd_members);
    tcase_add_test(c, test_in_the_way);
    suite_add_tcase(s, c);
    return s;
}
