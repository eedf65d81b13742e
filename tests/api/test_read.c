/*
 * test_read.c - values of datasets: every layout and index, boxes, points, selections,
 * single members, strings, fill values, chunks as stored
 */
#include <stdlib.h>
#include <string.h>

#include "support.h"

Suite *suite_read(void);

static hi5_dataset *
open_dataset(const char *file, const char *path)
{
    hi5_file *const f = open_fixture(file);
    hi5_dataset *d = NULL;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    hi5_close(f, NULL);
    return d;
}

static const char *const files[] = {"good/layouts-old.h5", "good/layouts-new.h5"};

/* All of these hold 0, 1, 2, ... in 10 rows of 7. */
static const char *const counting[] = {
    "contiguous",
    "compact",
    "single",
    "single, filtered",
    "implicit",
    "fixed array",
    "fixed array, larger maximum",
    "fixed array, filtered",
    "raw edges",
    "raw edges, extensible",
    "extensible array, 1st",
    "extensible array, 2nd",
    "extensible array, filtered",
    "b-tree",
    "b-tree, filtered",
};
enum { COUNTING = sizeof(counting) / sizeof(*counting) };

START_TEST(whole)
{
    for (int k = 0; k < 2; k++) {
        hi5_dataset *const d = open_dataset(files[k], counting[_i]);
        hi5_error err;
        int64_t v[70];
        double x[70];

        ck_ok(hi5_dataset_read(d, NULL, HI5_I64, v, &err), &err);
        ck_ok(hi5_dataset_read(d, NULL, HI5_F64, x, &err), &err);
        for (int i = 0; i < 70; i++) {
            ck_assert_int_eq(v[i], i);
            ck_assert_double_eq(x[i], i);
        }
        hi5_dataset_close(d);
    }
}
END_TEST

/* Every box there is. */
START_TEST(boxes)
{
    hi5_dataset *const d = open_dataset(files[1], counting[_i]);
    hi5_error err;
    int32_t v[70];

    for (uint64_t box = 0; box < 10 * 7 * 3 * 3; box++) {
        const uint64_t start[2] = {box % 10, box / 10 % 7};
        uint64_t count[2] = {1 + box / 70 % 3 * 4, 1 + box / 210 * 3};

        if (start[0] + count[0] > 10)
            count[0] = 10 - start[0];
        if (start[1] + count[1] > 7)
            count[1] = 7 - start[1];
        ck_ok(hi5_dataset_read_slab(d, start, count, HI5_I32, v, &err), &err);
        for (uint64_t i = 0; i < count[0] * count[1]; i++)
            ck_assert_uint_eq((uint64_t)v[i],
                              (start[0] + i / count[1]) * 7 + start[1] + i % count[1]);
    }
    hi5_dataset_close(d);
}
END_TEST

START_TEST(points)
{
    hi5_dataset *const d = open_dataset(files[1], counting[_i]);
    const uint64_t at[6][2] = {{9, 6}, {0, 0}, {4, 3}, {4, 2}, {4, 3}, {7, 0}};
    const uint64_t outside[2] = {10, 0};
    hi5_error err;
    int32_t v[6];

    ck_ok(hi5_dataset_read_points(d, 6, at[0], HI5_I32, v, &err), &err);
    for (int i = 0; i < 6; i++)
        ck_assert_uint_eq((uint64_t)v[i], at[i][0] * 7 + at[i][1]);
    ck_status(hi5_dataset_read_points(d, 1, outside, HI5_I32, v, &err), HI5_E_RANGE);
    hi5_dataset_close(d);
}
END_TEST

/* A hyperslab that is not regular, packed in row-major order. */
START_TEST(irregular)
{
    hi5_dataset *const d = open_dataset(files[1], counting[_i]);
    const uint64_t a[2] = {1, 1}, an[2] = {3, 4}, b[2] = {2, 3}, bn[2] = {5, 3};
    hi5_selection *s;
    hi5_error err;
    int32_t v[70];
    int n = 0;

    ck_ok(hi5_selection_create(hi5_dataset_shape(d), &s, &err), &err);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_SET, a, NULL, an, NULL, &err), &err);
    ck_ok(hi5_selection_hyperslab(s, HI5_SELECT_XOR, b, NULL, bn, NULL, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 12 + 15 - 2 * 4);
    ck_ok(hi5_dataset_read(d, s, HI5_I32, v, &err), &err);
    for (int y = 0; y < 10; y++)
        for (int x = 0; x < 7; x++) {
            const bool in_a = y >= 1 && y < 4 && x >= 1 && x < 5;
            const bool in_b = y >= 2 && y < 7 && x >= 3 && x < 6;

            if (in_a != in_b)
                ck_assert_int_eq(v[n++], y * 7 + x);
        }
    ck_assert_int_eq(n, 19);
    hi5_selection_free(s);
    hi5_dataset_close(d);
}
END_TEST

START_TEST(as_numpy)
{
    hi5_dataset *const d = open_dataset(files[1], "b-tree");
    hi5_selection *s;
    hi5_error err;
    bool dropped[2];
    int32_t v[70];

    ck_ok(hi5_selection_create(hi5_dataset_shape(d), &s, &err), &err);
    ck_ok(hi5_selection_parse(s, "1:8:3, -2", dropped, &err), &err);
    ck_assert(!dropped[0] && dropped[1]);
    ck_assert_uint_eq(hi5_selection_count(s), 3);
    ck_ok(hi5_dataset_read(d, s, HI5_I32, v, &err), &err);
    ck_assert_int_eq(v[0], 1 * 7 + 5);
    ck_assert_int_eq(v[1], 4 * 7 + 5);
    ck_assert_int_eq(v[2], 7 * 7 + 5);
    ck_assert_int_ne(hi5_selection_parse(s, "1:8:", dropped, &err), HI5_E_INTERNAL);
    ck_assert_int_ne(hi5_selection_parse(s, "99, 0", dropped, &err), HI5_OK);
    ck_assert_int_ne(hi5_selection_parse(s, "a", dropped, &err), HI5_OK);
    hi5_selection_free(s);
    hi5_dataset_close(d);
}
END_TEST

/* Nine elements written, far apart: element i*i*(n-1)/64 is 1000+i, the rest is -9. */
START_TEST(sparse)
{
    static const char *const names[] = {
        "fixed array, paged",
        "fixed array, paged, filtered",
        "extensible array, sparse",
        "extensible array, sparse, filtered",
    };
    hi5_error err;

    for (int k = 0; k < 2; k++)
        for (int j = 0; j < 4; j++) {
            hi5_dataset *const d = open_dataset(files[k], names[j]);
            const uint64_t n = hi5_shape_count(hi5_dataset_shape(d));
            int32_t *const v = calloc((size_t)n, sizeof(*v));
            uint64_t next = 0;

            ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
            for (uint64_t i = 0; i < n; i++)
                if (next < 9 && i == next * next * (n - 1) / 64)
                    ck_assert_uint_eq((uint64_t)v[i], 1000 + next++);
                else
                    ck_assert_int_eq(v[i], -9);
            free(v);
            hi5_dataset_close(d);
        }
}
END_TEST

/* LY-14: what a shrinking dataset lost does not come back. */
START_TEST(resized)
{
    for (int k = 0; k < 2; k++) {
        hi5_dataset *const d = open_dataset(files[k], "resized");
        int32_t v[12][9];
        hi5_error err;

        ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
        for (int y = 0; y < 12; y++)
            for (int x = 0; x < 9; x++)
                ck_assert_int_eq(v[y][x], y < 5 && x < 2 ? y * 7 + x : -9);
        hi5_dataset_close(d);
    }
}
END_TEST

START_TEST(layouts)
{
    static const struct {
        const char *name;
        hi5_layout_kind kind;
        hi5_chunk_index index;
    } all[] = {
        {"compact", HI5_COMPACT, HI5_INDEX_BTREE1},
        {"contiguous", HI5_CONTIGUOUS, HI5_INDEX_BTREE1},
        {"single", HI5_CHUNKED, HI5_INDEX_SINGLE},
        {"implicit", HI5_CHUNKED, HI5_INDEX_IMPLICIT},
        {"fixed array", HI5_CHUNKED, HI5_INDEX_FIXED_ARRAY},
        {"extensible array, 2nd", HI5_CHUNKED, HI5_INDEX_EXTENSIBLE_ARRAY},
        {"b-tree", HI5_CHUNKED, HI5_INDEX_BTREE2},
    };
    hi5_layout l;

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        hi5_dataset *d = open_dataset("good/layouts-new.h5", all[i].name);

        hi5_dataset_get_layout(d, &l);
        ck_assert_msg(l.kind == all[i].kind, "%s: kind %d", all[i].name, (int)l.kind);
        ck_assert_msg(l.kind != HI5_CHUNKED || l.index == all[i].index, "%s: index %d",
                      all[i].name, (int)l.index);
        hi5_dataset_close(d);
        d = open_dataset("good/layouts-old.h5", all[i].name);
        hi5_dataset_get_layout(d, &l);
        ck_assert(l.kind != HI5_CHUNKED || l.index == HI5_INDEX_BTREE1);
        hi5_dataset_close(d);
    }
}
END_TEST

struct chunks {
    int n;
    uint64_t bytes;
};

static hi5_status
count_chunk(void *ctx, const hi5_chunk *chunk, hi5_error *err)
{
    struct chunks *const c = ctx;

    (void)err;
    c->n++;
    c->bytes += chunk->size;
    ck_assert_uint_eq(chunk->offset[0] % 4, 0);
    ck_assert_uint_eq(chunk->offset[1] % 3, 0);
    return HI5_OK;
}

START_TEST(chunks)
{
    static const char *const names[] = {"implicit", "fixed array",
                                        "extensible array, 1st", "b-tree"};

    for (int k = 0; k < 2; k++)
        for (int j = 0; j < 4; j++) {
            hi5_dataset *const d = open_dataset(files[k], names[j]);
            const uint64_t at[2] = {9, 6};
            const size_t each = hi5_type_size(hi5_dataset_type(d));
            unsigned char raw[48];
            struct chunks c = {0};
            hi5_chunk chunk;
            uint64_t bytes;
            hi5_error err;

            ck_ok(hi5_dataset_each_chunk(d, count_chunk, &c, &err), &err);
            ck_assert_int_eq(c.n, 9);
            ck_assert_uint_eq(c.bytes, 9 * 12 * each);
            ck_ok(hi5_dataset_storage(d, &bytes, &err), &err);
            ck_assert_uint_eq(bytes, c.bytes);
            ck_ok(hi5_dataset_get_chunk(d, at, &chunk, &err), &err);
            ck_assert_uint_eq(chunk.offset[0], 8);
            ck_assert_uint_eq(chunk.offset[1], 6);
            ck_ok(hi5_dataset_read_raw_chunk(d, &chunk, raw, &err), &err);
            /* its first element, 62, in either order and width */
            ck_assert_uint_eq(raw[0] | raw[1], 62);
            hi5_dataset_close(d);
        }
    {
        hi5_dataset *const d = open_dataset(files[1], "b-tree, sparse");
        const uint64_t at[2] = {50, 0};
        hi5_chunk chunk;
        hi5_error err;

        ck_status(hi5_dataset_get_chunk(d, at, &chunk, &err), HI5_E_NOTFOUND);
        hi5_dataset_close(d);
    }
}
END_TEST

START_TEST(nothing_in_it)
{
    static const char *const names[] = {"contiguous, zero-sized", "contiguous, null",
                                        "compact, zero-sized", "compact, null",
                                        "extensible array, empty"};
    hi5_error err;

    for (int k = 0; k < 2; k++)
        for (int j = 0; j < 5; j++) {
            hi5_dataset *const d = open_dataset(files[k], names[j]);
            int32_t v = 17;

            ck_assert_uint_eq(hi5_shape_count(hi5_dataset_shape(d)), 0);
            ck_ok(hi5_dataset_read(d, NULL, HI5_I32, &v, &err), &err);
            ck_assert_int_eq(v, 17);
            hi5_dataset_close(d);
        }
}
END_TEST

START_TEST(fill_values)
{
    hi5_dataset *d =
        open_dataset("good/fills-new.h5", "layout 2, alloc 2, time 2, user");
    hi5_fill fill;
    hi5_error err;
    int32_t v[6], one;
    char *const *words;
    char **strings;
    size_t n;

    hi5_dataset_get_fill(d, &fill);
    ck_assert_int_eq(fill.status, HI5_FILL_USER);
    ck_assert_uint_eq(fill.alloc_time, 3);
    ck_assert_uint_eq(fill.write_time, 2);
    ck_assert_uint_eq(fill.size, 2);
    ck_assert_mem_eq(fill.value, "\x12\x34", 2);
    ck_ok(hi5_dataset_read_fill(d, HI5_I32, &one, &err), &err);
    ck_assert_int_eq(one, 0x1234);
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(v[i], 0x1234);
    hi5_dataset_close(d);
    d = open_dataset("good/fill-types.h5", "variable string");
    ck_ok(hi5_dataset_read_strings(d, NULL, &strings, &n, &err), &err);
    words = strings;
    ck_assert_uint_eq(n, 3);
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(words[i], "filling");
    hi5_free(hi5_object_file(hi5_dataset_object(d)), strings);
    hi5_dataset_close(d);
}
END_TEST

static hi5_dataset *
open_external(const char *path)
{
    const hi5_open_options options = {.size = sizeof(options), .raw_prefix = "${ORIGIN}"};
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_open(fixture("good/external.h5"), &options, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    hi5_close(f, NULL);
    return d;
}

START_TEST(external_data)
{
    unsigned char bytes[400], wanted[120];
    hi5_dataset *d = open_external("pieces");
    hi5_error err;
    uint32_t x = 12345;
    unsigned char v[6][5][4];
    const char *name;
    uint64_t offset, size;

    for (int i = 0; i < 400; i++) { /* what the raw files hold */
        x = x * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(x >> 24);
    }
    memcpy(wanted, bytes + 10, 50);
    memcpy(wanted + 50, bytes, 40);
    memcpy(wanted + 90, bytes + 100, 30);
    ck_ok(hi5_dataset_read(d, NULL, hi5_dataset_type(d), v, &err), &err);
    ck_assert_mem_eq(v, wanted, 120);
    ck_assert(hi5_dataset_external(d, 1, &name, &offset, &size));
    ck_assert_str_eq(name, "external-2.raw");
    ck_assert_uint_eq(size, 40);
    ck_assert(!hi5_dataset_external(d, 3, &name, &offset, &size));
    hi5_dataset_close(d);
    d = open_external("missing");
    ck_assert_int_ne(hi5_dataset_read(d, NULL, HI5_I32, v, &err), HI5_OK);
    ck_assert_ptr_nonnull(strstr(err.message, "external-missing.raw"));
    hi5_dataset_close(d);
}
END_TEST

/* The lzf of h5py, and one of bytes that do not become smaller. */
START_TEST(python)
{
    hi5_dataset *d = open_dataset("good/h5py.h5", "lzf");
    hi5_error err;
    int32_t v[500];
    unsigned char noise[600];

    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, v, &err), &err);
    for (int i = 0; i < 500; i++)
        ck_assert_int_eq(v[i], i / 7);
    hi5_dataset_close(d);
    d = open_dataset("good/h5py.h5", "lzf, noise");
    ck_ok(hi5_dataset_read(d, NULL, HI5_U8, noise, &err), &err);
    ck_assert_uint_eq(noise[0], 0x25); /* RandomState(1).bytes */
    hi5_dataset_close(d);
}
END_TEST

START_TEST(members)
{
    hi5_dataset *const d = open_dataset("good/demo.h5", "/sample/log");
    hi5_error err;
    double time[3];
    char event[3][16];

    ck_ok(hi5_dataset_read_field(d, "time", NULL, HI5_F64, time, &err), &err);
    ck_assert_double_eq(time[1], 4.5);
    ck_ok(hi5_dataset_read_field(d, "event", NULL, NULL, event, &err), &err);
    ck_assert_str_eq(event[2], "shutter closed");
    ck_assert_int_ne(hi5_dataset_read_field(d, "nothing", NULL, NULL, event, &err),
                     HI5_OK);
    hi5_dataset_close(d);
}
END_TEST

START_TEST(strings)
{
    static const char *const names[] = {"strings/variable 0 0", "strings/variable 2 1"};

    for (int k = 0; k < 2; k++) {
        hi5_dataset *const d =
            open_dataset(k ? "good/types-new.h5" : "good/types-old.h5", names[k]);
        char **s;
        size_t n;
        hi5_error err;

        ck_ok(hi5_dataset_read_strings(d, NULL, &s, &n, &err), &err);
        ck_assert_uint_eq(n, 5);
        ck_assert_str_eq(s[0], "one");
        ck_assert_str_eq(s[1], "");
        ck_assert(s[2] == NULL || s[2][0] == '\0');
        ck_assert_str_eq(s[3], "na\xc3\xafve");
        ck_assert_str_eq(s[4], "a somewhat longer one");
        hi5_free(hi5_object_file(hi5_dataset_object(d)), s);
        hi5_dataset_close(d);
    }
}
END_TEST

START_TEST(wrong_calls)
{
    hi5_dataset *const d = open_dataset("good/layouts-new.h5", "b-tree");
    hi5_file *const f = hi5_object_file(hi5_dataset_object(d));
    const uint64_t start[2] = {9, 0}, count[2] = {2, 1};
    hi5_dataset *other;
    hi5_group *g;
    hi5_error err;
    char *s[70];
    int32_t v[70];

    ck_status(hi5_dataset_read_slab(d, start, count, HI5_I32, v, &err), HI5_E_RANGE);
    ck_status(hi5_dataset_read(d, NULL, HI5_STR, s, &err), HI5_E_TYPE);
    ck_status(hi5_dataset_open(f, "/", &other, &err), HI5_E_TYPE);
    ck_assert_ptr_null(other);
    ck_status(hi5_group_open(f, "b-tree", &g, &err), HI5_E_TYPE);
    ck_status(hi5_dataset_open(f, "none", &other, NULL), HI5_E_NOTFOUND);
    hi5_dataset_close(d);
}
END_TEST

Suite *
suite_read(void)
{
    Suite *const suite = suite_create("read");
    TCase *const tc = tcase_create("read");

    tcase_add_loop_test(tc, whole, 0, COUNTING);
    tcase_add_loop_test(tc, boxes, 0, COUNTING);
    tcase_add_loop_test(tc, points, 0, COUNTING);
    tcase_add_loop_test(tc, irregular, 0, COUNTING);
    tcase_add_test(tc, as_numpy);
    tcase_add_test(tc, sparse);
    tcase_add_test(tc, resized);
    tcase_add_test(tc, layouts);
    tcase_add_test(tc, chunks);
    tcase_add_test(tc, nothing_in_it);
    tcase_add_test(tc, fill_values);
    tcase_add_test(tc, external_data);
    tcase_add_test(tc, python);
    tcase_add_test(tc, members);
    tcase_add_test(tc, strings);
    tcase_add_test(tc, wrong_calls);
    suite_add_tcase(suite, tc);
    return suite;
}
