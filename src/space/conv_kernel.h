/*
 * conv_kernel.h - loops that convert numbers of C's types, packed
 *
 * A kernel converts `n` elements that lie next to each other, of any alignment, in this
 * machine's byte order; source and destination do not overlap. Rules as in convert.h.
 */
#ifndef HI5_CONV_KERNEL_H
#define HI5_CONV_KERNEL_H

#include "base/cc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The types that C has, and 16-bit floats. */
enum kernel_kind {
    KERNEL_I8,
    KERNEL_I16,
    KERNEL_I32,
    KERNEL_I64,
    KERNEL_U8,
    KERNEL_U16,
    KERNEL_U32,
    KERNEL_U64,
    KERNEL_F32,
    KERNEL_F64,
    KERNEL_F16,
    KERNEL_BF16,
    KERNEL_KINDS
};

typedef void (*kernel_fn)(const uint8_t *restrict src, uint8_t *restrict dst, size_t n);

/** NULL: there is none, and kernel_between says through what it goes.
 *  @param avx2  simd_has_avx2(), or false for what every machine can do */
HI5_INT kernel_fn kernel_find(unsigned from, unsigned to, bool avx2);
/** The kind that two kernels convert through; KERNEL_KINDS: there is none that would
 *  not round twice. */
HI5_INT unsigned kernel_between(unsigned from, unsigned to);
/** Reverses the bytes of elements of 2, 4 or 8 bytes; else NULL. */
HI5_INT kernel_fn kernel_swap(size_t size, bool avx2);

#endif
