/*
 * test_pit_vds.c - pitfalls of virtual datasets: VDS-xx of docs/pitfalls.md
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "everything.h"
#include "patch.h"
#include "support.h"

Suite *suite_pit_vds(void);

static const char *
last_warning(const hi5_file *f)
{
    const char *s = NULL, *w;

    for (size_t i = 0; (w = hi5_file_warning(f, i)) != NULL; i++)
        s = w;
    return s;
}

/* VDS-01: a source that is not there: the fill value, as in libhdf5, and a warning that
 * names it; a missing file and a missing dataset. What is there but is no dataset, and
 * what may not be opened, is an error. */
START_TEST(missing)
{
    static const char *const paths[] = {"no such file", "no such dataset"};
    static const char *const named[] = {"vds-source-none.h5", "none"};
    const hi5_open_options forbid = {.size = sizeof(forbid),
                                     .others = HI5_OTHERS_FORBID};
    hi5_file *f;
    int64_t v[10];
    hi5_error err;

    for (int k = 0; k < 2; k++) {
        f = open_fixture("good/pit-vds.h5");
        ck_ok(read_numbers(f, paths[k], v, &err), &err);
        for (int i = 0; i < 10; i++)
            ck_assert_int_eq(v[i], -7);
        ck_assert_ptr_nonnull(last_warning(f));
        ck_assert_ptr_nonnull(strstr(last_warning(f), named[k]));
        hi5_close(f, NULL);
    }
    f = open_fixture("good/pit-vds-wrong.h5");
    ck_status(read_numbers(f, "a group", v, &err), HI5_E_TYPE);
    ck_assert_ptr_nonnull(strstr(err.message, "/there"));
    hi5_close(f, NULL);
    ck_ok(hi5_open(fixture("good/pit-vds.h5"), &forbid, &f, &err), &err);
    ck_status(read_numbers(f, "from a file", v, &err), HI5_E_STATE);
    ck_ok(read_numbers(f, "chain 1", v, &err), &err); /* of this file */
    hi5_close(f, NULL);
}
END_TEST

/* VDS-02: sources in the same file do not depend on its name. */
START_TEST(same_file)
{
    struct patch p = patch_load("good/vds.h5"); /* in memory there is no name */
    int64_t v[48];
    hi5_file *f = open_fixture("good/vds.h5");
    int64_t wanted[48];
    hi5_error err;

    ck_ok(read_numbers(f, "selections", wanted, &err), &err);
    ck_ok(patch_read(&p, "selections", v, &err), &err);
    ck_assert_mem_eq(v, wanted, sizeof(v));
    ck_assert_int_ne(v[1], -2);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* VDS-03: relative names: the folder of the virtual dataset, whatever folder one is
 * in; a prefix, and ${ORIGIN} in it. */
START_TEST(folders)
{
    struct patch p = patch_load("good/pit-vds.h5");
    hi5_open_options options = {.size = sizeof(options)};
    char here[1024], path[2048], folder[600];
    int64_t v[10];
    hi5_file *f;
    hi5_error err;

    ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
    snprintf(path, sizeof(path), "%s%s%s", fixture("good")[0] == '/' ? "" : here,
             fixture("good")[0] == '/' ? "" : "/", fixture("good/pit-vds.h5"));
    ck_assert_int_eq(chdir("/"), 0);
    ck_ok(hi5_open(path, NULL, &f, &err), &err);
    ck_ok(read_numbers(f, "from a file", v, &err), &err);
    ck_assert_int_eq(v[9], 9);
    hi5_close(f, NULL);
    options.vds_prefix = "${ORIGIN}";
    ck_ok(hi5_open(path, &options, &f, &err), &err);
    ck_ok(read_numbers(f, "from a file", v, &err), &err);
    ck_assert_int_eq(v[9], 9);
    hi5_close(f, NULL);
    ck_assert_int_eq(chdir(here), 0);
    snprintf(folder, sizeof(folder), "%s", fixture("good"));
    ck_ok(patch_read(&p, "from a file", v, &err), &err);
    ck_assert_int_eq(v[9], -7); /* not found from memory, */
    options.vds_prefix = folder;
    ck_ok(hi5_open_memory(p.b, p.n, &options, &f, &err), &err);
    ck_ok(read_numbers(f, "from a file", v, &err), &err);
    ck_assert_int_eq(v[9], 9); /* but with a prefix */
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

/* VDS-05, VDS-08: without mappings all is fill value; the layout says what it is. */
START_TEST(no_mappings)
{
    hi5_file *const f = open_fixture("good/vds.h5");
    int64_t v[120];
    hi5_dataset *d;
    hi5_layout l;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, "no mappings", &d, &err), &err);
    hi5_dataset_get_layout(d, &l);
    ck_assert_int_eq(l.kind, HI5_VIRTUAL);
    ck_assert_uint_eq(l.mappings, 0);
    hi5_dataset_close(d);
    ck_ok(read_numbers(f, "no mappings", v, &err), &err);
    for (int i = 0; i < 120; i++)
        ck_assert_int_eq(v[i], -6);
    hi5_close(f, NULL);
}
END_TEST

/* The block of mappings of a dataset: in a global heap object, with a checksum. */
static uint64_t
mappings(const struct patch *p, const char *path, uint64_t *n)
{
    const hi5_message m = patch_message(p, path, 8);
    const uint64_t heap = patch_get(p, m.address + 2, 8);
    const uint64_t index = patch_get(p, m.address + 10, 4);
    uint64_t at = heap + 16;

    ck_assert_mem_eq(p->b + heap, "GCOL", 4);
    while (patch_get(p, at, 2) != index)
        at += 16 + (patch_get(p, at + 8, 8) + 7) / 8 * 8;
    *n = patch_get(p, at + 8, 8);
    return at + 16;
}

/* VDS-04, VDS-06: mappings of unknown version, damaged, and such that source and
 * destination have unlike numbers of elements. */
START_TEST(senseless_mappings)
{
    struct patch p = patch_load("good/vds.h5");
    uint64_t n;
    const uint64_t at = mappings(&p, "selections", &n);
    uint64_t slab;
    int64_t v[48];
    hi5_error err;

    ck_assert_uint_eq(p.b[at], 0);
    ck_assert_uint_eq(patch_get(&p, at + 1, 8), 2); /* how many */
    p.b[at] = 9;
    patch_sum(&p, at, at + n - 4);
    ck_assert_int_eq(patch_read(&p, "selections", v, &err), HI5_E_UNSUPPORTED);
    p.b[at] = 0;
    ck_assert_int_eq(patch_read(&p, "selections", v, &err), HI5_E_CHECKSUM);
    patch_put(&p, at + 1, 8, 1ull << 60);
    patch_sum(&p, at, at + n - 4);
    ck_assert_int_ne(patch_read(&p, "selections", v, &err), HI5_OK);
    patch_put(&p, at + 1, 8, 2);
    patch_sum(&p, at, at + n - 4);
    ck_ok(patch_read(&p, "selections", v, &err), &err);
    /* ".", "/base", and the source: 3 by 6 from (4, 2); make it 3 by 5 */
    slab = at + 9 + 2 + 6;
    ck_assert_uint_eq(patch_get(&p, slab, 4), 2); /* hyperslab */
    for (n += 0; patch_get(&p, slab, 4) != 6; slab += 4)
        ck_assert_uint_lt(slab, at + n);
    patch_put(&p, slab, 4, 5);
    patch_sum(&p, at, at + n - 4);
    ck_assert_int_eq(patch_read(&p, "selections", v, &err), HI5_E_CORRUPT);
    ck_assert_ptr_nonnull(strstr(err.message, "selections"));
    patch_free(&p);
}
END_TEST

/* VDS-07: numbered sources: 0, 1 and 2 are there; with a gap, the view decides, and how
 * many missing ones are looked past. */
static hi5_status
open_numbered(void *ctx, hi5_other_kind kind, const char *name, hi5_io *io,
              hi5_error *err)
{
    (void)ctx, (void)kind, (void)io, (void)err;
    (void)name;
    return HI5_E_NOTFOUND;
}

START_TEST(numbered)
{
    hi5_open_options options = {.size = sizeof(options)};
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;

    for (int view = 0; view < 2; view++) {
        options.vds_view = (hi5_vds_view)view;
        ck_ok(hi5_open(fixture("good/vds.h5"), &options, &f, &err), &err);
        ck_ok(hi5_dataset_open(f, "numbered", &d, &err), &err);
        ck_assert_uint_eq(hi5_dataset_shape(d)->dims[0], 9);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
    options.others = HI5_OTHERS_CALL;
    options.others_open = open_numbered;
    ck_ok(hi5_open(fixture("good/vds.h5"), &options, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, "numbered", &d, &err), &err);
    ck_assert_uint_eq(hi5_dataset_shape(d)->dims[0], 0);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

struct asked {
    struct patch source;
    unsigned n;
};

static hi5_status
asked_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    struct asked *const a = ctx;

    (void)err;
    if (offset > a->source.n || n > a->source.n - offset)
        return HI5_E_TRUNCATED;
    memcpy(buf, a->source.b + offset, n);
    return HI5_OK;
}

static hi5_status
asked_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((struct asked *)ctx)->source.n;
    return HI5_OK;
}

static hi5_status
ask(void *ctx, hi5_other_kind kind, const char *name, hi5_io *io, hi5_error *err)
{
    struct asked *const a = ctx;

    (void)err, (void)name;
    ck_assert_int_eq(kind, HI5_OTHER_VDS_SOURCE);
    a->n++;
    *io = (hi5_io){
        .size = sizeof(*io), .ctx = a, .read_at = asked_read, .get_size = asked_size};
    return HI5_OK;
}

/* VDS-10: an element of one of 300 mappings opens one source. */
START_TEST(one_of_many)
{
    struct asked asked = {.source = patch_load("good/vds-source-0.h5")};
    const hi5_open_options options = {.size = sizeof(options),
                                      .others = HI5_OTHERS_CALL,
                                      .others_open = ask,
                                      .others_ctx = &asked};
    const uint64_t at[2] = {217, 218}, start[1] = {0}, count[1] = {300};
    int32_t v[300];
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_open(fixture("good/pit-vds.h5"), &options, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, "many", &d, &err), &err);
    ck_ok(hi5_dataset_read_points(d, 1, at, HI5_I32, v, &err), &err);
    ck_assert_int_eq(v[0], 7);
    ck_assert_uint_eq(asked.n, 1);
    ck_ok(hi5_dataset_read_slab(d, start, count, HI5_I32, v, &err), &err);
    for (int i = 0; i < 300; i++)
        ck_assert_int_eq(v[i], i % 10);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    patch_free(&asked.source);
}
END_TEST

/* VDS-12: of a virtual dataset of a virtual dataset; and of itself, with and without a
 * detour. */
START_TEST(chains)
{
    static const char *const loops[] = {"itself", "ping", "pong"};
    hi5_file *f = open_fixture("good/pit-vds.h5");
    int64_t v[10];
    hi5_error err;

    ck_ok(read_numbers(f, "chain 3", v, &err), &err);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(v[i], i);
    hi5_close(f, NULL);
    for (int k = 0; k < 3; k++) {
        f = open_fixture("good/pit-vds-wrong.h5");
        ck_status(read_numbers(f, loops[k], v, &err), HI5_E_CORRUPT);
        ck_assert_ptr_nonnull(strstr(err.message, loops[k]));
        hi5_close(f, NULL);
    }
}
END_TEST

/* An element that is asked for twice, from one mapping and from several. */
START_TEST(points_twice)
{
    static const char *const paths[] = {"chain 3", "from a file"};
    const uint64_t at[] = {3, 3, 1, 9, 3, 1};
    hi5_file *const f = open_fixture("good/pit-vds.h5");
    int32_t v[6];
    hi5_dataset *d;
    hi5_error err;

    for (int k = 0; k < 2; k++) {
        ck_ok(hi5_dataset_open(f, paths[k], &d, &err), &err);
        memset(v, 0, sizeof(v));
        ck_ok(hi5_dataset_read_points(d, 6, at, HI5_I32, v, &err), &err);
        for (int i = 0; i < 6; i++)
            ck_assert_int_eq(v[i], (int64_t)at[i]);
        hi5_dataset_close(d);
    }
    hi5_close(f, NULL);
}
END_TEST

/* A mapping of points: nobody writes them, and nothing says how they would count. */
START_TEST(mapped_points)
{
    struct patch p = patch_load("good/vds.h5");
    uint64_t n;
    const uint64_t at = mappings(&p, "selections", &n), slab = at + 9 + 2 + 6;
    int64_t v[48];
    hi5_error err;

    ck_assert_uint_eq(patch_get(&p, slab, 4), 2); /* hyperslab, */
    ck_assert_uint_eq(patch_get(&p, slab + 4, 4), 1); /* version 1: */
    ck_assert_uint_eq(patch_get(&p, slab + 20, 4), 1); /* one block, two corners */
    patch_put(&p, slab, 4, 1);
    patch_put(&p, slab + 20, 4, 2);
    patch_sum(&p, at, at + n - 4);
    ck_assert_int_eq(patch_read(&p, "selections", v, &err), HI5_E_UNSUPPORTED);
    patch_free(&p);
}
END_TEST

/* How far a virtual dataset reaches: an unlimited mapping counts below a bounded maximum
 * too, and one whose sources are missing does not even reach to where it starts. */
START_TEST(bounded_and_missing)
{
    hi5_open_options options = {.size = sizeof(options),
                                .others = HI5_OTHERS_CALL,
                                .others_open = open_numbered,
                                .vds_view = HI5_VDS_FIRST_MISSING};
    struct patch p = patch_load("good/vds.h5");
    uint64_t n;
    const uint64_t at = mappings(&p, "numbered", &n);
    const uint64_t slab = at + 9 + sizeof("vds-source-%b.h5") + sizeof("part") + 16;
    const uint64_t space = patch_message(&p, "numbered", 1).address;
    const uint64_t header = patch_object(&p, "numbered");
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;

    ck_assert_uint_eq(patch_get(&p, slab, 4), 2); /* hyperslab */
    ck_assert_uint_eq(patch_get(&p, slab + 4, 4), 2);
    ck_assert_uint_eq(patch_get(&p, slab + 17, 8), 0); /* start */
    patch_put(&p, slab + 17, 8, 1);
    patch_sum(&p, at, at + n - 4);
    ck_assert_uint_eq(patch_get(&p, space, 1), 2);
    ck_assert_uint_eq(patch_get(&p, space + 20, 8), UINT64_MAX); /* maximum */
    patch_put(&p, space + 4, 8, 5);
    patch_put(&p, space + 20, 8, 100);
    patch_fix(&p, header);
    ck_ok(hi5_open_memory(p.b, p.n, &options, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, "numbered", &d, &err), &err);
    ck_assert_uint_eq(hi5_dataset_shape(d)->dims[0], 0);
    ck_assert_uint_eq(hi5_dataset_shape(d)->max[0], 100);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

Suite *
suite_pit_vds(void)
{
    Suite *const suite = suite_create("pit_vds");
    TCase *const tc = tcase_create("pit_vds");

    tcase_add_test(tc, missing);
    tcase_add_test(tc, same_file);
    tcase_add_test(tc, folders);
    tcase_add_test(tc, no_mappings);
    tcase_add_test(tc, senseless_mappings);
    tcase_add_test(tc, numbered);
    tcase_add_test(tc, bounded_and_missing);
    tcase_add_test(tc, one_of_many);
    tcase_add_test(tc, chains);
    tcase_add_test(tc, points_twice);
    tcase_add_test(tc, mapped_points);
    suite_add_tcase(suite, tc);
    return suite;
}
