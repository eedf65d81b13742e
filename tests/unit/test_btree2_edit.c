/*
 * test_btree2_edit.c - changing version-2 B-trees                  [FMT III.A.2]
 *
 * Random changes, against a sorted array; the reader must find the array in the tree, and
 * a walk of the bytes that nodes are neither too full nor too empty.
 */
#include "btree/btree2_edit.h"
#include "base/lookup3.h"
#include "stagefile.h"

Suite *suite_btree2_edit(void);

enum { KEYS = 6000, RECORD_MOST = 64 };

/* A record: a key of 4 bytes, a value of 2, then bytes that follow from both. */
struct model {
    struct stagefile f;
    struct bt2_edit t;
    size_t size; /* of a record */
    bool there[KEYS];
    uint16_t value[KEYS];
    uint64_t n;
};

static void
make_record(const struct model *m, uint32_t key, uint16_t value, uint8_t *r)
{
    for (unsigned i = 0; i < m->size; i++)
        r[i] = (uint8_t)(i < 4   ? key >> (8 * i)
                         : i < 6 ? (uint32_t)value >> (8 * (i - 4))
                                 : key + value + i);
}

struct wanted {
    uint32_t key;
    unsigned made;
    hi5_status refuse;
};

static int
compare_key(void *ctx, const uint8_t *record, hi5_status *status, hi5_error *err)
{
    const struct wanted *const w = ctx;
    const uint32_t key = (uint32_t)cur_raw_uint(record, 4);

    (void)status;
    (void)err;
    return w->key < key ? -1 : w->key > key;
}

static hi5_status
make_key(void *ctx, hi5_error *err)
{
    struct wanted *const w = ctx;

    (void)err;
    w->made++;
    return w->refuse;
}

static void
model_open(struct model *m, unsigned off_w, unsigned len_w, uint32_t node, size_t size)
{
    memset(m->there, 0, sizeof m->there);
    m->n = 0;
    m->size = size;
    stagefile_open(&m->f, off_w, len_w);
    ck_ok(bt2_edit_create(&m->f.meta, BT2_LINK_NAME, node, size, &m->t, &m->f.err),
          &m->f.err);
}

static hi5_status
model_insert(struct model *m, uint32_t key, uint16_t value)
{
    struct wanted w = {key, 0, HI5_OK};
    uint8_t r[RECORD_MOST];
    hi5_status s;

    make_record(m, key, value, r);
    s = bt2_edit_insert(&m->t, compare_key, make_key, &w, r, &m->f.err);
    ck_assert_uint_eq(w.made, s == HI5_OK || s == HI5_E_NOMEM ? w.made : 0);
    if (s != HI5_OK)
        return s;
    ck_assert_uint_eq(w.made, 1);
    m->there[key] = true;
    m->value[key] = value;
    m->n++;
    return HI5_OK;
}

static hi5_status
model_remove(struct model *m, uint32_t key)
{
    struct wanted w = {key, 0, HI5_OK};
    uint8_t r[RECORD_MOST] = {0}, expect[RECORD_MOST];
    const hi5_status s = bt2_edit_remove(&m->t, compare_key, &w, r, &m->f.err);

    if (s != HI5_OK)
        return s;
    make_record(m, key, m->value[key], expect);
    ck_assert_mem_eq(r, expect, m->size);
    m->there[key] = false;
    m->n--;
    return HI5_OK;
}

/* ---- what the bytes say ---- */

struct expected {
    const struct model *m;
    uint32_t key;
};

static hi5_status
expect_record(void *ctx, const uint8_t *record, hi5_error *err)
{
    struct expected *const x = ctx;
    uint8_t r[RECORD_MOST];

    (void)err;
    while (x->key < KEYS && !x->m->there[x->key])
        x->key++;
    ck_assert_uint_lt(x->key, KEYS);
    make_record(x->m, x->key, x->m->value[x->key], r);
    ck_assert_mem_eq(record, r, x->m->size);
    x->key++;
    return HI5_OK;
}

/* Nodes between merge and split percent, and zeros behind the checksum; the records below
 * come back. */
static uint64_t
check_node(struct model *m, const struct bt2 *tree, unsigned level, uint64_t addr,
           uint64_t nrec)
{
    const struct bthd *const h = bt2_header(tree);
    struct meta *const meta = &m->f.meta;
    unsigned total_w, width, below_w = 0;
    const uint64_t max = bt2_capacity(tree, level, &total_w);
    const unsigned nrec_w = bt2_capacity(tree, 0, &width) < 256 ? 1 : 2;
    uint64_t total = nrec;
    size_t used = 10 + nrec * m->size, wide;
    struct block *b;

    ck_assert_uint_le(nrec, max * h->split / 100);
    if (level < h->depth)
        ck_assert_msg(nrec >= 1 && nrec >= max * h->merge / 100, "level %u: %u of %u",
                      level, (unsigned)nrec, (unsigned)max);
    if (level > 0)
        bt2_capacity(tree, level - 1, &below_w);
    wide = meta->off_w + nrec_w + below_w;
    used += level > 0 ? (nrec + 1) * wide : 0;
    ck_ok(meta_pin(meta, addr, h->node_size, "node", &b, &m->f.err), &m->f.err);
    ck_assert_mem_eq(b->bytes, level > 0 ? "BTIN" : "BTLF", 4);
    ck_assert_uint_eq(cur_raw_uint(b->bytes + used - 4, 4),
                      lookup3(b->bytes, used - 4, 0));
    for (size_t i = used; i < h->node_size; i++)
        ck_assert_uint_eq(b->bytes[i], 0);
    for (uint64_t i = 0; level > 0 && i <= nrec; i++) {
        const uint8_t *const p = b->bytes + 6 + nrec * m->size + i * wide;
        const uint64_t n = cur_raw_uint(p + meta->off_w, nrec_w);
        const uint64_t below =
            check_node(m, tree, level - 1, cur_raw_addr(p, meta->off_w), n);

        if (level > 1)
            ck_assert_uint_eq(cur_raw_uint(p + meta->off_w + nrec_w, below_w), below);
        total += below;
    }
    meta_unpin(meta, b);
    return total;
}

static void
model_check(struct model *m)
{
    struct expected x = {m, 0};
    const struct bt2 *tree;
    const struct bthd *h;
    struct arena a;

    arena_init(&a, &m->f.mem);
    ck_ok(bt2_open(&m->f.meta, m->t.addr, BT2_LINK_NAME, m->size, &a, &tree, &m->f.err),
          &m->f.err);
    h = bt2_header(tree);
    ck_assert_uint_eq(h->total, m->n);
    ck_assert((h->root == ADDR_NONE) == (m->n == 0));
    ck_ok(bt2_each(tree, false, expect_record, &x, &m->f.err), &m->f.err);
    while (x.key < KEYS)
        ck_assert(!m->there[x.key++]);
    if (m->n != 0)
        ck_assert_uint_eq(check_node(m, tree, h->depth, h->root, h->root_nrec), m->n);
    arena_done(&a);
}

static void
model_find_all(struct model *m, uint32_t step)
{
    uint8_t r[RECORD_MOST] = {0}, expect[RECORD_MOST];

    for (uint32_t key = 0; key < KEYS; key += step) {
        struct wanted w = {key, 0, HI5_OK};
        const hi5_status s = bt2_edit_find(&m->t, compare_key, &w, r, &m->f.err);

        ck_assert_int_eq(s, m->there[key] ? HI5_OK : HI5_E_NOTFOUND);
        if (s == HI5_OK) {
            make_record(m, key, m->value[key], expect);
            ck_assert_mem_eq(r, expect, m->size);
        }
    }
}

static void
model_reopen(struct model *m)
{
    const uint64_t addr = m->t.addr;

    stagefile_reopen(&m->f);
    ck_ok(bt2_edit_open(&m->f.meta, addr, BT2_LINK_NAME, m->size, &m->t, &m->f.err),
          &m->f.err);
}

/* ---- tests ---- */

static const struct {
    unsigned off_w, len_w;
    uint32_t node;
    size_t size;
    uint32_t keys;
} shapes[] = {{8, 8, 512, 11, KEYS}, {8, 8, 128, 11, KEYS}, {4, 4, 64, 7, KEYS},
              {2, 2, 97, 12, 1000},  {8, 8, 512, 60, KEYS}, {16, 16, 256, 9, KEYS},
              {8, 8, 8192, 8, KEYS}, {4, 8, 80, 6, KEYS}};

/* ATTR-18 */
START_TEST(test_random)
{
    struct model *const m = calloc(1, sizeof *m);
    uint64_t seed = (uint64_t)_i + 1;

    model_open(m, shapes[_i].off_w, shapes[_i].len_w, shapes[_i].node, shapes[_i].size);
    for (unsigned round = 0; round < 12; round++) {
        /* Mostly growing, then mostly shrinking. */
        const uint64_t grow = round % 4 < 2 ? 80 : 25;

        for (unsigned i = 0; i < 1500; i++) {
            const uint32_t key = (uint32_t)stagefile_random(&seed, shapes[_i].keys);
            const uint16_t value = (uint16_t)stagefile_random(&seed, 65536);
            const bool there = m->there[key];

            if (stagefile_random(&seed, 100) < grow)
                ck_status(model_insert(m, key, value), there ? HI5_E_EXISTS : HI5_OK);
            else
                ck_status(model_remove(m, key), there ? HI5_OK : HI5_E_NOTFOUND);
        }
        model_check(m);
        if (round % 3 == 2)
            model_reopen(m);
        model_find_all(m, 7);
    }
    stagefile_close(&m->f);
    free(m);
}
END_TEST

START_TEST(test_orders)
{
    struct model *const m = calloc(1, sizeof *m);

    for (unsigned way = 0; way < 3; way++) {
        model_open(m, 8, 8, 512, 15);
        for (uint32_t i = 0; i < KEYS; i++) {
            const uint32_t key = way == 0     ? i
                                 : way == 1   ? KEYS - 1 - i
                                 : i % 2 == 0 ? i / 2
                                              : KEYS - 1 - i / 2;
            ck_status(model_insert(m, key, (uint16_t)i), HI5_OK);
        }
        model_check(m);
        /* Ascending records fill their nodes. */
        if (way == 0)
            ck_assert_uint_lt(m->f.meta.eof, (uint64_t)KEYS * 17);
        for (uint32_t i = 0; i < KEYS; i++) {
            ck_status(model_remove(m, way == 1 ? KEYS - 1 - i : i), HI5_OK);
            if (i % 500 == 0)
                model_check(m);
        }
        model_check(m);
        ck_assert_uint_eq(m->t.head.depth, 0);
        /* All nodes were given up; nothing was committed, so only the header is left. */
        ck_assert_uint_eq(m->f.meta.eof - m->f.meta.stage->free[POOL_META].bytes,
                          STAGEFILE_START + 38);
        stagefile_close(&m->f);
    }
    free(m);
}
END_TEST

START_TEST(test_update)
{
    struct model *const m = calloc(1, sizeof *m);
    uint8_t r[RECORD_MOST];
    struct wanted w = {0};

    model_open(m, 8, 8, 128, 11);
    for (uint32_t key = 0; key < 1000; key++)
        ck_status(model_insert(m, key * 2, 1), HI5_OK);
    for (uint32_t key = 0; key < 2000; key++) {
        w.key = key;
        make_record(m, key, 7, r);
        ck_status(bt2_edit_update(&m->t, compare_key, &w, r, &m->f.err),
                  key % 2 == 0 ? HI5_OK : HI5_E_NOTFOUND);
        m->value[key] = 7;
    }
    model_check(m);
    for (uint32_t i = 0; i < 1000; i += 3) {
        make_record(m, 2 * i, 9, r);
        m->value[2 * i] = 9;
        ck_ok(bt2_edit_update_nth(&m->t, i, r, &m->f.err), &m->f.err);
    }
    ck_status(bt2_edit_update_nth(&m->t, 1000, r, &m->f.err), HI5_E_NOTFOUND);
    model_check(m);
    for (uint32_t i = 0; i < 500; i++) { /* every second one goes */
        ck_ok(bt2_edit_remove_nth(&m->t, i, r, &m->f.err), &m->f.err);
        ck_assert_uint_eq(cur_raw_uint(r, 4), 4 * i);
        m->there[4 * i] = false;
        m->n--;
    }
    ck_status(bt2_edit_remove_nth(&m->t, 500, r, &m->f.err), HI5_E_NOTFOUND);
    model_check(m);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

START_TEST(test_make_refuses)
{
    struct model *const m = calloc(1, sizeof *m);
    struct wanted w = {.refuse = HI5_E_LIMIT};
    uint8_t r[RECORD_MOST];

    model_open(m, 8, 8, 128, 11);
    for (uint32_t key = 0; key < 500; key++) {
        w.key = key;
        make_record(m, key, 0, r);
        ck_status(bt2_edit_insert(&m->t, compare_key, make_key, &w, r, &m->f.err),
                  HI5_E_LIMIT);
        if (key % 2 == 0)
            ck_status(model_insert(m, key, 3), HI5_OK);
    }
    model_check(m);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

static hi5_status
count_record(void *ctx, const uint8_t *record, hi5_error *err)
{
    (void)record;
    (void)err;
    ++*(uint64_t *)ctx;
    return HI5_OK;
}

START_TEST(test_delete)
{
    struct model *const m = calloc(1, sizeof *m);
    uint64_t n = 0;

    model_open(m, 8, 8, 128, 11);
    for (uint32_t key = 0; key < KEYS; key++)
        ck_status(model_insert(m, key * 17 % KEYS, 1), HI5_OK);
    ck_ok(bt2_edit_delete(&m->f.meta, m->t.addr, BT2_LINK_NAME, 11, count_record, &n,
                          &m->f.err),
          &m->f.err);
    ck_assert_uint_eq(n, KEYS);
    ck_assert_uint_eq(m->f.meta.eof - m->f.meta.stage->free[POOL_META].bytes, STAGEFILE_START);
    /* An empty one. */
    ck_ok(bt2_edit_create(&m->f.meta, BT2_LINK_NAME, 512, 11, &m->t, &m->f.err),
          &m->f.err);
    ck_ok(bt2_edit_delete(&m->f.meta, m->t.addr, BT2_LINK_NAME, 11, NULL, NULL,
                          &m->f.err),
          &m->f.err);
    ck_assert_uint_eq(m->f.meta.eof - m->f.meta.stage->free[POOL_META].bytes, STAGEFILE_START);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

/* FREE-14: nodes that are reached twice are not given back twice. */
START_TEST(test_delete_shared)
{
    struct model *const m = calloc(1, sizeof *m);
    struct staged *b;
    uint64_t n = 0, free_bytes;

    model_open(m, 8, 8, 128, 11);
    for (uint32_t key = 0; key < 60; key++)
        ck_status(model_insert(m, key, 1), HI5_OK);
    ck_assert_uint_eq(m->t.head.depth, 1);
    ck_ok(stage_edit(&m->f.meta, m->t.head.root, 128, "", &b, &m->f.err), &m->f.err);
    /* Children 0 and 1 become one. */
    memcpy(b->bytes + 6 + 11u * m->t.head.root_nrec + 9,
           b->bytes + 6 + 11u * m->t.head.root_nrec, 9);
    b->summed = false;
    free_bytes = m->f.meta.stage->free[POOL_META].bytes;
    ck_status(bt2_edit_delete(&m->f.meta, m->t.addr, BT2_LINK_NAME, 11, count_record,
                              &n, &m->f.err),
              HI5_E_CORRUPT);
    ck_assert_uint_eq(n, 0);
    ck_assert_uint_eq(m->f.meta.stage->free[POOL_META].bytes, free_bytes);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

START_TEST(test_refused)
{
    struct model *const m = calloc(1, sizeof *m);

    stagefile_open(&m->f, 8, 8);
    ck_status(bt2_edit_create(&m->f.meta, BT2_LINK_NAME, 32, 11, &m->t, &m->f.err),
              HI5_E_UNSUPPORTED);
    ck_at(&m->f.err, ADDR_NONE, "BTHD", "room for less than 3 records");
    ck_assert_uint_eq(m->f.meta.eof, STAGEFILE_START);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

/* A number of records that the header cannot hold is refused before anything changes. */
START_TEST(test_full)
{
    struct model *const m = calloc(1, sizeof *m);

    model_open(m, 8, 1, 512, 11); /* lengths of one byte do not exist, but show it */
    for (uint32_t key = 0; key < 254; key++)
        ck_status(model_insert(m, key, 0), HI5_OK);
    ck_status(model_insert(m, 254, 0), HI5_E_RANGE);
    model_check(m);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

/* Damage is noticed before anything changes. */
START_TEST(test_damaged)
{
    struct model *const m = calloc(1, sizeof *m);
    uint64_t root, sum;

    model_open(m, 8, 8, 128, 11);
    for (uint32_t key = 0; key < 60; key++)
        ck_status(model_insert(m, key, 1), HI5_OK);
    model_reopen(m);
    root = m->t.head.root;
    sum = root + 6 + 11u * m->t.head.root_nrec + 9u * (m->t.head.root_nrec + 1u);
    m->f.bytes[root + 20] ^= 1;
    meta_drop(&m->f.meta, 0, UINT64_MAX);
    ck_status(model_insert(m, 100, 1), HI5_E_CHECKSUM);
    ck_at(&m->f.err, sum, "BTIN", "computed");
    ck_status(model_remove(m, 3), HI5_E_CHECKSUM);
    ck_status(bt2_edit_delete(&m->f.meta, m->t.addr, BT2_LINK_NAME, 11, NULL, NULL,
                              &m->f.err),
              HI5_E_CHECKSUM);
    ck_assert_uint_eq(m->t.head.total, 60);
    stagefile_close(&m->f);
    free(m);
}
END_TEST

/* The n-th allocation fails: an error, no leak; what was committed is still there. */
START_TEST(test_no_memory)
{
    struct model *const m = calloc(1, sizeof *m);
    uint64_t n = 0;

    for (uint64_t at = 1;; at++) {
        hi5_status s = HI5_OK;

        model_open(m, 8, 8, 128, 11);
        for (uint32_t key = 0; key < 100; key++)
            ck_status(model_insert(m, key, 1), HI5_OK);
        model_reopen(m);
        m->f.calls = 0;
        m->f.fail_at = at;
        for (uint32_t key = 100; key < 160 && s == HI5_OK; key++)
            s = model_insert(m, key, 2);
        for (uint32_t key = 0; key < 160 && s == HI5_OK; key++)
            s = model_remove(m, key * 7 % 160);
        if (s == HI5_OK)
            s = bt2_edit_delete(&m->f.meta, m->t.addr, BT2_LINK_NAME, 11, NULL, NULL,
                                &m->f.err);
        m->f.fail_at = 0;
        if (s != HI5_OK) {
            ck_assert_int_eq(s, HI5_E_NOMEM);
            stage_abort(&m->f.meta);
            memset(m->there, 0, sizeof m->there);
            memset(m->there, 1, 100);
            for (uint32_t key = 0; key < 100; key++)
                m->value[key] = 1;
            m->n = 100;
            model_check(m);
            n++;
        }
        stagefile_close(&m->f);
        if (s == HI5_OK)
            break;
    }
    ck_assert_uint_gt(n, 20);
    free(m);
}
END_TEST

Suite *
suite_btree2_edit(void)
{
    Suite *const s = suite_create("btree2_edit");
    TCase *const c = tcase_create("btree2_edit");

    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, test_random, 0, sizeof shapes / sizeof shapes[0]);
    tcase_add_test(c, test_orders);
    tcase_add_test(c, test_update);
    tcase_add_test(c, test_make_refuses);
    tcase_add_test(c, test_delete);
    tcase_add_test(c, test_delete_shared);
    tcase_add_test(c, test_refused);
    tcase_add_test(c, test_full);
    tcase_add_test(c, test_damaged);
    tcase_add_test(c, test_no_memory);
    suite_add_tcase(s, c);
    return s;
}
