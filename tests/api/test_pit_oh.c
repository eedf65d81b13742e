/*
 * test_pit_oh.c - pitfalls of object headers: OH-xx of docs/pitfalls.md
 */
#include <string.h>

#include "patch.h"
#include "support.h"

Suite *suite_pit_oh(void);

static hi5_object_info
object_info(hi5_file *f, const char *path)
{
    hi5_object *o;
    hi5_object_info i;
    hi5_error err;

    ck_ok(hi5_object_open(f, path, &o, &err), &err);
    ck_ok(hi5_object_get_info(o, &i, &err), &err);
    i.comment = NULL; /* it was borrowed */
    hi5_object_close(o);
    return i;
}

/* OH-07: an unknown message, with each flag. Only bit 7 concerns a reader. */
START_TEST(unknown_messages)
{
    static const struct {
        unsigned flags;
        hi5_status status;
    } all[] = {{0x00, HI5_OK}, {0x08, HI5_OK}, {0x10, HI5_OK},
               {0x14, HI5_OK}, {0x30, HI5_OK}, {0x80, HI5_E_UNSUPPORTED}};
    static const char *const files[] = {"good/sb0.h5", "good/sb3.h5"};

    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
            struct patch p = patch_load(files[k]);
            const uint64_t at = patch_object(&p, "contiguous");
            const hi5_message m = patch_message(&p, "contiguous", 0); /* NIL */
            hi5_error err;

            if (k == 0) {
                patch_put(&p, m.address - 8, 2, 0x7f);
                p.b[m.address - 4] = (unsigned char)all[i].flags;
            } else {
                p.b[m.address - 4] = 0x7f;
                p.b[m.address - 1] = (unsigned char)all[i].flags;
            }
            patch_fix(&p, at);
            if (all[i].status == HI5_OK) {
                ck_ok(patch_read(&p, "contiguous", NULL, &err), &err);
            } else {
                ck_fails(patch_read(&p, "contiguous", NULL, &err), &err, all[i].status,
                         k ? "OHDR" : "object header", "message type");
                ck_assert_ptr_nonnull(strstr(err.message, "contiguous"));
            }
            patch_free(&p);
        }
}
END_TEST

/* OH-08: times and phase change values are there, and are those of the file. */
START_TEST(optional_blocks)
{
    hi5_file *f = open_fixture("good/attrs-order.h5");
    hi5_object_info i = object_info(f, "tracked, dense");

    ck_assert_uint_eq(i.attribute_max_compact, 2);
    ck_assert_uint_eq(i.attribute_min_dense, 1);
    ck_assert(i.attribute_order_tracked && !i.attribute_order_indexed);
    ck_assert(!i.has_times);
    i = object_info(f, "indexed, dense");
    ck_assert_uint_eq(i.attribute_max_compact, 0);
    ck_assert_uint_eq(i.attribute_min_dense, 0);
    ck_assert(i.attribute_order_indexed);
    i = object_info(f, "indexed, compact"); /* the defaults are not stored */
    ck_assert_uint_eq(i.attribute_max_compact, 8);
    ck_assert_uint_eq(i.attribute_min_dense, 6);
    hi5_close(f, NULL);
    {
        struct patch p = patch_load("good/times-new.h5");
        const uint64_t at = patch_object(&p, "dataset");

        for (unsigned k = 0; k < 4; k++)
            patch_put(&p, at + 6 + 4 * k, 4, 1000000000u + k);
        patch_fix(&p, at);
        f = patch_open(&p);
        i = object_info(f, "dataset");
        ck_assert(i.has_times);
        ck_assert_int_eq(i.atime, 1000000000);
        ck_assert_int_eq(i.mtime, 1000000001);
        ck_assert_int_eq(i.ctime, 1000000002);
        ck_assert_int_eq(i.btime, 1000000003);
        hi5_close(f, NULL);
        patch_free(&p);
    }
}
END_TEST

/* OH-10: in version 2 a gap too small for a message may end a chunk; in version 1 there
 * is no such thing: messages and header have multiples of 8 bytes. */
START_TEST(gaps)
{
    struct patch p = patch_load("good/sb3.h5");
    const uint64_t at = patch_object(&p, "contiguous");
    hi5_message m = patch_message(&p, "contiguous", 0);
    int64_t v[30];
    hi5_error err;

    for (unsigned gap = 1; gap <= 3; gap++) {
        ck_assert_uint_gt(m.size, gap);
        patch_put(&p, m.address - 3, 2, m.size - gap);
        memset(p.b + m.address + m.size - gap, 0xee, gap);
        /* by hand: the bytes of the gap are no message */
        patch_sum(&p, at, m.address + m.size);
        ck_ok(patch_read(&p, "contiguous", v, &err), &err);
        ck_assert_int_eq(v[29], 29);
    }
    patch_free(&p);
    p = patch_load("good/sb0.h5");
    m = patch_message(&p, "contiguous", 0);
    patch_put(&p, m.address - 6, 2, m.size - 3);
    ck_fails(patch_read(&p, "contiguous", v, &err), &err, HI5_E_CORRUPT,
             "object header", "message size");
    patch_free(&p);
}
END_TEST

/* OH-12: one rule for messages that overrun, whatever the bytes come from: the same
 * error from a path and from memory. */
START_TEST(one_rule)
{
    static const char *const files[] = {"bad/ohdr1-message-past-end.h5",
                                        "bad/ohdr-message-past-end.h5",
                                        "bad/ohdr1-size-past-end.h5"};

    for (int i = 0; i < 3; i++) {
        struct patch p = patch_load(files[i]);
        hi5_file *const f = open_fixture(files[i]);
        hi5_error a, b;
        const hi5_status s = read_numbers(f, "x", NULL, &a);

        ck_assert_int_ne(s, HI5_OK);
        ck_assert_int_eq(patch_read(&p, "x", NULL, &b), s);
        ck_assert_uint_eq(a.address, b.address);
        ck_assert_str_eq(a.structure, b.structure);
        ck_assert_str_eq(a.cause, b.cause);
        hi5_close(f, NULL);
        patch_free(&p);
    }
}
END_TEST

/* OH-14: hard links are counted in the prefix of version 1, and by a message in
 * version 2, whose absence means 1. */
START_TEST(reference_counts)
{
    static const char *const files[] = {"good/pit-names-old.h5",
                                        "good/pit-names-new.h5"};

    for (int i = 0; i < 2; i++) {
        hi5_file *const f = open_fixture(files[i]);

        ck_assert_uint_eq(object_info(f, "group").reference_count, 3);
        ck_assert_uint_eq(object_info(f, "group").header_version, i ? 2 : 1);
        ck_assert_uint_eq(object_info(f, "Day").reference_count, 1);
        ck_assert_uint_eq(object_info(f, "again").address,
                          object_info(f, "group").address);
        hi5_close(f, NULL);
    }
}
END_TEST

/* OH-16: an object whose attributes went from the header to the heap and back. */
START_TEST(after_dense)
{
    hi5_file *const f = open_fixture("good/pit-attrs-new.h5");

    ck_assert_uint_eq(object_info(f, "emptied").attributes, 1);
    ck_assert_uint_eq(object_info(f, "five").attributes, 5);
    hi5_close(f, NULL);
}
END_TEST

Suite *
suite_pit_oh(void)
{
    Suite *const suite = suite_create("pit_oh");
    TCase *const tc = tcase_create("pit_oh");

    tcase_add_test(tc, unknown_messages);
    tcase_add_test(tc, optional_blocks);
    tcase_add_test(tc, gaps);
    tcase_add_test(tc, one_rule);
    tcase_add_test(tc, reference_counts);
    tcase_add_test(tc, after_dense);
    suite_add_tcase(suite, tc);
    return suite;
}
