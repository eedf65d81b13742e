/*
 * test_delete.c - what hi5 deletes and moves, in files of its own and of libhdf5's
 */
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
delete_link(hi5_file *f, const char *path)
{
    ck_ok(hi5_link_delete(f, path, &wp_err), &wp_err);
}

static void
delete_commit(hi5_file *f)
{
    ck_ok(hi5_flush(f, HI5_SAFE, &wp_err), &wp_err);
}

static uint64_t
delete_size(const char *path)
{
    FILE *const p = fopen(path, "rb");
    long n;

    ck_assert_ptr_nonnull(p);
    fseek(p, 0, SEEK_END);
    n = ftell(p);
    fclose(p);
    return (uint64_t)n;
}

/* What is freed may be used after the commit that freed it: the next one lets the file
 * end where it did before. */
static uint64_t
delete_end(hi5_file *f)
{
    delete_commit(f);
    ck_ok(hi5_group_create(f, "last", NULL, NULL, &wp_err), &wp_err);
    delete_commit(f);
    delete_link(f, "last");
    delete_commit(f);
    ck_ok(hi5_group_create(f, "last", NULL, NULL, &wp_err), &wp_err);
    delete_link(f, "last");
    wp_close(f);
    return delete_size(wp_path());
}

/* ---- objects of every kind ---- */

static void
delete_strings(hi5_file *f, const char *path, uint64_t n, const hi5_dataset_options *o)
{
    hi5_type *type = NULL;
    hi5_dataset *d;
    const char **const text = malloc(n * sizeof *text);
    char *const all = malloc(n * 32);

    for (uint64_t i = 0; i < n; i++) {
        text[i] = all + i * 32;
        snprintf(all + i * 32, 32, "the string with the number %u", (unsigned)i % 100);
    }
    ck_ok(hi5_type_vlen_string(HI5_NULL_TERMINATED, HI5_UTF8, &type, &wp_err), &wp_err);
    d = wp_dataset(f, path, type, 1, &n, o);
    ck_ok(hi5_dataset_write(d, NULL, NULL, text, &wp_err), &wp_err);
    hi5_dataset_close(d);
    hi5_type_free(type);
    free(all);
    free(text);
}

static void
delete_ints(hi5_file *f, const char *path, const hi5_dataset_options *o)
{
    static int value[10000];
    const uint64_t dims[2] = {100, 100};
    hi5_dataset *const d = wp_dataset(f, path, HI5_I32, 2, dims, o);

    for (int i = 0; i < 10000; i++)
        value[i] = i;
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, value, &wp_err), &wp_err);
    hi5_dataset_close(d);
}

static void
delete_attributes(hi5_file *f, const char *path, unsigned n)
{
    char name[32];
    hi5_object *o = NULL;

    ck_ok(hi5_object_open(f, path, &o, &wp_err), &wp_err);
    for (unsigned i = 0; i < n; i++) {
        snprintf(name, sizeof name, "attribute %u", i);
        if (i % 3 == 0)
            ck_ok(hi5_attribute_write_string(o, name, "a value of some length", &wp_err),
                  &wp_err);
        else
            wp_put(o, name, (int)i);
    }
    hi5_object_close(o);
}

#define DELETE_KINDS 17

static void
delete_make(hi5_file *f, int kind, const char *path)
{
    const uint64_t chunk[2] = {16, 16}, max0[2] = {UINT64_MAX, 100},
                   max2[2] = {UINT64_MAX, UINT64_MAX};
    hi5_object *type = NULL;
    char inner[64];

    switch (kind) {
    case 0:
        ck_ok(hi5_group_create(f, path, NULL, NULL, &wp_err), &wp_err);
        break;
    case 1: /* a large group */
        for (int i = 0; i < 100; i++) {
            snprintf(inner, sizeof inner, "%s/member with a longer name %d", path, i);
            ck_ok(hi5_group_create(f, inner, NULL, NULL, &wp_err), &wp_err);
        }
        break;
    case 2: /* a tree */
        snprintf(inner, sizeof inner, "%s/a/b/c/d/e/f", path);
        ck_ok(hi5_group_create(f, inner, NULL, NULL, &wp_err), &wp_err);
        snprintf(inner, sizeof inner, "%s/a/b/data", path);
        delete_ints(f, inner, WP_OPTIONS(.chunk = chunk));
        snprintf(inner, sizeof inner, "%s/soft", path);
        ck_ok(hi5_link_soft(f, inner, "/nowhere", &wp_err), &wp_err);
        break;
    case 3: /* contiguous */
        delete_ints(f, path, NULL);
        break;
    case 4: /* chunked by each index */
        delete_ints(f, path, WP_OPTIONS(.chunk = chunk));
        break;
    case 5:
        delete_ints(f, path, WP_OPTIONS(.chunk = chunk, .deflate = 1));
        break;
    case 6:
        delete_ints(f, path, WP_OPTIONS(.chunk = chunk, .max = max0));
        break;
    case 7:
        delete_ints(f, path, WP_OPTIONS(.chunk = chunk, .max = max0, .shuffle = true,
                                        .deflate = 3));
        break;
    case 8:
        delete_ints(f, path, WP_OPTIONS(.chunk = chunk, .max = max2));
        break;
    case 9:
        delete_ints(f, path, WP_OPTIONS(.chunk = WP_DIMS(100, 100)));
        break;
    case 10: /* allocated early: implicit, where there is such a thing */
        delete_ints(f, path, WP_OPTIONS(.chunk = chunk, .alloc_time = HI5_ALLOC_EARLY));
        break;
    case 11: /* many small chunks: pages of fixed and extensible arrays */
        delete_ints(f, path, WP_OPTIONS(.chunk = WP_DIMS(1, 2)));
        break;
    case 12:
        delete_ints(f, path, WP_OPTIONS(.chunk = WP_DIMS(1, 2), .max = max0));
        break;
    case 13: /* with something in the heap */
        delete_strings(f, path, 500, NULL);
        break;
    case 14:
        delete_strings(f, path, 500, WP_OPTIONS(.chunk = WP_DIMS(30), .deflate = 1));
        break;
    case 15: /* attributes, also in a heap of their own */
        ck_ok(hi5_group_create(f, path, NULL, NULL, &wp_err), &wp_err);
        delete_attributes(f, path, 60);
        break;
    case 16:
        ck_ok(hi5_type_commit(f, path, HI5_F32, &type, &wp_err), &wp_err);
        hi5_object_close(type);
        delete_attributes(f, path, 3);
        break;
    }
}

/* FREE-02, FREE-05: whatever goes leaves nothing behind */
START_TEST(nothing_stays)
{
    const int target = _i % WP_TARGETS, kind = _i / WP_TARGETS;
    hi5_file *f = wp_create(target, NULL);
    uint64_t empty, after;
    hid_t h;

    empty = delete_end(f);
    f = wp_reopen();
    delete_make(f, kind, "thing");
    if (kind % 2 == 0)
        delete_commit(f);
    delete_link(f, "thing");
    after = delete_end(f);
    ck_assert_uint_eq(after, empty);
    h = wp_read(NULL);
    ck_assert(H5Lexists(h, "thing", H5P_DEFAULT) == 0);
    wp_end(h);
}
END_TEST

/* FREE-02: over and over, in one session and in many, the file stays as large as it is */
START_TEST(cycles)
{
    const int target = _i % WP_TARGETS, kind = _i / WP_TARGETS;
    hi5_file *f = wp_create(target, NULL);
    uint64_t settled = 0;

    delete_ints(f, "stays", WP_OPTIONS(.chunk = WP_DIMS(32, 32), .deflate = 1));
    for (int i = 0; i < 12; i++) {
        delete_make(f, kind, "thing");
        delete_commit(f);
        delete_link(f, "thing");
        delete_commit(f);
        if (i % 4 == 3) { /* what is free is forgotten */
            wp_close(f);
            if (i == 3)
                settled = delete_size(wp_path());
            f = wp_reopen();
        }
    }
    wp_close(f);
    ck_assert_uint_eq(delete_size(wp_path()), settled);
}
END_TEST

/* ---- what stays ---- */

/* FREE-01: an object stays as long as there is a link to it */
START_TEST(links_count)
{
    hi5_file *f = wp_create(_i, NULL);
    int wanted[10000];
    H5O_info_t info;
    hid_t h;

    for (int i = 0; i < 10000; i++)
        wanted[i] = i;
    delete_ints(f, "a", WP_OPTIONS(.chunk = WP_DIMS(10, 10)));
    ck_ok(hi5_link_hard(f, "g/b", "a", &wp_err), &wp_err);
    ck_ok(hi5_link_copy(f, "g/b", "g/c", &wp_err), &wp_err);
    delete_commit(f);
    delete_link(f, "a");
    delete_link(f, "g/b");
    delete_commit(f);
    delete_ints(f, "new", NULL);
    h = wp_change(f);
    ck_assert(H5Oget_info_by_name2(h, "g/c", &info, H5O_INFO_BASIC, H5P_DEFAULT) >= 0);
    ck_assert_uint_eq(info.rc, 1);
    wp_ints(h, "g/c", 10000, wanted);
    wp_ints(h, "new", 10000, wanted);
    ck_assert(H5Ldelete(h, "g/c", H5P_DEFAULT) >= 0);
    wp_end(h);
    wp_check(wp_path());
}
END_TEST

/* A committed type stays as long as a dataset or an attribute has it */
START_TEST(committed_types)
{
    hi5_file *f = wp_create(_i, NULL);
    const uint64_t n = 5;
    const int32_t value[5] = {1, 2, 3, 4, 5};
    hi5_object *type = NULL, *g = NULL;
    H5O_info_t info;
    hi5_dataset *d;
    hid_t h;

    ck_ok(hi5_type_commit(f, "t", HI5_I32, &type, &wp_err), &wp_err);
    ck_ok(hi5_group_create(f, "g", NULL, NULL, &wp_err), &wp_err);
    ck_ok(hi5_object_open(f, "g", &g, &wp_err), &wp_err);
    for (int i = 0; i < 3; i++) /* replaced twice: one use */
        ck_ok(hi5_attribute_write(g, "x", hi5_object_type(type), NULL, HI5_I32, value,
                                  &wp_err), &wp_err);
    ck_ok(hi5_attribute_write(g, "y", hi5_object_type(type), NULL, HI5_I32, value,
                              &wp_err), &wp_err);
    ck_ok(hi5_attribute_delete(g, "y", &wp_err), &wp_err);
    d = wp_dataset(f, "d", hi5_object_type(type), 1, &n, NULL);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, value, &wp_err), &wp_err);
    hi5_dataset_close(d);
    hi5_dataset_close(wp_dataset(f, "e", hi5_object_type(type), 1, &n, NULL));
    delete_link(f, "e");
    hi5_object_close(type);
    hi5_object_close(g);
    h = wp_change(f);
    ck_assert(H5Oget_info_by_name2(h, "t", &info, H5O_INFO_BASIC, H5P_DEFAULT) >= 0);
    ck_assert_uint_eq(info.rc, 3); /* its name, d, and x */
    wp_end(h);
    f = wp_reopen();
    delete_link(f, "t");
    h = wp_read(f);
    wp_ints(h, "d", 5, value); /* it has its type still */
    wp_end(h);
    f = wp_reopen();
    delete_link(f, "d");
    delete_link(f, "g");
    wp_close(f);
}
END_TEST

/* FREE-13: groups that contain themselves. As with libhdf5, what only leads to itself
 * cannot be reached any more; nothing else is harmed */
START_TEST(cycles_of_links)
{
    hi5_file *f = wp_create(_i, NULL);
    hid_t h;

    ck_ok(hi5_group_create(f, "a/b/c", NULL, NULL, &wp_err), &wp_err);
    ck_ok(hi5_link_hard(f, "a/b/c/up", "a/b", &wp_err), &wp_err);
    ck_ok(hi5_link_hard(f, "a/self", "a", &wp_err), &wp_err);
    ck_ok(hi5_link_hard(f, "root", "/", &wp_err), &wp_err);
    delete_link(f, "a/b/c/up");
    delete_link(f, "a/self");
    delete_link(f, "root");
    delete_link(f, "a");
    ck_ok(hi5_group_create(f, "x/y", NULL, NULL, &wp_err), &wp_err);
    ck_ok(hi5_link_hard(f, "x/y/again", "x", &wp_err), &wp_err);
    delete_link(f, "x/y/again/y/again");
    delete_link(f, "x");
    h = wp_read(f);
    ck_assert(H5Lexists(h, "a", H5P_DEFAULT) == 0);
    ck_assert(H5Lexists(h, "x", H5P_DEFAULT) == 0);
    wp_end(h);
}
END_TEST

/* FREE-11, FREE-12: a name that is free again, at once */
START_TEST(again)
{
    hi5_file *f = wp_create(_i, NULL);
    hid_t h, o;

    ck_ok(hi5_group_create(f, "g/a", NULL, NULL, &wp_err), &wp_err);
    delete_ints(f, "d", NULL);
    delete_commit(f);
    delete_link(f, "g");
    ck_ok(hi5_group_create(f, "g/b/c", NULL, NULL, &wp_err), &wp_err);
    delete_link(f, "d");
    delete_strings(f, "d", 3, NULL);
    h = wp_read(f);
    ck_assert(H5Lexists(h, "g/a", H5P_DEFAULT) == 0);
    o = H5Oopen(h, "g/b/c", H5P_DEFAULT);
    ck_assert(o >= 0);
    H5Oclose(o);
    o = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert(o >= 0);
    H5Dclose(o);
    wp_end(h);
}
END_TEST

/* EDIT-13: handles of what is gone say so, and work again when it is not gone after all */
START_TEST(handles)
{
    hi5_file *f = wp_create(_i, NULL);
    hi5_dataset *d = NULL, *other = NULL;
    hi5_object *o = NULL;
    hi5_group *g = NULL;
    int value[10000];
    hi5_object_info info;

    delete_ints(f, "g/d", NULL);
    delete_commit(f);
    ck_ok(hi5_dataset_open(f, "g/d", &d, &wp_err), &wp_err);
    ck_ok(hi5_object_open(f, "g", &o, &wp_err), &wp_err);
    ck_ok(hi5_group_open(f, "g", &g, &wp_err), &wp_err);
    delete_link(f, "g");
    ck_assert_int_eq(hi5_dataset_read(d, NULL, HI5_I32, value, &wp_err), HI5_E_STATE);
    ck_assert_int_eq(hi5_dataset_write(d, NULL, HI5_I32, value, &wp_err), HI5_E_STATE);
    ck_assert_int_eq(hi5_object_get_info(o, &info, &wp_err), HI5_E_STATE);
    ck_assert_int_eq(hi5_attribute_write_string(o, "x", "y", &wp_err), HI5_E_STATE);
    ck_assert_int_eq(hi5_group_create_at(g, "x", NULL, NULL, &wp_err), HI5_E_STATE);
    ck_assert_int_eq(hi5_object_set_comment(o, "gone", &wp_err), HI5_E_STATE);
    ck_assert_int_eq(hi5_copy_at(hi5_dataset_object(d), g, "x", NULL, &wp_err),
                     HI5_E_STATE);
    ck_assert_int_eq(hi5_copy(o, f, "x", NULL, &wp_err), HI5_E_STATE);
    ck_ok(hi5_abort(f, &wp_err), &wp_err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, value, &wp_err), &wp_err);
    ck_assert_int_eq(value[9999], 9999);
    ck_ok(hi5_attribute_write_string(o, "x", "y", &wp_err), &wp_err);
    ck_ok(hi5_group_create_at(g, "x", NULL, NULL, &wp_err), &wp_err);
    delete_link(f, "g");
    delete_commit(f);
    ck_assert_int_eq(hi5_dataset_read(d, NULL, HI5_I32, value, &wp_err), HI5_E_STATE);
    delete_ints(f, "g/d", NULL); /* most likely in the same place */
    ck_assert_int_eq(hi5_dataset_read(d, NULL, HI5_I32, value, &wp_err), HI5_E_STATE);
    ck_ok(hi5_dataset_open(f, "g/d", &other, &wp_err), &wp_err);
    ck_ok(hi5_dataset_read(other, NULL, HI5_I32, value, &wp_err), &wp_err);
    hi5_dataset_close(other);
    hi5_dataset_close(d);
    hi5_object_close(o);
    hi5_group_close(g);
    wp_close(f);
}
END_TEST

/* A type whose committed datatype has been deleted is a type like any other. */
START_TEST(type_of_the_deleted)
{
    hi5_file *f = wp_create(_i % WP_TARGETS, NULL);
    const bool flushed = _i / WP_TARGETS % 2 != 0, reopened = _i / WP_TARGETS / 2 != 0;
    const uint64_t n = 3;
    const int32_t value[3] = {7, 8, 9};
    hi5_object *type = NULL;
    hi5_dataset *d;
    hid_t h, t;

    ck_ok(hi5_type_commit(f, "t", HI5_I32, &type, &wp_err), &wp_err);
    if (reopened) {
        hi5_object_close(type);
        wp_close(f);
        f = wp_reopen();
        ck_ok(hi5_object_open(f, "t", &type, &wp_err), &wp_err);
    }
    delete_link(f, "t");
    if (flushed)
        delete_commit(f);
    d = wp_dataset(f, "d", hi5_object_type(type), 1, &n, NULL);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, value, &wp_err), &wp_err);
    hi5_dataset_close(d);
    hi5_object_close(type);
    h = wp_read(f);
    wp_ints(h, "d", 3, value);
    d = NULL;
    t = H5Dopen2(h, "d", H5P_DEFAULT);
    {
        const hid_t own = H5Dget_type(t);
        ck_assert(H5Tcommitted(own) == 0);
        H5Tclose(own);
    }
    H5Dclose(t);
    wp_end(h);
}
END_TEST

/* What cannot be done says why, and nothing has happened. */
START_TEST(refused)
{
    hi5_file *f = wp_create(_i, NULL);

    ck_ok(hi5_group_create(f, "a/b", NULL, NULL, &wp_err), &wp_err);
    ck_ok(hi5_group_create(f, "c", NULL, NULL, &wp_err), &wp_err);
    ck_assert_int_eq(hi5_link_soft(f, "/new/.", "x", &wp_err), HI5_E_ARG);
    ck_assert_int_eq(hi5_link_soft(f, "/new//", "x", &wp_err), HI5_OK);
    ck_assert_int_eq(hi5_group_create(f, "/", NULL, NULL, &wp_err), HI5_E_ARG);
    ck_assert_int_eq(hi5_link_delete(f, "/", &wp_err), HI5_E_ARG);
    ck_assert_int_eq(hi5_link_delete(f, "a/.", &wp_err), HI5_E_ARG);
    ck_assert_int_eq(hi5_link_delete(f, "none", &wp_err), HI5_E_NOTFOUND);
    ck_assert_int_eq(hi5_link_delete(f, "none/x", &wp_err), HI5_E_NOTFOUND);
    ck_assert_int_eq(hi5_link_move(f, "none", "x", &wp_err), HI5_E_NOTFOUND);
    ck_assert_int_eq(hi5_link_move(f, "a", "c", &wp_err), HI5_E_EXISTS);
    ck_assert_int_eq(hi5_link_move(f, "a", "a", &wp_err), HI5_E_EXISTS);
    ck_assert_int_eq(hi5_link_move(f, "a", "a/b/x", &wp_err), HI5_E_ARG);
    ck_assert_int_eq(hi5_link_move(f, "a", "a/new/x", &wp_err), HI5_E_ARG);
    wp_close(f);
}
END_TEST

/* ---- links against a model: libhdf5 doing the same ---- */

#define MODEL_NAMES 40

static void
model_name(char *name, size_t n, unsigned i)
{
    snprintf(name, n, "%s link %u", i % 5 == 0 ? "a rather long name for a" : "the", i);
}

struct model_list {
    char text[MODEL_NAMES * 96];
};

static herr_t
model_one(hid_t g, const char *name, const H5L_info_t *info, void *ctx)
{
    struct model_list *const l = ctx;
    const size_t n = strlen(l->text);

    (void)g;
    snprintf(l->text + n, sizeof l->text - n, "%s %d %lld\n", name, (int)info->type,
             info->corder_valid ? (long long)info->corder : -1);
    return 0;
}

static void
model_describe(const char *path, bool order, struct model_list *l, H5G_info_t *info)
{
    const hid_t h = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    const hid_t g = H5Gopen2(h, "g", H5P_DEFAULT);

    ck_assert(g >= 0);
    l->text[0] = '\0';
    ck_assert(H5Gget_info(g, info) >= 0);
    ck_assert(H5Literate(g, order ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC, NULL,
                         model_one, l) >= 0);
    H5Gclose(g);
    wp_end(h);
}

static void
model_compare(bool tracked)
{
    struct model_list ours, theirs;
    H5G_info_t a, b;

    for (int order = 0; order <= (tracked ? 1 : 0); order++) {
        model_describe(wp_path(), order != 0, &ours, &a);
        model_describe(wp_other(), order != 0, &theirs, &b);
        ck_assert_str_eq(ours.text, theirs.text);
        ck_assert_uint_eq(a.nlinks, b.nlinks);
        ck_assert_int_eq(a.max_corder, b.max_corder);
        ck_assert_int_eq(a.storage_type, b.storage_type);
    }
}

/* One step in both files; what one refuses the other refuses. */
static void
model_step(hi5_file *f, hid_t h, const char *from, const char *to, unsigned what)
{
    char x[128], y[128];
    hi5_status s = HI5_OK;
    herr_t e = 0;
    hid_t g;

    snprintf(x, sizeof x, "g/%s", from);
    snprintf(y, sizeof y, "g/%s", to);
    switch (what) {
    case 0:
    case 1:
        s = hi5_link_delete(f, x, NULL);
        e = H5Ldelete(h, x, H5P_DEFAULT);
        break;
    case 2:
        s = hi5_link_move(f, x, y, NULL);
        e = H5Lmove(h, x, h, y, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 3:
        s = hi5_link_copy(f, x, y, NULL);
        e = H5Lcopy(h, x, h, y, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 4:
        s = hi5_link_soft(f, x, "/g/the link 1", NULL);
        e = H5Lcreate_soft("/g/the link 1", h, x, H5P_DEFAULT, H5P_DEFAULT);
        break;
    default:
        s = hi5_group_create(f, x, NULL, NULL, NULL);
        g = H5Gcreate2(h, x, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        e = g >= 0 ? H5Gclose(g) : -1;
    }
    ck_assert_msg((s == HI5_OK) == (e >= 0), "%u %s %s: %s, %d", what, from, to,
                  hi5_status_name(s), e);
}

/* Links made, deleted, moved and copied at random: names, kinds, order and kind of storage
 * as libhdf5 has them; compact and dense, and back */
START_TEST(model)
{
    const int target = _i % WP_TARGETS, order = _i / WP_TARGETS % 3;
    const hi5_group_options o = {.size = sizeof o, .track_order = order > 0,
                                 .index_order = order > 1};
    uint32_t random = 12345u + (uint32_t)_i * 77u;
    hi5_file *f = wp_create(target, NULL);
    hid_t h = wp_foreign(target, wp_other()), g, p = H5Pcreate(H5P_GROUP_CREATE);
    char from[96], to[96];

    ck_ok(hi5_group_create(f, "g", &o, NULL, &wp_err), &wp_err);
    H5Pset_link_creation_order(p, (order > 0 ? H5P_CRT_ORDER_TRACKED : 0u) |
                                      (order > 1 ? H5P_CRT_ORDER_INDEXED : 0u));
    g = H5Gcreate2(h, "g", H5P_DEFAULT, p, H5P_DEFAULT);
    H5Gclose(g);
    H5Pclose(p);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    for (unsigned phase = 0; phase < 8; phase++) {
        /* By turns more is made and more is deleted. */
        for (unsigned i = 0; i < 60; i++) {
            unsigned what;

            random = random * 1664525u + 1013904223u;
            what = random >> 28;
            what = phase % 2 == 0 ? (what < 2 ? 0 : what < 5 ? what : 5)
                                  : (what < 12 ? 0 : what % 4 + 2);
            model_name(from, sizeof from, random >> 8 & 0xff ? (random >> 8) % MODEL_NAMES
                                                              : 1);
            model_name(to, sizeof to, (random >> 16) % MODEL_NAMES);
            model_step(f, h, from, to, what);
        }
        if (phase == 5) /* until there are none */
            for (unsigned i = 0; i < MODEL_NAMES; i++) {
                model_name(from, sizeof from, i);
                model_step(f, h, from, from, 0);
            }
        wp_close(f);
        wp_end(h);
        model_compare(order > 0);
        f = wp_reopen();
        h = H5Fopen(wp_other(), H5F_ACC_RDWR, H5P_DEFAULT);
    }
    wp_close(f);
    wp_end(h);
    /* hi5 goes on with libhdf5's file, and libhdf5 with hi5's. */
    h = H5Fopen(wp_path(), H5F_ACC_RDWR, H5P_DEFAULT);
    {
        const hi5_open_options open = {.size = sizeof open, .write = true};
        ck_ok(hi5_open(wp_other(), &open, &f, &wp_err), &wp_err);
    }
    for (unsigned i = 0; i < 60; i++) {
        random = random * 1664525u + 1013904223u;
        model_name(from, sizeof from, (random >> 8) % MODEL_NAMES);
        model_name(to, sizeof to, (random >> 16) % MODEL_NAMES);
        model_step(f, h, from, to, i < 30 ? 5 : random >> 29);
    }
    wp_end(h);
    wp_check(wp_path());
    ck_ok(hi5_close(f, &wp_err), &wp_err);
    wp_check(wp_other());
    model_compare(order > 0);
}
END_TEST

Suite *suite_delete(void);

Suite *
suite_delete(void)
{
    Suite *const s = suite_create("writepit delete");
    TCase *const c = tcase_create("delete");

    tcase_add_loop_test(c, nothing_stays, 0, WP_TARGETS * DELETE_KINDS);
    tcase_add_loop_test(c, cycles, 0, WP_TARGETS * DELETE_KINDS);
    WP_EACH(c, links_count);
    WP_EACH(c, committed_types);
    WP_EACH(c, cycles_of_links);
    WP_EACH(c, again);
    WP_EACH(c, handles);
    WP_EACH(c, refused);
    tcase_add_loop_test(c, type_of_the_deleted, 0, WP_TARGETS * 4);
    tcase_add_loop_test(c, model, 0, WP_TARGETS * 3);
    wp_case(s, c);
    return s;
}
