/*
 * test_copy.c - copying objects and writing files anew
 *
 * What is expected is what libhdf5's H5Ocopy does (seen with 1.10.8), but for references: to
 * what is copied along they lead to the copies.
 */
#include <stdio.h>
#include <string.h>

#include "written.h"

Suite *suite_copy(void);

#define U(...) ((uint64_t[]){__VA_ARGS__})

/* A group with what is difficult to copy: names that lead to one thing, a cycle, references,
 * a committed datatype, strings, soft links. */
static void
make_source(hi5_file *f)
{
    const hi5_dataset_options chunks = {.size = sizeof chunks, .chunk = U(2), .shuffle = true,
                                        .deflate = 4, .max = U(HI5_UNLIMITED)};
    const int v[5] = {1, 2, 3, 4, 5};
    const char *const text[3] = {"one", "", NULL};
    hi5_object *type, *x, *g, *out;
    hi5_reference r[4] = {{0}};
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_type_commit(f, "/type", HI5_I32, &type, &err), &err);
    ck_ok(hi5_attribute_write(type, "of itself", hi5_object_type(type), NULL, HI5_I32, v,
                              &err), &err);
    ck_ok(hi5_dataset_create(f, "/outside", HI5_I32, 1, U(5), NULL, &d, &err), &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, v, &err), &err);
    hi5_dataset_close(d);
    ck_ok(hi5_dataset_create(f, "/g/x", hi5_object_type(type), 1, U(5), &chunks, &d, &err),
          &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, v, &err), &err);
    hi5_dataset_close(d);
    ck_ok(hi5_link_hard(f, "/g/y", "/g/x", &err), &err);
    ck_ok(hi5_link_hard(f, "/g/below/up", "/g", &err), &err);
    ck_ok(hi5_link_soft(f, "/g/soft", "/outside", &err), &err);
    ck_ok(hi5_link_soft(f, "/g/dangling", "/nowhere", &err), &err);
    ck_ok(hi5_dataset_create(f, "/g/text", HI5_STR, 1, U(3), NULL, &d, &err), &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_STR, text, &err), &err);
    hi5_dataset_close(d);
    ck_ok(hi5_object_open(f, "/g/x", &x, &err), &err);
    ck_ok(hi5_object_open(f, "/g", &g, &err), &err);
    ck_ok(hi5_object_open(f, "/outside", &out, &err), &err);
    ck_ok(hi5_reference_object(x, &r[0], &err), &err);
    ck_ok(hi5_reference_object(out, &r[1], &err), &err);
    ck_ok(hi5_reference_object(g, &r[2], &err), &err);
    ck_ok(hi5_dataset_create(f, "/g/refs", HI5_REF, 1, U(4), NULL, &d, &err), &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_REF, r, &err), &err);
    hi5_dataset_close(d);
    ck_ok(hi5_attribute_write(x, "to", HI5_REF, NULL, HI5_REF, &r[2], &err), &err);
    hi5_object_close(out);
    hi5_object_close(g);
    hi5_object_close(x);
    hi5_object_close(type);
}

static hi5_object_info
info_of(hi5_file *f, const char *path)
{
    hi5_object *o;
    hi5_object_info info;
    hi5_error err;

    ck_ok(hi5_object_open(f, path, &o, &err), &err);
    ck_ok(hi5_object_get_info(o, &info, &err), &err);
    hi5_object_close(o);
    return info;
}

static uint64_t
address(hi5_file *f, const char *path)
{
    return info_of(f, path).address;
}

static uint32_t
links_to(hi5_file *f, const char *path)
{
    return (uint32_t)info_of(f, path).reference_count;
}

static hi5_status
copy(hi5_file *from, const char *what, hi5_file *to, const char *path,
     const hi5_copy_options *o, hi5_error *err)
{
    hi5_object *object;
    hi5_status s;

    ck_ok(hi5_object_open(from, what, &object, err), err);
    s = hi5_copy(object, to, path, o, err);
    hi5_object_close(object);
    return s;
}

/* References of /g/refs, as addresses; 0: null. */
static void
read_refs(hi5_file *f, const char *path, uint64_t *addr)
{
    hi5_reference r[4];
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_REF, r, &err), &err);
    hi5_dataset_close(d);
    for (int i = 0; i < 4; i++)
        addr[i] = r[i].address;
}

static void
check_copy(hi5_file *f, const char *group)
{
    char path[64], *text[3];
    hi5_dataset *d;
    hi5_error err;
    int v[5];

    snprintf(path, sizeof path, "%s/x", group);
    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(v[i], i + 1);
    ck_assert(hi5_type_committed(hi5_dataset_type(d)) != HI5_NO_ADDRESS);
    hi5_dataset_close(d);
    ck_assert_uint_eq(links_to(f, path), 2);
    snprintf(path, sizeof path, "%s/text", group);
    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_STR, text, &err), &err);
    ck_assert_str_eq(text[0], "one");
    ck_assert_str_eq(text[1], "");
    ck_assert_ptr_null(text[2]);
    hi5_reclaim(f, HI5_STR, 3, text);
    hi5_dataset_close(d);
    snprintf(path, sizeof path, "%s/below/up", group);
    ck_assert_uint_eq(address(f, path), address(f, group));
}

START_TEST(between_files)
{
    const hi5_compat compat = (hi5_compat)(_i % 4 + 1), other = (hi5_compat)(_i / 4 + 1);
    hi5_file *from = written_create("from.h5", compat), *to;
    uint64_t r[4];
    hi5_error err;

    make_source(from);
    to = written_create("to.h5", other);
    ck_ok(copy(from, "/g", to, "/some/where", NULL, &err), &err);
    hi5_close(from, NULL);
    check_copy(to, "/some/where");
    read_refs(to, "/some/where/refs", r);
    ck_assert_uint_eq(r[0], address(to, "/some/where/x"));
    ck_assert_uint_eq(r[1], 0);
    ck_assert_uint_eq(r[2], address(to, "/some/where"));
    ck_assert_uint_eq(r[3], 0);
    ck_ok(hi5_close(to, &err), &err);
    written_check("to.h5", NULL, 0);
    if (compat < HI5_COMPAT_V112) { /* its references stay what they are */
        ck_dump("to.h5", "-d /some/where/x", "1, 2, 3, 4, 5");
        ck_dump("to.h5", "-g /some/where", "SOFTLINK \"soft\"");
    }
}
END_TEST

START_TEST(within_a_file)
{
    hi5_file *f = written_create("one.h5", (hi5_compat)(_i + 1));
    uint64_t r[4];
    hi5_error err;

    make_source(f);
    ck_ok(copy(f, "/g", f, "/g/below/again", NULL, &err), &err); /* below itself */
    check_copy(f, "/g");
    check_copy(f, "/g/below/again");
    ck_assert_uint_ne(address(f, "/g/x"), address(f, "/g/below/again/x"));
    read_refs(f, "/g/below/again/refs", r); /* as they are */
    ck_assert_uint_eq(r[0], address(f, "/g/x"));
    ck_assert_uint_eq(r[1], address(f, "/outside"));
    ck_ok(hi5_close(f, &err), &err);
    written_check("one.h5", NULL, 0);
}
END_TEST

START_TEST(taken_and_missing_names)
{
    const hi5_copy_options strict = {.size = sizeof strict, .no_parents = true};
    hi5_file *f = written_create("names.h5", HI5_COMPAT_V18);
    hi5_object *o;
    hi5_error err;

    make_source(f);
    ck_status(copy(f, "/g", f, "/outside", NULL, &err), HI5_E_EXISTS);
    ck_status(copy(f, "/g", f, "/g/dangling", NULL, &err), HI5_E_EXISTS);
    ck_status(copy(f, "/g", f, "/no/parent", &strict, &err), HI5_E_NOTFOUND);
    ck_status(hi5_object_open(f, "/g/dangling", &o, &err), HI5_E_NOTFOUND);
    /* Nothing has changed, and the file can still be written. */
    ck_ok(copy(f, "/outside", f, "/no/parent", NULL, &err), &err);
    ck_ok(hi5_close(f, &err), &err);
    written_check("names.h5", NULL, 0);
}
END_TEST

/* The kind of a link of /c. */
static unsigned
link_kind(hi5_file *f, const char *name)
{
    hi5_group *g;
    hi5_link l;
    hi5_error err;
    unsigned kind;

    ck_ok(hi5_group_open(f, "/c", &g, &err), &err);
    ck_ok(hi5_group_get_link(g, name, &l, &err), &err);
    kind = l.kind;
    hi5_link_free(g, &l);
    hi5_group_close(g);
    return kind;
}

START_TEST(options)
{
    hi5_copy_options o = {.size = sizeof o};
    hi5_file *from = written_create("from.h5", HI5_COMPAT_V18);
    hi5_file *to = written_create("to.h5", HI5_COMPAT_V18);
    hi5_object *x;
    hi5_group *g;
    hi5_group_info info;
    hi5_object_info about;
    uint64_t r[4];
    char name[64];
    hi5_error err;

    make_source(from);
    o.shallow = _i == 0;
    o.expand_soft = _i == 1;
    o.expand_references = _i == 2;
    o.null_references = _i == 3;
    o.no_attributes = _i == 4;
    ck_ok(copy(from, "/g", to, "/c", &o, &err), &err);
    ck_ok(hi5_group_open(to, "/c/below", &g, &err), &err);
    ck_ok(hi5_group_get_info(g, &info, &err), &err);
    hi5_group_close(g);
    ck_assert_uint_eq(info.links, _i == 0 ? 0 : 1);
    ck_assert_uint_eq(link_kind(to, "soft"), _i == 1 ? HI5_LINK_HARD : HI5_LINK_SOFT);
    ck_assert_uint_eq(link_kind(to, "dangling"), HI5_LINK_SOFT);
    read_refs(to, "/c/refs", r);
    ck_assert_uint_eq(r[0], _i == 3 ? 0 : address(to, "/c/x"));
    if (_i == 2) {
        snprintf(name, sizeof name, "/~obj_pointed_by_%llu", (unsigned long long)r[1]);
        ck_assert_uint_eq(address(to, name), r[1]);
    } else {
        /* what a soft link leads to is copied, and then referred to */
        ck_assert_uint_eq(r[1], _i == 1 ? address(to, "/c/soft") : 0);
    }
    ck_ok(hi5_object_open(to, "/c/x", &x, &err), &err);
    ck_ok(hi5_object_get_info(x, &about, &err), &err);
    ck_assert_uint_eq(about.attributes, _i == 4 ? 0 : 1);
    hi5_object_close(x);
    hi5_close(from, NULL);
    ck_ok(hi5_close(to, &err), &err);
    written_check("to.h5", NULL, 0);
}
END_TEST

static hi5_merge_search
stop_search(void *ctx)
{
    ++*(int *)ctx;
    return HI5_MERGE_STOP;
}

START_TEST(merged_types)
{
    const char *const hint = "/here";
    int asked = 0;
    hi5_copy_options o = {.size = sizeof o, .merge_committed = true, .search_ctx = &asked};
    hi5_file *from = written_create("from.h5", HI5_COMPAT_V18);
    hi5_file *to = written_create("to.h5", HI5_COMPAT_V18);
    hi5_dataset *d;
    hi5_error err;
    bool same;

    make_source(from);
    ck_ok(hi5_type_commit(to, "/here", HI5_I32, NULL, &err), &err);
    o.search = _i != 0 ? stop_search : NULL;
    o.suggested = &hint;
    o.nsuggested = _i == 2;
    ck_ok(copy(from, "/g/x", to, "/x", &o, &err), &err);
    ck_ok(hi5_dataset_open(to, "/x", &d, &err), &err);
    same = hi5_type_committed(hi5_dataset_type(d)) == address(to, "/here");
    hi5_dataset_close(d);
    ck_assert(same == (_i != 1));
    ck_assert_int_eq(asked, _i == 1);
    ck_assert_uint_eq(links_to(to, "/here"), same ? 2 : 1);
    hi5_close(from, NULL);
    ck_ok(hi5_close(to, &err), &err);
    written_check("to.h5", NULL, 0);
}
END_TEST

/* ---- repacking ---- */

static const int squares[3] = {0, 1, 4};

/* A dataset of 30 x 20 squares in chunks of 7 x 6, of which the last row has none. */
static void
make_chunks(hi5_file *f)
{
    const hi5_dataset_options o = {.size = sizeof o, .chunk = U(7, 6), .deflate = 1,
                                   .max = U(HI5_UNLIMITED, 20)};
    int v[28 * 20];
    hi5_dataset *d;
    hi5_error err;

    for (int i = 0; i < 28 * 20; i++)
        v[i] = i * i;
    ck_ok(hi5_dataset_create(f, "/chunks", HI5_I32, 2, U(30, 20), &o, &d, &err), &err);
    ck_ok(hi5_dataset_write_slab(d, U(0, 0), U(28, 20), HI5_I32, v, &err), &err);
    hi5_dataset_close(d);
    ck_ok(hi5_dataset_create(f, "/plain", HI5_I32, 1, U(3), NULL, &d, &err), &err);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, squares, &err), &err);
    hi5_dataset_close(d);
}

static void
check_chunks(hi5_file *f, hi5_layout_kind kind, size_t filters)
{
    int v[30 * 20];
    hi5_layout l;
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, "/chunks", &d, &err), &err);
    hi5_dataset_get_layout(d, &l);
    ck_assert_int_eq(l.kind, kind);
    ck_assert_uint_eq(l.filters, filters);
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
    for (int i = 0; i < 30 * 20; i++)
        ck_assert_int_eq(v[i], i < 28 * 20 ? i * i : 0);
    hi5_dataset_close(d);
}

START_TEST(repack_rules)
{
    static const uint32_t level = 3;
    const hi5_filter filters[] = {{.id = 2, .flags = 1},
                                  {.id = 1, .flags = 1, .nvalues = 1, .values = &level}};
    const char *const name = "/chunks";
    hi5_repack_rule rule = {.size = sizeof rule, .paths = &name, .npaths = 1};
    hi5_repack_options o = {.size = sizeof o, .rules = &rule, .nrules = 1};
    hi5_file *f = written_create("old.h5", (hi5_compat)(_i % 3 + 1));
    hi5_repack_result sum;
    char old[256], new[256];
    hi5_error err;

    make_source(f);
    make_chunks(f);
    ck_ok(hi5_close(f, &err), &err);
    snprintf(old, sizeof old, "%s", written_path("old.h5"));
    snprintf(new, sizeof new, "%s", written_path("new.h5"));
    rule.new_filters = _i / 3 == 1 || _i / 3 == 2;
    rule.filters = filters;
    rule.nfilters = _i / 3 == 1 ? 2 : 0;
    rule.new_layout = _i / 3 >= 3;
    rule.layout = _i / 3 == 3 ? HI5_CONTIGUOUS : _i / 3 == 4 ? HI5_COMPACT : HI5_CHUNKED;
    rule.rank = _i / 3 == 5 ? 2 : 0;
    rule.chunk = U(4, 9);
    ck_ok(hi5_repack(old, new, &o, &sum, &err), &err);
    ck_assert_uint_eq(sum.skipped, 0);
    ck_assert_uint_eq(sum.nulled, 0);
    ck_assert_uint_eq(sum.new_size, written_size("new.h5"));
    ck_ok(hi5_open(new, NULL, &f, &err), &err);
    check_copy(f, "/g");
    check_chunks(f, _i / 3 == 3   ? HI5_CONTIGUOUS
                    : _i / 3 == 4 ? HI5_COMPACT
                                  : HI5_CHUNKED,
                 _i / 3 == 1                                    ? 2
                 : _i / 3 == 2 || _i / 3 == 3 || _i / 3 == 4 ? 0
                                                                : 1);
    hi5_close(f, NULL);
    written_check("new.h5", NULL, 0);
}
END_TEST

/* What is in the way of a new file: nothing that a process has left, and no other file. */
START_TEST(repack_in_place)
{
    hi5_file *f = written_create("old.h5", HI5_COMPAT_V18);
    hi5_repack_rule rule = {.size = sizeof rule, .new_layout = true, .layout = HI5_VIRTUAL};
    hi5_repack_options o = {.size = sizeof o};
    char path[256], left[300];
    uint64_t before;
    FILE *stale;
    hi5_error err;

    make_source(f);
    make_chunks(f);
    ck_ok(hi5_close(f, &err), &err);
    before = written_size("old.h5");
    snprintf(path, sizeof path, "%s", written_path("old.h5"));
    snprintf(left, sizeof left, "%s.hi5-new", path);
    stale = fopen(left, "w");
    ck_assert_ptr_nonnull(stale);
    fputs("half a file", stale);
    fclose(stale);
    o.rules = &rule;
    o.nrules = 1;
    ck_status(hi5_repack(path, path, &o, NULL, &err), HI5_E_ARG);
    ck_assert_uint_eq(written_size("old.h5"), before);
    o.nrules = 0;
    ck_ok(hi5_repack(path, path, &o, NULL, &err), &err);
    ck_ok(hi5_open(path, NULL, &f, &err), &err);
    check_copy(f, "/g");
    check_chunks(f, HI5_CHUNKED, 1);
    hi5_close(f, NULL);
    ck_assert_ptr_null(fopen(left, "r"));
    written_check("old.h5", NULL, 0);
}
END_TEST

Suite *
suite_copy(void)
{
    Suite *s = suite_create("copy");
    TCase *c = tcase_create("copy");

    tcase_add_loop_test(c, between_files, 0, 16);
    tcase_add_loop_test(c, within_a_file, 0, 4);
    tcase_add_test(c, taken_and_missing_names);
    tcase_add_loop_test(c, options, 0, 5);
    tcase_add_loop_test(c, merged_types, 0, 3);
    tcase_add_loop_test(c, repack_rules, 0, 18);
    tcase_add_test(c, repack_in_place);
    suite_add_tcase(s, c);
    return s;
}
