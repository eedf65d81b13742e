/*
 * test_gheap.c - global heap collections [FMT III.E]
 */
#include "format/gheap.h"
#include "memfile.h"

Suite *suite_gheap(void);

/* The collection that libhdf5 makes of the strings "two", "one" (L = 4). */
static void
collection_of_strings(struct memfile *f)
{
    memfile_open(f, 8192, 4, 4);
    memfile_hex(f, 0x20,
                "47434f4c 01 000000 00100000 00000000"
                "0100 0000 00000000 00000000 00000000"
                "0200 0000 00000000 03000000 00000000 74776f0000000000"
                "0300 0000 00000000 03000000 00000000 6f6e650000000000"
                "0000 0000 00000000 b00f0000 00000000");
}

static void
expect(struct memfile *f, struct gheap *g, uint64_t addr, uint32_t index, const char *s)
{
    const uint8_t *bytes;
    void *held;
    size_t n;

    ck_ok(gheap_get(g, addr, index, &bytes, &n, &held, &f->err), &f->err);
    ck_assert_uint_eq(n, strlen(s));
    ck_assert_mem_eq(bytes, s, n);
    gheap_release(g, held);
}

static hi5_status
status_of(struct memfile *f, struct gheap *g, uint64_t addr, uint32_t index)
{
    const uint8_t *bytes;
    void *held;
    size_t n;
    const hi5_status s = gheap_get(g, addr, index, &bytes, &n, &held, &f->err);

    if (s == HI5_OK)
        gheap_release(g, held);
    else
        ck_assert_ptr_null(held);
    return s;
}

START_TEST(strings)
{
    struct memfile f;
    struct gheap *g;

    collection_of_strings(&f);
    ck_ok(gheap_create(&f.meta, &g, &f.err), &f.err);
    expect(&f, g, 0x20, 2, "two");
    expect(&f, g, 0x20, 3, "one");
    expect(&f, g, 0x20, 1, "");                          /* U-GH-5 */
    expect(&f, g, 0x20, 2, "two");                       /* VLEN-22 */
    ck_status(status_of(&f, g, 0x20, 4), HI5_E_CORRUPT); /* VLEN-05 */
    ck_at(&f.err, 0x20, "GCOL", "no object 4");
    ck_status(status_of(&f, g, 0x20, 0), HI5_E_CORRUPT); /* free space is no object */
    ck_status(status_of(&f, g, 0x20, 70000), HI5_E_CORRUPT);
    ck_status(status_of(&f, g, 0x24, 2), HI5_E_CORRUPT);
    ck_at(&f.err, 0x24, "GCOL", "signature");
    ck_status(status_of(&f, g, 8190, 2), HI5_E_TRUNCATED);
    ck_status(status_of(&f, g, UINT64_MAX, 2), HI5_E_CORRUPT);
    gheap_destroy(g);
    memfile_close(&f);
}
END_TEST

START_TEST(small_collections) /* other writers' minimum is not 4096 */
{
    struct memfile f;
    struct gheap *g;

    memfile_open(&f, 40, 8, 8);
    memfile_hex(&f, 0,
                "47434f4c 01 000000 2800000000000000"
                "0100 0000 00000000 0600000000000000 76616c756530 0000");
    ck_ok(gheap_create(&f.meta, &g, &f.err), &f.err);
    expect(&f, g, 0, 1, "value0");
    gheap_destroy(g);
    memfile_close(&f);
}
END_TEST

START_TEST(holes_and_bad_free_space) /* U-GH-4, VLEN-02 */
{
    struct memfile f;
    struct gheap *g;

    /* Index 9 before 2; then free space that is said to be 16 too short, and so
     * leads to 16 bytes of zeros. */
    memfile_open(&f, 128, 8, 8);
    memfile_hex(&f, 0,
                "47434f4c 01 000000 8000000000000000"
                "0900 0100 00000000 0100000000000000 6900000000000000"
                "0200 0000 00000000 0200000000000000 6a6a000000000000"
                "0000 0000 00000000 3000000000000000");
    ck_ok(gheap_create(&f.meta, &g, &f.err), &f.err);
    expect(&f, g, 0, 9, "i");
    expect(&f, g, 0, 2, "jj");
    ck_status(status_of(&f, g, 0, 3), HI5_E_CORRUPT);
    gheap_destroy(g);
    memfile_close(&f);
}
END_TEST

START_TEST(hostile_sizes) /* EVIL-06 */
{
    struct memfile f;
    struct gheap *g;

    /* An object larger than its collection; the one before it stays readable. */
    memfile_open(&f, 4096, 8, 8);
    memfile_hex(&f, 0,
                "47434f4c 01 000000 0010000000000000"
                "0100 0000 00000000 0100000000000000 6900000000000000"
                "0200 0000 00000000 ffffffffffffff7f");
    ck_ok(gheap_create(&f.meta, &g, &f.err), &f.err);
    expect(&f, g, 0, 1, "i");
    ck_status(status_of(&f, g, 0, 2), HI5_E_CORRUPT);
    ck_at(&f.err, 0x28 + 8, "global heap object", "past its collection");
    gheap_destroy(g);
    /* Rounding the size up to 8 wraps to 0. */
    memfile_fresh(&f);
    memfile_uint(&f, 0x30, 8, UINT64_MAX);
    ck_ok(gheap_create(&f.meta, &g, &f.err), &f.err);
    ck_status(status_of(&f, g, 0, 2), HI5_E_CORRUPT);
    gheap_destroy(g);
    /* Collections smaller than their header, and larger than the file. */
    memfile_fresh(&f);
    memfile_uint(&f, 8, 8, 15);
    ck_ok(gheap_create(&f.meta, &g, &f.err), &f.err);
    ck_status(status_of(&f, g, 0, 1), HI5_E_CORRUPT);
    ck_at(&f.err, 8, "GCOL", "smaller than its header");
    gheap_destroy(g);
    memfile_fresh(&f);
    memfile_uint(&f, 8, 8, (uint64_t)1 << 40);
    memfile_uint(&f, 0x30, 8, 1u << 20);
    ck_ok(gheap_create(&f.meta, &g, &f.err), &f.err);
    expect(&f, g, 0, 1, "i");
    ck_status(status_of(&f, g, 0, 2), HI5_E_TRUNCATED);
    ck_assert_uint_lt(f.mem.peak, 65536); /* EVIL-24 */
    gheap_destroy(g);
    memfile_close(&f);
}
END_TEST

START_TEST(all_indexes) /* VLEN-06, VLEN-07, VLEN-21 */
{
    enum { COUNT = 65535, EACH = 24, SIZE = 16 + COUNT * EACH };
    struct memfile f;
    struct gheap *g;
    char s[16];

    memfile_open(&f, SIZE, 8, 8);
    memfile_hex(&f, 0, "47434f4c 01 000000");
    memfile_uint(&f, 8, 8, SIZE);
    for (unsigned i = 1; i <= COUNT; i++) {
        const size_t at = 16 + (i - 1) * (size_t)EACH;
        memfile_uint(&f, at, 2, i);
        memfile_uint(&f, at + 8, 8, 5);
        snprintf(s, sizeof s, "%05u", i);
        memfile_text(&f, at + 16, s);
    }
    ck_ok(gheap_create(&f.meta, &g, &f.err), &f.err);
    for (unsigned i = COUNT; i >= 1; i--) {
        snprintf(s, sizeof s, "%05u", i);
        expect(&f, g, 0, i, s);
    }
    gheap_destroy(g);
    memfile_close(&f);
}
END_TEST

/* More collections than are kept: they come back, and what is held stays valid. */
START_TEST(many_collections)
{
    enum { COUNT = 3000, SIZE = 4096 };
    struct memfile f;
    struct gheap *g;
    const uint8_t *first;
    void *held;
    size_t n;

    memfile_open(&f, (size_t)COUNT * SIZE, 8, 8);
    for (unsigned i = 0; i < COUNT; i++) {
        const size_t at = memfile_hex(&f, (size_t)i * SIZE,
                                      "47434f4c 01 000000 0010000000000000"
                                      "0100 0000 00000000 0400000000000000");
        memfile_uint(&f, at, 4, i);
    }
    ck_ok(gheap_create(&f.meta, &g, &f.err), &f.err);
    ck_ok(gheap_get(g, 0, 1, &first, &n, &held, &f.err), &f.err);
    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < COUNT; i++) {
            const uint8_t *bytes;
            void *h;

            ck_ok(gheap_get(g, (uint64_t)i * SIZE, 1, &bytes, &n, &h, &f.err), &f.err);
            ck_assert_uint_eq(cur_raw_uint(bytes, 4), i);
            gheap_release(g, h);
        }
    ck_assert_uint_eq(cur_raw_uint(first, 4), 0);
    gheap_release(g, held);
    ck_assert_uint_lt(f.mem.used, 26u << 20); /* 8 MiB here, 16 MiB in the cache */
    gheap_destroy(g);
    memfile_close(&f);
}
END_TEST

/* What was forgotten is read anew; who holds it keeps what it was. */
START_TEST(forgetting)
{
    const uint8_t *old, *bytes;
    void *held, *h;
    struct gheap *g;
    struct memfile f;
    size_t n, at;

    memfile_open(&f, 8192, 8, 8);
    at = memfile_hex(&f, 4096, "47434f4c 01 000000 0010000000000000"
                               "0100 0000 00000000 0400000000000000");
    memfile_uint(&f, at, 4, 7);
    ck_ok(gheap_create(&f.meta, &g, &f.err), &f.err);
    ck_ok(gheap_get(g, 4096, 1, &old, &n, &held, &f.err), &f.err);
    memfile_uint(&f, at, 4, 8);
    meta_drop(&f.meta, 0, UINT64_MAX);
    for (unsigned i = 0; i < 3; i++) {
        ck_ok(gheap_get(g, 4096, 1, &bytes, &n, &h, &f.err), &f.err);
        ck_assert_uint_eq(cur_raw_uint(bytes, 4), i < 2 ? 7 : 8);
        gheap_release(g, h);
        if (i == 0)
            gheap_forget_at(g, 0); /* another one */
        if (i == 1)
            gheap_forget_at(g, 4096);
    }
    ck_assert_uint_eq(cur_raw_uint(old, 4), 7);
    gheap_release(g, held);
    gheap_forget(g);
    memfile_uint(&f, at, 4, 9);
    ck_ok(gheap_get(g, 4096, 1, &bytes, &n, &h, &f.err), &f.err);
    ck_assert_uint_eq(cur_raw_uint(bytes, 4), 9);
    gheap_release(g, h);
    gheap_destroy(g);
    memfile_close(&f);
}
END_TEST

/* The short way to an object says the same as the long one. */
START_TEST(views)
{
    struct gheap_view v = {.addr = ADDR_NONE};
    const uint8_t *bytes = NULL;
    struct gheap *g;
    struct memfile f;
    uint64_t n = 0;

    memfile_open(&f, 4096, 8, 8);
    memfile_hex(&f, 0, "47434f4c 01 000000 0010000000000000"
                       "0200 0000 00000000 0300000000000000 6162630000000000"
                       "0500 0000 00000000 ffff000000000000");
    ck_ok(gheap_create(&f.meta, &g, &f.err), &f.err);
    ck_assert(!gheap_view_find(&v, &f.meta, 2, &bytes, &n));
    ck_ok(gheap_look(g, 0, 2, &v, &f.err), &f.err);
    ck_assert(v.addr == 0 && gheap_view_find(&v, &f.meta, 2, &bytes, &n));
    ck_assert_uint_eq(n, 3);
    ck_assert_mem_eq(bytes, "abc", 3);
    ck_assert(!gheap_view_find(&v, &f.meta, 0, &bytes, &n));
    ck_assert(!gheap_view_find(&v, &f.meta, 3, &bytes, &n));
    ck_assert(!gheap_view_find(&v, &f.meta, UINT32_MAX, &bytes, &n));
    ck_assert(!gheap_view_find(&v, &f.meta, 5, &bytes, &n)); /* runs past the end */
    ck_status(gheap_look(g, 0, 5, &v, &f.err), HI5_E_CORRUPT);
    ck_assert_uint_eq(v.addr, ADDR_NONE);
    gheap_release(g, v.held);
    gheap_destroy(g);
    memfile_close(&f);
}
END_TEST

Suite *
suite_gheap(void)
{
    Suite *const suite = suite_create("gheap");
    TCase *const tc = tcase_create("gheap");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, strings);
    tcase_add_test(tc, small_collections);
    tcase_add_test(tc, holes_and_bad_free_space);
    tcase_add_test(tc, hostile_sizes);
    tcase_add_test(tc, all_indexes);
    tcase_add_test(tc, many_collections);
    tcase_add_test(tc, forgetting);
    tcase_add_test(tc, views);
    suite_add_tcase(suite, tc);
    return suite;
}
