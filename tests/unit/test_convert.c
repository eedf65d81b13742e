/*
 * test_convert.c - conversion of everything that is not just a number
 */
#include <stdio.h>
#include <string.h>

#include "../support/support.h"
#include "base/err.h"
#include "space/convert.h"

/* ---- a heap of strings, instead of a file's ---- */

struct heap {
    const uint8_t *object[16];
    size_t size[16];
    int held; /* got and not released */
    uint64_t collection;
};

static hi5_status
heap_get(void *ctx, uint64_t collection, uint32_t index, const uint8_t **bytes,
         size_t *n, void **held, hi5_error *err)
{
    struct heap *h = ctx;

    if (collection != h->collection || index >= 16 || h->object[index] == NULL)
        return err_set(err, HI5_E_CORRUPT, collection, "GCOL", "index", "III.E",
                       "no such object");
    *bytes = h->object[index];
    *n = h->size[index];
    *held = h;
    h->held++;
    return HI5_OK;
}

static void
heap_release(void *ctx, void *held)
{
    struct heap *h = ctx;

    ck_assert_ptr_eq(held, h);
    h->held--;
}

static struct mem account;
static struct arena arena;
static struct heap heap;
static struct conv_env env;
static hi5_error err;

static void
setup(void)
{
    mem_init_libc(&account);
    arena_init(&arena, &account);
    memset(&heap, 0, sizeof heap);
    heap.collection = 0x800;
    env = (struct conv_env){&account, 8, &heap, heap_get, heap_release};
}

/* Nothing held, nothing leaked. */
static void
teardown(void)
{
    arena_done(&arena);
    ck_assert_int_eq(heap.held, 0);
    ck_assert_uint_eq(account.used, 0);
    mem_done(&account);
}

static void
put_object(unsigned index, const void *bytes, size_t n)
{
    heap.object[index] = bytes;
    heap.size[index] = n;
}

/* A variable-length element: length, collection, index; VLEN-01 */
static void
put_slot(uint8_t *p, uint32_t length, uint64_t collection, uint32_t index)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(length >> (8 * i));
    for (unsigned i = 0; i < 8; i++)
        p[4 + i] = (uint8_t)(collection >> (8 * i));
    for (unsigned i = 0; i < 4; i++)
        p[12 + i] = (uint8_t)(index >> (8 * i));
}

static const struct conv *
path(const hi5_type *from, const hi5_type *to)
{
    const struct conv *c;

    ck_ok(conv_open(from, to, &env, &arena, &c, &err), &err);
    return c;
}

static hi5_status
run(const hi5_type *from, const hi5_type *to, const void *src, void *dst, size_t n)
{
    return conv_run(path(from, to), src, dst, n, &err);
}

static void
refuse(const hi5_type *from, const hi5_type *to)
{
    const struct conv *c;

    ck_status(conv_open(from, to, &env, &arena, &c, &err), HI5_E_TYPE);
    ck_assert_ptr_null(c);
    ck_assert_ptr_nonnull(strstr(err.message, "no conversion from"));
}

/* ---- types as a file has them ---- */

static const hi5_type i32b = {
    .cls = HI5_INTEGER, .size = 4, .order = HI5_BE, .is_signed = true, .precision = 32};
static const hi5_type i16b = {
    .cls = HI5_INTEGER, .size = 2, .order = HI5_BE, .is_signed = true, .precision = 16};
static const hi5_type file_str = {.cls = HI5_VLEN,
                                  .size = 16,
                                  .has_vlen = true,
                                  .is_vlen_string = true,
                                  .base = HI5_U8};
static const hi5_type file_seq = {
    .cls = HI5_VLEN, .size = 16, .has_vlen = true, .base = &i16b};

static hi5_type
text(size_t size, hi5_string_pad pad)
{
    return (hi5_type){.cls = HI5_STRING, .size = size, .string_pad = pad};
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

/* ---- strings ---- */

static const struct {
    hi5_string_pad from;
    const char *src; /* 4 bytes */
    hi5_string_pad to;
    size_t size;
    const char *want;
} texts[] = {
    /* TYPE-18, TYPE-19: a full field needs no terminator; TYPE-20: the rest is padding */
    {HI5_NULL_TERMINATED, "abcd", HI5_NULL_PADDED, 6, "abcd\0\0"},
    {HI5_NULL_TERMINATED, "abcd", HI5_NULL_TERMINATED, 4, "abcd"}, /* same bytes */
    {HI5_NULL_PADDED, "abcd", HI5_NULL_TERMINATED, 4, "abc\0"},
    {HI5_NULL_TERMINATED, "ab\0x", HI5_SPACE_PADDED, 5, "ab   "},
    {HI5_NULL_TERMINATED, "ab\0x", HI5_NULL_PADDED, 5, "ab\0\0\0"},
    {HI5_SPACE_PADDED, "ab  ", HI5_NULL_TERMINATED, 4, "ab\0\0"},
    {HI5_SPACE_PADDED, "a b ", HI5_NULL_PADDED, 2, "a "},
    {HI5_SPACE_PADDED, "    ", HI5_NULL_TERMINATED, 3, "\0\0\0"},
    {HI5_NULL_PADDED, "ab  ", HI5_NULL_TERMINATED, 5, "ab  \0"},
    {HI5_NULL_PADDED, "abcd", HI5_NULL_TERMINATED, 3, "ab\0"},
    {HI5_NULL_PADDED, "abcd", HI5_SPACE_PADDED, 3, "abc"},
    {HI5_NULL_PADDED, "\xf0\x9f\x98\x80", HI5_NULL_PADDED, 5, "\xf0\x9f\x98\x80\0"},
};

START_TEST(fixed_strings)
{
    const hi5_type from = text(4, texts[_i].from),
                   to = text(texts[_i].size, texts[_i].to);
    char dst[16];

    memset(dst, 'Z', sizeof dst);
    ck_ok(run(&from, &to, texts[_i].src, dst, 1), &err);
    ck_assert_mem_eq(dst, texts[_i].want, texts[_i].size);
    ck_assert_int_eq(dst[texts[_i].size], 'Z');
}
END_TEST

START_TEST(fixed_to_vlen)
{
    const hi5_type from = text(4, HI5_SPACE_PADDED);
    char *s[3];

    ck_ok(run(&from, HI5_STR, "ab      abcd", s, 3), &err);
    ck_assert_str_eq(s[0], "ab");
    ck_assert_str_eq(s[1], "");
    ck_assert_str_eq(s[2], "abcd");
    conv_reclaim(HI5_STR, &account, s, 3);
    ck_assert_ptr_null(s[0]);
    ck_assert_ptr_null(s[2]);
}
END_TEST

/* VLEN-04, VLEN-17, VLEN-20, VLEN-22 and U-VL-1: with and without a NUL, empty, null,
 * never written, null written as all-ones, one object used twice */
START_TEST(vlen_strings)
{
    uint8_t src[7 * 16] = {0};
    char *s[7];

    put_object(1, "with NUL\0beyond", 15);
    put_object(2, "without", 7);
    put_object(3, "", 0);
    put_slot(src, 9, 0x800, 1);
    put_slot(src + 16, 7, 0x800, 2);
    put_slot(src + 32, 0, 0x800, 3);
    /* 48: zeros */
    put_slot(src + 64, 0, UINT64_MAX, 0);
    put_slot(src + 80, 7, 0x800, 2);
    put_slot(src + 96, 4, 0x800, 2); /* the object may be larger */
    ck_ok(run(&file_str, HI5_STR, src, s, 7), &err);
    ck_assert_str_eq(s[0], "with NUL");
    ck_assert_str_eq(s[1], "without");
    ck_assert_str_eq(s[2], "");
    ck_assert_ptr_null(s[3]);
    ck_assert_ptr_null(s[4]);
    ck_assert_str_eq(s[5], "without");
    ck_assert_str_eq(s[6], "with");
    conv_reclaim(HI5_STR, &account, s, 7);
}
END_TEST

START_TEST(vlen_to_fixed)
{
    const hi5_type to = text(5, HI5_SPACE_PADDED),
                   terminated = text(5, HI5_NULL_TERMINATED);
    uint8_t src[3 * 16] = {0};
    char dst[15];

    put_object(1, "abc", 3);
    put_object(2, "abcdefg", 7);
    put_slot(src, 3, 0x800, 1);
    put_slot(src + 16, 7, 0x800, 2);
    ck_ok(run(&file_str, &to, src, dst, 3), &err);
    ck_assert_mem_eq(dst, "abc  abcde     ", 15);
    ck_ok(run(&file_str, &terminated, src, dst, 3), &err);
    ck_assert_mem_eq(dst, "abc\0\0abcd\0\0\0\0\0\0", 15);
}
END_TEST

/* VLEN-05, U-VL-5: what cannot be resolved is an error that says where, and what came
 * before is freed again. */
START_TEST(vlen_errors)
{
    uint8_t src[3 * 16] = {0};
    char *s[3];

    put_object(1, "abc", 3);
    put_slot(src, 3, 0x800, 1);
    put_slot(src + 16, 4, 0x800, 1); /* longer than the object */
    memset(s, 0xee, sizeof s);
    ck_status(run(&file_str, HI5_STR, src, s, 3), HI5_E_CORRUPT);
    ck_at(&err, 0x800, "variable-length element", "4 base elements of 1 bytes");
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_null(s[i]);
    put_slot(src + 16, 1, 0x800, 7); /* no such object */
    ck_status(run(&file_str, HI5_STR, src, s, 3), HI5_E_CORRUPT);
    ck_at(&err, 0x800, "GCOL", "no such object");
    put_slot(src + 16, 1, 0, 0); /* a length, but no address */
    ck_status(run(&file_str, HI5_STR, src, s, 3), HI5_E_CORRUPT);
    ck_assert_str_eq(err.field, "collection");
    ck_assert_ptr_null(s[0]);
}
END_TEST

/* 0xffffffff elements of a 3-byte object must not be allocated. */
START_TEST(vlen_huge_length)
{
    const hi5_type to = {.cls = HI5_VLEN,
                         .size = sizeof(hi5_vlen),
                         .in_memory = true,
                         .has_vlen = true,
                         .base = HI5_I64};
    uint8_t src[16];
    hi5_vlen v;

    put_object(1, "abc", 3);
    put_slot(src, UINT32_MAX, 0x800, 1);
    account.limit = account.used + 100000;
    ck_status(run(&file_seq, &to, src, &v, 1), HI5_E_CORRUPT);
    ck_assert_uint_eq(v.n, 0);
    ck_assert_ptr_null(v.p);
}
END_TEST

/* ---- sequences ---- */

/* TYPE-28, VLEN-14: sequences of compounds of strings and sequences of BE integers */
START_TEST(nested_vlen)
{
    const hi5_member in[] = {{"s", 0, &file_str}, {"q", 16, &file_seq}};
    const hi5_type pair = compound(32, in, 2);
    const hi5_type outer = {
        .cls = HI5_VLEN, .size = 16, .has_vlen = true, .base = &pair};
    struct {
        char *s;
        hi5_vlen q;
    } * e;
    uint8_t src[32] = {0}, body[64] = {0};
    hi5_type *memory, *native;
    hi5_vlen v[2];

    put_object(1, body, sizeof body);
    put_object(2, "text", 4);
    put_object(3, "\x01\x02\xff\xfe", 4);
    put_slot(body, 4, 0x800, 2);
    put_slot(body + 16, 2, 0x800, 3);
    put_slot(body + 48, 1, 0x800, 3);
    put_slot(src, 2, 0x800, 1);
    ck_ok(hi5_type_native(&outer, &native, &err), &err);
    ck_ok(hi5_type_memory(&outer, &memory, &err), &err);

    ck_ok(run(&outer, native, src, v, 2), &err);
    ck_assert_uint_eq(v[0].n, 2);
    ck_assert_uint_eq(v[1].n, 0);
    ck_assert_ptr_null(v[1].p);
    e = v[0].p;
    ck_assert_str_eq(e[0].s, "text");
    ck_assert_uint_eq(e[0].q.n, 2);
    ck_assert_int_eq(((int16_t *)e[0].q.p)[0], 0x102);
    ck_assert_int_eq(((int16_t *)e[0].q.p)[1], -2);
    ck_assert_ptr_null(e[1].s);
    ck_assert_uint_eq(e[1].q.n, 1);
    conv_reclaim(native, &account, v, 2);
    ck_assert_ptr_null(v[0].p);

    ck_ok(run(&outer, memory, src, v, 1), &err); /* byte order kept */
    e = v[0].p;
    ck_assert_mem_eq(e[0].q.p, "\x01\x02\xff\xfe", 4);
    conv_reclaim(memory, &account, v, 1);

    put_slot(body + 48, 3, 0x800, 3); /* fails deep inside: all of it is freed */
    ck_status(run(&outer, native, src, v, 2), HI5_E_CORRUPT);
    ck_assert_ptr_null(v[0].p);
    hi5_type_free(native);
    hi5_type_free(memory);
}
END_TEST

/* Every allocation fails once: an error, and nothing leaks (teardown). */
START_TEST(out_of_memory)
{
    hi5_type *memory;
    uint8_t src[64] = {0}, body[32] = {0};
    const hi5_type outer = {
        .cls = HI5_VLEN, .size = 16, .has_vlen = true, .base = &file_str};
    const struct conv *c;
    hi5_vlen v[4];

    put_object(1, body, sizeof body);
    put_object(2, "some text", 9);
    put_slot(body, 9, 0x800, 2);
    put_slot(body + 16, 9, 0x800, 2);
    for (unsigned i = 0; i < 4; i++)
        put_slot(src + 16 * i, 2, 0x800, 1);
    ck_ok(hi5_type_memory(&outer, &memory, &err), &err);
    c = path(&outer, memory);
    const uint64_t base = account.used;
    unsigned failures = 0;
    for (uint64_t more = 0;; more += 16) {
        account.limit = base + more;
        if (conv_run(c, src, v, 4, &err) == HI5_OK)
            break;
        failures++;
        ck_assert_int_eq(err.status, HI5_E_LIMIT);
        ck_assert_uint_eq(account.used, base);
        for (unsigned i = 0; i < 4; i++)
            ck_assert_ptr_null(v[i].p);
    }
    ck_assert_uint_gt(failures, 12);
    conv_reclaim(memory, &account, v, 4);
    hi5_type_free(memory);
}
END_TEST

/* ---- compounds ---- */

/* TYPE-24, TYPE-26: other order, other widths, a subset, members the source lacks */
START_TEST(compound_by_name)
{
    const hi5_type in = compound(
        16, (hi5_member[]){{"c", 9, &i32b}, {"a", 1, &i16b}, {"b", 4, HI5_U8}}, 3);
    struct out {
        int64_t b;
        int32_t lacking;
        float a;
        int8_t c;
    };
    const hi5_type to =
        compound(sizeof(struct out),
                 (hi5_member[]){{"a", offsetof(struct out, a), HI5_F32},
                                {"lacking", offsetof(struct out, lacking), HI5_I32},
                                {"b", offsetof(struct out, b), HI5_I64},
                                {"c", offsetof(struct out, c), HI5_I8}},
                 4);
    const uint8_t src[32] = {9, 0xff, 0xfe, 9,    200,  9,    9,    9, 9, 0, 0,
                             1, 0,    9,    9,    9,    9,    0,    7, 9, 1, 9,
                             9, 9,    9,    0xff, 0xff, 0xff, 0xff, 9, 9, 9};
    struct out got[2];
    uint8_t *end = (uint8_t *)&got[0].c + 1;

    memset(got, 0x55, sizeof got);
    ck_ok(run(&in, &to, src, got, 2), &err);
    ck_assert(got[0].a == -2.0f && got[1].a == 7.0f);
    ck_assert_int_eq(got[0].b, 200);
    ck_assert_int_eq(got[1].b, 1);
    ck_assert_int_eq(got[0].c, 127); /* 256 clipped */
    ck_assert_int_eq(got[1].c, -1);
    ck_assert_int_eq(got[0].lacking, 0x55555555); /* left as it was */
    while (end < (uint8_t *)&got[1])              /* padding is zero */
        ck_assert_uint_eq(*end++, 0);
}
END_TEST

/* TYPE-25: the same layout keeps its padding bytes, and is a copy */
START_TEST(compound_copy)
{
    const hi5_member m[] = {{"a", 2, &i16b}, {"b", 6, HI5_U8}};
    const hi5_type t = compound(8, m, 2);
    hi5_type *memory;
    const struct conv *c;
    char dst[16];

    ck_ok(hi5_type_memory(&t, &memory, &err), &err);
    c = path(&t, memory);
    ck_assert(conv_is_copy(c));
    ck_ok(conv_run(c, "0123456789abcdef", dst, 2, &err), &err);
    ck_assert_mem_eq(dst, "0123456789abcdef", 16);
    ck_assert(!conv_is_copy(path(&i16b, HI5_I16)) || TYPE_NATIVE_ORDER == HI5_BE);
    hi5_type_free(memory);
}
END_TEST

/* TYPE-27: arrays of compound subsets keep what the destination had; and many elements
 * cross the blocks in which compounds are done */
START_TEST(array_of_compounds)
{
    enum { N = 3000 };
    const hi5_type in =
        compound(4, (hi5_member[]){{"x", 0, &i16b}, {"y", 2, &i16b}}, 2);
    const hi5_type to =
        compound(4, (hi5_member[]){{"keep", 0, HI5_I16}, {"x", 2, HI5_I16}}, 2);
    const uint32_t dims[] = {2, 3}, flat[] = {6};
    const hi5_type from6 = {
        .cls = HI5_ARRAY, .size = 24, .base = &in, .rank = 2, .dims = dims};
    const hi5_type to6 = {
        .cls = HI5_ARRAY, .size = 24, .base = &to, .rank = 1, .dims = flat};
    static uint8_t src[N * 24];
    static int16_t dst[N * 12];

    for (unsigned i = 0; i < N * 6; i++) {
        src[4 * i] = (uint8_t)(i >> 8);
        src[4 * i + 1] = (uint8_t)i;
        dst[2 * i] = 77;
    }
    ck_ok(run(&from6, &to6, src, dst, N), &err);
    for (unsigned i = 0; i < N * 6; i++) {
        ck_assert_int_eq(dst[2 * i], 77);
        ck_assert_int_eq(dst[2 * i + 1], (int)i);
    }
}
END_TEST

START_TEST(compound_refused)
{
    const hi5_type a = compound(4, (hi5_member[]){{"a", 0, HI5_I32}}, 1);
    const hi5_type b = compound(4, (hi5_member[]){{"b", 0, HI5_I32}}, 1);
    const hi5_type out = compound(4, (hi5_member[]){{"a", 2, HI5_I32}}, 1);
    const hi5_type s = compound(
        1, (hi5_member[]){{"a", 0, &(hi5_type){.cls = HI5_STRING, .size = 1}}}, 1);

    refuse(&a, &b);
    refuse(&out, &a); /* a member that ends outside */
    refuse(&s, &a);
    refuse(&a, HI5_I32);
}
END_TEST

/* ---- enumerations ---- */

/* TYPE-30, TYPE-31, TYPE-36 */
START_TEST(enumerations)
{
    const char *const names[] = {"red", "green", "blue"};
    const char *const other[] = {"blue", "red", "none", "green"};
    const int16_t values[] = {10, 20, 30, 40};
    const hi5_type from = {.cls = HI5_ENUM,
                           .size = 2,
                           .base = &i16b,
                           .members = 3,
                           .names = names,
                           .values = (const uint8_t[]){0, 1, 0, 2, 0xff, 0xff}};
    const hi5_type to = {.cls = HI5_ENUM,
                         .size = 2,
                         .base = HI5_I16,
                         .members = 4,
                         .names = other,
                         .values = (const uint8_t *)values};
    const uint8_t src[] = {0xff, 0xff, 0, 1, 0, 2, 0, 5};
    int16_t dst[4];
    int64_t wide[4];
    hi5_type *native;

    ck_ok(run(&from, &to, src, dst, 4), &err);
    ck_assert_int_eq(dst[0], 10);
    ck_assert_int_eq(dst[1], 20);
    ck_assert_int_eq(dst[2], 40);
    ck_assert_int_eq(dst[3], -1); /* not a member: all ones */
    ck_ok(run(&from, HI5_I64, src, wide, 4), &err);
    ck_assert_int_eq(wide[0], -1);
    ck_assert_int_eq(wide[3], 5);
    refuse(&to, &from); /* "none" is missing */
    refuse(HI5_I16, &to);
    ck_ok(hi5_type_native(&from, &native, &err), &err);
    ck_ok(run(&from, native, src, dst, 3), &err);
    ck_assert_int_eq(dst[0], -1);
    ck_assert_int_eq(dst[1], 1);
    ck_assert_int_eq(dst[2], 2);
    hi5_type_free(native);
}
END_TEST

/* h5py's bool: as it is, and as a number */
START_TEST(boolean)
{
    const char *const names[] = {"FALSE", "TRUE"};
    const hi5_type t = {.cls = HI5_ENUM,
                        .size = 1,
                        .base = HI5_I8,
                        .members = 2,
                        .names = names,
                        .values = (const uint8_t[]){0, 1}};
    const uint8_t src[] = {0, 1, 1};
    uint8_t same[3];
    double d[3];

    ck_assert(conv_is_copy(path(&t, &t)));
    ck_assert(conv_is_copy(path(&t, HI5_I8)));
    ck_ok(run(&t, HI5_U8, src, same, 3), &err);
    ck_assert_mem_eq(same, src, 3);
    ck_ok(run(&t, HI5_F64, src, d, 3), &err);
    ck_assert(d[0] == 0 && d[2] == 1);
}
END_TEST

/* ---- complex, opaque, bitfield, time ---- */

/* TYPE-14 */
START_TEST(complex_numbers)
{
    const hi5_type c32 = {.cls = HI5_COMPLEX, .size = 8, .base = HI5_F32};
    const hi5_type c64 = {.cls = HI5_COMPLEX, .size = 16, .base = HI5_F64};
    const uint32_t two[] = {2}, three[] = {3};
    const hi5_type array = {
        .cls = HI5_ARRAY, .size = 16, .base = HI5_F64, .rank = 1, .dims = two};
    const hi5_type longer = {
        .cls = HI5_ARRAY, .size = 24, .base = HI5_F64, .rank = 1, .dims = three};
    const hi5_type ri =
        compound(16, (hi5_member[]){{"r", 0, HI5_F64}, {"i", 8, HI5_F64}}, 2);
    const hi5_type ir =
        compound(16, (hi5_member[]){{"i", 0, HI5_F64}, {"r", 8, HI5_F64}}, 2);
    const hi5_type mixed =
        compound(12, (hi5_member[]){{"r", 0, HI5_F64}, {"i", 8, HI5_F32}}, 2);
    const hi5_type padded =
        compound(24, (hi5_member[]){{"re", 0, HI5_F64}, {"im", 16, HI5_F64}}, 2);
    const hi5_type integers =
        compound(8, (hi5_member[]){{"r", 0, HI5_I32}, {"i", 4, HI5_I32}}, 2);
    const float src[] = {1.5f, -2, 3, 0.25f};
    double dst[4];
    float back[4];

    ck_ok(run(&c32, &c64, src, dst, 2), &err);
    ck_assert(dst[0] == 1.5 && dst[1] == -2 && dst[3] == 0.25);
    memset(dst, 0, sizeof dst);
    ck_ok(run(&c32, &ri, src, dst, 2), &err);
    ck_assert(dst[0] == 1.5 && dst[1] == -2 && dst[3] == 0.25);
    ck_ok(run(&c32, &array, src, dst, 2), &err);
    ck_assert(dst[2] == 3 && dst[3] == 0.25);
    ck_ok(run(&ri, &c32, dst, back, 2), &err);
    ck_assert(back[0] == 1.5f && back[3] == 0.25f);
    refuse(&c32, &ir);
    refuse(&c32, &mixed);
    refuse(&padded, &c32);
    refuse(&integers, &c32);
    refuse(&c32, &longer);
    refuse(&c32, HI5_F32);
}
END_TEST

START_TEST(plain_bytes)
{
    const hi5_type five = {.cls = HI5_OPAQUE, .size = 5, .tag = "a"};
    const hi5_type other = {.cls = HI5_OPAQUE, .size = 5, .tag = "b"};
    const hi5_type six = {.cls = HI5_OPAQUE, .size = 6, .tag = "a"};
    const hi5_type bits = {.cls = HI5_BITFIELD, .size = 1, .precision = 8};
    const hi5_type time = {.cls = HI5_TIME, .size = 4, .precision = 32};
    hi5_type late = time;
    char dst[5];

    ck_assert(conv_is_copy(path(&five, &other)));
    ck_ok(run(&five, &other, "\0\1\2\3\4", dst, 1), &err);
    ck_assert_mem_eq(dst, "\0\1\2\3\4", 5);
    refuse(&five, &six);
    ck_assert(conv_is_copy(path(&bits, &bits)));
    refuse(&bits, HI5_U8);
    refuse(HI5_U8, &bits);
    ck_assert(conv_is_copy(path(&time, &time)));
    late.order = HI5_BE;
    ck_ok(run(&time, &late, "\1\2\3\4", dst, 1), &err);
    ck_assert_mem_eq(dst, "\4\3\2\1", 4);
    refuse(&time, HI5_I32);
    late.size = 8;
    refuse(&time, &late);
}
END_TEST

/* TYPE-08, TYPE-32, TYPE-37 */
START_TEST(odd_numbers)
{
    hi5_type wide = {.cls = HI5_INTEGER, .size = 20, .precision = 160};
    hi5_type be = *HI5_U8, none = *HI5_U8;

    ck_assert(conv_is_copy(path(&wide, &wide)));
    refuse(&wide, HI5_U64);
    be.order = HI5_BE;
    ck_assert(conv_is_copy(path(&be, HI5_U8)));
    none.size = 0;
    refuse(&none, HI5_U8);
    refuse(HI5_U8, HI5_STR);
    refuse(HI5_STR, HI5_U8);
}
END_TEST

/* ---- references ---- */

static hi5_type
reference(hi5_ref_kind kind, size_t size)
{
    return (hi5_type){
        .cls = HI5_REFERENCE, .size = size, .has_ref = true, .ref_kind = kind};
}

START_TEST(old_references)
{
    const hi5_type object = reference(HI5_REF_OBJECT, 8);
    const hi5_type region = reference(HI5_REF_REGION, 12);
    const hi5_reference null = {0};
    hi5_reference r[3];

    ck_ok(run(&object, HI5_REF,
              "\x20\x03\0\0\0\0\0\0"
              "\0\0\0\0\0\0\0\0"
              "\xff\xff\xff\xff\xff\xff\xff\xff",
              r, 3),
          &err);
    ck_assert_int_eq(r[0].kind, HI5_REF_OBJECT);
    ck_assert_uint_eq(r[0].address, 0x320);
    ck_assert_int_eq(r[0].in_heap, 0);
    ck_assert_mem_eq(&r[1], &null, sizeof null);
    ck_assert_mem_eq(&r[2], &null, sizeof null);
    ck_ok(run(&region, HI5_REF,
              "\x00\x08\0\0\0\0\0\0\5\0\0\0"
              "\0\0\0\0\0\0\0\0\0\0\0\0",
              r, 2),
          &err);
    ck_assert_int_eq(r[0].kind, HI5_REF_REGION);
    ck_assert_int_eq(r[0].in_heap, 1);
    ck_assert_uint_eq(r[0].address, 0x800);
    ck_assert_uint_eq(r[0].index, 5);
    ck_assert_mem_eq(&r[1], &null, sizeof null);
}
END_TEST

/* Elements of H5T_STD_REF as libhdf5 1.12 writes them; O = 8, 18 bytes each */
START_TEST(new_references)
{
    const hi5_type t = reference(HI5_REF_OBJECT2, 18);
    const uint8_t src[4 * 18] = {
        2, 0, 8,    0x20, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        3, 0, 0x60, 0,    0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
        4, 1, 0x0e, 0,    0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0,
    };
    const hi5_reference null = {0};
    uint8_t bad[18] = {9, 0, 1};
    hi5_reference r[4], copy;

    ck_ok(run(&t, HI5_REF, src, r, 4), &err);
    ck_assert_int_eq(r[0].kind, HI5_REF_OBJECT2);
    ck_assert_uint_eq(r[0].address, 0x320);
    ck_assert_int_eq(r[0].in_heap, 0);
    ck_assert_int_eq(r[1].kind, HI5_REF_REGION2);
    ck_assert_int_eq(r[1].in_heap, 1);
    ck_assert_int_eq(r[1].external, 0);
    ck_assert_uint_eq(r[1].size, 0x60);
    ck_assert_uint_eq(r[1].address, 0x800);
    ck_assert_uint_eq(r[1].index, 1);
    ck_assert_int_eq(r[2].kind, HI5_REF_ATTRIBUTE);
    ck_assert_int_eq(r[2].external, 1);
    ck_assert_uint_eq(r[2].index, 2);
    ck_assert_mem_eq(&r[3], &null, sizeof null);
    ck_ok(run(HI5_REF, HI5_REF, &r[1], &copy, 1), &err);
    ck_assert_mem_eq(&copy, &r[1], sizeof copy);

    ck_status(run(&t, HI5_REF, bad, r, 1), HI5_E_CORRUPT);
    ck_at(&err, HI5_NO_ADDRESS, "reference", "no reference of kind 9");
    bad[0] = 2;
    bad[2] = 16; /* a token that is no address */
    ck_status(run(&t, HI5_REF, bad, r, 1), HI5_E_CORRUPT);
    ck_assert_str_eq(err.field, "token size");
}
END_TEST

/* Sizes follow from the file's addresses; a type that says otherwise is not believed. */
START_TEST(sizes_of_the_file)
{
    hi5_type wrong = reference(HI5_REF_OBJECT, 4), str = file_str;

    refuse(&wrong, HI5_REF);
    str.size = 8;
    refuse(&str, HI5_STR);
    refuse(&file_str, &file_str); /* not a memory form */
    refuse(&file_str, &(hi5_type){.cls = HI5_VLEN,
                                  .size = sizeof(hi5_vlen),
                                  .in_memory = true,
                                  .has_vlen = true,
                                  .base = HI5_U8});
    ck_assert_uint_eq(type_file_size(HI5_VLEN, 0, 4), 12);
    ck_assert_uint_eq(type_file_size(HI5_REFERENCE, HI5_REF_OBJECT, 2), 2);
    ck_assert_uint_eq(type_file_size(HI5_REFERENCE, HI5_REF_REGION, 8), 12);
    ck_assert_uint_eq(type_file_size(HI5_REFERENCE, HI5_REF_OBJECT2, 8), 18);
    ck_assert_uint_eq(type_file_size(HI5_INTEGER, 0, 8), 0);
}
END_TEST

Suite *suite_convert(void);

Suite *
suite_convert(void)
{
    Suite *s = suite_create("convert");
    TCase *t = tcase_create("convert");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, fixed_strings, 0, sizeof texts / sizeof *texts);
    tcase_add_test(t, fixed_to_vlen);
    tcase_add_test(t, vlen_strings);
    tcase_add_test(t, vlen_to_fixed);
    tcase_add_test(t, vlen_errors);
    tcase_add_test(t, vlen_huge_length);
    tcase_add_test(t, nested_vlen);
    tcase_add_test(t, out_of_memory);
    tcase_add_test(t, compound_by_name);
    tcase_add_test(t, compound_copy);
    tcase_add_test(t, array_of_compounds);
    tcase_add_test(t, compound_refused);
    tcase_add_test(t, enumerations);
    tcase_add_test(t, boolean);
    tcase_add_test(t, complex_numbers);
    tcase_add_test(t, plain_bytes);
    tcase_add_test(t, odd_numbers);
    tcase_add_test(t, old_references);
    tcase_add_test(t, new_references);
    tcase_add_test(t, sizes_of_the_file);
    suite_add_tcase(s, t);
    return s;
}
