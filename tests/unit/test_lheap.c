/*
 * test_lheap.c - local heaps [FMT III.D]
 */
#include "format/lheap.h"
#include "memfile.h"

Suite *suite_lheap(void);

/* The heap of a root group with the links a, b, c, as libhdf5 writes it. */
static void
heap_of_names(struct memfile *f)
{
    memfile_open(f, 512, 8, 8);
    memfile_hex(f, 64,
                "48454150 00 000000 5800000000000000 2800000000000000"
                "8000000000000000");
    memfile_hex(f, 128,
                "0000000000000000 6200000000000000 6100000000000000"
                "2f62000000000000 6300000000000000 0100000000000000"
                "3000000000000000");
}

START_TEST(names_and_bounds)
{
    struct memfile f;
    struct lheap_view v;
    const char *s;

    heap_of_names(&f);
    ck_ok(lheap_open(&f.meta, 64, &v, &f.err), &f.err);
    ck_assert_uint_eq(v.head.data_size, 0x58);
    ck_assert_uint_eq(v.head.free_head, 0x28);
    ck_assert_uint_eq(v.head.data_addr, 128); /* GRP-08: not behind the header */
    ck_ok(lheap_string(&v, 0, &s, &f.err), &f.err);
    ck_assert_str_eq(s, ""); /* GRP-06 */
    ck_ok(lheap_string(&v, 0x18, &s, &f.err), &f.err);
    ck_assert_str_eq(s, "/b");
    /* EVIL-05 */
    ck_status(lheap_string(&v, 0x58, &s, &f.err), HI5_E_CORRUPT);
    ck_at(&f.err, 128, "local heap data segment", "outside its 88 bytes");
    ck_status(lheap_string(&v, UINT64_MAX, &s, &f.err), HI5_E_CORRUPT);
    lheap_close(&f.meta, &v);
    memfile_close(&f);
}
END_TEST

START_TEST(name_without_nul) /* EVIL-05 */
{
    struct memfile f;
    struct lheap_view v;
    const char *s;

    heap_of_names(&f);
    memset(f.bytes + 128 + 0x50, 'x', 8);
    ck_ok(lheap_open(&f.meta, 64, &v, &f.err), &f.err);
    ck_status(lheap_string(&v, 0x52, &s, &f.err), HI5_E_CORRUPT);
    ck_at(&f.err, 128 + 0x52, "local heap data segment", "no terminating NUL");
    lheap_close(&f.meta, &v);
    memfile_close(&f);
}
END_TEST

START_TEST(damaged_free_list_does_not_matter)
{
    struct memfile f;
    struct lheap_view v;
    const char *s;

    heap_of_names(&f);
    memfile_uint(&f, 80, 8, 0x123456789);
    ck_ok(lheap_open(&f.meta, 64, &v, &f.err), &f.err);
    ck_ok(lheap_string(&v, 8, &s, &f.err), &f.err);
    ck_assert_str_eq(s, "b");
    lheap_close(&f.meta, &v);
    memfile_close(&f);
}
END_TEST

START_TEST(segment_cut_by_end_of_file)
{
    struct memfile f;
    struct lheap_view v;
    const char *s;

    heap_of_names(&f);
    memfile_uint(&f, 72, 8, 1u << 30); /* EVIL-24: no gigabyte is allocated */
    ck_ok(lheap_open(&f.meta, 64, &v, &f.err), &f.err);
    ck_assert_uint_lt(f.mem.used, 16384);
    ck_ok(lheap_string(&v, 0x10, &s, &f.err), &f.err);
    ck_assert_str_eq(s, "a");
    ck_status(lheap_string(&v, 512 - 128, &s, &f.err), HI5_E_CORRUPT);
    lheap_close(&f.meta, &v);
    memfile_close(&f);
}
END_TEST

START_TEST(bad_headers)
{
    struct memfile f;
    struct lheap_view v;
    const char *s;

    heap_of_names(&f);
    memfile_uint(&f, 88, 8, UINT64_MAX);
    ck_status(lheap_open(&f.meta, 64, &v, &f.err), HI5_E_CORRUPT);
    ck_at(&f.err, 64 + 24, "HEAP", "undefined");
    memfile_fresh(&f);
    memfile_uint(&f, 88, 8, 512);
    ck_status(lheap_open(&f.meta, 64, &v, &f.err), HI5_E_TRUNCATED);
    memfile_fresh(&f);
    f.bytes[68] = 1;
    ck_status(lheap_open(&f.meta, 64, &v, &f.err), HI5_E_CORRUPT);
    ck_at(&f.err, 68, "HEAP", "version");
    ck_status(lheap_open(&f.meta, 500, &v, &f.err), HI5_E_TRUNCATED);
    ck_status(lheap_open(&f.meta, UINT64_MAX, &v, &f.err), HI5_E_CORRUPT);
    /* U-LH-5: an empty heap has no strings at all */
    memfile_fresh(&f);
    f.bytes[68] = 0;
    memfile_uint(&f, 72, 8, 0);
    ck_ok(lheap_open(&f.meta, 64, &v, &f.err), &f.err);
    ck_status(lheap_string(&v, 0, &s, &f.err), HI5_E_CORRUPT);
    lheap_close(&f.meta, &v);
    memfile_close(&f);
}
END_TEST

Suite *
suite_lheap(void)
{
    Suite *const suite = suite_create("lheap");
    TCase *const tc = tcase_create("lheap");

    tcase_add_test(tc, names_and_bounds);
    tcase_add_test(tc, name_without_nul);
    tcase_add_test(tc, damaged_free_list_does_not_matter);
    tcase_add_test(tc, segment_cut_by_end_of_file);
    tcase_add_test(tc, bad_headers);
    suite_add_tcase(suite, tc);
    return suite;
}
