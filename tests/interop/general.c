/*
 * general.c - some of everything that a file can hold, for libhdf5 and its tools
 *
 *      general FILE COMPAT [plain]    COMPAT: a number, see hi5_compat; at most V110
 *
 * Datatypes, filters, attributes, links, references, dimension scales. general.py knows
 * what is in it. The tools of HDF5 have no LZF, which is left out if it is to be plain.
 */
#include <hi5.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct record {
    double time;
    const char *name;
    float place[3];
    int16_t count;
};

static int
die(const hi5_error *err)
{
    fprintf(stderr, "%s\n", err->message);
    return 1;
}

/* A dataset of rank 1 with its values. */
static int
put(hi5_file *f, const char *path, const hi5_type *type, uint64_t n, const void *values,
    hi5_error *err)
{
    hi5_dataset *d = NULL;
    const int failed = hi5_dataset_create(f, path, type, 1, &n, NULL, &d, err) ||
                       hi5_dataset_write(d, NULL, NULL, values, err);

    hi5_dataset_close(d);
    return failed;
}

static int
put_big_endian(hi5_file *f, hi5_error *err)
{
    const uint8_t values[] = {0, 0, 1, 2, 255, 255, 255, 254};
    hi5_type_info info;
    hi5_type *t = NULL;
    int failed;

    hi5_type_get_info(HI5_I32, &info);
    info.order = HI5_BE;
    failed = hi5_type_number(&info, &t, err) || put(f, "/types/be", t, 2, values, err);
    hi5_type_free(t);
    return failed;
}

static int
put_numbers(hi5_file *f, hi5_error *err)
{
    const int8_t i8[] = {-128, 0, 127};
    const uint64_t u64[] = {0, 1, UINT64_MAX};
    const float f32[] = {1.5f, -0.25f, 1e30f};
    const double f64[] = {0.1, -1e300, 3};
    const uint16_t f16[] = {0x3c00, 0xc000, 0x7bff};

    return put(f, "/types/i8", HI5_I8, 3, i8, err) ||
           put(f, "/types/u64", HI5_U64, 3, u64, err) ||
           put(f, "/types/f32", HI5_F32, 3, f32, err) ||
           put(f, "/types/f64", HI5_F64, 3, f64, err) ||
           put(f, "/types/f16", HI5_F16, 3, f16, err) || put_big_endian(f, err);
}

static int
put_texts(hi5_file *f, hi5_error *err)
{
    const char *const words[] = {"", "Gr\xc3\xb6\xc3\x9f\x65", "three words here"};
    const char fixed[3][6] = {"one", "two", "three"};
    const char opaque[2][5] = {"\1\2\3\4\5", "abcd"};
    hi5_type *s = NULL, *o = NULL;
    const int failed = put(f, "/types/words", HI5_STR, 3, words, err) ||
                       hi5_type_string(6, HI5_NULL_PADDED, HI5_ASCII, &s, err) ||
                       put(f, "/types/fixed", s, 3, fixed, err) ||
                       hi5_type_opaque(5, "five bytes", &o, err) ||
                       put(f, "/types/opaque", o, 2, opaque, err);

    hi5_type_free(s);
    hi5_type_free(o);
    return failed;
}

static int
put_records(hi5_file *f, hi5_error *err)
{
    const struct record records[] = {{0.5, "first", {1, 2, 3}, -1},
                                     {1.5, "second", {4, 5, 6}, 32000}};
    const uint32_t three = 3;
    hi5_type *place = NULL, *t = NULL;
    int failed = hi5_type_array(HI5_F32, 1, &three, &place, err) != HI5_OK;

    if (!failed) {
        const hi5_member members[] = {
            {"time", offsetof(struct record, time), HI5_F64},
            {"name", offsetof(struct record, name), HI5_STR},
            {"place", offsetof(struct record, place), place},
            {"count", offsetof(struct record, count), HI5_I16}};

        failed = hi5_type_compound(sizeof(struct record), members, 4, &t, err) ||
                 put(f, "/types/records", t, 2, records, err);
    }
    hi5_type_free(place);
    hi5_type_free(t);
    return failed;
}

static int
put_derived(hi5_file *f, hi5_error *err)
{
    const char *const names[] = {"RED", "GREEN", "BLUE"};
    const int16_t colours[] = {1, 2, 4}, picked[] = {4, 1, 2, 2};
    const int8_t truth[] = {1, 0, 1};
    const double z[2][2] = {{1, -1}, {0.5, 2}};
    int32_t few[] = {7, 8, 9};
    const hi5_vlen lists[] = {{3, few}, {0, NULL}, {1, few + 1}};
    hi5_type *e = NULL, *b = NULL, *c = NULL, *v = NULL;
    const int failed =
        hi5_type_enum(HI5_I16, 3, names, colours, &e, err) ||
        put(f, "/types/colours", e, 4, picked, err) || hi5_type_bool(&b, err) ||
        put(f, "/types/truth", b, 3, truth, err) ||
        hi5_type_complex_pair(HI5_F64, &c, err) ||
        put(f, "/types/complex", c, 2, z, err) || hi5_type_vlen(HI5_I32, &v, err) ||
        put(f, "/types/lists", v, 3, lists, err);

    hi5_type_free(e);
    hi5_type_free(b);
    hi5_type_free(c);
    hi5_type_free(v);
    return failed;
}

/* ---- filters and layouts ---- */

static int
put_filtered(hi5_file *f, const char *path, const hi5_dataset_options *o,
             hi5_error *err)
{
    const uint64_t dims[] = {50, 30};
    int32_t values[50][30];
    hi5_dataset *d = NULL;
    int failed;

    for (int i = 0; i < 50; i++)
        for (int k = 0; k < 30; k++)
            values[i][k] = i * 100 + k;
    failed = hi5_dataset_create(f, path, HI5_I32, 2, dims, o, &d, err) ||
             hi5_dataset_write(d, NULL, HI5_I32, values, err);
    hi5_dataset_close(d);
    return failed;
}

static int
put_layouts(hi5_file *f, bool plain, hi5_error *err)
{
    enum { N = sizeof(hi5_dataset_options) };
    const uint64_t chunk[] = {8, 7}, max[] = {HI5_UNLIMITED, 30};
    const struct {
        const char *path;
        hi5_dataset_options o;
    } all[] = {
        {"/layouts/contiguous", {.size = N}},
        {"/layouts/compact", {.size = N, .compact = true}},
        {"/layouts/chunked", {.size = N, .chunk = chunk}},
        {"/layouts/growing", {.size = N, .chunk = chunk, .max = max}},
        {"/layouts/gzip", {.size = N, .chunk = chunk, .shuffle = true, .deflate = 6}},
        {"/layouts/fletcher32", {.size = N, .chunk = chunk, .fletcher32 = true}},
        {"/layouts/nbit", {.size = N, .chunk = chunk, .nbit = true}},
        {"/layouts/scaleoffset", {.size = N, .chunk = chunk, .scaleoffset = true}},
        {"/layouts/guessed", {.size = N, .deflate = 1, .fletcher32 = true}},
        {"/layouts/lzf", {.size = N, .chunk = chunk, .lzf = true}},
    };
    const size_t n = sizeof(all) / sizeof(*all) - (plain ? 1 : 0);
    int failed = 0;

    for (size_t i = 0; !failed && i < n; i++)
        failed = put_filtered(f, all[i].path, &all[i].o, err);
    return failed;
}

/* Never written: only the fill value; no elements; no space at all. */
static int
put_empty(hi5_file *f, hi5_error *err)
{
    const float minus = -9.5f;
    const uint64_t dims[] = {4, 5}, none = 0;
    const hi5_shape null = {.kind = HI5_NULL};
    const hi5_dataset_options o = {
        .size = sizeof(o), .fill = &minus, .fill_type = HI5_F32};
    hi5_group *g = NULL;
    const int failed =
        hi5_dataset_create(f, "/layouts/filled", HI5_F32, 2, dims, &o, NULL, err) ||
        hi5_dataset_create(f, "/layouts/none", HI5_I32, 1, &none, NULL, NULL, err) ||
        hi5_group_open(f, "/layouts", &g, err) ||
        hi5_dataset_create_at(g, "null", HI5_I32, &null, NULL, NULL, err);

    hi5_group_close(g);
    return failed;
}

/* ---- attributes, links, references, scales ---- */

static int
put_attributes(hi5_file *f, hi5_compat compat, hi5_error *err)
{
    /* A large one needs the storage that came with 1.8. */
    const uint64_t n = compat == HI5_COMPAT_EARLIEST ? 100 : 20000;
    const hi5_shape large = {HI5_SIMPLE, 1, {n}, {n}}, null = {.kind = HI5_NULL};
    int32_t *values = calloc((size_t)n, sizeof(*values));
    const double scalar = 2.5;
    hi5_object *o = NULL;
    int failed = values == NULL;

    for (uint64_t i = 0; !failed && i < n; i++)
        values[i] = (int32_t)i;
    failed = failed || hi5_object_open(f, "/layouts", &o, err) ||
             hi5_attribute_write(o, "scalar", HI5_F64, NULL, NULL, &scalar, err) ||
             hi5_attribute_write(o, "large", HI5_I32, &large, NULL, values, err) ||
             hi5_attribute_write(o, "null", HI5_I32, &null, NULL, NULL, err) ||
             hi5_attribute_write_string(o, "text", "in \xe2\x82\xac", err);
    for (int32_t i = 0; !failed && i < 20; i++) {
        char name[32];

        snprintf(name, sizeof(name), "number%" PRId32, i);
        failed = hi5_attribute_write(o, name, HI5_I32, NULL, NULL, &i, err) != HI5_OK;
    }
    hi5_object_close(o);
    free(values);
    return failed;
}

static int
put_links(hi5_file *f, hi5_compat compat, hi5_error *err)
{
    int failed =
        hi5_group_create(f, "/links/a/b/c", NULL, NULL, err) ||
        hi5_link_hard(f, "/links/hard", "/types/f64", err) ||
        hi5_link_soft(f, "/links/soft", "/types/f32", err) ||
        hi5_link_soft(f, "/links/dangling", "/nowhere", err) ||
        (compat != HI5_COMPAT_EARLIEST &&
         hi5_link_external(f, "/links/external", "other.h5", "/types/i8", err));

    for (int i = 0; !failed && i < 30; i++) {
        char path[64];

        snprintf(path, sizeof(path), "/links/many/group%d", i);
        failed = hi5_group_create(f, path, NULL, NULL, err) != HI5_OK;
    }
    return failed;
}

static int
put_references(hi5_file *f, hi5_error *err)
{
    const uint64_t start[] = {2, 3}, count[] = {2, 4};
    hi5_reference objects[2] = {{0}}, region = {0};
    hi5_selection *s = NULL;
    hi5_dataset *d = NULL;
    hi5_type *t = NULL;
    const int failed =
        hi5_dataset_open(f, "/layouts/gzip", &d, err) ||
        hi5_reference_object(hi5_dataset_object(d), &objects[0], err) ||
        put(f, "/references/objects", HI5_REF, 2, objects, err) ||
        hi5_selection_create(hi5_dataset_shape(d), &s, err) ||
        hi5_selection_hyperslab(s, HI5_SELECT_SET, start, NULL, count, NULL, err) ||
        hi5_reference_region(d, s, &region, err) ||
        hi5_type_reference((hi5_ref_kind)region.kind, &t, err) ||
        put(f, "/references/region", t, 1, &region, err);

    hi5_selection_free(s);
    hi5_dataset_close(d);
    hi5_type_free(t);
    return failed;
}

static int
put_scales(hi5_file *f, hi5_error *err)
{
    const double x[30] = {0.5}, y[50] = {-1};
    hi5_dataset *d = NULL, *dx = NULL, *dy = NULL;
    const int failed =
        put(f, "/scales/x", HI5_F64, 30, x, err) ||
        put(f, "/scales/y", HI5_F64, 50, y, err) ||
        hi5_dataset_open(f, "/scales/x", &dx, err) ||
        hi5_dataset_open(f, "/scales/y", &dy, err) ||
        hi5_dataset_open(f, "/layouts/gzip", &d, err) ||
        hi5_scale_make(dx, "along", err) || hi5_scale_make(dy, NULL, err) ||
        hi5_scale_attach(d, 1, dx, err) || hi5_scale_attach(d, 0, dy, err) ||
        hi5_dimension_label(d, 1, "x axis", err);

    hi5_dataset_close(d);
    hi5_dataset_close(dx);
    hi5_dataset_close(dy);
    return failed;
}

static int
put_committed(hi5_file *f, hi5_error *err)
{
    const char *const names[] = {"OFF", "ON"};
    const uint8_t values[] = {0, 1}, data[] = {1, 1, 0};
    hi5_object *o = NULL;
    hi5_type *t = NULL;
    const int failed = hi5_type_enum(HI5_U8, 2, names, values, &t, err) ||
                       hi5_type_commit(f, "/types/switch", t, &o, err) ||
                       put(f, "/types/switched", hi5_object_type(o), 3, data, err);

    hi5_object_close(o);
    hi5_type_free(t);
    return failed;
}

int
main(int argc, char **argv)
{
    hi5_open_options open = {.size = sizeof(open)};
    const hi5_create_options create = {.size = sizeof(create), .open = &open};
    hi5_file *f = NULL;
    hi5_error err;

    if (argc != 3 && argc != 4)
        return fprintf(stderr, "usage: general FILE COMPAT [plain]\n"), 2;
    open.compat = (hi5_compat)atoi(argv[2]);
    if (hi5_create(argv[1], &create, &f, &err))
        return die(&err);
    if (put_numbers(f, &err) || put_texts(f, &err) || put_records(f, &err) ||
        put_derived(f, &err) || put_layouts(f, argc == 4, &err) || put_empty(f, &err) ||
        put_attributes(f, open.compat, &err) || put_links(f, open.compat, &err) ||
        put_references(f, &err) || put_scales(f, &err) || put_committed(f, &err)) {
        hi5_close(f, NULL);
        return die(&err);
    }
    return hi5_close(f, &err) ? die(&err) : 0;
}
