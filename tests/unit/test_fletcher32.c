/*
 * test_fletcher32.c - filter 3
 */
#include "try_filter.h"

static const hi5_filter fletcher = {FILTER_FLETCHER32, 0, NULL, 0, NULL};

/* The definition, word by word. */
static uint32_t
slow_sum(const uint8_t *p, size_t n)
{
    uint32_t a = 0, b = 0;

    for (size_t i = 0; i < n; i += 2) {
        a += (uint32_t)p[i] << 8 | (i + 1 < n ? p[i + 1] : 0u);
        a = (a & 0xffff) + (a >> 16);
        b += a;
        b = (b & 0xffff) + (b >> 16);
    }
    return b << 16 | a;
}

/* FILT-03: sums that are multiples of 65535 are 65535, not 0; odd lengths */
START_TEST(test_good)
{
    try_good(&fletcher, 1, "ffffffffffffffffffffffffffffffff",
             "ffffffffffffffffffffffff");
    try_good(&fletcher, 1, "010203040506090e0e", "0102030405");
    try_good(&fletcher, 1, "0000000000000000", "00000000");
    try_good(&fletcher, 1, "00000000", "");
}
END_TEST

/* FILT-03: buffers of all lengths, and of values that fold often */
START_TEST(test_many)
{
    static uint8_t data[3000], got[3000];
    uint32_t x = 1;

    for (size_t n = 0; n < 2990; n += n < 600 ? 1 : 97) {
        uint32_t sum;
        hi5_error err;

        for (size_t i = 0; i < n; i++) {
            x = x * 1664525 + 1013904223;
            data[i] = n % 3 == 0 ? 0xff : (uint8_t)(x >> 24);
        }
        sum = slow_sum(data, n);
        for (unsigned i = 0; i < 4; i++)
            data[n + i] = (uint8_t)(sum >> (8 * i));
        ck_ok(try_pipe(&fletcher, 1, 0, data, n + 4, got, n, &err), &err);
        ck_assert_mem_eq(got, data, n);
    }
}
END_TEST

/* FILT-03: more than one block of rows, with the largest sums there are */
START_TEST(test_large)
{
    static uint8_t data[70004], got[70000];

    for (size_t n = 16000; n <= 70000; n += 1543) {
        uint32_t sum;
        hi5_error err;

        memset(data, 0xff, n);
        data[n / 3] = (uint8_t)n;
        sum = slow_sum(data, n);
        for (unsigned i = 0; i < 4; i++)
            data[n + i] = (uint8_t)(sum >> (8 * i));
        ck_ok(try_pipe(&fletcher, 1, 0, data, n + 4, got, n, &err), &err);
    }
}
END_TEST

/* FILT-04: one bit is enough, wherever it is */
START_TEST(test_flipped_bits)
{
    uint8_t src[9], got[9];
    hi5_error err;

    try_hex("010203040506090e0e", src);
    for (size_t bit = 0; bit < 72; bit++) {
        src[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_status(try_pipe(&fletcher, 1, 0, src, 9, got, 5, &err), HI5_E_CHECKSUM);
        src[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    src[0] = 0;
    ck_status(try_pipe(&fletcher, 1, 0, src, 9, got, 5, &err), HI5_E_CHECKSUM);
    ck_assert_str_eq(err.message, "filter 3 (fletcher32): stored 0x0e0e0906, "
                                  "computed 0x0b0e0806");
}
END_TEST

/* FILT-04: libraries before 1.6.3 swapped the bytes of both halves */
START_TEST(test_old_byte_order)
{
    try_good(&fletcher, 1, "010203040509060e0e", "0102030405");
}
END_TEST

/* EVIL-18; FILT-26: the stored chunk is larger than the nominal one */
START_TEST(test_cut)
{
    try_cut(&fletcher, "010203040506090e0e", 5, SIZE_MAX);
    try_bad(&fletcher, "ffffff", 0,
            "filter 3 (fletcher32): 3 bytes stored, at least 4");
    try_bad(&fletcher, "010203040506090e0e", 4, "decodes to more than 4 bytes");
}
END_TEST

Suite *suite_fletcher32(void);

Suite *
suite_fletcher32(void)
{
    TRY_SUITE("fletcher32", test_good, test_many, test_large,
              test_flipped_bits, test_old_byte_order, test_cut);
}
