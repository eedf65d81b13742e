/*
 * test_exceptions.c - numbers that are lost in part, and who is asked about them
 */
#include <string.h>

#include "../support/support.h"
#include "base/err.h"
#include "space/conv_num.h"
#include "space/convert.h"

Suite *suite_exceptions(void);

static const struct row {
    const char *from, *to, *bytes;
    int native, swapped;
} libhdf5[] = {
#include "except_libhdf5.h"
};

static const hi5_type *
type(const char *name)
{
    static const struct {
        const char *name;
        const hi5_type *type;
    } all[] = {
        {"i8", HI5_I8},   {"i16", HI5_I16}, {"i32", HI5_I32},   {"i64", HI5_I64},
        {"u8", HI5_U8},   {"u16", HI5_U16}, {"u32", HI5_U32},   {"u64", HI5_U64},
        {"f32", HI5_F32}, {"f64", HI5_F64}, {"f16", HI5_F16}, {"bf16", HI5_BF16},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, name) == 0)
            return all[i].type;
    ck_abort_msg("no type %s", name);
    return NULL;
}

/* What was asked, and what is to be answered. */
struct asked {
    int calls, what;
    const hi5_type *from, *to;
    uint8_t value[16], usual[16];
    const void *answer;        /* NULL: the usual one */
    hi5_status status;
};

static hi5_status
note(void *ctx, hi5_exception what, const hi5_type *from, const void *value,
     const hi5_type *to, void *result, hi5_error *err)
{
    struct asked *const a = ctx;

    a->calls++;
    a->what = (int)what;
    a->from = from;
    a->to = to;
    memcpy(a->value, value, hi5_type_size(from));
    memcpy(a->usual, result, hi5_type_size(to));
    if (a->answer != NULL)
        memcpy(result, a->answer, hi5_type_size(to));
    if (a->status == HI5_E_RANGE)
        return err_plain(err, HI5_E_RANGE, "not this one");
    return a->status;
}

static hi5_status
convert(const hi5_type *from, const hi5_type *to, const void *src, void *dst, size_t n,
        struct asked *a, hi5_error *err)
{
    const hi5_transfer how = {sizeof how, note, a};
    struct conv_env env = {.off_w = 8, .how = a != NULL ? &how : NULL};
    const struct conv *c;
    struct arena arena;
    struct mem mem;
    hi5_status s;

    mem_init_libc(&mem);
    env.mem = &mem;
    arena_init(&arena, &mem);
    s = conv_open(from, to, &env, &arena, &c, err);
    if (s == HI5_OK)
        s = conv_run(c, src, dst, n, err);
    arena_done(&arena);
    mem_done(&mem);
    return s;
}

static size_t
unhex(const char *s, uint8_t *out)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;

    for (; s[2 * n] != '\0'; n++)
        out[n] = (uint8_t)((strchr(digits, s[2 * n]) - digits) << 4 |
                           (strchr(digits, s[2 * n + 1]) - digits));
    return n;
}

/* The exception, or -1; elements become what they become when nobody is asked. */
static int
exception(const char *from, const char *to, const char *bytes)
{
    struct asked a = {.what = -1};
    uint8_t src[16], plain[16], dst[16];
    hi5_error err;

    ck_assert_uint_eq(unhex(bytes, src), hi5_type_size(type(from)));
    ck_ok(convert(type(from), type(to), src, plain, 1, NULL, &err), &err);
    ck_ok(convert(type(from), type(to), src, dst, 1, &a, &err), &err);
    ck_assert_mem_eq(dst, plain, hi5_type_size(type(to)));
    ck_assert_int_eq(a.calls, a.what != -1);
    if (a.calls != 0) {
        ck_assert_ptr_eq(a.from, type(from));
        ck_assert_ptr_eq(a.to, type(to));
        ck_assert_mem_eq(a.value, src, hi5_type_size(type(from)));
        ck_assert_mem_eq(a.usual, plain, hi5_type_size(type(to)));
    }
    return a.what;
}

/* libhdf5 has two conversions for a pair of types. Where they differ, one of them is
 * mistaken, and hi5 does as the other. */
START_TEST(as_libhdf5)
{
    for (size_t i = 0; i < sizeof libhdf5 / sizeof *libhdf5; i++) {
        const struct row *const r = &libhdf5[i];
        const int what = exception(r->from, r->to, r->bytes);

        ck_assert_msg(what == r->native || what == r->swapped,
                      "%s to %s, %s: %d, not %d or %d", r->from, r->to, r->bytes, what,
                      r->native, r->swapped);
    }
}
END_TEST

/* Where libhdf5's conversions differ, or what they have not. */
START_TEST(known)
{
    static const struct row all[] = {
        {"f64", "i32", "000000000000e03f", HI5_TRUNCATE, 0},       /* 0.5 */
        {"f64", "i32", "000000000000f0bf", -1, 0},                 /* -1 */
        {"f64", "i8", "0000000000e05f40", HI5_RANGE_HIGH, 0},      /* 127.5 */
        {"f64", "i8", "00000000001060c0", HI5_RANGE_LOW, 0},       /* -128.5 */
        {"f64", "u8", "000000000000e0bf", HI5_RANGE_LOW, 0},       /* -0.5 */
        {"f64", "u8", "0000000000000080", -1, 0},                  /* -0 */
        {"f64", "i32", "000000000000f07f", HI5_PLUS_INFINITY, 0},
        {"f64", "i32", "000000000000f0ff", HI5_MINUS_INFINITY, 0},
        {"f64", "i32", "000000000000f87f", HI5_NOT_A_NUMBER, 0},
        {"f32", "f64", "0000807f", HI5_PLUS_INFINITY, 0},
        {"f32", "f64", "0000c07f", HI5_NOT_A_NUMBER, 0},
        {"f64", "f32", "000000000000f0ff", HI5_MINUS_INFINITY, 0},
        {"f64", "f32", "9c7500883ce437fe", HI5_RANGE_LOW, 0},      /* -1e300 */
        {"f64", "f32", "9a9999999999b93f", -1, 0},                 /* 0.1 */
        {"f32", "i32", "0000004f", HI5_RANGE_HIGH, 0},             /* 2^31 */
        {"f32", "i32", "000000cf", -1, 0},                         /* -2^31 */
        {"i32", "f32", "ffffffff", -1, 0},                         /* -1 */
        {"i32", "f32", "fefffffe", -1, 0},                         /* -2^24 - 2 */
        {"i32", "f32", "fffffffe", HI5_PRECISION, 0},              /* -2^24 - 1 */
        {"i64", "f64", "0100000000002000", HI5_PRECISION, 0},
        {"u64", "f32", "000000000000ff7f", -1, 0},
        {"u64", "f64", "ffffffffffffffff", HI5_PRECISION, 0},
        {"u64", "f64", "0000000000000080", -1, 0},
        {"i32", "f16", "f0ff0000", HI5_RANGE_HIGH, 0},             /* 65520 */
        {"i32", "f16", "11f0ffff", HI5_PRECISION, 0},              /* -4079 */
        {"f32", "f16", "00f07fc7", HI5_RANGE_LOW, 0},              /* -65520 */
        {"f32", "bf16", "ffff7f7f", HI5_RANGE_HIGH, 0},
        {"f64", "i64", "59f3f8c21f6ea501", HI5_TRUNCATE, 0},       /* 1e-300 */
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const int what = exception(all[i].from, all[i].to, all[i].bytes);

        ck_assert_msg(what == all[i].native, "%s to %s, %s: %d, not %d", all[i].from,
                      all[i].to, all[i].bytes, what, all[i].native);
    }
}
END_TEST

/* An answer is taken; a failure ends the conversion, and what was done before stays. */
START_TEST(answers)
{
    static const int32_t src[] = {1, 300, 2, -300, 3};
    static const int8_t mine = 42;
    struct asked a = {.answer = &mine};
    int8_t dst[5] = {0};
    hi5_error err;

    ck_ok(convert(HI5_I32, HI5_I8, src, dst, 5, &a, &err), &err);
    ck_assert_int_eq(a.calls, 2);
    ck_assert_mem_eq(dst, "\1\52\2\52\3", 5);
    memset(dst, 7, sizeof dst);
    a = (struct asked){.status = HI5_E_RANGE};
    ck_status(convert(HI5_I32, HI5_I8, src, dst, 5, &a, &err), HI5_E_RANGE);
    ck_assert_str_eq(err.cause, "not this one");
    ck_assert_int_eq(a.calls, 1);
    ck_assert_int_eq(dst[0], 1);
    ck_assert_int_eq(dst[2], 7);
    a = (struct asked){.status = HI5_E_STATE}; /* without a word */
    ck_status(convert(HI5_I32, HI5_I8, src, dst, 5, &a, &err), HI5_E_STATE);
    ck_assert_int_eq(err.status, HI5_E_STATE);
    ck_assert_str_ne(err.cause, "");
}
END_TEST

/* Byte order alone loses nothing: nobody is asked, as in libhdf5. */
START_TEST(byte_order)
{
    hi5_type turned = *HI5_F32;
    struct asked a = {0};
    uint8_t dst[4];
    hi5_error err;

    turned.order = turned.order == HI5_LE ? HI5_BE : HI5_LE;
    ck_ok(convert(HI5_F32, &turned, "\0\0\xc0\x7f", dst, 1, &a, &err), &err);
    ck_assert_int_eq(a.calls, 0);
    ck_assert_mem_eq(dst, "\x7f\xc0\0\0", 4);
}
END_TEST

/* Members of compounds, each with its own types. */
START_TEST(members)
{
    const hi5_member in[] = {{"a", 0, HI5_I32}, {"b", 4, HI5_F64}};
    const hi5_member out[] = {{"b", 0, HI5_I16}, {"a", 2, HI5_U8}};
    struct asked a = {0};
    hi5_type *from, *to;
    uint8_t src[12], dst[3];
    const double half = 2.5;
    hi5_error err;

    ck_ok(hi5_type_compound(12, in, 2, &from, &err), &err);
    ck_ok(hi5_type_compound(3, out, 2, &to, &err), &err);
    memcpy(src, &(int32_t){-1}, 4);
    memcpy(src + 4, &half, 8);
    ck_ok(convert(from, to, src, dst, 1, &a, &err), &err);
    ck_assert_int_eq(a.calls, 2);
    ck_assert_int_eq(a.what, HI5_RANGE_LOW);
    ck_assert_mem_eq(a.value, src, 4);
    ck_assert_int_eq(dst[2], 0);
    hi5_type_free(from);
    hi5_type_free(to);
}
END_TEST

/* Bits of a bitfield that do not fit, as H5T__conv_b_b reports them. */
START_TEST(bitfields)
{
    hi5_type wide = *HI5_U16, narrow = *HI5_U8;
    const uint16_t fits = 0x0080, not = 0x0180;
    struct asked a = {0};
    uint8_t dst;
    hi5_error err;

    wide.cls = narrow.cls = HI5_BITFIELD;
    ck_ok(convert(&wide, &narrow, &fits, &dst, 1, &a, &err), &err);
    ck_assert_int_eq(a.calls, 0);
    ck_assert_uint_eq(dst, 0x80);
    ck_ok(convert(&wide, &narrow, &not, &dst, 1, &a, &err), &err);
    ck_assert_int_eq(a.calls, 1);
    ck_assert_int_eq(a.what, HI5_RANGE_HIGH);
    ck_assert_uint_eq(dst, 0x80);
}
END_TEST

Suite *
suite_exceptions(void)
{
    Suite *const suite = suite_create("exceptions");
    TCase *const tc = tcase_create("exceptions");

    tcase_add_test(tc, as_libhdf5);
    tcase_add_test(tc, known);
    tcase_add_test(tc, answers);
    tcase_add_test(tc, byte_order);
    tcase_add_test(tc, members);
    tcase_add_test(tc, bitfields);
    suite_add_tcase(suite, tc);
    return suite;
}
