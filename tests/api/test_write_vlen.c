/*
 * test_write_vlen.c - variable-length data, written and written over: the writing side of
 * VLEN-xx of docs/pitfalls.md
 *
 * Values are read back, and by h5dump where there is one. That nothing is left behind in
 * the heap the checker says: GH-005 is an object that nobody refers to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "everything.h"
#include "written.h"

Suite *suite_write_vlen(void);

#define U(...) ((uint64_t[]){__VA_ARGS__})

static hi5_dataset *
make(hi5_file *f, const char *path, const hi5_type *t, uint64_t n, uint64_t chunk)
{
    const hi5_dataset_options o = {.size = sizeof(o), .max = U(HI5_UNLIMITED),
                                   .chunk = U(chunk)};
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_create(f, path, t, 1, U(n), chunk != 0 ? &o : NULL, &d, &err), &err);
    return d;
}

static void
put_strings(hi5_dataset *d, uint64_t start, uint64_t n, const char *const *text)
{
    hi5_error err;

    ck_ok(hi5_dataset_write_slab(d, U(start), U(n), HI5_STR, text, &err), &err);
}

static void
string_is(hi5_file *f, hi5_dataset *d, uint64_t i, const char *wanted)
{
    char *got;
    hi5_error err;

    ck_ok(hi5_dataset_read_slab(d, U(i), U(1), HI5_STR, &got, &err), &err);
    if (wanted == NULL)
        ck_assert_ptr_null(got);
    else
        ck_assert_str_eq(got, wanted);
    hi5_reclaim(f, HI5_STR, 1, &got);
}

static void
finish(hi5_dataset *d, hi5_file *f)
{
    hi5_error err;

    hi5_dataset_close(d);
    ck_ok(hi5_close(f, &err), &err);
}

/* VLEN-01, VLEN-03, VLEN-04, VLEN-20: null, empty, one byte; in datasets and attributes. */
START_TEST(elements)
{
    static const char *const text[] = {"a", "", NULL, "caf\xc3\xa9", "b"};
    hi5_file *f = written_create("elements.h5", HI5_COMPAT_DEFAULT);
    hi5_dataset *d = make(f, "/d", HI5_STR, 5, 0);
    const hi5_shape five = {.kind = HI5_SIMPLE, .rank = 1, .dims = {5}, .max = {5}};
    hi5_error err;

    put_strings(d, 0, 5, text);
    ck_ok(hi5_attribute_write(hi5_dataset_object(d), "a", HI5_STR, &five, HI5_STR, text,
                              &err), &err);
    finish(d, f);
    written_check("elements.h5", "GH-005", 0);
    ck_dump("elements.h5", "-d /d", "(0): \"a\", \"\", NULL, \"caf\\37777777703\\37777777651\"");
    ck_dump("elements.h5", "-a /d/a", "(0): \"a\", \"\", NULL,");
}
END_TEST

/* VLEN-20: an object has just as many bytes as the string: from 1.12 on libhdf5 refuses
 * others. */
START_TEST(sizes)
{
    static const char *const text[] = {"abc", "", NULL, "d"};
    static const uint64_t wanted[] = {3, 0, 1};
    hi5_file *f = written_create("sizes.h5", HI5_COMPAT_DEFAULT);
    hi5_dataset *d = make(f, "/d", HI5_STR, 4, 0);
    unsigned char *bytes;
    size_t n, at = 0;

    put_strings(d, 0, 4, text);
    finish(d, f);
    bytes = slurp(written_path("sizes.h5"), &n);
    while (at + 100 < n && memcmp(bytes + at, "GCOL", 4) != 0)
        at++;
    ck_assert_uint_lt(at + 100, n);
    at += 16;
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(bytes[at], i + 1);
        ck_assert_uint_eq(bytes[at + 8], wanted[i]);
        at += 16 + (wanted[i] + 7) / 8 * 8;
    }
    free(bytes);
}
END_TEST

/* What was given back in one go with many others stays away, though more was read of the
 * same collection. */
START_TEST(emptied)
{
    enum { N = 5000 };
    static const char *text[N];
    const hi5_shape all = {.kind = HI5_SIMPLE, .rank = 1, .dims = {N}, .max = {N}};
    hi5_file *f = written_create("emptied.h5", HI5_COMPAT_DEFAULT);
    hi5_object *o;
    char name[16];
    int32_t one = 1;
    hi5_error err;

    for (int i = 0; i < N; i++)
        text[i] = "text";
    ck_ok(hi5_object_open(f, "/", &o, &err), &err);
    ck_ok(hi5_attribute_write(o, "a", HI5_STR, &all, HI5_STR, text, &err), &err);
    ck_ok(hi5_attribute_write(o, "a", HI5_I32, NULL, HI5_I32, &one, &err), &err);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "/g%d", i);
        ck_ok(hi5_group_create(f, name, NULL, NULL, &err), &err);
        ck_ok(hi5_link_soft(f, strcat(name, "/x"), "/", &err), &err);
    }
    hi5_object_close(o);
    ck_ok(hi5_close(f, &err), &err);
    written_check("emptied.h5", NULL, 0);
    ck_dump("emptied.h5", "-a a", "(0): 1");
}
END_TEST

/* VLEN-06, VLEN-21: more objects than a collection has indexes. */
START_TEST(many)
{
    enum { N = 70000 };
    static char text[N][8];
    static const char *p[N];
    hi5_file *f = written_create("many.h5", HI5_COMPAT_DEFAULT);
    hi5_dataset *d = make(f, "/d", HI5_STR, N, 0);

    for (int i = 0; i < N; i++) {
        snprintf(text[i], sizeof(text[i]), "%d", i);
        p[i] = text[i];
    }
    put_strings(d, 0, N, p);
    string_is(f, d, 65535, "65535");
    finish(d, f);
    written_check("many.h5", "GH-005", 0);
    ck_dump("many.h5", "-d /d -s 65534 -c 3", "(65534): \"65534\", \"65535\", \"65536\"");
}
END_TEST

/* VLEN-12: small values share a collection, also when each comes in a call of its own. */
START_TEST(packed)
{
    hi5_file *f = written_create("packed.h5", HI5_COMPAT_DEFAULT);
    hi5_object *o;
    char name[16];
    hi5_error err;

    ck_ok(hi5_object_open(f, "/", &o, &err), &err);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "a%d", i);
        ck_ok(hi5_attribute_write_string(o, name, name, &err), &err);
    }
    hi5_object_close(o);
    ck_ok(hi5_close(f, &err), &err);
    written_check("packed.h5", "GH-005", 0);
    ck_assert_uint_lt(written_size("packed.h5"), 300000);
    ck_dump("packed.h5", "-a a999", "(0): \"a999\"");
}
END_TEST

/* VLEN-13: what is written over is given back, in the same session and in later ones. More
 * values are written than a collection has indexes. */
START_TEST(overwritten)
{
    static const char *const first[] = {"one", "two", "three"};
    hi5_file *f = written_create("over.h5", HI5_COMPAT_DEFAULT);
    hi5_dataset *d = make(f, "/d", HI5_STR, 3, 0);
    uint64_t size = 0;
    char text[40];
    const char *p = text;
    hi5_error err;

    put_strings(d, 0, 3, first);
    for (int i = 0; i < 70000; i++) {
        snprintf(text, sizeof(text), "%0*d", i % 30, i);
        put_strings(d, 1, 1, &p);
    }
    finish(d, f);
    written_check("over.h5", "GH-005", 0);
    ck_assert_uint_lt(written_size("over.h5"), 20000);
    for (int round = 0; round < 20; round++) {
        f = written_open("over.h5");
        ck_ok(hi5_dataset_open(f, "/d", &d, &err), &err);
        snprintf(text, sizeof(text), "round %d", round);
        put_strings(d, (uint64_t)round % 3, 1, &p);
        finish(d, f);
        if (round == 3)
            size = written_size("over.h5");
    }
    written_check("over.h5", "GH-005", 0);
    ck_assert_uint_le(written_size("over.h5"), size);
    ck_dump("over.h5", "-d /d", "(0): \"round 18\", \"round 19\", \"round 17\"");
}
END_TEST

/* VLEN-13: compact, chunked with a filter, in part and as a whole; and cut off. */
START_TEST(layouts)
{
    static const char *const a[] = {"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"};
    static const char *const b[] = {"b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7"};
    const hi5_dataset_options compact = {.size = sizeof(compact), .compact = true};
    const hi5_dataset_options zipped = {.size = sizeof(zipped), .max = U(HI5_UNLIMITED),
                                        .chunk = U(3), .deflate = 4};
    hi5_file *f = written_create("layouts.h5", HI5_COMPAT_DEFAULT);
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_create(f, "/c", HI5_STR, 1, U(8), &compact, &d, &err), &err);
    put_strings(d, 0, 8, a);
    put_strings(d, 2, 3, b);
    hi5_dataset_close(d);
    ck_ok(hi5_dataset_create(f, "/z", HI5_STR, 1, U(8), &zipped, &d, &err), &err);
    put_strings(d, 0, 8, a);
    put_strings(d, 0, 4, b); /* a chunk that has not been stored, and a part of one */
    ck_ok(hi5_flush(f, 0, &err), &err);
    put_strings(d, 3, 5, b); /* chunks that have */
    ck_ok(hi5_dataset_write_points(d, 3, U(7, 7, 0), HI5_STR, a, &err), &err);
    ck_ok(hi5_dataset_resize(d, U(4), &err), &err); /* VLEN-13: chunks go, one is cut */
    ck_ok(hi5_dataset_resize(d, U(7), &err), &err);
    finish(d, f);
    written_check("layouts.h5", "GH-005", 0);
    ck_dump("layouts.h5", "-d /c",
            "(0): \"a0\", \"a1\", \"b0\", \"b1\", \"b2\", \"a5\", \"a6\", \"a7\"");
    ck_dump("layouts.h5", "-d /z",
            "(0): \"a2\", \"b1\", \"b2\", \"b0\", NULL, NULL, NULL");
}
END_TEST

/* A record: a number, a name, two lists of lists. */
struct record {
    int32_t n;
    char *name;
    hi5_vlen list[2];
};

static hi5_type *
record_type(void)
{
    hi5_type *inner, *outer, *two, *t;
    hi5_error err;

    ck_ok(hi5_type_vlen(HI5_I32, &inner, &err), &err);
    ck_ok(hi5_type_vlen(inner, &outer, &err), &err);
    ck_ok(hi5_type_array(outer, 1, (uint32_t[]){2}, &two, &err), &err);
    const hi5_member m[] = {{"n", offsetof(struct record, n), HI5_I32},
                            {"name", offsetof(struct record, name), HI5_STR},
                            {"list", offsetof(struct record, list), two}};
    ck_ok(hi5_type_compound(sizeof(struct record), m, 3, &t, &err), &err);
    hi5_type_free(two);
    hi5_type_free(outer);
    hi5_type_free(inner);
    return t;
}

/* VLEN-14, VLEN-10: everything below a compound, an array, a sequence goes; a member that
 * is not written stays. */
START_TEST(nested)
{
    static int32_t numbers[] = {1, 2, 3, 4, 5, 6};
    hi5_vlen inner[] = {{2, numbers}, {3, numbers + 1}, {1, numbers + 5}};
    struct record r[] = {{7, (char *)(uintptr_t)"seven", {{3, inner}, {1, inner + 1}}},
                         {8, (char *)(uintptr_t)"eight", {{0, NULL}, {2, inner + 1}}}};
    hi5_file *f = written_create("nested.h5", HI5_COMPAT_DEFAULT);
    hi5_type *const t = record_type();
    hi5_dataset *d = make(f, "/d", t, 2, 0);
    const int32_t other[] = {70, 80};
    const char *name = "ate";
    hi5_error err;

    ck_ok(hi5_dataset_write(d, NULL, t, r, &err), &err);
    r[0].list[0].n = 1; /* shorter outside */
    ck_ok(hi5_dataset_write_slab(d, U(0), U(1), t, r, &err), &err);
    ck_ok(hi5_dataset_write_field(d, "n", NULL, HI5_I32, other, &err), &err);
    hi5_selection *s;
    const hi5_shape two = {.kind = HI5_SIMPLE, .rank = 1, .dims = {2}, .max = {2}};
    ck_ok(hi5_selection_create(&two, &s, &err), &err);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, U(1), NULL, U(1), NULL, &err), &err);
    ck_ok(hi5_dataset_write_field(d, "name", s, HI5_STR, &name, &err), &err);
    hi5_selection_free(s);
    hi5_type_free(t);
    finish(d, f);
    written_check("nested.h5", "GH-005", 0);
    ck_dump("nested.h5", "-d /d",
            "(0): { 70, \"seven\", [ ((1, 2)), ((2, 3, 4)) ] }, "
            "(1): { 80, \"ate\", [ (), ((2, 3, 4), (6)) ] }");
}
END_TEST

/* VLEN-13: attributes written again, modified, deleted; in the header and in a heap. */
START_TEST(attributes)
{
    hi5_file *f = written_create("attributes.h5", HI5_COMPAT_DEFAULT);
    const char *other = "other";
    hi5_object *o;
    hi5_attribute *a;
    char name[16];
    hi5_error err;

    ck_ok(hi5_object_open(f, "/", &o, &err), &err);
    for (int n = 4; n <= 40; n *= 10) {
        for (int i = 0; i < n; i++) {
            snprintf(name, sizeof(name), "a%d", i);
            ck_ok(hi5_attribute_write_string(o, name, "a value", &err), &err);
        }
        ck_ok(hi5_attribute_write_string(o, "a1", "another value", &err), &err);
        ck_ok(hi5_attribute_open(o, "a2", &a, &err), &err);
        ck_ok(hi5_attribute_modify(a, HI5_STR, &other, &err), &err);
        hi5_attribute_close(a);
        ck_ok(hi5_attribute_delete(o, "a3", &err), &err);
        ck_ok(hi5_attribute_rename(o, "a0", n == 4 ? "zero" : "0", &err), &err); /* keeps its value */
        hi5_object_close(o);
        ck_ok(hi5_close(f, &err), &err);
        written_check("attributes.h5", "GH-005", 0);
        ck_dump("attributes.h5", "-a /zero", "(0): \"a value\"");
        ck_dump("attributes.h5", "-a /a1", "(0): \"another value\"");
        ck_dump("attributes.h5", "-a /a2", "(0): \"other\"");
        f = written_open("attributes.h5");
        ck_ok(hi5_object_open(f, "/", &o, &err), &err);
    }
    hi5_object_close(o);
    ck_ok(hi5_close(f, &err), &err);
}
END_TEST

/* VLEN-15, VLEN-16, VLEN-24: a model of many elements of any size, written over at random
 * in several sessions. */
START_TEST(random_model)
{
    enum { N = 200 };
    static char *model[N];
    uint64_t seed = 12345, at;
    hi5_file *f = written_create("random.h5", HI5_COMPAT_DEFAULT);
    hi5_dataset *d = make(f, "/d", HI5_STR, N, 16);
    hi5_error err;

    for (int step = 1; step <= 3000; step++) {
        size_t n;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        at = (seed >> 33) % N;
        n = (size_t)(seed >> 20) % (step % 100 == 0 ? 100000 : 60);
        free(model[at]);
        model[at] = malloc(n + 1);
        ck_assert_ptr_nonnull(model[at]);
        memset(model[at], 'a' + step % 26, n);
        model[at][n] = '\0';
        put_strings(d, at, 1, (const char *const *)&model[at]);
        if (step % 500 == 0) {
            finish(d, f);
            written_check("random.h5", "GH-005", 0);
            f = written_open("random.h5");
            ck_ok(hi5_dataset_open(f, "/d", &d, &err), &err);
        }
    }
    for (at = 0; at < N; at++)
        string_is(f, d, at, model[at]);
    finish(d, f);
    ck_dump("random.h5", "-d /d", "DATASPACE SIMPLE { ( 200 )");
    for (at = 0; at < N; at++)
        free(model[at]);
}
END_TEST

/* VLEN-09: reference counts are 0, as libhdf5 has them; what else is in a collection, such
 * as the mappings of a virtual dataset, stays as it is when strings go. */
START_TEST(beside_mappings)
{
    const hi5_shape three = {.kind = HI5_SIMPLE, .rank = 1, .dims = {3}, .max = {3}};
    static const char *const text[] = {"a string before", "another", "the last one"};
    hi5_file *f = written_create("beside.h5", HI5_COMPAT_DEFAULT);
    hi5_dataset *d = make(f, "/d", HI5_STR, 3, 0), *other;
    hi5_selection *s;
    hi5_dataset_options o = {.size = sizeof(o), .nmapping = 1};
    unsigned char *bytes;
    size_t n, objects = 0;
    hi5_error err;

    put_strings(d, 0, 3, text);
    other = make(f, "/n", HI5_I32, 3, 0);
    ck_ok(hi5_dataset_write(other, NULL, HI5_I32, (int[]){5, 6, 7}, &err), &err);
    hi5_dataset_close(other);
    ck_ok(hi5_selection_create(&three, &s, &err), &err);
    o.mapping = &(hi5_mapping){".", "n", s, s};
    ck_ok(hi5_dataset_create(f, "/v", HI5_I32, 1, U(3), &o, NULL, &err), &err);
    hi5_selection_free(s);
    put_strings(d, 0, 2, text + 1);
    finish(d, f);
    f = written_open("beside.h5");
    ck_ok(hi5_dataset_open(f, "/d", &d, &err), &err);
    put_strings(d, 0, 3, text);
    finish(d, f);
    written_check("beside.h5", "GH-005", 0);
    ck_dump("beside.h5", "-d /v", "(0): 5, 6, 7");
    ck_dump("beside.h5", "-d /d", "(0): \"a string before\", \"another\", \"the last one\"");
    bytes = slurp(written_path("beside.h5"), &n);
    for (size_t i = 0; i + 4096 <= n; i++) {
        if (memcmp(bytes + i, "GCOL", 4) != 0)
            continue;
        for (size_t at = i + 16; bytes[at] + bytes[at + 1] != 0; objects++) {
            ck_assert_int_eq(bytes[at + 2] + bytes[at + 3], 0);
            at += 16u + (bytes[at + 8] + 256u * bytes[at + 9] + 7u) / 8 * 8;
        }
    }
    ck_assert_uint_eq(objects, 4);
    free(bytes);
}
END_TEST

/* VLEN-19: what is not a string is not made one. Nothing changes, the file goes on. */
START_TEST(not_strings)
{
    static const char *const text[] = {"a"};
    hi5_file *f = written_create("not.h5", HI5_COMPAT_DEFAULT);
    hi5_type *list;
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_type_vlen(HI5_I32, &list, &err), &err);
    d = make(f, "/lists", list, 1, 0);
    ck_status(hi5_dataset_write(d, NULL, HI5_STR, text, &err), HI5_E_TYPE);
    hi5_dataset_close(d);
    d = make(f, "/references", HI5_REF, 1, 0);
    ck_status(hi5_dataset_write(d, NULL, HI5_STR, text, &err), HI5_E_TYPE);
    hi5_dataset_close(d);
    d = make(f, "/numbers", HI5_I32, 1, 4);
    ck_status(hi5_dataset_append(d, 1, HI5_STR, text, &err), HI5_E_TYPE);
    hi5_type_free(list);
    finish(d, f);
    written_check("not.h5", "GH-005", 0);
    ck_dump("not.h5", "-d /numbers", "( 1 )");
}
END_TEST

/* VLEN-17, VLEN-18: never written; written by another session. */
START_TEST(late)
{
    static const char *const text[] = {"late"};
    hi5_file *f = written_create("late.h5", HI5_COMPAT_V110);
    hi5_dataset *d = make(f, "/d", HI5_STR, 3, 2);
    hi5_error err;

    hi5_dataset_close(make(f, "/e", HI5_STR, 2, 0));
    finish(d, f);
    f = written_open("late.h5");
    ck_ok(hi5_dataset_open(f, "/d", &d, &err), &err);
    put_strings(d, 2, 1, text);
    finish(d, f);
    written_check("late.h5", "GH-005", 0);
    ck_dump("late.h5", "-d /d", "(0): NULL, NULL, \"late\"");
    ck_dump("late.h5", "-d /e", "(0): NULL, NULL");
}
END_TEST

Suite *
suite_write_vlen(void)
{
    Suite *s = suite_create("write_vlen");
    TCase *t = tcase_create("all");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, elements);
    tcase_add_test(t, sizes);
    tcase_add_test(t, emptied);
    tcase_add_test(t, many);
    tcase_add_test(t, packed);
    tcase_add_test(t, overwritten);
    tcase_add_test(t, layouts);
    tcase_add_test(t, nested);
    tcase_add_test(t, attributes);
    tcase_add_test(t, random_model);
    tcase_add_test(t, beside_mappings);
    tcase_add_test(t, not_strings);
    tcase_add_test(t, late);
    suite_add_tcase(s, t);
    return s;
}
