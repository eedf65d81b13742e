/*
 * test_msg_type.c - the datatype message [FMT IV.A.2.d]
 *
 * Where nothing else is said, the bytes are what libhdf5 1.10.8 writes.
 */
#include "try_msg.h"
#include <stdio.h>

#define CODE msg_type_code(&c, &t, 64)

/* TYPE-03: class in the low four bits, version in the high ones. TYPE-16: all classes
 * survive. */
START_TEST(round_trips)
{
    static const struct {
        const char *hex;
        hi5_class cls;
        unsigned version;
        size_t size;
    } all[] = {
        {"10080000 04000000 0000 2000", HI5_INTEGER, 1, 4},
        {"11211f00 04000000 0000 2000 17 08 00 17 7f000000", HI5_FLOAT, 1, 4},
        {"31611f00 04000000 0000 2000 17 08 00 17 81000000", HI5_FLOAT, 3, 4},
        {"11004f00 10000000 0000 5000 40 0f 00 40 ff3f0000", HI5_FLOAT, 1, 16},
        {"12000000 04000000 2000", HI5_TIME, 1, 4},
        {"12010000 04000000 2000", HI5_TIME, 1, 4},
        {"13020000 0a000000", HI5_STRING, 1, 10},
        {"14010000 02000000 0000 1000", HI5_BITFIELD, 1, 2},
        {"15080000 04000000 7461670000000000", HI5_OPAQUE, 1, 4},
        {"15080000 04000000 3132333435363738", HI5_OPAQUE, 1, 4},
        {"15000000 07000000", HI5_OPAQUE, 1, 7},
        {"17000000 08000000", HI5_REFERENCE, 1, 8},
        {"17010000 0c000000", HI5_REFERENCE, 1, 12},
        {"47120000 12000000", HI5_REFERENCE, 4, 18}, /* 1.12 */
        {"18020000 02000000 1009000002000000 00001000 5245440000000000 475245454e000000"
         "0001 0002",
         HI5_ENUM, 1, 2},
        {"38020000 02000000 1009000002000000 00001000 52454400 475245454e00 0001 0002",
         HI5_ENUM, 3, 2},
        {"19000000 10000000 1000000002000000 00001000", HI5_VLEN, 1, 16},
        {"19010100 10000000 1000000001000000 00000800", HI5_VLEN, 1, 16},
        {"2a000000 06000000 02000000 02000000 03000000 00000000 01000000"
         "1008000001000000 00000800",
         HI5_ARRAY, 2, 6},
        {"3a000000 06000000 02 02000000 03000000 1008000001000000 00000800", HI5_ARRAY,
         3, 6},
        {"36020000 0c000000 7800 00 11203f0008000000 0000400034 0b0034 ff030000"
         "636f756e7400 08 1009000004000000 00002000",
         HI5_COMPOUND, 3, 12},
        /* made from the specification */
        {"5b010000 10000000 51203f0008000000 00004000340b0034ff030000", HI5_COMPLEX, 5,
         16},
    };
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        TRY_GET(&f, all[i].hex, CODE);
        ck_assert_int_eq(t->cls, all[i].cls);
        ck_assert_uint_eq(t->version, all[i].version);
        ck_assert_uint_eq(t->size, all[i].size);
        ck_assert_uint_eq(t->committed, ADDR_NONE);
        ck_assert(!t->in_memory);
        TRY_PUT(&f, all[i].hex, CODE);
        TRY_SHORT(&f, all[i].hex, CODE); /* EVIL-15 */
        ck_assert_ptr_null(t);
    }
    memfile_close(&f);
}
END_TEST

/* TYPE-15: versions 4 and 5 carry the plain classes too */
START_TEST(newer_versions)
{
    static const char *const all[] = {
        "40080000 04000000 0000 2000",
        "50080000 04000000 0000 2000",
        "51211f00 04000000 0000 2000 17 08 00 17 7f000000",
        "46010000 04000000 7800 00 4008000004000000 00002000",
        "5a000000 06000000 02 02000000 03000000 5008000001000000 00000800",
        "48010000 01000000 4000000001000000 00000800 4100 05",
    };
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        TRY_GET(&f, all[i], CODE);
        ck_assert_uint_ge(t->version, 4);
        TRY_PUT(&f, all[i], CODE);
    }
    memfile_close(&f);
}
END_TEST

START_TEST(numbers)
{
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    TRY_GET(&f, "10080000 04000000 0000 2000", CODE);
    ck_assert(t->is_signed);
    ck_assert_int_eq(t->order, HI5_LE);
    ck_assert_uint_eq(t->precision, 32);
    /* 11 bits at 16, low pad ones: unusual unused bits, which 1.17 will not open */
    TRY_GET(&f, "10020000 04000000 1000 0b00", CODE);
    ck_assert(!t->is_signed);
    ck_assert_int_eq(t->lsb_pad, HI5_PAD_ONE);
    ck_assert_int_eq(t->msb_pad, HI5_PAD_ZERO);
    ck_assert_uint_eq(t->offset, 16);
    ck_assert_uint_eq(t->precision, 11);
    TRY_PUT(&f, "100200000400000010000b00", CODE);
    TRY_GET(&f, "31611f00 04000000 0000 2000 17 08 00 17 81000000", CODE);
    ck_assert_int_eq(t->order, HI5_VAX);
    ck_assert_uint_eq(t->exp_bias, 129);
    ck_assert_uint_eq(t->sign_pos, 31);
    ck_assert_int_eq(t->norm, HI5_NORM_IMPLIED);
    /* VAX is known from version 3 on */
    TRY_GET(&f, "11611f00 04000000 0000 2000 17 08 00 17 7f000000", CODE);
    ck_assert_int_eq(t->order, HI5_BE);
    TRY_GET(&f, "11004f00 10000000 0000 5000 40 0f 00 40 ff3f0000", CODE);
    ck_assert_int_eq(t->norm, HI5_NORM_NONE);
    ck_assert_uint_eq(t->exp_pos, 64);
    ck_assert_uint_eq(t->exp_size, 15);
    ck_assert_uint_eq(t->man_size, 64);
    /* TYPE-35: positions are counted from bit 0, not from the bit offset */
    TRY_FOUND(&f, "11201300 04000000 0400 1000 0e 05 04 0a 0f000000", CODE, 0, "");
    ck_assert_uint_eq(t->offset, 4);
    ck_assert_uint_eq(t->man_pos, 4);
    memfile_close(&f);
}
END_TEST

/* TYPE-18, TYPE-04 */
START_TEST(strings)
{
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    TRY_GET(&f, "13120000 05000000", CODE);
    ck_assert_int_eq(t->string_pad, HI5_SPACE_PADDED);
    ck_assert_int_eq(t->charset, HI5_UTF8);
    TRY_GET(&f, "13010000 05000000", CODE);
    ck_assert_int_eq(t->string_pad, HI5_NULL_PADDED);
    ck_assert_int_eq(t->charset, HI5_ASCII);
    TRY_FOUND(&f, "13030000 05000000", CODE, 1, "class bit field");
    TRY_GET(&f, "19110100 10000000 1000000001000000 00000800", CODE);
    ck_assert(t->is_vlen_string && t->has_vlen);
    ck_assert_int_eq(t->string_pad, HI5_NULL_PADDED);
    ck_assert_int_eq(t->charset, HI5_UTF8);
    ck_assert_uint_eq(t->base->size, 1);
    TRY_GET(&f, "19000000 10000000 1000000002000000 00001000", CODE);
    ck_assert(!t->is_vlen_string && t->has_vlen && !t->has_ref);
    TRY_FOUND(&f, "03000000 05000000", CODE, 1, "class and version"); /* version 0 */
    ck_assert_uint_eq(t->version, 1);
    TRY_GET(&f, "15080000 04000000 3132333435363738", CODE);
    ck_assert_str_eq(t->tag, "12345678");
    TRY_GET(&f, "15080000 04000000 7461670000000000", CODE);
    ck_assert_str_eq(t->tag, "tag");
    memfile_close(&f);
}
END_TEST

/* TYPE-01: three forms of one compound, {double x; big-endian int count;} */
START_TEST(compounds)
{
    static const char *const all[] = {
        ("16020000 0c000000 7800000000000000 00000000 00000000 00000000 00000000"
         "00000000000000000000000000000000 11203f0008000000 00004000340b0034ff030000"
         "636f756e74000000 08000000 00000000 00000000 00000000"
         "00000000000000000000000000000000 1009000004000000 00002000"),
        ("26020000 0c000000 7800000000000000 00000000"
         "11203f0008000000 00004000340b0034ff030000"
         "636f756e74000000 08000000 1009000004000000 00002000"),
        ("36020000 0c000000 7800 00 11203f0008000000 00004000340b0034ff030000"
         "636f756e7400 08 1009000004000000 00002000"),
    };
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    for (unsigned i = 0; i < 3; i++) {
        TRY_GET(&f, all[i], CODE);
        ck_assert_uint_eq(t->version, i + 1);
        ck_assert_uint_eq(t->members, 2);
        ck_assert_str_eq(t->member[0].name, "x");
        ck_assert_uint_eq(t->member[0].offset, 0);
        ck_assert_int_eq(t->member[0].type->cls, HI5_FLOAT);
        ck_assert_str_eq(t->member[1].name, "count");
        ck_assert_uint_eq(t->member[1].offset, 8);
        ck_assert_int_eq(t->member[1].type->order, HI5_BE);
        ck_assert(!t->has_vlen && !t->has_ref);
        TRY_PUT(&f, all[i], CODE);
    }
    memfile_close(&f);
}
END_TEST

/* TYPE-29: before 1.4 members had dimensions; they are arrays now, and go back */
START_TEST(member_dimensions)
{
    const char *const hex =
        "16010000 18000000 6100000000000000 00000000 02 000000 00000000"
        "00000000 02000000 03000000 00000000 00000000"
        "1008000004000000 00002000";
    struct memfile f;
    const hi5_type *t, *a;

    try_open(&f);
    TRY_GET(&f, hex, CODE);
    a = t->member[0].type;
    ck_assert_int_eq(a->cls, HI5_ARRAY);
    ck_assert_uint_eq(a->version, 0);
    ck_assert_uint_eq(a->rank, 2);
    ck_assert_uint_eq(a->dims[0], 2);
    ck_assert_uint_eq(a->dims[1], 3);
    ck_assert_uint_eq(a->size, 24);
    ck_assert_int_eq(a->base->cls, HI5_INTEGER);
    TRY_PUT(&f, hex, CODE);
    TRY_BAD(&f, "16010000 18000000 6100000000000000 00000000 05", CODE, HI5_E_TRUNCATED,
            1, "class bit field");
    TRY_BAD(&f,
            "16010000 18000000 6100000000000000 00000000 05 000000 00000000"
            "00000000 00000000 00000000 00000000 00000000"
            "1008000004000000 00002000",
            CODE, HI5_E_CORRUPT, 20, "member dimensionality");
    TRY_BAD(&f,
            "16010000 18000000 6100000000000000 00000000 01 000000 00000000"
            "00000000 00000000 00000000 00000000 00000000"
            "1008000004000000 00002000",
            CODE, HI5_E_CORRUPT, 58, "member dimension");
    memfile_close(&f);
}
END_TEST

/* TYPE-02 */
START_TEST(offset_widths)
{
    static const struct {
        uint32_t size;
        unsigned width;
    } all[] = {{255, 1},   {256, 2},   {257, 2},      {511, 2},     {512, 2},
               {65535, 2}, {65536, 3}, {16777215, 3}, {16777216, 4}};
    const hi5_type i8 = {.cls = HI5_INTEGER, .version = 1, .size = 1, .precision = 8};
    struct memfile f;

    try_open(&f);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const hi5_member m = {"a", all[i].size - 1, &i8};
        const hi5_type whole = {.cls = HI5_COMPOUND,
                                .version = 3,
                                .size = all[i].size,
                                .members = 1,
                                .member = &m};
        const hi5_type *t = &whole;
        struct cur c = cur_writer(f.bytes, 64, &f.err);

        CODE;
        ck_assert(cur_ok(&c));
        ck_assert_uint_eq(c.pos, 8 + 2 + all[i].width + 12);
        c = meta_cursor_at(&f.meta, f.bytes, c.pos, 0, &f.arena, &f.err);
        CODE;
        ck_assert(cur_ok(&c));
        ck_assert_uint_eq(t->member[0].offset, all[i].size - 1);
    }
    memfile_close(&f);
}
END_TEST

/* EVIL-07: overlap is allowed, overrun is not */
START_TEST(member_places)
{
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    TRY_GET(&f,
            "36020000 05000000 6100 00 1008000004000000 00002000"
            "6200 01 1008000004000000 00002000",
            CODE);
    ck_assert_uint_eq(t->member[1].offset, 1);
    TRY_BAD(&f, "36010000 05000000 6100 02 1008000004000000 00002000", CODE,
            HI5_E_CORRUPT, 21, "member offset");
    TRY_BAD(&f, "26010000 05000000 6100000000000000 ffffffff 1008000004000000 00002000",
            CODE, HI5_E_CORRUPT, 30, "member offset");
    TRY_BAD(&f, "36000000 05000000", CODE, HI5_E_CORRUPT, 1, "class bit field");
    TRY_BAD(&f, "36ffff00 05000000 6100 00", CODE, HI5_E_TRUNCATED, 1,
            "class bit field");
    TRY_BAD(&f, "36010000 05000000 61616161616161616161", CODE, HI5_E_TRUNCATED, 8,
            "member name"); /* EVIL-16 */
    TRY_FOUND(&f, "36010000 04000000 00 00 1008000004000000 00002000", CODE, 1,
              "member name");
    memfile_close(&f);
}
END_TEST

/* TYPE-30, EVIL-09 */
START_TEST(enumerations)
{
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    TRY_GET(&f,
            "38020000 02000000 1009000002000000 00001000 52454400 475245454e00"
            "0001 0002",
            CODE);
    ck_assert_uint_eq(t->members, 2);
    ck_assert_str_eq(t->names[1], "GREEN");
    ck_assert_mem_eq(t->values, "\0\1\0\2", 4);
    ck_assert_int_eq(t->base->order, HI5_BE);
    TRY_BAD(&f, "38010000 04000000 1000000001000000 00000800 4100 05", CODE,
            HI5_E_CORRUPT, 18, "size");
    TRY_FOUND(&f, "38010000 01000000 1300000001000000 4100 05", CODE, 1, "base");
    TRY_FOUND(&f, "38000000 01000000 1000000001000000 00000800", CODE, 1,
              "class bit field");
    TRY_BAD(&f, "38010000 10000000 1900000010000000 1000000001000000 00000800 4100",
            CODE, HI5_E_CORRUPT, 26, "base");
    TRY_BAD(&f, "38ffff00 01000000 1000000001000000 00000800 4100 05", CODE,
            HI5_E_TRUNCATED, 1, "class bit field");
    memfile_close(&f);
}
END_TEST

/* EVIL-08 */
START_TEST(arrays)
{
    const char *const old =
        "1a000000 06000000 02000000 02000000 03000000 00000000 01000000"
        "1008000001000000 00000800";
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    TRY_GET(&f, old, CODE); /* 1.4-era files have version 1 */
    ck_assert_uint_eq(t->rank, 2);
    ck_assert_uint_eq(t->dims[1], 3);
    TRY_PUT(&f, old, CODE);
    TRY_BAD(&f, "3a000000 06000000 00", CODE, HI5_E_CORRUPT, 8, "dimensionality");
    TRY_BAD(&f, "3a000000 06000000 21", CODE, HI5_E_CORRUPT, 8, "dimensionality");
    TRY_BAD(&f, "3a000000 06000000 01 00000000", CODE, HI5_E_CORRUPT, 9, "dimension");
    TRY_BAD(&f, "3a000000 00000001 02 00000100 00000100", CODE, HI5_E_CORRUPT, 13,
            "dimension");
    TRY_BAD(&f, "3a000000 06000000 01 05000000 1008000001000000 00000800", CODE,
            HI5_E_CORRUPT, 23, "size");
    memfile_close(&f);
}
END_TEST

/* Sizes of vlen and reference are the file's; wrong ones are put right, outwards too */
START_TEST(wrong_sizes)
{
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    /* a string of 4 bytes: committed by a library on a 32-bit machine */
    TRY_FOUND(&f, "19110000 04000000 1000000001000000 00000800", CODE, 1, "size");
    ck_assert_uint_eq(t->size, 16);
    TRY_PUT(&f, "1911000010000000100000000100000000000800", CODE);
    /* a reference of 64 bytes in a sequence: 1.12 */
    TRY_FOUND(&f, "49000000 10000000 47120000 40000000", CODE, 1, "size");
    ck_assert_uint_eq(t->base->size, 18);
    ck_assert(t->has_ref && t->has_vlen);
    /* compound {string; int; array[2] of string; char}, as in 32-bit memory */
    TRY_FOUND(&f,
              "36040000 11000000 6100 00 1911000004000000 1000000001000000 00000800"
              "6200 04 1008000004000000 00002000"
              "6300 08 3a000000 08000000 01 02000000 1911000004000000 1000000001000000"
              "00000800 6400 10 1000000001000000 00000800",
              CODE, 2, "size");
    ck_assert_uint_eq(t->size, 16 + 4 + 32 + 1);
    ck_assert_uint_eq(t->member[0].offset, 0);
    ck_assert_uint_eq(t->member[1].offset, 16);
    ck_assert_uint_eq(t->member[2].offset, 20);
    ck_assert_uint_eq(t->member[2].type->size, 32);
    ck_assert_uint_eq(t->member[3].offset, 52);
    TRY_BAD(&f,
            "36020000 08000000 6100 04 1911000004000000 1000000001000000 00000800"
            "6200 00 1008000004000000 00002000",
            CODE, HI5_E_CORRUPT, 44, "member offset");
    memfile_close(&f);
}
END_TEST

START_TEST(offsets_of_4_bytes)
{
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    f.meta.off_w = 4;
    TRY_FOUND(&f, "17000000 04000000", CODE, 0, "");
    TRY_FOUND(&f, "17010000 08000000", CODE, 0, "");
    TRY_FOUND(&f, "47120000 0e000000", CODE, 0, "");
    /* libhdf5 1.10: references of 8 and 12 bytes all the same */
    TRY_FOUND(&f, "17000000 08000000", CODE, 0, "");
    ck_assert_uint_eq(t->size, 8);
    TRY_FOUND(&f, "17010000 0c000000", CODE, 0, "");
    ck_assert_uint_eq(t->size, 12);
    TRY_FOUND(&f, "19000000 0c000000 1000000001000000 00000800", CODE, 0, "");
    TRY_PUT(&f, "190000000c000000100000000100000000000800", CODE);
    memfile_close(&f);
}
END_TEST

START_TEST(refused)
{
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    TRY_BAD(&f, "1c000000 04000000", CODE, HI5_E_CORRUPT, 0, "class and version");
    TRY_BAD(&f, "60000000 04000000", CODE, HI5_E_UNSUPPORTED, 0, "class and version");
    /* EVIL-11 */
    TRY_BAD(&f, "10000000 08000000 0000 4100", CODE, HI5_E_CORRUPT, 10, "precision");
    TRY_BAD(&f, "10000000 04000000 ffff 0100", CODE, HI5_E_CORRUPT, 10, "precision");
    TRY_BAD(&f, "14000000 04000000 0000 0000", CODE, HI5_E_CORRUPT, 10, "precision");
    TRY_BAD(&f, "12000000 04000000 2100", CODE, HI5_E_CORRUPT, 8, "precision");
    TRY_BAD(&f, "11312000 04000000 0000 2000", CODE, HI5_E_CORRUPT, 1,
            "class bit field");
    TRY_BAD(&f, "31601f00 04000000 0000 2000", CODE, HI5_E_CORRUPT, 1,
            "class bit field");
    TRY_BAD(&f, "11202000 04000000 0000 2000 17 08 00 17 7f000000", CODE, HI5_E_CORRUPT,
            10, "class bit field");
    TRY_BAD(&f, "11201f00 04000000 0000 2000 19 08 00 17 7f000000", CODE, HI5_E_CORRUPT,
            13, "exponent size");
    TRY_BAD(&f, "11201f00 04000000 0000 2000 17 00 00 17 7f000000", CODE, HI5_E_CORRUPT,
            13, "exponent size");
    TRY_BAD(&f, "11201f00 04000000 0000 2000 17 08 00 21 7f000000", CODE, HI5_E_CORRUPT,
            15, "mantissa size");
    TRY_FOUND(&f, "11201f00 04000000 0000 2000 16 08 00 17 7f000000", CODE, 1,
              "mantissa size");
    TRY_BAD(&f, "19020000 10000000", CODE, HI5_E_CORRUPT, 1, "class bit field");
    TRY_BAD(&f, "17050000 12000000", CODE, HI5_E_CORRUPT, 1, "class bit field");
    /* TYPE-13 */
    TRY_BAD(&f, "5b000000 10000000", CODE, HI5_E_CORRUPT, 1, "class bit field");
    TRY_BAD(&f, "5b010000 10000000 5008000008000000 00004000", CODE, HI5_E_CORRUPT, 18,
            "base");
    TRY_BAD(&f, "5b010000 0c000000 51203f0008000000 00004000340b0034ff030000", CODE,
            HI5_E_CORRUPT, 24, "base");
    memfile_close(&f);
}
END_TEST

/* TYPE-32: size 0 in every class */
START_TEST(size_zero)
{
    struct memfile f;
    const hi5_type *t;
    char hex[64];

    try_open(&f);
    for (unsigned cls = 0; cls <= HI5_COMPLEX; cls++) {
        snprintf(hex, sizeof hex, "5%x010000 00000000 0000000000000000", cls);
        TRY_BAD(&f, hex, CODE, HI5_E_CORRUPT, 4, "size");
    }
    memfile_close(&f);
}
END_TEST

/* EVIL-10 */
START_TEST(nesting)
{
    struct memfile f;
    const hi5_type *t;
    struct cur c;

    memfile_open(&f, 130000, 8, 8);
    for (size_t at = 0; at + 13 <= f.n; at += 13) /* 10,000 arrays */
        memfile_hex(&f, at, "3a000000 01000000 01 01000000");
    c = meta_cursor_at(&f.meta, f.bytes, f.n, 0, &f.arena, &f.err);
    CODE;
    ck_assert_int_eq(c.status, HI5_E_LIMIT);
    ck_assert_ptr_null(t);
    memfile_hex(&f, 63 * 13, "1000000001000000 00000800");
    c = meta_cursor_at(&f.meta, f.bytes, f.n, 0, &f.arena, &f.err);
    CODE;
    ck_assert_msg(cur_ok(&c), "%s", error_text(&f.err));
    c = meta_cursor_at(&f.meta, f.bytes, f.n, 0, &f.arena, &f.err);
    msg_type_code(&c, &t, 63);
    ck_assert_int_eq(c.status, HI5_E_LIMIT);
    memfile_close(&f);
}
END_TEST

/* EVIL-24: counts cannot make it allocate what the bytes do not hold */
START_TEST(small_bytes_small_memory)
{
    struct memfile f;
    const hi5_type *t;

    try_open(&f);
    f.mem.limit = f.mem.used + 4096;
    TRY_BAD(&f, "36ffff00 ffffffff 6100 00 00", CODE, HI5_E_TRUNCATED, 1,
            "class bit field");
    TRY_BAD(&f, "38ffff00 ffffffff 10000000ffffffff 00000800 4100", CODE,
            HI5_E_TRUNCATED, 1, "class bit field");
    TRY_BAD(&f, "38020000 ffffffff 10000000ffffffff 00000800 4100 4200 00", CODE,
            HI5_E_TRUNCATED, 22, "values");
    memfile_close(&f);
}
END_TEST

START_TEST(not_for_files)
{
    struct memfile f;
    const hi5_type *t = HI5_STR;
    const hi5_type none = {.cls = HI5_INTEGER, .size = 4, .precision = 32};

    try_open(&f);
    TRY_PUT_BAD(&f, CODE, HI5_E_CORRUPT);
    t = &none; /* TYPE-04: never write version 0 */
    TRY_PUT_BAD(&f, CODE, HI5_E_CORRUPT);
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_type, round_trips, newer_versions, numbers, strings, compounds,
          member_dimensions, offset_widths, member_places, enumerations, arrays,
          wrong_sizes, offsets_of_4_bytes, refused, size_zero, nesting,
          small_bytes_small_memory, not_for_files)
