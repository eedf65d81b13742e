/*
 * shuffle.c - filter 2: bytes of like significance together       [FMT IV.A.2.l]
 *
 * Parameter 0 is the element size. Stored are all first bytes of the elements, then all
 * second bytes, and so on: one plane per byte. What is left over at the end, less than
 * an element, is stored as it is.
 */
#include "filters/filter.h"
#include <string.h>

/* Elements of odd sizes are done by blocks of so many, which stay in the cache while
 * group after group of planes is put into them. */
#define SHUFFLE_BLOCK 512

static void
shuffle_two(uint8_t *dst, size_t stride, const uint8_t *src, size_t plane, size_t n)
{
    for (size_t i = 0; i < n; i++, dst += stride, src++) {
        dst[0] = src[0];
        dst[1] = src[plane];
    }
}

static void
shuffle_four(uint8_t *dst, size_t stride, const uint8_t *src, size_t plane, size_t n)
{
    const uint8_t *const a = src, *const b = a + plane, *const c = b + plane,
                         *const d = c + plane;

    for (size_t i = 0; i < n; i++, dst += stride) {
        const uint32_t v = (uint32_t)a[i] | (uint32_t)b[i] << 8 | (uint32_t)c[i] << 16 |
                           (uint32_t)d[i] << 24;

        /* Written so that it is one store wherever the machine allows. */
        dst[0] = (uint8_t)v;
        dst[1] = (uint8_t)(v >> 8);
        dst[2] = (uint8_t)(v >> 16);
        dst[3] = (uint8_t)(v >> 24);
    }
}

static void
shuffle_eight(uint8_t *dst, size_t stride, const uint8_t *src, size_t plane, size_t n)
{
    const uint8_t *const a = src, *const b = a + plane, *const c = b + plane,
                         *const d = c + plane, *const e = d + plane,
                         *const f = e + plane, *const g = f + plane,
                         *const h = g + plane;

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

HI5_INT void
shuffle_planes(uint8_t *dst, size_t stride, const uint8_t *src, size_t plane, size_t n,
               unsigned k)
{
    switch (k) {
    case 8:
        /* Constant strides are worth a copy of the loop each. */
        if (stride == 8)
            shuffle_eight(dst, 8, src, plane, n);
        else
            shuffle_eight(dst, stride, src, plane, n);
        break;
    case 4:
        if (stride == 4)
            shuffle_four(dst, 4, src, plane, n);
        else
            shuffle_four(dst, stride, src, plane, n);
        break;
    case 2:
        if (stride == 2)
            shuffle_two(dst, 2, src, plane, n);
        else
            shuffle_two(dst, stride, src, plane, n);
        break;
    default:
        for (size_t i = 0; i < n; i++)
            dst[i * stride] = src[i];
        break;
    }
}

static void
shuffle_undo(uint8_t *dst, const uint8_t *src, size_t count, size_t size)
{
    const size_t block = size == 2 || size == 4 || size == 8 ? count : SHUFFLE_BLOCK;

    for (size_t i = 0; i < count; i += block) {
        const size_t n = count - i < block ? count - i : block;
        unsigned k;

        for (size_t j = 0; j < size; j += k) {
            const size_t left = size - j;

            k = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
            shuffle_planes(dst + i * size + j, size, src + j * count + i, count, n, k);
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
