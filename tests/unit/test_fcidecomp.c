/*
 * test_fcidecomp.c - filter 32018
 *
 * The images were made with CharLS 2.4.1.
 */
#include "try_filter.h"

static const hi5_filter u1 =
    FILTER(FILTER_FCIDECOMP, 13, 1, 1, 3, 4, 8, 1, 0, 0, 0, 0, 0, 0, 0);
static const char u1_stored[] =
    "ffd8fff7000b080003000401011100ffda0008010100000000801c01c0"
    "1c0000067c008580080000033e509160ffd9";

#ifdef HI5_HAVE_CHARLS
START_TEST(test_good)
{
    const hi5_filter i2 =
        FILTER(FILTER_FCIDECOMP, 13, 2, 1, 3, 4, 16, 1, 0, 0, 0, 0, 0, 0, 0);
    const hi5_filter rgb =
        FILTER(FILTER_FCIDECOMP, 13, 1, 3, 2, 4, 8, 3, 0, 0, 0, 0, 0, 0, 0);

    try_good(&u1, 1, u1_stored, "0014283c5064788ca0b4c8dc");
    try_good(
        &i2, 1,
        "ffd8fff7000b100003000401011100fff8000d01ffff0012004301140040ffda00080101000000"
        "00003870f3ef9d7cd8000d01002000000cfe0003405f3df9cbe880ffd9",
        "78ec48f418fce803b80b8813581b2823f82ac832983a6842");
    try_good(
        &rgb, 1,
        "ffd8fff70011080002000403011100021100031100ffda0008010100000000aa940206060300ff"
        "da00080102000000000000017e00a4ca800000cf80060006000001a9ffda000801030000000000"
        "00016e0000a464a000002dc11c10ffd9",
        "00010409101924314051647990a9c41938597ca100295481");
}
END_TEST

START_TEST(test_size)
{
    try_bad(&u1, u1_stored, 11, "decodes to more than 11 bytes");
    try_bad(&u1, u1_stored, 13, "decodes to 12 bytes, not 13");
    /* 65535 x 65535 samples in a handful of bytes */
    try_bad(&u1, "ffd8fff7000b08ffffffff01011100ffda0008010100000000801cffd9", 12,
            "decodes to more than 12 bytes");
    try_bad(&u1, "ffd8ff", 12, "3 bytes stored, at least 4 needed");
    try_bad(&u1, "89504e470d0a1a0a", 12, "the image has no end");
    try_bad(&u1, "89504e470d0a1a0affd9", 12, "filter 32018 (fcidecomp): ");
}
END_TEST

START_TEST(test_damage)
{
    try_cut(&u1, u1_stored, 12, 47);
    try_damage(&u1, u1_stored, 12);
}
END_TEST
#else
START_TEST(test_missing)
{
    try_bad(&u1, u1_stored, 12,
            "filter 32018 (fcidecomp): not available in this build");
}
END_TEST
#endif

Suite *suite_fcidecomp(void);

Suite *
suite_fcidecomp(void)
{
#ifdef HI5_HAVE_CHARLS
    TRY_SUITE("fcidecomp", test_good, test_size, test_damage);
#else
    TRY_SUITE("fcidecomp", test_missing);
#endif
}
