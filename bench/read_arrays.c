/*
 * read_arrays.c - whole arrays and regular parts of them
 */
#include "bench.h"
#include <pthread.h>
#include <string.h>

/* What is read, and as what. */
enum {
    WHOLE = 0, LEFT_500, STRIDED, COLUMN,
    PART = 3,
    AS_F32 = 4, AS_F64 = 8, AS_I32 = 12, AS_I16 = 16,
    AS = 28
};

static size_t
memory_size(int detail)
{
    switch (detail & AS) {
    case AS_F64:
        return 8;
    case AS_I16:
        return 2;
    default:
        return 4;
    }
}

static const hi5_type *
ours_type(int detail)
{
    switch (detail & AS) {
    case AS_F64:
        return HI5_F64;
    case AS_I32:
        return HI5_I32;
    case AS_I16:
        return HI5_I16;
    default:
        return HI5_F32;
    }
}

static hid_t
theirs_type(int detail)
{
    switch (detail & AS) {
    case AS_F64:
        return H5T_NATIVE_DOUBLE;
    case AS_I32:
        return H5T_NATIVE_INT32;
    case AS_I16:
        return H5T_NATIVE_INT16;
    default:
        return H5T_NATIVE_FLOAT;
    }
}

/* false: the file has no such dataset (a filter that could not be written). */
static bool
array_dims(struct job *j)
{
    const hid_t f = theirs_open(j);
    const bool there = H5Lexists(f, j->w->dataset, H5P_DEFAULT) > 0;

    if (there) {
        const hid_t d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
        const hid_t space = THEIRS(H5Dget_space(d));
        hsize_t dims[2];
        H5Sget_simple_extent_dims(space, dims, NULL);
        j->dims[0] = dims[0];
        j->dims[1] = dims[1];
        H5Sclose(space);
        H5Dclose(d);
    }
    H5Fclose(f);
    return there;
}

static bool
array_prepare(struct job *j)
{
    if (!array_dims(j))
        return false;
    for (int i = 0; i < 2; i++) {
        j->stride[i] = 1;
        j->count[i] = j->dims[i];
    }
    switch (j->w->detail & PART) {
    case LEFT_500:
        j->count[1] = j->dims[1] < 500 ? j->dims[1] : 500;
        break;
    case STRIDED:
        j->start[0] = j->start[1] = 1;
        j->stride[0] = 2;
        j->stride[1] = 3;
        for (int i = 0; i < 2; i++)
            j->count[i] = (j->dims[i] - 2) / j->stride[i] + 1;
        break;
    case COLUMN:
        j->start[1] = 7;
        j->count[1] = 1;
        break;
    }
    j->size = (size_t)(j->count[0] * j->count[1]) * memory_size(j->w->detail);
    return true;
}

static bool
codec_prepare(struct job *j)
{
    if (!array_prepare(j))
        return false;
    if (strcmp(j->w->dataset, "szip") == 0 && !hi5_filter_available(H5Z_FILTER_SZIP))
        return false;
    stored_load(j);
    return true;
}

static void
array_hi5(struct job *j)
{
    hi5_file *f = ours_open(j);
    hi5_dataset *d = ours_dataset(f, j->w->dataset);
    hi5_selection *s = NULL;
    hi5_error err;

    if ((j->w->detail & PART) != WHOLE) {
        ours(hi5_selection_create(hi5_dataset_shape(d), &s, &err), &err);
        ours(hi5_selection_hyperslab(s, HI5_SELECT_SET, j->start, j->stride, j->count,
                                     NULL, &err), &err);
    }
    ours(hi5_dataset_read(d, s, ours_type(j->w->detail), j->buf, &err), &err);
    if (s != NULL)
        hi5_selection_free(s);
    hi5_dataset_close(d);
    ours_close(f);
}

static void
array_hi5_alone(struct job *j)
{
    j->threads = 1;
    array_hi5(j);
}

static void
array_libhdf5(struct job *j)
{
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hsize_t start[2] = {j->start[0], j->start[1]};
    const hsize_t stride[2] = {j->stride[0], j->stride[1]};
    const hsize_t count[2] = {j->count[0], j->count[1]};
    hid_t space = H5S_ALL, mem = H5S_ALL;

    if ((j->w->detail & PART) != WHOLE) {
        space = THEIRS(H5Dget_space(d));
        mem = THEIRS(H5Screate_simple(2, count, NULL));
        THEIRS(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, NULL));
    }
    THEIRS(H5Dread(d, theirs_type(j->w->detail), mem, space, H5P_DEFAULT, j->buf));
    if (space != H5S_ALL) {
        H5Sclose(mem);
        H5Sclose(space);
    }
    H5Dclose(d);
    H5Fclose(f);
}

/* ---- two threads of the application, one dataset handle ---- */

struct half {
    const struct job *j;
    hi5_dataset *d;
    uint64_t start[2], count[2];
};

static void *
half_read(void *ctx)
{
    const struct half *h = ctx;
    uint8_t *to = h->j->buf + (size_t)(h->start[0] * h->j->dims[1]) *
                                  memory_size(h->j->w->detail);
    hi5_error err;

    ours(hi5_dataset_read_slab(h->d, h->start, h->count, ours_type(h->j->w->detail), to,
                               &err), &err);
    return NULL;
}

static void
threads_hi5(struct job *j)
{
    const uint64_t middle = j->dims[0] / 256 * 128; /* between two chunks */
    struct half a = {j, NULL, {0, 0}, {middle, j->dims[1]}};
    struct half b = {j, NULL, {middle, 0}, {j->dims[0] - middle, j->dims[1]}};
    hi5_file *f;
    pthread_t t;

    j->threads = 1; /* each of ours does its own work */
    f = ours_open(j);
    a.d = b.d = ours_dataset(f, j->w->dataset);
    if (pthread_create(&t, NULL, half_read, &a) != 0)
        die("a thread cannot be started");
    half_read(&b);
    pthread_join(t, NULL);
    hi5_dataset_close(a.d);
    ours_close(f);
}

#define ARRAY(name, data, dataset, detail, limit) \
    {name, "read", data, dataset, detail, array_prepare, array_hi5, array_libhdf5, limit, \
     true}
#define CODEC(name, dataset, detail, limit) \
    {name, "read", DATA_FILTERS, dataset, detail, codec_prepare, array_hi5, \
     array_libhdf5, limit, true}

const struct workload bench_arrays[] = {
    ARRAY("whole, contiguous", DATA_PLAIN, "contiguous", AS_F32, limit_pread),
    ARRAY("whole, chunked", DATA_PLAIN, "chunked", AS_F32, limit_pread),
    CODEC("whole, shuffle+gzip", "gzip", AS_F32, limit_inflate),
    {"whole, shuffle+gzip, one thread", "read", DATA_FILTERS, "gzip", AS_F32,
     codec_prepare, array_hi5_alone, array_libhdf5, limit_inflate, false},
    {"whole, shuffle+gzip, 2 callers", "read", DATA_FILTERS, "gzip", AS_F32,
     codec_prepare, threads_hi5, array_libhdf5, limit_inflate_2, false},
    CODEC("whole, shuffle+lzf", "lzf", AS_F32, limit_lzf),
    CODEC("whole, szip", "szip", AS_I16, limit_szip),
    ARRAY("whole, fletcher32", DATA_FILTERS, "fletcher32", AS_F32, limit_pread),
    ARRAY("f32 to f64", DATA_CONVERT, "f32", AS_F64, limit_memcpy),
    ARRAY("f64 to f32", DATA_CONVERT, "f64", AS_F32, limit_memcpy),
    ARRAY("i16 big-endian to i32", DATA_CONVERT, "i16be", AS_I32, limit_memcpy),
    ARRAY("[:, 0:500], contiguous", DATA_PLAIN, "contiguous", AS_F32 | LEFT_500,
          limit_gather),
    ARRAY("[:, 0:500], chunked", DATA_PLAIN, "chunked", AS_F32 | LEFT_500,
          limit_gather),
    ARRAY("[1::2, 1::3], contiguous", DATA_PLAIN, "contiguous", AS_F32 | STRIDED,
          limit_gather),
    ARRAY("[1::2, 1::3], chunked", DATA_PLAIN, "chunked", AS_F32 | STRIDED,
          limit_gather),
    ARRAY("[:, 7], contiguous", DATA_PLAIN, "contiguous", AS_F32 | COLUMN, limit_gather),
    ARRAY("[:, 7], chunked", DATA_PLAIN, "chunked", AS_F32 | COLUMN, limit_gather),
    ARRAY("whole, 262k chunks", DATA_CHUNKS, "d", AS_I16, limit_pread),
    {0},
};
