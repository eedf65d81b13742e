/*
 * cc.h - what the library asks of a compiler beyond C11
 *
 * HI5_INT marks a function that is shared between files of the library but is not
 * public. The amalgamation defines it as `static`, so that nothing private is exported.
 */
#ifndef HI5_CC_H
#define HI5_CC_H

#ifndef HI5_INT
#define HI5_INT
#endif

#if defined(__GNUC__)
#define CC_PREFETCH_WRITE(p) __builtin_prefetch((p), 1)
#define CC_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define CC_PREFETCH_WRITE(p) ((void)(p))
#define CC_PRINTF(fmt, args)
#endif

#endif
