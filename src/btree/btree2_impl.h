/*
 * btree2_impl.h - what the files that change version-2 B-trees share
 */
#ifndef HI5_BTREE2_IMPL_H
#define HI5_BTREE2_IMPL_H

#include "btree/btree2_edit.h"

enum {
    BT2E_PREFIX = 6,   /* of a node: signature, version, type */
    BT2E_OVERHEAD = 10 /* that, and the checksum */
};

/* A node on the way. `i`: of the record, or of the child. */
struct bt2e_step {
    struct staged *b;
    uint64_t addr, nrec, i;
};

struct bt2e_child {
    uint64_t addr, nrec, total;
};

HI5_INT uint8_t *
bt2e_record(const struct bt2_edit *t, const struct bt2e_step *s, uint64_t i);
HI5_INT uint8_t *bt2e_pointer(const struct bt2_edit *t, const struct bt2e_step *s,
                              unsigned level, uint64_t i);
/** Bytes of a node with `nrec` records. */
HI5_INT size_t bt2e_used(const struct bt2_edit *t, unsigned level, uint64_t nrec);
HI5_INT size_t bt2e_head_size(const struct meta *m);
/** A node's bytes have changed; `before` of them were used. */
HI5_INT void bt2e_changed(const struct bt2_edit *t, const struct bt2e_step *s,
                          unsigned level, size_t before);
/** The most records in a node, and the least in one that is not the root. */
HI5_INT uint64_t bt2e_most(const struct bt2_edit *t, unsigned level);
HI5_INT uint64_t bt2e_least(const struct bt2_edit *t, unsigned level);
/** Set t->level[level]. */
HI5_INT hi5_status bt2e_measure(struct bt2_edit *t, unsigned level, hi5_error *err);

HI5_INT hi5_status bt2e_check_count(const struct bt2_edit *t, unsigned level,
                                    uint64_t addr, uint64_t nrec, hi5_error *err);
/** Decode a node, as far as it is not known to be right. */
HI5_INT hi5_status bt2e_decode(const struct bt2_edit *t, unsigned level, uint64_t addr,
                               uint64_t nrec, const uint8_t *bytes, bool verified,
                               hi5_error *err);
/** Stage the node that s->addr and s->nrec describe. */
HI5_INT hi5_status bt2e_stage(const struct bt2_edit *t, struct bt2e_step *s,
                              unsigned level, hi5_error *err);
HI5_INT hi5_status bt2e_new(const struct bt2_edit *t, struct bt2e_step *s,
                            unsigned level, hi5_error *err);

/** What a node at `level` says of a child. */
HI5_INT struct bt2e_child
bt2e_get_child(const struct bt2_edit *t, unsigned level, const uint8_t *p);
HI5_INT struct bt2e_child
bt2e_child(const struct bt2_edit *t, const struct bt2e_step *s, unsigned level,
           uint64_t i);
HI5_INT void bt2e_put_child(const struct bt2_edit *t, unsigned level, uint8_t *p,
                            const struct bt2e_child *c);

/** The record that compares equal; or else the first that is greater. */
HI5_INT hi5_status bt2e_bisect(const struct bt2_edit *t, const uint8_t *records,
                               uint64_t nrec, bt2_compare compare, void *ctx,
                               uint64_t *i, bool *found, hi5_error *err);

/** Let the children i and i + 1 of `up`, which is at level + 1, share their records: the
 *  left one gets `left` of them. If that is all, the right one is given up, and `up` has
 *  a record less. */
HI5_INT hi5_status bt2e_share(const struct bt2_edit *t, struct bt2e_step *up,
                              unsigned level, uint64_t i, uint64_t left,
                              hi5_error *err);
/** Split child i of `up`, which has room for one more record. */
HI5_INT hi5_status bt2e_split(const struct bt2_edit *t, struct bt2e_step *up,
                              unsigned level, uint64_t i, hi5_error *err);

#endif
