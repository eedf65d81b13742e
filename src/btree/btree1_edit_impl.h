/*
 * btree1_edit_impl.h - what the parts of btree1_edit share: btree1_node, btree1_edit,
 * btree1_remove
 */
#ifndef HI5_BTREE1_EDIT_IMPL_H
#define HI5_BTREE1_EDIT_IMPL_H

#include "btree/btree1_edit.h"

#define BT1E_NAME "TREE"
#define BT1E_KEY_MOST (8u + 8u * (HI5_MAX_RANK + 1u))

/* ---- btree1_node.c: a node has n children, and n + 1 keys around them ---- */

static inline size_t
bt1e_entry(const struct bt1 *t)
{
    return bt1_key_size(t) + t->meta->off_w;
}

static inline uint8_t *
bt1e_key(const struct bt1 *t, const struct bt1_step *x, unsigned i)
{
    return x->b->bytes + 8 + 2 * (size_t)t->meta->off_w + i * bt1e_entry(t);
}

static inline uint64_t
bt1e_child(const struct bt1 *t, const struct bt1_step *x, unsigned i)
{
    return cur_raw_addr(bt1e_key(t, x, i) + bt1_key_size(t), t->meta->off_w);
}

HI5_INT void bt1e_put_child(const struct bt1 *t, const struct bt1_step *x, unsigned i,
                            uint64_t addr);
HI5_INT void bt1e_put_head(const struct bt1 *t, struct bt1_step *x);
/** Set the number of children. What follows the last key becomes zeros. */
HI5_INT void bt1e_set_n(const struct bt1 *t, struct bt1_step *x, unsigned n);
/** Stage the node at `addr`, of this level (-1: any). */
HI5_INT hi5_status bt1e_stage(const struct bt1 *t, uint64_t addr, int level,
                              struct bt1_step *x, hi5_error *err);
/** A new node, empty and alone. */
HI5_INT hi5_status bt1e_new(const struct bt1 *t, unsigned level, struct bt1_step *x,
                            hi5_error *err);
HI5_INT hi5_status bt1e_free(const struct bt1 *t, uint64_t addr, hi5_error *err);
/** Copy n entries of one node, and the key behind them, to another or the same. */
HI5_INT void bt1e_copy(const struct bt1 *t, const struct bt1_step *to, unsigned i,
                       const struct bt1_step *from, unsigned k, unsigned n);
/** Key i and child i are put before those that have been there; there is room. */
HI5_INT void bt1e_insert(const struct bt1 *t, struct bt1_step *x, unsigned i,
                         const uint8_t *key, uint64_t child);
/** Take out child i, with the key to its left or right. */
HI5_INT void bt1e_drop(const struct bt1 *t, struct bt1_step *x, unsigned i, bool right);

/* ---- btree1_edit.c: the way ---- */

/** The node beside that at depth d, on the same level. *found: there is one. */
HI5_INT hi5_status bt1e_neighbour(const struct bt1_edit *e, unsigned d, bool right,
                                  struct bt1_step *x, bool *found, hi5_error *err);
/** The key on one side of what the way takes at depth d: there, and where it is an outer
 *  key, in the neighbour and above. */
HI5_INT hi5_status bt1e_set_key(struct bt1_edit *e, unsigned d, bool right,
                                const uint8_t *key, hi5_error *err);
/** Split children of the root until it has as many as its level. */
HI5_INT hi5_status bt1e_widen(struct bt1_edit *e, hi5_error *err);

#endif
