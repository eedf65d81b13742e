/*
 * test_driver.c - driver information [FMT II.B]
 */
#include "format/superblock.h"
#include "memfile.h"

Suite *suite_driver(void);

START_TEST(family)
{
    struct driver_block d;
    struct memfile f;
    struct cur c;

    memfile_open(&f, 24, 8, 8);
    memfile_hex(&f, 0, "00 000000 08000000 4e43534166616d69 0008000000000000");
    c = meta_cursor_at(&f.meta, f.bytes, f.n, 0, NULL, &f.err);
    driver_block_code(&c, &d);
    ck_ok(c.status, &f.err);
    ck_assert_str_eq(d.name, "NCSAfami");
    ck_assert_uint_eq(d.size, 8); /* U-DRV-1 */
    ck_assert_uint_eq(cur_raw_uint(d.data, 8), 2048);
    memfile_uint(&f, 4, 4, 1009); /* a block of 1025 bytes */
    c = meta_cursor_at(&f.meta, f.bytes, f.n, 0, NULL, &f.err);
    driver_block_code(&c, &d);
    ck_status(c.status, HI5_E_CORRUPT);
    ck_at(&f.err, 4, "driver information block", "1024");
    memfile_close(&f);
}
END_TEST

START_TEST(split) /* U-DRV-2 */
{
    struct driver_multi d;
    struct memfile f;
    struct cur c;

    memfile_open(&f, 56, 8, 8);
    memfile_hex(&f, 0,
                "0101030301010000 0000000000000000 c005000000000000"
                "ffffffffffffff7f a00f000000000000 25732d6d2e683500"
                "25732d722e683500");
    c = meta_cursor_at(&f.meta, f.bytes, f.n, 0, NULL, &f.err);
    driver_multi_code(&c, &d);
    ck_ok(c.status, &f.err);
    ck_assert_uint_eq(d.map[1], 1);
    ck_assert_uint_eq(d.map[3], 3);
    ck_assert_uint_eq(d.map[4], 3); /* the global heap is with the raw data */
    ck_assert_uint_eq(d.map[6], 1);
    ck_assert_uint_eq(d.start[1], 0);
    ck_assert_uint_eq(d.eoa[1], 0x5c0);
    ck_assert_uint_eq(d.start[3], 0x7fffffffffffffff);
    ck_assert_uint_eq(d.eoa[3], 0xfa0);
    ck_assert_str_eq(d.name[1], "%s-m.h5");
    ck_assert_str_eq(d.name[3], "%s-r.h5");
    memfile_close(&f);
}
END_TEST

START_TEST(bad_map)
{
    struct driver_multi d;
    struct memfile f;
    struct cur c;

    memfile_open(&f, 56, 8, 8);
    memfile_hex(&f, 0, "0107");
    c = meta_cursor_at(&f.meta, f.bytes, f.n, 0, NULL, &f.err);
    driver_multi_code(&c, &d);
    ck_status(c.status, HI5_E_CORRUPT);
    ck_at(&f.err, 1, "multi driver information", "not a usage type");
    /* Names without a NUL. */
    memfile_hex(&f, 0, "010101010101");
    memset(f.bytes + 24, 'x', 32);
    c = meta_cursor_at(&f.meta, f.bytes, f.n, 0, NULL, &f.err);
    driver_multi_code(&c, &d);
    ck_status(c.status, HI5_E_TRUNCATED);
    memfile_close(&f);
}
END_TEST

Suite *
suite_driver(void)
{
    Suite *const suite = suite_create("driver");
    TCase *const tc = tcase_create("driver");

    tcase_add_test(tc, family);
    tcase_add_test(tc, split);
    tcase_add_test(tc, bad_map);
    suite_add_tcase(suite, tc);
    return suite;
}
