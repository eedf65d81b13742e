/*
 * write_arrays.c - whole arrays, rows that are appended, tables, strings
 *
 * What is written is what the datasets of data.c hold, read before anything is timed.
 */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTIGUOUS, CHUNKED, GZIP, LZF, SMALL_CHUNKS, ALONE = 16 };
enum { ROWS = 50000, COLUMNS = 1000, ROWS_IN_CHUNK = 100, SIDE = 128, SMALL_SIDE = 16 };
enum { WITH_FLUSH = 1 };
enum { AS_STORED, AS_STRUCT };

/* ---- sources: the one last used is kept ---- */

static uint8_t *
source_room(struct job *j, size_t n)
{
    static uint8_t *bytes;

    free(bytes);
    bytes = need(n);
    j->source = bytes;
    j->source_size = n;
    return bytes;
}

static hid_t
number_type(const struct job *j)
{
    return j->w->detail == SMALL_CHUNKS ? H5T_NATIVE_INT16 : H5T_NATIVE_FLOAT;
}

static bool
array_prepare(struct job *j)
{
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t space = THEIRS(H5Dget_space(d));
    hsize_t dims[2];

    H5Sget_simple_extent_dims(space, dims, NULL);
    j->dims[0] = dims[0];
    j->dims[1] = dims[1];
    j->size = (size_t)(dims[0] * dims[1]) * H5Tget_size(number_type(j));
    THEIRS(H5Dread(d, number_type(j), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                   source_room(j, j->size)));
    H5Sclose(space);
    H5Dclose(d);
    H5Fclose(f);
    return true;
}

/* The chunks as the last filter gets them: shuffled. */
static bool
codec_prepare(struct job *j)
{
    struct stored *s = &j->stored;
    const size_t all = SIDE * SIDE;
    size_t n;

    if (!array_prepare(j))
        return false;
    n = (size_t)(j->dims[0] / SIDE * (j->dims[1] / SIDE));
    s->each = all * 4;
    s->bytes = need(n * s->each);
    s->at = need((n + 1) * sizeof *s->at);
    for (s->n = 0; s->n < n; s->n++) {
        const size_t across = (size_t)j->dims[1] / SIDE;
        const uint8_t *from = j->source + s->n / across * SIDE * (size_t)j->dims[1] * 4 +
                              s->n % across * SIDE * 4;
        uint8_t *to = s->bytes + s->n * s->each;
        s->at[s->n] = s->n * s->each;
        for (size_t i = 0; i < all; i++)
            for (size_t b = 0; b < 4; b++)
                to[b * all + i] =
                    from[i / SIDE * (size_t)j->dims[1] * 4 + i % SIDE * 4 + b];
    }
    s->at[n] = n * s->each;
    return true;
}

/* ---- arrays ---- */

static uint64_t
side_of(const struct job *j)
{
    return j->w->detail == SMALL_CHUNKS ? SMALL_SIDE : SIDE;
}

/* Read the dataset back as `type`; how it is stored has to be the same, too. */
static void
read_back(struct job *j, const char *name, hid_t type)
{
    const hid_t f = theirs_written(j), d = THEIRS(H5Dopen2(f, name, H5P_DEFAULT));
    const hid_t p = THEIRS(H5Dget_create_plist(d));
    hsize_t chunk[2] = {0, 0};
    int stored[2] = {(int)H5Pget_layout(p), H5Pget_nfilters(p)};

    if (H5Pget_layout(p) == H5D_CHUNKED)
        H5Pget_chunk(p, 2, chunk);
    j->digest = digest_bytes(digest_bytes(0, stored, sizeof stored), chunk, sizeof chunk);
    THEIRS(H5Dread(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, j->buf));
    H5Pclose(p);
    H5Dclose(d);
    H5Fclose(f);
}

static void
array_hi5(struct job *j)
{
    const int how = j->w->detail & ~ALONE;
    const uint64_t chunk[2] = {side_of(j), side_of(j)};
    const hi5_type *type = how == SMALL_CHUNKS ? HI5_I16 : HI5_F32;
    hi5_dataset_options o = {.size = sizeof o, .chunk = how != CONTIGUOUS ? chunk : NULL,
                             .shuffle = how == GZIP || how == LZF,
                             .deflate = how == GZIP ? 4 : 0, .lzf = how == LZF};
    const unsigned threads = j->threads;
    hi5_file *f;
    hi5_dataset *d;
    hi5_error err;

    if ((j->w->detail & ALONE) != 0)
        j->threads = 1;
    f = ours_create(j);
    j->threads = threads;
    ours(hi5_dataset_create(f, "d", type, 2, j->dims, &o, &d, &err), &err);
    ours(hi5_dataset_write(d, NULL, type, j->source, &err), &err);
    hi5_dataset_close(d);
    ours_close(f);
    if (j->verify)
        read_back(j, "d", number_type(j));
}

static void
array_libhdf5(struct job *j)
{
    const unsigned lzf[3] = {4, 0x105, SIDE * SIDE * 4};
    const int how = j->w->detail & ~ALONE;
    const hsize_t dims[2] = {j->dims[0], j->dims[1]}, chunk[2] = {side_of(j), side_of(j)};
    const hid_t f = theirs_create(j), space = THEIRS(H5Screate_simple(2, dims, NULL));
    const hid_t p = THEIRS(H5Pcreate(H5P_DATASET_CREATE));
    hid_t d;

    if (how != CONTIGUOUS)
        THEIRS(H5Pset_chunk(p, 2, chunk));
    if (how == GZIP || how == LZF)
        THEIRS(H5Pset_shuffle(p));
    if (how == GZIP)
        THEIRS(H5Pset_deflate(p, 4));
    if (how == LZF)
        THEIRS(H5Pset_filter(p, 32000, H5Z_FLAG_OPTIONAL, 3, lzf));
    d = THEIRS(H5Dcreate2(f, "d", number_type(j), space, H5P_DEFAULT, p, H5P_DEFAULT));
    THEIRS(H5Dwrite(d, number_type(j), H5S_ALL, H5S_ALL, H5P_DEFAULT, j->source));
    H5Dclose(d);
    H5Pclose(p);
    H5Sclose(space);
    H5Fclose(f);
    if (j->verify)
        read_back(j, "d", number_type(j));
}

/* ---- rows, one by one ---- */

static bool
append_prepare(struct job *j)
{
    uint64_t noise = 5;
    float *to;

    j->dims[0] = scaled(ROWS);
    j->dims[1] = COLUMNS;
    j->size = (size_t)(j->dims[0] * j->dims[1]) * sizeof *to;
    to = (float *)(void *)source_room(j, j->size);
    for (size_t i = 0; i < j->size / sizeof *to; i++)
        to[i] = (float)(next_random(&noise) >> 40);
    return true;
}

static void
append_hi5(struct job *j)
{
    const uint64_t none[2] = {0, COLUMNS}, most[2] = {HI5_UNLIMITED, COLUMNS};
    const uint64_t chunk[2] = {ROWS_IN_CHUNK, COLUMNS};
    const hi5_dataset_options o = {.size = sizeof o, .max = most, .chunk = chunk};
    hi5_file *f = ours_create(j);
    hi5_dataset *d;
    hi5_error err;

    ours(hi5_dataset_create(f, "d", HI5_F32, 2, none, &o, &d, &err), &err);
    for (uint64_t i = 0; i < j->dims[0]; i++) {
        ours(hi5_dataset_append(d, 1, HI5_F32, j->source + i * COLUMNS * 4, &err), &err);
        if (j->w->detail == WITH_FLUSH && i % ROWS_IN_CHUNK == ROWS_IN_CHUNK - 1)
            ours(hi5_flush(f, HI5_SAFE, &err), &err);
    }
    hi5_dataset_close(d);
    ours_close(f);
    if (j->verify)
        read_back(j, "d", H5T_NATIVE_FLOAT);
}

static void
append_libhdf5(struct job *j)
{
    const hsize_t none[2] = {0, COLUMNS}, most[2] = {H5S_UNLIMITED, COLUMNS};
    const hsize_t chunk[2] = {ROWS_IN_CHUNK, COLUMNS}, one[2] = {1, COLUMNS};
    const hid_t f = theirs_create(j), space = THEIRS(H5Screate_simple(2, none, most));
    const hid_t p = THEIRS(H5Pcreate(H5P_DATASET_CREATE));
    const hid_t mem = THEIRS(H5Screate_simple(2, one, NULL));
    hid_t d;

    THEIRS(H5Pset_chunk(p, 2, chunk));
    d = THEIRS(H5Dcreate2(f, "d", H5T_NATIVE_FLOAT, space, H5P_DEFAULT, p, H5P_DEFAULT));
    for (hsize_t i = 0; i < j->dims[0]; i++) {
        const hsize_t now[2] = {i + 1, COLUMNS}, start[2] = {i, 0};
        hid_t to;
        THEIRS(H5Dset_extent(d, now));
        to = THEIRS(H5Dget_space(d));
        THEIRS(H5Sselect_hyperslab(to, H5S_SELECT_SET, start, NULL, one, NULL));
        THEIRS(H5Dwrite(d, H5T_NATIVE_FLOAT, mem, to, H5P_DEFAULT,
                        j->source + i * COLUMNS * 4));
        H5Sclose(to);
        if (j->w->detail == WITH_FLUSH && i % ROWS_IN_CHUNK == ROWS_IN_CHUNK - 1)
            THEIRS(H5Fflush(f, H5F_SCOPE_LOCAL));
    }
    H5Dclose(d);
    H5Sclose(mem);
    H5Pclose(p);
    H5Sclose(space);
    H5Fclose(f);
    if (j->verify)
        read_back(j, "d", H5T_NATIVE_FLOAT);
}

/* ---- a table ---- */

static hid_t
theirs_record(bool as_struct)
{
    const size_t size = as_struct ? TABLE_MEMORY : TABLE_STORED;
    const hid_t t = THEIRS(H5Tcreate(H5T_COMPOUND, size));

    for (size_t k = 0; k < TABLE_MEMBERS; k++) {
        const struct table_member *m = &table_members[k];
        const hid_t real = m->size == 8 ? H5T_IEEE_F64LE : H5T_IEEE_F32LE;
        const hid_t number = m->kind == 'f'   ? real
                             : m->kind == 'u' ? H5T_STD_U8LE
                             : m->size == 8   ? H5T_STD_I64LE
                             : m->size == 4   ? H5T_STD_I32LE
                                              : H5T_STD_I16LE;
        const hid_t type = THEIRS(H5Tcopy(m->kind == 's' ? H5T_C_S1 : number));
        if (m->kind == 's')
            THEIRS(H5Tset_size(type, m->size));
        THEIRS(H5Tinsert(t, m->name, as_struct ? m->memory : m->stored, type));
        H5Tclose(type);
    }
    return t;
}

static hi5_type *
ours_record(bool as_struct)
{
    hi5_member m[TABLE_MEMBERS];
    hi5_type *text = NULL, *t;
    hi5_error err;

    for (size_t k = 0; k < TABLE_MEMBERS; k++) {
        const struct table_member *from = &table_members[k];
        if (from->kind == 's')
            ours(hi5_type_string(from->size, HI5_NULL_TERMINATED, HI5_ASCII, &text, &err),
                 &err);
        m[k].name = from->name;
        m[k].offset = as_struct ? from->memory : from->stored;
        m[k].type = from->kind == 's' ? text
                    : from->kind == 'f' ? (from->size == 8 ? HI5_F64 : HI5_F32)
                    : from->kind == 'u' ? HI5_U8
                    : from->size == 8   ? HI5_I64
                    : from->size == 4   ? HI5_I32
                                        : HI5_I16;
    }
    ours(hi5_type_compound(as_struct ? TABLE_MEMORY : TABLE_STORED, m, TABLE_MEMBERS, &t,
                           &err), &err);
    hi5_type_free(text);
    return t;
}

static bool
table_prepare(struct job *j)
{
    const bool as_struct = j->w->detail == AS_STRUCT;
    const hid_t f = theirs_open(j), d = THEIRS(H5Dopen2(f, j->w->dataset, H5P_DEFAULT));
    const hid_t t = theirs_record(as_struct), space = THEIRS(H5Dget_space(d));
    const size_t n = (size_t)H5Sget_simple_extent_npoints(space);

    j->n = n;
    j->size = n * TABLE_STORED;
    THEIRS(H5Dread(d, t, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                   source_room(j, n * (as_struct ? TABLE_MEMORY : TABLE_STORED))));
    H5Sclose(space);
    H5Tclose(t);
    H5Dclose(d);
    H5Fclose(f);
    return true;
}

static void
table_back(struct job *j)
{
    const hid_t t = theirs_record(false);

    read_back(j, "table", t);
    H5Tclose(t);
}

static void
table_hi5(struct job *j)
{
    hi5_type *stored = ours_record(false);
    hi5_type *memory = ours_record(j->w->detail == AS_STRUCT);
    hi5_file *f = ours_create(j);
    hi5_dataset *d;
    hi5_error err;

    ours(hi5_dataset_create(f, "table", stored, 1, &j->n, NULL, &d, &err), &err);
    ours(hi5_dataset_write(d, NULL, memory, j->source, &err), &err);
    hi5_dataset_close(d);
    ours_close(f);
    hi5_type_free(memory);
    hi5_type_free(stored);
    if (j->verify)
        table_back(j);
}

static void
table_libhdf5(struct job *j)
{
    const hsize_t n = j->n;
    const hid_t f = theirs_create(j), space = THEIRS(H5Screate_simple(1, &n, NULL));
    const hid_t stored = theirs_record(false);
    const hid_t memory = theirs_record(j->w->detail == AS_STRUCT);
    const hid_t d = THEIRS(H5Dcreate2(f, "table", stored, space, H5P_DEFAULT, H5P_DEFAULT,
                                      H5P_DEFAULT));

    THEIRS(H5Dwrite(d, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, j->source));
    H5Dclose(d);
    H5Tclose(memory);
    H5Tclose(stored);
    H5Sclose(space);
    H5Fclose(f);
    if (j->verify)
        table_back(j);
}

/* ---- strings ---- */

static hid_t
string_type(void)
{
    const hid_t t = THEIRS(H5Tcopy(H5T_C_S1));

    THEIRS(H5Tset_size(t, H5T_VARIABLE));
    THEIRS(H5Tset_cset(t, H5T_CSET_UTF8));
    return t;
}

/* j->source: [n] pointers, and what they point to. */
static bool
strings_prepare(struct job *j)
{
    enum { MOST = 48 };
    char **all;
    uint64_t noise = 3;

    j->n = scaled(1000000);
    j->size = 1;
    all = (char **)(void *)source_room(j, (size_t)j->n * (sizeof *all + MOST));
    for (uint64_t i = 0; i < j->n; i++) {
        all[i] = (char *)(all + j->n) + i * MOST;
        snprintf(all[i], MOST, "%.*s %llu", (int)(next_random(&noise) % 24),
                 "a name of varying length", (unsigned long long)i);
    }
    return true;
}

static void
strings_back(struct job *j)
{
    const hid_t f = theirs_written(j), d = THEIRS(H5Dopen2(f, "strings", H5P_DEFAULT));
    const hid_t t = string_type(), space = THEIRS(H5Dget_space(d));
    char **all = need((size_t)j->n * sizeof *all);

    THEIRS(H5Dread(d, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, all));
    for (uint64_t i = 0; i < j->n; i++)
        j->digest = digest_bytes(j->digest, all[i], strlen(all[i]));
    THEIRS(H5Dvlen_reclaim(t, space, H5P_DEFAULT, all));
    free(all);
    H5Sclose(space);
    H5Tclose(t);
    H5Dclose(d);
    H5Fclose(f);
}

static void
strings_hi5(struct job *j)
{
    hi5_file *f = ours_create(j);
    hi5_dataset *d;
    hi5_error err;

    ours(hi5_dataset_create(f, "strings", HI5_STR, 1, &j->n, NULL, &d, &err), &err);
    ours(hi5_dataset_write(d, NULL, HI5_STR, j->source, &err), &err);
    hi5_dataset_close(d);
    ours_close(f);
    if (j->verify)
        strings_back(j);
}

static void
strings_libhdf5(struct job *j)
{
    const hsize_t n = j->n;
    const hid_t f = theirs_create(j), space = THEIRS(H5Screate_simple(1, &n, NULL));
    const hid_t t = string_type();
    const hid_t d = THEIRS(H5Dcreate2(f, "strings", t, space, H5P_DEFAULT, H5P_DEFAULT,
                                      H5P_DEFAULT));

    THEIRS(H5Dwrite(d, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, j->source));
    H5Dclose(d);
    H5Tclose(t);
    H5Sclose(space);
    H5Fclose(f);
    if (j->verify)
        strings_back(j);
}

#define ARRAY(name, data, dataset, detail, prepare, limit, threads) \
    {name, "write", data, dataset, detail, prepare, array_hi5, array_libhdf5, limit, \
     threads}

const struct workload bench_write_arrays[] = {
    ARRAY("write, contiguous", DATA_PLAIN, "contiguous", CONTIGUOUS, array_prepare,
          limit_pwrite, false),
    ARRAY("write, chunked", DATA_PLAIN, "contiguous", CHUNKED, array_prepare, limit_pwrite,
          false),
    ARRAY("write, shuffle+gzip", DATA_FILTERS, "gzip", GZIP, codec_prepare,
          limit_deflate_2, true),
    ARRAY("write, shuffle+gzip, one thread", DATA_FILTERS, "gzip", GZIP | ALONE,
          codec_prepare, limit_deflate, false),
    ARRAY("write, shuffle+lzf", DATA_FILTERS, "gzip", LZF, codec_prepare, limit_lzf_encode,
          true),
    ARRAY("write, 262k chunks", DATA_CHUNKS, "d", SMALL_CHUNKS, array_prepare,
          limit_pwrite, false),
    {"append 50k rows", "write", DATA_PLAIN, NULL, 0, append_prepare, append_hi5,
     append_libhdf5, limit_pwrite, false},
    {"append 50k rows, flush every 100", "write", DATA_PLAIN, NULL, WITH_FLUSH,
     append_prepare, append_hi5, append_libhdf5, limit_pwrite, false},
    {"write, 4 M records as stored", "write", DATA_TABLE, "table", AS_STORED,
     table_prepare, table_hi5, table_libhdf5, limit_pwrite, false},
    {"write, 4 M records from structs", "write", DATA_TABLE, "table", AS_STRUCT,
     table_prepare, table_hi5, table_libhdf5, limit_pwrite, false},
    {"write, 1 M strings", "write", DATA_STRINGS, NULL, 0, strings_prepare, strings_hi5,
     strings_libhdf5, limit_rewrite, false},
    {0},
};
