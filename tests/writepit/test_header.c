/*
 * test_header.c - what callers say of the headers of new objects, as libhdf5 finds it
 */
#include "writepit.h"
#include <string.h>

static H5O_info_t
head_info(hid_t h, const char *path)
{
    H5O_info_t info;

    ck_assert(H5Oget_info_by_name2(h, path, &info, H5O_INFO_ALL, H5P_DEFAULT) >= 0);
    return info;
}

static void
head_phase(hid_t h, const char *path, unsigned max, unsigned min, unsigned order)
{
    const hid_t o = H5Oopen(h, path, H5P_DEFAULT);
    const hid_t p = H5Iget_type(o) == H5I_DATASET ? H5Dget_create_plist(o)
                                                  : H5Gget_create_plist(o);
    unsigned a, b, c;

    ck_assert(H5Pget_attr_phase_change(p, &a, &b) >= 0);
    ck_assert(H5Pget_attr_creation_order(p, &c) >= 0);
    ck_assert_uint_eq(a, max);
    ck_assert_uint_eq(b, min);
    ck_assert_uint_eq(c, order);
    H5Pclose(p);
    H5Oclose(o);
}

/* Of the root group, too: order of attributes and links, phase changes, estimates */
START_TEST(root)
{
    const hi5_group_options o = {
        .size = sizeof o, .track_order = true, .index_order = true,
        .track_attribute_order = true, .index_attribute_order = true,
        .max_compact_attributes = 3, .min_dense_attributes = 2, .max_compact = 20,
        .min_dense = 10, .estimated_entries = 7, .estimated_name = 30};
    const hi5_create_options create = {.size = sizeof create, .root = &o};
    hi5_create_options bad = create;
    hi5_group_options wrong = o;
    hi5_file *f = wp_create(_i, &create), *other;
    unsigned order, entries, name;
    hi5_group *g;
    hid_t h, p, r;

    ck_ok(hi5_group_open(f, "/", &g, &wp_err), &wp_err);
    wp_put(hi5_group_object(g), "z", 1);
    wp_put(hi5_group_object(g), "a", 2);
    hi5_group_close(g);
    h = wp_change(f);
    head_phase(h, "/", 3, 2, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    g = NULL;
    r = H5Gopen2(h, "/", H5P_DEFAULT);
    p = H5Gget_create_plist(r);
    H5Gclose(r);
    ck_assert(H5Pget_link_creation_order(p, &order) >= 0);
    ck_assert_uint_eq(order, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    ck_assert(H5Pget_link_phase_change(p, &entries, &name) >= 0);
    ck_assert_uint_eq(entries, 20);
    ck_assert(H5Pget_est_link_info(p, &entries, &name) >= 0);
    ck_assert_uint_eq(entries, 7);
    ck_assert_uint_eq(name, 30);
    H5Pclose(p);
    for (unsigned i = 0; i < 4; i++) {
        const hid_t s = H5Screate(H5S_SCALAR);
        const char digit[2] = {(char)('0' + i), 0};
        H5Aclose(H5Acreate2(h, digit, H5T_STD_I32LE, s, H5P_DEFAULT, H5P_DEFAULT));
        H5Sclose(s);
    }
    wp_end(h);
    wp_end(wp_read(NULL));
    wrong.track_order = false;
    bad.root = &wrong;
    ck_assert_int_eq(hi5_create(wp_path(), &bad, &other, &wp_err), HI5_E_ARG);
    ck_assert_ptr_null(other);
}
END_TEST

/* The phase change of attributes: what is asked for is stored, and kept to */
START_TEST(phase_change)
{
    static const unsigned max[] = {1, 8, 3, 20}, min[] = {1, 6, 0, 10};
    const int i = _i / WP_TARGETS;
    const bool old = _i % WP_TARGETS == WP_EARLIEST;
    const hi5_group_options go = {.size = sizeof go, .max_compact_attributes = max[i],
                                  .min_dense_attributes = min[i]};
    hi5_file *f = wp_create(_i % WP_TARGETS, NULL);
    hi5_dataset *d = wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(4),
                                WP_OPTIONS(.max_compact_attributes = max[i],
                                           .min_dense_attributes = min[i]));
    hid_t h, o;

    ck_ok(hi5_group_create(f, "g", &go, NULL, &wp_err), &wp_err);
    for (unsigned k = 0; k < 12; k++) {
        const char name[2] = {(char)('a' + k), 0};
        wp_put(hi5_dataset_object(d), name, (int)k);
    }
    hi5_dataset_close(d);
    h = wp_change(f);
    head_phase(h, "d", old ? 8 : max[i], old ? 6 : min[i], 0);
    head_phase(h, "g", old ? 8 : max[i], old ? 6 : min[i], 0);
    o = H5Dopen2(h, "d", H5P_DEFAULT);
    for (int k = 0; k < 12; k++) {
        const char name[2] = {(char)('a' + k), 0};
        ck_assert_int_eq(wp_get(o, name), k);
    }
    for (int k = 0; k < 11; k++) {
        const char name[2] = {(char)('a' + k), 0};
        ck_assert(H5Adelete(o, name) >= 0);
    }
    ck_assert_int_eq(wp_get(o, "l"), 11);
    H5Dclose(o);
    wp_end(h);
    wp_end(wp_read(NULL));
    f = wp_create(_i % WP_TARGETS, NULL);
    ck_assert_int_eq(hi5_dataset_create(f, "d", HI5_I32, 0, NULL,
                                        WP_OPTIONS(.max_compact_attributes = 2,
                                                   .min_dense_attributes = 4),
                                        NULL, &wp_err),
                     HI5_E_ARG);
    wp_close(f);
}
END_TEST

/* WORLD-13: times of one object, with and without */
START_TEST(times)
{
    const hi5_group_options go = {.size = sizeof go, .times = true};
    hi5_file *const f = wp_create(_i, NULL);
    hid_t h;

    hi5_dataset_close(wp_dataset(f, "with", HI5_I32, 0, NULL, WP_OPTIONS(.times = true)));
    hi5_dataset_close(wp_dataset(f, "without", HI5_I32, 0, NULL, NULL));
    ck_ok(hi5_group_create(f, "g", &go, NULL, &wp_err), &wp_err);
    h = wp_read(f);
    ck_assert_int_gt(head_info(h, "with").ctime, 1500000000);
    ck_assert_int_eq(head_info(h, "without").ctime, 0);
    if (_i != WP_EARLIEST) {
        ck_assert_int_gt(head_info(h, "with").btime, 1500000000);
        ck_assert_int_gt(head_info(h, "g").mtime, 1500000000);
    }
    wp_end(h);
}
END_TEST

/* Of the first format a dataset says it in a message, as libhdf5's does */
START_TEST(time_message)
{
    hi5_open_options open = {.size = sizeof open, .times = true};
    const hi5_create_options create = {.size = sizeof create, .open = &open};
    hi5_file *const f = wp_create(WP_EARLIEST, &create);
    const hid_t h = wp_foreign(WP_EARLIEST, wp_other()), s = H5Screate(H5S_SCALAR);
    hi5_object_info info;
    hi5_object *o;

    hi5_dataset_close(wp_dataset(f, "d", HI5_I32, 0, NULL, NULL));
    ck_ok(hi5_object_open(f, "d", &o, &wp_err), &wp_err);
    ck_ok(hi5_object_get_info(o, &info, &wp_err), &wp_err);
    ck_assert(info.has_mtime);
    ck_assert_int_gt(info.mtime, 1500000000);
    hi5_object_close(o);
    H5Dclose(H5Dcreate2(h, "d", H5T_STD_I32LE, s, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    ck_assert_uint_eq(head_info(h, "d").hdr.mesg.present & (uint64_t)1 << 18,
                      (uint64_t)1 << 18);
    H5Sclose(s);
    wp_end(h);
    {
        const hid_t r = wp_read(f);
        ck_assert_int_gt(head_info(r, "d").ctime, 1500000000);
        wp_end(r);
    }
}
END_TEST

/* A header without room is as small as libhdf5's; attributes can come all the same */
START_TEST(small)
{
    hi5_file *const f = wp_create(_i, NULL);
    const hid_t other = wp_foreign(_i, wp_other()), s = H5Screate(H5S_SCALAR);
    const hid_t p = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t least;
    hi5_dataset *d;
    hid_t h;

    H5Pset_dset_no_attrs_hint(p, true);
    H5Pset_obj_track_times(p, false);
    H5Dclose(H5Dcreate2(other, "d", H5T_STD_I32LE, s, H5P_DEFAULT, p, H5P_DEFAULT));
    least = head_info(other, "d").hdr.space.total;
    H5Pclose(p);
    H5Sclose(s);
    wp_end(other);
    hi5_dataset_close(wp_dataset(f, "d", HI5_I32, 0, NULL, WP_OPTIONS(.small_header = true)));
    d = wp_dataset(f, "attributes", HI5_I32, 0, NULL, WP_OPTIONS(.small_header = true));
    for (unsigned k = 0; k < 10; k++) {
        const char name[2] = {(char)('a' + k), 0};
        wp_put(hi5_dataset_object(d), name, (int)k);
    }
    hi5_dataset_close(d);
    h = wp_change(f);
    ck_assert_uint_le(head_info(h, "d").hdr.space.total, least);
    ck_assert_uint_eq(head_info(h, "attributes").num_attrs, 10);
    d = NULL;
    {
        const hid_t x = H5Dopen2(h, "d", H5P_DEFAULT), a = H5Screate(H5S_SCALAR);
        H5Aclose(H5Acreate2(x, "theirs", H5T_STD_I32LE, a, H5P_DEFAULT, H5P_DEFAULT));
        H5Sclose(a);
        H5Dclose(x);
    }
    wp_end(h);
    wp_end(wp_read(NULL));
}
END_TEST

static void
head_comment(hi5_file *f, const char *path, const char *text)
{
    hi5_object *o;
    hi5_object_info info;

    ck_ok(hi5_object_open(f, path, &o, &wp_err), &wp_err);
    ck_ok(hi5_object_set_comment(o, text, &wp_err), &wp_err);
    ck_ok(hi5_object_get_info(o, &info, &wp_err), &wp_err);
    if (text != NULL && *text != '\0')
        ck_assert_str_eq(info.comment, text);
    else
        ck_assert_ptr_null(info.comment);
    hi5_object_close(o);
}

/* Comments: written, replaced by another that is longer, taken away; by each in turn */
START_TEST(comments)
{
    hi5_file *f = wp_create(_i, NULL);
    char got[80];
    hid_t h;

    hi5_dataset_close(wp_dataset(f, "d", HI5_I32, 0, NULL, NULL));
    ck_ok(hi5_group_create(f, "g", NULL, NULL, &wp_err), &wp_err);
    head_comment(f, "d", "short");
    head_comment(f, "/", "of the root");
    head_comment(f, "g", "gone soon");
    head_comment(f, "g", NULL);
    head_comment(f, "g", "");
    h = wp_change(f);
    ck_assert_int_eq(H5Oget_comment_by_name(h, "d", got, sizeof got, H5P_DEFAULT), 5);
    ck_assert_str_eq(got, "short");
    ck_assert_int_eq(H5Oget_comment_by_name(h, "/", got, sizeof got, H5P_DEFAULT), 11);
    ck_assert_int_eq(H5Oget_comment_by_name(h, "g", got, sizeof got, H5P_DEFAULT), 0);
    ck_assert(H5Oset_comment_by_name(h, "g", "theirs", H5P_DEFAULT) >= 0);
    wp_end(h);
    f = wp_reopen();
    head_comment(f, "g", "ours, and longer than theirs was before");
    head_comment(f, "d", "");
    h = wp_read(f);
    H5Oget_comment_by_name(h, "g", got, sizeof got, H5P_DEFAULT);
    ck_assert_str_eq(got, "ours, and longer than theirs was before");
    ck_assert_int_eq(H5Oget_comment_by_name(h, "d", got, sizeof got, H5P_DEFAULT), 0);
    wp_end(h);
}
END_TEST

Suite *suite_header(void);

Suite *
suite_header(void)
{
    Suite *const s = suite_create("writepit header");
    TCase *const c = tcase_create("header");

    WP_EACH(c, root);
    tcase_add_loop_test(c, phase_change, 0, 4 * WP_TARGETS);
    WP_EACH(c, times);
    tcase_add_test(c, time_message);
    WP_EACH(c, small);
    WP_EACH(c, comments);
    wp_case(s, c);
    return s;
}
