/*
 * read_scans.c - small reads that follow one another
 */
#include "bench.h"

/* What each read takes. */
enum { SCAN_ROWS, SCAN_CHUNKS, SCAN_ELEMENTS, SCAN_CHUNK = 128, SCAN_LEAST = 200000 };

static bool
scan_prepare(struct job *j)
{
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t space = THEIRS(H5Dget_space(d));
    hsize_t dims[2];

    H5Sget_simple_extent_dims(space, dims, NULL);
    H5Sclose(space);
    H5Dclose(d);
    H5Fclose(f);
    for (int i = 0; i < 2; i++) {
        j->dims[i] = dims[i];
        j->count[i] = j->w->detail == SCAN_CHUNKS           ? SCAN_CHUNK
                      : j->w->detail == SCAN_ROWS && i == 1 ? dims[1]
                                                            : 1;
    }
    if (j->w->detail == SCAN_ELEMENTS && j->dims[0] > SCAN_LEAST / dims[1] + 1)
        j->dims[0] = SCAN_LEAST / dims[1] + 1;
    j->size = (size_t)(j->dims[0] * dims[1]) * 4;
    return true;
}

/* The next part of the array; false behind the last. At first, *at is what start was. */
static bool
scan_next(const struct job *j, uint64_t *start)
{
    start[1] += j->count[1];
    if (start[1] < j->dims[1])
        return true;
    start[1] = 0;
    start[0] += j->count[0];
    return start[0] < j->dims[0];
}

static void
scan_count(const struct job *j, const uint64_t *start, uint64_t *count)
{
    for (int i = 0; i < 2; i++)
        count[i] =
            j->dims[i] - start[i] < j->count[i] ? j->dims[i] - start[i] : j->count[i];
}

static void
scan_hi5(struct job *j)
{
    hi5_file *f = ours_open(j);
    hi5_dataset *d = ours_dataset(f, j->w->dataset);
    uint64_t start[2] = {0, 0}, count[2];
    uint8_t *to = j->buf;
    hi5_error err;

    do {
        scan_count(j, start, count);
        ours(hi5_dataset_read_slab(d, start, count, HI5_F32, to, &err), &err);
        to += count[0] * count[1] * 4;
    } while (scan_next(j, start));
    hi5_dataset_close(d);
    ours_close(f);
}

static void
scan_libhdf5(struct job *j)
{
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t space = THEIRS(H5Dget_space(d));
    const hsize_t most[2] = {j->count[0], j->count[1]};
    const hid_t mem = THEIRS(H5Screate_simple(2, most, NULL));
    uint64_t start[2] = {0, 0}, count[2];
    uint8_t *to = j->buf;

    do {
        scan_count(j, start, count);
        const hsize_t at[2] = {start[0], start[1]}, n[2] = {count[0], count[1]};
        THEIRS(H5Sset_extent_simple(mem, 2, n, NULL));
        THEIRS(H5Sselect_hyperslab(space, H5S_SELECT_SET, at, NULL, n, NULL));
        THEIRS(H5Dread(d, H5T_NATIVE_FLOAT, mem, space, H5P_DEFAULT, to));
        to += count[0] * count[1] * 4;
    } while (scan_next(j, start));
    H5Sclose(mem);
    H5Sclose(space);
    H5Dclose(d);
    H5Fclose(f);
}

const struct workload bench_scans[] = {
    {"row by row, contiguous", "read", DATA_PLAIN, "contiguous", SCAN_ROWS,
     scan_prepare, scan_hi5, scan_libhdf5, limit_pread, false},
    {"row by row, shuffle+gzip", "read", DATA_FILTERS, "gzip", SCAN_ROWS, scan_prepare,
     scan_hi5, scan_libhdf5, limit_memcpy, true},
    {"chunk by chunk, shuffle+gzip", "read", DATA_FILTERS, "gzip", SCAN_CHUNKS,
     scan_prepare, scan_hi5, scan_libhdf5, limit_memcpy, true},
    {"200k elements one by one, contiguous", "read", DATA_PLAIN, "contiguous",
     SCAN_ELEMENTS, scan_prepare, scan_hi5, scan_libhdf5, limit_memcpy, false},
    {"200k elements one by one, shuffle+gzip", "read", DATA_FILTERS, "gzip",
     SCAN_ELEMENTS, scan_prepare, scan_hi5, scan_libhdf5, limit_memcpy, false},
    {0},
};
