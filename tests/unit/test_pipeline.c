/*
 * test_pipeline.c - several filters, masks, sizes, plugins
 */
#include "try_filter.h"

static const hi5_filter shuffle = FILTER(FILTER_SHUFFLE, 1, 4);
static const hi5_filter deflate = FILTER(FILTER_DEFLATE, 1, 6);
static const hi5_filter fletcher = {FILTER_FLETCHER32, 0, NULL, 0, NULL};
static const char plain[] = "000000000300000006000000090000000c000000"
                            "0f0000001200000015000000180000001b000000";

/* FILT-12, FILT-26: the checksum of the compressed bytes */
START_TEST(test_three)
{
    const hi5_filter f[] = {shuffle, deflate, fletcher};

    try_good(f, 3, "789c636066e3e4e11712959066c00b0011e9008896586404", plain);
}
END_TEST

/* FILT-12: the checksum first, and LZF, which could not shrink anything, last */
START_TEST(test_four)
{
    const hi5_filter f[] = {shuffle, fletcher, deflate,
                            FILTER(FILTER_LZF, 3, 4, 261, 48)};

    try_good(f, 4, "1a78da63602002303231b3b0b2b173707271abc845bb010004400126",
             "000000000000000100000002000000030000000400000005"
             "000000060000000700000008000000090000000a0000000b");
}
END_TEST

/* FILT-01, FILT-32: every mask of three filters; in a pipeline without compression the
 * chunk can be made here. */
START_TEST(test_masks)
{
    const hi5_filter two = FILTER(FILTER_SHUFFLE, 1, 2);
    const hi5_filter f[] = {shuffle, two, fletcher};
    const uint8_t want[8] = {1, 2, 3, 4, 5, 6, 7, 8};

    for (uint32_t mask = 0; mask < 8; mask++) {
        uint8_t a[12], b[8], got[8];
        size_t n = 8;
        hi5_error err;

        memcpy(a, want, 8);
        if (!(mask & 1)) {
            for (unsigned i = 0; i < 8; i++)
                b[i] = a[i % 2 * 4 + i / 2];
            memcpy(a, b, 8);
        }
        if (!(mask & 2)) {
            for (unsigned i = 0; i < 8; i++)
                b[i] = a[i % 4 * 2 + i / 4];
            memcpy(a, b, 8);
        }
        if (!(mask & 4)) {
            uint32_t s1 = 0, s2 = 0;

            for (unsigned i = 0; i < 8; i += 2) {
                s1 += (uint32_t)a[i] << 8 | a[i + 1];
                s2 += s1;
            }
            a[8] = (uint8_t)s1;
            a[9] = (uint8_t)(s1 >> 8);
            a[10] = (uint8_t)s2;
            a[11] = (uint8_t)(s2 >> 8);
            n = 12;
        }
        ck_ok(try_pipe(f, 3, mask, a, n, got, 8, &err), &err);
        ck_assert_mem_eq(got, want, 8);
    }
}
END_TEST

/* Bits beyond the filters mean nothing. */
START_TEST(test_mask_of_nothing)
{
    const uint8_t src[4] = {1, 2, 3, 4};
    uint8_t got[4];
    hi5_error err;

    ck_ok(try_pipe(NULL, 0, 0, src, 4, got, 4, &err), &err);
    ck_assert_mem_eq(got, src, 4);
    ck_ok(try_pipe(&deflate, 1, UINT32_MAX, src, 4, got, 4, &err), &err);
    ck_assert_mem_eq(got, src, 4);
    ck_status(try_pipe(&deflate, 1, 1, src, 3, got, 4, &err), HI5_E_FILTER);
    ck_assert_str_eq(err.message, "an unfiltered chunk is stored as 3 bytes, not 4");
    ck_status(try_pipe(NULL, 0, 0, src, 4, got, 3, &err), HI5_E_FILTER);
}
END_TEST

/* FILT-28: an unknown filter that was skipped does no harm; else it is found out before
 * anything is decoded. An optional one is no better. */
START_TEST(test_unknown)
{
    const hi5_filter unknown = {60000, 1, "mine", 0, NULL};
    const hi5_filter f[] = {unknown, deflate};
    const uint8_t src[4] = {1, 2, 3, 4};
    uint8_t got[4];
    hi5_error err;

    ck_ok(try_pipe(f, 2, 3, src, 4, got, 4, &err), &err);
    ck_assert_mem_eq(got, src, 4);
    ck_status(try_pipe(f, 2, 0, src, 4, got, 4, &err), HI5_E_FILTER);
    ck_assert_str_eq(err.message, "filter 60000 (mine): not available in this build");
}
END_TEST

/* FILT-22 */
START_TEST(test_too_many)
{
    const hi5_filter one = FILTER(FILTER_SHUFFLE, 1, 1);
    const hi5_filter two_steps = FILTER(FILTER_BITSHUFFLE, 5, 0, 4, 1, 0, 0);
    hi5_filter f[PIPE_MOST + 1];
    const uint8_t src[4] = {1, 2, 3, 4};
    uint8_t got[4];
    hi5_error err;

    for (unsigned i = 0; i < PIPE_MOST + 1; i++)
        f[i] = one;
    ck_ok(try_pipe(f, PIPE_MOST, 0, src, 4, got, 4, &err), &err);
    ck_status(try_pipe(f, PIPE_MOST + 1, 0, src, 4, got, 4, &err), HI5_E_FILTER);
    for (unsigned i = 0; i < PIPE_MOST; i++)
        f[i] = two_steps;
    ck_ok(try_pipe(f, 10, 0, src, 4, got, 4, &err), &err);
    ck_assert_mem_eq(got, src, 4);
}
END_TEST

/* FILT-09: what comes out in between may be larger than the chunk, but not by much. A
 * checksum over a compressed stream that decodes to one byte more. */
START_TEST(test_between)
{
    const hi5_filter f[] = {shuffle, deflate};
    uint8_t src[64], got[64];
    const size_t n = try_hex(
        "789c636060606006623620e604621e20e60762212016056209209606620007e40088", src);
    hi5_error err;

    ck_status(try_pipe(f, 2, 0, src, n, got, 36, &err), HI5_E_FILTER);
    ck_assert_ptr_nonnull(strstr(err.message, "filter "));
    ck_status(try_pipe(f, 2, 0, src, n, got, 44, &err), HI5_E_FILTER);
    ck_assert_str_eq(err.message, "filter 2 (shuffle): decodes to 40 bytes, not 44");
}
END_TEST

/* FILT-10: scratch follows the stored bytes, not what the chunk should come to. */
START_TEST(test_scratch)
{
    hi5_filter f[] = {shuffle, deflate};
    const struct pipeline p = {1, 2, f};
    struct mem mem;
    struct pipe_work w = {&mem, {NULL, NULL}, {0, 0}};
    uint8_t src[1024] = {0x78, 0x9c}, dst[1];
    hi5_error err;

    mem_init(&mem, NULL, 1u << 21);
    /* The nominal size is a lie; nothing gets as far as dst. */
    ck_status(pipe_decode(&p, NULL, 0, src, sizeof src, dst, (size_t)3 << 30, &w, &err),
              HI5_E_FILTER);
    ck_assert_uint_le(mem.peak, 1u << 21);
    pipe_work_done(&w);
    /* And within a small account, the failure is that of the account. */
    f[1].id = FILTER_SCALEOFFSET;
    ck_status(pipe_decode(&p, NULL, 0, src, sizeof src, dst, (size_t)3 << 30, &w, &err),
              HI5_E_LIMIT);
    pipe_work_done(&w);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* A plugin that adds its context to every byte, or misbehaves. */
static hi5_status
add_decode(void *ctx, const hi5_filter *filter, const void *src, size_t n, void *dst,
           size_t cap, size_t *out, hi5_error *err)
{
    const int what = *(const int *)ctx;

    (void)filter;
    (void)err;
    if (what < 0 || n > cap)
        return HI5_E_FILTER;
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)dst)[i] = (uint8_t)(((const uint8_t *)src)[i] + what);
    *out = what == 100 ? cap + 1 : n;
    return HI5_OK;
}

/* FILT-25: a plugin goes before a built-in filter; what it says is not believed. */
START_TEST(test_plugin)
{
    int what = 1;
    const hi5_filter_plugin plugin[] = {{60000, "add", add_decode, &what},
                                        {FILTER_DEFLATE, "add", add_decode, &what}};
    const struct pipe_plugins plugins = {plugin, 2};
    hi5_filter f[] = {{60000, 0, "mine", 0, NULL}, shuffle, deflate};
    const struct pipeline p = {1, 3, f};
    struct mem mem;
    struct pipe_work w = {&mem, {NULL, NULL}, {0, 0}};
    const uint8_t src[8] = {0, 1, 2, 3, 4, 5, 6, 7}, want[8] = {2, 4, 6, 8, 3, 5, 7, 9};
    uint8_t got[8];
    hi5_error err;

    mem_init(&mem, NULL, 1u << 24);
    ck_ok(pipe_decode(&p, &plugins, 0, src, 8, got, 8, &w, &err), &err);
    ck_assert_mem_eq(got, want, 8);
    what = -1;
    ck_status(pipe_decode(&p, &plugins, 0, src, 8, got, 8, &w, &err), HI5_E_FILTER);
    ck_assert_str_eq(err.message, "filter 1 (deflate): the caller's filter failed");
    what = 100;
    ck_status(pipe_decode(&p, &plugins, 3, src, 8, got, 8, &w, &err), HI5_E_FILTER);
    ck_assert_str_eq(err.message, "filter 1 (deflate): decodes to more than 8 bytes");
    ck_status(pipe_decode(&p, &plugins, 3, src, 8, got, 8, &w, NULL), HI5_E_FILTER);
    pipe_work_done(&w);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

/* The scratch buffers serve chunk after chunk. */
START_TEST(test_reuse)
{
    hi5_filter f[] = {shuffle, deflate, fletcher};
    const struct pipeline p = {1, 3, f};
    struct mem mem;
    struct pipe_work w = {&mem, {NULL, NULL}, {0, 0}};
    uint8_t src[64], got[40], want[40];
    const size_t n = try_hex("789c636066e3e4e11712959066c00b0011e9008896586404", src);
    const void *first;
    hi5_error err;

    mem_init(&mem, NULL, 1u << 24);
    try_hex(plain, want);
    ck_ok(pipe_decode(&p, NULL, 0, src, n, got, 40, &w, &err), &err);
    first = w.buf[0];
    ck_assert_ptr_nonnull(first);
    ck_ok(pipe_decode(&p, NULL, 0, src, n, got, 40, &w, &err), &err);
    ck_assert_mem_eq(got, want, 40);
    ck_assert_ptr_eq(w.buf[0], first);
    pipe_work_done(&w);
    pipe_work_done(&w);
    ck_assert_uint_eq(mem.used, 0);
    mem_done(&mem);
}
END_TEST

Suite *suite_pipeline(void);

Suite *
suite_pipeline(void)
{
    TRY_SUITE("pipeline", test_three, test_four, test_masks, test_mask_of_nothing,
              test_unknown, test_too_many, test_between, test_scratch, test_plugin,
              test_reuse);
}
