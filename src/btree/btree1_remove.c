/*
 * btree1_remove.c - removing from version-1 B-trees                [FMT III.A.1]
 *
 * libhdf5 takes out nodes that have become empty, and no more. Here nodes that are less
 * than a quarter full also melt together with a neighbour, and a root with few children
 * takes their place, so that the tree gets less high again.
 */
#include "btree/btree1_edit_impl.h"
#include "btree/node.h"
#include <string.h>

/* The node at depth d has no child any more, but one key: take it out of its level. */
static hi5_status
bt1e_unlink(struct bt1_edit *e, unsigned d, hi5_error *err)
{
    const struct bt1_step *const x = &e->path[d];
    const uint8_t *const key = bt1e_key(&e->t, x, 0);
    struct bt1_step left, right;
    bool has_left, has_right;

    TRY(bt1e_neighbour(e, d, false, &left, &has_left, err));
    TRY(bt1e_neighbour(e, d, true, &right, &has_right, err));
    if (has_left) {
        left.head.right = has_right ? right.addr : ADDR_NONE;
        if (e->t.type == BT1_CHUNK)
            memcpy(bt1e_key(&e->t, &left, left.head.nentries), key, bt1_key_size(&e->t));
        bt1e_put_head(&e->t, &left);
    }
    if (has_right) {
        right.head.left = has_left ? left.addr : ADDR_NONE;
        if (e->t.type == BT1_GROUP)
            memcpy(bt1e_key(&e->t, &right, 0), key, bt1_key_size(&e->t));
        bt1e_put_head(&e->t, &right);
    }
    return bt1e_free(&e->t, x->addr, err);
}

/* Melt the node at depth d, child i of its parent, together with the next one. */
static hi5_status
bt1e_merge(struct bt1_edit *e, unsigned d, unsigned i, struct bt1_step *a,
           const struct bt1_step *b, hi5_error *err)
{
    struct bt1_step *const up = &e->path[d - 1];
    struct bt1_step next;
    bool found;

    up->at = i + 1;
    TRY(bt1e_neighbour(e, d, true, &next, &found, err));
    bt1e_copy(&e->t, a, a->head.nentries, b, 0, b->head.nentries);
    a->head.nentries = (uint16_t)(a->head.nentries + b->head.nentries);
    a->head.right = found ? next.addr : ADDR_NONE;
    bt1e_put_head(&e->t, a);
    if (found) {
        next.head.left = a->addr;
        bt1e_put_head(&e->t, &next);
    }
    bt1e_drop(&e->t, up, i + 1, false);
    up->at = i;
    return bt1e_free(&e->t, b->addr, err);
}

/* Neighbours a and b, children i and i + 1 of a node, share what they have. */
static void
bt1e_share(const struct bt1_edit *e, struct bt1_step *up, unsigned i,
           struct bt1_step *a, struct bt1_step *b)
{
    const struct bt1 *const t = &e->t;
    const unsigned na = a->head.nentries, nb = b->head.nentries, half = (na + nb) / 2;

    if (half < na) {
        const unsigned m = na - half;
        bt1e_copy(t, b, m, b, 0, nb);
        memcpy(bt1e_key(t, b, 0), bt1e_key(t, a, half), m * bt1e_entry(t));
    } else {
        const unsigned m = half - na;
        bt1e_copy(t, a, na, b, 0, m);
        bt1e_copy(t, b, 0, b, m, nb - m);
    }
    bt1e_set_n(t, a, half);
    bt1e_set_n(t, b, na + nb - half);
    memcpy(bt1e_key(t, up, i + 1), bt1e_key(t, b, 0), bt1_key_size(t));
    stage_changed(up->b, 0, 0);
}

/* The node at depth d has become too small: with a neighbour of the same parent it makes
 * one, or the two share. */
static hi5_status
bt1e_mend(struct bt1_edit *e, unsigned d, hi5_error *err)
{
    struct bt1_step *const x = &e->path[d], *const up = &e->path[d - 1];
    const unsigned i = up->at, n = x->head.nentries;
    const bool left = i > 0;
    struct bt1_step other;

    if (up->head.nentries < 2 || (n >= (e->t.k + 1) / 2 && n >= x->head.level))
        return HI5_OK;
    TRY(bt1e_stage(&e->t, bt1e_child(&e->t, up, left ? i - 1 : i + 1), x->head.level,
                   &other, err));
    if (n + other.head.nentries <= 2 * e->t.k)
        return left ? bt1e_merge(e, d, i - 1, &other, x, err)
                    : bt1e_merge(e, d, i, x, &other, err);
    if (n < x->head.level && left)
        bt1e_share(e, up, i - 1, &other, x);
    else if (n < x->head.level)
        bt1e_share(e, up, i, x, &other);
    return HI5_OK;
}

/* The root takes the place of its children. */
static hi5_status
bt1e_absorb(struct bt1_edit *e, hi5_error *err)
{
    struct bt1_step *const root = &e->path[0], *const x = &e->path[1];
    const unsigned nodes = root->head.nentries;
    const int level = (int)root->head.level - 1;
    const size_t n = bt1_node_size(&e->t);
    uint8_t *const copy = mem_alloc(e->t.meta->mem, n);
    struct bt1_step old = *root;
    struct staged was = *root->b;
    hi5_status s = HI5_OK;
    unsigned used = 0;

    if (copy == NULL)
        return mem_fail(e->t.meta->mem, n, err);
    memcpy(copy, root->b->bytes, n);
    was.bytes = copy;
    old.b = &was;
    for (unsigned i = 0; i < nodes && s == HI5_OK; i++) {
        s = bt1e_stage(&e->t, bt1e_child(&e->t, &old, i), level, x, err);
        if (s != HI5_OK)
            break;
        bt1e_copy(&e->t, root, used, x, 0, x->head.nentries);
        used += x->head.nentries;
        s = bt1e_free(&e->t, x->addr, err);
    }
    mem_free(e->t.meta->mem, copy, n);
    root->head.level = (uint8_t)level;
    root->head.nentries = (uint16_t)used; /* no fewer than there were nodes */
    bt1e_put_head(&e->t, root);
    return s;
}

/* A root has at least two children, and as many as its level. */
static hi5_status
bt1e_mend_root(struct bt1_edit *e, hi5_error *err)
{
    struct bt1_step *const root = &e->path[0], *const x = &e->path[1];

    while (root->head.level > 0) {
        const unsigned n = root->head.nentries;
        unsigned all = 0;

        if (n > 1 && n >= root->head.level)
            return HI5_OK;
        for (unsigned i = 0; i < n; i++) {
            TRY(bt1e_stage(&e->t, bt1e_child(&e->t, root, i), root->head.level - 1, x,
                           err));
            all += x->head.nentries;
        }
        if (all > 2 * e->t.k)
            return bt1e_widen(e, err);
        TRY(bt1e_absorb(e, err));
    }
    return HI5_OK;
}

HI5_INT hi5_status
bt1_remove(struct bt1_edit *e, hi5_error *err)
{
    const bool right = e->t.type == BT1_GROUP;
    unsigned d = e->depth - 1;
    struct bt1_step *x;
    uint8_t key[BT1E_KEY_MOST];
    bool edge;

    e->depth = 0;
    for (;; d--) {
        x = &e->path[d];
        edge = x->at == (right ? x->head.nentries - 1u : 0);
        bt1e_drop(&e->t, x, x->at, right);
        if (x->head.nentries != 0)
            break;
        if (d == 0) {
            x->head.level = 0;
            memset(bt1e_key(&e->t, x, 0), 0, bt1_key_size(&e->t));
            bt1e_put_head(&e->t, x);
            return HI5_OK;
        }
        TRY(bt1e_unlink(e, d, err));
    }
    if (edge) {
        x->at = right ? x->head.nentries - 1u : 0;
        memcpy(key, bt1e_key(&e->t, x, x->at + right), bt1_key_size(&e->t));
        TRY(bt1e_set_key(e, d, right, key, err));
    }
    for (; d > 0; d--)
        TRY(bt1e_mend(e, d, err));
    return bt1e_mend_root(e, err);
}

/* ---- all of it ---- */

HI5_INT hi5_status
bt1_free_all(const struct bt1 *t, bt1_fn fn, void *ctx, hi5_error *err)
{
    struct bt1_step path[BT1_EDIT_LEVELS];
    uint64_t left = t->meta->eof;
    unsigned depth = 1;

    TRY(bt1e_stage(t, t->root, -1, &path[0], err));
    if (path[0].head.level >= BT1_EDIT_LEVELS)
        return err_set(err, HI5_E_UNSUPPORTED, t->root, BT1E_NAME, "level", "III.A.1",
                       "too deep to be changed");
    while (depth > 0) {
        struct bt1_step *const x = &path[depth - 1];
        const unsigned i = x->at++;

        if (i == x->head.nentries) {
            TRY(bt1e_free(t, x->addr, err));
            depth--;
        } else if (x->head.level == 0) {
            TRY(fn(ctx, bt1e_key(t, x, i), bt1e_child(t, x, i), bt1e_key(t, x, i + 1),
                   err));
        } else {
            TRY(node_spend(&left, bt1_node_size(t), x->addr, BT1E_NAME, "III.A.1", err));
            TRY(bt1e_stage(t, bt1e_child(t, x, i), (int)x->head.level - 1, &path[depth],
                           err));
            depth++;
        }
    }
    return HI5_OK;
}
