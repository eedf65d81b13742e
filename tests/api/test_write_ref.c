/*
 * test_write_ref.c - references, made: the writing side of REF-xx of docs/pitfalls.md
 *
 * What libhdf5 sees in them h5dump says, where there is one.
 */
#include <stdio.h>
#include <string.h>

#include "written.h"

Suite *suite_write_ref(void);

#define U(...) ((uint64_t[]){__VA_ARGS__})

static hi5_dataset *
make_image(hi5_file *f)
{
    const hi5_dataset_options o = {.size = sizeof(o), .max = U(HI5_UNLIMITED, 6),
                                   .chunk = U(2, 3)};
    hi5_dataset *d;
    hi5_error err;
    int v[24];

    for (int i = 0; i < 24; i++)
        v[i] = i;
    ck_ok(hi5_dataset_create(f, "/image", HI5_I32, 2, U(4, 6), &o, &d, &err), &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, v, &err), &err);
    return d;
}

/* Regions of an image of 4 x 6. */
static hi5_selection *
region(int which)
{
    const hi5_shape shape = {.kind = HI5_SIMPLE, .rank = 2, .dims = {4, 6}, .max = {4, 6}};
    hi5_selection *s;
    hi5_error err;

    ck_ok(hi5_selection_create(&shape, &s, &err), &err);
    if (which == 0 || which == 1)
        ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, U(0, 1), U(2, 3), U(2, 2),
                                      U(1, 2), &err), &err);
    if (which == 1)
        ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_OR, U(3, 5), NULL, U(1, 1), NULL,
                                      &err), &err);
    if (which == 2)
        ck_ok(hi5_selection_points(s, HI5_SELECT_SET, 3, U(0, 0, 3, 5, 1, 1), &err), &err);
    if (which == 3)
        hi5_selection_none(s);
    return s; /* 4: all */
}

/* The values that a region reference leads to. */
static void
region_is(hi5_file *f, const hi5_reference *r, size_t n, const int *wanted)
{
    hi5_target t;
    hi5_dataset *d;
    hi5_object *o;
    int got[24];
    hi5_error err;

    ck_ok(hi5_resolve(f, r, &t, &err), &err);
    ck_ok(hi5_object_open_address(t.file, t.address, &o, &err), &err);
    ck_ok(hi5_object_dataset(o, &d, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(t.selection), n);
    ck_ok(hi5_dataset_read(d, t.selection, HI5_I32, got, &err), &err);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(got[i], wanted[i]);
    hi5_dataset_close(d);
    hi5_object_close(o);
    hi5_target_free(&t);
}

static void
write_regions(hi5_file *f, hi5_ref_kind kind)
{
    hi5_dataset *d = make_image(f);
    hi5_reference r[6] = {{0}};
    hi5_selection *s;
    hi5_type *t;
    hi5_object *o;
    hi5_error err;

    for (int i = 0; i < 5; i++) {
        s = region(i);
        ck_ok(hi5_reference_region(d, s, &r[i], &err), &err);
        hi5_selection_free(s);
        ck_assert_int_eq(r[i].kind, kind);
    }
    hi5_dataset_close(d);
    ck_ok(hi5_type_reference(kind, &t, &err), &err);
    ck_ok(hi5_dataset_create(f, "/regions", t, 1, U(6), NULL, &d, &err), &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_REF, r, &err), &err);
    hi5_dataset_close(d);
    ck_ok(hi5_object_open(f, "/image", &o, &err), &err);
    ck_ok(hi5_attribute_write(o, "region", t, NULL, HI5_REF, r, &err), &err);
    hi5_object_close(o);
    hi5_type_free(t);
}

static void
regions_are(hi5_file *f)
{
    hi5_reference r[6];
    hi5_target target;
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, "/regions", &d, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_REF, r, &err), &err);
    hi5_dataset_close(d);
    region_is(f, &r[0], 8, (int[]){1, 2, 4, 5, 13, 14, 16, 17});
    region_is(f, &r[1], 9, (int[]){1, 2, 4, 5, 13, 14, 16, 17, 23});
    region_is(f, &r[2], 3, (int[]){0, 23, 7});
    region_is(f, &r[3], 0, NULL);
    region_is(f, &r[4], 24, (int[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
                                    12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23});
    ck_status(hi5_resolve(f, &r[5], &target, &err), HI5_E_NOTFOUND);
}

/* REF-09, REF-10: regions of every kind of selection, none and null too. Releases before
 * 1.12 read those of their targets. */
START_TEST(regions)
{
    static const hi5_compat compat[] = {HI5_COMPAT_EARLIEST, HI5_COMPAT_V18,
                                        HI5_COMPAT_V110};
    hi5_error err;

    for (int i = 0; i < 3; i++) {
        hi5_file *f = written_create("regions.h5", compat[i]);

        write_regions(f, HI5_REF_REGION);
        ck_ok(hi5_close(f, &err), &err);
        written_check("regions.h5", "GH-005", 0);
        f = written_open("regions.h5");
        regions_are(f);
        ck_ok(hi5_close(f, &err), &err);
        ck_dump("regions.h5", "-d /regions", "DATASET \"/image\" { REGION_TYPE BLOCK "
                "(0,1)-(0,2), (0,4)-(0,5), (2,1)-(2,2), (2,4)-(2,5) DATATYPE");
        ck_dump("regions.h5", "-d /regions", "(2,4)-(2,5), (3,5)-(3,5)");
        ck_dump("regions.h5", "-d /regions", "REGION_TYPE POINT (0,0), (3,5), (1,1)");
        ck_dump("regions.h5", "-a /image/region", "(0,1)-(0,2), (0,4)-(0,5), (2,1)-(2,2)");
    }
}
END_TEST

/* REF-13: from 1.12 on: regions, objects and attributes in one dataset. The bytes are as
 * libhdf5 writes them (format facts of 2.17). */
START_TEST(newer_kinds)
{
    static const hi5_compat compat[] = {HI5_COMPAT_V112, HI5_COMPAT_V114, HI5_COMPAT_V200};
    hi5_error err;

    for (int i = 0; i < 3; i++) {
        hi5_file *f = written_create("newer.h5", compat[i]);
        hi5_reference r[2], back[2];
        hi5_target t;
        hi5_object *o;
        hi5_dataset *d;

        write_regions(f, HI5_REF_REGION2);
        ck_ok(hi5_object_open(f, "/image", &o, &err), &err);
        ck_ok(hi5_reference_attribute(o, "region", &r[0], &err), &err);
        ck_ok(hi5_reference_object(o, &r[1], &err), &err);
        ck_status(hi5_reference_attribute(o, "none", &r[1], &err), HI5_E_NOTFOUND);
        hi5_object_close(o);
        ck_ok(hi5_dataset_create(f, "/others", HI5_REF, 1, U(2), NULL, &d, &err), &err);
        if (r[0].kind == HI5_REF_ATTRIBUTE) {
            hi5_type *any;
            hi5_dataset_close(d);
            ck_ok(hi5_type_reference(HI5_REF_OBJECT2, &any, &err), &err);
            ck_ok(hi5_dataset_create(f, "/any", any, 1, U(2), NULL, &d, &err), &err);
            hi5_type_free(any);
        }
        ck_ok(hi5_dataset_write(d, NULL, HI5_REF, r, &err), &err);
        hi5_dataset_close(d);
        ck_ok(hi5_close(f, &err), &err);
        written_check("newer.h5", "GH-005", 0);
        f = written_open("newer.h5");
        regions_are(f);
        ck_ok(hi5_dataset_open(f, "/any", &d, &err), &err);
        ck_ok(hi5_dataset_read(d, NULL, HI5_REF, back, &err), &err);
        hi5_dataset_close(d);
        ck_assert_int_eq(back[0].kind, HI5_REF_ATTRIBUTE);
        ck_ok(hi5_resolve(f, &back[0], &t, &err), &err);
        ck_assert_str_eq(t.attribute, "region");
        ck_assert_uint_eq(back[0].size, 1 + 8 + 2 + 6); /* token, counted name */
        hi5_target_free(&t);
        ck_assert_int_eq(back[1].kind, HI5_REF_OBJECT2);
        ck_ok(hi5_resolve(f, &back[1], &t, &err), &err);
        hi5_target_free(&t);
        ck_ok(hi5_close(f, &err), &err);
    }
}
END_TEST

/* REF-06, REF-09, REF-10: what cannot be a reference, or not in this place. A call that is
 * refused leaves nothing in the heap. */
START_TEST(refused)
{
    hi5_file *f = written_create("refused.h5", HI5_COMPAT_DEFAULT);
    hi5_dataset *d = make_image(f), *refs;
    hi5_selection *s = region(0);
    hi5_reference r, attribute;
    hi5_object *o;
    hi5_error err;

    ck_ok(hi5_dataset_create(f, "/objects", HI5_REF, 1, U(1), NULL, &refs, &err), &err);
    ck_ok(hi5_dataset_resize(d, U(3, 6), &err), &err);
    ck_status(hi5_reference_region(d, s, &r, &err), HI5_E_ARG); /* of what it was */
    ck_ok(hi5_dataset_resize(d, U(4, 6), &err), &err);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, U(3, 0), NULL, U(2, 1), NULL, &err),
          &err);
    ck_status(hi5_reference_region(d, s, &r, &err), HI5_E_RANGE);
    /* REF-09: a region is not stored as an object */
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, U(3, 0), NULL, U(1, 1), NULL, &err),
          &err);
    ck_ok(hi5_reference_region(d, s, &r, &err), &err);
    ck_status(hi5_dataset_write(refs, NULL, HI5_REF, &r, &err), HI5_E_TYPE);
    hi5_selection_free(s);
    const hi5_shape line = {.kind = HI5_SIMPLE, .rank = 1, .dims = {4}, .max = {4}};
    ck_ok(hi5_selection_create(&line, &s, &err), &err);
    ck_status(hi5_reference_region(d, s, &r, &err), HI5_E_ARG);
    hi5_selection_free(s);
    ck_ok(hi5_object_open(f, "/image", &o, &err), &err);
    ck_ok(hi5_attribute_write_string(o, "a", "text", &err), &err);
    ck_status(hi5_reference_attribute(o, "a", &attribute, &err), HI5_E_UNSUPPORTED);
    hi5_object_close(o);
    hi5_dataset_close(d);
    hi5_dataset_close(refs);
    ck_ok(hi5_close(f, &err), &err);
    written_check("refused.h5", "GH-005", 1); /* the region that nobody took */
}
END_TEST

/* REF-01, REF-12: an object that grows keeps its address, two references to it are two
 * references to one object. */
START_TEST(objects_stay)
{
    hi5_file *f = written_create("stay.h5", HI5_COMPAT_DEFAULT);
    hi5_dataset *d = make_image(f), *refs;
    hi5_object *o;
    hi5_reference r[2];
    char name[16];
    hi5_error err;

    ck_ok(hi5_object_open(f, "/image", &o, &err), &err);
    ck_ok(hi5_reference_object(o, &r[0], &err), &err);
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof(name), "a%d", i);
        ck_ok(hi5_attribute_write_string(o, name, name, &err), &err);
    }
    ck_ok(hi5_dataset_resize(d, U(9, 6), &err), &err);
    ck_ok(hi5_reference_object(o, &r[1], &err), &err);
    ck_assert_uint_eq(r[0].address, r[1].address);
    ck_ok(hi5_dataset_create(f, "/refs", HI5_REF, 1, U(2), NULL, &refs, &err), &err);
    ck_ok(hi5_dataset_write(refs, NULL, HI5_REF, r, &err), &err);
    hi5_dataset_close(refs);
    hi5_dataset_close(d);
    hi5_object_close(o);
    ck_ok(hi5_close(f, &err), &err);
    written_check("stay.h5", "GH-005", 0);
    ck_dump("stay.h5", "-d /refs", "/image");
}
END_TEST

Suite *
suite_write_ref(void)
{
    Suite *s = suite_create("write_ref");
    TCase *t = tcase_create("all");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, regions);
    tcase_add_test(t, newer_kinds);
    tcase_add_test(t, refused);
    tcase_add_test(t, objects_stay);
    suite_add_tcase(s, t);
    return s;
}
