/*
 * test_lz4.c - filter 32004
 */
#include "try_filter.h"

static const hi5_filter lz4 = FILTER(FILTER_LZ4, 1, 0);

/* Put together by hand: 20 bytes in blocks of 16. First "abcd" and a match of 7 at
 * distance 4, "bcdea"; then four bytes as they are. */
static const char stored[] = "0000000000000014"
                             "00000010"
                             "0000000d"
                             "436162636404005062636465"
                             "61"
                             "00000004"
                             "01020304";
static const char plain[] = "6162636461626364616263"
                            "6263646561"
                            "01020304";

#ifdef HI5_HAVE_LZ4
START_TEST(test_good)
{
    try_good(&lz4, 1, stored, plain);
    try_good(&lz4, 1, "000000000000000000000000", "");
    /* a block size beyond the chunk */
    try_good(&lz4, 1,
             "0000000000000004"
             "ffffffff"
             "00000004"
             "01020304",
             "01020304");
}
END_TEST

/* FILT-09, FILT-10 */
START_TEST(test_wrong_size)
{
    try_bad(&lz4, stored, 19, "filter 32004 (lz4): decodes to more than 19 bytes");
    try_bad(&lz4, stored, 21, "decodes to 20 bytes, not 21");
    try_bad(&lz4, "ffffffffffffffff00000010", 20, "decodes to more than 20 bytes");
    try_bad(&lz4, "000000000000001400000000", 20, "blocks of no bytes");
    try_bad(&lz4, "0000000000000014000000100000000c", 20,
            "16 bytes stored, at least 28");
}
END_TEST

/* EVIL-18 */
START_TEST(test_cut)
{
    try_cut(&lz4, stored, 20, SIZE_MAX);
}
END_TEST

START_TEST(test_damage)
{
    try_damage(&lz4, stored, 20);
}
END_TEST

/* FILT-30: nothing caps a block but the chunk: one of 100 MB, stored as it is */
START_TEST(test_large_block)
{
    const size_t size = 100000000;
    uint8_t *const src = calloc(1, size + 16), *const dst = malloc(size);
    const struct pipeline p = {1, 1, &(hi5_filter){FILTER_LZ4, 0, NULL, 0, NULL}};
    struct pipe_work w = {0};
    hi5_error err;

    ck_assert(src != NULL && dst != NULL);
    for (unsigned i = 0; i < 4; i++)
        src[7 - i] = src[11 - i] = src[15 - i] = (uint8_t)(size >> (8 * i));
    src[16 + size / 2] = 7;
    ck_ok(pipe_decode(&p, NULL, 0, src, size + 16, dst, size, &w, &err), &err);
    ck_assert_uint_eq(dst[size / 2], 7);
    free(src);
    free(dst);
}
END_TEST
#else
START_TEST(test_missing)
{
    ck_assert_ptr_nonnull(plain);
    try_bad(&lz4, stored, 20, "filter 32004 (lz4): not available in this build");
}
END_TEST
#endif

Suite *suite_lz4(void);

Suite *
suite_lz4(void)
{
#ifdef HI5_HAVE_LZ4
    TRY_SUITE("lz4", test_good, test_wrong_size, test_cut, test_damage,
              test_large_block);
#else
    TRY_SUITE("lz4", test_missing);
#endif
}
