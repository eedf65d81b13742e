/*
 * read_picks.c - elements here and there: points, single elements, unions of slabs
 */
#include "bench.h"
#include <stdlib.h>

enum { SLAB = 16, RANDOM_SEED = 4 }; /* elements of a slab, in one row */

/* n random places, `width` elements of a row each. */
static bool
pick(struct job *j, uint64_t n, uint64_t width)
{
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t space = THEIRS(H5Dget_space(d));
    uint64_t random = RANDOM_SEED;
    hsize_t dims[2];

    H5Sget_simple_extent_dims(space, dims, NULL);
    H5Sclose(space);
    H5Dclose(d);
    H5Fclose(f);
    j->n = n;
    j->points = need((size_t)n * 2 * sizeof *j->points);
    for (int i = 0; i < 2; i++)
        j->dims[i] = dims[i];
    for (uint64_t i = 0; i < n; i++) {
        j->points[2 * i] = next_random(&random) % dims[0];
        j->points[2 * i + 1] = next_random(&random) % (dims[1] - width + 1);
    }
    j->size = (size_t)n * 4;
    return true;
}

/* ---- one read of many points ---- */

static bool
points_prepare(struct job *j)
{
    return pick(j, scaled((uint64_t)j->w->detail), 1);
}

static void
points_hi5(struct job *j)
{
    hi5_file *f = ours_open(j);
    hi5_dataset *d = ours_dataset(f, j->w->dataset);
    hi5_error err;

    ours(hi5_dataset_read_points(d, (size_t)j->n, j->points, HI5_F32, j->buf, &err),
         &err);
    hi5_dataset_close(d);
    ours_close(f);
}

static void
points_libhdf5(struct job *j)
{
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t space = THEIRS(H5Dget_space(d));
    const hsize_t n = j->n;
    const hid_t mem = THEIRS(H5Screate_simple(1, &n, NULL));
    hsize_t *at = need((size_t)n * 2 * sizeof *at);

    for (uint64_t i = 0; i < 2 * n; i++)
        at[i] = j->points[i];
    THEIRS(H5Sselect_elements(space, H5S_SELECT_SET, (size_t)n, at));
    THEIRS(H5Dread(d, H5T_NATIVE_FLOAT, mem, space, H5P_DEFAULT, j->buf));
    free(at);
    H5Sclose(mem);
    H5Sclose(space);
    H5Dclose(d);
    H5Fclose(f);
}

/* ---- many reads of one element ---- */

static void
single_hi5(struct job *j)
{
    static const uint64_t one[2] = {1, 1};
    hi5_file *f = ours_open(j);
    hi5_dataset *d = ours_dataset(f, j->w->dataset);
    hi5_error err;

    for (uint64_t i = 0; i < j->n; i++)
        ours(hi5_dataset_read_slab(d, j->points + 2 * i, one, HI5_F32, j->buf + 4 * i,
                                   &err), &err);
    hi5_dataset_close(d);
    ours_close(f);
}

static void
single_libhdf5(struct job *j)
{
    static const hsize_t one[2] = {1, 1};
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t space = THEIRS(H5Dget_space(d)), mem = THEIRS(H5Screate(H5S_SCALAR));

    for (uint64_t i = 0; i < j->n; i++) {
        const hsize_t at[2] = {j->points[2 * i], j->points[2 * i + 1]};
        THEIRS(H5Sselect_hyperslab(space, H5S_SELECT_SET, at, NULL, one, NULL));
        THEIRS(H5Dread(d, H5T_NATIVE_FLOAT, mem, space, H5P_DEFAULT, j->buf + 4 * i));
    }
    H5Sclose(mem);
    H5Sclose(space);
    H5Dclose(d);
    H5Fclose(f);
}

/* ---- the union of many slabs ---- */

/* libhdf5's time grows with the square of their number. */
static bool
union_prepare(struct job *j)
{
    pick(j, scaled((uint64_t)j->w->detail), SLAB);
    j->size = (size_t)j->n * SLAB * 4;
    return true;
}

static void
union_hi5(struct job *j)
{
    static const uint64_t count[2] = {1, SLAB};
    hi5_file *f = ours_open(j);
    hi5_dataset *d = ours_dataset(f, j->w->dataset);
    hi5_selection *s;
    hi5_error err;

    ours(hi5_selection_create(hi5_dataset_shape(d), &s, &err), &err);
    hi5_selection_none(s);
    for (uint64_t i = 0; i < j->n; i++)
        ours(hi5_selection_hyperslab(s, HI5_SELECT_OR, j->points + 2 * i, NULL, count,
                                     NULL, &err), &err);
    ours(hi5_dataset_read(d, s, HI5_F32, j->buf, &err), &err);
    hi5_selection_free(s);
    hi5_dataset_close(d);
    ours_close(f);
}

static void
union_libhdf5(struct job *j)
{
    static const hsize_t count[2] = {1, SLAB};
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t space = THEIRS(H5Dget_space(d));
    hsize_t n;
    hid_t mem;

    THEIRS(H5Sselect_none(space));
    for (uint64_t i = 0; i < j->n; i++) {
        const hsize_t at[2] = {j->points[2 * i], j->points[2 * i + 1]};
        THEIRS(H5Sselect_hyperslab(space, H5S_SELECT_OR, at, NULL, count, NULL));
    }
    n = (hsize_t)H5Sget_select_npoints(space);
    mem = THEIRS(H5Screate_simple(1, &n, NULL));
    THEIRS(H5Dread(d, H5T_NATIVE_FLOAT, mem, space, H5P_DEFAULT, j->buf));
    H5Sclose(mem);
    H5Sclose(space);
    H5Dclose(d);
    H5Fclose(f);
}

const struct workload bench_picks[] = {
    {"200k random points, contiguous", "read", DATA_PLAIN, "contiguous", 200000,
     points_prepare, points_hi5, points_libhdf5, limit_gather, false},
    {"200k random points, chunked", "read", DATA_PLAIN, "chunked", 200000,
     points_prepare, points_hi5, points_libhdf5, limit_gather, false},
    {"50k one-element reads, contiguous", "read", DATA_PLAIN, "contiguous", 50000,
     points_prepare, single_hi5, single_libhdf5, limit_gather, false},
    {"50k one-element reads, chunked", "read", DATA_PLAIN, "chunked", 50000,
     points_prepare, single_hi5, single_libhdf5, limit_gather, false},
    {"union of 10k slabs, contiguous", "read", DATA_PLAIN, "contiguous", 10000,
     union_prepare, union_hi5, union_libhdf5, limit_memcpy, false},
    {"union of 100k slabs, contiguous", "read", DATA_PLAIN, "contiguous", 100000,
     union_prepare, union_hi5, union_libhdf5, limit_memcpy, false},
    {"10 elements of 262k chunks", "read", DATA_CHUNKS, "d", 10, points_prepare,
     points_hi5, points_libhdf5, limit_open, false},
    {0},
};
