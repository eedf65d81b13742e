/*
 * test_ckd.c - checked arithmetic
 */
#include "base/ckd.h"
#include "support.h"

/* What does not fit leaves the result alone. SPACE-05 */
START_TEST(test_add_mul)
{
    static const struct {
        uint64_t a, b, sum, product;
        bool adds, multiplies;
    } cases[] = {
        {0, 0, 0, 0, true, true},
        {UINT64_MAX, 0, UINT64_MAX, 0, true, true},
        {0, UINT64_MAX, UINT64_MAX, 0, true, true},
        {UINT64_MAX, 1, 77, UINT64_MAX, false, true},
        {1, UINT64_MAX, 77, UINT64_MAX, false, true},
        {1ull << 32, 1ull << 32, 1ull << 33, 77, true, false},
        {1ull << 32, (1ull << 32) - 1, (1ull << 33) - 1, UINT64_MAX - UINT32_MAX, true,
         true},
        {1ull << 63, 1ull << 63, 77, 77, false, false},
        {1ull << 63, (1ull << 63) - 1, UINT64_MAX, 77, true, false},
        {UINT64_MAX, UINT64_MAX, 77, 77, false, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t sum = 77, product = 77;

        ck_assert(ckd_add64(cases[i].a, cases[i].b, &sum) == cases[i].adds);
        ck_assert_uint_eq(sum, cases[i].sum);
        ck_assert(ckd_mul64(cases[i].a, cases[i].b, &product) == cases[i].multiplies);
        ck_assert_uint_eq(product, cases[i].product);
    }
}
END_TEST

START_TEST(test_sizes)
{
    size_t n = 77;

    ck_assert(ckd_size(12, &n) && n == 12);
    ck_assert(ckd_size(UINT64_MAX, &n) == (SIZE_MAX == UINT64_MAX));
    n = 77;
    ck_assert(!ckd_mul_size(SIZE_MAX / 2, 3, &n) && n == 77);
    ck_assert(ckd_mul_size(SIZE_MAX / 2, 2, &n) && n == SIZE_MAX - 1);
    ck_assert(ckd_mul_size(0, SIZE_MAX, &n) && n == 0);
}
END_TEST

/* DRV-05, DRV-06: ends that wrap */
START_TEST(test_inside)
{
    ck_assert(ckd_inside(0, 0, 0));
    ck_assert(ckd_inside(10, 0, 10));
    ck_assert(!ckd_inside(11, 0, 10));
    ck_assert(ckd_inside(9, 1, 10));
    ck_assert(!ckd_inside(9, 2, 10));
    ck_assert(!ckd_inside(UINT64_MAX, 1, 10));
    ck_assert(!ckd_inside(1, UINT64_MAX, 10));
    ck_assert(!ckd_inside(UINT64_MAX, UINT64_MAX, UINT64_MAX));
    ck_assert(ckd_inside(0, UINT64_MAX, UINT64_MAX));
}
END_TEST

START_TEST(test_bits)
{
    ck_assert_uint_eq(ckd_log2(0), 0);
    for (unsigned i = 0; i < 64; i++) {
        ck_assert_uint_eq(ckd_log2(1ull << i), i);
        ck_assert_uint_eq(ckd_log2((1ull << i) | (1ull << i >> 1)), i);
        ck_assert(ckd_is_pow2(1ull << i));
        ck_assert(i < 2 || !ckd_is_pow2((1ull << i) - 1));
        ck_assert_uint_eq(ckd_enc_size(1ull << i), i / 8 + 1);
    }
    ck_assert(!ckd_is_pow2(0));
    ck_assert_uint_eq(ckd_enc_size(0), 1);
    ck_assert_uint_eq(ckd_enc_size(255), 1);
    ck_assert_uint_eq(ckd_enc_size(UINT64_MAX), 8);
}
END_TEST

Suite *suite_ckd(void);

Suite *
suite_ckd(void)
{
    Suite *const s = suite_create("ckd");
    TCase *const c = tcase_create("ckd");

    tcase_add_test(c, test_add_mul);
    tcase_add_test(c, test_sizes);
    tcase_add_test(c, test_inside);
    tcase_add_test(c, test_bits);
    suite_add_tcase(s, c);
    return s;
}
