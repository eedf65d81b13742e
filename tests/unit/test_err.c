/*
 * test_err.c - what an error says
 */
#include "base/err.h"
#include "support.h"
#include <string.h>

START_TEST(test_message)
{
    hi5_error e;

    ck_assert_int_eq(err_set(&e, HI5_E_CORRUPT, 0x1cf, "FAHD", "page bits", "VII.C",
                             "%d exceed %s", 200, "a shift"),
                     HI5_E_CORRUPT);
    ck_assert_str_eq(e.message,
                     "corrupt in FAHD at 0x1cf: page bits: 200 exceed a shift "
                     "[FMT VII.C]");
    ck_assert_str_eq(e.cause, "200 exceed a shift");
    ck_assert(e.status == HI5_E_CORRUPT && e.address == 0x1cf);
    ck_assert_str_eq(e.structure, "FAHD");
    ck_assert_str_eq(e.field, "page bits");
    ck_assert_str_eq(e.section, "VII.C");
    ck_assert_str_eq(e.path, "");
    ck_assert_int_eq(err_path(&e, HI5_E_CORRUPT, "run.h5", "/grid"), HI5_E_CORRUPT);
    ck_assert_str_eq(e.message,
                     "run.h5: /grid: corrupt in FAHD at 0x1cf: page bits: 200 "
                     "exceed a shift [FMT VII.C]");
    /* the innermost path stays */
    err_path(&e, HI5_E_CORRUPT, "other.h5", "/");
    ck_assert_str_eq(e.path, "run.h5: /grid");
}
END_TEST

/* Parts that are not there leave nothing behind. */
START_TEST(test_parts)
{
    hi5_error e;

    err_plain(&e, HI5_E_ARG, "bad %u", 7u);
    ck_assert_str_eq(e.message, "bad 7");
    ck_assert(e.status == HI5_E_ARG && e.address == HI5_NO_ADDRESS);
    err_set(&e, HI5_E_IO, 16, NULL, NULL, NULL, "x");
    ck_assert_str_eq(e.message, "at 0x10: x");
    ck_assert_str_eq(e.structure, "");
    ck_assert_str_eq(e.section, "");
    err_set(&e, HI5_E_TRUNCATED, HI5_NO_ADDRESS, "file", "", "", "short");
    ck_assert_str_eq(e.message, "truncated in file: short");
    err_plain(&e, HI5_E_IO, "y");
    err_path(&e, HI5_E_IO, "a.h5", NULL);
    ck_assert_str_eq(e.message, "a.h5: y");
    err_plain(&e, HI5_E_IO, "y");
    err_path(&e, HI5_E_IO, NULL, "/b");
    ck_assert_str_eq(e.message, "/b: y");
    err_plain(&e, HI5_E_IO, "y");
    err_path(&e, HI5_E_IO, "", "");
    ck_assert_str_eq(e.message, "y");
    err_path(&e, HI5_OK, "a.h5", "/b"); /* no failure, no path */
    ck_assert_str_eq(e.path, "");
    ck_assert_int_eq(err_nomem(&e), HI5_E_NOMEM);
    ck_assert_str_eq(e.message, "out of memory");
    err_clear(&e);
    ck_assert(e.status == HI5_OK && e.message[0] == '\0' && e.cause[0] == '\0');
    ck_assert(e.address == HI5_NO_ADDRESS);
}
END_TEST

/* Texts from a file may be of any length: each is cut, and ends in NUL. */
START_TEST(test_long)
{
    char text[5000];
    hi5_error e;

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    err_set(&e, HI5_E_CORRUPT, UINT64_MAX - 1, "FAHD", "name", "VII.C", "%s", text);
    ck_assert_uint_eq(strlen(e.cause), sizeof e.cause - 1);
    err_path(&e, HI5_E_CORRUPT, text, text);
    ck_assert_uint_eq(strlen(e.path), sizeof e.path - 1);
    ck_assert_uint_lt(strlen(e.message), sizeof e.message);
    ck_assert_ptr_nonnull(strstr(e.message, "at 0xfffffffffffffffe: name: xxx"));
    ck_assert_ptr_nonnull(strstr(e.message, "x [FMT VII.C]"));
}
END_TEST

/* NULL: nobody wants to know. */
START_TEST(test_null)
{
    ck_assert_int_eq(err_set(NULL, HI5_E_IO, 0, "a", "b", "c", "d"), HI5_E_IO);
    ck_assert_int_eq(err_plain(NULL, HI5_E_ARG, "d"), HI5_E_ARG);
    ck_assert_int_eq(err_nomem(NULL), HI5_E_NOMEM);
    ck_assert_int_eq(err_path(NULL, HI5_E_ARG, "a", "b"), HI5_E_ARG);
    err_clear(NULL);
}
END_TEST

/* Every status has a name of its own; what is none has one too. */
START_TEST(test_names)
{
    ck_assert_str_eq(hi5_status_name(HI5_OK), "ok");
    ck_assert_str_eq(hi5_status_name(HI5_E_CORRUPT), "corrupt");
    ck_assert_str_eq(hi5_status_name(HI5_E_NOTFOUND), "not found");
    ck_assert_str_eq(hi5_status_name(HI5_E_INTERNAL), "internal error");
    for (int i = HI5_OK; i <= HI5_E_INTERNAL; i++)
        for (int k = HI5_OK; k < i; k++)
            ck_assert_str_ne(hi5_status_name((hi5_status)i),
                             hi5_status_name((hi5_status)k));
    ck_assert_str_eq(hi5_status_name((hi5_status)(HI5_E_INTERNAL + 1)),
                     "unknown status");
    ck_assert_str_eq(hi5_status_name((hi5_status)-1), "unknown status");
    ck_assert_str_eq(hi5_version(), HI5_VERSION);
}
END_TEST

Suite *suite_err(void);

Suite *
suite_err(void)
{
    Suite *const s = suite_create("err");
    TCase *const c = tcase_create("err");

    tcase_add_test(c, test_message);
    tcase_add_test(c, test_parts);
    tcase_add_test(c, test_long);
    tcase_add_test(c, test_null);
    tcase_add_test(c, test_names);
    suite_add_tcase(s, c);
    return s;
}
