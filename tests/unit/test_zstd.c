/*
 * test_zstd.c - filter 32015
 */
#include "try_filter.h"

static const hi5_filter zstd = FILTER(FILTER_ZSTD, 1, 3);

/* Eight times "hdf5 ", by the zstd tool */
static const char stored[] = "28b52ffd20285d0000286864663520010040162d";

#ifdef HI5_HAVE_ZSTD
static const char plain[] =
    "686466352068646635206864663520686466352068646635206864663520"
    "68646635206864663520";

START_TEST(test_good)
{
    try_good(&zstd, 1, stored, plain);
}
END_TEST

/* FILT-09 */
START_TEST(test_wrong_size)
{
    try_bad(&zstd, stored, 39, "filter 32015 (zstd): ");
    try_bad(&zstd, stored, 41, "decodes to 40 bytes, not 41");
}
END_TEST

/* EVIL-18 */
START_TEST(test_cut)
{
    try_cut(&zstd, stored, 40, SIZE_MAX);
}
END_TEST

START_TEST(test_damage)
{
    try_damage(&zstd, stored, 40);
}
END_TEST
#else
START_TEST(test_missing)
{
    try_bad(&zstd, stored, 40, "filter 32015 (zstd): not available in this build");
}
END_TEST
#endif

Suite *suite_zstd(void);

Suite *
suite_zstd(void)
{
#ifdef HI5_HAVE_ZSTD
    TRY_SUITE("zstd", test_good, test_wrong_size, test_cut, test_damage);
#else
    TRY_SUITE("zstd", test_missing);
#endif
}
