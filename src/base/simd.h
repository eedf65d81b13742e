/*
 * simd.h - which vector instructions this machine has
 *
 * Loops that matter exist in up to three forms: for the instructions that every machine
 * of the architecture has (SSE2, NEON), which the compiler may assume; for AVX2, chosen
 * when the program runs; and in plain C, which all the others use. All forms of one loop
 * give the same results. HI5_NO_SIMD leaves plain C alone.
 */
#ifndef HI5_SIMD_H
#define HI5_SIMD_H

#include "base/cc.h"
#include <stdbool.h>
#include <stddef.h>

#if !defined(HI5_NO_SIMD) && defined(__GNUC__) && defined(__x86_64__)
#define SIMD_AVX2 1 /* functions for AVX2 can be compiled */
#define SIMD_FOR_AVX2 __attribute__((target("avx2")))
#else
#define SIMD_AVX2 0
#endif

#if !defined(HI5_NO_SIMD) && defined(__SSE2__)
#define SIMD_SSE2 1
#else
#define SIMD_SSE2 0
#endif

/* The order of bytes in a vector is that of memory only on little-endian machines. */
#if !defined(HI5_NO_SIMD) && defined(__aarch64__) && defined(__ARM_NEON) &&            \
    !defined(__AARCH64EB__)
#define SIMD_NEON 1
#else
#define SIMD_NEON 0
#endif

/** May functions for AVX2 be called? Costs a few instructions. */
HI5_INT bool simd_has_avx2(void);

/** memcpy to memory that will not be looked at soon: past the caches, which then need not
 *  fetch first what is going to be overwritten. Worth it for what no cache holds. */
HI5_INT void simd_stream(void *dst, const void *src, size_t n);
/** After the last of them, before anybody else looks at what was copied. */
HI5_INT void simd_stream_end(void);

#endif
