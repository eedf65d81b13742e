/*
 * readmodel.c - the same random reads by hi5 and by libhdf5
 *
 *   readmodel SEED COUNT FILE
 *
 * Datasets of random shape, type, layout and filters are written to FILE by libhdf5. Then
 * hi5 reads random selections of them in random memory types, COUNT times in all; each
 * element must be the one that libhdf5 reads at that place, in that type. Some datasets
 * are large enough to be read by several threads. The last line is "N passed, N failed".
 */
#include <hdf5.h>
#include <hi5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODEL_RANK 4
#define MODEL_ELEMENTS 3000u
#define MODEL_LARGE 120000u /* elements of one dataset in MODEL_RARE */
#define MODEL_RARE 32u
#define MODEL_READS 40u /* of one dataset */

static uint64_t model_state;

static uint64_t
model_random(uint64_t below)
{
    model_state ^= model_state << 13;
    model_state ^= model_state >> 7;
    model_state ^= model_state << 17;
    return below != 0 ? (model_state >> 11) % below : 0;
}

/* A numeric type, in both libraries' words. */
struct model_type {
    const char *name;
    hid_t h5;
    const hi5_type *hi5; /* NULL: only in files */
    size_t size;
    bool is_float, is_signed;
};

#define MODEL_TYPES 18u
static struct model_type model_types[MODEL_TYPES];

static void
model_set_types(void)
{
    const struct model_type t[MODEL_TYPES] = {
        {"i8", H5T_NATIVE_INT8, HI5_I8, 1, false, true},
        {"u8", H5T_NATIVE_UINT8, HI5_U8, 1, false, false},
        {"i16", H5T_NATIVE_INT16, HI5_I16, 2, false, true},
        {"u16", H5T_NATIVE_UINT16, HI5_U16, 2, false, false},
        {"i32", H5T_NATIVE_INT32, HI5_I32, 4, false, true},
        {"u32", H5T_NATIVE_UINT32, HI5_U32, 4, false, false},
        {"i64", H5T_NATIVE_INT64, HI5_I64, 8, false, true},
        {"u64", H5T_NATIVE_UINT64, HI5_U64, 8, false, false},
        {"f32", H5T_NATIVE_FLOAT, HI5_F32, 4, true, true},
        {"f64", H5T_NATIVE_DOUBLE, HI5_F64, 8, true, true},
        {">i16", H5T_STD_I16BE, NULL, 2, false, true},
        {">u16", H5T_STD_U16BE, NULL, 2, false, false},
        {">i32", H5T_STD_I32BE, NULL, 4, false, true},
        {">u32", H5T_STD_U32BE, NULL, 4, false, false},
        {">i64", H5T_STD_I64BE, NULL, 8, false, true},
        {">u64", H5T_STD_U64BE, NULL, 8, false, false},
        {">f32", H5T_IEEE_F32BE, NULL, 4, true, true},
        {">f64", H5T_IEEE_F64BE, NULL, 8, true, true},
    };

    memcpy(model_types, t, sizeof t);
}

/* Conversions that C, and so libhdf5, leaves undefined, or where libhdf5 1.10 is known to
 * go wrong, are not asked for: floats beyond the range of an integer, a change of sign
 * together with byte order at one size, narrower floats out of foreign byte order. */
static bool
model_may_convert(const struct model_type *from, const struct model_type *to)
{
    if (from->is_float && !to->is_float)
        return to->size >= 4 && to->is_signed;
    if (from->is_float && from->hi5 == NULL && from->size > to->size)
        return false; /* libhdf5's own rounding is not to even */
    return from->is_float || to->is_float || from->size != to->size ||
           from->is_signed == to->is_signed;
}

/* What was written. */
struct model_dataset {
    char name[16];
    const struct model_type *type;
    unsigned rank;
    hsize_t dims[MODEL_RANK], chunk[MODEL_RANK];
    uint64_t n;
};

static void
model_shape(struct model_dataset *d)
{
    const bool large = model_random(MODEL_RARE) == 0;
    const uint64_t side = large ? 400 : 40;

    d->rank = 1 + (unsigned)model_random(MODEL_RANK);
    d->n = 1;
    for (unsigned i = 0; i < d->rank; i++) {
        const uint64_t room = (large ? MODEL_LARGE : MODEL_ELEMENTS) / d->n;
        d->dims[i] = 1 + model_random(room < side ? room : side);
        d->chunk[i] = 1 + model_random(d->dims[i]);
        if (large && d->chunk[i] < d->dims[i] / 8)
            d->chunk[i] = d->dims[i] / 8; /* libhdf5 writes many chunks slowly */
        d->n *= d->dims[i];
    }
}

static void
model_filters(hid_t p)
{
    if (model_random(3) == 0)
        H5Pset_shuffle(p);
    if (model_random(3) == 0)
        H5Pset_deflate(p, (unsigned)model_random(10));
    if (model_random(4) == 0)
        H5Pset_fletcher32(p);
}

static hid_t
model_layout(const struct model_dataset *d)
{
    const hid_t p = H5Pcreate(H5P_DATASET_CREATE);
    const double fill = 7;

    switch (model_random(4)) {
    case 0:
        if (d->n <= MODEL_ELEMENTS)
            H5Pset_layout(p, H5D_COMPACT);
        break;
    case 1:
        break; /* contiguous */
    default:
        H5Pset_chunk(p, (int)d->rank, d->chunk);
        model_filters(p);
    }
    if (model_random(2) == 0)
        H5Pset_fill_value(p, H5T_NATIVE_DOUBLE, &fill);
    return p;
}

/* Values: small ones, extremes, anything; floats stay within what an int32 holds. */
static void
model_values(const struct model_dataset *d, double *v)
{
    for (uint64_t i = 0; i < d->n; i++) {
        const uint64_t r = model_random(0x7fffffff);
        v[i] = model_random(2) ? (double)(r % 200) - 100 : (double)r - 1073741824.0;
        if (d->type->is_float && model_random(2))
            v[i] = v[i] / 7;
    }
}

static void
model_write(hid_t f, struct model_dataset *d, unsigned number)
{
    double *v;
    hid_t space, p, x;

    model_shape(d);
    snprintf(d->name, sizeof d->name, "d%u", number);
    d->type = &model_types[model_random(MODEL_TYPES)];
    p = model_layout(d);
    {
        hsize_t max[MODEL_RANK];
        const bool grows = H5Pget_layout(p) == H5D_CHUNKED && model_random(2);
        for (unsigned i = 0; i < d->rank; i++)
            max[i] = !grows ? d->dims[i]
                     : model_random(2) ? H5S_UNLIMITED : d->dims[i] + model_random(9);
        space = H5Screate_simple((int)d->rank, d->dims, max);
    }
    x = H5Dcreate2(f, d->name, d->type->h5, space, H5P_DEFAULT, p, H5P_DEFAULT);
    v = malloc((size_t)d->n * sizeof *v);
    model_values(d, v);
    if (model_random(3) == 0) { /* only a corner: the rest is fill */
        hsize_t zero[MODEL_RANK] = {0}, some[MODEL_RANK], n = 1;
        hid_t mem;
        for (unsigned i = 0; i < d->rank; i++)
            n *= some[i] = 1 + model_random(d->dims[i]);
        H5Sselect_hyperslab(space, H5S_SELECT_SET, zero, NULL, some, NULL);
        mem = H5Screate_simple(1, &n, NULL);
        H5Dwrite(x, H5T_NATIVE_DOUBLE, mem, space, H5P_DEFAULT, v);
        H5Sclose(mem);
    } else {
        H5Dwrite(x, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, v);
    }
    free(v);
    H5Dclose(x);
    H5Sclose(space);
    H5Pclose(p);
}

/* What is selected, kept in the most naive way: libhdf5 1.10 combines slabs wrongly at
 * times, so its own selections are no measure. */
#define MODEL_POINTS 2000u
struct model_picks {
    size_t n;
    bool points;               /* index[] is in the order of the selection */
    uint64_t point[MODEL_POINTS * MODEL_RANK];
    bool box;                  /* just start and count */
    uint64_t start[MODEL_RANK], count[MODEL_RANK];
    uint64_t index[MODEL_LARGE + MODEL_POINTS];
    bool in[MODEL_LARGE];      /* hyperslabs */
};

static bool
model_combine(hi5_select_op op, bool a, bool b)
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
        return !a && b;
    case HI5_SELECT_SET:
        break;
    }
    return b;
}

static bool
model_in_slab(const struct model_dataset *d, uint64_t at,
              uint64_t v[4][MODEL_RANK])
{
    for (unsigned i = d->rank; i-- > 0; ) {
        const uint64_t x = at % d->dims[i];
        at /= d->dims[i];
        if (x < v[0][i] || (x - v[0][i]) / v[1][i] >= v[2][i] ||
            (x - v[0][i]) % v[1][i] >= v[3][i])
            return false;
    }
    return true;
}

static void
model_slab(const struct model_dataset *d, hi5_selection *s, struct model_picks *p,
           hi5_select_op op)
{
    uint64_t v[4][MODEL_RANK]; /* start, stride, count, block */
    hi5_error err;

    for (unsigned i = 0; i < d->rank; i++) {
        const uint64_t n = d->dims[i];
        v[3][i] = model_random(3) ? 1 : 1 + model_random(n < 4 ? n : 4);
        v[1][i] = v[3][i] + model_random(4);
        v[0][i] = model_random(n - v[3][i] + 1);
        v[2][i] = 1 + model_random((n - v[0][i] - v[3][i]) / v[1][i] + 1);
    }
    for (uint64_t k = 0; k < d->n; k++)
        p->in[k] = model_combine(op, p->in[k], model_in_slab(d, k, v));
    if (hi5_selection_hyperslab(s, op, v[0], v[1], v[2], v[3], &err) != HI5_OK)
        fprintf(stderr, "hi5_selection_hyperslab: %s\n", err.message);
}

static void
model_points(const struct model_dataset *d, hi5_selection *s, struct model_picks *p)
{
    uint64_t *const v = p->point;
    hi5_error err;

    p->points = true;
    p->n = 1 + (size_t)model_random(d->n > MODEL_ELEMENTS ? MODEL_POINTS : 20);
    for (size_t i = 0; i < p->n; i++) {
        p->index[i] = 0;
        for (unsigned k = 0; k < d->rank; k++) {
            v[i * d->rank + k] = model_random(d->dims[k]);
            p->index[i] = p->index[i] * d->dims[k] + v[i * d->rank + k];
        }
    }
    if (hi5_selection_points(s, HI5_SELECT_SET, p->n, v, &err) != HI5_OK)
        fprintf(stderr, "hi5_selection_points: %s\n", err.message);
}

/* One block: a single element, a few, or many. */
static void
model_box(const struct model_dataset *d, hi5_selection *s, struct model_picks *p)
{
    const bool one = model_random(2);
    uint64_t ones[4][MODEL_RANK];
    hi5_error err;

    p->box = true;
    for (unsigned i = 0; i < d->rank; i++) {
        p->start[i] = model_random(d->dims[i]);
        p->count[i] = one ? 1 : 1 + model_random(d->dims[i] - p->start[i]);
        ones[0][i] = p->start[i];
        ones[1][i] = ones[3][i] = 1;
        ones[2][i] = p->count[i];
    }
    for (uint64_t k = 0; k < d->n; k++)
        p->in[k] = model_in_slab(d, k, ones);
    if (hi5_selection_hyperslab(s, HI5_SELECT_SET, p->start, NULL, p->count, NULL,
                                &err) != HI5_OK)
        fprintf(stderr, "hi5_selection_hyperslab: %s\n", err.message);
}

static void
model_select(const struct model_dataset *d, hi5_selection *s, struct model_picks *p)
{
    static const hi5_select_op op[] = {HI5_SELECT_OR, HI5_SELECT_AND, HI5_SELECT_XOR,
                                       HI5_SELECT_NOT_B, HI5_SELECT_NOT_A};
    const uint64_t kind = model_random(10);

    p->n = 0;
    p->points = p->box = false;
    memset(p->in, 0, (size_t)d->n * sizeof *p->in);
    if (kind == 1 || kind == 2) {
        model_points(d, s, p);
        return;
    }
    if (kind == 0)
        memset(p->in, 1, (size_t)d->n * sizeof *p->in);
    else if (kind >= 8)
        model_box(d, s, p);
    else
        model_slab(d, s, p, HI5_SELECT_SET);
    for (uint64_t i = 0; kind < 8 && i + 4 < kind; i++)
        model_slab(d, s, p, op[model_random(5)]);
    for (uint64_t k = 0; k < d->n; k++)
        if (p->in[k])
            p->index[p->n++] = k;
}

/* Selections that can be had in another way are read in that one at times. */
static hi5_status
model_get(const struct model_dataset *d, const struct model_type *to, hi5_dataset *y,
          const hi5_selection *s, const struct model_picks *p, void *b, hi5_error *err)
{
    if (p->box && model_random(3) != 0)
        return hi5_dataset_read_slab(y, p->start, p->count, to->hi5, b, err);
    if (p->points && model_random(2))
        return hi5_dataset_read_points(y, p->n, p->point, to->hi5, b, err);
    if (p->n == d->n && !p->points && model_random(2))
        return hi5_dataset_read(y, NULL, to->hi5, b, err);
    return hi5_dataset_read(y, s, to->hi5, b, err);
}

/* `all` is the whole dataset in type `to`, as libhdf5 reads it. */
static bool
model_compare(const struct model_dataset *d, const struct model_type *to,
              const unsigned char *all, hi5_dataset *y, const hi5_selection *s,
              const struct model_picks *p, unsigned round)
{
    unsigned char *b = malloc(p->n * to->size + 1);
    hi5_error err;
    bool ok = hi5_selection_count(s) == p->n;

    if (!ok)
        fprintf(stderr, "%s: %llu elements selected, not %zu\n", d->name,
                (unsigned long long)hi5_selection_count(s), p->n);
    if (ok && model_get(d, to, y, s, p, b, &err) != HI5_OK) {
        fprintf(stderr, "%s\n", err.message);
        ok = false;
    }
    for (size_t i = 0; ok && i < p->n; i++)
        if (memcmp(b + i * to->size, all + p->index[i] * to->size, to->size) != 0) {
            fprintf(stderr, "%s (%s), read %u%s, as %s: element %zu of %zu differs\n",
                    d->name, d->type->name, round, p->points ? " (points)" : "",
                    to->name, i, p->n);
            ok = false;
        }
    free(b);
    return ok;
}

/* Read one dataset again and again. @return how many reads were right */
static unsigned
model_read(hid_t hf, hi5_file *f, const struct model_dataset *d, unsigned reads)
{
    const hid_t x = H5Dopen2(hf, d->name, H5P_DEFAULT);
    hi5_dataset *y;
    hi5_error err;
    unsigned good = 0;

    if (hi5_dataset_open(f, d->name, &y, &err) != HI5_OK) {
        fprintf(stderr, "%s\n", err.message);
        H5Dclose(x);
        return 0;
    }
    for (unsigned i = 0; i < reads; i++) {
        const struct model_type *to = &model_types[model_random(10)];
        static struct model_picks picks;
        hi5_selection *s = NULL;
        unsigned char *all;

        while (!model_may_convert(d->type, to))
            to = &model_types[model_random(10)];
        all = malloc((size_t)d->n * to->size);
        if (H5Dread(x, to->h5, H5S_ALL, H5S_ALL, H5P_DEFAULT, all) >= 0 &&
            hi5_selection_create(hi5_dataset_shape(y), &s, &err) == HI5_OK) {
            model_select(d, s, &picks);
            good += model_compare(d, to, all, y, s, &picks, i);
        }
        hi5_selection_free(s);
        free(all);
    }
    hi5_dataset_close(y);
    H5Dclose(x);
    return good;
}

int
main(int argc, char **argv)
{
    unsigned passed = 0, done = 0, count, n = 0;
    struct model_dataset *d;
    hid_t access, hf;
    hi5_open_options options = {.size = sizeof options};
    hi5_file *f;
    hi5_error err;

    if (argc != 4)
        return fprintf(stderr, "usage: readmodel SEED COUNT FILE\n"), 2;
    model_state = strtoull(argv[1], NULL, 10) * 2 + 0x9e3779b97f4a7c15u;
    count = (unsigned)strtoul(argv[2], NULL, 10);
    d = calloc(count / MODEL_READS + 1, sizeof *d);
    model_set_types();
    access = H5Pcreate(H5P_FILE_ACCESS);
    if (model_random(2))
        H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    hf = H5Fcreate(argv[3], H5F_ACC_TRUNC, H5P_DEFAULT, access);
    for (; n * MODEL_READS < count; n++)
        model_write(hf, &d[n], n);
    H5Fclose(hf);
    hf = H5Fopen(argv[3], H5F_ACC_RDONLY, H5P_DEFAULT);
    options.threads = 1 + (unsigned)model_random(4);
    options.chunk_cache = model_random(2) ? 0 : 1 + model_random(20000);
    if (hf < 0 || hi5_open(argv[3], &options, &f, &err) != HI5_OK)
        return fprintf(stderr, "cannot open %s\n", argv[3]), 1;
    for (unsigned i = 0; i < n; i++, done += MODEL_READS)
        passed += model_read(hf, f, &d[i], MODEL_READS);
    hi5_close(f, NULL);
    H5Fclose(hf);
    H5Pclose(access);
    free(d);
    printf("%u passed, %u failed\n", passed, done - passed);
    return passed == done ? 0 : 1;
}
