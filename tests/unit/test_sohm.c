/*
 * test_sohm.c - indexes of shared messages [FMT III.I]
 */
#include "format/sohm.h"
#include "memfile.h"

Suite *suite_sohm(void);

/* Bytes written as hex; blanks are skipped. */
static size_t
unhex(const char *hex, uint8_t *bytes, size_t room)
{
    size_t n = 0;

    for (; *hex != '\0'; hex++) {
        if (*hex == ' ')
            continue;
        ck_assert_uint_lt(n, room);
        bytes[n++] = (uint8_t)(memfile_digit(hex[0]) << 4 | memfile_digit(hex[1]));
        hex++;
    }
    return n;
}

/* A record of a list that libhdf5 1.10.8 wrote. */
START_TEST(record_in_the_heap) /* U-SOHM-3 */
{
    uint8_t bytes[32];
    const size_t n =
        unhex("00 35476231 04000000 0016000000002800", bytes, sizeof bytes);
    struct cur c = cur_reader(bytes, n, NULL);
    struct sohm_record r = {0};

    sohm_record_code(&c, &r);
    ck_assert(cur_ok(&c));
    ck_assert_uint_eq(n, sohm_record_size(8));
    ck_assert_uint_eq(c.pos, n);
    ck_assert_uint_eq(r.hash, 0x31624735);
    ck_assert_uint_eq(r.refcount, 4);
    ck_assert_mem_eq(r.heap_id, "\0\x16\0\0\0\0\x28\0", 8);
}
END_TEST

START_TEST(record_in_a_header)
{
    uint8_t bytes[32];
    const size_t n =
        unhex("01 01020304 00 0c 0300 600a0000 00000000", bytes, sizeof bytes);
    struct cur c = cur_reader(bytes, n, NULL);
    struct sohm_record r = {0};

    c.off_w = 4;
    sohm_record_code(&c, &r);
    ck_assert(cur_ok(&c));
    ck_assert_uint_eq(n, sohm_record_size(4));
    ck_assert_uint_eq(c.pos, n);
    ck_assert_uint_eq(r.type, 12);
    ck_assert_uint_eq(r.order, 3);
    ck_assert_uint_eq(r.header, 0xa60);
}
END_TEST

START_TEST(place_is_checked)
{
    uint8_t bytes[17] = {2};
    hi5_error err = {0};
    struct cur c = cur_reader(bytes, sizeof bytes, &err);
    struct sohm_record r = {0};

    sohm_record_code(&c, &r);
    ck_assert_int_eq(c.status, HI5_E_CORRUPT);
    ck_assert_str_eq(err.field, "place");
}
END_TEST

Suite *
suite_sohm(void)
{
    Suite *s = suite_create("sohm");
    TCase *t = tcase_create("sohm");

    tcase_add_test(t, record_in_the_heap);
    tcase_add_test(t, record_in_a_header);
    tcase_add_test(t, place_is_checked);
    suite_add_tcase(s, t);
    return s;
}
