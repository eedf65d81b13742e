/*
 * test_msg_attr.c - the attribute message [FMT IV.A.2.m]
 */
#include "try_msg.h"

#define CODE msg_attr_code(&c, &m)

/* As libhdf5 1.10.8 writes them. */
START_TEST(version_1)
{
    struct memfile f;
    struct msg_attr m;
    const char *const one = "01 00 0400 0c00 0800 6f6e650000000000"
                            "100800000400000000002000 00000000 0100000000000000"
                            "07000000 00000000";
    const char *const null = "01 00 0400 0c00 0400 6e756c0000000000"
                             "100800000100000000000800 00000000 02000002 00000000";

    try_open(&f);
    TRY_GET(&f, one, CODE);
    ck_assert_str_eq(m.name, "one");
    ck_assert_uint_eq(m.type_len, 12);
    ck_assert_uint_eq(m.type_addr, TRY_AT + 16);
    ck_assert_uint_eq(m.space_addr, TRY_AT + 32);
    ck_assert_uint_eq(m.data_addr, TRY_AT + 40);
    ck_assert_uint_eq(m.data_len, 8); /* with the padding of the message */
    ck_assert_mem_eq(m.type, "\x10\x08", 2);
    TRY_PUT(&f, one, CODE);
    TRY_GET(&f, null, CODE);
    ck_assert_mem_eq(m.space, "\2\0\0\2", 4);
    ck_assert_uint_eq(m.data_len, 0);
    TRY_PUT(&f, null, CODE);
    m.flags = 1;
    TRY_PUT_BAD(&f, CODE, HI5_E_CORRUPT);
    memfile_close(&f);
}
END_TEST

START_TEST(versions_2_and_3)
{
    struct memfile f;
    struct msg_attr m;
    const char *const shared = "02 01 0700 0a00 0400 73686172656400"
                               "02022003000000000000 02000000 2a";
    const char *const one = "03 00 0400 0c00 0400 00 6f6e6500"
                            "100800000400000000002000 02000000 07000000";

    try_open(&f);
    TRY_GET(&f, shared, CODE);
    ck_assert_uint_eq(m.flags, 1);
    ck_assert_str_eq(m.name, "shared");
    ck_assert_uint_eq(m.type_len, 10);
    ck_assert_mem_eq(m.type, "\2\2\x20\3", 4);
    ck_assert_uint_eq(m.data_len, 1);
    TRY_PUT(&f, shared, CODE);
    TRY_GET(&f, one, CODE);
    ck_assert_uint_eq(m.charset, HI5_ASCII);
    ck_assert_uint_eq(m.data_addr, TRY_AT + 9 + 4 + 12 + 4);
    TRY_PUT(&f, one, CODE);
    m.name = "longer";
    TRY_PUT_BAD(&f, CODE, HI5_E_CORRUPT);
    memfile_close(&f);
}
END_TEST

START_TEST(refused)
{
    struct memfile f;
    struct msg_attr m;

    try_open(&f);
    TRY_BAD(&f, "04", CODE, HI5_E_UNSUPPORTED, 0, "version");
    TRY_BAD(&f, "03 00 0000 0c00 0400 00 00", CODE, HI5_E_CORRUPT, 9, "name");
    TRY_BAD(&f, "03 00 0200 0c00 0400 00 6161", CODE, HI5_E_CORRUPT, 9, "name");
    TRY_BAD(&f, "03 00 ffff 0c00 0400 00 6100", CODE, HI5_E_TRUNCATED, 9, "name");
    TRY_BAD(&f, "03 00 0200 ffff 0400 00 6100 10", CODE, HI5_E_TRUNCATED, 11,
            "datatype");
    TRY_BAD(&f, "03 00 0200 0100 ffff 00 6100 10", CODE, HI5_E_TRUNCATED, 12,
            "dataspace");
    ck_assert_str_eq(m.name, "a");
    /* readable, but nobody should write it */
    TRY_FOUND(&f, "03 80 0200 0000 0000 00 6100", CODE, 1, "flags");
    TRY_FOUND(&f, "03 00 0300 0000 0000 00 610000", CODE, 1, "name length");
    TRY_FOUND(&f, "03 00 0100 0000 0000 00 00", CODE, 1, "name length");
    TRY_FOUND(&f, "03 00 0200 0000 0000 05 6100", CODE, 1, "character set");
    TRY_FOUND(&f, "01 01 0100 0000 0000 00 00000000000000", CODE, 2, "name length");
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_attr, version_1, versions_2_and_3, refused)
