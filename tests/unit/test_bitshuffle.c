/*
 * test_bitshuffle.c - filter 32008
 */
#include "try_filter.h"

/* FILT-19: bit k of byte j of element i of a block of n is bit i of row 8 j + k, rows
 * being n / 8 bytes. Here bit by bit. */
static void
shuffle_block(const uint8_t *plain, uint8_t *stored, size_t n, size_t size)
{
    memset(stored, 0, n * size);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < 8 * size; j++)
            if (plain[i * size + j / 8] >> (j % 8) & 1)
                stored[j * (n / 8) + i / 8] |= (uint8_t)(1u << (i % 8));
}

static size_t
block_default(size_t size)
{
    const size_t block = 8192 / size / 8 * 8;
    return block < 128 ? 128 : block;
}

static void
check(uint32_t size, uint32_t block, size_t count)
{
    static uint8_t plain[80000], stored[80000], got[80000];
    const hi5_filter f = FILTER(FILTER_BITSHUFFLE, 5, 0, 4, size, block, 0);
    const size_t step = block != 0 ? block : block_default(size), n = count * size;
    size_t at = 0;
    uint32_t x = size;
    hi5_error err;

    ck_assert_uint_le(n, sizeof plain);
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        plain[i] = stored[i] = (uint8_t)(x >> 24);
    }
    while (count - at >= 8) {
        const size_t here = count - at < step ? (count - at) / 8 * 8 : step;

        shuffle_block(plain + at * size, stored + at * size, here, size);
        at += here;
    }
    ck_ok(try_pipe(&f, 1, 0, stored, n, got, n, &err), &err);
    ck_assert_mem_eq(got, plain, n);
}

/* FILT-19: 1 to 2 * block + 7 elements; sizes 1 to 17 */
START_TEST(test_counts)
{
    for (size_t count = 0; count <= 2 * 24 + 7; count++)
        for (uint32_t size = 1; size <= 17; size++)
            check(size, 24, count);
}
END_TEST

/* FILT-19: the block size if none is given */
START_TEST(test_default_block)
{
    check(1, 0, 8192 + 24 + 3);
    check(2, 0, 2 * 4096 + 7);
    check(4, 0, 2 * 2048 + 8);
    check(8, 0, 1024 + 513);
    check(100, 0, 300);
    check(3, 1000, 5003);
}
END_TEST

START_TEST(test_bad_parameters)
{
    const hi5_filter none = FILTER(FILTER_BITSHUFFLE, 2, 0, 4);
    const hi5_filter odd = FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 2, 20, 0);
    const hi5_filter what = FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 2, 0, 9);

    try_bad(&none, "00010203", 4, "filter 32008 (bitshuffle): no element size");
    try_bad(&odd, "00010203", 4, "no multiple of 8");
    try_bad(&what, "00010203", 4, "unknown compression 9");
}
END_TEST

/* 19 bytes in blocks of 8: header, "abcdefgh" and 8 times 1 with their bits shuffled,
 * each as LZ4 literals, and 3 bytes as they are. By hand. */
static const hi5_filter lz4 = FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 1, 8, 2);
static const char lz4_stored[] = "0000000000000013"
                                 "00000008"
                                 "00000009"
                                 "8055667880"
                                 "00ffff00"
                                 "00000009"
                                 "80ff000000"
                                 "00000000"
                                 "010203";
#ifdef HI5_HAVE_LZ4
static const char lz4_plain[] = "6162636465666768"
                                "0101010101010101"
                                "010203";

START_TEST(test_lz4)
{
    try_good(&lz4, 1, lz4_stored, lz4_plain);
}
END_TEST

/* FILT-19: the header says how large blocks are, not the parameters */
START_TEST(test_header_block)
{
    const hi5_filter other = FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 1, 16, 2);
    const hi5_filter none = FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 1, 0, 2);

    try_good(&other, 1, lz4_stored, lz4_plain);
    try_good(&none, 1, lz4_stored, lz4_plain);
    try_bad(&lz4,
            "0000000000000013"
            "00000009"
            "00000009",
            19, "no multiple of 8");
    try_bad(&lz4,
            "0000000000000013"
            "00000000"
            "00000009",
            19, "no multiple of 8");
}
END_TEST

/* FILT-09 */
START_TEST(test_wrong_size)
{
    try_bad(&lz4, lz4_stored, 18, "filter 32008 (bitshuffle): decodes to more than 18");
    try_bad(&lz4, lz4_stored, 20, "decodes to 19 bytes, not 20");
    try_bad(&lz4, "ffffffffffffffff00000008", 19, "decodes to more than");
}
END_TEST

/* EVIL-18 */
START_TEST(test_cut)
{
    try_cut(&lz4, lz4_stored, 19, SIZE_MAX);
}
END_TEST

START_TEST(test_damage)
{
    try_damage(&lz4, lz4_stored, 19);
}
END_TEST
#else
START_TEST(test_lz4)
{
    try_bad(&lz4, lz4_stored, 19, "LZ4 is not available in this build");
}
END_TEST
#endif

Suite *suite_bitshuffle(void);

Suite *
suite_bitshuffle(void)
{
#ifdef HI5_HAVE_LZ4
    TRY_SUITE("bitshuffle", test_counts, test_default_block, test_bad_parameters,
              test_lz4, test_header_block, test_wrong_size, test_cut, test_damage);
#else
    TRY_SUITE("bitshuffle", test_counts, test_default_block, test_bad_parameters,
              test_lz4);
#endif
}
