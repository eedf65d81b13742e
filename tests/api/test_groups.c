/*
 * test_groups.c - groups, links, paths, attributes by name
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

Suite *suite_groups(void);

struct names {
    char name[64][32];
    int64_t order[64];
    int n, stop_at;
};

static hi5_status
keep_name(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct names *const k = ctx;

    (void)err;
    ck_assert_int_lt(k->n, 64);
    snprintf(k->name[k->n], sizeof(k->name[0]), "%.31s", link->name);
    k->order[k->n++] = link->has_order ? link->order : -1;
    return k->n == k->stop_at ? HI5_E_STATE : HI5_OK;
}

static hi5_group *
open_group(const char *file, const char *path)
{
    hi5_file *const f = open_fixture(file);
    hi5_group *g = NULL;
    hi5_error err;

    ck_ok(hi5_group_open(f, path, &g, &err), &err);
    hi5_close(f, NULL);
    return g;
}

/* Names sorted, in symbol tables of one and of several levels, compact and dense. */
START_TEST(by_name)
{
    static const char *const all[][2] = {
        {"good/groups-old.h5", "/twenty"},
        {"good/groups-new.h5", "/compact"},
        {"good/groups-new.h5", "/dense"},
        {"good/groups-converted.h5", "/dense"},
        {"good/groups-new.h5", "/indexed, dense"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        hi5_group *const g = open_group(all[i][0], all[i][1]);
        struct names up = {0}, down = {0};
        hi5_error err;

        ck_ok(hi5_group_each(g, HI5_BY_NAME, false, keep_name, &up, &err), &err);
        ck_ok(hi5_group_each(g, HI5_BY_NAME, true, keep_name, &down, &err), &err);
        ck_assert_int_gt(up.n, 4);
        ck_assert_int_eq(up.n, down.n);
        for (int k = 0; k < up.n; k++) {
            ck_assert(k == 0 || strcmp(up.name[k - 1], up.name[k]) < 0);
            ck_assert_str_eq(up.name[k], down.name[up.n - 1 - k]);
        }
        hi5_group_close(g);
    }
}
END_TEST

START_TEST(by_creation)
{
    static const char *const paths[] = {"/tracked, compact", "/indexed, compact",
                                        "/tracked, dense", "/indexed, dense"};
    hi5_error err;

    for (size_t i = 0; i < 4; i++) {
        hi5_group *const g = open_group("good/groups-new.h5", paths[i]);
        struct names k = {0};

        ck_ok(hi5_group_each(g, HI5_BY_CREATION, false, keep_name, &k, &err), &err);
        for (int j = 1; j < k.n; j++)
            ck_assert_int_lt(k.order[j - 1], k.order[j]);
        ck_assert_int_ge(k.order[0], 0);
        hi5_group_close(g);
    }
    {
        hi5_group *const g = open_group("good/groups-new.h5", "/compact");
        struct names k = {0};

        ck_status(hi5_group_each(g, HI5_BY_CREATION, false, keep_name, &k, &err),
                  HI5_E_STATE);
        hi5_group_close(g);
    }
}
END_TEST

/* A callback can end the iteration with a status of its own. */
START_TEST(stopping)
{
    hi5_group *const g = open_group("good/groups-old.h5", "/twenty");
    struct names k = {.stop_at = 3};
    hi5_error err;

    ck_status(hi5_group_each(g, HI5_BY_NAME, false, keep_name, &k, &err), HI5_E_STATE);
    ck_assert_int_eq(k.n, 3);
    ck_assert_str_eq(k.name[2], "002");
    hi5_group_close(g);
}
END_TEST

START_TEST(storage)
{
    static const struct {
        const char *file, *path;
        hi5_storage storage;
        uint64_t links;
    } all[] = {
        {"good/groups-old.h5", "/empty", HI5_STORAGE_SYMBOL_TABLE, 0},
        {"good/groups-old.h5", "/holes", HI5_STORAGE_SYMBOL_TABLE, 26},
        {"good/groups-old-deep.h5", "/many", HI5_STORAGE_SYMBOL_TABLE, 120},
        {"good/groups-new.h5", "/empty", HI5_STORAGE_COMPACT, 0},
        {"good/groups-new.h5", "/indexed, compact", HI5_STORAGE_COMPACT, 5},
        {"good/groups-new.h5", "/indexed, dense", HI5_STORAGE_DENSE, 22},
        {"good/groups-new-deep.h5", "/many", HI5_STORAGE_DENSE, 700},
        {"good/groups-converted.h5", "/dense", HI5_STORAGE_DENSE, 13},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        hi5_group *const g = open_group(all[i].file, all[i].path);
        hi5_group_info info;
        hi5_error err;

        ck_ok(hi5_group_get_info(g, &info, &err), &err);
        ck_assert_msg(info.storage == all[i].storage, "%s %s: storage %d", all[i].file,
                      all[i].path, (int)info.storage);
        ck_assert_uint_eq(info.links, all[i].links);
        hi5_group_close(g);
    }
}
END_TEST

START_TEST(one_link)
{
    static const char *const paths[] = {"/compact", "/dense"};
    hi5_error err;

    for (int i = 0; i < 2; i++) {
        hi5_group *const g = open_group("good/groups-new.h5", paths[i]);
        hi5_link l;

        ck_ok(hi5_group_get_link(g, "external", &l, &err), &err);
        ck_assert_uint_eq(l.kind, HI5_LINK_EXTERNAL);
        ck_assert_str_eq(l.file, "other.h5");
        ck_assert_str_eq(l.target, "/there");
        hi5_link_free(g, &l);
        ck_ok(hi5_group_get_link(g, "user-defined", &l, &err), &err);
        ck_assert_uint_eq(l.kind, 187);
        ck_assert_uint_eq(l.data_size, 9);
        ck_assert_mem_eq(l.data, "some\0data", 9);
        hi5_link_free(g, &l);
        ck_ok(hi5_group_get_link(g, "4", &l, &err), &err);
        ck_assert_uint_eq(l.kind, HI5_LINK_SOFT);
        hi5_link_free(g, &l);
        ck_status(hi5_group_get_link(g, "nothing", &l, &err), HI5_E_NOTFOUND);
        hi5_group_close(g);
    }
}
END_TEST

START_TEST(paths)
{
    static const char *const same[] = {
        "/one/child",
        "one/child",
        "//one///child/",
        "/one/./child",
        "/one/child/parent/child",
        "/one/child/root again/one/child",
        "/one/soft",
    };
    hi5_file *const f = open_fixture("good/groups-old.h5");
    hi5_error err;
    hi5_object *o;
    hi5_object_info i;
    uint64_t address = 0;

    for (size_t k = 0; k < sizeof(same) / sizeof(*same); k++) {
        ck_ok(hi5_object_open(f, same[k], &o, &err), &err);
        ck_ok(hi5_object_get_info(o, &i, &err), &err);
        if (k == 0)
            address = i.address;
        ck_assert_uint_eq(i.address, address);
        hi5_object_close(o);
    }
    ck_status(hi5_object_open(f, "/one/nothing", &o, &err), HI5_E_NOTFOUND);
    ck_assert_ptr_null(o);
    ck_assert_ptr_nonnull(strstr(err.message, "nothing"));
    ck_status(hi5_object_open(f, "/one/dangling", &o, &err), HI5_E_NOTFOUND);
    ck_status(hi5_object_open(f, "/one/loop", &o, &err), HI5_E_LIMIT);
    hi5_close(f, NULL);
}
END_TEST

START_TEST(external_links)
{
    hi5_file *const f = open_fixture("good/links-source.h5");
    hi5_open_options options = {.size = sizeof(options), .others = HI5_OTHERS_FORBID};
    hi5_file *alone;
    hi5_dataset *d;
    hi5_object *o;
    hi5_error err;
    int32_t v[4];

    ck_ok(hi5_dataset_open(f, "/away/data", &d, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
    ck_assert_int_eq(v[3], 3);
    ck_assert_uint_ne(hi5_file_number(hi5_object_file(hi5_dataset_object(d))),
                      hi5_file_number(f));
    hi5_dataset_close(d);
    ck_ok(hi5_dataset_open(f, "through", &d, &err), &err);
    hi5_dataset_close(d);
    ck_ok(hi5_dataset_open(f, "/away/back", &d, &err), &err); /* to this file again */
    hi5_dataset_close(d);
    ck_status(hi5_object_open(f, "/missing", &o, &err), HI5_E_NOTFOUND);
    ck_status(hi5_object_open(f, "/a1", &o, &err), HI5_E_LIMIT);
    hi5_close(f, NULL);
    ck_ok(hi5_open(fixture("good/links-source.h5"), &options, &alone, &err), &err);
    ck_status(hi5_object_open(alone, "/away/data", &o, &err), HI5_E_STATE);
    hi5_close(alone, NULL);
}
END_TEST

START_TEST(times_and_comments)
{
    hi5_file *f = open_fixture("good/times-old.h5");
    hi5_object *o;
    hi5_object_info i;
    hi5_error err;

    ck_ok(hi5_object_open(f, "dataset", &o, &err), &err);
    ck_ok(hi5_object_get_info(o, &i, &err), &err);
    ck_assert(i.has_mtime && !i.has_times);
    ck_assert_int_gt(i.mtime, 1700000000);
    ck_assert_str_eq(i.comment, "caf\xc3\xa9");
    ck_assert_uint_eq(i.header_version, 1);
    hi5_object_close(o);
    hi5_close(f, NULL);
    f = open_fixture("good/times-new.h5");
    ck_ok(hi5_object_open(f, "dataset", &o, &err), &err);
    ck_ok(hi5_object_get_info(o, &i, &err), &err);
    ck_assert(i.has_times);
    ck_assert_int_gt(i.btime, 1700000000);
    ck_assert_uint_eq(i.header_version, 2);
    hi5_object_close(o);
    hi5_close(f, NULL);
}
END_TEST

static int
read_int(hi5_object *o, const char *name)
{
    hi5_attribute *a;
    hi5_error err;
    int32_t v = 0;

    ck_ok(hi5_attribute_open(o, name, &a, &err), &err);
    ck_ok(hi5_attribute_read(a, HI5_I32, &v, &err), &err);
    hi5_attribute_close(a);
    return v;
}

/* In the header, and in the heap; attribute i*37 mod n has the value i. */
START_TEST(attributes)
{
    static const struct {
        const char *file, *path;
        int n;
    } all[] = {
        {"good/attrs-old.h5", "/many", 40},
        {"good/attrs-new.h5", "/many", 40},
        {"good/attrs-order.h5", "/indexed, compact", 5},
        {"good/attrs-order.h5", "/indexed, dense", 12},
        {"good/attrs-order.h5", "/deep", 120},
    };
    hi5_error err;

    for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++) {
        hi5_file *const f = open_fixture(all[k].file);
        hi5_object *o;
        hi5_attribute *a;

        ck_ok(hi5_object_open(f, all[k].path, &o, &err), &err);
        for (int i = 0; i < all[k].n; i += 3) {
            char name[32];

            if (i * 37 % all[k].n == 1)
                continue; /* deleted in some */
            snprintf(name, sizeof(name), "attribute %d", i * 37 % all[k].n);
            ck_assert_int_eq(read_int(o, name), i);
        }
        ck_status(hi5_attribute_open(o, "nothing", &a, &err), HI5_E_NOTFOUND);
        hi5_object_close(o);
        hi5_close(f, NULL);
    }
}
END_TEST

START_TEST(huge_attribute)
{
    hi5_file *const f = open_fixture("good/attrs-large.h5");
    static unsigned char v[70000];
    hi5_object *o;
    hi5_attribute *a;
    hi5_error err;

    ck_ok(hi5_object_open(f, "/", &o, &err), &err);
    ck_ok(hi5_attribute_open(o, "huge", &a, &err), &err);
    ck_ok(hi5_attribute_read(a, HI5_U8, v, &err), &err);
    for (int i = 0; i < 70000; i++)
        ck_assert_uint_eq(v[i], (unsigned char)(i / 280));
    hi5_attribute_close(a);
    hi5_object_close(o);
    hi5_close(f, NULL);
}
END_TEST

/* ---- one group asked for many names: these are looked up in another way in the end ---- */

enum { MANY = 800 };

struct many {
    char name[MANY][40];
    uint64_t address[MANY]; /* HI5_NO_ADDRESS: a soft link */
    int n;
};

static hi5_status
keep_many(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct many *const m = ctx;

    (void)err;
    ck_assert_int_lt(m->n, MANY);
    snprintf(m->name[m->n], sizeof m->name[0], "%.39s", link->name);
    m->address[m->n++] = link->address;
    return HI5_OK;
}

/* Each name, and one that is not there, again and again. */
START_TEST(many_names)
{
    static const struct {
        const char *file, *group;
        int n;
    } all[] = {
        {"good/types-old.h5", "/integers", 20},
        {"good/types-new.h5", "/integers", 20},
        {"good/groups-old-deep.h5", "/many", 120},
        {"good/groups-new-deep.h5", "/many", 700},
    };
    hi5_file *const f = open_fixture(all[_i].file);
    static struct many m;
    hi5_object_info info;
    hi5_object *o;
    hi5_group *g;
    hi5_error err;

    m.n = 0;
    ck_ok(hi5_group_open(f, all[_i].group, &g, &err), &err);
    ck_ok(hi5_group_each(g, HI5_NATIVE, false, keep_many, &m, &err), &err);
    ck_assert_int_eq(m.n, all[_i].n);
    for (int round = 0; round < 4; round++)
        for (int i = 0; i < m.n; i++) {
            char none[48];

            snprintf(none, sizeof none, "%s!", m.name[i]);
            ck_status(hi5_object_open_at(g, none, &o, &err), HI5_E_NOTFOUND);
            ck_assert_ptr_nonnull(strstr(err.message, none));
            none[strlen(none) - 2] = '\0'; /* a part of a name is none, as a rule */
            if (strlen(m.name[i]) > 12)
                ck_status(hi5_object_open_at(g, none, &o, &err), HI5_E_NOTFOUND);
            if (m.address[i] == HI5_NO_ADDRESS) { /* they lead nowhere */
                ck_status(hi5_object_open_at(g, m.name[i], &o, &err), HI5_E_NOTFOUND);
                continue;
            }
            ck_ok(hi5_object_open_at(g, m.name[i], &o, &err), &err);
            ck_ok(hi5_object_get_info(o, &info, &err), &err);
            ck_assert_uint_eq(info.address, m.address[i]);
            hi5_object_close(o);
        }
    hi5_group_close(g);
    hi5_close(f, NULL);
}
END_TEST

/* Names that begin alike, of all lengths about those of a word of memory; the last byte
 * of some is as large as it can be. */
START_TEST(alike_names)
{
    const void *image;
    uint64_t address[40];
    hi5_object_info info;
    hi5_file *w, *f;
    hi5_object *o;
    hi5_group *g;
    hi5_error err;
    size_t n;

    ck_ok(hi5_create_memory(NULL, &w, &err), &err);
    for (int i = 0; i < 40; i++) {
        char name[48];

        snprintf(name, sizeof name, "%.*s%s", i / 2, "nnnnnnnnnnnnnnnnnnnn",
                 i % 2 != 0 ? "n" : "\xff");
        ck_ok(hi5_group_create(w, name, NULL, &g, &err), &err);
        ck_ok(hi5_object_get_info(hi5_group_object(g), &info, &err), &err);
        address[i] = info.address;
        hi5_group_close(g);
    }
    ck_ok(hi5_file_image(w, &image, &n, &err), &err);
    ck_ok(hi5_open_memory(image, n, NULL, &f, &err), &err);
    for (int i = 0; i < 40 * 8; i++) {
        char name[48];

        snprintf(name, sizeof name, "/%.*s%s", i % 40 / 2, "nnnnnnnnnnnnnnnnnnnn",
                 i % 2 != 0 ? "n" : "\xff");
        ck_ok(hi5_object_open(f, name, &o, &err), &err);
        ck_ok(hi5_object_get_info(o, &info, &err), &err);
        ck_assert_uint_eq(info.address, address[i % 40]);
        hi5_object_close(o);
        name[strlen(name) - 1] = 'm';
        ck_status(hi5_object_open(f, name, &o, &err), HI5_E_NOTFOUND);
    }
    hi5_close(f, NULL);
    hi5_close(w, NULL);
}
END_TEST

Suite *
suite_groups(void)
{
    Suite *const suite = suite_create("groups");
    TCase *const tc = tcase_create("groups");

    tcase_add_test(tc, by_name);
    tcase_add_test(tc, by_creation);
    tcase_add_test(tc, stopping);
    tcase_add_test(tc, storage);
    tcase_add_test(tc, one_link);
    tcase_add_test(tc, paths);
    tcase_add_test(tc, external_links);
    tcase_add_test(tc, times_and_comments);
    tcase_add_test(tc, attributes);
    tcase_add_test(tc, huge_attribute);
    tcase_add_loop_test(tc, many_names, 0, 4);
    tcase_add_test(tc, alike_names);
    suite_add_tcase(suite, tc);
    return suite;
}
