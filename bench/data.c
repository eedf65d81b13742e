/*
 * data.c - the files that are read
 *
 * Made once by libhdf5, in its default format unless said otherwise, below
 * FOLDER/data/SCALE. A file appears under its name when it is complete.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include <errno.h>
#include <lzf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LZF_FILTER 32000
#define BAND 128 /* rows written at a time, and sides of a chunk */

/* In the file one member follows the other, as h5py and PyTables store records; in
 * memory they are aligned, as a C compiler does it. */
const struct table_member table_members[TABLE_MEMBERS] = {
    {"flag", 0, 0, 1, 'u'},    {"id", 1, 8, 8, 'i'},      {"x", 9, 16, 8, 'f'},
    {"y", 17, 24, 8, 'f'},     {"z", 25, 32, 8, 'f'},     {"t", 33, 40, 8, 'f'},
    {"energy", 41, 48, 4, 'f'}, {"run", 45, 52, 4, 'i'},  {"layer", 49, 56, 2, 'i'},
    {"label", 51, 58, 21, 's'},
};

/* ---- lzf on libhdf5's side ---- */

static size_t
lzf_filter(unsigned flags, size_t nvalues, const unsigned values[], size_t n, size_t *room,
           void **buf)
{
    const size_t cap = (flags & H5Z_FLAG_REVERSE) != 0 && nvalues >= 3 ? values[2] : n;
    uint8_t *out = malloc(cap);
    unsigned got = 0;

    if (out != NULL)
        got = (flags & H5Z_FLAG_REVERSE) != 0
                  ? lzf_decompress(*buf, (unsigned)n, out, (unsigned)cap)
                  : lzf_compress(*buf, (unsigned)n, out, (unsigned)cap);
    if (got == 0) {
        free(out);
        return 0;
    }
    free(*buf);
    *buf = out;
    *room = cap;
    return got;
}

void
data_register_lzf(void)
{
    static const H5Z_class2_t lzf = {.version = H5Z_CLASS_T_VERS, .id = LZF_FILTER,
                                     .encoder_present = 1, .decoder_present = 1,
                                     .name = "lzf", .filter = lzf_filter};

    if (H5Zfilter_avail(LZF_FILTER) <= 0)
        THEIRS(H5Zregister(&lzf));
}

/* ---- arrays ---- */

/* About as compressible as measured fields are: smooth, with noise in the last bits. */
static float
field(uint64_t r, uint64_t c, uint64_t *noise)
{
    const double v = 400 * sin((double)r / 97) * cos((double)c / 131) + (double)c / 16;

    return (float)(floor(v * 8) / 8 + (double)(next_random(noise) & 15) / 128);
}

static void
put_field(hid_t d, const hsize_t dims[2])
{
    float *row = need(BAND * (size_t)dims[1] * sizeof *row);
    const hid_t space = THEIRS(H5Dget_space(d));
    const hsize_t count[2] = {BAND, dims[1]};
    const hid_t mem = THEIRS(H5Screate_simple(2, count, NULL));
    uint64_t noise = 1;

    for (hsize_t r = 0; r < dims[0]; r += BAND) {
        const hsize_t start[2] = {r, 0};
        for (size_t i = 0; i < BAND * dims[1]; i++)
            row[i] = field(r + i / dims[1], i % dims[1], &noise);
        THEIRS(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
        THEIRS(H5Dwrite(d, H5T_NATIVE_FLOAT, mem, space, H5P_DEFAULT, row));
    }
    H5Sclose(mem);
    H5Sclose(space);
    free(row);
}

/* Sides of a square of `side`^2 elements at this scale, in whole chunks. */
static hsize_t
scaled_side(hsize_t side)
{
    const hsize_t n = (hsize_t)((double)side * sqrt(bench_scale)) / BAND * BAND;

    return n < 2 * BAND ? 2 * BAND : n;
}

static void
make_array(hid_t f, const char *name, hid_t type, hsize_t side, hid_t plist)
{
    const hsize_t dims[2] = {scaled_side(side), scaled_side(side)};
    const hid_t space = THEIRS(H5Screate_simple(2, dims, NULL));
    const hid_t d = THEIRS(H5Dcreate2(f, name, type, space, H5P_DEFAULT, plist,
                                      H5P_DEFAULT));

    put_field(d, dims);
    H5Dclose(d);
    H5Sclose(space);
}

static hid_t
chunked_by(hsize_t side)
{
    const hid_t p = THEIRS(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t chunk[2] = {side, side};

    THEIRS(H5Pset_chunk(p, 2, chunk));
    return p;
}

static void
make_plain(hid_t f)
{
    const hid_t p = chunked_by(BAND);

    make_array(f, "contiguous", H5T_IEEE_F32LE, 8192, H5P_DEFAULT);
    make_array(f, "chunked", H5T_IEEE_F32LE, 8192, p);
    H5Pclose(p);
}

static void
make_filters(hid_t f)
{
    const unsigned lzf[3] = {4, 0x105, BAND * BAND * 4};
    unsigned can = 0;
    hid_t p = chunked_by(BAND);

    THEIRS(H5Pset_shuffle(p));
    THEIRS(H5Pset_deflate(p, 4));
    make_array(f, "gzip", H5T_IEEE_F32LE, 4096, p);
    H5Pclose(p);
    p = chunked_by(BAND);
    THEIRS(H5Pset_shuffle(p));
    THEIRS(H5Pset_filter(p, LZF_FILTER, H5Z_FLAG_OPTIONAL, 3, lzf));
    make_array(f, "lzf", H5T_IEEE_F32LE, 4096, p);
    H5Pclose(p);
    p = chunked_by(BAND);
    THEIRS(H5Pset_fletcher32(p));
    make_array(f, "fletcher32", H5T_IEEE_F32LE, 4096, p);
    H5Pclose(p);
    if (H5Zfilter_avail(H5Z_FILTER_SZIP) > 0)
        H5Zget_filter_info(H5Z_FILTER_SZIP, &can);
    if ((can & H5Z_FILTER_CONFIG_ENCODE_ENABLED) != 0) {
        p = chunked_by(BAND);
        THEIRS(H5Pset_szip(p, H5_SZIP_NN_OPTION_MASK, 32));
        make_array(f, "szip", H5T_STD_I16LE, 4096, p);
        H5Pclose(p);
    }
}

static void
make_repack(hid_t f)
{
    const hid_t p = chunked_by(BAND);

    THEIRS(H5Pset_deflate(p, 4));
    for (int i = 0; i < 4; i++)
        make_array(f, (char[]){(char)('0' + i), '\0'}, H5T_IEEE_F32LE, 8192, p);
    H5Pclose(p);
}

static void
make_convert(hid_t f)
{
    make_array(f, "f32", H5T_IEEE_F32LE, 4096, H5P_DEFAULT);
    make_array(f, "f64", H5T_IEEE_F64LE, 4096, H5P_DEFAULT);
    make_array(f, "i16be", H5T_STD_I16BE, 4096, H5P_DEFAULT);
}

static void
make_chunks(hid_t f)
{
    const hid_t p = chunked_by(16);

    make_array(f, "d", H5T_STD_I16LE, 8192, p);
    H5Pclose(p);
}

/* ---- tables and strings ---- */

static hid_t
member_type(const struct table_member *m)
{
    hid_t t;

    if (m->kind != 's')
        return H5Tcopy(m->kind == 'f' ? (m->size == 8 ? H5T_IEEE_F64LE : H5T_IEEE_F32LE)
                       : m->kind == 'u' ? H5T_STD_U8LE
                       : m->size == 8   ? H5T_STD_I64LE
                       : m->size == 4   ? H5T_STD_I32LE
                                        : H5T_STD_I16LE);
    t = THEIRS(H5Tcopy(H5T_C_S1));
    THEIRS(H5Tset_size(t, m->size));
    return t;
}

/* A record in the file's layout. */
static void
put_record(uint8_t *p, uint64_t i, uint64_t *noise)
{
    for (size_t k = 0; k < TABLE_MEMBERS; k++) {
        const struct table_member *m = &table_members[k];
        const uint64_t v = next_random(noise);
        const double f = (double)(v >> 40) / 1024;
        const float g = (float)f;
        memset(p + m->stored, 0, m->size);
        if (m->kind == 's')
            snprintf((char *)p + m->stored, m->size, "event %llu", (unsigned long long)i);
        else if (m->kind == 'f' && m->size == 8)
            memcpy(p + m->stored, &f, 8);
        else if (m->kind == 'f')
            memcpy(p + m->stored, &g, 4);
        else
            memcpy(p + m->stored, &v, m->size);
    }
}

static void
make_table(hid_t f)
{
    const hsize_t n = scaled(4u << 20);
    const hid_t space = THEIRS(H5Screate_simple(1, &n, NULL));
    const hid_t t = THEIRS(H5Tcreate(H5T_COMPOUND, TABLE_STORED));
    uint8_t *all = need((size_t)n * TABLE_STORED);
    uint64_t noise = 2;
    hid_t d;

    for (size_t k = 0; k < TABLE_MEMBERS; k++) {
        const hid_t m = member_type(&table_members[k]);
        THEIRS(H5Tinsert(t, table_members[k].name, table_members[k].stored, m));
        H5Tclose(m);
    }
    for (hsize_t i = 0; i < n; i++)
        put_record(all + i * TABLE_STORED, i, &noise);
    d = THEIRS(H5Dcreate2(f, "table", t, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    THEIRS(H5Dwrite(d, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, all));
    free(all);
    H5Dclose(d);
    H5Tclose(t);
    H5Sclose(space);
}

static void
make_strings(hid_t f)
{
    enum { MOST = 48 };
    const hsize_t n = scaled(1000000);
    const hid_t space = THEIRS(H5Screate_simple(1, &n, NULL));
    const hid_t t = THEIRS(H5Tcopy(H5T_C_S1));
    char *text = need((size_t)n * MOST), **all = need((size_t)n * sizeof *all);
    uint64_t noise = 3;
    hid_t d;

    THEIRS(H5Tset_size(t, H5T_VARIABLE));
    for (hsize_t i = 0; i < n; i++) {
        all[i] = text + i * MOST;
        snprintf(all[i], MOST, "%.*s %llu", (int)(next_random(&noise) % 24),
                 "a name of varying length", (unsigned long long)i);
    }
    d = THEIRS(H5Dcreate2(f, "strings", t, space, H5P_DEFAULT, H5P_DEFAULT,
                          H5P_DEFAULT));
    THEIRS(H5Dwrite(d, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, all));
    H5Dclose(d);
    H5Tclose(t);
    H5Sclose(space);
    free(all);
    free(text);
}

/* ---- many objects ---- */

static void
put_attribute(hid_t d, const char *name, hid_t type, hsize_t n, const void *value)
{
    const hid_t space = n == 1 ? THEIRS(H5Screate(H5S_SCALAR))
                               : THEIRS(H5Screate_simple(1, &n, NULL));
    const hid_t a = THEIRS(H5Acreate2(d, name, type, space, H5P_DEFAULT, H5P_DEFAULT));

    THEIRS(H5Awrite(a, type, value));
    H5Aclose(a);
    H5Sclose(space);
}

static void
make_small(hid_t f)
{
    const hid_t g = THEIRS(H5Gcreate2(f, "d", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    const hid_t text = THEIRS(H5Tcopy(H5T_C_S1));
    const hsize_t n = 16;
    const hid_t space = THEIRS(H5Screate_simple(1, &n, NULL));

    THEIRS(H5Tset_size(text, 8));
    for (int i = 0; i < (int)scaled(20000); i++) {
        const int value[16] = {i, i + 1, i + 2}, origin[3] = {i, -i, 7};
        const double scale = i / 8.0;
        char name[16];
        hid_t d;
        snprintf(name, sizeof name, "%06d", i);
        d = THEIRS(H5Dcreate2(g, name, H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT,
                              H5P_DEFAULT));
        THEIRS(H5Dwrite(d, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, value));
        put_attribute(d, "scale", H5T_NATIVE_DOUBLE, 1, &scale);
        put_attribute(d, "units", text, 1, "m/s\0\0\0\0");
        put_attribute(d, "origin", H5T_NATIVE_INT, 3, origin);
        H5Dclose(d);
    }
    H5Sclose(space);
    H5Tclose(text);
    H5Gclose(g);
}

static void
make_groups(hid_t f)
{
    const hid_t g = THEIRS(H5Gcreate2(f, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));

    for (int i = 0; i < (int)scaled(100000); i++) {
        char name[16];
        snprintf(name, sizeof name, "%06d", i);
        H5Gclose(THEIRS(H5Gcreate2(g, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)));
    }
    H5Gclose(g);
}

/* 10 groups of 100 groups of up to 99 scalar datasets. */
static void
make_tree(hid_t f)
{
    const hid_t space = THEIRS(H5Screate(H5S_SCALAR));
    const int each = (int)scaled(99);

    for (int i = 0; i < 1000; i++) {
        char path[32];
        hid_t g;
        if (i % 100 == 0) {
            snprintf(path, sizeof path, "part%d", i / 100);
            H5Gclose(THEIRS(H5Gcreate2(f, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)));
        }
        snprintf(path, sizeof path, "part%d/run%02d", i / 100, i % 100);
        g = THEIRS(H5Gcreate2(f, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        for (int k = 0; k < each; k++) {
            snprintf(path, sizeof path, "value%d", k);
            H5Dclose(THEIRS(H5Dcreate2(g, path, H5T_STD_I32LE, space, H5P_DEFAULT,
                                       H5P_DEFAULT, H5P_DEFAULT)));
        }
        H5Gclose(g);
    }
    H5Sclose(space);
}

/* ---- all of them ---- */

static const struct {
    const char *name;
    void (*make)(hid_t f);
    bool latest;
} data_files[DATA_FILES] = {
    [DATA_PLAIN] = {"plain.h5", make_plain, false},
    [DATA_FILTERS] = {"filters.h5", make_filters, false},
    [DATA_CONVERT] = {"convert.h5", make_convert, false},
    [DATA_TABLE] = {"table.h5", make_table, false},
    [DATA_STRINGS] = {"strings.h5", make_strings, false},
    [DATA_SMALL] = {"small.h5", make_small, false},
    [DATA_GROUPS] = {"groups.h5", make_groups, false},
    [DATA_DENSE] = {"dense.h5", make_groups, true},
    [DATA_TREE] = {"tree.h5", make_tree, false},
    [DATA_CHUNKS] = {"chunks.h5", make_chunks, false},
    [DATA_REPACK] = {"repack.h5", make_repack, false},
};

static void
make_file(const char *path, enum data_file file)
{
    const hid_t p = THEIRS(H5Pcreate(H5P_FILE_ACCESS));
    char part[1100];
    hid_t f;

    fprintf(stderr, "making %s\n", path);
    snprintf(part, sizeof part, "%s.part", path);
    if (data_files[file].latest)
        THEIRS(H5Pset_libver_bounds(p, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST));
    f = THEIRS(H5Fcreate(part, H5F_ACC_TRUNC, H5P_DEFAULT, p));
    data_files[file].make(f);
    THEIRS(H5Fclose(f));
    H5Pclose(p);
    if (rename(part, path) != 0)
        die("%s cannot be renamed", part);
}

static void
make_folder(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        die("%s cannot be made", path);
}

const char *
data_path(enum data_file file, const char *folder)
{
    static char path[1024];
    struct stat st;
    int n;

    n = snprintf(path, sizeof path, "%s/data", folder);
    make_folder(path);
    n += snprintf(path + n, sizeof path - (size_t)n, "/%g", bench_scale);
    make_folder(path);
    snprintf(path + n, sizeof path - (size_t)n, "/%s", data_files[file].name);
    if (stat(path, &st) != 0)
        make_file(path, file);
    return path;
}
