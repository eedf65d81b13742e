/*
 * test_msg_fill.c - the fill value messages [FMT IV.A.2.e, IV.A.2.f]
 */
#include "try_msg.h"

#define OLD msg_fill_old_code(&c, &m)
#define CODE msg_fill_code(&c, &m)

static void
is(const struct msg_fill *m, hi5_fill_status status, unsigned alloc, unsigned when)
{
    ck_assert_int_eq(m->status, status);
    ck_assert_uint_eq(m->alloc_time, alloc);
    ck_assert_uint_eq(m->write_time, when);
}

/* FILL-06 */
START_TEST(old_message)
{
    struct memfile f;
    struct msg_fill m;

    try_open(&f);
    TRY_GET(&f, "04000000 f7ffffff", OLD);
    is(&m, HI5_FILL_USER, 2, 2);
    ck_assert_uint_eq(m.version, 0);
    ck_assert_uint_eq(m.size, 4);
    ck_assert_mem_eq(m.value, "\xf7\xff\xff\xff", 4);
    TRY_PUT(&f, "04000000f7ffffff", OLD);
    TRY_GET(&f, "00000000", OLD);
    is(&m, HI5_FILL_UNDEFINED, 2, 2);
    ck_assert_ptr_null(m.value);
    TRY_BAD(&f, "05000000 f7ffffff", OLD, HI5_E_TRUNCATED, 4, "value"); /* EVIL-14 */
    TRY_BAD(&f, "ffffffff f7ffffff", OLD, HI5_E_TRUNCATED, 4, "value");
    memfile_close(&f);
}
END_TEST

/* FILL-05 */
START_TEST(versions_1_and_2)
{
    struct memfile f;
    struct msg_fill m;

    try_open(&f);
    TRY_GET(&f, "02 02 02 01 00000000", CODE);
    is(&m, HI5_FILL_DEFAULT, 2, 2);
    TRY_PUT(&f, "0202020100000000", CODE);
    TRY_GET(&f, "02 03 02 01 04000000 f7ffffff", CODE);
    is(&m, HI5_FILL_USER, 3, 2);
    ck_assert_mem_eq(m.value, "\xf7\xff\xff\xff", 4);
    TRY_PUT(&f, "0203020104000000f7ffffff", CODE);
    TRY_GET(&f, "02 02 01 00", CODE);
    is(&m, HI5_FILL_UNDEFINED, 2, 1);
    TRY_PUT(&f, "02020100", CODE);
    TRY_GET(&f, "02 02 00 01 ffffffff", CODE);
    is(&m, HI5_FILL_UNDEFINED, 2, 0);
    /* version 1 has the size always, and may lack it */
    TRY_GET(&f, "01 02 02 00 00000000", CODE);
    is(&m, HI5_FILL_UNDEFINED, 2, 2);
    TRY_GET(&f, "01 02 02 00", CODE);
    is(&m, HI5_FILL_UNDEFINED, 2, 2);
    TRY_GET(&f, "01 02 02 01 00000000", CODE);
    is(&m, HI5_FILL_DEFAULT, 2, 2);
    TRY_PUT_BAD(&f, CODE, HI5_E_UNSUPPORTED);
    memfile_close(&f);
}
END_TEST

/* FILL-04: all settings */
START_TEST(version_3)
{
    static const struct {
        const char *hex;
        hi5_fill_status status;
        unsigned alloc, when;
    } all[] = {
        {"0309", HI5_FILL_DEFAULT, 1, 2},
        {"030a", HI5_FILL_DEFAULT, 2, 2},
        {"030b", HI5_FILL_DEFAULT, 3, 2},
        {"0319", HI5_FILL_UNDEFINED, 1, 2},
        {"0316", HI5_FILL_UNDEFINED, 2, 1},
        {"0302", HI5_FILL_DEFAULT, 2, 0},
        {"032b 04000000 f7ffffff", HI5_FILL_USER, 3, 2},
    };
    struct memfile f;
    struct msg_fill m;

    try_open(&f);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        TRY_GET(&f, all[i].hex, CODE);
        is(&m, all[i].status, all[i].alloc, all[i].when);
        TRY_PUT(&f, all[i].hex, CODE);
    }
    ck_assert_uint_eq(m.size, 4);
    memfile_close(&f);
}
END_TEST

START_TEST(refused)
{
    struct memfile f;
    struct msg_fill m;

    try_open(&f);
    TRY_BAD(&f, "04 00", CODE, HI5_E_UNSUPPORTED, 0, "version"); /* FILL-09 */
    TRY_BAD(&f, "00 00", CODE, HI5_E_CORRUPT, 0, "version");
    TRY_BAD(&f, "03 4a", CODE, HI5_E_CORRUPT, 1, "flags");
    TRY_BAD(&f, "03 3a", CODE, HI5_E_CORRUPT, 1, "flags");
    TRY_BAD(&f, "03 2a 05000000 f7ffffff", CODE, HI5_E_TRUNCATED, 6, "value");
    TRY_BAD(&f, "02 02 02 01 ffffff7f 00", CODE, HI5_E_TRUNCATED, 8, "value");
    TRY_FOUND(&f, "03 08", CODE, 1, "allocation time");
    TRY_FOUND(&f, "03 0e", CODE, 1, "write time");
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_fill, old_message, versions_1_and_2, version_3, refused)
