/*
 * scaleoffset.c - filter 6: small numbers above a minimum         [FMT IV.A.2.l]
 *
 *   SIZE  FIELD                              all little-endian
 *   4     bits per value
 *   1     size of the minimum, 8
 *   8     minimum: an integer of 64 bits, or the bits of a float in the low bytes
 *   8     zero
 *   ...   values, packed most significant bit first
 *
 * Parameters: 0 how to scale, 1 its factor, 2 elements, 3 class, 4 size, 5 sign, 6 byte
 * order, 7 whether there is a fill value, 8 and on its bytes, 32 bits each.
 *
 * An integer is minimum + code, a float minimum + code / 10^factor. With a fill value,
 * the code of all ones stands for it. As many bits as the type has mean that values
 * are stored as they are, in little-endian order; and a factor of as many bits
 * (integers only) that the whole chunk is as it was, without a header.
 */
#include "filters/bits.h"
#include "filters/encode.h"
#include "filters/filter.h"
#include <string.h>

#define SO_HEADER 21u

enum { SO_DECIMAL = 0, SO_EXPONENT = 1, SO_INTEGER = 2 };
enum { SO_CLASS_INTEGER = 0, SO_CLASS_FLOAT = 1 };

struct so_params {
    uint32_t count, class, size;
    int32_t factor;
    bool big_endian, has_fill, is_signed;
    uint64_t fill;
};

/* The codes of one chunk. */
struct so_codes {
    struct bits in;
    unsigned width;
    uint64_t filled; /* the code that stands for the fill value */
    uint64_t least;
};

static const double so_tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static const double so_tenths[] = {
    1e0,   1e-1,  1e-2,  1e-3,  1e-4,  1e-5,  1e-6,  1e-7,  1e-8,  1e-9,  1e-10, 1e-11,
    1e-12, 1e-13, 1e-14, 1e-15, 1e-16, 1e-17, 1e-18, 1e-19, 1e-20, 1e-21, 1e-22};

/* 10^k, exactly rounded for what occurs (libm is not asked for). */
static double
so_power(int64_t k)
{
    const double *const table = k < 0 ? so_tenths : so_tens;
    uint64_t left = (uint64_t)(k < 0 ? -k : k);
    double v = 1;

    if (left > 700)
        left = 700; /* infinite, or zero, long before */
    for (; left > 22; left -= 22)
        v *= table[22];
    return v * table[left];
}

static hi5_status
so_get_params(const hi5_filter *f, struct so_params *p, hi5_error *err)
{
    const uint32_t *const v = f->values;
    unsigned words;

    if (f->nvalues < 8)
        return filter_fail(err, f, "%u parameters are not enough", f->nvalues);
    p->count = v[2];
    p->class = v[3];
    p->size = v[4];
    p->is_signed = v[5] != 0;
    p->big_endian = v[6] != 0;
    p->has_fill = v[7] != 0;
    memcpy(&p->factor, &v[1], sizeof p->factor);
    if (v[0] == SO_EXPONENT)
        return filter_fail(err, f, "the E-scale method was never defined");
    if (v[6] > 1 || p->class > SO_CLASS_FLOAT ||
        v[0] != (p->class == SO_CLASS_FLOAT ? SO_DECIMAL : SO_INTEGER))
        return filter_fail(err, f, "the parameters contradict each other");
    if (p->size != 4 && p->size != 8 &&
        ((p->size != 1 && p->size != 2) || p->class == SO_CLASS_FLOAT))
        return filter_fail(err, f, "no type of %lu bytes", (unsigned long)p->size);
    if (p->class == SO_CLASS_INTEGER && p->factor > (int32_t)(8 * p->size))
        return filter_fail(err, f, "%ld bits for each value of %lu bytes",
                           (long)p->factor, (unsigned long)p->size);
    words = p->size > 4 ? 2 : 1;
    p->fill = 0;
    if (!p->has_fill)
        return HI5_OK;
    if (f->nvalues < 8 + words)
        return filter_fail(err, f, "the fill value is not among the parameters");
    p->fill = words == 2 ? (uint64_t)v[9] << 32 | v[8] : v[8];
    return HI5_OK;
}

/* Codes into values, in place: so_integers, so_floats, so_doubles. */
typedef void
so_values(const struct so_params *p, const struct so_codes *c, uint64_t *v, size_t n);

static void
so_integers(const struct so_params *p, const struct so_codes *c, uint64_t *v, size_t n)
{
    const uint64_t least = c->least, filled = c->filled, fill = p->fill;

    if (!p->has_fill)
        for (size_t i = 0; i < n; i++)
            v[i] += least;
    else
        for (size_t i = 0; i < n; i++)
            v[i] = v[i] == filled ? fill : least + v[i];
}

/* In single precision, as libhdf5 does it: in double, the last bits would differ. */
static void
so_floats(const struct so_params *p, const struct so_codes *c, uint64_t *v, size_t n)
{
    const uint32_t bits = (uint32_t)c->least;
    const float scale = (float)so_power(p->factor);
    const uint64_t filled = c->filled, fill = p->fill;
    const bool has_fill = p->has_fill;
    float least;

    memcpy(&least, &bits, sizeof least);
    for (size_t i = 0; i < n; i++) {
        const float q = (float)(uint32_t)v[i] / scale, f = q + least;
        uint32_t u;

        memcpy(&u, &f, sizeof u);
        v[i] = has_fill && v[i] == filled ? fill : u;
    }
}

static void
so_doubles(const struct so_params *p, const struct so_codes *c, uint64_t *v, size_t n)
{
    const double scale = so_power(p->factor);
    const uint64_t filled = c->filled, fill = p->fill;
    const bool has_fill = p->has_fill;
    double least;

    memcpy(&least, &c->least, sizeof least);
    for (size_t i = 0; i < n; i++) {
        const double q = (double)v[i] / scale, f = q + least;
        uint64_t u;

        memcpy(&u, &f, sizeof u);
        v[i] = has_fill && v[i] == filled ? fill : u;
    }
}

static void
so_decode(const struct so_params *p, struct so_codes *c, so_values *values,
          uint8_t *dst)
{
    uint64_t v[BITS_BLOCK] = {0};
    size_t n;

    for (size_t i = 0; i < p->count; i += n, dst += n * p->size) {
        n = p->count - i < BITS_BLOCK ? p->count - i : BITS_BLOCK;
        if (c->width > 0)
            bits_unpack(&c->in, c->width, v, n);
        else
            memset(v, 0, n * sizeof *v);
        values(p, c, v, n);
        bits_pack(dst, v, p->size, p->big_endian, n);
    }
}

/* Values that did not get smaller. */
static void
so_stored(const struct so_params *p, const uint8_t *src, uint8_t *dst)
{
    const size_t n = (size_t)p->count * p->size;

    if (!p->big_endian) {
        memcpy(dst, src, n);
        return;
    }
    for (size_t i = 0; i < n; i += p->size)
        for (size_t j = 0; j < p->size; j++)
            dst[i + j] = src[i + p->size - 1 - j];
}

/* The header: shape, then meaning. */
static hi5_status
so_get_codes(const hi5_filter *f, const struct so_params *p, const uint8_t *src,
             size_t n, struct so_codes *c, hi5_error *err)
{
    uint64_t width = 0, need;
    unsigned least_size;

    if (n < SO_HEADER)
        return filter_cut(err, f, n, SO_HEADER);
    for (unsigned i = 0; i < 4; i++)
        width |= (uint64_t)src[i] << (8 * i);
    if (width > 8 * p->size)
        return filter_fail(err, f, "%llu bits for each value of %lu bytes",
                           (unsigned long long)width, (unsigned long)p->size);
    need = SO_HEADER + (width * p->count + 7) / 8;
    if (n < need)
        return filter_cut(err, f, n, need);
    least_size = src[4] < 8 ? src[4] : 8;
    c->in = (struct bits){src + SO_HEADER, n - SO_HEADER, 0};
    c->width = (unsigned)width;
    c->filled = width < 64 ? ((uint64_t)1 << width) - 1 : UINT64_MAX;
    c->least = 0;
    for (unsigned i = 0; i < least_size; i++)
        c->least |= (uint64_t)src[5 + i] << (8 * i);
    return HI5_OK;
}

HI5_INT hi5_status
scaleoffset_decode(const hi5_filter *f, const void *src, size_t n, void *dst,
                   size_t cap, size_t *out, hi5_error *err)
{
    struct so_params p = {0};
    struct so_codes c = {0};
    hi5_status status = so_get_params(f, &p, err);

    if (status != HI5_OK)
        return status;
    if (p.class == SO_CLASS_INTEGER && p.factor == (int32_t)(8 * p.size))
        return filter_copy(f, src, n, dst, cap, out, err);
    if (p.count > cap / p.size)
        return filter_too_long(err, f, cap);
    status = so_get_codes(f, &p, src, n, &c, err);
    if (status != HI5_OK)
        return status;
    if (p.count == 0)
        ;
    else if (c.width == 8 * p.size)
        so_stored(&p, c.in.p, dst);
    else if (p.class == SO_CLASS_INTEGER)
        so_decode(&p, &c, so_integers, dst);
    else
        so_decode(&p, &c, p.size == 4 ? so_floats : so_doubles, dst);
    *out = (size_t)p.count * p.size;
    return HI5_OK;
}

/* ---- the other way ---- */

/* How a chunk is going to be stored. */
struct so_plan {
    uint64_t least;
    unsigned width;               /* 8 * size: as it is */
    double tens, fill, near, low; /* floats: 10^factor; what is `near` the fill value is
                                     it; the least one, scaled */
};

/* The smallest width that `n` codes fit. */
static unsigned
so_width(uint64_t n)
{
    unsigned w = 0;

    while (w < 64 && n - 1 > bits_ones(w))
        w++;
    return w;
}

/* A width for all of the smallest values and the largest, `most` above it. libhdf5 has
 * its own idea of what is too much. */
static unsigned
so_integer_width(const struct so_params *p, uint64_t most)
{
    if (p->factor > 0)
        return (unsigned)p->factor;
    if (most > bits_ones(8 * p->size) - 2)
        return 8 * p->size;
    return so_width(most + 1 + p->has_fill);
}

static void
so_plan_integers(const struct so_params *p, const uint8_t *src, struct so_plan *k)
{
    const uint64_t flip = p->is_signed ? (uint64_t)1 << (8 * p->size - 1) : 0;
    uint64_t v[BITS_BLOCK], low = UINT64_MAX, high = 0;
    size_t n;

    for (size_t i = 0; i < p->count; i += n) {
        n = p->count - i < BITS_BLOCK ? p->count - i : BITS_BLOCK;
        bits_load_all(v, src + i * p->size, p->size, p->big_endian, n);
        for (size_t j = 0; j < n; j++) {
            const uint64_t u = v[j] ^ flip;

            if (p->has_fill && v[j] == p->fill)
                continue;
            low = u < low ? u : low;
            high = u > high ? u : high;
        }
    }
    if (low > high) /* nothing but the fill value */
        low = high = flip;
    k->width = so_integer_width(p, high - low);
    k->least = low ^ flip;
    if ((k->least & flip) != 0)
        k->least |= ~bits_ones(8 * p->size);
}

/* In the precision of the type: a double holds the exact result of an operation on
 * floats, or rounds it in a way that does not show. */
static inline double
so_exact(const struct so_params *p, double v)
{
    return p->size == 4 ? (double)(float)v : v;
}

static inline double
so_get_float(const struct so_params *p, uint64_t bits)
{
    const uint32_t low = (uint32_t)bits;
    double d;
    float f;

    if (p->size == 4) {
        memcpy(&f, &low, sizeof f);
        return (double)f;
    }
    memcpy(&d, &bits, sizeof d);
    return d;
}

static inline uint64_t
so_put_float(const struct so_params *p, double v)
{
    const float f = (float)v;
    uint64_t bits;
    uint32_t low;

    if (p->size == 4) {
        memcpy(&low, &f, sizeof low);
        return low;
    }
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* As libhdf5 has it: what differs from the fill value by less than the scale keeps. That
 * it can be no number is ours. */
static inline bool
so_is_fill(const struct so_params *p, const struct so_plan *k, double v)
{
    const double d = so_exact(p, v - k->fill);

    return p->has_fill && ((d < k->near && -d < k->near) || v == k->fill ||
                           (v != v && k->fill != k->fill));
}

static inline double
so_scaled(const struct so_params *p, const struct so_plan *k, double v)
{
    return so_exact(p, v * k->tens);
}

/* The nearest integer, halves away from 0; 0 <= v < 2^63. */
static inline uint64_t
so_nearest(double v)
{
    const uint64_t whole = (uint64_t)v;

    return whole + (v - (double)whole >= 0.5);
}

static void
so_plan_floats(const struct so_params *p, const uint8_t *src, struct so_plan *k)
{
    const double limit = p->size == 4 ? 2147483648.0 : 9223372036854775808.0;
    double low = 0, high = 0, most;
    bool found = false, numbers = true;

    k->tens = so_exact(p, so_power(p->factor));
    k->near = so_exact(p, so_power(-(int64_t)p->factor));
    k->fill = so_get_float(p, p->fill);
    for (size_t i = 0; i < p->count; i++) {
        const double v =
            so_get_float(p, bits_load(src + i * p->size, p->size, p->big_endian));

        if (so_is_fill(p, k, v))
            continue;
        numbers &= v - v == 0;
        low = !found || v < low ? v : low;
        high = !found || v > high ? v : high;
        found = true;
    }
    k->least = so_put_float(p, low);
    k->low = so_scaled(p, k, low);
    most = so_exact(p, so_scaled(p, k, high) - k->low);
    k->width = 8 * p->size;
    if (numbers && most >= 0 && most < limit)
        k->width = so_width(so_nearest(most) + 1 + p->has_fill);
}

static void
so_codes_of(const struct so_params *p, const struct so_plan *k, uint64_t *v, size_t n)
{
    const uint64_t ones = bits_ones(k->width);

    for (size_t i = 0; p->class == SO_CLASS_INTEGER && i < n; i++)
        v[i] = p->has_fill && v[i] == p->fill ? ones : (v[i] - k->least) & ones;
    for (size_t i = 0; p->class == SO_CLASS_FLOAT && i < n; i++) {
        const double d = so_get_float(p, v[i]);

        v[i] = so_is_fill(p, k, d)
                   ? ones
                   : so_nearest(so_exact(p, so_scaled(p, k, d) - k->low));
    }
}

static uint8_t *
so_encode(const struct so_params *p, const struct so_plan *k, const uint8_t *src,
          uint8_t *dst)
{
    struct bits_out b = {.p = dst + SO_HEADER};
    uint64_t v[BITS_BLOCK];
    size_t n;

    memset(dst, 0, SO_HEADER);
    bits_store_le32(dst, k->width);
    dst[4] = 8;
    bits_store_le64(dst + 5, k->least);
    if (k->width == 8 * p->size) {
        so_stored(p, src, b.p);
        return b.p + (size_t)p->count * p->size;
    }
    for (size_t i = 0; k->width != 0 && i < p->count; i += n) {
        n = p->count - i < BITS_BLOCK ? p->count - i : BITS_BLOCK;
        bits_load_all(v, src + i * p->size, p->size, p->big_endian, n);
        so_codes_of(p, k, v, n);
        for (size_t j = 0; j < n; j++)
            bits_give(&b, v[j], k->width);
    }
    return bits_end(&b);
}

/* Values that would be stored as they are, after a header: some releases of libhdf5
 * refuse that, so that the filter is rather skipped where it may be. */
HI5_INT hi5_status
scaleoffset_encode(struct encode_work *w, const hi5_filter *f, const uint8_t *src,
                   size_t n, uint8_t *dst, size_t cap, size_t *out, hi5_error *err)
{
    struct so_params p = {0};
    struct so_plan k = {0};
    hi5_status status = so_get_params(f, &p, err);

    (void)w;
    if (status != HI5_OK)
        return status;
    if (p.class == SO_CLASS_INTEGER && p.factor == (int32_t)(8 * p.size))
        return filter_copy(f, src, n, dst, cap, out, err);
    if (n % p.size != 0 || n / p.size != p.count)
        return filter_fail(err, f,
                           "the parameters are not those of a chunk of %zu bytes", n);
    if (cap < n || cap - n < SO_HEADER + 1)
        return HI5_E_RANGE;
    p.fill &= bits_ones(8 * p.size);
    if (p.class == SO_CLASS_INTEGER)
        so_plan_integers(&p, src, &k);
    else
        so_plan_floats(&p, src, &k);
    if (k.width == 8 * p.size && (f->flags & FILTER_OPTIONAL) != 0)
        return HI5_E_RANGE;
    *out = (size_t)(so_encode(&p, &k, src, dst) - dst);
    return HI5_OK;
}
