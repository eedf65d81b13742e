/*
 * test_chunk_index.c - one interface over six kinds of chunk index
 *                                          [FMT VII.A, VII.B, VII.C, VII.D, VII.E]
 *
 * Where a test says "libhdf5", it has the bytes that libhdf5 1.10.8 wrote, at the
 * addresses where it wrote them.
 */
#include "btree/chunk_table.h"
#include "image.h"

Suite *suite_chunk_index(void);

#define UNLIMITED HI5_UNLIMITED

/* A list of chunks to compare with: coordinates (at most 5), address, size, mask. */
struct want {
    uint64_t scaled[5], addr, size;
    uint32_t mask;
};

struct walk {
    const struct want *want;
    unsigned n, rank;
};

static hi5_status
see(void *ctx, const struct cix_chunk *k, hi5_error *err)
{
    struct walk *const w = ctx;
    const struct want *const want = &w->want[w->n++];

    (void)err;
    for (unsigned i = 0; i < w->rank; i++)
        ck_assert_uint_eq(k->scaled[i], want->scaled[i]);
    ck_assert_uint_eq(k->addr, want->addr);
    ck_assert_uint_eq(k->size, want->size);
    ck_assert_uint_eq(k->mask, want->mask);
    return HI5_OK;
}

/* The table has what a search has found, or not. */
static void
same_in_table(const struct cix_table *t, const uint64_t *at, unsigned rank,
              hi5_status found, const struct cix_chunk *due)
{
    struct cix_chunk k;

    ck_assert_int_eq(cix_table_find(t, at, &k), found);
    if (found != HI5_OK)
        return;
    ck_assert_mem_eq(k.scaled, at, rank * sizeof *at);
    ck_assert_uint_eq(k.addr, due->addr);
    ck_assert_uint_eq(k.size, due->size);
    ck_assert_uint_eq(k.mask, due->mask);
}

/* Open, list, find each by itself; and (CHUNK-09) find no other in the extent. The last
 * `outside` chunks are stored, but outside the extent. */
static void
expect_some(struct image *im, const struct cix_params *p, const struct want *want,
            unsigned n, unsigned outside)
{
    struct walk w = {want, 0, p->rank};
    uint64_t at[HI5_MAX_RANK] = {0}, total = 1;
    unsigned found = 0;
    const struct cix_table *t;
    const struct cix *x;

    ck_ok(cix_open(&im->meta, p, &im->arena, &x, &im->err), &im->err);
    ck_ok(cix_each(x, see, &w, &im->err), &im->err);
    t = cix_table_make(x, p, im->meta.mem);
    ck_assert_ptr_nonnull(t);
    ck_assert_uint_eq(w.n, n);
    for (unsigned i = 0; i < p->rank; i++)
        total *= (p->dims[i] + p->chunk[i] - 1) / p->chunk[i];
    for (uint64_t i = 0; i < total; i++) {
        struct cix_chunk k;
        const hi5_status s = cix_find(x, at, &k, &im->err);
        same_in_table(t, at, p->rank, s, &k);
        if (s == HI5_OK) {
            for (w.n = 0; w.n < n; w.n++)
                if (memcmp(want[w.n].scaled, at, p->rank * sizeof *at) == 0)
                    break;
            ck_assert_uint_lt(w.n, n);
            see(&w, &k, &im->err);
            found++;
        } else {
            ck_assert_int_eq(s, HI5_E_NOTFOUND);
        }
        for (unsigned d = p->rank; d-- > 0;) {
            if (++at[d] < (p->dims[d] + p->chunk[d] - 1) / p->chunk[d])
                break;
            at[d] = 0;
        }
    }
    ck_assert_uint_eq(found, n - outside);
    for (unsigned i = n - outside; i < n; i++) {
        struct cix_chunk k;
        ck_status(cix_find(x, want[i].scaled, &k, &im->err), HI5_E_NOTFOUND);
        ck_status(cix_table_find(t, want[i].scaled, &k), HI5_E_NOTFOUND);
    }
    cix_table_free(t);
}

static void
expect(struct image *im, const struct cix_params *p, const struct want *want,
       unsigned n)
{
    expect_some(im, p, want, n, 0);
}

static void
refuse(struct image *im, const struct cix_params *p, hi5_status status,
       const char *field)
{
    const struct cix *x;

    ck_status(cix_open(&im->meta, p, &im->arena, &x, &im->err), status);
    ck_assert_ptr_null(x);
    ck_assert_str_eq(im->err.field, field);
}

/* ---- what libhdf5 wrote ---- */

#define NONE8 "ffffffffffffffff "
#define ZERO8 "0000000000000000 "

/* CHUNK-01, CHUNK-32: (10,10) of at most (20,10), chunks (4,4): rows of 3 chunks. */
START_TEST(fixed_array)
{
    const struct want want[] = {{{0, 0}, 0x800, 16, 0}, {{2, 1}, 0x810, 16, 0}};
    struct cix_params p = {.kind = HI5_INDEX_FIXED_ARRAY,
                           .layout_version = 4,
                           .rank = 2,
                           .chunk = {4, 4},
                           .dims = {10, 10},
                           .max = {20, 10},
                           .chunk_bytes = 16,
                           .addr = 0x1df,
                           .fa_page_bits = 10};
    struct image im;

    image_init(&im, 8, 8);
    image_hex(&im, 0x1df,
              "46414844 0000080a 0f00000000000000 fb01000000000000 c67e39ee");
    image_hex(&im, 0x1fb,
              "46414442 0000 df01000000000000 0008000000000000 " NONE8 NONE8 NONE8 NONE8
                  NONE8 NONE8
              "1008000000000000 " NONE8 NONE8 NONE8 NONE8 NONE8 NONE8 NONE8 "ebe7006e");
    image_open(&im);
    expect(&im, &p, want, 2);
    p.dims[0] = 8; /* shrunk: a slot outside the extent may still be set */
    expect_some(&im, &p, want, 2, 1);
    p.max[0] = 24;
    refuse(&im, &p, HI5_E_CORRUPT, "entries");
    p.max[0] = UNLIMITED;
    refuse(&im, &p, HI5_E_CORRUPT, "index");
    p.max[0] = 20;
    p.filtered = true;
    refuse(&im, &p, HI5_E_CORRUPT, "client");
    image_close(&im);
}
END_TEST

START_TEST(fixed_array_filtered)
{
    const struct want want[] = {{{1}, 0x820, 2, 1}, {{4}, 0x822, 5, 0}};
    struct cix_params p = {.kind = HI5_INDEX_FIXED_ARRAY,
                           .layout_version = 4,
                           .rank = 1,
                           .chunk = {4},
                           .dims = {20},
                           .max = {20},
                           .chunk_bytes = 4,
                           .filtered = true,
                           .addr = 0x3a1,
                           .fa_page_bits = 10};
    struct image im;

    image_init(&im, 8, 8);
    image_hex(&im, 0x3a1,
              "46414844 00010e0a 0500000000000000 bd03000000000000 aa0c009e");
    image_hex(&im, 0x3bd,
              "46414442 0001 a103000000000000 " NONE8 "000000000000 "
              "2008000000000000 0200 01000000 " NONE8 "000000000000 " NONE8
              "000000000000 2208000000000000 0500 00000000 c888199d");
    image_open(&im);
    expect(&im, &p, want, 2);
    p.chunk_bytes = 256; /* CHUNK-07: a size would be 3 bytes wide */
    refuse(&im, &p, HI5_E_CORRUPT, "entry size");
    p.chunk_bytes = 4;
    p.layout_version = 5; /* 8 bytes */
    refuse(&im, &p, HI5_E_CORRUPT, "entry size");
    image_close(&im);
}
END_TEST

/* CHUNK-43: types 10 and 11; coordinates in chunks, the rank from the layout. */
START_TEST(btree2)
{
    const struct want want[] = {{{0, 0}, 0x800, 9, 0}, {{2, 1}, 0x809, 9, 0}};
    struct cix_params p = {.kind = HI5_INDEX_BTREE2,
                           .layout_version = 4,
                           .rank = 2,
                           .chunk = {3, 3},
                           .dims = {9, 9},
                           .max = {UNLIMITED, UNLIMITED},
                           .chunk_bytes = 9,
                           .addr = 0x1df};
    struct image im;

    image_init(&im, 8, 8);
    image_hex(&im, 0x1df,
              "42544844 000a 00080000 1800 0000 6428 0010000000000000 0200 "
              "0200000000000000 e2f7ca2f");
    image_hex(&im, 0x1000,
              "42544c46 000a 0008000000000000 " ZERO8 ZERO8
              "0908000000000000 0200000000000000 0100000000000000 ffa315a3");
    image_open(&im);
    expect(&im, &p, want, 2);
    p.filtered = true;
    refuse(&im, &p, HI5_E_CORRUPT, "type");
    p.filtered = false;
    p.rank = 3;
    p.chunk[2] = 1;
    refuse(&im, &p, HI5_E_CORRUPT, "record size");
    image_close(&im);
}
END_TEST

START_TEST(btree2_filtered)
{
    const struct want want[] = {{{0, 0}, 0x812, 1, 0}, {{2, 1}, 0x813, 3, 0}};
    const struct cix_params p = {.kind = HI5_INDEX_BTREE2,
                                 .layout_version = 4,
                                 .rank = 2,
                                 .chunk = {3, 3},
                                 .dims = {9, 9},
                                 .max = {UNLIMITED, UNLIMITED},
                                 .chunk_bytes = 9,
                                 .filtered = true,
                                 .addr = 0x321};
    struct image im;

    image_init(&im, 8, 8);
    image_hex(&im, 0x321,
              "42544844 000b 00080000 1e00 0000 6428 0018000000000000 0200 "
              "0200000000000000 21e8d61b");
    image_hex(&im, 0x1800,
              "42544c46 000b 1208000000000000 0100 00000000 " ZERO8 ZERO8
              "1308000000000000 0300 00000000 0200000000000000 "
              "0100000000000000 9067dff6");
    image_open(&im);
    expect(&im, &p, want, 2);
    image_close(&im);
}
END_TEST

/* The chunk tree of an (8,9) dataset in (4,3) chunks, deflated, K = 2. */
#define KEY0 "01000000 00000000 " ZERO8 ZERO8 ZERO8 "0008000000000000 "
#define KEY1 "01000000 00000000 " ZERO8 "0600000000000000 " ZERO8 "0108000000000000 "
#define KEY2                                                                           \
    "02000000 01000000 0400000000000000 0300000000000000 " ZERO8 "0208000000000000 "
#define KEY3 "00000000 00000000 0800000000000000 0600000000000000 0100000000000000"
#define TREE3 "54524545 01 00 0300 " NONE8 NONE8

static const struct cix_params tree_params = {
    .kind = HI5_INDEX_BTREE1,
    .layout_version = 3,
    .rank = 2,
    .chunk = {4, 3},
    .dims = {8, 9},
    .max = {UNLIMITED, 9},
    .chunk_bytes = 12,
    .filtered = true,
    .addr = 0x31c,
    .k = 2,
};

/* CHUNK-18: keys are in elements. */
START_TEST(btree1)
{
    const struct want want[] = {
        {{0, 0}, 0x800, 1, 0}, {{0, 2}, 0x801, 1, 0}, {{1, 1}, 0x802, 2, 1}};
    struct cix_params p = tree_params;
    struct image im;

    image_init(&im, 8, 8);
    image_hex(&im, 0x31c, TREE3 KEY0 KEY1 KEY2 KEY3);
    image_open(&im);
    expect(&im, &p, want, 3);
    p.rank = 33;
    refuse(&im, &p, HI5_E_CORRUPT, "rank");
    p.rank = 0;
    refuse(&im, &p, HI5_E_CORRUPT, "rank");
    p.rank = 2;
    p.chunk[1] = 0;
    refuse(&im, &p, HI5_E_CORRUPT, "chunk dimensions");
    p.chunk[1] = 3;
    p.chunk_bytes = 0;
    refuse(&im, &p, HI5_E_CORRUPT, "chunk size");
    image_close(&im);
}
END_TEST

/* 300 entries: in the index block, in a data block on it, below a super block. */
START_TEST(extensible_array)
{
    const struct want want[] = {
        {{0}, 0x800, 1, 0}, {{5}, 0x801, 1, 0}, {{250}, 0x802, 1, 0}};
    struct cix_params p = {.kind = HI5_INDEX_EXTENSIBLE_ARRAY,
                           .layout_version = 4,
                           .rank = 1,
                           .chunk = {1},
                           .dims = {300},
                           .max = {UNLIMITED},
                           .chunk_bytes = 1,
                           .addr = 0x1df};
    struct image im;

    image_init(&im, 8, 8);
    image_hex(&im, 0x1df,
              "45414844 00000820 0410040a 0100000000000000 3600000000000000 "
              "0200000000000000 ac02000000000000 fb00000000000000 "
              "5400000000000000 2702000000000000 b3643873");
    image_hex(&im, 0x227,
              "45414942 0000 df01000000000000 0008000000000000 " NONE8 NONE8 NONE8
              "5103000000000000 " NONE8 NONE8 NONE8 NONE8 NONE8 "e703000000000000");
    for (int i = 0; i < 24; i++)
        image_addr(&im, UINT64_MAX);
    image_sum(&im, 0x227);
    image_hex(&im, 0x351,
              "45414442 0000 df01000000000000 00000000 " NONE8 "0108000000000000");
    for (int i = 0; i < 14; i++)
        image_addr(&im, UINT64_MAX);
    image_sum(&im, 0x351);
    image_hex(
        &im, 0x3e7,
        "45415342 0000 df01000000000000 f0000000 1d04000000000000 " NONE8 NONE8 NONE8
        "a3543f17");
    image_hex(&im, 0x41d, "45414442 0000 df01000000000000 f0000000");
    for (int i = 0; i < 64; i++)
        image_addr(&im, i == 6 ? 0x802 : UINT64_MAX);
    image_sum(&im, 0x41d);
    image_open(&im);
    expect(&im, &p, want, 3);
    p.dims[0] = 250;
    expect_some(&im, &p, want, 3, 1);
    /* CHUNK-14: an extensible array has one unlimited dimension. */
    p.max[0] = 300;
    refuse(&im, &p, HI5_E_CORRUPT, "index");
    p.rank = 2;
    p.chunk[1] = p.dims[1] = 1;
    p.max[0] = p.max[1] = UNLIMITED;
    refuse(&im, &p, HI5_E_CORRUPT, "index");
    image_close(&im);
}
END_TEST

/* ---- arrays made here ---- */

/* An extensible array whose first 200 entries, address 1000 + slot, are in the index
 * block; at address 64. */
static void
put_ea(struct image *im)
{
    const uint64_t index = 64 + 72;

    image_hex(im, 64, "45414844 00 00 08 20 c8 10 04 0a");
    for (int i = 0; i < 6; i++)
        image_len(im, 0);
    image_addr(im, index);
    image_sum(im, 64);
    image_text(im, "EAIB");
    image_uint(im, 2, 0);
    image_addr(im, 64);
    for (unsigned i = 0; i < 200; i++)
        image_addr(im, 1000 + i);
    for (int i = 0; i < 6 + 25; i++)
        image_addr(im, UINT64_MAX);
    image_sum(im, index);
}

/* CHUNK-02: the unlimited dimension, wherever it is, counts as the first. Slots are
 * spelled out: coordinates of a chunk, and its slot. */
static const struct {
    unsigned rank;
    uint64_t dims[4], max[4], chunk[4], scaled[4], slot;
} places[] = {
    {1, {9}, {UNLIMITED}, {2}, {4}, 4},
    {2, {10, 10}, {UNLIMITED, 10}, {4, 3}, {2, 3}, 2 * 4 + 3},
    {2, {10, 10}, {10, UNLIMITED}, {4, 3}, {2, 3}, 3 * 3 + 2},
    {2, {6, 6}, {UNLIMITED, 12}, {2, 2}, {1, 2}, 1 * 6 + 2}, /* CHUNK-01 */
    {3, {4, 6, 8}, {UNLIMITED, 6, 10}, {2, 2, 2}, {1, 2, 3}, 1 * 15 + 2 * 5 + 3},
    {3, {4, 6, 8}, {4, UNLIMITED, 10}, {2, 2, 2}, {1, 2, 3}, 2 * 10 + 1 * 5 + 3},
    {3, {4, 6, 8}, {4, 6, UNLIMITED}, {2, 2, 2}, {1, 2, 3}, 3 * 6 + 1 * 3 + 2},
    {4, {4, 4, 4, 4}, {4, 4, UNLIMITED, 5}, {2, 2, 2, 2}, {1, 0, 1, 1}, 12 + 6 + 0 + 1},
    {4, {4, 4, 4, 4}, {4, 5, 4, UNLIMITED}, {2, 2, 2, 2}, {1, 1, 0, 1}, 12 + 6 + 2 + 0},
};

START_TEST(unlimited_dimension_first)
{
    struct cix_params p = {.kind = HI5_INDEX_EXTENSIBLE_ARRAY,
                           .layout_version = 4,
                           .rank = places[_i].rank,
                           .chunk_bytes = 8,
                           .addr = 64};
    const struct cix *x;
    struct cix_chunk k;
    struct image im;
    uint64_t far_off[HI5_MAX_RANK], back[HI5_MAX_RANK];

    memcpy(p.dims, places[_i].dims, sizeof places[_i].dims);
    memcpy(p.max, places[_i].max, sizeof places[_i].max);
    memcpy(p.chunk, places[_i].chunk, sizeof places[_i].chunk);
    image_init(&im, 8, 8);
    put_ea(&im);
    image_open(&im);
    ck_ok(cix_open(&im.meta, &p, &im.arena, &x, &im.err), &im.err);
    ck_ok(cix_find(x, places[_i].scaled, &k, &im.err), &im.err);
    ck_assert_uint_eq(k.addr, 1000 + places[_i].slot);
    ck_assert_uint_eq(k.size, 8);
    cix_coordinates(x, places[_i].slot, back);
    for (unsigned i = 0; i < p.rank; i++)
        ck_assert_uint_eq(back[i], places[_i].scaled[i]);
    memcpy(far_off, places[_i].scaled, sizeof places[_i].scaled);
    far_off[p.rank - 1] = 100;
    ck_status(cix_find(x, far_off, &k, &im.err), HI5_E_NOTFOUND);
    image_close(&im);
}
END_TEST

static hi5_status
find_same(void *ctx, const struct cix_chunk *k, hi5_error *err)
{
    struct walk *const w = ctx;

    (void)err;
    ck_assert_uint_eq(k->addr, 1000 + w->n);
    ck_assert_uint_eq(k->scaled[0], w->n % 6);
    ck_assert_uint_eq(k->scaled[1], w->n / 6);
    w->n++;
    return HI5_OK;
}

/* 200 slots are set, of which 15 are in the extent of 5 by 3 chunks: all are stored,
 * and their coordinates follow from the maximum extent. */
START_TEST(slots_beyond_the_extent)
{
    struct cix_params p = {.kind = HI5_INDEX_EXTENSIBLE_ARRAY,
                           .layout_version = 4,
                           .rank = 2,
                           .chunk = {2, 2},
                           .dims = {9, 5},
                           .max = {12, UNLIMITED},
                           .chunk_bytes = 4,
                           .addr = 64};
    struct walk w = {0};
    const struct cix *x;
    struct cix_chunk k;
    unsigned found = 0;
    struct image im;

    image_init(&im, 8, 8);
    put_ea(&im);
    image_open(&im);
    ck_ok(cix_open(&im.meta, &p, &im.arena, &x, &im.err), &im.err);
    ck_ok(cix_each(x, find_same, &w, &im.err), &im.err);
    ck_assert_uint_eq(w.n, 200);
    for (uint64_t i = 0; i < 36; i++)
        found += cix_find(x, (const uint64_t[]){i / 6, i % 6}, &k, &im.err) == HI5_OK;
    ck_assert_uint_eq(found, 15);

    /* Offsets of chunks must be numbers: slot 6's would be 2^64. */
    p.chunk[1] = UINT64_C(1) << 63;
    w.n = 0;
    ck_ok(cix_open(&im.meta, &p, &im.arena, &x, &im.err), &im.err);
    ck_status(cix_each(x, find_same, &w, &im.err), HI5_E_CORRUPT);
    ck_assert_uint_eq(w.n, 12);
    image_close(&im);
}
END_TEST

/* CHUNK-37: a slot number that needs more than 64 bits is no chunk. */
START_TEST(slots_beyond_64_bits)
{
    const uint64_t big = UINT64_C(1) << 62;
    const struct cix_params p = {.kind = HI5_INDEX_EXTENSIBLE_ARRAY,
                                 .layout_version = 4,
                                 .rank = 3,
                                 .chunk = {1, 1, 1},
                                 .dims = {big, big, big},
                                 .max = {UNLIMITED, big, big},
                                 .chunk_bytes = 1,
                                 .addr = 64};
    const struct cix *x;
    struct cix_chunk k;
    struct image im;

    image_init(&im, 8, 8);
    put_ea(&im);
    image_open(&im);
    ck_ok(cix_open(&im.meta, &p, &im.arena, &x, &im.err), &im.err);
    ck_ok(cix_find(x, (const uint64_t[]){0, 0, 7}, &k, &im.err), &im.err);
    ck_assert_uint_eq(k.addr, 1007);
    for (int i = 0; i < 3; i++) {
        const uint64_t at[3] = {i == 0 ? 1 : 0, i == 1 ? 5 : 0, i == 2 ? big - 1 : 0};
        ck_status(cix_find(x, at, &k, &im.err), HI5_E_NOTFOUND);
    }
    image_close(&im);
}
END_TEST

/* CHUNK-07: 1 + (log2(chunk) + 8) / 8 bytes, at most 8; in layout version 5 L bytes. */
START_TEST(size_widths)
{
    static const struct {
        uint64_t chunk;
        unsigned w;
    } row[] = {{1, 2},          {48, 2},         {255, 2},        {256, 3},
               {65535, 3},      {65536, 4},      {0xffffff, 4},   {0x1000000, 5},
               {UINT32_MAX, 5}, {1ull << 32, 6}, {1ull << 48, 8}, {1ull << 56, 8},
               {UINT64_MAX, 8}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        ck_assert_uint_eq(cix_size_width(4, row[i].chunk, 8), row[i].w);
        ck_assert_uint_eq(cix_size_width(5, row[i].chunk, 8), 8);
        ck_assert_uint_eq(cix_size_width(5, row[i].chunk, 4), 4);
    }
}
END_TEST

/* Layout version 5: sizes are L wide, here 4, in an array and in a tree. */
START_TEST(version_5)
{
    const struct want want = {{1}, 0x300, 0x12345, 2};
    struct cix_params p = {.kind = HI5_INDEX_FIXED_ARRAY,
                           .layout_version = 5,
                           .rank = 1,
                           .chunk = {4},
                           .dims = {8},
                           .max = {8},
                           .chunk_bytes = 4,
                           .filtered = true,
                           .addr = 64};
    struct image im;

    image_init(&im, 8, 4);
    image_hex(&im, 64, "46414844 00 01 10 0a 02000000 5800000000000000");
    image_sum(&im, 64);
    image_hex(&im, 0x58,
              "46414442 00 01 4000000000000000 " NONE8 ZERO8 "0003000000000000 "
              "45230100 02000000");
    image_sum(&im, 0x58);
    image_hex(&im, 0x100,
              "42544844 000b 00020000 1800 0000 6428 0002000000000000 0100 "
              "01000000");
    image_sum(&im, 0x100);
    image_hex(&im, 0x200,
              "42544c46 000b 0003000000000000 45230100 02000000 "
              "0100000000000000");
    image_sum(&im, 0x200);
    image_open(&im);
    expect(&im, &p, &want, 1);
    p.kind = HI5_INDEX_BTREE2;
    p.addr = 0x100;
    expect(&im, &p, &want, 1);
    image_close(&im);
}
END_TEST

/* ---- no index: a single chunk, implicit ---- */

START_TEST(single)
{
    const struct want plain = {{0, 0}, 0xb4c, 280, 0},
                      filtered = {{0, 0}, 0xb4c, 0x74, 1};
    struct cix_params p = {.kind = HI5_INDEX_SINGLE,
                           .layout_version = 4,
                           .rank = 2,
                           .chunk = {10, 7},
                           .dims = {10, 7},
                           .max = {10, 7},
                           .chunk_bytes = 280,
                           .addr = 0xb4c};
    struct image im;

    image_init(&im, 8, 8);
    image_open(&im);
    expect(&im, &p, &plain, 1);
    p.filtered = true; /* CHUNK-25: size and mask are in the layout message */
    p.single_size = 0x74;
    p.single_mask = 1;
    expect(&im, &p, &filtered, 1);
    p.dims[0] = 4;
    expect(&im, &p, &filtered, 1);
    p.dims[0] = 0;
    expect(&im, &p, NULL, 0);
    p.dims[0] = 10;
    p.addr = ADDR_NONE;
    expect(&im, &p, NULL, 0);
    p.dims[0] = p.max[0] = 11; /* CHUNK-14 */
    refuse(&im, &p, HI5_E_CORRUPT, "index");
    image_close(&im);
}
END_TEST

/* CHUNK-28: slots of the maximum extent, also where the extent is smaller. */
START_TEST(implicit)
{
    const struct want want[] = {{{0, 0}, 100, 12, 0},
                                {{0, 1}, 112, 12, 0},
                                {{1, 0}, 100 + 4 * 12, 12, 0},
                                {{1, 1}, 100 + 5 * 12, 12, 0}};
    struct cix_params p = {.kind = HI5_INDEX_IMPLICIT,
                           .layout_version = 4,
                           .rank = 2,
                           .chunk = {3, 2},
                           .dims = {5, 3},
                           .max = {9, 8},
                           .chunk_bytes = 12,
                           .addr = 100};
    const struct cix *x;
    struct cix_chunk k;
    struct image im;

    image_init(&im, 8, 8);
    image_seek(&im, 100 + 6 * 12);
    image_open(&im);
    expect(&im, &p, want, 4);
    p.dims[1] = 8; /* its last chunks are not in the file */
    ck_ok(cix_open(&im.meta, &p, &im.arena, &x, &im.err), &im.err);
    ck_status(cix_find(x, (const uint64_t[]){1, 3}, &k, &im.err), HI5_E_TRUNCATED);
    p.max[0] = UNLIMITED;
    refuse(&im, &p, HI5_E_CORRUPT, "index");
    p.max[0] = 4;
    refuse(&im, &p, HI5_E_CORRUPT, "dimensions");
    image_close(&im);
}
END_TEST

static hi5_status
count(void *ctx, const struct cix_chunk *k, hi5_error *err)
{
    (void)k;
    (void)err;
    ++*(unsigned *)ctx;
    return HI5_OK;
}

/* EVIL-24: an extent of 2^60 chunks in a file with room for ten. */
START_TEST(implicit_bomb)
{
    const struct cix_params p = {.kind = HI5_INDEX_IMPLICIT,
                                 .layout_version = 4,
                                 .rank = 1,
                                 .chunk = {1},
                                 .dims = {UINT64_C(1) << 60},
                                 .max = {UINT64_C(1) << 60},
                                 .chunk_bytes = 8,
                                 .addr = 64};
    const struct cix *x;
    unsigned n = 0;
    struct image im;

    image_init(&im, 8, 8);
    image_seek(&im, 64 + 80);
    image_open(&im);
    ck_ok(cix_open(&im.meta, &p, &im.arena, &x, &im.err), &im.err);
    ck_status(cix_each(x, count, &n, &im.err), HI5_E_TRUNCATED);
    ck_assert_uint_eq(n, 10);
    ck_at(&im.err, 64, "chunk index", "chunk 10 is past the end");
    image_close(&im);
}
END_TEST

/* ---- nothing written: CHUNK-09, CHUNK-13 ---- */

START_TEST(no_chunks)
{
    for (int kind = HI5_INDEX_BTREE1; kind <= HI5_INDEX_BTREE2; kind++) {
        struct cix_params p = {.kind = (hi5_chunk_index)kind,
                               .layout_version = 4,
                               .rank = 1,
                               .chunk = {7},
                               .dims = {7},
                               .max = {7},
                               .chunk_bytes = 7,
                               .addr = ADDR_NONE};
        struct image im;

        if (kind == HI5_INDEX_EXTENSIBLE_ARRAY || kind == HI5_INDEX_BTREE2)
            p.max[0] = UNLIMITED;
        image_init(&im, 8, 8);
        image_open(&im);
        expect(&im, &p, NULL, 0);
        p.dims[0] = 0;
        expect(&im, &p, NULL, 0);
        image_close(&im);
    }
}
END_TEST

/* ---- trees: broken, and unusual ---- */

static hi5_status
walk_tree(const char *hex, const struct cix_params *p, unsigned *n, hi5_status *found,
          hi5_error *err)
{
    struct image im;
    const struct cix *x;
    struct cix_chunk k;
    hi5_status s;

    *n = 0;
    image_init(&im, 8, 8);
    image_hex(&im, 0x31c, hex);
    image_open(&im);
    ck_ok(cix_open(&im.meta, p, &im.arena, &x, &im.err), &im.err);
    s = cix_each(x, count, n, &im.err);
    *err = im.err;
    *found = cix_find(x, (const uint64_t[]){1, 1}, &k, &im.err);
    image_close(&im);
    return s;
}

START_TEST(tree_keys)
{
    struct cix_params p = tree_params;
    hi5_error err;
    hi5_status found;
    unsigned n;

    /* an offset within a chunk */
    ck_status(walk_tree(TREE3 KEY0 KEY1 "02000000 01000000 0400000000000000 "
                                        "0400000000000000 " ZERO8
                                        "0208000000000000 " KEY3,
                        &p, &n, &found, &err),
              HI5_E_CORRUPT);
    ck_assert_uint_eq(n, 2);
    ck_at(&err, 0x31c, "chunk index", "not a multiple");
    /* CHUNK-21: a last key of all ones bounds as well as any */
    ck_ok(walk_tree(TREE3 KEY0 KEY1 KEY2 NONE8 NONE8 NONE8 NONE8, &p, &n, &found, &err),
          &err);
    ck_assert_uint_eq(n, 3);
    ck_assert_int_eq(found, HI5_OK);
    /* a child without an address has not been written */
    ck_ok(walk_tree(TREE3 KEY0 KEY1 "02000000 01000000 0400000000000000 "
                                    "0300000000000000 " ZERO8 NONE8 KEY3,
                    &p, &n, &found, &err),
          &err);
    ck_assert_uint_eq(n, 2);
    ck_assert_int_eq(found, HI5_E_NOTFOUND);

    /* CHUNK-11: an unfiltered chunk has one size */
    p.filtered = false;
    ck_status(walk_tree(TREE3 KEY0 KEY1 KEY2 KEY3, &p, &n, &found, &err),
              HI5_E_CORRUPT);
    ck_assert_str_eq(err.field, "chunk size");
    ck_assert_int_eq(found, HI5_E_CORRUPT);
    p.chunk_bytes = 1;
    ck_status(walk_tree(TREE3 KEY0 KEY1 KEY2 KEY3, &p, &n, &found, &err),
              HI5_E_CORRUPT);
    ck_assert_uint_eq(n, 2); /* the third has size 2 */
}
END_TEST

/* CHUNK-39: records in the order of writing. CHUNK-43: rank 2 to 5. */
START_TEST(records)
{
    for (unsigned rank = 1; rank <= 5; rank++) {
        for (int wrong = 0; wrong < 3; wrong++) {
            struct cix_params p = {.kind = HI5_INDEX_BTREE2,
                                   .layout_version = 4,
                                   .rank = rank,
                                   .chunk_bytes = 6,
                                   .addr = 64};
            struct want want[2] = {{{0}, 500, 6, 0}, {{0}, 600, 6, 0}};
            struct image im;

            for (unsigned i = 0; i < rank; i++) {
                p.chunk[i] = p.dims[i] = 2;
                p.max[i] = UNLIMITED;
            }
            p.dims[rank - 1] = 10;
            want[0].scaled[rank - 1] = wrong == 0 ? 3 : 4;
            want[1].scaled[rank - 1] = wrong == 1 ? 3 : 4;
            image_init(&im, 8, 8);
            image_hex(&im, 64, "42544844 000a 00020000");
            image_uint(&im, 2, 8 + 8 * rank);
            image_hex(&im, im.at, "0000 6428 6600000000000000 0200 0200000000000000");
            image_sum(&im, 64);
            image_hex(&im, 102, "42544c46 000a");
            for (int i = 0; i < 2; i++) {
                image_addr(&im, want[i].addr);
                for (unsigned d = 0; d < rank; d++)
                    image_uint(&im, 8, want[i].scaled[d]);
            }
            image_sum(&im, 102);
            image_open(&im);
            if (wrong == 0) {
                expect(&im, &p, want, 2);
            } else { /* descending, or twice the same */
                const struct cix *x;
                unsigned n = 0;
                ck_ok(cix_open(&im.meta, &p, &im.arena, &x, &im.err), &im.err);
                ck_status(cix_each(x, count, &n, &im.err), HI5_E_CORRUPT);
                ck_at(&im.err, 64, "chunk index", "ascending");
            }
            image_close(&im);
        }
    }
}
END_TEST

Suite *
suite_chunk_index(void)
{
    Suite *const suite = suite_create("chunk_index");
    TCase *const libhdf5 = tcase_create("libhdf5"), *const made = tcase_create("made");

    tcase_add_test(libhdf5, fixed_array);
    tcase_add_test(libhdf5, fixed_array_filtered);
    tcase_add_test(libhdf5, btree2);
    tcase_add_test(libhdf5, btree2_filtered);
    tcase_add_test(libhdf5, btree1);
    tcase_add_test(libhdf5, extensible_array);
    suite_add_tcase(suite, libhdf5);
    tcase_add_loop_test(made, unlimited_dimension_first, 0,
                        (int)(sizeof places / sizeof *places));
    tcase_add_test(made, slots_beyond_the_extent);
    tcase_add_test(made, slots_beyond_64_bits);
    tcase_add_test(made, size_widths);
    tcase_add_test(made, version_5);
    tcase_add_test(made, single);
    tcase_add_test(made, implicit);
    tcase_add_test(made, implicit_bomb);
    tcase_add_test(made, no_chunks);
    tcase_add_test(made, tree_keys);
    tcase_add_test(made, records);
    suite_add_tcase(suite, made);
    return suite;
}
