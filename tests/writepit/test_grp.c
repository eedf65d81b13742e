/*
 * test_grp.c - files, groups and links that hi5 writes, as libhdf5 finds and changes them
 */
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- links ---- */

struct grp_seen {
    unsigned n;
    bool sorted;
    char last[6000];
    int64_t order;
};

static herr_t
grp_see(hid_t g, const char *name, const H5L_info_t *info, void *ctx)
{
    struct grp_seen *const s = ctx;

    (void)g;
    if (s->n != 0 && strcmp(s->last, name) >= 0)
        s->sorted = false;
    if (info->corder_valid && info->corder <= s->order && s->n != 0)
        s->order = INT64_MAX; /* they do not ascend */
    else
        s->order = info->corder;
    snprintf(s->last, sizeof s->last, "%s", name);
    s->n++;
    return 0;
}

static struct grp_seen
grp_list(hid_t h, const char *path, H5_index_t by)
{
    struct grp_seen s = {.sorted = true};
    hsize_t at = 0;
    const hid_t g = H5Gopen2(h, path, H5P_DEFAULT);

    ck_assert(g >= 0);
    ck_assert(H5Literate(g, by, H5_ITER_INC, &at, grp_see, &s) >= 0);
    H5Gclose(g);
    return s;
}

/* Names in no order, of any length, not all ASCII. */
static const char *
grp_name(unsigned i)
{
    static char name[4][400];
    static const char *const stem[] = {"z",       "A", "day", "0", "\xc3\xa9t\xc3\xa9",
                                       "DayNight"};
    static unsigned next;
    char *const s = name[next++ % 4];

    snprintf(s, sizeof name[0], "%s%0*u", stem[i * 5 % 6], (int)(i % 40 + 1),
             i * 7919u % 1000000u);
    return s;
}

/* GRP-01 to GRP-06, GRP-11, GRP-13, GRP-32: every name is found by itself, and they are in
 * order; also with small nodes. GRP-31: prefixes */
START_TEST(each_by_name)
{
    static const unsigned counts[] = {1, 2, 8, 9, 16, 17, 20, 250, 1000, 5000};
    const unsigned n = counts[_i / 4];
    const int target = _i % 4 == 3 ? 0 : _i % 4;
    hi5_create_options create = {.group_leaf_k = _i % 4 == 3 ? 2 : 0,
                                 .group_internal_k = _i % 4 == 3 ? 2 : 0};
    hi5_file *const f = wp_create(target, &create);
    struct grp_seen s;
    hid_t h;

    ck_ok(hi5_group_create(f, "g", NULL, NULL, &wp_err), &wp_err);
    hi5_dataset_close(wp_dataset(f, "d", HI5_I32, 0, NULL, NULL));
    for (unsigned i = n; i-- > 0;) {
        char path[500];
        snprintf(path, sizeof path, "g/%s", grp_name(i));
        ck_ok(hi5_link_hard(f, path, "d", &wp_err), &wp_err);
    }
    h = wp_change(f);
    s = grp_list(h, "g", H5_INDEX_NAME);
    ck_assert_uint_eq(s.n, n);
    ck_assert(s.sorted);
    for (unsigned i = 0; i < n; i++) {
        char path[500];
        H5O_info_t info;
        snprintf(path, sizeof path, "g/%s", grp_name(i));
        ck_assert_msg(
            H5Oget_info_by_name2(h, path, &info, H5O_INFO_BASIC, H5P_DEFAULT) >= 0,
            "%s is not there", path);
    }
    /* GRP-18 */
    H5Gclose(H5Gcreate2(h, "g/theirs", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    for (unsigned i = 0; i < n; i += 2) {
        char path[500];
        snprintf(path, sizeof path, "g/%s", grp_name(i));
        ck_assert(H5Ldelete(h, path, H5P_DEFAULT) >= 0);
    }
    wp_end(h);
    h = wp_read(NULL);
    ck_assert_uint_eq(grp_list(h, "g", H5_INDEX_NAME).n, n / 2 + 1);
    wp_end(h);
}
END_TEST

/* GRP-07, GRP-08: 5,000 names of 200 bytes; GRP-16: names of 5,000 */
START_TEST(long_names)
{
    hi5_file *const f = wp_create(_i % 3, NULL);
    const unsigned n = _i < 3 ? 5000 : 30, size = _i < 3 ? 200 : 5000;
    char path[5020];
    hid_t h;

    hi5_dataset_close(wp_dataset(f, "d", HI5_I32, 0, NULL, NULL));
    for (unsigned i = 0; i < n; i++) {
        snprintf(path, sizeof path, "g/%0*u", (int)size, i * 7919 % 100003);
        ck_ok(hi5_link_hard(f, path, "d", &wp_err), &wp_err);
    }
    h = wp_read(f);
    ck_assert_uint_eq(grp_list(h, "g", H5_INDEX_NAME).n, n);
    for (unsigned i = 0; i < n; i += 17) {
        snprintf(path, sizeof path, "g/%0*u", (int)size, i * 7919 % 100003);
        ck_assert_int_gt(H5Lexists(h, path, H5P_DEFAULT), 0);
    }
    wp_end(h);
}
END_TEST

/* GRP-15, GRP-32, GRP-33: 40,000 links in one group */
START_TEST(many_links)
{
    hi5_file *const f = wp_create(_i, NULL);
    struct grp_seen s;
    hid_t h;

    ck_ok(hi5_group_create(f, "g", NULL, NULL, &wp_err), &wp_err);
    for (unsigned i = 0; i < 40000; i++) {
        char path[32];
        snprintf(path, sizeof path, "g/link %u", i * 7919 % 1000003);
        ck_ok(hi5_link_hard(f, path, "g", &wp_err), &wp_err);
    }
    h = wp_read(f);
    s = grp_list(h, "g", H5_INDEX_NAME);
    ck_assert_uint_eq(s.n, 40000);
    ck_assert(s.sorted);
    for (unsigned i = 0; i < 40000; i += 37) {
        char path[32];
        snprintf(path, sizeof path, "g/link %u", i * 7919 % 1000003);
        ck_assert_int_gt(H5Lexists(h, path, H5P_DEFAULT), 0);
    }
    wp_end(h);
}
END_TEST

/* GRP-09, GRP-10, GRP-28, GRP-30: links of each kind, dangling or not, are all listed */
START_TEST(kinds_of_links)
{
    char value[64];
    const char *file, *object;
    unsigned flags;
    H5L_info_t info;
    hid_t h, g, o;

    wp_close(wp_create(_i, NULL));
    ck_assert(rename(wp_path(), wp_other()) == 0);
    {
        hi5_file *const w = wp_create(_i, NULL);
        ck_ok(hi5_group_create(w, "a/b", NULL, NULL, &wp_err), &wp_err); /* GRP-21 */
        ck_ok(hi5_link_soft(w, "a/soft", "/a/b", &wp_err), &wp_err);
        ck_ok(hi5_link_soft(w, "a/dangling", "nowhere/at all", &wp_err), &wp_err);
        ck_ok(hi5_link_soft(w, "a/itself", "itself", &wp_err), &wp_err);
        ck_ok(hi5_link_external(w, "a/root", wp_other(), "/", &wp_err), &wp_err);
        ck_ok(hi5_link_external(w, "a/gone", "gone.h5", "/x", &wp_err), &wp_err);
        ck_ok(hi5_link_hard(w, "a/b/back", "a", &wp_err), &wp_err); /* GRP-22 */
        ck_ok(hi5_group_create(w, "a/b/back/b/c", NULL, NULL, &wp_err), &wp_err);
        h = wp_read(w);
    }
    ck_assert_uint_eq(grp_list(h, "a", H5_INDEX_NAME).n, 6);
    g = H5Gopen2(h, "a", H5P_DEFAULT);
    ck_assert(H5Lget_val(g, "dangling", value, sizeof value, H5P_DEFAULT) >= 0);
    ck_assert_str_eq(value, "nowhere/at all");
    ck_assert_int_gt(H5Lexists(h, "a/soft/c", H5P_DEFAULT), 0);
    ck_assert(H5Lget_info(g, "gone", &info, H5P_DEFAULT) >= 0);
    ck_assert(H5Lget_val(g, "gone", value, sizeof value, H5P_DEFAULT) >= 0);
    ck_assert(H5Lunpack_elink_val(value, info.u.val_size, &flags, &file, &object) >=
              0);
    ck_assert_str_eq(file, "gone.h5");
    ck_assert_str_eq(object, "/x");
    o = H5Oopen(g, "root", H5P_DEFAULT);
    ck_assert(o >= 0);
    H5Oclose(o);
    H5Gclose(g);
    wp_end(h);
}
END_TEST

/* A file of the first format with n links in `group`, by hi5 or by libhdf5; the last is
 * an external one. */
static void
grp_old(bool ours, const char *group, unsigned n)
{
    hi5_file *const f = ours ? wp_create(WP_EARLIEST, NULL) : NULL;
    const hid_t h = ours ? -1 : wp_foreign(WP_EARLIEST, wp_other());
    char path[500];

    if (ours)
        ck_ok(hi5_group_create(f, "g/inner", NULL, NULL, &wp_err), &wp_err);
    else
        for (unsigned i = 0; i < 2; i++)
            H5Gclose(H5Gcreate2(h, i == 0 ? "g" : "g/inner", H5P_DEFAULT, H5P_DEFAULT,
                                H5P_DEFAULT));
    for (unsigned i = 1; i < n; i++) {
        snprintf(path, sizeof path, "%s/x%u", group, i * 7919 % 1000);
        if (ours && i % 3 == 0)
            ck_ok(hi5_link_soft(f, path, "/g", &wp_err), &wp_err);
        else if (ours)
            ck_ok(hi5_link_hard(f, path, "/g/inner", &wp_err), &wp_err);
        else if (i % 3 == 0)
            ck_assert(H5Lcreate_soft("/g", h, path, H5P_DEFAULT, H5P_DEFAULT) >= 0);
        else
            ck_assert(H5Lcreate_hard(h, "/g/inner", h, path, H5P_DEFAULT, H5P_DEFAULT) >=
                      0);
    }
    snprintf(path, sizeof path, "%s/out", group);
    if (ours) {
        ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
        ck_ok(hi5_link_external(f, path, "other.h5", "/x", &wp_err), &wp_err);
        ck_ok(hi5_abort(f, &wp_err), &wp_err);
        ck_ok(hi5_link_external(f, path, "other.h5", "/x", &wp_err), &wp_err);
        wp_close(f);
    } else {
        ck_assert(H5Lcreate_external("other.h5", "/x", h, path, H5P_DEFAULT,
                                     H5P_DEFAULT) >= 0);
        wp_end(h);
    }
}

static herr_t
grp_same(hid_t theirs, const char *name, const H5L_info_t *info, void *ctx)
{
    const hid_t ours = *(const hid_t *)ctx;
    H5L_info_t found;
    H5O_info_t o;

    (void)theirs;
    ck_assert_msg(H5Lget_info(ours, name, &found, H5P_DEFAULT) >= 0, "no %s", name);
    ck_assert_int_eq(found.type, info->type);
    if (info->type != H5L_TYPE_EXTERNAL)
        ck_assert(H5Oget_info_by_name2(ours, name, &o, H5O_INFO_BASIC, H5P_DEFAULT) >= 0);
    return 0;
}

/* An external link makes a group with a symbol table a new one, as libhdf5 does: with all
 * its links, in messages or in a heap; the rest of the file stays old */
START_TEST(becomes_new)
{
    static const unsigned counts[] = {1, 2, 7, 8, 9, 60};
    const char *const group = _i % 2 == 0 ? "g" : "/";
    const unsigned n = counts[_i / 2];
    hid_t h, other, ours, theirs;
    hsize_t at = 0;
    H5G_info_t info;
    hi5_file *f;

    grp_old(true, group, n);
    grp_old(false, group, n);
    h = wp_read(NULL);
    other = H5Fopen(wp_other(), H5F_ACC_RDONLY, H5P_DEFAULT);
    ours = H5Gopen2(h, group, H5P_DEFAULT);
    theirs = H5Gopen2(other, group, H5P_DEFAULT);
    ck_assert_uint_eq(grp_list(h, group, H5_INDEX_NAME).n,
                      grp_list(other, group, H5_INDEX_NAME).n);
    ck_assert(H5Literate(theirs, H5_INDEX_NAME, H5_ITER_INC, &at, grp_same, &ours) >= 0);
    ck_assert(H5Gget_info_by_name(h, "g/inner", &info, H5P_DEFAULT) >= 0);
    ck_assert_int_eq(info.storage_type, H5G_STORAGE_TYPE_SYMBOL_TABLE);
    H5Gclose(ours);
    H5Gclose(theirs);
    wp_end(other);
    wp_end(h);
    if (n < 7) /* else the heap's address differs */
        wp_same_message(group, 2);
    wp_same_message(group, 10);
    f = wp_reopen();
    ck_ok(hi5_group_create(f, "g/inner/more", NULL, NULL, &wp_err), &wp_err);
    ck_ok(hi5_link_hard(f, "g/again", "/", &wp_err), &wp_err);
    h = wp_change(f);
    H5Gclose(H5Gcreate2(h, "g/again/theirs", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    ck_assert(H5Ldelete(h, _i % 2 == 0 ? "g/out" : "out", H5P_DEFAULT) >= 0);
    wp_end(h);
    h = wp_read(NULL);
    ck_assert_int_gt(H5Lexists(h, "theirs", H5P_DEFAULT), 0);
    wp_end(h);
}
END_TEST

/* GRP-18, GRP-34: libhdf5 adds to groups of each kind, empty or not */
START_TEST(added_to)
{
    const hi5_group_options options[3] = {
        {.size = sizeof options[0]},
        {.size = sizeof options[0], .track_order = true},
        {.size = sizeof options[0],
         .track_order = true,
         .index_order = true,
         .max_compact = 3,
         .min_dense = 2,
         .estimated_entries = 65535, /* OH-11 */
         .estimated_name = 255}};
    static const unsigned counts[] = {0, 3, 12};
    hi5_file *const f = wp_create(_i, NULL);
    char path[40];
    hid_t h;

    for (int k = 0; k < 3; k++)
        for (int c = 0; c < 3; c++) {
            snprintf(path, sizeof path, "g%d%d", k, c);
            ck_ok(hi5_group_create(f, path, &options[k], NULL, &wp_err), &wp_err);
            for (unsigned i = 0; i < counts[c]; i++) {
                snprintf(path, sizeof path, "g%d%d/%u", k, c, 100 - i);
                ck_ok(hi5_group_create(f, path, NULL, NULL, &wp_err), &wp_err);
            }
        }
    h = wp_change(f);
    for (int k = 0; k < 3; k++)
        for (int c = 0; c < 3; c++) {
            const hid_t s = H5Screate(H5S_SCALAR);
            hid_t g, d;
            snprintf(path, sizeof path, "g%d%d", k, c);
            g = H5Gopen2(h, path, H5P_DEFAULT);
            if (k > 0) { /* GRP-19, GRP-26 */
                const struct grp_seen seen = grp_list(h, path, H5_INDEX_CRT_ORDER);
                ck_assert_uint_eq(seen.n, counts[c]);
                ck_assert(seen.order != INT64_MAX);
            }
            d = H5Dcreate2(g, "d", H5T_NATIVE_INT, s, H5P_DEFAULT, H5P_DEFAULT,
                           H5P_DEFAULT);
            ck_assert(d >= 0);
            H5Dclose(d);
            for (unsigned i = 0; i < 12; i++) {
                char name[8];
                hid_t sub;
                snprintf(name, sizeof name, "n%u", i);
                sub = H5Gcreate2(g, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
                ck_assert(sub >= 0);
                H5Gclose(sub);
            }
            H5Gclose(g);
            H5Sclose(s);
            ck_assert_uint_eq(grp_list(h, path, H5_INDEX_NAME).n, counts[c] + 13);
        }
    wp_end(h);
    wp_check(wp_path());
}
END_TEST

/* GRP-27: twelve links, libhdf5 leaves five, hi5 adds more: the order goes on */
START_TEST(order_goes_on)
{
    const hi5_group_options options = {
        .size = sizeof options, .track_order = true, .index_order = true};
    hi5_file *f = wp_create(_i == 0 ? WP_V18 : WP_V110, NULL);
    struct grp_seen s;
    char path[20];
    hid_t h;

    ck_ok(hi5_group_create(f, "g", &options, NULL, &wp_err), &wp_err);
    for (int i = 0; i < 12; i++) {
        snprintf(path, sizeof path, "g/%d", 50 - i);
        ck_ok(hi5_group_create(f, path, NULL, NULL, &wp_err), &wp_err);
    }
    h = wp_change(f);
    for (int i = 0; i < 7; i++) {
        snprintf(path, sizeof path, "g/%d", 50 - i);
        ck_assert(H5Ldelete(h, path, H5P_DEFAULT) >= 0);
    }
    wp_end(h);
    f = wp_reopen();
    for (int i = 0; i < 9; i++) {
        snprintf(path, sizeof path, "g/%d", 20 - i);
        ck_ok(hi5_group_create(f, path, NULL, NULL, &wp_err), &wp_err);
    }
    h = wp_read(f);
    s = grp_list(h, "g", H5_INDEX_CRT_ORDER);
    ck_assert_uint_eq(s.n, 14);
    ck_assert_int_eq(s.order, 20);
    ck_assert_str_eq(s.last, "12");
    wp_end(h);
}
END_TEST

/* GRP-17: two names with one hash */
START_TEST(equal_hashes)
{
    hi5_file *const f = wp_create(WP_V18, NULL);
    static const char *const names[2] = {"n104308", "n159644"};
    char path[24];
    hid_t h;

    for (int i = 0; i < 20; i++) {
        snprintf(path, sizeof path, "other %d", i);
        ck_ok(hi5_group_create(f, path, NULL, NULL, &wp_err), &wp_err);
    }
    ck_ok(hi5_group_create(f, names[_i], NULL, NULL, &wp_err), &wp_err);
    ck_ok(hi5_group_create(f, names[1 - _i], NULL, NULL, &wp_err), &wp_err);
    h = wp_read(f);
    ck_assert_int_gt(H5Lexists(h, names[0], H5P_DEFAULT), 0);
    ck_assert_int_gt(H5Lexists(h, names[1], H5P_DEFAULT), 0);
    wp_end(h);
}
END_TEST

/* GRP-20: a name that is taken; GRP-23: a dataset on the way; GRP-25: UTF-8; GRP-35 */
START_TEST(names_once)
{
    hi5_file *const f = wp_create(_i, NULL);
    H5L_info_t info;
    hid_t h;

    ck_ok(hi5_group_create(f, "//a///b/", NULL, NULL, &wp_err), &wp_err);
    hi5_dataset_close(wp_dataset(f, "./d", HI5_I32, 0, NULL, NULL));
    ck_status(hi5_group_create(f, "d", NULL, NULL, &wp_err), HI5_E_EXISTS);
    ck_status(hi5_group_create(f, "a/b", NULL, NULL, &wp_err), HI5_E_EXISTS);
    ck_status(hi5_dataset_create(f, "a", HI5_I32, 0, NULL, NULL, NULL, &wp_err),
              HI5_E_EXISTS);
    ck_status(hi5_link_soft(f, "d", "a", &wp_err), HI5_E_EXISTS);
    ck_status(hi5_type_commit(f, "a", HI5_I32, NULL, &wp_err), HI5_E_EXISTS);
    ck_assert_int_ne(hi5_group_create(f, "d/x", NULL, NULL, &wp_err), HI5_OK);
    ck_assert_int_ne(hi5_group_create(f, "", NULL, NULL, &wp_err), HI5_OK);
    ck_assert_int_ne(hi5_group_create(f, "/", NULL, NULL, &wp_err), HI5_OK);
    ck_ok(hi5_group_create(f, "\xf0\x9f\x8c\x8d", NULL, NULL, &wp_err), &wp_err);
    h = wp_read(f);
    ck_assert_uint_eq(grp_list(h, "/", H5_INDEX_NAME).n, 3);
    ck_assert_uint_eq(grp_list(h, "a", H5_INDEX_NAME).n, 1);
    ck_assert(H5Lget_info(h, "\xf0\x9f\x8c\x8d", &info, H5P_DEFAULT) >= 0);
    if (_i != WP_EARLIEST)
        ck_assert_int_eq(info.cset, H5T_CSET_UTF8);
    wp_end(h);
}
END_TEST

/* ---- files ---- */

/* OPEN-05, OPEN-06, OPEN-07, OPEN-08: everything behind a user block, which stays */
START_TEST(user_block)
{
    const hi5_create_options create = {.userblock = 512u << (_i / 3)};
    hi5_create_options bad = {.size = sizeof bad};
    static const uint64_t no[] = {100, 511, 513, 1000};
    hi5_file *f = wp_create(_i % 3, &create);
    static int values[5000];
    const uint64_t chunk = 7, max = HI5_UNLIMITED;
    unsigned char block[512];
    hsize_t size = 0;
    hi5_dataset *d;
    hi5_object *o;
    FILE *raw;
    hid_t h, p;

    for (int i = 0; i < 5000; i++)
        values[i] = i;
    for (int session = 0; session < 3; session++) {
        char path[20];
        snprintf(path, sizeof path, "g%d/d", session);
        d = wp_dataset(
            f, path, HI5_I32, 1, WP_DIMS(5000),
            WP_OPTIONS(.chunk = &chunk, .max = &max, .deflate = session == 1));
        ck_ok(hi5_dataset_write(d, NULL, HI5_I32, values, &wp_err), &wp_err);
        hi5_dataset_close(d);
        ck_ok(hi5_object_open(f, "/", &o, &wp_err), &wp_err);
        for (int i = 0; i < 12; i++) {
            snprintf(path, sizeof path, "a%d-%d", session, i);
            ck_ok(hi5_attribute_write_string(o, path, "text", &wp_err), &wp_err);
        }
        hi5_object_close(o);
        wp_close(f);
        if (session == 0) {
            raw = fopen(wp_path(), "r+b");
            memset(block, 'u', sizeof block);
            ck_assert(fwrite(block, 1, 512, raw) == 512);
            fclose(raw);
        }
        f = wp_reopen();
    }
    h = wp_read(f);
    p = H5Fget_create_plist(h);
    H5Pget_userblock(p, &size);
    ck_assert_uint_eq(size, create.userblock);
    H5Pclose(p);
    wp_ints(h, "g0/d", 5000, values);
    wp_ints(h, "g1/d", 5000, values);
    wp_ints(h, "g2/d", 5000, values);
    wp_end(h);
    raw = fopen(wp_path(), "rb");
    ck_assert(fread(block, 1, 512, raw) == 512 && block[0] == 'u' && block[511] == 'u');
    fclose(raw);
    for (int i = 0; i < 4; i++) {
        bad.userblock = no[i];
        ck_assert_int_ne(hi5_create(wp_other(), &bad, &f, &wp_err), HI5_OK);
    }
}
END_TEST

/* OPEN-09, OPEN-13: other widths of addresses and lengths, other ranks of trees */
START_TEST(widths)
{
    static const unsigned sizes[3] = {2, 4, 8};
    const hi5_create_options create = {.offset_size = sizes[_i % 3],
                                       .length_size = sizes[_i / 3 % 3],
                                       .group_leaf_k = 3,
                                       .group_internal_k = 5,
                                       .chunk_k = _i / 9 != 0 ? 6 : 0};
    const bool small = create.offset_size == 2 || create.length_size == 2;
    const uint64_t n = small ? 60 : 900, chunk = 4;
    hi5_file *const f = wp_create(_i / 9, &create);
    static int values[900];
    hi5_dataset *const d = wp_dataset(f, "d", HI5_I32, 1, &n,
                                      WP_OPTIONS(.chunk = &chunk, .shuffle = true));
    hi5_object *o;
    unsigned leaf = 0, internal = 0;
    hid_t h, p, g;

    for (int i = 0; i < 900; i++)
        values[i] = 7 * i;
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, values, &wp_err), &wp_err);
    hi5_dataset_close(d);
    for (unsigned i = 0; i < (small ? 12 : 60); i++) {
        char path[40];
        snprintf(path, sizeof path, "g/%u", i * 7919 % 1009);
        ck_ok(hi5_link_hard(f, path, "d", &wp_err), &wp_err);
    }
    ck_ok(hi5_object_open(f, "g", &o, &wp_err), &wp_err);
    wp_put(o, "a", 3);
    hi5_object_close(o);
    h = wp_change(f);
    p = H5Fget_create_plist(h);
    H5Pget_sym_k(p, &internal, &leaf);
    ck_assert_uint_eq(leaf, 3);
    ck_assert_uint_eq(internal, 5);
    H5Pclose(p);
    wp_ints(h, "d", (size_t)n, values);
    ck_assert_uint_eq(grp_list(h, "g", H5_INDEX_NAME).n, small ? 12 : 60);
    g = H5Gopen2(h, "g", H5P_DEFAULT);
    ck_assert_int_eq(wp_get(g, "a"), 3);
    H5Gclose(H5Gcreate2(g, "theirs", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Gclose(g);
    wp_end(h);
    wp_check(wp_path());
}
END_TEST

/* OPEN-12, OPEN-24: nothing of the root is overwritten; its entry has both addresses */
START_TEST(root_entry)
{
    hi5_file *const f = wp_create(WP_EARLIEST, NULL);
    const int v = 3;
    unsigned char b[96];
    hi5_dataset *const d = wp_dataset(f, "d", HI5_I32, 0, NULL, NULL);
    FILE *raw;
    hid_t h;

    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, &v, &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", 1, &v);
    wp_end(h);
    raw = fopen(wp_path(), "rb");
    ck_assert(fread(b, 1, sizeof b, raw) == sizeof b);
    fclose(raw);
    ck_assert_uint_eq(b[8], 0);  /* superblock */
    ck_assert_uint_eq(b[72], 1); /* cache type of the root entry */
    ck_assert(b[80] != 0xff && b[88] != 0xff);
}
END_TEST

/* EDIT-01, OPEN-08: opened for writing, and closed: the same bytes */
START_TEST(nothing_changes)
{
    const hid_t h = wp_foreign(_i, wp_path());
    static unsigned char before[100000], after[100000];
    size_t n;
    FILE *raw;

    for (int i = 0; i < 20; i++) {
        char name[8];
        snprintf(name, sizeof name, "%d", i);
        H5Gclose(H5Gcreate2(h, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    }
    wp_end(h);
    raw = fopen(wp_path(), "rb");
    n = fread(before, 1, sizeof before, raw);
    fclose(raw);
    for (int i = 0; i < 10; i++)
        wp_close(wp_reopen());
    raw = fopen(wp_path(), "rb");
    ck_assert_uint_eq(fread(after, 1, sizeof after, raw), n);
    fclose(raw);
    ck_assert_mem_eq(before, after, n);
}
END_TEST

/* OPEN-28: a creation that is refused leaves the old file as it is */
START_TEST(old_file_stays)
{
    const hi5_create_options once = {.size = sizeof once, .exclusive = true};
    const hi5_create_options bad = {.size = sizeof bad, .userblock = 7};
    const hi5_create_options wide = {.size = sizeof wide, .offset_size = 3};
    hi5_file *f = wp_create(_i, NULL), *g;
    hid_t h;

    ck_ok(hi5_group_create(f, "g", NULL, NULL, &wp_err), &wp_err);
    wp_close(f);
    ck_status(hi5_create(wp_path(), &once, &g, &wp_err), HI5_E_EXISTS);
    ck_assert_int_ne(hi5_create(wp_path(), &bad, &g, &wp_err), HI5_OK);
    ck_assert_int_ne(hi5_create(wp_path(), &wide, &g, &wp_err), HI5_OK);
    h = wp_read(NULL);
    ck_assert_int_gt(H5Lexists(h, "g", H5P_DEFAULT), 0);
    wp_end(h);
    f = wp_reopen();
    ck_assert_int_ne(hi5_create(wp_path(), NULL, &g, &wp_err),
                     HI5_OK); /* it is locked */
    h = wp_read(f);
    ck_assert_int_gt(H5Lexists(h, "g", H5P_DEFAULT), 0);
    wp_end(h);
}
END_TEST

Suite *suite_grp(void);

Suite *
suite_grp(void)
{
    Suite *const s = suite_create("writepit grp");
    TCase *const c = tcase_create("grp"), *const o = tcase_create("open");

    tcase_add_loop_test(c, each_by_name, 0, 40);
    tcase_add_loop_test(c, long_names, 0, 6);
    WP_EACH(c, many_links);
    WP_EACH(c, kinds_of_links);
    tcase_add_loop_test(c, becomes_new, 0, 12);
    tcase_add_loop_test(c, added_to, WP_V18, WP_TARGETS);
    tcase_add_loop_test(c, order_goes_on, 0, 2);
    tcase_add_loop_test(c, equal_hashes, 0, 2);
    WP_EACH(c, names_once);
    wp_case(s, c);
    tcase_add_loop_test(o, user_block, 0, 9);
    tcase_add_loop_test(o, widths, 0, 27);
    tcase_add_test(o, root_entry);
    WP_EACH(o, nothing_changes);
    WP_EACH(o, old_file_stays);
    wp_case(s, o);
    return s;
}
