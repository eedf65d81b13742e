/*
 * test_szip.c - filter 4
 */
#include "try_filter.h"

static const hi5_filter u1 = FILTER(FILTER_SZIP, 4, 169, 8, 8, 40);
static const char u1_stored[] = "280000001009899ce4e73939ccce72";

#ifdef HI5_HAVE_AEC
/* 0, 0, 0, 1, 1, 1, ...: `n` integers of `size` bytes */
static void
thirds(const hi5_filter *f, const char *stored, size_t n, unsigned size,
       bool big_endian)
{
    uint8_t src[256], want[512] = {0}, got[512];
    const size_t stored_n = try_hex(stored, src);
    hi5_error err;

    for (size_t i = 0; i < n; i++)
        want[i * size + (big_endian ? size - 1 : 0)] = (uint8_t)(i / 3);
    ck_ok(try_pipe(f, 1, 0, src, stored_n, got, n * size, &err), &err);
    ck_assert_mem_eq(got, want, n * size);
}

/* Pixels of 8, 16, 32 bits; both byte orders; blocks of 4, which the standard lacks. */
START_TEST(test_pixels)
{
    const hi5_filter le2 = FILTER(FILTER_SZIP, 4, 169, 8, 16, 40);
    const hi5_filter be2 = FILTER(FILTER_SZIP, 4, 177, 4, 16, 40);
    const hi5_filter le4 = FILTER(FILTER_SZIP, 4, 169, 8, 32, 40);

    thirds(&u1, u1_stored, 40, 1, false);
    thirds(&le2, "50000000080004c467391ce7139cc67390", 40, 2, false);
    thirds(&be2, "5000000010000d0c4671390c4671390c467139", 40, 2, true);
    thirds(&le4, "a00000001009899ce4e73939ccce7200010000800040", 40, 4, false);
}
END_TEST

/* 64 bits: the doubles 0, 0, 0, 1, 1, 1, ... */
START_TEST(test_64_bits)
{
    const hi5_filter f = FILTER(FILTER_SZIP, 4, 169, 4, 64, 40);
    uint8_t src[256];
    double got[40];
    const size_t n =
        try_hex("4001000000008000400020001000080007800000786c06007c0a1c187200b0"
                "c143820e40e198721c3403100f188040",
                src);
    hi5_error err;

    ck_ok(try_pipe(&f, 1, 0, src, n, got, sizeof got, &err), &err);
    for (unsigned i = 0; i < 40; i++)
        ck_assert_double_eq(got[i], (double)(i / 3));
}
END_TEST

/* Scanlines of 22 in blocks of 4; and without the preprocessor */
START_TEST(test_padding)
{
    const hi5_filter padded = FILTER(FILTER_SZIP, 4, 169, 4, 32, 22);
    const hi5_filter ec = FILTER(FILTER_SZIP, 4, 141, 4, 16, 22);

    thirds(&padded, "58000000201a31339391899c00020001000080", 22, 4, false);
    thirds(&ec, "2c0000000c8a924aae449226aab46bd800", 22, 2, false);
}
END_TEST

START_TEST(test_bad_parameters)
{
    const hi5_filter bad[] = {
        FILTER(FILTER_SZIP, 3, 169, 8, 8),       FILTER(FILTER_SZIP, 4, 169, 0, 8, 40),
        FILTER(FILTER_SZIP, 4, 169, 7, 8, 40),   FILTER(FILTER_SZIP, 4, 169, 34, 8, 40),
        FILTER(FILTER_SZIP, 4, 169, 8, 0, 40),   FILTER(FILTER_SZIP, 4, 169, 8, 33, 40),
        FILTER(FILTER_SZIP, 4, 169, 8, 65, 40),  FILTER(FILTER_SZIP, 4, 169, 8, 8, 0),
        FILTER(FILTER_SZIP, 4, 169, 8, 8, 4097),
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        try_bad(&bad[i], u1_stored, 40, "filter 4 (szip): ");
}
END_TEST

/* FILT-09: the size in front is not to be trusted */
START_TEST(test_wrong_size)
{
    try_bad(&u1, u1_stored, 39, "decodes to more than 39 bytes");
    try_bad(&u1, u1_stored, 41, "decodes to 40 bytes, not 41");
    try_bad(&u1, "ffffffff1009899ce4e73939ccce72", 40, "decodes to more than 40 bytes");
}
END_TEST

/* EVIL-18 */
START_TEST(test_cut)
{
    try_cut(&u1, u1_stored, 40, 15);
}
END_TEST

START_TEST(test_damage)
{
    const hi5_filter padded = FILTER(FILTER_SZIP, 4, 169, 4, 32, 22);

    try_damage(&u1, u1_stored, 40);
    try_damage(&padded, "58000000201a31339391899c00020001000080", 88);
}
END_TEST
#else
START_TEST(test_missing)
{
    try_bad(&u1, u1_stored, 40, "filter 4 (szip): not available in this build");
}
END_TEST
#endif

Suite *suite_szip(void);

Suite *
suite_szip(void)
{
#ifdef HI5_HAVE_AEC
    TRY_SUITE("szip", test_pixels, test_64_bits, test_padding, test_bad_parameters,
              test_wrong_size, test_cut, test_damage);
#else
    TRY_SUITE("szip", test_missing);
#endif
}
