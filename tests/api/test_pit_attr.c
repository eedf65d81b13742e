/*
 * test_pit_attr.c - pitfalls of attributes: ATTR-xx of docs/pitfalls.md
 */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"
#include "support.h"

Suite *suite_pit_attr(void);

enum { MSG_ATTRIBUTE = 0x0c, MSG_ATTRIBUTE_INFO = 0x15 };

static const char *const files[] = {"good/pit-attrs-old.h5", "good/pit-attrs-new.h5"};
static const char *const owners[] = {"group", "dataset", "type"};

static hi5_attribute *
attribute_of(hi5_file *f, const char *path, const char *name, hi5_attribute_info *i)
{
    hi5_object *o;
    hi5_attribute *a;
    hi5_error err;

    ck_ok(hi5_object_open(f, path, &o, &err), &err);
    ck_ok(hi5_attribute_open(o, name, &a, &err), &err);
    hi5_object_close(o);
    hi5_attribute_get_info(a, i);
    return a;
}

static void
read_as(hi5_file *f, const char *path, const char *name, const hi5_type *t, void *buf)
{
    hi5_attribute_info i;
    hi5_attribute *const a = attribute_of(f, path, name, &i);
    hi5_error err;

    ck_ok(hi5_attribute_read(a, t, buf, &err), &err);
    hi5_attribute_close(a);
}

struct seen {
    unsigned good, bad;
    hi5_error first;
};

static hi5_status
see(void *ctx, hi5_attribute *a, const hi5_error *bad, hi5_error *err)
{
    struct seen *const s = ctx;

    (void)err;
    if (a != NULL)
        s->good++;
    else if (s->bad++ == 0)
        s->first = *bad;
    return HI5_OK;
}

static struct seen
list(const struct patch *p, const char *path)
{
    hi5_file *const f = patch_open(p);
    struct seen s = {0};
    hi5_object *o;
    hi5_error err;

    ck_ok(hi5_object_open(f, path, &o, &err), &err);
    ck_ok(hi5_attribute_each(o, HI5_BY_NAME, false, see, &s, &err), &err);
    hi5_object_close(o);
    hi5_close(f, NULL);
    return s;
}

/* ATTR-01: attributes are those that are in the header, with an attribute info message
 * or without. */
START_TEST(no_attribute_info)
{
    struct patch p = patch_load("good/pit-attrs-new.h5");
    const uint64_t at = patch_object(&p, "five");
    const hi5_message m = patch_message(&p, "five", MSG_ATTRIBUTE_INFO);
    hi5_file *f;
    hi5_object *o;
    hi5_object_info i;
    hi5_error err;

    p.b[m.address - 4 - (p.b[at + 5] & 4 ? 2 : 0)] = 0;
    patch_fix(&p, at);
    ck_assert_uint_eq(list(&p, "five").good, 5);
    f = patch_open(&p);
    ck_ok(hi5_object_open(f, "five", &o, &err), &err);
    ck_ok(hi5_object_get_info(o, &i, &err), &err);
    ck_assert_uint_eq(i.attributes, 5);
    hi5_object_close(o);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* ATTR-02, ATTR-03, ATTR-05: a type of size 0, no name, an unknown version of the
 * datatype: the attribute is told of as bad, and its four siblings are read. An empty
 * name is bad for writers; the value behind it is read. */
START_TEST(one_bad_of_five)
{
    static const struct {
        unsigned offset; /* in a version-3 message with a name of three bytes */
        unsigned width;
        uint64_t value;
        const char *structure; /* NULL: read all the same */
    } all[] = {
        {9 + 3 + 4, 4, 0, "datatype message"}, /* size */
        {9, 1, 0, NULL},                       /* the name begins with its end */
        {2, 2, 0, "attribute message"},        /* no bytes of name, not even the end */
        {9 + 3, 1, 0xf0, "datatype message"},  /* version 15 */
    };

    for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++) {
        struct patch p = patch_load("good/pit-attrs-new.h5");
        const uint64_t at = patch_object(&p, "five");
        const hi5_message m = patch_message_at(&p, at, MSG_ATTRIBUTE, 2);
        struct seen s;

        ck_assert_uint_eq(p.b[m.address], 3);
        patch_put(&p, m.address + all[k].offset, all[k].width, all[k].value);
        patch_fix(&p, at);
        s = list(&p, "five");
        ck_assert_uint_eq(s.good, all[k].structure ? 4 : 5);
        ck_assert_uint_eq(s.bad, all[k].structure ? 1 : 0);
        ck_assert_msg(!all[k].structure ||
                          strcmp(s.first.structure, all[k].structure) == 0,
                      "%zu: %s", k, error_text(&s.first));
        ck_assert(!s.bad || strstr(s.first.message, "five") != NULL);
        patch_free(&p);
    }
}
END_TEST

/* ATTR-04: names of 1 to 17 bytes, in messages of versions 1 (padded), 2 and 3. */
START_TEST(lengths_of_names)
{
    static const unsigned versions[2][2] = {{1, 2}, {3, 3}};

    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(files[k]);

        for (int i = 1; i <= 17; i++)
            for (int committed = 0; committed < 2; committed++) {
                char name[32] = "abcdefghijklmnopqrstuvw";
                hi5_attribute_info info;
                hi5_attribute *a;
                hi5_error err;
                int32_t v;

                name[i] = '\0';
                name[0] = committed ? 'A' : 'a';
                a = attribute_of(f, "lengths of names", name, &info);
                ck_assert_str_eq(info.name, name);
                ck_assert_uint_eq(info.version, versions[k][committed]);
                ck_ok(hi5_attribute_read(a, HI5_I32, &v, &err), &err);
                ck_assert_int_eq(v, i);
                hi5_attribute_close(a);
            }
        hi5_close(f, NULL);
    }
}
END_TEST

/* ATTR-06: 70,000 bytes, which no message can hold. */
START_TEST(larger_than_messages)
{
    hi5_file *const f = open_fixture("good/attrs-large.h5");
    hi5_attribute_info i;

    hi5_attribute_close(attribute_of(f, "/", "huge", &i));
    ck_assert_uint_eq(i.size, 70000);
    hi5_close(f, NULL);
}
END_TEST

/* ATTR-10: nothing is read where there is nothing: null and zero-sized, in both
 * versions of headers. */
START_TEST(no_elements)
{
    static const char *const names[] = {"null", "zero"};
    static const char *const where[] = {"shapes", "dataset"};

    for (int k = 0; k < 8; k++) {
        hi5_file *const f =
            open_fixture(k & 1 ? "good/attrs-new.h5" : "good/attrs-old.h5");
        hi5_attribute_info i;
        hi5_attribute *const a = attribute_of(f, where[k >> 1 & 1], names[k >> 2], &i);
        hi5_error err;
        int32_t v = 4711;

        ck_assert_int_eq(i.shape.kind, k >> 2 ? HI5_SIMPLE : HI5_NULL);
        ck_assert_uint_eq(hi5_shape_count(&i.shape), 0);
        ck_ok(hi5_attribute_read(a, HI5_I32, &v, &err), &err);
        ck_assert_int_eq(v, 4711);
        hi5_attribute_close(a);
        hi5_close(f, NULL);
    }
}
END_TEST

/* ATTR-12, ATTR-25: a scalar is not an array of one, and two are two. */
START_TEST(one_and_scalar)
{
    for (int k = 0; k < 6; k++) {
        hi5_file *const f = open_fixture(files[k & 1]);
        hi5_attribute_info i;
        hi5_type_info t;
        int64_t v[3] = {0, 0, 77};

        hi5_attribute_close(attribute_of(f, owners[k >> 1], "i64", &i));
        ck_assert_int_eq(i.shape.kind, HI5_SCALAR);
        ck_assert_uint_eq(i.shape.rank, 0);
        hi5_attribute_close(attribute_of(f, owners[k >> 1], "one", &i));
        ck_assert_int_eq(i.shape.kind, HI5_SIMPLE);
        ck_assert_uint_eq(i.shape.rank, 1);
        ck_assert_uint_eq(i.shape.dims[0], 1);
        hi5_attribute_close(attribute_of(f, owners[k >> 1], "two", &i));
        ck_assert_uint_eq(hi5_shape_count(&i.shape), 2);
        read_as(f, owners[k >> 1], "two", HI5_I64, v);
        ck_assert(v[0] == INT64_MIN && v[1] == 5 && v[2] == 77);
        {
            hi5_attribute *a = attribute_of(f, owners[k >> 1], "ascii", &i);

            hi5_type_get_info(i.type, &t);
            ck_assert_int_eq(t.charset, HI5_ASCII);
            ck_assert_uint_eq(t.size, 5);
            hi5_attribute_close(a);
            a = attribute_of(f, owners[k >> 1], "utf8", &i);
            hi5_type_get_info(i.type, &t);
            ck_assert_int_eq(t.charset, HI5_UTF8);
            hi5_attribute_close(a);
        }
        hi5_close(f, NULL);
    }
}
END_TEST

static void
check_strings(hi5_file *f, const char *owner, const char *name, const char *wanted)
{
    hi5_attribute_info i;
    hi5_attribute *const a = attribute_of(f, owner, name, &i);
    hi5_error err;
    char **s;
    size_t n;

    ck_ok(hi5_attribute_read_strings(a, &s, &n, &err), &err);
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(s[0], wanted);
    hi5_free(f, s);
    hi5_attribute_close(a);
}

/* ATTR-13, ATTR-24, ATTR-07: every class on every kind of object, the numpy bool among
 * them, listed and read; with more than eight attributes new files have them dense. */
START_TEST(every_class)
{
    for (int k = 0; k < 6; k++) {
        struct patch p = patch_load(files[k & 1]);
        const char *const owner = owners[k >> 1];
        hi5_file *const f = patch_open(&p);
        unsigned char b[16];
        int64_t pair[2];
        int32_t yes;
        hi5_attribute_info i;
        hi5_reference ref;
        hi5_target target;
        hi5_attribute *a;
        hi5_error err;

        ck_assert_uint_eq(list(&p, owner).good, 17);
        ck_assert_uint_eq(list(&p, owner).bad, 0);
        a = attribute_of(f, owner, "bool", &i);
        ck_assert_int_eq(hi5_type_class(i.type), HI5_ENUM);
        ck_assert_str_eq(hi5_type_enum_name(i.type, "\1"), "TRUE");
        ck_ok(hi5_attribute_read(a, HI5_I32, &yes, &err), &err);
        ck_assert_int_eq(yes, 1);
        hi5_attribute_close(a);
        read_as(f, owner, "bits", NULL, b);
        ck_assert_mem_eq(b, "\x34\x12", 2);
        read_as(f, owner, "time", NULL, b);
        ck_assert_mem_eq(b, "\1\2\3\4", 4);
        read_as(f, owner, "opaque", NULL, b);
        ck_assert_mem_eq(b, "xyz", 3);
        read_as(f, owner, "compound", NULL, b);
        ck_assert_mem_eq(b, "\7\0", 2);
        ck_assert_mem_eq(b + 4, "\0\0\0\0\0\0\0\11", 8);
        read_as(f, owner, "array", NULL, pair);
        ck_assert(pair[0] == INT64_MIN && pair[1] == 5);
        check_strings(f, owner, "ascii", "abcde");
        check_strings(f, owner, "utf8", "\xf0\x9f\x98\x80\xf0\x9f\x98\x81");
        check_strings(f, owner, "variable", "w\xc3\xb6rd");
        {
            hi5_type *t;
            hi5_vlen seq;

            ck_ok(hi5_type_vlen(HI5_I64, &t, &err), &err);
            read_as(f, owner, "vlen", t, &seq);
            ck_assert_uint_eq(seq.n, 2);
            memcpy(pair, seq.p, sizeof(pair));
            ck_assert(pair[0] == INT64_MIN && pair[1] == 5);
            hi5_reclaim(f, t, 1, &seq);
            hi5_type_free(t);
        }
        read_as(f, owner, "reference", HI5_REF, &ref);
        ck_ok(hi5_resolve(f, &ref, &target, &err), &err);
        ck_assert_uint_eq(target.address, patch_object(&p, owner));
        hi5_target_free(&target);
        hi5_close(f, NULL);
        patch_free(&p);
    }
}
END_TEST

/* ATTR-11, ATTR-14, ATTR-15: the type is what is stored; what is asked for is
 * converted, never reinterpreted. */
START_TEST(numbers)
{
    for (int k = 0; k < 6; k++) {
        hi5_file *const f = open_fixture(files[k & 1]);
        const char *const owner = owners[k >> 1];
        hi5_attribute_info i;
        hi5_attribute *a;
        uint64_t u;
        int64_t s;
        double x, xs[2];
        float y, ys[3] = {0, 0, 77};
        uint8_t small;

        a = attribute_of(f, owner, "u64", &i);
        ck_assert(hi5_type_equal(i.type, HI5_U64));
        hi5_attribute_close(a);
        read_as(f, owner, "u64", HI5_U64, &u);
        ck_assert_uint_eq(u, UINT64_MAX);
        read_as(f, owner, "u64", NULL, &u);
        ck_assert_uint_eq(u, UINT64_MAX);
        read_as(f, owner, "u64", HI5_I64, &s);
        ck_assert_int_eq(s, INT64_MAX); /* the nearest, not -1 */
        read_as(f, owner, "u64", HI5_F64, &x);
        ck_assert_double_eq(x, 18446744073709551616.0);
        read_as(f, owner, "i64", HI5_I64, &s);
        ck_assert_int_eq(s, INT64_MIN);
        read_as(f, owner, "i64", HI5_U8, &small);
        ck_assert_uint_eq(small, 0);
        read_as(f, owner, "f64", HI5_F32, &y);
        ck_assert_float_eq(y, 0.1f);
        read_as(f, owner, "f64s", HI5_F32, ys);
        ck_assert_float_eq(ys[0], 1.5f);
        ck_assert(ys[1] > FLT_MAX); /* infinity */
        ck_assert_float_eq(ys[2], 77);
        read_as(f, owner, "f64s", HI5_F64, xs);
        ck_assert_double_eq(xs[1], 1e300);
        hi5_close(f, NULL);
    }
}
END_TEST

/* ATTR-16: attributes of a committed type in messages of each version; the type has one
 * of its own type (REF-16). */
START_TEST(committed)
{
    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(k ? "good/attrs-new.h5" : "good/attrs-old.h5");
        static const char *const where[2][2] = {{"/", "of committed type"},
                                                {"type", "on the type itself"}};
        hi5_object *o;
        hi5_object_info info;
        hi5_error err;

        ck_ok(hi5_object_open(f, "type", &o, &err), &err);
        ck_ok(hi5_object_get_info(o, &info, &err), &err);
        hi5_object_close(o);
        for (int j = 0; j < 2; j++) {
            hi5_attribute_info i;
            hi5_attribute *const a = attribute_of(f, where[j][0], where[j][1], &i);
            int32_t v;

            ck_assert_uint_eq(hi5_type_committed(i.type), info.address);
            ck_ok(hi5_attribute_read(a, HI5_I32, &v, &err), &err);
            ck_assert_int_eq(v, 77 << 24); /* big-endian, written as it was */
            hi5_attribute_close(a);
        }
        hi5_close(f, NULL);
    }
}
END_TEST

/* ATTR-17: all dense attributes deleted, then one more. */
START_TEST(emptied)
{
    for (int k = 0; k < 2; k++) {
        struct patch p = patch_load(files[k]);
        hi5_file *const f = patch_open(&p);
        int32_t v;

        ck_assert_uint_eq(list(&p, "emptied").good, 1);
        read_as(f, "emptied", "last", HI5_I32, &v);
        ck_assert_int_eq(v, 99);
        hi5_close(f, NULL);
        patch_free(&p);
    }
}
END_TEST

/* ATTR-21: sizes that wrap: 2^33 * 2^31 elements make 0, and the product of dimensions
 * and size does not stay within the message. */
START_TEST(size_wraps)
{
    static const uint64_t dims[][2] = {
        {1ull << 33, 1ull << 31}, {1ull << 62, 1}, {1ull << 32, 1ull << 32}, {3, 3}};

    for (size_t k = 0; k < sizeof(dims) / sizeof(*dims); k++) {
        struct patch p = patch_load("good/attrs-old.h5");
        hi5_message m;
        uint64_t at = 0;
        struct seen s;

        for (unsigned i = 0; at == 0; i++) {
            m = patch_message_at(&p, patch_object(&p, "dataset"), MSG_ATTRIBUTE, i);
            if (memcmp(p.b + m.address + 8, "box", 4) == 0)
                at = m.address + 8 + 8 + patch_get(&p, m.address + 4, 2);
        }
        at += (8 - (at - m.address) % 8) % 8;
        ck_assert_uint_eq(p.b[at + 1], 2); /* rank */
        ck_assert_uint_eq(patch_get(&p, at + 8, 8), 3);
        patch_put(&p, at + 8, 8, dims[k][0]);
        patch_put(&p, at + 16, 8, dims[k][1]);
        if (p.b[at + 2] & 1) { /* the largest dimensions, too */
            patch_put(&p, at + 24, 8, dims[k][0]);
            patch_put(&p, at + 32, 8, dims[k][1]);
        }
        s = list(&p, "dataset");
        ck_assert_uint_eq(s.bad, 1);
        ck_assert_uint_eq(s.good, 8);
        ck_assert_msg(s.first.status == HI5_E_CORRUPT ||
                          s.first.status == HI5_E_TRUNCATED ||
                          s.first.status == HI5_E_LIMIT,
                      "%s", error_text(&s.first));
        patch_free(&p);
    }
}
END_TEST

/* ATTR-22: as many as need an index of several levels. */
START_TEST(many)
{
    struct patch p = patch_load("good/pit-attrs-dense.h5");
    hi5_file *const f = patch_open(&p);
    const uint64_t at = patch_find(&p, "BTHD", 4, 0);

    ck_assert_uint_ge(patch_get(&p, at + 12, 2), 2); /* depth */
    ck_assert_uint_eq(list(&p, "many").good, 700);
    for (int i = 0; i < 700; i++) {
        char name[16];
        int32_t v;

        snprintf(name, sizeof(name), "%d", i);
        read_as(f, "many", name, HI5_I32, &v);
        ck_assert_int_eq(v, i);
    }
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* ATTR-23: a block of the heap that is larger than the largest that the header allows
 * cannot be found by its offset; the header is refused. */
START_TEST(largest_block)
{
    struct patch p = patch_load("good/pit-attrs-dense.h5");
    const uint64_t at = patch_find(&p, "FRHP", 4, 0);
    hi5_file *f;
    hi5_object *o;
    hi5_attribute *a;
    hi5_error err;

    ck_assert_uint_eq(patch_get(&p, at + 110, 2), 4);    /* width of the table */
    ck_assert_uint_ge(patch_get(&p, at + 120, 8), 1024); /* largest direct block */
    patch_put(&p, at + 120, 8, 256);                     /* less than the first */
    patch_sum(&p, at, at + 142);
    f = patch_open(&p);
    ck_ok(hi5_object_open(f, "many", &o, &err), &err);
    ck_fails(hi5_attribute_open(o, "1", &a, &err), &err, HI5_E_CORRUPT, "FRHP",
             "block");
    hi5_object_close(o);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

Suite *
suite_pit_attr(void)
{
    Suite *const suite = suite_create("pit_attr");
    TCase *const tc = tcase_create("pit_attr");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, no_attribute_info);
    tcase_add_test(tc, one_bad_of_five);
    tcase_add_test(tc, lengths_of_names);
    tcase_add_test(tc, larger_than_messages);
    tcase_add_test(tc, no_elements);
    tcase_add_test(tc, one_and_scalar);
    tcase_add_test(tc, every_class);
    tcase_add_test(tc, numbers);
    tcase_add_test(tc, committed);
    tcase_add_test(tc, emptied);
    tcase_add_test(tc, size_wraps);
    tcase_add_test(tc, many);
    tcase_add_test(tc, largest_block);
    suite_add_tcase(suite, tc);
    return suite;
}
