/*
 * conv_num.c - numbers, exactly: any integer or float up to 16 bytes
 */
#include "space/conv_num.h"

#define NUM_BYTES 16u

/* ---- 128 bits ---- */

static struct num128
num_shl(struct num128 x, unsigned n)
{
    if (n == 0)
        return x;
    if (n >= 128)
        return (struct num128){0, 0};
    if (n >= 64)
        return (struct num128){x.lo << (n - 64), 0};
    return (struct num128){x.hi << n | x.lo >> (64 - n), x.lo << n};
}

static struct num128
num_shr(struct num128 x, unsigned n)
{
    if (n == 0)
        return x;
    if (n >= 128)
        return (struct num128){0, 0};
    if (n >= 64)
        return (struct num128){0, x.hi >> (n - 64)};
    return (struct num128){x.hi >> n, x.lo >> n | x.hi << (64 - n)};
}

static struct num128
num_and(struct num128 x, struct num128 y)
{
    return (struct num128){x.hi & y.hi, x.lo & y.lo};
}

static struct num128
num_or(struct num128 x, struct num128 y)
{
    return (struct num128){x.hi | y.hi, x.lo | y.lo};
}

static struct num128
num_not(struct num128 x)
{
    return (struct num128){~x.hi, ~x.lo};
}

static struct num128
num_inc(struct num128 x)
{
    x.lo++;
    x.hi += x.lo == 0;
    return x;
}

static bool
num_is_zero(struct num128 x)
{
    return (x.hi | x.lo) == 0;
}

static bool
num_less(struct num128 x, struct num128 y)
{
    return x.hi != y.hi ? x.hi < y.hi : x.lo < y.lo;
}

/* The lowest n bits set, 0 to 128. */
static struct num128
num_mask(unsigned n)
{
    return num_shr((struct num128){UINT64_MAX, UINT64_MAX}, 128 - n);
}

static struct num128
num_bit(unsigned n)
{
    return num_shl((struct num128){0, 1}, n);
}

static bool
num_test(struct num128 x, unsigned n)
{
    return num_shr(x, n).lo & 1;
}

static struct num128
num_field(struct num128 x, unsigned pos, unsigned n)
{
    return num_and(num_shr(x, pos), num_mask(n));
}

static unsigned
num_leading_zeros(struct num128 x)
{
    uint64_t v = x.hi != 0 ? x.hi : x.lo;
    unsigned n = x.hi != 0 ? 0 : 64;

    for (unsigned step = 32; step > 0; step /= 2)
        if (v >> (64 - step) == 0) {
            v <<= step;
            n += step;
        }
    return n;
}

/* ---- bytes ---- */

/* Where byte i, counted from the least significant, is in memory. VAX: 16-bit words are
 * little-endian, the most significant word comes first. */
static unsigned
num_place(const hi5_type *t, unsigned i)
{
    const unsigned size = (unsigned)t->size;

    switch (t->order) {
    case HI5_BE:
        return size - 1 - i;
    case HI5_VAX:
        return (size - 1 - i) ^ 1;
    case HI5_LE:
        break;
    }
    return i;
}

static struct num128
num_load(const hi5_type *t, const uint8_t *p)
{
    struct num128 x = {0, 0};
    const unsigned size = (unsigned)t->size;

    for (unsigned i = 0; i < size && i < 8; i++)
        x.lo |= (uint64_t)p[num_place(t, i)] << (8 * i);
    for (unsigned i = 8; i < size; i++)
        x.hi |= (uint64_t)p[num_place(t, i)] << (8 * (i - 8));
    return x;
}

static void
num_store(const hi5_type *t, struct num128 x, uint8_t *p)
{
    const unsigned size = (unsigned)t->size;

    for (unsigned i = 0; i < size && i < 8; i++)
        p[num_place(t, i)] = (uint8_t)(x.lo >> (8 * i));
    for (unsigned i = 8; i < size; i++)
        p[num_place(t, i)] = (uint8_t)(x.hi >> (8 * (i - 8)));
}

/* Set the bits of `where` in x as the padding says; `old` is what was there. */
static struct num128
num_pad(struct num128 x, struct num128 where, hi5_pad pad, struct num128 old)
{
    switch (pad) {
    case HI5_PAD_ONE:
        return num_or(x, where);
    case HI5_PAD_BACKGROUND:
        return num_or(num_and(x, num_not(where)), num_and(old, where));
    case HI5_PAD_ZERO:
        break;
    }
    return num_and(x, num_not(where));
}

/* Store the bits x of which only those in `used` mean something. */
static void
num_store_padded(const hi5_type *t, struct num128 x, struct num128 used, uint8_t *p)
{
    const unsigned top = t->offset + t->precision;
    const struct num128 below = num_mask(t->offset), above = num_not(num_mask(top));
    const struct num128 inner = num_not(num_or(num_or(below, above), used));
    const bool background = t->lsb_pad == HI5_PAD_BACKGROUND ||
                            t->msb_pad == HI5_PAD_BACKGROUND ||
                            t->inner_pad == HI5_PAD_BACKGROUND;
    const struct num128 old = background ? num_load(t, p) : (struct num128){0, 0};

    x = num_pad(x, below, t->lsb_pad, old);
    x = num_pad(x, above, t->msb_pad, old);
    x = num_pad(x, inner, t->inner_pad, old);
    num_store(t, x, p);
}

/* ---- layouts ---- */

static bool
num_field_inside(const hi5_type *t, unsigned pos, unsigned n)
{
    return n >= 1 && pos >= t->offset && pos + n <= (unsigned)t->offset + t->precision;
}

HI5_INT bool
conv_num_can(const hi5_type *t)
{
    if (t->cls != HI5_INTEGER && t->cls != HI5_FLOAT && t->cls != HI5_BITFIELD)
        return false;
    if (t->size == 0 || t->size > NUM_BYTES || t->precision == 0 ||
        (size_t)t->offset + t->precision > 8 * t->size)
        return false;
    if (t->order == HI5_VAX && t->size % 2 != 0)
        return false;
    if (t->cls != HI5_FLOAT)
        return true;
    if (1u + t->exp_size + t->man_size > t->precision)
        return false; /* fields overlap */
    return num_field_inside(t, t->sign_pos, 1) && t->exp_size <= 32 &&
           num_field_inside(t, t->exp_pos, t->exp_size) &&
           num_field_inside(t, t->man_pos, t->man_size);
}

/* ---- taking apart ---- */

static void
num_get_integer(const hi5_type *t, const uint8_t *p, struct num *v)
{
    const struct num128 x = num_field(num_load(t, p), t->offset, t->precision);

    v->kind = NUM_FINITE;
    v->exp = 0;
    v->neg = t->is_signed && num_test(x, t->precision - 1u); /* TYPE-07 */
    v->mag = v->neg ? num_and(num_inc(num_not(x)), num_mask(t->precision)) : x;
}

/* Is the leading bit of a mantissa stored? Then it is the integer part. */
static bool
num_leading_stored(const hi5_type *t)
{
    return t->norm != HI5_NORM_IMPLIED;
}

static void
num_get_float(const hi5_type *t, const uint8_t *p, struct num *v)
{
    const struct num128 x = num_load(t, p);
    const uint64_t e = num_field(x, t->exp_pos, t->exp_size).lo;
    const uint64_t e_max = num_mask(t->exp_size).lo;
    const unsigned frac = num_leading_stored(t) ? t->man_size - 1u : t->man_size;
    struct num128 m = num_field(x, t->man_pos, t->man_size);

    v->neg = num_test(x, t->sign_pos);
    if (e == e_max) {
        v->mag = num_shl(m, 128 - frac); /* drops a stored leading bit */
        v->kind = num_is_zero(v->mag) ? NUM_INFINITE : NUM_NAN;
        v->exp = 0;
        return;
    }
    if (e != 0 && !num_leading_stored(t))
        m = num_or(m, num_bit(t->man_size));
    v->kind = NUM_FINITE;
    v->mag = m;
    v->exp = (int64_t)(e != 0 ? e : 1) - (int64_t)t->exp_bias - (int64_t)frac;
}

HI5_INT void
conv_num_get(const hi5_type *t, const uint8_t *p, struct num *v)
{
    if (t->cls == HI5_FLOAT)
        num_get_float(t, p, v);
    else
        num_get_integer(t, p, v);
}

/* ---- putting together ---- */

/* The integer part of v, clipped to `most`. */
static struct num128
num_integer_part(const struct num *v, struct num128 most)
{
    const unsigned zeros = num_leading_zeros(v->mag);
    struct num128 x;

    if (v->kind == NUM_INFINITE)
        return most;
    if (v->kind == NUM_NAN || num_is_zero(v->mag) || v->exp <= -128)
        return (struct num128){0, 0};
    if (v->exp > (int64_t)zeros)
        return most;
    x = v->exp < 0 ? num_shr(v->mag, (unsigned)-v->exp)
                   : num_shl(v->mag, (unsigned)v->exp);
    return num_less(most, x) ? most : x;
}

/* The largest magnitude of a number of v's sign. */
static struct num128
num_most(const hi5_type *t, const struct num *v)
{
    if (!t->is_signed)
        return v->neg ? (struct num128){0, 0} : num_mask(t->precision);
    return v->neg ? num_bit(t->precision - 1u) : num_mask(t->precision - 1u);
}

static void
num_put_integer(const hi5_type *t, const struct num *v, uint8_t *p)
{
    const struct num128 all = num_mask(t->precision);
    struct num128 x = num_integer_part(v, num_most(t, v));

    if (v->neg)
        x = num_and(num_inc(num_not(x)), all);
    num_store_padded(t, num_shl(x, t->offset), num_shl(all, t->offset), p);
}

/* The topmost `keep` bits (0 to 127) of x, rounded to nearest even. */
static struct num128
num_round(struct num128 x, unsigned keep)
{
    const struct num128 top = num_shr(x, 128 - keep);
    const struct num128 cut = num_shl(x, keep), half = {UINT64_C(1) << 63, 0};

    if (num_less(cut, half) || (!num_less(half, cut) && !num_test(top, 0)))
        return top;
    return num_inc(top);
}

/* A finite number as exponent and mantissa fields; *m has the leading bit. */
static void
num_to_fields(const hi5_type *t, const struct num *v, uint64_t *e, struct num128 *m)
{
    const unsigned digits = num_leading_stored(t) ? t->man_size : t->man_size + 1u;
    const unsigned zeros = num_leading_zeros(v->mag);
    int64_t exp = v->exp + 127 - (int64_t)zeros + (int64_t)t->exp_bias, keep = digits;

    *e = 0;
    *m = (struct num128){0, 0};
    if (num_is_zero(v->mag))
        return;
    if (exp < 1) {
        keep -= 1 - exp; /* denormal: fewer digits */
        exp = 1;
    }
    if (keep < 0)
        return;
    *m = num_round(num_shl(v->mag, zeros), (unsigned)keep);
    if (num_test(*m, digits)) { /* rounded up to the next power of two */
        *m = num_shr(*m, 1);
        exp++;
    }
    *e = num_test(*m, digits - 1) ? (uint64_t)exp : 0;
}

static void
num_put_float(const hi5_type *t, const struct num *v, uint8_t *p)
{
    const uint64_t e_max = num_mask(t->exp_size).lo;
    const struct num128 man_mask = num_mask(t->man_size);
    const unsigned frac = num_leading_stored(t) ? t->man_size - 1u : t->man_size;
    uint64_t e = e_max;
    struct num128 m = {0, 0}, x, used;

    if (v->kind == NUM_FINITE)
        num_to_fields(t, v, &e, &m);
    if (e >= e_max) { /* also what has grown too large; TYPE-11 */
        e = e_max;
        m = num_leading_stored(t) ? num_bit(frac) : (struct num128){0, 0};
        if (v->kind == NUM_NAN) {
            m = num_or(m, num_shr(v->mag, 128 - frac));
            if (frac > 0)
                m = num_or(m, num_bit(frac - 1)); /* quiet */
        }
    }
    used = num_shl(man_mask, t->man_pos);
    x = num_shl(num_and(m, man_mask), t->man_pos);
    used = num_or(used, num_shl((struct num128){0, e_max}, t->exp_pos));
    x = num_or(x, num_shl((struct num128){0, e}, t->exp_pos));
    used = num_or(used, num_bit(t->sign_pos));
    if (v->neg)
        x = num_or(x, num_bit(t->sign_pos));
    num_store_padded(t, x, used, p);
}

HI5_INT void
conv_num_put(const hi5_type *t, const struct num *v, uint8_t *p)
{
    if (t->cls == HI5_FLOAT)
        num_put_float(t, v, p);
    else
        num_put_integer(t, v, p);
}

/* ---- what is lost ---- */

/* Does a finite number have digits behind the point? */
static bool
num_has_fraction(const struct num *v)
{
    if (v->exp >= 0 || num_is_zero(v->mag))
        return false;
    return v->exp <= -128 || !num_is_zero(num_and(v->mag, num_mask((unsigned)-v->exp)));
}

static bool
num_integer_loses(const hi5_type *dst, const struct num *v, hi5_exception *what)
{
    static const struct num128 all = {UINT64_MAX, UINT64_MAX};
    const struct num128 most = num_most(dst, v), x = num_integer_part(v, all);
    const bool fraction = num_has_fraction(v);

    /* A number is out of range even if cutting off its fraction would bring it back. */
    if (num_less(most, x) || (fraction && !num_less(x, most)))
        *what = v->neg ? HI5_RANGE_LOW : HI5_RANGE_HIGH;
    else
        *what = HI5_TRUNCATE;
    return num_less(most, x) || fraction;
}

static bool
num_float_loses(const hi5_type *src, const struct num *v, const hi5_type *dst,
                hi5_exception *what)
{
    const unsigned digits = num_leading_stored(dst) ? dst->man_size
                                                    : dst->man_size + 1u;
    const unsigned used = 128 - num_leading_zeros(v->mag);
    uint64_t e = 0;
    struct num128 m;

    num_to_fields(dst, v, &e, &m);
    if (e >= num_mask(dst->exp_size).lo) {
        *what = v->neg ? HI5_RANGE_LOW : HI5_RANGE_HIGH;
        return true;
    }
    *what = HI5_PRECISION;
    return src->cls == HI5_INTEGER && used > digits &&
           !num_is_zero(num_and(v->mag, num_mask(used - digits)));
}

HI5_INT bool
conv_num_loses(const hi5_type *src, const struct num *v, const hi5_type *dst,
               hi5_exception *what)
{
    switch (v->kind) {
    case NUM_INFINITE:
        *what = v->neg ? HI5_MINUS_INFINITY : HI5_PLUS_INFINITY;
        return true;
    case NUM_NAN:
        *what = HI5_NOT_A_NUMBER;
        return true;
    case NUM_FINITE:
        break;
    }
    return dst->cls == HI5_FLOAT ? num_float_loses(src, v, dst, what)
                                 : num_integer_loses(dst, v, what);
}

HI5_INT bool
conv_num_bits_lost(const hi5_type *src, const uint8_t *p, const hi5_type *dst)
{
    const struct num128 x = num_field(num_load(src, p), src->offset, src->precision);

    return !num_is_zero(num_and(x, num_not(num_mask(dst->precision))));
}

HI5_INT void
conv_num_bits(const hi5_type *src, const uint8_t *p, const hi5_type *dst, uint8_t *q)
{
    const struct num128 x = num_field(num_load(src, p), src->offset, src->precision);
    const struct num128 all = num_mask(dst->precision);

    num_store_padded(dst, num_shl(num_and(x, all), dst->offset),
                     num_shl(all, dst->offset), q);
}
