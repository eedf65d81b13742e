/*
 * ckd.h - checked arithmetic
 *
 * Whatever comes from a file is added, multiplied and narrowed through these. Each
 * returns false, and leaves *out alone, when the result does not fit.
 */
#ifndef HI5_CKD_H
#define HI5_CKD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool
ckd_add64(uint64_t a, uint64_t b, uint64_t *out)
{
    if (b > UINT64_MAX - a)
        return false;
    *out = a + b;
    return true;
}

static inline bool
ckd_mul64(uint64_t a, uint64_t b, uint64_t *out)
{
    if (a != 0 && b > UINT64_MAX / a)
        return false;
    *out = a * b;
    return true;
}

/** A file's 64-bit size as a size in memory. */
static inline bool
ckd_size(uint64_t a, size_t *out)
{
    if (a > SIZE_MAX)
        return false;
    *out = (size_t)a;
    return true;
}

static inline bool
ckd_mul_size(size_t a, size_t b, size_t *out)
{
    if (a != 0 && b > SIZE_MAX / a)
        return false;
    *out = a * b;
    return true;
}

/** Is [at, at + n) inside [0, end)? */
static inline bool
ckd_inside(uint64_t at, uint64_t n, uint64_t end)
{
    return at <= end && n <= end - at;
}

/** floor(log2(x)); 0 for x = 0. */
static inline unsigned
ckd_log2(uint64_t x)
{
    unsigned n = 0;
    while (x >>= 1)
        n++;
    return n;
}

static inline bool
ckd_is_pow2(uint64_t x)
{
    return x != 0 && (x & (x - 1)) == 0;
}

/** The bytes that hold the value x: what format-wide "as many bytes as needed" means. */
static inline unsigned
ckd_enc_size(uint64_t x)
{
    return ckd_log2(x) / 8 + 1;
}

#endif
