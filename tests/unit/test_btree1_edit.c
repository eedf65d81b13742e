/*
 * test_btree1_edit.c - changing version-1 B-trees                  [FMT III.A.1]
 *
 * Random changes of chunk trees beside a plain sorted list. The tree is read back by the
 * reader, and its nodes are looked at one by one: keys, neighbours, levels. Trees of
 * groups are tested with symbol tables.
 */
#include "btree/btree1_edit.h"
#include "editfile.h"

Suite *suite_btree1_edit(void);

enum { MOST = 6000, RANK = 3 };

struct chunk {
    uint64_t offset[RANK + 1], addr;
    uint32_t nbytes, mask;
};

struct model {
    struct bt1_edit e;
    uint64_t dim[RANK + 1];
    unsigned side;             /* chunks along a dimension */
    size_t n;
    struct chunk chunk[MOST];  /* sorted */
};

static void
begin(struct editfile *f, struct model *m, unsigned k, unsigned rank, unsigned side)
{
    struct bt1 t = {.meta = &f->meta, .type = BT1_CHUNK, .k = k, .rank = rank};

    memset(m, 0, sizeof *m);
    m->side = side;
    for (unsigned i = 0; i < rank; i++)
        m->dim[i] = i + 3;
    m->dim[rank] = 8;
    ck_ok(bt1_create(&t, &t.root, &f->err), &f->err);
    bt1_edit_init(&m->e, &t);
}

static int
order(const struct chunk *a, const struct chunk *b)
{
    for (unsigned i = 0; i < RANK; i++)
        if (a->offset[i] != b->offset[i])
            return a->offset[i] < b->offset[i] ? -1 : 1;
    return 0;
}

/* Where it is, or would be. */
static size_t
place(const struct model *m, const struct chunk *c)
{
    size_t low = 0, high = m->n;

    while (low < high) {
        const size_t mid = (low + high) / 2;
        if (order(&m->chunk[mid], c) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool
has(const struct model *m, size_t i, const struct chunk *c)
{
    return i < m->n && order(&m->chunk[i], c) == 0;
}

/* ---- reading back ---- */

struct reading {
    const struct model *m;
    size_t n;
};

static hi5_status
see(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next, hi5_error *err)
{
    struct reading *const r = ctx;
    const struct chunk *const c = &r->m->chunk[r->n];
    const unsigned rank = r->m->e.t.rank;

    (void)next;
    (void)err;
    if (r->n >= r->m->n || child != c->addr || cur_raw_uint(key, 4) != c->nbytes ||
        cur_raw_uint(key + 4, 4) != c->mask)
        return HI5_E_TYPE;
    for (unsigned i = 0; i <= rank; i++)
        if (cur_raw_uint(key + 8 + 8 * (size_t)i, 8) != (i < rank ? c->offset[i] : 0))
            return HI5_E_TYPE;
    r->n++;
    return HI5_OK;
}

struct looking {
    const struct model *m;
    size_t key, entry, head;
    unsigned levels;
    uint64_t last[BT1_EDIT_LEVELS], right[BT1_EDIT_LEVELS]; /* by level */
};

static void
look(struct looking *l, uint64_t addr, int level, const uint8_t *low,
     const uint8_t *high)
{
    const struct bt1 *const t = &l->m->e.t;
    const size_t size = bt1_node_size(t);
    uint8_t *const p = malloc(size);
    size_t stale = 0;
    struct tree h;
    struct cur c;

    ck_ok(meta_copy(t->meta, addr, size, "", p, NULL), NULL);
    c = meta_cursor_at(t->meta, p, size, addr, NULL, NULL);
    tree_code(&c, &h);
    ck_assert_uint_le(h.nentries, 2 * t->k);
    ck_assert_uint_eq(h.type, 1);
    if (level >= 0) {
        ck_assert_int_eq(h.level, level);
        ck_assert_uint_ge(h.nentries, 1);
    }
    if (level < 0)
        l->levels = h.level;
    /* As libhdf5 2.0 and later want it, where nodes are not too small for that. */
    if (2 * t->k >= l->levels * (l->levels - 1))
        ck_assert_uint_ge(h.nentries, h.level);
    /* B1-004 */
    ck_assert_uint_eq(h.left, l->last[h.level]);
    if (l->last[h.level] != ADDR_NONE)
        ck_assert_uint_eq(l->right[h.level], addr);
    l->last[h.level] = addr;
    l->right[h.level] = h.right;
    /* B1-005, exactly */
    if (low != NULL && h.nentries != 0) {
        ck_assert_mem_eq(p + l->head, low, l->key);
        ck_assert_mem_eq(p + l->head + h.nentries * l->entry, high, l->key);
    }
    for (unsigned i = 0; i < h.nentries && h.level > 0; i++) {
        const uint8_t *const key = p + l->head + i * l->entry;
        look(l, cur_raw_addr(key + l->key, t->meta->off_w), (int)h.level - 1, key,
             key + l->entry);
    }
    /* B1-010 */
    for (size_t i = l->head + h.nentries * l->entry + (h.nentries != 0 ? l->key : 0);
         i < size; i++)
        stale += p[i] != 0;
    ck_assert_uint_eq(stale, 0);
    free(p);
}

static bool
matches(const struct model *m)
{
    struct reading r = {m, 0};
    hi5_error err;

    return bt1_each(&m->e.t, see, &r, &err) == HI5_OK && r.n == m->n;
}

static void
check_same(const struct model *m)
{
    struct looking l = {.m = m, .key = bt1_key_size(&m->e.t)};

    ck_assert_msg(matches(m), "%zu chunks", m->n);
    l.entry = l.key + m->e.t.meta->off_w;
    l.head = 8 + 2 * (size_t)m->e.t.meta->off_w;
    memset(l.last, 0xff, sizeof l.last);
    memset(l.right, 0xff, sizeof l.right);
    look(&l, m->e.t.root, -1, NULL, NULL);
    for (unsigned i = 0; i < BT1_EDIT_LEVELS; i++)
        ck_assert_uint_eq(l.right[i], ADDR_NONE);
}

/* ---- changes ---- */

static void
make_chunk(struct editfile *f, const struct model *m, struct chunk *c)
{
    memset(c, 0, sizeof *c);
    for (unsigned i = 0; i < m->e.t.rank; i++)
        c->offset[i] = m->dim[i] * editfile_random(f, m->side);
    c->addr = 100 + editfile_random(f, 60000);
    c->nbytes = editfile_random(f, 1000000);
    c->mask = editfile_random(f, 4);
}

static hi5_status
put(struct editfile *f, struct model *m, const struct chunk *c)
{
    struct bt1_chunk_key key = {.nbytes = c->nbytes, .mask = c->mask};
    const size_t i = place(m, c);

    memcpy(key.offset, c->offset, sizeof c->offset);
    if (!has(m, i, c)) {
        ck_assert_uint_lt(m->n, MOST);
        memmove(&m->chunk[i + 1], &m->chunk[i], (m->n++ - i) * sizeof *c);
    }
    m->chunk[i] = *c;
    return bt1_put_chunk(&m->e, &key, m->dim, c->addr, &f->err);
}

static hi5_status
take_out(struct editfile *f, struct model *m, size_t i)
{
    const struct chunk c = m->chunk[i];

    memmove(&m->chunk[i], &m->chunk[i + 1], (--m->n - i) * sizeof c);
    return bt1_remove_chunk(&m->e, c.offset, &f->err);
}

static void
get(struct editfile *f, struct model *m)
{
    struct bt1_chunk_key key;
    struct chunk c;
    uint64_t addr;
    size_t i;

    make_chunk(f, m, &c);
    i = place(m, &c);
    if (!has(m, i, &c)) {
        ck_status(bt1_get_chunk(&m->e, c.offset, &key, &addr, &f->err), HI5_E_NOTFOUND);
        ck_status(bt1_remove_chunk(&m->e, c.offset, &f->err), HI5_E_NOTFOUND);
        return;
    }
    ck_ok(bt1_get_chunk(&m->e, c.offset, &key, &addr, &f->err), &f->err);
    ck_assert_uint_eq(addr, m->chunk[i].addr);
    ck_assert_uint_eq(key.nbytes, m->chunk[i].nbytes);
    ck_assert_uint_eq(key.mask, m->chunk[i].mask);
}

/* Add, in order or not; then remove most; again and again. */
static void
change(struct editfile *f, struct model *m, unsigned phase)
{
    const unsigned way = phase / 2 % 3;
    struct chunk c;

    make_chunk(f, m, &c);
    if (phase % 2 == 0 || m->n == 0) {
        ck_ok(put(f, m, &c), &f->err);
    } else {
        const unsigned i = editfile_random(f, (unsigned)m->n);
        ck_ok(take_out(f, m, way == 0 ? i : way == 1 ? 0 : m->n - 1), &f->err);
    }
}

static const unsigned widths[] = {8, 4, 8, 4, 16};

/* CHUNK-18, CHUNK-19, CHUNK-20, CHUNK-22, CHUNK-23 */
START_TEST(random_changes)
{
    static const unsigned ks[] = {1, 2, 3, 4, 5, 8};
    struct model *const m = malloc(sizeof *m);
    const unsigned rank = 1 + (unsigned)_i % RANK;
    struct editfile f;

    editfile_open(&f, widths[_i % 5], 8, (unsigned)_i);
    begin(&f, m, ks[_i % 6], rank, rank == 1 ? 400 : rank == 2 ? 20 : 8);
    check_same(m);
    for (unsigned phase = 0; phase < 8; phase++) {
        for (unsigned i = 0; i < 60 + 150 * (phase / 2 % 2); i++) {
            change(&f, m, phase);
            get(&f, m);
            if (editfile_random(&f, 30) == 0)
                check_same(m);
            if (editfile_random(&f, 40) == 0)
                editfile_commit(&f);
            if (editfile_random(&f, 40) == 0 && _i % 2 == 0) {
                editfile_reopen(&f);
                bt1_edit_init(&m->e, &m->e.t);
            }
        }
    }
    while (m->n > 0) {
        ck_ok(take_out(&f, m, editfile_random(&f, (unsigned)m->n)), &f.err);
        if (editfile_random(&f, 5) == 0)
            check_same(m);
    }
    check_same(m);
    editfile_commit(&f);
    stage_trim(&f.meta);
    /* Only the root is left. */
    if (_i % 2 != 0)
        ck_assert_uint_eq(f.meta.eof, 48 + bt1_node_size(&m->e.t));
    editfile_close(&f);
    free(m);
}
END_TEST

static hi5_status
count(void *ctx, const uint8_t *key, uint64_t child, const uint8_t *next, hi5_error *err)
{
    (void)key;
    (void)child;
    (void)next;
    (void)err;
    ++*(size_t *)ctx;
    return HI5_OK;
}

/* Forwards, backwards; then all of it goes. CHUNK-22 */
START_TEST(in_order)
{
    struct model *const m = malloc(sizeof *m);
    struct editfile f;
    size_t n = 0;

    editfile_open(&f, 8, 8, 1);
    begin(&f, m, _i / 2 == 0 ? 32 : 4, 1, MOST);
    for (unsigned i = 0; i < MOST; i++) {
        struct chunk c = {.addr = 1000 + i, .nbytes = i};
        c.offset[0] = m->dim[0] * (_i % 2 == 0 ? i : MOST - 1 - i);
        ck_ok(put(&f, m, &c), &f.err);
    }
    check_same(m);
    editfile_commit(&f);
    check_same(m);
    ck_ok(bt1_free_all(&m->e.t, count, &n, &f.err), &f.err);
    ck_assert_uint_eq(n, MOST);
    editfile_commit(&f);
    stage_trim(&f.meta);
    ck_assert_uint_eq(f.meta.eof, 48);
    editfile_close(&f);
    free(m);
}
END_TEST

/* The keys of a grid of 3 x 3 chunks of (4,3), as libhdf5 writes them: the last is (8, 9,
 * 4), one more than the chunk (4, 6), which was the last to be added at the end. U-B1-5,
 * CHUNK-21 */
START_TEST(final_key)
{
    const uint64_t dim[] = {4, 3, 4};
    struct bt1 t = {.type = BT1_CHUNK, .k = 32, .rank = 2};
    struct bt1_chunk_key key = {.nbytes = 48};
    struct bt1_edit e;
    struct editfile f;
    uint8_t node[448];

    editfile_open(&f, 8, 8, 1);
    t.meta = &f.meta;
    ck_ok(bt1_create(&t, &t.root, &f.err), &f.err);
    bt1_edit_init(&e, &t);
    for (unsigned i = 0; i < 9; i++) {
        key.offset[0] = 4 * (uint64_t)(i / 3);
        key.offset[1] = 3 * (uint64_t)(i % 3);
        ck_ok(bt1_put_chunk(&e, &key, dim, 0x1000 + i, &f.err), &f.err);
    }
    ck_ok(meta_copy(&f.meta, t.root, sizeof node, "", node, &f.err), &f.err);
    ck_assert_mem_eq(node, "TREE\1\0\11\0", 8);
    ck_assert_uint_eq(cur_raw_uint(node + 24 + 8 * 40, 8), 48);
    ck_assert_uint_eq(cur_raw_uint(node + 24 + 8 * 40 + 8, 8), 8);
    ck_assert_uint_eq(cur_raw_uint(node + 24 + 8 * 40 + 16, 8), 6);
    ck_assert_uint_eq(cur_raw_uint(node + 24 + 9 * 40, 8), 0);
    ck_assert_uint_eq(cur_raw_uint(node + 24 + 9 * 40 + 8, 8), 8);
    ck_assert_uint_eq(cur_raw_uint(node + 24 + 9 * 40 + 16, 8), 9);
    ck_assert_uint_eq(cur_raw_uint(node + 24 + 9 * 40 + 24, 8), 4);
    editfile_close(&f);
}
END_TEST

/* Old libraries left last keys as they were when they removed the first chunk of the node
 * to the right. What belongs behind such a key goes there, and the key is mended. */
START_TEST(stale_keys)
{
    struct model *const m = malloc(sizeof *m);
    struct bt1_chunk_key key;
    struct bt1_step *leaf;
    struct editfile f;
    uint64_t addr, last;
    uint8_t *p;

    editfile_open(&f, 8, 8, 1);
    begin(&f, m, 2, 1, 400);
    for (unsigned i = 0; i < 40; i++) {
        const struct chunk c = {.offset = {m->dim[0] * 2 * i}, .addr = 1000 + i};
        ck_ok(put(&f, m, &c), &f.err);
    }
    ck_ok(bt1_get_chunk(&m->e, (uint64_t[]){0, 0}, &key, &addr, &f.err), &f.err);
    leaf = &m->e.path[m->e.depth - 1];
    p = leaf->b->bytes + 24 + leaf->head.nentries * (24u + 8u) + 8;
    last = cur_raw_uint(p, 8);
    ck_assert_uint_eq(last, m->dim[0] * 2 * leaf->head.nentries);
    last -= m->dim[0];
    for (unsigned i = 0; i < 8; i++)
        p[i] = (uint8_t)(last >> 8 * i);
    ck_ok(put(&f, m, &(struct chunk){.offset = {last}, .addr = 999}), &f.err);
    check_same(m);
    editfile_close(&f);
    free(m);
}
END_TEST

/* What fails for want of memory is undone by going back to the last commit. A put that
 * fails leaves what there was even without that. */
START_TEST(failing_allocations)
{
    struct model *const m = malloc(sizeof *m), *const old = malloc(sizeof *m),
                 *const saved = malloc(sizeof *m);
    unsigned failures = 0;
    struct editfile f;
    struct chunk c;

    editfile_open(&f, 8, 8, (unsigned)_i);
    begin(&f, m, 2, 1, 300);
    for (unsigned i = 0; i < 100; i++)
        change(&f, m, 0);
    editfile_commit(&f);
    *saved = *m;
    for (unsigned i = 0; i < 400; i++) {
        const bool add = editfile_random(&f, 2) == 0 || m->n == 0;
        hi5_status s;

        if (editfile_random(&f, 3) == 0) {
            editfile_commit(&f);
            *saved = *m;
        }
        *old = *m;
        make_chunk(&f, m, &c);
        f.fail_in = (long)editfile_random(&f, 6);
        s = add ? put(&f, m, &c) : take_out(&f, m, editfile_random(&f, (unsigned)m->n));
        f.fail_in = -1;
        if (s == HI5_OK)
            continue;
        ck_assert_int_eq(s, HI5_E_NOMEM);
        failures++;
        *m = *old;
        if (add && matches(m))
            continue;
        stage_abort(&f.meta);
        *m = *saved;
        bt1_edit_init(&m->e, &m->e.t);
        check_same(m);
    }
    check_same(m);
    ck_assert_uint_gt(failures, 20);
    editfile_close(&f);
    free(m);
    free(old);
    free(saved);
}
END_TEST

/* A node that the end of the file cuts off cannot be changed: what was beyond may belong
 * to others by now. EVIL-04 */
START_TEST(cut_off)
{
    struct bt1 t = {.type = BT1_CHUNK, .k = 32, .rank = 1};
    struct bt1_chunk_key key = {.nbytes = 48};
    const uint64_t dim[] = {4, 4};
    struct bt1_edit e;
    struct editfile f;

    editfile_open(&f, 8, 8, 1);
    t.meta = &f.meta;
    ck_ok(bt1_create(&t, &t.root, &f.err), &f.err);
    editfile_commit(&f);
    f.meta.eof -= 10;
    f.meta.stage->committed = f.meta.eof;
    bt1_edit_init(&e, &t);
    ck_status(bt1_put_chunk(&e, &key, dim, 1, &f.err), HI5_E_UNSUPPORTED);
    editfile_close(&f);
}
END_TEST

Suite *
suite_btree1_edit(void)
{
    Suite *const s = suite_create("btree1_edit");
    TCase *const t = tcase_create("btree1_edit");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, random_changes, 0, 30);
    tcase_add_loop_test(t, in_order, 0, 4);
    tcase_add_test(t, final_key);
    tcase_add_test(t, stale_keys);
    tcase_add_loop_test(t, failing_allocations, 0, 8);
    tcase_add_test(t, cut_off);
    suite_add_tcase(s, t);
    return s;
}
