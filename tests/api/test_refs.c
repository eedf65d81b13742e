/*
 * test_refs.c - references, virtual datasets, variable-length data, types by hand
 */
#include <stdlib.h>
#include <string.h>

#include "support.h"

Suite *suite_refs(void);

static const char *const files[] = {"good/refs-old.h5", "good/refs-new.h5"};

static uint64_t
address_of(hi5_file *f, const char *path)
{
    hi5_object *o;
    hi5_object_info i;
    hi5_error err;

    ck_ok(hi5_object_open(f, path, &o, &err), &err);
    ck_ok(hi5_object_get_info(o, &i, &err), &err);
    hi5_object_close(o);
    return i.address;
}

START_TEST(objects)
{
    static const char *const paths[] = {"/", "/target", "/group/again", "/type"};
    hi5_error err;

    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(files[k]);
        hi5_dataset *d;
        hi5_reference r[5];
        hi5_target t;

        ck_ok(hi5_dataset_open(f, "objects", &d, &err), &err);
        ck_ok(hi5_dataset_read(d, NULL, HI5_REF, r, &err), &err);
        for (int i = 0; i < 4; i++) {
            ck_ok(hi5_resolve(f, &r[i], &t, &err), &err);
            ck_assert_int_eq(t.kind, HI5_REF_OBJECT);
            ck_assert_uint_eq(t.address, address_of(f, paths[i]));
            ck_assert_ptr_null(t.selection);
            hi5_target_free(&t);
        }
        ck_status(hi5_resolve(f, &r[4], &t, &err), HI5_E_NOTFOUND); /* null */
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

START_TEST(regions)
{
    static const struct {
        hi5_selection_kind kind;
        uint64_t count;
        bool regular;
    } due[] = {
        {HI5_SELECTION_NONE, 0, false},        {HI5_SELECTION_ALL, 120, false},
        {HI5_SELECTION_HYPERSLABS, 20, true},  {HI5_SELECTION_HYPERSLABS, 24, true},
        {HI5_SELECTION_HYPERSLABS, 48, false}, {HI5_SELECTION_HYPERSLABS, 116, false},
        {HI5_SELECTION_POINTS, 5, false},
    };
    hi5_error err;

    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(files[k]);
        hi5_dataset *d;
        hi5_reference r[8];
        hi5_target t;

        ck_ok(hi5_dataset_open(f, "regions", &d, &err), &err);
        ck_ok(hi5_dataset_read(d, NULL, HI5_REF, r, &err), &err);
        for (int i = 0; i < 7; i++) {
            ck_ok(hi5_resolve(f, &r[i], &t, &err), &err);
            ck_assert_uint_eq(t.address, address_of(f, "target"));
            ck_assert_ptr_nonnull(t.selection);
            ck_assert_int_eq(hi5_selection_get_kind(t.selection), due[i].kind);
            ck_assert_uint_eq(hi5_selection_count(t.selection), due[i].count);
            if (due[i].kind == HI5_SELECTION_HYPERSLABS)
                ck_assert_int_eq(hi5_selection_is_regular(t.selection), due[i].regular);
            hi5_target_free(&t);
        }
        ck_status(hi5_resolve(f, &r[7], &t, &err), HI5_E_NOTFOUND);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* The points, in the order given; and what reading through a region gives. */
START_TEST(through_a_region)
{
    static const int due[5] = {3 * 10 + 4, 0, 11 * 10 + 9, 3 * 10 + 4, 2 * 10 + 8};
    hi5_file *const f = open_fixture(files[1]);
    hi5_dataset *d, *target;
    hi5_object *o;
    hi5_reference r[8];
    hi5_target t;
    hi5_error err;
    int32_t v[5];

    ck_ok(hi5_dataset_open(f, "regions", &d, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_REF, r, &err), &err);
    ck_ok(hi5_resolve(f, &r[6], &t, &err), &err);
    ck_ok(hi5_object_open_address(t.file, t.address, &o, &err), &err);
    ck_ok(hi5_object_dataset(o, &target, &err), &err);
    ck_ok(hi5_dataset_read(target, t.selection, HI5_I32, v, &err), &err);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(v[i], due[i]);
    hi5_dataset_close(target);
    hi5_object_close(o);
    hi5_target_free(&t);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

static hi5_dataset *
open_dataset(const char *file, const char *path)
{
    hi5_file *const f = open_fixture(file);
    hi5_dataset *d = NULL;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    hi5_close(f, NULL);
    return d;
}

/* Rows 0 and 1 come from files; the file of row 2 and the dataset of row 3 are missing;
 * row 4 is in no mapping. */
START_TEST(virtual_rows)
{
    hi5_dataset *const d = open_dataset("good/vds.h5", "rows");
    hi5_mapping m;
    hi5_error err;
    int32_t v[5][10];

    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
    for (int x = 0; x < 10; x++) {
        ck_assert_int_eq(v[0][x], x);
        ck_assert_int_eq(v[1][x], x);
        ck_assert_int_eq(v[2][x], -1);
        ck_assert_int_eq(v[3][x], -1);
        ck_assert_int_eq(v[4][x], -1);
    }
    ck_assert(hi5_dataset_mapping(d, 2, &m));
    ck_assert_str_eq(m.file, "vds-source-missing.h5");
    ck_assert_uint_eq(hi5_selection_count(m.virt), 10);
    ck_assert(!hi5_dataset_mapping(d, 4, &m));
    ck_assert_ptr_nonnull(hi5_file_warning(hi5_object_file(hi5_dataset_object(d)), 0));
    hi5_dataset_close(d);
}
END_TEST

/* The stripes of `selections`: base rows 4 to 6, columns 2 to 7, in order; then column 0. */
START_TEST(virtual_selections)
{
    static const char *const names[] = {"selections", "of a virtual one"};

    for (int k = 0; k < 2; k++) {
        hi5_dataset *const d = open_dataset("good/vds.h5", names[k]);
        hi5_error err;
        int32_t v[6][8];
        int source = 0;

        ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
        for (int y = 0; y < 6; y += 2)
            for (int x = 0; x < 8; x++)
                if (x % 4 != 0) {
                    const int due = (4 + source / 6) * 10 + 2 + source % 6;

                    source++;
                    if (y != 4 || x < 5)
                        ck_assert_int_eq(v[y][x], due);
                }
        ck_assert_int_eq(v[1][0], 0);
        ck_assert_int_eq(v[1][1], 10);
        ck_assert_int_eq(v[3][5], 20);
        ck_assert_int_eq(v[5][0], -2);
        hi5_dataset_close(d);
    }
}
END_TEST

START_TEST(virtual_unlimited)
{
    hi5_dataset *d = open_dataset("good/vds.h5", "growing");
    hi5_error err;
    int32_t v[9][4];

    ck_assert_uint_eq(hi5_dataset_shape(d)->dims[0], 3);
    ck_assert_uint_eq(hi5_dataset_shape(d)->max[0], HI5_UNLIMITED);
    hi5_dataset_close(d);
    d = open_dataset("good/vds.h5", "numbered");
    ck_assert_uint_eq(hi5_dataset_shape(d)->dims[0], 9); /* three files */
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
    for (int i = 0; i < 36; i++)
        ck_assert_int_eq(v[i / 4][i % 4], i % 12);
    hi5_dataset_close(d);
}
END_TEST

START_TEST(virtual_confined)
{
    const hi5_open_options options = {.size = sizeof(options),
                                      .others = HI5_OTHERS_FORBID};
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;
    int32_t v[5][10];

    ck_ok(hi5_open(fixture("good/vds.h5"), &options, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, "rows", &d, &err), &err);
    ck_assert_int_ne(hi5_dataset_read(d, NULL, HI5_I32, v, &err), HI5_E_INTERNAL);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

/* [i] holds 0 to i-1 of {10, -20, 30, -40, 50}; nested: [i] holds 4-i of these. */
START_TEST(sequences)
{
    static const int32_t numbers[5] = {10, -20, 30, -40, 50};
    hi5_error err;

    for (int k = 0; k < 2; k++) {
        const char *const file = k ? "good/types-new.h5" : "good/types-old.h5";
        hi5_dataset *d = open_dataset(file, "sequences/ints");
        hi5_file *const f = hi5_object_file(hi5_dataset_object(d));
        hi5_type *memory;
        hi5_vlen v[5];

        ck_ok(hi5_type_memory(hi5_dataset_type(d), &memory, &err), &err);
        ck_assert_uint_eq(hi5_type_size(memory), sizeof(hi5_vlen));
        ck_ok(hi5_dataset_read(d, NULL, memory, v, &err), &err);
        for (size_t i = 0; i < 5; i++) {
            ck_assert_uint_eq(v[i].n, i);
            if (i > 0)
                ck_assert_mem_eq(v[i].p, numbers, i * sizeof(int32_t));
        }
        hi5_reclaim(f, memory, 5, v);
        hi5_type_free(memory);
        hi5_dataset_close(d);

        d = open_dataset(file, "sequences/nested");
        ck_ok(hi5_type_memory(hi5_dataset_type(d), &memory, &err), &err);
        ck_ok(hi5_dataset_read(d, NULL, memory, v, &err), &err);
        for (size_t i = 0; i < 5; i++) {
            ck_assert_uint_eq(v[i].n, 4 - i);
            for (size_t j = 0; j < v[i].n; j++) {
                const hi5_vlen *const inner = (const hi5_vlen *)v[i].p + j;

                ck_assert_uint_eq(inner->n, j);
                if (j > 0)
                    ck_assert_mem_eq(inner->p, numbers, j * sizeof(int32_t));
            }
        }
        hi5_reclaim(hi5_object_file(hi5_dataset_object(d)), memory, 5, v);
        hi5_type_free(memory);
        hi5_dataset_close(d);
    }
}
END_TEST

struct point {
    float y;
};

/* Reading into a compound of one's own: members by name, converted. */
START_TEST(own_compound)
{
    hi5_dataset *const d = open_dataset("good/demo.h5", "/sample/log");
    const hi5_member members[] = {{"time", offsetof(struct point, y), HI5_F32}};
    struct point p[3] = {{0}, {0}, {0}};
    hi5_type *t;
    hi5_error err;

    ck_ok(hi5_type_compound(sizeof(struct point), members, 1, &t, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, t, p, &err), &err);
    ck_assert_float_eq(p[1].y, 4.5f);
    ck_assert_float_eq(p[2].y, 9);
    hi5_type_free(t);
    hi5_dataset_close(d);
}
END_TEST

START_TEST(types)
{
    hi5_dataset *const d = open_dataset("good/types-new.h5", "/committed/dataset");
    hi5_file *const f = hi5_object_file(hi5_dataset_object(d));
    const hi5_type *const t = hi5_dataset_type(d);
    hi5_type_info i, inner;
    hi5_member m;
    hi5_object *o;
    hi5_error err;

    hi5_type_get_info(t, &i);
    ck_assert_int_eq(i.cls, HI5_COMPOUND);
    ck_assert_uint_eq(i.size, 48);
    ck_assert_uint_eq(i.members, 4);
    ck_assert(hi5_type_member(t, 2, &m));
    ck_assert_str_eq(m.name, "c with blanks");
    ck_assert_uint_eq(m.offset, 16);
    hi5_type_get_info(m.type, &inner);
    ck_assert_int_eq(inner.cls, HI5_ARRAY);
    ck_assert_uint_eq(inner.rank, 1);
    ck_assert_uint_eq(inner.dims[0], 2);
    ck_assert(!hi5_type_member(t, 4, &m));
    ck_ok(hi5_object_open(f, "/committed/compound", &o, &err), &err);
    ck_assert_int_eq(hi5_object_kind(o), HI5_KIND_DATATYPE);
    ck_assert(hi5_type_equal(hi5_object_type(o), t));
    ck_assert_uint_eq(hi5_type_committed(t), address_of(f, "/committed/compound"));
    hi5_object_close(o);
    hi5_dataset_close(d);
}
END_TEST

START_TEST(enums)
{
    hi5_dataset *const d = open_dataset("good/types-old.h5", "/classes/enum i32be");
    const hi5_type *const t = hi5_dataset_type(d);
    const char *name;
    const void *value;

    ck_assert(hi5_type_enum_member(t, 2, &name, &value));
    ck_assert_str_eq(name, "BLUE");
    ck_assert_mem_eq(value, "\0\0\0\4", 4);
    ck_assert_str_eq(hi5_type_enum_name(t, "\xff\xff\xff\xfe"), "RED");
    ck_assert_ptr_null(hi5_type_enum_name(t, "\0\0\0\3"));
    ck_assert(!hi5_type_enum_member(t, 4, &name, &value));
    hi5_dataset_close(d);
}
END_TEST

Suite *
suite_refs(void)
{
    Suite *const suite = suite_create("refs");
    TCase *const tc = tcase_create("refs");

    tcase_add_test(tc, objects);
    tcase_add_test(tc, regions);
    tcase_add_test(tc, through_a_region);
    tcase_add_test(tc, virtual_rows);
    tcase_add_test(tc, virtual_selections);
    tcase_add_test(tc, virtual_unlimited);
    tcase_add_test(tc, virtual_confined);
    tcase_add_test(tc, sequences);
    tcase_add_test(tc, own_compound);
    tcase_add_test(tc, types);
    tcase_add_test(tc, enums);
    suite_add_tcase(suite, tc);
    return suite;
}
