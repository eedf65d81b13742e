/*
 * fletcher32.c - filter 3: a checksum after the data              [FMT IV.A.2.l]
 *
 *   SIZE  FIELD
 *   n-4   data
 *   4     checksum, little-endian: second sum << 16 | first sum
 *
 * The data are big-endian 16-bit words, an odd last byte being a high one. The first
 * sum is that of the words, the second that of the first sums; both modulo 65535, where
 * a sum that is not zero is never reduced to zero but to 65535.
 *
 * Modulo 65535, swapping the bytes of a word is multiplying it by 256. So the sums can
 * be taken over little-endian words, and be swapped at the end; and the checksum of
 * libraries before 1.6.3, which took little-endian words, is that without the swap.
 */
#include "filters/filter.h"

#define FLETCHER_WORDS 128u /* weighted sums of so many words fit into 32 bits */

/* Reduce modulo 65535 to 0..65535; 0 only if x is 0. */
static uint32_t
fletcher_fold(uint64_t x)
{
    while (x >> 16)
        x = (x & 0xffff) + (x >> 16);
    return (uint32_t)x;
}

static uint32_t
fletcher_swap(uint32_t x)
{
    return (x & 0xff) << 8 | x >> 8;
}

static uint32_t
fletcher_word(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

/* Both sums over little-endian words: the second in the upper half. */
static uint32_t
fletcher_sums(const uint8_t *p, size_t n)
{
    uint64_t sum1 = 0, sum2 = 0;

    for (; n >= 2 * FLETCHER_WORDS; n -= 2 * FLETCHER_WORDS) {
        uint32_t a = 0, b = 0;

        for (uint32_t i = 0; i < FLETCHER_WORDS; i++) {
            const uint32_t w = fletcher_word(p + 2 * i);
            a += w;
            b += (FLETCHER_WORDS - i) * w;
        }
        sum2 = fletcher_fold(sum2 + FLETCHER_WORDS * sum1 + b);
        sum1 = fletcher_fold(sum1 + a);
        p += 2 * FLETCHER_WORDS;
    }
    for (; n >= 2; n -= 2, p += 2) {
        sum1 += fletcher_word(p);
        sum2 += sum1;
    }
    if (n == 1) {
        sum1 += p[0];
        sum2 += sum1;
    }
    return fletcher_fold(sum2) << 16 | fletcher_fold(sum1);
}

HI5_INT hi5_status
fletcher32_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
                  size_t *out, hi5_error *err)
{
    const uint8_t *const p = src;
    uint32_t stored, old, sum;

    (void)dst;
    if (n < 4)
        return filter_cut(err, f, n, 4);
    if (n - 4 > cap)
        return filter_too_long(err, f, cap);
    stored = fletcher_word(p + n - 4) | fletcher_word(p + n - 2) << 16;
    old = fletcher_sums(p, n - 4);
    sum = fletcher_swap(old >> 16) << 16 | fletcher_swap(old & 0xffff);
    if (stored != sum && stored != old)
        return filter_fail_as(err, HI5_E_CHECKSUM, f,
                              "stored 0x%08lx, computed 0x%08lx", (unsigned long)stored,
                              (unsigned long)sum);
    *out = n - 4;
    return HI5_OK;
}
