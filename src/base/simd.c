/*
 * simd.c - which vector instructions this machine has
 */
#include "base/simd.h"

HI5_INT bool
simd_has_avx2(void)
{
#if SIMD_AVX2
    return __builtin_cpu_supports("avx2") != 0;
#else
    return false;
#endif
}
