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
#include "base/simd.h"
#include "filters/filter.h"

/* The words of a row are summed up each in its own lane, so that one vector instruction
 * does several. In so many rows no lane exceeds 32 bits. */
#define FLETCHER_LANES 32u
#define FLETCHER_ROWS 256u

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

static inline uint32_t
fletcher_word(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

/* Rows of words into both sums of each lane. */
#define FLETCHER_ADD(attribute, name)                                                  \
    attribute static void name(const uint8_t *restrict p, size_t rows,                 \
                               uint32_t *restrict first, uint32_t *restrict second)    \
    {                                                                                  \
        uint32_t a[FLETCHER_LANES] = {0}, b[FLETCHER_LANES] = {0};                     \
        for (; rows > 0; rows--, p += 2 * FLETCHER_LANES)                              \
            for (unsigned i = 0; i < FLETCHER_LANES; i++) {                            \
                a[i] += fletcher_word(p + 2 * i);                                      \
                b[i] += a[i];                                                          \
            }                                                                          \
        for (unsigned i = 0; i < FLETCHER_LANES; i++) {                                \
            first[i] = a[i];                                                           \
            second[i] = b[i];                                                          \
        }                                                                              \
    }

FLETCHER_ADD(, fletcher_add_any)
#if SIMD_AVX2
FLETCHER_ADD(SIMD_FOR_AVX2, fletcher_add_avx2)
#else
#define fletcher_add_avx2 fletcher_add_any
#endif

struct fletcher {
    uint64_t sum1, sum2;
};

/* Word i of `rows` rows counts rows * FLETCHER_LANES - i times in the second sum; the
 * lanes have counted it once for each row from its own on. */
static void
fletcher_rows(struct fletcher *f, const uint8_t *p, size_t rows)
{
    uint32_t first[FLETCHER_LANES], second[FLETCHER_LANES];
    uint64_t sum1 = 0, sum2 = rows * FLETCHER_LANES * f->sum1;

    if (simd_has_avx2())
        fletcher_add_avx2(p, rows, first, second);
    else
        fletcher_add_any(p, rows, first, second);
    for (unsigned i = 0; i < FLETCHER_LANES; i++) {
        sum1 += first[i];
        sum2 += (uint64_t)FLETCHER_LANES * second[i] - (uint64_t)i * first[i];
    }
    f->sum2 = fletcher_fold(f->sum2 + sum2);
    f->sum1 = fletcher_fold(f->sum1 + sum1);
}

/* Both sums over little-endian words: the second in the upper half. */
static uint32_t
fletcher_sums(const uint8_t *p, size_t n)
{
    struct fletcher f = {0, 0};

    for (size_t rows = n / (2 * FLETCHER_LANES), now; rows > 0; rows -= now) {
        now = rows < FLETCHER_ROWS ? rows : FLETCHER_ROWS;
        fletcher_rows(&f, p, now);
        p += now * 2 * FLETCHER_LANES;
        n -= now * 2 * FLETCHER_LANES;
    }
    for (; n >= 2; n -= 2, p += 2) {
        f.sum1 += fletcher_word(p);
        f.sum2 += f.sum1;
    }
    if (n == 1) {
        f.sum1 += p[0];
        f.sum2 += f.sum1;
    }
    return fletcher_fold(f.sum2) << 16 | fletcher_fold(f.sum1);
}

HI5_INT uint32_t
fletcher32_checksum(const uint8_t *p, size_t n)
{
    const uint32_t old = fletcher_sums(p, n);

    return fletcher_swap(old >> 16) << 16 | fletcher_swap(old & 0xffff);
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
