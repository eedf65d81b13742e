/*
 * test_vlen.c - fill values that are in the heap, or references, as libhdf5 takes them
 */
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNL HI5_UNLIMITED
#define VLEN_N 10

static const char *const vlen_text = "nothing here";

static hid_t
vlen_string(void)
{
    const hid_t t = H5Tcopy(H5T_C_S1);

    H5Tset_size(t, H5T_VARIABLE);
    H5Tset_cset(t, H5T_CSET_UTF8);
    return t;
}

/* What libhdf5 reads; NULL in `wanted` is the fill value. */
static void
vlen_expect(hid_t h, const char *path, size_t n, const char *const *wanted)
{
    const hid_t t = vlen_string(), x = H5Dopen2(h, path, H5P_DEFAULT);
    const hid_t p = H5Dget_create_plist(x), s = H5Dget_space(x);
    char *got[40] = {NULL}, *fill = NULL;

    ck_assert_int_eq(H5Sget_simple_extent_npoints(s), (hssize_t)n);
    ck_assert(H5Dread(x, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >= 0);
    for (size_t i = 0; i < n; i++) {
        ck_assert_str_eq(got[i], wanted[i] != NULL ? wanted[i] : vlen_text);
        H5free_memory(got[i]);
    }
    ck_assert(H5Pget_fill_value(p, t, &fill) >= 0);
    ck_assert_str_eq(fill, vlen_text);
    H5free_memory(fill);
    H5Sclose(s);
    H5Pclose(p);
    H5Dclose(x);
    H5Tclose(t);
}

static void
vlen_change(hid_t h, const char *path, hsize_t at, const char *text)
{
    const hid_t t = vlen_string(), x = H5Dopen2(h, path, H5P_DEFAULT);
    const hid_t s = H5Dget_space(x), m = H5Screate(H5S_SCALAR);

    H5Sselect_elements(s, H5S_SELECT_SET, 1, &at);
    ck_assert(H5Dwrite(x, t, m, s, H5P_DEFAULT, &text) >= 0);
    H5Sclose(m);
    H5Sclose(s);
    H5Dclose(x);
    H5Tclose(t);
}

/* The same, read by hi5. */
static void
vlen_look(hi5_file *f, const char *path, size_t n, const char *const *wanted)
{
    char *got[40] = {NULL}, *fill = NULL;
    hi5_dataset *d;

    ck_ok(hi5_dataset_open(f, path, &d, &wp_err), &wp_err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_STR, got, &wp_err), &wp_err);
    for (size_t i = 0; i < n; i++)
        ck_assert_str_eq(got[i], wanted[i] != NULL ? wanted[i] : vlen_text);
    hi5_reclaim(f, HI5_STR, n, got);
    ck_ok(hi5_dataset_read_fill(d, HI5_STR, &fill, &wp_err), &wp_err);
    ck_assert_str_eq(fill, vlen_text);
    hi5_reclaim(f, HI5_STR, 1, &fill);
    hi5_dataset_close(d);
}

#define VLEN_KINDS 7
static const char *const vlen_names[VLEN_KINDS] = {
    "plain", "early", "compact", "chunks", "all chunks", "filtered", "untouched"};

static hi5_dataset *
vlen_make(hi5_file *f, int kind)
{
    const uint64_t four = 4;
    hi5_dataset_options o = {.size = sizeof o, .fill = &vlen_text};

    if (kind >= 3)
        o.chunk = &four;
    if (kind == 1 || kind == 4)
        o.alloc_time = HI5_ALLOC_EARLY;
    o.compact = kind == 2;
    o.deflate = kind == 5;
    return wp_dataset(f, vlen_names[kind], HI5_STR, 1, WP_DIMS(VLEN_N), &o);
}

/* FILL-08, VLEN-17: a string that stands where nothing was written, in every layout. When
 * libhdf5 writes an element over it gives back what it had in the heap: each has its own */
START_TEST(fill_strings)
{
    static const char *const two[2] = {"one", "two"};
    const char *wanted[VLEN_N] = {NULL}, *const none[VLEN_N] = {NULL};
    hi5_file *f = wp_create(_i, NULL);
    hid_t h;

    for (int k = 0; k < VLEN_KINDS; k++) {
        hi5_dataset *const d = vlen_make(f, k);
        if (k != 6)
            ck_ok(hi5_dataset_write_slab(d, WP_DIMS(5), WP_DIMS(2), HI5_STR, two,
                                         &wp_err), &wp_err);
        hi5_dataset_close(d);
    }
    wanted[5] = "one";
    wanted[6] = "two";
    h = wp_change(f);
    for (int k = 0; k < VLEN_KINDS; k++) {
        vlen_expect(h, vlen_names[k], VLEN_N, k != 6 ? wanted : none);
        vlen_change(h, vlen_names[k], 7, "theirs");
        vlen_change(h, vlen_names[k], 0, "a longer one that takes more room");
    }
    wp_end(h);
    wanted[7] = "theirs";
    wanted[0] = "a longer one that takes more room";
    f = wp_reopen();
    for (int k = 0; k < VLEN_KINDS - 1; k++) {
        hi5_dataset *d;
        const char *const last = "last";

        vlen_look(f, vlen_names[k], VLEN_N, wanted);
        ck_ok(hi5_dataset_open(f, vlen_names[k], &d, &wp_err), &wp_err);
        ck_ok(hi5_dataset_write_points(d, 1, WP_DIMS(9), HI5_STR, &last, &wp_err),
              &wp_err);
        hi5_dataset_close(d);
    }
    wanted[9] = "last";
    h = wp_change(f);
    for (int k = 0; k < VLEN_KINDS - 1; k++)
        vlen_expect(h, vlen_names[k], VLEN_N, wanted);
    wp_end(h);
}
END_TEST

/* GROW-02: what was cut off is the fill value again, and what is uncovered in the last
 * chunk, by hi5 and by libhdf5 */
START_TEST(fill_grows)
{
    static const char *const six[6] = {"1", "2", "3", "4", "5", "6"};
    const char *wanted[14] = {"1", "2", "3"};
    hi5_file *const f = wp_create(_i % 3, NULL);
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_STR, 1, WP_DIMS(6),
                   WP_OPTIONS(.chunk = WP_DIMS(4), .max = WP_DIMS(UNL),
                              .fill = &vlen_text, .shuffle = _i / 3));
    hid_t h, x;

    ck_ok(hi5_dataset_write(d, NULL, HI5_STR, six, &wp_err), &wp_err);
    ck_ok(hi5_dataset_resize(d, WP_DIMS(3), &wp_err), &wp_err);
    ck_ok(hi5_dataset_resize(d, WP_DIMS(9), &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_change(f);
    vlen_expect(h, "d", 9, wanted);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert(H5Dset_extent(x, (hsize_t[]){14}) >= 0);
    H5Dclose(x);
    vlen_expect(h, "d", 14, wanted);
    vlen_change(h, "d", 3, "x");
    wanted[3] = "x";
    vlen_expect(h, "d", 14, wanted);
    wp_end(h);
}
END_TEST

/* A sequence, and a compound with a string in it */
START_TEST(fill_others)
{
    static int32_t numbers[3] = {7, 8, 9};
    const hi5_vlen fill = {3, numbers};
    struct pair {
        double x;
        char *s;
    } pair = {2.5, (char *)(uintptr_t)vlen_text}, got[3];
    const hi5_member member[2] = {
        {.name = "x", .offset = offsetof(struct pair, x), .type = HI5_F64},
        {.name = "s", .offset = offsetof(struct pair, s), .type = HI5_STR}};
    hi5_type *sequence, *compound;
    hi5_file *const f = wp_create(_i, NULL);
    hid_t h, x, t, s;
    hvl_t read[4];

    ck_ok(hi5_type_vlen(HI5_I32, &sequence, &wp_err), &wp_err);
    hi5_dataset_close(wp_dataset(f, "sequence", sequence, 1, WP_DIMS(4),
                                 WP_OPTIONS(.fill = &fill, .chunk = WP_DIMS(2))));
    ck_ok(hi5_type_compound(sizeof pair, member, 2, &compound, &wp_err), &wp_err);
    hi5_dataset_close(wp_dataset(f, "compound", compound, 1, WP_DIMS(3),
                                 WP_OPTIONS(.fill = &pair, .fill_type = compound,
                                            .alloc_time = HI5_ALLOC_EARLY)));
    hi5_type_free(compound);
    hi5_type_free(sequence);
    h = wp_change(f);
    x = H5Dopen2(h, "sequence", H5P_DEFAULT);
    t = H5Tvlen_create(H5T_NATIVE_INT32);
    s = H5Dget_space(x);
    ck_assert(H5Dread(x, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, read) >= 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(read[i].len, 3);
        ck_assert_mem_eq(read[i].p, numbers, sizeof numbers);
    }
    H5Dvlen_reclaim(t, s, H5P_DEFAULT, read);
    H5Sclose(s);
    H5Tclose(t);
    H5Dclose(x);
    x = H5Dopen2(h, "compound", H5P_DEFAULT);
    t = H5Tcreate(H5T_COMPOUND, sizeof pair);
    s = vlen_string();
    H5Tinsert(t, "x", offsetof(struct pair, x), H5T_NATIVE_DOUBLE);
    H5Tinsert(t, "s", offsetof(struct pair, s), s);
    H5Tclose(s);
    ck_assert(H5Dread(x, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >= 0);
    s = H5Dget_space(x);
    for (int i = 0; i < 3; i++) {
        ck_assert(got[i].x == 2.5);
        ck_assert_str_eq(got[i].s, vlen_text);
    }
    H5Dvlen_reclaim(t, s, H5P_DEFAULT, got);
    H5Sclose(s);
    H5Tclose(t);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* References to objects and regions */
START_TEST(fill_references)
{
    hi5_file *const f = wp_create(_i, NULL);
    hi5_dataset *const to = wp_dataset(f, "to", HI5_I32, 1, WP_DIMS(8), NULL);
    hi5_reference object, region;
    hi5_selection *some;
    hi5_type *t;
    hobj_ref_t got[5];
    hdset_reg_ref_t regions[4];
    hid_t h, x, s;

    ck_ok(hi5_reference_object(hi5_dataset_object(to), &object, &wp_err), &wp_err);
    ck_ok(hi5_selection_create(hi5_dataset_shape(to), &some, &wp_err), &wp_err);
    ck_ok(hi5_selection_hyperslab(some, HI5_SELECT_SET, WP_DIMS(2), NULL, WP_DIMS(3), NULL,
                                  &wp_err), &wp_err);
    ck_ok(hi5_reference_region(to, some, &region, &wp_err), &wp_err);
    hi5_selection_free(some);
    ck_ok(hi5_type_reference(HI5_REF_OBJECT, &t, &wp_err), &wp_err);
    hi5_dataset_close(wp_dataset(f, "objects", t, 1, WP_DIMS(5),
                                 WP_OPTIONS(.fill = &object, .chunk = WP_DIMS(2))));
    ck_assert_int_eq(hi5_dataset_create(f, "wrong", t, 1, WP_DIMS(5),
                                        WP_OPTIONS(.fill = &region), NULL, &wp_err),
                     HI5_E_TYPE);
    hi5_type_free(t);
    ck_ok(hi5_type_reference(HI5_REF_REGION, &t, &wp_err), &wp_err);
    hi5_dataset_close(wp_dataset(f, "regions", t, 1, WP_DIMS(4),
                                 WP_OPTIONS(.fill = &region,
                                            .alloc_time = HI5_ALLOC_EARLY)));
    hi5_type_free(t);
    hi5_dataset_close(to);
    h = wp_read(f);
    x = H5Dopen2(h, "objects", H5P_DEFAULT);
    ck_assert(H5Dread(x, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, got) >= 0);
    H5Dclose(x);
    for (int i = 0; i < 5; i++) {
        char name[20];
        x = H5Rdereference2(h, H5P_DEFAULT, H5R_OBJECT, &got[i]);
        ck_assert_int_gt(H5Iget_name(x, name, sizeof name), 0);
        ck_assert_str_eq(name, "/to");
        H5Dclose(x);
    }
    x = H5Dopen2(h, "regions", H5P_DEFAULT);
    ck_assert(H5Dread(x, H5T_STD_REF_DSETREG, H5S_ALL, H5S_ALL, H5P_DEFAULT, regions) >=
              0);
    for (int i = 0; i < 4; i++) {
        s = H5Rget_region(x, H5R_DATASET_REGION, &regions[i]);
        ck_assert_int_eq(H5Sget_select_npoints(s), 3);
        H5Sclose(s);
    }
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* What is refused leaves nothing in the heap; what is written over again and again leaves
 * the file as large as it was */
START_TEST(fill_and_space)
{
    hi5_file *f = wp_create(_i, NULL);
    const hi5_dataset_options *const o = WP_OPTIONS(.fill = &vlen_text);
    hi5_file_info before, after;
    hi5_dataset *d;

    ck_ok(hi5_group_create(f, "g", NULL, NULL, &wp_err), &wp_err);
    wp_close(f);
    f = wp_reopen();
    hi5_file_get_info(f, &before);
    ck_assert_int_eq(hi5_dataset_create(f, "g", HI5_STR, 1, WP_DIMS(4), o, NULL, &wp_err),
                     HI5_E_EXISTS);
    ck_assert_int_eq(hi5_dataset_create(f, "x", HI5_STR, 1, WP_DIMS(4),
                                        WP_OPTIONS(.fill = &vlen_text,
                                                   .fill_type = HI5_I32),
                                        NULL, &wp_err),
                     HI5_E_TYPE);
    wp_close(f);
    f = wp_reopen();
    hi5_file_get_info(f, &after);
    ck_assert_uint_eq(after.file_size, before.file_size);
    d = wp_dataset(f, "d", HI5_STR, 1, WP_DIMS(1000),
                   WP_OPTIONS(.fill = &vlen_text, .chunk = WP_DIMS(100)));
    hi5_dataset_close(d);
    for (unsigned i = 0; i < 30; i++) {
        const char *const text = "as long";

        ck_ok(hi5_dataset_open(f, "d", &d, &wp_err), &wp_err);
        for (uint64_t k = 0; k < 1000; k += 100)
            ck_ok(hi5_dataset_write_points(d, 1, &k, HI5_STR, &text, &wp_err), &wp_err);
        hi5_dataset_close(d);
        ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
        hi5_file_get_info(f, i < 3 ? &before : &after);
    }
    ck_assert_uint_eq(after.file_size, before.file_size);
    wp_close(f);
}
END_TEST

/* VLEN-11: strings are strings, and sequences sequences, also of characters; VLEN-08: one that
 * is too long for its length is refused */
START_TEST(kinds)
{
    hi5_file *const f = wp_create(_i, NULL);
    const hi5_vlen far = {(size_t)1 << 32, &(char){0}};
    hi5_type *t;
    hi5_dataset *d;
    hid_t h, x, m;

    hi5_dataset_close(wp_dataset(f, "string", HI5_STR, 0, NULL, NULL));
    ck_ok(hi5_type_vlen(HI5_I8, &t, &wp_err), &wp_err);
    d = wp_dataset(f, "sequence", t, 0, NULL, NULL);
    ck_assert_int_ne(hi5_dataset_write(d, NULL, NULL, &far, &wp_err), HI5_OK);
    hi5_dataset_close(d);
    hi5_type_free(t);
    wp_close(f);
    h = H5Fopen(wp_path(), H5F_ACC_RDONLY, H5P_DEFAULT);
    x = H5Dopen2(h, "string", H5P_DEFAULT);
    m = H5Dget_type(x);
    ck_assert_int_gt(H5Tis_variable_str(m), 0);
    H5Tclose(m);
    H5Dclose(x);
    x = H5Dopen2(h, "sequence", H5P_DEFAULT);
    m = H5Dget_type(x);
    ck_assert_int_eq(H5Tget_class(m), H5T_VLEN);
    ck_assert_int_eq(H5Tis_variable_str(m), 0);
    H5Tclose(m);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* FILT-24: filters on elements that are in the heap, written in parts */
START_TEST(filtered)
{
    enum { MANY = 30 };
    const char *wanted[MANY];
    char text[MANY][12];
    hi5_file *const f = wp_create(_i, NULL);
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_STR, 1, WP_DIMS(MANY),
                   WP_OPTIONS(.chunk = WP_DIMS(7), .shuffle = true, .deflate = 5,
                              .fletcher32 = true, .fill = &vlen_text));
    hid_t h;

    for (int i = 0; i < MANY; i++) {
        snprintf(text[i], sizeof text[i], "%*d", i % 9 + 1, i);
        wanted[i] = NULL;
    }
    for (uint64_t at = 1; at + 3 < MANY; at += 5) {
        const char *const three[3] = {text[at], text[at + 1], text[at + 2]};
        ck_ok(hi5_dataset_write_slab(d, WP_DIMS(at), WP_DIMS(3), HI5_STR, three, &wp_err),
              &wp_err);
        if (at % 2 == 0)
            ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
        for (int i = 0; i < 3; i++)
            wanted[at + (uint64_t)i] = three[i];
    }
    hi5_dataset_close(d);
    h = wp_change(f);
    vlen_expect(h, "d", MANY, wanted);
    vlen_change(h, "d", 0, "theirs");
    wanted[0] = "theirs";
    vlen_expect(h, "d", MANY, wanted);
    wp_end(h);
}
END_TEST

Suite *suite_vlen(void);

Suite *
suite_vlen(void)
{
    Suite *const s = suite_create("writepit vlen");
    TCase *const c = tcase_create("fill values");

    WP_EACH(c, fill_strings);
    tcase_add_loop_test(c, fill_grows, 0, 6);
    WP_EACH(c, fill_others);
    WP_EACH(c, fill_references);
    WP_EACH(c, fill_and_space);
    WP_EACH(c, kinds);
    WP_EACH(c, filtered);
    wp_case(s, c);
    return s;
}
