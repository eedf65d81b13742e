/*
 * test_pit_fill.c - pitfalls of fill values: FILL-xx of docs/pitfalls.md
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"
#include "support.h"

Suite *suite_pit_fill(void);

enum { MSG_FILL = 5, MSG_LAYOUT = 8 };

static const char *const files[] = {"good/fills-old.h5", "good/fills-new.h5"};

/* FILL-02, FILL-03, FILL-05, FILL-10, FILL-16: each combination of layout, allocation
 * time, fill time and state that the fixture has: what is not allocated, and what was
 * filled when it was allocated, reads as the value that the user gave, else as zero;
 * where it must never be written, storage that is there has it from nowhere. All of
 * the caller's buffer is written. */
START_TEST(all_settings)
{
    static const char *const states[] = {"undefined", "default", "user"};
    int read = 0;

    for (int k = 0; k < 2 * 2 * 3 * 3 * 3; k++) {
        const int layout = 1 + k / 2 % 2, alloc = k / 4 % 3, time = k / 12 % 3,
                  state = k / 36;
        hi5_file *const f = open_fixture(files[k & 1]);
        char name[64];
        int16_t v[6];
        int32_t fill = 99;
        hi5_dataset *d;
        hi5_fill info;
        hi5_error err;

        snprintf(name, sizeof(name), "layout %d, alloc %d, time %d, %s", layout, alloc,
                 time, states[state]);
        if (hi5_dataset_open(f, name, &d, &err) == HI5_OK) {
            hi5_dataset_get_fill(d, &info);
            ck_assert_int_eq(info.status, state);
            ck_assert_uint_eq(info.write_time, (unsigned)time);
            ck_assert_uint_eq(info.alloc_time, (unsigned)alloc + 1);
            memset(v, 0x55, sizeof(v));
            ck_ok(hi5_dataset_read(d, NULL, HI5_I16, v, &err), &err);
            for (int i = 0; i < 6; i++)
                ck_assert_msg(v[i] == (state == 2 && time != 1 ? 0x1234 : 0),
                              "%s: 0x%x", name, (unsigned)v[i]);
            ck_ok(hi5_dataset_read_fill(d, HI5_I32, &fill, &err), &err);
            ck_assert_int_eq(fill, state == 2 ? 0x1234 : 0); /* FILL-15 */
            hi5_dataset_close(d);
            read++;
        }
        hi5_close(f, NULL);
    }
    ck_assert_int_ge(read, 50);
}
END_TEST

/* FILL-01, FILL-11: the rest of a chunk of which one element was written. */
START_TEST(rest_of_a_chunk)
{
    hi5_file *const f = open_fixture("good/pit-chunks-old.h5");
    const uint64_t start[1] = {(1ull << 33) - 16}, count[1] = {16};
    hi5_dataset *d;
    int32_t v[16];
    hi5_error err;

    ck_ok(hi5_dataset_open(f, "far", &d, &err), &err);
    ck_ok(hi5_dataset_read_slab(d, start, count, HI5_I32, v, &err), &err);
    for (int i = 0; i < 14; i++)
        ck_assert_int_eq(v[i], -1);
    ck_assert(v[14] == 41 && v[15] == 42);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

/* FILL-07: a value of another size than the type is refused where it is needed, and only
 * there. */
START_TEST(wrong_size)
{
    struct patch p = patch_load("good/fills-new.h5");
    static const char path[] = "layout 2, alloc 2, time 2, user";
    const uint64_t at = patch_object(&p, path);
    const hi5_message m = patch_message(&p, path, MSG_FILL);
    hi5_file *f;
    hi5_dataset *d;
    int32_t v;
    hi5_error err;

    ck_assert_uint_eq(p.b[m.address], 3);
    ck_assert_uint_eq(patch_get(&p, m.address + 2, 4), 2);
    patch_put(&p, m.address + 2, 4, 1);
    patch_fix(&p, at);
    ck_fails(patch_read(&p, path, NULL, &err), &err, HI5_E_CORRUPT,
             "fill value message", "size");
    f = patch_open(&p);
    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    ck_status(hi5_dataset_read_fill(d, HI5_I32, &v, &err), HI5_E_CORRUPT);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* FILL-08, VLEN-17: strings never written are empty, or what the fill value says. */
START_TEST(strings)
{
    static const struct {
        const char *file, *path, *wanted;
        size_t n;
    } all[] = {
        {"good/pit-chunks-old.h5", "strings, unwritten", "", 12},
        {"good/pit-chunks-new.h5", "strings, unwritten", "", 12},
        {"good/types-old.h5", "strings/variable, unwritten 0 0", "", 5},
        {"good/types-new.h5", "strings/variable, unwritten 2 1", "", 5},
        {"good/fill-types.h5", "variable string", "filling", 3},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        hi5_file *const f = open_fixture(all[i].file);
        hi5_dataset *d;
        hi5_error err;
        char **s;
        size_t n;

        ck_ok(hi5_dataset_open(f, all[i].path, &d, &err), &err);
        ck_ok(hi5_dataset_read_strings(d, NULL, &s, &n, &err), &err);
        ck_assert_uint_eq(n, all[i].n);
        for (size_t k = 0; k < n; k++)
            ck_assert_str_eq(s[k] ? s[k] : "", all[i].wanted);
        hi5_free(f, s);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* FILL-09: a message of the future matters where the value is needed, not where all has
 * been written. */
START_TEST(future_version)
{
    struct patch p = patch_load("good/layouts-new.h5");
    static const char *const paths[] = {"contiguous", "contiguous, unwritten"};
    int64_t v[70];
    hi5_error err;

    for (int i = 0; i < 2; i++) {
        const uint64_t at = patch_object(&p, paths[i]);

        p.b[patch_message(&p, paths[i], MSG_FILL).address] = 9;
        patch_fix(&p, at);
    }
    ck_ok(patch_read(&p, "contiguous", v, &err), &err);
    ck_assert_int_eq(v[69], 69);
    ck_fails(patch_read(&p, "contiguous, unwritten", v, &err), &err, HI5_E_UNSUPPORTED,
             "fill value message", "");
    patch_free(&p);
}
END_TEST

/* FILL-12: a terabyte of nothing takes neither memory nor reads. */
START_TEST(a_terabyte)
{
    struct patch p = patch_load("good/layouts-new.h5");
    static const char path[] = "b-tree, unwritten";
    const uint64_t at = patch_object(&p, path);
    const hi5_message m = patch_message(&p, path, 1);
    const uint64_t start[2] = {(1ull << 40) - 1, 5}, count[2] = {1, 2};
    hi5_file *f;
    hi5_dataset *d;
    int32_t v[2] = {0, 0};
    uint64_t bytes = 1;
    hi5_error err;

    ck_assert_uint_eq(patch_get(&p, m.address + 4, 8), 10);
    patch_put(&p, m.address + 4, 8, 1ull << 40);
    patch_fix(&p, at);
    f = patch_open(&p);
    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    ck_ok(hi5_dataset_read_slab(d, start, count, HI5_I32, v, &err), &err);
    ck_assert(v[0] == -9 && v[1] == -9);
    ck_ok(hi5_dataset_storage(d, &bytes, &err), &err);
    ck_assert_uint_eq(bytes, 0);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

Suite *
suite_pit_fill(void)
{
    Suite *const suite = suite_create("pit_fill");
    TCase *const tc = tcase_create("pit_fill");

    tcase_add_test(tc, all_settings);
    tcase_add_test(tc, rest_of_a_chunk);
    tcase_add_test(tc, wrong_size);
    tcase_add_test(tc, strings);
    tcase_add_test(tc, future_version);
    tcase_add_test(tc, a_terabyte);
    suite_add_tcase(suite, tc);
    return suite;
}
