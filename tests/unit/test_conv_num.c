/*
 * test_conv_num.c - numbers: all of the small types, and samples of the others
 *
 * Three things must agree: the exact way (conv_num.c), the fast way (conv_fast.c, through
 * conv_run), and an oracle: plain C arithmetic written here, or libhdf5's results.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../support/support.h"
#include "base/err.h"
#include "space/conv_num.h"
#include "space/convert.h"

struct named {
    const char *name;
    hi5_type t;
};

#define INT(bytes, sign, ord, prec, off, low, high)                                    \
    {                                                                                  \
        .cls = HI5_INTEGER, .size = bytes, .is_signed = sign, .order = ord,            \
        .precision = prec, .offset = off, .lsb_pad = low, .msb_pad = high              \
    }
#define FLT(bytes, ord, prec, off, sign, ep, es, mp, ms, bias, nrm)                    \
    {                                                                                  \
        .cls = HI5_FLOAT, .size = bytes, .order = ord, .precision = prec,              \
        .offset = off, .sign_pos = sign, .exp_pos = ep, .exp_size = es, .man_pos = mp, \
        .man_size = ms, .exp_bias = bias, .norm = nrm                                  \
    }

static const struct named types[] = {
    {"i8", INT(1, 1, HI5_LE, 8, 0, 0, 0)},
    {"i16", INT(2, 1, HI5_LE, 16, 0, 0, 0)},
    {"i32", INT(4, 1, HI5_LE, 32, 0, 0, 0)},
    {"i64", INT(8, 1, HI5_LE, 64, 0, 0, 0)},
    {"u8", INT(1, 0, HI5_LE, 8, 0, 0, 0)},
    {"u16", INT(2, 0, HI5_LE, 16, 0, 0, 0)},
    {"u32", INT(4, 0, HI5_LE, 32, 0, 0, 0)},
    {"u64", INT(8, 0, HI5_LE, 64, 0, 0, 0)},
    {"i16b", INT(2, 1, HI5_BE, 16, 0, 0, 0)},
    {"i32b", INT(4, 1, HI5_BE, 32, 0, 0, 0)},
    {"i64b", INT(8, 1, HI5_BE, 64, 0, 0, 0)},
    {"u16b", INT(2, 0, HI5_BE, 16, 0, 0, 0)},
    {"u32b", INT(4, 0, HI5_BE, 32, 0, 0, 0)},
    {"u64b", INT(8, 0, HI5_BE, 64, 0, 0, 0)},
    {"u72b", INT(9, 0, HI5_BE, 72, 0, 0, 0)},
    {"i128", INT(16, 1, HI5_LE, 128, 0, 0, 0)},
    {"i12o3", INT(2, 1, HI5_LE, 12, 3, 0, 0)},
    {"i12o3b", INT(2, 1, HI5_BE, 12, 3, 1, 0)},
    {"u20o5", INT(4, 0, HI5_LE, 20, 5, 1, 1)},
    {"f32", FLT(4, HI5_LE, 32, 0, 31, 23, 8, 0, 23, 127, 2)},
    {"f64", FLT(8, HI5_LE, 64, 0, 63, 52, 11, 0, 52, 1023, 2)},
    {"f32b", FLT(4, HI5_BE, 32, 0, 31, 23, 8, 0, 23, 127, 2)},
    {"f64b", FLT(8, HI5_BE, 64, 0, 63, 52, 11, 0, 52, 1023, 2)},
    {"f16", FLT(2, HI5_LE, 16, 0, 15, 10, 5, 0, 10, 15, 2)},
    {"f16b", FLT(2, HI5_BE, 16, 0, 15, 10, 5, 0, 10, 15, 2)},
    {"bf16", FLT(2, HI5_LE, 16, 0, 15, 7, 8, 0, 7, 127, 2)},
    {"e4m3", FLT(1, HI5_LE, 8, 0, 7, 3, 4, 0, 3, 7, 2)},
    {"e5m2", FLT(1, HI5_LE, 8, 0, 7, 2, 5, 0, 2, 15, 2)},
    {"e2m3", FLT(1, HI5_LE, 6, 0, 5, 3, 2, 0, 3, 1, 2)},
    {"e3m2", FLT(1, HI5_LE, 6, 0, 5, 2, 3, 0, 2, 3, 2)},
    {"e2m1", FLT(1, HI5_LE, 4, 0, 3, 1, 2, 0, 1, 1, 2)},
    {"f20o7", FLT(4, HI5_LE, 20, 7, 26, 20, 6, 7, 13, 31, 2)},
    {"x87", FLT(16, HI5_LE, 80, 0, 79, 64, 15, 0, 64, 16383, 0)},
    {"x87_10", FLT(10, HI5_LE, 80, 0, 79, 64, 15, 0, 64, 16383, 0)},
    {"x87_12b", FLT(12, HI5_BE, 80, 0, 79, 64, 15, 0, 64, 16383, 0)},
    {"f128", FLT(16, HI5_LE, 128, 0, 127, 112, 15, 0, 112, 16383, 2)},
    {"vaxf", FLT(4, HI5_VAX, 32, 0, 31, 23, 8, 0, 23, 129, 2)},
    {"vaxg", FLT(8, HI5_VAX, 64, 0, 63, 52, 11, 0, 52, 1025, 2)},
};

static const hi5_type *
type(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i].t;
    ck_abort_msg("no type %s", name);
    return NULL;
}

static size_t
unhex(const char *hex, uint8_t *out)
{
    size_t n = 0;

    for (; hex[2 * n] != '\0'; n++) {
        unsigned v;
        ck_assert_int_eq(sscanf(hex + 2 * n, "%2x", &v), 1);
        out[n] = (uint8_t)v;
    }
    return n;
}

static void
run(const hi5_type *from, const hi5_type *to, const void *src, void *dst, size_t n)
{
    struct mem m;
    struct arena a;
    const struct conv_env env = {.mem = &m, .off_w = 8};
    const struct conv *c;
    hi5_error err;

    mem_init_libc(&m);
    arena_init(&a, &m);
    ck_ok(conv_open(from, to, &env, &a, &c, &err), &err);
    ck_ok(conv_run(c, src, dst, n, &err), &err);
    arena_done(&a);
    mem_done(&m);
}

static void
run_exact(const hi5_type *from, const hi5_type *to, const void *src, void *dst)
{
    struct num v;

    conv_num_get(from, src, &v);
    conv_num_put(to, &v, dst);
}

/* Convert one number both ways and compare with `want`, all in hex. */
static void
check_one(const char *from, const char *to, const char *in, const char *want)
{
    uint8_t src[16], wanted[16], exact[16] = {0}, fast[16] = {0};
    const size_t size = unhex(want, wanted);

    ck_assert_uint_eq(unhex(in, src), type(from)->size);
    ck_assert_uint_eq(size, type(to)->size);
    run_exact(type(from), type(to), src, exact);
    run(type(from), type(to), src, fast, 1);
    ck_assert_msg(memcmp(exact, wanted, size) == 0, "%s to %s: %s is not %s (exact)",
                  from, to, in, want);
    ck_assert_msg(memcmp(fast, wanted, size) == 0, "%s to %s: %s is not %s", from, to,
                  in, want);
}

static const char *const libhdf5[][4] = {
#include "conv_libhdf5.h"
};

/* TYPE-07, TYPE-09, TYPE-10, TYPE-11, TYPE-33 */
START_TEST(as_libhdf5)
{
    const char *const *r = libhdf5[_i];

    check_one(r[0], r[1], r[2], r[3]);
}
END_TEST

/* What libhdf5 does otherwise, or what is worth saying by itself. */
static const char *const known[][4] = {
    /* TYPE-10: no reinterpretation between signs, whatever the byte order */
    {"i64", "u64b", "ffffffffffffffff", "0000000000000000"},
    {"u16", "i16b", "0080", "7fff"},
    /* TYPE-09: 2^53 + 1 and the extremes survive */
    {"i64", "i64b", "0100000000002000", "0020000000000001"},
    {"u64", "u64b", "ffffffffffffffff", "ffffffffffffffff"},
    {"i64b", "i128", "8000000000000000", "0000000000000080ffffffffffffffff"},
    /* TYPE-07: -1 and -2048 in 12 bits at offset 3; padding of ones */
    {"i12o3", "i32", "f87f", "ffffffff"},
    {"i12o3", "i16", "0040", "00f8"},
    {"i16", "i12o3b", "ff7f", "3fff"},
    {"i16", "i12o3b", "0080", "4007"},
    {"u16", "u20o5", "0100", "3f0000fe"},
    /* TYPE-08: more than 8 bytes */
    {"u72b", "u64", "000000000000000102", "0201000000000000"},
    {"u72b", "u64", "010000000000000000", "ffffffffffffffff"},
    {"i128", "i64", "00000000000000000000000000000080", "0000000000000080"},
    {"i128", "f64", "00000000000000000100000000000000", "000000000000f043"},
    /* floats to integers: clip, truncate, NaN is 0 */
    {"f32", "i32", "0000004f", "ffffff7f"},
    {"f32", "u32", "0000804f", "ffffffff"},
    {"f32", "i32", "0000c07f", "00000000"},
    {"f64", "i64", "000000000000e043", "ffffffffffffff7f"},
    {"f64", "u64", "000000000000f043", "ffffffffffffffff"},
    {"f64", "u8", "000000000000f0bf", "00"},
    {"f64", "i8", "9a9999999999f9bf", "ff"},
    {"f32", "i12o3b", "000080ff", "4007"},
    {"f16", "i64", "00bc", "ffffffffffffffff"},
    {"x87", "u64", "ffffffffffffffffffff000000000000", "0000000000000000"},
    /* half to even */
    {"f64", "f32", "000000100000f03f", "0000803f"},
    {"f64", "f32", "000000300000f03f", "0200803f"},
    {"f64", "f32", "010000100000f03f", "0100803f"},
    {"i32", "f32", "01000001", "0000804b"},
    {"i32", "f32", "03000001", "0200804b"},
    {"f32", "bf16", "0080803f", "803f"},
    {"f32", "bf16", "0080813f", "823f"},
    {"f64", "f16", "000000000000603e", "0000"}, /* 2^-25: half of the least */
    {"f64", "f16", "010000000000603e", "0100"},
    {"f64", "f16", "000000000000783e", "0200"}, /* 1.5 * 2^-24 */
    {"f64", "f16", "00000000000000be", "0080"}, /* -2^-31: minus zero */
    /* TYPE-11: overflow is infinity, and only overflow */
    {"f64", "f32", "000000f0ffffef47", "0000807f"},
    {"f64", "f32", "ffffffefffffef47", "ffff7f7f"},
    {"f64", "f16", "0000000000feef40", "007c"}, /* 65520 */
    {"f64", "f16", "fffffffffffdef40", "ff7b"},
    {"i32", "f16", "00000100", "007c"},
    {"i32", "f16", "0000ffff", "00fc"},
    {"u16", "e5m2", "ffff", "7c"},
    /* infinities, zeros and NaNs keep their sign, NaNs their first digits */
    {"f64", "f32b", "000000000000f0ff", "ff800000"},
    {"f32", "f64", "00000080", "0000000000000080"},
    {"f64", "f16", "000000000004f8ff", "01fe"},
    {"f16", "f64b", "017e", "7ff8040000000000"},
    /* x87: the leading bit is stored; in 10, 12 and 16 bytes (TYPE-34) */
    {"f64", "x87", "000000000000f8bf", "00000000000000c0ffbf000000000000"},
    {"f64", "x87_10", "000000000000f8bf", "00000000000000c0ffbf"},
    {"x87_12b", "f64", "0000bfffc000000000000000", "000000000000f8bf"},
    {"x87", "f64", "0000000000000080ff7f000000000000", "000000000000f07f"},
    {"f64", "x87", "000000000000f07f", "0000000000000080ff7f000000000000"},
    {"x87_10", "f128", "01000000000000000000", "00000000000002000000000000000000"},
    {"f64", "f128", "000000000000f03f", "0000000000000000000000000000ff3f"},
    {"f128", "f32", "0000000000000000000000000000ff3f", "0000803f"},
    /* VAX: 1 is 80 40 00 00 */
    {"vaxf", "f32", "80400000", "0000803f"},
    {"f64b", "vaxf", "c004000000000000", "20c10000"},
    /* TYPE-12: codes of all ones are special in every layout, as in libhdf5 */
    {"e4m3", "f32", "78", "0000807f"},
    {"e4m3", "f32", "77", "00007043"},
    {"e2m1", "f32", "05", "00004040"},
    {"e2m1", "f32", "01", "0000003f"},
    {"e2m1", "f32", "0e", "000080ff"},
    {"e3m2", "f32", "01", "0000803d"},
    {"e2m3", "f32", "17", "00007040"},
    {"f32", "e2m3", "00007040", "17"},
    {"f32", "e2m1", "000040c0", "0d"}, /* -3 */
    /* TYPE-35: fields of a float are counted from bit 0, not from its offset */
    {"f64", "f20o7", "000000000000f0bf", "0000f005"},
};

START_TEST(known_values)
{
    const char *const *r = known[_i];

    check_one(r[0], r[1], r[2], r[3]);
}
END_TEST

/* ---- an oracle for floats of at most 16 bits ---- */

static double
oracle_value(const hi5_type *t, unsigned code)
{
    const unsigned e = code >> t->exp_pos & ((1u << t->exp_size) - 1);
    const unsigned m = code >> t->man_pos & ((1u << t->man_size) - 1);
    const double sign = code >> t->sign_pos & 1 ? -1 : 1;

    if (e == (1u << t->exp_size) - 1)
        return m == 0 ? sign * (double)INFINITY : (double)NAN;
    if (e == 0)
        return sign * ldexp(m, 1 - (int)t->exp_bias - t->man_size);
    return sign * ldexp((double)(m | 1u << t->man_size),
                        (int)e - (int)t->exp_bias - t->man_size);
}

/* The code whose value is nearest to x >= 0, the even one of two, looked up among all. */
static unsigned
oracle_code(const hi5_type *t, double x)
{
    const unsigned infinite = ((1u << t->exp_size) - 1) << t->man_size;
    unsigned low = 0, high = infinite; /* x is in [low, high) */
    double below, above, top;

    while (high - low > 1) {
        const unsigned mid = (low + high) / 2;
        if (oracle_value(t, mid) <= x)
            low = mid;
        else
            high = mid;
    }
    below = oracle_value(t, low);
    top = ldexp(1, (int)(infinite >> t->man_size) - (int)t->exp_bias);
    above = high == infinite ? top : oracle_value(t, high);
    if (x - below != above - x)
        return x - below < above - x ? low : high;
    return low % 2 == 0 ? low : high;
}

static const char *const small[] = {"f16",  "bf16", "e4m3", "e5m2",
                                    "e2m3", "e3m2", "e2m1"};

/* TYPE-12: every code of every small float, and back again */
START_TEST(all_codes)
{
    static uint8_t codes[65536 * 2], back[65536 * 2];
    static double value[65536];
    static float value32[65536];
    const hi5_type *t = type(small[_i]);
    const unsigned n = 1u << t->precision;

    for (unsigned c = 0; c < n; c++) {
        codes[c * t->size] = (uint8_t)c;
        if (t->size == 2)
            codes[c * 2 + 1] = (uint8_t)(c >> 8);
    }
    run(t, HI5_F64, codes, value, n);
    run(t, HI5_F32, codes, value32, n);
    run(HI5_F64, t, value, back, n);
    for (unsigned c = 0; c < n; c++) {
        const double want = oracle_value(t, c);
        double exact;
        run_exact(t, HI5_F64, codes + c * t->size, &exact);
        if (isnan(want)) {
            ck_assert_msg(isnan(value[c]) && isnan(value32[c]) && isnan(exact), "%x",
                          c);
            continue;
        }
        ck_assert_msg(value[c] == want && exact == want, "%x is %g", c, value[c]);
        ck_assert_msg((double)value32[c] == want, "%x is %g", c, (double)value32[c]);
        ck_assert_int_eq(!signbit(value[c]), !signbit(want));
        ck_assert_mem_eq(back + c * t->size, codes + c * t->size, t->size);
    }
}
END_TEST

/* A generator of our own, so that every machine tests the same. */
static uint64_t
next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Doubles around the range of a small float, a third of them ties. */
START_TEST(rounding)
{
    const hi5_type *t = type(small[_i]);
    uint64_t state = 1;

    for (int i = 0; i < 20000; i++) {
        const int span = (1 << t->exp_size) + t->man_size + 4;
        const int e = (int)(next_random(&state) % (unsigned)span) - span + 4 +
                      (1 << t->exp_size) - (int)t->exp_bias;
        uint64_t m = next_random(&state) >> 11;
        double x;
        uint8_t got[2] = {0}, exact[2] = {0};
        unsigned code;

        if (i % 3 == 0)
            m &= ~UINT64_C(0) << (52 - t->man_size - (int)(next_random(&state) % 3));
        x = ldexp((double)m, e - 53);
        code = oracle_code(t, x);
        run_exact(HI5_F64, t, &x, exact);
        run(HI5_F64, t, &x, got, 1);
        ck_assert_msg((got[0] | got[1] << 8) == (int)code, "%a is %x, not %x", x,
                      (unsigned)(got[0] | got[1] << 8), code);
        ck_assert_mem_eq(exact, got, 2);
    }
}
END_TEST

/* All pairs of small integers against plain comparison. */
START_TEST(all_bytes)
{
    for (int v = 0; v < 256; v++) {
        const uint8_t u = (uint8_t)v;
        int8_t i;
        uint8_t clipped_u;
        int8_t clipped_i;
        int16_t wide;
        float f;

        memcpy(&i, &u, 1);
        run(HI5_U8, HI5_I8, &u, &clipped_i, 1);
        ck_assert_int_eq(clipped_i, v > 127 ? 127 : v);
        run(HI5_I8, HI5_U8, &i, &clipped_u, 1);
        ck_assert_int_eq(clipped_u, i < 0 ? 0 : i);
        run(HI5_I8, HI5_I16, &i, &wide, 1);
        ck_assert_int_eq(wide, i);
        run(HI5_U8, HI5_I16, &u, &wide, 1);
        ck_assert_int_eq(wide, v);
        run(HI5_I8, HI5_F32, &i, &f, 1);
        ck_assert(f == (float)i);
    }
    /* 16 bits clip into 8 */
    for (int v = -32768; v < 32768; v++) {
        const int16_t s = (int16_t)v;
        int8_t i;
        uint8_t u;
        run(HI5_I16, HI5_I8, &s, &i, 1);
        ck_assert_int_eq(i, v < -128 ? -128 : v > 127 ? 127 : v);
        run(HI5_I16, HI5_U8, &s, &u, 1);
        ck_assert_int_eq(u, v < 0 ? 0 : v > 255 ? 255 : v);
    }
}
END_TEST

/* Random bits through every pair of types: the fast way is the exact way, for many
 * elements as for one, and for elements that lie anywhere. */
START_TEST(fast_is_exact)
{
    enum { N = 300 };
    const hi5_type *from = &types[_i].t;
    uint8_t src[N * 16 + 1], fast[N * 16 + 1], exact[16];
    uint64_t state = (uint64_t)_i;

    for (size_t i = 0; i < sizeof src; i++)
        src[i] = (uint8_t)next_random(&state);
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        const hi5_type *to = &types[k].t;
        if (type_same_bytes(from, to))
            continue;
        memset(fast, 0xa5, sizeof fast);
        run(from, to, src + 1, fast + 1, N);
        for (size_t i = 0; i < N; i++) {
            struct num a, b;
            run_exact(from, to, src + 1 + i * from->size, exact);
            /* a byte swap leaves signaling NaNs and padding alone */
            conv_num_get(to, exact, &a);
            conv_num_get(to, fast + 1 + i * to->size, &b);
            ck_assert_msg(a.kind == b.kind && a.neg == b.neg, "%s to %s",
                          types[_i].name, types[k].name);
            if (a.kind == NUM_FINITE)
                ck_assert_msg(
                    a.exp == b.exp && a.mag.hi == b.mag.hi && a.mag.lo == b.mag.lo,
                    "%s to %s: element %zu", types[_i].name, types[k].name, i);
        }
        ck_assert_uint_eq(fast[0], 0xa5);
    }
}
END_TEST

/* What the machine does itself. */
START_TEST(as_the_machine)
{
    uint64_t state = 99;

    for (int i = 0; i < 20000; i++) {
        const uint64_t u = next_random(&state) >> (i % 64);
        const int64_t s = (int64_t)(u >> 1) * (i % 2 ? -1 : 1);
        uint64_t bits = next_random(&state);
        double d;
        float want, got, exact;

        if (i % 2 == 0) /* near one */
            bits = (bits & ~(UINT64_C(0x7ff) << 52)) |
                   (UINT64_C(0x3f0) + (unsigned)i % 32) << 52;
        memcpy(&d, &bits, sizeof d);
        want = (float)d;
        run(HI5_F64, HI5_F32, &d, &got, 1);
        run_exact(HI5_F64, HI5_F32, &d, &exact);
        if (isnan(d)) {
            ck_assert(isnan(got) && isnan(exact));
        } else {
            ck_assert_mem_eq(&got, &want, sizeof want);
            ck_assert_mem_eq(&exact, &want, sizeof want);
        }
        want = (float)u;
        run_exact(HI5_U64, HI5_F32, &u, &exact);
        ck_assert_mem_eq(&exact, &want, sizeof want);
        want = (float)s;
        run_exact(HI5_I64, HI5_F32, &s, &exact);
        ck_assert_mem_eq(&exact, &want, sizeof want);
        d = (double)s;
        run_exact(HI5_F64, HI5_I64, &d, &bits);
        ck_assert_int_eq((int64_t)bits, fabs(d) >= 0x1p63 ? INT64_MAX : (int64_t)d);
    }
}
END_TEST

/* Layouts that would run outside of the 16 bytes, or over themselves, are refused. */
START_TEST(odd_layouts)
{
    hi5_type t = *HI5_F32;

    ck_assert(conv_num_can(&t));
    t.man_pos = 10; /* over the exponent's end */
    ck_assert(!conv_num_can(&t));
    t = *HI5_F32;
    t.man_size = 30;
    ck_assert(!conv_num_can(&t));
    t = *HI5_F32;
    t.sign_pos = 32;
    ck_assert(!conv_num_can(&t));
    t = *HI5_F32;
    t.exp_size = 0;
    ck_assert(!conv_num_can(&t));
    t = *HI5_I32;
    t.offset = 1;
    ck_assert(!conv_num_can(&t));
    t = *HI5_I32;
    t.precision = 0;
    ck_assert(!conv_num_can(&t));
    t = *HI5_I32;
    t.size = 17;
    ck_assert(!conv_num_can(&t));
    t = *HI5_U8;
    t.order = HI5_VAX;
    ck_assert(!conv_num_can(&t));
}
END_TEST

/* Padding: background keeps what the destination has there. */
START_TEST(padding)
{
    hi5_type t = INT(2, 0, HI5_LE, 8, 4, HI5_PAD_BACKGROUND, HI5_PAD_ONE);
    const uint8_t src = 0x12;
    uint8_t dst[2] = {0x5a, 0x5a};

    run(HI5_U8, &t, &src, dst, 1);
    ck_assert_uint_eq(dst[0], 0x2a);
    ck_assert_uint_eq(dst[1], 0xf1);
}
END_TEST

/* Bitfields: high bits that do not fit are lost, not clipped. */
START_TEST(bitfields)
{
    hi5_type from = INT(2, 0, HI5_BE, 12, 2, 0, 0), to = *HI5_U8;
    const uint8_t src[2] = {0x2a, 0x95}; /* 0xaa5 << 2, and a bit of padding */
    uint8_t dst;

    from.cls = to.cls = HI5_BITFIELD;
    run(&from, &to, src, &dst, 1);
    ck_assert_uint_eq(dst, 0xa5);
}
END_TEST

Suite *suite_conv_num(void);

Suite *
suite_conv_num(void)
{
    Suite *s = suite_create("conv_num");
    TCase *t = tcase_create("values");

    tcase_add_loop_test(t, as_libhdf5, 0, sizeof libhdf5 / sizeof *libhdf5);
    tcase_add_loop_test(t, known_values, 0, sizeof known / sizeof *known);
    suite_add_tcase(s, t);
    t = tcase_create("oracles");
    tcase_add_loop_test(t, all_codes, 0, sizeof small / sizeof *small);
    tcase_add_loop_test(t, rounding, 0, sizeof small / sizeof *small);
    tcase_add_test(t, all_bytes);
    tcase_add_loop_test(t, fast_is_exact, 0, sizeof types / sizeof *types);
    tcase_add_test(t, as_the_machine);
    suite_add_tcase(s, t);
    t = tcase_create("layouts");
    tcase_add_test(t, odd_layouts);
    tcase_add_test(t, padding);
    tcase_add_test(t, bitfields);
    suite_add_tcase(s, t);
    return s;
}
