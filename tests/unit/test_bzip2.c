/*
 * test_bzip2.c - filter 307
 */
#include "try_filter.h"

static const hi5_filter bzip2 = FILTER(FILTER_BZIP2, 1, 9);

/* Eight times "hdf5 ", by the bzip2 tool */
static const char stored[] =
    "425a6839314159265359c4e1c6a10000139900400002000540200030cd00"
    "553469070a28a3c5dc914e1424313871a840";

#ifdef HI5_HAVE_BZ2
static const char plain[] =
    "686466352068646635206864663520686466352068646635206864663520"
    "68646635206864663520";

START_TEST(test_good)
{
    try_good(&bzip2, 1, stored, plain);
}
END_TEST

/* FILT-09 */
START_TEST(test_wrong_size)
{
    try_bad(&bzip2, stored, 39, "filter 307 (bzip2): decodes to more than 39 bytes");
    try_bad(&bzip2, stored, 41, "decodes to 40 bytes, not 41");
}
END_TEST

/* EVIL-18 */
START_TEST(test_cut)
{
    try_cut(&bzip2, stored, 40, SIZE_MAX);
}
END_TEST

START_TEST(test_damage)
{
    try_damage(&bzip2, stored, 40);
}
END_TEST
#else
START_TEST(test_missing)
{
    try_bad(&bzip2, stored, 40, "filter 307 (bzip2): not available in this build");
}
END_TEST
#endif

Suite *suite_bzip2(void);

Suite *
suite_bzip2(void)
{
#ifdef HI5_HAVE_BZ2
    TRY_SUITE("bzip2", test_good, test_wrong_size, test_cut, test_damage);
#else
    TRY_SUITE("bzip2", test_missing);
#endif
}
