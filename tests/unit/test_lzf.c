/*
 * test_lzf.c - filter 32000, as h5py writes it
 */
#include "try_filter.h"

static const hi5_filter lzf = FILTER(FILTER_LZF, 3, 4, 0x105, 80);
static const char stored[] =
    "04000000000320030006200300092003000c2003000f2003001220030015"
    "200300182003001b20034000e09127010000";
static const char line[] = "000000000300000006000000090000000c000000"
                           "0f0000001200000015000000180000001b000000";

/* Whatever parameter 2 says */
START_TEST(test_good)
{
    const hi5_filter all[] = {
        FILTER(FILTER_LZF, 3, 4, 0x105, 200),
        FILTER(FILTER_LZF, 3, 4, 0x105, 0),
        FILTER(FILTER_LZF, 3, 4, 0x105, UINT32_MAX),
        FILTER(FILTER_LZF, 1, 4),
    };
    char plain[5 * sizeof line];

    snprintf(plain, sizeof plain, "%s%s%s%s%s", line, line, line, line, line);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        try_good(&all[i], 1, stored, plain);
}
END_TEST

/* FILT-09 */
START_TEST(test_wrong_size)
{
    try_bad(&lzf, stored, 199, "filter 32000 (lzf): ");
    try_bad(&lzf, stored, 201, "decodes to 200 bytes, not 201");
}
END_TEST

/* EVIL-18 */
START_TEST(test_cut)
{
    try_cut(&lzf, stored, 200, SIZE_MAX);
}
END_TEST

START_TEST(test_damage)
{
    try_damage(&lzf, stored, 200);
}
END_TEST

Suite *suite_lzf(void);

Suite *
suite_lzf(void)
{
    TRY_SUITE("lzf", test_good, test_wrong_size, test_cut, test_damage);
}
