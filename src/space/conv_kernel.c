/*
 * conv_kernel.c - loops that convert numbers of C's types, packed
 *
 * Each kernel is a function of one element, without branches where that is possible, in
 * a loop that compilers turn into vector instructions: so many elements at a time that
 * the count is a constant, and pointers that are known not to overlap. Every loop is
 * compiled twice, for any machine and for AVX2.
 */
#include "space/conv_kernel.h"
#include "base/simd.h"
#include <string.h>

#define KERNEL_BATCH 64u /* a multiple of what any vector holds */

#define KERNEL_LOOP(attribute, name, s_t, d_t, one)                                    \
    attribute static void name(const uint8_t *restrict src, uint8_t *restrict dst,     \
                               size_t n)                                               \
    {                                                                                  \
        for (; n >= KERNEL_BATCH; n -= KERNEL_BATCH) {                                 \
            for (size_t i = 0; i < KERNEL_BATCH; i++) {                                \
                s_t x;                                                                 \
                d_t y;                                                                 \
                memcpy(&x, src + i * sizeof x, sizeof x);                              \
                y = one(x);                                                            \
                memcpy(dst + i * sizeof y, &y, sizeof y);                              \
            }                                                                          \
            src += KERNEL_BATCH * sizeof(s_t);                                         \
            dst += KERNEL_BATCH * sizeof(d_t);                                         \
        }                                                                              \
        for (; n > 0; n--) {                                                           \
            s_t x;                                                                     \
            d_t y;                                                                     \
            memcpy(&x, src, sizeof x);                                                 \
            y = one(x);                                                                \
            memcpy(dst, &y, sizeof y);                                                 \
            src += sizeof(s_t);                                                        \
            dst += sizeof(d_t);                                                        \
        }                                                                              \
    }

/* A kernel from `one`, a function of one element: one##_any and one##_avx2. */
#if SIMD_AVX2
#define KERNEL(one, s_t, d_t)                                                          \
    KERNEL_LOOP(, one##_any, s_t, d_t, one)                                            \
    KERNEL_LOOP(SIMD_FOR_AVX2, one##_avx2, s_t, d_t, one)
#define KERNEL_ENTRY(one)                                                              \
    {                                                                                  \
        one##_any, one##_avx2                                                          \
    }
#else
#define KERNEL(one, s_t, d_t) KERNEL_LOOP(, one##_any, s_t, d_t, one)
#define KERNEL_ENTRY(one)                                                              \
    {                                                                                  \
        one##_any, one##_any                                                           \
    }
#endif

/* ---- byte order ---- */

static inline uint16_t
kernel_swap16(uint16_t x)
{
    return (uint16_t)(x >> 8 | x << 8);
}

static inline uint32_t
kernel_swap32(uint32_t x)
{
    return x >> 24 | (x >> 8 & 0xff00u) | (x & 0xff00u) << 8 | x << 24;
}

static inline uint64_t
kernel_swap64(uint64_t x)
{
    x = (x & 0x00ff00ff00ff00ff) << 8 | (x >> 8 & 0x00ff00ff00ff00ff);
    x = (x & 0x0000ffff0000ffff) << 16 | (x >> 16 & 0x0000ffff0000ffff);
    return x << 32 | x >> 32;
}

KERNEL(kernel_swap16, uint16_t, uint16_t)
KERNEL(kernel_swap32, uint32_t, uint32_t)
KERNEL(kernel_swap64, uint64_t, uint64_t)

/* ---- integers into integers: clipped to what both types have ---- */

#define KERNEL_CLIP(S, s_t, s_min, s_max, D, d_t, d_min, d_max)                        \
    static inline d_t kernel_##S##_##D(s_t x)                                          \
    {                                                                                  \
        const s_t least =                                                              \
            (s_t)((intmax_t)(s_min) < (intmax_t)(d_min) ? (d_min) : (s_min));          \
        const s_t most =                                                               \
            (s_t)((uintmax_t)(d_max) < (uintmax_t)(s_max) ? (d_max) : (s_max));        \
        x = x < least ? least : x;                                                     \
        return (d_t)(x > most ? most : x);                                             \
    }                                                                                  \
    KERNEL(kernel_##S##_##D, s_t, d_t)

/* C leaves the overflow of a float to Annex F, which asks for what is wanted: infinity. */
#define KERNEL_PLAIN(S, s_t, D, d_t)                                                   \
    static inline d_t kernel_##S##_##D(s_t x)                                          \
    {                                                                                  \
        return (d_t)x;                                                                 \
    }

KERNEL_PLAIN(i8, int8_t, f32, float)
KERNEL_PLAIN(i16, int16_t, f32, float)
KERNEL_PLAIN(i32, int32_t, f32, float)
KERNEL_PLAIN(i64, int64_t, f32, float)
KERNEL_PLAIN(u8, uint8_t, f32, float)
KERNEL_PLAIN(u16, uint16_t, f32, float)
KERNEL_PLAIN(u32, uint32_t, f32, float)
KERNEL_PLAIN(i8, int8_t, f64, double)
KERNEL_PLAIN(i16, int16_t, f64, double)
KERNEL_PLAIN(i32, int32_t, f64, double)
KERNEL_PLAIN(i64, int64_t, f64, double)
KERNEL_PLAIN(u8, uint8_t, f64, double)
KERNEL_PLAIN(u16, uint16_t, f64, double)
KERNEL_PLAIN(u32, uint32_t, f64, double)

/* Machines convert from signed integers. Large ones are halved; a bit that falls off
 * stays in the last place, so that rounding sees it. */
static inline float
kernel_u64_f32(uint64_t x)
{
    const uint64_t large = x >> 63;

    return (float)(int64_t)(x >> large | (x & large)) * (float)(int32_t)(1 + large);
}

/* Both halves are exact; only their sum is rounded. */
static inline double
kernel_u64_f64(uint64_t x)
{
    return (double)(int64_t)(x >> 32) * 4294967296.0 +
           (double)(int64_t)(x & UINT32_MAX);
}

#define KERNEL_FROM_INTEGER(S, s_t, s_min, s_max)                                      \
    KERNEL_CLIP(S, s_t, s_min, s_max, i8, int8_t, INT8_MIN, INT8_MAX)                  \
    KERNEL_CLIP(S, s_t, s_min, s_max, i16, int16_t, INT16_MIN, INT16_MAX)              \
    KERNEL_CLIP(S, s_t, s_min, s_max, i32, int32_t, INT32_MIN, INT32_MAX)              \
    KERNEL_CLIP(S, s_t, s_min, s_max, i64, int64_t, INT64_MIN, INT64_MAX)              \
    KERNEL_CLIP(S, s_t, s_min, s_max, u8, uint8_t, 0, UINT8_MAX)                       \
    KERNEL_CLIP(S, s_t, s_min, s_max, u16, uint16_t, 0, UINT16_MAX)                    \
    KERNEL_CLIP(S, s_t, s_min, s_max, u32, uint32_t, 0, UINT32_MAX)                    \
    KERNEL_CLIP(S, s_t, s_min, s_max, u64, uint64_t, 0, UINT64_MAX)                    \
    KERNEL(kernel_##S##_f32, s_t, float)                                               \
    KERNEL(kernel_##S##_f64, s_t, double)

KERNEL_FROM_INTEGER(i8, int8_t, INT8_MIN, INT8_MAX)
KERNEL_FROM_INTEGER(i16, int16_t, INT16_MIN, INT16_MAX)
KERNEL_FROM_INTEGER(i32, int32_t, INT32_MIN, INT32_MAX)
KERNEL_FROM_INTEGER(i64, int64_t, INT64_MIN, INT64_MAX)
KERNEL_FROM_INTEGER(u8, uint8_t, 0, UINT8_MAX)
KERNEL_FROM_INTEGER(u16, uint16_t, 0, UINT16_MAX)
KERNEL_FROM_INTEGER(u32, uint32_t, 0, UINT32_MAX)
KERNEL_FROM_INTEGER(u64, uint64_t, 0, UINT64_MAX)

/* ---- floats ---- */

/* Into integers: `via` is a float that has both ends of the range, so that clipping is
 * exact; `narrow` is where the machine converts to. NaN becomes 0. */
#define KERNEL_TRUNCATE(S, s_t, via, D, d_t, narrow, least, most)                      \
    static inline d_t kernel_##S##_##D(s_t f)                                          \
    {                                                                                  \
        via x = f;                                                                     \
        x = x > (via)(most) ? (via)(most) : x;                                         \
        x = x < (via)(least) ? (via)(least) : x;                                       \
        return (d_t)(narrow)(x == x ? x : 0);                                          \
    }                                                                                  \
    KERNEL(kernel_##S##_##D, s_t, d_t)

#define KERNEL_2_63 9223372036854775808.0

/* x, or 0 if not `which`: a choice that compilers do not make a branch of. */
static inline double
kernel_if(bool which, double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    bits &= 0 - (uint64_t)which;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* No float is the largest integer of 64 bits: what is beyond it gets its bits set. */
static inline int64_t
kernel_f64_i64(double x)
{
    const bool above = x >= KERNEL_2_63, below = x < -KERNEL_2_63;
    const bool inside = (x >= -KERNEL_2_63) & (x < KERNEL_2_63);

    return (int64_t)kernel_if(inside, x) | (-(int64_t)above & INT64_MAX) |
           (-(int64_t)below & INT64_MIN);
}

/* The machine converts to signed integers: the upper half is moved down, and back. */
static inline uint64_t
kernel_f64_u64(double x)
{
    const uint64_t upper = x >= KERNEL_2_63, beyond = x >= 2 * KERNEL_2_63;

    x = kernel_if((x >= 1) & (x < 2 * KERNEL_2_63), x);
    x -= (double)(int64_t)upper * KERNEL_2_63;
    return ((uint64_t)(int64_t)x ^ upper << 63) | (0 - beyond);
}

static inline int64_t
kernel_f32_i64(float x)
{
    return kernel_f64_i64((double)x);
}

static inline uint64_t
kernel_f32_u64(float x)
{
    return kernel_f64_u64((double)x);
}

#define KERNEL_FROM_FLOAT(S, s_t)                                                      \
    KERNEL_TRUNCATE(S, s_t, s_t, i8, int8_t, int32_t, INT8_MIN, INT8_MAX)              \
    KERNEL_TRUNCATE(S, s_t, s_t, i16, int16_t, int32_t, INT16_MIN, INT16_MAX)          \
    KERNEL_TRUNCATE(S, s_t, double, i32, int32_t, int32_t, INT32_MIN, INT32_MAX)       \
    KERNEL_TRUNCATE(S, s_t, s_t, u8, uint8_t, int32_t, 0, UINT8_MAX)                   \
    KERNEL_TRUNCATE(S, s_t, s_t, u16, uint16_t, int32_t, 0, UINT16_MAX)                \
    KERNEL_TRUNCATE(S, s_t, double, u32, uint32_t, uint32_t, 0, UINT32_MAX)            \
    KERNEL(kernel_##S##_i64, s_t, int64_t)                                             \
    KERNEL(kernel_##S##_u64, s_t, uint64_t)

KERNEL_FROM_FLOAT(f32, float)
KERNEL_FROM_FLOAT(f64, double)
KERNEL_PLAIN(f32, float, f64, double)
KERNEL_PLAIN(f64, double, f32, float)
KERNEL(kernel_f32_f64, float, double)
KERNEL(kernel_f64_f32, double, float)

/* ---- 16-bit floats ---- */

static inline uint32_t
kernel_bits(float f)
{
    uint32_t u;

    memcpy(&u, &f, sizeof u);
    return u;
}

#define KERNEL_INF32 0x7f800000u
#define KERNEL_QUIET32 0x00400000u

/* Where `?:` would make compilers branch around the computation of a float. */
static inline uint32_t
kernel_select(bool which, uint32_t yes, uint32_t no)
{
    const uint32_t mask = 0u - (uint32_t)which;

    return (yes & mask) | (no & ~mask);
}

/* Bits of a float, where a signalling NaN becomes a quiet one, as everywhere. */
static inline uint32_t
kernel_quiet(uint32_t u)
{
    return (u & 0x7fffffffu) > KERNEL_INF32 ? u | KERNEL_QUIET32 : u;
}

static inline uint32_t
kernel_f16_f32(uint16_t h)
{
    const uint32_t sign = (h & 0x8000u) << 16, m = h & 0x3ffu, e = h & 0x7c00u;
    /* Denormals are m * 2^-24. The others need another bias, infinities twice. */
    const uint32_t small = kernel_bits((float)(int32_t)m * (1.0f / 16777216.0f));
    const uint32_t bias = e == 0x7c00u ? 224u << 23 : 112u << 23;
    const uint32_t normal = ((e | m) << 13) + bias;

    return kernel_quiet(sign | kernel_select(e == 0, small, normal));
}

static inline uint32_t
kernel_bf16_f32(uint16_t h)
{
    return kernel_quiet((uint32_t)h << 16);
}

static inline uint16_t
kernel_f32_bf16(uint32_t u)
{
    const uint32_t nan = u >> 16 | 0x40u;
    const uint32_t even = (u + 0x7fffu + (u >> 16 & 1u)) >> 16;

    return (uint16_t)((u & 0x7fffffffu) > KERNEL_INF32 ? nan : even);
}

static inline uint16_t
kernel_f32_f16(uint32_t u)
{
    const uint32_t sign = u >> 16 & 0x8000u, a = u & 0x7fffffffu;
    const uint32_t normal = (a - (112u << 23) + 0xfffu + (a >> 13 & 1u)) >> 13;
    const uint32_t nan = 0x7e00u | (a >> 13 & 0x3ffu);
    uint32_t small, h;
    float f;

    /* Floats from 0.5 to 1 have the digits of denormals, so that adding 0.5 rounds. */
    memcpy(&f, &a, sizeof f);
    small = kernel_bits(f + 0.5f) - kernel_bits(0.5f);
    h = kernel_select(a < 113u << 23, small, normal);
    h = kernel_select(a >= 0x477ff000u, 0x7c00u, h); /* from 65520 on: infinity */
    h = kernel_select(a > KERNEL_INF32, nan, h);
    return (uint16_t)(sign | h);
}

/* A double as a float of 16 bits, of which `man` are mantissa. */
static inline uint16_t
kernel_round16(uint64_t bits, unsigned man, int bias)
{
    const uint16_t infinite = (uint16_t)(0x7fffu >> man << man);
    const uint16_t sign = (uint16_t)(bits >> 48 & 0x8000u);
    uint64_t m = bits & (UINT64_MAX >> 12), code, cut;
    unsigned shift = 52 - man;
    int e = (int)(bits >> 52 & 0x7ffu);

    if (e == 0x7ff)
        return (uint16_t)(sign | infinite | m >> shift |
                          (m != 0 ? 1u << (man - 1) : 0u));
    if (e == 0)
        return sign; /* far below the least */
    e += bias - 1023;
    if (e < -(int)man)
        return sign;
    if (e < 1)
        shift += (unsigned)(1 - e);
    m |= UINT64_C(1) << 52;
    code = m >> shift;
    cut = m << (64 - shift);
    code += cut > UINT64_C(1) << 63 || (cut == UINT64_C(1) << 63 && code % 2 == 1);
    if (e > 1) /* the leading bit of m counts as 1 in the exponent */
        code += (uint64_t)(e - 1) << man;
    return (uint16_t)(sign | (code < infinite ? code : infinite));
}

static inline uint16_t
kernel_f64_f16(uint64_t bits)
{
    return kernel_round16(bits, 10, 15);
}

static inline uint16_t
kernel_f64_bf16(uint64_t bits)
{
    return kernel_round16(bits, 7, 127);
}

KERNEL(kernel_f16_f32, uint16_t, uint32_t)
KERNEL(kernel_bf16_f32, uint16_t, uint32_t)
KERNEL(kernel_f32_f16, uint32_t, uint16_t)
KERNEL(kernel_f32_bf16, uint32_t, uint16_t)
KERNEL(kernel_f64_f16, uint64_t, uint16_t)
KERNEL(kernel_f64_bf16, uint64_t, uint16_t)

/* ---- tables: [0] for any machine, [1] for AVX2 ---- */

typedef kernel_fn kernel_pair[2];

#define KERNEL_ROW(S)                                                                  \
    KERNEL_ENTRY(kernel_##S##_i8), KERNEL_ENTRY(kernel_##S##_i16),                     \
        KERNEL_ENTRY(kernel_##S##_i32), KERNEL_ENTRY(kernel_##S##_i64),                \
        KERNEL_ENTRY(kernel_##S##_u8), KERNEL_ENTRY(kernel_##S##_u16),                 \
        KERNEL_ENTRY(kernel_##S##_u32), KERNEL_ENTRY(kernel_##S##_u64)
#define KERNEL_FLOATS(S) KERNEL_ENTRY(kernel_##S##_f32), KERNEL_ENTRY(kernel_##S##_f64)

static const kernel_pair kernel_table[KERNEL_KINDS][KERNEL_KINDS] = {
    [KERNEL_I8] = {KERNEL_ROW(i8), KERNEL_FLOATS(i8)},
    [KERNEL_I16] = {KERNEL_ROW(i16), KERNEL_FLOATS(i16)},
    [KERNEL_I32] = {KERNEL_ROW(i32), KERNEL_FLOATS(i32)},
    [KERNEL_I64] = {KERNEL_ROW(i64), KERNEL_FLOATS(i64)},
    [KERNEL_U8] = {KERNEL_ROW(u8), KERNEL_FLOATS(u8)},
    [KERNEL_U16] = {KERNEL_ROW(u16), KERNEL_FLOATS(u16)},
    [KERNEL_U32] = {KERNEL_ROW(u32), KERNEL_FLOATS(u32)},
    [KERNEL_U64] = {KERNEL_ROW(u64), KERNEL_FLOATS(u64)},
    [KERNEL_F32] = {KERNEL_ROW(f32), [KERNEL_F64] = KERNEL_ENTRY(kernel_f32_f64),
                    KERNEL_ENTRY(kernel_f32_f16), KERNEL_ENTRY(kernel_f32_bf16)},
    [KERNEL_F64] = {KERNEL_ROW(f64), [KERNEL_F32] = KERNEL_ENTRY(kernel_f64_f32),
                    [KERNEL_F16] = KERNEL_ENTRY(kernel_f64_f16),
                    KERNEL_ENTRY(kernel_f64_bf16)},
    [KERNEL_F16] = {[KERNEL_F32] = KERNEL_ENTRY(kernel_f16_f32)},
    [KERNEL_BF16] = {[KERNEL_F32] = KERNEL_ENTRY(kernel_bf16_f32)},
};

HI5_INT kernel_fn
kernel_find(unsigned from, unsigned to, bool avx2)
{
    return kernel_table[from][to][avx2];
}

/* 16-bit floats lose nothing in a float, nor do integers of up to 32 bits in a double;
 * those of 64 would be rounded there, and again on the way to 16 bits. */
HI5_INT unsigned
kernel_between(unsigned from, unsigned to)
{
    if (from == KERNEL_F16 || from == KERNEL_BF16)
        return KERNEL_F32;
    if (to != KERNEL_F16 && to != KERNEL_BF16)
        return KERNEL_KINDS;
    if (from == KERNEL_I64 || from == KERNEL_U64)
        return KERNEL_KINDS;
    return from == KERNEL_I32 || from == KERNEL_U32 ? KERNEL_F64 : KERNEL_F32;
}

HI5_INT kernel_fn
kernel_swap(size_t size, bool avx2)
{
    static const kernel_pair swap[] = {KERNEL_ENTRY(kernel_swap16),
                                       KERNEL_ENTRY(kernel_swap32),
                                       KERNEL_ENTRY(kernel_swap64)};

    return size == 2   ? swap[0][avx2]
           : size == 4 ? swap[1][avx2]
           : size == 8 ? swap[2][avx2]
                       : NULL;
}
