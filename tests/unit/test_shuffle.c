/*
 * test_shuffle.c - filter 2
 */
#include "try_filter.h"

START_TEST(test_good)
{
    const hi5_filter f = FILTER(FILTER_SHUFFLE, 1, 4);

    try_good(&f, 1, "000306090c000000000000000000000000000000",
             "000000000300000006000000090000000c000000");
}
END_TEST

/* FILT-11: all sizes, all lengths, what is left over at the end stays as it is. */
START_TEST(test_lengths)
{
    static const size_t counts[] = {0, 1, 2, 3, 8, 17, 511, 512, 513, 1100};
    static uint8_t plain[32768], stored[32768], got[32768];

    for (uint32_t size = 1; size <= 27; size++) {
        const hi5_filter f = FILTER(FILTER_SHUFFLE, 1, size);

        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            const size_t tail = (c * 7 + size / 2) % size, count = counts[c];
            const size_t n = count * size + tail;
            hi5_error err;

            for (size_t i = 0; i < n; i++)
                plain[i] = stored[i] = (uint8_t)(i * 37 + i / 251);
            for (size_t i = 0; i < count; i++)
                for (size_t j = 0; j < size; j++)
                    stored[j * count + i] = plain[i * size + j];
            ck_ok(try_pipe(&f, 1, 0, stored, n, got, n, &err), &err);
            ck_assert_mem_eq(got, plain, n);
        }
    }
}
END_TEST

START_TEST(test_bad_parameters)
{
    const hi5_filter none = {FILTER_SHUFFLE, 0, NULL, 0, NULL};
    const hi5_filter zero = FILTER(FILTER_SHUFFLE, 1, 0);
    const hi5_filter four = FILTER(FILTER_SHUFFLE, 1, 4);

    try_bad(&none, "00010203", 4, "filter 2 (shuffle): no element size");
    try_bad(&zero, "00010203", 4, "filter 2 (shuffle): no element size");
    try_bad(&four, "0001020304050607", 4, "decodes to more than 4 bytes");
    try_bad(&four, "0001020304050607", 9, "decodes to 8 bytes, not 9");
}
END_TEST

Suite *suite_shuffle(void);

Suite *
suite_shuffle(void)
{
    TRY_SUITE("shuffle", test_good, test_lengths, test_bad_parameters);
}
