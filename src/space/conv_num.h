/*
 * conv_num.h - numbers, exactly: any integer or float up to 16 bytes
 *
 * A number is taken apart into a struct num, which holds any integer of 128 bits and any
 * float of 16 bytes without loss, and put together again in another type, which rounds
 * at most once. This is the meaning of numeric conversion; conv_fast.c only does the
 * usual cases faster.
 *
 * Floats are IEEE-like: an exponent of all ones is an infinity (mantissa 0) or a NaN.
 * This goes for every layout, as in libhdf5: also for FP8 E4M3 and the like, which in
 * other libraries use some of these codes for finite numbers.
 */
#ifndef HI5_CONV_NUM_H
#define HI5_CONV_NUM_H

#include "space/type.h"

enum num_kind { NUM_FINITE, NUM_INFINITE, NUM_NAN };

struct num128 {
    uint64_t hi, lo;
};

/* (neg ? -1 : 1) * mag * 2^exp. A NaN has its payload in mag, from the top bit down. */
struct num {
    enum num_kind kind;
    bool neg;
    int64_t exp;
    struct num128 mag;
};

/** Can numbers of this type be taken apart and put together? It checks the layout. */
HI5_INT bool conv_num_can(const hi5_type *t);

HI5_INT void conv_num_get(const hi5_type *t, const uint8_t *p, struct num *v);

/** Integers clip and truncate, NaN is 0; floats round to nearest even, overflow is
 *  infinity. Padding bits become what the type says (background: stay). */
HI5_INT void conv_num_put(const hi5_type *t, const struct num *v, uint8_t *p);

/** Is something lost when v, which is of type `src`, becomes `dst`? What, goes to *what.
 *  A float that is only rounded in another float is not. */
HI5_INT bool conv_num_loses(const hi5_type *src, const struct num *v,
                            const hi5_type *dst, hi5_exception *what);

/** Bits of one bitfield into another: high bits that do not fit are lost. */
HI5_INT void
conv_num_bits(const hi5_type *src, const uint8_t *p, const hi5_type *dst, uint8_t *q);
/** Are there any such bits? */
HI5_INT bool conv_num_bits_lost(const hi5_type *src, const uint8_t *p,
                                const hi5_type *dst);

#endif
