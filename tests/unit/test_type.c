/*
 * test_type.c - datatypes: predefined, built, memory and native forms, sameness
 */
#include <float.h>
#include <string.h>

#include "../support/support.h"
#include "space/type.h"

static hi5_error err;

static hi5_type
integer(size_t size, bool sign, hi5_byte_order order, unsigned precision)
{
    return (hi5_type){.cls = HI5_INTEGER,
                      .size = size,
                      .is_signed = sign,
                      .order = order,
                      .precision = (uint16_t)precision,
                      .committed = HI5_NO_ADDRESS};
}

static hi5_type
opposite(const hi5_type *t)
{
    hi5_type o = *t;

    o.order = TYPE_NATIVE_ORDER == HI5_LE ? HI5_BE : HI5_LE;
    return o;
}

static hi5_type
compound(size_t size, const hi5_member *m, uint32_t n)
{
    hi5_type t = {.cls = HI5_COMPOUND, .size = size, .members = n, .member = m};

    for (uint32_t i = 0; i < n; i++) {
        t.has_vlen |= m[i].type->has_vlen;
        t.has_ref |= m[i].type->has_ref;
    }
    return t;
}

static const hi5_type file_str = {.cls = HI5_VLEN,
                                  .size = 16,
                                  .has_vlen = true,
                                  .is_vlen_string = true,
                                  .charset = HI5_UTF8,
                                  .base = HI5_U8};
static const hi5_type file_ref = {.cls = HI5_REFERENCE, .size = 8, .has_ref = true};

START_TEST(predefined)
{
    hi5_type_info i;
    const uint16_t one = 1;

    hi5_type_get_info(HI5_F32, &i);
    ck_assert_int_eq(i.cls, HI5_FLOAT);
    ck_assert_uint_eq(i.size, 4);
    ck_assert_uint_eq(i.precision, 32);
    ck_assert_uint_eq(i.sign_pos, 31);
    ck_assert_uint_eq(i.exp_pos, 23);
    ck_assert_uint_eq(i.exp_size, 8);
    ck_assert_uint_eq(i.man_pos, 0);
    ck_assert_uint_eq(i.man_size, 23);
    ck_assert_uint_eq(i.exp_bias, 127);
    ck_assert_int_eq(i.norm, HI5_NORM_IMPLIED);
    hi5_type_get_info(HI5_F16, &i);
    ck_assert_uint_eq(i.exp_pos, 10);
    ck_assert_uint_eq(i.exp_bias, 15);
    hi5_type_get_info(HI5_BF16, &i);
    ck_assert_uint_eq(i.exp_pos, 7);
    ck_assert_uint_eq(i.exp_bias, 127);
    hi5_type_get_info(HI5_F64, &i);
    ck_assert_uint_eq(i.sign_pos, 63);
    ck_assert_uint_eq(i.exp_bias, 1023);
    hi5_type_get_info(HI5_I16, &i);
    ck_assert(i.is_signed);
    ck_assert_int_eq(i.order, *(const uint8_t *)&one == 1 ? HI5_LE : HI5_BE);
    hi5_type_get_info(HI5_STR, &i);
    ck_assert(i.is_vlen_string && i.in_memory);
    ck_assert_uint_eq(i.size, sizeof(char *));
    ck_assert_uint_eq(hi5_type_size(HI5_REF), sizeof(hi5_reference));
    ck_assert(hi5_type_has_vlen(HI5_STR) && hi5_type_has_reference(HI5_REF));
    ck_assert(hi5_type_committed(HI5_I8) == HI5_NO_ADDRESS);
}
END_TEST

/* ---- native ---- */

static const struct {
    unsigned size, precision;
    bool sign;
    const hi5_type *want;
} integers[] = {
    {1, 8, true, HI5_I8},    {2, 8, false, HI5_U8},  {2, 9, true, HI5_I16},
    {3, 24, false, HI5_U32}, {4, 12, true, HI5_I16}, {8, 32, true, HI5_I32},
    {8, 33, false, HI5_U64}, {8, 64, true, HI5_I64}, {16, 128, false, HI5_U64},
};

START_TEST(native_integers)
{
    const hi5_type t =
        integer(integers[_i].size, integers[_i].sign, HI5_BE, integers[_i].precision);
    hi5_type bits = t;
    hi5_type *n;

    ck_ok(hi5_type_native(&t, &n, &err), &err);
    ck_assert(hi5_type_equal(n, integers[_i].want));
    hi5_type_free(n);
    bits.cls = HI5_BITFIELD;
    bits.is_signed = false;
    ck_ok(hi5_type_native(&bits, &n, &err), &err);
    ck_assert_int_eq(n->cls, HI5_BITFIELD);
    ck_assert_uint_eq(n->size, integers[_i].want->size);
    ck_assert(!n->is_signed);
    hi5_type_free(n);
}
END_TEST

/* TYPE-34: bfloat16 and FP8 are not what their size says */
START_TEST(native_floats)
{
    const hi5_type f32 = opposite(HI5_F32), bf16 = opposite(HI5_BF16);
    const hi5_type e4m3 = {.cls = HI5_FLOAT,
                           .size = 1,
                           .precision = 8,
                           .sign_pos = 7,
                           .exp_pos = 3,
                           .exp_size = 4,
                           .man_size = 3,
                           .exp_bias = 7,
                           .norm = HI5_NORM_IMPLIED};
    const hi5_type quad = {.cls = HI5_FLOAT,
                           .size = 16,
                           .precision = 128,
                           .sign_pos = 127,
                           .exp_pos = 112,
                           .exp_size = 15,
                           .man_size = 112,
                           .exp_bias = 16383,
                           .norm = HI5_NORM_IMPLIED};
    hi5_type vax = *HI5_F64;
    hi5_type *n;

    ck_ok(hi5_type_native(&f32, &n, &err), &err);
    ck_assert(hi5_type_equal(n, HI5_F32));
    hi5_type_free(n);
    ck_ok(hi5_type_native(&bf16, &n, &err), &err);
    ck_assert(hi5_type_equal(n, HI5_F32));
    hi5_type_free(n);
    ck_ok(hi5_type_native(&e4m3, &n, &err), &err);
    ck_assert(hi5_type_equal(n, HI5_F16));
    hi5_type_free(n);
    vax.order = HI5_VAX;
    vax.exp_bias = 1025;
    ck_ok(hi5_type_native(&vax, &n, &err), &err);
    ck_assert(hi5_type_equal(n, HI5_F64));
    hi5_type_free(n);
    ck_ok(hi5_type_native(&quad, &n, &err), &err);
#if LDBL_MANT_DIG == 64
    ck_assert_uint_eq(n->size, sizeof(long double));
    ck_assert_uint_eq(n->precision, 80);
    ck_assert_uint_eq(n->man_size, 64);
    ck_assert_int_eq(n->norm, HI5_NORM_NONE);
#elif LDBL_MANT_DIG == 113
    ck_assert_uint_eq(n->man_size, 112);
#else
    ck_assert(hi5_type_equal(n, HI5_F64));
#endif
    hi5_type_free(n);
}
END_TEST

struct inner {
    int8_t a;
    double d;
};
struct outer {
    int8_t first;
    int64_t wide;
    float f[3];
    char s[3];
    int16_t half;
    struct inner in;
    char tail;
};

/* Offsets as a C compiler lays them out, as H5Tget_native_type does. */
START_TEST(native_compound)
{
    const hi5_type i64 = opposite(HI5_I64), f32 = opposite(HI5_F32);
    const hi5_type i16 = opposite(HI5_I16), f64 = opposite(HI5_F64);
    const uint32_t three[] = {3};
    const hi5_type array = {
        .cls = HI5_ARRAY, .size = 12, .base = &f32, .rank = 1, .dims = three};
    const hi5_type s3 = {.cls = HI5_STRING, .size = 3};
    const hi5_type in =
        compound(9, (hi5_member[]){{"a", 8, HI5_I8}, {"d", 0, &f64}}, 2);
    const hi5_member m[] = {{"first", 0, HI5_I8}, {"wide", 1, &i64},  {"f", 9, &array},
                            {"s", 21, &s3},       {"half", 24, &i16}, {"in", 26, &in},
                            {"tail", 35, HI5_I8}};
    const hi5_type t = compound(36, m, 7);
    const size_t offset[] = {
        offsetof(struct outer, first), offsetof(struct outer, wide),
        offsetof(struct outer, f),     offsetof(struct outer, s),
        offsetof(struct outer, half),  offsetof(struct outer, in),
        offsetof(struct outer, tail)};
    hi5_type *n;
    hi5_member got, deep;

    ck_ok(hi5_type_native(&t, &n, &err), &err);
    ck_assert_uint_eq(hi5_type_size(n), sizeof(struct outer));
    for (unsigned i = 0; i < 7; i++) {
        ck_assert(hi5_type_member(n, i, &got));
        ck_assert_str_eq(got.name, m[i].name);
        ck_assert_uint_eq(got.offset, offset[i]);
    }
    ck_assert(!hi5_type_member(n, 7, &got));
    ck_assert(hi5_type_member(n, 5, &got));
    ck_assert_uint_eq(hi5_type_size(got.type), sizeof(struct inner));
    ck_assert(hi5_type_member(got.type, 1, &deep));
    ck_assert_uint_eq(deep.offset, offsetof(struct inner, d));
    ck_assert(hi5_type_equal(deep.type, HI5_F64));
    hi5_type_free(n);
    ck_ok(hi5_type_memory(&t, &n, &err), &err); /* TYPE-25: without vlen just copied */
    ck_assert(hi5_type_equal(n, &t) && type_same_bytes(n, &t));
    hi5_type_free(n);
}
END_TEST

START_TEST(native_enum)
{
    const char *const names[] = {"no", "yes"};
    const hi5_type base = integer(2, true, HI5_BE, 16);
    const hi5_type t = {.cls = HI5_ENUM,
                        .size = 2,
                        .base = &base,
                        .members = 2,
                        .names = names,
                        .values = (const uint8_t[]){0xff, 0xfe, 0, 7}};
    const int16_t yes = 7, none = 1;
    const char *name;
    const void *value;
    hi5_type *n;
    int16_t v;

    ck_ok(hi5_type_native(&t, &n, &err), &err);
    ck_assert(hi5_type_enum_member(n, 0, &name, &value));
    memcpy(&v, value, sizeof v);
    ck_assert_str_eq(name, "no");
    ck_assert_int_eq(v, -2);
    ck_assert_str_eq(hi5_type_enum_name(n, &yes), "yes");
    ck_assert_ptr_null(hi5_type_enum_name(n, &none));
    ck_assert(!hi5_type_enum_member(n, 2, &name, &value));
    ck_assert(!hi5_type_equal(n, &t) || TYPE_NATIVE_ORDER == HI5_BE);
    hi5_type_free(n);
}
END_TEST

/* ---- memory ---- */

struct mixed {
    char pad[3];
    char *s;
    uint8_t be16[2]; /* aligned as a uint16_t */
    hi5_reference r;
    hi5_vlen q[2];
    uint8_t flag;
};

/* Compounds that hold vlen or references get a layout of their own; orders stay. */
START_TEST(memory_compound)
{
    const hi5_type be16 = integer(2, true, HI5_BE, 16);
    const hi5_type s3 = {.cls = HI5_STRING, .size = 3};
    const hi5_type seq = {.cls = HI5_VLEN, .size = 16, .has_vlen = true, .base = &be16};
    const uint32_t two[] = {2};
    const hi5_type array = {.cls = HI5_ARRAY,
                            .size = 32,
                            .base = &seq,
                            .rank = 1,
                            .dims = two,
                            .has_vlen = true};
    const hi5_member m[] = {{"pad", 0, &s3},     {"s", 3, &file_str},
                            {"be16", 19, &be16}, {"r", 21, &file_ref},
                            {"q", 29, &array},   {"flag", 61, HI5_U8}};
    const hi5_type t = compound(62, m, 6);
    const size_t offset[] = {0,
                             offsetof(struct mixed, s),
                             offsetof(struct mixed, be16),
                             offsetof(struct mixed, r),
                             offsetof(struct mixed, q),
                             offsetof(struct mixed, flag)};
    hi5_type_info info;
    hi5_member got;
    hi5_type *n;

    ck_assert(hi5_type_has_vlen(&t) && hi5_type_has_reference(&t));
    ck_ok(hi5_type_memory(&t, &n, &err), &err);
    ck_assert_uint_eq(hi5_type_size(n), sizeof(struct mixed));
    for (unsigned i = 0; i < 6; i++) {
        ck_assert(hi5_type_member(n, i, &got));
        ck_assert_uint_eq(got.offset, offset[i]);
    }
    ck_assert(hi5_type_member(n, 2, &got) && hi5_type_equal(got.type, &be16));
    ck_assert(hi5_type_member(n, 4, &got));
    hi5_type_get_info(got.type, &info);
    ck_assert_uint_eq(info.size, 2 * sizeof(hi5_vlen));
    hi5_type_get_info(info.base, &info);
    ck_assert(info.in_memory);
    ck_assert(hi5_type_equal(info.base, &be16));
    ck_assert(hi5_type_has_vlen(n) && hi5_type_has_reference(n));
    hi5_type_free(n);
    ck_ok(hi5_type_memory(&file_str, &n, &err), &err);
    ck_assert(hi5_type_equal(n, HI5_STR));
    hi5_type_free(n);
}
END_TEST

/* A packed compound inside stays bytes; one laid out as in C keeps its alignment. */
START_TEST(alignment)
{
    const hi5_type packed =
        compound(5, (hi5_member[]){{"a", 0, HI5_I8}, {"b", 1, HI5_I32}}, 2);
    const hi5_type loose =
        compound(8, (hi5_member[]){{"a", 0, HI5_I8}, {"b", 4, HI5_I32}}, 2);
    const hi5_type t24 = integer(3, false, HI5_LE, 24);

    ck_assert_uint_eq(type_align(&packed), 1);
    ck_assert_uint_eq(type_align(&loose), _Alignof(int32_t));
    ck_assert_uint_eq(type_align(HI5_STR), _Alignof(char *));
    ck_assert_uint_eq(type_align(HI5_REF), _Alignof(hi5_reference));
    ck_assert_uint_eq(type_align(&file_str), 1);
    ck_assert_uint_eq(type_align(&t24), 1);
}
END_TEST

/* ---- sameness ---- */

START_TEST(equality)
{
    const hi5_type be = opposite(HI5_I32), half = *HI5_F16, bf = *HI5_BF16;
    hi5_type pad = *HI5_I32, byte = opposite(HI5_U8), at = *HI5_I32;

    ck_assert(hi5_type_equal(HI5_I32, HI5_I32));
    ck_assert(!hi5_type_equal(HI5_I32, &be) && !type_same_bytes(HI5_I32, &be));
    ck_assert(!hi5_type_equal(HI5_I32, HI5_U32) && !type_same_bytes(HI5_I32, HI5_U32));
    ck_assert(!hi5_type_equal(HI5_I32, HI5_F32));
    ck_assert(!hi5_type_equal(&half, &bf) &&
              !type_same_bytes(&half, &bf)); /* TYPE-34 */
    at.committed = 0x320;                    /* where it was found does not matter */
    at.version = 3;
    ck_assert(hi5_type_equal(HI5_I32, &at));
    /* TYPE-37: a byte has an order, too, but the same bits */
    ck_assert(!hi5_type_equal(&byte, HI5_U8) && type_same_bytes(&byte, HI5_U8));
    /* padding of which there is none */
    pad.msb_pad = HI5_PAD_ONE;
    ck_assert(!hi5_type_equal(&pad, HI5_I32) && type_same_bytes(&pad, HI5_I32));
    pad.precision = at.precision = 30;
    ck_assert(!type_same_bytes(&pad, &at));
    ck_assert(!type_same_bytes(HI5_STR, HI5_STR) && !type_same_bytes(HI5_REF, HI5_REF));
}
END_TEST

START_TEST(equality_of_compounds)
{
    const hi5_member m[] = {{"a", 0, HI5_I32}, {"b", 4, HI5_F32}, {"c", 8, HI5_U8}};
    const hi5_member turned[] = {
        {"c", 8, HI5_U8}, {"a", 0, HI5_I32}, {"b", 4, HI5_F32}};
    const hi5_member named[] = {{"a", 0, HI5_I32}, {"b", 4, HI5_F32}, {"d", 8, HI5_U8}};
    const hi5_member moved[] = {{"a", 0, HI5_I32}, {"b", 4, HI5_F32}, {"c", 9, HI5_U8}};
    const hi5_member typed[] = {{"a", 0, HI5_I32}, {"b", 4, HI5_I32}, {"c", 8, HI5_U8}};
    const hi5_type t = compound(12, m, 3), u = compound(12, turned, 3);
    const hi5_type v = compound(12, named, 3), w = compound(12, moved, 3);
    const hi5_type x = compound(12, typed, 3), y = compound(12, m, 2);
    const uint32_t d23[] = {2, 3}, d6[] = {6};
    const hi5_type a = {
        .cls = HI5_ARRAY, .size = 24, .base = HI5_I32, .rank = 2, .dims = d23};
    const hi5_type b = {
        .cls = HI5_ARRAY, .size = 24, .base = HI5_I32, .rank = 1, .dims = d6};

    ck_assert(hi5_type_equal(&t, &u));
    ck_assert(!hi5_type_equal(&t, &v) && !type_same_bytes(&t, &v));
    ck_assert(!hi5_type_equal(&t, &w) && !type_same_bytes(&t, &w));
    ck_assert(!hi5_type_equal(&t, &x) && !type_same_bytes(&t, &x));
    ck_assert(!hi5_type_equal(&t, &y) && !type_same_bytes(&t, &y));
    ck_assert(type_same_bytes(&t, &t));
    ck_assert(!hi5_type_equal(&a, &b) && type_same_bytes(&a, &b));
}
END_TEST

START_TEST(equality_of_enums)
{
    const char *const ab[] = {"a", "b"}, *const ba[] = {"b", "a"},
                      *const ac[] = {"a", "c"};
    hi5_type t = {.cls = HI5_ENUM,
                  .size = 1,
                  .base = HI5_I8,
                  .members = 2,
                  .names = ab,
                  .values = (const uint8_t[]){1, 2}};
    hi5_type u = t;

    u.names = ba;
    ck_assert(!hi5_type_equal(&t, &u));
    u.values = (const uint8_t[]){2, 1};
    ck_assert(hi5_type_equal(&t, &u));
    u = t;
    u.names = ac;
    ck_assert(!hi5_type_equal(&t, &u) && !type_same_bytes(&t, &u));
}
END_TEST

/* ---- building ---- */

/* Everything is copied: the originals may go. */
START_TEST(builders)
{
    hi5_type *s, *v, *a, *c, *o, *copy;
    uint32_t dims[] = {2, 3};
    char name[] = "text";
    hi5_member m[] = {{name, 0, NULL}, {"seq", 8, NULL}};
    hi5_type_info i;
    hi5_member got;

    ck_ok(hi5_type_string(5, HI5_SPACE_PADDED, HI5_UTF8, &s, &err), &err);
    ck_ok(hi5_type_vlen(HI5_I16, &v, &err), &err);
    m[0].type = s;
    m[1].type = v;
    ck_ok(hi5_type_compound(8 + sizeof(hi5_vlen), m, 2, &c, &err), &err);
    ck_ok(hi5_type_array(c, 2, dims, &a, &err), &err);
    hi5_type_free(s);
    hi5_type_free(v);
    hi5_type_free(c);
    dims[0] = 0;
    name[0] = 0;
    ck_ok(hi5_type_copy(a, &copy, &err), &err);
    ck_assert(hi5_type_equal(a, copy));
    hi5_type_free(a);
    hi5_type_get_info(copy, &i);
    ck_assert_uint_eq(i.rank, 2);
    ck_assert_uint_eq(i.dims[0], 2);
    ck_assert_uint_eq(i.size, 6 * (8 + sizeof(hi5_vlen)));
    ck_assert(hi5_type_has_vlen(copy) && !hi5_type_has_reference(copy));
    ck_assert(hi5_type_member(i.base, 0, &got));
    ck_assert_str_eq(got.name, "text");
    ck_assert_uint_eq(hi5_type_size(got.type), 5);
    hi5_type_free(copy);
    ck_ok(hi5_type_opaque(3, NULL, &o, &err), &err);
    hi5_type_get_info(o, &i);
    ck_assert_str_eq(i.tag, "");
    hi5_type_free(o);
    hi5_type_free(NULL);
}
END_TEST

/* TYPE-32 and other nonsense */
START_TEST(refusals)
{
    const uint32_t none[] = {2, 0}, many[] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    hi5_type *t = NULL;

    ck_status(hi5_type_string(0, HI5_NULL_PADDED, HI5_ASCII, &t, &err), HI5_E_ARG);
    ck_status(hi5_type_string(1, (hi5_string_pad)3, HI5_ASCII, &t, &err), HI5_E_ARG);
    ck_status(hi5_type_string(1, HI5_NULL_PADDED, (hi5_charset)2, &t, &err), HI5_E_ARG);
    ck_status(hi5_type_opaque(0, "x", &t, &err), HI5_E_ARG);
    ck_status(hi5_type_array(HI5_I8, 0, none, &t, &err), HI5_E_ARG);
    ck_status(hi5_type_array(HI5_I8, 33, none, &t, &err), HI5_E_ARG);
    ck_status(hi5_type_array(HI5_I8, 2, none, &t, &err), HI5_E_ARG);
    ck_status(hi5_type_array(HI5_I8, 3, many, &t, &err), HI5_E_ARG);
    ck_status(hi5_type_compound(4, NULL, 0, &t, &err), HI5_E_ARG);
    ck_status(hi5_type_compound(4, (hi5_member[]){{"a", 1, HI5_I32}}, 1, &t, &err),
              HI5_E_ARG);
    ck_status(hi5_type_compound(4, (hi5_member[]){{"", 0, HI5_I32}}, 1, &t, &err),
              HI5_E_ARG);
    ck_status(hi5_type_compound(8, (hi5_member[]){{"a", 2, HI5_I32}, {"b", 0, HI5_I32}},
                                2, &t, &err),
              HI5_E_ARG);
    ck_assert_ptr_nonnull(strstr(err.message, "members b and a overlap"));
    ck_status(hi5_type_compound(8, (hi5_member[]){{"a", 4, HI5_I32}, {"a", 0, HI5_I32}},
                                2, &t, &err),
              HI5_E_ARG);
    ck_assert_ptr_nonnull(strstr(err.message, "two members are named a"));
    ck_assert_ptr_null(t);
}
END_TEST

Suite *suite_type(void);

Suite *
suite_type(void)
{
    Suite *s = suite_create("type");
    TCase *t = tcase_create("type");

    tcase_add_test(t, predefined);
    tcase_add_loop_test(t, native_integers, 0, sizeof integers / sizeof *integers);
    tcase_add_test(t, native_floats);
    tcase_add_test(t, native_compound);
    tcase_add_test(t, native_enum);
    tcase_add_test(t, memory_compound);
    tcase_add_test(t, alignment);
    tcase_add_test(t, equality);
    tcase_add_test(t, equality_of_compounds);
    tcase_add_test(t, equality_of_enums);
    tcase_add_test(t, builders);
    tcase_add_test(t, refusals);
    suite_add_tcase(s, t);
    return s;
}
