/*
 * test_blosc.c - filter 32001
 */
#include "try_filter.h"

static const hi5_filter blosc = FILTER(FILTER_BLOSC, 7, 2, 2, 4, 160, 9, 1, 1);

/* The integers 0, 3, ..., 117 by c-blosc 1.21.3 with LZ4: level 9, shuffled */
static const char stored[] =
    "02013104a0000000a00000004c0000001400000034000000ff1a000306090c0f1215181b1e212427"
    "2a2d303336393c3f4245484b4e5154575a5d606366696c6f72750001005f500000000000";

#ifdef HI5_HAVE_BLOSC
static void
check_threes(const char *hex)
{
    uint8_t src[256], want[160] = {0}, got[160];
    const size_t n = try_hex(hex, src);
    hi5_error err;

    for (unsigned i = 0; i < 40; i++)
        want[4 * i] = (uint8_t)(3 * i);
    ck_ok(try_pipe(&blosc, 1, 0, src, n, got, 160, &err), &err);
    ck_assert_mem_eq(got, want, 160);
}

/* FILT-20: shuffled; bits shuffled; level 0, which only copies */
START_TEST(test_good)
{
    char copied[2 * 176 + 1];
    size_t at;

    check_threes(stored);
    check_threes(
        "02013404a0000000a000000044000000140000002c00000010aa01001066010010b401"
        "00ff0638c738c738c0073ff8c000f83f00ff0000c0ffff000100645000000000"
        "00");
    at = (size_t)snprintf(copied, sizeof copied, "02013204a0000000a0000000b0000000");
    for (unsigned i = 0; i < 40; i++)
        at += (size_t)snprintf(copied + at, sizeof copied - at, "%02x000000", 3 * i);
    check_threes(copied);
}
END_TEST

/* FILT-09 */
START_TEST(test_wrong_size)
{
    try_bad(&blosc, stored, 159,
            "filter 32001 (blosc): decodes to more than 159 bytes");
    try_bad(&blosc, stored, 161, "decodes to 160 bytes, not 161");
}
END_TEST

/* EVIL-18 */
START_TEST(test_cut)
{
    try_cut(&blosc, stored, 160, SIZE_MAX);
}
END_TEST
#else
START_TEST(test_missing)
{
    try_bad(&blosc, stored, 160, "filter 32001 (blosc): not available in this build");
}
END_TEST
#endif

Suite *suite_blosc(void);

Suite *
suite_blosc(void)
{
#ifdef HI5_HAVE_BLOSC
    TRY_SUITE("blosc", test_good, test_wrong_size, test_cut);
#else
    TRY_SUITE("blosc", test_missing);
#endif
}
