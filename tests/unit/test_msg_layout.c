/*
 * test_msg_layout.c - the data layout message [FMT IV.A.2.i]
 */
#include "try_msg.h"

#define CODE msg_layout_code(&c, &m)

/* STORE-10 */
START_TEST(versions_1_and_2)
{
    struct memfile f;
    struct msg_layout m;
    const char *const chunked = "02 03 02 0000000000 8000000000000000"
                                "02000000 03000000 04000000";

    try_open(&f);
    TRY_GET(&f, "01 02 01 0000000000 0008000000000000 0a000000 04000000", CODE);
    ck_assert_int_eq(m.cls, HI5_CONTIGUOUS);
    ck_assert_uint_eq(m.addr, 0x800);
    ck_assert_uint_eq(m.size, 0); /* follows from shape and type */
    ck_assert_uint_eq(m.ndims, 2);
    ck_assert_uint_eq(m.dim[0], 10);
    TRY_GET(&f, chunked, CODE);
    ck_assert_int_eq(m.cls, HI5_CHUNKED);
    ck_assert_uint_eq(m.addr, 0x80);
    ck_assert_uint_eq(m.ndims, 3);
    ck_assert_uint_eq(m.dim[1], 3);
    ck_assert_uint_eq(m.dim[2], 4);
    ck_assert_int_eq(m.index, HI5_INDEX_BTREE1);
    TRY_PUT(&f, chunked, CODE);
    TRY_GET(&f, "01 01 00 0000000000 04000000 04000000 01020304", CODE);
    ck_assert_int_eq(m.cls, HI5_COMPACT);
    ck_assert_uint_eq(m.size, 4);
    ck_assert_uint_eq(m.addr, ADDR_NONE);
    ck_assert_uint_eq(m.data_addr, TRY_AT + 16);
    ck_assert_mem_eq(m.data, "\1\2\3\4", 4);
    memfile_close(&f);
}
END_TEST

/* STORE-11 */
START_TEST(version_3)
{
    struct memfile f;
    struct msg_layout m;

    try_open(&f);
    TRY_GET(&f, "03 00 0400 01020304", CODE);
    ck_assert_int_eq(m.cls, HI5_COMPACT);
    ck_assert_uint_eq(m.size, 4);
    ck_assert_uint_eq(m.data_addr, TRY_AT + 4);
    TRY_PUT(&f, "0300040001020304", CODE);
    TRY_GET(&f, "03 01 ffffffffffffffff 6000000000000000", CODE);
    ck_assert_int_eq(m.cls, HI5_CONTIGUOUS);
    ck_assert_uint_eq(m.addr, ADDR_NONE);
    ck_assert_uint_eq(m.size, 96);
    TRY_GET(&f, "03 02 03 2813000000000000 04000000 06000000 04000000", CODE);
    ck_assert_int_eq(m.cls, HI5_CHUNKED);
    ck_assert_uint_eq(m.addr, 0x1328);
    ck_assert_uint_eq(m.dim[0], 4);
    ck_assert_uint_eq(m.dim[1], 6);
    TRY_PUT(&f, "0302032813000000000000040000000600000004000000", CODE);
    TRY_BAD(&f, "03 03 0000000000000000 00000000", CODE, HI5_E_CORRUPT, 1, "class");
    memfile_close(&f);
}
END_TEST

START_TEST(version_4_indexes)
{
    struct memfile f;
    struct msg_layout m;
    const char *const filtered = "04 02 02 03 01 0a 07 04 01 7400000000000000 00000000"
                                 "4c0b000000000000";
    const char *const ea = "04 02 00 03 01 04 03 04 04 20 04 04 10 0a 6e07000000000000";

    try_open(&f);
    TRY_GET(&f, filtered, CODE);
    ck_assert_int_eq(m.index, HI5_INDEX_SINGLE);
    ck_assert_uint_eq(m.single_size, 0x74);
    ck_assert_uint_eq(m.single_mask, 0);
    ck_assert_uint_eq(m.addr, 0xb4c);
    ck_assert_uint_eq(m.dim[0], 10);
    TRY_PUT(&f, filtered, CODE);
    TRY_GET(&f, ea, CODE);
    ck_assert_int_eq(m.index, HI5_INDEX_EXTENSIBLE_ARRAY);
    ck_assert_uint_eq(m.ea_max_bits, 32);
    ck_assert_uint_eq(m.ea_index_elements, 4);
    ck_assert_uint_eq(m.ea_min_pointers, 4);
    ck_assert_uint_eq(m.ea_min_elements, 16);
    ck_assert_uint_eq(m.ea_page_bits, 10);
    TRY_PUT(&f, ea, CODE);
    TRY_GET(&f, "04 02 00 03 01 02 03 04 03 0a ffffffffffffffff", CODE);
    ck_assert_int_eq(m.index, HI5_INDEX_FIXED_ARRAY);
    ck_assert_uint_eq(m.fa_page_bits, 10);
    TRY_GET(&f, "04 02 00 03 01 02 03 04 05 00080000 64 28 ffffffffffffffff", CODE);
    ck_assert_int_eq(m.index, HI5_INDEX_BTREE2);
    ck_assert_uint_eq(m.bt2_node_size, 2048);
    ck_assert_uint_eq(m.bt2_split, 100);
    ck_assert_uint_eq(m.bt2_merge, 40);
    TRY_GET(&f, "04 02 00 03 01 02 03 04 02 0010000000000000", CODE);
    ck_assert_int_eq(m.index, HI5_INDEX_IMPLICIT);
    ck_assert_uint_eq(m.addr, 0x1000);
    TRY_GET(&f, "04 03 0030000000000000 01000000", CODE);
    ck_assert_int_eq(m.cls, HI5_VIRTUAL);
    ck_assert_uint_eq(m.addr, 0x3000);
    ck_assert_uint_eq(m.heap_index, 1);
    memfile_close(&f);
}
END_TEST

START_TEST(dimension_width)
{
    struct memfile f;
    struct msg_layout m;
    const char *const wide = "04 02 00 02 08 0a00000000000000 0400000000000000 02"
                             "0010000000000000";
    const char *const big = "05 02 00 02 05 0000000001 0400000000 02 0010000000000000";

    try_open(&f);
    /* PureHDF wrote 8 always: read, reported, and written as it should be */
    TRY_FOUND(&f, wide, CODE, 1, "dimension width");
    ck_assert_uint_eq(m.dim[0], 10);
    TRY_PUT(&f, "04 02 00 02 01 0a 04 02 0010000000000000", CODE);
    TRY_GET(&f, big, CODE);
    ck_assert_uint_eq(m.dim[0], (uint64_t)1 << 32);
    TRY_PUT(&f, big, CODE);
    TRY_BAD(&f, "04 02 00 02 05 0000000001 0400000000 02 0010000000000000", CODE,
            HI5_E_CORRUPT, 10, "chunk dimension"); /* 4 GiB only in version 5 */
    TRY_BAD(&f, "04 02 00 02 09 00", CODE, HI5_E_CORRUPT, 4, "dimension width");
    TRY_BAD(&f, "04 02 00 02 00 00", CODE, HI5_E_CORRUPT, 4, "dimension width");
    memfile_close(&f);
}
END_TEST

/* EVIL-13 */
START_TEST(refused)
{
    struct memfile f;
    struct msg_layout m;

    try_open(&f);
    TRY_BAD(&f, "06 00", CODE, HI5_E_UNSUPPORTED, 0, "version");
    TRY_BAD(&f, "01 00 01", CODE, HI5_E_CORRUPT, 1, "dimensionality");
    TRY_BAD(&f, "01 22 01", CODE, HI5_E_CORRUPT, 1, "dimensionality");
    TRY_BAD(&f, "02 01 02", CODE, HI5_E_CORRUPT, 2, "dimensionality");
    TRY_BAD(&f, "02 02 03", CODE, HI5_E_CORRUPT, 2, "class");
    TRY_BAD(&f, "03 02 01 00", CODE, HI5_E_CORRUPT, 2, "dimensionality");
    TRY_BAD(&f, "03 02 22 00", CODE, HI5_E_CORRUPT, 2, "dimensionality");
    TRY_BAD(&f, "03 02 02 0000000000000000 00000000 04000000", CODE, HI5_E_CORRUPT, 11,
            "chunk dimension"); /* the one that is zero */
    TRY_BAD(&f,
            "05 02 00 03 08 0000000000000001 0000000000000001 0400000000000000 02"
            "0000000000000000",
            CODE, HI5_E_CORRUPT, 21, "chunk dimension");
    TRY_BAD(&f, "04 02 04 02", CODE, HI5_E_CORRUPT, 2, "flags");
    TRY_BAD(&f, "04 02 00 02 01 0a 04 00", CODE, HI5_E_CORRUPT, 7, "index type");
    TRY_BAD(&f, "04 02 00 02 01 0a 04 06", CODE, HI5_E_CORRUPT, 7, "index type");
    TRY_BAD(&f, "04 02 00 02 01 0a 04 03 00", CODE, HI5_E_CORRUPT, 8, "page bits");
    TRY_BAD(&f, "04 02 00 02 01 0a 04 04 20 04 04 10 00", CODE, HI5_E_CORRUPT, 12,
            "page bits");
    TRY_BAD(&f, "03 00 0500 01020304", CODE, HI5_E_TRUNCATED, 4, "data");
    TRY_BAD(&f, "01 01 00 0000000000 04000000 ffffffff 00", CODE, HI5_E_TRUNCATED, 16,
            "data");
    TRY_SHORT(&f, "04 02 00 03 01 04 03 04 04 20 04 04 10 0a 6e07000000000000", CODE);
    m = (struct msg_layout){.version = 3, .cls = HI5_COMPACT, .size = 65536};
    TRY_PUT_BAD(&f, CODE, HI5_E_CORRUPT);
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_layout, versions_1_and_2, version_3, version_4_indexes, dimension_width,
          refused)
