/*
 * try_filter.h - run filters over bytes given as hex
 *
 * The chunks are real: libhdf5 1.10.8 wrote them, unless a test says otherwise.
 */
#ifndef TRY_FILTER_H
#define TRY_FILTER_H

#include "filters/filter.h"
#include "filters/pipeline.h"
#include "support.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES(...)                                                                    \
    (const uint32_t[])                                                                 \
    {                                                                                  \
        __VA_ARGS__                                                                    \
    }
#define FILTER(id, n, ...)                                                             \
    {                                                                                  \
        id, 0, NULL, n, VALUES(__VA_ARGS__)                                            \
    }

/** Bytes from hex; returns how many. */
static inline size_t
try_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    unsigned v;

    for (; sscanf(hex, " %2x", &v) == 1; hex += 2)
        out[n++] = (uint8_t)v;
    return n;
}

/** Decode through a pipeline, from a block of exactly n bytes to one of exactly
 *  `nominal`, so that a sanitizer sees any step beyond them. */
static inline hi5_status
try_pipe(const hi5_filter *filters, unsigned nfilters, uint32_t mask, const void *src,
         size_t n, void *dst, size_t nominal, hi5_error *err)
{
    hi5_filter copy[PIPE_MOST + 1];
    struct pipeline p = {1, nfilters, copy};
    struct pipe_work w = {0};
    struct mem mem;
    uint8_t *const in = malloc(n + 1), *const out = malloc(nominal + 1);
    hi5_status status;

    ck_assert(nfilters <= PIPE_MOST + 1 && in != NULL && out != NULL);
    if (nfilters > 0)
        memcpy(copy, filters, nfilters * sizeof *filters);
    mem_init(&mem, NULL, 1u << 24);
    w.mem = &mem;
    memcpy(in + 1, src, n);
    memset(out, 0xa5, nominal + 1);
    status = pipe_decode(&p, NULL, mask, in + 1, n, out + 1, nominal, &w, err);
    ck_assert_uint_eq(out[0], 0xa5);
    if (status == HI5_OK)
        memcpy(dst, out + 1, nominal);
    pipe_work_done(&w);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
    free(in);
    free(out);
    return status;
}

/** The chunk decodes to just these bytes. */
static inline void
try_good(const hi5_filter *filters, unsigned nfilters, const char *stored,
         const char *wanted)
{
    uint8_t src[2048], want[2048], got[2048];
    const size_t n = try_hex(stored, src), size = try_hex(wanted, want);
    hi5_error err;

    ck_ok(try_pipe(filters, nfilters, 0, src, n, got, size, &err), &err);
    ck_assert_mem_eq(got, want, size);
}

/** The chunk does not decode to `nominal` bytes, and the message says why. */
static inline void
try_bad(const hi5_filter *f, const char *stored, size_t nominal, const char *words)
{
    uint8_t src[2048], got[2048];
    const size_t n = try_hex(stored, src);
    hi5_error err;

    ck_status(try_pipe(f, 1, 0, src, n, got, nominal, &err), HI5_E_FILTER);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
}

/** EVIL-18: no prefix of the chunk decodes, down to nothing at all, except those of
 *  at least `enough` bytes; and the message names the filter. */
static inline void
try_cut(const hi5_filter *f, const char *stored, size_t nominal, size_t enough)
{
    uint8_t src[2048], got[2048];
    const size_t n = try_hex(stored, src);
    hi5_error err;
    char name[32];

    snprintf(name, sizeof name, "filter %u (", f->id);
    for (size_t i = 0; i < n; i++) {
        const hi5_status s = try_pipe(f, 1, 0, src, i, got, nominal, &err);

        ck_assert_msg((s == HI5_OK) == (i >= enough), "%zu bytes: %d", i, (int)s);
        if (s != HI5_OK)
            ck_assert_msg(strstr(err.message, name) != NULL, "%s", err.message);
    }
}

/** No flipped bit, and no parameter that is off, makes it do anything but return. */
static inline void
try_damage(const hi5_filter *f, const char *stored, size_t nominal)
{
    uint8_t src[2048], got[2048];
    const size_t n = try_hex(stored, src);
    uint32_t values[64];
    hi5_filter g = *f;

    for (size_t bit = 0; bit < 8 * n; bit++) {
        src[bit / 8] ^= (uint8_t)(1u << bit % 8);
        try_pipe(f, 1, 0, src, n, got, nominal, NULL);
        src[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    ck_assert(f->nvalues <= 64);
    g.values = values;
    for (unsigned i = 0; i < f->nvalues; i++) {
        static const uint32_t odd[] = {0,   1,          3,          7,
                                       255, 0x7fffffff, 0x80000000, UINT32_MAX};

        for (size_t k = 0; k < sizeof odd / sizeof *odd; k++) {
            memcpy(values, f->values, f->nvalues * sizeof *values);
            values[i] = odd[k];
            try_pipe(&g, 1, 0, src, n, got, nominal, NULL);
        }
        g.nvalues = i;
        memcpy(values, f->values, f->nvalues * sizeof *values);
        try_pipe(&g, 1, 0, src, n, got, nominal, NULL);
        g.nvalues = f->nvalues;
    }
}

/** A suite of one case. */
static inline Suite *
try_suite(const char *name, const TTest *const *tests, size_t n)
{
    Suite *const s = suite_create(name);
    TCase *const c = tcase_create(name);

    for (size_t i = 0; i < n; i++)
        tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    return s;
}

#define TRY_SUITE(name, ...)                                                           \
    const TTest *const tests[] = {__VA_ARGS__};                                        \
    return try_suite(name, tests, sizeof tests / sizeof *tests)

#endif
