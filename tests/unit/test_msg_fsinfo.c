/*
 * test_msg_fsinfo.c - the file space info message [FMT IV.A.2.x]
 */
#include "try_msg.h"
#include <stdio.h>

/* The four lengths that exist, and the padding of version-1 headers. EVIL-15 */
START_TEST(file_space)
{
    struct memfile f;
    struct msg_fsinfo m;
    const char *const body = "01 00 0100000000000000 0010000000000000 0a00"
                             "ffffffffffffffff";
    char hex[400];

    try_open(&f);
    snprintf(hex, sizeof hex, "01 %s", body);
    TRY_GET(&f, hex, msg_fsinfo_code(&c, &m));
    ck_assert_uint_eq(m.strategy, 1);
    ck_assert_uint_eq(m.persist, 0);
    ck_assert_uint_eq(m.threshold, 1);
    ck_assert_uint_eq(m.page_size, 4096);
    ck_assert_uint_eq(m.page_end_threshold, 10);
    ck_assert_uint_eq(m.eoa, ADDR_NONE);
    ck_assert_uint_eq(m.manager[0], ADDR_NONE);
    TRY_PUT(&f, hex, msg_fsinfo_code(&c, &m));
    TRY_SHORT(&f, hex, msg_fsinfo_code(&c, &m));
    /* version 0 in name only, padded */
    snprintf(hex, sizeof hex, "00 %s 000000", body);
    {
        struct cur c = try_cursor(&f, hex);
        msg_fsinfo_code(&c, &m);
        ck_assert(cur_ok(&c));
    }
    ck_assert_uint_eq(m.strategy, 1);
    ck_assert_uint_eq(m.page_end_threshold, 10);
    /* version 0 indeed */
    TRY_GET(&f, "00 03 0200000000000000", msg_fsinfo_code(&c, &m));
    ck_assert_uint_eq(m.strategy, 2);
    ck_assert_uint_eq(m.persist, 0);
    ck_assert_uint_eq(m.threshold, 2);
    TRY_PUT_BAD(&f, msg_fsinfo_code(&c, &m), HI5_E_UNSUPPORTED);
    TRY_GET(&f,
            "00 01 0200000000000000 1000000000000000 ffffffffffffffff"
            "2000000000000000 ffffffffffffffff ffffffffffffffff 3000000000000000",
            msg_fsinfo_code(&c, &m));
    ck_assert_uint_eq(m.strategy, 0);
    ck_assert_uint_eq(m.persist, 1);
    ck_assert_uint_eq(m.manager[0], 0x10);
    ck_assert_uint_eq(m.manager[1], ADDR_NONE);
    ck_assert_uint_eq(m.manager[5], 0x30);
    ck_assert_uint_eq(m.manager[6], ADDR_NONE);
    TRY_BAD(&f, "00 05 0200000000000000", msg_fsinfo_code(&c, &m), HI5_E_CORRUPT, 1,
            "strategy");
    memfile_close(&f);
}
END_TEST

START_TEST(file_space_managers)
{
    struct memfile f;
    struct msg_fsinfo m;
    char hex[400];
    size_t n;

    try_open(&f);
    n = (size_t)snprintf(hex, sizeof hex,
                         "01 01 01 0100000000000000 0010000000000000 0000"
                         "0050000000000000");
    for (unsigned i = 0; i < 12; i++)
        n += (size_t)snprintf(hex + n, sizeof hex - n, "%02x00000000000000", i + 1);
    TRY_GET(&f, hex, msg_fsinfo_code(&c, &m));
    ck_assert_uint_eq(m.eoa, 0x5000);
    for (unsigned i = 0; i < 12; i++)
        ck_assert_uint_eq(m.manager[i], i + 1);
    TRY_PUT(&f, hex, msg_fsinfo_code(&c, &m));
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_fsinfo, file_space, file_space_managers)
