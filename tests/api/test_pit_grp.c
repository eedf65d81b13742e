/*
 * test_pit_grp.c - pitfalls of groups and links: GRP-xx of docs/pitfalls.md
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "everything.h"
#include "patch.h"
#include "support.h"

Suite *suite_pit_grp(void);

static const char *const name_files[] = {"good/pit-names-old.h5",
                                         "good/pit-names-new.h5"};

static hi5_group *
group_of(hi5_file *f, const char *path)
{
    hi5_group *g;
    hi5_error err;

    ck_ok(hi5_group_open(f, path, &g, &err), &err);
    return g;
}

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

static hi5_status
count_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    (void)link, (void)err;
    ++*(unsigned *)ctx;
    return HI5_OK;
}

static unsigned
listed(hi5_group *g)
{
    unsigned n = 0;
    hi5_error err;

    ck_ok(hi5_group_each(g, HI5_BY_NAME, false, count_link, &n, &err), &err);
    return n;
}

/* GRP-04, GRP-05, GRP-32: every name of a tree of small nodes is found by itself, the
 * first, the last and those on a boundary too. */
START_TEST(small_nodes)
{
    hi5_file *const f = open_fixture("good/groups-old-deep.h5");
    hi5_group *const g = group_of(f, "many");

    ck_assert_uint_eq(listed(g), 120);
    for (int i = 0; i < 120; i++) {
        char name[16];
        hi5_link l;
        hi5_error err;

        snprintf(name, sizeof(name), "n%03d", i);
        ck_ok(hi5_group_get_link(g, name, &l, &err), &err);
        ck_assert_str_eq(l.name, name);
        hi5_link_free(g, &l);
    }
    hi5_group_close(g);
    hi5_close(f, NULL);
}
END_TEST

/* GRP-07, GRP-33: a local heap of more than 64 KiB. */
START_TEST(large_heap)
{
    hi5_file *const f = open_fixture("good/pit-heap.h5");
    hi5_group *const g = group_of(f, "long names");
    char name[640];
    hi5_link l;
    hi5_error err;

    ck_assert_uint_eq(listed(g), 110);
    memset(name, 'n', sizeof(name));
    for (int i = 0; i < 110; i++) {
        snprintf(name + 620, sizeof(name) - 620, "%03d", i);
        ck_ok(hi5_group_get_link(g, name, &l, &err), &err);
        ck_assert_str_eq(l.target, "x");
        hi5_link_free(g, &l);
    }
    hi5_group_close(g);
    hi5_close(f, NULL);
}
END_TEST

/* GRP-15: a name index of depth 2, whose counts have widths that differ by level. */
START_TEST(deep_index)
{
    struct patch p = patch_load("good/pit-links-dense.h5");
    const uint64_t at = patch_find(&p, "BTHD", 4, 0);
    hi5_file *const f = patch_open(&p);
    hi5_group *const g = group_of(f, "many");

    ck_assert_uint_ge(patch_get(&p, at + 12, 2), 2); /* depth */
    ck_assert_uint_eq(listed(g), 1600);
    for (int i = 0; i < 1600; i++) {
        char name[64];
        hi5_link l;
        hi5_error err;

        snprintf(name, sizeof(name), "%d", i);
        ck_ok(hi5_group_get_link(g, name, &l, &err), &err);
        hi5_link_free(g, &l);
    }
    hi5_group_close(g);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* GRP-18: without a group info message a group is read as if it had the defaults. */
START_TEST(no_group_info)
{
    struct patch p = patch_load("good/groups-new.h5");
    const uint64_t at = patch_object(&p, "compact");
    const hi5_message m = patch_message(&p, "compact", 0x0a);
    hi5_file *f;
    hi5_group *g;
    hi5_group_info i;
    hi5_error err;

    p.b[m.address - 4] = 0;
    patch_fix(&p, at);
    f = patch_open(&p);
    g = group_of(f, "compact");
    ck_ok(hi5_group_get_info(g, &i, &err), &err);
    ck_assert_uint_eq(i.max_compact, 8);
    ck_assert_uint_eq(i.min_dense, 6);
    ck_assert_uint_eq(i.estimated_entries, 4);
    ck_assert_uint_eq(listed(g), i.links);
    hi5_group_close(g);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* GRP-22: paths through a second hard link, through the group itself, through "..",
 * which is no more than a name. */
START_TEST(second_names)
{
    static const char *const same[] = {"/group/inner", "/again/inner",
                                       "/group/itself/itself/inner",
                                       "again/itself/inner", "/group/trailing"};

    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(name_files[k]);
        hi5_object *o;
        hi5_error err;

        for (size_t i = 1; i < sizeof(same) / sizeof(*same); i++)
            ck_assert_uint_eq(address_of(f, same[i]), address_of(f, same[0]));
        ck_status(hi5_object_open(f, "/group/up", &o, &err), HI5_E_NOTFOUND);
        hi5_close(f, NULL);
    }
}
END_TEST

/* GRP-23: a wrong kind of object is an error of its own, in the middle of a path, too. */
START_TEST(wrong_kinds)
{
    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(k ? "good/attrs-new.h5" : "good/attrs-old.h5");
        hi5_group *g;
        hi5_dataset *d;
        hi5_object *o;
        hi5_error err;

        ck_status(hi5_group_open(f, "dataset", &g, &err), HI5_E_TYPE);
        ck_assert_ptr_null(g);
        ck_status(hi5_group_open(f, "type", &g, &err), HI5_E_TYPE);
        ck_status(hi5_dataset_open(f, "shapes", &d, &err), HI5_E_TYPE);
        ck_assert_ptr_null(d);
        ck_status(hi5_dataset_open(f, "type", &d, &err), HI5_E_TYPE);
        ck_assert_ptr_nonnull(strstr(err.message, "type"));
        ck_status(hi5_object_open(f, "dataset/x", &o, &err), HI5_E_TYPE);
        ck_status(hi5_object_open(f, "type/x", &o, &err), HI5_E_TYPE);
        ck_ok(hi5_object_open(f, "type", &o, &err), &err);
        ck_assert_int_eq(hi5_object_kind(o), HI5_KIND_DATATYPE);
        ck_assert_ptr_nonnull(hi5_object_type(o));
        hi5_object_close(o);
        hi5_close(f, NULL);
    }
}
END_TEST

/* GRP-24: one link that cannot be read does no harm to the five others. */
START_TEST(one_bad_link)
{
    struct patch p = patch_load("good/groups-new.h5");
    const uint64_t at = patch_object(&p, "tracked, compact");
    const hi5_message m = patch_message_at(&p, at, 6, 2);
    hi5_file *f;
    hi5_group *g;
    hi5_link l;
    hi5_error err;
    unsigned found = 0;

    p.b[m.address] = 9; /* version */
    patch_fix(&p, at);
    f = patch_open(&p);
    g = group_of(f, "tracked, compact");
    for (int i = 0; i < 6; i++) {
        const char name[2] = {(char)('0' + i), 0};

        if (hi5_group_get_link(g, name, &l, &err) == HI5_OK) {
            hi5_link_free(g, &l);
            found++;
        } else {
            ck_assert_int_ne(err.status, HI5_E_NOTFOUND);
            ck_assert_str_eq(err.structure, "link message");
            ck_assert_uint_eq(err.address, m.address);
        }
    }
    ck_assert_uint_eq(found, 5);
    found = 0; /* listing goes on, and then tells of it */
    ck_fails(hi5_group_each(g, HI5_BY_NAME, false, count_link, &found, &err), &err,
             HI5_E_UNSUPPORTED, "link message", "version");
    ck_assert_uint_eq(found, 5);
    hi5_group_close(g);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* GRP-25: names come out as the bytes that went in, with their character set. */
START_TEST(utf8)
{
    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(name_files[k]);
        hi5_group *const g = group_of(f, "/");
        hi5_dataset *d;
        hi5_attribute *a;
        hi5_attribute_info ai;
        hi5_type_info t;
        hi5_member m;
        hi5_link l;
        hi5_error err;
        const char *name;
        const void *value;

        ck_ok(hi5_group_get_link(g, "\xce\xb1\xce\xb2", &l, &err), &err);
        ck_assert(l.utf8);
        hi5_link_free(g, &l);
        ck_ok(hi5_dataset_open(f, "\xce\xb1\xce\xb2", &d, &err), &err);
        ck_assert(hi5_type_member(hi5_dataset_type(d), 0, &m));
        ck_assert_str_eq(m.name, "\xe6\xb0\xb4");
        ck_assert(hi5_type_enum_member(m.type, 0, &name, &value));
        ck_assert_str_eq(name, "gr\xc3\xbcn");
        ck_ok(hi5_attribute_open(hi5_dataset_object(d), "\xc3\xa9", &a, &err), &err);
        hi5_attribute_get_info(a, &ai);
        ck_assert(ai.utf8);
        hi5_type_get_info(ai.type, &t);
        ck_assert_str_eq(t.tag, "\xf0\x9f\x98\x80");
        hi5_attribute_close(a);
        hi5_dataset_close(d);
        ck_ok(hi5_group_get_link(g, "Day", &l, &err), &err);
        ck_assert(!l.utf8);
        hi5_link_free(g, &l);
        hi5_group_close(g);
        hi5_close(f, NULL);
    }
}
END_TEST

/* GRP-28, GRP-29, GRP-30: to the root of another file; in the folder of the linking
 * file; dangling links of each kind are listed, and say why they lead nowhere. */
START_TEST(other_files)
{
    hi5_file *const f = open_fixture("good/pit-names-new.h5");
    hi5_group *const g = group_of(f, "group");
    hi5_object *o;
    hi5_error err;

    ck_ok(hi5_object_open(f, "/group/root of another", &o, &err), &err);
    ck_assert_int_eq(hi5_object_kind(o), HI5_KIND_GROUP);
    ck_assert_uint_ne(hi5_file_number(hi5_object_file(o)), hi5_file_number(f));
    hi5_object_close(o);
    ck_ok(hi5_object_open(f, "/group/root of another/there/data", &o, &err), &err);
    hi5_object_close(o);
    ck_status(hi5_object_open(f, "/group/no object", &o, &err), HI5_E_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(err.message, "nothing"));
    ck_status(hi5_object_open(f, "/group/self", &o, &err), HI5_E_LIMIT);
    ck_assert_uint_eq(listed(g), 7);
    hi5_group_close(g);
    hi5_close(f, NULL);
}
END_TEST

/* GRP-29: prefixes are searched; without any, a file opened elsewhere finds nothing,
 * and never itself. */
START_TEST(prefixes)
{
    struct patch p = patch_load("good/pit-names-new.h5");
    char prefix[600];
    hi5_open_options options = {.size = sizeof(options)};
    hi5_file *f = patch_open(&p);
    hi5_object *o;
    hi5_error err;

    ck_status(hi5_object_open(f, "/group/root of another", &o, &err), HI5_E_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(err.message, "links-target.h5"));
    hi5_close(f, NULL);
    snprintf(prefix, sizeof(prefix), "/no/such/folder:%s", fixture("good"));
    options.external_prefix = prefix;
    ck_ok(hi5_open_memory(p.b, p.n, &options, &f, &err), &err);
    ck_ok(hi5_object_open(f, "/group/root of another/there", &o, &err), &err);
    hi5_object_close(o);
    hi5_close(f, NULL);
    options.others = HI5_OTHERS_FORBID;
    ck_ok(hi5_open_memory(p.b, p.n, &options, &f, &err), &err);
    ck_status(hi5_object_open(f, "/group/root of another", &o, &err), HI5_E_STATE);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

static hi5_status
has_attribute(hi5_object *o, const char *name)
{
    hi5_attribute *a;
    hi5_error err;
    const hi5_status s = hi5_attribute_open(o, name, &a, &err);

    hi5_attribute_close(a);
    return s;
}

/* GRP-31: names that begin with other names: links, attributes, members. */
START_TEST(whole_names)
{
    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(name_files[k]);
        static const char *const missing[] = {"Da", "DayN", "DayNights", "day"};
        int64_t v[4];
        int32_t member[4];
        hi5_object *o;
        hi5_dataset *d;
        hi5_error err;

        ck_ok(read_numbers(f, "Day", v, &err), &err);
        ck_assert_int_eq(v[0], 0);
        ck_ok(read_numbers(f, "DayNight", v, &err), &err);
        ck_assert_int_eq(v[0], 1);
        ck_ok(read_numbers(f, "DayNig", v, &err), &err);
        ck_assert_int_eq(v[0], 2);
        for (int i = 0; i < 4; i++)
            ck_status(hi5_object_open(f, missing[i], &o, &err), HI5_E_NOTFOUND);
        ck_ok(hi5_object_open(f, "DayNight", &o, &err), &err);
        ck_status(has_attribute(o, "PressureExtra"), HI5_OK);
        ck_status(has_attribute(o, "Pressure"), HI5_E_NOTFOUND);
        hi5_object_close(o);
        ck_ok(hi5_dataset_open(f, "members", &d, &err), &err);
        ck_ok(hi5_dataset_read_field(d, "Pressure", NULL, HI5_I32, member, &err), &err);
        ck_assert_int_ne(
            hi5_dataset_read_field(d, "Pressur", NULL, HI5_I32, member, &err), HI5_OK);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* GRP-34: empty groups of each kind. */
START_TEST(empty_groups)
{
    static const char *const all[][2] = {{"good/groups-old.h5", "/empty"},
                                         {"good/groups-new.h5", "/empty"},
                                         {"good/empty-sb0.h5", "/"},
                                         {"good/empty-sb3.h5", "/"},
                                         {"good/groups-converted.h5", "/child"}};

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        hi5_file *const f = open_fixture(all[i][0]);
        hi5_group *const g = group_of(f, all[i][1]);
        hi5_link l;
        hi5_error err;

        ck_assert_uint_eq(listed(g), 0);
        ck_status(hi5_group_get_link(g, "x", &l, &err), HI5_E_NOTFOUND);
        hi5_group_close(g);
        hi5_close(f, NULL);
    }
}
END_TEST

/* GRP-35: forms of paths. */
START_TEST(forms_of_paths)
{
    static const char *const root[] = {"/", ".", "//", "/.", "./", "/./."};
    static const char *const inner[] = {"group/inner/", "group//inner", "./group/inner",
                                        "/group/./inner/.", "//group/inner//"};

    for (int k = 0; k < 2; k++) {
        hi5_file *const f = open_fixture(name_files[k]);
        hi5_group *const g = group_of(f, "group");
        hi5_object *o;
        hi5_object_info i;
        hi5_error err;

        for (size_t j = 0; j < sizeof(root) / sizeof(*root); j++)
            ck_assert_uint_eq(address_of(f, root[j]), address_of(f, "/"));
        for (size_t j = 0; j < sizeof(inner) / sizeof(*inner); j++)
            ck_assert_uint_eq(address_of(f, inner[j]), address_of(f, "/group/inner"));
        ck_status(hi5_object_open(f, "", &o, &err), HI5_E_NOTFOUND);
        ck_ok(hi5_object_open_at(g, ".", &o, &err), &err);
        ck_ok(hi5_object_get_info(o, &i, &err), &err);
        ck_assert_uint_eq(i.address, address_of(f, "group"));
        hi5_object_close(o);
        ck_ok(hi5_object_open_at(g, "/", &o, &err), &err);
        ck_ok(hi5_object_get_info(o, &i, &err), &err);
        ck_assert_uint_eq(i.address, address_of(f, "/"));
        hi5_object_close(o);
        hi5_group_close(g);
        hi5_close(f, NULL);
    }
}
END_TEST

Suite *
suite_pit_grp(void)
{
    Suite *const suite = suite_create("pit_grp");
    TCase *const tc = tcase_create("pit_grp");

    tcase_add_test(tc, small_nodes);
    tcase_add_test(tc, large_heap);
    tcase_add_test(tc, deep_index);
    tcase_add_test(tc, no_group_info);
    tcase_add_test(tc, second_names);
    tcase_add_test(tc, wrong_kinds);
    tcase_add_test(tc, one_bad_link);
    tcase_add_test(tc, utf8);
    tcase_add_test(tc, other_files);
    tcase_add_test(tc, prefixes);
    tcase_add_test(tc, whole_names);
    tcase_add_test(tc, empty_groups);
    tcase_add_test(tc, forms_of_paths);
    suite_add_tcase(suite, tc);
    return suite;
}
