/*
 * test_pit_filt.c - pitfalls of filters: FILT-xx of docs/pitfalls.md
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"
#include "support.h"

Suite *suite_pit_filt(void);

enum { MSG_FILTERS = 0x0b };

/* FILT-01, FILT-32: two chunks of "masked" are stored as they are, with both filters
 * skipped; the others were never written. */
START_TEST(masks)
{
    static const uint64_t at[4][2] = {{0, 0}, {0, 3}, {4, 0}, {4, 3}};

    for (int k = 0; k < 2; k++) {
        hi5_file *const f =
            open_fixture(k ? "good/layouts-new.h5" : "good/layouts-old.h5");
        unsigned char raw[24];
        uint32_t x = 12345;
        hi5_dataset *d;
        hi5_chunk c;
        hi5_error err;
        int16_t v[8][6];

        for (int i = 0; i < 24; i++) {
            x = x * 1664525u + 1013904223u;
            raw[i] = (unsigned char)(x >> 24);
        }
        ck_ok(hi5_dataset_open(f, "masked", &d, &err), &err);
        for (int i = 0; i < 4; i++) {
            if (i % 2 == 0) {
                ck_status(hi5_dataset_get_chunk(d, at[i], &c, &err), HI5_E_NOTFOUND);
                continue;
            }
            ck_ok(hi5_dataset_get_chunk(d, at[i], &c, &err), &err);
            ck_assert_uint_eq(c.mask, 3);
            ck_assert_uint_eq(c.size, 24);
        }
        ck_ok(hi5_dataset_read(d, NULL, HI5_I16, v, &err), &err);
        for (int y = 0; y < 8; y++)
            for (int i = 0; i < 6; i++) {
                const int e = (y % 4 * 3 + i - 3) * 2;

                ck_assert_int_eq(v[y][i],
                                 i < 3 ? 0 : (int16_t)(raw[e] | raw[e + 1] << 8));
            }
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* FILT-02: edges that are not filtered, also where the dataset grew and what was an
 * edge was written anew in full. */
START_TEST(raw_edges)
{
    for (int k = 0; k < 6; k++) {
        hi5_file *const f =
            open_fixture(k & 1 ? "good/pit-chunks-new.h5" : "good/pit-chunks-old.h5");
        char name[32];
        int64_t v[12];
        hi5_dataset *d;
        hi5_layout l;
        hi5_error err;

        snprintf(name, sizeof(name), "extended %d", k / 2);
        ck_ok(read_numbers(f, name, v, &err), &err);
        for (int i = 0; i < 12; i++)
            ck_assert_int_eq(v[i], i < 10 ? i : 7); /* FILL-01 */
        ck_ok(hi5_dataset_open(f, name, &d, &err), &err);
        hi5_dataset_get_layout(d, &l);
        if (k / 2 == 2)
            ck_assert(l.unfiltered_edges);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* The first chunk of a dataset. */
static hi5_chunk
first_chunk(const struct patch *p, const char *path)
{
    hi5_file *const f = patch_open(p);
    const uint64_t zero[HI5_MAX_RANK] = {0};
    hi5_dataset *d;
    hi5_chunk c;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    ck_ok(hi5_dataset_get_chunk(d, zero, &c, &err), &err);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
    return c;
}

/* FILT-06, FILT-29: a damaged stream: the error has the dataset, the chunk's place and
 * the filter's name. */
START_TEST(damaged)
{
    static const struct {
        const char *path, *filter;
        unsigned at; /* byte of the chunk */
    } all[] = {
        {"deflate 6", "deflate", 0},
        {"deflate 6", "deflate", 20},
        {"shuffle, deflate", "deflate", 2},
        {"fletcher32", "fletcher32", 5},
        {"shuffle, deflate, fletcher32", "fletcher32", 9},
    };

    for (size_t i = 0; i < 2 * sizeof(all) / sizeof(*all); i++) {
        struct patch p =
            patch_load(i & 1 ? "good/filters-new.h5" : "good/filters-old.h5");
        const hi5_chunk c = first_chunk(&p, all[i / 2].path);
        hi5_error err;
        hi5_status s;

        p.b[c.address + all[i / 2].at] ^= 0xff;
        s = patch_read(&p, all[i / 2].path, NULL, &err);
        ck_assert_msg(s == HI5_E_FILTER || s == HI5_E_CHECKSUM || s == HI5_E_CORRUPT,
                      "%s: %s", all[i / 2].path, error_text(&err));
        ck_assert_msg(strstr(err.message, all[i / 2].path) != NULL &&
                          strstr(err.message, all[i / 2].filter) != NULL,
                      "%s", error_text(&err));
        ck_assert_uint_eq(err.address, c.address);
        patch_free(&p);
    }
}
END_TEST

/* FILT-08, FILT-09: a stream without its last bytes, however few. */
START_TEST(cut_short)
{
    for (unsigned cut = 1; cut <= 6; cut++) {
        struct patch p = patch_load("good/filters-old.h5");
        const hi5_chunk c = first_chunk(&p, "deflate 6");
        uint64_t key = 0;
        hi5_error err;
        hi5_status s;

        /* the key of the chunk: its size, its mask, its place, its address */
        for (uint64_t at = 0; key == 0; at++)
            if (patch_get(&p, at, 4) == c.size && patch_get(&p, at + 4, 4) == 0 &&
                patch_get(&p, at + 32, 8) == c.address)
                key = at;
        patch_put(&p, key, 4, c.size - cut);
        ck_assert_uint_eq(first_chunk(&p, "deflate 6").size, c.size - cut);
        s = patch_read(&p, "deflate 6", NULL, &err);
        ck_assert_msg(s == HI5_E_FILTER || s == HI5_E_CORRUPT || s == HI5_E_TRUNCATED,
                      "cut by %u: %s", cut, error_text(&err));
        patch_free(&p);
    }
}
END_TEST

/* FILT-12: what a pipeline has in it, in the order of writing, twice the same among it. */
START_TEST(order_of_filters)
{
    static const struct {
        const char *path;
        unsigned n, ids[3];
    } all[] = {
        {"shuffle, deflate, fletcher32", 3, {2, 1, 3}},
        {"fletcher32, deflate, deflate", 3, {3, 1, 1}},
        {"shuffle, deflate", 2, {2, 1, 0}},
    };

    for (size_t i = 0; i < 2 * sizeof(all) / sizeof(*all); i++) {
        hi5_file *const f =
            open_fixture(i & 1 ? "good/filters-new.h5" : "good/filters-old.h5");
        hi5_dataset *d;
        hi5_filter filter;
        hi5_error err;
        unsigned n = 0;

        ck_ok(hi5_dataset_open(f, all[i / 2].path, &d, &err), &err);
        while (hi5_dataset_filter(d, n, &filter)) {
            ck_assert_uint_eq(filter.id, all[i / 2].ids[n]);
            n++;
        }
        ck_assert_uint_eq(n, all[i / 2].n);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* FILT-24: filters work on what is stored of variable-length data: lengths and places. */
START_TEST(strings)
{
    static const char *const wanted[12] = {"a", "bb", "",   "dddd", "",  "f",
                                           "g", "hh", "i3", "j",    "k", "last"};

    for (int k = 0; k < 2; k++) {
        hi5_file *const f =
            open_fixture(k ? "good/pit-chunks-new.h5" : "good/pit-chunks-old.h5");
        hi5_dataset *d;
        hi5_error err;
        char **s;
        size_t n;

        ck_ok(hi5_dataset_open(f, "strings, filtered", &d, &err), &err);
        ck_ok(hi5_dataset_read_strings(d, NULL, &s, &n, &err), &err);
        ck_assert_uint_eq(n, 12);
        for (int i = 0; i < 12; i++)
            ck_assert_str_eq(s[i] ? s[i] : "", wanted[i]);
        hi5_free(f, s);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* FILT-26: a stored chunk may be larger than the data in it. */
START_TEST(larger_when_stored)
{
    for (int k = 0; k < 2; k++) {
        struct patch p = patch_load(k ? "good/filters-new.h5" : "good/filters-old.h5");

        ck_assert_uint_eq(first_chunk(&p, "fletcher32").size, 8 * 16 * 2 + 4);
        patch_free(&p);
    }
}
END_TEST

/* FILT-28, FILT-29: an unknown filter keeps nobody from seeing what there is; reading
 * names it. */
START_TEST(unknown)
{
    struct patch p = patch_load("good/filters-old.h5");
    const hi5_message m = patch_message(&p, "deflate 6", MSG_FILTERS);
    hi5_file *f;
    hi5_dataset *d;
    hi5_filter filter;
    hi5_chunk c;
    hi5_error err;
    const uint64_t zero[2] = {0, 0};
    unsigned char bytes[1024];

    ck_assert_uint_eq(patch_get(&p, m.address + 8, 2), 1); /* id */
    patch_put(&p, m.address + 8, 2, 60000);
    f = patch_open(&p);
    ck_ok(hi5_dataset_open(f, "deflate 6", &d, &err), &err);
    ck_assert(hi5_dataset_filter(d, 0, &filter));
    ck_assert_uint_eq(filter.id, 60000);
    ck_assert(!hi5_filter_available(60000));
    ck_ok(hi5_dataset_get_chunk(d, zero, &c, &err), &err);
    ck_assert_uint_le(c.size, sizeof(bytes));
    ck_ok(hi5_dataset_read_raw_chunk(d, &c, bytes, &err), &err);
    hi5_dataset_close(d);
    ck_status(read_numbers(f, "deflate 6", NULL, &err), HI5_E_FILTER);
    ck_assert_ptr_nonnull(strstr(err.message, "60000"));
    ck_assert_ptr_nonnull(strstr(err.message, "deflate 6"));
    hi5_close(f, NULL);
    patch_free(&p);
}
END_TEST

static hi5_status
count_link(void *ctx, const hi5_link *link, hi5_error *err)
{
    (void)err;
    ck_assert_uint_eq(link->kind, HI5_LINK_SOFT);
    ++*(unsigned *)ctx;
    return HI5_OK;
}

/* FILT-31: heaps of links whose blocks and huge objects are filtered. */
START_TEST(filtered_heaps)
{
    static const struct {
        const char *path;
        unsigned links;
    } all[] = {{"one block", 10}, {"several blocks", 150}, {"huge", 1}};
    hi5_file *const f = open_fixture("good/groups-filtered-heap.h5");

    for (int i = 0; i < 3; i++) {
        hi5_group *g;
        hi5_link l;
        hi5_error err;
        unsigned n = 0;

        ck_ok(hi5_group_open(f, all[i].path, &g, &err), &err);
        ck_ok(hi5_group_each(g, HI5_BY_NAME, false, count_link, &n, &err), &err);
        ck_assert_uint_eq(n, all[i].links);
        if (i == 2) {
            ck_ok(hi5_group_get_link(g, "soft", &l, &err), &err);
            ck_assert_uint_eq(strlen(l.target), 5999);
            hi5_link_free(g, &l);
        }
        hi5_group_close(g);
    }
    hi5_close(f, NULL);
}
END_TEST

Suite *
suite_pit_filt(void)
{
    Suite *const suite = suite_create("pit_filt");
    TCase *const tc = tcase_create("pit_filt");

    tcase_add_test(tc, masks);
    tcase_add_test(tc, raw_edges);
    tcase_add_test(tc, damaged);
    tcase_add_test(tc, cut_short);
    tcase_add_test(tc, order_of_filters);
    tcase_add_test(tc, strings);
    tcase_add_test(tc, larger_when_stored);
    tcase_add_test(tc, unknown);
    tcase_add_test(tc, filtered_heaps);
    suite_add_tcase(suite, tc);
    return suite;
}
