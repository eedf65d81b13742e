/*
 * test_conv_kernel.c - the fast loops against the exact way, and against each other
 *
 * What the loops for any machine make of numbers is what conv_num.c makes of them; and
 * those for AVX2 make the same, whatever the alignment and the count.
 */
#include <string.h>

#include "../support/support.h"
#include "base/err.h"
#include "base/simd.h"
#include "space/conv_kernel.h"
#include "space/conv_num.h"
#include "space/convert.h"

#define MOST 600 /* elements: more than two batches and two blocks, and a tail */

static const hi5_type *const kinds[KERNEL_KINDS] = {
    [KERNEL_I8] = HI5_I8,   [KERNEL_I16] = HI5_I16, [KERNEL_I32] = HI5_I32,
    [KERNEL_I64] = HI5_I64, [KERNEL_U8] = HI5_U8,   [KERNEL_U16] = HI5_U16,
    [KERNEL_U32] = HI5_U32, [KERNEL_U64] = HI5_U64, [KERNEL_F32] = HI5_F32,
    [KERNEL_F64] = HI5_F64, [KERNEL_F16] = HI5_F16, [KERNEL_BF16] = HI5_BF16,
};

static uint64_t state;

static uint64_t
rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void
put(uint8_t *p, size_t size, uint64_t x)
{
    for (size_t i = 0; i < size; i++)
        p[i] = (uint8_t)(x >> (8 * (TYPE_NATIVE_ORDER == HI5_LE ? i : size - 1 - i)));
}

/* Any bits; small numbers; and, for floats, a power of two with few digits, so that ends
 * of ranges, ties, denormals, infinities and NaNs come often. */
static void
any_number(const hi5_type *t, uint8_t *p)
{
    uint64_t x = rnd();

    switch (rnd() % 4) {
    case 0:
        break;
    case 1:
        x = (UINT64_C(0) - (rnd() & 1)) ^ (x & 0xff) << rnd() % 57;
        break;
    case 2:
        x = UINT64_MAX << rnd() % 64;
        x += rnd() % 5 - 2;
        break;
    default:
        if (t->cls == HI5_FLOAT) {
            const uint64_t e =
                (t->exp_bias + rnd() % 140 - 70) & (UINT64_MAX >> (64 - t->exp_size));
            x = (rnd() & 1) << t->sign_pos | e << t->exp_pos;
            x |= (UINT64_C(1) << rnd() % t->man_size) - (rnd() & 1);
            x |= (rnd() & 1) << (t->man_size - 1);
        }
        break;
    }
    put(p, t->size, x);
}

static void
numbers(const hi5_type *t, uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        any_number(t, p + i * t->size);
}

static void
exactly(const hi5_type *from, const hi5_type *to, const uint8_t *src, size_t ss,
        uint8_t *dst, size_t ds, size_t n)
{
    struct num v;

    for (size_t i = 0; i < n; i++) {
        conv_num_get(from, src + i * ss, &v);
        conv_num_put(to, &v, dst + i * ds);
    }
}

/* Run a kernel; nothing before or after its destination may change. */
static void
guarded(kernel_fn f, const uint8_t *src, uint8_t *dst, size_t off, size_t size,
        size_t n)
{
    memset(dst, 0xa5, off + n * size + 64);
    f(src, dst + off, n);
    for (size_t i = 0; i < off; i++)
        ck_assert_uint_eq(dst[i], 0xa5);
    for (size_t i = 0; i < 64; i++)
        ck_assert_uint_eq(dst[off + n * size + i], 0xa5);
}

/* One kernel: for any machine as conv_num.c, for AVX2 as for any machine. */
static void
check_kernel(unsigned from, unsigned to, size_t n)
{
    static uint8_t src[MOST * 8 + 8], want[MOST * 8], got[MOST * 8 + 128];
    const hi5_type *s = kinds[from], *d = kinds[to];
    const size_t off = rnd() % 8, at = rnd() % 8;

    numbers(s, src + off, n);
    exactly(s, d, src + off, s->size, want, d->size, n);
    guarded(kernel_find(from, to, false), src + off, got, at, d->size, n);
    for (size_t i = 0; i < n * d->size; i++)
        ck_assert_msg(got[at + i] == want[i], "kind %u to %u: element %zu", from, to,
                      i / d->size);
    if (!simd_has_avx2())
        return;
    guarded(kernel_find(from, to, true), src + off, got, at, d->size, n);
    ck_assert_msg(memcmp(got + at, want, n * d->size) == 0, "kind %u to %u: AVX2", from,
                  to);
}

/* TYPE-07, TYPE-09, TYPE-10, TYPE-11 */
START_TEST(pairs)
{
    const unsigned from = (unsigned)_i;

    state = 0x9e3779b97f4a7c15u + from;
    for (unsigned to = 0; to < KERNEL_KINDS; to++) {
        if (kernel_find(from, to, false) == NULL)
            continue;
        for (size_t n = 0; n < 140; n++)
            check_kernel(from, to, n);
        for (unsigned i = 0; i < 20; i++)
            check_kernel(from, to, MOST - i);
    }
}
END_TEST

/* Each of the 65536 numbers of 16 bits there is, and back. */
START_TEST(sixteen_bits)
{
    static uint8_t src[131072], want[65536 * 8], got[65536 * 8];
    const unsigned from = _i % 2 != 0 ? KERNEL_F16 : KERNEL_BF16;
    const kernel_fn widen = kernel_find(from, KERNEL_F32, _i >= 2 && simd_has_avx2());
    const kernel_fn narrow = kernel_find(KERNEL_F32, from, _i >= 2 && simd_has_avx2());

    for (unsigned i = 0; i < 65536; i++)
        put(src + 2 * i, 2, i);
    exactly(kinds[from], HI5_F32, src, 2, want, 4, 65536);
    widen(src, got, 65536);
    ck_assert_mem_eq(got, want, 65536 * 4);
    narrow(want, got, 65536);
    exactly(HI5_F32, kinds[from], want, 4, src, 2, 65536);
    ck_assert_mem_eq(got, src, 131072);
}
END_TEST

START_TEST(swaps)
{
    static uint8_t src[MOST * 8 + 8], got[MOST * 8 + 128];

    state = 7;
    for (size_t i = 0; i < sizeof src; i++)
        src[i] = (uint8_t)rnd();
    for (size_t size = 2; size <= 8; size *= 2)
        for (size_t n = 0; n < MOST; n += n < 140 ? 1 : 37)
            for (int avx2 = 0; avx2 <= (simd_has_avx2() ? 1 : 0); avx2++) {
                const size_t off = rnd() % 8, at = rnd() % 8;
                guarded(kernel_swap(size, avx2 != 0), src + off, got, at, size, n);
                for (size_t i = 0; i < n * size; i++)
                    ck_assert_uint_eq(got[at + i],
                                      src[off + i / size * size + size - 1 - i % size]);
            }
    ck_assert_ptr_null((void *)(uintptr_t)kernel_swap(3, false));
    ck_assert_ptr_null((void *)(uintptr_t)kernel_swap(16, false));
}
END_TEST

static void
run_apart(const hi5_type *from, const hi5_type *to, const uint8_t *src, size_t apart,
          uint8_t *dst, size_t n)
{
    struct mem m;
    struct arena a;
    const struct conv_env env = {.mem = &m, .off_w = 8};
    const struct conv *c;
    hi5_error err;

    mem_init_libc(&m);
    arena_init(&a, &m);
    ck_ok(conv_open(from, to, &env, &a, &c, &err), &err);
    ck_ok(conv_run_apart(c, src, apart, dst, n, &err), &err);
    arena_done(&a);
    mem_done(&m);
}

/* n elements, then the same as members of compounds that have gaps. */
static void
check_path(const hi5_type *s, const hi5_type *d, size_t apart, size_t n)
{
    static uint8_t src[MOST * 13 + 8], want[MOST * 11], got[MOST * 11 + 8];
    const hi5_member ms = {"m", 1, s}, md = {"m", 2, d};
    hi5_type *cs, *cd;
    hi5_error err;

    for (size_t i = 0; i < n; i++)
        any_number(s, src + 1 + i * apart);
    exactly(s, d, src + 1, apart, want, d->size, n);
    run_apart(s, d, src + 1, apart, got + 1, n);
    ck_assert_mem_eq(got + 1, want, n * d->size);
    if (apart != 13)
        return;
    memset(want, 0, n * 11);
    exactly(s, d, src + 1, 13, want + 2, 11, n);
    ck_ok(hi5_type_compound(13, &ms, 1, &cs, &err), &err);
    ck_ok(hi5_type_compound(11, &md, 1, &cd, &err), &err);
    memset(got, 0xa5, sizeof got);
    run_apart(cs, cd, src, 13, got + 3, n);
    hi5_type_free(cs);
    hi5_type_free(cd);
    ck_assert_mem_eq(got + 3, want, n * 11);
    ck_assert_uint_eq(got[3 + n * 11], 0xa5);
}

/* Any two kinds in any two orders, packed and apart, some blocks. */
START_TEST(paths)
{
    const unsigned from = (unsigned)_i;

    state = 0x2545f4914f6cdd1du + from;
    for (unsigned to = 0; to < KERNEL_KINDS; to++)
        for (unsigned k = 0; k < 16 && from != to; k++) {
            hi5_type s = *kinds[from], d = *kinds[to];

            s.order = k & 4 ? HI5_BE : HI5_LE;
            d.order = k & 8 ? HI5_BE : HI5_LE;
            check_path(&s, &d, k % 2 != 0 ? s.size : 13, k < 4 ? MOST : 1 + rnd() % 99);
        }
}
END_TEST

/* TYPE-07: integers with room around them, or of 3, 5, 6, 7 bytes. */
START_TEST(odd_integers)
{
    static uint8_t src[MOST * 8], want[MOST * 8], got[MOST * 8];

    state = 99;
    for (unsigned k = 0; k < 2000; k++) {
        hi5_type s = *HI5_I64, d = *kinds[rnd() % (KERNEL_F64 + 1)];
        const size_t n = 1 + rnd() % 300;

        s.size = 1 + rnd() % 8;
        s.is_signed = rnd() & 1;
        s.order = rnd() & 1 ? HI5_BE : HI5_LE;
        s.precision = (uint16_t)(1 + rnd() % (8 * s.size));
        s.offset = (uint16_t)(rnd() % (8 * s.size - s.precision + 1));
        for (size_t i = 0; i < n * s.size; i++)
            src[i] = (uint8_t)rnd();
        exactly(&s, &d, src, s.size, want, d.size, n);
        run_apart(&s, &d, src, s.size, got, n);
        ck_assert_mem_eq(got, want, n * d.size);
    }
}
END_TEST

/* Copies and zeros of every size: pieces of members must not touch their neighbours. */
START_TEST(pieces)
{
    enum { N = 21, FROM = 91, TO = 97 };
    static uint8_t src[N * FROM], want[N * TO], got[N * TO];

    state = 5;
    for (size_t i = 0; i < sizeof src; i++)
        src[i] = (uint8_t)rnd();
    for (size_t size = 1; size <= 80; size++) {
        const size_t gap = size % 13, at = 5;
        hi5_type piece = *HI5_U8, *cs, *cd;
        hi5_error err;
        hi5_member ms, md;

        piece.cls = HI5_OPAQUE;
        piece.size = size;
        ms = (hi5_member){"m", at, &piece};
        md = (hi5_member){"m", gap, &piece};
        memset(want, 0, sizeof want);
        for (size_t i = 0; i < N; i++)
            memcpy(want + i * TO + gap, src + i * FROM + at, size);
        ck_ok(hi5_type_compound(FROM, &ms, 1, &cs, &err), &err);
        ck_ok(hi5_type_compound(TO, &md, 1, &cd, &err), &err);
        memset(got, 0xa5, sizeof got);
        run_apart(cs, cd, src, FROM, got, N);
        ck_assert_msg(memcmp(got, want, sizeof got) == 0, "%zu bytes", size);
        hi5_type_free(cs);
        hi5_type_free(cd);
    }
}
END_TEST

Suite *suite_conv_kernel(void);
Suite *
suite_conv_kernel(void)
{
    Suite *s = suite_create("conv_kernel");
    TCase *t = tcase_create("kernels");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, pairs, 0, KERNEL_KINDS);
    tcase_add_loop_test(t, sixteen_bits, 0, 4);
    tcase_add_test(t, swaps);
    tcase_add_loop_test(t, paths, 0, KERNEL_KINDS);
    tcase_add_test(t, odd_integers);
    tcase_add_test(t, pieces);
    suite_add_tcase(s, t);
    return s;
}
