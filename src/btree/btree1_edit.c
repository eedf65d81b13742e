/*
 * btree1_edit.c - changing version-1 B-trees                       [FMT III.A.1]
 *
 * A node with n children has n + 1 keys; the first and the last are also keys of the
 * parent and of the neighbours. In trees of groups a key is the last name of the child
 * to its left, in trees of chunks the offset of the child to its right, but for the last
 * of all.
 *
 * NOTE(lib): libhdf5 2.0 (#4862) refuses nodes with fewer children than their level. So
 * a new root above level 2 gets as many children as that, and nodes that removals have
 * left with fewer are filled up or melted together.
 *
 * Siblings are found by way of the parents: what files say of them may be wrong.
 */
#include "btree/btree1_edit_impl.h"
#include "btree/node.h"
#include <string.h>

/* ---- the way ---- */

HI5_INT void
bt1_edit_init(struct bt1_edit *e, const struct bt1 *t)
{
    e->t = *t;
    e->txn = 0;
    e->depth = 0;
}

HI5_INT hi5_status
bt1_create(const struct bt1 *t, uint64_t *root, hi5_error *err)
{
    struct bt1_step x;

    TRY(bt1e_new(t, 0, &x, err));
    *root = x.addr;
    return HI5_OK;
}

/* Is the way that is remembered still staged? */
static bool
bt1e_ready(const struct bt1_edit *e)
{
    if (e->depth == 0 || e->txn != e->t.meta->stage->txn)
        return false;
    for (unsigned d = 0; d < e->depth; d++) {
        const struct staged *const b = stage_find(e->t.meta, e->path[d].addr);
        if (b == NULL || b != e->path[d].b || !b->trusted)
            return false;
    }
    return true;
}

/* What is looked for, against key i of a node: a key that is equal is less for chunks,
 * greater for groups; so never 0. */
static int
bt1e_order(const struct bt1_edit *e, const struct bt1_step *x, unsigned i,
           bt1_compare compare, void *ctx, hi5_status *s, hi5_error *err)
{
    const int order = compare(ctx, bt1e_key(&e->t, x, i), s, err);

    return order != 0 ? order : e->t.type == BT1_GROUP ? -1 : 1;
}

/* The child that encloses what is looked for, or the last, or the first. */
static hi5_status
bt1e_choose(const struct bt1_edit *e, struct bt1_step *x, bt1_compare compare, void *ctx,
            hi5_error *err)
{
    unsigned low = 0, high = x->head.nentries - 1u;
    hi5_status s = HI5_OK;

    while (low < high) {
        const unsigned mid = low + (high - low) / 2;
        const int order = bt1e_order(e, x, mid + 1, compare, ctx, &s, err);
        if (s != HI5_OK)
            return s;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    x->at = low;
    return HI5_OK;
}

/* Does the way end at the first or last child of all? */
static bool
bt1e_at_edge(const struct bt1_edit *e, bool right)
{
    for (unsigned d = e->depth; d-- > 0;)
        if (e->path[d].at != (right ? e->path[d].head.nentries - 1u : 0))
            return false;
    return true;
}

/* Below, in, or beyond the child where the way ends; the status is not OK: unknown. */
static int
bt1e_side(const struct bt1_edit *e, bt1_compare compare, void *ctx, hi5_status *s,
          hi5_error *err)
{
    const struct bt1_step *const x = &e->path[e->depth - 1];

    if (bt1e_order(e, x, x->at + 1, compare, ctx, s, err) > 0 || *s != HI5_OK)
        return 1;
    return bt1e_order(e, x, x->at, compare, ctx, s, err) < 0 ? -1 : 0;
}

/* Look where the last change was, and beside it. */
static bool
bt1e_try_near(struct bt1_edit *e, bt1_compare compare, void *ctx, int *where)
{
    struct bt1_step *const x = &e->path[e->depth - 1];
    hi5_status s = HI5_OK;

    if (x->head.nentries == 0)
        return false;
    *where = bt1e_side(e, compare, ctx, &s, NULL);
    if (*where > 0 && s == HI5_OK && x->at + 1u < x->head.nentries) {
        x->at++;
        *where = bt1e_side(e, compare, ctx, &s, NULL);
    }
    return s == HI5_OK && (*where == 0 || bt1e_at_edge(e, *where > 0));
}

static hi5_status
bt1e_descend(struct bt1_edit *e, bt1_compare compare, void *ctx, hi5_error *err)
{
    uint64_t addr = e->t.root;
    int level = -1;

    e->depth = 0;
    for (unsigned d = 0;; d++) {
        struct bt1_step *const x = &e->path[d];

        if (d == BT1_EDIT_LEVELS)
            return err_set(err, HI5_E_UNSUPPORTED, e->t.root, BT1E_NAME, "level",
                           "III.A.1", "too deep to be changed");
        TRY(bt1e_stage(&e->t, addr, level, x, err));
        if (x->head.nentries != 0)
            TRY(bt1e_choose(e, x, compare, ctx, err));
        if (x->head.level == 0) {
            e->depth = d + 1;
            e->txn = e->t.meta->stage->txn;
            return HI5_OK;
        }
        addr = bt1e_child(&e->t, x, x->at);
        level = (int)x->head.level - 1;
    }
}

HI5_INT hi5_status
bt1e_neighbour(const struct bt1_edit *e, unsigned d, bool right, struct bt1_step *x,
               bool *found, hi5_error *err)
{
    unsigned up = d;
    int level;

    *found = false;
    do {
        if (up-- == 0)
            return HI5_OK;
    } while (e->path[up].at == (right ? e->path[up].head.nentries - 1u : 0));
    *x = e->path[up];
    x->at = right ? x->at + 1 : x->at - 1;
    for (; up < d; up++) {
        level = (int)x->head.level - 1;
        TRY(bt1e_stage(&e->t, bt1e_child(&e->t, x, x->at), level, x, err));
        x->at = right ? 0 : x->head.nentries - 1u;
    }
    *found = true;
    return HI5_OK;
}

/* Keys of neighbours may differ, where old libraries removed something. A key that is no
 * more than a bound must not become that of a neighbour: it takes the neighbour's. */
static hi5_status
bt1e_align(struct bt1_edit *e, bool right, bt1_compare compare, void *ctx, int *where,
           hi5_error *err)
{
    struct bt1_step *const x = &e->path[e->depth - 1];
    struct bt1_step y;
    hi5_status s = HI5_OK;
    bool found;

    TRY(bt1e_neighbour(e, e->depth - 1, right, &y, &found, err));
    if (!found)
        return HI5_OK;
    memcpy(bt1e_key(&e->t, x, x->at + right),
           bt1e_key(&e->t, &y, right ? 0 : y.head.nentries), bt1_key_size(&e->t));
    stage_changed(x->b, 0, 0);
    *where = bt1e_side(e, compare, ctx, &s, err);
    if (s == HI5_OK && *where != 0)
        return err_set(err, HI5_E_CORRUPT, x->addr, BT1E_NAME, "key", "III.A.1",
                       "the keys of neighbours are not in order");
    return s;
}

HI5_INT hi5_status
bt1_seek(struct bt1_edit *e, bt1_compare compare, void *ctx, int *where, hi5_error *err)
{
    hi5_status s = HI5_OK;

    if (bt1e_ready(e) && bt1e_try_near(e, compare, ctx, where))
        return HI5_OK;
    TRY(bt1e_descend(e, compare, ctx, err));
    *where = 1;
    if (e->path[e->depth - 1].head.nentries != 0)
        *where = bt1e_side(e, compare, ctx, &s, err);
    if (s == HI5_OK && *where == (e->t.type == BT1_CHUNK ? 1 : -1))
        return bt1e_align(e, *where > 0, compare, ctx, where, err);
    return s;
}

HI5_INT uint64_t
bt1_child_at(const struct bt1_edit *e)
{
    const struct bt1_step *const x = &e->path[e->depth - 1];

    return x->head.nentries == 0 ? ADDR_NONE : bt1e_child(&e->t, x, x->at);
}

HI5_INT const uint8_t *
bt1_key_at(const struct bt1_edit *e, bool right)
{
    const struct bt1_step *const x = &e->path[e->depth - 1];

    return bt1e_key(&e->t, x, x->at + right);
}

HI5_INT hi5_status
bt1e_set_key(struct bt1_edit *e, unsigned d, bool right, const uint8_t *key,
             hi5_error *err)
{
    const size_t n = bt1_key_size(&e->t);
    struct bt1_step y;
    bool found;

    for (;; d--) {
        struct bt1_step *const x = &e->path[d];

        memcpy(bt1e_key(&e->t, x, x->at + right), key, n);
        stage_changed(x->b, 0, 0);
        if (d == 0 || x->at != (right ? x->head.nentries - 1u : 0))
            return HI5_OK;
        TRY(bt1e_neighbour(e, d, right, &y, &found, err));
        if (found) {
            memcpy(bt1e_key(&e->t, &y, right ? 0 : y.head.nentries), key, n);
            stage_changed(y.b, 0, 0);
        }
    }
}

HI5_INT hi5_status
bt1_set_key(struct bt1_edit *e, bool right, const uint8_t *key, hi5_error *err)
{
    uint8_t copy[BT1E_KEY_MOST]; /* it may be one of those that are set */

    memcpy(copy, key, bt1_key_size(&e->t));
    return bt1e_set_key(e, e->depth - 1, right, copy, err);
}

/* ---- splitting ---- */

/* How many children stay? As libhdf5 decides: most at the right end of a level, where
 * appending goes on, few at the left end, else half. */
static unsigned
bt1e_stay(const struct bt1_edit *e, const struct bt1_step *x)
{
    const unsigned n = x->head.nentries;
    unsigned least = x->head.level != 0 ? x->head.level : 1;
    unsigned stay = x->head.right == ADDR_NONE  ? e->t.k * 2 * 9 / 10
                    : x->head.left == ADDR_NONE ? e->t.k * 2 / 10
                                                : e->t.k;

    if (n < 2 * least)
        least = n / 2;
    stay = stay < least ? least : stay;
    return stay > n - least ? n - least : stay;
}

/* Split the node at depth d, whose parent has room. The way is not right after that. */
static hi5_status
bt1e_split(struct bt1_edit *e, unsigned d, unsigned stay, hi5_error *err)
{
    struct bt1_step *const x = &e->path[d], *const up = &e->path[d - 1];
    const unsigned go = x->head.nentries - stay;
    struct bt1_step fresh, next;
    bool found;

    TRY(bt1e_neighbour(e, d, true, &next, &found, err));
    TRY(bt1e_new(&e->t, x->head.level, &fresh, err));
    fresh.head.left = x->addr;
    fresh.head.right = found ? next.addr : ADDR_NONE;
    bt1e_copy(&e->t, &fresh, 0, x, stay, go);
    bt1e_set_n(&e->t, &fresh, go);
    x->head.right = fresh.addr;
    bt1e_set_n(&e->t, x, stay);
    if (found) {
        next.head.left = fresh.addr;
        bt1e_put_head(&e->t, &next);
    }
    bt1e_insert(&e->t, up, up->at + 1, bt1e_key(&e->t, &fresh, 0), fresh.addr);
    return HI5_OK;
}

/* The root gets a single child with all it had. */
static hi5_status
bt1e_push_down(struct bt1_edit *e, hi5_error *err)
{
    struct bt1_step *const root = &e->path[0];
    const unsigned n = root->head.nentries;
    struct bt1_step fresh;

    if (root->head.level + 1u >= BT1_EDIT_LEVELS)
        return err_set(err, HI5_E_LIMIT, root->addr, BT1E_NAME, "level", "III.A.1",
                       "the tree would become too deep");
    TRY(bt1e_new(&e->t, root->head.level, &fresh, err));
    bt1e_copy(&e->t, &fresh, 0, root, 0, n);
    bt1e_set_n(&e->t, &fresh, n);
    memcpy(bt1e_key(&e->t, root, 1), bt1e_key(&e->t, root, n), bt1_key_size(&e->t));
    bt1e_put_child(&e->t, root, 0, fresh.addr);
    root->head.level++;
    root->head.left = root->head.right = ADDR_NONE;
    bt1e_set_n(&e->t, root, 1);
    return HI5_OK;
}

HI5_INT hi5_status
bt1e_widen(struct bt1_edit *e, hi5_error *err)
{
    struct bt1_step *const root = &e->path[0], *const x = &e->path[1];

    while (root->head.nentries < root->head.level && root->head.nentries < 2 * e->t.k) {
        unsigned best = 0, most = 0;

        for (unsigned i = 0; i < root->head.nentries; i++) {
            TRY(bt1e_stage(&e->t, bt1e_child(&e->t, root, i), root->head.level - 1, x,
                           err));
            if (x->head.nentries > most) {
                most = x->head.nentries;
                best = i;
            }
        }
        if (most < 2)
            return HI5_OK;
        TRY(bt1e_stage(&e->t, bt1e_child(&e->t, root, best), root->head.level - 1, x,
                       err));
        root->at = best;
        TRY(bt1e_split(e, 1, most / 2, err));
    }
    return HI5_OK;
}

HI5_INT hi5_status
bt1_make_room(struct bt1_edit *e, bool *moved, hi5_error *err)
{
    unsigned d = e->depth - 1;
    hi5_status s;

    *moved = e->path[d].head.nentries >= 2 * e->t.k;
    if (!*moved)
        return HI5_OK;
    /* The highest node that is full, and whose parent is not. */
    while (d > 0 && e->path[d - 1].head.nentries >= 2 * e->t.k)
        d--;
    e->depth = 0;
    if (d == 0)
        return bt1e_push_down(e, err);
    s = bt1e_split(e, d, bt1e_stay(e, &e->path[d]), err);
    if (s == HI5_OK && d == 1)
        s = bt1e_widen(e, err);
    return s;
}

HI5_INT void
bt1_insert_behind(struct bt1_edit *e, const uint8_t *key, uint64_t child)
{
    struct bt1_step *const x = &e->path[e->depth - 1];

    bt1e_insert(&e->t, x, ++x->at, key, child);
}

HI5_INT void
bt1_insert_first(struct bt1_edit *e, const uint8_t *left, const uint8_t *right,
                 uint64_t child)
{
    struct bt1_step *const x = &e->path[0];

    memcpy(bt1e_key(&e->t, x, 1), right, bt1_key_size(&e->t));
    memcpy(bt1e_key(&e->t, x, 0), left, bt1_key_size(&e->t));
    bt1e_put_child(&e->t, x, 0, child);
    x->at = 0;
    x->head.nentries = 1;
    bt1e_put_head(&e->t, x);
}

/* ---- chunks ---- */

struct bt1e_offset {
    const uint64_t *offset;
    unsigned n;
};

static int
bt1e_compare(void *ctx, const uint8_t *key, hi5_status *status, hi5_error *err)
{
    const struct bt1e_offset *const o = ctx;

    (void)status;
    (void)err;
    for (unsigned i = 0; i < o->n; i++) {
        const uint64_t v = cur_raw_uint(key + 8 + 8 * (size_t)i, 8);
        if (o->offset[i] != v)
            return o->offset[i] < v ? -1 : 1;
    }
    return 0;
}

/* *same: it ends at the chunk of just this offset. */
static hi5_status
bt1e_seek_chunk(struct bt1_edit *e, const uint64_t *offset, int *where, bool *same,
                hi5_error *err)
{
    struct bt1e_offset o = {offset, e->t.rank + 1};

    TRY(bt1_seek(e, bt1e_compare, &o, where, err));
    *same = bt1_child_at(e) != ADDR_NONE &&
            bt1e_compare(&o, bt1_key_at(e, false), NULL, NULL) == 0;
    return HI5_OK;
}

HI5_INT hi5_status
bt1_get_chunk(struct bt1_edit *e, const uint64_t *offset, struct bt1_chunk_key *key,
              uint64_t *addr, hi5_error *err)
{
    struct cur c;
    int where;
    bool same;

    TRY(bt1e_seek_chunk(e, offset, &where, &same, err));
    if (!same)
        return HI5_E_NOTFOUND;
    c = cur_reader(bt1_key_at(e, false), bt1_key_size(&e->t), err);
    bt1_chunk_key_code(&c, key, e->t.rank);
    *addr = bt1_child_at(e);
    return c.status;
}

static hi5_status
bt1e_encode(const struct bt1_edit *e, const struct bt1_chunk_key *key, uint8_t *out,
            hi5_error *err)
{
    struct bt1_chunk_key k = *key;
    struct cur c = cur_writer(out, bt1_key_size(&e->t), err);

    bt1_chunk_key_code(&c, &k, e->t.rank);
    return c.status;
}

/* The key behind the last chunk: one more in each dimension. U-B1-5 */
static hi5_status
bt1e_final_key(const struct bt1_edit *e, const struct bt1_chunk_key *key,
               const uint64_t *dim, uint8_t *out, hi5_error *err)
{
    struct bt1_chunk_key k = {0};

    for (unsigned i = 0; i <= e->t.rank; i++)
        k.offset[i] = key->offset[i] + dim[i];
    return bt1e_encode(e, &k, out, err);
}

/* It is there: other bytes, perhaps elsewhere. */
static hi5_status
bt1e_replace_chunk(struct bt1_edit *e, const uint8_t *key, uint64_t addr, hi5_error *err)
{
    struct bt1_step *const x = &e->path[e->depth - 1];

    TRY(bt1_set_key(e, false, key, err));
    bt1e_put_child(&e->t, x, x->at, addr);
    stage_changed(x->b, 0, 0);
    return HI5_OK;
}

HI5_INT hi5_status
bt1_put_chunk(struct bt1_edit *e, const struct bt1_chunk_key *key, const uint64_t *dim,
              uint64_t addr, hi5_error *err)
{
    uint8_t raw[BT1E_KEY_MOST], final[BT1E_KEY_MOST];
    bool same, moved;
    int where;

    TRY(bt1e_encode(e, key, raw, err));
    TRY(bt1e_final_key(e, key, dim, final, err));
    do {
        TRY(bt1e_seek_chunk(e, key->offset, &where, &same, err));
        if (same)
            return bt1e_replace_chunk(e, raw, addr, err);
        TRY(bt1_make_room(e, &moved, err));
    } while (moved);
    if (bt1_child_at(e) == ADDR_NONE) {
        bt1_insert_first(e, raw, final, addr);
        return HI5_OK;
    }
    if (where < 0) {
        struct bt1_step *const x = &e->path[e->depth - 1];
        bt1e_insert(&e->t, x, 0, raw, addr);
        return bt1e_set_key(e, e->depth - 1, false, raw, err);
    }
    bt1_insert_behind(e, raw, addr);
    return where > 0 ? bt1e_set_key(e, e->depth - 1, true, final, err) : HI5_OK;
}

HI5_INT hi5_status
bt1_remove_chunk(struct bt1_edit *e, const uint64_t *offset, hi5_error *err)
{
    int where;
    bool same;

    TRY(bt1e_seek_chunk(e, offset, &where, &same, err));
    return same ? bt1_remove(e, err) : HI5_E_NOTFOUND;
}
