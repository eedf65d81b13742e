/*
 * test_msg_select.c - serialized selections [FMT VIII.A]
 *
 * Where nothing else is said, the bytes are what libhdf5 1.10.8 writes.
 */
#include "format/msg_select.h"
#include "try_msg.h"
#include <stdio.h>

#define CODE select_decode(&c, &f.mem, NULL, &s)

static hi5_status
note_block(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    char *const text = ctx;
    const size_t n = strlen(text);

    (void)err;
    snprintf(text + n, 200 - n, "(%d,%d)-(%d,%d)", (int)low[0], (int)low[1],
             (int)high[0], (int)high[1]);
    return HI5_OK;
}

static void
blocks_are(const hi5_selection *s, const char *wanted)
{
    char text[200] = "";
    hi5_error err;

    ck_ok(hi5_selection_each_block(s, note_block, text, &err), &err);
    ck_assert_str_eq(text, wanted);
}

static void
regular_is(const hi5_selection *s, uint64_t start, uint64_t stride, uint64_t count,
           uint64_t block)
{
    uint64_t v[4][HI5_MAX_RANK];

    ck_assert(hi5_selection_get_regular(s, v[0], v[1], v[2], v[3]));
    ck_assert_uint_eq(v[0][0], start);
    ck_assert_uint_eq(v[1][0], stride);
    ck_assert_uint_eq(v[2][0], count);
    ck_assert_uint_eq(v[3][0], block);
}

START_TEST(all_and_none)
{
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 1, .dims = {5}, .max = {5}};
    struct memfile f;
    hi5_selection *s;

    try_open(&f);
    TRY_GET(&f, "03000000 01000000 00000000 00000000", CODE);
    ck_assert_int_eq(hi5_selection_get_kind(s), HI5_SELECTION_ALL);
    ck_assert_uint_eq(hi5_selection_rank(s), 0);
    hi5_selection_free(s);
    TRY_GET(&f, "03000000 01000000 00000000 00000000",
            select_decode(&c, &f.mem, &shape, &s));
    ck_assert_uint_eq(hi5_selection_count(s), 5);
    hi5_selection_free(s);
    TRY_GET(&f, "00000000 01000000 00000000 00000000", CODE);
    ck_assert_int_eq(hi5_selection_get_kind(s), HI5_SELECTION_NONE);
    ck_assert_uint_eq(hi5_selection_count(s), 0);
    hi5_selection_free(s);
    memfile_close(&f);
}
END_TEST

START_TEST(points)
{
    struct memfile f;
    hi5_selection *s;
    uint64_t p[2];

    try_open(&f);
    TRY_GET(&f,
            "01000000 01000000 00000000 20000000 02000000 03000000"
            "00000000 01000000 03000000 05000000 02000000 02000000",
            CODE);
    ck_assert_int_eq(hi5_selection_get_kind(s), HI5_SELECTION_POINTS);
    ck_assert_uint_eq(hi5_selection_count(s), 3);
    ck_assert(hi5_selection_point(s, 1, p));
    ck_assert_uint_eq(p[0], 3);
    ck_assert_uint_eq(p[1], 5);
    ck_assert_uint_eq(sel_extent(s)[0], 4); /* just large enough */
    ck_assert_uint_eq(sel_extent(s)[1], 6);
    hi5_selection_free(s);
    /* version 2, from the specification: two-byte and eight-byte numbers */
    TRY_GET(&f, "01000000 02000000 02 01000000 0200 0700 0300", CODE);
    ck_assert(hi5_selection_point(s, 0, p));
    ck_assert_uint_eq(p[0], 7);
    hi5_selection_free(s);
    TRY_GET(&f, "01000000 02000000 08 01000000 0100000000000000 0000000001000000",
            CODE);
    ck_assert(hi5_selection_point(s, 0, p));
    ck_assert_uint_eq(p[0], (uint64_t)1 << 32);
    hi5_selection_free(s);
    TRY_GET(&f, "01000000 02000000 02 01000000 0000", CODE);
    ck_assert_uint_eq(hi5_selection_count(s), 0);
    hi5_selection_free(s);
    memfile_close(&f);
}
END_TEST

START_TEST(hyperslabs)
{
    struct memfile f;
    hi5_selection *s;

    try_open(&f);
    /* version 1: a regular one comes as a list of blocks */
    TRY_GET(&f,
            "02000000 01000000 00000000 48000000 02000000 04000000"
            "00000000 01000000 00000000 02000000 00000000 04000000 00000000 05000000"
            "02000000 01000000 02000000 02000000 02000000 04000000 02000000 05000000",
            CODE);
    blocks_are(s, "(0,1)-(0,2)(0,4)-(0,5)(2,1)-(2,2)(2,4)-(2,5)");
    ck_assert_uint_eq(hi5_selection_count(s), 8);
    hi5_selection_free(s);
    /* version 2: 1, 3, 5, ... without end */
    TRY_GET(&f,
            "02000000 02000000 01 24000000 01000000 0100000000000000"
            "0200000000000000 ffffffffffffffff 0100000000000000",
            CODE);
    regular_is(s, 1, 2, HI5_UNLIMITED, 1);
    ck_assert_int_eq(sel_unlimited_dim(s), 0);
    hi5_selection_free(s);
    /* version 3: in two bytes */
    TRY_GET(&f, "02000000 03000000 01 02 01000000 0a00 0500 ffff 0300", CODE);
    regular_is(s, 10, 5, HI5_UNLIMITED, 3);
    hi5_selection_free(s);
    TRY_GET(&f, "02000000 03000000 01 04 01000000 0a000000 01000000 01000000 ffffffff",
            CODE);
    regular_is(s, 10, 1, 1, HI5_UNLIMITED);
    hi5_selection_free(s);
    /* version 3, irregular: overlaps are merged */
    TRY_GET(&f,
            "02000000 03000000 00 02 02000000 0200 0000 0000 0100 0100"
            "0100 0100 0200 0200",
            CODE);
    ck_assert_uint_eq(hi5_selection_count(s), 7);
    hi5_selection_free(s);
    TRY_GET(&f, "02000000 03000000 01 02 01000000 0a00 0500 0000 0300", CODE);
    ck_assert_uint_eq(hi5_selection_count(s), 0);
    hi5_selection_free(s);
    memfile_close(&f);
}
END_TEST

/* EVIL-19: every field, and every length */
START_TEST(refused)
{
    const hi5_shape flat = {.kind = HI5_SIMPLE, .rank = 1, .dims = {5}, .max = {5}};
    struct memfile f;
    hi5_selection *s;

    try_open(&f);
    TRY_BAD(&f, "04000000 01000000", CODE, HI5_E_CORRUPT, 0, "type");
    TRY_BAD(&f, "ffffffff 01000000", CODE, HI5_E_CORRUPT, 0, "type");
    TRY_BAD(&f, "03000000 02000000", CODE, HI5_E_UNSUPPORTED, 4, "version");
    TRY_BAD(&f, "02000000 04000000", CODE, HI5_E_UNSUPPORTED, 4, "version");
    TRY_BAD(&f, "01000000 00000000", CODE, HI5_E_CORRUPT, 4, "version");
    TRY_BAD(&f, "01000000 02000000 03", CODE, HI5_E_CORRUPT, 8, "width");
    TRY_BAD(&f, "02000000 03000000 01 05", CODE, HI5_E_CORRUPT, 9, "width");
    TRY_BAD(&f, "02000000 03000000 02", CODE, HI5_E_CORRUPT, 8, "flags");
    TRY_BAD(&f, "02000000 02000000 00", CODE, HI5_E_CORRUPT, 8, "flags");
    TRY_BAD(&f, "02000000 03000000 01 02 00000000", CODE, HI5_E_CORRUPT, 10, "rank");
    TRY_BAD(&f, "02000000 03000000 01 02 21000000", CODE, HI5_E_CORRUPT, 10, "rank");
    TRY_BAD(&f, "02000000 01000000 00000000 00000000 01000000 ffffffff 00", CODE,
            HI5_E_TRUNCATED, 20, "blocks");
    TRY_BAD(&f, "01000000 02000000 08 20000000 ffffffffffffffff 00", CODE,
            HI5_E_TRUNCATED, 13, "points");
    TRY_BAD(&f, "02000000 03000000 01 02 01000000 0a00 0000 0200 0100", CODE,
            HI5_E_CORRUPT, 20, "stride");
    TRY_BAD(&f, "02000000 03000000 01 02 01000000 0a00 0200 0200 0300", CODE,
            HI5_E_CORRUPT, 20, "block");
    TRY_BAD(&f, "02000000 03000000 01 02 01000000 0a00 0200 ffff ffff", CODE,
            HI5_E_CORRUPT, 20, "block");
    TRY_BAD(&f,
            "02000000 02000000 01 24000000 01000000 ffffffffffffffff 0100000000000000"
            "0100000000000000 0100000000000000",
            CODE, HI5_E_CORRUPT, 41, "start");
    TRY_BAD(&f,
            "02000000 02000000 01 24000000 01000000 0000000000000000 ffffffffffffffff"
            "0300000000000000 0100000000000000",
            CODE, HI5_E_CORRUPT, 41, "count");
    TRY_BAD(&f, "02000000 03000000 00 02 01000000 0100 0500 0400", CODE, HI5_E_CORRUPT,
            18, "coordinate");
    TRY_BAD(&f, "01000000 02000000 08 01000000 0100000000000000 ffffffffffffffff", CODE,
            HI5_E_CORRUPT, 21, "coordinate");
    TRY_BAD(&f,
            "02000000 03000000 01 02 02000000 0000 0100 0100 0100 0000 0100 0100 0100",
            select_decode(&c, &f.mem, &flat, &s), HI5_E_CORRUPT, 28, "rank");
    ck_assert_ptr_null(s);
    TRY_SHORT(&f, "02000000 03000000 01 02 01000000 0a00 0500 0200 0300", CODE);
    TRY_SHORT(&f, "02000000 03000000 00 02 01000000 0100 0500 0600", CODE);
    TRY_SHORT(&f,
              "02000000 01000000 00000000 10000000 01000000 01000000 01000000 02000000",
              CODE);
    TRY_SHORT(&f, "01000000 01000000 00000000 10000000 01000000 01000000 01000000",
              CODE);
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_select, all_and_none, points, hyperslabs, refused)
