/*
 * test_chunk.c - indexes of chunks that hi5 writes, as libhdf5 finds and changes them
 */
#include "writepit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNL HI5_UNLIMITED
#define CHUNK_FILL 7

struct chunk_case {
    unsigned rank;
    uint64_t dims[4], max[4], chunk[4];
    bool early, deflate;
    H5D_chunk_index_t index; /* in V110 */
};

static const struct chunk_case chunk_cases[] = {
    {2, {6, 6}, {UNL, 12}, {2, 2}, false, false, H5D_CHUNK_IDX_EARRAY},
    {2, {6, 6}, {24, 12}, {2, 2}, false, false, H5D_CHUNK_IDX_FARRAY},
    {2, {6, 6}, {24, 12}, {2, 2}, false, true, H5D_CHUNK_IDX_FARRAY},
    {2, {6, 6}, {24, 12}, {2, 2}, true, false, H5D_CHUNK_IDX_NONE},
    {2, {6, 6}, {24, 12}, {2, 2}, true, true, H5D_CHUNK_IDX_FARRAY},
    {2, {6, 5}, {12, UNL}, {2, 2}, false, false, H5D_CHUNK_IDX_EARRAY},
    {2, {6, 5}, {12, UNL}, {2, 2}, true, false, H5D_CHUNK_IDX_EARRAY},
    {2, {7, 5}, {12, UNL}, {3, 2}, false, true, H5D_CHUNK_IDX_EARRAY},
    {3, {3, 4, 5}, {9, UNL, 10}, {1, 2, 3}, false, false, H5D_CHUNK_IDX_EARRAY},
    {3, {3, 4, 5}, {9, 8, UNL}, {1, 2, 3}, false, true, H5D_CHUNK_IDX_EARRAY},
    {4, {3, 2, 3, 4}, {3, 4, UNL, 5}, {2, 1, 2, 2}, false, false, H5D_CHUNK_IDX_EARRAY},
    {2, {6, 5}, {UNL, UNL}, {2, 2}, false, false, H5D_CHUNK_IDX_BT2},
    {2, {6, 5}, {UNL, UNL}, {2, 2}, true, true, H5D_CHUNK_IDX_BT2},
    {3, {5, 4, 5}, {UNL, 8, UNL}, {2, 2, 2}, false, true, H5D_CHUNK_IDX_BT2},
    {4,
     {3, 2, 3, 4},
     {UNL, UNL, UNL, UNL},
     {1, 1, 2, 2},
     false,
     false,
     H5D_CHUNK_IDX_BT2},
    {4,
     {3, 2, 3, 4},
     {UNL, UNL, UNL, UNL},
     {1, 1, 2, 2},
     false,
     true,
     H5D_CHUNK_IDX_BT2},
    {2, {6, 5}, {6, 5}, {6, 5}, false, false, H5D_CHUNK_IDX_SINGLE},
    {2, {6, 5}, {6, 5}, {6, 5}, true, true, H5D_CHUNK_IDX_SINGLE},
    {2, {6, 5}, {6, 5}, {6, 5}, true, false, H5D_CHUNK_IDX_SINGLE},
    {2, {6, 5}, {12, 5}, {6, 5}, false, false, H5D_CHUNK_IDX_FARRAY},
    {2, {6, 5}, {6, 5}, {4, 5}, false, true, H5D_CHUNK_IDX_FARRAY},
    {1, {5000}, {5000}, {3}, false, false, H5D_CHUNK_IDX_FARRAY},
    {1, {5000}, {UNL}, {3}, false, false, H5D_CHUNK_IDX_EARRAY},
    {1, {5000}, {UNL}, {3}, false, true, H5D_CHUNK_IDX_EARRAY},
};
#define CHUNK_CASES (sizeof chunk_cases / sizeof *chunk_cases)

static size_t
chunk_count(unsigned rank, const uint64_t *dims)
{
    size_t n = 1;

    for (unsigned i = 0; i < rank; i++)
        n *= (size_t)dims[i];
    return n;
}

/* What element `i` of these dimensions has: told from its place, whatever the extent, and
 * from whether its chunk was among those written. */
static int
chunk_value(const struct chunk_case *c, const uint64_t *dims, size_t i)
{
    uint64_t at[4], value = 0, number = 0;

    for (unsigned k = c->rank; k-- > 0;) {
        at[k] = i % dims[k];
        i /= (size_t)dims[k];
    }
    for (unsigned k = 0; k < c->rank; k++) {
        if (at[k] >= c->dims[k])
            return CHUNK_FILL;
        value = 100 * value + at[k];
        number = 11 * number + at[k] / c->chunk[k];
    }
    return number % 3 == 1 ? CHUNK_FILL : (int)value + 100;
}

/* Write the chunks that are to be there, in no order. */
static void
chunk_write(const struct chunk_case *c, hi5_dataset *d)
{
    uint64_t grid[4], at[4], start[4], count[4];
    size_t n, box;
    int *buf;

    for (unsigned k = 0; k < c->rank; k++)
        grid[k] = (c->dims[k] + c->chunk[k] - 1) / c->chunk[k];
    n = chunk_count(c->rank, grid);
    buf = malloc(chunk_count(c->rank, c->chunk) * sizeof *buf);
    for (size_t j = 0; j < n; j++) {
        size_t rest = (j * 7919 + 5) % n;
        uint64_t number = 0;
        if (n % 7919 == 0)
            rest = j;
        for (unsigned k = c->rank; k-- > 0; rest /= (size_t)grid[k])
            at[k] = rest % grid[k];
        for (unsigned k = 0; k < c->rank; k++) {
            number = 11 * number + at[k];
            start[k] = at[k] * c->chunk[k];
            count[k] = c->dims[k] - start[k] < c->chunk[k] ? c->dims[k] - start[k]
                                                           : c->chunk[k];
        }
        if (number % 3 == 1)
            continue;
        box = chunk_count(c->rank, count);
        for (size_t i = 0; i < box; i++) {
            uint64_t value = 0, part[4];
            size_t left = i;
            for (unsigned k = c->rank; k-- > 0; left /= (size_t)count[k])
                part[k] = left % count[k];
            for (unsigned k = 0; k < c->rank; k++)
                value = 100 * value + start[k] + part[k];
            buf[i] = (int)value + 100;
        }
        ck_ok(hi5_dataset_write_slab(d, start, count, HI5_I32, buf, &wp_err), &wp_err);
    }
    free(buf);
}

static void
chunk_expect(const struct chunk_case *c, hid_t h, const uint64_t *dims)
{
    const size_t n = chunk_count(c->rank, dims);
    int *const wanted = malloc(n * sizeof *wanted);

    for (size_t i = 0; i < n; i++)
        wanted[i] = chunk_value(c, dims, i);
    wp_ints(h, "d", n, wanted);
    free(wanted);
}

static hi5_dataset *
chunk_create(const struct chunk_case *c, hi5_file *f)
{
    const int fill = CHUNK_FILL;

    return wp_dataset(
        f, "d", HI5_I32, c->rank, c->dims,
        WP_OPTIONS(.max = c->max, .chunk = c->chunk, .fill = &fill,
                   .deflate = c->deflate ? 6 : 0,
                   .alloc_time = c->early ? HI5_ALLOC_EARLY : HI5_ALLOC_DEFAULT));
}

/* libhdf5 makes it larger, within bounds, and writes the far corner. */
static void
chunk_extend(const struct chunk_case *c, hid_t h, uint64_t *dims)
{
    const hid_t d = H5Dopen2(h, "d", H5P_DEFAULT);
    hsize_t to[4], one[4] = {1, 1, 1, 1}, corner[4];
    const int fill = CHUNK_FILL;
    hid_t s, m;

    for (unsigned k = 0; k < c->rank; k++) {
        dims[k] = c->max[k] == UNL ? 2 * c->dims[k] + 1 : c->max[k];
        to[k] = dims[k];
        corner[k] = to[k] - 1;
    }
    ck_assert(H5Dset_extent(d, to) >= 0);
    s = H5Dget_space(d);
    m = H5Screate_simple((int)c->rank, one, NULL);
    H5Sselect_hyperslab(s, H5S_SELECT_SET, corner, NULL, one, NULL);
    if (chunk_value(c, dims, chunk_count(c->rank, dims) - 1) == fill)
        ck_assert(H5Dwrite(d, H5T_NATIVE_INT, m, s, H5P_DEFAULT, &fill) >= 0);
    H5Sclose(m);
    H5Sclose(s);
    H5Dclose(d);
}

/* CHUNK-01, CHUNK-02: slots are numbered over the maximum grid, the unlimited dimension
 * first; CHUNK-09: what was not written is fill; CHUNK-10; CHUNK-14, CHUNK-29: the index
 * that libhdf5 would choose; CHUNK-18; CHUNK-25, CHUNK-26, CHUNK-28, CHUNK-32;
 * CHUNK-39, CHUNK-43: records sorted whatever the order of writing */
START_TEST(all_indexes)
{
    const struct chunk_case *const c = &chunk_cases[(size_t)_i % CHUNK_CASES];
    const int target = _i / (int)CHUNK_CASES;
    hi5_file *f = wp_create(target, NULL);
    hi5_dataset *d = chunk_create(c, f);
    H5D_chunk_index_t index;
    uint64_t dims[4];
    hid_t h, x;
    hi5_layout l;

    chunk_write(c, d);
    hi5_dataset_get_layout(d, &l);
    hi5_dataset_close(d);
    h = wp_change(f);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert(H5Dget_chunk_index_type(x, &index) >= 0);
    ck_assert_int_eq(index, target == WP_V110 ? c->index : H5D_CHUNK_IDX_BTREE);
    H5Dclose(x);
    chunk_expect(c, h, c->dims);
    chunk_extend(c, h, dims);
    wp_end(h);
    h = wp_read(NULL);
    chunk_expect(c, h, dims);
    wp_end(h);
    f = wp_reopen();
    ck_ok(hi5_dataset_open(f, "d", &d, &wp_err), &wp_err);
    ck_ok(hi5_dataset_resize(d, c->dims, &wp_err), &wp_err); /* GROW-03 */
    hi5_dataset_close(d);
    h = wp_read(f);
    chunk_expect(c, h, c->dims);
    wp_end(h);
}
END_TEST

/* CHUNK-07, CHUNK-13: empty, with filters; libhdf5 then fills it. CHUNK-14 */
START_TEST(filled_by_libhdf5)
{
    static const uint64_t sizes[] = {7,    31,   63,    64,    65,     127,
                                     8191, 8192, 16384, 16385, 4194304};
    const uint64_t n = sizes[(size_t)_i / 3], dims = 3 * n,
                   max = _i % 3 == 0 ? UNL : 4 * n;
    hi5_file *f = wp_create(_i % 3 == 1 ? WP_V18 : WP_V110, NULL);
    int *const buf = calloc((size_t)dims, sizeof *buf);
    hid_t h, d;

    hi5_dataset_close(wp_dataset(f, "d", HI5_I32, 1, &dims,
                                 WP_OPTIONS(.chunk = &n, .max = &max, .deflate = 1)));
    hi5_dataset_close(wp_dataset(f, "empty", HI5_I32, 1, WP_DIMS(0),
                                 WP_OPTIONS(.chunk = &n, .max = &max, .deflate = 1)));
    h = wp_change(f);
    for (size_t i = 0; i < dims; i++)
        buf[i] = (int)(i * 2654435761u >> 7);
    d = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert(H5Dwrite(d, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, buf) >= 0);
    H5Dclose(d);
    d = H5Dopen2(h, "empty", H5P_DEFAULT);
    ck_assert_uint_eq(wp_chunks(d), 0);
    H5Dclose(d);
    wp_end(h);
    h = wp_read(NULL);
    wp_ints(h, "d", (size_t)dims, buf);
    wp_end(h);
    free(buf);
}
END_TEST

/* CHUNK-03, CHUNK-04, CHUNK-35: layout messages are those that libhdf5 writes */
START_TEST(layout_messages)
{
    static const uint64_t sizes[] = {1, 255, 256, 257, 65535, 65536, 16777216};
    static const uint64_t max[] = {100000000, UNL};
    const uint64_t n = sizes[(size_t)_i % 7], m = max[(size_t)_i / 7];
    const hi5_type *const types[] = {HI5_I8, HI5_I16, HI5_F64};
    const hid_t other[] = {H5T_NATIVE_INT8, H5T_NATIVE_INT16, H5T_NATIVE_DOUBLE};
    static const char *const names[] = {"1", "2", "8"};
    const hsize_t dims = 5, c = n, most = m == UNL ? H5S_UNLIMITED : m;
    const hid_t h = wp_foreign(WP_V110, wp_other()), p = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t s = H5Screate_simple(1, &dims, &most);
    hi5_file *const f = wp_create(WP_V110, NULL);

    H5Pset_chunk(p, 1, &c);
    for (size_t i = 0; i < 3; i++) {
        hi5_dataset_close(wp_dataset(f, names[i], types[i], 1, WP_DIMS(5),
                                     WP_OPTIONS(.chunk = &n, .max = &m)));
        H5Dclose(H5Dcreate2(h, names[i], other[i], s, H5P_DEFAULT, p, H5P_DEFAULT));
    }
    H5Pclose(p);
    H5Sclose(s);
    wp_end(h);
    wp_close(f);
    for (size_t i = 0; i < 3; i++)
        wp_same_message(names[i], 8);
}
END_TEST

/* CHUNK-05, CHUNK-06, CHUNK-37: what cannot be, is refused, and leaves nothing behind */
START_TEST(senseless_chunks)
{
    hi5_file *const f = wp_create(_i, NULL);
    const uint64_t zero = 0, eleven = 11, ten = 10, five = 5, huge = (uint64_t)1 << 32;
    hid_t h;
    H5G_info_t info;

    ck_assert_int_ne(hi5_dataset_create(f, "a", HI5_I8, 1, &ten,
                                        WP_OPTIONS(.chunk = &zero), NULL, &wp_err),
                     HI5_OK);
    ck_assert_int_ne(hi5_dataset_create(f, "b", HI5_I8, 1, &ten,
                                        WP_OPTIONS(.chunk = &eleven), NULL, &wp_err),
                     HI5_OK);
    ck_assert_int_ne(hi5_dataset_create(f, "c", HI5_I8, 1, &ten,
                                        WP_OPTIONS(.chunk = &five, .max = &five), NULL,
                                        &wp_err),
                     HI5_OK);
    ck_assert_int_ne(hi5_dataset_create(f, "d", HI5_I8, 1, WP_DIMS(huge * 2),
                                        WP_OPTIONS(.chunk = &huge), NULL, &wp_err),
                     HI5_OK);
    h = wp_read(f);
    ck_assert(H5Gget_info(h, &info) >= 0);
    ck_assert_uint_eq(info.nlinks, 0);
    wp_end(h);
}
END_TEST

/* CHUNK-22, CHUNK-30, CHUNK-33, CHUNK-34, CHUNK-40: every boundary of blocks; from the
 * far end, with gaps */
START_TEST(boundaries)
{
    static const uint64_t counts[] = {1,   4,   5,    20,   21,   63,   64,   65,  243,
                                      244, 245, 1023, 1024, 1025, 4096, 4097, 9000};
    const uint64_t n = counts[(size_t)_i % 17], one = 1;
    const int kind = _i / 17; /* version 1, fixed, extensible, version 2 */
    const uint64_t max[4][2] = {{UNL, 1}, {n, 1}, {UNL, 1}, {UNL, UNL}};
    hi5_file *const f = wp_create(kind == 0 ? WP_V18 : WP_V110, NULL);
    hi5_dataset *const d = wp_dataset(
        f, "d", HI5_I32, 2, WP_DIMS(n, 1),
        WP_OPTIONS(.chunk = WP_DIMS(one, 1), .max = max[kind], .shuffle = n % 2 == 0));
    int *const wanted = calloc((size_t)n, sizeof *wanted);
    hsize_t written = 0;
    hid_t h, x;

    for (uint64_t i = n; i-- > 0;) {
        if (i % 5 == 3 || (i / 100) % 4 == 2)
            continue;
        wanted[i] = (int)(i + 1000);
        ck_ok(hi5_dataset_write_slab(d, WP_DIMS(i, 0), WP_DIMS(1, 1), HI5_I32,
                                     &wanted[i], &wp_err),
              &wp_err);
        written++;
    }
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", (size_t)n, wanted);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert_uint_eq(wp_chunks(x), written);
    H5Dclose(x);
    wp_end(h);
    free(wanted);
}
END_TEST

/* CHUNK-22, CHUNK-36, CHUNK-40: 70,000 chunks; no larger than libhdf5 makes it */
START_TEST(many_chunks)
{
    const uint64_t n = 70000, two = 2;
    const uint64_t max[3][2] = {{UNL, 1}, {UNL, 1}, {UNL, UNL}};
    hi5_file *const f = wp_create(_i == 0 ? WP_V18 : WP_V110, NULL);
    int *const wanted = malloc((size_t)(2 * n) * sizeof *wanted);
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_I32, 2, WP_DIMS(2 * n, 1),
                   WP_OPTIONS(.chunk = WP_DIMS(two, 1), .max = max[_i]));
    hid_t h;

    for (size_t i = 0; i < 2 * n; i++)
        wanted[i] = (int)(3 * i + 1);
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, wanted, &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", (size_t)(2 * n), wanted);
    wp_end(h);
    free(wanted);
}
END_TEST

/* CHUNK-27: a raw chunk is there at once; CHUNK-15: where libhdf5 says it is, behind a user
 * block */
START_TEST(raw_chunk)
{
    const hi5_create_options create = {.userblock = 1024};
    hi5_file *const f = wp_create(_i, &create);
    const uint64_t four = 4, off[2] = {0, 4};
    const int raw[4] = {4, 3, 2, 1}, wanted[8] = {0, 0, 0, 0, 4, 3, 2, 1};
    hi5_dataset *const d =
        wp_dataset(f, "d", HI5_I32, 1, WP_DIMS(8), WP_OPTIONS(.chunk = &four));
    hi5_chunk chunk;
    int got[8];
    hsize_t size;
    haddr_t addr;
    unsigned mask;
    hid_t h, x;

    ck_ok(hi5_dataset_write_raw_chunk(d, &off[1], 0, raw, sizeof raw, &wp_err),
          &wp_err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_I32, got, &wp_err), &wp_err);
    ck_assert_mem_eq(got, wanted, sizeof got);
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", 8, wanted);
    x = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert(H5Dget_chunk_info_by_coord(x, (hsize_t[]){4}, &mask, &addr, &size) >= 0);
    ck_assert_uint_eq(size, 16);
    ck_assert_uint_eq(mask, 0);
    {
        hi5_file *r;
        hi5_dataset *y;
        ck_ok(hi5_open(wp_path(), NULL, &r, &wp_err), &wp_err);
        ck_ok(hi5_dataset_open(r, "d", &y, &wp_err), &wp_err);
        ck_ok(hi5_dataset_get_chunk(y, &off[1], &chunk, &wp_err), &wp_err);
        ck_assert(chunk.address == addr || chunk.address + 1024 == addr);
        hi5_dataset_close(y);
        hi5_close(r, NULL);
    }
    H5Dclose(x);
    wp_end(h);
}
END_TEST

/* CHUNK-23, GROW-02, GROW-10: a random walk of extents, against a model */
START_TEST(random_walk)
{
    const bool filtered = _i % 2 != 0;
    const int target = _i / 2 % WP_TARGETS, second = _i / 6;
    const uint64_t max[2] = {UNL, second != 0 ? UNL : 12}, chunk[2] = {3, 4};
    hi5_file *f = wp_create(target, NULL);
    static int model[40][12], all[480];
    uint64_t dims[2] = {5, 6}, state = (uint64_t)_i + 12345;
    const int fill = 9;
    hi5_dataset *d =
        wp_dataset(f, "d", HI5_I32, 2, dims,
                   WP_OPTIONS(.max = max, .chunk = chunk, .fill = &fill,
                              .deflate = filtered ? 3 : 0, .fletcher32 = filtered));
    hid_t h;

    for (size_t i = 0; i < 480; i++)
        model[i / 12][i % 12] = fill;
    for (int step = 0; step < 60; step++) {
        uint64_t start[2], count[2];
        state = state * 6364136223846793005u + 1442695040888963407u;
        dims[0] = (state >> 33) % 41;
        dims[1] = (state >> 40) % 13;
        ck_ok(hi5_dataset_resize(d, dims, &wp_err), &wp_err);
        for (size_t i = 0; i < 480; i++)
            if (i / 12 >= dims[0] || i % 12 >= dims[1])
                model[i / 12][i % 12] = fill;
        if (dims[0] == 0 || dims[1] == 0)
            continue;
        for (unsigned k = 0; k < 2; k++) {
            start[k] = (state >> (20 + k)) % dims[k];
            count[k] = 1 + (state >> (9 + k)) % (dims[k] - start[k]);
        }
        for (size_t i = 0; i < count[0] * count[1]; i++) {
            all[i] = step * 1000 + (int)i;
            model[start[0] + i / count[1]][start[1] + i % count[1]] = all[i];
        }
        ck_ok(hi5_dataset_write_slab(d, start, count, HI5_I32, all, &wp_err), &wp_err);
        if (step % 20 == 7) {
            hi5_dataset_close(d);
            wp_close(f);
            f = wp_reopen();
            ck_ok(hi5_dataset_open(f, "d", &d, &wp_err), &wp_err);
        }
    }
    dims[0] = 40;
    dims[1] = 12;
    ck_ok(hi5_dataset_resize(d, dims, &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", 480, &model[0][0]);
    wp_end(h);
}
END_TEST

/* CHUNK-41: hi5 adds to a tree of a node size that is not the usual one, and to one with
 * another K */
START_TEST(foreign_tree)
{
    const hid_t c = H5Pcreate(H5P_FILE_CREATE);
    const hid_t p = H5Pcreate(H5P_DATASET_CREATE), a = H5Pcreate(H5P_FILE_ACCESS);
    const hsize_t dims[2] = {10, 10}, max[2] = {H5S_UNLIMITED, H5S_UNLIMITED},
                  one[2] = {1, 1};
    const hid_t s = H5Screate_simple(2, dims, max);
    static int wanted[900];
    hi5_file *f;
    hi5_dataset *d;
    hid_t h;

    H5Pset_istore_k(c, 2);
    if (_i == 1)
        H5Pset_libver_bounds(a, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    H5Pset_chunk(p, 2, one);
    h = H5Fcreate(wp_path(), H5F_ACC_TRUNC, c, a);
    H5Dclose(H5Dcreate2(h, "d", H5T_NATIVE_INT, s, H5P_DEFAULT, p, H5P_DEFAULT));
    H5Sclose(s);
    H5Pclose(p);
    H5Pclose(a);
    H5Pclose(c);
    wp_end(h);
    f = wp_reopen();
    ck_ok(hi5_dataset_open(f, "d", &d, &wp_err), &wp_err);
    ck_ok(hi5_dataset_resize(d, WP_DIMS(30, 30), &wp_err), &wp_err);
    for (int i = 0; i < 900; i++)
        wanted[i] = i + 5;
    ck_ok(hi5_dataset_write(d, NULL, HI5_I32, wanted, &wp_err), &wp_err);
    hi5_dataset_close(d);
    h = wp_read(f);
    wp_ints(h, "d", 900, wanted);
    wp_end(h);
}
END_TEST

/* An implicit index has room for all chunks that there can ever be, and nobody counts to a
 * million millions to find out whose it is. */
START_TEST(much_to_come)
{
    hi5_file *f = wp_create(WP_V110, NULL);
    hid_t h, d;

    hi5_dataset_close(wp_dataset(
        f, "d", HI5_U8, 2, WP_DIMS(2, 3),
        WP_OPTIONS(.chunk = WP_DIMS(1, 1), .max = WP_DIMS(1000000, 1000000),
                   .alloc_time = HI5_ALLOC_EARLY, .fill_time = HI5_FILL_NEVER)));
    h = wp_read(f);
    d = H5Dopen2(h, "d", H5P_DEFAULT);
    ck_assert_uint_eq(wp_chunks(d), 6);
    H5Dclose(d);
    wp_end(h);
    ck_assert_int_eq(remove(wp_path()), 0); /* most of it is a hole */
}
END_TEST

Suite *suite_chunk(void);

Suite *
suite_chunk(void)
{
    Suite *const s = suite_create("writepit chunk");
    TCase *const c = tcase_create("chunk");

    tcase_add_loop_test(c, all_indexes, 0, WP_TARGETS * (int)CHUNK_CASES);
    tcase_add_loop_test(c, filled_by_libhdf5, 0, 33);
    tcase_add_loop_test(c, layout_messages, 0, 14);
    WP_EACH(c, senseless_chunks);
    tcase_add_loop_test(c, boundaries, 0, 4 * 17);
    tcase_add_loop_test(c, many_chunks, 0, 3);
    WP_EACH(c, raw_chunk);
    tcase_add_loop_test(c, random_walk, 0, 12);
    tcase_add_loop_test(c, foreign_tree, 0, 2);
    tcase_add_test(c, much_to_come);
    wp_case(s, c);
    return s;
}
