/*
 * test_msg_pline.c - the filter pipeline message [FMT IV.A.2.l]
 */
#include "try_msg.h"

#define CODE msg_pline_code(&c, &p)

static const char version_1_hex[] =
    "0103000000000000 0200 0800 0100 0100 73687566666c6500 04000000 00000000"
    "0100 0800 0100 0100 6465666c61746500 06000000 00000000"
    "2c01 1000 0100 0300 6d792066696c746572 00000000000000 01000000 02000000 03000000"
    "00000000";
static const char version_2_hex[] =
    "0203 0200 0100 0100 04000000 0100 0100 0100 06000000"
    "2c01 0a00 0100 0300 6d792066696c74657200 01000000 02000000 03000000";

static void
three_filters(const struct pipeline *p, bool names)
{
    ck_assert_uint_eq(p->n, 3);
    ck_assert_uint_eq(p->filter[0].id, FILTER_SHUFFLE);
    ck_assert_uint_eq(p->filter[0].flags, 1);
    ck_assert_uint_eq(p->filter[0].nvalues, 1);
    ck_assert_uint_eq(p->filter[0].values[0], 4);
    ck_assert_uint_eq(p->filter[1].id, FILTER_DEFLATE);
    ck_assert_uint_eq(p->filter[1].values[0], 6);
    ck_assert_uint_eq(p->filter[2].id, 300);
    ck_assert_uint_eq(p->filter[2].nvalues, 3);
    ck_assert_uint_eq(p->filter[2].values[2], 3);
    ck_assert_str_eq(p->filter[2].name, "my filter");
    if (names)
        ck_assert_str_eq(p->filter[1].name, "deflate");
    else
        ck_assert_ptr_null(p->filter[1].name);
}

/* FILT-21: both as libhdf5 1.10.8 writes them */
START_TEST(both_versions)
{
    struct memfile f;
    struct pipeline p;

    try_open(&f);
    TRY_GET(&f, version_1_hex, CODE);
    three_filters(&p, true);
    TRY_PUT(&f, version_1_hex, CODE);
    TRY_GET(&f, version_2_hex, CODE);
    three_filters(&p, false);
    TRY_PUT(&f, version_2_hex, CODE);
    TRY_SHORT(&f, version_1_hex, CODE);
    TRY_SHORT(&f, version_2_hex, CODE);
    memfile_close(&f);
}
END_TEST

/* FILT-21: the ids where version 2 begins to have names */
START_TEST(names_and_ids)
{
    struct memfile f;
    struct pipeline p;

    try_open(&f);
    TRY_GET(&f, "0202 ff00 0000 0000 0001 0000 0000 0000", CODE);
    ck_assert_uint_eq(p.n, 2);
    ck_assert_uint_eq(p.filter[0].id, 255);
    ck_assert_uint_eq(p.filter[1].id, 256);
    ck_assert_ptr_null(p.filter[1].name);
    ck_assert_uint_eq(p.filter[1].nvalues, 0);
    TRY_GET(&f, "0101 000000000000 0100 0000 0000 0200 01000000 02000000", CODE);
    ck_assert_uint_eq(p.filter[0].nvalues, 2);
    ck_assert_ptr_null(p.filter[0].name);
    TRY_GET(&f, "0200", CODE);
    ck_assert_uint_eq(p.n, 0);
    TRY_FOUND(&f, "0201 007d 0300 0000 0000 6c7a66", CODE, 1, "name"); /* no NUL */
    ck_assert_str_eq(p.filter[0].name, "lzf");
    memfile_close(&f);
}
END_TEST

START_TEST(version_3)
{
    struct memfile f;
    struct pipeline p;

    try_open(&f);
    TRY_GET(&f, "0301 0100 0000 0100 06000000 0300 613d31", CODE);
    ck_assert_uint_eq(p.filter[0].values[0], 6);
    TRY_PUT_BAD(&f, CODE, HI5_E_UNSUPPORTED);
    TRY_BAD(&f, "0400", CODE, HI5_E_UNSUPPORTED, 0, "version");
    memfile_close(&f);
}
END_TEST

/* FILT-22 */
START_TEST(refused)
{
    struct memfile f;
    struct pipeline p;

    try_open(&f);
    TRY_BAD(&f, "0221", CODE, HI5_E_CORRUPT, 1, "filters");
    TRY_BAD(&f, "0220 0100 0000 0000", CODE, HI5_E_TRUNCATED, 1, "filters");
    ck_assert_uint_eq(p.n, 0);
    TRY_BAD(&f, "0201 0100 0000 ffff", CODE, HI5_E_TRUNCATED, 6, "client values");
    TRY_BAD(&f, "0101 000000000000 0100 0700 0000 0000 00", CODE, HI5_E_CORRUPT, 10,
            "name length");
    TRY_BAD(&f, "0201 007d ffff 0000 0000 61", CODE, HI5_E_TRUNCATED, 10, "name");
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_pline, both_versions, names_and_ids, version_3, refused)
