/*
 * btree2_edit.c - changing version-2 B-trees in place              [FMT III.A.2]
 *
 * A way leads from the root to a record or to the place of a new one; what is to change
 * is changed in the staged bytes of the nodes on it. An insertion that meets a full node
 * first makes room, one step at a time from above: it moves records to a sibling, or
 * splits the node, or puts a new root above the old one; then it looks for its way again.
 * A removal takes the record from a leaf, where need be one that changes places with the
 * leaf's last, and then lets the nodes on the way up borrow from a sibling or merge.
 *
 * NOTE(lib): libhdf5 splits a node that has exactly as many records as the split percent
 * says, and merges one with exactly the merge percent, so no node may have more or less.
 *
 * Records that come in ascending order fill their nodes: a full node at the right end
 * fills its left sibling before it is split.
 */
#include "btree/btree2_impl.h"
#include "btree/node.h"
#include <string.h>

/* The way: step[level], from `level` to the root. */
struct bt2e_way {
    unsigned level;
    struct bt2e_step step[BT2_MAX_DEPTH + 1];
};

/* ---- the header ---- */

static hi5_status
bt2e_head(const struct bt2_edit *t, struct staged **b, hi5_error *err)
{
    TRY(stage_edit(t->meta, t->addr, bt2e_head_size(t->meta), "BTHD", b, err));
    (*b)->trusted = true; /* it was decoded when the tree was opened */
    stage_changed(*b, (*b)->block.size - 4, (*b)->block.size - 4);
    return HI5_OK;
}

static hi5_status
bt2e_put_head(struct bt2_edit *t, hi5_error *err)
{
    struct staged *b;
    struct cur c;

    TRY(bt2e_head(t, &b, err));
    c = stage_cursor(t->meta, b, 0, err);
    bthd_code(&c, &t->head);
    return c.status;
}

/* Only the numbers of records: what most changes come down to. */
static hi5_status
bt2e_put_counts(struct bt2_edit *t, hi5_error *err)
{
    const size_t at = 4u + 1 + 1 + 4 + 2 + 2 + 1 + 1 + t->meta->off_w;
    struct staged *b;

    TRY(bt2e_head(t, &b, err));
    cur_raw_store(b->bytes + at, 2, t->head.root_nrec);
    cur_raw_store(b->bytes + at + 2, t->meta->len_w, t->head.total);
    return HI5_OK;
}

HI5_INT hi5_status
bt2_edit_create(struct meta *m, enum bt2_type type, uint32_t node_size,
                size_t record_size, struct bt2_edit *t, hi5_error *err)
{
    struct staged *b;

    t->meta = m;
    t->addr = ADDR_NONE;
    t->head = (struct bthd){.type = (uint8_t)type,
                            .node_size = node_size,
                            .record_size = (uint16_t)record_size,
                            .split = 100,
                            .merge = 40,
                            .root = ADDR_NONE};
    for (unsigned d = 0; d <= 2; d++)
        TRY(bt2e_measure(t, d, err));
    TRY(stage_new(m, bt2e_head_size(m), &b, err));
    t->addr = b->block.addr;
    return bt2e_put_head(t, err);
}

HI5_INT hi5_status
bt2_edit_open(struct meta *m, uint64_t addr, enum bt2_type type, size_t record_size,
              struct bt2_edit *t, hi5_error *err)
{
    const struct bt2 *tree;
    struct arena a;
    hi5_status s;

    arena_init(&a, m->mem);
    s = bt2_open(m, addr, type, record_size, &a, &tree, err);
    if (s == HI5_OK)
        t->head = *bt2_header(tree);
    arena_done(&a);
    t->meta = m;
    t->addr = addr;
    for (unsigned d = 0; s == HI5_OK && d <= t->head.depth; d++)
        s = bt2e_measure(t, d, err);
    return s;
}

/* ---- ways ---- */

/* Where record number *n is: in this node, or *n less those before it in a child. */
static bool
bt2e_count_off(const struct bt2_edit *t, const struct bt2e_step *s, unsigned level,
               uint64_t *n, uint64_t *i)
{
    if (level == 0) {
        *i = *n;
        return true;
    }
    for (*i = 0; *i < s->nrec; ++*i) {
        const uint64_t below = bt2e_child(t, s, level, *i).total;

        if (*n <= below)
            return *n == below;
        *n -= below + 1;
    }
    return false;
}

/* From the root to the record that compares equal, or to where it would be in a leaf. All
 * nodes on the way are staged. compare NULL: *(uint64_t *)ctx is the record's number. */
static hi5_status
bt2e_seek(const struct bt2_edit *t, bt2_compare compare, void *ctx, struct bt2e_way *w,
          bool *found, hi5_error *err)
{
    uint64_t number = compare == NULL ? *(const uint64_t *)ctx : 0;
    unsigned level = t->head.depth;

    w->step[level].addr = t->head.root;
    w->step[level].nrec = t->head.root_nrec;
    for (;; level--) {
        struct bt2e_step *const s = &w->step[level];
        struct bt2e_child c;

        TRY(bt2e_stage(t, s, level, err));
        if (compare == NULL)
            *found = bt2e_count_off(t, s, level, &number, &s->i) && s->i < s->nrec;
        else
            TRY(bt2e_bisect(t, bt2e_record(t, s, 0), s->nrec, compare, ctx, &s->i,
                            found, err));
        w->level = level;
        if (*found || level == 0)
            return HI5_OK;
        c = bt2e_child(t, s, level, s->i);
        w->step[level - 1].addr = c.addr;
        w->step[level - 1].nrec = c.nrec;
    }
}

/* `n` more (or less) records below step[level].i, all the way up. */
static hi5_status
bt2e_count(struct bt2_edit *t, const struct bt2e_way *w, bool more, hi5_error *err)
{
    const uint64_t n = more ? 1 : UINT64_MAX;

    for (unsigned level = 1; level <= t->head.depth; level++) {
        const struct bt2e_step *const s = &w->step[level];
        uint8_t *const p = bt2e_pointer(t, s, level, s->i);
        struct bt2e_child c = bt2e_get_child(t, level, p);

        c.nrec = w->step[level - 1].nrec;
        c.total += n;
        bt2e_put_child(t, level, p, &c);
        bt2e_changed(t, s, level, 0);
    }
    t->head.root_nrec = (uint16_t)w->step[t->head.depth].nrec;
    t->head.total += n;
    return bt2e_put_counts(t, err);
}

/* Say in its parent, or in the header, how many records the node at `level` has. */
static hi5_status
bt2e_recount(struct bt2_edit *t, const struct bt2e_way *w, unsigned level,
             hi5_error *err)
{
    const struct bt2e_step *const s = &w->step[level];

    if (level < t->head.depth) {
        const struct bt2e_step *const up = &w->step[level + 1];
        uint8_t *const p = bt2e_pointer(t, up, level + 1, up->i);

        cur_raw_store(p + t->meta->off_w, t->nrec_w, s->nrec);
        bt2e_changed(t, up, level + 1, 0);
        return HI5_OK;
    }
    t->head.root_nrec = (uint16_t)s->nrec;
    return bt2e_put_counts(t, err);
}

/* ---- insertion ---- */

/* Put a root without records above the old one. */
static hi5_status
bt2e_grow(struct bt2_edit *t, struct bt2e_way *w, hi5_error *err)
{
    const struct bt2e_child old = {t->head.root, t->head.root_nrec, t->head.total};
    const unsigned level = t->head.depth + 1u;
    struct bt2e_step *const s = &w->step[level];

    if (level > BT2_MAX_DEPTH)
        return err_set(err, HI5_E_RANGE, t->addr, "BTHD", "depth", "III.A.2",
                       "the tree is full");
    TRY(bt2e_measure(t, level, err));
    TRY(bt2e_new(t, s, level, err));
    bt2e_put_child(t, level, bt2e_pointer(t, s, level, 0), &old);
    bt2e_changed(t, s, level, 0);
    s->i = 0;
    t->head.root = s->addr;
    t->head.root_nrec = 0;
    t->head.depth = (uint16_t)level;
    return bt2e_put_head(t, err);
}

/* Is the way's end the right end of the tree? */
static bool
bt2e_at_end(const struct bt2_edit *t, const struct bt2e_way *w)
{
    for (unsigned level = 0; level <= t->head.depth; level++)
        if (w->step[level].i != w->step[level].nrec)
            return false;
    return true;
}

/* Let the full child that the way goes through share with a sibling. Both have room
 * afterwards, or else this would never end. */
static hi5_status
bt2e_relieve(const struct bt2_edit *t, const struct bt2e_way *w, unsigned level,
             bool *done, hi5_error *err)
{
    struct bt2e_step up = w->step[level + 1];
    const uint64_t most = bt2e_most(t, level), n = w->step[level].nrec;
    const uint64_t room = most / 8 + 1 > 2 ? most / 8 + 1 : 2;
    uint64_t l = UINT64_MAX, r = UINT64_MAX;

    if (up.i > 0)
        l = bt2e_child(t, &up, level + 1, up.i - 1).nrec;
    if (up.i < up.nrec)
        r = bt2e_child(t, &up, level + 1, up.i + 1).nrec;
    *done = true;
    if (l != 0 && l < most && bt2e_at_end(t, w))
        return bt2e_share(t, &up, level, up.i - 1, most, err);
    if (l <= most - room && l <= r)
        return bt2e_share(t, &up, level, up.i - 1, (l + n) / 2, err);
    if (r <= most - room)
        return bt2e_share(t, &up, level, up.i, (n + r) / 2, err);
    *done = false;
    return HI5_OK;
}

/* One step towards room in the leaf at the way's end. */
static hi5_status
bt2e_make_room(struct bt2_edit *t, struct bt2e_way *w, hi5_error *err)
{
    unsigned level = 0;
    bool done;

    for (; level < t->head.depth; level++) {
        TRY(bt2e_relieve(t, w, level, &done, err));
        if (done)
            return HI5_OK;
        if (w->step[level + 1].nrec < bt2e_most(t, level + 1))
            break;
    }
    if (level == t->head.depth)
        TRY(bt2e_grow(t, w, err));
    TRY(bt2e_split(t, &w->step[level + 1], level, w->step[level + 1].i, err));
    return bt2e_recount(t, w, level + 1, err);
}

static hi5_status
bt2e_begin_insert(struct bt2_edit *t, hi5_error *err)
{
    const uint64_t most =
        t->meta->len_w < 8 ? ((uint64_t)1 << (8 * t->meta->len_w)) - 2 : UINT64_MAX - 1;
    struct bt2e_step s;

    if (t->head.total >= most)
        return err_set(err, HI5_E_RANGE, t->addr, "BTHD", "total records", "III.A.2",
                       "no more records can be counted");
    if (t->head.root != ADDR_NONE)
        return HI5_OK;
    TRY(bt2e_new(t, &s, 0, err));
    bt2e_changed(t, &s, 0, 0);
    t->head.root = s.addr;
    return bt2e_put_head(t, err);
}

HI5_INT hi5_status
bt2_edit_insert(struct bt2_edit *t, bt2_compare compare, bt2_make make, void *ctx,
                const uint8_t *record, hi5_error *err)
{
    const size_t size = t->head.record_size;
    struct bt2e_way w;
    struct bt2e_step *const leaf = &w.step[0];
    uint8_t *p;
    bool found;

    TRY(bt2e_begin_insert(t, err));
    for (;;) {
        TRY(bt2e_seek(t, compare, ctx, &w, &found, err));
        if (found)
            return err_plain(err, HI5_E_EXISTS, "there is such a record already");
        if (leaf->nrec < bt2e_most(t, 0))
            break;
        TRY(bt2e_make_room(t, &w, err));
    }
    if (make != NULL)
        TRY(make(ctx, err));
    p = bt2e_record(t, leaf, leaf->i);
    memmove(p + size, p, (size_t)(leaf->nrec - leaf->i) * size);
    memcpy(p, record, size);
    leaf->nrec++;
    bt2e_changed(t, leaf, 0, 0);
    return bt2e_count(t, &w, true, err);
}

/* ---- update and removal ---- */

static hi5_status
bt2e_locate(const struct bt2_edit *t, bt2_compare compare, void *ctx,
            struct bt2e_way *w, hi5_error *err)
{
    bool found = false;

    if (t->head.root != ADDR_NONE)
        TRY(bt2e_seek(t, compare, ctx, w, &found, err));
    return found ? HI5_OK : err_plain(err, HI5_E_NOTFOUND, "there is no such record");
}

static hi5_status
bt2e_update(struct bt2_edit *t, bt2_compare compare, void *ctx, const uint8_t *record,
            hi5_error *err)
{
    const struct bt2e_step *s;
    struct bt2e_way w;

    TRY(bt2e_locate(t, compare, ctx, &w, err));
    s = &w.step[w.level];
    memcpy(bt2e_record(t, s, s->i), record, t->head.record_size);
    bt2e_changed(t, s, w.level, 0);
    return HI5_OK;
}

HI5_INT hi5_status
bt2_edit_update(struct bt2_edit *t, bt2_compare compare, void *ctx,
                const uint8_t *record, hi5_error *err)
{
    return bt2e_update(t, compare, ctx, record, err);
}

HI5_INT hi5_status
bt2_edit_update_nth(struct bt2_edit *t, uint64_t n, const uint8_t *record,
                    hi5_error *err)
{
    return bt2e_update(t, NULL, &n, record, err);
}

/* Lead the way from an internal record to the one just before it, in a leaf. */
static hi5_status
bt2e_descend(const struct bt2_edit *t, struct bt2e_way *w, hi5_error *err)
{
    for (unsigned level = w->level; level > 0; level--) {
        const struct bt2e_step *const up = &w->step[level];
        const struct bt2e_child c = bt2e_child(t, up, level, up->i);
        struct bt2e_step *const s = &w->step[level - 1];

        s->addr = c.addr;
        s->nrec = s->i = c.nrec;
        TRY(bt2e_stage(t, s, level - 1, err));
    }
    if (w->step[0].nrec == 0)
        return err_set(err, HI5_E_CORRUPT, w->step[0].addr, "BTLF", "records",
                       "III.A.2", "a leaf without records");
    if (w->level > 0)
        w->step[0].i--;
    return HI5_OK;
}

/* A tree without records has no nodes; a root without records gives way to its child. */
static hi5_status
bt2e_shrink(struct bt2_edit *t, const struct bt2e_way *w, hi5_error *err)
{
    const struct bt2e_step *const s = &w->step[t->head.depth];
    struct bt2e_child c = {.addr = ADDR_NONE};

    if (s->nrec != 0)
        return HI5_OK;
    if (t->head.depth > 0) {
        c = bt2e_child(t, s, t->head.depth, 0);
        t->head.depth--;
    }
    TRY(stage_free(t->meta, s->addr, t->head.node_size, err));
    t->head.root = c.addr;
    t->head.root_nrec = (uint16_t)c.nrec;
    return bt2e_put_head(t, err);
}

/* Let nodes on the way that have too few records borrow or merge, from the leaf up. */
static hi5_status
bt2e_balance(struct bt2_edit *t, struct bt2e_way *w, hi5_error *err)
{
    for (unsigned level = 0; level < t->head.depth; level++) {
        struct bt2e_step *const up = &w->step[level + 1];
        const uint64_t i = up->i > 0 ? up->i - 1 : 0, most = bt2e_most(t, level);
        uint64_t n;

        if (w->step[level].nrec >= bt2e_least(t, level) || up->nrec == 0)
            break;
        n = bt2e_child(t, up, level + 1, i).nrec +
            bt2e_child(t, up, level + 1, i + 1).nrec;
        TRY(bt2e_share(t, up, level, i, n + 1 <= most ? n + 1 : n / 2, err));
        if (n + 1 > most)
            break;
        TRY(bt2e_recount(t, w, level + 1, err));
    }
    return bt2e_shrink(t, w, err);
}

static hi5_status
bt2e_remove(struct bt2_edit *t, bt2_compare compare, void *ctx, uint8_t *record,
            hi5_error *err)
{
    const size_t size = t->head.record_size;
    struct bt2e_way w;
    struct bt2e_step *const leaf = &w.step[0], *s;
    size_t before;
    uint8_t *p;

    TRY(bt2e_locate(t, compare, ctx, &w, err));
    s = &w.step[w.level];
    if (record != NULL)
        memcpy(record, bt2e_record(t, s, s->i), size);
    TRY(bt2e_descend(t, &w, err));
    p = bt2e_record(t, leaf, leaf->i);
    if (w.level > 0) {
        memcpy(bt2e_record(t, s, s->i), p, size);
        bt2e_changed(t, s, w.level, 0);
    }
    before = bt2e_used(t, 0, leaf->nrec);
    memmove(p, p + size, (size_t)(leaf->nrec - leaf->i - 1) * size);
    leaf->nrec--;
    bt2e_changed(t, leaf, 0, before);
    TRY(bt2e_count(t, &w, false, err));
    return bt2e_balance(t, &w, err);
}

HI5_INT hi5_status
bt2_edit_remove(struct bt2_edit *t, bt2_compare compare, void *ctx, uint8_t *record,
                hi5_error *err)
{
    return bt2e_remove(t, compare, ctx, record, err);
}

HI5_INT hi5_status
bt2_edit_remove_nth(struct bt2_edit *t, uint64_t n, uint8_t *record, hi5_error *err)
{
    return bt2e_remove(t, NULL, &n, record, err);
}
