/*
 * test_btree2.c - version-2 B-trees                                [FMT III.A.2]
 */
#include "btree/btree2.h"
#include "image.h"

Suite *suite_btree2(void);

enum { RECORD = 15, NODE = 128 }; /* records of type 6: a number, then bytes */

/* ---- writing trees: record i is the number 3 i, and i's low byte after it ---- */

static void
put_record(struct image *im, uint64_t i)
{
    image_uint(im, 8, 3 * i);
    image_uint(im, 7, i & 0xff);
}

static void
put_header(struct image *im, unsigned type, uint32_t node_size, unsigned record_size,
           unsigned depth, uint64_t root, unsigned root_nrec, uint64_t total)
{
    const size_t start = im->at;

    image_text(im, "BTHD");
    image_uint(im, 1, 0);
    image_uint(im, 1, type);
    image_uint(im, 4, node_size);
    image_uint(im, 2, record_size);
    image_uint(im, 2, depth);
    image_uint(im, 1, 100);
    image_uint(im, 1, 40);
    image_addr(im, root);
    image_uint(im, 2, root_nrec);
    image_len(im, total);
    image_sum(im, start);
}

struct child {
    uint64_t addr, nrec, total;
};

static struct child
put_leaf(struct image *im, uint64_t first, unsigned n)
{
    const uint64_t start = image_reserve(im, NODE);

    image_text(im, "BTLF");
    image_uint(im, 2, 6 << 8);
    for (unsigned i = 0; i < n; i++)
        put_record(im, first + i);
    image_sum(im, start);
    return (struct child){start, n, n};
}

/* An internal node; `separators` are its records. Nodes of 128 bytes hold 7 records,
 * internal ones 4, so that counts take one byte, and so do totals up to 199. */
static struct child
put_internal(struct image *im, const struct child *child, const uint64_t *separators,
             unsigned n, unsigned depth)
{
    const uint64_t start = image_reserve(im, NODE);
    struct child r = {start, n, n};

    image_text(im, "BTIN");
    image_uint(im, 2, 6 << 8);
    for (unsigned i = 0; i < n; i++)
        put_record(im, separators[i]);
    for (unsigned i = 0; i <= n; i++) {
        image_addr(im, child[i].addr);
        image_uint(im, 1, child[i].nrec);
        if (depth > 1)
            image_uint(im, 1, child[i].total);
        r.total += child[i].total;
    }
    image_sum(im, start);
    return r;
}

/* A tree of the given depth: leaves of 5 records, internal nodes of 2. */
static struct child
put_tree(struct image *im, unsigned depth, uint64_t *next)
{
    struct child level[4][3];
    uint64_t separators[4][2];
    unsigned have[4] = {0};

    for (;;) { /* a leaf, then up as long as a node is complete */
        struct child c = put_leaf(im, *next, 5);
        unsigned d = 0;
        *next += 5;
        while (d < depth) {
            level[d][have[d]] = c;
            if (have[d] < 2) {
                separators[d][have[d]++] = (*next)++;
                break;
            }
            have[d] = 0;
            d++;
            c = put_internal(im, level[d - 1], separators[d - 1], 2, d);
        }
        if (d == depth)
            return c;
    }
}

static uint64_t
put_whole(struct image *im, unsigned depth, uint64_t *total)
{
    struct child root;
    uint64_t header;

    *total = 0;
    image_init(im, 8, 8);
    root = put_tree(im, depth, total);
    header = image_reserve(im, 38);
    put_header(im, 6, NODE, RECORD, depth, root.addr, (unsigned)root.nrec, *total);
    return header;
}

/* ---- reading ---- */

struct order {
    uint64_t next;
    int step;
    unsigned n, stop;
};

static hi5_status
in_order(void *ctx, const uint8_t *record, hi5_error *err)
{
    struct order *const o = ctx;

    (void)err;
    ck_assert_uint_eq(cur_raw_uint(record, 8), 3 * o->next);
    ck_assert_uint_eq(record[8], o->next & 0xff);
    o->next += (uint64_t)o->step;
    return ++o->n == o->stop ? HI5_E_STATE : HI5_OK;
}

static int
by_number(void *ctx, const uint8_t *record, hi5_status *status, hi5_error *err)
{
    const uint64_t *const x = ctx, v = cur_raw_uint(record, 8);

    (void)err;
    if (*x == 12345)
        *status = HI5_E_CHECKSUM;
    return *x < v ? -1 : *x > v;
}

START_TEST(walk_and_find)
{
    struct image im;
    struct order o = {0, 1, 0, 0};
    const struct bt2 *t;
    uint64_t total, header = put_whole(&im, (unsigned)_i, &total);
    uint8_t record[RECORD];

    ck_assert_uint_eq(total, ((const uint64_t[]){5, 17, 53, 161})[_i]);
    image_open(&im);
    ck_ok(bt2_open(&im.meta, header, BT2_LINK_ORDER, RECORD, &im.arena, &t, &im.err),
          &im.err);
    ck_assert_uint_eq(bt2_header(t)->total, total);
    ck_ok(bt2_each(t, false, in_order, &o, &im.err), &im.err);
    ck_assert_uint_eq(o.n, total);
    o = (struct order){total - 1, -1, 0, 0};
    ck_ok(bt2_each(t, true, in_order, &o, &im.err), &im.err);
    ck_assert_uint_eq(o.n, total);
    for (uint64_t x = 0; x < 3 * total + 3; x++) {
        memset(record, 0xaa, sizeof record);
        if (x % 3 == 0 && x < 3 * total) {
            ck_ok(bt2_find(t, by_number, &x, record, &im.err), &im.err);
            ck_assert_uint_eq(cur_raw_uint(record, 8), x);
        } else {
            ck_status(bt2_find(t, by_number, &x, record, &im.err), HI5_E_NOTFOUND);
            ck_assert_uint_eq(record[0], 0xaa);
        }
    }
    o = (struct order){0, 1, 0, 4};
    ck_status(bt2_each(t, false, in_order, &o, &im.err), HI5_E_STATE);
    ck_assert_uint_eq(o.n, 4);
    ck_status(bt2_find(t, by_number, &(uint64_t){12345}, record, &im.err),
              HI5_E_CHECKSUM);
    image_close(&im);
}
END_TEST

START_TEST(empty)
{
    struct image im;
    struct order o = {0, 1, 0, 0};
    const struct bt2 *t;
    uint8_t record[17];
    uint64_t x = 0;

    image_init(&im, 2, 4);
    put_header(&im, 8, 512, 17, 0, UINT64_MAX, 0, 0);
    image_open(&im);
    ck_ok(bt2_open(&im.meta, 64, BT2_ATTR_NAME, 17, &im.arena, &t, &im.err), &im.err);
    ck_ok(bt2_each(t, false, in_order, &o, &im.err), &im.err);
    ck_assert_uint_eq(o.n, 0);
    ck_status(bt2_find(t, by_number, &x, record, &im.err), HI5_E_NOTFOUND);
    image_close(&im);
}
END_TEST

/* CHUNK-42, CHUNK-41: what fits the nodes of each level, and the widths of counts. The
 * last three rows follow from the same formulas for other node sizes. */
static const struct {
    unsigned type;
    uint32_t node_size;
    unsigned record_size, max[4], total_w[4];
} geometries[] = {
    {1, 512, 24, {20, 14, 14, 14}, {0, 2, 2, 3}},
    {2, 512, 36, {13, 10, 10, 10}, {0, 1, 2, 2}},
    {3, 512, 16, {31, 19, 18, 18}, {0, 2, 2, 3}},
    {4, 512, 28, {17, 13, 12, 12}, {0, 1, 2, 2}},
    {5, 512, 11, {45, 24, 22, 22}, {0, 2, 2, 3}},
    {6, 512, 15, {33, 20, 18, 18}, {0, 2, 2, 3}},
    {7, 512, 17, {29, 18, 17, 17}, {0, 2, 2, 3}},
    {9, 512, 13, {38, 22, 20, 20}, {0, 2, 2, 3}},
    {10, 2048, 16, {127, 81, 75, 72}, {0, 2, 3, 4}},
    {10, 2048, 24, {84, 61, 57, 56}, {0, 2, 3, 4}},
    {10, 2048, 32, {63, 49, 47, 46}, {0, 2, 3, 3}},
    {11, 2048, 31, {65, 50, 48, 47}, {0, 2, 3, 3}},
    {11, 2048, 43, {47, 39, 37, 36}, {0, 2, 3, 3}},
    {10, 4096, 24, {170, 123, 116, 113}, {0, 2, 3, 4}},
    {10, 8192, 16, {511, 314, 281, 272}, {0, 3, 4, 5}},
    {10, 512, 24, {20, 14, 14, 14}, {0, 2, 2, 3}},
};

START_TEST(geometry)
{
    struct image im;
    const struct bt2 *t;

    image_init(&im, 8, 8);
    put_header(&im, geometries[_i].type, geometries[_i].node_size,
               geometries[_i].record_size, 3, 1000, 1, 5);
    image_open(&im);
    ck_ok(bt2_open(&im.meta, 64, (enum bt2_type)geometries[_i].type,
                   geometries[_i].record_size, &im.arena, &t, &im.err),
          &im.err);
    for (unsigned d = 0; d < 4; d++) {
        unsigned w;
        ck_assert_uint_eq(bt2_capacity(t, d, &w), geometries[_i].max[d]);
        ck_assert_uint_eq(w, geometries[_i].total_w[d]);
    }
    image_close(&im);
}
END_TEST

/* ---- broken ---- */

static const struct {
    unsigned type;
    uint32_t node_size;
    unsigned record_size, depth;
    uint64_t root;
    unsigned root_nrec;
    uint64_t total;
    const char *field;
} bad_headers[] = {
    {0, 128, 15, 0, 100, 1, 1, "type"},
    {12, 128, 15, 0, 100, 1, 1, "type"},
    {5, 128, 15, 0, 100, 1, 1, "type"},
    {6, 24, 15, 0, 100, 1, 1, "node size"},
    {6, 128, 0, 0, 100, 1, 1, "record size"},
    {6, 128, 16, 0, 100, 1, 1, "record size"},
    {6, 128, 15, 65, 100, 1, 1, "depth"},
    {6, 128, 15, 65535, 100, 1, 1, "depth"},
    {6, 128, 15, 0, UINT64_MAX, 1, 1, "root address"},
    {6, 128, 15, 1, UINT64_MAX, 0, 0, "root address"},
    {6, 128, 15, 0, 100, 3, 4, "total records"},
    {6, 30, 15, 1, 100, 1, 3, "node size"},
};

START_TEST(bad_header)
{
    struct image im;
    const struct bt2 *t;

    image_init(&im, 8, 8);
    put_header(&im, bad_headers[_i].type, bad_headers[_i].node_size,
               bad_headers[_i].record_size, bad_headers[_i].depth, bad_headers[_i].root,
               bad_headers[_i].root_nrec, bad_headers[_i].total);
    image_open(&im);
    ck_status(bt2_open(&im.meta, 64, BT2_LINK_ORDER, RECORD, &im.arena, &t, &im.err),
              HI5_E_CORRUPT);
    ck_assert_ptr_null(t);
    ck_assert_str_eq(im.err.structure, "BTHD");
    ck_assert_str_eq(im.err.field, bad_headers[_i].field);
    image_close(&im);
}
END_TEST

/* CHUNK-12: one flipped bit in any used byte of any block. */
START_TEST(flipped_bits)
{
    struct image im;
    uint64_t total, header = put_whole(&im, 1, &total);

    for (size_t at = 64; at < im.size; at++) {
        const size_t in_node = (at - 64) % NODE;
        const struct bt2 *t;
        hi5_status s;
        /* leaves use 10 + 5 * 15 bytes, the root 10 + 2 * 15 + 3 * 9, the header all */
        if (at < header && in_node >= (at < 64 + 3 * NODE ? 85 : 67))
            continue;
        im.bytes[at] ^= 0x10;
        image_open(&im);
        s = bt2_open(&im.meta, header, BT2_LINK_ORDER, RECORD, &im.arena, &t, &im.err);
        ck_assert_int_eq(s == HI5_OK, at < header);
        for (uint64_t x = 0; x < 3 * total && s == HI5_OK; x += 3) {
            uint8_t record[RECORD];
            s = bt2_find(t, by_number, &x, record, &im.err);
        }
        ck_assert_msg(s == HI5_E_CHECKSUM || s == HI5_E_CORRUPT, "byte %zu: %d", at, s);
        meta_done(&im.meta);
        arena_done(&im.arena);
        io_close(&im.io);
        im.bytes[at] ^= 0x10;
    }
    image_open(&im);
    image_close(&im);
}
END_TEST

static hi5_status
count_only(void *ctx, const uint8_t *record, hi5_error *err)
{
    (void)record;
    (void)err;
    ++*(unsigned *)ctx;
    return HI5_OK;
}

/* The promise of how many records there are is held against what is there. */
START_TEST(wrong_totals)
{
    for (int i = 0; i < 3; i++) {
        struct image im;
        struct child leaf[3], mid[2], root;
        const struct bt2 *t;
        unsigned n = 0;

        image_init(&im, 8, 8);
        leaf[0] = put_leaf(&im, 0, 5);
        leaf[1] = put_leaf(&im, 6, 5);
        mid[0] = put_internal(&im, leaf, (const uint64_t[]){5}, 1, 1);
        leaf[2] = put_leaf(&im, 12, 5);
        mid[1] = put_internal(&im, (struct child[]){leaf[2], put_leaf(&im, 18, 5)},
                              (const uint64_t[]){17}, 1, 1);
        mid[1].total += i == 1;
        root = put_internal(&im, mid, (const uint64_t[]){11}, 1, 2);
        image_reserve(&im, 38);
        put_header(&im, 6, NODE, RECORD, 2, root.addr, 1, 23 - (i == 2));
        image_open(&im);
        ck_ok(bt2_open(&im.meta, root.addr + NODE, BT2_LINK_ORDER, RECORD, &im.arena,
                       &t, &im.err),
              &im.err);
        if (i == 0) {
            ck_ok(bt2_each(t, false, count_only, &n, &im.err), &im.err);
            ck_assert_uint_eq(n, 23);
        } else {
            ck_status(bt2_each(t, false, count_only, &n, &im.err), HI5_E_CORRUPT);
            ck_at(&im.err, i == 1 ? mid[1].addr : root.addr, "BTIN", "promised");
        }
        image_close(&im);
    }
}
END_TEST

/* More records than a node holds are refused before the node is read: here it would run
 * past the end of the file. A node of another type is refused, too. */
START_TEST(bad_nodes)
{
    struct image im;
    const struct bt2 *t;
    struct child leaf;
    unsigned n = 0;

    image_init(&im, 8, 8);
    leaf = put_leaf(&im, 0, 3);
    image_reserve(&im, 100);
    put_header(&im, 6, NODE, RECORD, 0, leaf.addr, 8, 8);
    put_header(&im, 9, NODE, RECORD, 0, leaf.addr, 3, 3);
    put_header(&im, 6, NODE, RECORD, 1, leaf.addr, 3, 3);
    put_header(&im, 6, 4096, RECORD, 0, im.size - 50, 20, 20);
    image_open(&im);
    ck_ok(bt2_open(&im.meta, 64 + NODE, BT2_LINK_ORDER, RECORD, &im.arena, &t, &im.err),
          &im.err);
    ck_status(bt2_each(t, false, count_only, &n, &im.err), HI5_E_CORRUPT);
    ck_at(&im.err, leaf.addr, "BTLF", "8 records in a node that holds 7");
    ck_ok(bt2_open(&im.meta, 64 + NODE + 38, BT2_ATTR_ORDER, RECORD, &im.arena, &t,
                   &im.err),
          &im.err);
    ck_status(bt2_each(t, false, count_only, &n, &im.err), HI5_E_CORRUPT);
    ck_assert_str_eq(im.err.structure, "BTLF");
    ck_assert_str_eq(im.err.field, "type");
    ck_ok(bt2_open(&im.meta, 64 + NODE + 76, BT2_LINK_ORDER, RECORD, &im.arena, &t,
                   &im.err),
          &im.err);
    ck_status(bt2_each(t, false, count_only, &n, &im.err), HI5_E_CORRUPT);
    ck_at(&im.err, leaf.addr, "BTIN", "signature");
    ck_ok(bt2_open(&im.meta, 64 + NODE + 114, BT2_LINK_ORDER, RECORD, &im.arena, &t,
                   &im.err),
          &im.err);
    ck_status(bt2_each(t, false, count_only, &n, &im.err), HI5_E_TRUNCATED);
    ck_assert_uint_eq(n, 0);
    image_close(&im);
}
END_TEST

/* EVIL-03: each level's two children are the same node: 2^40 ways down. */
START_TEST(shared_children)
{
    struct image im;
    struct child below;
    const struct bt2 *t;
    unsigned n = 0;

    image_init(&im, 8, 8);
    below = put_leaf(&im, 0, 1);
    for (unsigned d = 1; d <= 40; d++) {
        const struct child pair[2] = {below, below};
        const uint64_t start = image_reserve(&im, 512);
        /* widths of totals grow with depth: read them off an opened tree */
        struct image probe;
        unsigned w = 0;
        image_init(&probe, 8, 8);
        put_header(&probe, 6, 512, RECORD, d, 1000, 1, 3);
        image_open(&probe);
        ck_ok(bt2_open(&probe.meta, 64, BT2_LINK_ORDER, RECORD, &probe.arena, &t,
                       &probe.err),
              &probe.err);
        bt2_capacity(t, d - 1, &w);
        image_close(&probe);
        image_text(&im, "BTIN");
        image_uint(&im, 2, 6 << 8);
        put_record(&im, 0);
        for (int i = 0; i < 2; i++) {
            image_addr(&im, pair[i].addr);
            image_uint(&im, 1, pair[i].nrec);
            image_uint(&im, w, pair[i].total);
        }
        image_sum(&im, start);
        below = (struct child){start, 1, 2 * below.total + 1};
    }
    image_reserve(&im, 38);
    put_header(&im, 6, 512, RECORD, 40, below.addr, 1, below.total);
    image_open(&im);
    ck_ok(bt2_open(&im.meta, im.size - 38, BT2_LINK_ORDER, RECORD, &im.arena, &t,
                   &im.err),
          &im.err);
    ck_status(bt2_each(t, false, count_only, &n, &im.err), HI5_E_CORRUPT);
    ck_assert_ptr_nonnull(strstr(im.err.cause, "shared"));
    ck_assert_uint_lt(n, 3000);
    image_close(&im);
}
END_TEST

/* EVIL-24: what a node is said to be does not decide what is allocated. */
START_TEST(node_size_of_4_gib)
{
    struct image im;
    const struct bt2 *t;
    struct child leaf;
    unsigned n = 0;

    image_init(&im, 8, 8);
    leaf = put_leaf(&im, 0, 4);
    image_reserve(&im, 38);
    put_header(&im, 6, UINT32_MAX, RECORD, 0, leaf.addr, 4, 4);
    image_open(&im);
    ck_ok(bt2_open(&im.meta, 64 + NODE, BT2_LINK_ORDER, RECORD, &im.arena, &t, &im.err),
          &im.err);
    ck_ok(bt2_each(t, false, count_only, &n, &im.err), &im.err);
    ck_assert_uint_eq(n, 4);
    ck_assert_uint_lt(im.mem.peak, 1 << 16);
    image_close(&im);
}
END_TEST

Suite *
suite_btree2(void)
{
    Suite *const suite = suite_create("btree2");
    TCase *const good = tcase_create("good"), *const bad = tcase_create("bad");

    tcase_add_loop_test(good, walk_and_find, 0, 4);
    tcase_add_test(good, empty);
    tcase_add_loop_test(good, geometry, 0,
                        (int)(sizeof geometries / sizeof *geometries));
    suite_add_tcase(suite, good);
    tcase_add_loop_test(bad, bad_header, 0,
                        (int)(sizeof bad_headers / sizeof *bad_headers));
    tcase_add_test(bad, flipped_bits);
    tcase_add_test(bad, wrong_totals);
    tcase_add_test(bad, bad_nodes);
    tcase_add_test(bad, shared_children);
    tcase_add_test(bad, node_size_of_4_gib);
    suite_add_tcase(suite, bad);
    return suite;
}
