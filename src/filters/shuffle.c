/*
 * shuffle.c - filter 2: bytes of like significance together       [FMT IV.A.2.l]
 *
 * Parameter 0 is the element size. Stored are all first bytes of the elements, then all
 * second bytes, and so on: one plane per byte. What is left over at the end, less than
 * an element, is stored as it is.
 */
#include "base/simd.h"
#include "filters/encode.h"
#include "filters/filter.h"
#include <string.h>
#if SIMD_SSE2
#include <emmintrin.h>
#elif SIMD_NEON
#include <arm_neon.h>
#endif

/* Elements that several groups of planes are put into are done by blocks of so many,
 * which stay in the cache meanwhile. */
#define SHUFFLE_BLOCK 512

/* ---- any machine ---- */

/* The planes at p[0], p[1], ... into elements that lie `stride` bytes apart. The bytes
 * are put together so that it is one store wherever the machine allows. */
static void
shuffle_one(uint8_t *dst, size_t stride, const uint8_t *const p[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        dst[i * stride] = p[0][i];
}

static void
shuffle_two(uint8_t *dst, size_t stride, const uint8_t *const p[], size_t n)
{
    const uint8_t *const a = p[0], *const b = p[1];

    for (size_t i = 0; i < n; i++, dst += stride) {
        dst[0] = a[i];
        dst[1] = b[i];
    }
}

static void
shuffle_four(uint8_t *dst, size_t stride, const uint8_t *const p[], size_t n)
{
    const uint8_t *const a = p[0], *const b = p[1], *const c = p[2], *const d = p[3];

    for (size_t i = 0; i < n; i++, dst += stride) {
        const uint32_t v = (uint32_t)a[i] | (uint32_t)b[i] << 8 | (uint32_t)c[i] << 16 |
                           (uint32_t)d[i] << 24;

        dst[0] = (uint8_t)v;
        dst[1] = (uint8_t)(v >> 8);
        dst[2] = (uint8_t)(v >> 16);
        dst[3] = (uint8_t)(v >> 24);
    }
}

static void
shuffle_eight(uint8_t *dst, size_t stride, const uint8_t *const p[], size_t n)
{
    const uint8_t *const a = p[0], *const b = p[1], *const c = p[2], *const d = p[3],
                         *const e = p[4], *const f = p[5], *const g = p[6],
                         *const h = p[7];

    for (size_t i = 0; i < n; i++, dst += stride) {
        const uint64_t v = (uint64_t)a[i] | (uint64_t)b[i] << 8 | (uint64_t)c[i] << 16 |
                           (uint64_t)d[i] << 24 | (uint64_t)e[i] << 32 |
                           (uint64_t)f[i] << 40 | (uint64_t)g[i] << 48 |
                           (uint64_t)h[i] << 56;

        dst[0] = (uint8_t)v;
        dst[1] = (uint8_t)(v >> 8);
        dst[2] = (uint8_t)(v >> 16);
        dst[3] = (uint8_t)(v >> 24);
        dst[4] = (uint8_t)(v >> 32);
        dst[5] = (uint8_t)(v >> 40);
        dst[6] = (uint8_t)(v >> 48);
        dst[7] = (uint8_t)(v >> 56);
    }
}

/* ---- 16 elements at a time ---- */

/* Two vectors are zipped by units of 1, 2 or 4 bytes: their lower halves (LOW), or their
 * upper ones (HIGH). */
#if SIMD_SSE2
#define SHUFFLE_VECTORS 1
typedef __m128i shuffle_vec;
#define SHUFFLE_GET(p) _mm_loadu_si128((const void *)(p))
#define SHUFFLE_PUT(p, v) _mm_storeu_si128((void *)(p), v)
#define SHUFFLE_LOW8(a, b) _mm_unpacklo_epi8(a, b)
#define SHUFFLE_HIGH8(a, b) _mm_unpackhi_epi8(a, b)
#define SHUFFLE_LOW16(a, b) _mm_unpacklo_epi16(a, b)
#define SHUFFLE_HIGH16(a, b) _mm_unpackhi_epi16(a, b)
#define SHUFFLE_LOW32(a, b) _mm_unpacklo_epi32(a, b)
#define SHUFFLE_HIGH32(a, b) _mm_unpackhi_epi32(a, b)
#elif SIMD_NEON
#define SHUFFLE_VECTORS 1
typedef uint8x16_t shuffle_vec;
#define SHUFFLE_GET(p) vld1q_u8(p)
#define SHUFFLE_PUT(p, v) vst1q_u8(p, v)
#define SHUFFLE_ZIP(f, bits, a, b)                                                     \
    vreinterpretq_u8_u##bits(                                                          \
        f##_u##bits(vreinterpretq_u##bits##_u8(a), vreinterpretq_u##bits##_u8(b)))
#define SHUFFLE_LOW8(a, b) vzip1q_u8(a, b)
#define SHUFFLE_HIGH8(a, b) vzip2q_u8(a, b)
#define SHUFFLE_LOW16(a, b) SHUFFLE_ZIP(vzip1q, 16, a, b)
#define SHUFFLE_HIGH16(a, b) SHUFFLE_ZIP(vzip2q, 16, a, b)
#define SHUFFLE_LOW32(a, b) SHUFFLE_ZIP(vzip1q, 32, a, b)
#define SHUFFLE_HIGH32(a, b) SHUFFLE_ZIP(vzip2q, 32, a, b)
#else
#define SHUFFLE_VECTORS 0
#endif

#if SHUFFLE_VECTORS

/* Elements of k bytes out of a vector: piece i of it. */
#define SHUFFLE_PIECE(k, i) memcpy(dst + (i)*stride, t + (i) * (k), (k))

/* Compilers do not unroll such short loops by themselves, nor keep arrays of vectors in
 * registers: so it is all written out. */
static inline void
shuffle_put_two(uint8_t *dst, size_t stride, shuffle_vec v)
{
    uint8_t t[16];

    if (stride == 2) {
        SHUFFLE_PUT(dst, v);
        return;
    }
    SHUFFLE_PUT(t, v);
    SHUFFLE_PIECE(2, 0);
    SHUFFLE_PIECE(2, 1);
    SHUFFLE_PIECE(2, 2);
    SHUFFLE_PIECE(2, 3);
    SHUFFLE_PIECE(2, 4);
    SHUFFLE_PIECE(2, 5);
    SHUFFLE_PIECE(2, 6);
    SHUFFLE_PIECE(2, 7);
}

static inline void
shuffle_put_four(uint8_t *dst, size_t stride, shuffle_vec v)
{
    uint8_t t[16];

    if (stride == 4) {
        SHUFFLE_PUT(dst, v);
        return;
    }
    SHUFFLE_PUT(t, v);
    SHUFFLE_PIECE(4, 0);
    SHUFFLE_PIECE(4, 1);
    SHUFFLE_PIECE(4, 2);
    SHUFFLE_PIECE(4, 3);
}

static inline void
shuffle_put_eight(uint8_t *dst, size_t stride, shuffle_vec v)
{
    uint8_t t[16];

    if (stride == 8) {
        SHUFFLE_PUT(dst, v);
        return;
    }
    SHUFFLE_PUT(t, v);
    SHUFFLE_PIECE(8, 0);
    SHUFFLE_PIECE(8, 1);
}

static inline void
shuffle_vec_two(uint8_t *dst, size_t stride, const uint8_t *const p[], size_t n)
{
    for (size_t i = 0; i < n; i += 16, dst += 16 * stride) {
        const shuffle_vec a = SHUFFLE_GET(p[0] + i), b = SHUFFLE_GET(p[1] + i);

        shuffle_put_two(dst, stride, SHUFFLE_LOW8(a, b));
        shuffle_put_two(dst + 8 * stride, stride, SHUFFLE_HIGH8(a, b));
    }
}

/* Four planes of 16 elements, zipped: a vector for each four elements. */
struct shuffle_four {
    shuffle_vec a, b, c, d;
};

static inline struct shuffle_four
shuffle_zip_four(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d)
{
    const shuffle_vec va = SHUFFLE_GET(a), vb = SHUFFLE_GET(b);
    const shuffle_vec vc = SHUFFLE_GET(c), vd = SHUFFLE_GET(d);
    const shuffle_vec ab = SHUFFLE_LOW8(va, vb), cd = SHUFFLE_LOW8(vc, vd);
    const shuffle_vec ab8 = SHUFFLE_HIGH8(va, vb), cd8 = SHUFFLE_HIGH8(vc, vd);

    return (struct shuffle_four){SHUFFLE_LOW16(ab, cd), SHUFFLE_HIGH16(ab, cd),
                                 SHUFFLE_LOW16(ab8, cd8), SHUFFLE_HIGH16(ab8, cd8)};
}

static inline void
shuffle_vec_four(uint8_t *dst, size_t stride, const uint8_t *const p[], size_t n)
{
    const uint8_t *const a = p[0], *const b = p[1], *const c = p[2], *const d = p[3];

    for (size_t i = 0; i < n; i += 16, dst += 16 * stride) {
        const struct shuffle_four v = shuffle_zip_four(a + i, b + i, c + i, d + i);

        shuffle_put_four(dst, stride, v.a);
        shuffle_put_four(dst + 4 * stride, stride, v.b);
        shuffle_put_four(dst + 8 * stride, stride, v.c);
        shuffle_put_four(dst + 12 * stride, stride, v.d);
    }
}

/* Four elements of 8 bytes, from their halves. */
static inline void
shuffle_put_halves(uint8_t *dst, size_t stride, shuffle_vec low, shuffle_vec high)
{
    shuffle_put_eight(dst, stride, SHUFFLE_LOW32(low, high));
    shuffle_put_eight(dst + 2 * stride, stride, SHUFFLE_HIGH32(low, high));
}

static inline void
shuffle_vec_eight(uint8_t *dst, size_t stride, const uint8_t *const p[], size_t n)
{
    const uint8_t *const a = p[0], *const b = p[1], *const c = p[2], *const d = p[3],
                         *const e = p[4], *const f = p[5], *const g = p[6],
                         *const h = p[7];

    for (size_t i = 0; i < n; i += 16, dst += 16 * stride) {
        const struct shuffle_four v = shuffle_zip_four(a + i, b + i, c + i, d + i);
        const struct shuffle_four w = shuffle_zip_four(e + i, f + i, g + i, h + i);

        shuffle_put_halves(dst, stride, v.a, w.a);
        shuffle_put_halves(dst + 4 * stride, stride, v.b, w.b);
        shuffle_put_halves(dst + 8 * stride, stride, v.c, w.c);
        shuffle_put_halves(dst + 12 * stride, stride, v.d, w.d);
    }
}

/* n is a multiple of 16. Packed elements are worth a copy of the loop each. */
static void
shuffle_vec_any(uint8_t *dst, size_t stride, const uint8_t *const p[], size_t n,
                size_t k)
{
    if (k == 8 && stride == 8)
        shuffle_vec_eight(dst, 8, p, n);
    else if (k == 8)
        shuffle_vec_eight(dst, stride, p, n);
    else if (k == 4 && stride == 4)
        shuffle_vec_four(dst, 4, p, n);
    else if (k == 4)
        shuffle_vec_four(dst, stride, p, n);
    else if (k == 2 && stride == 2)
        shuffle_vec_two(dst, 2, p, n);
    else
        shuffle_vec_two(dst, stride, p, n);
}

#endif

/* ---- any number of planes ---- */

/* `real` planes into the first bytes of elements. k >= real bytes of each are written:
 * those after `real` have no meaning. */
static void
shuffle_group(uint8_t *dst, size_t stride, const uint8_t *src, size_t plane, size_t n,
              size_t k, size_t real)
{
    const uint8_t *p[8];

    for (size_t j = 0; j < k; j++)
        p[j] = src + (j < real ? j : 0) * plane;
#if SHUFFLE_VECTORS
    if (k > 1) {
        const size_t fast = n / 16 * 16;
        shuffle_vec_any(dst, stride, p, fast, k);
        dst += fast * stride;
        n -= fast;
        for (size_t j = 0; j < k; j++)
            p[j] += fast;
    }
#endif
    if (k == 8)
        shuffle_eight(dst, stride, p, n);
    else if (k == 4)
        shuffle_four(dst, stride, p, n);
    else if (k == 2)
        shuffle_two(dst, stride, p, n);
    else
        shuffle_one(dst, stride, p, n);
}

HI5_INT void
shuffle_planes(uint8_t *dst, size_t stride, const uint8_t *src, size_t plane, size_t n,
               unsigned k)
{
    shuffle_group(dst, stride, src, plane, n, k, k);
}

/* Groups of 8 planes, the last of them first: what is written of it beyond an element
 * is overwritten by the first group of the next element. Only after the very last one
 * there is nothing, so that it is done byte by byte. */
static void
shuffle_undo(uint8_t *dst, const uint8_t *src, size_t count, size_t size)
{
    const size_t block = size <= 8 ? count : SHUFFLE_BLOCK;

    for (size_t i = 0; i < count; i += block) {
        const size_t n = count - i < block ? count - i : block;

        for (size_t j = (size - 1) / 8 * 8 + 8; j > 0;) {
            const size_t real = size - (j - 8) < 8 ? size - (j - 8) : 8;
            const size_t k = real > 4 ? 8 : real > 2 ? 4 : real;
            const bool last = k > real && i + n == count;

            j -= 8;
            shuffle_group(dst + i * size + j, size, src + j * count + i, count,
                          n - last, k, real);
            for (size_t b = j; last && b < j + real; b++)
                dst[(count - 1) * size + b] = src[b * count + count - 1];
        }
    }
}

HI5_INT hi5_status
shuffle_decode(const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
               size_t *out, hi5_error *err)
{
    const size_t size = f->nvalues > 0 ? f->values[0] : 0;
    const size_t count = size > 0 ? n / size : 0;
    const uint8_t *const from = src;
    uint8_t *const to = dst;

    if (size == 0)
        return filter_fail(err, f, "no element size");
    if (size == 1 || count <= 1)
        return filter_copy(f, src, n, dst, cap, out, err);
    if (n > cap)
        return filter_too_long(err, f, cap);
    shuffle_undo(to, from, count, size);
    if (n % size != 0)
        memcpy(to + count * size, from + count * size, n % size);
    *out = n;
    return HI5_OK;
}

/* ---- the other way ---- */

#if SHUFFLE_VECTORS

#if SIMD_SSE2
#define SHUFFLE_PAIR(p, q)                                                             \
    _mm_unpacklo_epi64(_mm_loadl_epi64((const void *)(p)),                             \
                       _mm_loadl_epi64((const void *)(q)))
#else
#define SHUFFLE_PAIR(p, q) vcombine_u8(vld1_u8(p), vld1_u8(q))
#endif

/* The first k bytes of 16 / k elements, one after the other. */
static inline shuffle_vec
shuffle_get_eight(const uint8_t *src, size_t stride)
{
    return stride == 8 ? SHUFFLE_GET(src) : SHUFFLE_PAIR(src, src + stride);
}

static inline shuffle_vec
shuffle_get_four(const uint8_t *src, size_t stride)
{
    uint8_t t[16];

    if (stride == 4)
        return SHUFFLE_GET(src);
    memcpy(t, src, 4);
    memcpy(t + 4, src + stride, 4);
    memcpy(t + 8, src + 2 * stride, 4);
    memcpy(t + 12, src + 3 * stride, 4);
    return SHUFFLE_GET(t);
}

static inline shuffle_vec
shuffle_get_two(const uint8_t *src, size_t stride)
{
    uint8_t t[16];

    if (stride == 2)
        return SHUFFLE_GET(src);
    for (unsigned i = 0; i < 8; i++)
        memcpy(t + 2 * i, src + i * stride, 2);
    return SHUFFLE_GET(t);
}

/* Bytes of 16 elements have the index (element: 4 bits, byte: 1 to 3 bits). Zipping the
 * first half of the vectors with the second turns the index left by one bit: after four
 * times it is (byte, element). */
static inline struct shuffle_four
shuffle_turn_four(struct shuffle_four v)
{
    return (struct shuffle_four){SHUFFLE_LOW8(v.a, v.c), SHUFFLE_HIGH8(v.a, v.c),
                                 SHUFFLE_LOW8(v.b, v.d), SHUFFLE_HIGH8(v.b, v.d)};
}

struct shuffle_rows {
    struct shuffle_four x, y;
};

static inline struct shuffle_rows
shuffle_turn_eight(struct shuffle_rows v)
{
    return (struct shuffle_rows){
        {SHUFFLE_LOW8(v.x.a, v.y.a), SHUFFLE_HIGH8(v.x.a, v.y.a),
         SHUFFLE_LOW8(v.x.b, v.y.b), SHUFFLE_HIGH8(v.x.b, v.y.b)},
        {SHUFFLE_LOW8(v.x.c, v.y.c), SHUFFLE_HIGH8(v.x.c, v.y.c),
         SHUFFLE_LOW8(v.x.d, v.y.d), SHUFFLE_HIGH8(v.x.d, v.y.d)}};
}

static inline void
shuffle_apart_two(uint8_t *dst, size_t plane, const uint8_t *src, size_t stride,
                  size_t n)
{
    for (size_t i = 0; i < n; i += 16, src += 16 * stride) {
        shuffle_vec a = shuffle_get_two(src, stride);
        shuffle_vec b = shuffle_get_two(src + 8 * stride, stride);

        for (unsigned k = 0; k < 4; k++) {
            const shuffle_vec low = SHUFFLE_LOW8(a, b);
            b = SHUFFLE_HIGH8(a, b);
            a = low;
        }
        SHUFFLE_PUT(dst + i, a);
        SHUFFLE_PUT(dst + plane + i, b);
    }
}

static inline void
shuffle_apart_four(uint8_t *dst, size_t plane, const uint8_t *src, size_t stride,
                   size_t n)
{
    for (size_t i = 0; i < n; i += 16, src += 16 * stride) {
        struct shuffle_four v = {shuffle_get_four(src, stride),
                                 shuffle_get_four(src + 4 * stride, stride),
                                 shuffle_get_four(src + 8 * stride, stride),
                                 shuffle_get_four(src + 12 * stride, stride)};

        v = shuffle_turn_four(shuffle_turn_four(v));
        v = shuffle_turn_four(shuffle_turn_four(v));
        SHUFFLE_PUT(dst + i, v.a);
        SHUFFLE_PUT(dst + plane + i, v.b);
        SHUFFLE_PUT(dst + 2 * plane + i, v.c);
        SHUFFLE_PUT(dst + 3 * plane + i, v.d);
    }
}

static inline void
shuffle_apart_eight(uint8_t *dst, size_t plane, const uint8_t *src, size_t stride,
                    size_t n)
{
    for (size_t i = 0; i < n; i += 16, src += 16 * stride) {
        struct shuffle_rows v = {{shuffle_get_eight(src, stride),
                                  shuffle_get_eight(src + 2 * stride, stride),
                                  shuffle_get_eight(src + 4 * stride, stride),
                                  shuffle_get_eight(src + 6 * stride, stride)},
                                 {shuffle_get_eight(src + 8 * stride, stride),
                                  shuffle_get_eight(src + 10 * stride, stride),
                                  shuffle_get_eight(src + 12 * stride, stride),
                                  shuffle_get_eight(src + 14 * stride, stride)}};

        v = shuffle_turn_eight(shuffle_turn_eight(v));
        v = shuffle_turn_eight(shuffle_turn_eight(v));
        SHUFFLE_PUT(dst + i, v.x.a);
        SHUFFLE_PUT(dst + plane + i, v.x.b);
        SHUFFLE_PUT(dst + 2 * plane + i, v.x.c);
        SHUFFLE_PUT(dst + 3 * plane + i, v.x.d);
        SHUFFLE_PUT(dst + 4 * plane + i, v.y.a);
        SHUFFLE_PUT(dst + 5 * plane + i, v.y.b);
        SHUFFLE_PUT(dst + 6 * plane + i, v.y.c);
        SHUFFLE_PUT(dst + 7 * plane + i, v.y.d);
    }
}

/* n is a multiple of 16. Packed elements are worth a copy of the loop each. */
static void
shuffle_apart_any(uint8_t *dst, size_t plane, const uint8_t *src, size_t stride,
                  size_t n, unsigned k)
{
    if (k == 8 && stride == 8)
        shuffle_apart_eight(dst, plane, src, 8, n);
    else if (k == 8)
        shuffle_apart_eight(dst, plane, src, stride, n);
    else if (k == 4 && stride == 4)
        shuffle_apart_four(dst, plane, src, 4, n);
    else if (k == 4)
        shuffle_apart_four(dst, plane, src, stride, n);
    else if (k == 2 && stride == 2)
        shuffle_apart_two(dst, plane, src, 2, n);
    else
        shuffle_apart_two(dst, plane, src, stride, n);
}

#endif

HI5_INT void
shuffle_apart(uint8_t *dst, size_t plane, const uint8_t *src, size_t stride, size_t n,
              unsigned k)
{
    size_t fast = 0;

#if SHUFFLE_VECTORS
    if (k > 1) {
        fast = n / 16 * 16;
        shuffle_apart_any(dst, plane, src, stride, fast, k);
    }
#endif
    for (unsigned j = 0; j < k; j++)
        for (size_t i = fast; i < n; i++)
            dst[j * plane + i] = src[i * stride + j];
}

/* By blocks of elements that stay in the cache, and in these by groups of bytes. */
HI5_INT hi5_status
shuffle_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src, size_t n,
               uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    const size_t size = f->nvalues > 0 ? f->values[0] : 0;
    const size_t count = size > 0 ? n / size : 0;
    const size_t block = size <= 8 ? count : SHUFFLE_BLOCK;

    (void)w;
    if (size == 0)
        return filter_fail(err, f, "no element size");
    if (size == 1 || count <= 1)
        return filter_copy(f, src, n, dst, cap, out, err);
    if (cap < n)
        return HI5_E_RANGE;
    for (size_t i = 0; i < count; i += block) {
        const size_t here = count - i < block ? count - i : block;
        unsigned k;

        for (size_t j = 0; j < size; j += k) {
            const size_t left = size - j;

            k = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
            shuffle_apart(dst + j * count + i, count, src + i * size + j, size, here,
                          k);
        }
    }
    if (n % size != 0)
        memcpy(dst + count * size, src + count * size, n % size);
    *out = n;
    return HI5_OK;
}
