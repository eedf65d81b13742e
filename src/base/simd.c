/*
 * simd.c - which vector instructions this machine has
 */
#include "base/simd.h"
#include <stdint.h>
#include <string.h>
#if SIMD_SSE2
#include <emmintrin.h>
#endif

HI5_INT bool
simd_has_avx2(void)
{
#if SIMD_AVX2
    return __builtin_cpu_supports("avx2") != 0;
#else
    return false;
#endif
}

HI5_INT void
simd_stream(void *dst, const void *src, size_t n)
{
    uint8_t *to = dst;
    const uint8_t *from = src;
#if SIMD_SSE2
    const size_t head = (size_t)(-(uintptr_t)to & 63u);

    if (n >= head + 64) {
        memcpy(to, from, head);
        to += head;
        from += head;
        n -= head;
        for (; n >= 64; n -= 64, to += 64, from += 64)
            for (unsigned i = 0; i < 64; i += 16)
                _mm_stream_si128((__m128i *)(void *)(to + i),
                                 _mm_loadu_si128((const __m128i *)(const void *)(from + i)));
    }
#endif
    memcpy(to, from, n);
}

HI5_INT void
simd_stream_end(void)
{
#if SIMD_SSE2
    _mm_sfence();
#endif
}
