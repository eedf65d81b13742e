/*
 * test_msg_link.c - the link message [FMT IV.A.2.g]
 */
#include "try_msg.h"

#define CODE msg_link_code(&c, &m)

static void
named(const struct msg_link *m, const char *name)
{
    ck_assert_uint_eq(m->name_len, strlen(name));
    ck_assert_mem_eq(m->name, name, strlen(name));
}

/* As libhdf5 1.10.8 writes them. */
START_TEST(kinds)
{
    struct memfile f;
    struct msg_link m;
    const char *const hard = "01 04 0200000000000000 04 68617264 280b000000000000";
    const char *const soft = "01 0c 01 0000000000000000 04 736f6674 0300 2f6561";
    const char *const ext = "01 0c 40 0100000000000000 03 657874 0900"
                            "00 6f2e683500 2f7800";
    const char *const utf8 = "01 1c 01 0300000000000000 01 02 c3a9 0200 2f61";

    try_open(&f);
    TRY_GET(&f, hard, CODE);
    named(&m, "hard");
    ck_assert_uint_eq(m.kind, HI5_LINK_HARD);
    ck_assert(m.has_order);
    ck_assert_uint_eq(m.order, 2);
    ck_assert_uint_eq(m.address, 0xb28);
    TRY_PUT(&f, hard, CODE);
    TRY_GET(&f, soft, CODE);
    ck_assert_uint_eq(m.kind, HI5_LINK_SOFT);
    ck_assert_uint_eq(m.value_len, 3);
    ck_assert_mem_eq(m.value, "/ea", 3);
    ck_assert_uint_eq(m.charset, HI5_ASCII);
    TRY_PUT(&f, soft, CODE);
    TRY_GET(&f, ext, CODE);
    ck_assert_uint_eq(m.kind, HI5_LINK_EXTERNAL);
    ck_assert_mem_eq(m.value, "\0o.h5\0/x", 9);
    TRY_PUT(&f, ext, CODE);
    TRY_GET(&f, utf8, CODE);
    named(&m, "\xc3\xa9");
    ck_assert_uint_eq(m.charset, HI5_UTF8);
    TRY_PUT(&f, utf8, CODE);
    TRY_GET(&f, "01 08 41 01 75 0000", CODE); /* user-defined, without a value */
    ck_assert_uint_eq(m.kind, 65);
    ck_assert(!m.has_order);
    memfile_close(&f);
}
END_TEST

START_TEST(name_widths)
{
    struct memfile f;
    struct msg_link m;
    char name[301];

    try_open(&f);
    TRY_GET(&f, "01 03 0100000000000000 61 280b000000000000", CODE);
    named(&m, "a");
    TRY_PUT(&f, "0103010000000000000061280b000000000000", CODE); /* kept as it was */
    memset(name, 'x', 300);
    name[300] = '\0';
    m = (struct msg_link){.name = (const uint8_t *)name, .name_len = 300, .address = 8};
    TRY_PUT_BAD(&f, CODE, HI5_OK);
    ck_assert_mem_eq(f.bytes + 2048, "\x01\x01\x2c\x01xx", 6);
    memfile_close(&f);
}
END_TEST

START_TEST(refused)
{
    struct memfile f;
    struct msg_link m;

    try_open(&f);
    TRY_BAD(&f, "02", CODE, HI5_E_UNSUPPORTED, 0, "version");
    TRY_BAD(&f, "01 20", CODE, HI5_E_CORRUPT, 1, "flags");
    TRY_BAD(&f, "01 08 02", CODE, HI5_E_CORRUPT, 2, "kind");
    TRY_BAD(&f, "01 08 3f", CODE, HI5_E_CORRUPT, 2, "kind");
    TRY_BAD(&f, "01 00 00", CODE, HI5_E_CORRUPT, 2, "name length"); /* EVIL-16 */
    TRY_BAD(&f, "01 02 ffffffff 61", CODE, HI5_E_TRUNCATED, 2, "name length");
    TRY_BAD(&f, "01 03 ffffffffffffffff 61", CODE, HI5_E_TRUNCATED, 2, "name length");
    TRY_BAD(&f, "01 08 01 01 61 0000", CODE, HI5_E_CORRUPT, 5, "value length");
    /* EVIL-17 */
    TRY_BAD(&f, "01 08 40 01 61 0000", CODE, HI5_E_CORRUPT, 7, "value");
    TRY_BAD(&f, "01 08 40 01 61 0100 00", CODE, HI5_E_CORRUPT, 7, "value");
    TRY_BAD(&f, "01 08 40 01 61 0200 0000", CODE, HI5_E_CORRUPT, 7, "value");
    TRY_BAD(&f, "01 08 40 01 61 0300 006161", CODE, HI5_E_CORRUPT, 7, "value");
    TRY_BAD(&f, "01 08 40 01 61 0400 00610061", CODE, HI5_E_CORRUPT, 7, "value");
    TRY_GET(&f, "01 08 40 01 61 0300 000000", CODE);
    TRY_FOUND(&f, "01 08 40 01 61 0300 100000", CODE, 1, "value");
    TRY_FOUND(&f, "01 10 02 01 61 0000000000000000", CODE, 1, "character set");
    TRY_SHORT(&f, "01 1c 01 0300000000000000 01 02 c3a9 0200 2f61", CODE); /* EVIL-15 */
    memfile_close(&f);
}
END_TEST

TRY_SUITE(msg_link, kinds, name_widths, refused)
