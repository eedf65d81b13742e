/*
 * test_msg_space.c - the dataspace message [FMT IV.A.2.b]
 */
#include "try_msg.h"

#define CODE msg_space_code(&c, &m)

START_TEST(version_1)
{
    struct memfile f;
    struct msg_space m;

    try_open(&f);
    TRY_GET(&f,
            "01 02 01 00 00000000 0400000000000000 0600000000000000"
            "ffffffffffffffff 0600000000000000",
            CODE);
    ck_assert_int_eq(m.shape.kind, HI5_SIMPLE);
    ck_assert_uint_eq(m.shape.rank, 2);
    ck_assert_uint_eq(m.shape.dims[0], 4);
    ck_assert_uint_eq(m.shape.dims[1], 6);
    ck_assert_uint_eq(m.shape.max[0], HI5_UNLIMITED);
    ck_assert_uint_eq(m.shape.max[1], 6);
    TRY_PUT(&f,
            "0102010000000000 0400000000000000 0600000000000000"
            "ffffffffffffffff 0600000000000000",
            CODE);
    TRY_GET(&f, "0100000000000000", CODE);
    ck_assert_int_eq(m.shape.kind, HI5_SCALAR);
    m.shape.kind = HI5_NULL;
    TRY_PUT_BAD(&f, CODE, HI5_E_CORRUPT);
    memfile_close(&f);
}
END_TEST

START_TEST(version_2)
{
    struct memfile f;
    struct msg_space m;

    try_open(&f);
    TRY_GET(&f, "02 00 00 02", CODE);
    ck_assert_int_eq(m.shape.kind, HI5_NULL);
    ck_assert_uint_eq(m.shape.rank, 0);
    TRY_GET(&f, "02 00 00 00", CODE);
    ck_assert_int_eq(m.shape.kind, HI5_SCALAR);
    TRY_PUT(&f, "02000000", CODE);
    TRY_GET(&f, "02 01 00 01 0000000000000000", CODE);
    ck_assert_uint_eq(m.shape.dims[0], 0);
    ck_assert_uint_eq(m.shape.max[0], 0);
    TRY_PUT(&f, "020100010000000000000000", CODE);
    /* simple of rank 0: a scalar to readers */
    TRY_FOUND(&f, "02 00 00 01", CODE, 1, "type");
    ck_assert_int_eq(m.shape.kind, HI5_SCALAR);
    memfile_close(&f);
}
END_TEST

START_TEST(narrow_lengths)
{
    struct memfile f;
    struct msg_space m;

    try_open(&f);
    f.meta.len_w = 2;
    /* all-ones: 65535 elements now, without bound in the future */
    TRY_GET(&f, "02 01 01 01 ffff ffff", CODE);
    ck_assert_uint_eq(m.shape.dims[0], 65535);
    ck_assert_uint_eq(m.shape.max[0], HI5_UNLIMITED);
    TRY_PUT(&f, "02010101ffffffff", CODE);
    memfile_close(&f);
}
END_TEST

START_TEST(refused)
{
    struct memfile f;
    struct msg_space m;

    try_open(&f);
    TRY_BAD(&f, "02 21 00 01", CODE, HI5_E_CORRUPT, 1, "rank"); /* EVIL-12 */
    TRY_BAD(&f, "01 ff 00 00", CODE, HI5_E_CORRUPT, 1, "rank");
    TRY_BAD(&f, "02 20 00 01 00", CODE, HI5_E_TRUNCATED, 4, "dimension"); /* EVIL-12 */
    TRY_BAD(&f, "03 00 00 00", CODE, HI5_E_UNSUPPORTED, 0, "version");
    TRY_BAD(&f, "00 00 00 00", CODE, HI5_E_CORRUPT, 0, "version");
    TRY_BAD(&f, "02 00 00 03", CODE, HI5_E_CORRUPT, 3, "type");
    TRY_BAD(&f, "02 01 00 00 0100000000000000", CODE, HI5_E_CORRUPT, 3, "type");
    TRY_BAD(&f, "02 01 00 01 ffffffffffffffff", CODE, HI5_E_CORRUPT, 4, "dimension");
    TRY_BAD(&f, "02 01 01 01 0200000000000000 0100000000000000", CODE, HI5_E_CORRUPT,
            12, "maximum dimension");
    TRY_SHORT(&f, "02 01 01 01 0200000000000000 0300000000000000", CODE); /* EVIL-15 */
    memfile_close(&f);
}
END_TEST

START_TEST(suspicious)
{
    struct memfile f;
    struct msg_space m;

    try_open(&f);
    TRY_FOUND(&f, "01 00 02 00 00000000", CODE, 1, "flags"); /* permutation */
    TRY_FOUND(&f, "01 00 00 07 00000000", CODE, 1, "reserved");
    TRY_FOUND(&f, "02 02 00 01 0000000000000080 0200000000000000", CODE, 1,
              "dimension");
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_space, version_1, version_2, narrow_lengths, refused, suspicious)
