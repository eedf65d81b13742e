/*
 * test_write_filter.c - datasets written with each filter
 *
 * The parameters are those that h5py 3.7 with libhdf5 1.10.8 gave datasets of the same
 * type, chunk and options (create_dataset; H5Pset_nbit; PropDCID.set_szip and
 * set_scaleoffset), printed with PropDCID.get_filter. What libhdf5 makes of the chunks,
 * h5dump says, where there is one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "written.h"

Suite *suite_write_filter(void);

#define U(...) ((uint64_t[]){__VA_ARGS__})
#define V(...) ((uint32_t[]){__VA_ARGS__})
#define OPTIONS(...)                                                                   \
    ((hi5_dataset_options){.size = sizeof(hi5_dataset_options), __VA_ARGS__})

/* A number: bits of precision, from bit `offset` up. */
static hi5_type *
bits(size_t size, hi5_byte_order order, bool is_signed, unsigned precision,
     unsigned offset)
{
    const hi5_type_info info = {.cls = HI5_INTEGER,
                                .size = size,
                                .order = order,
                                .is_signed = is_signed,
                                .precision = precision,
                                .offset = offset};
    hi5_type *t;
    hi5_error err;

    ck_ok(hi5_type_number(&info, &t, &err), &err);
    return t;
}

/* As the file has it. */
static hi5_type *
ieee(size_t size, hi5_byte_order order)
{
    hi5_type_info info;
    hi5_type *t;
    hi5_error err;

    hi5_type_get_info(size == 4 ? HI5_F32 : HI5_F64, &info);
    info.order = order;
    ck_ok(hi5_type_number(&info, &t, &err), &err);
    return t;
}

static hi5_dataset *
make(hi5_file *f, const hi5_type *t, unsigned rank, const uint64_t *dims,
     const hi5_dataset_options *o)
{
    static unsigned count;
    hi5_dataset *d;
    hi5_error err;
    char path[16];

    snprintf(path, sizeof path, "/d%u", count++);
    ck_ok(hi5_dataset_create(f, path, t, rank, dims, o, &d, &err), &err);
    return d;
}

/* Filter i is this; the dataset is closed after the last (n is 0 for no parameters). */
static void
filter_is(const hi5_dataset *d, size_t i, unsigned id, unsigned flags, unsigned n,
          const uint32_t *values)
{
    hi5_filter f;

    ck_assert(hi5_dataset_filter(d, i, &f));
    ck_assert_uint_eq(f.id, id);
    ck_assert_uint_eq(f.flags, flags);
    ck_assert_uint_eq(f.nvalues, n);
    for (unsigned k = 0; k < n; k++)
        ck_assert_msg(f.values[k] == values[k], "%u: value %u is %u, not %u", id, k,
                      f.values[k], values[k]);
}

/* One filter, then closed. */
static void
only_is(hi5_dataset *d, unsigned id, unsigned n, const uint32_t *values)
{
    hi5_filter more;

    filter_is(d, 0, id, 1, n, values);
    ck_assert(!hi5_dataset_filter(d, 1, &more));
    hi5_dataset_close(d);
}

static hi5_file *
memory_file(const hi5_filter_plugin *own, size_t n)
{
    const hi5_open_options oo = {.size = sizeof oo, .filters = own, .nfilters = n};
    const hi5_create_options co = {.size = sizeof co, .open = &oo};
    hi5_file *f;
    hi5_error err;

    ck_ok(hi5_create_memory(&co, &f, &err), &err);
    return f;
}

START_TEST(several)
{
    hi5_file *const f = memory_file(NULL, 0);
    const uint64_t *const dims = U(100, 7), *const chunk = U(10, 7);
    hi5_dataset *d;

    d = make(f, HI5_F32, 2, dims,
             &OPTIONS(.chunk = chunk, .scaleoffset = true, .scale = 2, .shuffle = true,
                      .deflate = 4));
    filter_is(d, 0, 6, 1, 20,
              V(0, 2, 70, 1, 4, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    filter_is(d, 1, 2, 1, 1, V(4));
    filter_is(d, 2, 1, 1, 1, V(4));
    hi5_dataset_close(d);
    d = make(
        f, HI5_F32, 2, dims,
        &OPTIONS(.chunk = chunk, .shuffle = true, .deflate = 4, .fletcher32 = true));
    filter_is(d, 0, 2, 1, 1, V(4));
    filter_is(d, 1, 1, 1, 1, V(4));
    filter_is(d, 2, 3, 0, 0, NULL);
    hi5_dataset_close(d);
    d = make(f, HI5_F64, 2, dims,
             &OPTIONS(.chunk = chunk, .shuffle = true, .lzf = true));
    filter_is(d, 0, 2, 1, 1, V(8));
    filter_is(d, 1, 32000, 1, 3, V(4, 261, 560));
    hi5_dataset_close(d);
    ck_ok(hi5_close(f, NULL), &(hi5_error){0});
}
END_TEST

START_TEST(scaleoffset)
{
    hi5_file *const f = memory_file(NULL, 0);
    hi5_type *const be = ieee(8, HI5_BE), *const short_be =
                                              bits(2, HI5_BE, true, 16, 0);
    const double pi = 3.14159;
    const int seven = 7;

    only_is(make(f, HI5_I16, 1, U(10), &OPTIONS(.chunk = U(10), .scaleoffset = true)),
            6, 20, V(2, 0, 10, 0, 2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    only_is(make(f, short_be, 1, U(10),
                 &OPTIONS(.chunk = U(10), .scaleoffset = true, .fill = &seven,
                          .fill_type = HI5_I32)),
            6, 20, V(2, 0, 10, 0, 2, 1, 1, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    only_is(make(f, HI5_I32, 1, U(10),
                 &OPTIONS(.chunk = U(10), .scaleoffset = true, .no_fill = true,
                          .fill_time = HI5_FILL_NEVER)),
            6, 20, V(2, 0, 10, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    only_is(make(f, HI5_U16, 1, U(6),
                 &OPTIONS(.chunk = U(6), .scaleoffset = true, .scale = 5)),
            6, 20, V(2, 5, 6, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    only_is(make(f, be, 1, U(6),
                 &OPTIONS(.chunk = U(6), .scaleoffset = true, .scale = 3, .fill = &pi,
                          .fill_type = HI5_F64)),
            6, 20,
            V(0, 3, 6, 1, 8, 0, 1, 1, 4028335726, 1074340345, 0, 0, 0, 0, 0, 0, 0, 0, 0,
              0));
    hi5_type_free(be);
    hi5_type_free(short_be);
    ck_ok(hi5_close(f, NULL), &(hi5_error){0});
}
END_TEST

START_TEST(szip)
{
    hi5_file *const f = memory_file(NULL, 0);
    hi5_type *const be2 = bits(2, HI5_BE, true, 16, 0), *const be4 =
                                                            bits(4, HI5_BE, 0, 32, 0);
    hi5_dataset *d = NULL;
    hi5_error err;

    if (!hi5_filter_can_encode(4)) {
        ck_status(hi5_dataset_create(f, "/d", HI5_I32, 1, U(40),
                                     &OPTIONS(.chunk = U(40), .szip = 8), &d, &err),
                  HI5_E_FILTER);
        ck_assert_ptr_nonnull(strstr(err.message, "szip"));
    } else {
        only_is(make(f, HI5_I32, 1, U(40), &OPTIONS(.chunk = U(40), .szip = 8)), 4, 4,
                V(169, 8, 32, 40));
        only_is(make(f, be2, 1, U(22),
                     &OPTIONS(.chunk = U(22), .szip = 4, .szip_ec = true)),
                4, 4, V(149, 4, 16, 22));
        only_is(make(f, HI5_F64, 1, U(4200),
                     &OPTIONS(.chunk = U(4200), .szip = 2, .szip_ec = true)),
                4, 4, V(141, 2, 64, 256));
        only_is(make(f, be4, 2, U(60, 70), &OPTIONS(.chunk = U(60, 70), .szip = 16)), 4,
                4, V(177, 16, 32, 70));
        only_is(make(f, HI5_U16, 2, U(100, 7),
                     &OPTIONS(.chunk = U(10, 7), .szip = 16, .szip_ec = true)),
                4, 4, V(141, 16, 16, 70));
    }
    hi5_type_free(be2);
    hi5_type_free(be4);
    ck_ok(hi5_close(f, NULL), &(hi5_error){0});
}
END_TEST

/* 17 bits, a string, an enumeration, an array, a float, 10 bits */
static hi5_type *
mixed(void)
{
    hi5_type *const x = bits(4, HI5_LE, false, 17, 4), *const b =
                                                           bits(2, HI5_BE, true, 10, 3);
    hi5_type *const fl = ieee(4, HI5_BE);
    const int16_t values[] = {1, 2};
    hi5_type *s, *e, *a, *t;
    hi5_error err;

    ck_ok(hi5_type_string(5, HI5_NULL_TERMINATED, HI5_ASCII, &s, &err), &err);
    ck_ok(hi5_type_enum(HI5_I16, 2, (const char *const[]){"a", "b"}, values, &e, &err),
          &err);
    ck_ok(hi5_type_array(b, 2, (const uint32_t[]){3, 2}, &a, &err), &err);
    {
        const hi5_member m[] = {{"x", 0, x},  {"s", 5, s},   {"e", 10, e},
                                {"a", 12, a}, {"f", 28, fl}, {"b", 36, b}};
        ck_ok(hi5_type_compound(40, m, 6, &t, &err), &err);
    }
    hi5_type_free(x);
    hi5_type_free(b);
    hi5_type_free(fl);
    hi5_type_free(s);
    hi5_type_free(e);
    hi5_type_free(a);
    return t;
}

/* FILT-18 */
START_TEST(nbit)
{
    hi5_file *const f = memory_file(NULL, 0);
    hi5_type *const be8 = bits(8, HI5_BE, false, 61, 1), *const i24 =
                                                             bits(4, HI5_LE, 1, 24, 0);
    hi5_type *const many = mixed();
    hi5_type *s;
    hi5_error err;

    ck_ok(hi5_type_string(5, HI5_NULL_TERMINATED, HI5_ASCII, &s, &err), &err);
    only_is(make(f, HI5_I32, 1, U(50), &OPTIONS(.chunk = U(16), .nbit = true)), 5, 8,
            V(8, 1, 16, 1, 4, 0, 32, 0));
    only_is(make(f, s, 1, U(50), &OPTIONS(.chunk = U(16), .nbit = true)), 5, 3,
            V(3, 1, 16));
    only_is(make(f, be8, 1, U(50), &OPTIONS(.chunk = U(16), .nbit = true)), 5, 8,
            V(8, 0, 16, 1, 8, 1, 61, 1));
    only_is(make(f, i24, 2, U(10, 5), &OPTIONS(.chunk = U(4, 3), .nbit = true)), 5, 8,
            V(8, 0, 12, 1, 4, 0, 24, 0));
    only_is(make(f, many, 1, U(3), &OPTIONS(.chunk = U(3), .nbit = true)), 5, 38,
            V(38, 0, 3, 3, 40, 6, 0, 1, 4, 0, 17, 4, 5, 4, 5, 10, 4, 2, 12, 2, 12, 1, 2,
              1, 10, 3, 28, 1, 4, 1, 32, 0, 36, 1, 2, 1, 10, 3));
    hi5_type_free(s);
    hi5_type_free(be8);
    hi5_type_free(i24);
    hi5_type_free(many);
    ck_ok(hi5_close(f, NULL), &(hi5_error){0});
}
END_TEST

/* An array of compounds, with something after it: libhdf5 would lose its place. */
START_TEST(nbit_array)
{
    static const uint8_t v[] = {0x10, 1, 0, 0, 0x20, 2, 0, 0, 0, 8,
                                0x30, 3, 0, 0, 0x40, 4, 0, 0, 0, 16};
    hi5_file *const f = written_create("nbit.h5", HI5_COMPAT_DEFAULT);
    hi5_type *const x = bits(4, HI5_LE, false, 17, 4);
    hi5_type *const y = bits(2, HI5_BE, false, 10, 3);
    hi5_type *inner, *array, *t;
    hi5_dataset *d;
    hi5_error err;

    ck_ok(hi5_type_compound(4, &(const hi5_member){"x", 0, x}, 1, &inner, &err), &err);
    ck_ok(hi5_type_array(inner, 1, (const uint32_t[]){2}, &array, &err), &err);
    {
        const hi5_member m[] = {{"a", 0, array}, {"y", 8, y}};
        ck_ok(hi5_type_compound(10, m, 2, &t, &err), &err);
    }
    ck_ok(hi5_dataset_create(f, "/d", t, 1, U(2), &OPTIONS(.chunk = U(2), .nbit = true),
                             &d, &err),
          &err);
    ck_ok(hi5_dataset_write(d, NULL, t, v, &err), &err);
    only_is(d, 5, 15, V(15, 0, 2, 3, 10, 2, 0, 4, 8, 8, 1, 2, 1, 10, 3));
    ck_ok(hi5_close(f, &err), &err);
    ck_dump("nbit.h5", "-d /d",
            "(0): { [ { 17 }, { 34 } ], 1 }, (1): { [ { 51 }, { 68 } ], 2 }");
    hi5_type_free(x);
    hi5_type_free(y);
    hi5_type_free(inner);
    hi5_type_free(array);
    hi5_type_free(t);
}
END_TEST

/* A pipeline of the caller's: completed where it says only what to do, or as it is. */
START_TEST(given)
{
    hi5_file *const f = memory_file(NULL, 0);
    const hi5_filter pipe[] = {{6, 1, NULL, 2, V(2, 0)},      {5, 1, NULL, 0, NULL},
                               {2, 1, NULL, 0, NULL},         {32000, 1, NULL, 0, NULL},
                               {32008, 1, NULL, 2, V(0, 2)},  {2, 1, NULL, 1, V(3)},
                               {60000, 1, "mine", 2, V(1, 2)}};
    hi5_dataset *const d = make(
        f, HI5_I32, 1, U(50), &OPTIONS(.chunk = U(16), .filters = pipe, .nfilters = 5));

    filter_is(d, 0, 6, 1, 20,
              V(2, 0, 16, 0, 4, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    filter_is(d, 1, 5, 1, 8, V(8, 1, 16, 1, 4, 0, 32, 0));
    filter_is(d, 2, 2, 1, 1, V(4));
    filter_is(d, 3, 32000, 1, 3, V(4, 261, 64));
    filter_is(d, 4, 32008, 1, 5, V(0, 4, 4, 0, 2));
    hi5_dataset_close(d);
    only_is(make(f, HI5_I32, 1, U(50),
                 &OPTIONS(.chunk = U(16), .filters = pipe + 5, .nfilters = 1)),
            2, 1, V(3));
    only_is(make(f, HI5_I32, 1, U(50),
                 &OPTIONS(.chunk = U(16), .filters = pipe + 6, .nfilters = 1)),
            60000, 2, V(1, 2));
    ck_ok(hi5_close(f, NULL), &(hi5_error){0});
}
END_TEST

/* FILT-07, FILT-23: what cannot be is said when the dataset is created. */
START_TEST(refused)
{
    static const hi5_filter unknown = {60000, 0, "mine", 0, NULL};
    hi5_file *const f = memory_file(NULL, 0);
    hi5_type *const many = mixed();
    const struct {
        const hi5_type *type;
        hi5_dataset_options o;
        hi5_status status;
        const char *words;
    } row[] = {
        {many, OPTIONS(.chunk = U(4), .scaleoffset = true), HI5_E_TYPE,
         "scaleoffset is"},
        {HI5_F32, OPTIONS(.chunk = U(4), .scaleoffset = true, .scale = -1), HI5_E_ARG,
         "-1 digits"},
        {HI5_I16, OPTIONS(.chunk = U(4), .scaleoffset = true, .scale = 17), HI5_E_ARG,
         "17 bits"},
        {HI5_I16, OPTIONS(.chunk = U(4), .deflate = 10), HI5_E_ARG, "level 10"},
        {HI5_I16, OPTIONS(.chunk = U(4), .filters = &unknown, .nfilters = 1),
         HI5_E_FILTER, "filter 60000 (mine)"},
        {many, OPTIONS(.chunk = U(4), .szip = 4), HI5_E_TYPE, "szip is"},
        {HI5_I16, OPTIONS(.chunk = U(4), .szip = 5), HI5_E_ARG, "blocks of 5"},
        {HI5_I16, OPTIONS(.chunk = U(4), .szip = 8), HI5_E_ARG, "a chunk has 4"},
    };
    const size_t n = sizeof row / sizeof *row - (hi5_filter_can_encode(4) ? 0 : 3);

    for (size_t i = 0; i < n; i++) {
        hi5_dataset *d = NULL;
        hi5_error err;

        ck_status(
            hi5_dataset_create(f, "/d", row[i].type, 1, U(9), &row[i].o, &d, &err),
            row[i].status);
        ck_assert_msg(strstr(err.message, row[i].words) != NULL, "%s", err.message);
        ck_assert_ptr_null(d);
    }
    hi5_type_free(many);
    ck_ok(hi5_close(f, NULL), &(hi5_error){0});
}
END_TEST

/* ---- a filter of the caller's ---- */

static hi5_status
turn(void *ctx, const hi5_filter *f, const void *src, size_t n, void *dst, size_t cap,
     size_t *out, hi5_error *err)
{
    const uint8_t *const from = src;
    uint8_t *const to = dst;

    (void)f;
    (void)err;
    if (*(const bool *)ctx)
        return HI5_E_RANGE;
    ck_assert_uint_ge(cap, n);
    for (size_t i = 0; i < n; i++)
        to[i] = from[i] ^ 0xff;
    *out = n;
    return HI5_OK;
}

static void
raw_is(hi5_dataset *d, uint64_t at, uint32_t mask, const char *bytes, size_t n)
{
    hi5_chunk k;
    char got[16];
    hi5_error err;

    ck_ok(hi5_dataset_get_chunk(d, U(at), &k, &err), &err);
    ck_assert_uint_eq(k.mask, mask);
    ck_assert_uint_eq(k.size, n);
    ck_ok(hi5_dataset_read_raw_chunk(d, &k, got, &err), &err);
    ck_assert_mem_eq(got, bytes, n);
}

/* FILT-05: it does not do for a chunk: the mask says so, or the write fails, and what was
 * committed stays. */
START_TEST(own_filter)
{
    bool fails = false;
    const hi5_filter_plugin own = {60000, "turn", turn, &fails, turn};
    hi5_file *const f = memory_file(&own, 1);
    hi5_filter pipe = {60000, 1, "turn", 0, NULL};
    const hi5_dataset_options o =
        OPTIONS(.chunk = U(4), .filters = &pipe, .nfilters = 1);
    hi5_dataset *const d = make(f, HI5_U8, 1, U(8), &o);
    hi5_dataset *must;
    uint8_t got[8];
    hi5_error err;

    ck_ok(hi5_dataset_write_slab(d, U(0), U(4), HI5_U8, "\1\2\3\4", &err), &err);
    fails = true;
    ck_ok(hi5_dataset_write_slab(d, U(4), U(4), HI5_U8, "\5\6\7\10", &err), &err);
    fails = false;
    raw_is(d, 0, 0, "\xfe\xfd\xfc\xfb", 4);
    raw_is(d, 4, 1, "\5\6\7\10", 4);
    ck_ok(hi5_dataset_read(d, NULL, HI5_U8, got, &err), &err);
    ck_assert_mem_eq(got, "\1\2\3\4\5\6\7\10", 8);
    hi5_dataset_close(d);

    pipe.flags = 0;
    must = make(f, HI5_U8, 1, U(8), &o);
    ck_ok(hi5_dataset_write(must, NULL, HI5_U8, "abcdefgh", &err), &err);
    ck_ok(hi5_flush(f, HI5_SAFE, &err), &err);
    fails = true;
    ck_status(hi5_dataset_write(must, NULL, HI5_U8, "ABCDEFGH", &err), HI5_E_FILTER);
    ck_assert_ptr_nonnull(strstr(err.message, "filter 60000 (turn): "));
    fails = false;
    ck_ok(hi5_abort(f, &err), &err);
    ck_ok(hi5_dataset_read(must, NULL, HI5_U8, got, &err), &err);
    ck_assert_mem_eq(got, "abcdefgh", 8);
    hi5_dataset_close(must);
    ck_ok(hi5_close(f, &err), &err);
}
END_TEST

/* A stored chunk that no filter was applied to has the size of a chunk. */
START_TEST(raw_unfiltered)
{
    hi5_file *const f = memory_file(NULL, 0);
    const hi5_dataset_options o = OPTIONS(.chunk = U(4), .shuffle = true, .deflate = 1);
    hi5_dataset *const d = make(f, HI5_U8, 1, U(8), &o);
    uint8_t got[8];
    hi5_error err;

    ck_status(hi5_dataset_write_raw_chunk(d, U(0), 3, "abc", 3, &err), HI5_E_ARG);
    ck_status(hi5_dataset_write_raw_chunk(d, U(0), 7, "abcde", 5, &err), HI5_E_ARG);
    ck_status(hi5_dataset_write_raw_chunk(d, U(0), 0, "", 0, &err), HI5_E_ARG);
    ck_ok(hi5_dataset_write_raw_chunk(d, U(0), 3, "abcd", 4, &err), &err);
    ck_ok(hi5_dataset_read(d, NULL, HI5_U8, got, &err), &err);
    ck_assert_mem_eq(got, "abcd\0\0\0\0", 8);
    hi5_dataset_close(d);
    ck_ok(hi5_close(f, &err), &err);
}
END_TEST

/* ---- what libhdf5 reads ---- */

START_TEST(read_by_libhdf5)
{
    hi5_file *const f = written_create("filters.h5", HI5_COMPAT_DEFAULT);
    const struct {
        const char *path;
        const hi5_type *type;
        hi5_dataset_options o;
    } row[] = {
        {"/so", HI5_I32, OPTIONS(.chunk = U(8), .scaleoffset = true)},
        {"/digits", HI5_F64, OPTIONS(.chunk = U(8), .scaleoffset = true, .scale = 1)},
        {"/nbit", HI5_I32, OPTIONS(.chunk = U(8), .nbit = true)},
        {"/all", HI5_I16,
         OPTIONS(.chunk = U(8), .nbit = true, .shuffle = true, .deflate = 9,
                 .fletcher32 = true)},
        {"/szip", HI5_I32, OPTIONS(.chunk = U(8), .szip = 4)},
    };
    const int v[] = {0, 1, -2, 3, 40, -50, 6, 7, 8, 90, 10};
    hi5_error err;

    for (size_t i = 0; i < 5; i++) {
        hi5_dataset *d;

        if (row[i].o.szip != 0 && !hi5_filter_can_encode(4))
            continue;
        ck_ok(hi5_dataset_create(f, row[i].path, row[i].type, 1, U(11), &row[i].o, &d,
                                 &err),
              &err);
        ck_ok(hi5_dataset_write(d, NULL, HI5_I32, v, &err), &err);
        hi5_dataset_close(d);
    }
    ck_ok(hi5_close(f, &err), &err);
    for (size_t i = 0; i < 5; i++) {
        char which[32];

        if (row[i].o.szip != 0 && !hi5_filter_can_encode(4))
            continue;
        snprintf(which, sizeof which, "-d %s", row[i].path);
        ck_dump("filters.h5", which, "(0): 0, 1, -2, 3, 40, -50, 6, 7, 8, 90, 10");
    }
}
END_TEST

Suite *
suite_write_filter(void)
{
    Suite *const s = suite_create("write_filter");
    TCase *const c = tcase_create("write_filter");

    tcase_add_test(c, several);
    tcase_add_test(c, scaleoffset);
    tcase_add_test(c, szip);
    tcase_add_test(c, nbit);
    tcase_add_test(c, nbit_array);
    tcase_add_test(c, given);
    tcase_add_test(c, refused);
    tcase_add_test(c, own_filter);
    tcase_add_test(c, raw_unfiltered);
    tcase_add_test(c, read_by_libhdf5);
    suite_add_tcase(s, c);
    return s;
}
