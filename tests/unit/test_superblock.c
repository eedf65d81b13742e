/*
 * test_superblock.c - finding and decoding the superblock [FMT II.A]
 */
#include "format/superblock.h"
#include "memfile.h"

Suite *suite_superblock(void);

static const char version0[] = /* h5py, user block 1024 */
    "894844460d0a1a0a 00 00 00 00 00 08 08 00 0400 1000 00000000"
    "0004000000000000 ffffffffffffffff 080c000000000000 ffffffffffffffff"
    "0000000000000000 6000000000000000 01000000 00000000 8800000000000000"
    "a802000000000000";
static const char version1[] = /* H5Pset_istore_k 7 */
    "894844460d0a1a0a 01 00 00 00 00 08 08 00 0400 1000 00000000 0700 0000"
    "0000000000000000 ffffffffffffffff 2403000000000000 ffffffffffffffff"
    "0000000000000000 6400000000000000 01000000 00000000 8c00000000000000"
    "ac02000000000000";
static const char version2[] =
    "894844460d0a1a0a 02 08 08 00 0000000000000000 ffffffffffffffff"
    "c300000000000000 3000000000000000 ab5fed36";

START_TEST(behind_a_user_block) /* OPEN-05, OPEN-07 */
{
    static const size_t where[] = {0, 512, 1024, 2048, 1 << 20};
    struct superblock s;
    struct memfile f;
    uint64_t at;

    for (size_t i = 0; i < sizeof where / sizeof *where; i++) {
        memfile_open(&f, where[i] + 3080, 8, 8);
        memfile_hex(&f, where[i], version0);
        ck_ok(superblock_find(&f.meta, &s, &at, &f.err), &f.err);
        ck_assert_uint_eq(at, where[i]);
        ck_assert_uint_eq(f.meta.base, where[i]); /* U-SB-6 */
        ck_assert_uint_eq(f.meta.eof, 3080);
        ck_assert_uint_eq(s.base, 1024); /* as stored */
        ck_assert_uint_eq(s.eof, 0xc08); /* U-SB-5 */
        ck_assert_uint_eq(s.root, 0x60);
        ck_assert_uint_eq(s.root_entry.cache, STE_STAB);
        ck_assert_uint_eq(s.root_entry.btree, 0x88);
        ck_assert_uint_eq(s.root_entry.heap, 0x2a8);
        ck_assert_uint_eq(s.extension, HI5_NO_ADDRESS);
        memfile_close(&f);
    }
}
END_TEST

START_TEST(nowhere) /* OPEN-07 */
{
    static const size_t where[] = {1, 100, 513, 1536, 2047};
    struct superblock s;
    struct memfile f;
    uint64_t at;

    for (size_t i = 0; i < sizeof where / sizeof *where; i++) {
        memfile_open(&f, 4096, 8, 8);
        memfile_hex(&f, where[i], version0);
        ck_status(superblock_find(&f.meta, &s, &at, &f.err), HI5_E_CORRUPT);
        ck_at(&f.err, HI5_NO_ADDRESS, "superblock", "not an HDF5 file");
        memfile_close(&f);
    }
    memfile_open(&f, 7, 8, 8);
    ck_status(superblock_find(&f.meta, &s, &at, &f.err), HI5_E_CORRUPT);
    memfile_close(&f);
}
END_TEST

START_TEST(k_values) /* OPEN-09, OPEN-10 */
{
    struct superblock s;
    struct memfile f;
    uint64_t at;

    memfile_open(&f, 1000, 8, 8);
    memfile_hex(&f, 0, version1);
    ck_ok(superblock_find(&f.meta, &s, &at, &f.err), &f.err);
    ck_assert_uint_eq(s.chunk_k, 7);
    ck_assert_uint_eq(s.flags, 0);
    ck_assert_uint_eq(s.leaf_k, 4);
    ck_assert_uint_eq(s.internal_k, 16);
    ck_assert_uint_eq(s.eof, 0x324);
    memfile_fresh(&f);
    memset(f.bytes, 0, f.n);
    memfile_hex(&f, 0, version2);
    ck_ok(superblock_find(&f.meta, &s, &at, &f.err), &f.err);
    ck_assert_uint_eq(s.chunk_k, 32);
    ck_assert_uint_eq(s.leaf_k, 4);
    ck_assert_uint_eq(s.internal_k, 16);
    ck_assert_uint_eq(s.root, 0x30);
    ck_assert_uint_eq(s.driver, HI5_NO_ADDRESS);
    memfile_fresh(&f);
    memfile_hex(&f, 0, version0);
    ck_ok(superblock_find(&f.meta, &s, &at, &f.err), &f.err);
    ck_assert_uint_eq(s.chunk_k, 32);
    memfile_close(&f);
}
END_TEST

START_TEST(widths) /* OPEN-13 */
{
    struct superblock s;
    struct memfile f;
    uint64_t at;

    memfile_open(&f, 0x2000, 8, 8);
    memfile_hex(&f, 0, "894844460d0a1a0a 03 02 04 00 0000 ffff 0020 1800 c08d8504");
    ck_ok(superblock_find(&f.meta, &s, &at, &f.err), &f.err);
    ck_assert_uint_eq(f.meta.off_w, 2);
    ck_assert_uint_eq(f.meta.len_w, 4);
    ck_assert_uint_eq(s.extension, HI5_NO_ADDRESS);
    ck_assert_uint_eq(s.eof, 0x2000);
    ck_assert_uint_eq(s.root, 0x18);
    memfile_fresh(&f); /* O 16: fine as long as addresses are not */
    memset(f.bytes, 0, f.n);
    memfile_hex(&f, 0,
                "894844460d0a1a0a 03 10 08 00 00000000000000000000000000000000"
                "ffffffffffffffffffffffffffffffff"
                "ac210000000000000000000000000000"
                "50000000000000000000000000000000 4874c8bb");
    ck_ok(superblock_find(&f.meta, &s, &at, &f.err), &f.err);
    ck_assert_uint_eq(f.meta.off_w, 16);
    ck_assert_uint_eq(s.extension, HI5_NO_ADDRESS);
    ck_assert_uint_eq(s.root, 0x50);
    memfile_fresh(&f);
    f.bytes[12 + 15] = 1;
    ck_status(superblock_find(&f.meta, &s, &at, &f.err), HI5_E_UNSUPPORTED);
    memfile_fresh(&f); /* U-SB-2 */
    f.bytes[9] = 3;
    ck_status(superblock_find(&f.meta, &s, &at, &f.err), HI5_E_CORRUPT);
    ck_at(&f.err, 9, "superblock", "size of offsets");
    memfile_close(&f);
}
END_TEST

/* One byte of a version 0 superblock is changed. */
static const struct {
    size_t at;
    uint8_t byte;
    hi5_status status;
    const char *words;
} changes[] = {
    {8, 4, HI5_E_UNSUPPORTED, "there are versions 0 to 3"}, /* OPEN-14 */
    {8, 255, HI5_E_UNSUPPORTED, "255"},
    {9, 1, HI5_E_CORRUPT, "free-space storage"},
    {10, 1, HI5_E_CORRUPT, "root entry"},
    {12, 1, HI5_E_CORRUPT, "shared header messages"},
    {13, 0, HI5_E_CORRUPT, "size of offsets"},
    {14, 9, HI5_E_CORRUPT, "size of lengths"},
    {16, 0, HI5_E_CORRUPT, "group leaf node K"}, /* U-SB-3 */
    {18, 0, HI5_E_CORRUPT, "group internal node K"},
    {20, 8, HI5_E_CORRUPT, "reserved bits"},
    {72, 3, HI5_E_CORRUPT, "unknown cache type"},
};

START_TEST(damage)
{
    struct superblock s;
    struct memfile f;
    uint64_t at;

    memfile_open(&f, 1000, 8, 8);
    memfile_hex(&f, 0, version0);
    f.bytes[changes[_i].at] = changes[_i].byte;
    if (changes[_i].at == 18)
        f.bytes[19] = 0;
    ck_status(superblock_find(&f.meta, &s, &at, &f.err), changes[_i].status);
    ck_assert_msg(strstr(f.err.message, changes[_i].words) != NULL, "%s",
                  f.err.message);
    memfile_close(&f);
}
END_TEST

START_TEST(short_or_wrong_sum)
{
    struct superblock s;
    struct memfile f;
    uint64_t at;

    for (size_t n = 8; n < 48; n++) {
        struct memfile g;

        memfile_open(&f, 48, 8, 8);
        memfile_hex(&f, 0, version2);
        memfile_open(&g, n, 8, 8);
        memcpy(g.bytes, f.bytes, n);
        ck_status(superblock_find(&g.meta, &s, &at, &g.err), HI5_E_TRUNCATED);
        memfile_close(&g);
        memfile_close(&f);
    }
    memfile_open(&f, 48, 8, 8);
    memfile_hex(&f, 0, version2);
    f.bytes[36] ^= 1;
    ck_status(superblock_find(&f.meta, &s, &at, &f.err), HI5_E_CHECKSUM);
    ck_at(&f.err, 44, "superblock", "computed");
    memfile_close(&f);
}
END_TEST

Suite *
suite_superblock(void)
{
    Suite *const suite = suite_create("superblock");
    TCase *const tc = tcase_create("superblock");

    tcase_add_test(tc, behind_a_user_block);
    tcase_add_test(tc, nowhere);
    tcase_add_test(tc, k_values);
    tcase_add_test(tc, widths);
    tcase_add_loop_test(tc, damage, 0, (int)(sizeof changes / sizeof *changes));
    tcase_add_test(tc, short_or_wrong_sum);
    suite_add_tcase(suite, tc);
    return suite;
}
