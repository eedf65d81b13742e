/*
 * test_world.c - whole files of hi5 in the world of others; what refers to objects in them
 */
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNL HI5_UNLIMITED

/* A file with some of everything that every target has. */
static void
world_make(hi5_file *f)
{
    static const char *const words[3] = {"one", "", "three"};
    hi5_object *type;
    hi5_dataset *d, *to;
    hi5_reference r;
    hi5_type *t;

    ck_ok(hi5_group_create(f, "group/inner", NULL, NULL, &wp_err), &wp_err);
    for (unsigned i = 0; i < 12; i++) {
        char path[40];
        snprintf(path, sizeof path, "many/%u", i);
        ck_ok(hi5_link_soft(f, path, "/group", &wp_err), &wp_err);
    }
    d = wp_dataset(f, "chunks", HI5_I32, 2, WP_DIMS(4, 3),
                   WP_OPTIONS(.max = WP_DIMS(UNL, 3), .chunk = WP_DIMS(2, 3), .shuffle = true,
                              .deflate = 4, .fletcher32 = true));
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, (const int[12]){1, 2, 3}, &wp_err), &wp_err);
    for (unsigned i = 0; i < 10; i++) {
        const char name[2] = {(char)('a' + i), 0};
        wp_put(hi5_dataset_object(d), name, (int)i);
    }
    hi5_dataset_close(d);
    to = wp_dataset(f, "group/plain", HI5_F64, 1, WP_DIMS(5), NULL);
    d = wp_dataset(f, "words", HI5_STR, 1, WP_DIMS(3), NULL);
    ck_ok(hi5_dataset_write(d, NULL, HI5_STR, words, &wp_err), &wp_err);
    hi5_dataset_close(d);
    ck_ok(hi5_type_commit(f, "type", HI5_I32, &type, &wp_err), &wp_err);
    wp_put(type, "of the type", 3);
    d = wp_dataset(f, "of type", hi5_object_type(type), 1, WP_DIMS(2),
                   WP_OPTIONS(.compact = true));
    ck_ok(hi5_attribute_write(hi5_dataset_object(d), "of type", hi5_object_type(type), NULL,
                              HI5_I32, &(int){8}, &wp_err), &wp_err);
    hi5_dataset_close(d);
    hi5_object_close(type);
    ck_ok(hi5_reference_object(hi5_dataset_object(to), &r, &wp_err), &wp_err);
    ck_ok(hi5_type_reference(HI5_REF_OBJECT, &t, &wp_err), &wp_err);
    d = wp_dataset(f, "reference", t, 0, NULL, NULL);
    ck_ok(hi5_dataset_write(d, NULL, NULL, &r, &wp_err), &wp_err);
    hi5_type_free(t);
    hi5_dataset_close(d);
    hi5_dataset_close(to);
}

/* WORLD-01: libhdf5 adds, changes, resizes and deletes something of every kind */
START_TEST(changed_by_others)
{
    hi5_file *const f = wp_create(_i, NULL);
    const hid_t s = H5Screate(H5S_SCALAR);
    hid_t h, x;

    world_make(f);
    h = wp_change(f);
    H5Gclose(H5Gcreate2(h, "group/theirs", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Gclose(H5Gcreate2(h, "many/theirs", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    for (int i = 0; i < 12; i += 2) {
        char path[40];
        snprintf(path, sizeof path, "many/%d", i);
        ck_assert(H5Ldelete(h, path, H5P_DEFAULT) >= 0);
    }
    x = H5Dopen2(h, "chunks", H5P_DEFAULT);
    ck_assert(H5Dset_extent(x, (hsize_t[]){9, 3}) >= 0);
    ck_assert(H5Adelete(x, "c") >= 0);
    H5Aclose(H5Acreate2(x, "theirs", H5T_STD_I32LE, s, H5P_DEFAULT, H5P_DEFAULT));
    H5Dclose(x);
    x = H5Oopen(h, "group", H5P_DEFAULT);
    H5Aclose(H5Acreate2(x, "theirs", H5T_STD_I32LE, s, H5P_DEFAULT, H5P_DEFAULT));
    H5Oclose(x);
    H5Dclose(H5Dcreate2(h, "theirs", H5T_STD_I32LE, s, H5P_DEFAULT, H5P_DEFAULT,
                        H5P_DEFAULT));
    ck_assert(H5Ldelete(h, "words", H5P_DEFAULT) >= 0);
    ck_assert(H5Lmove(h, "group/plain", h, "group/moved", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    ck_assert(H5Ocopy(h, "of type", h, "copy", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    H5Sclose(s);
    wp_end(h);
    h = wp_read(NULL);
    x = H5Dopen2(h, "chunks", H5P_DEFAULT);
    ck_assert_int_eq(wp_get(x, "j"), 9);
    ck_assert_int_eq(H5Aexists(x, "c"), 0);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* WORLD-02, WORLD-03, WORLD-09, WORLD-15: what a target promises to read the file needs no
 * later release, and none later refuses it */
START_TEST(releases)
{
    static const unsigned needs[WP_TARGETS] = {106, 108, 110};
    static const unsigned all[] = {106, 108, 110, 112, 114, 200};
    hi5_file *const f = wp_create(_i, NULL);

    world_make(f);
    wp_close(f);
    for (unsigned i = 0; i < 6; i++) {
        const hi5_check_options o = {.size = sizeof o, .release = all[i]};
        hi5_check_result r;

        if (all[i] < needs[_i])
            continue;
        ck_ok(hi5_check(wp_path(), NULL, &o, NULL, NULL, &r, &wp_err), &wp_err);
        ck_assert_uint_eq(r.errors + r.warnings, 0);
        ck_assert_uint_le(r.needs_release, needs[_i]);
    }
}
END_TEST

static size_t
world_bytes(const char *path, unsigned char *b, size_t room)
{
    FILE *const in = fopen(path, "rb");
    const size_t n = fread(b, 1, room, in);

    fclose(in);
    ck_assert_uint_lt(n, room);
    return n;
}

/* WORLD-16, WORLD-13: the same calls give the same bytes: no times, nothing of this machine */
START_TEST(same_bytes)
{
    static unsigned char one[1 << 17], two[1 << 17];
    size_t n;

    for (int pass = 0; pass < 2; pass++) {
        hi5_file *const f = wp_create(_i, NULL);
        world_make(f);
        wp_close(f);
        n = world_bytes(wp_path(), pass ? two : one, sizeof one);
        ck_assert(rename(wp_path(), wp_other()) == 0);
    }
    ck_assert(memcmp(one, two, n) == 0);
}
END_TEST

/* REF-03, REF-04: a committed type is one, in datasets and attributes, with attributes of
 * its own. REF-05: its link goes; who uses it keeps it */
START_TEST(committed)
{
    hi5_file *f = wp_create(_i, NULL);
    hid_t h, x, t, a;

    world_make(f);
    h = wp_read(f);
    x = H5Dopen2(h, "of type", H5P_DEFAULT);
    t = H5Dget_type(x);
    ck_assert_int_gt(H5Tcommitted(t), 0);
    H5Tclose(t);
    a = H5Aopen(x, "of type", H5P_DEFAULT);
    t = H5Aget_type(a);
    ck_assert_int_gt(H5Tcommitted(t), 0);
    H5Tclose(t);
    H5Aclose(a);
    H5Dclose(x);
    t = H5Topen2(h, "type", H5P_DEFAULT);
    ck_assert_int_eq(wp_get(t, "of the type"), 3);
    H5Tclose(t);
    wp_end(h);
    f = wp_reopen();
    ck_ok(hi5_link_delete(f, "type", &wp_err), &wp_err);
    h = wp_read(f);
    ck_assert_int_eq(H5Lexists(h, "type", H5P_DEFAULT), 0);
    x = H5Dopen2(h, "of type", H5P_DEFAULT);
    ck_assert_int_eq(wp_get(x, "of type"), 8);
    t = H5Dget_type(x);
    ck_assert_int_eq(wp_get(t, "of the type"), 3);
    H5Tclose(t);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* REF-08: references in sequences */
START_TEST(references_in_sequences)
{
    hi5_file *const f = wp_create(_i, NULL);
    hi5_type *t, *sequence;
    hi5_reference r[2];
    hi5_vlen value = {2, r};
    hi5_dataset *d;
    hi5_object *o;
    hvl_t got;
    char name[20];
    hid_t h, x, m, to;

    ck_ok(hi5_group_create(f, "a/b", NULL, NULL, &wp_err), &wp_err);
    for (int i = 0; i < 2; i++) {
        ck_ok(hi5_object_open(f, i ? "a/b" : "a", &o, &wp_err), &wp_err);
        ck_ok(hi5_reference_object(o, &r[i], &wp_err), &wp_err);
        hi5_object_close(o);
    }
    ck_ok(hi5_type_reference(HI5_REF_OBJECT, &t, &wp_err), &wp_err);
    ck_ok(hi5_type_vlen(t, &sequence, &wp_err), &wp_err);
    d = wp_dataset(f, "d", sequence, 0, NULL, NULL);
    ck_ok(hi5_dataset_write(d, NULL, NULL, &value, &wp_err), &wp_err);
    hi5_dataset_close(d);
    hi5_type_free(sequence);
    hi5_type_free(t);
    h = wp_read(f);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    m = H5Tvlen_create(H5T_STD_REF_OBJ);
    ck_assert(H5Dread(x, m, H5S_ALL, H5S_ALL, H5P_DEFAULT, &got) >= 0);
    ck_assert_uint_eq(got.len, 2);
    for (int i = 0; i < 2; i++) {
        to = H5Rdereference2(h, H5P_DEFAULT, H5R_OBJECT, (hobj_ref_t *)got.p + i);
        ck_assert_int_gt(H5Iget_name(to, name, sizeof name), 0);
        ck_assert_str_eq(name, i ? "/a/b" : "/a");
        H5Oclose(to);
    }
    H5free_memory(got.p);
    H5Tclose(m);
    H5Dclose(x);
    wp_end(h);
}
END_TEST

Suite *suite_world(void);

Suite *
suite_world(void)
{
    Suite *const s = suite_create("writepit world");
    TCase *const c = tcase_create("world");

    WP_EACH(c, changed_by_others);
    WP_EACH(c, releases);
    WP_EACH(c, same_bytes);
    WP_EACH(c, committed);
    WP_EACH(c, references_in_sequences);
    wp_case(s, c);
    return s;
}
