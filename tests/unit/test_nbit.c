/*
 * test_nbit.c - filter 5
 */
#include "try_filter.h"

/* An unsigned integer of 17 bits, 4 up. */
static const hi5_filter le = FILTER(FILTER_NBIT, 8, 8, 0, 5, 1, 4, 0, 17, 4);
static const char le_stored[] = "000080c280c26091c06128";
static const char le_plain[] = "10000000a030000030610000c091000050c20000";

/* A big-endian float; an array of 3 integers of 5 bits; a compound of an integer of 9
 * bits and a string; an array of 2 of these. */
static const hi5_filter compound = FILTER(
    FILTER_NBIT, 48, 48, 0, 3, 3, 28, 4, 0, 1, 4, 1, 32, 0, 5, 2, 3, 1, 1, 0, 5, 1, 9,
    3, 6, 2, 0, 1, 2, 0, 9, 2, 3, 4, 3, 16, 2, 12, 3, 6, 2, 0, 1, 2, 0, 9, 2, 3, 4, 3);
static const char compound_stored[] =
    "3f00000007cf2c616263003c3cbd7fcc0c0c0ff0000003f44b585898c02f0f2f5ff3131314020000"
    "017d32e616263013c3cbd7fcc8c8c8";
static const char compound_plain[] =
    "3f00000000003e0e00b004006162630000000078797afc0700303030"
    "3fc0000000023e1000b404006162630004000078797afc0700313131"
    "4020000000043e1200b804006162630008000078797afc0700323232";

/* FILT-18 */
START_TEST(test_atomic)
{
    const hi5_filter be = FILTER(FILTER_NBIT, 8, 8, 0, 5, 1, 2, 1, 10, 3);

    try_good(&le, 1, le_stored, le_plain);
    try_good(&be, 1, "0040200fff8000", "0008001000181ff81000");
}
END_TEST

/* 100 bits of 128 */
START_TEST(test_wide)
{
    const hi5_filter f = FILTER(FILTER_NBIT, 8, 8, 0, 2, 1, 16, 0, 100, 7);

    try_good(&f, 1, "3054aa19a0c1af7cde48b93fcfffffffffffffffffffffffff00",
             "00fec945f2e67b0d06cd50a58201000080ffffffffffffffffffffffff070000");
}
END_TEST

/* FILT-18: members, arrays and compounds within each other, strings in full */
START_TEST(test_compound)
{
    try_good(&compound, 1, compound_stored, compound_plain);
}
END_TEST

START_TEST(test_pass_through)
{
    const hi5_filter f = FILTER(FILTER_NBIT, 8, 8, 1, 3, 1, 2, 0, 16, 0);
    const hi5_filter shortest = FILTER(FILTER_NBIT, 3, 3, 1, 3);

    try_good(&f, 1, "000102030405", "000102030405");
    try_good(&shortest, 1, "000102030405", "000102030405");
}
END_TEST

/* FILT-18: parameters that end early, contradict each other, or nest without end */
START_TEST(test_bad_parameters)
{
    const hi5_filter bad[] = {
        FILTER(FILTER_NBIT, 4, 4, 0, 5, 1),               /* ends early */
        FILTER(FILTER_NBIT, 7, 7, 0, 5, 1, 4, 0, 17),     /* without its offset */
        FILTER(FILTER_NBIT, 8, 8, 0, 5, 1, 4, 0, 17, 16), /* 33 bits of 32 */
        FILTER(FILTER_NBIT, 8, 8, 0, 5, 1, 4, 2, 17, 4),  /* no such byte order */
        FILTER(FILTER_NBIT, 8, 8, 0, 5, 1, 4, 0, 0, 4),   /* no bits */
        FILTER(FILTER_NBIT, 8, 8, 0, 5, 1, 0, 0, 0, 0),   /* no bytes */
        FILTER(FILTER_NBIT, 8, 8, 0, 5, 9, 4, 0, 17, 4),  /* no such class */
        FILTER(FILTER_NBIT, 10, 10, 0, 5, 2, 3, 1, 4, 0, 8,
               0),                                         /* element above array */
        FILTER(FILTER_NBIT, 9, 9, 0, 5, 3, 4, 1, 2, 4, 3), /* member sticks out */
        FILTER(FILTER_NBIT, 12, 12, 0, 5, 3, 4, 2, 0, 4, 3, 0, 4, 3), /* they overlap */
        FILTER(FILTER_NBIT, 6, 6, 0, 5, 3, 4, UINT32_MAX), /* members not there */
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        try_bad(&bad[i], le_stored, 20, "filter 5 (nbit): the parameters describe no");
    for (unsigned n = 0; n < 3; n++) {
        const hi5_filter f = FILTER(FILTER_NBIT, n, 3, 1, 3);
        try_bad(&f, "000102030405", 6, "parameters are not enough");
    }
}
END_TEST

START_TEST(test_deep)
{
    uint32_t values[3 + 2 * 200] = {403, 0, 1};
    const hi5_filter f = {FILTER_NBIT, 0, NULL, 403, values};

    for (unsigned i = 0; i < 200; i++) {
        values[3 + 2 * i] = 2;
        values[4 + 2 * i] = 4;
    }
    try_bad(&f, "00000000", 4, "the parameters describe no datatype");
}
END_TEST

/* FILT-09, FILT-10 */
START_TEST(test_wrong_size)
{
    const hi5_filter many = FILTER(FILTER_NBIT, 8, 8, 0, UINT32_MAX, 1, 4, 0, 17, 4);

    try_bad(&le, le_stored, 19, "decodes to more than 19 bytes");
    try_bad(&le, le_stored, 21, "decodes to 20 bytes, not 21");
    try_bad(&many, le_stored, 20, "decodes to more than 20 bytes");
}
END_TEST

/* EVIL-18 */
START_TEST(test_cut)
{
    try_cut(&le, le_stored, 20, 11);
    try_cut(&compound, compound_stored, 84, SIZE_MAX);
}
END_TEST

START_TEST(test_damage)
{
    try_damage(&le, le_stored, 20);
    try_damage(&compound, compound_stored, 84);
}
END_TEST

Suite *suite_nbit(void);

Suite *
suite_nbit(void)
{
    TRY_SUITE("nbit", test_atomic, test_wide, test_compound, test_pass_through,
              test_bad_parameters, test_deep, test_wrong_size, test_cut, test_damage);
}
