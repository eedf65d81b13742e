/*
 * test_pit_type.c - pitfalls of datatypes: TYPE-xx of docs/pitfalls.md that no unit test
 * names
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"
#include "support.h"

Suite *suite_pit_type(void);

static const char *const files[] = {"good/types-old.h5", "good/types-new.h5"};

static hi5_type_info
type_of(hi5_file *f, const char *path)
{
    hi5_dataset *d;
    hi5_type_info i;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    hi5_type_get_info(hi5_dataset_type(d), &i);
    hi5_dataset_close(d);
    i.base = NULL; /* what was borrowed */
    i.tag = NULL;
    i.dims = NULL;
    return i;
}

/* TYPE-05, TYPE-06: every field of the standard integers and floats: sign, order,
 * precision, places. */
START_TEST(standard_numbers)
{
    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(files[k]);
        static const struct {
            const char *path;
            hi5_byte_order order;
            unsigned size, sign, exp_pos, exp_size, man_size;
            uint32_t bias;
        } floats[] = {
            {"floats/f32le", HI5_LE, 4, 31, 23, 8, 23, 127},
            {"floats/f32be", HI5_BE, 4, 31, 23, 8, 23, 127},
            {"floats/f64le", HI5_LE, 8, 63, 52, 11, 52, 1023},
            {"floats/f64be", HI5_BE, 8, 63, 52, 11, 52, 1023},
            {"floats/half", HI5_LE, 2, 15, 10, 5, 10, 15},
            {"floats/half be", HI5_BE, 2, 15, 10, 5, 10, 15},
            {"floats/bfloat16", HI5_LE, 2, 15, 7, 8, 7, 127},
        };

        for (unsigned i = 0; i < 16; i++) {
            char path[32];
            hi5_type_info t;

            snprintf(path, sizeof(path), "integers/standard%02u", i);
            t = type_of(f, path);
            ck_assert_int_eq(t.cls, HI5_INTEGER);
            ck_assert_uint_eq(t.size, 1u << i % 8 / 2);
            ck_assert_uint_eq(t.precision, 8u << i % 8 / 2);
            ck_assert_uint_eq(t.offset, 0);
            ck_assert_int_eq(t.order, i % 2 ? HI5_BE : HI5_LE);
            ck_assert(t.is_signed == (i < 8));
        }
        for (size_t i = 0; i < sizeof(floats) / sizeof(*floats); i++) {
            const hi5_type_info t = type_of(f, floats[i].path);

            ck_assert_int_eq(t.cls, HI5_FLOAT);
            ck_assert_int_eq(t.order, floats[i].order);
            ck_assert_uint_eq(t.size, floats[i].size);
            ck_assert_uint_eq(t.precision, 8 * floats[i].size);
            ck_assert_uint_eq(t.sign_pos, floats[i].sign);
            ck_assert_uint_eq(t.exp_pos, floats[i].exp_pos);
            ck_assert_uint_eq(t.exp_size, floats[i].exp_size);
            ck_assert_uint_eq(t.man_pos, 0);
            ck_assert_uint_eq(t.man_size, floats[i].man_size);
            ck_assert_uint_eq(t.exp_bias, floats[i].bias);
            ck_assert_int_eq(t.norm, HI5_NORM_IMPLIED);
        }
        hi5_close(f, NULL);
    }
}
END_TEST

/* TYPE-17: types that differ in size or tag alone, in one file, are told apart. */
START_TEST(alike)
{
    static const char *const tags[] = {"", "tag", "exactly8",
                                       "a tag of more than eight"};

    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(files[k]);
        hi5_dataset *d[4];
        hi5_error err;

        for (int i = 0; i < 4; i++) {
            char path[32];
            hi5_type_info t;

            snprintf(path, sizeof(path), "classes/opaque %d", i);
            ck_ok(hi5_dataset_open(f, path, &d[i], &err), &err);
            hi5_type_get_info(hi5_dataset_type(d[i]), &t);
            ck_assert_uint_eq(t.size, 3u * (unsigned)i + 1);
            ck_assert_str_eq(t.tag, tags[i]);
            for (int j = 0; j < i; j++)
                ck_assert(
                    !hi5_type_equal(hi5_dataset_type(d[i]), hi5_dataset_type(d[j])));
        }
        for (int i = 0; i < 4; i++)
            hi5_dataset_close(d[i]);
        hi5_close(f, NULL);
    }
}
END_TEST

/* TYPE-19, TYPE-21: null-terminated strings that fill their width, of bytes and of
 * characters of four and of two bytes. */
START_TEST(full_width)
{
    static const char *const wanted[12] = {"\xf0\x9f\x98\x80",
                                           "abcd",
                                           "\xc3\xa9\xc3\xa9",
                                           "ab",
                                           "    ",
                                           "",
                                           "1234",
                                           "5678",
                                           "9abc",
                                           "defg",
                                           "hijk",
                                           "lmno"};

    for (int k = 0; k < 2; k++) {
        hi5_file *const f =
            open_fixture(k ? "good/pit-chunks-new.h5" : "good/pit-chunks-old.h5");
        hi5_dataset *d;
        hi5_type *narrow;
        char **s, cut[12][2];
        size_t n;
        hi5_error err;

        ck_ok(hi5_dataset_open(f, "full width", &d, &err), &err);
        ck_ok(hi5_dataset_read_strings(d, NULL, &s, &n, &err), &err);
        ck_assert_uint_eq(n, 12);
        for (int i = 0; i < 12; i++)
            ck_assert_str_eq(s[i], wanted[i]);
        hi5_free(f, s);
        /* TYPE-22: into fewer bytes: what there is room for, as libhdf5 has it */
        ck_ok(hi5_type_string(2, HI5_NULL_PADDED, HI5_UTF8, &narrow, &err), &err);
        ck_ok(hi5_dataset_read(d, NULL, narrow, cut, &err), &err);
        for (int i = 0; i < 12; i++)
            ck_assert_int_eq(strncmp(cut[i], wanted[i], 2), 0);
        hi5_type_free(narrow);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* TYPE-23: character sets differ as types, and the bytes are the same in either. */
START_TEST(character_sets)
{
    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(files[k]);
        hi5_dataset *a, *u;
        hi5_type *t;
        char x[5][6], y[5][6];
        hi5_error err;

        ck_ok(hi5_dataset_open(f, "strings/fixed 1 0", &a, &err), &err);
        ck_ok(hi5_dataset_open(f, "strings/fixed 1 1", &u, &err), &err);
        ck_assert(!hi5_type_equal(hi5_dataset_type(a), hi5_dataset_type(u)));
        ck_ok(hi5_type_string(6, HI5_NULL_PADDED, HI5_UTF8, &t, &err), &err);
        ck_ok(hi5_dataset_read(u, NULL, t, y, &err), &err);
        ck_ok(hi5_dataset_read(u, NULL, NULL, x, &err), &err);
        ck_assert_mem_eq(x, y, sizeof(x));
        hi5_type_free(t);
        hi5_dataset_close(a);
        hi5_dataset_close(u);
        hi5_close(f, NULL);
    }
}
END_TEST

Suite *
suite_pit_type(void)
{
    Suite *const suite = suite_create("pit_type");
    TCase *const tc = tcase_create("pit_type");

    tcase_add_test(tc, standard_numbers);
    tcase_add_test(tc, alike);
    tcase_add_test(tc, full_width);
    tcase_add_test(tc, character_sets);
    suite_add_tcase(suite, tc);
    return suite;
}
