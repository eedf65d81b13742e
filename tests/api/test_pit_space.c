/*
 * test_pit_space.c - pitfalls of dataspaces and selections: SPACE-xx of
 * docs/pitfalls.md
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patch.h"
#include "support.h"

Suite *suite_pit_space(void);

enum { MSG_SPACE = 1, MSG_TYPE = 3 };

static const char *const files[] = {"good/pit-chunks-old.h5", "good/pit-chunks-new.h5"};
static const char *const four[] = {"4-d contiguous", "4-d compact", "4-d chunked",
                                   "4-d filtered", "4-d unlimited"};
static const uint64_t extent[4] = {5, 4, 3, 6}; /* of these, holding 0, 1, 2, ... */

static uint32_t
next_random(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 8;
}

/* A regular hyperslab, never empty. */
struct slab {
    uint64_t start[4], stride[4], count[4], block[4];
};

static struct slab
random_slab(uint32_t *x)
{
    struct slab s;

    for (int k = 0; k < 4; k++) {
        s.start[k] = next_random(x) % extent[k];
        s.block[k] = 1 + next_random(x) % (extent[k] - s.start[k]);
        s.stride[k] = s.block[k] + next_random(x) % 3;
        s.count[k] = 1 + (extent[k] - s.start[k] - s.block[k]) / s.stride[k];
    }
    return s;
}

static bool
in_slab(const struct slab *s, const uint64_t *at)
{
    for (int k = 0; k < 4; k++)
        if (at[k] < s->start[k] ||
            (at[k] - s->start[k]) % s->stride[k] >= s->block[k] ||
            (at[k] - s->start[k]) / s->stride[k] >= s->count[k])
            return false;
    return true;
}

static bool
combined(hi5_select_op op, bool a, bool b)
{
    switch (op) {
    case HI5_SELECT_OR:
        return a || b;
    case HI5_SELECT_AND:
        return a && b;
    case HI5_SELECT_XOR:
        return a != b;
    case HI5_SELECT_NOT_B:
        return a && !b;
    case HI5_SELECT_NOT_A:
        return b && !a;
    default:
        return b;
    }
}

static void
index_to_coordinates(unsigned i, uint64_t *at)
{
    for (int k = 4; k-- > 0; i /= (unsigned)extent[k])
        at[k] = i % extent[k];
}

/* SPACE-01, SPACE-09, SPACE-17: random combinations of hyperslabs against a bitmap, in
 * each layout: the same elements, in the same order. */
START_TEST(against_a_bitmap)
{
    hi5_file *const f = open_fixture(files[_i]);
    hi5_dataset *d[5];
    hi5_error err;
    uint32_t x = 4711;

    for (int k = 0; k < 5; k++)
        ck_ok(hi5_dataset_open(f, four[k], &d[k], &err), &err);
    for (int round = 0; round < 60; round++) {
        bool wanted[360] = {false};
        hi5_selection *s;
        uint64_t n = 0;

        ck_ok(hi5_selection_create(hi5_dataset_shape(d[0]), &s, &err), &err);
        for (int i = 0; i <= round % 4; i++) {
            const struct slab slab = random_slab(&x);
            const hi5_select_op op =
                i == 0 ? HI5_SELECT_SET : (hi5_select_op)(1 + next_random(&x) % 5);

            ck_ok(hi5_selection_hyperslab(s, op, slab.start, slab.stride, slab.count,
                                          slab.block, &err),
                  &err);
            for (unsigned e = 0; e < 360; e++) {
                uint64_t at[4];

                index_to_coordinates(e, at);
                wanted[e] = combined(op, wanted[e], in_slab(&slab, at));
            }
        }
        for (unsigned e = 0; e < 360; e++)
            n += wanted[e];
        ck_assert_uint_eq(hi5_selection_count(s), n);
        for (int k = 0; k < 5; k++) {
            int32_t v[361];
            unsigned j = 0;

            v[n] = -77;
            ck_ok(hi5_dataset_read(d[k], s, HI5_I32, v, &err), &err);
            for (unsigned e = 0; e < 360; e++)
                if (wanted[e])
                    ck_assert_uint_eq((unsigned)v[j++], e);
            ck_assert_int_eq(v[n], -77);
        }
        hi5_selection_free(s);
    }
    for (int k = 0; k < 5; k++)
        hi5_dataset_close(d[k]);
    hi5_close(f, NULL);
}
END_TEST

/* SPACE-02: no largest dimensions stored: they are the current ones. */
START_TEST(no_maximum)
{
    for (int k = 0; k < 2; k++) {
        struct patch p = patch_load(files[k]);
        const uint64_t at = patch_object(&p, "4-d contiguous");
        const hi5_message m = patch_message(&p, "4-d contiguous", MSG_SPACE);
        hi5_file *f;
        hi5_dataset *d;
        hi5_error err;

        ck_assert_uint_eq(p.b[m.address + 2], 1);
        p.b[m.address + 2] = 0;
        memset(p.b + m.address + m.size - 32, 0, 32);
        patch_fix(&p, at);
        f = patch_open(&p);
        ck_ok(hi5_dataset_open(f, "4-d contiguous", &d, &err), &err);
        for (int i = 0; i < 4; i++) {
            ck_assert_uint_eq(hi5_dataset_shape(d)->dims[i], extent[i]);
            ck_assert_uint_eq(hi5_dataset_shape(d)->max[i], extent[i]);
        }
        hi5_dataset_close(d);
        hi5_close(f, NULL);
        patch_free(&p);
    }
}
END_TEST

/* SPACE-03: scalar, null and without elements are three. */
START_TEST(kinds)
{
    static const struct {
        const char *name;
        hi5_space_kind kind;
        unsigned rank;
        uint64_t count;
    } all[] = {{"contiguous, scalar", HI5_SCALAR, 0, 1},
               {"contiguous, null", HI5_NULL, 0, 0},
               {"contiguous, zero-sized", HI5_SIMPLE, 2, 0},
               {"compact, scalar", HI5_SCALAR, 0, 1},
               {"compact, null", HI5_NULL, 0, 0},
               {"compact, zero-sized", HI5_SIMPLE, 2, 0}};

    for (int k = 0; k < 2; k++) {
        hi5_file *const f =
            open_fixture(k ? "good/layouts-new.h5" : "good/layouts-old.h5");

        for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
            hi5_dataset *d;
            hi5_error err;

            ck_ok(hi5_dataset_open(f, all[i].name, &d, &err), &err);
            ck_assert_int_eq(hi5_dataset_shape(d)->kind, all[i].kind);
            ck_assert_uint_eq(hi5_dataset_shape(d)->rank, all[i].rank);
            ck_assert_uint_eq(hi5_shape_count(hi5_dataset_shape(d)), all[i].count);
            hi5_dataset_close(d);
        }
        hi5_close(f, NULL);
    }
}
END_TEST

/* SPACE-05, SPACE-06, SPACE-14: extents whose product wraps, current dimensions beyond
 * the largest ones, a rank where there is none, a rank of 33. */
START_TEST(senseless_extents)
{
    static const struct {
        unsigned offset, width;
        uint64_t value;
        unsigned offset2;
        uint64_t value2;
        const char *field; /* NULL: any error will do when it is read */
    } all[] = {
        {4, 8, 1ull << 32, 12, 1ull << 32, NULL}, /* product 0 */
        {4, 8, 1ull << 63, 12, 2, NULL},
        {4, 8, 1ull << 60, 12, 1, NULL}, /* times the size of an element */
        {20, 8, 9, 0, 2, "dimension"},   /* of at most 9 */
        {20, 8, 0, 0, 2, "dimension"},   /* of at most 0 */
        {3, 1, 0, 0, 2, "type"},         /* a scalar of rank 2 */
        {3, 1, 2, 0, 2, "type"},         /* null, of rank 2 */
        {1, 1, 33, 0, 2, "rank"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        struct patch p = patch_load("good/layouts-new.h5");
        const char *const path = "fixed array, larger maximum"; /* 10,7 of 21,9 */
        const uint64_t at = patch_object(&p, path);
        const hi5_message m = patch_message(&p, path, MSG_SPACE);
        hi5_error err = {0};
        hi5_status s;

        ck_assert_uint_eq(p.b[m.address], 2);
        ck_assert_uint_eq(patch_get(&p, m.address + 4, 8), 10);
        ck_assert_uint_eq(patch_get(&p, m.address + 20, 8), 21);
        if (all[i].field == NULL)
            memset(p.b + m.address + 20, 0xff, 16); /* unlimited */
        patch_put(&p, m.address + all[i].offset, all[i].width, all[i].value);
        if (all[i].offset2 != 0)
            patch_put(&p, m.address + all[i].offset2, 8, all[i].value2);
        patch_fix(&p, at);
        if (all[i].field == NULL) {
            s = patch_read(&p, path, NULL, &err);
            ck_assert_msg(s != HI5_OK && s != HI5_E_INTERNAL && err.message[0] != '\0',
                          "%zu: %s", i, error_text(&err));
        } else {
            ck_fails(patch_read(&p, path, NULL, &err), &err, HI5_E_CORRUPT,
                     "dataspace message", all[i].field);
        }
        patch_free(&p);
    }
}
END_TEST

/* SPACE-08: elements beyond 2^32 of a dataset of which one chunk exists. */
START_TEST(far)
{
    hi5_file *const f = open_fixture("good/pit-chunks-old.h5");
    const uint64_t at[3] = {(1ull << 33) - 3, (1ull << 33) - 1, 1ull << 32};
    const uint64_t start[1] = {(1ull << 33) - 4}, count[1] = {4};
    const uint64_t beyond[1] = {1ull << 33};
    hi5_selection *s;
    hi5_dataset *d;
    hi5_chunk c;
    hi5_error err;
    int32_t v[4];

    ck_ok(hi5_dataset_open(f, "far", &d, &err), &err);
    ck_assert_uint_eq(hi5_shape_count(hi5_dataset_shape(d)), 1ull << 33);
    ck_ok(hi5_dataset_read_points(d, 3, at, HI5_I32, v, &err), &err);
    ck_assert(v[0] == -1 && v[1] == 42 && v[2] == -1);
    ck_ok(hi5_dataset_read_slab(d, start, count, HI5_I32, v, &err), &err);
    ck_assert(v[0] == -1 && v[1] == -1 && v[2] == 41 && v[3] == 42);
    ck_status(hi5_dataset_read_points(d, 1, beyond, HI5_I32, v, &err), HI5_E_RANGE);
    ck_ok(hi5_dataset_get_chunk(d, start, &c, &err), &err);
    ck_assert_uint_eq(c.offset[0], (1ull << 33) - 16);
    ck_ok(hi5_selection_create(hi5_dataset_shape(d), &s, &err), &err);
    ck_ok(hi5_selection_parse(s, "-2:", NULL, &err), &err);
    ck_ok(hi5_dataset_read(d, s, HI5_I32, v, &err), &err);
    ck_assert(v[0] == 41 && v[1] == 42);
    hi5_selection_free(s);
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

/* SPACE-07: coordinates of eight bytes in a region reference and in a mapping. */
START_TEST(wide_selections)
{
    hi5_file *f = open_fixture("good/pit-refs.h5");
    hi5_reference r[3];
    hi5_target t;
    uint64_t low[1], high[1];
    hi5_mapping m;
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_dataset_open(f, "regions", &d, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_REF, r, &err), &err);
    hi5_dataset_close(d);
    ck_ok(hi5_resolve(f, &r[0], &t, &err), &err);
    ck_assert(hi5_selection_bounds(t.selection, low, high));
    ck_assert_uint_eq(low[0], (1ull << 33) - 4);
    ck_assert_uint_eq(high[0], (1ull << 33) - 1);
    hi5_target_free(&t);
    hi5_close(f, NULL);
    f = open_fixture("good/pit-vds.h5");
    ck_ok(hi5_dataset_open(f, "far", &d, &err), &err);
    ck_assert(hi5_dataset_mapping(d, 0, &m));
    ck_assert(hi5_selection_bounds(m.virt, low, high));
    ck_assert_uint_eq(low[0], 1ull << 33);
    ck_assert_uint_eq(high[0], (1ull << 33) + 9);
    {
        const uint64_t start[1] = {(1ull << 33) + 3}, count[1] = {2};
        int32_t v[2];

        ck_ok(hi5_dataset_read_slab(d, start, count, HI5_I32, v, &err), &err);
        ck_assert(v[0] == 3 && v[1] == 4);
    }
    hi5_dataset_close(d);
    hi5_close(f, NULL);
}
END_TEST

/* SPACE-10: twenty thousand indices, a million points, thousands of rows in any order. */
START_TEST(many_slabs)
{
    const hi5_shape shape = {HI5_SIMPLE, 2, {100000, 4}, {100000, 4}};
    char *const text = malloc(200000);
    uint64_t *const points = calloc(2000000, sizeof(*points));
    hi5_selection *s;
    hi5_error err;
    size_t n = 0;

    for (int i = 0; i < 20000; i++)
        n += (size_t)snprintf(text + n, 16, "%c%d", i ? ',' : '[', i * 5);
    memcpy(text + n, "], 1:3", 7);
    ck_ok(hi5_selection_create(&shape, &s, &err), &err);
    ck_ok(hi5_selection_parse(s, text, NULL, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 40000);
    for (uint64_t i = 0; i < 1000000; i++) {
        points[2 * i] = i * 7919 % 100000;
        points[2 * i + 1] = i % 4;
    }
    ck_ok(hi5_selection_points(s, HI5_SELECT_SET, 1000000, points, &err), &err);
    ck_assert_uint_eq(hi5_selection_count(s), 1000000);
    for (uint64_t i = 0; i < 3000; i++) {
        const uint64_t start[2] = {i * 7919 % 3000 * 2, 1}, count[2] = {1, 2};

        ck_ok(hi5_selection_hyperslab(s, i ? HI5_SELECT_OR : HI5_SELECT_SET, start,
                                      NULL, count, NULL, &err),
              &err);
    }
    ck_assert_uint_eq(hi5_selection_count(s), 6000);
    ck_assert_uint_eq(hi5_selection_blocks(s), 3000);
    hi5_selection_free(s);
    free(points);
    free(text);
}
END_TEST

/* SPACE-12: hyperslabs without sense, asked for, and stored. */
START_TEST(senseless_slabs)
{
    const hi5_shape scalar = {.kind = HI5_SCALAR};
    const hi5_shape line = {HI5_SIMPLE, 1, {10}, {10}};
    const hi5_shape wide = {.kind = HI5_SIMPLE, .rank = 33};
    const uint64_t zero[1] = {0}, one[1] = {1}, two[1] = {2},
                   most[1] = {UINT64_MAX - 1};
    hi5_selection *s;
    hi5_error err;

    ck_assert_int_ne(hi5_selection_create(&wide, &s, &err), HI5_OK);
    ck_ok(hi5_selection_create(&scalar, &s, &err), &err);
    ck_assert_int_ne(
        hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, NULL, one, NULL, &err),
        HI5_OK);
    hi5_selection_free(s);
    ck_ok(hi5_selection_create(&line, &s, &err), &err);
    ck_assert_int_ne(
        hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, zero, two, one, &err), HI5_OK);
    ck_assert_int_ne(
        hi5_selection_hyperslab(s, HI5_SELECT_SET, zero, one, two, two, &err), HI5_OK);
    ck_assert_int_ne(
        hi5_selection_hyperslab(s, HI5_SELECT_SET, most, two, two, two, &err), HI5_OK);
    ck_assert_int_ne(
        hi5_selection_hyperslab(s, HI5_SELECT_SET, one, most, two, one, &err), HI5_OK);
    hi5_selection_free(s);
    {
        hi5_file *const f = open_fixture("good/pit-vds.h5");
        hi5_dataset *d; /* more than there is: found out when it is read */
        int32_t v[10];

        ck_ok(hi5_dataset_open(f, "line", &d, &err), &err);
        ck_status(hi5_dataset_read_slab(d, zero, most, HI5_I32, v, &err), HI5_E_RANGE);
        ck_status(hi5_dataset_read_slab(d, most, one, HI5_I32, v, &err), HI5_E_RANGE);
        ck_status(hi5_dataset_read_slab(d, most, two, HI5_I32, v, &err), HI5_E_RANGE);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* The serialized regular selection of the first region: behind the dataset's address
 * in the heap object. */
START_TEST(senseless_stored)
{
    static const struct {
        unsigned offset, width;
        uint64_t value;
    } all[] = {
        /* type 4, version 4, flags 1, length 4, rank 4, start, stride, count, block */
        {13, 4, 0}, {13, 4, 33},         {25, 8, 0},
        {33, 8, 2}, {33, 8, 1ull << 62}, {41, 8, UINT64_MAX - 5},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        struct patch p = patch_load("good/pit-refs.h5");
        const uint64_t at =
            patch_find(&p, "\2\0\0\0\2\0\0\0\1", 9, 0); /* hyperslab, version 2 */
        hi5_file *const f = patch_open(&p);
        hi5_reference r[3];
        hi5_dataset *d;
        hi5_target t;
        hi5_error err;

        ck_assert_uint_eq(patch_get(&p, at + 13, 4), 1);
        ck_assert_uint_eq(patch_get(&p, at + 17, 8), (1ull << 33) - 4);
        patch_put(&p, at + all[i].offset, all[i].width, all[i].value);
        ck_ok(hi5_dataset_open(f, "regions", &d, &err), &err);
        ck_ok(hi5_dataset_read(d, NULL, HI5_REF, r, &err), &err);
        hi5_dataset_close(d);
        ck_assert_msg(hi5_resolve(f, &r[0], &t, &err) != HI5_OK, "%zu", i);
        ck_assert_msg(err.status == HI5_E_CORRUPT || err.status == HI5_E_TRUNCATED,
                      "%zu: %s", i, error_text(&err));
        ck_assert_msg(strstr(err.structure, "selection") != NULL, "%s",
                      error_text(&err));
        hi5_close(f, NULL);
        patch_free(&p);
    }
}
END_TEST

/* SPACE-13: nothing selected, by hyperslab, by points, by slices. */
START_TEST(nothing_selected)
{
    hi5_file *const f = open_fixture(files[1]);
    hi5_dataset *d;
    hi5_error err;
    int32_t v = -77;

    for (int k = 0; k < 5; k++) {
        const uint64_t start[4] = {0, 0, 0, 0};
        hi5_selection *s;

        ck_ok(hi5_dataset_open(f, four[k], &d, &err), &err);
        for (int dim = 0; dim < 4; dim++) {
            uint64_t count[4] = {1, 1, 1, 1};

            count[dim] = 0;
            ck_ok(hi5_dataset_read_slab(d, start, count, HI5_I32, &v, &err), &err);
        }
        ck_ok(hi5_dataset_read_points(d, 0, start, HI5_I32, &v, &err), &err);
        ck_ok(hi5_selection_create(hi5_dataset_shape(d), &s, &err), &err);
        hi5_selection_none(s);
        ck_ok(hi5_dataset_read(d, s, HI5_I32, &v, &err), &err);
        ck_ok(hi5_selection_parse(s, "2:2", NULL, &err), &err);
        ck_assert_uint_eq(hi5_selection_count(s), 0);
        ck_ok(hi5_dataset_read(d, s, HI5_I32, &v, &err), &err);
        ck_assert_int_eq(v, -77);
        hi5_selection_free(s);
        hi5_dataset_close(d);
    }
    hi5_close(f, NULL);
}
END_TEST

/* SPACE-15: rows of strings of two dimensions. */
START_TEST(rows_of_strings)
{
    static const char *const wanted[] = {"dddd", "", "f", "g", "hh", "i3"};
    static const char *const names[] = {"strings", "strings, filtered"};

    for (int k = 0; k < 4; k++) {
        hi5_file *const f = open_fixture(files[k & 1]);
        hi5_selection *s;
        hi5_dataset *d;
        hi5_error err;
        char **v;
        size_t n;

        ck_ok(hi5_dataset_open(f, names[k >> 1], &d, &err), &err);
        ck_ok(hi5_selection_create(hi5_dataset_shape(d), &s, &err), &err);
        ck_ok(hi5_selection_parse(s, "1:3", NULL, &err), &err);
        ck_ok(hi5_dataset_read_strings(d, s, &v, &n, &err), &err);
        ck_assert_uint_eq(n, 6);
        for (int i = 0; i < 6; i++)
            ck_assert_str_eq(v[i] ? v[i] : "", wanted[i]);
        hi5_free(f, v);
        hi5_selection_free(s);
        hi5_dataset_close(d);
        hi5_close(f, NULL);
    }
}
END_TEST

/* A source that keeps count. */
struct counted {
    struct patch p;
    unsigned reads;
    uint64_t bytes;
};

static hi5_status
counted_read(void *ctx, uint64_t offset, void *buf, size_t n, hi5_error *err)
{
    struct counted *const c = ctx;

    (void)err;
    if (offset > c->p.n || n > c->p.n - offset)
        return HI5_E_TRUNCATED;
    c->reads++;
    c->bytes += n;
    memcpy(buf, c->p.b + offset, n);
    return HI5_OK;
}

static hi5_status
counted_size(void *ctx, uint64_t *size, hi5_error *err)
{
    (void)err;
    *size = ((struct counted *)ctx)->p.n;
    return HI5_OK;
}

static hi5_dataset *
counted_open(struct counted *c, const char *file, const char *path)
{
    const hi5_io io = {.size = sizeof(io),
                       .ctx = c,
                       .read_at = counted_read,
                       .get_size = counted_size};
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;

    c->p = patch_load(file);
    ck_ok(hi5_open_io(&io, NULL, NULL, &f, &err), &err);
    ck_ok(hi5_dataset_open(f, path, &d, &err), &err);
    hi5_close(f, NULL);
    c->reads = 0;
    c->bytes = 0;
    return d;
}

/* SPACE-16: a window of a chunked dataset costs the chunks that it touches, a column of
 * a contiguous one no more than the rows, and a whole chunk is one read. */
START_TEST(no_more_than_needed)
{
    struct counted c;
    hi5_dataset *d = counted_open(&c, "good/pit-large-chunk.h5", "rows");
    const uint64_t start[2] = {20, 5}, count[2] = {8, 100};
    static int16_t v[128 * 256];
    hi5_error err;

    ck_ok(hi5_dataset_read_slab(d, start, count, HI5_I16, v, &err), &err);
    ck_assert_int_eq(v[0], 20 * 256 + 5);
    ck_assert_uint_le(c.bytes, 2 * 4096 + 4096); /* two chunks, and the index */
    ck_assert_uint_le(c.reads, 2 + 6);
    hi5_dataset_close(d);
    patch_free(&c.p);
}
END_TEST

/* SPACE-18: a column of a large chunk that is stored as it is: a few reads, not one per
 * element, whatever the cache keeps. */
START_TEST(columns)
{
    struct counted c;
    hi5_dataset *d = counted_open(&c, "good/pit-large-chunk.h5", "one");
    static int16_t v[128];
    hi5_error err;

    for (uint64_t x = 0; x < 256; x++) {
        const uint64_t start[2] = {0, x}, count[2] = {128, 1};

        ck_ok(hi5_dataset_read_slab(d, start, count, HI5_I16, v, &err), &err);
        for (int y = 0; y < 128; y++)
            ck_assert_int_eq(v[y], (int16_t)(y * 256 + (int)x));
    }
    ck_assert_uint_le(c.reads, 256 * 128 / 8);
    hi5_dataset_close(d);
    patch_free(&c.p);
}
END_TEST

Suite *
suite_pit_space(void)
{
    Suite *const suite = suite_create("pit_space");
    TCase *const tc = tcase_create("pit_space");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, against_a_bitmap, 0, 2);
    tcase_add_test(tc, no_maximum);
    tcase_add_test(tc, kinds);
    tcase_add_test(tc, senseless_extents);
    tcase_add_test(tc, far);
    tcase_add_test(tc, wide_selections);
    tcase_add_test(tc, many_slabs);
    tcase_add_test(tc, senseless_slabs);
    tcase_add_test(tc, senseless_stored);
    tcase_add_test(tc, nothing_selected);
    tcase_add_test(tc, rows_of_strings);
    tcase_add_test(tc, no_more_than_needed);
    tcase_add_test(tc, columns);
    suite_add_tcase(suite, tc);
    return suite;
}
