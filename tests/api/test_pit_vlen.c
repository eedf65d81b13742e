/*
 * test_pit_vlen.c - pitfalls of variable-length data and global heaps: VLEN-xx of
 * docs/pitfalls.md
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"
#include "support.h"

Suite *suite_pit_vlen(void);

enum { MSG_TYPE = 3, MSG_LAYOUT = 8, MSG_ATTRIBUTE = 0x0c };

/* Where a contiguous dataset of strings has its elements: 4 length, 8 collection,
 * 4 index each. */
static uint64_t
elements(const struct patch *p, const char *path)
{
    return patch_get(p, patch_message(p, path, MSG_LAYOUT).address + 2, 8);
}

/* VLEN-03: that a collection has 4096 bytes at least is a rule for writers, and others
 * wrote smaller ones, which are read, as is what is there of one that says to go on
 * beyond the end of the file; but not one smaller than its own header, or without its
 * signature. */
START_TEST(collections)
{
    static const struct {
        uint64_t size;
        hi5_status status;
    } all[] = {{4088, HI5_OK},
               {8, HI5_E_CORRUPT},
               {0, HI5_E_CORRUPT},
               {1 << 30, HI5_OK},
               {UINT64_MAX, HI5_OK}};
    static const char path[] = "strings/variable 0 0";

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        struct patch p = patch_load("good/types-old.h5");
        const uint64_t at = patch_get(&p, elements(&p, path) + 4, 8);
        hi5_error err;

        ck_assert_mem_eq(p.b + at, "GCOL", 4);
        ck_assert_uint_eq(patch_get(&p, at + 8, 8), 4096);
        patch_put(&p, at + 8, 8, all[i].size);
        if (all[i].status == HI5_OK)
            ck_ok(patch_read(&p, path, NULL, &err), &err);
        else
            ck_fails(patch_read(&p, path, NULL, &err), &err, all[i].status, "GCOL",
                     "size");
        p.b[at] = 'X';
        ck_fails(patch_read(&p, path, NULL, &err), &err, HI5_E_CORRUPT, "GCOL",
                 "signature");
        patch_free(&p);
    }
}
END_TEST

/* VLEN-04, VLEN-05: length 0 or address 0 is empty; whatever else cannot be resolved is
 * an error, and not an empty string. */
START_TEST(elements_of_strings)
{
    static const struct {
        uint64_t length, address, index;
        bool good;
    } all[] = {
        {0, 0, 0, true},           {0, UINT64_MAX, 0, true}, {0, 0, 77, true},
        {3, UINT64_MAX, 1, false}, {3, 8, 1, false},         {3, 1 << 30, 1, false},
    };
    static const char path[] = "strings/variable 0 0";

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        struct patch p = patch_load("good/types-old.h5");
        const uint64_t at = elements(&p, path);
        hi5_error err;

        patch_put(&p, at, 4, all[i].length);
        patch_put(&p, at + 4, 8, all[i].address);
        patch_put(&p, at + 12, 4, all[i].index);
        if (all[i].good)
            ck_ok(patch_read(&p, path, NULL, &err), &err);
        else
            ck_assert_msg(patch_read(&p, path, NULL, &err) != HI5_OK &&
                              err.status != HI5_E_INTERNAL && err.structure[0] != '\0',
                          "%zu: %s", i, error_text(&err));
        patch_free(&p);
    }
}
END_TEST

/* VLEN-05, VLEN-08: lengths beyond what the heap has for them. */
START_TEST(long_lengths)
{
    static const uint32_t lengths[] = {100, 4096, 0x7fffffff, 0xffffffff};
    static const char path[] = "strings/variable 0 0";

    for (int i = 0; i < 4; i++) {
        struct patch p = patch_load("good/types-old.h5");
        const uint64_t at = elements(&p, path);
        hi5_error err;

        ck_assert_uint_eq(patch_get(&p, at, 4), 3);
        patch_put(&p, at, 4, lengths[i]);
        ck_assert_int_eq(patch_read(&p, path, NULL, &err), HI5_E_CORRUPT);
        ck_assert_ptr_nonnull(strstr(err.message, path));
        patch_free(&p);
    }
}
END_TEST

/* VLEN-01, VLEN-11: the kind is in the low bits of the class bit field: sequence,
 * string, and nothing else. */
START_TEST(kinds)
{
    for (unsigned kind = 0; kind < 4; kind++) {
        struct patch p = patch_load("good/types-old.h5");
        const hi5_message m = patch_message(&p, "strings/variable 0 0", MSG_TYPE);
        hi5_file *f = patch_open(&p);
        hi5_dataset *d;
        hi5_type_info t;
        hi5_error err;

        ck_assert_uint_eq(p.b[m.address] & 15, 9);
        ck_assert_uint_eq(p.b[m.address + 1] & 15, 1);
        p.b[m.address + 1] = (unsigned char)kind;
        if (kind < 2) {
            ck_ok(hi5_dataset_open(f, "strings/variable 0 0", &d, &err), &err);
            hi5_type_get_info(hi5_dataset_type(d), &t);
            ck_assert_int_eq(t.cls, HI5_VLEN);
            ck_assert(t.is_vlen_string == (kind == 1));
            hi5_dataset_close(d);
        } else {
            ck_fails(hi5_dataset_open(f, "strings/variable 0 0", &d, &err), &err,
                     HI5_E_CORRUPT, "datatype message", "");
            ck_assert_uint_ge(err.address, m.address);
        }
        hi5_close(f, NULL);
        patch_free(&p);
    }
}
END_TEST

/* VLEN-15, VLEN-16: elements from nothing to more than a collection usually has; a heap
 * in which objects came and went. */
START_TEST(sizes)
{
    static const size_t once[5] = {0, 1, 4000, 20000, 17};
    hi5_file *const f = open_fixture("good/heaps.h5");
    hi5_vlen v[5];
    hi5_type *t;
    hi5_error err;

    ck_ok(hi5_type_vlen(HI5_U8, &t, &err), &err);
    for (int k = 0; k < 2; k++) {
        hi5_dataset *d;

        ck_ok(hi5_dataset_open(f, k ? "again" : "once", &d, &err), &err);
        ck_ok(hi5_dataset_read(d, NULL, t, v, &err), &err);
        for (size_t i = 0; i < 5; i++) {
            const unsigned char *const b = v[i].p;

            ck_assert_uint_eq(v[i].n, k ? (3 * 131 + i * 37) % 300 : once[i]);
            for (size_t j = 0; j < v[i].n; j++)
                ck_assert_uint_eq(b[j], (unsigned char)(j / 100));
        }
        hi5_reclaim(f, t, 5, v);
        hi5_dataset_close(d);
    }
    hi5_type_free(t);
    hi5_close(f, NULL);
}
END_TEST

/* VLEN-21, VLEN-22: the same element as often as one likes; elements that share an
 * object. */
START_TEST(shared)
{
    struct patch p = patch_load("good/types-new.h5");
    static const char path[] = "strings/variable 0 0";
    const uint64_t at = elements(&p, path);
    hi5_file *f;
    hi5_dataset *d;
    char **s;
    size_t n;
    hi5_error err;

    memcpy(p.b + at + 64, p.b + at, 16); /* the last as the first */
    f = patch_open(&p);
    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    for (int round = 0; round < 3; round++) {
        ck_ok(hi5_dataset_read_strings(d, NULL, &s, &n, &err), &err);
        ck_assert_str_eq(s[0], "one");
        ck_assert_str_eq(s[4], "one");
        ck_assert_str_eq(s[3], "na\xc3\xafve");
        hi5_free(f, s);
    }
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

static void *
counting_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    size_t *const used = ctx;

    *used += new_size;
    *used -= old_size;
    return plain_resize(p, new_size);
}

/* VLEN-23: opened, read and closed a thousand times: nothing stays. */
START_TEST(no_growth)
{
    struct patch p = patch_load("good/types-new.h5");
    size_t used = 0;
    const hi5_allocator allocator = {&used, counting_resize};
    const hi5_open_options options = {.size = sizeof(options), .allocator = &allocator};

    for (int i = 0; i < 1000; i++) {
        hi5_file *f;
        hi5_error err;

        ck_ok(hi5_open_memory(p.b, p.n, &options, &f, &err), &err);
        ck_ok(read_numbers(f, "sequences/mixed", NULL, &err), &err);
        ck_ok(read_numbers(f, "strings/variable 0 0", NULL, &err), &err);
        hi5_close(f, NULL);
        ck_assert_uint_eq(used, 0);
    }
    patch_free(&p);
}
END_TEST

Suite *
suite_pit_vlen(void)
{
    Suite *const suite = suite_create("pit_vlen");
    TCase *const tc = tcase_create("pit_vlen");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, collections);
    tcase_add_test(tc, elements_of_strings);
    tcase_add_test(tc, long_lengths);
    tcase_add_test(tc, kinds);
    tcase_add_test(tc, sizes);
    tcase_add_test(tc, shared);
    tcase_add_test(tc, no_growth);
    suite_add_tcase(suite, tc);
    return suite;
}
