/*
 * test_diff.c - comparing: hi5_diff; what objects take: hi5_object_get_storage
 *
 * What h5diff and h5stat print is compared in tests/side.sh. Here are the calls: what
 * is told, in which order, and what ends them.
 */
#include <stdlib.h>
#include <math.h>
#include <string.h>

#include "support.h"

Suite *suite_diff(void);

/* A file in memory with a dataset of `n` numbers, of which `odd` is 1 greater. */
static hi5_file *
numbers(uint64_t n, uint64_t odd, unsigned deflate, bool other)
{
    const uint64_t chunk = n / 16 ? n / 16 : 1;
    const hi5_dataset_options o = {
        .size = sizeof o, .chunk = &chunk, .deflate = deflate};
    int32_t *const p = calloc(n, sizeof *p);
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;

    for (uint64_t i = 0; i < n; i++)
        p[i] = (int32_t)(i * 7 % 1000) + (i == odd);
    ck_ok(hi5_create_memory(NULL, &f, &err), &err);
    ck_ok(hi5_dataset_create(f, "/g/x", HI5_I32, 1, &n, &o, &d, &err), &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, p, &err), &err);
    ck_ok(hi5_attribute_write_string(hi5_dataset_object(d), "unit", other ? "K" : "C",
                                     &err),
          &err);
    hi5_dataset_close(d);
    if (other)
        ck_ok(hi5_group_create(f, "/only", NULL, NULL, &err), &err);
    free(p);
    return f;
}

/* What was told. */
struct told {
    unsigned count[HI5_DIFF_FAILED + 1];
    uint64_t at; /* of the last value */
    int32_t value[2];
    hi5_diff_what last;
    hi5_status end_at; /* to return at the first value */
};

static hi5_status
tell(void *ctx, const hi5_diff_event *e, hi5_error *err)
{
    struct told *const t = ctx;

    (void)err;
    ck_assert_int_le((int)e->what, HI5_DIFF_FAILED);
    t->count[e->what]++;
    t->last = e->what;
    if (e->what == HI5_DIFF_VALUE && hi5_type_class(e->type[0]) == HI5_INTEGER) {
        t->at = e->position[0];
        memcpy(&t->value[0], e->value[0], 4);
        memcpy(&t->value[1], e->value[1], 4);
        return t->end_at;
    }
    return HI5_OK;
}

/* One number of 100000, an attribute, and a name differ. */
START_TEST(differences)
{
    const unsigned deflate[] = {0, 0, 3, 3}, other[] = {0, 3, 0, 3};
    hi5_file *const a = numbers(100000, UINT64_MAX, deflate[_i], false);
    hi5_file *const b = numbers(100000, 54321, other[_i], true);
    const hi5_diff_options o = {.size = sizeof o, .values = true};
    struct told t = {.end_at = HI5_OK};
    hi5_diff_result r;
    hi5_error err;

    ck_ok(hi5_diff(a, NULL, b, NULL, &o, tell, &t, &r, &err), &err);
    ck_assert_uint_eq(r.differences, 2);
    ck_assert_uint_eq(r.objects, 3);
    ck_assert_uint_eq(r.attributes, 1);
    ck_assert_uint_eq(r.only[0], 0);
    ck_assert_uint_eq(r.only[1], 1);
    ck_assert(r.other_names);
    ck_assert_uint_eq(r.incomparable + r.failures, 0);
    ck_assert_uint_eq(t.count[HI5_DIFF_NAME], 4);
    ck_assert_uint_eq(t.count[HI5_DIFF_BEGIN], t.count[HI5_DIFF_END]);
    ck_assert_uint_eq(t.count[HI5_DIFF_VALUE], 2);
    ck_assert_uint_eq(t.at, 54321);
    ck_assert_int_eq(t.value[0] + 1, t.value[1]);
    /* Of chunks stored in the same way, only the one that differs is decoded. */
    ck_assert_uint_eq(r.chunks_same, deflate[_i] == other[_i] ? 15 : 0);

    /* Counting comes to the same; and so does the other way round. */
    ck_ok(hi5_diff(b, "/g/x", a, NULL, NULL, NULL, NULL, &r, &err), &err);
    ck_assert_uint_eq(r.differences, 2);
    hi5_close(a, NULL);
    hi5_close(b, NULL);
}
END_TEST

/* A file and itself: nothing is read, nothing differs. TOOL-04 */
START_TEST(itself)
{
    hi5_file *const a = open_fixture("good/demo.h5"), *const b =
                                                          open_fixture("good/demo.h5");
    struct told t = {.end_at = HI5_OK};
    const hi5_diff_options o = {.size = sizeof o, .values = true};
    hi5_diff_result r;
    hi5_error err;

    ck_ok(hi5_diff(a, NULL, b, NULL, NULL, tell, &t, &r, &err), &err);
    ck_assert_uint_eq(r.differences + r.incomparable + r.failures + r.objects, 0);
    ck_ok(hi5_diff(a, NULL, b, NULL, &o, tell, &t, &r, &err), &err);
    ck_assert_uint_eq(r.differences + r.incomparable + r.failures, 0);
    ck_assert_uint_eq(r.objects, 10); /* three groups, five datasets, two links */
    ck_assert_uint_eq(t.count[HI5_DIFF_ELEMENTS], 0);
    hi5_close(a, NULL);
    hi5_close(b, NULL);
}
END_TEST

/* Tolerances; NaN. TOOL-02 */
START_TEST(tolerances)
{
    const double x[] = {1.0, (double)NAN, 100.0, 0.0, -0.0, 5.0};
    const double y[] = {1.5, (double)NAN, 101.0, 1e-20, 0.0, (double)NAN};
    const uint64_t n = 6;
    hi5_file *f;
    hi5_error err;
    hi5_diff_result r;
    hi5_diff_options o = {.size = sizeof o};
    hi5_dataset *d;

    ck_ok(hi5_create_memory(NULL, &f, &err), &err);
    ck_ok(hi5_dataset_create(f, "x", HI5_F64, 1, &n, NULL, &d, &err), &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_F64, x, &err), &err);
    hi5_dataset_close(d);
    ck_ok(hi5_dataset_create(f, "y", HI5_F64, 1, &n, NULL, &d, &err), &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_F64, y, &err), &err);
    hi5_dataset_close(d);

    /* As they are: all but the two NaN. */
    ck_ok(hi5_diff(f, "x", f, "y", &o, NULL, NULL, &r, &err), &err);
    ck_assert_uint_eq(r.differences, 5);
    o.use_delta = true;
    o.delta = 0.5; /* 1.5 is not further away; 101 is, and a NaN is from a number */
    ck_ok(hi5_diff(f, "x", f, "y", &o, NULL, NULL, &r, &err), &err);
    ck_assert_uint_eq(r.differences, 2);
    o.values = true;
    ck_ok(hi5_diff(f, "x", f, "y", &o, NULL, NULL, &r, &err), &err);
    ck_assert_uint_eq(r.differences, 2);
    o = (hi5_diff_options){.size = sizeof o, .use_relative = true, .relative = 0.1};
    ck_ok(hi5_diff(f, "x", f, "y", &o, NULL, NULL, &r, &err), &err);
    ck_assert_uint_eq(r.differences, 2); /* 1.5 and the NaN */
    o = (hi5_diff_options){.size = sizeof o, .most = 2};
    ck_ok(hi5_diff(f, "x", f, "y", &o, NULL, NULL, &r, &err), &err);
    ck_assert_uint_eq(r.differences, 2);
    hi5_close(f, NULL);
}
END_TEST

/* Pieces as small as can be come to the same as the whole. */
START_TEST(small_pieces)
{
    hi5_file *const a = numbers(1000, UINT64_MAX, 0, false);
    hi5_file *const b = numbers(1000, 777, 3, false);
    struct told t = {.end_at = HI5_OK};
    hi5_diff_options o = {.size = sizeof o, .values = true};
    hi5_diff_result r;
    hi5_error err;

    for (o.memory = 1; o.memory < 5000; o.memory = o.memory * 3 + 1) {
        ck_ok(hi5_diff(a, "/g/x", b, NULL, &o, tell, &t, &r, &err), &err);
        ck_assert_uint_eq(r.differences, 1);
        ck_assert_uint_eq(t.at, 777);
    }
    hi5_close(a, NULL);
    hi5_close(b, NULL);
}
END_TEST

/* A part of one with a part of the other, shifted. */
START_TEST(parts)
{
    const uint64_t start[] = {100, 107}, count = 4, stride = 20, block = 5;
    hi5_file *const a = numbers(1000, 121, 0, false);
    hi5_diff_options o = {.size = sizeof o, .values = true};
    struct told t = {.end_at = HI5_OK};
    const hi5_shape shape = {
        .kind = HI5_SIMPLE, .rank = 1, .dims = {1000}, .max = {1000}};
    hi5_selection *s[2];
    hi5_diff_result r;
    hi5_error err;

    for (unsigned i = 0; i < 2; i++) {
        ck_ok(hi5_selection_create(&shape, &s[i], &err), &err);
        ck_ok(hi5_selection_hyperslab(s[i], HI5_SELECT_SET, &start[0], &stride, &count,
                                      &block, &err),
              &err);
        o.selection[i] = s[i];
    }
    hi5_file *const b = numbers(1000, UINT64_MAX, 0, false);
    for (o.memory = 4; o.memory < 200; o.memory += 4) {
        ck_ok(hi5_diff(a, "/g/x", b, NULL, &o, tell, &t, &r, &err), &err);
        ck_assert_uint_eq(r.differences, 1);
        ck_assert_uint_eq(t.at, 121);
    }
    hi5_selection_free(s[0]);
    hi5_selection_free(s[1]);
    hi5_close(a, NULL);
    hi5_close(b, NULL);
}
END_TEST

/* What ends it: the caller; a path; options. */
START_TEST(ends)
{
    hi5_file *const a = numbers(1000, UINT64_MAX, 0, false);
    hi5_file *const b = numbers(1000, 777, 0, false);
    struct told t = {.end_at = HI5_E_STATE};
    hi5_diff_options o = {.size = sizeof o, .values = true};
    hi5_diff_result r;
    hi5_error err;

    ck_status(hi5_diff(a, NULL, b, NULL, &o, tell, &t, &r, &err), HI5_E_STATE);
    ck_assert_int_eq((int)t.last, HI5_DIFF_VALUE);
    ck_status(hi5_diff(a, "/nothing", b, NULL, &o, tell, &t, &r, &err), HI5_E_NOTFOUND);
    ck_assert_int_eq((int)t.last, HI5_DIFF_FAILED);
    ck_status(hi5_diff(a, "/g/x", b, "/g/x/y", &o, tell, &t, &r, &err), HI5_E_TYPE);
    o.no_dangling = true;
    ck_status(hi5_diff(a, NULL, b, NULL, &o, NULL, NULL, &r, &err), HI5_E_ARG);
    o = (hi5_diff_options){.size = sizeof o, .use_delta = true, .delta = -1};
    ck_status(hi5_diff(a, NULL, b, NULL, &o, NULL, NULL, &r, &err), HI5_E_ARG);
    hi5_close(a, NULL);
    hi5_close(b, NULL);
}
END_TEST

/* References among datasets in a circle come to an end. */
START_TEST(references_in_circles)
{
    const uint64_t n = 2;
    hi5_file *f[2];
    hi5_diff_result r;
    hi5_error err;

    for (unsigned i = 0; i < 2; i++) {
        hi5_dataset *d[2];
        hi5_reference ref[2];
        const char *const names[] = {"/a", "/b"};

        ck_ok(hi5_create_memory(NULL, &f[i], &err), &err);
        for (unsigned k = 0; k < 2; k++) {
            hi5_type *t;
            ck_ok(hi5_type_reference(HI5_REF_OBJECT, &t, &err), &err);
            ck_ok(hi5_dataset_create(f[i], names[k], t, 1, &n, NULL, &d[k], &err),
                  &err);
            ck_ok(hi5_reference_object(hi5_dataset_object(d[k]), &ref[k], &err), &err);
            hi5_type_free(t);
        }
        for (unsigned k = 0; k < 2; k++) {
            hi5_reference to[] = {ref[1 - k], i == 0 ? ref[k] : (hi5_reference){0}};
            ck_ok(hi5_dataset_write(d[k], NULL, HI5_REF, to, &err), &err);
        }
        hi5_dataset_close(d[0]);
        hi5_dataset_close(d[1]);
    }
    ck_ok(hi5_diff(f[0], NULL, f[1], NULL, NULL, NULL, NULL, &r, &err), &err);
    ck_assert_uint_ge(r.differences, 2); /* null and not null, in both */
    ck_assert_uint_eq(r.failures, 0);
    hi5_close(f[0], NULL);
    hi5_close(f[1], NULL);
}
END_TEST

/* As h5stat counts them, in fixtures/good/demo.h5 */
START_TEST(storage)
{
    hi5_file *const f = open_fixture("good/demo.h5");
    hi5_object_storage s;
    hi5_file_storage whole;
    hi5_object *o;
    hi5_error err;

    ck_ok(hi5_object_open(f, "/detector/images", &o, &err), &err);
    ck_ok(hi5_object_get_storage(o, &s, &err), &err);
    ck_assert_uint_eq(s.chunk_index, 1162);
    ck_assert_uint_eq(s.link_index + s.link_heap + s.attribute_index + s.external_heap,
                      0);
    ck_assert_uint_gt(s.header, s.header_unused);
    hi5_object_close(o);
    ck_ok(hi5_file_get_storage(f, &whole, NULL, NULL, &err), &err);
    ck_assert_uint_eq(whole.superblock, 48);
    ck_assert_uint_eq(whole.extension + whole.free_managers + whole.free, 0);
    hi5_close(f, NULL);
}
END_TEST

Suite *
suite_diff(void)
{
    Suite *const suite = suite_create("diff");
    TCase *const tc = tcase_create("diff");

    tcase_add_loop_test(tc, differences, 0, 4);
    tcase_add_test(tc, itself);
    tcase_add_test(tc, tolerances);
    tcase_add_test(tc, small_pieces);
    tcase_add_test(tc, parts);
    tcase_add_test(tc, ends);
    tcase_add_test(tc, references_in_circles);
    tcase_add_test(tc, storage);
    suite_add_tcase(suite, tc);
    return suite;
}
