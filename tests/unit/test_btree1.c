/*
 * test_btree1.c - version-1 B-trees                                [FMT III.A.1]
 */
#include "btree/btree1.h"
#include "image.h"

Suite *suite_btree1(void);

/* ---- trees of chunks, of rank 1: chunk i is at offset 10 i, address 5000 + i ---- */

static void
put_node(struct image *im, unsigned type, unsigned level, unsigned n)
{
    image_text(im, "TREE");
    image_uint(im, 1, type);
    image_uint(im, 1, level);
    image_uint(im, 2, n);
    image_addr(im, UINT64_MAX);
    image_addr(im, UINT64_MAX);
}

static void
put_chunk_key(struct image *im, uint32_t nbytes, uint64_t offset, uint64_t last)
{
    image_uint(im, 4, nbytes);
    image_uint(im, 4, 0);
    image_uint(im, 8, offset);
    image_uint(im, 8, last);
}

static struct bt1
chunk_tree(struct image *im, unsigned k)
{
    return (struct bt1){.meta = &im->meta, .type = BT1_CHUNK, .k = k, .rank = 1};
}

/* The nodes of one level over `n` children, child i beginning with chunk i * span.
 * Their number replaces n, their addresses `child`. */
static void
put_level(struct image *im, unsigned k, unsigned level, uint64_t *child, unsigned *n,
          unsigned span, unsigned chunks)
{
    const size_t size = 8 + 2 * im->off_w + 2 * k * im->off_w + (2 * k + 1) * 24;
    unsigned nodes = 0;

    for (unsigned i = 0; i < *n || nodes == 0; i += 2 * k, nodes++) {
        const unsigned used = *n - i < 2 * k ? *n - i : 2 * k;
        const unsigned end = (i + used) * span < chunks ? (i + used) * span : chunks;
        const uint64_t addr = image_reserve(im, size);

        put_node(im, 1, level, used);
        for (unsigned j = i; j < i + used; j++) {
            put_chunk_key(im, 4, 10 * (uint64_t)j * span, 0);
            image_addr(im, child[j]);
        }
        if (end < chunks)
            put_chunk_key(im, 4, 10 * (uint64_t)end, 0);
        else
            put_chunk_key(im, 0, 10 * (uint64_t)end, 1);
        child[nodes] = addr;
    }
    *n = nodes;
}

/* A full tree of `chunks` chunks; returns the number of levels. */
static unsigned
put_tree(struct image *im, unsigned k, unsigned chunks, uint64_t *root)
{
    uint64_t *const child = calloc(chunks + 1, sizeof *child);
    unsigned n = chunks, level = 0, span = 1;

    ck_assert_ptr_nonnull(child);
    for (unsigned i = 0; i < chunks; i++)
        child[i] = 5000 + i;
    do {
        put_level(im, k, level++, child, &n, span, chunks);
        span *= 2 * k;
    } while (n > 1);
    *root = child[0];
    free(child);
    return level;
}

static hi5_status
count_chunk(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next_key,
            hi5_error *err)
{
    unsigned *const n = ctx;

    (void)err;
    ck_assert_uint_eq(child, 5000u + *n);
    ck_assert_uint_eq(cur_raw_uint(key + 8, 8), 10u * *n);
    ck_assert_uint_eq(cur_raw_uint(next_key + 8, 8), 10u * *n + 10);
    ++*n;
    return HI5_OK;
}

static int
compare_chunk(void *ctx, const uint8_t *key, hi5_status *status, hi5_error *err)
{
    const uint64_t *const x = ctx, v = cur_raw_uint(key + 8, 8);

    (void)status;
    (void)err;
    return *x < v ? -1 : *x > v;
}

START_TEST(sizes)
{
    struct image im;
    struct bt1 t;

    image_init(&im, 8, 8);
    image_open(&im);
    t = (struct bt1){.meta = &im.meta, .type = BT1_GROUP, .k = 16};
    ck_assert_uint_eq(bt1_key_size(&t), 8);
    ck_assert_uint_eq(bt1_node_size(&t), 544);
    t = (struct bt1){.meta = &im.meta, .type = BT1_CHUNK, .k = 32, .rank = 2};
    ck_assert_uint_eq(bt1_key_size(&t), 32);
    ck_assert_uint_eq(bt1_node_size(&t), 8 + 16 + 64 * 8 + 65 * 32);
    image_close(&im);

    /* CHUNK-19: offsets in keys have 8 bytes whatever the file's addresses have. */
    image_init(&im, 4, 2);
    image_open(&im);
    t.meta = &im.meta;
    ck_assert_uint_eq(bt1_key_size(&t), 32);
    ck_assert_uint_eq(bt1_node_size(&t), 8 + 8 + 64 * 4 + 65 * 32);
    t.type = BT1_GROUP;
    ck_assert_uint_eq(bt1_key_size(&t), 2);
    image_close(&im);
}
END_TEST

/* CHUNK-22: any depth. */
static const struct {
    unsigned off_w, k, chunks, levels;
} trees[] = {
    {8, 32, 0, 1},    {8, 32, 1, 1},    {8, 32, 63, 1}, {8, 32, 64, 1}, {8, 32, 65, 2},
    {8, 32, 4096, 2}, {8, 32, 4097, 3}, {4, 1, 33, 6},  {2, 2, 300, 5}, {8, 2, 1025, 6},
};

START_TEST(all_depths)
{
    const unsigned chunks = trees[_i].chunks;
    struct image im;
    struct bt1 t;
    unsigned n = 0;
    uint64_t root;

    image_init(&im, trees[_i].off_w, 8);
    ck_assert_uint_eq(put_tree(&im, trees[_i].k, chunks, &root), trees[_i].levels);
    image_open(&im);
    t = chunk_tree(&im, trees[_i].k);
    t.root = root;
    ck_ok(bt1_each(&t, count_chunk, &n, &im.err), &im.err);
    ck_assert_uint_eq(n, chunks);
    for (unsigned i = 0; i < chunks; i++) {
        uint64_t x = 10 * (uint64_t)i + i % 10, child = 0;
        uint8_t key[24];
        ck_ok(bt1_find(&t, compare_chunk, &x, &child, key, &im.err), &im.err);
        ck_assert_uint_eq(child, 5000 + i);
        ck_assert_uint_eq(cur_raw_uint(key + 8, 8), 10 * i);
    }
    for (uint64_t x = 10 * chunks; x < 10 * chunks + 20; x += 19) {
        uint64_t y = x, child = 77;
        ck_status(bt1_find(&t, compare_chunk, &y, &child, NULL, &im.err),
                  HI5_E_NOTFOUND);
        ck_assert_uint_eq(child, 77);
    }
    image_close(&im);
}
END_TEST

/* ---- groups: a key is where a name is, here in this text ---- */

static const char names[] = "\0ant\0bee\0cow\0dog\0eel";

static int
compare_name(void *ctx, const uint8_t *key, hi5_status *status, hi5_error *err)
{
    (void)status;
    (void)err;
    return strcmp(ctx, names + cur_raw_uint(key, 8));
}

START_TEST(group_descent)
{
    /* Symbol table nodes: 100 has ant, bee; 200 has cow; 300 has dog, eel. */
    static const struct {
        const char *name;
        uint64_t child;
    } wanted[] = {{"aaa", 100}, {"ant", 100}, {"bee", 100}, {"bef", 200},
                  {"cow", 200}, {"cox", 300}, {"eel", 300}};
    struct image im;
    struct bt1 t;
    uint64_t root, leaf[2];
    char name[8];
    uint64_t child;

    image_init(&im, 8, 8);
    leaf[0] = image_reserve(&im, 544);
    put_node(&im, 0, 0, 2);
    for (int i = 0; i < 5; i++)
        image_uint(&im, 8, (const uint64_t[]){0, 100, 5, 200, 9}[i]);
    leaf[1] = image_reserve(&im, 544);
    put_node(&im, 0, 0, 1);
    for (int i = 0; i < 3; i++)
        image_uint(&im, 8, (const uint64_t[]){9, 300, 17}[i]);
    root = image_reserve(&im, 544);
    put_node(&im, 0, 1, 2);
    for (int i = 0; i < 5; i++)
        image_uint(&im, 8, (const uint64_t[]){0, leaf[0], 9, leaf[1], 17}[i]);
    image_open(&im);
    t = (struct bt1){.meta = &im.meta, .type = BT1_GROUP, .root = root, .k = 16};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        strcpy(name, wanted[i].name);
        ck_ok(bt1_find(&t, compare_name, name, &child, NULL, &im.err), &im.err);
        ck_assert_uint_eq(child, wanted[i].child);
    }
    strcpy(name, "fly");
    ck_status(bt1_find(&t, compare_name, name, &child, NULL, &im.err), HI5_E_NOTFOUND);
    strcpy(name, ""); /* the empty name is before the first child */
    ck_status(bt1_find(&t, compare_name, name, &child, NULL, &im.err), HI5_E_NOTFOUND);
    image_close(&im);
}
END_TEST

/* ---- unusual, but legal ---- */

START_TEST(more_levels_than_needed)
{
    struct image im;
    struct bt1 t;
    uint64_t addr = 0;
    unsigned n = 0;

    image_init(&im, 8, 8);
    for (unsigned level = 0; level < 5; level++) {
        const uint64_t below = addr;
        addr = image_reserve(&im, 24 + 4 * 8 + 5 * 24);
        put_node(&im, 1, level, 1);
        put_chunk_key(&im, 4, 0, 0);
        image_addr(&im, level == 0 ? 5000 : below);
        put_chunk_key(&im, 0, 10, 1);
    }
    image_open(&im);
    t = chunk_tree(&im, 2);
    t.root = addr;
    ck_ok(bt1_each(&t, count_chunk, &n, &im.err), &im.err);
    ck_assert_uint_eq(n, 1);
    image_close(&im);
}
END_TEST

START_TEST(empty_leaf_below_root)
{
    struct image im;
    struct bt1 t;
    uint64_t leaf, child, x = 3;
    unsigned n = 0;

    image_init(&im, 8, 8);
    leaf = image_reserve(&im, 24 + 4 * 8 + 5 * 24);
    put_node(&im, 1, 0, 0);
    image_reserve(&im, 24 + 4 * 8 + 5 * 24);
    t = chunk_tree(&im, 2);
    t.root = im.at;
    put_node(&im, 1, 1, 1);
    put_chunk_key(&im, 4, 0, 0);
    image_addr(&im, leaf);
    put_chunk_key(&im, 0, 10, 1);
    image_open(&im);
    ck_ok(bt1_each(&t, count_chunk, &n, &im.err), &im.err);
    ck_assert_uint_eq(n, 0);
    ck_status(bt1_find(&t, compare_chunk, &x, &child, NULL, &im.err), HI5_E_NOTFOUND);
    image_close(&im);
}
END_TEST

/* CHUNK-20: a node that is only as long as its entries is read, at the end of the file
 * too; one byte less is not. */
START_TEST(cut_at_end_of_file)
{
    struct image im;
    struct bt1 t;
    unsigned n = 0;

    image_init(&im, 8, 8);
    t = chunk_tree(&im, 32);
    t.root = im.at;
    put_node(&im, 1, 0, 1);
    put_chunk_key(&im, 4, 0, 0);
    image_addr(&im, 5000);
    put_chunk_key(&im, 0, 10, 1);
    image_open(&im);
    ck_ok(bt1_each(&t, count_chunk, &n, &im.err), &im.err);
    ck_assert_uint_eq(n, 1);
    meta_done(&im.meta);

    meta_init(&im.meta, &im.mem, &im.io, NULL);
    im.meta.eof = im.size - 1;
    ck_status(bt1_each(&t, count_chunk, &n, &im.err), HI5_E_TRUNCATED);
    ck_at(&im.err, 64 + 24, "TREE", "entries");
    image_close(&im);
}
END_TEST

/* ---- broken ---- */

/* EVIL-03, CHUNK-24: what a root's child says of itself. */
static const struct {
    unsigned type, level, n;
    size_t field;
    const char *words;
} bad_nodes[] = {
    {1, 1, 1, 5, "level"}, {1, 2, 1, 5, "level"},        {1, 255, 1, 5, "level"},
    {0, 0, 1, 4, "type"},  {1, 0, 5, 6, "entries used"}, {9, 0, 1, 4, "type"},
};

START_TEST(bad_node)
{
    struct image im;
    struct bt1 t;
    uint64_t child, x = 3;
    unsigned n = 0;

    image_init(&im, 8, 8);
    child = image_reserve(&im, 24 + 4 * 8 + 5 * 24);
    put_node(&im, bad_nodes[_i].type, bad_nodes[_i].level, bad_nodes[_i].n);
    t = chunk_tree(&im, 2);
    t.root = image_reserve(&im, 24 + 4 * 8 + 5 * 24);
    put_node(&im, 1, 1, 1);
    put_chunk_key(&im, 4, 0, 0);
    image_addr(&im, child);
    put_chunk_key(&im, 0, 10, 1);
    image_open(&im);
    ck_status(bt1_each(&t, count_chunk, &n, &im.err), HI5_E_CORRUPT);
    ck_assert_str_eq(im.err.structure, "TREE");
    ck_assert_str_eq(im.err.field, bad_nodes[_i].words);
    ck_assert_str_eq(im.err.section, "III.A.1");
    ck_assert(im.err.address >= child && im.err.address < child + 24);
    ck_status(bt1_find(&t, compare_chunk, &x, &child, NULL, &im.err), HI5_E_CORRUPT);
    ck_assert_uint_eq(n, 0);
    image_close(&im);
}
END_TEST

/* EVIL-03: nodes whose children are all one node: 4^60 ways to the leaf. */
START_TEST(shared_children)
{
    struct image im;
    struct bt1 t;
    uint64_t addr = 0;
    unsigned n = 0;

    image_init(&im, 8, 8);
    for (unsigned level = 0; level < 60; level++) {
        const uint64_t below = addr;
        addr = image_reserve(&im, 24 + 4 * 8 + 5 * 24);
        put_node(&im, 1, level, level == 0 ? 0 : 4);
        for (unsigned i = 0; i < 4; i++) {
            put_chunk_key(&im, 4, 10 * i, 0);
            image_addr(&im, below);
        }
        put_chunk_key(&im, 0, 40, 1);
    }
    image_open(&im);
    t = chunk_tree(&im, 2);
    t.root = addr;
    ck_status(bt1_each(&t, count_chunk, &n, &im.err), HI5_E_CORRUPT);
    ck_assert_str_eq(im.err.structure, "TREE");
    ck_assert_ptr_nonnull(strstr(im.err.cause, "shared"));
    image_close(&im);
}
END_TEST

START_TEST(bad_root)
{
    struct image im;
    struct bt1 t;
    unsigned n = 0;

    image_init(&im, 8, 8);
    image_text(&im, "TREF");
    image_reserve(&im, 100);
    image_open(&im);
    t = chunk_tree(&im, 2);
    t.root = 64;
    ck_status(bt1_each(&t, count_chunk, &n, &im.err), HI5_E_CORRUPT);
    ck_at(&im.err, 64, "TREE", "signature");
    t.root = ADDR_NONE;
    ck_status(bt1_each(&t, count_chunk, &n, &im.err), HI5_E_CORRUPT);
    t.root = im.size - 10;
    ck_status(bt1_each(&t, count_chunk, &n, &im.err), HI5_E_CORRUPT);
    t.root = UINT64_MAX - 10;
    ck_status(bt1_each(&t, count_chunk, &n, &im.err), HI5_E_TRUNCATED);
    image_close(&im);
}
END_TEST

/* ---- callbacks ---- */

static hi5_status
stop_at_three(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next_key,
              hi5_error *err)
{
    unsigned *const n = ctx;

    (void)key;
    (void)child;
    (void)next_key;
    (void)err;
    return ++*n == 3 ? HI5_E_STATE : HI5_OK;
}

static int
failing_compare(void *ctx, const uint8_t *key, hi5_status *status, hi5_error *err)
{
    (void)ctx;
    (void)key;
    (void)err;
    *status = HI5_E_CHECKSUM;
    return 0;
}

START_TEST(callbacks_end_the_walk)
{
    struct image im;
    struct bt1 t;
    unsigned n = 0;
    uint64_t root, child;

    image_init(&im, 8, 8);
    put_tree(&im, 1, 9, &root);
    image_open(&im);
    t = chunk_tree(&im, 1);
    t.root = root;
    ck_status(bt1_each(&t, stop_at_three, &n, &im.err), HI5_E_STATE);
    ck_assert_uint_eq(n, 3);
    ck_status(bt1_find(&t, failing_compare, NULL, &child, NULL, &im.err),
              HI5_E_CHECKSUM);
    image_close(&im);
}
END_TEST

START_TEST(chunk_key)
{
    const uint8_t bytes[32] = {6, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0,
                               0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0};
    struct cur c = cur_reader(bytes, sizeof bytes, NULL);
    struct bt1_chunk_key k;

    bt1_chunk_key_code(&c, &k, 2); /* CHUNK-18: size, mask, offsets in elements, 0 */
    ck_assert(cur_ok(&c));
    ck_assert_uint_eq(cur_left(&c), 0);
    ck_assert_uint_eq(k.nbytes, 6);
    ck_assert_uint_eq(k.mask, 2);
    ck_assert_uint_eq(k.offset[0], 4);
    ck_assert_uint_eq(k.offset[1], 3);
    ck_assert_uint_eq(k.offset[2], 0);
}
END_TEST

Suite *
suite_btree1(void)
{
    Suite *const suite = suite_create("btree1");
    TCase *const good = tcase_create("good"), *const bad = tcase_create("bad");

    tcase_add_test(good, sizes);
    tcase_add_loop_test(good, all_depths, 0, (int)(sizeof trees / sizeof *trees));
    tcase_add_test(good, group_descent);
    tcase_add_test(good, more_levels_than_needed);
    tcase_add_test(good, empty_leaf_below_root);
    tcase_add_test(good, cut_at_end_of_file);
    tcase_add_test(good, callbacks_end_the_walk);
    tcase_add_test(good, chunk_key);
    suite_add_tcase(suite, good);
    tcase_add_loop_test(bad, bad_node, 0, (int)(sizeof bad_nodes / sizeof *bad_nodes));
    tcase_add_test(bad, shared_children);
    tcase_add_test(bad, bad_root);
    suite_add_tcase(suite, bad);
    return suite;
}
